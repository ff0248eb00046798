"""Regression of a monthly series whose errors lean on those of the month before (AR(1)).

Restricted maximum likelihood for the correlation, generalised least squares for the rest, and degrees of
freedom for as many independent months as the correlation leaves. For interrupted series of a few years this
keeps its promise where Newey and West's errors do not: see Turner et al., BMC Medical Research Methodology 21
(2021) 181, and `./dev bench scorecard.interrupted`.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, stdtrit

Floats = npt.NDArray[np.float64]

CORRELATIONS: Final = np.linspace(0, 0.98, 99)
"""What is tried; a correlation below zero is taken as zero, which makes intervals wider, not narrower."""
LEAST_FREEDOM: Final = 3.0
"""For a series that wanders freely no independent month is left, and Student's t with less than three is no
interval any more."""
_TINY: Final = 1e-18


class Fit(NamedTuple):
    """A regression.

    Attributes:
        coefficients: (k,).
        covariance: of the coefficients (k, k).
        correlation: of the errors of neighbouring months, 0 to 0.98.
        freedom: degrees of freedom, not below three.
        innovations: residuals less what the month before explains (n,).
    """

    coefficients: Floats
    covariance: Floats
    correlation: float
    freedom: float
    innovations: Floats

    def bounds(self, weights: Floats, level: float) -> tuple[float, float, float]:
        """A sum of coefficients by weights (k,), and the ends of its interval."""
        value = float(weights @ self.coefficients)
        reach = float(np.sqrt(weights @ self.covariance @ weights)) * self.reach(level)
        return value, value - reach, value + reach

    def reach(self, level: float) -> float:
        """Standard errors on each side of an interval."""
        return float(stdtrit(self.freedom, (1 + level) / 2))


def fit(design: Floats, values: Floats) -> Fit:
    """Fit values (n,) on the columns of a design (n, k), months in order, with n above k."""
    months, columns = design.shape
    both = np.column_stack([design, values])
    inner, lagged = both[1:-1].T @ both[1:-1], both[1:].T @ both[:-1]
    rho = CORRELATIONS[:, None, None]
    products = both.T @ both + rho**2 * inner - rho * (lagged + lagged.T)
    normal, right = products[:, :columns, :columns], products[:, :columns, columns]
    solved = np.linalg.solve(normal, right[:, :, None])[:, :, 0]
    left = products[:, columns, columns] - np.einsum("ij,ij->i", solved, right)
    variance = np.maximum(left / (months - columns), _TINY)
    unlikely = (months - columns) * np.log(variance) + np.linalg.slogdet(normal)[1]
    best = int(np.argmin(unlikely - np.log1p(-(CORRELATIONS**2))))
    correlation = float(CORRELATIONS[best])
    apart = values - design @ solved[best]
    innovations = np.r_[apart[0] * np.sqrt(1 - correlation**2), apart[1:] - correlation * apart[:-1]]
    independent = months * (1 - correlation) / (1 + correlation)
    freedom = max(LEAST_FREEDOM, independent - columns)
    covariance = variance[best] * np.linalg.inv(normal[best])
    return Fit(solved[best], covariance, correlation, freedom, innovations)


def ljung_box(residuals: Floats, lags: int, fitted: int = 1) -> float:
    """How likely autocorrelations as large as these are in noise: Ljung and Box, Biometrika 65 (1978).

    Args:
        residuals: (n,).
        lags: how many autocorrelations.
        fitted: how many parameters of autocorrelation were fitted.
    """
    months = len(residuals)
    apart = residuals - residuals.mean()
    power = float(apart @ apart)
    if power < _TINY:
        return 1.0
    found = [float(apart[lag:] @ apart[:-lag]) / power for lag in range(1, lags + 1)]
    statistic = months * (months + 2) * sum(r * r / (months - lag) for lag, r in enumerate(found, 1))
    return float(chdtrc(max(lags - fitted, 1), statistic))
