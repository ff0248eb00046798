"""Statistics of an account in each window: how many it pays and is paid by, how often, and what amounts."""

from typing import Any, Final

from numba import njit

from watchfloor.desks.finance.engine import sums
from watchfloor.desks.finance.engine.graph import IN, OUT

TOLD: Final = ("fan", "payments", "per_partner", "mean", "sum", "variance", "skewness", "kurtosis")
"""What `sums.tell` writes, for each window, either side, and what it pays and is paid."""


@njit(cache=True, nogil=True, error_model="numpy")
def tell(graph: Any, payer: int, payee: int, out: Any) -> None:
    """Write `TOLD`, the newest payment included."""
    at = 0
    for w in range(len(graph.windows)):
        for one in (payer, payee):
            for side in (OUT, IN):
                told = graph.sums[one, w, side]
                if told[0] > 1 and sums.stale(told):
                    _anew(graph, one, w, side, told)
                sums.tell(told, graph.fans[one, w, side], out[at : at + sums.MOMENTS])
                at += sums.MOMENTS


@njit(cache=True, nogil=True, error_model="numpy")
def _anew(graph: Any, one: int, w: int, side: int, told: Any) -> None:
    """Make the sums anew from the newest amount on: a walk back over the account's payments in the window."""
    told[:] = 0.0
    base, low = graph.clock[0].base, graph.windows[w].low
    e = graph.accounts[one].newest[side]
    while e >= low:
        sums.put(told, graph.edges[e - base].amount, 1.0)
        e = graph.edges[e - base].older[side]
