"""A fixed camera: where it stands, where it looks, and in which direction a point of its picture is.

    [feeds.tower-7.camera]
    sensor = "T07/EO"
    latitude = 45.0012
    longitude = -73.4507
    altitude = 61.0          # of the lens above the ellipsoid, m; need not be said
    bearing = 184.0          # of the middle of the picture, degree clockwise from true north
    field_of_view = 24.0     # from its left to its right edge, degree
    tilt = -1.5              # of the middle above the horizon, degree; without it elevations are not told
    bearing_error = 0.5      # standard deviation of the bearing, degree

The picture is taken for that of a pinhole: lines are straight, pixels are square.
"""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

WIDEST: Final = 170.0
"""Degrees from edge to edge: beyond that a picture is that of a fisheye lens, and no pinhole's."""


class Camera(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fixed camera; degrees, WGS84, and metres."""

    sensor: str
    latitude: float
    longitude: float
    bearing: float
    field_of_view: float
    altitude: float | None = None
    tilt: float | None = None
    bearing_error: float = 1.0


class Direction(NamedTuple):
    """Where something is, seen from a camera: degrees, clockwise from true north and above the horizon."""

    azimuth: float
    elevation: float


def problems(camera: Camera) -> Iterator[tuple[str, str]]:
    """Yield each setting that cannot be so, and why."""
    if not camera.sensor.strip():
        yield "sensor", "is the camera's name"
    if not (abs(camera.latitude) <= 90 and abs(camera.longitude) <= 180):
        yield "latitude", "and longitude are nowhere on Earth"
    if not abs(camera.altitude or 0.0) <= 10_000:
        yield "altitude", "is metres above the ellipsoid, -10,000 to 10,000"
    if not 0 <= camera.bearing <= 360:
        yield "bearing", "is degrees clockwise from true north, 0 to 360"
    if not 0 < camera.field_of_view <= WIDEST:
        yield (
            "field_of_view",
            f"is degrees from edge to edge, more than 0 and at most {WIDEST:g}",
        )
    if not abs(camera.tilt or 0.0) <= 90:
        yield "tilt", "is degrees above the horizon, -90 to 90"
    if not 0 < camera.bearing_error <= 180:
        yield "bearing_error", "is a standard deviation in degrees, more than 0"


def direction(camera: Camera, x: float, y: float, width: int, height: int) -> Direction:
    """Return the direction of a point of the picture.

    Args:
        camera: whose picture it is; a tilt that is not stated is taken for 0.
        x: pixels from the left edge.
        y: pixels from the upper edge.
        width: of the picture, pixels.
        height: of the picture, pixels.
    """
    edge = math.tan(math.radians(camera.field_of_view) / 2)
    right = (2 * x / width - 1) * edge
    above = (1 - 2 * y / height) * edge * height / width
    tilt = math.radians(camera.tilt or 0.0)
    ahead = math.cos(tilt) - above * math.sin(tilt)
    up = math.sin(tilt) + above * math.cos(tilt)
    azimuth = camera.bearing + math.degrees(math.atan2(right, ahead))
    return Direction(azimuth % 360.0, math.degrees(math.atan2(up, math.hypot(right, ahead))))
