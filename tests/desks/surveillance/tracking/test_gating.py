"""The gate, and what a position is worth to a track, against scipy's normal distribution."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from tests.desks.surveillance.tracking.test_motion import drawn, state
from tests.thorough import draws

from watchfloor.desks.surveillance.tracking.gating import _position
from watchfloor.desks.surveillance.tracking.motion import SIZE
from watchfloor.desks.surveillance.tracking.places import anchor
from watchfloor.desks.surveillance.tracking.reports import FEED

MODELS = 3
TRACK = np.dtype([("size", np.float64, (3,)), ("states", np.float64, (MODELS, SIZE))], align=True)


@settings(max_examples=draws(60), deadline=None)
@given(st.integers(0, 2**31), st.floats(-0.95, 0.95), st.floats(4.0, 16.0))
def test_a_position_is_worth_its_density_and_the_gate_is_mahalanobis(seed, correlation, gate):
    rng = np.random.default_rng(seed)
    track, report, noise = np.zeros(1, TRACK), np.zeros(1, FEED), np.empty((1, 3))
    report["velocity"] = report["rate"] = np.nan
    spread = rng.uniform(5, 300, 2)
    cross = correlation * spread.prod()
    noise[0] = spread[0] ** 2, cross, spread[1] ** 2
    report["place"][0, :2] = rng.normal(size=2) * 200
    extent = track["size"][0] = spread.sum(), cross / 2, spread.max() ** 2
    expected, squares = [], []
    for model in range(MODELS):
        mean, covariance = drawn(seed + model, scale=40.0)
        track["states"][0, model] = state(mean, covariance)
        total = covariance[np.ix_([0, 2], [0, 2])] + [[noise[0, 0], cross], [cross, noise[0, 2]]]
        total += [[extent[0], extent[1]], [extent[1], extent[2]]]
        off = report["place"][0, :2] - mean[[0, 2]]
        squares.append(off @ np.linalg.solve(total, off))
        density = multivariate_normal([0, 0], total).pdf(off)
        expected.append(density if squares[-1] < 4 * gate else 0.0)
    origin, each, trial = np.empty(9), np.full((1, MODELS), np.nan), np.zeros(SIZE)
    anchor(report["place"][0], False, origin)
    within = _position(report[0], 0.0, noise, 0, origin, track[0], gate, trial, each, 0)
    assert within == (min(squares) < gate)
    assert each[0] == pytest.approx(expected, rel=1e-9)
