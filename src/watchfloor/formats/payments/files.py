"""Files of payments, opened: the columns that are used, as Arrow reads them, and lines that are no rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from watchfloor.core.tables import as_table, is_table
from watchfloor.formats.base import HEAD_BYTES, FormatError
from watchfloor.formats.payments.columns import AMOUNTS, LABELS, TEXTS, Columns, columns, is_fact
from watchfloor.formats.tabular.blocks import Broken, parse_record
from watchfloor.formats.tabular.measures import FINE
from watchfloor.formats.tabular.whole_file import (
    CODED,
    PARQUET,
    Skipped,
    head_of,
    header,
    names_of,
    parse,
    read,
    whole_utf8,
)

_BINARY: Final = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
_KNOWN: Final = (
    *(pa.types.is_string, pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating),
    *(pa.types.is_decimal128, pa.types.is_date, pa.types.is_timestamp, pa.types.is_time),
)
_NEWLINE, _QUOTE, _RETURN = 10, 34, 13
_SHOWN: Final = 160
NO_ROW: Final = "the line is no row of the table"


Find = Callable[[Iterable[str]], Columns]
"""What columns of some names are."""


class RefusedRows(NamedTuple):
    """Rows that were refused for one reason: how many, and the first: where it stands and what it says."""

    reason: str
    number: int
    example: str


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """A table, what its columns are, and lines that are no rows of it.

    Attributes:
        table: columns by our words (`payment_columns`), in the file's order.
        columns: what was found in the header.
        skipped: lines with too few or too many cells.
        lines: for each row the line on which it starts, from 1; None where the file has no lines.
    """

    table: pa.Table
    columns: Columns
    skipped: tuple[Skipped, ...] = ()
    lines: Callable[[], npt.NDArray[np.int64] | None] = lambda: None

    def refused(self, whys: Iterable[tuple[str, npt.NDArray[np.bool_]]]) -> tuple[RefusedRows, ...]:
        """The account of refused rows: for each reason that has any, how many, and the first of them."""
        some = [(reason, rows) for reason, rows in whys if rows.any()]
        lines = self.lines() if some else None
        told = [
            RefusedRows(reason, int(rows.sum()), self._example(int(np.argmax(rows)), lines))
            for reason, rows in some
        ]
        if self.skipped:
            first = self.skipped[0]
            told.append(
                RefusedRows(
                    NO_ROW,
                    len(self.skipped),
                    f"{first.text[:_SHOWN]!r} has {first.cells} cells where the header has {first.columns}",
                )
            )
        return tuple(told)

    def _example(self, row: int, lines: npt.NDArray[np.int64] | None) -> str:
        place = f"row {row + 1}" if lines is None or row >= len(lines) else f"line {lines[row]}"
        cells = ((self.columns.used.get(w, w), self.table[w][row].as_py()) for w in self.table.column_names)
        said = ", ".join(f"{name}={cell}" for name, cell in cells if cell is not None and cell != "")
        return f"{place}: {said[:_SHOWN]}"


def open_file(source: Any, labels: bool = False, find: Find = columns) -> PaymentFile:
    """The used columns of a file of payments; of its answers only, with `labels`.

    Args:
        source: the file; or a table of Arrow, pandas or polars, whose columns are named as in one.
        labels: its answers are wanted, and nothing else.
        find: what its columns are, by their names.

    Raises:
        FormatError: it is empty, or no table.
        OSError: it cannot be opened.
    """
    if is_table(source):
        given = as_table(source)
        return _typed(given, given.num_rows, find(given.column_names), labels)
    path = Path(source)
    head = head_of(path)
    if head.startswith(PARQUET):
        return _open_parquet(pa.memory_map(str(path)), path.name, labels, find)
    if head.lstrip()[:1] in (b"[", b"{", b"<") or head.startswith((b"PK\3\4", b"\x1f\x8b")):
        raise FormatError(
            f"{path.name} is no table of payments: give CSV or Parquet; messages go to `watchfloor ingest`"
        )
    return open_text(pa.memory_map(str(path)).read_buffer(), path.name, labels, find)


def _wanted(found: Columns, labels: bool) -> dict[str, str]:
    """The columns to be read, by their names in the file, as our words."""
    if labels:
        ours = {**found.labels, **{w: n for w, n in found.used.items() if w == "payment_id"}}
        return {name: word for word, name in ours.items()}
    return {name: word for word, name in found.used.items()}


def _open_parquet(source: pa.NativeFile, name: str, labels: bool, find: Find) -> PaymentFile:
    try:
        file = parquet.ParquetFile(source)
        found = find(names_of(file.schema_arrow))
        table, rows = file.read(columns=list(_wanted(found, labels))), file.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FormatError(f"{name} is no whole Parquet file: {error}") from error
    return _typed(table, rows, found, labels)


def _typed(table: pa.Table, rows: int, found: Columns, labels: bool) -> PaymentFile:
    """The wanted columns of a table whose cells have types."""
    wanted = _wanted(found, labels)
    plain = {name: _plain(table[name]) for name in wanted}
    read = {wanted[name]: column for name, column in plain.items() if column is not None}
    if unread := tuple(name for name, column in plain.items() if column is None):
        kept, answers = (
            {w: n for w, n in ours.items() if n not in unread} for ours in (found.used, found.labels)
        )
        found = found._replace(used=kept, labels=answers, ignored=(*found.ignored, *unread))
    return PaymentFile(pa.table(read) if read else pa.table({"row": pa.nulls(rows)}).select([]), found)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """A column of a type that cells are read from; None where it holds neither texts nor numbers."""
    of = column.type
    try:
        if pa.types.is_dictionary(of):
            return column if of.equals(CODED) else _plain(pc.cast(column, of.value_type))
        if any(is_binary(of) for is_binary in _BINARY):
            return pc.cast(column, pa.string())
        if pa.types.is_null(of) or pa.types.is_large_string(of) or pa.types.is_string_view(of):
            return pc.cast(column, pa.string())
    except pa.ArrowInvalid:  # bytes that are no text
        return None
    return column if any(is_known(of) for is_known in _KNOWN) else None


def open_text(data: pa.Buffer, name: str, labels: bool = False, find: Find = columns) -> PaymentFile:
    """The same of delimited text. Raises `FormatError` where it is none."""
    data = whole_utf8(data)
    head = data.slice(0, min(HEAD_BYTES, data.size)).to_pybytes()
    top = header(head, name, len(head) - len(head.lstrip(b"\r\n")))
    found = find(top.names)
    wanted = _wanted(found, labels)
    first = parse_record([line + b"\n" for line in head[top.used :].split(b"\n")], 0, top.delimiter)
    cells = {} if isinstance(first, Broken) else dict(zip(top.names, first.cells, strict=False))
    plain = {name: CODED if word in TEXTS else pa.string() for name, word in wanted.items()}
    table, skipped = read(data, top, _types(wanted, cells), plain, name)

    def places() -> npt.NDArray[np.int64] | None:
        """Lines of the rows; None where quotes are so broken that they cannot be told."""
        lines: npt.NDArray[np.int64] = _starts(data.slice(min(top.used, data.size)))
        lines += head.count(b"\n", 0, top.used) + 1
        if len(lines) != table.num_rows + len(skipped):
            return None
        again = parse(data, top, dict.fromkeys(list(wanted)[:1]), numbered=True)[1] if skipped else ()
        return np.delete(lines, [one.number - 1 for one in again if one.number])

    renamed = table.rename_columns([wanted[column] for column in table.column_names])
    return PaymentFile(renamed, found, tuple(skipped), places)


def _types(wanted: dict[str, str], first: dict[str, str]) -> dict[str, pa.DataType | None]:
    """Types of the columns; that of times and steps is found by Arrow.

    Times that Arrow does not read itself (`2022/09/01 00:20`) are numbered texts: they repeat, and each is
    read once.
    """
    types: dict[str, pa.DataType | None] = {}
    for name, word in wanted.items():
        if word in AMOUNTS:
            types[name] = FINE
        elif word in ("payment_id", "payer", "payee", *LABELS):  # many texts are numbered faster at once
            types[name] = pa.string()
        elif is_fact(word):
            types[name] = pa.float64()
        else:
            is_time = word in ("at", "time", "step", "opened") and "/" not in first.get(name, "")
            types[name] = None if is_time else CODED
    return types


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
    found: npt.NDArray[np.int64] = numbers[~blank]
    return found
