"""The cheapest rows of many people under the same prices, by tables of what is left of a row.

Rules that people share are one network; a person is where they start in it and what days cost them. Prices
are whole numbers of a small unit, so that sums are exact and many fit into a register.
"""

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.planning.rosters.columns import Cover, Pricing
from watchfloor.planning.rosters.layouts import Layout
from watchfloor.planning.rosters.networks import TooLarge, network
from watchfloor.planning.rosters.problem import Grid, Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Whole = npt.NDArray[np.int64]
NEVER: Final = 1 << 29
LARGEST: Final = 1 << 28
"""What the prices of a row add up to at most, in units."""
HIGHEST_PRICE: Final = 6.0
"""Of one more in a cell, in what its demands cost when they are not met."""


MULTIPLIER, INCREMENT, HIGHEST = 6364136223846793005, 1442695040888963407, (1 << 63) - 1
"""Of random numbers (Knuth 1997, MMIX)."""


@kernel(nogil=True)
def _fill(left: Ints, prices: Ints, arcs: Ints, fixed: Ints, ends: Ints, places: int) -> None:
    """Fill a table with the least cost of what is left at each place."""
    left[: places - ends.size] = NEVER
    left[places - ends.size : places] = ends
    for number in range(len(fixed)):
        begin, end, distance, which = arcs[number, 0], arcs[number, 1], arcs[number, 2], arcs[number, 3]
        if prices[which] < LARGEST:
            price = np.int32(prices[which] + fixed[number])
            ahead = np.uint64(distance)
            for place in range(np.uint64(begin), np.uint64(end)):  # unsigned: many are done at a time
                left[place] = min(left[place], np.int32(left[place + ahead] + price))


@kernel(nogil=True)
def _walk(
    row: Ints,
    left: Ints,
    prices: Ints,
    arcs: Ints,
    fixed: Ints,
    of_node: Ints,
    place: int,
    node: int,
    classes: int,
    draw: int,
) -> int:
    """Follow the cheapest row from a place, drawing among equals; return the state of the draw."""
    for day in range(row.size):
        equals, best, chosen = 0, np.int64(NEVER), -1
        for number in range(of_node[0, node], of_node[1, node]):
            if arcs[number, 0] <= place < arcs[number, 1] and prices[arcs[number, 3]] < LARGEST:
                total = np.int64(prices[arcs[number, 3]]) + fixed[number] + left[place + arcs[number, 2]]
                if total > best:
                    continue
                equals = equals + 1 if total == best else 1
                best = total
                draw = (draw * MULTIPLIER + INCREMENT) & HIGHEST
                if (draw >> 33) % equals == 0:
                    chosen = number
        row[day] = arcs[chosen, 3] - day * classes
        place, node = place + arcs[chosen, 2], arcs[chosen, 4]
    return draw


@kernel(nogil=True)
def _cheapest_posts(base: Ints, cells: Ints, class_of: Ints, prices: Ints, which: Ints, classes: int) -> None:
    """Find the cheapest post of each class on each day."""
    days, posts = base.shape
    prices[:] = NEVER
    for day in range(days):
        for post in range(posts):
            if base[day, post] < LARGEST:
                total, place = base[day, post] + cells[day, post], day * classes + class_of[post]
                if total < prices[place]:
                    prices[place], which[place] = total, post


@kernel(nogil=True)
def _row(
    person: int, cells: Ints, of: Any, base: Ints, room: Any, row: Any, draw: int, known: bool
) -> tuple[int, int]:
    """Find the cheapest row of a person under prices of cells; return what it costs and the draw's state.

    With `known`, the table in `room` is that of somebody alike under the same prices.
    """
    kinds, starts, _, class_of, arcs, first, fixed, of_node, ends, last, places, classes = of
    left, prices, which, taken = room
    kind = kinds[person]
    mine = slice(first[kind], first[kind + 1])
    if not known:
        _cheapest_posts(base[person], cells, class_of[kind], prices, which, classes)
        _fill(left, prices, arcs[mine], fixed[mine], ends[last[kind] : last[kind + 1]], places[kind])
    place, node = starts[person]
    if place < 0 or left[place] >= LARGEST:
        return NEVER, draw
    draw = _walk(taken, left, prices, arcs[mine], fixed[mine], of_node[kind], place, node, classes, draw)
    for day in range(row.size):
        row[day] = which[day * classes + taken[day]]
    return left[place], draw


@kernel(nogil=True)
def _price(people: Whole, cells: Ints, of: Any, base: Ints, room: Any, rows: Any, draw: int) -> Any:
    """Find the cheapest row of each of some people under prices of cells; who are alike are together."""
    values, alike, before = np.empty(people.size, np.int64), of[2], -1
    for number in range(people.size):
        person = people[number]
        known = alike[person] == before
        values[number], draw = _row(person, cells, of, base, room, rows[number], draw, known)
        before = alike[person]
    return values, draw


@kernel(nogil=True)
def _count(met: Whole, demand: Any, row: Any, posts: int, by: int) -> None:
    """Count a row for its demands."""
    first_of, demands = demand[4], demand[5]
    for day in range(row.size):
        cell = day * posts + row[day]
        for number in range(first_of[cell], first_of[cell + 1]):
            met[demands[number]] += by


@kernel(nogil=True)
def _sweep(
    people: Whole,
    grid: Any,
    own: Whole,
    met: Whole,
    demand: Any,
    lead: Floats,
    share: float,
    noise: float,
    of: Any,
    base: Ints,
    room: Any,
    draw: int,
) -> int:
    """Give each of some people in turn the cheapest row for what the others leave.

    Args:
        people: in this order.
        grid, own, met: rows, what each costs beside the demand, and how many each demand has; changed.
        demand: its least, most, and prices of one too few and too many; first and all demands of each cell.
        lead, share: prices of cells that count so much, instead of what one more costs now.
        noise: by how much at most prices are disturbed.
        of, base, room: of the tables.
    """
    least, most, under, over, first_of, demands = demand
    days, posts = base.shape[1:]
    cells = np.zeros((days, posts), np.int32)
    for person in people:
        _count(met, demand, grid[person], posts, -1)
        for day in range(days):
            for post in range(posts):
                if base[person, day, post] >= LARGEST:
                    continue
                total, cell = 0.0, day * posts + post
                for number in range(first_of[cell], first_of[cell + 1]):
                    one = demands[number]
                    if met[one] < least[one]:
                        total -= under[one]
                    if met[one] >= most[one]:
                        total += over[one]
                total = (1.0 - share) * total + share * lead[day, post]
                if noise > 0.0:
                    draw = (draw * MULTIPLIER + INCREMENT) & HIGHEST
                    total += noise * ((draw >> 31) / 4294967296.0)
                cells[day, post] = np.int32(total)
        value, draw = _row(person, cells, of, base, room, grid[person], draw, False)
        if value < NEVER:
            own[person] = value
            for day in range(days):
                own[person] -= cells[day, grid[person, day]]
        _count(met, demand, grid[person], posts, 1)
    return draw


class Tables:
    """Tables of all people of a pool, and what their rows count for the demand.

    Attributes:
        unit: units of one of cost.
        order: people, those who are alike but for their past together.
        alike, starts: of each person: who shares a table, and where in it they start.
    """

    def __init__(self, problem: Problem, pricing: Pricing, cover: Cover, seed: int) -> None:
        """Make the tables. Raises `TooLarge` where the rules of somebody make too many places."""
        days, posts = cover.shape
        shift_of = problem.shift_of_post()
        base = np.array(pricing.base).reshape(-1, days, posts)
        for number, person in enumerate(problem.people):
            base[number][:, [post for post in range(1, posts) if post not in person.posts]] = math.inf
        self.draw = seed + 1
        self.cover, self.days = cover, days
        per_cell = np.bincount(cover.cell, np.maximum(cover.under, cover.over)[cover.of]).max(initial=1.0)
        own = [
            each[np.isfinite(each)].max(initial=0.0)
            for of in pricing.layouts
            for each in (of.cost, of.extra, of.ends)
        ]
        a_day = HIGHEST_PRICE * per_cell + np.where(np.isfinite(base), base, 0.0).max(initial=0.0)
        self.unit = 2.0 ** math.floor(math.log2(LARGEST / days / (a_day + sum(sorted(own)[-3:]))))
        if self.unit < 1.0:
            raise TooLarge
        self.base = self.units(base)
        numbers: dict[Any, int] = {}
        kinds, firsts = [], list[Layout]()
        for of in pricing.layouts:
            rules = (of.classes, of.step, of.cost, of.worked, of.worth, of.sizes, of.beyond, of.ends)
            key = tuple(each.tobytes() for each in rules), of.split
            if key not in numbers:
                numbers[key] = len(numbers)
                firsts.append(of)
            kinds.append(numbers[key])
        kind = np.array(kinds, np.int64)
        classes = max(of.step.shape[1] for of in firsts)
        start = np.array([of.start for of in pricing.layouts], np.int64)
        class_of = np.array([of.classes[shift_of] for of in firsts], np.int32)
        networks = []
        for number, of in enumerate(firsts):
            mine = np.flatnonzero(kind == number)
            allowed = np.zeros((days, of.step.shape[1]), bool)
            day, post = np.nonzero((self.base[mine] < LARGEST).any(0))
            allowed[day, class_of[number, post]] = True
            networks.append(network(of, allowed, np.unique(start[mine]), self.units, classes))
        self.starts = np.array(
            [networks[number].starts[each] for number, each in zip(kinds, start, strict=True)]
        )
        alike: dict[Any, int] = {}
        self.alike = np.array(
            [
                alike.setdefault((number, each.tobytes()), len(alike))
                for number, each in zip(kinds, self.base, strict=True)
            ]
        )
        self.order = np.argsort(self.alike, kind="stable")
        widest = max(each.of_node.shape[1] for each in networks)
        of_node = np.zeros((len(networks), 2, widest), np.int32)
        for number, each in enumerate(networks):
            of_node[number, :, : each.of_node.shape[1]] = each.of_node
        self.of = (
            kind,
            self.starts,
            self.alike,
            class_of,
            np.concatenate([each.arcs for each in networks]),
            np.cumsum([0, *(len(each.arcs) for each in networks)]),
            np.concatenate([each.fixed for each in networks]),
            of_node,
            np.concatenate([each.ends for each in networks]),
            np.cumsum([0, *(len(each.ends) for each in networks)]),
            np.array([each.places for each in networks]),
            classes,
        )
        self.room = (
            np.zeros(max(each.places for each in networks), np.int32),
            np.zeros(days * classes, np.int32),
            np.zeros(days * classes, np.int32),
            np.zeros(days, np.int32),
        )
        """For what is left at each place, prices of classes, the posts that have them, and a row."""
        ordered = np.argsort(cover.cell, kind="stable")
        first_of = np.searchsorted(cover.cell[ordered], np.arange(days * posts + 1))
        self.demand = (
            cover.least,
            cover.most,
            cover.under * self.unit,
            cover.over * self.unit,
            first_of,
            cover.of[ordered],
        )

    def units(self, prices: Floats) -> Ints:
        """Return prices in units, infinite ones as `NEVER`."""
        finite = np.isfinite(prices)
        return np.where(finite, np.round(np.where(finite, prices, 0.0) * self.unit), NEVER).astype(np.int32)

    def rows(self, people: Whole, prices: Floats) -> tuple[Floats, Grid, Floats]:
        """Return the least cost of rows of people under prices of cells, such rows, and their own cost."""
        cells, rows = self.units(prices), np.zeros((len(people), self.days), np.int16)
        values, self.draw = _price(people, cells, self.of, self.base, self.room, rows, self.draw)
        own = values - cells[np.arange(self.days), rows].sum(1, dtype=np.int64)
        return np.where(values < LARGEST, values / self.unit, math.inf), rows, own / self.unit

    def sweep(
        self, people: Whole, grid: Grid, own: Whole, met: Whole, noise: float, lead: Floats, share: float
    ) -> float:
        """Give each of some people in turn the cheapest row; return what the roster then costs."""
        self.draw = _sweep(
            people,
            grid,
            own,
            met,
            self.demand,
            lead * self.unit,
            share,
            noise * self.unit,
            self.of,
            self.base,
            self.room,
            self.draw,
        )
        return float(own.sum() / self.unit + self.cover.costs_of(met.astype(float)).sum())
