"""Prices of a long period, and a bound of its rosters, from rows that keep no count.

What is counted along a row (hours, weekends, shifts of a kind) is priced beside demand instead of being kept
(Lagrangian relaxation, Held and Karp 1971). A person's cheapest row is then a shortest path over the states
of their rules alone, in time that grows with the days and no faster. Prices climb by subgradients with a
step of its own for each (Adam, Kingma and Ba 2015): one shortfall is worth a hundred of one more hour. At
any prices the value is a bound.
"""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.planning.rosters.columns import Cover, Floats, Pricing, Whole
from watchfloor.planning.rosters.layouts import Layout, advance

MEAN: Final = 0.9
SQUARE: Final = 0.99
"""Weights of what was before in the two moving means of Adam."""
WIDEST: Final = 10.0
NARROWEST: Final = 0.02
"""First and last step."""
STEPS: Final = 1_000
BEGIN: Final = 20.0
"""Price of somebody missing to begin with."""


@dataclass(frozen=True)
class Prices:
    """Prices, and the bound that they give.

    Attributes:
        bound: no roster costs less.
        demand: of each demand.
        counts: of each person, of one more of each thing that is counted.
    """

    bound: float
    demand: Floats
    counts: tuple[Floats, ...]


class Relaxation:
    """The program of some people whose counts are priced."""

    def __init__(self, pricing: Pricing, cover: Cover, people: Iterable[int], room: int = 1) -> None:
        """Open it for some people; what is counted is kept for each as far as so many counts have room."""
        self.pricing, self.cover, self.people = pricing, cover, list(people)
        self.high = np.where(np.isfinite(cover.least), cover.under, 0.0)
        self.low = np.where(np.isfinite(cover.most), -cover.over, 0.0)
        layouts = [pricing.layouts[person] for person in self.people]
        self.begins = np.concatenate([[0], np.cumsum([len(of.sizes) for of in layouts])])
        self.beyond = np.concatenate([of.beyond for of in layouts] or [np.zeros(0)])
        made = {id(of): _table(of, room) for of in layouts}
        self.tables = dict(zip(self.people, (made[id(of)] for of in layouts), strict=True))

    def value(self, demand: Floats, counts: Floats) -> tuple[float, Floats, Floats]:
        """Return the bound at some prices, and by how much each price is too low."""
        duals, value = self.cover.spread(demand), 0.0
        there = np.zeros(self.cover.shape, np.int64)
        every, lacking = np.arange(len(there)), np.zeros(len(counts))
        for place, person in enumerate(self.people):
            mine = slice(self.begins[place], self.begins[place + 1])
            least, posts, counted = self.row(person, duals, counts[mine])
            if least == math.inf:
                return math.inf, demand, counts
            there[every, posts] += 1
            value += least
            of = self.pricing.layouts[person]
            for kind, price in enumerate(counts[mine].tolist()):
                if kind in self.tables[person].kinds:
                    continue
                ends = of.ends[kind, : of.sizes[kind]] - price * np.arange(of.sizes[kind])
                best = int(ends.argmin())
                value += float(ends[best])
                lacking[mine.start + kind] = counted[kind] - best
        met = self.cover.met(there)
        wanted = np.clip(met, self.cover.least, self.cover.most)
        wanted = np.where(demand > 0, self.cover.least, np.where(demand < 0, self.cover.most, wanted))
        return value + float(demand @ wanted), wanted - met, lacking

    def row(self, person: int, duals: Floats, counts: Floats) -> tuple[float, Whole, Whole]:
        """Return the least cost of a person's rows at some prices, its posts, and what is counted of it."""
        of, table = self.pricing.layouts[person], self.tables[person]
        prices, which = self.pricing.by_class(person, duals)
        counts = counts.copy()
        counts[list(table.kinds)] = 0.0
        prices += counts @ of.worth[:, :-1]
        weekend = float(counts @ of.worth[:, -1])
        least, row, weekends = _shortest(
            of.step,
            of.cost,
            of.worked,
            of.start,
            of.split,
            of.saturday,
            of.sunday,
            table.after,
            table.extra,
            table.ends,
            prices,
            weekend,
        )
        counted = of.worth[:, row].sum(1) + of.worth[:, -1] * weekends
        return least, which[np.arange(len(row)), row].astype(np.int64), counted.astype(np.int64)

    def climb(
        self, until: float, cutoff: float, start: tuple[Floats, Floats] | None = None, widest: float = WIDEST
    ) -> Prices:
        """Raise the bound until the steps are done, the time is over or the bound reaches a cutoff.

        Begins at prices of demand and of counts, where they are given, with steps of the widest at most.
        """
        demand = np.clip(np.full(len(self.low), BEGIN), self.low, self.high)
        demand, counts = start or (demand, np.zeros(len(self.beyond)))
        best, at = -math.inf, (demand, counts)
        mean, square = np.zeros(len(demand) + len(counts)), np.zeros(len(demand) + len(counts))
        begun = time.monotonic()
        done, share = 0, 0.0
        while share < 1 and best < cutoff:
            value, short, lacking = self.value(demand, counts)
            if value > best:
                best, at = value, (demand, counts)
            if value == math.inf:
                break
            done += 1
            # by the clock where that ends it first, so that the last steps are small
            now = time.monotonic()
            share = max(done / STEPS, (now - begun) / max(until - begun, 1e-9))
            slope = np.concatenate([short, lacking])
            mean = MEAN * mean + (1 - MEAN) * slope
            square = SQUARE * square + (1 - SQUARE) * slope**2
            step = widest * (NARROWEST / widest) ** share
            step *= (mean / (1 - MEAN**done)) / (np.sqrt(square / (1 - SQUARE**done)) + 1e-3)
            demand = np.clip(demand + step[: len(demand)], self.low, self.high)
            counts = np.minimum(counts + step[len(demand) :], self.beyond)
        demand, counts = at
        return Prices(best, demand, tuple(np.split(counts, self.begins[1:-1])))


class _Table(NamedTuple):
    """Counts that are kept, as one number, the last kind changing fastest."""

    kinds: frozenset[int]
    after: npt.NDArray[np.int32]
    extra: Floats
    ends: Floats


def _table(of: Layout, room: int) -> _Table:
    """Choose which counts are kept: weekends first, then what most shifts count for."""
    weekends = of.worth[:, -1] > 0
    order = sorted(range(len(of.sizes)), key=lambda kind: (not weekends[kind], kind))
    kinds, counts = list[int](), 1
    for kind in order:
        if counts * of.sizes[kind] <= room:
            kinds.append(kind)
            counts *= int(of.sizes[kind])
    ends = np.zeros(1)
    for kind in kinds:
        ends = (ends[:, None] + of.ends[kind, : of.sizes[kind]][None]).ravel()
    after, extra = advance(of.worth[kinds], of.sizes[kinds], of.beyond[kinds])
    return _Table(frozenset(kinds), after, extra, ends)


@kernel(nogil=True)
def _shortest(
    step: npt.NDArray[np.int32],
    cost: Floats,
    worked: npt.NDArray[np.bool_],
    start: int,
    split: float,
    saturday: npt.NDArray[np.bool_],
    sunday: npt.NDArray[np.bool_],
    after: npt.NDArray[np.int32],
    extra: Floats,
    ends: Floats,
    prices: Floats,
    weekend: float,
) -> tuple[float, npt.NDArray[np.int16], int]:
    """Return the least cost of all days, the classes of its row, and how many weekends it works."""
    days, classes = prices.shape
    states, counts = step.shape[0], ends.size
    left, best = np.empty((states, counts)), np.empty((states, counts))
    for state in range(states):
        left[state] = ends
    choice = np.zeros((days, states, counts), np.int16)
    for day in range(days - 1, -1, -1):
        best[:] = np.inf
        for state in range(states):
            for shift in range(classes):
                fixed = prices[day, shift] + cost[state, shift]
                at_weekend = shift != 0 and (saturday[day] or (sunday[day] and not worked[state]))
                if at_weekend:
                    fixed += weekend
                if sunday[day] and (shift != 0) != worked[state]:
                    fixed += split
                if fixed == np.inf:
                    continue
                into = step[state, shift]
                for count in range(counts):
                    total, reached = fixed + extra[shift, count], after[shift, count]
                    if at_weekend:
                        total += extra[classes, reached]
                        reached = after[classes, reached]
                    total += left[into, reached]
                    if total < best[state, count]:
                        best[state, count], choice[day, state, count] = total, shift
        left[:] = best
    row = np.empty(days, np.int16)
    state, count, weekends = start, 0, 0
    for day in range(days):
        shift = choice[day, state, count]
        at_weekend = shift != 0 and (saturday[day] or (sunday[day] and not worked[state]))
        count = after[shift, count]
        if at_weekend:
            weekends += 1
            count = after[classes, count]
        row[day] = shift
        state = step[state, shift]
    return left[start, 0], row, weekends
