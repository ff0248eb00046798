"""Drift of a calibrant: silent on a steady instrument, soon heard on one that moves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.desks.lab.devices import drift


def test_a_steady_instrument_is_seldom_said_to_drift():
    """Some 500 measurements to a false alarm on average: of a hundred series of 40, at most twenty."""
    rng = np.random.default_rng(3)
    assert sum(drift(rng.normal(1.05, 0.001, 40).tolist()) is not None for _ in range(100)) <= 20


@pytest.mark.parametrize(("step", "way"), [(0.002, "up"), (-0.002, "down")])
def test_a_shift_of_two_deviations_is_found_where_it_began(step, way):
    """Within twelve measurements of the shift, and begun within ten of it, in nine of ten series."""
    rng, good = np.random.default_rng(4), 0
    for _ in range(100):
        steady = rng.normal(1.05, 0.001, 30)
        moved = rng.normal(1.05 + step, 0.001, 12)
        found = drift([*steady, *moved])
        good += found is not None and found.way == way and abs(found.since - 30) <= 10
    assert good >= 85


def test_a_creep_is_found():
    values = [1.05 + 0.0004 * max(number - 20, 0) + 0.0003 * (-1) ** number for number in range(60)]
    found = drift(values)
    assert found is not None
    assert found.way == "up"
    assert 15 <= found.since <= 30


def test_rounding_alone_is_no_drift():
    values = [1.05] * 20 + [1.0501, 1.05, 1.0501] * 2
    assert drift(values) is not None
    assert drift(values, resolution=1e-3) is None


def test_one_wild_value_is_no_drift_and_two_in_a_row_are():
    steady = [1.05 + 0.0001 * (number % 3) for number in range(20)]
    for start in (steady, [1.05] * 20):
        assert drift([*start, 9.0, *start]) is None
    assert drift([*steady, 1.0512, 1.0512]) == ("up", 20)


@pytest.mark.parametrize("values", [[], [1.0], [1.0] * 50, [1.0, 2.0, 1.0, 2.0]])
def test_too_little_or_nothing_moves(values):
    assert drift(values) is None


@settings(max_examples=draws(100), deadline=None)
@given(st.lists(st.floats(0.5, 3), max_size=60), st.floats(0, 0.1))
def test_a_series_upside_down_drifts_the_other_way(values, resolution):
    one, other = drift(values, resolution), drift([-value for value in values], resolution)
    assert (one is None) == (other is None)
    if one and other:
        assert one.since == other.since < len(values)
        assert {one.way, other.way} == {"up", "down"}
