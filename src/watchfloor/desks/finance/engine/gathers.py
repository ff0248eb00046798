"""Scatter and gather: money that leaves one account for several, which pass it on to one.

For two accounts u and v the intermediaries are the x with payments u to x and x to v in the window. Each
payment can be the last leg of such a pattern (it comes from an intermediary) or its first (it goes to one).
Both are counted as the peer counts them (Blanuša et al., "Graph Feature Preprocessor", ICAIF 2024), without
regard to order; then the intermediaries that had been paid before they paid, and those of them that passed on
about what they got.
"""

from typing import Any, Final

from watchfloor.desks.finance.engine.ahead import fetch
from watchfloor.desks.finance.engine.classes import count_in
from watchfloor.desks.finance.engine.graph import IN, NONE, OUT, slot
from watchfloor.desks.finance.engine.kernel import within

TOLD: Final = ("gather_most", "gather_ordered_most", "gather_kept_most", "scatter_most")
"""Columns beside the counts by number of intermediaries: the most intermediaries between any two accounts
that this payment is a leg of; in order of time; with the amount kept; and as a first leg."""

LEAST, MOST = 0.5, 1.02
"""Share of what it got that an intermediary passes on, for the amount to be kept: fees and a share for
himself leave at most half."""


MARKED: Final = 8
"""Neighbours that are marked for each that is looked up, at most: of an account with more each is looked up
by its pair, so that a hub costs no walk over all that pay it."""

SIEVE: Final = 1 << 12
"""Places that marked accounts share by their last bits: these lie in the nearest cache, the marks do not."""
AHEAD: Final = 32
"""Accounts whose neighbours are asked for at once."""

HUGE: Final = 8
"""Budgets that one neighbour may take: one that would take more is passed over, and the walk is cut."""


@within
def write_features(
    graph: Any, payer: int, payee: int, mark: int, sieve: Any, bins: Any, budget: int, out: Any
) -> None:
    """Write the counts by size (`bins`, rising), then `TOLD`, to `out`.

    `mark` is an even number that no other payment has; `sieve` is [SIEVE], of the last payments' marks. After
    `budget` neighbours looked at, a walk ends and is counted as cut.
    """
    told = out[len(bins) :]
    if graph.sides[payee, IN].size > 1 and graph.sides[payer, IN].size > 0:
        _gather(graph, payer, payee, mark, sieve, bins, budget, out, told)
    if graph.sides[payer, OUT].size > 1 and graph.sides[payee, OUT].size > 0:
        _scatter(graph, payer, payee, mark + 1, sieve, bins, budget, out, told)


@within
def _look_ahead(graph: Any, x: int, side: int, other: int, many: int, budget: int) -> Any:
    """Ask for the neighbours of the first neighbours of x; returns about how many will be looked up."""
    first, work = graph.sides[x, side].start, 0
    for k in range(first, first + min(graph.sides[x, side].size, AHEAD)):
        far = graph.sides[graph.cells[k].account, other]
        if far.size > 1:
            fetch(graph.cells, far.start, 1)
            fetch(graph.pairs, graph.cells[k].pair, 1)
            work += min(far.size, 4 * many)
    return min(work, (HUGE + 1) * budget)


@within
def _mark(graph: Any, one: int, side: int, mark: int, sieve: Any) -> None:
    """Note which accounts are neighbours of one, and by which pair."""
    start, size = graph.sides[one, side].start, graph.sides[one, side].size
    for k in range(start, start + size):
        cell = graph.cells[k]
        graph.marks[cell.account].of = mark
        graph.marks[cell.account].by = cell.pair
        sieve[cell.account & (SIEVE - 1)] = mark


@within
def _marked(graph: Any, y: int, mark: int, sieve: Any) -> Any:
    return sieve[y & (SIEVE - 1)] == mark and graph.marks[y].of == mark


@within
def _pair(graph: Any, payer: int, payee: int) -> Any:
    """The pair, where a payment of it is in the window; else -1."""
    p = graph.slots[slot(graph.slots, graph.pairs, payer, payee)]
    return p if p >= 0 and graph.pairs[p].count > 0 else NONE


@within
def _gather(
    graph: Any, x: int, v: int, mark: int, sieve: Any, bins: Any, budget: int, out: Any, told: Any
) -> None:
    """The payment x to v is the last leg: look at every u that paid x."""
    work, begin, many = 0, graph.sides[v, IN].start, graph.sides[v, IN].size
    expected = _look_ahead(graph, x, IN, OUT, many, budget)
    if expected == 0 and graph.sides[x, IN].size <= AHEAD:
        return
    marked = many <= MARKED * expected
    if marked:
        _mark(graph, v, IN, mark, sieve)
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
        if size > 4 * many:
            for j in range(begin, begin + many):
                one = _pair(graph, u, graph.cells[j].account)
                if one >= 0:
                    count += 1
                    late = _follows(graph, one, graph.cells[j].pair)
                    ordered += late > 0
                    kept += late > 1
        else:
            for j in range(start, start + size):
                y = graph.cells[j].account
                if marked:
                    if not _marked(graph, y, mark, sieve):
                        continue
                    other = graph.marks[y].by
                else:
                    other = _pair(graph, y, v)
                    if other < 0:
                        continue
                count += 1
                late = _follows(graph, graph.cells[j].pair, other)
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
def _scatter(
    graph: Any, u: int, x: int, mark: int, sieve: Any, bins: Any, budget: int, out: Any, told: Any
) -> None:
    """The payment u to x is the first leg: look at every v that x paid."""
    work, begin, many = 0, graph.sides[u, OUT].start, graph.sides[u, OUT].size
    expected = _look_ahead(graph, x, OUT, IN, many, budget)
    if expected == 0 and graph.sides[x, OUT].size <= AHEAD:
        return
    marked = many <= MARKED * expected
    if marked:
        _mark(graph, u, OUT, mark, sieve)
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
        if size > 4 * many:
            for j in range(begin, begin + many):
                count += _pair(graph, graph.cells[j].account, v) >= 0
        elif marked:
            for j in range(start, start + size):
                count += _marked(graph, graph.cells[j].account, mark, sieve)
        else:
            for j in range(start, start + size):
                count += _pair(graph, u, graph.cells[j].account) >= 0
        count_in(bins, count, out)
        told[3] = max(told[3], count)
        if work > budget:
            graph.clock[0].cut += 1
            break
