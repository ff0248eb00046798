"""Areas of GeoJSON, and which of many points are in one: even-odd rule, edges straight in degrees.

For areas of a floor's own (privacy zones, waters): some thousand edges, looked at by longitude so that each
point meets few. An area over the antimeridian is written as two, as RFC 7946, section 3.1.9 asks.
"""

from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

BINS: Final = 3_600
"""Bins of a tenth of a degree of longitude."""


class PolygonError(ValueError):
    """A file of areas that cannot be read; the message says what to put right."""


class Polygons(NamedTuple):
    """Areas, as edges.

    Attributes:
        properties: of each area.
        start, end: longitude and latitude of each edge's ends [m, 2].
        area: number of the area of each edge [m].
        edges: numbers of edges by bin of longitude.
        first: where each bin begins in `edges` [BINS + 1].
    """

    properties: tuple[dict[str, Any], ...]
    start: npt.NDArray[np.float64]
    end: npt.NDArray[np.float64]
    area: npt.NDArray[np.int64]
    edges: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]


def parse(content: bytes) -> Polygons:
    """Areas of a GeoJSON `FeatureCollection` of `Polygon` and `MultiPolygon`. Raises `PolygonError`."""
    try:
        features = msgspec.json.decode(content)["features"]
        rings, numbers = [], []
        for number, feature in enumerate(features):
            for ring in _rings(feature["geometry"]):
                rings.append(_ring(ring, number))
                numbers.append(number)
        named = tuple(dict(feature.get("properties") or {}) for feature in features)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PolygonError(f"this is no JSON: {error}") from error
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise PolygonError(
            "areas are a GeoJSON FeatureCollection of features with a geometry and properties"
            f" (RFC 7946); this is none: {error!r}"
        ) from error
    return of(rings, numbers, named)


def of(rings: list[Array], numbers: list[int], properties: tuple[dict[str, Any], ...]) -> Polygons:
    """Areas from closed rings (longitude, latitude) and the number of the area of each."""
    start = np.concatenate([np.zeros((0, 2)), *(ring[:-1] for ring in rings)])
    end = np.concatenate([np.zeros((0, 2)), *(ring[1:] for ring in rings)])
    area = np.repeat(np.array(numbers, np.int64), [len(ring) - 1 for ring in rings])
    leans = start[:, 0] != end[:, 0]
    start, end, area = start[leans], end[leans], area[leans]
    west, east = (_bin(f(start[:, 0], end[:, 0])) for f in (np.minimum, np.maximum))
    size = east - west + 1
    edge = np.repeat(np.arange(len(start)), size)
    bins = np.repeat(west, size) + np.arange(len(edge)) - np.repeat(np.cumsum(size) - size, size)
    order = np.argsort(bins, kind="stable")
    first = np.searchsorted(bins[order], np.arange(BINS + 1))
    return Polygons(properties, start, end, area, edge[order], first)


def within(areas: Polygons, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """The number of the first area that each point is in, -1 for none.

    A point is in an area when going north from it crosses its edges an odd number of times. Points that are
    no places are in none.
    """
    y, x = np.atleast_1d(np.asarray(latitude, float)), np.atleast_1d(np.asarray(longitude, float))
    found = np.full(len(y), -1, np.int64)
    bins = _bin(np.where(np.isfinite(x), x, 0.0))
    count = areas.first[bins + 1] - areas.first[bins]
    rows = np.flatnonzero((count > 0) & np.isfinite(x) & np.isfinite(y))
    if not len(rows):
        return found
    count = count[rows]
    point = np.repeat(rows, count)
    inner = np.arange(len(point)) - np.repeat(np.cumsum(count) - count, count)
    edge = areas.edges[np.repeat(areas.first[bins[rows]], count) + inner]
    a, b = areas.start[edge], areas.end[edge]
    spans = (a[:, 0] > x[point]) != (b[:, 0] > x[point])
    a, b, point, edge = a[spans], b[spans], point[spans], edge[spans]
    above = a[:, 1] + (x[point] - a[:, 0]) / (b[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1]) > y[point]
    key, times = np.unique(
        point[above] * (len(areas.properties) + 1) + areas.area[edge[above]], return_counts=True
    )
    row, number = np.divmod(key[times % 2 == 1], len(areas.properties) + 1)
    found[row[::-1]] = number[::-1]  # the smallest number is written last
    return found


def _bin(longitude: Array) -> npt.NDArray[np.int64]:
    return np.clip(np.floor((longitude + 180) * (BINS / 360)), 0, BINS - 1).astype(np.int64)


def _rings(geometry: dict[str, Any]) -> list[Any]:
    if geometry["type"] == "Polygon":
        return list(geometry["coordinates"])
    if geometry["type"] == "MultiPolygon":
        return [ring for polygon in geometry["coordinates"] for ring in polygon]
    raise PolygonError(f"an area is a Polygon or a MultiPolygon, not a {geometry['type']}")


def _ring(points: Any, number: int) -> Array:
    try:
        ring = np.array([point[:2] for point in points], np.float64)
    except (TypeError, ValueError, IndexError) as error:
        raise PolygonError(f"area {number}: its points are no pairs of longitude and latitude") from error
    if ring.ndim != 2 or len(ring) < 4 or (ring[0] != ring[-1]).any():
        raise PolygonError(f"area {number}: a ring has four points or more and ends where it begins")
    if not (np.isfinite(ring).all() and (np.abs(ring) <= (180, 90)).all()):
        raise PolygonError(f"area {number}: longitudes go from -180 to 180, latitudes from -90 to 90")
    return ring
