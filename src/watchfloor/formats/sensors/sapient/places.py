"""Places, directions and errors of SAPIENT messages in the units of our rows.

A place is in degrees, radians or UTM; a height is above the ellipsoid or the geoid, and only the first fills
`altitude`, as there is no geoid here. A direction counts from true, magnetic, grid or the platform's north:
grid north is turned to true north by the convergence of UTM (Karney 2011 gives it; to first order it is
atan(tan(dλ) sin φ)), the other two stay unknown.

**Errors** are standard deviations. Their unit is the one that the node registers (`geometric_error`). A node
that says none has metres, as the interface document before the standard had it (SAPIENT ICD 5.0, 5.3.1); but
an error below a centimetre is taken to be in the unit of the coordinates, for nothing that reports here
measures so well, and a variance of 10⁻⁸ m² would outvote every other sensor. An error of zero is unknown.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.earth import AXIS, FLATTENING
from watchfloor.formats.sensors import utm
from watchfloor.formats.sensors.sapient.nodes import TOLD
from watchfloor.formats.sensors.sapient.schema import SCHEMA

Array = npt.NDArray[Any]

DEGREES, RADIANS, UTM = 1, 2, 5
"""`LocationCoordinateSystem`."""

TRUE, GRID = 1, 3
"""Of `RangeBearingDatum`: from true north, and from the north of the grid."""

ELLIPSOID: Final = 1
"""`LocationDatum`: heights above the ellipsoid."""

HIGHEST: Final = 1e9
"""Metres; no height, distance or error is larger."""

FASTEST: Final = 1e5
"""Metres a second; nothing that is seen here is faster."""

FINEST: Final = 0.01
"""Metres; an error below it is not in metres."""

_ECCENTRICITY2: Final = FLATTENING * (2 - FLATTENING)


class Wrong(NamedTuple):
    """A value that cannot be, in the rows where `mask` is true; `why` goes on after "FIELD is VALUE, "."""

    mask: Array
    field: str
    values: Array
    why: str


def checked(field: str, values: Array, low: float, high: float, unit: str) -> Wrong:
    """Numbers outside their range; NaN, which stands for absent, is passed."""
    mask = ~((values >= low) & (values <= high)) & ~np.isnan(values)
    return Wrong(mask, field, values, f"outside {unit}")


class Points(NamedTuple):
    """Latitude and longitude in degrees, altitude in metres; NaN where it is not known; and what is wrong."""

    latitude: Array
    longitude: Array
    altitude: Array
    wrong: list[Wrong]


def points(x: Array, y: Array, z: Array, system: Array, datum: Array, zone: Array) -> Points:
    """Places of `Location`. All arrays have one entry a row; rows without a location have system -1.

    Args:
        x: longitude or easting.
        y: latitude or northing.
        z: height.
        system: number of the coordinate system.
        datum: number of the datum.
        zone: of UTM, negative on the southern half, 0 for none.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        turned = np.where(system == RADIANS, np.degrees(1.0), 1.0)
        latitude, longitude = y * turned, x * turned
        grid = system == UTM
        wrong = [
            Wrong((system != -1) & (system == 0), "coordinate_system", system, "so the place means nothing"),
            _outside("x", x, ~grid & (system > 0), longitude, 180.0, "-180 to 180 degrees"),
            _outside("y", y, ~grid & (system > 0), latitude, 90.0, "-90 to 90 degrees"),
            _outside("x", x, grid, x - 500_000.0, 500_000.0, "0 to 1,000,000 metres of easting"),
            _outside("y", y, grid, y - 5_000_000.0, 5_000_000.0, "0 to 10,000,000 metres of northing"),
            Wrong(grid & (zone == 0), "utm_zone", zone, "no zone of UTM such as 30N, and it registered none"),
            checked("z", z, -HIGHEST, HIGHEST, "what a height can be"),
        ]
        for one in wrong:  # what is wrong needs no series
            grid = grid & ~one.mask
        if grid.any():
            latitude[grid], longitude[grid] = utm.geographic(zone[grid], x[grid], y[grid])
    return Points(latitude, longitude, np.where(datum == ELLIPSOID, z, np.nan), wrong)


def _outside(field: str, said: Array, where: Array, values: Array, most: float, unit: str) -> Wrong:
    return Wrong(where & ~(np.abs(values) <= most), field, said, f"outside {unit}")


def zones(texts: list[str | None]) -> Array:
    """Zones of UTM by their texts, 0 for what is none."""
    known = {text: utm.zone(text) or 0 if text else 0 for text in set(texts)}
    return np.array([known[text] for text in texts], np.int64)


def metres(error: Array, told: Array, system: Array, latitude: Array, *, east: bool) -> Array:
    """Errors of places in metres; NaN where one is not known.

    Args:
        error: as sent.
        told: number in `TOLD` of the unit that the node registered.
        system: number of the coordinate system.
        latitude: degrees.
        east: whether it is the error to the east.
    """
    unit = np.where(told > 0, told, np.where(error >= FINEST, TOLD["metre"], system + 1))
    unit = np.where(system == UTM, TOLD["metre"], unit)
    radius = _radius(latitude, east=east)
    by_degree = np.where(unit == TOLD["degree"], np.radians(1.0) * radius, 1.0)
    scale = np.where(unit == TOLD["radian"], radius, by_degree)
    return np.where(error > 0, error * scale, np.nan)


def _radius(latitude: Array, *, east: bool) -> Array:
    """Metres a radian of longitude or of latitude on WGS84."""
    phi = np.radians(latitude)
    w2 = 1 - _ECCENTRICITY2 * np.sin(phi) ** 2
    if east:
        return AXIS * np.cos(phi) / np.sqrt(w2)
    return AXIS * (1 - _ECCENTRICITY2) / w2**1.5


class Units(NamedTuple):
    """Degrees and metres in the units of a `RangeBearingCoordinateSystem`."""

    angle: Array
    length: Array


def units(system: Array) -> Units:
    """Factors that turn angles to degrees and lengths to metres."""
    radians, kilometres = (system == 2) | (system == 4), system >= 3
    return Units(np.where(radians, np.degrees(1.0), 1.0), np.where(kilometres, 1000.0, 1.0))


def north(azimuth: Array, datum: Array, latitude: Array, longitude: Array, zone: Array) -> Array:
    """Azimuths from true north, 0 to 360 degrees; NaN where the datum cannot be turned to it.

    Args:
        azimuth: degrees from the north of the datum.
        datum: number of the datum.
        latitude: of the node, degrees.
        longitude: of the node, degrees.
        zone: the node's zone of UTM, 0 where it is the one it stands in.
    """
    standing = np.floor(np.nan_to_num(longitude + 180.0) / 6.0) + 1
    meridian = 6.0 * np.where(zone != 0, np.abs(zone), standing) - 183.0
    away = np.radians((longitude - meridian + 180.0) % 360.0 - 180.0)
    convergence = np.degrees(np.arctan(np.tan(away) * np.sin(np.radians(latitude))))
    turned = np.where(datum == TRUE, azimuth, np.where(datum == GRID, azimuth + convergence, np.nan))
    return turned % 360.0


class Point(NamedTuple):
    """One place in degrees and metres, as far as it is known."""

    latitude: float | None
    longitude: float | None
    altitude: float | None


def point(location: Mapping[str, Any], zone: str | None) -> Point | str:
    """The place of one `Location`, or a sentence on what is wrong with it."""
    x, y, z = location["x"], location["y"], location.get("z")
    plain = location["coordinate_system"] == _PLAIN and abs(x) <= 180 and abs(y) <= 90
    if plain and (z is None or abs(z) <= HIGHEST):
        high = None if z is None or location["datum"] != _ELLIPSOIDAL else float(z)
        return Point(float(y), float(x), high)
    return _point(location, zone)


_PLAIN: Final = SCHEMA.enums["LocationCoordinateSystem"][DEGREES]
_ELLIPSOIDAL: Final = SCHEMA.enums["LocationDatum"][ELLIPSOID]


def _point(location: Mapping[str, Any], zone: str | None) -> Point | str:
    """The same by the way of many, which knows the other systems and what can be wrong."""
    numbers = SCHEMA.numbers
    x, y, z = (np.array([float(location.get(axis, "nan"))]) for axis in "xyz")
    one = points(
        x,
        y,
        z,
        np.array([numbers["LocationCoordinateSystem"][location["coordinate_system"]]]),
        np.array([numbers["LocationDatum"][location["datum"]]]),
        zones([location.get("utm_zone") or zone]),
    )
    for wrong in one.wrong:
        if wrong.mask[0]:
            return sentence(wrong, 0)
    height = float(one.altitude[0])
    return Point(float(one.latitude[0]), float(one.longitude[0]), None if np.isnan(height) else height)


def sentence(wrong: Wrong, row: int, path: str = "") -> str:
    """Return the fault of one row."""
    value = wrong.values[row]
    said = f"{value:g}" if isinstance(value, float) else f"{value}"
    return f"{path}{wrong.field} is {said}, {wrong.why}"


def sentences(wrong: Iterable[Wrong]) -> Iterator[tuple[int, list[str]]]:
    """Yield the faults by row."""
    for one in wrong:
        for row in np.flatnonzero(one.mask).tolist():
            yield row, [sentence(one, row)]


def cone(area: Mapping[str, Any]) -> dict[str, float] | None:
    """Columns of `coverage` that an area fills; None for one that they cannot hold.

    A cone about true north gives `azimuth_from`, `azimuth_to` and `farthest`.
    """
    held = area.get("range_bearing")
    if held is None or held["datum"] != "RANGE_BEARING_DATUM_TRUE":
        return None
    system = np.array(SCHEMA.numbers["RangeBearingCoordinateSystem"][held["coordinate_system"]])
    by = units(system)
    out: dict[str, float] = {}
    if "range" in held:
        out["farthest"] = float(held["range"]) * float(by.length)
    if "azimuth" in held and "horizontal_extent" in held:
        middle, half = (float(held[name]) * float(by.angle) for name in ("azimuth", "horizontal_extent"))
        half = min(half, 360.0) / 2
        out["azimuth_from"], out["azimuth_to"] = (middle - half) % 360.0, (middle + half) % 360.0
    finite = all(np.isfinite(value) and value >= 0 for value in out.values())
    return out if out and system and finite else None
