"""Proof of a signal: the payments that prove it, each as a signal cites its evidence."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from watchfloor.desks.finance.engine.gathers import LEAST, MOST
from watchfloor.desks.finance.near import Cited
from watchfloor.desks.finance.surroundings import Tie, cited
from watchfloor.desks.finance.typologies.evaluate import Fired
from watchfloor.desks.finance.typologies.frame import Frame, Integers
from watchfloor.desks.finance.typologies.typology import SHAPES, Indicator

CITED: Final = 100
"""Payments that a signal names at most, the newest; where there are more, its reason says how many."""


@dataclass(frozen=True)
class Proof:
    """The payments that prove one firing.

    Attributes:
        payments: in the order of time.
        said: records of accounts, lists and customs that it looks at, with their markings.
        counted: markings of all payments that its numbers count, and of those above.
        values: what of the indicator's numbers the proof says better.
    """

    payments: list[Cited]
    said: Mapping[bytes, str]
    counted: frozenset[str]
    values: Mapping[str, float] = field(default_factory=dict)


Leads = Callable[[str, int], Tie | None]
"""What leads to a listed entity from one side of a row of the frame."""

Book = Callable[[], tuple[Frame, int]]
"""All payments in which shapes are sought, and what to add to a row of the frame to have it among them."""


class Prover:
    """Proofs of what fires over a frame.

    Args:
        frame: the frame.
        book: asked once, when the first shape is sought.
        leads: asked where a tie to a listed entity fires.
    """

    def __init__(self, frame: Frame, book: Book, leads: Leads) -> None:
        self.frame, self.book, self.leads = frame, book, leads
        self._paid: tuple[Paid, int] | None = None

    def prove(self, fired: Fired, one: int) -> Proof | None:
        """The proof of a firing; None where its shape is not found."""
        if fired.indicator.shape == "near":
            return self._near(fired.indicator, int(fired.rows[one]))
        if fired.indicator.shape:
            return self._shaped(fired, one)
        rows = fired.evidence(one)
        counted = frozenset(self.frame.values("marking", fired.counted(one)))
        return _proof(fired.indicator, self.frame, rows, counted, {})

    def _near(self, indicator: Indicator, row: int) -> Proof | None:
        tie = self.leads(indicator.about, row)
        if tie is None:
            return None
        (marking,) = self.frame.values("marking", np.array([row]))
        payments = list(tie.payments) or cited(self.frame, np.array([row]))
        every = {marking, *(one.marking for one in payments), *tie.said.values()}
        return Proof(payments, tie.said, frozenset(every))

    def _shaped(self, fired: Fired, one: int) -> Proof | None:
        if self._paid is None:
            frame, more = self.book()
            self._paid = Paid(frame), more
        paid, more = self._paid
        shape = found(paid, fired.indicator, int(fired.rows[one]) + more)
        if shape is None:
            return None
        values = dict.fromkeys(fired.indicator.let, float(shape.size))
        return _proof(fired.indicator, paid.frame, shape.rows, frozenset(), values)


def _proof(
    indicator: Indicator, frame: Frame, rows: Integers, counted: frozenset[str], values: Mapping[str, float]
) -> Proof:
    payments = cited(frame, rows)
    said = _said(indicator, frame, rows[-CITED:])
    every = counted | {one.marking for one in payments} | set(said.values())
    return Proof(payments, said, every, values)


def _said(indicator: Indicator, frame: Frame, rows: Integers) -> dict[bytes, str]:
    """Records of accounts, with their markings, that an indicator looks at."""
    sides = sorted({name.partition(".")[0] for name in indicator.looks if "." in name})
    return {
        record: marking
        for side in sides
        for record, marking in zip(
            frame.values(f"{side}.record", rows), frame.values(f"{side}.marking", rows), strict=True
        )
        if record is not None
    }


def origins_of(payments: Iterable[Cited]) -> list[str]:
    """The first reports behind payments."""
    return sorted({origin for one in payments for origin in one.origins or ()})


# The payments that make a shape of the graph: a circle, or money scattered and gathered.
#
# The engine says that a payment closes a shape and does not keep which payments it is of. When an indicator
# fires, they are sought among the payments that are remembered, by the engine's own rules (`engine.cycles`,
# `engine.gathers`) and with its window. Where they are not found (the search has a budget, and a payment may
# have been put right since), the shape is not proven.


BUDGET: Final = 2_000
"""Payments that the search for one shape looks at."""

LONGEST: Final = 10
"""Payments of a circle, as `engine.stream.Plan` has it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape that is proven.

    Attributes:
        rows: its payments, rising, the one that closes it last.
        size: payments of a circle; accounts between of what was scattered and gathered.
    """

    rows: Integers
    size: int


class _Step(NamedTuple):
    account: int
    until: int
    least: int
    most: int
    way: tuple[int, ...]


class Paid:
    """Payments by who was paid, to be searched backwards.

    Args:
        frame: payments in the order of the stream.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.payer, self.payee, size = frame.accounts
        good = np.flatnonzero(
            (self.payer >= 0) & (self.payee >= 0) & (self.payer != self.payee) & (frame.cents > 0)
        )
        self.order = good[np.argsort(self.payee[good], kind="stable")]
        self.starts = np.searchsorted(self.payee[self.order], np.arange(size + 1))

    def into(self, account: int, since: int, until: int) -> Integers:
        """Rows into an account later than a moment (µs) and before a row, of each payer the newest first."""
        mine = self.order[self.starts[account] : self.starts[account + 1]]
        low = np.searchsorted(self.frame.time[mine], since, "right")
        return mine[low : np.searchsorted(mine, until)][::-1]

    def newest(self, rows: Integers) -> Integers:
        """Of rows, newest first, the first of each payer, in their order."""
        return rows[np.sort(np.unique(self.payer[rows], return_index=True)[1])]


def found(paid: Paid, indicator: Indicator, row: int) -> Shape | None:
    """The shape of an indicator that a payment closes, or None."""
    since = int(paid.frame.time[row]) - SHAPES[indicator.shape]
    if indicator.shape == "circle":
        return circle(paid, row, since, float(indicator.parameters["share"].value))
    return gather(paid, row, since, int(indicator.parameters["few"].value))


def circle(paid: Paid, row: int, since: int, share: float) -> Shape | None:
    """The shortest way from the payee back to the payer, each payment after the one before it.

    Args:
        paid: the payments.
        row: the one that closes the circle.
        since: none at or before this moment is of it, µs.
        share: of the greatest amount in it that the least one is at least.
    """
    cents, goal = paid.frame.cents, int(paid.payee[row])
    amount, looked = int(cents[row]), 0
    steps = deque([_Step(int(paid.payer[row]), row, amount, amount, (row,))])
    while steps:
        step = steps.popleft()
        rows = paid.into(step.account, since, step.until)
        kept = np.minimum(cents[rows], step.least) >= share * np.maximum(cents[rows], step.most)
        rows = paid.newest(rows[kept])
        looked += len(rows)
        if looked > BUDGET:
            return None
        closing = rows[paid.payer[rows] == goal]
        if len(closing) and len(step.way) > 1:
            way = [*step.way, int(closing[0])]
            return Shape(np.array(way[::-1]), len(way))
        if len(step.way) + 2 <= LONGEST:
            steps.extend(_on(paid, step, rows, goal))
    return None


def _on(paid: Paid, step: _Step, rows: Integers, goal: int) -> list[_Step]:
    passed = {int(paid.payer[one]) for one in step.way} | {goal}
    return [
        _Step(
            int(paid.payer[one]),
            int(one),
            min(step.least, int(paid.frame.cents[one])),
            max(step.most, int(paid.frame.cents[one])),
            (*step.way, int(one)),
        )
        for one in rows
        if int(paid.payer[one]) not in passed
    ]


def gather(paid: Paid, row: int, since: int, least: int) -> Shape | None:
    """Return what one account paid to several, and what each of them paid on to the payee.

    Args:
        paid: the payments.
        row: the last one, from an account between.
        since: none at or before this moment is of it, µs.
        least: accounts between below which it is none.
    """
    last = paid.newest(paid.into(int(paid.payee[row]), since, row + 1))[:BUDGET]
    first = [_first(paid, int(one), since) for one in last]
    legs = np.array([(one, two) for one, many in zip(last, first, strict=True) for two in many], np.int64)
    if not len(legs):
        return None
    sources = paid.payer[legs[:, 1]]
    mine = sources[(legs[:, 0] == row) & (sources != paid.payee[row])]
    sizes = [int((sources == source).sum()) for source in mine]
    if not sizes or max(sizes) < least:
        return None
    chosen = legs[sources == mine[int(np.argmax(sizes))]]
    return Shape(np.unique(chosen), len(chosen))


def _first(paid: Paid, last: int, since: int) -> Integers:
    """Of each account that paid the one between, its newest payment before that one paid on, if as much."""
    rows = paid.newest(paid.into(int(paid.payer[last]), since, last)[:BUDGET])
    share = paid.frame.cents[last] / paid.frame.cents[rows]
    kept: Integers = rows[(share >= LEAST) & (share <= MOST)]
    return kept
