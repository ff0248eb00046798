"""Places on WGS84: what lies so far in a direction, and how one place is seen from another.

Bearings are degrees clockwise from true north, lengths metres, heights metres above the ellipsoid.
"""

from math import asin, atan2, cos, degrees, hypot, radians, sin
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

AXIS: Final = 6_378_137.0
"""Semi-major axis."""
SQUARE: Final = 6.694379990141317e-3
"""First eccentricity, squared."""
MEAN: Final = 6_371_008.8


class View(NamedTuple):
    """How places are seen from other places, one each: degrees, metres along the straight line, degrees."""

    azimuth: Floats
    range: Floats
    elevation: Floats


def beyond(latitude: float, longitude: float, bearing: float, metres: float) -> tuple[float, float]:
    """Latitude and longitude of the place that lies so far in a direction, on the mean sphere.

    Good to 5 parts in 1,000 of the length.
    """
    phi, way, angle = radians(latitude), metres / MEAN, radians(bearing)
    north = asin(sin(phi) * cos(way) + cos(phi) * sin(way) * cos(angle))
    east = atan2(sin(angle) * sin(way) * cos(phi), cos(way) - sin(phi) * sin(north))
    return degrees(north), longitude + degrees(east)


def towards(here: tuple[float, float], there: tuple[float, float]) -> tuple[float, float]:
    """Bearing and metres from one place to another, on the mean sphere."""
    a, b = radians(here[0]), radians(there[0])
    turn = radians(there[1] - here[1])
    east = sin(turn) * cos(b)
    north = cos(a) * sin(b) - sin(a) * cos(b) * cos(turn)
    up = sin(a) * sin(b) + cos(a) * cos(b) * cos(turn)
    return degrees(atan2(east, north)) % 360, MEAN * atan2(hypot(east, north), up)


def space(latitude: npt.ArrayLike, longitude: npt.ArrayLike, height: npt.ArrayLike = 0.0) -> Floats:
    """Metres from the centre of the Earth, [..., 3]."""
    phi, lam = np.radians(np.asarray(latitude, float)), np.radians(np.asarray(longitude, float))
    normal = AXIS / np.sqrt(1 - SQUARE * np.sin(phi) ** 2)
    above = np.asarray(height, float)
    flat = (normal + above) * np.cos(phi)
    up = (normal * (1 - SQUARE) + above) * np.sin(phi)
    return np.stack(np.broadcast_arrays(flat * np.cos(lam), flat * np.sin(lam), up), -1)


def seen(here: tuple[Any, Any, Any], there: tuple[Any, Any, Any]) -> View:
    """How places are seen from others; both latitude, longitude and height, numbers or columns."""
    off = space(*there) - space(*here)
    phi, lam = np.radians(np.asarray(here[0], float)), np.radians(np.asarray(here[1], float))
    east = -np.sin(lam) * off[..., 0] + np.cos(lam) * off[..., 1]
    flat = np.cos(lam) * off[..., 0] + np.sin(lam) * off[..., 1]
    north = -np.sin(phi) * flat + np.cos(phi) * off[..., 2]
    up = np.cos(phi) * flat + np.sin(phi) * off[..., 2]
    across = np.hypot(east, north)
    azimuth = np.degrees(np.arctan2(east, north)) % 360
    return View(azimuth, np.hypot(across, up), np.degrees(np.arctan2(up, across)))


def shifted(latitude: Floats, longitude: Floats, east: Floats, north: Floats) -> tuple[Floats, Floats]:
    """Places some metres to the east and north of others, where metres are few."""
    phi = np.radians(latitude)
    bend = 1 - SQUARE * np.sin(phi) ** 2
    normal = AXIS / np.sqrt(bend)
    up = north / (normal * (1 - SQUARE) / bend)
    across = east / (normal * np.cos(phi))
    return latitude + np.degrees(up), longitude + np.degrees(across)
