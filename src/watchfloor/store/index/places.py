"""Places as rectangles of degrees: around a circle on the Earth, and across the antimeridian and the poles.

The Earth is a sphere of the mean radius 6,371,008.8 m (IUGG). A rectangle around a circle is that of the
circle's outermost latitudes and meridians: asin(sin r / cos latitude) to either side of its centre, and all
of them where the circle holds a pole.
"""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

from watchfloor.core.earth import MEAN_RADIUS

UNITS: Final = 1_000_000
"""Whole numbers a degree in the R*Tree: a tenth of a metre."""


class Box(NamedTuple):
    """A rectangle in degrees; `west` lies in -180 to 180, an `east` beyond 180 is across the antimeridian."""

    west: float
    south: float
    east: float
    north: float


def box(west: float, south: float, east: float, north: float) -> Box:
    """A rectangle from its sides; one whose east is west of its west crosses the antimeridian.

    Raises:
        ValueError: a latitude beyond a pole, a longitude beyond 180, or south above north.
    """
    if not -90 <= south <= north <= 90:
        raise ValueError(f"south {south:g} to north {north:g}: latitudes go from -90 to 90, south first")
    for side in (west, east):
        if not -180 <= side <= 180:
            raise ValueError(f"longitude {side:g}: longitudes go from -180 to 180")
    return Box(west, south, east + 360 if east < west else east, north)


def parse(text: str) -> Box:
    """A box written as WEST,SOUTH,EAST,NORTH. Raises `ValueError` with a sentence."""
    try:
        west, south, east, north = (float(side) for side in text.split(","))
    except ValueError:
        raise ValueError(
            f"{text!r} is no box: write WEST,SOUTH,EAST,NORTH in degrees, -70,45,-60,50"
        ) from None
    return box(west, south, east, north)


def around(latitude: float, longitude: float, radius: float) -> Box:
    """The rectangle around a circle.

    Args:
        latitude: of its centre, degrees.
        longitude: of its centre, degrees, any turn.
        radius: metres on the ground.
    """
    angle = math.degrees(radius / MEAN_RADIUS)
    south, north = latitude - angle, latitude + angle
    if south <= -90 or north >= 90:
        return Box(-180.0, max(south, -90.0), 180.0, min(north, 90.0))
    half = math.degrees(math.asin(min(1.0, math.sin(math.radians(angle)) / math.cos(math.radians(latitude)))))
    west = (longitude - half + 180) % 360 - 180
    return Box(west, south, west + 2 * half, north)


def around_given(latitude: float | None, longitude: float | None, radius: float | None) -> Box | None:
    """The same of what a row says; None where it names no place on the Earth."""
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and math.isfinite(longitude)):
        return None
    return around(latitude, longitude, radius if radius is not None and radius > 0 else 0.0)


def outwards(wanted: Box) -> tuple[int, int, int, int]:
    """West, south, east and north in whole units, rounded outwards."""
    return (
        math.floor(wanted.west * UNITS),
        math.floor(wanted.south * UNITS),
        math.ceil(wanted.east * UNITS),
        math.ceil(wanted.north * UNITS),
    )


def turns(wanted: Box) -> Iterator[Box]:
    """The box once a turn of the Earth that a kept rectangle may be on."""
    for turn in (-360.0, 0.0, 360.0):
        yield Box(wanted.west + turn, wanted.south, wanted.east + turn, wanted.north)
