"""Cycles in time: money that comes back to where it started, each step after the one before.

A payment u to v closes a cycle where a way leads from v to u whose payments follow one another, all before this
one and in the window. Distinct sequences of accounts are counted, by length. The search goes back from u, at
each step by the latest payment of a pair that still fits (a later one leaves more room to those before it), and
does not come twice to an account from which nothing could be found (as in D. B. Johnson, SIAM J. Comput. 4, 1975).
"""

from typing import Any, Final

import numpy as np
from numba import njit

from watchfloor.desks.finance.engine.graph import IN, NONE, OUT

TOLD: Final = ("cycle_shortest", "cycle_kept")
"""Columns beside the counts by length: payments in the shortest cycle closed (0: none); how much of the amount
at its start this payment brings back, at most 1, of the cycle that keeps the most."""

DEEPEST: Final = 64
"""Payments that a cycle may have at most."""

STEP: Final = np.dtype(
    [
        *((name, "i8") for name in ("account", "until", "next", "found")),
        *((name, "f8") for name in ("least", "most")),
        ("short", "i8"),
    ]
)
"""One account on the way back: payments before `until` fit (a number), the `next` neighbour to look at, cycles
`found` below; the least and most amount so far; whether a way was given up that more room had let go on."""


@njit(cache=True, nogil=True, error_model="numpy")
def tell(
    graph: Any, way: Any, barren: Any, payer: int, payee: int, bins: Any, longest: int, budget: int, out: Any
) -> None:
    """Write the cycles that the newest payment closes, by length (`bins`), then `TOLD`, to `out`.

    `way` [DEEPEST] of `STEP` and `barren` [accounts, 2] are room to work in; a row of `barren` holds the payment
    that it is about and the number before which nothing was found. After `budget` neighbours the search ends.
    """
    out[:] = 0.0
    if graph.accounts[payee].size[IN] == 0 or graph.accounts[payee].size[OUT] == 0:
        return
    if graph.accounts[payer].size[IN] == 0:
        return
    now = graph.clock[0].end - 1
    told = out[len(bins) :]
    amount = graph.edges[now - graph.clock[0].base].amount
    depth, work = 0, 0
    _come(graph, way[0], payer, now, amount, amount)
    graph.accounts[payer].mark = -2 - now
    while depth >= 0:
        step = way[depth]
        if step.next >= graph.accounts[step.account].size[IN]:
            _go(graph, way, barren, depth, now)
            depth -= 1
            continue
        cell = graph.cells[graph.accounts[step.account].start[IN] + step.next]
        step.next += 1
        work += 1
        if work > budget:
            graph.clock[0].cut += 1
            _clear(graph, way, depth)
            return
        y = cell.account
        fits = y == payee or (graph.accounts[y].size[IN] > 0 and graph.accounts[y].mark != -2 - now)
        if not fits:
            step.short |= graph.accounts[y].mark == -2 - now
            continue
        e = _latest(graph, cell.pair, step.until)
        if e == NONE:
            continue
        paid = graph.edges[e - graph.clock[0].base].amount
        least, most = min(step.least, paid), max(step.most, paid)
        if y == payee:
            step.found += 1
            _found(bins, depth + 2, out)
            told[0] = depth + 2 if told[0] == 0 else min(told[0], depth + 2)
            told[1] = max(told[1], least / most)
        elif depth + 3 > longest:
            step.short = 1
        elif not (barren[y, 0] == now and barren[y, 1] >= e):
            depth += 1
            _come(graph, way[depth], y, e, least, most)
            graph.accounts[y].mark = -2 - now


@njit(cache=True, nogil=True, error_model="numpy")
def _come(graph: Any, step: Any, account: int, until: int, least: float, most: float) -> None:
    step.account, step.until, step.next, step.found, step.short = account, until, 0, 0, 0
    step.least, step.most = least, most


@njit(cache=True, nogil=True, error_model="numpy")
def _go(graph: Any, way: Any, barren: Any, depth: int, now: int) -> None:
    """Leave an account; where nothing was found, though nothing was given up, say so."""
    step = way[depth]
    graph.accounts[step.account].mark = NONE
    if step.found == 0 and step.short == 0:
        if barren[step.account, 0] != now or barren[step.account, 1] < step.until:
            barren[step.account, 0], barren[step.account, 1] = now, step.until
    if depth > 0:
        way[depth - 1].found += step.found
        way[depth - 1].short |= step.short


@njit(cache=True, nogil=True, error_model="numpy")
def _clear(graph: Any, way: Any, depth: int) -> None:
    for d in range(depth + 1):
        graph.accounts[way[d].account].mark = NONE


@njit(cache=True, nogil=True, error_model="numpy")
def _latest(graph: Any, p: int, until: int) -> Any:
    """The latest payment of a pair, in the window, before another; -1 where there is none."""
    e, oldest, base = graph.pairs[p].newest, graph.pairs[p].oldest, graph.clock[0].base
    while e >= until:
        if e == oldest:
            return NONE
        e = graph.edges[e - base].before
    return e


@njit(cache=True, nogil=True, error_model="numpy")
def _found(bins: Any, length: int, out: Any) -> None:
    if length >= bins[0]:
        b = 0
        while b + 1 < len(bins) and bins[b + 1] <= length:
            b += 1
        out[b] += 1.0
