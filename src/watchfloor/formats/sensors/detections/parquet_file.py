"""Detections as Parquet: in the columns of the kind `detection`, or in the short ones that people write.

The columns are those of `watchfloor.formats.sensors.detections.csv_file`. A plane's zero is said in the
metadata of the schema, under `origin`, as `44.98, -74.73`; that of a clock under `start`, in ISO 8601.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from watchfloor.core.kinds import DETECTION
from watchfloor.formats.base import WHOLE_FILE, Batch, Fault, Format, FormatError, Head
from watchfloor.formats.sensors.detections.columns import columns
from watchfloor.formats.sensors.detections.files import Notes, metadata_notes
from watchfloor.formats.sensors.detections.records import detections
from watchfloor.formats.tabular.table import Rows, locators
from watchfloor.formats.tabular.whole_file import PARQUET, names_of

ROWS: Final = 1 << 16
"""Rows that are read at a time, …"""
PART: Final = 1 << 25
"""… and bytes of them."""
FREE: Final = 100 << 20
RATIO: Final = 250
"""Bytes that any file may unpack to, and how often its size: columns pack well, and bombs better."""
_SILENT: Final = Notes()
NAME: Final = "detection-parquet"
_ROW: Final = re.compile(r"row (\d+)")


def sniff(head: Head) -> float:
    """Likely for any Parquet file, since no other format of ours is one; its columns stand at its end."""
    return 0.5 if head.data.startswith(PARQUET) else 0.0


def read(stream: BinaryIO, name: str, stated: Notes = _SILENT) -> Iterator[Batch | Fault]:
    """Rows and faults. Raises `FormatError` where it is no Parquet file, or lacks a time or a place."""
    file = open_file(stream, name)
    schema = file.schema_arrow
    if b"geo" in (schema.metadata or {}):
        raise FormatError(f"{name} is GeoParquet, a map: read it with --format geoparquet")
    found, said = columns(schema.names), metadata_notes(schema, name)
    notes = Notes(said.origin or stated.origin, stated.start if said.start is None else said.start)
    at = 0

    def cells_of() -> Iterator[Rows]:
        nonlocal at
        for cells in row_parts(file, list(found.used)):
            yield Rows(cells, locators(np.arange(at, at + len(cells)) + 1, "row"), _raw(cells))
            at += len(cells)

    try:
        yield from detections(cells_of(), found, notes, name, WHOLE_FILE)
    except (pa.ArrowException, OSError) as error:
        yield Fault(f"row {at + 1}", f"the file is damaged from here on: {error}", b"", rest=True)


def write(parts: Iterable[Batch], stream: BinaryIO) -> None:
    """Rows as Parquet in the kind's own columns, which `read` reads back."""
    schema = pa.schema([field for field in DETECTION.body if field.name != "locator"])
    with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        for part in parts:
            writer.write_table(part.rows.select(schema.names).cast(schema))


def piece(stream: BinaryIO, locator: str) -> bytes | None:
    """The cells of a row as JSON: a Parquet file keeps no bytes of a row of its own."""
    if not (match := _ROW.fullmatch(locator)):
        return None
    number = int(match[1]) - 1
    try:
        for rows in row_parts(open_file(stream, "the delivery")):
            if number < len(rows):
                return _raw(rows)(number) if number >= 0 else None
            number -= len(rows)
    except (FormatError, pa.ArrowException, OSError):
        pass
    return None


def open_file(stream: BinaryIO, name: str) -> parquet.ParquetFile:
    """The file, with texts that it holds once read once. Raises `FormatError` where it is none, or a bomb."""
    data = pa.py_buffer(stream.read())
    try:
        file = parquet.ParquetFile(pa.BufferReader(data))
        # By the schema: to ask a damaged chunk for its encodings ends the process (pyarrow 26).
        coded = [
            column.path
            for column in map(file.schema.column, range(len(file.schema)))
            if column.physical_type == "BYTE_ARRAY" and "." not in column.path
        ]
        names_of(file.schema_arrow)
        groups = map(file.metadata.row_group, range(file.metadata.num_row_groups))
        unpacked = sum(group.total_byte_size for group in groups)
        found = parquet.ParquetFile(pa.BufferReader(data), read_dictionary=coded)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FormatError(f"{name} is no whole Parquet file: {error}") from error
    if unpacked > max(FREE, RATIO * data.size):
        raise FormatError(
            f"{name} would unpack to {unpacked:,} bytes, more than {RATIO} times its size; deliver it as CSV"
        )
    return found


def row_parts(file: parquet.ParquetFile, names: list[str] | None = None) -> Iterator[pa.Table]:
    """Its rows, in parts of bounded size; a text that many rows have is counted for each of them."""
    for part in file.iter_batches(ROWS, columns=names):
        yield from _bounded(pa.Table.from_batches([part]))


def _bounded(rows: pa.Table) -> Iterator[pa.Table]:
    if len(rows) > 1 and sum(map(_size, rows.columns)) > PART:
        half = len(rows) // 2
        yield from _bounded(rows.slice(0, half))
        yield from _bounded(rows.slice(half))
        return
    plain = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in rows.columns
    ]
    made = pa.table(plain, names=rows.column_names)
    made.validate(full=True)  # what is written as text may be none, and would be raised at a cell
    yield made


def _size(column: pa.ChunkedArray) -> int:
    """Bytes of a column once each of its rows has a text of its own."""
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    sizes = (pc.sum(pc.binary_length(one.dictionary).take(one.indices)).as_py() for one in column.chunks)
    return sum(size or 0 for size in sizes)


def _raw(rows: pa.Table) -> Callable[[int], bytes]:
    def cells(row: int) -> bytes:
        return json.dumps(rows.slice(row, 1).to_pylist()[0], default=str, ensure_ascii=False).encode()

    return cells


FORMAT: Final = Format(NAME, (DETECTION.name,), sniff, read, write, piece)
