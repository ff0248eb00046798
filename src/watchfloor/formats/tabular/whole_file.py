"""Tables of whole files as Arrow reads them: the columns that are wanted, in their types.

A file whose cells are what its columns say is parsed into their types at once, about as fast as the text can
be cut; where one cell is not, all columns are read as text, and each cell is judged.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from watchfloor.formats.base import HEAD_BYTES, FormatError
from watchfloor.formats.encoding.charset import Utf8, detect
from watchfloor.formats.tabular.blocks import Broken, parse_record
from watchfloor.formats.tabular.delimited import sniff_delimiter
from watchfloor.formats.tabular.table import column_names

PARQUET: Final = b"PAR1"
CODED: Final = pa.dictionary(pa.int32(), pa.string())
"""Texts that repeat, each kept once."""
_BLOCK: Final = 1 << 23
"""Bytes that are read, or parsed, at once."""
_UNKNOWN: Final = ["", "NaN", "nan", "NA", "N/A", "n/a", "null", "NULL", "None", "none", "-"]


class Header(NamedTuple):
    """The names of a table's columns, what parts its cells, and how many bytes come before its rows."""

    names: list[str]
    delimiter: str
    used: int


class Skipped(NamedTuple):
    """A line that is no row: its number among the rows, its text, its cells, and how many a row has."""

    number: int | None
    text: str
    cells: int
    columns: int


def names_of(schema: pa.Schema) -> list[str]:
    """Return the names of columns. Raises `ValueError` where one, or the zone of its times, is not UTF-8."""
    for field in schema:
        getattr(field.type, "tz", None)  # reads it
    return list(schema.names)


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file. Raises `FormatError` where there are none, or `OSError`."""
    if path.is_dir():
        raise FormatError(f"{path} is a folder; name a file in it")
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if not head.strip(b"\r\n\t \xef\xbb\xbf"):
        raise FormatError(f"{path.name} is empty")
    return head


def whole_utf8(data: pa.Buffer) -> pa.Buffer:
    """Return text in UTF-8, without a byte order mark, every line ended by a line feed.

    A file that is so already is not copied. Bytes that are of no character become U+FFFD.
    """
    head = data.slice(0, min(HEAD_BYTES, data.size)).to_pybytes()
    charset = detect(head)
    if charset.encoding == "utf-8" and (b"\r" not in head or b"\n" in head) and _is_utf8(data):
        return data.slice(charset.skip)
    text = Utf8(pa.BufferReader(data.slice(len(head))), head)
    parts: Iterator[bytes] = iter(lambda: text.read(_BLOCK), b"")
    return pa.py_buffer(b"".join(parts).decode("utf-8", "replace").encode())


def _is_utf8(data: pa.Buffer) -> bool:
    """Whether bytes are UTF-8, which Arrow finds fast where they are one text."""
    ends = pa.py_buffer(np.array([0, data.size], np.int64).tobytes())
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, ends, data]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def header(head: bytes, name: str, start: int = 0, place: str = "") -> Header:
    """Read the header at a byte of a file, which `place` says in words. Raises `FormatError` without one."""
    rest = head[start:]
    if not rest.strip():
        raise FormatError(f"{name} is empty")
    delimiter = sniff_delimiter(rest)
    lines = [line + b"\n" for line in rest.split(b"\n")]
    record = parse_record(lines, 0, delimiter)
    if isinstance(record, Broken):
        raise FormatError(f"{name}{place}: the header {record.reason}")
    used = start + sum(map(len, lines[: record.lines]))
    return Header(column_names(record.cells), delimiter, used)


Types = Mapping[str, pa.DataType | None]
"""The columns that are wanted, each with its type; None: Arrow finds it."""


def read(
    data: pa.Buffer, header: Header, types: Types, plain: Types, name: str
) -> tuple[pa.Table, list[Skipped]]:
    """Return columns of UTF-8 text, and lines that are no rows. Raises `FormatError` where it is no text.

    The columns are of some types, or, where a cell is not of its type, of plain ones.
    """
    try:
        return parse(data, header, types)
    except pa.ArrowInvalid:
        try:
            return parse(data, header, plain)
        except pa.ArrowInvalid as error:
            raise FormatError(f"{name} is no table of text: {error}") from error


def parse(
    data: pa.Buffer, header: Header, types: Types, *, numbered: bool = False
) -> tuple[pa.Table, list[Skipped]]:
    """Do what `read` does. Raises `ArrowInvalid`.

    Lines that are no rows are numbered on demand: Arrow counts only where it reads in one thread.
    """
    body = data.slice(min(header.used, data.size))
    if not body.size or not types:
        return pa.table({name: pa.array([], pa.string()) for name in types}), []
    skipped: list[Skipped] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        skipped.append(Skipped(row.number, row.text, row.actual_columns, row.expected_columns))
        return "skip"

    quoted = b'"' in body.slice(0, min(body.size, _BLOCK)).to_pybytes()
    table = arrow_csv.read_csv(
        pa.BufferReader(body),
        arrow_csv.ReadOptions(column_names=header.names, block_size=_BLOCK, use_threads=not numbered),
        arrow_csv.ParseOptions(
            delimiter=header.delimiter, newlines_in_values=quoted, invalid_row_handler=skip
        ),
        arrow_csv.ConvertOptions(
            column_types={name: of for name, of in types.items() if of is not None},
            include_columns=list(types),
            null_values=_UNKNOWN,
            strings_can_be_null=False,
        ),
    )
    return table, skipped
