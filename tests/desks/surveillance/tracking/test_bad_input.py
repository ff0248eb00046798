"""What sensors should not send: each is refused with its reason, or taken without harm."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks.surveillance.tracking.test_tracker import everything, same, scene
from tests.thorough import draws

from watchfloor.desks.surveillance.tracking import BEARING, REASONS, Config, Reports, Tracker, ecef
from watchfloor.desks.surveillance.tracking.reports import DUPLICATE, REPEATING


def changed(reports, row, **values):
    """The reports with one row's columns set."""
    columns = {name: getattr(reports, name) for name in reports.__slots__}
    for name, value in values.items():
        column = columns[name]
        if column is None:
            shape = (len(reports), *np.shape(value))
            column = np.zeros(shape, int) if name == "measure" else np.full(shape, np.nan)
        column = np.array(column, None if name == "measure" else float)
        column[row] = value
        columns[name] = column
    return Reports(**columns)


REFUSED = [
    ({"t": np.nan}, 1),
    ({"t": np.inf}, 1),
    ({"place": [np.inf, 0, 0]}, 2),
    ({"place": [0, np.nan, 0]}, 2),
    ({"place": [1e12, 0, 0]}, 2),
    ({"place": [10.0, 0, 40.0]}, 2),
    ({"cov": [-1.0, 0, 4.0]}, 3),
    ({"cov": [np.inf, 0, 4.0]}, 3),
    ({"cov": [1.0, 9.0, 1.0]}, 3),
    ({"rate_var": -1.0}, 3),
    ({"rate": np.inf, "bearing": 0.1}, 10),
    ({"velocity": [np.inf, 0.0]}, 10),
    ({"measure": BEARING}, 4),
    ({"measure": BEARING, "bearing": 0.2, "cov": [-0.1, 0, 0]}, 3),
    ({"measure": 7}, 5),
]


@pytest.mark.parametrize(("values", "reason"), REFUSED)
def test_what_cannot_be_is_refused_and_nothing_else_changes(values, reason):
    reports = scene(objects=3, clutter=3, steps=15)
    row = len(reports) // 2
    bad = changed(reports, row, **values)
    kept = np.arange(len(reports)) != row
    without = Reports(
        t=reports.t[kept], sensor=reports.sensor[kept], place=reports.place[kept], cov=reports.cov[kept]
    )
    told, expected = everything(Tracker(), bad), everything(Tracker(), without)
    assert told["reasons"][row] == reason
    assert (np.delete(told["reasons"], row) == 0).all()
    for name in ("t", "track", "place", "cov", "exists"):
        assert told[name].tobytes() == expected[name].tobytes()


def test_each_reason_has_a_sentence():
    assert len(REASONS) == len(set(REASONS)) == 14


def test_a_missing_covariance_is_learned():
    reports = scene(steps=120, clutter=2)
    blank = Reports(t=reports.t, sensor=reports.sensor, place=reports.place)
    tracker = Tracker(Config(position_error_start=40.0))
    told = everything(tracker, blank)
    learned = tracker._sensors["noise"][:2, 0] ** 0.5
    assert learned == pytest.approx([8, 8], rel=0.35)
    assert len(np.unique(told["track"][told["confirmed"] & (told["t"] == 119)])) >= 5


def test_repeated_reports_are_taken_once():
    reports = scene(steps=20)
    twice = np.repeat(np.arange(len(reports)), 2)
    double = Reports(
        t=reports.t[twice], sensor=reports.sensor[twice], place=reports.place[twice], cov=reports.cov[twice]
    )
    told, once = everything(Tracker(), double), everything(Tracker(), reports)
    assert (told["reasons"][::2] == 0).all()
    assert set(told["reasons"][1::2].tolist()) == {DUPLICATE, REPEATING}  # a few, and then a habit
    for name in ("t", "track", "place", "exists"):
        assert told[name].tobytes() == once[name].tobytes()


def test_a_clock_an_hour_ahead_ends_no_track():
    reports = scene(steps=60)
    fast = np.zeros(len(reports), bool)
    fast[len(reports) // 2 :: 7] = True
    wrong = Reports(
        t=np.where(fast, reports.t + 3_600, reports.t),
        sensor=np.where(fast, 99, reports.sensor),
        place=reports.place,
        cov=reports.cov,
    )
    told = everything(Tracker(), wrong)
    assert (told["reasons"][fast] == REASONS.index("it is from the future")).all()
    assert (told["reasons"][~fast] == 0).all()
    assert told["confirmed"][told["t"] == 59].sum() >= 4


def test_a_recording_that_goes_on_after_a_night_is_taken_up():
    reports = scene(steps=40)
    later = Reports(
        t=reports.t + np.where(reports.t > 20, 30_000.0, 0.0),
        sensor=reports.sensor,
        place=reports.place,
        cov=reports.cov,
    )
    told = everything(Tracker(), later)
    first = later.t == 30_021  # one sensor's look, until the other bears it out
    assert ((told["reasons"] == REASONS.index("it is from the future")) == first).all()
    assert told["confirmed"][told["t"] == 30_039].sum() >= 4


def test_a_first_report_with_a_wrong_clock_does_not_shut_the_others_out():
    reports = scene(steps=40, clutter=20)
    wrong = changed(reports, 0, t=7_200.0)
    told = everything(Tracker(), wrong)
    late = REASONS.index("it is too late")
    other = int(np.searchsorted(reports.t, 1.0))  # the other sensor bears the first one's next look out
    assert (told["reasons"][1:other] == late).all()
    assert (told["reasons"][other:] == 0).all()
    assert same(everything(Tracker(), wrong, [1, 30, other, other + 1]), told)
    assert told["confirmed"][told["t"] == 39].sum() >= 5


def test_what_is_older_than_the_rewind_is_counted():
    reports = scene(steps=60)
    tracker = Tracker()
    tracker.update(reports)
    old = Reports(t=np.array([2.5]), sensor=np.array([10]), place=np.array([[5.0, 5.0, 0.0]]))
    assert tracker.update(old).reasons[0] == REASONS.index("it is too late")
    assert tracker.counts["it is too late"] == 1
    assert sum(tracker.counts.values()) == len(reports) + 1


def test_a_flood_is_cut_and_the_tracks_live_on():
    reports = scene(steps=30, clutter=4)
    half = int(np.searchsorted(reports.t, 20.0))
    tracker = Tracker(Config(tracks_most=20_000))
    tracker.update(reports.cut(0, half))
    before = tracker.counts["taken"]
    rng = np.random.default_rng(0)
    n = 130_000
    flood = Reports(
        t=np.full(n, 19.5),
        sensor=np.full(n, 12),
        place=np.column_stack((rng.uniform(-4e4, 4e4, (n, 2)), np.zeros(n))),
        cov=np.tile([64.0, 0, 64.0], (n, 1)),
    )
    refused = tracker.update(flood).reasons == REASONS.index("its sensor says too much at once")
    assert refused.sum() == n - 100_000
    assert tracker.counts["taken"] == before + 100_000
    last = tracker.update(reports.cut(half, len(reports)))
    assert tracker.counts["there was no room for its track"] > 0
    assert last.confirmed[last.t > 27].sum() >= 4


def test_ten_sensors_with_one_number_lose_no_object():
    reports = scene(steps=60, clutter=3)
    one = Reports(
        t=reports.t + 0.1 * (np.arange(len(reports)) % 10),
        sensor=np.zeros(len(reports)),
        place=reports.place,
        cov=reports.cov,
    )
    order = np.argsort(one.t, kind="stable")
    mixed = Reports(t=one.t[order], sensor=one.sensor[order], place=one.place[order], cov=one.cov[order])
    told = everything(Tracker(), mixed)
    assert len(np.unique(told["track"][told["confirmed"] & (told["t"] > 58)])) >= 4


def test_places_under_the_ground_or_in_space_are_refused_on_earth():
    t = np.arange(3.0)
    place = np.vstack((ecef(np.array([45.0]), np.array([-75.0])), [[1.0, 2.0, 3.0]], [[4e8, 0, 1.0]]))
    told = Tracker(Config(axes="earth")).update(Reports(t=t, sensor=np.zeros(3), place=place))
    assert list(told.reasons) == [0, 2, 2]


anything = st.one_of(st.floats(), st.sampled_from([0.0, -1.0, np.inf, -np.inf, np.nan, 1e300, 6.378e6]))


@settings(max_examples=draws(40), deadline=None)
@given(st.data())
def test_nothing_that_is_sent_makes_it_fail_or_poisons_it(data):
    n = data.draw(st.integers(1, 25))

    def column(*shape):
        size = int(np.prod(shape, dtype=int)) * n
        return np.array(data.draw(st.lists(anything, min_size=size, max_size=size))).reshape(n, *shape)

    wild = Reports(
        t=np.where(np.arange(n) % 2, column(), np.arange(n) * 1.0),
        sensor=np.arange(n) % 3,
        scan=np.array(data.draw(st.lists(st.integers(-3, 3), min_size=n, max_size=n))),
        measure=np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))),
        place=column(3),
        cov=column(3),
        bearing=column(),
        rate=column(),
        rate_var=column(),
        velocity=column(2),
        velocity_var=column(),
        altitude=column(),
        confidence=column(),
        klass=np.array(data.draw(st.lists(st.integers(-5, 20), min_size=n, max_size=n))),
        claimed=np.array(data.draw(st.lists(st.integers(-2, 5), min_size=n, max_size=n))),
    )
    tracker = Tracker(Config(tell_tentative=True, axes="plane"))
    told = everything(tracker, wild)
    for name in ("t", "place", "velocity", "cov", "vcov", "exists"):
        assert np.isfinite(told[name]).all(), name
    assert ((told["exists"] >= 0) & (told["exists"] <= 1)).all()
    assert (told["cov"][:, [0, 2]] >= 0).all()
    again = everything(Tracker(Config(tell_tentative=True, axes="plane")), wild, [n // 2])
    assert same(told, again)
