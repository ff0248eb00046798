"""Intervals: how far a share or a mean of an exercise may be off, at nineteen times in twenty."""

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Z: Final = 1.959964
"""Standard deviations either side that hold 95 % of a normal distribution."""

DRAWS: Final = 1000
"""Resamples of a bootstrap."""

Numbers = NDArray[np.float64]


class Estimate(NamedTuple):
    """A measure with the ends of its 95 % interval, from so many cases; None where there is no case."""

    value: float | None
    low: float | None
    high: float | None
    cases: int


def wilson(hits: int, count: int) -> Estimate:
    """A share with Wilson's score interval (Journal of the American Statistical Association 22, 1927)."""
    if not count:
        return Estimate(None, None, None, 0)
    share, spread = hits / count, Z**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = Z * sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half), count)


def bootstrap(measure: Callable[[Numbers], float], cases: Sequence[Sequence[float]]) -> Estimate:
    """A measure of cases with its percentile interval (Efron 1979); the same cases give the same interval.

    Args:
        measure: of an array with one row a case.
        cases: one row of numbers each.
    """
    if not len(cases):
        return Estimate(None, None, None, 0)
    rows = np.asarray(cases, np.float64)
    draw = np.random.default_rng(0)
    found = [measure(rows[draw.integers(len(rows), size=len(rows))]) for _ in range(DRAWS)]
    low, high = np.quantile(found, (0.025, 0.975))
    return Estimate(measure(rows), float(low), float(high), len(rows))
