"""How objects move: interacting multiple models of nearly constant velocity, in a plane.

A state is a row of 14 numbers: east, its rate, north, its rate (m, m/s), then the upper triangle of their
covariance by rows. A track has one row per model and a probability per model.
"""

import math
from typing import Any

import numpy as np
from numba import njit

SIZE = 14
"""Numbers in a state."""


@njit(cache=True, nogil=True, error_model="numpy")
def flow(dt: float, noise: float, decay: float) -> Any:
    """What `dt` seconds do to one axis: (a, b, q11, q12, q22), place += a·rate, rate *= b.

    With `decay` 0 the rate is a Wiener process, else an Ornstein-Uhlenbeck one, whose place spreads as the
    square root of time and not as its cube (Bar-Shalom, Li and Kirubarajan 2001, 6.2; Millefiori et al. 2016
    for vessels). Both scaled by `noise`, the spectral density of the acceleration.
    """
    if decay * dt < 1e-3:
        return dt, 1.0, noise * dt**3 / 3, noise * dt**2 / 2, noise * dt
    b = math.exp(-decay * dt)
    a = (1 - b) / decay
    q22 = noise * (1 - b * b) / (2 * decay)
    q12 = noise * a * a / 2
    q11 = noise / (decay * decay) * (dt - 2 * a + (1 - b * b) / (2 * decay))
    return a, b, q11, q12, q22


@njit(cache=True, nogil=True, error_model="numpy")
def step(s: Any, dt: float, noise: float, decay: float) -> None:
    """Move one state on by `dt` seconds, in place."""
    a, b, q11, q12, q22 = flow(dt, noise, decay)
    s[0] += a * s[1]
    s[1] *= b
    s[2] += a * s[3]
    s[3] *= b
    p01, p03, p11, p12, p13, p23, p33 = s[5], s[7], s[8], s[9], s[10], s[12], s[13]
    s[4] += a * (2 * p01 + a * p11) + q11
    s[5] = b * (p01 + a * p11) + q12
    s[6] += a * (p12 + p03 + a * p13)
    s[7] = b * (p03 + a * p13)
    s[8] = b * b * p11 + q22
    s[9] = b * (p12 + a * p13)
    s[10] = b * b * p13
    s[11] += a * (2 * p23 + a * p33) + q11
    s[12] = b * (p23 + a * p33) + q12
    s[13] = b * b * p33 + q22


@njit(cache=True, nogil=True, error_model="numpy")
def blend(states: Any, weights: Any, out: Any) -> None:
    """The one state with the mean and covariance of the mixture of `states` ([m, 14])."""
    for k in range(SIZE):
        out[k] = 0.0
    for b in range(len(weights)):
        for k in range(SIZE):
            out[k] += weights[b] * states[b, k]
    for b in range(len(weights)):
        spread(out, states[b], weights[b], out)


@njit(cache=True, nogil=True, error_model="numpy")
def spread(mean: Any, s: Any, weight: float, out: Any) -> None:
    """Add to the covariance of `out` the spread of the mean of `s` about `mean`, times `weight`."""
    d0 = s[0] - mean[0]
    d1 = s[1] - mean[1]
    d2 = s[2] - mean[2]
    d3 = s[3] - mean[3]
    out[4] += weight * d0 * d0
    out[5] += weight * d0 * d1
    out[6] += weight * d0 * d2
    out[7] += weight * d0 * d3
    out[8] += weight * d1 * d1
    out[9] += weight * d1 * d2
    out[10] += weight * d1 * d3
    out[11] += weight * d2 * d2
    out[12] += weight * d2 * d3
    out[13] += weight * d3 * d3


@njit(cache=True, nogil=True, error_model="numpy")
def predict(states: Any, weights: Any, dt: float, noise: Any, decay: Any, share: Any, change: float) -> None:
    """Mix the models of a track and move them on by `dt` seconds, in place.

    The model is a Markov chain in continuous time that at rate `change` draws anew from `share`, so any
    `dt` is one step (Blom and Bar-Shalom 1988). Then each mixed state lies between a model's own and the
    mixture of all, and the mixture is formed once.
    """
    if dt <= 0.0:
        return
    keep = math.exp(-change * dt)
    whole = np.empty(SIZE)
    blend(states, weights, whole)
    mixed = np.empty(SIZE)
    for b in range(len(weights)):
        mass = keep * weights[b] + (1 - keep) * share[b]
        own = keep * weights[b] / mass
        for k in range(SIZE):
            mixed[k] = own * states[b, k] + (1 - own) * whole[k]
        spread(mixed, states[b], own, mixed)
        spread(mixed, whole, 1 - own, mixed)
        for k in range(SIZE):
            states[b, k] = mixed[k]
        weights[b] = mass
        step(states[b], dt, noise[b], decay[b])
