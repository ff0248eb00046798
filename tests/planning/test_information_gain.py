"""What a look is worth, beside drawing what it would say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.planning.information_gain import (
    Looks,
    crosses,
    entropy,
    of_crossing,
    of_existence,
    within,
    worth,
)

P = st.floats(0, 1)


def looks(exists=0.5, inside=1.0, detects=0.9, alarms=0.05, margin=0.0, spread=100.0, sharpened=10.0):
    values = (exists, inside, detects, alarms, margin, spread, sharpened)
    return Looks(*(np.array([value], np.float64) for value in values))


def test_entropy_is_a_bit_at_one_half_and_nothing_where_it_is_certain():
    assert entropy([0, 0.5, 1]) == pytest.approx([0, 1, 0], abs=1e-12)


def test_existence_against_the_sum_over_both_answers():
    """Mutual information of a noisy yes or no, written out."""
    exists, seen, alarms = 0.3, 0.72, 0.05
    hit_there = seen + (1 - seen) * alarms
    joint = {
        (1, 1): exists * hit_there,
        (1, 0): exists * (1 - hit_there),
        (0, 1): (1 - exists) * alarms,
        (0, 0): (1 - exists) * (1 - alarms),
    }
    answers = {z: joint[1, z] + joint[0, z] for z in (0, 1)}
    truth = {1: exists, 0: 1 - exists}
    wanted = sum(p * np.log2(p / truth[x] / answers[z]) for (x, z), p in joint.items())
    assert of_existence(looks(exists, 0.8, 0.9, alarms))[0] == pytest.approx(wanted, abs=1e-12)


@given(st.tuples(P, P, P, P, st.floats(-1e4, 1e4), st.floats(1, 1e4), st.floats(1, 1e4)))
def test_no_look_is_worth_less_than_nothing_or_more_than_two_bits(values):
    found = worth(looks(*values))[0]
    assert 0 <= found <= 2 + 1e-9


@pytest.mark.parametrize(("spread", "sharpened"), [(150.0, 40.0), (150.0, 140.0), (3000.0, 8.0)])
def test_crossing_against_a_million_draws(spread, sharpened):
    """A look tells the margin up to what is left: the mean entropy left, drawn."""
    margin = -60.0
    draws = np.random.default_rng(1).normal(margin, np.sqrt(spread**2 - sharpened**2), 1_000_000)
    left = entropy(crosses(draws, sharpened)).mean()
    wanted = entropy(crosses(margin, spread)) - left
    found = of_crossing(looks(1.0, 1.0, 1.0, 0.0, margin, spread, sharpened))[0]
    assert found == pytest.approx(wanted, abs=5e-3)


def test_a_look_that_points_elsewhere_is_worth_nothing():
    assert worth(looks(inside=0.0, alarms=0.05))[0] == pytest.approx(0, abs=1e-12)


def test_within_is_the_mass_between_two_sides():
    draws = np.random.default_rng(2).normal(30.0, 50.0, 1_000_000)
    assert within(30.0, 50.0, 60.0) == pytest.approx((np.abs(draws) <= 60).mean(), abs=2e-3)
