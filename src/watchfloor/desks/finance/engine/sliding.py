"""A payment comes into the graph, and old ones leave its windows."""

from typing import Any

from watchfloor.desks.finance.engine import window_sums
from watchfloor.desks.finance.engine.graph import IN, NONE, OUT, forget, link, pair_of, unlink
from watchfloor.desks.finance.engine.kernel import kernel


@kernel(inline="always")
def slide(graph: Any, now: int) -> None:
    """Take out of each window what is as old as it is wide, or older."""
    clock = graph.clock[0]
    for w in range(len(graph.windows)):
        window = graph.windows[w]
        while window.low < clock.end and graph.edges[window.low - clock.base].time <= now - window.width:
            _leave(graph, window.low - clock.base, w)
            window.low += 1


@kernel(inline="always")
def _leave(graph: Any, e: int, w: int) -> None:
    edge = graph.edges[e]
    p = edge.pair
    left = _count(graph, p, edge.payer, edge.payee, edge.amount, w, -1)
    if w == 0:
        graph.pairs[p].oldest = edge.after
        if left == 0:
            graph.pairs[p].newest = NONE
            if graph.keep[0].near:
                unlink(graph, p)
    if left == 0 and not graph.keep[0].ever and _widest(graph, w):
        forget(graph, p)


@kernel(inline="always")
def _widest(graph: Any, w: int) -> Any:
    """Whether a payment that leaves a window has left them all: it leaves the first of two alike first."""
    for other in range(len(graph.windows)):
        wider = graph.windows[other].width - graph.windows[w].width
        if wider > 0 or (wider == 0 and other > w):
            return False
    return True


@kernel(inline="always")
def _count(graph: Any, p: int, payer: int, payee: int, amount: float, w: int, sign: int) -> Any:
    """Count a payment of a pair into a window (`sign` 1), or out of it (-1); returns how many are in it."""
    if graph.keep[0].sums:
        window_sums.put(graph.sums, payer, w, OUT, amount, sign)
        window_sums.put(graph.sums, payee, w, IN, amount, sign)
    if w == 0:
        graph.pairs[p].count += sign
        count = graph.pairs[p].count
    else:
        graph.counts[p, w - 1] += sign
        count = graph.counts[p, w - 1]
    if graph.keep[0].fans and count == (1 if sign > 0 else 0):
        graph.fans[payer, w, OUT] += sign
        graph.fans[payee, w, IN] += sign
    return count


@kernel(inline="always")
def add(graph: Any, payer: int, payee: int, time: int, amount: float) -> Any:
    """Put a payment into every window; returns its pair."""
    clock = graph.clock[0]
    p = pair_of(graph, payer, payee)
    pair, e = graph.pairs[p], clock.end
    edge = graph.edges[e - clock.base]
    edge.time, edge.amount, edge.before, edge.after = time, amount, pair.newest, NONE
    edge.pair, edge.payer, edge.payee = p, payer, payee
    paying, paid = graph.sides[payer, OUT], graph.sides[payee, IN]
    edge.older_out, edge.older_in = paying.newest, paid.newest
    paying.newest = paid.newest = e
    if pair.count == 0:
        pair.oldest = e
        if graph.keep[0].near:
            link(graph, p)
    else:
        graph.edges[pair.newest - clock.base].after = e
    if pair.ever == 0:
        pair.since = time
    pair.newest, pair.last = e, time
    pair.ever += 1
    for w in range(len(graph.windows)):
        _count(graph, p, payer, payee, amount, w, 1)
    clock.end += 1
    return p
