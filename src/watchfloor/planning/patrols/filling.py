"""Water-filling: the one price at which demands that fall linearly with it use up a total."""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STEPS: Final = 200
"""Newton steps, each of which drops at least one demand; random data needs about ten."""


def price(tops: Floats, slopes: Floats, total: float, least: float = -np.inf) -> float:
    """Return the lowest price p, not below `least`, at which sum(max(0, (tops - p) / slopes)) <= total.

    Newton's method from the left: the sum is convex and piecewise linear in p, so each step stops short of
    the answer or on it, drops the demands that fell to zero, and the last step solves the last linear piece.
    There is no tolerance, and no sorting.

    Args:
        tops: price at which each demand falls to zero [n].
        slopes: fall of the price for each unit of demand, above zero [n].
        total: not negative.
        least: price below which nothing is looked for.
    """
    if not tops.size:
        return least
    top = float(tops.max())
    if total <= 0 or top <= least:
        return max(top, least)
    rates = 1 / slopes
    # Centred on the top, so that payoffs far from zero lose no digits in the sums. No `@`: BLAS would start
    # threads for it, which on a busy machine wait for each other a hundred times as long as the sum takes.
    depths = top - tops
    depth = (total + float(np.sum(depths * rates))) / float(rates.sum())
    for _ in range(STEPS):
        active = depths < depth
        if not active.any():
            break
        depths, rates = depths[active], rates[active]
        step = (total + float(np.sum(depths * rates))) / float(rates.sum())
        if not step < depth:  # rounding: the last piece is found
            break
        depth = step
    return max(top - depth, least)
