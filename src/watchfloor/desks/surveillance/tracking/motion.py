"""How objects move: interacting multiple models of nearly constant velocity, in a plane.

A state is a row of 14 numbers: east, its rate, north, its rate (m, m/s), then the upper triangle of their
covariance by rows. A track has one row per model and a probability per model.
"""

import math
from typing import Any

import numpy as np

from watchfloor.core.kernels import kernel

SIZE = 14
"""Numbers in a state."""


@kernel(error_model="numpy")
def flow(dt: float, turn: float, decay: float, out: Any) -> None:
    """Write seven numbers of `dt` seconds of motion: place += [[a, -b], [b, a]]·rate, rate = [[c, -d], [d,
    c]]·rate,
    and the noise q11, q12, q22 per axis for an acceleration of spectral density 1.

    A model with `turn` turns at that rate, rad/s anticlockwise. With `decay` the rate is an
    Ornstein-Uhlenbeck process, whose place spreads as the square root of time and not as its cube
    (Millefiori et al. 2016, for vessels). With neither it is nearly constant velocity. See Bar-Shalom, Li
    and Kirubarajan 2001, 6.2 and 11.7.
    """
    out[0], out[1], out[2], out[3] = dt, 0.0, 1.0, 0.0
    out[4], out[5], out[6] = dt * dt * dt / 3, dt * dt / 2, dt
    if turn != 0.0:
        out[3] = math.sin(turn * dt)
        out[2] = math.cos(turn * dt)
        out[0] = out[3] / turn
        out[1] = (1 - out[2]) / turn
    elif decay * dt > 1e-3:
        b = math.exp(-decay * dt)
        a = (1 - b) / decay
        out[0], out[2] = a, b
        out[6] = (1 - b * b) / (2 * decay)
        out[5] = a * a / 2
        out[4] = (dt - 2 * a + out[6]) / (decay * decay)


@kernel(error_model="numpy")
def step(s: Any, f: Any, noise: float) -> None:
    """Move one state on by a `flow`, with `noise` the spectral density of its acceleration, in place."""
    a, b, c, d = f[0], f[1], f[2], f[3]
    v, w = s[1], s[3]
    s[0] += a * v - b * w
    s[2] += b * v + a * w
    s[1] = c * v - d * w
    s[3] = d * v + c * w
    p01, p03, p12, p23 = s[5], s[7], s[9], s[12]
    p11, p13, p33 = s[8], s[10], s[13]
    y00 = p01 + a * p11 - b * p13
    y01 = p03 + a * p13 - b * p33
    y10 = p12 + b * p11 + a * p13
    y11 = p23 + b * p13 + a * p33
    s[4] += y00 * a - y01 * b + a * p01 - b * p03 + noise * f[4]
    s[6] += y00 * b + y01 * a + a * p12 - b * p23
    s[11] += y10 * b + y11 * a + b * p12 + a * p23 + noise * f[4]
    s[5] = y00 * c - y01 * d + noise * f[5]
    s[7] = y00 * d + y01 * c
    s[9] = y10 * c - y11 * d
    s[12] = y10 * d + y11 * c + noise * f[5]
    s[8] = c * c * p11 - 2 * c * d * p13 + d * d * p33 + noise * f[6]
    s[10] = c * d * (p11 - p33) + (c * c - d * d) * p13
    s[13] = d * d * p11 + 2 * c * d * p13 + c * c * p33 + noise * f[6]


@kernel(error_model="numpy")
def blend(states: Any, weights: Any, out: Any) -> None:
    """The one state with the mean and covariance of the mixture of `states` ([m, 14])."""
    for k in range(SIZE):
        total = 0.0
        for m in range(len(weights)):
            total += weights[m] * states[m, k]
        out[k] = total
    for m in range(len(weights)):
        spread(
            out,
            states[m, 0] - out[0],
            states[m, 1] - out[1],
            states[m, 2] - out[2],
            states[m, 3] - out[3],
            weights[m],
        )


@kernel(error_model="numpy")
def spread(s: Any, d0: float, d1: float, d2: float, d3: float, weight: float) -> None:
    """Add to the covariance of a state `weight` times the outer square of a difference."""
    s[4] += weight * d0 * d0
    s[5] += weight * d0 * d1
    s[6] += weight * d0 * d2
    s[7] += weight * d0 * d3
    s[8] += weight * d1 * d1
    s[9] += weight * d1 * d2
    s[10] += weight * d1 * d3
    s[11] += weight * d2 * d2
    s[12] += weight * d2 * d3
    s[13] += weight * d3 * d3


@kernel(error_model="numpy")
def predict(states: Any, weights: Any, whole: Any, flows: Any, knobs: Any) -> None:
    """Mix the models of a track and move them on, in place; `whole` becomes their mixture.

    Interacting multiple models (Blom and Bar-Shalom 1988), each left at its own rate: the last numbers of a
    flow are the probability that it was not, and its share among those gone over to. Then each mixed state
    lies between a model's own and the mixture of all that left theirs, and that mixture is formed once.
    """
    models = len(weights)
    leave = np.empty(models)
    left = 0.0
    for m in range(models):
        leave[m] = (1 - flows[m, 7]) * weights[m]
        left += leave[m]
    for m in range(models):
        leave[m] /= left
    blend(states, leave, whole)
    total = 0.0
    for m in range(models):
        s = states[m]
        mass = flows[m, 7] * weights[m] + left * flows[m, 8]
        own = flows[m, 7] * weights[m] / mass
        d0, d1, d2, d3 = whole[0] - s[0], whole[1] - s[1], whole[2] - s[2], whole[3] - s[3]
        for k in range(SIZE):
            s[k] += (1 - own) * (whole[k] - s[k])
        spread(s, d0, d1, d2, d3, own * (1 - own))
        weights[m] = mass
        total += mass
        step(s, flows[m], knobs.noise[m] + knobs.swerve[m] * (s[1] * s[1] + s[3] * s[3]))
    for m in range(models):
        weights[m] /= total
    blend(states, weights, whole)


@kernel(error_model="numpy")
def flows(dt: float, knobs: Any, share: Any, out: Any) -> None:
    """Fill the `flow` of each model ([m, 9]) for `dt` seconds, the probability that it is not left, and that
    it is gone over to when another is: so that in the long run objects spend its `share` of time in it."""
    total = 0.0
    for m in range(len(share)):
        total += share[m] * knobs.change[m]
    for m in range(len(share)):
        flow(dt, knobs.turn[m], knobs.decay[m], out[m])
        out[m, 7] = math.exp(-knobs.change[m] * dt)
        out[m, 8] = share[m] * knobs.change[m] / total
