"""What sensors say, against where everything truly was."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from watchfloor.exercise.cast import DAY
from watchfloor.exercise.surveillance import force
from watchfloor.exercise.surveillance.day import observe, outages
from watchfloor.exercise.surveillance.feeds import WIRES
from watchfloor.exercise.surveillance.geometry import seen
from watchfloor.exercise.surveillance.paths import moment, where
from watchfloor.exercise.surveillance.sensing import NOTHING
from watchfloor.exercise.surveillance.world import LAKE, towers, trails
from watchfloor.formats.registry import FORMATS
from watchfloor.reference import border

SEES = ("towers", "ground", "patrols", "ais", "adsb")


def numbers(rows, name):
    return rows[name].to_numpy(zero_copy_only=False).astype(float)


def at(rows, name="observed_at"):
    return rows[name].cast(pa.int64()).to_numpy() / 1e6 - DAY.timestamp()


def truth(day, feed):
    """Rows that are of something, and where that was."""
    objects = day.feeds[feed].objects
    kept = np.flatnonzero(objects != NOTHING)
    rows = day.feeds[feed].rows.take(kept)
    times, spots = at(rows), np.full((6, len(kept)), np.nan)
    for one in set(objects[kept].tolist()):
        mine = objects[kept] == one
        spots[:, mine] = where(day.passages[one].path, times[mine])
    return rows, objects[kept], spots


def test_radars_err_as_much_as_they_say(day):
    rows, _, (latitude, longitude, height, *_) = truth(day, "towers")
    here = tuple(numbers(rows, f"sensor_{name}") for name in ("latitude", "longitude", "altitude"))
    view = seen(here, (latitude, longitude, height))
    azimuth = (numbers(rows, "azimuth") - view.azimuth + 180) % 360 - 180
    off = azimuth / numbers(rows, "azimuth_error")
    assert abs(off.mean()) < 0.05
    assert off.std() == pytest.approx(1, abs=0.03)
    ranged = ~np.isnan(numbers(rows, "range"))
    off = (numbers(rows, "range") - view.range)[ranged] / numbers(rows, "range_error")[ranged]
    assert abs(off.mean()) < 0.05
    assert off.std() == pytest.approx(1, abs=0.03)


def test_a_radial_speed_is_that_of_the_motion(day):
    rows, _, spots = truth(day, "towers")
    here = tuple(numbers(rows, f"sensor_{name}") for name in ("latitude", "longitude", "altitude"))
    azimuth = seen(here, tuple(spots[:3])).azimuth
    rate = spots[3] * np.cos(np.radians(spots[4] - azimuth))
    told = ~np.isnan(numbers(rows, "range_rate"))
    off = (numbers(rows, "range_rate") - rate)[told] / 0.3
    assert np.percentile(np.abs(off), 90) < 2.0  # where it turned meanwhile it is another


def test_what_gives_a_place_errs_as_much_as_it_says(day):
    for feed in ("patrols", "ais"):
        rows, _, spots = truth(day, feed)
        placed = ~np.isnan(numbers(rows, "latitude"))
        place = (numbers(rows, "latitude")[placed], numbers(rows, "longitude")[placed], spots[2][placed])
        away = seen(tuple(one[placed] for one in spots[:3]), place).range
        sigma = np.sqrt(numbers(rows, "var_east")[placed]) if feed == "patrols" else 6.0
        assert np.sqrt((away**2 / sigma**2 / 2).mean()) == pytest.approx(1, abs=0.08)


def test_nobody_sees_farther_than_he_can(day):
    rows, objects, spots = truth(day, "towers")
    by_name = {one.name: one for one in day.sensors}
    here = tuple(numbers(rows, f"sensor_{name}") for name in ("latitude", "longitude", "altitude"))
    away = seen(here, tuple(spots[:3])).range
    reach = [
        by_name[name].sees(day.passages[o].size)
        for name, o in zip(rows["sensor"].to_pylist(), objects, strict=True)
    ]
    assert (away <= np.array(reach) * 1.001 + 200).all()


def test_a_sensor_that_does_not_look_says_nothing(day):
    rows = day.feeds["towers"].rows
    for name, off in outages().items():
        mine = at(rows.filter(pc.equal(rows["sensor"], name)))
        for one in off:
            assert not ((mine > one.first + 5) & (mine < one.last)).any()
    told = {(row["sensor"], row["state"]) for row in day.feeds["coverage"].rows.to_pylist()}
    assert ("kingsville-radar", "off") in told
    assert {sensor for sensor, _ in told} == {one.name for one in day.sensors}


def test_a_camera_whose_console_is_not_staffed_shows_nobody_anything(day):
    rows, reports = day.feeds["towers"].rows, day.feeds["coverage"].rows.to_pylist()
    for one in force.cameras():
        off = [
            (row["observed_at"], row["until"]) for row in reports if row["mode"] and row["sensor"] == one.name
        ]
        hours = force.UNSTAFFED.get(one.stretch)
        assert off == ([(moment(3_600 * hours[0]), moment(3_600 * hours[1]))] if hours else [])
        mine = at(rows.filter(pc.equal(rows["sensor"], one.name)))
        assert not hours or not ((mine > 3_600 * hours[0]) & (mine < 3_600 * hours[1])).any()


def test_what_moves_says_minute_by_minute_where_it_was(day):
    reports = [row for row in day.feeds["coverage"].rows.to_pylist() if row["class"] == "drone"]
    flights = [one for one in day.passages if one.carries in {row["sensor"] for row in reports}]
    assert len(flights) == 4
    for row in reports:
        now = (row["observed_at"] - DAY).total_seconds()
        mine = (one for one in flights if one.carries == row["sensor"])
        (flight,) = (one for one in mine if one.path[0].seconds - 1 <= now <= one.path[-1].seconds)
        spot = where(flight.path, np.array([now]))
        here = (np.array([row[name]]) for name in ("latitude", "longitude", "altitude"))
        assert seen((spot.latitude, spot.longitude, spot.height), tuple(here)).range[0] < 700


def test_nine_of_ten_reports_of_ground_sensors_are_nuisance(day):
    objects = day.feeds["ground"].objects
    people = [n for n, one in enumerate(day.passages) if one.what in ("person", "group", "vehicle")]
    share = 1 - np.isin(objects, people).mean()
    assert 0.8 <= share <= 0.97


def test_rows_are_in_the_order_in_which_they_came_and_their_numbers_tell_no_more(day):
    for feed in SEES:
        rows = day.feeds[feed].rows
        came = at(rows, "received_at")
        assert (np.diff(came) >= 0).all()
        assert (came >= at(rows) - 1e-6).all()
        assert rows["report_key"].to_pylist() == [f"{feed}-{n:06}" for n in range(1, rows.num_rows + 1)]
        assert rows["object"].null_count == rows.num_rows


def test_who_is_silent_is_not_heard(told, day):
    (plot,) = (one for one in told if one.name == "courier-boat")
    rows, objects, _ = truth(day, "ais")
    for one in plot.acts[-2:]:
        times = at(rows)[objects == day.number_of[id(one)]]
        off, on = one.radio[0].last, one.radio[1].first
        assert on - off > 2_400
        assert not ((times > off) & (times < on)).any()


def test_what_is_told_by_radio_is_what_it_claims(day):
    rows, objects, _ = truth(day, "ais")
    for claimed, number in zip(rows["claimed"].to_pylist(), objects, strict=True):
        assert claimed == f"vessel:mmsi:{day.passages[number].radio[0].claimed[1]}"
    named = [(one.radio[0].claimed, one.called) for one in day.passages if one.radio]
    shared = {one for one, n in Counter(claimed for claimed, _ in named).items() if n > 1}
    assert {frozenset(called for claimed, called in named if claimed == one) for one in shared} == {
        frozenset({"boat under a borrowed number", "freighter whose number is borrowed"}),
        frozenset({"ferry over the line"}),
        frozenset({"our drone"}),
    }


@pytest.mark.parametrize("feed", WIRES)
def test_every_file_is_read_back_without_a_fault(day, feed, tmp_path):
    from watchfloor.formats.base import Batch

    wire = WIRES[feed]
    with (tmp_path / wire.file).open("wb") as stream:
        wire.write([Batch(wire.kind, day.feeds[feed].rows)], stream)
    with (tmp_path / wire.file).open("rb") as stream:
        pieces = list(FORMATS[wire.form].read(stream, wire.file))
    assert not [one for one in pieces if hasattr(one, "reason")]
    found = pa.concat_tables([one.rows for one in pieces])
    assert found.num_rows == day.feeds[feed].rows.num_rows
    assert found["observed_at"].to_pylist() == day.feeds[feed].rows["observed_at"].to_pylist()
    for name in ("latitude", "longitude", "azimuth", "claimed", "sensor", "station", "state"):
        if name in found.column_names and feed != "ais":
            assert found[name].to_pylist() == day.feeds[feed].rows[name].to_pylist()


def test_a_seed_gives_the_same_and_another_seed_gives_others(day):
    ours, others = (observe([], seed, 0.05) for seed in (5, 6))
    again = observe([], 5, 0.05)
    for feed in WIRES:
        assert ours.feeds[feed].rows.equals(again.feeds[feed].rows)
    assert not ours.feeds["towers"].rows.equals(others.feeds["towers"].rows)


def test_a_day_of_scale_one_is_quick_to_take_in():
    rows = observe([], 1, 1.0)
    assert 30_000 < sum(one.rows.num_rows for one in rows.feeds.values()) < 60_000


def test_towers_and_trails_are_on_our_side():
    line = border.load()
    stands = [one for one in towers() if one.kind == "radar"]
    assert len(stands) == 15
    assert set(line.side(*np.array([one.place for one in stands]).T)) == {"CAN"}
    near = [one for one in stands if one.stretch != LAKE]
    assert (line.nearest(*np.array([one.place for one in near]).T).metres < 1_500).all()
    assert all(trail.north > 0 for trail in trails(40))
