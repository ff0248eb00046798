"""How one place is seen from another, against the definition; what lies so far away, against its inverse."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.exercise.surveillance.geometry import beyond, seen, shifted, space, towards

LATITUDES, LONGITUDES = st.floats(-80, 80), st.floats(-179, 179)
FEW = settings(max_examples=draws(60))


@FEW
@given(LATITUDES, LONGITUDES, st.floats(0, 359), st.floats(1, 300_000))
def test_there_and_back(latitude, longitude, bearing, metres):
    end = beyond(latitude, longitude, bearing, metres)
    way, length = towards((latitude, longitude), end)
    assert abs(length - metres) < 1e-4 + metres * 1e-9
    assert abs((way - bearing + 180) % 360 - 180) < 1e-3


@FEW
@given(LATITUDES, LONGITUDES, st.floats(-0.3, 0.3), st.floats(-0.3, 0.3), st.floats(0, 2_000))
def test_azimuth_range_and_elevation_lead_to_the_place(latitude, longitude, up, across, height):
    """The place is put together again from east, north and upward of the observer's plane."""
    there = (latitude + up, longitude + across, height)
    view = seen((latitude, longitude, 30.0), there)
    phi, lam = np.radians(latitude), np.radians(longitude)
    east = np.array([-np.sin(lam), np.cos(lam), 0])
    north = np.array([-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)])
    upward = np.cross(east, north)
    azimuth, elevation = np.radians(view.azimuth), np.radians(view.elevation)
    flat = np.sin(azimuth) * east + np.cos(azimuth) * north
    way = np.cos(elevation) * flat + np.sin(elevation) * upward
    assert np.allclose(space(latitude, longitude, 30.0) + view.range * way, space(*there), atol=1e-5)


@FEW
@given(LATITUDES, LONGITUDES, st.floats(-200, 200), st.floats(-200, 200))
def test_a_shift_by_metres_is_seen_as_such(latitude, longitude, east, north):
    moved = shifted(np.array([latitude]), np.array([longitude]), np.array([east]), np.array([north]))
    view = seen((latitude, longitude, 0.0), (moved[0], moved[1], 0.0))
    assert np.allclose(view.range, np.hypot(east, north), atol=0.02)
    if np.hypot(east, north) > 10:
        off = view.azimuth - np.degrees(np.arctan2(east, north))
        assert np.allclose((off + 180) % 360, 180, atol=0.1)


def test_a_degree_of_latitude_on_the_ellipsoid():
    """WGS84: 110,574 m at the equator, 111,694 m at the pole."""
    for middle, metres in ((0.0, 110_574.3), (89.5, 111_693.9)):
        (gone,) = seen((middle - 0.5, 10.0, 0.0), (np.array([middle + 0.5]), 10.0, 0.0)).range
        assert abs(gone - metres) < 3.0
