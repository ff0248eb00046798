"""Features as tables, marked as files and by row: GeoPackage (OGC 12-128r18) and GeoParquet 1.1."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from watchfloor.core.kinds import INSTANT
from watchfloor.exchange.geo.feature import Feature, FileHead, Value
from watchfloor.formats.geography.antimeridian import cut
from watchfloor.formats.geography.package import Layer, column_types, write

OWN: Final = {
    "id": "TEXT",
    "title": "TEXT",
    "text": "TEXT",
    "at": "DATETIME",
    "until": "DATETIME",
    "marking": "TEXT",
}
EDGES: Final = ("xmin", "ymin", "xmax", "ymax")
BOX: Final = pa.struct([pa.field(name, pa.float64()) for name in EDGES])


def write_geopackage(head: FileHead, features: Iterable[Feature], file: BinaryIO) -> int:
    """Write a layer for each collection, and one of attributes that says the marking of the file; return how
    many features.
    """
    found = _by_collection(features)
    about = Layer(
        "marking", {"name": "TEXT", "marking": "TEXT"}, [(None, (head.name, head.marking))], None,
        description=head.marking,
    )  # fmt: skip
    return write([about, *(_layer(head, name, some) for name, some in found)], file, head.at) - 1


def _by_collection(features: Iterable[Feature]) -> list[tuple[str, list[Feature]]]:
    ordered = sorted(features, key=lambda one: one.collection)
    return [(name, list(some)) for name, some in groupby(ordered, key=lambda one: one.collection)]


def _columns(names: Iterable[str]) -> dict[str, str]:
    """Return a column for each name: SQL takes `Name` and `name` for one, and two maps may have both."""
    kinds: dict[str, str] = {}
    taken = {*OWN, "fid", "geom"}
    for name in dict.fromkeys(names):
        column = name
        while column.lower() in taken:
            column += "_"
        taken.add(column.lower())
        kinds[name] = column
    return kinds


def _layer(head: FileHead, name: str, features: Sequence[Feature]) -> Layer:
    kinds = _columns(taken for one in features for taken in one.more)
    types = column_types(one.more for one in features)
    shapes = [_shape(one) for one in features]
    geometries = {one.geom_type.upper() for one in shapes if one is not None}
    rows = (
        (
            shape,
            [
                *(one.id, one.title, one.text, one.at, one.until, one.marking),
                *(one.more.get(more) for more in kinds),
            ],
        )
        for shape, one in zip(shapes, features, strict=True)
    )
    return Layer(
        name.replace("-", "_"),
        OWN | {column: types[more] for more, column in kinds.items()},
        rows,
        geometry_type=geometries.pop() if len(geometries) == 1 else "GEOMETRY",
        description=head.marking,
    )


def _shape(one: Feature) -> shapely.Geometry | None:
    return None if one.geometry is None or one.geometry.is_empty else cut(one.geometry)


def write_geoparquet(head: FileHead, features: Iterable[Feature], file: BinaryIO) -> int:
    """Write a row a feature, its geometry as WKB and its box in the column that readers skip by."""
    some = list(features)
    shapes = [_shape(one) for one in some]
    boxes = [
        None if one is None else dict(zip(("xmin", "ymin", "xmax", "ymax"), one.bounds, strict=True))
        for one in shapes
    ]
    columns: dict[str, pa.Array] = {
        "id": pa.array([one.id for one in some], pa.string()),
        "collection": pa.array([one.collection for one in some], pa.string()),
        "title": pa.array([one.title for one in some], pa.string()),
        "text": pa.array([one.text for one in some], pa.string()),
        "at": pa.array([one.at for one in some], INSTANT),
        "until": pa.array([one.until for one in some], INSTANT),
        "marking": pa.array([one.marking for one in some], pa.string()),
    }
    for name in dict.fromkeys(name for one in some for name in one.more):
        taken = name if name not in (*columns, "geometry", "bbox") else f"{name}_"
        columns[taken] = _column([one.more.get(name) for one in some])
    columns["geometry"] = pa.array(
        [None if one is None else shapely.to_wkb(one, byte_order=1, flavor="iso") for one in shapes],
        pa.binary(),
    )
    columns["bbox"] = pa.array(boxes, BOX)
    described = {
        b"geo": json.dumps(_geo(shapes)).encode(),
        b"marking": head.marking.encode(),
        b"name": head.name.encode(),
    }
    table = pa.table(columns).replace_schema_metadata(described)
    pq.write_table(table, file, compression="zstd", row_group_size=1 << 16)
    return len(some)


def _geo(shapes: Sequence[shapely.Geometry | None]) -> dict[str, Any]:
    """Return the metadata of the standard; without `crs` it is OGC:CRS84."""
    held = [one for one in shapes if one is not None]
    types = sorted({one.geom_type + (" Z" if one.has_z else "") for one in held})
    box = {"bbox": shapely.total_bounds(held).tolist()} if held else {}
    column = {
        "encoding": "WKB",
        "geometry_types": types,
        "orientation": "counterclockwise",
        "covering": {"bbox": {name: ["bbox", name] for name in EDGES}},
        **box,
    }
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}


def _column(values: Sequence[Value | datetime]) -> pa.Array:
    kinds = {type(one) for one in values if one is not None}
    if kinds <= {int, float} and kinds:
        return pa.array(values, pa.float64() if float in kinds else pa.int64())
    if len(kinds) == 1 and kinds <= {bool}:
        return pa.array(values, pa.bool_())
    return pa.array([None if one is None else str(one) for one in values], pa.string())
