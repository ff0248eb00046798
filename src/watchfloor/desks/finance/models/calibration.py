"""Calibration of scores: chances that rise with them, as often right as they say on payments held back."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Calibration(msgspec.Struct, frozen=True):
    """Knots of a rising line: at raw chance `raw` the chance is `true`; between them straight."""

    raw: tuple[float, ...]
    true: tuple[float, ...]

    def chance(self, raw: Floats) -> Floats:
        """Calibrated chances. What lies apart stays apart: steps have a slope of a thousandth of their
        own."""
        return np.asarray(0.999 * np.interp(raw, self.raw, self.true) + 0.001 * raw)


def calibrated(raw: Floats, labels: npt.NDArray[Any]) -> Calibration:
    """Isotonic regression (R. Barlow and H. Brunk, JASA 67, 1972) of labels on raw chances.

    Each step becomes a knot at its middle, so that the line has slopes and not only steps.
    """
    from scipy.optimize import isotonic_regression

    order = np.argsort(raw, kind="stable")
    fitted = isotonic_regression(labels[order].astype(np.float64)).x
    sorted_raw = raw[order]
    starts = np.flatnonzero(np.r_[True, np.diff(fitted) > 0])
    ends = np.r_[starts[1:], len(fitted)]
    middles = [float(sorted_raw[a:b].mean()) for a, b in zip(starts, ends, strict=True)]
    return Calibration((0.0, *middles, 1.0), (0.0, *map(float, fitted[starts]), float(fitted[-1])))


def mean_of(several: Sequence[Calibration]) -> Calibration:
    """The line between several."""
    if len(several) == 1:
        return several[0]
    knots = np.unique(np.concatenate([one.raw for one in several]))
    lines = [np.interp(knots, one.raw, one.true) for one in several]
    return Calibration(tuple(map(float, knots)), tuple(map(float, np.mean(lines, axis=0))))
