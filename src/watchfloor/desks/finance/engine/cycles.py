"""Cycles in time: money that comes back to where it started, each step after the one before.

A payment u to v closes a cycle where a way leads from v to u whose payments follow one another, all before
this one and in the window. Distinct sequences of accounts are counted, by length. The search goes back from
u, at each step by the latest payment of a pair that still fits (a later one leaves more room to those before
it), and does not come twice to an account from which nothing could be found (as in D. B. Johnson, SIAM J.
Comput. 4, 1975).
"""

from typing import Any, Final

import numpy as np

from watchfloor.desks.finance.engine.classes import count_in
from watchfloor.desks.finance.engine.graph import IN, NONE, OUT
from watchfloor.desks.finance.engine.kernel import kernel

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


@kernel()
def tell(
    graph: Any, way: Any, barren: Any, payer: int, payee: int, bins: Any, longest: int, budget: int, out: Any
) -> None:
    """Write the cycles that the newest payment closes, by length (`bins`), then `TOLD`, to `out`.

    `way` [DEEPEST] of `STEP` and `barren` [accounts, 2] are room to work in; a row of `barren` holds the
    payment that it is about and the number before which nothing was found. After `budget` neighbours the
    search ends.
    """
    out[:] = 0.0
    if graph.sides[payee, IN].size == 0 or graph.sides[payee, OUT].size == 0:
        return
    if graph.sides[payer, IN].size == 0:
        return
    now = graph.clock[0].end - 1
    told = out[len(bins) :]
    amount = graph.edges[now - graph.clock[0].base].amount
    depth, work = 0, 0
    _come(way[0], payer, now, amount, amount)
    graph.marks[payer].of = -2 - now
    while depth >= 0:
        step = way[depth]
        if step.next >= graph.sides[step.account, IN].size:
            _go(graph, way, barren, depth, now)
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
        fits = y == payee or (graph.sides[y, IN].size > 0 and graph.marks[y].of != -2 - now)
        if not fits:
            step.short |= graph.marks[y].of == -2 - now
            continue
        e = _latest(graph, cell.pair, step.until)
        if e == NONE:
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
        elif not (barren[y, 0] == now and barren[y, 1] >= e):
            depth += 1
            _come(way[depth], y, e, least, most)
            graph.marks[y].of = -2 - now


@kernel()
def _come(step: Any, account: int, until: int, least: float, most: float) -> None:
    step.account, step.until, step.next, step.found, step.short = account, until, 0, 0, 0
    step.least, step.most = least, most


@kernel()
def _go(graph: Any, way: Any, barren: Any, depth: int, now: int) -> None:
    """Leave an account; where nothing was found, though nothing was given up, say so."""
    step = way[depth]
    graph.marks[step.account].of = NONE
    known = barren[step.account, 0] == now and barren[step.account, 1] >= step.until
    if step.found == 0 and step.short == 0 and not known:
        barren[step.account, 0], barren[step.account, 1] = now, step.until
    if depth > 0:
        way[depth - 1].found += step.found
        way[depth - 1].short |= step.short


@kernel()
def _clear(graph: Any, way: Any, depth: int) -> None:
    for d in range(depth + 1):
        graph.marks[way[d].account].of = NONE


@kernel()
def _latest(graph: Any, p: int, until: int) -> Any:
    """The latest payment of a pair, in the window, before another; -1 where there is none."""
    e, oldest, base = graph.pairs[p].newest, graph.pairs[p].oldest, graph.clock[0].base
    while e >= until:
        if e == oldest:
            return NONE
        e = graph.edges[e - base].before
    return e
