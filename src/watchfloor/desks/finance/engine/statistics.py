"""Statistics of an account in each window: how many it pays and is paid by, how often, and what amounts."""

from typing import Any, Final

from watchfloor.desks.finance.engine import window_sums
from watchfloor.desks.finance.engine.graph import IN, OUT
from watchfloor.desks.finance.engine.kernel import kernel, within

TOLD: Final = ("fan", "payments", "per_partner", "mean", "sum", "variance", "skewness", "kurtosis")
"""What `window_sums.write_moments` writes, for each window, either side, and what it pays and is paid."""


@within
def write_features(graph: Any, payer: int, payee: int, out: Any) -> None:
    """Write `TOLD`, the newest payment included."""
    at = 0
    for w in range(len(graph.windows)):
        for one in (payer, payee):
            for side in (OUT, IN):
                told = graph.sums[one, w, side]
                if told[0] > 1 and window_sums.stale(told):
                    _anew(graph, one, w, side, told)
                window_sums.write_moments(told, graph.fans[one, w, side], out[at : at + window_sums.MOMENTS])
                at += window_sums.MOMENTS


@kernel()
def _anew(graph: Any, one: int, w: int, side: int, told: Any) -> None:
    """Make the sums anew, of differences from the amount nearest the mean: it is within one deviation of it.

    Two walks back over the account's payments in the window.
    """
    base, low = graph.clock[0].base, graph.windows[w].low
    mean = told[-1] + (told[1] + told[2]) / told[0]
    e = nearest = graph.sides[one, side].newest
    while e >= low:
        edge = graph.edges[e - base]
        if abs(edge.amount - mean) < abs(graph.edges[nearest - base].amount - mean):
            nearest = e
        e = edge.older_out if side == OUT else edge.older_in
    told[:] = 0.0
    window_sums.put(graph.sums, one, w, side, graph.edges[nearest - base].amount, 1)
    e = graph.sides[one, side].newest
    while e >= low:
        edge = graph.edges[e - base]
        if e != nearest:
            window_sums.put(graph.sums, one, w, side, edge.amount, 1)
        e = edge.older_out if side == OUT else edge.older_in
