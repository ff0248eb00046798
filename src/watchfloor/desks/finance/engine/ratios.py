"""How this payment and its accounts stand in each window: shares that trees could not divide themselves."""

from typing import Any, Final

from watchfloor.desks.finance.engine.graph import IN, OUT
from watchfloor.desks.finance.engine.kernel import kernel

TOLD: Final = (
    "amount_to_in",
    "amount_to_mean_out",
    "amount_to_mean_in",
    "payer_out_to_in",
    "payee_out_to_in",
)
"""For each window: the amount over all that the payer was paid, over what it pays on average and what the
payee is paid on average; what the payer paid over what it was paid, and the same of the payee (-1: nothing
in)."""


@kernel(inline="always")
def _share(part: float, whole: float) -> Any:
    return min(part / whole, 1000.0) if whole > 0 else -1.0


@kernel(inline="always")
def _total(graph: Any, one: int, w: int, side: int) -> Any:
    count = graph.sums[one, w, side, 0]
    return count * graph.sums[one, w, side, -1] + graph.sums[one, w, side, 1] + graph.sums[one, w, side, 2]


@kernel()
def write_features(graph: Any, payer: int, payee: int, amount: float, out: Any) -> None:
    """Write `TOLD` for each window, the newest payment included."""
    at = 0
    for w in range(len(graph.windows)):
        paid, got = _total(graph, payer, w, OUT), _total(graph, payer, w, IN)
        other, income = _total(graph, payee, w, OUT), _total(graph, payee, w, IN)
        out[at] = _share(amount, got)
        out[at + 1] = _share(amount * graph.sums[payer, w, OUT, 0], paid)
        out[at + 2] = _share(amount * graph.sums[payee, w, IN, 0], income)
        out[at + 3] = _share(paid, got)
        out[at + 4] = _share(other, income)
        at += len(TOLD)
