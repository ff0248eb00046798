"""Prediction and update against plain matrices."""

import numpy as np
import pytest

from watchfloor.desks.surveillance.tracking import Config, from_polar, measurements, motion

TRIANGLE = np.triu_indices(4)


def state(mean, covariance):
    return np.concatenate((mean, covariance[TRIANGLE]))


def parts(s):
    covariance = np.zeros((4, 4))
    covariance[TRIANGLE] = s[4:]
    return s[:4], covariance + np.triu(covariance, 1).T


def drawn(seed, scale=50.0):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(4, 4)) * scale
    return rng.normal(size=4) * 30, root @ root.T


def matrices(dt, turn, decay, noise):
    """Transition and noise of one model, by quadrature of the exponential where there is no simpler form."""
    rate = np.array([[-decay, -turn], [turn, -decay]])
    whole = np.zeros((4, 4))
    whole[0, 1] = whole[2, 3] = 1
    whole[np.ix_([1, 3], [1, 3])] = rate
    transition = exponential(whole * dt)
    free = np.zeros((4, 4)) if turn else whole
    if turn:
        free[0, 1] = free[2, 3] = 1
    nodes, weights = np.polynomial.legendre.leggauss(20)
    shock = np.diag([0, 1.0, 0, 1.0]) * noise
    q = np.zeros((4, 4))
    for x, w in zip(nodes, weights, strict=True):
        f = exponential(free * dt * (x + 1) / 2)
        q += w * dt / 2 * f @ shock @ f.T
    return transition, q


def exponential(a):
    found, term = np.eye(4), np.eye(4)
    for k in range(1, 60):
        term = term @ a / k
        found = found + term
    return found


@pytest.mark.parametrize(("turn", "decay"), [(0.0, 0.0), (0.09, 0.0), (-0.3, 0.0), (0.0, 0.2)])
@pytest.mark.parametrize("dt", [0.1, 1.25, 9.0])
def test_one_step_is_that_of_the_matrices(turn, decay, dt):
    mean, covariance = drawn(3)
    f, q = matrices(dt, turn, decay, 0.7)
    flow = np.zeros(9)
    motion.flow(dt, turn, decay, flow)
    s = state(mean, covariance)
    motion.step(s, flow, 0.7)
    after, spread = parts(s)
    assert after == pytest.approx(f @ mean, rel=1e-9, abs=1e-9)
    assert spread == pytest.approx(f @ covariance @ f.T + q, rel=1e-9, abs=1e-7)


def test_mixing_keeps_the_mean_and_covariance_of_the_mixture():
    knobs = Config().knobs()[0]
    models = len(knobs["share"])
    drawn_states = [drawn(k) for k in range(models)]
    weights = np.array([0.1, 0.3, 0.2, 0.25, 0.15])
    states = np.array([state(*one) for one in drawn_states])
    flows, whole, dt = np.zeros((models, 9)), np.zeros(14), 2.0
    motion.flows(dt, knobs, knobs["share"], flows)
    stay = np.exp(-knobs["change"] * dt)
    enter = knobs["share"] * knobs["change"] / (knobs["share"] @ knobs["change"])
    chain = np.diag(stay) + (1 - stay)[:, None] * enter
    expected = []
    for b in range(models):
        w = chain[:, b] * weights / (chain[:, b] @ weights)
        mean = sum(w[a] * drawn_states[a][0] for a in range(models))
        spread = sum(
            w[a] * (drawn_states[a][1] + np.outer(drawn_states[a][0] - mean, drawn_states[a][0] - mean))
            for a in range(models)
        )
        noise = knobs["noise"][b] + knobs["swerve"][b] * (mean[1] ** 2 + mean[3] ** 2)
        f, q = matrices(dt, knobs["turn"][b], knobs["decay"][b], noise)
        expected.append((f @ mean, f @ spread @ f.T + q))
    after = weights.copy()
    motion.predict(states, after, whole, flows, knobs)
    assert after == pytest.approx(weights @ chain, rel=1e-12)
    for b in range(models):
        mean, spread = parts(states[b])
        assert mean == pytest.approx(expected[b][0], rel=1e-9, abs=1e-9)
        assert spread == pytest.approx(expected[b][1], rel=1e-9, abs=1e-6)
    mean = sum(w * one[0] for w, one in zip(after, expected, strict=True))
    spread = sum(
        w * (one[1] + np.outer(one[0] - mean, one[0] - mean)) for w, one in zip(after, expected, strict=True)
    )
    assert parts(whole)[0] == pytest.approx(mean, rel=1e-9, abs=1e-9)
    assert parts(whole)[1] == pytest.approx(spread, rel=1e-9, abs=1e-6)


def kalman(mean, covariance, h, innovation, r):
    s = h @ covariance @ h.T + r
    gain = covariance @ h.T @ np.linalg.inv(s)
    told = -0.5 * (innovation @ np.linalg.inv(s) @ innovation + np.log(np.linalg.det(2 * np.pi * s)))
    return mean + gain @ innovation, covariance - gain @ h @ covariance, told


@pytest.mark.parametrize("tau", [0.0, -0.8])
def test_a_place_is_a_kalman_update(tau):
    mean, covariance = drawn(5)
    r = np.array([[90.0, 30.0], [30.0, 40.0]])
    h = np.array([[1, tau, 0, 0], [0, 0, 1, tau]])
    z = np.array([40.0, -20.0])
    expected = kalman(mean, covariance, h, z - h @ mean, r)
    s = state(mean, covariance)
    told = measurements.place(s, tau, *z, 90.0, 30.0, 40.0)
    assert parts(s)[0] == pytest.approx(expected[0], rel=1e-9)
    assert parts(s)[1] == pytest.approx(expected[1], rel=1e-9, abs=1e-7)
    assert told == pytest.approx(expected[2], rel=1e-9)


def test_velocity_rate_and_bearing_are_kalman_updates():
    mean, covariance = drawn(6, 3.0)
    s = state(mean, covariance)
    told = measurements.velocity(s, 4.0, -3.0, 2.0)
    h = np.array([[0, 1.0, 0, 0], [0, 0, 0, 1.0]])
    expected = kalman(mean, covariance, h, np.array([4.0, -3.0]) - h @ mean, 2.0 * np.eye(2))
    assert (parts(s)[0], told) == (pytest.approx(expected[0], rel=1e-9), pytest.approx(expected[2], rel=1e-9))
    s = state(mean, covariance)
    angle = np.radians(30)
    h = np.array([[0, np.sin(angle), 0, np.cos(angle)]])
    told = measurements.rate(s, angle, 2.5, 0.3)
    expected = kalman(mean, covariance, h, np.array([2.5]) - h @ mean, 0.3 * np.eye(1))
    assert (parts(s)[0], told) == (pytest.approx(expected[0], rel=1e-9), pytest.approx(expected[2], rel=1e-9))
    mean = mean + np.array([900.0, 0, 500.0, 0])
    s = state(mean, covariance)
    far2 = mean[0] ** 2 + mean[2] ** 2
    h = np.array([[mean[2] / far2, 0, -mean[0] / far2, 0]])
    angle = np.arctan2(mean[0], mean[2]) + 0.02
    told = measurements.bearing(s, 0.0, 0.0, angle, 1e-4)
    expected = kalman(mean, covariance, h, np.array([0.02]), 1e-4 * np.eye(1))
    assert parts(s)[0] == pytest.approx(expected[0], rel=1e-4)
    assert told == pytest.approx(expected[2], abs=1e-3)


def test_bearings_wrap():
    assert measurements.wrapped(np.pi + 0.1) == pytest.approx(-np.pi + 0.1)
    assert measurements.wrapped(-7.0) == pytest.approx(-7.0 + 2 * np.pi)


def test_polar_places_are_without_bias_and_as_wide_as_they_are():
    rng = np.random.default_rng(0)
    n, azimuth, distance, sa, sr = 400_000, 0.7, 20_000.0, 0.02, 30.0
    place, cov = from_polar(
        azimuth + rng.normal(0, sa, n), distance + rng.normal(0, sr, n), np.full(n, sa**2), np.full(n, sr**2)
    )
    true = distance * np.array([np.sin(azimuth), np.cos(azimuth)])
    off = place - true
    assert np.abs(off.mean(0)).max() < 5 * 400 / np.sqrt(n)
    sample = np.cov(off.T)
    assert cov.mean(0) == pytest.approx([sample[0, 0], sample[0, 1], sample[1, 1]], rel=0.02)
