"""Compact position reporting: latitude and longitude from 17 bits each (ICAO Doc 9871, appendix C, C.2.6).

A report is even or odd. One of each, near in time, give a place on Earth; one alone gives a place near a
reference. In the air a pattern repeats every 360 NM, so the reference may be 180 NM away; on the ground every
90 NM, so it may be 45 NM away, and even a pair leaves four quarters of the Earth and both hemispheres open.
"""

from math import acos, cos, pi, sqrt
from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel

ZONES: Final = 15
"""Zones of latitude between the equator and a pole, NZ."""
_STEP: Final = 1.0 / (1 << 17)


def _limits() -> list[float]:
    """Latitudes, degrees, at which the number of zones of longitude falls from 59 to 58 and so on to 1."""
    spread = 1 - cos(pi / (2 * ZONES))
    found = [acos(sqrt(spread / (1 - cos(2 * pi / zones)))) * 180 / pi for zones in range(59, 1, -1)]
    return [*found[:-1], 87.0]


LIMITS: Final = np.array(_limits())


@kernel
def zones_of(latitude: float) -> Any:
    """Zones of longitude at a latitude, NL: 59 at the equator, 1 beyond 87 degrees."""
    size, low, high = abs(latitude), 0, len(LIMITS)
    while low < high:
        middle = (low + high) >> 1
        if size < LIMITS[middle]:
            high = middle
        else:
            low = middle + 1
    return len(LIMITS) + 1 - low


@kernel(inline="always")
def _modulo(value: float, by: float) -> Any:
    return value - by * np.floor(value / by)


@kernel
def near(y: int, x: int, odd: int, surface: bool, latitude: float, longitude: float) -> Any:
    """The place of one report nearest to a reference; latitude NaN where there is none."""
    span = 90.0 if surface else 360.0
    north = span / (4 * ZONES - odd)
    part = y * _STEP
    found = north * (
        np.floor(latitude / north) + np.floor(0.5 + _modulo(latitude, north) / north - part) + part
    )
    if abs(found) > 90:
        return np.nan, np.nan
    east = span / max(zones_of(found) - odd, 1)
    part = x * _STEP
    turns = np.floor(longitude / east) + np.floor(0.5 + _modulo(longitude, east) / east - part)
    return found, _half_turn(east * (turns + part))


@kernel
def together(
    even_y: int, even_x: int, odd_y: int, odd_x: int, odd: int, surface: bool, near_to: float
) -> Any:
    """The place of a pair, as its even or `odd` report has it; latitude NaN where they do not fit.

    On the ground the hemisphere is that which is nearer to the latitude `near_to`, and the longitude one of
    four, of which `quarter` chooses.
    """
    span = 90.0 if surface else 360.0
    a, b = even_y * _STEP, odd_y * _STEP
    zone = np.floor(59 * a - 60 * b + 0.5)
    north_even = span / 60 * (_modulo(zone, 60) + a)
    north_odd = span / 59 * (_modulo(zone, 59) + b)
    if surface:
        south = abs(north_even - 90 - near_to) < abs(north_even - near_to)
        north_even, north_odd = north_even - 90 * south, north_odd - 90 * south
    else:
        north_even -= 360 * (north_even >= 270)
        north_odd -= 360 * (north_odd >= 270)
    zones = zones_of(north_even)
    if abs(north_even) > 90 or abs(north_odd) > 90 or zones_of(north_odd) != zones:
        return np.nan, np.nan
    latitude = north_odd if odd else north_even
    strips = max(zones - odd, 1)
    turn = np.floor(even_x * _STEP * (zones - 1) - odd_x * _STEP * zones + 0.5)
    east = span / strips * (_modulo(turn, strips) + (odd_x if odd else even_x) * _STEP)
    return latitude, _half_turn(east)


@kernel
def quarter(longitude: float, near_to: float) -> Any:
    """Of the four longitudes that a pair on the ground can mean, the one nearest to a reference."""
    turns = np.floor(_modulo(near_to - longitude, 360) / 90 + 0.5)
    return _half_turn(longitude + 90 * turns)


@kernel
def distance(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> Any:
    """Metres between two places, on a sphere; good to one per cent."""
    a, b = np.radians(latitude), np.radians(to_latitude)
    half = np.sin((b - a) / 2) ** 2
    half += np.cos(a) * np.cos(b) * np.sin(np.radians(to_longitude - longitude) / 2) ** 2
    return 2 * 6_371_000.0 * np.arcsin(min(1.0, np.sqrt(half)))


@kernel(inline="always")
def _half_turn(longitude: float) -> Any:
    """A longitude from -180 up to 180."""
    return _modulo(longitude + 180, 360) - 180
