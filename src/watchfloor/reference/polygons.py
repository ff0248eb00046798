"""Areas and lines of GeoJSON, and which of many points are in an area; edges are straight in degrees.

For areas of a floor's own (privacy zones, waters). An area over the antimeridian is written as two, as
RFC 7946, section 3.1.9 asks. Where a border crosses itself, what it winds around an odd number of
times is in. What lies between two stretches of a border that cover each other may be in or out.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import shapely


class PolygonError(ValueError):
    """A file of areas that cannot be read; the message says what to put right."""


class Polygons(NamedTuple):
    """Areas, each with its properties."""

    properties: tuple[dict[str, Any], ...]
    tree: "shapely.STRtree"


def parse(content: bytes) -> Polygons:
    """Return the areas of a GeoJSON `FeatureCollection` of `Polygon` and `MultiPolygon`.

    Raises:
        PolygonError: it is none, or an area leaves the globe or encloses nothing.
    """
    shapes, named = _features(content, _area)
    return from_shapes(shapes, named)


def lines(content: bytes) -> "shapely.STRtree":
    """Return the lines of a GeoJSON `FeatureCollection` of `LineString` and `MultiLineString`.

    Raises:
        PolygonError: it is none, or a line leaves the globe.
    """
    import shapely

    shapes, _ = _features(content, _line)
    return shapely.STRtree(shapes)


Parse = Callable[[dict[str, Any], int], "shapely.Geometry"]


def _features(content: bytes, parse: Parse) -> "tuple[list[shapely.Geometry], tuple[dict[str, Any], ...]]":
    try:
        features = msgspec.json.decode(content)["features"]
        shapes = [parse(feature["geometry"], number) for number, feature in enumerate(features)]
        return shapes, tuple(dict(feature.get("properties") or {}) for feature in features)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PolygonError(f"this is no JSON: {error}") from error
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise PolygonError(
            "shapes are a GeoJSON FeatureCollection of features with a geometry and properties"
            f" (RFC 7946); this is none: {error!r}"
        ) from error


def from_shapes(shapes: "Sequence[shapely.Geometry]", properties: tuple[dict[str, Any], ...]) -> Polygons:
    """Return areas from their shapes (longitude, latitude) and the properties of each."""
    import shapely

    mended = np.array(shapes, dtype=object)
    crossed = ~shapely.is_valid(mended)
    mended[crossed] = shapely.make_valid(mended[crossed])  # by lines: even and odd
    return Polygons(properties, shapely.STRtree(mended))


def within(areas: Polygons, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return the number of the first area that each point is in, its border included; -1 for none.

    Points that are no places are in none.
    """
    import shapely

    y, x = np.atleast_1d(np.asarray(latitude, float)), np.atleast_1d(np.asarray(longitude, float))
    found = np.full(len(y), -1, np.int64)
    rows = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    near, area = areas.tree.query(shapely.points(x[rows], y[rows]))  # by their boxes
    shapes, rows = areas.tree.geometries[area], rows[near]
    shapely.prepare(shapes)  # once a shape: a point is then looked up in the logarithm of its edges
    inside = shapely.intersects_xy(shapes, x[rows], y[rows])
    rows, area = rows[inside], area[inside]
    first = np.lexsort((-area, rows))
    found[rows[first]] = area[first]  # the smallest number is written last
    return found


def _line(geometry: dict[str, Any], number: int) -> "shapely.Geometry":
    import shapely

    if geometry["type"] not in ("LineString", "MultiLineString"):
        raise PolygonError(f"a road or track is a LineString or a MultiLineString, not a {geometry['type']}")
    try:
        shape = shapely.from_geojson(msgspec.json.encode(geometry))
    except shapely.errors.ShapelyError as error:
        raise PolygonError(f"line {number} is not of pairs of longitude and latitude ({error})") from error
    if shape.is_empty:
        raise PolygonError(f"line {number} has no points")
    _on_globe(shape, f"line {number}")
    return shape


def _on_globe(shape: "shapely.Geometry", called: str) -> None:
    west, south, east, north = shape.bounds
    if not (west >= -180 and south >= -90 and east <= 180 and north <= 90):
        raise PolygonError(f"{called}: longitudes go from -180 to 180, latitudes from -90 to 90")


def _area(geometry: dict[str, Any], number: int) -> "shapely.Geometry":
    import shapely

    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        raise PolygonError(f"an area is a Polygon or a MultiPolygon, not a {geometry['type']}")
    try:
        shape = shapely.from_geojson(msgspec.json.encode(geometry))
    except shapely.errors.ShapelyError as error:
        raise PolygonError(
            f"area {number}: a ring is pairs of longitude and latitude and ends where it begins ({error})"
        ) from error
    if not shape.is_empty:
        _on_globe(shape, f"area {number}")
    if not shapely.area(shapely.make_valid(shape)) > 0:
        raise PolygonError(f"area {number} encloses nothing; a ring has four points or more")
    return shape
