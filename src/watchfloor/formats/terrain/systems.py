"""Coordinates of a grid as longitude and latitude (WGS 84), and the other way, by the grid's system."""

import numpy as np

from watchfloor.core.extras import optional
from watchfloor.core.messages import declare, reason
from watchfloor.formats.terrain.grid import Floats, Terrain, TerrainError

WGS84 = "EPSG:4326"
WHERE_ON_EARTH = declare("terrain.where-on-earth")


def to_earth(terrain: Terrain, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes of places of a grid.

    Raises:
        TerrainError: the grid is in metres and names no system.
        MissingExtraError: a system has to be looked up and rasterio is not installed.
    """
    return _transform(terrain, x, y, inverse=False)


def from_earth(terrain: Terrain, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Return places of a grid from longitudes and latitudes; raises as `to_earth`."""
    return _transform(terrain, longitude, latitude, inverse=True)


def _transform(terrain: Terrain, x: Floats, y: Floats, inverse: bool) -> tuple[Floats, Floats]:
    if terrain.degrees and terrain.crs in ("", WGS84):
        return x, y
    if not terrain.crs:
        raise TerrainError(reason(WHERE_ON_EARTH))
    with optional():
        from rasterio.warp import transform
    ends = (WGS84, terrain.crs) if inverse else (terrain.crs, WGS84)
    # Lists, and an order of x before y whatever a system says of its axes, are what rasterio takes and gives.
    return tuple(np.asarray(part, np.float64) for part in transform(*ends, x.tolist(), y.tolist()))  # type: ignore[return-value]
