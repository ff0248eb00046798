"""Descriptions of the accounts around an account, which travel along the payments.

A mule is known by its company. When one account pays another, a short description of each is mixed into what
the other remembers of those who pay it, or whom it pays; and with it what was remembered there, so that two
steps away is seen too. Newer company counts more (exponential smoothing). This is what a message-passing
network computes, with weights that are written down (E. Rossi et al., "Temporal Graph Networks", 2020).
"""

import math
from typing import Any, Final

import numpy as np

from watchfloor.desks.finance.engine.graph import IN, OUT
from watchfloor.desks.finance.engine.kernel import kernel

DESCRIBED: Final = ("fan_out", "fan_in", "payments_out", "payments_in", "passed", "dwelt", "age", "mean_in")
MIX: Final = 0.2
"""Weight of the newest payment's company."""

DEPTH: Final = 2

LOGS: Final = np.array([math.log1p(count) for count in range(256)])
"""Logarithms of one more than a count, as the library of C computes them, which kernels call too."""

TOLD: Final = tuple(
    f"{side}_{way}_{step}_{name}"
    for side in ("payer", "payee")
    for way in ("paid", "paid_by")
    for step in ("near", "far")
    for name in DESCRIBED
)
"""Columns: of either side, those it paid and those it was paid by, one step away (near) and two (far)."""


@kernel(inline="always")
def _log_of(count: int) -> Any:
    return LOGS[count] if count < len(LOGS) else np.log1p(count)


@kernel()
def describe(graph: Any, one: int, time: int, out: Any) -> None:
    """Write `DESCRIBED` of an account, by the graph's widest window and all that went through it."""
    heap, paid, got = graph.heaps[one], graph.ways[one, OUT], graph.ways[one, IN]
    last = len(graph.windows) - 1
    out[0], out[1] = _log_of(graph.fans[one, last, OUT]), _log_of(graph.fans[one, last, IN])
    out[2], out[3] = _log_of(paid.count), _log_of(got.count)
    out[4] = heap.passed / paid.total if paid.total > 0 else 0.0
    out[5] = np.log1p(max(heap.dwelt, 0.0) * 1e-6)
    out[6] = np.log1p((time - heap.first) * 1e-6) if paid.count + got.count > 0 else 0.0
    out[7] = np.log1p(got.total / got.count) if got.count > 0 else 0.0


@kernel()
def write_features(graph: Any, payer: int, payee: int, out: Any) -> None:
    """Write `TOLD` as it is before the payment."""
    at = 0
    for one in (payer, payee):
        for side in range(2):
            for d in range(DEPTH):
                known = graph.around[one, side, d]
                for k in range(len(DESCRIBED)):
                    out[at + k] = known[k]
                at += len(DESCRIBED)


@kernel()
def note(graph: Any, payer: int, payee: int, time: int, work: Any) -> None:
    """Let the payment carry descriptions both ways. `work` is [2, DEPTH, len(DESCRIBED)], room to work in."""
    for side, other in ((OUT, payee), (IN, payer)):
        describe(graph, other, time, work[side, 0])
        for k in range(len(DESCRIBED)):
            work[side, 1, k] = graph.around[other, side, 0, k]
    for side, one in ((OUT, payer), (IN, payee)):
        weight = 1.0 if graph.ways[one, side].count == 0 else MIX
        for d in range(DEPTH):
            for k in range(len(DESCRIBED)):
                kept = graph.around[one, side, d, k]
                graph.around[one, side, d, k] = kept + weight * (work[side, d, k] - kept)
