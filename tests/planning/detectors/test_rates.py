"""Rates under drift, beside the sum over every way in which an area may have changed."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln

from watchfloor.planning.detectors.rates import HAZARDS, SHAPE, rates


def every_way(found, exposure, steps):
    """Return the mean rate of each area, by every set of change-points under each hazard."""
    areas, seasons = found.shape
    age = np.array([steps[at:].sum() - steps[-1] for at in range(seasons)])
    late = 0.5**age
    prior = SHAPE * ((exposure * late).sum() + 1) / ((found * late).sum() + 0.5)
    evidence, means = np.zeros(len(HAZARDS)), np.zeros((len(HAZARDS), areas))
    for number, hazard in enumerate(HAZARDS):
        for area in range(areas):
            total = weighed = 0.0
            changes = [1 - (1 - hazard) ** step for step in steps]
            for changed in product((False, True), repeat=seasons):
                chance, shape, rate = 1.0, SHAPE, prior
                for at in range(seasons):
                    x, effort = found[area, at], exposure[area, at]
                    if effort:
                        log = gammaln(x + shape) - gammaln(shape) - gammaln(x + 1)
                        log += shape * np.log(rate / (rate + effort)) + x * np.log(effort / (rate + effort))
                        chance *= np.exp(log)
                        shape, rate = shape + x, rate + effort
                    chance *= changes[at] if changed[at] else 1 - changes[at]
                    if changed[at]:
                        shape, rate = SHAPE, prior
                total += chance
                weighed += chance * shape / rate
            evidence[number] += np.log(total)
            means[number, area] = weighed / total
    weights = np.exp(evidence - evidence.max())
    return weights @ means / weights.sum()


@given(st.data())
def test_the_mean_is_that_of_every_way_to_change(data):
    areas, seasons = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 5))
    size = areas * seasons
    cells = st.lists(st.integers(0, 60), min_size=size, max_size=size)
    effort = st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=size, max_size=size)
    found = np.array(data.draw(cells), float).reshape(areas, seasons)
    exposure = np.array(data.draw(effort)).reshape(areas, seasons)
    found = np.where(exposure > 0, found, 0.0)
    steps = np.array(data.draw(st.lists(st.integers(1, 3), min_size=seasons, max_size=seasons)))
    np.testing.assert_allclose(
        rates(found, exposure, steps).mean, every_way(found, exposure, steps), rtol=1e-9
    )


def test_draws_have_the_mean_and_the_variance():
    found = np.array([[3.0, 5, 40, 44], [20, 22, 1, 0], [0, 0, 0, 0]])
    posterior = rates(found, np.ones_like(found), np.ones(4, np.int64))
    draws = posterior.draws(200_000, np.random.default_rng(1))
    np.testing.assert_allclose(draws.mean(0), posterior.mean, rtol=0.01)
    np.testing.assert_allclose(draws.var(0), posterior.variance, rtol=0.03)


def test_an_area_that_changed_is_believed_more_than_its_past():
    """After ten seasons of 2 and one of 40 the next is nearer to 40 than the average of all is."""
    found = np.array([[2.0] * 10 + [40], [20.0] * 11])
    posterior = rates(found, np.ones_like(found), np.ones(11, np.int64))
    assert posterior.mean[0] > 20 > found[0].mean()
    assert posterior.mean[1] == pytest.approx(20, abs=1.5)


def test_a_long_history_keeps_the_likeliest_runs():
    """Of 400 weeks 64 lengths of a run are kept, and the rate is that of the last ones."""
    rng = np.random.default_rng(3)
    found = rng.poisson(np.where(np.arange(400) < 350, 3, 12), (4, 400)).astype(float)
    posterior = rates(found, np.ones_like(found), np.ones(400, np.int64))
    assert posterior.weights.shape[1] <= 64
    np.testing.assert_allclose(posterior.weights.sum(1), 1)
    np.testing.assert_allclose(posterior.mean, 12, rtol=0.25)
