"""How far a measure of an exercise may be off, where no formula tells: by drawing its cases again."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from watchfloor.cell.learning.calibration import Share
from watchfloor.cell.learning.ratios import Floats

DRAWS: Final = 1000
"""Resamples of a bootstrap."""


def bootstrap(measure: Callable[[Floats], float], cases: Sequence[Sequence[float]]) -> Share:
    """A measure with its 95 % percentile interval (Efron 1979); the same cases give the same interval.

    Args:
        measure: of an array with one row a case.
        cases: one row of numbers each.
    """
    if not len(cases):
        return Share(None, None, None, 0)
    rows = np.asarray(cases, np.float64)
    draw = np.random.default_rng(0)
    found = [measure(rows[draw.integers(len(rows), size=len(rows))]) for _ in range(DRAWS)]
    low, high = np.quantile(found, (0.025, 0.975))
    return Share(measure(rows), float(low), float(high), len(rows))
