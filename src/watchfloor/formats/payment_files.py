"""Files of payments, opened: the columns that are used, as Arrow reads them, and lines that are no rows.

Columns that are never read (`payment_columns`) are not even parsed. A file whose cells are what its columns
say is parsed into their types at once, about as fast as the text can be cut; where one cell is not, the
columns of numbers and times are read again as text, and each cell is judged.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from watchfloor.formats.base import HEAD_BYTES, FormatError
from watchfloor.formats.blocks import Broken, parse_record
from watchfloor.formats.delimited import sniff_delimiter
from watchfloor.formats.measures import FINE
from watchfloor.formats.payment_columns import AMOUNTS, LABELS, TEXTS, Columns, columns
from watchfloor.formats.table import column_names
from watchfloor.formats.whole_text import BLOCK, whole_utf8

PARQUET: Final = b"PAR1"
_CODED: Final = pa.dictionary(pa.int32(), pa.string())
_UNKNOWN: Final = ["", "NaN", "nan", "NA", "N/A", "n/a", "null", "NULL", "None", "none", "-"]
_NEWLINE, _QUOTE, _RETURN = 10, 34, 13


class Skipped(NamedTuple):
    """A line that is no row of the table: what it says, and what is wrong with it."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A table, what its columns are, and lines that are no rows of it.

    Attributes:
        table: columns by our words (`payment_columns`), in the file's order.
        columns: what was found in the header.
        skipped: lines with too few or too many cells.
        body: the text behind the header, to find lines in; empty for a file that is no text.
        header: lines before the body.
    """

    table: pa.Table
    columns: Columns
    skipped: tuple[Skipped, ...] = ()
    body: pa.Buffer = field(default_factory=lambda: pa.py_buffer(b""))
    header: int = 0

    def place(self, row: int) -> str:
        """Where a row of the table stands: `line 17`, or `row 16` of a file without lines.

        A text whose skipped lines leave open where its rows stand gives `row 16` too, counted from 1.
        """
        if self.body.size and not self.skipped:
            starts = _starts(self.body)
            if len(starts) == self.table.num_rows:
                return f"line {self.header + 1 + int(starts[row])}"
        return f"row {row + 1}"


def open_file(path: Path, labels: bool = False) -> Opened:
    """The used columns of a file of payments; of its answers only, with `labels`.

    Raises:
        FormatError: it is empty, or no table.
        OSError: it cannot be opened.
    """
    if path.is_dir():
        raise FormatError(f"{path} is a folder; name a file in it")
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if not head.strip(b"\r\n\t \xef\xbb\xbf"):
        raise FormatError(f"{path.name} is empty")
    if head.startswith(PARQUET):
        return _open_parquet(pa.memory_map(str(path)), path.name, labels)
    if head.lstrip()[:1] in (b"[", b"{", b"<") or head.startswith((b"PK\3\4", b"\x1f\x8b")):
        raise FormatError(
            f"{path.name} is no table of payments: give CSV or Parquet; messages go to `watchfloor ingest`"
        )
    return _open_csv(pa.memory_map(str(path)).read_buffer(), path.name, labels)


def _wanted(found: Columns, labels: bool) -> dict[str, str]:
    """The columns to be read, by their names in the file, as our words."""
    if labels:
        ours = {**found.labels, **{w: n for w, n in found.used.items() if w == "payment_id"}}
        return {name: word for word, name in ours.items()}
    return {name: word for word, name in found.used.items()}


def _open_parquet(source: pa.NativeFile, name: str, labels: bool) -> Opened:
    try:
        file = parquet.ParquetFile(source)
        found = columns(file.schema_arrow.names)
        wanted = _wanted(found, labels)
        table = file.read(columns=list(wanted))
        rows = file.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FormatError(f"{name} is no whole Parquet file: {error}") from error
    if not wanted:
        table = pa.table({"row": pa.nulls(rows)}).select([])
    return Opened(table.rename_columns([wanted[name] for name in table.column_names]), found)


def _open_csv(data: pa.Buffer, name: str, labels: bool) -> Opened:
    data = whole_utf8(data)
    head = data.slice(0, min(HEAD_BYTES, data.size)).to_pybytes()
    blank = len(head) - len(head.lstrip(b"\r\n"))
    rest = head[blank:]
    if not rest.strip():
        raise FormatError(f"{name} is empty")
    delimiter = sniff_delimiter(rest)
    lines = [line + b"\n" for line in rest.split(b"\n")]
    record = parse_record(lines, 0, delimiter)
    if isinstance(record, Broken):
        raise FormatError(f"{name}: the header {record.reason}")
    names = column_names(record.cells)
    found = columns(names)
    used = blank + sum(len(line) for line in lines[: record.lines])
    header = rest.count(b"\n", 0, used - blank) + head.count(b"\n", 0, blank)
    body = data.slice(min(used, data.size))
    wanted = _wanted(found, labels)
    skipped: list[Skipped] = []
    try:
        table = _read(body, names, delimiter, wanted, _types(wanted), skipped)
    except pa.ArrowInvalid:
        skipped.clear()
        plain = dict.fromkeys(wanted, pa.string()) | {n: _CODED for n, w in wanted.items() if w in TEXTS}
        try:
            table = _read(body, names, delimiter, wanted, plain, skipped)
        except pa.ArrowInvalid as error:
            raise FormatError(f"{name} is no table of text: {error}") from error
    return Opened(
        table.rename_columns([wanted[column] for column in table.column_names]),
        found,
        tuple(skipped),
        body,
        header,
    )


def _types(wanted: dict[str, str]) -> dict[str, pa.DataType]:
    """Types of the columns whose type is known; that of times and steps is found by Arrow."""
    types: dict[str, pa.DataType] = {}
    for name, word in wanted.items():
        if word in TEXTS:
            types[name] = _CODED
        elif word in AMOUNTS:
            types[name] = FINE
        elif word in ("payment_id", *LABELS):
            types[name] = pa.string()
        elif word not in ("at", "time", "step"):
            types[name] = pa.float64()
    return types


def _read(
    body: pa.Buffer,
    names: list[str],
    delimiter: str,
    wanted: dict[str, str],
    types: dict[str, pa.DataType],
    skipped: list[Skipped],
) -> pa.Table:
    if not body.size or not wanted:
        return pa.table({name: pa.array([], pa.string()) for name in wanted})

    def skip(row: arrow_csv.InvalidRow) -> str:
        skipped.append(
            Skipped(row.text, f"{row.actual_columns} cells where the header has {row.expected_columns}")
        )
        return "skip"

    quoted = b'"' in body.slice(0, min(body.size, BLOCK)).to_pybytes()
    return arrow_csv.read_csv(
        pa.BufferReader(body),
        arrow_csv.ReadOptions(column_names=names, block_size=BLOCK),
        arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=quoted, invalid_row_handler=skip),
        arrow_csv.ConvertOptions(
            column_types=types,
            include_columns=list(wanted),
            null_values=_UNKNOWN,
            strings_can_be_null=False,
        ),
    )


def _starts(body: pa.Buffer) -> npt.NDArray[np.int64]:
    """Numbers, from 0, of the lines on which the records of a text start: blank lines are none."""
    data = np.frombuffer(body, np.uint8)
    ends = np.flatnonzero(data == _NEWLINE)
    if not len(ends) or ends[-1] != len(data) - 1:
        ends = np.append(ends, len(data))
    starts = np.concatenate(([0], ends[:-1] + 1))
    numbers = np.arange(len(ends))
    if (data == _QUOTE).any():
        quotes = np.flatnonzero(data == _QUOTE)
        outside = np.searchsorted(quotes, starts) % 2 == 0
        starts, ends, numbers = starts[outside], ends[outside], numbers[outside]
    sizes = ends - starts
    returns = data[np.minimum(starts, len(data) - 1)] == _RETURN
    blank = (sizes == 0) | ((sizes == 1) & returns)
    return numbers[~blank]
