"""Detections as CSV: in the columns of the kind `detection`, or in the short ones that people write.

Needed are a time (`t`, `observed_at`) and a place (`lon` and `lat`, `x` and `y`) or a direction (`azimuth`,
with `range` or without). Names and units are those of `watchfloor.formats.sensors.detections.columns`.
Where a file has a plane of its own, a line before its header says where that is, see
`watchfloor.formats.sensors.detections.files`.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from watchfloor.core.kinds import DETECTION
from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, Format, FormatError, Head
from watchfloor.formats.sensors.detections.build import check
from watchfloor.formats.sensors.detections.columns import columns
from watchfloor.formats.sensors.detections.files import Notes, start
from watchfloor.formats.sensors.detections.records import detections
from watchfloor.formats.tabular import delimited
from watchfloor.formats.tabular.fields import FIELDS
from watchfloor.formats.tabular.values import escape

COLUMNS: Final = tuple(field.name for field in FIELDS[DETECTION.name])
"""Columns in the order in which they are written."""
SURE: Final = 0.95
"""How sure `sniff` is of a table with a time, a place or direction, and no column that it does not know."""
_MOMENT: Final = "%Y-%m-%dT%H:%M:%SZ"


def sniff(head: Head) -> float:
    """Sure where the header says time and place; less so the more columns are not known."""
    try:
        begun = start(head.data, head.name)
        if len(begun.header.names) < 2:  # a time and a place, or a direction
            return 0.0
        found = columns(begun.header.names)
        check(found, head.name)
    except FormatError:
        return 0.0
    known = len(found.used) / len(begun.header.names)
    return SURE if known == 1.0 else 0.8 * known if known >= 0.5 else 0.0


def read(stream: BinaryIO, name: str, stated: Notes | None = None) -> Iterator[Batch | Fault]:
    """Rows and faults. Raises `FormatError` where there is no time or place, or a zero is not said."""
    head = stream.read(HEAD_BYTES)
    begun = start(head, name)
    notes = Notes(
        begun.notes.origin or (stated or _SILENT).origin, begun.notes.start or (stated or _SILENT).start
    )
    sheet = delimited.read(stream, name, delimited.Dialect(None, begun.header.delimiter, begun.line), head)
    yield from detections(sheet.pieces, columns(sheet.names), notes, name, f"line {begun.line}")


def write(parts: Iterable[Batch], stream: BinaryIO) -> None:
    """Rows as UTF-8 CSV with a header, which `read` reads back."""
    stream.write((",".join(COLUMNS) + "\n").encode())
    options = arrow_csv.WriteOptions(include_header=False)
    for part in parts:
        rows = part.rows.select(COLUMNS)
        text = pa.table({name: _written(rows.column(name)) for name in COLUMNS})
        sink = pa.BufferOutputStream()
        arrow_csv.write_csv(text, sink, options)
        stream.write(sink.getvalue())


def _written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as what CSV can hold: lists as `values.write_list` does, moments in ISO 8601."""
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, _MOMENT)
    if pa.types.is_list(column.type):
        lists = column.combine_chunks()
        lists = lists.chunk(0) if isinstance(lists, pa.ChunkedArray) else lists
        return pc.binary_join(pa.ListArray.from_arrays(lists.offsets, escape(lists.values)), ";")
    return column


_SILENT: Final = Notes()
NAME: Final = "detection-csv"
FORMAT: Final = Format(NAME, (DETECTION.name,), sniff, read, write)
