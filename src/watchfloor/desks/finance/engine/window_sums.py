"""Sums of amounts and of their powers in a sliding window, exact enough that what leaves takes nothing along.

A window adds what comes and takes off what goes. In plain doubles a payment of a million leaves its rounding
behind when it goes, and the kurtosis of the five dollars that stay is noise. Each sum is a pair of doubles
whose unevaluated total has 106 bits (T. J. Dekker, Numerische Mathematik 18, 1971), and is of differences
from one of the amounts: what lies close together far from zero keeps its spread. Where the window has moved
away from that amount, or cents are left of millions (`stale`), the sums are made anew, see `statistics`.
"""

from typing import Any, Final

import numpy as np

from watchfloor.desks.finance.engine.kernel import kernel

POWERS: Final = 4
LARGEST: Final = 1 + 2 * POWERS
SUMS: Final = LARGEST + 2
"""Numbers kept: how many payments, each sum of powers as its two parts, the largest fourth power that was
added (`LARGEST`), and the amount that is taken off first."""
MOMENTS: Final = 8
"""Numbers told of an account, one direction and one window: see `tell`."""


@kernel(inline="always")
def put(sums: Any, one: int, w: int, side: int, amount: float, sign: int) -> None:
    """Add an amount to the sums of an account (`sign` 1), or take it off (-1)."""
    if sums[one, w, side, 0] == 0.0:
        sums[one, w, side, SUMS - 1] = amount
    sums[one, w, side, 0] += sign
    if sums[one, w, side, 0] == 0.0:
        for k in range(SUMS):
            sums[one, w, side, k] = 0.0
        return
    power = 1.0 * sign
    distance = amount - sums[one, w, side, SUMS - 1]
    for k in range(1, 2 * POWERS, 2):
        power *= distance
        high = sums[one, w, side, k]
        total = high + power
        part = total - high
        low = sums[one, w, side, k + 1] + ((high - (total - part)) + (power - part))
        rounded = total + low
        sums[one, w, side, k] = rounded
        sums[one, w, side, k + 1] = low - (rounded - total)
    sums[one, w, side, LARGEST] = max(sums[one, w, side, LARGEST], power)


@kernel(inline="always")
def stale(sums: Any) -> Any:
    """Whether digits are lost.

    The amounts lie far from the one that is taken off, for their spread; or one that left was so large that
    of its fourth power, which has 32 digits, the last ones are seen in the fourth powers of those that stay.
    """
    share = 1.0 / sums[0]
    first, second = (sums[1] + sums[2]) * share, (sums[3] + sums[4]) * share
    far = second - first * first < 1e-2 * first * first
    return far or sums[LARGEST] * 1e-20 > sums[2 * POWERS - 1]


@kernel(inline="always")
def write_moments(sums: Any, fan: int, out: Any) -> None:
    """Write what the sums say to `out` [MOMENTS].

    They are: counterparties, payments, payments for each counterparty, then of the amounts mean, sum,
    variance, skewness and excess kurtosis (of the population). All are 0 where there is no payment, and the
    last three where all amounts are equal to six digits.
    """
    count = sums[0]
    if count == 0:
        out[:] = 0.0
        return
    share = 1.0 / count
    first, second = (sums[1] + sums[2]) * share, (sums[3] + sums[4]) * share
    mean = sums[-1] + first
    out[0], out[1], out[2] = fan, count, count / fan
    out[3], out[4] = mean, mean * count
    square = first * first
    m2 = second - square
    third, fourth = (sums[5] + sums[6]) * share, (sums[7] + sums[8]) * share
    m3 = third - first * (3.0 * second - 2.0 * square)
    m4 = fourth - first * (4.0 * third - first * (6.0 * second - 3.0 * square))
    if count < 2 or m2 <= 1e-12 * mean * mean:
        out[5], out[6], out[7] = 0.0, 0.0, 0.0
        return
    out[5] = m2
    out[6] = m3 / (m2 * np.sqrt(m2))
    out[7] = m4 / (m2 * m2) - 3.0
