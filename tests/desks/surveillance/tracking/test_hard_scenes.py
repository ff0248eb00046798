"""Scenes that mislead a tracker: nothing but clutter, a swell, a sensor turned aside, a clock that jumps."""

import numpy as np
import pytest
from tests.desks.surveillance.tracking.test_harbour import empty, shown
from tests.desks.surveillance.tracking.test_tracker import everything

from watchfloor.desks.surveillance.tracking import Reports, Tracker

EVERY = 1.7


def scans(rows, error: float = 5.0) -> Reports:
    """Reports of rows (t, sensor, look, east, north), in the order of their looks."""
    t, sensor, look, east, north = np.array(sorted(rows, key=lambda row: (row[0], row[2]))).T
    return Reports(
        t=t,
        sensor=sensor.astype(int),
        scan=look.astype(int),
        place=np.column_stack((east, north, 0 * t)),
        cov=np.tile((error**2, 0.0, error**2), (len(t), 1)),
        sensor_place=np.zeros((len(t), 3)),
    )


def followed(reports: Reports, times) -> float:
    """How many tracks are shown, on average over some times."""
    tracker = Tracker()
    tracker.update(empty(1, -EVERY, scan=10_000))
    told = everything(tracker, reports)
    return float(np.mean([shown(told, at) for at in times]))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_nothing_but_clutter_little_is_shown(seed):
    rng = np.random.default_rng(seed)
    rows = [
        (look * EVERY, 1, look, *rng.uniform(-1000, 1000, 2))
        for look in range(150)
        for _ in range(rng.poisson(20))
    ]
    assert followed(scans(rows), np.arange(20, 250, 2)) < 0.5


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_crests_of_a_swell_little_is_shown(seed):
    """Each is found in one to four scans, and runs at 8 m/s before the wind."""
    rng = np.random.default_rng(seed)
    rows = []
    for look in range(150):
        for _ in range(rng.poisson(8)):
            start = rng.uniform(-600, 600, 2)
            for k in range(rng.integers(1, 5)):
                place = start + np.array([8.0 * k * EVERY, 0.0]) + rng.normal(0, 4, 2)
                rows.append(((look + k) * EVERY, 1, look + k, *place))
    assert followed(scans(rows), np.arange(40, 240, 2)) < 2


@pytest.mark.parametrize("seed", [1, 2])
def test_two_equal_sensors_half_a_degree_apart_show_each_boat_once(seed):
    rng = np.random.default_rng(seed)
    turn = np.radians(0.5)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    rows = []
    for look in range(120):
        sensor = 1 + look % 2
        t = look * EVERY / 2
        for k, speed in enumerate((4.0, -5.0, 6.0)):
            if rng.random() < 0.9:
                place = np.array([speed * t, 1_200.0 + 200 * k]) + rng.normal(0, 5, 2)
                rows.append((t, sensor, look, *(turned @ place if sensor == 2 else place)))
    times = np.arange(30, 100, 2)
    assert followed(scans(rows), times) == pytest.approx(3, abs=0.4)


def test_a_source_that_is_an_hour_off_after_a_day_moves_nobody_else():
    day, rows = 86_400.0, []
    for look in range(2_000):
        sensor = 1 + look % 2
        t = look * day / 1_900
        at = t + 3_600 * (sensor == 2 and t > day)
        rows.append((look, at, sensor, 0.05 * t, 0.0))
    order, t, sensor, east, north = np.array(rows).T
    received = order * day / 1_900
    reports = Reports(
        t=t,
        sensor=sensor.astype(int),
        place=np.column_stack((east, north, north)),
        cov=np.tile((25.0, 0.0, 25.0), (len(t), 1)),
        received=received,
    )
    tracker = Tracker()
    refused = tracker.update(reports).reasons > 0
    tracker.flush()
    assert np.array_equal(refused, (t > day) & (sensor == 2))
    assert tracker.clock == t[sensor == 1].max()
