"""Looks that found nothing are told of a recording's sensors by their beat, and of no other."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.desks.surveillance.empty_looks import LOOKS, add_empty_looks
from watchfloor.desks.surveillance.recording import track
from watchfloor.desks.surveillance.tracking import NOTHING, POSITION, Reports

BEAT = 1.7


def reports(t, sensor=1, **more):
    count = len(t)
    place = np.column_stack((np.arange(count) * 10.0, np.zeros((count, 2))))
    return Reports(t=np.array(t, float), sensor=np.full(count, sensor), place=place, **more)


def radar(looked, seed=1, reports_each=(1, 4)):
    """Times of what was found at each look that found something."""
    rng = np.random.default_rng(seed)
    times = np.array(looked) * BEAT + rng.normal(0, 0.01, len(looked))
    return np.repeat(times, rng.integers(*reports_each, len(looked)))


@given(st.sets(st.integers(1, 98), max_size=30), st.integers(0, 1000))
def test_each_look_in_vain_is_added_once_where_it_was(vain, seed):
    looked = [look for look in range(100) if look not in vain]
    seen = reports(radar(looked, seed))
    made, given_ = add_empty_looks(seen)
    np.testing.assert_array_equal(made.t[given_], seen.t)
    np.testing.assert_array_equal(made.place[given_], seen.place)
    added = np.setdiff1d(np.arange(len(made)), given_)
    assert (made.measure[added] == NOTHING).all()
    assert (made.measure[given_] == POSITION).all()
    expected = np.array([-1, *sorted(vain)])
    silences = np.diff(sorted({-1, 100, *looked})).max() - 1  # of more looks it may be switched off
    assert silences <= LOOKS
    np.testing.assert_allclose(made.t[added], expected * BEAT, atol=0.15)
    np.testing.assert_array_equal(made.scan[added], expected + 1)
    assert (np.diff(made.scan) >= 0).all()


def test_a_sensor_that_is_switched_off_looked_at_nothing():
    seen = reports(radar([*range(30), *range(30 + LOOKS, 90 + LOOKS)]))
    made, given_ = add_empty_looks(seen)
    assert len(made) - len(given_) == 1, "the one before the first"


def test_who_stops_before_another_looked_on_for_a_while():
    both = np.concatenate((radar(range(40)), radar(range(100), seed=2)))
    sensor = np.repeat((1, 2), (len(radar(range(40))), len(radar(range(100), seed=2))))
    order = np.argsort(both, kind="stable")
    seen = Reports(t=both[order], sensor=sensor[order], place=np.zeros((len(both), 3)))
    made, given_ = add_empty_looks(seen)
    np.testing.assert_array_equal(made.sensor[given_], seen.sensor)
    added = np.setdiff1d(np.arange(len(made)), given_)
    assert (made.sensor[added] == 1).sum() == 1 + LOOKS
    assert (np.diff(made.t[added]) >= 0).all()


RNG = np.random.default_rng(3)


@pytest.mark.parametrize(
    "seen",
    [
        reports(np.sort(RNG.uniform(0, 600, 400))),  # as a receiver hears them
        reports(np.sort(RNG.uniform(0, 600, 900)).round()),  # the same to the second
        reports(radar(range(60)), claimed=np.arange(len(radar(range(60))))),  # who says who it is
        reports(radar(range(60), reports_each=(1, 2))),  # of one object, perhaps the only one it can hear
        reports(radar(range(LOOKS - 1))),
        reports(np.full(50, np.nan)),
        reports([]),
    ],
    ids=["receiver", "seconds", "identities", "one", "short", "no times", "nothing"],
)
def test_others_looked_at_nothing(seen):
    made, given_ = add_empty_looks(seen)
    assert made is seen
    np.testing.assert_array_equal(given_, np.arange(len(seen)))


def harbour(stated, seed=5):
    """A boat among clutter before a radar, as a table that tells of no empty look."""
    rng = np.random.default_rng(seed)
    rows = []
    for t in np.arange(0, 300, BEAT):
        seen = [rng.uniform(-500, 500, 2) for _ in range(rng.poisson(1.0))]
        if 60 < t < 240 and rng.random() < 0.9:
            seen.append(np.array([-300 + 3 * t, 100.0]) + rng.normal(0, 4, 2))
        rows += [(t, *one) for one in seen]
    t, x, y = np.array(rows).T
    columns = {"t": t, "sensor": ["radar"] * len(t), "x": x, "y": y}
    return pa.table(columns | ({"sigma": np.full(len(t), 4.0)} if stated else {}))


@pytest.mark.parametrize("stated", [True, False])
def test_a_table_without_empty_looks_shows_the_boat_and_no_clutter(stated):
    table = harbour(stated)
    found = track(table)
    shown = found.tracks.to_pandas()
    boat = shown[(shown.t > 80) & (shown.t < 240)]
    off = np.hypot(boat.x + 300 - 3 * boat.t, boat.y - 100)
    assert (off < 20).mean() > 0.95
    assert found.summary["tracks"] <= 3
    assert len(found.assignments) == len(table)
    of_boat = found.assignments.to_pandas().track_id.value_counts().iloc[0]
    assert of_boat >= 70, "of some 95 reports"


def test_an_error_that_is_not_stated_is_known_from_the_start_of_the_second_pass():
    found = track(harbour(stated=False))
    (error,) = found.tracker.errors.values()
    assert error == pytest.approx(4.0, abs=2.0)
