"""Whether money can come back at all: asked from both ends before any cycle is counted.

Few payments close a cycle, and a search back from the payer looks at thousands of neighbours to find none. So
the accounts that money of the payee can have got to (earliest arrival) and those from which it can get to the
payer (latest departure) are sought at once, always on the side that has looked at less. Where one side has no
account left to go on from, there is no way back; where they meet, there is one, and the forward search is
brought to its end: the count need not look where nothing can arrive.
"""

from typing import Any, Final

import numpy as np

from watchfloor.desks.finance.engine.ahead import fetch
from watchfloor.desks.finance.engine.graph import IN, NONE, OUT
from watchfloor.desks.finance.engine.kernel import within

SEEN: Final = np.dtype([("of", "i8"), ("at", "i8"), ("waits", "?")], align=True)
"""Of an account, forward or back: the payment that it was reached for, the number of the payment that arrives
first (or leaves last), and whether the search is to go on from it."""

AHEAD: Final = 32
"""Neighbours that are asked for at once."""

END: Final = np.dtype([(name, "i8") for name in ("head", "tail", "work")])
"""Of a search, forward or back: where its queue begins and ends, and how many neighbours it looked at."""

NOTHING: Final = 0
"""No way leads back."""
PERHAPS: Final = 1
"""The budget ended the search."""
KNOWN: Final = 2
"""A way leads back, and all accounts are known that the payee's money can have got to."""


@within
def search(graph: Any, room: Any, payer: int, payee: int, budget: int) -> Any:
    """Look for ways from payee to payer before the newest payment. `room` is `cycles.Room`."""
    now, ends, met = graph.clock[0].end - 1, room.ends, False
    for side in (OUT, IN):
        ends[side].head = ends[side].tail = ends[side].work = 0
    _reach(room, OUT, payee, now, NONE)
    _reach(room, IN, payer, now, now)
    while ends[OUT].head != ends[OUT].tail and (met or ends[IN].head != ends[IN].tail):
        side = OUT if met else _lighter(graph, room)
        x = _next(room, side)
        ends[side].work += graph.sides[x, side].size
        if ends[OUT].work + ends[IN].work > budget:
            return PERHAPS
        if side == OUT:
            met = _forward(graph, room, x, payer, payee, now) or met
        else:
            met = _back(graph, room, x, payer, payee, now)
    return KNOWN if met else NOTHING


@within
def _lighter(graph: Any, room: Any) -> Any:
    """The side that will have looked at less after its next account."""
    ends, queue = room.ends, room.queue
    forward = ends[OUT].work + graph.sides[queue[OUT, ends[OUT].head], OUT].size
    back = ends[IN].work + graph.sides[queue[IN, ends[IN].head], IN].size
    return OUT if forward <= back else IN


@within
def _next(room: Any, side: int) -> Any:
    end = room.ends[side]
    x = room.queue[side, end.head]
    end.head = end.head + 1 if end.head + 1 < len(room.seen) else 0
    room.seen[x, side].waits = False
    return x


@within
def _reach(room: Any, side: int, account: int, now: int, at: int) -> None:
    """Note when an account is reached, and go on from there."""
    seen, end = room.seen[account, side], room.ends[side]
    waits = seen.of == now and seen.waits
    seen.of, seen.at, seen.waits = now, at, True
    if not waits:
        room.queue[side, end.tail] = account
        end.tail = end.tail + 1 if end.tail + 1 < len(room.seen) else 0


@within
def _look_ahead(graph: Any, room: Any, x: int, side: int) -> None:
    """Ask for what is known of the first neighbours of x."""
    start = graph.sides[x, side].start
    for k in range(start, start + min(graph.sides[x, side].size, AHEAD)):
        fetch(graph.sides, graph.cells[k].account, 1)
        fetch(room.seen, graph.cells[k].account, 1)
        fetch(graph.pairs, graph.cells[k].pair, 1)


@within
def _forward(graph: Any, room: Any, x: int, payer: int, payee: int, now: int) -> Any:
    """Go on from an account to those it paid after the money was there; whether the searches met."""
    _look_ahead(graph, room, x, OUT)
    met, after, start = False, room.seen[x, OUT].at, graph.sides[x, OUT].start
    for k in range(start, start + graph.sides[x, OUT].size):
        cell = graph.cells[k]
        y = cell.account
        forth, back = room.seen[y, OUT], room.seen[y, IN]
        if y == payee or (graph.sides[y, OUT].newest <= after and y != payer and back.of != now):
            continue  # a dead end, which is seen without a look at the pair
        e = earliest(graph, cell.pair, after)
        if e == NONE:
            continue
        met |= y == payer or (back.of == now and back.at > e)
        if graph.sides[y, OUT].newest > e and not (forth.of == now and forth.at <= e):
            _reach(room, OUT, y, now, e)
    return met


@within
def _back(graph: Any, room: Any, x: int, payer: int, payee: int, now: int) -> Any:
    """Go on from an account to those that paid it in time; whether the searches met."""
    _look_ahead(graph, room, x, IN)
    until, start = room.seen[x, IN].at, graph.sides[x, IN].start
    for k in range(start, start + graph.sides[x, IN].size):
        cell = graph.cells[k]
        y = cell.account
        forth, back = room.seen[y, OUT], room.seen[y, IN]
        if y == payer or (graph.sides[y, IN].size == 0 and y != payee and forth.of != now):
            continue
        e = latest(graph, cell.pair, until)
        if e == NONE:
            continue
        if y == payee or (forth.of == now and forth.at < e):
            return True
        if graph.sides[y, IN].size > 0 and not (back.of == now and back.at >= e):
            _reach(room, IN, y, now, e)
    return False


@within
def earliest(graph: Any, p: int, after: int) -> Any:
    """The earliest payment of a pair, in the window, after another; -1 where there is none."""
    e, base = graph.pairs[p].oldest, graph.clock[0].base
    if graph.pairs[p].newest <= after:
        return NONE
    while e <= after:
        e = graph.edges[e - base].after
    return e


@within
def latest(graph: Any, p: int, until: int) -> Any:
    """The latest payment of a pair, in the window, before another; -1 where there is none."""
    e, oldest, base = graph.pairs[p].newest, graph.pairs[p].oldest, graph.clock[0].base
    while e >= until:
        if e == oldest:
            return NONE
        e = graph.edges[e - base].before
    return e
