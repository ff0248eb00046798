"""Sensors that see the same objects, turned or set off from one another."""

import numpy as np
import pytest

from watchfloor.desks.surveillance.registration import offsets, sentences

NAMES = ("north", "south", "west")
STANDS = np.array([[0.0, 0.0], [60.0, -40.0], [-500.0, 300.0]])


def seen(sensors, turned=(), longer=(), moved=(), apart=False, seed=1, objects=5, says=True):
    """What radars see of boats that cross at 4 m/s, a turn each 2.5 s: arguments of `offsets`.

    `turned` (degrees), `longer` and `moved` (metres) are of the last sensors; where `apart`, each sensor has
    tracks of its own.
    """
    draw = np.random.default_rng(seed)
    rows = []
    for at, (x, y) in enumerate(STANDS[:sensors]):
        for k in range(objects):
            t = np.arange(40) * 2.5 + 0.7 * at
            t = t[draw.random(40) < 0.9]
            east = 1_000 * k - 2_000 + 4 * t * np.sin(k) - x
            north = 2_500 + 700 * np.cos(2 * k) + 4 * t * np.cos(k) - y
            azimuth = np.arctan2(east, north) + draw.normal(0, 0.0015, len(t))
            far = np.hypot(east, north) + draw.normal(0, 5, len(t))
            if at == sensors - 1:
                azimuth, far = azimuth + np.radians(turned or 0), far + (longer or 0)
            place = np.column_stack((x + far * np.sin(azimuth), y + far * np.cos(azimuth)))
            if at == sensors - 1 and moved:
                place += moved
            track = np.full(len(t), k + (100 * at if apart else 0))
            stands = np.full((len(t), 2), STANDS[at] if says else np.nan)
            rows.append((t, place, np.full(len(t), at), track, stands))
    return tuple(np.concatenate(part) for part in zip(*rows, strict=True))


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("turned", [0.5, -0.5, 4.0])
def test_two_sensors_that_are_turned_are_told_and_neither_is_blamed(turned, apart):
    (one,) = offsets(*seen(2, turned=turned, apart=apart))
    assert (one.sensor, one.other, one.by) == (0, 1, ())
    assert np.degrees(one.azimuth) == pytest.approx(-turned, abs=0.1)
    assert abs(one.range) < 5
    assert one.objects == 5
    (said,) = sentences([one], NAMES)
    assert f"{abs(np.degrees(one.azimuth)):.2f}° {'anti' if turned > 0 else ''}clockwise" in said
    assert "south" in said


def test_of_three_the_one_that_is_off_is_named():
    (one,) = offsets(*seen(3, turned=0.5, longer=30.0))
    assert (one.sensor, one.by) == (2, (0, 1))
    assert np.degrees(one.azimuth) == pytest.approx(0.5, abs=0.1)
    assert one.range == pytest.approx(30, abs=5)


def test_of_sensors_that_do_not_say_where_they_stand_metres_are_told():
    (one,) = offsets(*seen(3, moved=(80.0, -60.0), says=False, apart=True))
    assert (one.sensor, one.by, one.azimuth) == (2, (0, 1), None)
    assert (one.east, one.north) == pytest.approx((80, -60), abs=5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("apart", [False, True])
def test_sensors_that_agree_are_not_told_of(seed, apart):
    assert offsets(*seen(3, apart=apart, seed=seed)) == []


def test_neighbours_that_go_another_way_are_not_an_offset():
    """One sensor sees the boats, the other sees others 200 m beside them that go elsewhere."""
    t, place, sensor, track, stands = seen(2, moved=(200.0, 0.0), apart=True)
    wander = np.column_stack((3 * t * np.cos(track), 3 * t * np.sin(track)))
    place[sensor == 1] += wander[sensor == 1]
    assert offsets(t, place, sensor, track, stands) == []
    assert offsets(t[:3], place[:3], sensor[:3], track[:3], stands[:3]) == []
