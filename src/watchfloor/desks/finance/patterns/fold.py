"""Payments in the order of time go in, finds come out: bursts, squares and rings that the newest payment
ends."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.desks.finance.engine.kernel import kernel
from watchfloor.desks.finance.patterns import fans, squares
from watchfloor.desks.finance.patterns.memory import Memory, note

# Rings: money that comes back to where it started, each payment after the one before, the amount nearly
# kept.
#
# The search goes back from the payment that closes a ring. Each step is worth `WORTH` nats less what its
# amount strays: among the few new partners of an account one by about the same amount is a coincidence. The
# ring that is worth most is told.


LONGEST: Final = 20
"""Payments that a ring may have."""
WORTH: Final = 2.0
SPREAD: Final = 0.2
"""Standard deviation of the logarithm of what each step keeps, where it is kept."""
FURTHER: Final = 4
"""Times the budget of other searches, as a ring is sought over many steps."""
STEP: Final = np.dtype([("edge", "i8"), ("next", "i8"), ("worth", "f8")])
"""A payment on the way back, the payment into its payer to look at next, what the way is worth so far."""


@kernel()
def ring(memory: Any, e: int, plan: Any, way: Any, members: Any) -> Any:
    """Length and worth of the best ring that a payment closes (0: none), its payments in `members`.

    `way` [LONGEST] of `STEP` is room to work in. After `FURTHER` times `plan.budget` payments
    the search ends.
    """
    base = memory.total[0].base
    last = memory.edges[e - base]
    start, log = last.payee, np.log(last.amount)
    best, most, work, depth = 0, 0.0, 0, 0
    if memory.sides[start, 0].newest < base:
        return best, most
    way[0].edge, way[0].next, way[0].worth = e, memory.sides[last.payer, 1].newest, 0.0
    while depth >= 0:
        f = way[depth].next
        if f < base or last.time - memory.edges[f - base].time > plan.width:
            depth -= 1
            continue
        edge = memory.edges[f - base]
        way[depth].next = edge.older_in
        work += 1
        if work > FURTHER * plan.budget:
            memory.total[0].cut += 1
            break
        late = memory.edges[way[depth].edge - base]
        off = np.log(late.amount / edge.amount)
        if f >= way[depth].edge or abs(np.log(edge.amount) - log) > plan.band or abs(off) > plan.band:
            continue
        worth = way[depth].worth + WORTH - 0.5 * min((off / SPREAD) ** 2, 12.0)
        if edge.payer == start:
            if depth >= 1 and worth > most:
                best, most = depth + 2, worth
                for d in range(depth + 1):
                    members[d] = way[d].edge
                members[depth + 1] = f
            continue
        if depth + 2 >= LONGEST or worth < -4.0 or _met(memory, way, depth, edge.payer):
            continue
        depth += 1
        way[depth].edge, way[depth].next, way[depth].worth = f, edge.older_in, worth
        way[depth].next = memory.sides[edge.payer, 1].newest
    return best, most


@kernel()
def _met(memory: Any, way: Any, depth: int, account: int) -> Any:
    base = memory.total[0].base
    for d in range(depth + 1):
        edge = memory.edges[way[d].edge - base]
        if edge.payer == account or edge.payee == account:
            return True
    return False


DAY: Final = 24 * fans.HOUR
FAN_OUT, FAN_IN, BIPARTITE, DIAMOND, RING = range(5)
"""Kinds of finds."""

HEAD: Final = 5
"""Numbers before the members of a find: kind, members, and of a burst's account payments the other way,
partners, and how long the stream has run (µs)."""
SQUARES: Final = 64
"""Squares of a kind that one payment may close."""
ROOM: Final = 2 * (HEAD + fans.MOST) + 2 * SQUARES * (HEAD + 4) + HEAD + LONGEST
"""Numbers that the finds of one payment take at most."""


class Plan(NamedTuple):
    """Patterns to look for.

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
        np.zeros(LONGEST, STEP),
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
    count, told = ring(memory, e, plan, work.way, work.members)
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
