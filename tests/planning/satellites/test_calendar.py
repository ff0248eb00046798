"""Ages of elements, what is told of them, and gaps."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.satellites.made import MSI, PLACES, THREE, elements, pair
from tests.refusals import refused

from watchfloor.formats.orbits import Ephemeris, Orbits, parse
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.satellites import clouds, orbit, points
from watchfloor.planning.satellites.calendar import Passes, Points, calendar
from watchfloor.planning.satellites.gaps import gaps, joined
from watchfloor.planning.satellites.sensors import Sensor

EPOCH = datetime(2026, 5, 30, 12, tzinfo=UTC)
WHERE = Points(["a", "b"], np.array([49.0, 45.0]), np.array([-97.2, -73.4]), np.zeros(2))
ANY = Sensor(name="any", incidence=(0, 60))
ORBITS = parse(THREE.encode(), "a")


def made(begin, days=2, orbits=ORBITS, **options):
    return calendar(orbits, [ANY], WHERE, begin, days, **options)


def told(found):
    return {one.message for one in found.notes}


def test_fresh_elements_give_times_and_nothing_to_tell():
    found = made(EPOCH)
    assert not told(found)
    assert all(one.until == 2 * 86_400 for one in found.observers)


def test_uncertainty_grows_with_age_both_ways():
    one = made(EPOCH).observers[0]
    after = one.uncertainty(np.array([0.0, 3.0, 12.0]) * 86_400)
    assert (np.diff(after) > 0).all()
    assert after[0] == pytest.approx(1_000 / one.speed)
    assert after[2] == pytest.approx(25_000 / one.speed, rel=0.3)
    np.testing.assert_array_equal(after, one.uncertainty(np.array([0.0, -3.0, -12.0]) * 86_400))


def test_two_sets_of_a_satellite_measure_the_growth():
    later = pair(MSI, 226.0 + 0.9856 * 2, (270.5 + 2 * 14.30810 * 360) % 360, day="26152.50000000")
    both = parse(elements(("A", pair(MSI, 226.0, 270.0)), ("A", later)).encode(), "a")
    one = made(EPOCH + timedelta(days=2), orbits=both).observers[0]
    assert one.epoch == pytest.approx(0, abs=1e-3)
    assert one.growth != 2_000
    assert 10_000 < one.growth < 1_000_000


def test_stale_elements_give_no_times_but_the_pattern():
    fresh, old = made(EPOCH, 12), made(EPOCH + timedelta(days=90), 12)
    assert told(old) == {"satellites.stale"}
    assert all(one.stale for one in old.observers)
    counts = [np.bincount(one.every().observer, minlength=3) for one in (fresh, old)]
    np.testing.assert_allclose(*counts, rtol=0.25, atol=2)


def test_the_oldest_may_be_said():
    assert not told(made(EPOCH + timedelta(days=90), oldest=200))
    found = made(EPOCH + timedelta(days=28), days=4)
    assert told(found) == {"satellites.ends-early"}
    assert {round(one.until / 86_400, 6) for one in found.observers} == {2.0}


def test_elements_of_after_the_window_are_told():
    assert told(made(EPOCH - timedelta(days=5))) == {"satellites.from-future"}
    assert told(made(EPOCH - timedelta(days=50))) == {"satellites.stale"}


def test_an_orbit_that_ended_is_told_and_gives_no_pass():
    heavy = parse(pair(MSI, 226.0, 270.0, motion=16.3, drag=" 30000-2").encode(), "a")
    found = made(EPOCH + timedelta(days=1), 3, heavy)
    assert told(found) == {"satellites.decayed"}
    assert not len(found.every().at)
    ending = made(EPOCH, 3, heavy)
    assert told(ending) == {"satellites.decayed"}
    assert ending.notes[-1].params == found.notes[-1].params
    assert len(ending.every().at)
    # Of elements that are too old for times too: what has decayed has no interval between passes.
    later = made(EPOCH + timedelta(days=90), 3, heavy)
    assert told(later) == {"satellites.decayed"}
    assert not later.observers


def test_elements_that_describe_no_orbit_are_told():
    for more in ({"motion": 17.4}, {"motion": 15.9, "drag": " 99999+0"}):
        found = made(EPOCH + timedelta(days=1), 3, parse(pair(MSI, 226.0, 270.0, **more).encode(), "a"))
        assert told(found) == {"satellites.no-orbit"}
        assert not len(found.every().at)
    heavy = pair(MSI, 226.0, 270.0, motion=15.9, drag=" 50000-2", day="26180.50000000")
    assert "satellites.not-traced" in told(made(EPOCH, 20, parse(heavy.encode(), "a")))


def test_faults_of_the_file_and_satellites_without_a_sensor_are_told():
    broken = parse((THREE + "1 00000U nothing\n").encode(), "a")
    found = calendar(broken, [Sensor(name="s", satellites=(MSI,), swath_km=290), ANY][:1], WHERE, EPOCH, 1)
    assert told(found) == {"satellites.not-read", "satellites.no-sensor"}
    refused(
        "satellites.nothing-flies",
        calendar,
        broken,
        [Sensor(name="s", satellites=(1,), swath_km=290)],
        WHERE,
        EPOCH,
        1,
    )


def test_more_than_memory_holds_is_refused():
    many = Orbits(tuple(ORBITS.elements[:1]) * 1)
    refused("satellites.too-long", calendar, many, [ANY], WHERE, EPOCH, 20_000)


def test_an_ephemeris_passes_as_its_elements_do():
    one = ORBITS.elements[0]
    states = orbit.propagate(one, EPOCH, 0, 2 * 86_400, step=120)
    ephemeris = Ephemeris(
        name=one.name,
        frame="ITRF",
        start=EPOCH,
        seconds=120.0 * np.arange(len(states.position)),
        position=states.position / 1_000,
        velocity=states.velocity / 1_000,
    )
    theirs = made(EPOCH, 2, Orbits(ORBITS.elements[:1])).every()
    found = made(EPOCH, 2, Orbits((), (ephemeris,)))
    mine = found.every()
    np.testing.assert_allclose(mine.start, theirs.start, atol=0.01)
    assert np.isnan(mine.uncertainty).all()
    assert told(found) == set()
    assert told(made(EPOCH, 4, Orbits((), (ephemeris,)))) == {"satellites.ephemeris-short"}


# Gaps

SPANS = st.lists(st.tuples(st.integers(0, 2), st.floats(0, 9_000), st.floats(1, 3_000)), max_size=30)


@given(SPANS)
def test_gaps_are_what_no_look_covers(spans):
    spans = sorted(spans, key=lambda one: one[:2])
    point = np.array([one[0] for one in spans], np.int64)
    start = np.array([one[1] for one in spans], np.float64)
    end = np.minimum(start + [one[2] for one in spans], 12_000.0) if spans else start
    nothing = np.zeros(len(spans))
    flags = np.ones(len(spans), np.bool_)
    some = Passes(point, point, start, end, start, nothing, nothing, flags, flags, flags, nothing)
    found = gaps(some, flags, 0, 3, 12_000.0)
    summary = found.summary()
    for at in range(3):
        mine = [(one, other) for one, other, here in zip(start, end, point == at, strict=True) if here]
        cuts = sorted({0.0, 12_000.0, *(each for one in mine for each in one)})
        empty, runs = [], []
        for low, high in pairwise(cuts):
            covered = any(one <= low and high <= other for one, other in mine)
            if not covered and empty and empty[-1][1] == low:
                empty[-1] = (empty[-1][0], high)
            elif not covered:
                empty.append((low, high))
        runs = [high - low for low, high in empty]
        inner = [
            high - low
            for low, high in empty
            if mine and low > min(mine)[0] and high < 12_000.0 and any(one >= high for one, _ in mine)
        ]
        assert summary[at, 3] == pytest.approx(max(runs, default=0) / 3_600)
        if inner:
            expected = [np.mean(inner), np.median(inner), np.quantile(inner, 0.95)]
            np.testing.assert_allclose(summary[at, :3] * 3_600, expected)
        else:
            assert np.isnan(summary[at, 0])


def test_several_points_are_summed_up_together():
    found = made(EPOCH, 12)
    some = found.every()
    each = gaps(some, some.usable, 0, 2, found.seconds)
    both = each.summary([0, 1])
    assert both[0] == pytest.approx(each.hours.mean())
    assert both[3] == each.longest.max()


def test_gaps_of_some_points_after_others_are_those_of_all():
    found = made(EPOCH, 12)
    whole, parts = found.every(), list(found.chunks(1))
    each = [gaps(some, some.usable, at, 1, found.seconds) for at, some in enumerate(parts)]
    both, one = joined(each), gaps(whole, whole.usable, 0, 2, found.seconds)
    for name in one._fields:
        np.testing.assert_array_equal(getattr(both, name), getattr(one, name))


# Points and clouds


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (PLACES, ["Emerson", "Lacolle"]),
        ("Lat;Lon;Height\n49,0;-97,2;240\n45,01;-73,37;0\n", ["1", "2"]),
        ("49.0,-97.2\n45.01,-73.37\n", ["1", "2"]),
        ("Emerson,49.0,-97.2\nLacolle,45.01,-73.37\n", ["Emerson", "Lacolle"]),
        ("Emerson\t49.0\t-97.2\t240\nLacolle\t45.01\t-73.37\t0\n", ["Emerson", "Lacolle"]),
        ("point,longitude,latitude,note\n7,262.8,49.0,x\n8,-73.37,45.01,\n", ["7", "8"]),
    ],
)
def test_points_are_read_however_they_are_written(tmp_path, text, names):
    path = tmp_path / "points.csv"
    path.write_text(text, "utf-8")
    found = points.read(path)
    assert list(found.names) == names
    np.testing.assert_allclose(found.latitude, [49.0, 45.01])
    np.testing.assert_allclose(found.longitude, [-97.2, -73.37])
    assert found.height[0] == (240 if "240" in text else 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,place\na,b\n", "satellites.no-place"),
        ("name,lat,lon\na,95,3\n", "satellites.bad-place"),
        ("name,lat,lon\na,north,3\n", "satellites.bad-place"),
        ("name,lat,lon\na,,3\n", "satellites.bad-place"),
        ("name,lat,lon\n", "table.empty"),
    ],
)
def test_what_is_no_place_is_told_with_its_row(tmp_path, text, message):
    path = tmp_path / "points.csv"
    path.write_text(text, "utf-8")
    refused(message, points.read, path)


def test_points_are_read_from_geojson(tmp_path):
    path = tmp_path / "points.geojson"
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": {"name": name}}
        for name, place in (("Emerson", [-97.2, 49.0, 240.0]), ("Lacolle", [286.63, 45.01]))
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    found = points.read(path)
    assert list(found.names) == ["Emerson", "Lacolle"]
    np.testing.assert_allclose(found.latitude, [49.0, 45.01])
    np.testing.assert_allclose(found.longitude, [-97.2, -73.37])
    np.testing.assert_allclose(found.height, [240, 0])
    path.write_text(json.dumps(features[0]), "utf-8")
    assert list(points.read(path).names) == ["Emerson"]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"type": "FeatureCollection", "features": []}, "satellites.not-points"),
        ([1], "satellites.not-points"),
        ({"type": "Polygon", "coordinates": []}, "satellites.not-points"),
        ({"type": "Point", "coordinates": [3, 95]}, "satellites.bad-place"),
        ({"type": "Point", "coordinates": ["x", 5]}, "satellites.not-points"),
    ],
)
def test_geojson_without_points_is_refused(tmp_path, told, message):
    path = tmp_path / "points.geojson"
    path.write_text(json.dumps(told), "utf-8")
    refused(message, points.read, path)


def test_the_line_has_a_point_a_kilometre():
    found = points.of_line()
    assert len(found) == len(axis())
    assert found.names[2_050] == "2050"


@pytest.mark.parametrize(
    ("text", "january", "july"),
    [
        ("month,clear\n1,.2\n7,.6\n", [0.2, 0.2], [0.6, 0.6]),
        ("month,km,to,cloud\n1,0,1,80\n1,1,2,30\n7,0,2,40\n", [0.2, 0.7], [0.6, 0.6]),
        ("latitude,longitude,clear\n49,-97,60\n45,-74,20\n", [0.6, 0.2], [0.6, 0.2]),
        ("month,latitude,longitude,clear\n1,49,-97,.6\n", [0.6, np.nan], [np.nan, np.nan]),
    ],
)
def test_clear_skies_are_by_month_and_place(tmp_path, text, january, july):
    path = tmp_path / "clouds.csv"
    path.write_text(text, "utf-8")
    found = clouds.read(path, ["0", "1"], WHERE.latitude, WHERE.longitude)
    np.testing.assert_allclose(found.clear[0], january)
    np.testing.assert_allclose(found.clear[6], july)
    at = np.array([0.0, 86_400.0 * 3])
    begin = datetime(2026, 6, 29, tzinfo=UTC)
    np.testing.assert_allclose(found.probability(np.array([0, 0]), begin, at)[1], july[0])


@pytest.mark.parametrize(
    "text", ["month,sky\n1,2\n", "month,clear\n1,-1\n", "month,clear\n1,\n", "clear\nx\n"]
)
def test_what_is_no_probability_is_refused(tmp_path, text):
    path = tmp_path / "clouds.csv"
    path.write_text(text, "utf-8")
    refused("satellites.bad-clouds", clouds.read, path, ["0", "1"], WHERE.latitude, WHERE.longitude)
