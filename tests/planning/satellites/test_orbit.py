"""Places of satellites against the verification cases of SGP4 and against skyfield."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import sgp4
from skyfield.api import EarthSatellite, load, wgs84
from skyfield.framelib import itrs
from tests.planning.satellites.made import MSI, THREE, pair

from watchfloor.formats.orbits import Ephemeris, parse, tle
from watchfloor.formats.orbits.elements import Elements
from watchfloor.planning.satellites import orbit

TIMES = load.timescale(builtin=True)
BEGIN = datetime(2026, 5, 31, tzinfo=UTC)


def elements(lines):
    (found,) = parse(lines.encode(), "a").elements
    return found


def inertial(track, begin):
    """Turn a track back into the frame of SGP4, in kilometres."""
    seconds = track.start + track.step * np.arange(len(track.position))
    angle = -orbit.sidereal(orbit.days_since(begin, seconds))
    x, y, z = track.position.T / 1_000
    return np.stack([np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x, z], 1)


def cases():
    """Each verification case: its elements, and lines of minutes since the epoch with a place."""
    folder = Path(sgp4.__file__).parent
    read = {}
    for one in tle.read((folder / "SGP4-VER.TLE").read_text().splitlines()):
        if isinstance(one, Elements):
            read[one.norad] = one
    found, number = {}, 0
    for line in (folder / "tcppver.out").read_text().splitlines():
        if head := re.fullmatch(r"\s*(\d+) xx\s*", line):
            number = int(head[1])
        else:
            found.setdefault(number, []).append([float(word) for word in line.split()[:4]])
    return [(read[number], np.array(rows)) for number, rows in found.items() if number in read]


@pytest.mark.parametrize(("one", "rows"), cases(), ids=lambda one: str(getattr(one, "norad", "")))
def test_places_are_those_of_the_verification_cases(one, rows):
    for minutes, *place in rows[:: max(len(rows) // 4, 1)]:
        track = orbit.propagate(one, one.epoch, minutes * 60, minutes * 60 + 1, step=1.0)
        if len(track.position):
            assert (
                np.abs(inertial(track, one.epoch)[0] - place).max() < 1e-3
            )  # kilometres; the epoch's digits
        else:
            assert track.ended is not None or np.linalg.norm(place) < 6_480


def test_places_on_the_turning_earth_are_those_of_skyfield():
    lines = pair(MSI, 226.0, 270.0)
    track = orbit.propagate(elements(lines), BEGIN, 0, 86_400, step=600)
    seconds = 600 * np.arange(len(track.position))
    at = TIMES.from_datetimes([BEGIN + timedelta(seconds=float(one)) for one in seconds])
    satellite = EarthSatellite(*lines.splitlines(), ts=TIMES)
    place, velocity = satellite.at(at).frame_xyz_and_velocity(itrs)
    place, velocity = place.m.T, velocity.m_per_s.T
    # UT1 - UTC turns the Earth by 465 m a second at the equator; skyfield knows it.
    assert np.linalg.norm(track.position - place, axis=1).max() < 500 * abs(float(at.dut1.max())) + 5
    assert np.linalg.norm(track.velocity - velocity, axis=1).max() < 1


def test_between_points_of_the_grid_a_cubic_is_right_to_a_metre():
    from watchfloor.planning.satellites.access import _place

    one = elements(pair(MSI, 226.0, 270.0))
    coarse = orbit.propagate(one, BEGIN, 0, 6_000)
    fine = orbit.propagate(one, BEGIN, 0, 6_000, step=7.0)
    made = np.array([_place(coarse.position, coarse.velocity, 60.0, 7.0 * at)[:3] for at in range(800)])
    assert np.abs(made - fine.position[:800]).max() < 1.0


@pytest.mark.parametrize("frame", ["TEME", "ITRF", "EME2000"])
def test_an_ephemeris_gives_what_its_states_say(frame):
    lines = pair(MSI, 226.0, 270.0)
    one = elements(lines)
    wanted = orbit.propagate(one, BEGIN, 600, 6_000)
    step = 180.0
    states = orbit.propagate(one, BEGIN, 0, 7_200, step=step)
    position, velocity = states.position / 1_000, states.velocity / 1_000
    seconds = step * np.arange(len(position))
    if frame == "TEME":
        position = inertial(states, BEGIN)
        # Velocities by differences of places: fine enough for what is compared.
        velocity = np.gradient(position, step, axis=0, edge_order=2)
    elif frame == "EME2000":
        at = TIMES.from_datetimes([BEGIN + timedelta(seconds=float(each)) for each in seconds])
        there = EarthSatellite(*lines.splitlines(), ts=TIMES).at(at)
        position, velocity = there.position.km.T, there.velocity.km_per_s.T
    ephemeris = Ephemeris(
        name="x", frame=frame, start=BEGIN, seconds=seconds, position=position, velocity=velocity
    )
    track = orbit.interpolate(ephemeris, BEGIN, 600, 6_000)
    far = np.linalg.norm(track.position - wanted.position, axis=1).max()
    assert far < (80 if frame == "EME2000" else 1), far  # skyfield's UT1 is in the celestial places


def test_an_ephemeris_that_ends_gives_no_more_than_it_has():
    seconds = np.array([0.0, 60.0, 120.0])
    ephemeris = Ephemeris(
        name="x",
        frame="ITRF",
        start=BEGIN,
        seconds=seconds,
        position=np.full((3, 3), 7_000.0),
        velocity=np.zeros((3, 3)),
    )
    assert len(orbit.interpolate(ephemeris, BEGIN, -600, 6_000).position) == 3
    assert not len(orbit.interpolate(ephemeris, BEGIN, 600, 6_000).position)


def test_an_orbit_that_ends_in_the_air_ends_there():
    heavy = elements(pair(MSI, 226.0, 270.0, motion=16.3, drag=" 10000-2"))
    track = orbit.propagate(heavy, BEGIN, 0, 20 * 86_400)
    assert track.ended == 60 * len(track.position)
    assert 0 < len(track.position) < 20 * 1_440


def test_an_orbit_that_ended_before_does_not_come_back():
    """By such drag SGP4 gives places again, without an error: here beyond the moon a day later."""
    nonsense = elements(pair(MSI, 226.0, 270.0, motion=15.9, drag=" 99999+0"))
    track = orbit.propagate(nonsense, BEGIN, 86_400, 90_000)
    assert not len(track.position)
    assert track.ended < 86_400


def test_an_orbit_is_traced_back_as_far_as_it_goes():
    heavy = elements(pair(MSI, 226.0, 270.0, motion=15.9, drag=" 50000-2", day="26180.50000000"))
    back = (heavy.epoch - BEGIN).total_seconds()
    track = orbit.propagate(heavy, BEGIN, back - 40 * 86_400, back)
    assert track.start == track.ended + orbit.STEP
    assert 5 < (back - track.start) / 86_400 < 20
    assert track.start + orbit.STEP * (len(track.position) - 1) >= back


def test_points_lie_on_the_ellipsoid_at_their_height():
    latitude, longitude, height = np.array([49.0, -33.0]), np.array([-97.2, 151.0]), np.array([0.0, 1_500.0])
    place, _ = orbit.ground(latitude, longitude, height)
    for at in range(2):
        theirs = wgs84.latlon(latitude[at], longitude[at], height[at]).itrs_xyz.m
        np.testing.assert_allclose(place[at], theirs, atol=1e-6)


def test_three_made_up_satellites_fly():
    for one in parse(THREE.encode(), "a").elements:
        track = orbit.propagate(one, BEGIN, 0, 6_000)
        assert 6.9e6 < track.radius < 7.3e6
