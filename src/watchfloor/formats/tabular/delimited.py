"""Delimited text (CSV and its relatives) as rows of text, in constant memory.

The dialect is RFC 4180 with any of four delimiters, in any encoding of
`watchfloor.formats.encoding.charset`. What a file does not say about itself is found from its first lines;
a person may state it in a `Dialect`.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, Final, NamedTuple

from watchfloor.formats.base import HEAD_BYTES, Fault, FormatError
from watchfloor.formats.encoding.charset import Utf8, detect, named
from watchfloor.formats.tabular.blocks import MAX_RAW, Broken, Layout, parse, parse_record
from watchfloor.formats.tabular.table import HEADER_WITHIN, Rows, Sheet, column_names, header_row

DELIMITERS: Final = ",;\t|"
BLOCK: Final = 1 << 22
MAX_LINE: Final = 1 << 20
"""Bytes of a line; a longer one is a fault, and a file whose first line is longer is no table."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file writes its table; what is None is found from the file.

    `header` is the number of the line that names the columns; None: the first line that is not blank.
    """

    encoding: str | None = None
    delimiter: str | None = None
    header: int | None = None


class DelimitedFile(NamedTuple):
    """A file whose header is read. `first_line` is the number of the line that `rest` starts with."""

    layout: Layout
    rest: bytes
    first_line: int


def read(stream: BinaryIO, name: str, dialect: Dialect | None = None, start: bytes = b"") -> Sheet:
    """The table in one delimited file; `start` is what was read of it already.

    Raises `FormatError` where there is none at all.
    """
    opened = open_table(stream, name, dialect or Dialect(), start)
    return Sheet(opened.layout.names, lambda: opened.layout.text.note, rows(opened))


def open_table(stream: BinaryIO, name: str, dialect: Dialect, start: bytes = b"") -> DelimitedFile:
    """Find encoding, delimiter and header. Raises `FormatError` for an empty file or one without lines."""
    head = start + stream.read(HEAD_BYTES)
    if not head.strip(b"\r\n\t \xef\xbb\xbf"):
        raise FormatError(f"{name} is empty")
    text = Utf8(stream, head, named(dialect.encoding, head) if dialect.encoding else None)
    lines = _first_lines(text)
    if b"\n" not in lines and len(lines) >= MAX_LINE:
        raise FormatError(f"{name} has no line end in its first {MAX_LINE:,} bytes: it is no table of lines")
    delimiter = dialect.delimiter or sniff_delimiter(lines)
    cells, rest, line = _header(lines, name, delimiter, dialect.header)
    return DelimitedFile(Layout(column_names(cells), delimiter, text), rest, line)


def rows(opened: DelimitedFile) -> Iterator[Rows | Fault]:
    """Rows and faults behind the header, a block at a time."""
    layout, buffer, line = opened
    text = layout.text
    final = False
    while not final:
        chunk = text.read(BLOCK)
        final = not chunk
        buffer += b"\n" if final and buffer and not buffer.endswith(b"\n") else chunk
        if cut := buffer.rfind(b"\n") + 1:
            used = yield from parse(layout, buffer[:cut], line, final)
            line += buffer.count(b"\n", 0, used)
            buffer = buffer[used:]
        elif len(buffer) > MAX_LINE:
            reason = f"is longer than {MAX_LINE:,} bytes; a line end is missing"
            yield Fault(f"line {line}", reason, text.delivered(buffer[:MAX_RAW]))
            buffer, line = _next_line(text), line + 1
    if text.truncated:
        yield Fault(f"line {line}", "the file ends in the middle of a character: it was cut", b"", rest=True)


def sniff_delimiter(data: bytes) -> str:
    """The delimiter that cuts most of the first lines into the same number of columns, and more than one."""
    lines = [line + "\n" for line in data[:HEAD_BYTES].decode("utf-8", "replace").split("\n")[:50]]
    if lines and _is_directive(lines[0]):
        return lines[0][4]
    return max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter))


def header_of(head: bytes) -> list[str]:
    """Column names in the first bytes of a file, none where there is no table; for `sniff` functions."""
    return list(_header_of(head))


@lru_cache(maxsize=1)  # thirty formats look at the header of one file, one after the other
def _header_of(head: bytes) -> Sequence[str]:
    charset = detect(head)
    data = head[charset.skip :].decode(charset.encoding, "replace").encode("utf-8", "replace")
    if not data.strip() or b"\0" in data:
        return []
    try:
        return column_names(_header(data.replace(b"\r", b"\n"), "", sniff_delimiter(data), None)[0])
    except FormatError:
        return []


def _first_lines(text: Utf8) -> bytes:
    start = b""
    while len(start) < HEAD_BYTES or (b"\n" not in start and len(start) < MAX_LINE):
        if not (chunk := text.read(HEAD_BYTES)):
            break
        start += chunk
    return start


def _is_directive(line: str) -> bool:
    """Whether a line is the `sep=;` that some spreadsheets write and read."""
    return line.lower().startswith("sep=") and len(line.strip("\r\n")) == 5


def _evenness(lines: list[str], delimiter: str) -> tuple[float, int]:
    """Share of the lines with as many columns as the first two, or as most where they differ; how many."""
    try:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return 0.0, 0
    usual = max(set(counts), key=counts.count, default=1)
    width = counts[0] if counts and counts[0] > 1 and counts[0] in counts[1:2] else usual
    return (counts.count(width) / len(counts) if width > 1 else 0.0), width


def _header(data: bytes, name: str, delimiter: str, number: int | None) -> tuple[list[str], bytes, int]:
    """Cells of the header, what follows it, and the number of the line that follows it."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    at = number - 1 if number else _first(lines, delimiter)
    if at >= len(lines):
        raise FormatError(
            f"{name} has no line {number} that could name its columns" if number else f"{name} is empty"
        )
    record = parse_record(lines, at, delimiter)
    if isinstance(record, Broken):
        raise FormatError(f"{name}, line {at + 1}: the header {record.reason}")
    used = at + record.lines
    return record.cells, data[sum(map(len, lines[:used])) :], used + 1


def _first(lines: list[bytes], delimiter: str) -> int:
    """Return the line that names the columns; as many as there are lines where none may."""
    at = next((i for i, line in enumerate(lines) if _may_name_columns(line)), len(lines))
    found: list[int] = []
    rows: list[list[str]] = []
    while at < len(lines) - 1 and len(found) < HEADER_WITHIN:  # the last may be cut
        record = parse_record(lines, at, delimiter)
        found.append(at)
        rows.append([] if isinstance(record, Broken) else record.cells)
        at += 1 if isinstance(record, Broken) else max(record.lines, 1)
    return found[header_row(rows)] if found else at


def _may_name_columns(line: bytes) -> bool:
    return bool(line.strip()) and not _is_directive(line.decode("utf-8", "replace"))


def _next_line(text: Utf8) -> bytes:
    """Drop what is left of a line; what follows it."""
    while chunk := text.read(BLOCK):
        if b"\n" in chunk:
            return chunk[chunk.index(b"\n") + 1 :]
    return b""
