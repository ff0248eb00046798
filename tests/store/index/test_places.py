"""Rectangles around circles, and boxes across the antimeridian and the poles; the oracle walks the circle."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.store.index.places import UNITS, Box, around, around_given, box, outwards, parse, turns

LATITUDES, LONGITUDES = st.floats(-90, 90), st.floats(-180, 180)
BOXES = st.builds(
    lambda a, b, west, east: box(west, min(a, b), east, max(a, b)),
    LATITUDES,
    LATITUDES,
    LONGITUDES,
    LONGITUDES,
)


def inside(wanted, latitude, longitude, slack=1e-6):
    """Whether a point lies in a box, by the angle east of its west side."""
    east = (longitude - wanted.west) % 360
    width = wanted.east - wanted.west
    across = east <= width + slack or east >= 360 - slack
    return wanted.south - slack <= latitude <= wanted.north + slack and (across or abs(latitude) > 90 - slack)


def walked(latitude, longitude, radius, bearing):
    """The point at a distance and bearing (the direct problem on a sphere, in vectors)."""
    phi, lam, angle = math.radians(latitude), math.radians(longitude), radius / MEAN_RADIUS
    up = (math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi))
    north = (-math.sin(phi) * math.cos(lam), -math.sin(phi) * math.sin(lam), math.cos(phi))
    east = (-math.sin(lam), math.cos(lam), 0.0)
    x, y, z = (
        math.cos(angle) * u + math.sin(angle) * (math.cos(bearing) * n + math.sin(bearing) * e)
        for u, n, e in zip(up, north, east, strict=True)
    )
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))


@given(LATITUDES, LONGITUDES, st.floats(0, 1.9e7), st.floats(0, 2 * math.pi), st.floats(0, 1))
def test_every_point_of_a_circle_is_in_its_rectangle(latitude, longitude, radius, bearing, share):
    assert inside(around(latitude, longitude, radius), *walked(latitude, longitude, radius * share, bearing))


@given(st.floats(-80, 80), LONGITUDES, st.floats(1, 1e6))
def test_a_rectangle_is_no_larger_than_it_must_be(latitude, longitude, radius):
    """The circle reaches each side, to a thousandth of its size."""
    found = around(latitude, longitude, radius)
    ring = [walked(latitude, longitude, radius, math.radians(degree / 4)) for degree in range(1440)]
    assert max(lat for lat, _ in ring) == pytest.approx(found.north, abs=(found.north - found.south) / 1e3)
    assert min(lat for lat, _ in ring) == pytest.approx(found.south, abs=(found.north - found.south) / 1e3)
    if found.east - found.west < 360:
        easts = [
            (lon - found.west + 180) % 360 - 180
            if found.east - found.west < 170
            else (lon - found.west) % 360
            for _, lon in ring
        ]
        assert max(easts) == pytest.approx(found.east - found.west, abs=(found.east - found.west) / 1e3)


@given(BOXES)
def test_outwards_and_the_turns_hold_the_box(wanted):
    west, south, east, north = (side / UNITS for side in outwards(wanted))
    assert west <= wanted.west
    assert south <= wanted.south
    assert east >= wanted.east
    assert north >= wanted.north
    assert wanted in list(turns(wanted))
    assert sorted(turn.west for turn in turns(wanted)) == [wanted.west - 360, wanted.west, wanted.west + 360]


def test_a_box_is_read():
    assert parse("-70,45,-60,50") == Box(-70, 45, -60, 50)
    assert parse("170, -10, -170, 10") == Box(170, -10, 190, 10)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1,2,3", "no box"),
        ("a,b,c,d", "no box"),
        ("", "no box"),
        ("0,50,1,40", "south first"),
        ("0,-91,1,40", "-90 to 90"),
        ("-181,0,1,40", "-180 to 180"),
        ("nan,0,1,40", "-180 to 180"),
        ("0,nan,1,40", "-90 to 90"),
    ],
)
def test_what_is_no_box_is_told(text, says):
    with pytest.raises(ValueError, match=says):
        parse(text)


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(None, 1.0), (1.0, None), (math.nan, 1.0), (1.0, math.inf), (91.0, 1.0)]
)
def test_what_is_no_place_has_no_rectangle(latitude, longitude):
    assert around_given(latitude, longitude, 10.0) is None


@pytest.mark.parametrize("radius", [None, -1.0, math.nan])
def test_a_radius_that_is_none_is_a_point(radius):
    assert around_given(10.0, 20.0, radius) == pytest.approx((20.0, 10.0, 20.0, 10.0))


def test_a_radius_beyond_all_measure_is_the_world():
    assert around_given(10.0, 20.0, math.inf) == Box(-180.0, -90.0, 180.0, 90.0)
