"""Systems of coordinates by their URIs (OGC 18-058r1): WGS 84 always, planes where PROJ is at hand.

PROJ comes with rasterio, an extra; without it nothing but CRS84 and EPSG:4326 is offered.
"""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
GEODETIC: Final = f"{EPSG}4326"
"""Latitude first, as EPSG has it."""
PLANES: Final = (3857, 3347, 3978, *range(32601, 32661))
"""Web Mercator, Statistics Canada's Lambert, Canada's atlas, and UTM of the northern half."""
UTM: Final = 32600
REACH: Final = 60
"""Degrees from the middle of a zone of UTM; PROJ gives what is farther no place there, or a wrong one."""
EDGE: Final = 20
"""Places on each edge of a box that is moved into another system, whose edges are curves there."""

Shapes = npt.NDArray[np.object_]
Move = Callable[[Shapes], Shapes]


@cache
def offered() -> tuple[str, ...]:
    """Return the URIs of the systems that features are given in."""
    planes = PLANES if find_spec("rasterio") else ()
    return (CRS84, GEODETIC, *(f"{EPSG}{code}" for code in planes))


def out_of_wgs84(uri: str) -> Move | None:
    """Return what moves geometries from CRS84 into a system; None for CRS84 itself.

    A geometry that has no place in that system is None.
    """
    if uri == CRS84:
        return None
    change = _swapped if uri == GEODETIC else _into_plane(int(uri.removeprefix(EPSG)))

    def move(shapes: Shapes) -> Shapes:
        made = _changed(shapes, change)
        finite = [one is not None and np.isfinite(shapely.get_coordinates(one)).all() for one in made]
        made[~np.array(finite, np.bool_)] = None
        return made

    return move


def box(edges: tuple[float, float, float, float], uri: str) -> list[shapely.Polygon]:
    """Return the areas of a bounding box, in CRS84: two where it lies over the antimeridian.

    Args:
        edges: lower corner, upper corner, in the order of the system's axes.
        uri: of the system.

    Raises:
        ValueError: the plane has no such places.
    """
    a, b, c, d = edges
    if uri in (CRS84, GEODETIC):
        west, south, east, north = edges if uri == CRS84 else (b, a, d, c)
        if west <= east:
            return [shapely.box(west, south, east, north)]
        return [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
    along = np.linspace(0, 1, EDGE, endpoint=False)
    x = np.concatenate([a + (c - a) * along, np.full(EDGE, c), c + (a - c) * along, np.full(EDGE, a)])
    y = np.concatenate([np.full(EDGE, b), b + (d - b) * along, np.full(EDGE, d), d + (b - d) * along])
    from rasterio._err import CPLE_BaseError  # what GDAL says, which rasterio passes on

    try:
        places = _transformed(_code(uri), "EPSG:4326")(np.column_stack([x, y]))
    except CPLE_BaseError as error:
        raise ValueError("the plane has no such places") from error
    places = places[np.isfinite(places).all(axis=1)]
    return [shapely.Polygon(places)] if len(places) > 2 else []


def _code(uri: str) -> str:
    return f"EPSG:{uri.removeprefix(EPSG)}"


def _changed(shapes: Shapes, change: Callable[[Any], Any]) -> Shapes:
    made = shapes.copy()
    for deep in (False, True):
        some = np.array([one is not None and one.has_z == deep for one in shapes], np.bool_)
        if some.any():
            made[some] = shapely.transform(shapes[some], change, include_z=deep)
    return made


def _swapped(places: Any) -> Any:
    return places[:, [1, 0, *range(2, places.shape[1])]]


def _into_plane(code: int) -> Callable[[Any], Any]:
    change = _transformed("EPSG:4326", f"EPSG:{code}")
    zone = code - UTM
    if not 1 <= zone <= 60:
        return change

    def near(places: Any) -> Any:
        made = np.full(places.shape, np.inf)
        chosen = np.abs((places[:, 0] - (6 * zone - 183) + 180) % 360 - 180) <= REACH
        if chosen.any():
            made[chosen] = change(places[chosen])
        return made

    return near


def _transformed(source: str, target: str) -> Callable[[Any], Any]:
    from rasterio.warp import transform

    def change(places: Any) -> Any:
        columns = transform(source, target, places[:, 0].tolist(), places[:, 1].tolist())
        return np.column_stack([*columns, *places.T[2:]])

    return change
