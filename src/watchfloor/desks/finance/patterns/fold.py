"""Payments in the order of time go in, finds come out: bursts, squares and rings that the newest payment
ends."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.desks.finance.engine.kernel import kernel
from watchfloor.desks.finance.patterns import fans, rings, squares
from watchfloor.desks.finance.patterns.memory import Memory, note

DAY: Final = 24 * fans.HOUR
FAN_OUT, FAN_IN, BIPARTITE, DIAMOND, RING = range(5)
"""Kinds of finds."""

HEAD: Final = 5
"""Numbers before the members of a find: kind, members, and of a burst's account payments the other way,
partners, and how long the stream has run (µs)."""
SQUARES: Final = 64
"""Squares of a kind that one payment may close."""
ROOM: Final = 2 * (HEAD + fans.MOST) + 2 * SQUARES * (HEAD + 4) + HEAD + rings.LONGEST
"""Numbers that the finds of one payment take at most."""


class Plan(NamedTuple):
    """What is looked for.

    Attributes:
        width: longest time between first and last payment of an instance, µs.
        band: furthest that the logarithms of two amounts which are alike may lie from each other.
        least: members of a burst; a fan has one more, see `naming`.
        bar: gain (nats) below which a burst is not looked at further.
        square_bar: worth (nats) below which a square is not looked at further.
        budget: payments that one search may look at; searches cut short are counted.
    """

    width: int = 14 * DAY
    band: float = 0.96
    least: int = 2
    bar: float = 4.0
    square_bar: float = 6.5
    budget: int = 200


class Find(NamedTuple):
    """A find: its kind, what it is worth (nats), its payments, and of a burst what `HEAD` names."""

    kind: int
    worth: float
    members: tuple[int, ...]
    busy: int
    partners: int
    watched: int


def finds(numbers: npt.NDArray[np.int64], worths: npt.NDArray[np.float64]) -> Iterator[Find]:
    """The finds that `fold` wrote."""
    flat, at = numbers.tolist(), 0
    for worth in worths.tolist():
        kind, size, busy, partners, watched = flat[at : at + HEAD]
        yield Find(kind, worth, tuple(flat[at + HEAD : at + HEAD + size]), busy, partners, watched)
        at += HEAD + size


class Rooms(NamedTuple):
    """Arrays that kernels work in."""

    near: Any
    logs: Any
    members: Any
    squares: Any
    worths: Any
    way: Any
    numbers: Any
    told: Any


def rooms() -> Rooms:
    """New ones."""
    return Rooms(
        np.zeros(fans.MOST, np.int64),
        np.zeros(fans.MOST),
        np.zeros(fans.MOST, np.int64),
        np.zeros((SQUARES, 4), np.int64),
        np.zeros(SQUARES),
        np.zeros(rings.LONGEST, rings.STEP),
        np.zeros(1 << 18, np.int64),
        np.zeros(1 << 15),
    )


@kernel()
def fold(
    memory: Memory, start: int, payer: Any, payee: Any, time: Any, amount: Any, plan: Plan, work: Rooms
) -> Any:
    """Fold payments from `start` on; returns the first that is left, how many finds, and numbers they
    take."""
    found, at = 0, 0
    for i in range(start, len(time)):
        if len(work.numbers) - at < ROOM or len(work.told) - found < ROOM:
            return i, found, at
        if payer[i] == payee[i]:
            memory.total[0].rows += 1
            continue
        e = note(memory, payer[i], payee[i], time[i], amount[i], plan.width)
        if e >= 0:
            found, at = _look(memory, e, plan, work, found, at)
    return len(time), found, at


@kernel()
def _look(memory: Memory, e: int, plan: Plan, work: Rooms, found: int, at: int) -> Any:
    edge = memory.edges[e - memory.total[0].base]
    for side in range(2):
        count, told = fans.burst(memory, e, side, plan, work.near, work.logs, work.members)
        if told >= plan.bar:
            one = edge.payer if side == 0 else edge.payee
            busy, partners = memory.sides[one, 1 - side].count, memory.sides[one, side].partners
            work.told[found] = told
            at = _put(work.numbers, at, side, count, work.members)
            head = work.numbers[at - count - HEAD : at - count]
            head[2], head[3], head[4] = busy, partners, memory.total[0].now - memory.total[0].start
            found += 1
    for kind in range(2):
        for k in range(squares.close(memory, e, kind, plan, work.squares, work.worths)):
            work.told[found] = work.worths[k]
            found, at = found + 1, _put(work.numbers, at, BIPARTITE + kind, 4, work.squares[k])
    count, told = rings.ring(memory, e, plan, work.way, work.members)
    if count > 0:
        work.told[found] = told
        found, at = found + 1, _put(work.numbers, at, RING, count, work.members)
    return found, at


@kernel()
def _put(numbers: Any, at: int, kind: int, count: int, members: Any) -> Any:
    numbers[at : at + HEAD] = 0
    numbers[at], numbers[at + 1] = kind, count
    for k in range(count):
        numbers[at + HEAD + k] = members[k]
    return at + HEAD + count
