"""Assignment against scipy, marginals against every way there is."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from tests.thorough import draws

from watchfloor.desks.surveillance.tracking.association import associate, cheapest


@settings(max_examples=draws(60), deadline=None)
@given(st.integers(1, 8), st.integers(0, 6), st.integers(0, 2**31))
def test_the_cheapest_assignment_is_scipys(rows, more, seed):
    cost = np.random.default_rng(seed).normal(size=(rows, rows + more))
    column = cheapest(cost)
    i, j = linear_sum_assignment(cost)
    assert len(set(column)) == rows
    assert cost[np.arange(rows), column].sum() == pytest.approx(cost[i, j].sum(), abs=1e-9)


def pairs_of(weights):
    """The pairs of a matrix of weights [tracks, reports], 0 for none."""
    start = np.concatenate(([0], np.cumsum((weights > 0).sum(1))))
    return start, np.nonzero(weights)[1], weights[weights > 0]


def every_way(weights):
    """Marginals by all joint events: [tracks, reports], and the best one's weight."""
    tracks, reports = weights.shape
    total, given_, best = 0.0, np.zeros(weights.shape), 0.0
    for event in product(range(-1, reports), repeat=tracks):
        taken = [j for j in event if j >= 0]
        if len(set(taken)) < len(taken):
            continue
        weight = np.prod([1.0 if j < 0 else weights[i, j] for i, j in enumerate(event)])
        total += weight
        best = max(best, weight)
        for i, j in enumerate(event):
            if j >= 0:
                given_[i, j] += weight
    return given_ / total, best


def run(weights):
    start, report, weight = pairs_of(weights)
    found = associate(start, report, weight, np.full(len(weights), 1.0), weights.shape[1])
    given_, unseen, taken, chosen, _ = found
    matrix = np.zeros(weights.shape)
    matrix[weights > 0] = given_
    return matrix, unseen, taken, chosen, report, weight


def test_marginals_without_a_loop_are_exact():
    weights = np.array([[3.0, 0.5, 0.0], [0.0, 2.0, 0.7], [0.0, 0.0, 5.0]])
    matrix, unseen, taken, *_ = run(weights)
    expected, _ = every_way(weights)
    assert matrix == pytest.approx(expected, abs=2e-4)
    assert unseen == pytest.approx(1 - expected.sum(1), abs=2e-4)
    assert taken == pytest.approx(expected.sum(0), abs=2e-4)


@settings(max_examples=draws(40), deadline=None)
@given(st.integers(0, 2**31))
def test_marginals_with_loops_are_near_and_the_assignment_is_the_best(seed):
    rng = np.random.default_rng(seed)
    weights = np.where(rng.random((4, 4)) < 0.7, np.exp(rng.normal(0, 1.5, (4, 4))), 0.0)
    matrix, _, _, chosen, report, weight = run(weights)
    expected, best = every_way(weights)
    assert np.abs(matrix - expected).max() < 0.12
    product_ = np.prod([weight[p] for p in chosen if p >= 0])
    assert product_ <= best * (1 + 1e-9)
    used = [report[p] for p in chosen if p >= 0]
    assert len(used) == len(set(used))
    strong = np.prod([weight[p] for p in chosen if p >= 0 and weight[p] > 1])
    assert strong <= best * (1 + 1e-9)


def test_a_report_left_over_goes_to_the_track_that_would_rather_have_it_than_be_missed():
    start, report, weight = pairs_of(np.array([[0.4, 0.0]]))
    *_, chosen, _ = associate(start, report, weight, np.array([0.01]), 2)
    assert chosen[0] == 0
    *_, chosen, _ = associate(start, report, weight, np.array([0.9]), 2)
    assert chosen[0] == -1


def test_two_tracks_with_one_report_share_it():
    matrix, unseen, taken, chosen, *_ = run(np.array([[9.0], [9.0]]))
    assert matrix.ravel() == pytest.approx([9 / 19, 9 / 19], abs=1e-3)
    assert taken[0] < 1
    assert (chosen >= 0).sum() == 1
    assert unseen == pytest.approx([10 / 19, 10 / 19], abs=1e-3)


def test_a_pair_that_is_as_good_as_certain_leaves_the_others_finite():
    start = np.array([0, 2, 4])
    report = np.array([0, 1, 0, 1])
    weight = np.array([1e17, 1.0, 1.0, 1e17])
    given, unseen, taken, chosen, _ = associate(start, report, weight, np.array([0.1, 0.1]), 2)
    assert given == pytest.approx([1, 0, 0, 1], abs=1e-9)
    assert list(chosen) == [0, 3]
    assert np.isfinite(unseen).all()
    assert taken == pytest.approx([1, 1], abs=1e-9)
