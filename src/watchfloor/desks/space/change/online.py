"""The monitor of many pixels, one new date at a time: nine bytes a pixel, no history kept.

A history is fitted once: intercept, trend and two harmonics of one band or index, by iteratively reweighted
least squares with Tukey's bisquare. What is kept are the coefficients as 16 and 8 bits, the precision as 8
bits and one statistic of 8 bits: a two-sided cumulative sum (Page 1954, Biometrika 41) of standardised
residuals, each cut at `CLIP`. The cut makes it robust: one cloud, shadow or spike, however far off, cannot
reach `LIMIT` alone, nor can two. `run_lengths` gives its false alarms and delays exactly, by the chain of its
8-bit states.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from watchfloor.core.kernels import kernel
from watchfloor.desks.space.change.harmonic import TUKEY, Days, Floats, median
from watchfloor.desks.space.change.segments import YEAR

COLUMNS: Final = 6
LEAST: Final = 18
"""Observations that a history needs: three for each coefficient."""
ROUNDS: Final = 8
HELD: Final = 1e15
"""On the diagonal of the normal equations, which holds a coefficient at 0."""
INLIERS: Final = 3.0
TAIL, NORMAL_TAIL = 0.95, 1.95996
"""A share of absolute residuals, and the quantile of |z| of a standard normal z that has it."""
WITHIN: Final = 0.98658
"""Standard deviation of a standard normal variable that is within three of its own."""

CLIP, REFERENCE, LIMIT = 4.0, 2.0, 5.5
"""Standard deviations: the largest residual that counts, what is taken off each, and the sum that alarms.

A jump of four or more alarms at its third observation, and no two observations ever do. Chosen on seeds 1 to
6 of nrt's simulator, see `benchmarks/change/monitor.py`.
"""
STEPS: Final = 16
"""Of a statistic a standard deviation, so that 8 bits hold it."""
RAISED, UNMONITORED = 127, -128
"""Statistics of a pixel that alarmed, with the sign of its change, and of one without a history."""
VOID: Final = -32_768
"""Value of an observation that is cloud, shadow, snow or missing."""

Image = npt.NDArray[np.int16] | npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PixelModels:
    """Models of a block of pixels, plane by plane.

    Attributes:
        intercept: 16 bits, n; slopes: 8 bits, 5 × n; precision: 8 bits, n.
        units: what a step of the intercept, of each slope and of the precision is worth; 7.
        middle: ordinal day from which the trend counts.
    """

    intercept: npt.NDArray[np.int16]
    slopes: npt.NDArray[np.int8]
    precision: npt.NDArray[np.uint8]
    units: npt.NDArray[np.float32]
    middle: float

    def expected(self, day: int) -> npt.NDArray[np.float32]:
        """Return what the models say of a day."""
        weights = columns_of(np.array([day]), self.middle)[1:, 0].astype(np.float32) * self.units[1:6]
        value = self.intercept * self.units[0]
        return np.asarray(value + weights @ self.slopes.astype(np.float32), np.float32)


def columns_of(days: npt.ArrayLike, middle: float) -> Floats:
    """Return constant, trend in years and two harmonics, 6 × n."""
    t = np.asarray(days, float)
    turn = 2 * np.pi / YEAR * t
    rows = (
        np.ones_like(t),
        (t - middle) / YEAR,
        np.cos(turn),
        np.sin(turn),
        np.cos(2 * turn),
        np.sin(2 * turn),
    )
    return np.array(rows)


@kernel
def fit_pixels(x: Floats, values: Floats, level: bool, coefficients: Floats, deviations: Floats) -> None:
    """Fit each pixel's history robustly.

    Args:
        x: columns of the days, 6 × n.
        level: whether the trend is held at 0.
        values: n × pixels; NaN where nothing was seen.
        coefficients, deviations: filled; 6 × pixels, and pixels: the standard deviation, 0 without a fit.
    """
    n, pixels = values.shape
    at, y, weight = np.empty(n, np.int64), np.empty(n), np.empty(n)
    residual, sorted_ = np.empty(n), np.empty(n)
    gram, right = np.empty((COLUMNS, COLUMNS)), np.empty(COLUMNS)
    for pixel in range(pixels):
        deviations[pixel] = 0.0
        count = 0
        for i in range(n):
            if values[i, pixel] == values[i, pixel]:
                at[count], y[count], weight[count] = i, values[i, pixel], 1.0
                count += 1
        if count < LEAST:
            continue
        scale, whole = 0.0, True
        for _ in range(ROUNDS):
            for j in range(COLUMNS):
                right[j] = 0.0
                for k in range(j + 1):
                    gram[j, k] = 0.0
            for i in range(count):
                if weight[i] > 0.0:
                    for j in range(COLUMNS):
                        pull = weight[i] * x[j, at[i]]
                        right[j] += pull * y[i]
                        for k in range(j + 1):
                            gram[j, k] += pull * x[k, at[i]]
            if level:
                gram[1, 1] = HELD
            whole = _cholesky(gram, right)
            if not whole:
                break
            for i in range(count):
                residual[i] = y[i]
                for j in range(COLUMNS):
                    residual[i] -= right[j] * x[j, at[i]]
                sorted_[i] = abs(residual[i])
            scale = median(sorted_, count) / 0.6745 * np.sqrt(count / (count - COLUMNS))
            for i in range(count):
                u = residual[i] / max(TUKEY * scale, 1e-9)
                weight[i] = (1.0 - u * u) ** 2 if abs(u) < 1.0 else 0.0
        if not whole:
            continue
        total, inside = 0.0, 0
        for i in range(count):
            if abs(residual[i]) <= INLIERS * scale:
                total += residual[i] * residual[i]
                inside += 1
        if inside <= COLUMNS:
            continue
        # Errors on the ground have heavier tails than normal ones: snow, haze, a late spring. Where more than
        # a twentieth is beyond 1.96 standard deviations, the tail decides.
        tail = sorted_[int(TAIL * (count - 1))] / NORMAL_TAIL * np.sqrt(count / (count - COLUMNS))
        deviations[pixel] = max(np.sqrt(total / (inside - COLUMNS)) / WITHIN, tail, 1e-9)
        for j in range(COLUMNS):
            coefficients[j, pixel] = right[j]


@kernel
def _cholesky(gram: Floats, right: Floats) -> bool:
    """Solve in place; return whether the columns are independent."""
    m = right.shape[0]
    for j in range(m):
        pivot = gram[j, j]
        for k in range(j):
            pivot -= gram[j, k] * gram[j, k]
        if pivot <= 1e-9 * gram[j, j] or pivot <= 0.0:
            return False
        gram[j, j] = np.sqrt(pivot)
        for i in range(j + 1, m):
            for k in range(j):
                gram[i, j] -= gram[i, k] * gram[j, k]
            gram[i, j] /= gram[j, j]
    for j in range(m):
        for k in range(j):
            right[j] -= gram[j, k] * right[k]
        right[j] /= gram[j, j]
    for j in range(m - 1, -1, -1):
        for k in range(j + 1, m):
            right[j] -= gram[k, j] * right[k]
        right[j] /= gram[j, j]
    return True


def fit(days: Days, values: npt.ArrayLike) -> tuple[PixelModels, npt.NDArray[np.int8]]:
    """Fit histories of a block; return models of 8 bytes a pixel, and the statistic that they begin with.

    Args:
        days: ordinal days, n.
        values: n × pixels, of int16 with `VOID`, or floats with NaN.
    """
    seen = np.asarray(values)
    known = seen.astype(float)
    if seen.dtype == np.int16:
        known[seen == VOID] = np.nan
    known[~np.isfinite(known)] = np.nan
    middle = float(np.mean(days))
    coefficients, deviations = np.zeros((COLUMNS, known.shape[1])), np.zeros(known.shape[1])
    # A trend of less than two years is mostly season and noise, and is wrong wherever it is extended.
    level = bool(np.ptp(days) < 2 * YEAR)
    fit_pixels(columns_of(days, middle), np.ascontiguousarray(known), level, coefficients, deviations)
    coefficients[1, :] *= not level
    return quantised(coefficients, deviations, middle)


def quantised(
    coefficients: Floats, deviations: Floats, middle: float
) -> tuple[PixelModels, npt.NDArray[np.int8]]:
    """Return models as 8 and 16 bits.

    A deviation below the block's first percentile is raised to it, so that one pixel without noise does not
    take the steps from the others: fewer alarms, never more.
    """
    fitted = deviations > 0
    units = np.ones(COLUMNS + 1)
    units[0] = max(np.abs(coefficients[0]).max(initial=0.0) / 32_767, 1e-30)
    units[1:COLUMNS] = np.maximum(np.abs(coefficients[1:]).max(1, initial=0.0) / 127, 1e-30)
    least = np.percentile(deviations[fitted], 1) if fitted.any() else 1.0
    units[COLUMNS] = 1.0 / (least * 255)
    precision = np.zeros(len(deviations))
    precision[fitted] = np.minimum(1.0 / (deviations[fitted] * units[COLUMNS]), 255)
    models = PixelModels(
        np.round(coefficients[0] / units[0]).astype(np.int16),
        np.round(coefficients[1:] / units[1:COLUMNS, None]).astype(np.int8),
        np.round(precision).astype(np.uint8),
        units.astype(np.float32),
        middle,
    )
    return models, np.where(fitted, 0, UNMONITORED).astype(np.int8)


@kernel(error_model="numpy")
def _advance(
    values: Any,
    void: Any,
    intercept: Any,
    slopes: Any,
    precision: Any,
    statistic: Any,
    weights: Any,
    terms: Any,
) -> int:
    """Take one date in, with nothing but additions, products and choices, so that it runs on whole vectors.

    `weights` and `terms` are of 32 bits: a number of 64 among them would halve the vectors.
    """
    unit, sharp, clip, reference, limit, steps, zero, half, most = terms
    w0, w1, w2, w3, w4 = weights
    raised, unmonitored, fallen = np.int8(127), np.int8(-128), np.int8(-127)
    alarms = 0
    for i in range(values.shape[0]):
        expected = np.float32(intercept[i]) * unit
        expected += np.float32(slopes[0, i]) * w0
        expected += np.float32(slopes[1, i]) * w1
        expected += np.float32(slopes[2, i]) * w2
        expected += np.float32(slopes[3, i]) * w3
        expected += np.float32(slopes[4, i]) * w4
        z = (np.float32(values[i]) - expected) * (np.float32(precision[i]) * sharp)
        z = min(z, clip)
        z = max(z, -clip)
        before = statistic[i]
        s = np.float32(before) / steps
        up = (max(zero, s)) + z - reference
        down = (-s if s < zero else zero) - z - reference
        up = max(zero, up)
        down = max(zero, down)
        new = up if up >= down else -down
        scaled = new * steps + (half if new >= zero else -half)
        scaled = min(scaled, most)
        scaled = max(scaled, -most)
        out = np.int8(np.int32(scaled))
        out = raised if new >= limit else out
        out = fallen if new <= -limit else out
        settled = (before == raised) | (before == fallen) | (before == unmonitored)
        unseen = (values[i] == void) | (values[i] != values[i])
        out = before if settled | unseen else out
        alarms += (out != before) & ((out == raised) | (out == fallen))
        statistic[i] = out
    return alarms


def advance(
    models: PixelModels, statistic: npt.NDArray[np.int8], day: int, values: Image
) -> npt.NDArray[np.int64]:
    """Take a new date into the statistic; return the pixels that alarm at it.

    Args:
        statistic: changed in place; `RAISED` and its negative where a pixel has alarmed, now or before.
        values: int16 with `VOID`, or float32 with NaN or `VOID`; n.
    """
    small = np.float32
    weights = columns_of(np.array([day]), models.middle)[1:, 0].astype(small) * models.units[1:COLUMNS]
    numbers = (models.units[0], models.units[COLUMNS], CLIP, REFERENCE, LIMIT, STEPS, 0.0, 0.5, 126.0)
    terms, void = tuple(small(one) for one in numbers), values.dtype.type(VOID)
    planes = (models.intercept, models.slopes, models.precision)
    was = statistic.copy()
    if not _advance(values, void, *planes, statistic, tuple(weights), terms):
        return np.zeros(0, np.int64)
    new = (statistic != was) & ((statistic == RAISED) | (statistic == -RAISED))
    return np.flatnonzero(new)


def _shares(shift: float, spread: float, outliers: float) -> Floats:
    """Return the chance of each step of the cut residual, in sixteenths, for normal errors and outliers.

    An outlier is so far off that it is cut, downwards or upwards alike.
    """
    width = int(CLIP * STEPS)
    edges = (np.arange(-width, width + 2) - 0.5) / STEPS
    below = ndtr((edges - shift) / spread)
    below[0], below[-1] = 0.0, 1.0
    shares = (1 - outliers) * np.diff(below)
    shares[[0, -1]] += outliers / 2
    return np.asarray(shares)


def run_lengths(shifts: Sequence[float], outliers: float = 0.0) -> tuple[float, list[float]]:
    """Return the false alarms a date of an unchanged pixel, and the mean delays, in observations, of shifts.

    The statistic is a Markov chain whose states are its 8-bit values; the mean number of observations until
    it alarms solves (I - P) m = 1 (Brook and Evans 1972, Biometrika 59). Rounding of residuals to sixteenths
    stands in for the rounding of the sum.

    Args:
        shifts: jumps in standard deviations; a delay of 1 is an alarm at the first observation after it.
        outliers: share of observations that are far off for other reasons, such as clouds that no mask found.
    """
    top, width, off = int(LIMIT * STEPS), int(CLIP * STEPS), int(REFERENCE * STEPS)
    states = range(-top + 1, top)
    lengths = []
    for shift in (0.0, *shifts):
        shares, moves = _shares(shift, 1.0, outliers), np.zeros((len(states), len(states)))
        for row, state in enumerate(states):
            for at, share in zip(range(-width, width + 1), shares, strict=True):
                up = max(max(state, 0) + at - off, 0)
                down = max(max(-state, 0) - at - off, 0)
                new = up if up >= down else -down
                if abs(new) < top:
                    moves[row, new + top - 1] += share
        mean = np.linalg.solve(np.eye(len(states)) - moves, np.ones(len(states)))
        lengths.append(float(mean[top - 1]))
    return 1.0 / lengths[0], lengths[1:]
