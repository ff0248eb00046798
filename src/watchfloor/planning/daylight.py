"""Whether it is dark at a place: how high the sun stands.

Low-precision formulas of the sun's place (Astronomical Almanac, section C: within 0.01° from 1950 to 2050),
and Greenwich mean sidereal time of the IAU model of 1982, to the first order. Refraction is left out: at the
end of twilight, where it matters here, it is none.
"""

from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CIVIL: Final = -6.0
"""Degrees of the sun's height at the end of civil twilight: below it a camera without its own light sees
nothing to follow."""

_J2000: Final = datetime(2000, 1, 1, 12, tzinfo=UTC)


def height(latitude: npt.ArrayLike, longitude: npt.ArrayLike, at: datetime) -> Floats:
    """Of the sun above the horizon at places, in degrees."""
    days = (at - _J2000).total_seconds() / 86_400
    mean = np.radians((357.528 + 0.9856003 * days) % 360)
    ecliptic = np.radians(
        (280.460 + 0.9856474 * days + 1.915 * np.sin(mean) + 0.020 * np.sin(2 * mean)) % 360
    )
    tilt = np.radians(23.439 - 0.0000004 * days)
    right = np.arctan2(np.cos(tilt) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(tilt) * np.sin(ecliptic))
    sidereal = np.radians((280.46062 + 360.98564737 * days + np.asarray(longitude, np.float64)) % 360)
    north = np.radians(np.asarray(latitude, np.float64))
    up = np.sin(north) * np.sin(declination) + np.cos(north) * np.cos(declination) * np.cos(sidereal - right)
    return np.asarray(np.degrees(np.arcsin(np.clip(up, -1, 1))))


def dark(latitude: npt.ArrayLike, longitude: npt.ArrayLike, at: datetime) -> npt.NDArray[np.bool_]:
    """Whether civil twilight is over, or has not begun, at places."""
    return np.asarray(height(latitude, longitude, at) < CIVIL)
