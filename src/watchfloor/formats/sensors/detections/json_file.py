"""Detections as JSON: a list of objects, an object a line, or lists of values by name.

Objects within a row are read by their members' names (`{"position": {"lat": …}}`), a point of GeoJSON by its
coordinates. A document with one list of objects under any name is that list. What pandas writes by columns is
read too.
"""

from typing import Any, BinaryIO, Final

import msgspec
import pyarrow as pa
from pyarrow import json as arrow_json

from watchfloor.formats.base import FormatError
from watchfloor.formats.json_objects import cut
from watchfloor.formats.sensors.detections.columns import columns
from watchfloor.formats.sensors.detections.files import DetectionFile

_NAMES: Final = 100
"""Columns of a table by columns: more are the members of something else."""


def open_json(stream: BinaryIO, name: str) -> DetectionFile:
    """Return the used columns of JSON. Raises `FormatError` where it holds no rows."""
    raws: list[bytes] = []
    skipped: list[int] = []
    first = ""
    for number, one in enumerate(cut(stream, b"features")):
        if one.wrong:
            if one.rest and not raws:
                raise FormatError(f"{name}, {one.locator}: the JSON {one.wrong}")
            skipped.append(number)
            first = first or f"{one.locator} {one.wrong}"
        else:
            raws.append(one.raw)
    table = _table(_documents(raws) if len(raws) == 1 else raws, name)
    if "geometry.coordinates" in table.column_names:
        table = _placed(table)
    table = table.rename_columns(_plain_names(table.column_names))
    found = columns(table.column_names)
    broken = (f"{len(skipped):,} pieces are no rows of it and left out: {first} first",) if skipped else ()
    return DetectionFile(table.select(list(found.used)), found, broken, tuple(skipped))


def _documents(raws: list[bytes]) -> list[bytes]:
    """Return the rows of a document: those of its one list of objects, of its columns, else itself."""
    try:
        document: dict[str, Any] = msgspec.json.decode(raws[0], type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return raws
    lists = [one for one in document.values() if isinstance(one, list) and one and isinstance(one[0], dict)]
    if len(lists) == 1:
        return [msgspec.json.encode(row) for row in lists[0]]
    by_name = {name: list(one.values()) if isinstance(one, dict) else one for name, one in document.items()}
    if 1 < len(by_name) <= _NAMES and all(isinstance(one, list) for one in by_name.values()):
        sizes = {len(one) for one in by_name.values()}
        if len(sizes) == 1 and columns(by_name).has("observed_at"):
            rows = zip(*by_name.values(), strict=True)
            return [msgspec.json.encode(dict(zip(by_name, row, strict=True))) for row in rows]
    return raws


def _table(raws: list[bytes], name: str) -> pa.Table:
    """Return objects as a table: in the types that Arrow finds where each column has one, else as text."""
    data = b"\n".join(raw.replace(b"\n", b" ") for raw in raws)
    try:
        options = arrow_json.ReadOptions(block_size=len(data) + 1)
        table = arrow_json.read_json(pa.BufferReader(data), options)
    except pa.ArrowInvalid:
        table = _texts(raws, name)
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _texts(raws: list[bytes], name: str) -> pa.Table:
    try:
        rows = [_flat(msgspec.json.decode(raw, type=dict[str, Any])) for raw in raws]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"{name} is no table in JSON: {error}") from error
    names = dict.fromkeys(key for row in rows for key in row)
    return pa.table({key: pa.array([_text(row.get(key)) for row in rows], pa.string()) for key in names})


def _flat(row: dict[str, Any], within: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in row.items():
        found |= _flat(value, f"{within}{key}.") if isinstance(value, dict) else {within + key: value}
    return found


def _text(value: Any) -> str | None:
    return None if value is None or isinstance(value, list) else str(value)


def _placed(table: pa.Table) -> pa.Table:
    """Return a table with the longitude and latitude of its points."""
    pairs = [
        one if isinstance(one, list) and len(one) > 1 and not isinstance(one[0], list) else (None, None)
        for one in table["geometry.coordinates"].to_pylist()
    ]
    kept = [name for name in table.column_names if not name.startswith("geometry.")]
    table = table.select(kept)
    for at, name in enumerate(("longitude", "latitude")):
        if name not in kept:
            table = table.append_column(name, pa.array([one[at] for one in pairs], pa.float64()))
    return table


def _plain_names(names: list[str]) -> list[str]:
    """Return the last part of each name where it is no other's, else all of it."""
    last = [name.rpartition(".")[2] for name in names]
    return [
        one if last.count(one) == 1 else name.replace(".", "_") for one, name in zip(last, names, strict=True)
    ]
