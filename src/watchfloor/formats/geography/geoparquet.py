"""GeoParquet 1.0 and 1.1 (geoparquet.org): a row a feature, its geometry as WKB, in the system it states."""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
import shapely

from watchfloor.core.kinds import MAP_FEATURE
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.geography.map_features import FileFeature, MapFeatures, named, plain, times
from watchfloor.formats.geography.systems import to_wgs84
from watchfloor.formats.geography.wkb import geometry
from watchfloor.formats.sensors.detections.parquet_file import open_file, row_parts
from watchfloor.formats.tabular.whole_file import PARQUET

NAME: Final = "geoparquet"
METADATA: Final = b"geo"
HINT: Final = b'"primary_column"'


def sniff(head: Head) -> float:
    """Be sure of a Parquet file whose metadata, which stand at its end, are in what is seen of it."""
    return 0.9 if head.data.startswith(PARQUET) and HINT in head.data else 0.0


def read(stream: BinaryIO, name: str, base_time: datetime | None = None) -> Iterator[Batch | Fault]:
    """Rows and faults; see `Format.read`."""
    file = open_file(stream, name)
    primary, column = _described(file.schema_arrow, name)
    move = _system(column, name)
    features, number = MapFeatures(name, base_time), 0
    try:
        for rows in row_parts(file):
            cells = [
                (field.name, rows[field.name].to_pylist())
                for field in rows.schema
                if field.name != primary and _is_value(field)
            ]
            shapes, wrong = _shapes(rows[primary].to_pylist(), move)
            for at, shape in enumerate(shapes):
                number += 1
                locator = f"row {number}"
                if at in wrong:
                    yield Fault(locator, f"its geometry cannot be read: {wrong[at]}", b"")
                    continue
                said = {name: _value(values[at]) for name, values in cells}
                since, until = times(said)
                id_ = said.get("id")
                found = FileFeature(
                    None if id_ is None else str(id_), named(said), shape, said, locator, since, until
                )
                yield from features.add(found)
    except (pa.ArrowException, OSError, FormatError) as error:
        yield from features.rest()
        yield Fault(f"row {number + 1}", f"the file is damaged from here on: {error}", b"", rest=True)
        return
    yield from features.rest()


def _described(schema: pa.Schema, name: str) -> tuple[str, dict[str, Any]]:
    try:
        said = json.loads((schema.metadata or {})[METADATA])
        primary = said["primary_column"]
        column = said["columns"][primary]
        encoding = column["encoding"]
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise FormatError(
            f"{name} has no metadata of GeoParquet: it says where its geometries stand"
        ) from error
    if encoding != "WKB" or primary not in schema.names or not _is_binary(schema.field(primary).type):
        raise FormatError(
            f"{name} has geometries as {str(encoding)[:40]!r}; write them as WKB, which every reader knows"
        )
    return primary, column


def _is_binary(of: pa.DataType) -> bool:
    return bool(pa.types.is_binary(of) or pa.types.is_large_binary(of) or pa.types.is_dictionary(of))


def _is_value(field: pa.Field) -> bool:
    nested = pa.types.is_struct(field.type) and field.name in ("bbox", "covering")
    return not nested and not pa.types.is_binary(field.type) and not pa.types.is_large_binary(field.type)


def _system(column: dict[str, Any], name: str) -> Callable[[Any], Any] | None:
    if "crs" not in column:
        return None
    crs = column["crs"]
    if crs is None:
        raise FormatError(f"{name} says that its system of coordinates is unknown: state it in its metadata")
    id_ = crs.get("id") if isinstance(crs, dict) else None
    code = f"{id_.get('authority')}:{id_.get('code')}" if isinstance(id_, dict) else json.dumps(crs)
    return to_wgs84(code, name)


def _shapes(cells: list[Any], move: Callable[[Any], Any] | None) -> tuple[list[Any], dict[int, str]]:
    made = np.full(len(cells), None, object)
    wrong: dict[int, str] = {}
    for at, cell in enumerate(cells):
        if cell is not None:
            try:
                made[at] = geometry(bytes(cell))
            except (ValueError, TypeError, shapely.errors.ShapelyError) as error:
                wrong[at] = str(error)[:200]
    return (made if move is None else move(made)).tolist(), wrong


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | Decimal):
        return str(value)
    if isinstance(value, bytes):
        return None
    return plain(value) if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


FORMAT: Final = Format(NAME, (MAP_FEATURE.name,), sniff, read)
