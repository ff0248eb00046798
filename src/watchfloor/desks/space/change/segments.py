"""Segments of a pixel's history between breaks: the sequential test of CCDC and COLD, a date at a time.

A harmonic model is begun where a year of clear observations is stable, is extended one observation after
another, and ends where `consecutive` observations in a row lie off it: the sum over bands of squared
residuals, each divided by the band's error, is beyond a quantile of chi-square. Rules: Zhu and Woodcock
2014, RSE 144 (CCDC), and Zhu et al. 2020, RSE 238 (COLD), which also asks that the residuals of those
observations point in one direction. A single observation far off is left out as cloud or shadow.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.space.change.harmonic import (
    COEFFICIENTS,
    Days,
    Floats,
    design,
    fit,
    median,
    predict,
    screen,
)

BEGIN, END = 12, 6
"""Observations that a model begins with, and that are modelled at all at the end of a series."""
PLENTY: Final = 24
"""Observations up to which a model is fitted anew with each, and whose errors nearest in the year count."""
YEAR: Final = 365.25
LEAST_ERROR: Final = 1e-6
"""Of a band that never changes."""

MODEL, FIRST, LAST, SPARSE, SNOW = 0, 1, 2, 4, 5
"""How a segment came about: the tens of its `category`, whose ones are coefficients (Zhu 2014, table 4)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings of a sequential test.

    Attributes:
        alarm: probability that one observation of a stable pixel is beyond the threshold, a quantile of
            chi-square with one degree of freedom a band.
        consecutive: observations in a row beyond it that make a break.
        outlier: probability of chi-square beyond which one observation alone is left out.
        angle: mean degrees between successive residual vectors, below which they point in one direction.
        screen: multiples of a band's variation that Tmask screens out.
        growth: a model of more than 24 observations is fitted anew when it has grown by this share, of
            observations (COLD) or of time (CCDC).
        by_time: whether growth is of time.
        both_ends: whether residuals at both ends count in the test of a stable beginning, else the larger.
        gap: days without an observation over which no model begins.
        clear_share: of what is no fill, below which a series has too few clear observations.
        penalty: of the lasso.
    """

    name: str
    alarm: float
    consecutive: int
    outlier: float
    angle: float
    screen: float
    growth: float
    by_time: bool
    both_ends: bool
    gap: float
    clear_share: float
    penalty: float = 20.0


COLD: Final = Rules("cold", 0.01, 6, 1e-5, 45.0, 4.42, 0.03, False, False, 365.25, 0.0)
CCDC: Final = Rules("ccdc", 0.01, 6, 1e-6, 181.0, 4.89, 1.33, True, True, np.inf, 0.25)
RULES: Final = {one.name: one for one in (COLD, CCDC)}


@kernel
def variation(y: Floats) -> Floats:
    """Return each band's median absolute difference between successive observations: its usual error."""
    bands, n = y.shape
    out, steps = np.empty(bands), np.empty(n)
    for b in range(bands):
        for i in range(n - 1):
            steps[i] = abs(y[b, i + 1] - y[b, i])
        out[b] = max(median(steps, n - 1) if n > 1 else 0.0, LEAST_ERROR)
    return out


@kernel
def mean_angle(off: Floats, first: int, last: int) -> float:
    """Return the mean angle, degrees, between successive residual vectors (bands × observations)."""
    total = 0.0
    for i in range(first, last - 1):
        dot, one, two = 0.0, 0.0, 0.0
        for b in range(off.shape[0]):
            dot += off[b, i] * off[b, i + 1]
            one += off[b, i] * off[b, i]
            two += off[b, i + 1] * off[b, i + 1]
        if one > 0.0 and two > 0.0:
            total += np.arccos(min(1.0, max(-1.0, dot / np.sqrt(one * two)))) * 180.0 / np.pi
        else:
            total += 90.0
    return total / (last - first - 1) if last - first > 1 else 0.0


@kernel
def _deviations(
    x: Floats,
    y: Floats,
    coefficients: Floats,
    error: Floats,
    detection: Days,
    i: int,
    at: int,
    size: Floats,
    off: Floats,
) -> float:
    """Fill column `at` with observation `i` less its model, of all bands and in errors; return chi-square."""
    for b in range(y.shape[0]):
        size[b, at] = y[b, i] - predict(coefficients, x, b, i)
    total = 0.0
    for k in range(detection.shape[0]):
        off[k, at] = size[detection[k], at] / error[detection[k]]
        total += off[k, at] * off[k, at]
    return total


@kernel
def _move(days: Days, x: Floats, y: Floats, i: int, to: int) -> None:
    days[to] = days[i]
    for j in range(x.shape[0]):
        x[j, to] = x[j, i]
    for b in range(y.shape[0]):
        y[b, to] = y[b, i]


@kernel
def _drop(days: Days, x: Floats, y: Floats, at: int, end: int) -> None:
    """Close the gap that leaving out observation `at` makes."""
    for i in range(at, end - 1):
        _move(days, x, y, i + 1, i)


@kernel
def _keep(
    days: Days, x: Floats, y: Floats, first: int, out: npt.NDArray[np.bool_], screened: int, end: int
) -> int:
    """Leave out what was screened of so many from observation `first`; return where the series now ends."""
    to = first
    for i in range(first, end):
        if i - first < screened and out[i - first]:
            continue
        _move(days, x, y, i, to)
        to += 1
    return to


@kernel
def _write(
    numbers: Days,
    models: Floats,
    errors: Floats,
    sizes: Floats,
    at: int,
    row: tuple[int, int, int, int, int, int],
    coefficients: Floats,
    rmse: Floats,
) -> None:
    """Write segment `at`: start, end, break (0: none), observations, category, probability; its model."""
    for k in range(6):
        numbers[at, k] = row[k]
    for b in range(rmse.shape[0]):
        for j in range(coefficients.shape[1]):
            models[at, b, j] = coefficients[b, j]
        errors[at, b] = rmse[b]
        sizes[at, b] = 0.0


@kernel
def _medians(size: Floats, first: int, last: int, sign: float, sizes: Floats, at: int) -> None:
    """Write each band's median residual as the size of a break; before a beginning its sign is turned."""
    values = np.empty(last - first)
    for b in range(size.shape[0]):
        for c in range(first, last):
            values[c - first] = size[b, c]
        sizes[at, b] = sign * median(values, last - first)


@kernel
def _columns(observations: int) -> int:
    """Return how many coefficients so many observations bear: three of them for each."""
    return 4 if observations < 18 else 6 if observations < 24 else 8


@kernel
def segment(
    days_in: Days,
    y_in: Floats,
    detection: Days,
    screened: Days,
    period: float,
    threshold: float,
    consecutive: int,
    outlier: float,
    angle: float,
    screen_by: float,
    growth: float,
    by_time: bool,
    both_ends: bool,
    gap: float,
    penalty: float,
) -> tuple[int, Days, Floats, Floats, Floats, Floats]:
    """Part a clear, sorted series into segments.

    Args:
        days_in: n days, strictly increasing; y_in: bands × n.
        detection, screened: bands of the test, and of Tmask.
        others: see `Rules`.

    Returns:
        how many segments; and of each: numbers (see `_write`), models (bands × 8, trend from the first
        day), errors (RMSE) and sizes of the break (median residual), by band; least chi-square at the break.
    """
    bands, n = y_in.shape
    days, y = days_in.copy(), y_in.copy()
    origin = float(days[0])
    x = design(days, origin, period)
    most = n // END + 2
    numbers = np.zeros((most, 6), np.int64)
    models, errors = np.zeros((most, bands, COEFFICIENTS)), np.zeros((most, bands))
    sizes, strengths = np.zeros((most, bands)), np.zeros(most)
    usual = variation(y)
    limits = np.empty(screened.shape[0])
    for k in range(screened.shape[0]):
        limits[k] = usual[screened[k]] * screen_by
    model, residuals, rmse = np.zeros((bands, COEFFICIENTS)), np.zeros((bands, n)), np.zeros(bands)
    error = np.zeros(bands)
    size, off = np.zeros((bands, consecutive)), np.zeros((detection.shape[0], consecutive))
    chi = np.zeros(consecutive)
    size_before, off_before = np.zeros((bands, consecutive)), np.zeros((detection.shape[0], consecutive))
    found, end, start, dense = 0, n, 0, 0
    trained, fitted = False, False
    grown_from, fitted_to, fitted_start, columns, span = 0, 0, 0, 4, 0.0
    i = BEGIN
    while i <= end - consecutive:
        if i - start < BEGIN or days[i - 1] - days[start] < YEAR * 1.0:
            i += 1
            continue
        if not trained:
            widest = 0
            for k in range(start, i - 1):
                widest = max(widest, days[k + 1] - days[k])
            if widest > gap:
                i += 1
                start += 1
                dense = start
                continue
            out = screen(days, y, start, i + consecutive, screened, limits, period)
            left = 0
            for k in range(i - start):
                left += not out[k]
            if left < BEGIN:
                i += 1
                continue
            last_day, first_day = days[start], days[i - 1]
            for k in range(start, i):
                if not out[k - start]:
                    last_day = max(last_day, days[k])
                    first_day = min(first_day, days[k])
            if last_day - first_day < YEAR:
                i += 1
                continue
            end = _keep(days, x, y, start, out, i - start, end)
            i = start + left
            fit(x, y, start, i, 4, penalty, model, residuals, rmse)
            total = 0.0
            for k in range(detection.shape[0]):
                b = detection[k]
                scale = max(usual[b], rmse[b])
                slope = abs(model[b, 1]) * (days[i - 1] - days[start])
                one, two = abs(residuals[b, 0]), abs(residuals[b, i - start - 1])
                total += ((slope + (one + two if both_ends else max(one, two))) / scale) ** 2
            if total > threshold:
                start += 1
                i += 1
                continue
            trained, fitted = True, False
            since = dense
            if found:
                for k in range(end):
                    if days[k] >= numbers[found - 1, 2]:
                        since = k
                        break
            for b in range(bands):
                error[b] = max(usual[b], rmse[b])
            looked = 0
            for back in range(start - 1, since - 1, -1):
                looked = min(back - since + 1, consecutive)
                least, nearest = np.inf, 0.0
                for c in range(looked):
                    beyond = _deviations(x, y, model, error, detection, back - c, c, size_before, off_before)
                    nearest = beyond if c == 0 else nearest
                    least = min(least, beyond)
                if least > threshold and mean_angle(off_before, 0, looked) < angle:
                    break
                if nearest > outlier:
                    _drop(days, x, y, back, end)
                    i -= 1
                    end -= 1
                start = back
            if not found and start - dense >= END:
                fit(x, y, dense, start, 4, penalty, model, residuals, rmse)
                row = (days[dense], days[start - 1], days[start], start - dense, 10 * FIRST + 4, 100)
                _write(numbers, models, errors, sizes, found, row, model, rmse)
                _medians(size_before, 0, looked, -1.0, sizes, found)
                found += 1
        # The model stands for start to i; the next `consecutive` observations are held against it.
        observations = i - start
        if grown_from == 0:
            grown_from = observations
        time = float(days[i - 1] - days[start])
        if not fitted or observations <= PLENTY:
            columns = _columns(observations)
            fit(x, y, start, i, columns, penalty, model, residuals, rmse)
            span, fitted_to, fitted_start, fitted = time, i, start, True
            for b in range(bands):
                error[b] = max(usual[b], rmse[b])
            for c in range(consecutive):
                chi[c] = _deviations(x, y, model, error, detection, i + c, c, size, off)
        else:
            more = i - fitted_to
            if time >= growth * span if by_time else (more >= 1 and more > int(grown_from * growth)):
                columns = _columns(observations)
                fit(x, y, start, i, columns, penalty, model, residuals, rmse)
                span, fitted_to, fitted_start, grown_from = time, i, start, observations
            # Errors of the season: those of the observations nearest in the year (COLD, section 3.3).
            newest = i + consecutive - 1
            many = fitted_to - fitted_start
            apart = np.empty(many)
            for k in range(many):
                between = float(days[fitted_start + k] - days[newest])
                apart[k] = abs(np.round(between / YEAR) * YEAR - between)
            count = min(3 * columns, many)
            for b in range(bands):
                error[b] = 0.0
            for _ in range(count):
                nearest_at = 0
                for k in range(many):
                    if apart[k] < apart[nearest_at]:
                        nearest_at = k
                apart[nearest_at] = np.inf
                for b in range(bands):
                    error[b] += residuals[b, nearest_at] ** 2
            for b in range(bands):
                error[b] = max(usual[b], np.sqrt(error[b] / max(count - columns, 1)))
            for c in range(consecutive - 1):
                chi[c] = chi[c + 1]
                for b in range(bands):
                    size[b, c] = size[b, c + 1]
                for b in range(detection.shape[0]):
                    off[b, c] = off[b, c + 1]
            chi[consecutive - 1] = _deviations(
                x, y, model, error, detection, newest, consecutive - 1, size, off
            )
        row = (days[start], days[i - 1], 0, observations, 10 * MODEL + columns, 0)
        _write(numbers, models, errors, sizes, found, row, model, rmse)
        least = np.inf
        for c in range(consecutive):
            least = min(least, chi[c])
        if least > threshold and mean_angle(off, 0, consecutive) < angle:
            numbers[found, 2], numbers[found, 5], strengths[found] = days[i], 100, least
            _medians(size, 0, consecutive, 1.0, sizes, found)
            found += 1
            start = i
            trained, grown_from = False, 0
        elif chi[0] > outlier:
            _drop(days, x, y, i, end)
            i -= 1
            end -= 1
        i += 1
    if trained:
        # What the last observations say, fewer than a break needs: a share of it.
        last = consecutive
        for c in range(consecutive - 1, -1, -1):
            if chi[c] <= threshold or mean_angle(off, c, consecutive) >= angle:
                last = c + 1
                break
        numbers[found, 5] = (consecutive - last) * 100 // consecutive
        numbers[found, 1] = days[end - 1 - consecutive + last]
        if last < consecutive:
            numbers[found, 2] = days[end - consecutive + last]
            _medians(size, last, consecutive, 1.0, sizes, found)
        return found + 1, numbers, models, errors, sizes, strengths
    start = 0
    if found:
        for k in range(end):
            if days[k] >= numbers[found - 1, 2]:
                start = k
                break
    if end - start >= END:
        out = screen(days, y, start, end, screened, limits, period)
        end = _keep(days, x, y, start, out, end - start, end)
    if end - start >= END:
        fit(x, y, start, end, 4, penalty, model, residuals, rmse)
        begin = numbers[found - 1, 2] if found else days[start]
        row = (begin, days[end - 1], 0, end - start, 10 * LAST + 4, 0)
        _write(numbers, models, errors, sizes, found, row, model, rmse)
        found += 1
    return found, numbers, models, errors, sizes, strengths
