"""Universal Transverse Mercator on WGS84: easting and northing to latitude and longitude, and back.

The series in the third flattening to its fourth power is Krüger's as C. F. F. Karney gives it ("Transverse
Mercator with an accuracy of a few nanometers", Journal of Geodesy 85, 2011, equations 7 to 15, 35 and 36);
within a zone it is good to a micrometre.
"""

import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.earth import AXIS, FLATTENING

Array = npt.NDArray[Any]

SCALE: Final = 0.9996
FALSE_EASTING: Final = 500_000.0
FALSE_NORTHING: Final = 10_000_000.0
"""Metres that are added on the southern half."""

_N: Final = FLATTENING / (2 - FLATTENING)
_RADIUS: Final = AXIS / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_ALPHA: Final = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16 + 41 * _N**4 / 180,
    13 * _N**2 / 48 - 3 * _N**3 / 5 + 557 * _N**4 / 1440,
    61 * _N**3 / 240 - 103 * _N**4 / 140,
    49561 * _N**4 / 161280,
)
_BETA: Final = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440,
    17 * _N**3 / 480 - 37 * _N**4 / 840,
    4397 * _N**4 / 161280,
)
_ECCENTRICITY: Final = np.sqrt(FLATTENING * (2 - FLATTENING))
_ZONE: Final = re.compile(r"\s*(\d{1,2})\s*([A-HJ-NP-Z])?\s*", re.IGNORECASE)


def zone(text: str) -> int | None:
    """The zone of a text such as `30N`: its number, negative on the southern half; None for what is none.

    The letter is N or S for the half. A letter of a latitude band says its half too; `S` is read as south.
    """
    found = _ZONE.fullmatch(text)
    if not found or not 1 <= int(found[1]) <= 60:
        return None
    letter = (found[2] or "N").upper()
    if letter in "ABYZ":
        return None
    return -int(found[1]) if letter == "S" or letter < "N" else int(found[1])


def geographic(zones: Array, easting: Array, northing: Array) -> tuple[Array, Array]:
    """Latitude and longitude in degrees.

    Args:
        zones: number of the zone, negative on the southern half.
        easting: metres, with the false easting.
        northing: metres, with the false northing on the southern half.
    """
    xi = (northing - np.where(zones < 0, FALSE_NORTHING, 0.0)) / (SCALE * _RADIUS)
    eta = (easting - FALSE_EASTING) / (SCALE * _RADIUS)
    turned, stretched = xi.copy(), eta.copy()
    for j, beta in enumerate(_BETA, 1):
        turned -= beta * np.sin(2 * j * xi) * np.cosh(2 * j * eta)
        stretched -= beta * np.cos(2 * j * xi) * np.sinh(2 * j * eta)
    conformal = np.sin(turned) / np.hypot(np.sinh(stretched), np.cos(turned))
    latitude = np.degrees(np.arctan(_tangent(conformal)))
    longitude = np.degrees(np.arctan2(np.sinh(stretched), np.cos(turned))) + 6.0 * np.abs(zones) - 183.0
    return latitude, (longitude + 180.0) % 360.0 - 180.0


def projected(zone: int, latitude: Array, longitude: Array) -> tuple[Array, Array]:
    """Easting and northing in metres, with false easting and northing.

    Args:
        zone: its number, negative on the southern half.
        latitude, longitude: degrees; within some 30 degrees of the zone's meridian.
    """
    east = np.radians((longitude - (6.0 * abs(zone) - 183.0) + 180.0) % 360.0 - 180.0)
    conformal = _conformal(np.tan(np.radians(latitude)))
    xi = np.arctan2(conformal, np.cos(east))
    eta = np.arcsinh(np.sin(east) / np.hypot(conformal, np.cos(east)))
    northing, easting = xi.copy(), eta.copy()
    for j, alpha in enumerate(_ALPHA, 1):
        northing += alpha * np.sin(2 * j * xi) * np.cosh(2 * j * eta)
        easting += alpha * np.cos(2 * j * xi) * np.sinh(2 * j * eta)
    false = FALSE_NORTHING if zone < 0 else 0.0
    return SCALE * _RADIUS * easting + FALSE_EASTING, SCALE * _RADIUS * northing + false


def _conformal(tangent: Array) -> Array:
    """Tangent of the conformal latitude from that of the latitude (Karney, 7 to 9)."""
    hypot = np.hypot(1.0, tangent)
    sigma = np.sinh(_ECCENTRICITY * np.arctanh(_ECCENTRICITY * tangent / hypot))
    return np.asarray(tangent * np.hypot(1.0, sigma) - sigma * hypot)


def _tangent(conformal: Array) -> Array:
    """Tangent of the latitude from that of the conformal latitude, by Newton's method (Karney, 19 to 21)."""
    e, tangent = _ECCENTRICITY, conformal.copy()
    for _ in range(4):
        there = _conformal(tangent)
        slope = 1 + (1 - e**2) * tangent**2
        slope = slope / ((1 - e**2) * np.hypot(1.0, tangent) * np.hypot(1.0, there))
        tangent = tangent + (conformal - there) * slope
    return tangent
