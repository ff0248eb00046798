"""Scatter and gather: money that leaves one account for several, which pass it on to one.

For two accounts u and v the intermediaries are the x with payments u to x and x to v in the window. Each
payment can be the last leg of such a pattern (it comes from an intermediary) or its first (it goes to one).
Both are counted as the peer counts them (Blanuša et al., "Graph Feature Preprocessor", ICAIF 2024), without
regard to order; then the intermediaries that had been paid before they paid, and those of them that passed on
about what they got.
"""

from typing import Any, Final

from watchfloor.desks.finance.engine.classes import count_in
from watchfloor.desks.finance.engine.graph import IN, NONE, OUT, slot
from watchfloor.desks.finance.engine.kernel import within

TOLD: Final = ("gather_most", "gather_ordered_most", "gather_kept_most", "scatter_most")
"""Columns beside the counts by number of intermediaries: the most intermediaries between any two accounts
that this payment is a leg of; in order of time; with the amount kept; and as a first leg."""

LEAST, MOST = 0.5, 1.02
"""Share of what it got that an intermediary passes on, for the amount to be kept: fees and a share for
himself leave at most half."""


MARKED: Final = 256
"""Neighbours that are marked for one payment, at most: of an account with more each is looked up by its pair,
so that a hub costs no walk over all that pay it."""

HUGE: Final = 8
"""Budgets that one neighbour may take: one that would take more is passed over, and the walk is cut."""


@within
def write_features(graph: Any, payer: int, payee: int, mark: int, bins: Any, budget: int, out: Any) -> None:
    """Write the counts by size (`bins`, rising), then `TOLD`, to `out`.

    `mark` is an even number that no other payment has. After `budget` neighbours looked at, a walk ends and
    is counted as cut.
    """
    out[:] = 0.0
    told = out[len(bins) :]
    if graph.sides[payee, IN].size > 1:
        _gather(graph, payer, payee, mark, bins, budget, out, told)
    if graph.sides[payer, OUT].size > 1:
        _scatter(graph, payer, payee, mark + 1, bins, budget, out, told)


@within
def _mark(graph: Any, one: int, side: int, mark: int) -> Any:
    """Note which accounts are neighbours of one, and by which pair; whether there were not too many."""
    start, size = graph.sides[one, side].start, graph.sides[one, side].size
    if size > MARKED:
        return False
    for k in range(start, start + size):
        cell = graph.cells[k]
        graph.marks[cell.account].of = mark
        graph.marks[cell.account].by = cell.pair
    return True


@within
def _pair(graph: Any, payer: int, payee: int) -> Any:
    """The pair, where a payment of it is in the window; else -1."""
    p = graph.slots[slot(graph.slots, graph.pairs, payer, payee)]
    return p if p >= 0 and graph.pairs[p].count > 0 else NONE


@within
def _gather(graph: Any, x: int, v: int, mark: int, bins: Any, budget: int, out: Any, told: Any) -> None:
    """The payment x to v is the last leg: look at every u that paid x."""
    marked = _mark(graph, v, IN, mark)
    work, begin, many = 0, graph.sides[v, IN].start, graph.sides[v, IN].size
    first = graph.sides[x, IN].start
    for k in range(first, first + graph.sides[x, IN].size):
        u = graph.cells[k].account
        start, size = graph.sides[u, OUT].start, graph.sides[u, OUT].size
        if u == v or size < 2:
            continue
        takes = min(size, 4 * many)
        if takes > HUGE * budget:
            graph.clock[0].cut += 1
            break
        work += takes
        count, ordered, kept = 0, 0, 0
        for j in range(start, start + size) if size <= 4 * many else range(begin, begin + many):
            cell = graph.cells[j]
            y = cell.account
            if size > 4 * many:
                one, other = _pair(graph, u, y), cell.pair
            elif marked:
                one, other = cell.pair, graph.marks[y].by if graph.marks[y].of == mark else NONE
            else:
                one, other = cell.pair, _pair(graph, y, v)
            if one >= 0 and other >= 0:
                count += 1
                late = _follows(graph, one, other)
                ordered += late > 0
                kept += late > 1
        count_in(bins, count, out)
        told[0] = max(told[0], count)
        told[1] = max(told[1], ordered)
        told[2] = max(told[2], kept)
        if work > budget:
            graph.clock[0].cut += 1
            break


@within
def _follows(graph: Any, first: int, second: int) -> Any:
    """0 where no payment of the second pair is later than one of the first; 2 where the newest keep the
    amount."""
    base = graph.clock[0].base
    one, other = graph.pairs[first], graph.pairs[second]
    if other.newest < one.oldest:
        return 0
    share = graph.edges[other.newest - base].amount / graph.edges[one.newest - base].amount
    return 2 if LEAST <= share <= MOST else 1


@within
def _scatter(graph: Any, u: int, x: int, mark: int, bins: Any, budget: int, out: Any, told: Any) -> None:
    """The payment u to x is the first leg: look at every v that x paid."""
    marked = _mark(graph, u, OUT, mark)
    work, begin, many = 0, graph.sides[u, OUT].start, graph.sides[u, OUT].size
    first = graph.sides[x, OUT].start
    for k in range(first, first + graph.sides[x, OUT].size):
        v = graph.cells[k].account
        start, size = graph.sides[v, IN].start, graph.sides[v, IN].size
        if v == u or size < 2:
            continue
        takes = min(size, 4 * many)
        if takes > HUGE * budget:
            graph.clock[0].cut += 1
            break
        work += takes
        count = 0
        for j in range(start, start + size) if size <= 4 * many else range(begin, begin + many):
            y = graph.cells[j].account
            if size > 4 * many:
                count += _pair(graph, y, v) >= 0
            elif marked:
                count += graph.marks[y].of == mark
            else:
                count += _pair(graph, u, y) >= 0
        count_in(bins, count, out)
        told[3] = max(told[3], count)
        if work > budget:
            graph.clock[0].cut += 1
            break
