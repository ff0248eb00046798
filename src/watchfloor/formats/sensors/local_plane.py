"""A local plane on the Earth: metres east and north of an origin, and WGS84.

The plane touches the ellipsoid at the origin, so that a point 50 km away lies about 200 m above it; its
latitude and longitude are those of the foot below it (NGA.STND.0036, WGS84; Bowring 1985 for the latitude).
"""

import re
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.earth import AXIS, FLATTENING

F8 = npt.NDArray[np.float64]

_E2: Final = FLATTENING * (2 - FLATTENING)
_B: Final = AXIS * (1 - FLATTENING)


class Origin(NamedTuple):
    """Where a plane's zero is, in degrees, WGS84."""

    latitude: float
    longitude: float


def origin(text: str) -> Origin:
    """An origin as people write it: `44.98, -74.73`. Raises `ValueError` with a sentence."""
    found = re.fullmatch(r"\s*([+-]?[\d.]+)\s*[,; ]\s*([+-]?[\d.]+)\s*", text)
    try:
        latitude, longitude = (float(one) for one in found.groups()) if found else (np.nan, np.nan)
    except ValueError:
        latitude = longitude = np.nan
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError(f"{text.strip()!r} is no origin: latitude and longitude, such as 44.98, -74.73")
    return Origin(latitude, longitude)


def to_wgs84(zero: Origin, east: F8, north: F8) -> tuple[F8, F8]:
    """Latitudes and longitudes, in degrees, of points of a plane, in metres. NaN stays NaN."""
    lat, lon = np.radians(zero.latitude), np.radians(zero.longitude)
    n = AXIS / np.sqrt(1 - _E2 * np.sin(lat) ** 2)
    out = n * np.cos(lat) - north * np.sin(lat)
    x = out * np.cos(lon) - east * np.sin(lon)
    y = out * np.sin(lon) + east * np.cos(lon)
    z = n * (1 - _E2) * np.sin(lat) + north * np.cos(lat)
    p = np.hypot(x, y)
    reduced = np.arctan2(AXIS * z, _B * p)
    second = _E2 / (1 - _E2)
    foot = np.arctan2(z + second * _B * np.sin(reduced) ** 3, p - _E2 * AXIS * np.cos(reduced) ** 3)
    return np.degrees(foot), np.degrees(np.arctan2(y, x))


def from_wgs84(zero: Origin, latitude: F8, longitude: F8) -> tuple[F8, F8]:
    """Metres east and north of the zero of points on the ellipsoid, in degrees: the way back."""
    lat, lon = np.radians(zero.latitude), np.radians(zero.longitude)
    there, turned = np.radians(latitude), np.radians(longitude) - lon
    n, m = (AXIS / np.sqrt(1 - _E2 * np.sin(one) ** 2) for one in (lat, there))
    out = m * np.cos(there)
    up = (1 - _E2) * (m * np.sin(there) - n * np.sin(lat))
    east = out * np.sin(turned)
    north = up * np.cos(lat) - (out * np.cos(turned) - n * np.cos(lat)) * np.sin(lat)
    return east, north
