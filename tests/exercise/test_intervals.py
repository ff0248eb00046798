import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.exercise.intervals import bootstrap, wilson


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [  # Brown, Cai and DasGupta, Statistical Science 16 (2001): the score interval, by its formula
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (15, 20, 0.5313, 0.8881),
    ],
)
def test_wilson_against_published_values(hits, count, low, high):
    found = wilson(hits, count)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_ends_solve_the_score_equation(case):
    """Each end is the share whose own standard error puts what was seen 1.96 of them away."""
    hits, count = case
    found = wilson(hits, count)
    for end in (found.low, found.high):
        if 1e-9 < end < 1 - 1e-9:
            away = abs(found.value - end) / np.sqrt(end * (1 - end) / count)
            assert away == pytest.approx(1.959964, rel=1e-6)


def test_nothing_counted_is_no_estimate():
    assert wilson(0, 0) == bootstrap(np.mean, []) == (None, None, None, 0)


def test_a_bootstrap_is_repeated_and_near_the_normal_interval_of_a_mean():
    cases = np.random.default_rng(1).normal(3, 2, (400, 1))
    found = bootstrap(lambda rows: float(rows.mean()), cases)
    assert found == bootstrap(lambda rows: float(rows.mean()), cases)
    half = 1.96 * cases.std() / 20
    assert found.low == pytest.approx(cases.mean() - half, abs=0.03)
    assert found.high == pytest.approx(cases.mean() + half, abs=0.03)
