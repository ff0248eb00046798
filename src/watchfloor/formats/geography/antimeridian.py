"""Geometries in degrees with none of them beyond 180°: cut at the antimeridian (RFC 7946, section 3.1.9)."""

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely import affinity

Floats = npt.NDArray[np.float64]
HALF: Final = 180.0
ROUND: Final = 360.0
POLE: Final = 90.0


def cut(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return a geometry in longitudes and latitudes in parts that do not cross 180°.

    A step of more than 180° of longitude is taken for one over the antimeridian. A ring that goes around a
    pole is closed over that pole. Outer rings go anticlockwise and holes clockwise.
    """
    if geometry.is_empty or (geometry.geom_type == "Point" and -HALF <= geometry.x <= HALF):
        return geometry
    parts = [_cut(one) for one in _simple(geometry)]
    if all(one is two for one, two in zip(parts, _simple(geometry), strict=True)):
        return shapely.orient_polygons(geometry)
    flat = [piece for one in parts for piece in _simple(one) if not piece.is_empty]
    return shapely.orient_polygons(_gathered(flat))


def crosses(geometry: shapely.Geometry) -> bool:
    """Return whether a geometry goes over the antimeridian, or beyond 180°."""
    return any(_unrolled(_places(one)) is not None for one in _simple(geometry) if not one.is_empty)


def _simple(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    """Return the points, lines and polygons of which a geometry is made."""
    if hasattr(geometry, "geoms"):
        return [part for one in geometry.geoms for part in _simple(one)]
    return [geometry]


def _gathered(parts: list[shapely.Geometry]) -> shapely.Geometry:
    """Return parts as one geometry, of the narrowest type that holds them."""
    if len(parts) == 1:
        return parts[0]
    makers = {
        "Point": shapely.MultiPoint,
        "LineString": shapely.MultiLineString,
        "Polygon": shapely.MultiPolygon,
    }
    types = {one.geom_type for one in parts}
    return makers.get(types.pop() if len(types) == 1 else "", shapely.GeometryCollection)(parts)


def _places(geometry: shapely.Geometry) -> Floats:
    line = geometry.exterior if geometry.geom_type == "Polygon" else geometry
    return np.asarray(shapely.get_coordinates(line, include_z=geometry.has_z), np.float64)


def _unrolled(places: Floats) -> Floats | None:
    """Return places whose longitudes go on beyond 180° without a jump; None where none has to."""
    x = places[:, 0]
    steps = np.diff(x)
    jumps = (steps > HALF).astype(float) - (steps < -HALF)
    if not jumps.any() and x.min() >= -HALF and x.max() <= HALF:
        return None
    made = places.copy()
    made[1:, 0] -= ROUND * np.cumsum(jumps)
    return made


def _cut(geometry: shapely.Geometry) -> shapely.Geometry:
    places = _places(geometry)
    unrolled = _unrolled(places) if len(places) else None
    if unrolled is None:
        return geometry
    if geometry.geom_type == "Point":
        turned = places[0]
        turned[0] = (turned[0] + HALF) % ROUND - HALF
        return shapely.Point(turned)
    if geometry.geom_type == "LineString":
        return _gathered([shapely.LineString(part) for part in _stretches(unrolled)])
    ring = _closed(unrolled)
    holes = [
        _beside(shapely.get_coordinates(one, include_z=geometry.has_z), ring) for one in geometry.interiors
    ]
    whole = shapely.Polygon(ring, holes)
    return _in_worlds(whole if whole.is_valid else shapely.make_valid(whole))


def _stretches(places: Floats) -> list[Floats]:
    """Return the stretches of an unrolled line, in order, each moved back into the first turn of the Earth.

    Not by an intersection of shapes, which would merge where a line goes back over itself.
    """
    found: list[list[Floats]] = []
    here = None
    for one, two in pairwise(places):
        ends = np.sort([one[0], two[0]])
        low, high = np.floor((ends + HALF) / ROUND)
        edges = ROUND * np.arange(low + 1, high + 1) - HALF
        shares = np.sort((edges - one[0]) / (two[0] - one[0])) if len(edges) else edges
        stops = [one, *(one + share * (two - one) for share in shares if 0 < share < 1), two]
        for start, end in pairwise(stops):
            world = np.floor(((start[0] + end[0]) / 2 + HALF) / ROUND)
            moved = [np.concatenate([[x[0] - ROUND * world], x[1:]]) for x in (start, end)]
            for place in moved:
                place[0] = min(HALF, max(-HALF, place[0]))
            if world == here:
                found[-1].append(moved[1])
            else:
                found.append(moved)
                here = world
    return [np.array(part) for part in found]


def _closed(ring: Floats) -> Floats:
    """Return an unrolled ring; one that ends a world away from its start goes back over the nearer pole."""
    away = ring[-1, 0] - ring[0, 0]
    if abs(away) < HALF:
        return ring
    over = ring[[-1, 0]].copy()
    over[:, 1] = np.copysign(POLE, ring[:, 1].mean())
    return np.concatenate([ring, over, ring[:1]])


def _beside(hole: Floats, ring: Floats) -> Floats:
    """Return a hole unrolled, and in the world of its ring."""
    unrolled = _unrolled(hole)
    made = hole.copy() if unrolled is None else unrolled
    middle = (ring[:, 0].min() + ring[:, 0].max()) / 2
    made[:, 0] += ROUND * np.round((middle - made[:, 0].mean()) / ROUND)
    return made


def _in_worlds(whole: shapely.Geometry) -> shapely.Geometry:
    """Return what lies in each turn of the Earth, moved back into the first."""
    west, _, east, _ = whole.bounds
    parts = []
    for world in range(int(np.floor((west + HALF) / ROUND)), int(np.ceil((east - HALF) / ROUND)) + 1):
        box = shapely.box(ROUND * world - HALF, -POLE, ROUND * world + HALF, POLE)
        part = whole.intersection(box)
        parts += [one for one in _simple(affinity.translate(part, -ROUND * world)) if one.area]
    return _gathered(parts) if parts else whole
