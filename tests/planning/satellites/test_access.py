"""Passes against skyfield's search for rises and sets, and what sensors make of them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skyfield.api import EarthSatellite, load, wgs84
from tests.planning.satellites.made import LANDSAT, MSI, RCM, THREE, pair

from watchfloor.formats.orbits import parse
from watchfloor.formats.orbits.tle import checksum
from watchfloor.planning.cueing import height
from watchfloor.planning.satellites import orbit
from watchfloor.planning.satellites.access import Limits, access, blocks
from watchfloor.planning.satellites.calendar import Points, calendar
from watchfloor.planning.satellites.sensors import Sensor

TIMES = load.timescale(builtin=True)
BEGIN = datetime(2026, 5, 31, tzinfo=UTC)
DAYS = 4
PLACES = Points(
    ["Emerson", "Lacolle", "Pole", "Fiji"],
    np.array([49.0, 45.01, 89.5, -17.0]),
    np.array([-97.2, -73.37, 10.0, 179.9]),
    np.array([240.0, 50.0, 0.0, 0.0]),
)
PAIRS = {MSI: pair(MSI, 226.0, 270.0), LANDSAT: pair(LANDSAT, 222.0, 90.0, motion=14.57), RCM: THREE[-140:]}


def passes(sensor, text=THREE, days=DAYS, places=PLACES):
    found = calendar(parse(text.encode(), "a"), [sensor], places, BEGIN, days)
    return found, found.every()


@pytest.mark.filterwarnings("ignore:Setting the dtype:DeprecationWarning")  # of skyfield, with NumPy 2.5
@pytest.mark.parametrize("most", [15, 50, 85])
@pytest.mark.parametrize("number", [MSI, LANDSAT])
def test_starts_and_ends_are_within_a_second_of_skyfield(number, most):
    text = PAIRS[number]
    _, mine = passes(Sensor(name="any", incidence=(0, most)), text)
    satellite = EarthSatellite(*text.splitlines(), ts=TIMES)
    span = TIMES.from_datetime(BEGIN), TIMES.from_datetime(BEGIN + timedelta(days=DAYS))
    for at in range(len(PLACES)):
        place = wgs84.latlon(PLACES.latitude[at], PLACES.longitude[at], PLACES.height[at])
        moments, what = satellite.find_events(place, *span, altitude_degrees=90 - most)
        seconds = np.array([(one - BEGIN).total_seconds() for one in moments.utc_datetime()])
        some = mine.where(mine.point == at)
        for ours, theirs in ((some.start, seconds[what == 0]), (some.end, seconds[what == 2])):
            inner = [one[(one > 600) & (one < DAYS * 86_400 - 600)] for one in (ours, theirs)]
            assert len(inner[0]) == len(inner[1])
            np.testing.assert_allclose(*inner, atol=1.0)


def test_incidence_side_and_light_are_those_at_the_nearest():
    found, mine = passes(Sensor(name="any", incidence=(0, 60)))
    lines = {one.name: one.locator for one in parse(THREE.encode(), "a").elements}
    rows = THREE.splitlines()
    assert len(mine.at) > 20
    for at in range(0, len(mine.at), 7):
        name = found.observers[mine.observer[at]].satellite
        first = int(lines[name].split()[1]) - 1
        satellite = EarthSatellite(rows[first], rows[first + 1], ts=TIMES)
        point = mine.point[at]
        place = wgs84.latlon(PLACES.latitude[point], PLACES.longitude[point], PLACES.height[point])
        when = BEGIN + timedelta(seconds=float(mine.at[at]))
        altitude, azimuth, _ = (satellite - place).at(TIMES.from_datetime(when)).altaz()
        assert mine.incidence[at] == pytest.approx(90 - altitude.degrees, abs=0.05)
        sun = height(PLACES.latitude[point], PLACES.longitude[point], when)
        assert mine.sun[at] == pytest.approx(float(sun), abs=0.01)
        # Whoever flies north and has a place on their left is seen from it in the east.
        if abs(PLACES.latitude[point]) < 60 and mine.incidence[at] > 2:
            assert (azimuth.degrees < 180) == (mine.left[at] == mine.north[at])


def test_a_side_and_a_least_incidence_leave_passes_out_and_add_none():
    _, every = passes(Sensor(name="any", incidence=(0, 50)))
    parts = {
        side: passes(Sensor(name="any", incidence=(20, 50), side=side))[1]
        for side in ("left", "right", "both")
    }
    kept = every.where(every.incidence >= 20)
    assert set(kept.at.tolist()) == set(parts["both"].at.tolist())
    assert 0 < len(parts["left"].at) < len(kept.at)
    assert len(parts["left"].at) + len(parts["right"].at) == len(kept.at)
    assert parts["left"].left.all()
    assert not parts["right"].left.any()


@pytest.mark.parametrize("way", [{"swath_km": 290}, {"off_nadir": 10.5}])
def test_a_swath_is_as_wide_as_it_says(way):
    found, mine = passes(Sensor(name="wide", **way), days=12)
    one = found.observers[0]
    half = 145.0 if "swath_km" in way else 0.0
    if not half:
        half = 6_371 * (
            np.arcsin(one.track.radius / 6.3710088e6 * np.sin(np.radians(10.5))) - np.radians(10.5)
        )
    track = one.track
    for at in np.flatnonzero(mine.observer == 0):
        place, _ = orbit.ground(
            *(np.array([getattr(PLACES, name)[mine.point[at]]]) for name in ("latitude", "longitude")),
            np.zeros(1),
        )
        k = int((mine.at[at] - track.start) // track.step)
        near = track.position[k : k + 2]
        # Across the track: the distance of the place from the plane of the flight.
        normal = np.cross(near[0], near[1])
        across = abs(np.arcsin(place[0] @ normal / np.linalg.norm(place) / np.linalg.norm(normal))) * 6_371
        assert across < half * 1.03


def test_light_makes_a_pass_usable_or_not():
    _, mine = passes(Sensor(name="eye", swath_km=290, daylight=True, sun=10), days=12)
    assert 0 < mine.usable.sum() < len(mine.usable)
    np.testing.assert_array_equal(mine.usable, mine.sun >= 10)


def test_points_are_in_order_whatever_cells_they_lie_in():
    found, whole = passes(Sensor(name="any", incidence=(0, 40)), days=12)
    parts = list(found.chunks(1))
    assert len(parts) == len(PLACES)
    for name in whole._fields:
        np.testing.assert_array_equal(
            np.concatenate([getattr(one, name) for one in parts]), getattr(whole, name)
        )
    assert (np.diff(whole.point) >= 0).all()


def test_a_satellite_that_stays_above_a_place_has_one_pass():
    text = pair(99_999, 0.0, 0.0, motion=1.00273, drag=" 00000+0", dot=" .00000000").replace(
        "98.5700", " 0.0500"
    )
    lines = [line[:68] for line in text.splitlines()]
    from watchfloor.formats.orbits.tle import checksum

    text = "\n".join(line + str(checksum(line)) for line in lines)
    around = Points([str(one) for one in range(36)], np.zeros(36), np.arange(-180.0, 180.0, 10), np.zeros(36))
    _, mine = passes(Sensor(name="any", incidence=(0, 30)), text, 2, around)
    counts = np.bincount(mine.point, minlength=36)
    assert counts.max() == 1
    assert counts.sum() >= 4


def test_no_satellite_in_orbit_leaves_no_pass():
    cells = blocks(*orbit.ground(PLACES.latitude, PLACES.longitude, PLACES.height))
    track = orbit.Track(0.0, 60.0, np.zeros((0, 3)), np.zeros((0, 3)), 6)
    numbers, found = access(cells, track, np.zeros((0, 3)), Limits(0, 0.5, 1.0, 0, 0.2))
    assert len(numbers) == len(found) == 0


def eccentric(motion, eccentricity, anomaly):
    """A satellite whose distance from the Earth changes: the highest of its orbit is above the north."""
    first, second = pair(MSI, 200.0, 270.0, motion=motion).splitlines()
    shape = f"{round(eccentricity * 1e7):07} 270.0000 {anomaly:8.4f}"
    second = f"{second[:8]} 63.4000{second[16:26]}{shape}{second[51:]}"
    return f"{first}\n{second[:68]}{checksum(second)}\n"


@pytest.mark.parametrize(
    "sensor",
    [
        Sensor(name="wide", incidence=(0, 85)),
        Sensor(name="narrow", off_nadir=8),
        Sensor(name="whole disc", off_nadir=30),
        Sensor(name="swath", swath_km=2_000),
    ],
    ids=lambda one: one.name,
)
@pytest.mark.parametrize("orbit_of", [(2.00613, 0.72, 10.0), (14.2, 0.05, 0.0)], ids=["Molniya", "low"])
def test_of_an_orbit_that_is_no_circle_no_pass_is_missing(orbit_of, sensor):
    """What is within the limits by the angles of each minute, at points all over the Earth, is in a pass."""
    draw = np.random.default_rng(1)
    latitude, longitude = np.degrees(np.arcsin(draw.uniform(-1, 1, 200))), draw.uniform(-180, 180, 200)
    places = Points([str(one) for one in range(200)], latitude, longitude, np.zeros(200))
    made, mine = passes(sensor, eccentric(*orbit_of), 1, places)
    (observer,) = made.observers
    track, (place, up) = observer.track, orbit.ground(latitude, longitude, np.zeros(200))
    sight = track.position[None] - place[:, None]
    sight /= np.linalg.norm(sight, axis=2, keepdims=True)
    cosine = (sight * up[:, None]).sum(2)
    if observer.limits.sort:
        down = track.position / np.linalg.norm(track.position, axis=1, keepdims=True)
        cosine = np.where(cosine > 0, (sight * down[None]).sum(2), -1.0)
    at = track.start + track.step * np.arange(len(track.position))
    counted = 0
    for point, row in enumerate(cosine >= observer.limits.most):
        own = mine.where(mine.point == point)
        for run in np.split(np.arange(len(at)), np.flatnonzero(np.diff(row)) + 1):
            top = at[run[np.argmax(cosine[point, run])]]
            if row[run[0]] and 120 < top < 86_400 - 120:
                counted += 1
                assert ((own.start <= top + 1) & (own.end >= top - 1)).any()
    assert counted > 10


@given(st.floats(1, 80), st.floats(6.6e6, 4.3e7))
def test_what_reaches_farther_has_the_wider_limits(most, radius):
    track = orbit.Track(0.0, 60.0, np.array([[radius, 0.0, 0.0]] * 2), np.zeros((2, 3)))
    near, far = (Limits.build(Sensor(name="a", incidence=(0, one)), track) for one in (most, most + 5))
    assert far.reach > near.reach
    assert far.most < near.most
