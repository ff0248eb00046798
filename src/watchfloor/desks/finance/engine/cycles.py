"""Cycles in time: money that comes back to where it started, each step after the one before.

A payment u to v closes a cycle where a way leads from v to u whose payments follow one another, all before
this one and in the window. Distinct sequences of accounts are counted, by length. Whether there are any is
asked first (`reach`). Then the search goes back from u, at each step by the latest payment of a pair that
still fits (a later one leaves more room to those before it), only over accounts that v's money can have got
to, and does not come twice to one from which nothing could be found (as in D. B. Johnson, SIAM J. Comput. 4,
1975).
"""

from typing import Any, Final, NamedTuple

import numpy as np

from watchfloor.desks.finance.engine import reach
from watchfloor.desks.finance.engine.classes import count_in
from watchfloor.desks.finance.engine.graph import IN, NONE, OUT
from watchfloor.desks.finance.engine.kernel import within

TOLD: Final = ("cycle_shortest", "cycle_kept")
"""Columns beside the counts by length: payments in the shortest cycle closed (0: none); how much of the
amount at its start this payment brings back, at most 1, of the cycle that keeps the most."""

DEEPEST: Final = 64
"""Payments that a cycle may have at most."""

STEP: Final = np.dtype(
    [
        *((name, "i8") for name in ("account", "until", "next", "found")),
        *((name, "f8") for name in ("least", "most")),
        ("short", "i8"),
    ]
)
"""One account on the way back: payments before `until` fit (a number), the `next` neighbour to look at,
cycles `found` below; the least and most amount so far; whether a way was given up that more room had let go
on."""


BARREN: Final = np.dtype([("of", "i8"), ("until", "i8")])
"""Of an account: the payment for which, and the number before which, nothing was found from it."""


class Room(NamedTuple):
    """Arrays to work in, of no meaning between two payments.

    Attributes:
        way: [DEEPEST] of `STEP`.
        barren: [accounts] of `BARREN`.
        seen: [accounts, out or in] of `reach.SEEN`.
        queue: [out or in, accounts] accounts to go on from, in a ring.
        ends: [out or in] of `reach.END`.
    """

    way: Any
    barren: Any
    seen: Any
    queue: Any
    ends: Any


def room(accounts: int) -> Room:
    """Room to work in for that many accounts."""
    barren, seen = np.zeros(accounts, BARREN), np.zeros((accounts, 2), reach.SEEN)
    barren["of"] = seen["of"] = NONE
    return Room(
        np.zeros(DEEPEST, STEP), barren, seen, np.zeros((2, accounts), np.int64), np.zeros(2, reach.END)
    )


@within
def write_features(
    graph: Any, room: Any, payer: int, payee: int, bins: Any, longest: int, budget: int, out: Any
) -> None:
    """Write the cycles that the newest payment closes, by length (`bins`), then `TOLD`, to `out`.

    The search for any way back, and the count of them, end after `budget` neighbours each; a count that ends
    so is counted as cut.
    """
    if graph.sides[payee, IN].size == 0 or graph.sides[payee, OUT].size == 0:
        return
    if graph.sides[payer, IN].size == 0:
        return
    found = reach.search(graph, room, payer, payee, budget)
    if found != reach.NOTHING:
        _count(graph, room, payer, payee, found == reach.KNOWN, bins, longest, budget, out)


@within
def _count(
    graph: Any, room: Any, payer: int, payee: int, known: bool, bins: Any, longest: int, budget: int, out: Any
) -> None:
    """Count the ways back one by one; `known` says that `room` has all accounts that can be on one."""
    now, way, told = graph.clock[0].end - 1, room.way, out[len(bins) :]
    amount = graph.edges[now - graph.clock[0].base].amount
    depth, work = 0, 0
    _come(way[0], payer, now, amount, amount)
    graph.marks[payer].of = -2 - now
    while depth >= 0:
        step = way[depth]
        if step.next >= graph.sides[step.account, IN].size:
            _go(graph, room, depth, now)
            depth -= 1
            continue
        cell = graph.cells[graph.sides[step.account, IN].start + step.next]
        step.next += 1
        work += 1
        if work > budget:
            graph.clock[0].cut += 1
            _clear(graph, way, depth)
            return
        y = cell.account
        if graph.marks[y].of == -2 - now:
            step.short = 1
            continue
        if y != payee and not (room.seen[y, OUT].of == now if known else graph.sides[y, IN].size > 0):
            continue
        e = reach.latest(graph, cell.pair, step.until)
        if e == NONE or (known and y != payee and room.seen[y, OUT].at >= e):
            continue
        paid = graph.edges[e - graph.clock[0].base].amount
        least, most = min(step.least, paid), max(step.most, paid)
        if y == payee:
            step.found += 1
            count_in(bins, depth + 2, out)
            told[0] = depth + 2 if told[0] == 0 else min(told[0], depth + 2)
            told[1] = max(told[1], least / most)
        elif depth + 3 > longest:
            step.short = 1
        elif not _barren(room, y, e, now):
            depth += 1
            _come(way[depth], y, e, least, most)
            graph.marks[y].of = -2 - now


@within
def _come(step: Any, account: int, until: int, least: float, most: float) -> None:
    step.account, step.until, step.next, step.found, step.short = account, until, 0, 0, 0
    step.least, step.most = least, most


@within
def _barren(room: Any, account: int, until: int, now: int) -> Any:
    return room.barren[account].of == now and room.barren[account].until >= until


@within
def _go(graph: Any, room: Any, depth: int, now: int) -> None:
    """Leave an account; where nothing was found, though nothing was given up, say so."""
    way, step = room.way, room.way[depth]
    graph.marks[step.account].of = NONE
    if step.found == 0 and step.short == 0 and not _barren(room, step.account, step.until, now):
        room.barren[step.account].of, room.barren[step.account].until = now, step.until
    if depth > 0:
        way[depth - 1].found += step.found
        way[depth - 1].short |= step.short


@within
def _clear(graph: Any, way: Any, depth: int) -> None:
    for d in range(depth + 1):
        graph.marks[way[d].account].of = NONE
