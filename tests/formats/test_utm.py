"""Universal Transverse Mercator, against values of PROJ 9 (pyproj 3, EPSG 326xx and 327xx)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats.sensors import utm

PROJ = [
    (18, 521250.82758497691, 4984685.414417752, 45.0153, -74.7303),
    (18, 500000.0, 4982950.400226552, 45.0, -75.0),
    (-60, 314137.6428986691, 5425562.090160088, -41.3, 174.78),
    (-60, 750334.7765820436, 5423626.056664473, -41.3, 179.99),
]


@pytest.mark.parametrize(("zone", "easting", "northing", "latitude", "longitude"), PROJ)
def test_places_of_proj(zone, easting, northing, latitude, longitude):
    found = utm.geographic(np.array([zone]), np.array([easting]), np.array([northing]))
    np.testing.assert_allclose([found[0][0], found[1][0]], [latitude, longitude], rtol=0, atol=1e-9)


@pytest.mark.parametrize(("zone", "easting", "northing", "latitude", "longitude"), PROJ)
def test_places_of_proj_on_the_grid(zone, easting, northing, latitude, longitude):
    found = utm.projected(zone, np.array([latitude]), np.array([longitude]))
    np.testing.assert_allclose([found[0][0], found[1][0]], [easting, northing], rtol=0, atol=1e-4)


@given(st.integers(1, 60), st.floats(-4, 4), st.floats(-80, 84))
def test_there_and_back(zone, away, latitude):
    zone = zone if latitude >= 0 else -zone
    place = np.array([latitude]), np.array([6.0 * abs(zone) - 183.0 + away])
    back = utm.geographic(np.array([zone]), *utm.projected(zone, *place))
    np.testing.assert_allclose(back[0], place[0], rtol=0, atol=1e-9)
    np.testing.assert_allclose((back[1] - place[1] + 180) % 360, 180, rtol=0, atol=1e-8)


@given(st.integers(1, 60), st.floats(-3, 3), st.floats(0, 9e6))
def test_east_and_west_of_the_meridian_mirror_each_other(zone, share, northing):
    """The projection is symmetric about its meridian and, but for the false northing, about the equator."""
    east = np.array([5e5 + share * 1e5, 5e5 - share * 1e5, 5e5 + share * 1e5])
    north = np.array([northing, northing, 1e7 - northing])
    latitude, longitude = utm.geographic(np.array([zone, zone, -zone]), east, north)
    away = (longitude - (6 * zone - 183) + 180) % 360 - 180
    np.testing.assert_allclose(away[0], -away[1], atol=1e-9)
    np.testing.assert_allclose([latitude[0], latitude[0]], [latitude[1], -latitude[2]], atol=1e-9)


def test_along_a_meridian_a_degree_of_latitude_is_as_long_as_on_the_ellipsoid():
    """Bowring's arc of the meridian from 44.5 to 45.5 degrees, 111,131.8 m, times the scale of 0.9996."""
    northing = np.array([4982950.400226552 + half * 111_131.78 / 2 * utm.SCALE for half in (-1, 1)])
    latitude, _ = utm.geographic(np.array([18, 18]), np.array([5e5, 5e5]), northing)
    np.testing.assert_allclose(latitude[1] - latitude[0], 1.0, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("18N", 18),
        ("18T", 18),
        (" 18 t ", 18),
        ("30S", -30),
        ("30G", -30),
        ("1", 1),
        ("60X", 60),
        ("61N", None),
        ("0N", None),
        ("18I", None),
        ("18A", None),
        ("N18", None),
        ("", None),
    ],
)
def test_zones(text, zone):
    assert utm.zone(text) == zone
