import numpy as np
import pytest

from watchfloor.exercise.surveillance.geometry import seen, towards
from watchfloor.exercise.surveillance.paths import Way, moment, seconds, where

HERE = (42.0, -82.5)


def test_a_way_takes_the_time_that_its_speed_needs():
    way = Way(HERE, 100).on(90, 9_000, 10).stay(60).on(0, 1_000, 5)
    assert way.now == pytest.approx(100 + 900 + 60 + 200)
    assert towards(HERE, way.here)[1] == pytest.approx(np.hypot(9_000, 1_000), rel=1e-3)


def test_it_can_be_laid_so_that_it_arrives():
    way = Way(HERE, 0).to((42.1, -82.5), 10).arriving(5_000)
    assert way.now == pytest.approx(5_000)
    assert way.stay(10).now == pytest.approx(5_010)


def test_where_it_is_between_its_turning_points():
    path = Way(HERE, 0).on(30, 12_000, 12).path()
    spot = where(path, np.array([0.0, 500.0, 1_000.0]))
    assert np.allclose(spot.speed, 12, rtol=3e-3)
    assert np.allclose(spot.course, 30, atol=0.3)
    gone = seen((*HERE, 0.0), (spot.latitude, spot.longitude, 0.0)).range
    assert np.allclose(gone, [0, 6_000, 12_000], rtol=3e-3)


def test_before_and_after_it_stands():
    spot = where(Way(HERE, 10).on(0, 100, 10).path(), np.array([0.0, 30.0]))
    assert (spot.speed == 0).all()
    assert spot.latitude[0] == HERE[0]


def test_it_climbs():
    spot = where(Way(HERE, 0, 100).on(0, 1_000, 50, 300).path(), np.array([10.0]))
    assert spot.height[0] == pytest.approx(200)
    assert spot.climb[0] == pytest.approx(10)


def test_a_long_way_is_straight_on_the_ground():
    path = Way(HERE, 0).to((42.0, -81.9), 10).path()
    assert len(path) > 20
    assert max(one.latitude for one in path) > 42.0003  # a great circle goes north of the parallel


def test_moments_and_seconds_are_each_others_inverse():
    assert seconds(moment(86_399.5)) == 86_399.5
