"""Harmonic models of a pixel's year: design, lasso, and robust regression that finds what is no season.

A band's value on a day is modelled as an intercept, a trend and one to three harmonics of the year (Zhu and
Woodcock 2014, Remote Sensing of Environment 144). The lasso is Tibshirani's on standardised columns, solved
by cyclic coordinate descent (Friedman, Hastie and Tibshirani 2010, Journal of Statistical Software 33):

    1/(2n) |y - a - X b|² + penalty · Σ |b_j| s_j,   s_j the standard deviation of column j

The robust regression is Tmask's (Zhu and Woodcock 2014, RSE 152): iteratively reweighted least squares with
Tukey's bisquare, residuals corrected by their leverage (DuMouchel and O'Brien 1989).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel

COEFFICIENTS: Final = 8
"""Intercept, trend a day, then cosine and sine of one, two and three cycles a year."""

STEPS: Final = 2_000
CONVERGED: Final = 1e-4
"""Steps of the descent at most, and the change, in standard deviations of y, below which it has converged."""

TUKEY: Final = 4.685
"""Bisquare's tuning constant: 95 % efficiency for normal errors."""

NORMAL_MEDIAN: Final = 0.6745
"""Median of |z| of a standard normal z."""

ROUNDS: Final = 5
"""Reweightings; Tmask stops there."""

TINY: Final = 1e-12

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]


@kernel
def median(values: Floats, count: int) -> float:
    """Return the median of the first `count` values, which are sorted in place (Shell sort).

    NumPy's own sort and median take numba seconds to compile.
    """
    gap = count // 2
    while gap:
        for i in range(gap, count):
            value, j = values[i], i
            while j >= gap and values[j - gap] > value:
                values[j] = values[j - gap]
                j -= gap
            values[j] = value
        gap //= 2
    middle: float = 0.5 * (values[(count - 1) // 2] + values[count // 2])
    return middle


@kernel
def design(days: Days, origin: float, period: float) -> Floats:
    """Return trend, cosines and sines (7 × n) of days; the trend counts from `origin`, the phases from 0."""
    n = days.shape[0]
    x = np.empty((COEFFICIENTS - 1, n))
    turn = 2.0 * np.pi / period
    for i in range(n):
        x[0, i] = days[i] - origin
        for h in range(3):
            x[1 + 2 * h, i] = np.cos((h + 1) * turn * days[i])
            x[2 + 2 * h, i] = np.sin((h + 1) * turn * days[i])
    return x


@kernel
def fit(
    x: Floats,
    y: Floats,
    first: int,
    last: int,
    columns: int,
    penalty: float,
    coefficients: Floats,
    residuals: Floats,
    rmse: Floats,
) -> None:
    """Fit the lasso to observations `first` to `last` (excluded) of every band.

    Args:
        x: columns of `design`, 7 × n; y: bands × n.
        columns: coefficients with the intercept: 4, 6 or 8.
        penalty: of the lasso, in units of y.
        coefficients, residuals, rmse: filled; bands × 8, bands × n (from index 0), bands. The RMSE divides
            by the degrees of freedom that are left.
    """
    n, m = last - first, columns - 1
    mean, deviation = np.zeros(m), np.zeros(m)
    gram = np.zeros((m, m))
    for j in range(m):
        for i in range(first, last):
            mean[j] += x[j, i]
        mean[j] /= n
    z = np.empty((m, n))
    for j in range(m):
        total = 0.0
        for i in range(n):
            z[j, i] = x[j, first + i] - mean[j]
            total += z[j, i] * z[j, i]
        deviation[j] = np.sqrt(total / n)
        if deviation[j] > TINY:
            for i in range(n):
                z[j, i] /= deviation[j]
        else:
            for i in range(n):
                z[j, i] = 0.0
    for j in range(m):
        for k in range(j + 1):
            total = 0.0
            for i in range(n):
                total += z[j, i] * z[k, i]
            gram[j, k] = gram[k, j] = total / n
    slopes, gradient = np.empty(m), np.empty(m)
    for b in range(y.shape[0]):
        middle = 0.0
        for i in range(first, last):
            middle += y[b, i]
        middle /= n
        total = 0.0
        for i in range(first, last):
            total += (y[b, i] - middle) ** 2
        scale = np.sqrt(total / n)
        for j in range(COEFFICIENTS):
            coefficients[b, j] = 0.0
        if scale > TINY:
            for j in range(m):
                total = 0.0
                for i in range(n):
                    total += z[j, i] * (y[b, first + i] - middle)
                gradient[j] = total / n / scale
                slopes[j] = 0.0
            _descend(gram, gradient, deviation, penalty / scale, slopes)
            for j in range(m):
                if deviation[j] > TINY:
                    coefficients[b, 1 + j] = slopes[j] * scale / deviation[j]
        coefficients[b, 0] = middle
        for j in range(m):
            coefficients[b, 0] -= coefficients[b, 1 + j] * mean[j]
        total = 0.0
        for i in range(n):
            residuals[b, i] = y[b, first + i] - predict(coefficients, x, b, first + i)
            total += residuals[b, i] ** 2
        rmse[b] = np.sqrt(total / max(n - columns, 1))


@kernel
def _descend(gram: Floats, gradient: Floats, deviation: Floats, penalty: float, slopes: Floats) -> None:
    """Descend along one coordinate after another until no slope changes more than `CONVERGED`.

    Between two passes over all, those that ever moved converge among themselves, as in glmnet: published
    coefficients have its order of steps in their third digit.
    """
    m = gram.shape[0]
    active = np.zeros(m, np.bool_)
    for _ in range(STEPS):
        if _pass(gram, gradient, deviation, penalty, slopes, active, True) < CONVERGED:
            break
        for _ in range(STEPS):
            if _pass(gram, gradient, deviation, penalty, slopes, active, False) < CONVERGED:
                break


@kernel
def _pass(
    gram: Floats,
    gradient: Floats,
    deviation: Floats,
    penalty: float,
    slopes: Floats,
    active: npt.NDArray[np.bool_],
    every: bool,
) -> float:
    """Move each slope, or each that ever moved, to its best; return the largest change."""
    largest = 0.0
    for j in range(gram.shape[0]):
        if deviation[j] <= TINY or not (every or active[j]):
            continue
        pull = gradient[j] + slopes[j]
        new = 0.0
        if pull > penalty:
            new = pull - penalty
        elif pull < -penalty:
            new = pull + penalty
        change = new - slopes[j]
        if change != 0.0:
            slopes[j], active[j] = new, True
            for k in range(gram.shape[0]):
                gradient[k] -= gram[k, j] * change
            largest = max(largest, abs(change))
    return largest


@kernel
def predict(coefficients: Floats, x: Floats, b: int, i: int) -> float:
    """Return what a model says of band `b` at observation `i`."""
    value: float = coefficients[b, 0]
    for j in range(x.shape[0]):
        value += coefficients[b, 1 + j] * x[j, i]
    return value


@kernel
def _orthogonal(columns: Floats, weights: Floats, q: Floats, r: Floats) -> None:
    """Part weighted columns (p × n) into q and r by modified Gram-Schmidt.

    A column that the earlier ones explain is left out: its row of q is 0, and so is its coefficient.
    """
    p, n = columns.shape
    for j in range(p):
        before = 0.0
        for i in range(n):
            q[j, i] = columns[j, i] * np.sqrt(weights[i])
            before += q[j, i] * q[j, i]
        for k in range(j):
            r[k, j] = 0.0
            for i in range(n):
                r[k, j] += q[k, i] * q[j, i]
            for i in range(n):
                q[j, i] -= r[k, j] * q[k, i]
        norm = 0.0
        for i in range(n):
            norm += q[j, i] * q[j, i]
        if norm <= 1e-18 * before or norm == 0.0:
            r[j, j] = 0.0
            for i in range(n):
                q[j, i] = 0.0
            continue
        r[j, j] = np.sqrt(norm)
        for i in range(n):
            q[j, i] /= r[j, j]


@kernel
def _solve(columns: Floats, y: Floats, weights: Floats, q: Floats, r: Floats, coefficients: Floats) -> None:
    """Solve weighted least squares for columns (p × n)."""
    p, n = columns.shape
    _orthogonal(columns, weights, q, r)
    for j in range(p - 1, -1, -1):
        coefficients[j] = 0.0
        if r[j, j] > 0.0:
            total = 0.0
            for i in range(n):
                total += q[j, i] * y[i] * np.sqrt(weights[i])
            for k in range(j + 1, p):
                total -= r[j, k] * coefficients[k]
            coefficients[j] = total / r[j, j]


@kernel
def robust_residuals(columns: Floats, y: Floats) -> Floats:
    """Return y less a robust regression on columns (p × n); the scale is a median of absolute residuals.

    The p - 1 smallest residuals do not count for the scale: that many are 0 by construction (Street,
    Carroll and Ruppert 1988).
    """
    p, n = columns.shape
    q, r = np.empty((p, n)), np.zeros((p, p))
    coefficients, before = np.empty(p), np.empty(p)
    weights = np.empty(n)
    for i in range(n):
        weights[i] = 1.0
    _solve(columns, y, weights, q, r, coefficients)
    inflation = np.empty(n)
    for i in range(n):
        leverage = 0.0
        for j in range(p):
            leverage += q[j, i] * q[j, i]
        inflation[i] = 1.0 / np.sqrt(1.0 - min(leverage, 0.9999))
    residual, adjusted = np.empty(n), np.empty(n)
    middle, total = 0.0, 0.0
    for i in range(n):
        middle += y[i] / n
    for i in range(n):
        total += (y[i] - middle) ** 2
        residual[i] = y[i]
        for j in range(p):
            residual[i] -= columns[j, i] * coefficients[j]
    least = 1e-6 * np.sqrt(total / max(n - 1, 1))
    if least == 0.0:
        least = 1.0
    for _ in range(ROUNDS):
        for i in range(n):
            adjusted[i] = abs(residual[i] * inflation[i])
        median(adjusted, n)  # sorted now
        low, high = (n + p - 2) // 2, (n + p - 1) // 2
        scale = max(0.5 * (adjusted[low] + adjusted[high]) / NORMAL_MEDIAN, least) * TUKEY
        for i in range(n):
            u = residual[i] * inflation[i] / scale
            weights[i] = (1.0 - u * u) ** 2 if abs(u) < 1.0 else 0.0
        for j in range(p):
            before[j] = coefficients[j]
        _solve(columns, y, weights, q, r, coefficients)
        settled = True
        for i in range(n):
            residual[i] = y[i]
            for j in range(p):
                residual[i] -= columns[j, i] * coefficients[j]
        for j in range(p):
            if abs(coefficients[j] - before[j]) > 1.5e-8 * max(abs(coefficients[j]), abs(before[j])):
                settled = False
        if settled:
            break
    return residual


@kernel
def screen(
    days: Days, y: Floats, first: int, last: int, bands: Days, limits: Floats, period: float
) -> npt.NDArray[np.bool_]:
    """Return which observations are cloud, shadow or snow that the mask missed (Tmask).

    One robust regression for each of `bands` on a constant, the year, and a cycle as long as the window;
    what lies further off than the band's limit is screened out.
    """
    n = last - first
    years = np.ceil((days[last - 1] - days[first]) / period)
    turn = 2.0 * np.pi / period
    slow = turn / max(years, 1.0)
    columns = np.empty((5, n))
    for i in range(n):
        day = days[first + i]
        columns[0, i] = 1.0
        columns[1, i] = np.cos(turn * day)
        columns[2, i] = np.sin(turn * day)
        columns[3, i] = np.cos(slow * day)
        columns[4, i] = np.sin(slow * day)
    out, values = np.zeros(n, np.bool_), np.empty(n)
    for k in range(bands.shape[0]):
        for i in range(n):
            values[i] = y[bands[k], first + i]
        residual = robust_residuals(columns, values)
        for i in range(n):
            if abs(residual[i]) > limits[k]:
                out[i] = True
    return out
