"""What the accounts around an account are like: descriptions that travel along the payments.

A mule is known by its company. When one account pays another, a short description of each is mixed into what the
other remembers of those who pay it, or whom it pays; and with it what was remembered there, so that two steps away
is seen too. Newer company counts more (exponential smoothing). This is what a message-passing network computes,
with weights that are written down (E. Rossi et al., "Temporal Graph Networks", 2020).
"""

from typing import Any, Final

import numpy as np
from numba import njit

from watchfloor.desks.finance.engine.graph import IN, OUT

DESCRIBED: Final = ("fan_out", "fan_in", "payments_out", "payments_in", "passed", "dwelt", "age", "mean_in")
MIX: Final = 0.2
"""Weight of the newest payment's company."""

DEPTH: Final = 2

TOLD: Final = tuple(
    f"{side}_{way}_{step}_{name}"
    for side in ("payer", "payee")
    for way in ("paid", "paid_by")
    for step in ("near", "far")
    for name in DESCRIBED
)
"""Columns: of either side, those it paid and those it was paid by, one step away (near) and two (far)."""


@njit(cache=True, nogil=True, error_model="numpy")
def describe(graph: Any, one: int, time: int, out: Any) -> None:
    """Write `DESCRIBED` of an account, by the graph's widest window and all that went through it."""
    passing = graph.passing[one]
    last = len(graph.windows) - 1
    for side in range(2):
        out[side] = np.log1p(graph.fans[one, last, side])
        out[2 + side] = np.log1p(passing.count[side])
    out[4] = passing.passed / passing.total[OUT] if passing.total[OUT] > 0 else 0.0
    out[5] = np.log1p(max(passing.dwelt, 0.0) * 1e-6)
    out[6] = np.log1p((time - passing.first) * 1e-6) if passing.count[OUT] + passing.count[IN] > 0 else 0.0
    out[7] = np.log1p(passing.total[IN] / passing.count[IN]) if passing.count[IN] > 0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def tell(graph: Any, payer: int, payee: int, out: Any) -> None:
    """Write `TOLD` as it is before the payment."""
    size = DEPTH * len(DESCRIBED)
    at = 0
    for one in (payer, payee):
        for side in range(2):
            out[at : at + size] = graph.around[one, side].reshape(size)
            at += size


@njit(cache=True, nogil=True, error_model="numpy")
def note(graph: Any, payer: int, payee: int, time: int, work: Any) -> None:
    """Let the payment carry descriptions both ways. `work` is [2, DEPTH, len(DESCRIBED)], room to work in."""
    for side, other in ((OUT, payee), (IN, payer)):
        describe(graph, other, time, work[side, 0])
        work[side, 1] = graph.around[other, side, 0]
    for side, one in ((OUT, payer), (IN, payee)):
        first = graph.passing[one].count[side] == 0
        weight = 1.0 if first else MIX
        kept = graph.around[one, side]
        for d in range(DEPTH):
            for k in range(len(DESCRIBED)):
                kept[d, k] += weight * (work[side, d, k] - kept[d, k])
