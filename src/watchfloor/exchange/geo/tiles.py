"""Features as vector tiles (Mapbox Vector Tile 2.1) in Web Mercator, and a PMTiles 3 archive of them.

The deepest zoom holds every feature. Above it what would be drawn on one spot is thinned out, one feature a
cell of the tile: a tile of the whole world with all of them would be no smaller than the file.
"""

import gzip
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from watchfloor.core.extras import optional
from watchfloor.exchange.geo.feature import Feature, FileHead
from watchfloor.formats.geography.antimeridian import cut
from watchfloor.formats.sensors.protobuf.codec import encode
from watchfloor.formats.sensors.protobuf.tables import read

DEEPEST: Final = 12
"""Zoom of tiles some 10 km wide, whose steps are 2.4 m; maps draw the same tile further in."""
MOST: Final = 50_000
"""Tiles of a file: large areas are cut into fewer, coarser ones."""
EXTENT: Final = 4096
"""Steps of a tile's side."""
CELLS: Final = 256
"""Cells of a tile's side, of which each shows one feature of a collection above the deepest zoom."""
EDGE: Final = 1 / 64
"""Part of a tile beyond its edge to which lines and areas are drawn, so that no seam shows."""
NORTH: Final = math.degrees(math.atan(math.sinh(math.pi)))
"""Latitude of the edge of Web Mercator's square, in degrees."""

MOVE, LINE, CLOSE = 1, 2, 7
"""Commands of a geometry."""
TILE: Final = read("""
message Tile
3 layers Layer *

message Layer
1 name string
2 features Feature *
3 keys string *
4 values Value *
5 extent uint32
15 version uint32

message Feature
2 tags uint32 *
3 type uint32
4 geometry uint32 *

message Value
1 string_value string
3 double_value double
4 int_value int64
7 bool_value bool
""")
_VALUES: Final = {str: "string_value", float: "double_value", int: "int_value", bool: "bool_value"}

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Placed(NamedTuple):
    """Features of one collection on the square of Web Mercator: x to the east, y to the south, each 0 to 1.

    Attributes:
        name: of the collection.
        shapes: their geometries.
        boxes: west, north, east and south of each, (n, 4).
        values: what each says, None left out.
    """

    name: str
    shapes: npt.NDArray[np.object_]
    boxes: Floats
    values: Sequence[Mapping[str, Any]]


def placed(name: str, shapes: npt.NDArray[np.object_], values: Sequence[Mapping[str, Any]]) -> Placed:
    """Project features of a collection, whose geometries are in degrees and cut at the antimeridian."""
    made = shapely.transform(shapely.force_2d(shapes), mercator)
    return Placed(name, made, np.asarray(shapely.bounds(made), np.float64).reshape(-1, 4), values)


def mercator(degrees: Floats) -> Floats:
    """Return longitudes and latitudes, (n, 2), on the square: 0 to 1 to the east and to the south."""
    latitude = np.radians(np.clip(degrees[:, 1], -NORTH, NORTH))
    y = 0.5 - np.arcsinh(np.tan(latitude)) / (2 * np.pi)
    return np.column_stack([np.clip(degrees[:, 0] / 360 + 0.5, 0, 1), np.clip(y, 0, 1)])


def tile(some: Iterable[Placed], zoom: int, x: int, y: int, chosen: Mapping[str, Numbers]) -> bytes:
    """Return a tile, empty where nothing of the features meets it.

    Args:
        some: collections, a layer each.
        zoom, x, y: which tile; y counts from the north.
        chosen: numbers of the features by collection, in the order in which they are drawn.
    """
    side = 1 / (1 << zoom)
    west, north, margin = x * side, y * side, side * EDGE
    layers = []
    for one in some:
        numbers = chosen[one.name]
        shapes, boxes = one.shapes[numbers], one.boxes[numbers]
        # a boat at rest: within two steps nothing may be left of a line that is simplified and rounded
        small = (boxes[:, 2:] - boxes[:, :2] < 2 * side / EXTENT).all(axis=1)
        shapes[small] = shapely.points(boxes[small, :2])
        shapes = shapely.clip_by_rect(
            shapes, west - margin, north - margin, west + side + margin, north + side + margin
        )
        extended = shapely.get_dimensions(shapes) > 0
        shapes[extended] = shapely.simplify(shapes[extended], side / EXTENT)
        layer = _Layer(one.name, np.array([west, north]), side)
        for number, shape in zip(numbers.tolist(), shapes.tolist(), strict=True):
            layer.add(shape, one.values[number])
        if layer.features:
            layers.append(layer.message())
    return encode(TILE, {"layers": layers}) if layers else b""


class _Layer:
    """A layer of a tile that is being made (section 4 of the specification)."""

    def __init__(self, name: str, corner: Floats, side: float) -> None:
        self.features: list[dict[str, Any]] = []
        self._name, self._corner, self._scale = name, corner, EXTENT / side
        self._keys: dict[str, int] = {}
        self._values: dict[tuple[type, Any], int] = {}

    def add(self, shape: shapely.Geometry, said: Mapping[str, Any]) -> None:
        """Add a feature; of several kinds of geometry each is one of its own."""
        by: dict[int, list[int]] = {}
        ends: dict[int, tuple[int, int]] = {}
        for part in _parts(shape):
            kind = int(shapely.get_dimensions(part)) + 1
            made, end = self._commands(part, ends.get(kind, (0, 0)))
            if made:
                by.setdefault(kind, []).extend(made)
                ends[kind] = end
        if not by and not shapely.is_empty(shape):  # an area thinner than a step
            by[1], _ = self._commands(shapely.Point(shapely.get_coordinates(shape)[0]), (0, 0))
        tags = [number for name, value in said.items() for number in self._tag(name, value)] if by else []
        self.features += [{"tags": tags, "type": kind, "geometry": by[kind]} for kind in sorted(by)]

    def message(self) -> dict[str, Any]:
        """Return the layer as the codec takes it."""
        values = [{_VALUES[of]: value} for of, value in self._values]
        named = {"name": self._name, "features": self.features, "keys": list(self._keys), "values": values}
        return named | {"extent": EXTENT, "version": 2}

    def _tag(self, name: str, value: Any) -> tuple[int, int]:
        key = self._keys.setdefault(name, len(self._keys))
        return key, self._values.setdefault((type(value), value), len(self._values))

    def _commands(self, part: shapely.Geometry, pen: tuple[int, int]) -> tuple[list[int], tuple[int, int]]:
        """Return a point, line or area as commands, and where the pen is after them."""
        if part.geom_type != "Polygon":
            return self._line(
                self._steps(shapely.get_coordinates(part)), pen, MOVE if part.geom_type == "Point" else 0
            )
        made: list[int] = []
        for number, ring in enumerate((part.exterior, *part.interiors)):
            places = self._steps(shapely.get_coordinates(ring))[:-1]
            turned = _area(places)
            if turned == 0:  # smaller than a step
                if number == 0:
                    break
                continue
            if (turned > 0) != (number == 0):  # outer rings have a positive area where y goes down
                places = places[::-1]
            some, pen = self._line(places, pen, CLOSE)
            made += some
        return made, pen

    def _steps(self, places: Floats) -> Numbers:
        """Return places in steps of the tile, none twice in a row."""
        steps: Numbers = np.round((places - self._corner) * self._scale).astype(np.int64)
        moved: npt.NDArray[np.bool_] = np.append(True, (steps[1:] != steps[:-1]).any(axis=1))
        kept: Numbers = steps[moved]
        return kept

    @staticmethod
    def _line(places: Numbers, pen: tuple[int, int], kind: int) -> tuple[list[int], tuple[int, int]]:
        """Move to the first place, draw to the others, and close the ring where it is one."""
        if len(places) < (1 if kind == MOVE else 2):
            return [], pen
        deltas = np.diff(places, axis=0, prepend=np.array([pen]))
        zigzag = ((deltas << 1) ^ (deltas >> 63)).ravel().tolist()
        made = [MOVE | 1 << 3, *zigzag[:2]]
        if len(places) > 1:
            made += [LINE | (len(places) - 1) << 3, *zigzag[2:]]
        last = int(places[-1, 0]), int(places[-1, 1])
        return [*made, CLOSE | 1 << 3] if kind == CLOSE else made, last


def _parts(shape: shapely.Geometry) -> Iterator[shapely.Geometry]:
    for one in shapely.get_parts(shape).tolist():
        if hasattr(one, "geoms"):
            yield from _parts(one)
        elif not one.is_empty:
            yield one


def _area(places: Numbers) -> int:
    """Return twice the area of a ring, positive where it goes clockwise with y downwards."""
    x, y = places.T
    return int((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) if len(places) > 2 else 0


def thinned(boxes: Floats, numbers: Numbers, zoom: int, cells: int = CELLS) -> Numbers:
    """Return features of which no two are on one cell, but for those that are larger than one."""
    cell = 1 / (cells << zoom)
    boxes = boxes[numbers]
    small = (boxes[:, 2:] - boxes[:, :2] < cell).all(axis=1)
    at = np.floor(boxes[:, :2] / cell).astype(np.int64)
    _, first = np.unique(at[small, 0] << 32 | at[small, 1], return_index=True)
    kept: Numbers = np.sort(np.concatenate([numbers[~small], numbers[small][first]]))
    return kept


def spans(boxes: Floats, zoom: int) -> Numbers:
    """Return the first and last column and row of the tiles that each box meets, (n, 4): x, y, x, y."""
    wide = 1 << zoom
    margin = np.where((boxes[:, 2:] > boxes[:, :2]).any(axis=1), EDGE / wide, 0.0)[:, None]
    ends = np.column_stack([boxes[:, :2] - margin, boxes[:, 2:] + margin])
    found: Numbers = np.clip(np.floor(ends * wide), 0, wide - 1).astype(np.int64)
    return found


def _by_tile(one: Placed, zoom: int, numbers: Numbers) -> Iterator[tuple[tuple[int, int], Numbers]]:
    """Yield each tile that a feature's box meets, and the features."""
    met = spans(one.boxes[numbers], zoom)
    columns, rows = met[:, 2] - met[:, 0] + 1, met[:, 3] - met[:, 1] + 1
    of = np.repeat(np.arange(len(numbers)), columns * rows)
    step = np.arange(len(of)) - np.repeat(np.cumsum(columns * rows) - columns * rows, columns * rows)
    key = (met[of, 0] + step % columns[of]) << 32 | (met[of, 1] + step // columns[of])
    order = np.argsort(key, kind="stable")
    found, starts = np.unique(key[order], return_index=True)
    for at, some in zip(found.tolist(), np.split(numbers[of[order]], starts[1:]), strict=True):
        yield (at >> 32, at & 0xFFFFFFFF), some


def _deepest(some: Sequence[Placed]) -> int:
    """Return the deepest zoom whose tiles are not too many."""
    boxes = np.concatenate([one.boxes for one in some])
    for zoom in range(DEEPEST, 0, -1):
        met = spans(boxes, zoom)
        if ((met[:, 2] - met[:, 0] + 1) * (met[:, 3] - met[:, 1] + 1)).sum() <= max(MOST, 2 * len(boxes)):
            return zoom
    return 0


def write_pmtiles(head: FileHead, features: Iterable[Feature], file: BinaryIO) -> int:
    """Write an archive with a layer a collection, and return how many features it has.

    Raises:
        MissingExtraError: pmtiles is not installed.
    """
    with optional():
        from pmtiles.tile import Compression, TileType, zxy_to_tileid
        from pmtiles.writer import Writer

    found: dict[str, list[Feature]] = {}
    for one in features:
        if one.geometry is not None and not one.geometry.is_empty:
            found.setdefault(one.collection, []).append(one)
    some = [
        placed(name, _shapes(each), [_values(one) for one in each]) for name, each in sorted(found.items())
    ]
    if not some:
        return 0
    deepest = _deepest(some)
    writer: Any = Writer(file)  # type: ignore[no-untyped-call]
    for zoom in range(deepest + 1):
        tiles: dict[tuple[int, int], dict[str, Numbers]] = {}
        for each in some:
            numbers = np.arange(len(each.shapes))
            if zoom < deepest:
                numbers = thinned(each.boxes, numbers, zoom)
            for at, some_of_it in _by_tile(each, zoom, numbers):
                tiles.setdefault(at, {})[each.name] = some_of_it
        for id_, (x, y) in sorted((zxy_to_tileid(zoom, *at), at) for at in tiles):
            chosen = tiles[x, y]
            if made := tile([one for one in some if one.name in chosen], zoom, x, y, chosen):
                writer.write_tile(id_, gzip.compress(made, mtime=0))
    west, south, east, north = _edges(found.values())
    writer.finalize(
        {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            **_e7(min_lon=west, min_lat=south, max_lon=east, max_lat=north),
            **_e7(center_lon=(west + east) / 2, center_lat=(south + north) / 2),
            "center_zoom": 0,
        },
        {
            "name": head.name,
            "description": head.marking,
            "attribution": head.marking,
            "marking": head.marking,
            "vector_layers": [_layer(one, deepest) for one in some],
        },
    )
    return sum(map(len, found.values()))


def _shapes(some: Sequence[Feature]) -> npt.NDArray[np.object_]:
    made = np.empty(len(some), object)
    made[:] = [cut(one.geometry) for one in some if one.geometry is not None]
    return made


def _values(one: Feature) -> dict[str, Any]:
    return {"id": one.id, **{name: value for name, value in one.values.items() if value is not None}}


def _edges(some: Iterable[Sequence[Feature]]) -> tuple[float, float, float, float]:
    edges = np.array([shapely.total_bounds(_shapes(one)) for one in some])
    (west, south), (east, north) = edges[:, :2].min(axis=0), edges[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _e7(**degrees: float) -> dict[str, int]:
    return {f"{name}_e7": round(value * 1e7) for name, value in degrees.items()}


def _layer(one: Placed, deepest: int) -> dict[str, Any]:
    words = {bool: "Boolean", int: "Number", float: "Number", str: "String"}
    fields = {name: words[type(value)] for said in one.values for name, value in said.items()}
    return {"id": one.name, "fields": fields, "minzoom": 0, "maxzoom": deepest}
