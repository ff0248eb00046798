"""Counts by size: how many patterns fall into each class of sizes."""

from typing import Any

from watchfloor.desks.finance.engine.kernel import kernel


@kernel()
def count_in(bins: Any, size: int, out: Any) -> None:
    """Count one of a size into its class; `bins` are the least sizes, rising; what is below them is none."""
    if size >= bins[0]:
        b = 0
        while b + 1 < len(bins) and bins[b + 1] <= size:
            b += 1
        out[b] += 1.0
