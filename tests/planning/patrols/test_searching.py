"""The search for one object: Koopman's shares against a convex programme, and updates against exact Bayes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from tests.refusals import refused

from watchfloor.planning.patrols import searching


@pytest.mark.parametrize("seed", range(4))
def test_effort_finds_what_a_convex_programme_finds(seed):
    rng = np.random.default_rng(seed)
    chances, rates = searching.prior(rng.random(6) ** 3, 0.1), rng.random(6) + 0.1
    effort = 3.0
    shared = searching.allocate(chances, rates, effort)
    best = minimize(
        lambda share: -searching.success(chances, rates, share),
        np.full(6, effort / 6),
        bounds=[(0, None)] * 6,
        constraints={"type": "eq", "fun": lambda share: share.sum() - effort},
        method="SLSQP",
        options={"ftol": 1e-13, "maxiter": 500},
    )
    assert shared.sum() == pytest.approx(effort)
    assert searching.success(chances, rates, shared) >= -best.fun * (1 - 1e-6)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 3), st.floats(0, 4)), min_size=1, max_size=12),
    st.floats(0, 0.9),
)
def test_what_was_searched_in_vain_is_less_probable_by_exact_bayes(cells, outside):
    weights, rates, effort = np.array(cells).T
    if not weights.sum() > 1e-6:
        return
    before = searching.prior(weights, outside)
    after = searching.update(before, rates, effort)
    missed = [
        before.outside,
        *(chance * np.exp(-rate * z) for chance, rate, z in zip(before.inside, rates, effort, strict=True)),
    ]
    assert after.outside == pytest.approx(missed[0] / sum(missed), abs=1e-9)
    assert after.inside == pytest.approx(np.array(missed[1:]) / sum(missed), abs=1e-9)


def test_two_searches_are_one_of_both_efforts():
    rng = np.random.default_rng(3)
    before, rates = searching.prior(rng.random((5, 6))), np.full((5, 6), 0.4)
    one, two = rng.random((2, 5, 6))
    both = searching.update(searching.update(before, rates, one), rates, two)
    assert both.inside == pytest.approx(searching.update(before, rates, one + two).inside, abs=1e-12)


def test_long_search_of_all_leaves_a_map():
    before = searching.prior(np.ones(4))
    after = searching.update(before, np.ones(4), np.array([2000.0, 2001, 2000, 2000]))
    assert after.inside.sum() == pytest.approx(1)
    assert after.inside[1] < after.inside[0]


def test_drift_moves_probability_and_loses_none():
    weights = np.zeros((20, 30))
    weights[4, 5] = 1
    moved = searching.drift(searching.prior(weights, 0.2), 6, 10.5, 0.0)
    assert moved.inside[10, 15] == pytest.approx(0.4)
    assert moved.inside[10, 16] == pytest.approx(0.4)
    gone = searching.drift(moved, 0, 25, 2.0)
    assert gone.inside.sum() + gone.outside == pytest.approx(1)
    assert gone.outside > 0.99
    assert (gone.inside >= 0).all()


def test_nothing_is_spent_where_nothing_can_be_found():
    chances = searching.prior(np.array([0.0, 1, 2]))
    assert searching.allocate(chances, np.array([1.0, 0, 1]), 5).tolist() == [0, 0, 5]
    assert searching.allocate(chances, np.zeros(3), 5).tolist() == [0, 0, 0]


@pytest.mark.parametrize("weights", [[0.0, 0], [np.nan, 1], [-1.0, 2]])
def test_a_map_of_nothing_is_refused(weights):
    refused("patrols.search-map", searching.prior, np.array(weights))


def test_effort_below_zero_is_refused():
    chances = searching.prior(np.ones(2))
    refused("patrols.search-effort", searching.update, chances, np.ones(2), np.array([-1.0, 1]))
    refused("patrols.search-effort", searching.allocate, chances, np.ones(2), np.nan)
