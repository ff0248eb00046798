"""Places on the Earth (WGS84) and the planes that touch it."""

import math
from typing import Any

import numpy as np

from watchfloor.core.earth import AXIS, FLATTENING
from watchfloor.core.kernels import kernel

E2 = FLATTENING * (2 - FLATTENING)
"""Square of the first eccentricity."""
RATIO2 = 1 - E2
"""Square of minor over major axis."""


def ecef(latitude: np.ndarray, longitude: np.ndarray, altitude: np.ndarray | float = 0.0) -> np.ndarray:
    """[n, 3] metres from the Earth's centre of places in degrees and metres above the ellipsoid."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    normal = AXIS / np.sqrt(1 - E2 * np.sin(lat) ** 2)
    equator = (normal + altitude) * np.cos(lat)
    up = (normal * RATIO2 + altitude) * np.sin(lat)
    return np.column_stack((equator * np.cos(lon), equator * np.sin(lon), up))


def geodetic(place: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Latitude, longitude (degrees) and altitude (m) of places [n, 3]; by Bowring 1985, to a micrometre."""
    x, y, z = place.T
    minor = AXIS * (1 - FLATTENING)
    p = np.hypot(x, y)
    r = np.hypot(p, z)
    tilt = np.arctan2(minor * z * (1 + (E2 / RATIO2) * minor / r), AXIS * p)
    lat = np.arctan2(z + E2 / RATIO2 * minor * np.sin(tilt) ** 3, p - E2 * AXIS * np.cos(tilt) ** 3)
    s = np.sin(lat)
    altitude = p * np.cos(lat) + z * s - AXIS * np.sqrt(1 - E2 * s * s)
    return np.degrees(lat), np.degrees(np.arctan2(y, x)), altitude


@kernel(error_model="numpy")
def anchor(place: Any, earth: bool, out: Any) -> None:
    """Origin, east and north (nine numbers) of the plane that touches the ellipsoid under `place`.

    At a pole, east is the direction of longitude 90° East. Of a plane recording it is the plane itself.
    """
    for k in range(9):
        out[k] = 0.0
    if not earth:
        out[3] = 1.0
        out[7] = 1.0
        return
    x = place[0]
    y = place[1]
    z = place[2] / RATIO2
    size = math.sqrt(x * x + y * y + z * z)
    flat = math.sqrt(x * x + y * y)
    if flat > 1e-9 * size:
        out[3] = -y / flat
        out[4] = x / flat
    else:
        out[4] = 1.0
    out[0] = place[0]
    out[1] = place[1]
    out[2] = place[2]
    # north = up × east
    out[6] = -z / size * out[4]
    out[7] = z / size * out[3]
    out[8] = (x * out[4] - y * out[3]) / size


@kernel(error_model="numpy")
def across(anchor: Any, place: Any) -> Any:
    """East and north of `place` in the plane of `anchor`, metres."""
    x = place[0] - anchor[0]
    y = place[1] - anchor[1]
    z = place[2] - anchor[2]
    return x * anchor[3] + y * anchor[4] + z * anchor[5], x * anchor[6] + y * anchor[7] + z * anchor[8]


@kernel(error_model="numpy")
def lift(anchor: Any, e: float, n: float, out: Any) -> None:
    """The place in space of (`e`, `n`) in the plane of `anchor`."""
    out[0] = anchor[0] + e * anchor[3] + n * anchor[6]
    out[1] = anchor[1] + e * anchor[4] + n * anchor[7]
    out[2] = anchor[2] + e * anchor[5] + n * anchor[8]


@kernel(error_model="numpy")
def axes(anchor: Any, place: Any) -> Any:
    """Cosine and sine of the angle, anticlockwise, from the east of a plane to the east at a place.

    The meridians converge: far from the origin of the plane, or near a pole, north is not its north.
    """
    flat = math.sqrt(place[0] * place[0] + place[1] * place[1])
    if place[2] == 0.0 or flat == 0.0:
        return anchor[4] if place[2] != 0.0 else 1.0, anchor[7] if place[2] != 0.0 else 0.0
    x = -place[1] / flat
    y = place[0] / flat
    c = x * anchor[3] + y * anchor[4]
    s = x * anchor[6] + y * anchor[7]
    size = math.sqrt(c * c + s * s)
    return c / size, s / size


@kernel(error_model="numpy")
def turned(c: float, s: float, r0: float, r1: float, r2: float) -> Any:
    """A covariance turned anticlockwise by an angle of that cosine and sine."""
    if s == 0.0:
        return r0, r1, r2
    return (
        c * c * r0 - 2 * c * s * r1 + s * s * r2,
        c * s * (r0 - r2) + (c * c - s * s) * r1,
        s * s * r0 + 2 * c * s * r1 + c * c * r2,
    )
