"""A payment comes into the graph, and old ones leave its windows."""

from typing import Any

from watchfloor.desks.finance.engine import sums
from watchfloor.desks.finance.engine.graph import IN, NONE, OUT, link, pair_of, unlink
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
    pair = graph.pairs[edge.pair]
    _count(graph, edge.pair, edge.amount, w, -1)
    if w == 0:
        pair.count -= 1
        pair.oldest = edge.after
        if pair.count == 0:
            pair.newest = NONE
            unlink(graph, edge.pair)


@kernel(inline="always")
def _count(graph: Any, p: int, amount: float, w: int, sign: int) -> None:
    """Count a payment of a pair into a window (`sign` 1), or out of it (-1)."""
    payer, payee = graph.pairs[p].payer, graph.pairs[p].payee
    sums.put(graph.sums, payer, w, OUT, amount, sign)
    sums.put(graph.sums, payee, w, IN, amount, sign)
    graph.counts[p, w] += sign
    if graph.counts[p, w] == (1 if sign > 0 else 0):
        graph.fans[payer, w, OUT] += sign
        graph.fans[payee, w, IN] += sign


@kernel(inline="always")
def add(graph: Any, payer: int, payee: int, time: int, amount: float) -> Any:
    """Put a payment into every window; returns its pair."""
    clock = graph.clock[0]
    p = pair_of(graph, payer, payee)
    pair, e = graph.pairs[p], clock.end
    edge = graph.edges[e - clock.base]
    edge.time, edge.pair, edge.amount, edge.before, edge.after = time, p, amount, pair.newest, NONE
    paying, paid = graph.sides[payer, OUT], graph.sides[payee, IN]
    edge.older_out, edge.older_in = paying.newest, paid.newest
    paying.newest = paid.newest = e
    if pair.count == 0:
        pair.oldest = e
        link(graph, p)
    else:
        graph.edges[pair.newest - clock.base].after = e
    if pair.ever == 0:
        pair.since = time
    pair.newest, pair.last = e, time
    pair.count += 1
    pair.ever += 1
    for w in range(len(graph.windows)):
        _count(graph, p, amount, w, 1)
    clock.end += 1
    return p
