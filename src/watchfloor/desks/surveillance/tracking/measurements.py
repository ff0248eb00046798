"""Measurement updates of a state: place, bearing, range rate and velocity, and their likelihoods.

Each function updates one state (see `motion`) in place and returns the log-likelihood of the report.
"""

import math
from typing import Any

import numpy as np

from watchfloor.core.kernels import kernel

LOG_2PI = math.log(2 * math.pi)


@kernel(error_model="numpy")
def innovation(s: Any, tau: float, e: float, n: float, r0: float, r1: float, r2: float) -> Any:
    """Compute the innovation of a place, `tau` seconds after the state, and its covariance.

    Returns east, north (m), and variance east, covariance, variance north (m²).
    """
    s00 = s[4] + tau * (2 * s[5] + tau * s[8]) + r0
    s01 = s[6] + tau * (s[7] + s[9] + tau * s[10]) + r1
    s11 = s[11] + tau * (2 * s[12] + tau * s[13]) + r2
    return e - s[0] - tau * s[1], n - s[2] - tau * s[3], s00, s01, s11


@kernel(error_model="numpy")
def place(s: Any, tau: float, e: float, n: float, r0: float, r1: float, r2: float) -> Any:
    """A place, `tau` seconds after the state, with variances `r0` east, `r2` north, covariance `r1`, m²."""
    de, dn, s00, s01, s11 = innovation(s, tau, e, n, r0, r1, r2)
    det = s00 * s11 - s01 * s01
    i00 = s11 / det
    i01 = -s01 / det
    i11 = s00 / det
    h0 = s[4] + tau * s[5]
    h1 = s[5] + tau * s[8]
    h2 = s[6] + tau * s[9]
    h3 = s[7] + tau * s[10]
    g0 = s[6] + tau * s[7]
    g1 = s[9] + tau * s[10]
    g2 = s[11] + tau * s[12]
    g3 = s[12] + tau * s[13]
    k00 = h0 * i00 + g0 * i01
    k01 = h0 * i01 + g0 * i11
    k10 = h1 * i00 + g1 * i01
    k11 = h1 * i01 + g1 * i11
    k20 = h2 * i00 + g2 * i01
    k21 = h2 * i01 + g2 * i11
    k30 = h3 * i00 + g3 * i01
    k31 = h3 * i01 + g3 * i11
    s[0] += k00 * de + k01 * dn
    s[1] += k10 * de + k11 * dn
    s[2] += k20 * de + k21 * dn
    s[3] += k30 * de + k31 * dn
    s[4] -= k00 * h0 + k01 * g0
    s[5] -= k00 * h1 + k01 * g1
    s[6] -= k00 * h2 + k01 * g2
    s[7] -= k00 * h3 + k01 * g3
    s[8] -= k10 * h1 + k11 * g1
    s[9] -= k10 * h2 + k11 * g2
    s[10] -= k10 * h3 + k11 * g3
    s[11] -= k20 * h2 + k21 * g2
    s[12] -= k20 * h3 + k21 * g3
    s[13] -= k30 * h3 + k31 * g3
    d2 = i00 * de * de + 2 * i01 * de * dn + i11 * dn * dn
    return -0.5 * d2 - LOG_2PI - 0.5 * math.log(det)


@kernel(error_model="numpy")
def scalar(s: Any, h0: float, h1: float, h2: float, h3: float, y: float, r: float) -> Any:
    """One number with innovation `y`, row (`h0`…`h3`) of the measurement matrix and variance `r`."""
    g0 = h0 * s[4] + h1 * s[5] + h2 * s[6] + h3 * s[7]
    g1 = h0 * s[5] + h1 * s[8] + h2 * s[9] + h3 * s[10]
    g2 = h0 * s[6] + h1 * s[9] + h2 * s[11] + h3 * s[12]
    g3 = h0 * s[7] + h1 * s[10] + h2 * s[12] + h3 * s[13]
    v = h0 * g0 + h1 * g1 + h2 * g2 + h3 * g3 + r
    k = y / v
    s[0] += g0 * k
    s[1] += g1 * k
    s[2] += g2 * k
    s[3] += g3 * k
    s[4] -= g0 * g0 / v
    s[5] -= g0 * g1 / v
    s[6] -= g0 * g2 / v
    s[7] -= g0 * g3 / v
    s[8] -= g1 * g1 / v
    s[9] -= g1 * g2 / v
    s[10] -= g1 * g3 / v
    s[11] -= g2 * g2 / v
    s[12] -= g2 * g3 / v
    s[13] -= g3 * g3 / v
    return -0.5 * (y * k + LOG_2PI + math.log(v))


@kernel(error_model="numpy")
def wrapped(angle: float) -> Any:
    """The same angle in (-π, π]."""
    return angle - 2 * math.pi * math.ceil((angle - math.pi) / (2 * math.pi))


@kernel(error_model="numpy")
def bearing(s: Any, e: float, n: float, angle: float, r: float) -> Any:
    """A bearing, radians clockwise from north, from a sensor at (`e`, `n`): an extended Kalman update.

    The spread across the ray that the state's own extent adds to second order keeps a near object from
    being believed too well.
    """
    de = s[0] - e
    dn = s[2] - n
    d2 = max(de * de + dn * dn, 1.0)
    he = dn / d2
    hn = -de / d2
    across = he * he * s[4] + 2 * he * hn * s[6] + hn * hn * s[11]
    along = (de * de * s[4] + 2 * de * dn * s[6] + dn * dn * s[11]) / (d2 * d2)
    return scalar(s, he, 0.0, hn, 0.0, wrapped(angle - math.atan2(de, dn)), r + across * along)


@kernel(error_model="numpy")
def rate(s: Any, angle: float, measured: float, r: float) -> Any:
    """A range rate, m/s, positive when it goes away, along the line of sight that points to `angle`."""
    e = math.sin(angle)
    n = math.cos(angle)
    return scalar(s, 0.0, e, 0.0, n, measured - e * s[1] - n * s[3], r)


@kernel(error_model="numpy")
def velocity(s: Any, e: float, n: float, r: float) -> Any:
    """A velocity, m/s east and north, with variance `r` on each axis."""
    first = scalar(s, 0.0, 1.0, 0.0, 0.0, e - s[1], r)
    return first + scalar(s, 0.0, 0.0, 0.0, 1.0, n - s[3], r)


def from_polar(
    azimuth: np.ndarray, distance: np.ndarray, azimuth_var: np.ndarray, distance_var: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Offsets east and north [n, 2] and covariances [n, 3] of polar reports, without bias.

    The multiplicative conversion with the covariance given the report, of Duan, Han and Li, Comments on
    "Unbiased converted measurements for tracking", IEEE T-AES 40(4), 2004. Angles in radians clockwise from
    north, lengths in metres.
    """
    grow = np.exp(azimuth_var / 2)
    e, n = np.sin(azimuth), np.cos(azimuth)
    offset = (distance * grow)[:, None] * np.column_stack((e, n))
    half = (distance**2 + distance_var) / 2
    odd = half * np.exp(-2 * azimuth_var)
    less = (grow**2 - 2) * distance**2
    twice = 2 * azimuth
    cov = (
        half - odd * np.cos(twice) + less * e * e,
        odd * np.sin(twice) + less * e * n,
        half + odd * np.cos(twice) + less * n * n,
    )
    return offset, np.column_stack(cov)
