"""Coordinates of any system as longitudes and latitudes of WGS 84, by PROJ, which rasterio brings."""

import re
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import shapely

from watchfloor.core.extras import MissingExtraError, optional
from watchfloor.formats.base import FormatError

WGS84: Final = "EPSG:4326"
_SAME: Final = re.compile(r"(?:urn:ogc:def:crs:)?(?:EPSG|OGC):(?:[\d.]*:)?(\w+)", re.IGNORECASE)
SAME: Final = frozenset({"4326", "4979", "CRS84", "CRS84H"})
"""Codes whose longitudes and latitudes are those of WGS 84."""

Shapes = np.ndarray[Any, np.dtype[np.object_]]


def to_wgs84(system: str, what: str) -> Callable[[Shapes], Shapes] | None:
    """Return what moves geometries into WGS 84; None where they are in it already.

    Args:
        system: a code such as EPSG:3347, a URN, WKT or PROJJSON.
        what: what has that system, for messages.

    Raises:
        FormatError: nobody knows the system, or it takes a library that is not installed.
    """
    if (found := _SAME.fullmatch(system.strip())) and found[1].upper() in SAME:
        return None
    called = system if len(system) <= 40 else "a system of its own"
    try:
        with optional():
            from rasterio._err import CPLE_BaseError
            from rasterio.crs import CRS
            from rasterio.errors import CRSError
            from rasterio.warp import transform
    except MissingExtraError as error:
        raise FormatError(
            f"{what} is in {called}, and {error} Or convert it: ogr2ogr -t_srs {WGS84} new.gpkg old.gpkg"
        ) from error
    try:
        source = CRS.from_user_input(system)
    except CRSError as error:
        raise FormatError(
            f"{what} is in {called}, which is no known system: correct it in the file"
        ) from error
    if source.to_epsg() == 4326:
        return None

    def moved(places: Any) -> Any:
        try:
            columns = transform(source, WGS84, places[:, 0].tolist(), places[:, 1].tolist())
        except (CRSError, CPLE_BaseError, ValueError, RuntimeError) as error:
            raise FormatError(f"{what}: its places cannot be moved out of {called}: {error}") from error
        return np.column_stack([*columns, *places.T[2:]])

    def move(shapes: Shapes) -> Shapes:
        made = shapes.copy()
        for deep in (False, True):  # heights are no part of a plane's system and stay as they are
            some = np.array([one is not None and one.has_z == deep for one in shapes])
            if some.any():
                made[some] = shapely.transform(shapes[some], moved, include_z=deep)
        return made

    return move
