"""A harbour: empty scans, a radar whose times are late, one ship seen at two places."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks.surveillance.tracking.test_tracker import everything, same, scene
from tests.thorough import draws

from watchfloor.desks.surveillance.tracking import NOTHING, POSITION, Config, Reports, Tracker, scan
from watchfloor.desks.surveillance.tracking import sensors as learned
from watchfloor.desks.surveillance.tracking.state import sensors, track

RADAR, LIDAR = 1, 2
EVERY = {RADAR: 1.7, LIDAR: 0.5}
"""Seconds from look to look."""
ERROR = {RADAR: 5.0, LIDAR: 3.0}
"""Metres."""


def harbour(
    speeds, seconds: float = 120.0, late: float = 0.0, apart: float = 0.0, only=(RADAR, LIDAR), seed: int = 4
) -> tuple[Reports, np.ndarray]:
    """Objects that go east, 200 m from each other, and the look and object of each report.

    The radar reports where they were `late` seconds ago, and `apart` metres behind what the lidar finds.
    """
    rng = np.random.default_rng(seed)
    speeds, rows = np.asarray(speeds, float), []
    looks = sorted((t, s) for s in only for t in np.arange(0.1 * s, seconds, EVERY[s]))
    for look, (t, s) in enumerate(looks):
        for k in np.flatnonzero(rng.random(len(speeds)) < 0.9):
            east = speeds[k] * (t - late * (s == RADAR)) - apart * (s == RADAR)
            rows.append(
                (t, s, look, *(np.array([east, 200.0 * k]) + rng.normal(0, ERROR[s], 2)), ERROR[s] ** 2, k)
            )
    t, s, look, east, north, var, who = np.array(rows).T
    reports = Reports(
        t=t,
        sensor=s.astype(int),
        scan=look.astype(int),
        place=np.column_stack((east, north, 0 * east)),
        cov=np.column_stack((var, 0 * var, var)),
    )
    return reports, who


def empty(sensor: int, t: float, scan: int) -> Reports:
    """A look that found nothing."""
    return Reports(
        t=[t],
        sensor=[sensor],
        scan=[scan],
        measure=[NOTHING],
        place=np.full((1, 3), np.nan),
        cov=np.full((1, 3), np.nan),
    )


def shown(told: dict, at: float) -> int:
    """How many tracks are shown at a time: those whose last row before it says so."""
    before = told["t"] <= at
    last = {name: k for k, name in enumerate(told["track"]) if before[k]}
    return int(told["confirmed"][list(last.values())].sum()) if last else 0


def test_a_sensor_that_numbers_its_scans_and_tells_of_empty_ones_is_known_to_scan_at_once():
    reports, _ = harbour([3, -3, 4], seconds=4)
    tracker = Tracker()
    tracker.update(reports)
    assert not tracker._sensors["sweeps"].any(), "numbers alone say less"
    tracker = Tracker()
    tracker.update(reports)
    tracker.update(empty(RADAR, 4.5, scan=100))
    assert not tracker._sensors["sweeps"].any(), "the look is still open"
    tracker.flush()
    swept = {int(one["name"]): int(one["sweeps"]) for one in tracker._sensors[:2]}
    assert swept == {RADAR: 1, LIDAR: 0}


def test_one_number_a_report_is_no_scan():
    reports = scene(steps=3)
    numbered = Reports(
        t=reports.t + np.arange(len(reports)) * 1e-3,
        sensor=reports.sensor,
        place=reports.place,
        cov=reports.cov,
        scan=np.arange(len(reports)),
    )
    tracker = Tracker()
    tracker.update(numbered)
    assert not tracker._sensors["sweeps"].any()


def test_an_empty_look_does_not_make_a_camera_a_radar():
    look = {"sensor": [7] * 3, "scan": [0, 1, 2], "place": np.zeros((3, 3))}
    feed = Reports(
        t=[0.0, 1.0, 2.0],
        measure=[1, NOTHING, 1],
        bearing=[0.1, np.nan, 0.2],
        cov=np.full((3, 3), 1e-3),
        **look,
    )
    tracker = Tracker(Config(axes="plane"))
    for k in range(3):
        tracker.update(feed.cut(k, k + 1))
        tracker.flush()
        assert tracker._sensors["pointing"][0]


@pytest.mark.parametrize("late", [0.0, 2.0])
def test_how_late_a_radar_is_is_learned_of_what_a_lidar_sees_too(late):
    tracker = Tracker()
    tracker.update(harbour([8, -8, 6, -6], late=late)[0])
    found = [scan.lag(one) for one in tracker._sensors[:2]]
    names = list(tracker._sensors["name"][:2])
    assert found[names.index(RADAR)] == pytest.approx(late, abs=0.35)
    assert found[names.index(LIDAR)] < 0.2


def test_alone_nobody_is_late():
    tracker = Tracker()
    tracker.update(harbour([8, -8, 6, -6], late=2.0, only=(RADAR,))[0])
    assert scan.lag(tracker._sensors[0]) == 0


@settings(max_examples=draws(50), deadline=None)
@given(st.integers(0, 1 << 30))
def test_the_lag_is_the_weighted_least_squares_solution(seed):
    rng = np.random.default_rng(seed)
    one = np.zeros(1, [("whole", "f8", (14,)), ("time", "f8")])[0]
    root = rng.normal(size=(4, 4))
    cov = root @ root.T
    one["whole"][:4] = rng.uniform(-9, 9, 4)
    one["whole"][4:] = cov[np.triu_indices(4)]
    anchor = np.zeros(9)
    anchor[3] = anchor[7] = 1.0
    v, late, tau = one["whole"][[1, 3]], 0.7, -0.7
    turn = np.array([[1, tau, 0, 0], [0, 0, 1, tau]])
    spread = turn @ cov @ turn.T + 25 * np.eye(2)
    off = rng.multivariate_normal(np.zeros(2), spread) * 0.5
    report = np.zeros(1, [("place", "f8", (3,)), ("t", "f8"), ("measure", "i2")])[0]
    report["place"][:2] = one["whole"][[0, 2]] + tau * v + off
    report["t"], report["measure"] = tau, POSITION
    held = sensors(1, 5)
    scan.learn(report, np.array([25.0, 0.0, 25.0]), one, anchor, held[0], late)
    weight = v @ np.linalg.solve(spread, v)
    # What the report says of the lag: late + argmin_x of (off + x v)' S^-1 (off + x v).
    best = late - v @ np.linalg.solve(spread, off) / weight
    assert held["lag"][0, 1] == pytest.approx(weight)
    assert held["lag"][0, 0] == pytest.approx(weight * best)


def test_a_ship_that_two_sensors_find_at_two_places_is_shown_once():
    reports, _ = harbour([3, -3, 4], apart=12.0)
    told = everything(Tracker(), reports)
    assert [shown(told, at) for at in (40, 60, 80, 100)] == [3, 3, 3, 3]


def test_two_boats_that_both_sensors_see_are_two():
    one, _ = harbour([3, -3], seed=5)
    columns = {f.name: getattr(one, f.name) for f in fields(one) if getattr(one, f.name) is not None}
    beside = {**columns, "place": columns["place"] + [0.0, 25.0, 0.0]}
    both = {name: np.concatenate((columns[name], beside[name])) for name in columns}
    order = np.lexsort((both["scan"], both["t"]))
    told = everything(Tracker(), Reports(**{name: values[order] for name, values in both.items()}))
    assert [shown(told, at) for at in (40, 80, 110)] == [4, 4, 4]


def test_cuts_and_snapshots_change_nothing_in_a_harbour():
    reports, _ = harbour([0, 3, -3, 6], late=2.0, apart=8.0, seconds=60)
    cuts = np.random.default_rng(1).integers(0, len(reports), 30)
    whole = everything(Tracker(), reports)
    assert same(whole, everything(Tracker(), reports, cuts))
    first = Tracker()
    before = first.update(reports.cut(0, 300))
    second = Tracker.thaw(Config(), first.freeze())
    after = everything(second, reports.cut(300, len(reports)))
    assert np.concatenate((before.place, after["place"])).tobytes() == whole["place"].tobytes()
    assert "double" in (track(5).names or ())


@pytest.mark.parametrize(("sweeps", "often"), [(1, 10.0), (0, 1.0)])
def test_a_sensor_that_scans_ten_times_as_often_confirms_on_ten_times_the_odds(sweeps, often):
    seen = sensors(2, 5)
    seen["sweeps"] = sweeps
    seen["period"] = 5.0, 0.5
    need = [learned.confirms(one, Config().knobs()[0]) for one in seen]
    odds = [one / (1 - one) for one in need]
    assert odds[0] == pytest.approx(99.0)
    assert odds[1] / odds[0] == pytest.approx(often)
