"""Universal Transverse Mercator on WGS84: easting and northing to latitude and longitude.

The series in the third flattening to its fourth power is Krüger's as C. F. F. Karney gives it ("Transverse
Mercator with an accuracy of a few nanometers", Journal of Geodesy 85, 2011, equations 11, 15 and 36); within
a zone it is good to a micrometre.
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


def _tangent(conformal: Array) -> Array:
    """Tangent of the latitude from that of the conformal latitude, by Newton's method (Karney, 19 to 21)."""
    e, tangent = _ECCENTRICITY, conformal.copy()
    for _ in range(4):
        hypot = np.hypot(1.0, tangent)
        sigma = np.sinh(e * np.arctanh(e * tangent / hypot))
        there = tangent * np.hypot(1.0, sigma) - sigma * hypot
        slope = (1 + (1 - e**2) * tangent**2) / ((1 - e**2) * hypot * np.hypot(1.0, there))
        tangent = tangent + (conformal - there) * slope
    return tangent
