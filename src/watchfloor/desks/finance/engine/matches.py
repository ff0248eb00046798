"""Amounts that are like earlier ones: money that is passed on, split in equal parts, or comes back.

Of either side the last few payments out and in are remembered. For a new payment the one whose amount is
nearest to it is sought in each list: how near, and how long ago. A mule passes on what came in less a share,
a scheme splits a sum in like parts; wages and rent come at the same amount too, but after a month.
"""

from typing import Any, Final

import numpy as np

from watchfloor.desks.finance.engine.graph import IN, OUT
from watchfloor.desks.finance.engine.kernel import kernel

KEPT: Final = 8
"""Payments of an account that are remembered, out and in each."""

RECENT: Final = np.dtype([("amount", "f8"), ("time", "i8")])
"""A payment remembered; an amount of 0 is none."""

TOLD: Final = tuple(
    f"match_{side}_{way}_{what}"
    for side in ("payer", "payee")
    for way in ("out", "in")
    for what in ("ratio", "age", "count")
)
"""Columns: of either side, out and in, this amount over the nearest one remembered (-1: none), how long ago
that was (s), and how many of those remembered lie within a tenth of it."""


@kernel()
def tell(recent: Any, payer: int, payee: int, time: int, amount: float, out: Any) -> None:
    """Write `TOLD` as it is before the payment. `recent` is [account, out or in, KEPT] of `RECENT`."""
    at = 0
    for one in (payer, payee):
        for way in (OUT, IN):
            best, age, near = -1.0, -1.0, 0
            for k in range(KEPT):
                kept = recent[one, way, k]
                if kept.amount > 0:
                    ratio = amount / kept.amount
                    near += 0.9 <= ratio <= 1.1
                    if best < 0 or abs(np.log(ratio)) < abs(np.log(best)):
                        best, age = ratio, (time - kept.time) * 1e-6
            out[at], out[at + 1], out[at + 2] = min(best, 100.0), age, near
            at += 3


@kernel()
def note(recent: Any, ways: Any, payer: int, payee: int, time: int, amount: float) -> None:
    """Remember the payment in place of the oldest; `ways` counts those before it."""
    for one, way in ((payer, OUT), (payee, IN)):
        kept = recent[one, way, ways[one, way].count % KEPT]
        kept.amount, kept.time = amount, time
