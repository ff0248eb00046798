"""Blocks of delimited lines: parsed by Arrow where they are clean, line by line where they are not.

Both ways give the same rows, which a property test holds them to. The careful way is Python's strict `csv`
reader, started anew for each record: a record that cannot be read costs its first line, and reading goes on
with the line after it. So a quote that nobody closes is one fault, and not the rest of the file.
"""

import csv
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as arrow_csv

from watchfloor.formats.base import Fault
from watchfloor.formats.encoding.charset import Utf8
from watchfloor.formats.tabular.table import Rows, locators, text_table

MAX_RECORD_LINES: Final = 200
"""How many lines one quoted cell may span before its quote counts as broken."""
MAX_REPEATED: Final = 16
"""Bytes of a line, on average, in a block that is searched for repeats."""
_REPEATED: Final = re.compile(
    rb"(?m)^((?:[^\n]{0,%d}\n){1,4})\1{%d}" % (MAX_REPEATED - 1, 2 * MAX_RECORD_LINES)
)
MAX_CELL: Final = 1 << 17
"""Characters of one cell; more are a fault."""
MAX_RAW: Final = 1 << 16
"""Bytes of a fault that are kept with it."""

QUOTE, NEWLINE, RETURN = 34, 10, 13

Positions = npt.NDArray[np.int64]
Found = Generator[Rows | Fault, None, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Layout of a header: the columns' names and the delimiter; and the text, to go back to its bytes."""

    names: list[str]
    delimiter: str
    text: Utf8


class Record(NamedTuple):
    """One parsed record and how many lines it took."""

    cells: list[str]
    lines: int


class Broken(NamedTuple):
    """Why a record cannot be read; `ran_out` where more lines might have closed its quote."""

    reason: str
    ran_out: bool = False


def parse(layout: Layout, block: bytes, first_line: int, final: bool) -> Found:
    """Yield the rows and faults of a block of whole lines; return how many of its bytes are read.

    A record that is still open at the end of the block is left unread, unless the block is the `final` one.
    """
    used, line = 0, first_line
    for start, end in _long_gaps(layout, block):
        yield from _parse(layout, block[used:start], line, final=True)  # no quote is open for so many lines
        line += block.count(b"\n", used, end)
        used = end
    return used + (yield from _parse(layout, block[used:], line, final))


def _long_gaps(layout: Layout, block: bytes) -> Iterator[tuple[int, int]]:
    """Where a block repeats a few blank lines hundreds of times, behind the first `MAX_RECORD_LINES` of them.

    A small archive can hold a hundred million such lines, which must not cost what as many records do.
    """
    at = 0
    while block.count(b"\n", at) * MAX_REPEATED > len(block) - at and (run := _REPEATED.search(block, at)):
        at, many = run.end(), run[1] * 1024
        while block.startswith(many, at):
            at += len(many)
        if all(_is_blank(layout, line + b"\n") for line in run[1].split(b"\n")[:-1]):
            yield run.start() + len(run[1]) * MAX_RECORD_LINES, at


def _is_blank(layout: Layout, line: bytes) -> bool:
    record = fitted(layout, [line], 0)
    return isinstance(record, Record) and not any(record.cells)


def _parse(layout: Layout, block: bytes, first_line: int, final: bool) -> Found:
    used = 0
    if clean := columnar(layout, block, first_line):
        found, used = clean
        yield found
        if not final or used == len(block):
            return used
    rest = block[used:]
    return used + (yield from careful(layout, rest, first_line + block.count(b"\n", 0, used), final))


def columnar(layout: Layout, block: bytes, first_line: int) -> tuple[Rows, int] | None:
    """Rows of a clean block, and the bytes read; None when the block needs care."""
    if b"\0" in block:
        return None
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == NEWLINE)
    numbers = np.arange(len(ends) + 1) + first_line
    if b'"' in block:
        quotes = np.flatnonzero(data == QUOTE)
        outside = np.flatnonzero(np.searchsorted(quotes, ends) % 2 == 0)
        ends, numbers = ends[outside], np.concatenate(([first_line], numbers[outside + 1]))
        if not len(ends) or not _in_order(data, quotes[quotes < ends[-1]], ord(layout.delimiter)):
            return None
    if not len(ends):
        return None
    starts = np.concatenate(([0], ends[:-1] + 1))
    if _odd_sizes(data, starts, ends, numbers):
        return None
    used = int(ends[-1]) + 1
    cells = _arrow(layout, block[:used])
    if cells is None or cells.num_rows != len(ends) or _some_empty(cells):
        return None

    def raw(row: int) -> bytes:
        return layout.text.delivered(block[starts[row] : ends[row]].removesuffix(b"\r"))

    return Rows(cells, locators(numbers[:-1]), raw), used


def careful(layout: Layout, block: bytes, first_line: int, final: bool) -> Found:
    """As `parse`, line by line."""
    lines = [line + b"\n" for line in block.split(b"\n")[:-1]]
    kept: list[list[str]] = []
    spans: list[tuple[int, int]] = []
    blank = {b"\n", b"\r\n"}
    """Lines that gave no record: the same again gives none either."""
    at = 0
    while at < len(lines):
        if lines[at] in blank:
            at += 1
            continue
        record = fitted(layout, lines, at)
        if isinstance(record, Broken):
            if record.ran_out and not final:
                break
            yield Fault(f"line {first_line + at}", record.reason, _raw(layout, lines[at])[:MAX_RAW])
            at += 1
            continue
        if any(record.cells):
            kept.append(record.cells)
            spans.append((at, at + record.lines))
        elif record.lines == 1:
            blank.add(lines[at])
        at += record.lines
    if kept:
        numbers = np.array([start for start, _ in spans]) + first_line
        table = text_table(layout.names, kept)
        yield Rows(table, locators(numbers), lambda row: _raw(layout, b"".join(lines[slice(*spans[row])])))
    return sum(map(len, lines[:at]))


def fitted(layout: Layout, lines: list[bytes], at: int) -> Record | Broken:
    """The record that starts at `lines[at]`, with as many cells as the header has."""
    record = parse_record(lines, at, layout.delimiter)
    width = len(layout.names)
    if isinstance(record, Broken) or len(record.cells) == width:
        return record
    if not any(map(str.strip, record.cells)):  # a blank line, or one of delimiters only
        return Record([], record.lines)
    if record.lines > 1:
        return Broken(
            "opens a quote that closes only in a later line, where the cells no longer fit the header"
        )
    if len(record.cells) > width and not any(record.cells[width:]):
        return Record(record.cells[:width], 1)
    count = len(record.cells)
    return Broken(f"has {count} cell{'s' if count > 1 else ''} where the header has {width}")


def parse_record(lines: list[bytes], at: int, delimiter: str) -> Record | Broken:
    """The record that starts at `lines[at]`, whatever its number of cells."""
    reader = csv.reader(_decoded(lines, at), delimiter=delimiter, strict=True)
    try:
        return Record(next(reader), reader.line_num)
    except UnicodeDecodeError as error:
        return Broken(
            f"holds byte 0x{_odd_byte(error):02x}, which does not fit the file's encoding; state another"
        )
    except ValueError as error:
        return Broken(str(error))
    except csv.Error as error:
        return Broken(_reason(str(error)), ran_out=_ran_out(error, at + reader.line_num, lines, at))


def _odd_byte(error: UnicodeDecodeError) -> int:
    """The delivered byte that is no character: itself, or what a surrogate of `charset` stands for."""
    try:
        return ord(error.object[error.start : error.start + 3].decode("utf-8", "surrogatepass")) & 0xFF
    except UnicodeDecodeError:
        return error.object[error.start]


def _decoded(lines: list[bytes], at: int) -> Iterator[str]:
    for number in range(at, min(at + MAX_RECORD_LINES, len(lines))):
        line = lines[number]  # a slice would copy them for each record
        if b"\0" in line:
            raise ValueError("holds a zero byte: this piece is no text")
        yield line.decode()


def _ran_out(error: csv.Error, end: int, lines: list[bytes], at: int) -> bool:
    return "unexpected end" in str(error) and end == len(lines) and end - at < MAX_RECORD_LINES


def _reason(error: str) -> str:
    if "unexpected end" in error:
        return "opens a quote that is never closed"
    if "expected after" in error:
        return "has text behind a closing quote: a quote in it is broken"
    if "new-line character" in error:
        return "has a carriage return in the middle of a line"
    if "field larger" in error:
        return f"has a cell of more than {MAX_CELL:,} characters, or a quote that is never closed"
    return f"cannot be read: {error}"


def _raw(layout: Layout, lines: bytes) -> bytes:
    return layout.text.delivered(lines.removesuffix(b"\n").removesuffix(b"\r"))


def _in_order(data: npt.NDArray[np.uint8], quotes: Positions, delimiter: int) -> bool:
    """Whether each quote opens a cell, closes one, or is half of a doubled one inside."""
    if not len(quotes):
        return True
    before = np.where(quotes[0::2] > 0, data[quotes[0::2] - 1], NEWLINE)
    after = data[quotes[1::2] + 1]
    opening = (before == delimiter) | (before == NEWLINE) | (before == QUOTE)
    closing = (after == delimiter) | (after == NEWLINE) | (after == RETURN) | (after == QUOTE)
    return bool(opening.all() and closing.all())


def _odd_sizes(data: npt.NDArray[np.uint8], starts: Positions, ends: Positions, numbers: Positions) -> bool:
    """Whether a line is empty, or a record longer than the careful way allows."""
    sizes = ends - starts
    empty = (sizes == 0) | ((sizes == 1) & (data[starts] == RETURN))
    return bool(empty.any() or np.max(sizes) > MAX_CELL or np.max(np.diff(numbers)) >= MAX_RECORD_LINES)


def _some_empty(cells: pa.Table) -> bool:
    """Whether a row has no cell at all."""
    if not all(column.null_count for column in cells.columns):
        return False
    filled = np.zeros(cells.num_rows, np.bool_)
    for column in cells.columns:
        filled |= column.is_valid().to_numpy()
    return not filled.all()


def _arrow(layout: Layout, block: bytes) -> pa.Table | None:
    strings = dict.fromkeys(layout.names, pa.string())
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(block),
            arrow_csv.ReadOptions(column_names=layout.names, block_size=len(block) + 1, use_threads=False),
            arrow_csv.ParseOptions(
                delimiter=layout.delimiter, newlines_in_values=True, ignore_empty_lines=False
            ),
            arrow_csv.ConvertOptions(column_types=strings, null_values=[""], strings_can_be_null=True),
        )
    except pa.ArrowInvalid:
        return None
