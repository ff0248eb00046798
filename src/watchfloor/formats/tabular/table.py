"""Rows of a table as text: what CSV files and spreadsheets become before a mapping gives them meaning."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.base import Fault, FormatError

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table.

    Attributes:
        cells: a string column for each name in the header; null where the cell is empty.
        locators: where each row stood, such as `line 17`.
        raw: the delivered bytes of row *i*.
    """

    cells: pa.Table
    locators: pa.Array
    raw: Callable[[int], bytes]


def raw_at(rows: Rows, locator: str) -> bytes:
    """The delivered bytes of the row at a locator; empty where there is none."""
    row = pc.index(rows.locators, locator).as_py()
    return rows.raw(row) if row >= 0 else b""


class Sheet(NamedTuple):
    """A table that is open for reading: its columns' names, a note on how it was read, and its pieces.

    The note is whole only when the pieces are read; it is empty where there is nothing to say.
    """

    names: list[str]
    note: Callable[[], str]
    pieces: Iterator[Rows | Fault]


def column_names(cells: list[str]) -> list[str]:
    """Names for the cells of a header: trimmed; an empty one is `column 3`, a repeated one `name (2)`."""
    names: dict[str, None] = {}
    repeats: dict[str, int] = {}  # where to go on counting: a line of one name alone would cost its cube
    for number, cell in enumerate(cells, 1):
        base = name = " ".join(cell.split()) or f"column {number}"
        while name in names:
            repeats[base] = repeat = repeats.get(base, 1) + 1
            name = f"{base} ({repeat})"
        names[name] = None
    return list(names)


HEADER_WITHIN: Final = 20
"""Rows among which the one that names the columns is looked for: titles and dates of a report stand above."""
_NO_NAME: Final = re.compile(r"[\s\d.,:/+-]*\d[\s\d.,:/+-]*")


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """Return which of a table's first rows names its columns: the first that holds anything, or one below it.

    A first row that fills half of the columns at most is a title. It gives way to the first row below that
    fills all of them and holds no number, where there are three columns or more.
    """
    filled = [[cell for cell in row if cell.strip()] for row in rows[:HEADER_WITHIN]]
    first = next((at for at, row in enumerate(filled) if row), 0)
    widths = [len(row) for row in filled[first:] if row]
    width = max(set(widths), key=lambda one: (widths.count(one), one), default=0)
    if width < LEAST_COLUMNS or 2 * len(filled[first]) > width:
        return first
    names = (
        at
        for at, row in enumerate(filled[first:], first)
        if len(row) >= width and len(set(row)) == len(row) and not any(map(_NO_NAME.fullmatch, row))
    )
    return next(names, first)


LEAST_COLUMNS: Final = 3
"""Columns from which on a row with one cell is a title; of two, one may simply have no name."""


def locators(numbers: npt.NDArray[np.int64], word: str = "line") -> pa.Array:
    """`line 1`, `line 2`… for the numbers given."""
    return pc.binary_join_element_wise(word, pc.cast(pa.array(numbers), pa.string()), " ")


def text_table(names: list[str], rows: list[list[str]]) -> pa.Table:
    """A table of string columns; an empty text is null."""
    columns = zip(*rows, strict=True) if rows else [[] for _ in names]
    arrays = [pa.array([cell or None for cell in column], pa.string()) for column in columns]
    return pa.table(arrays, names=names)


def single(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return one array of a column's chunks, with one type of text. Raises `FormatError` for too much."""
    array = column
    if isinstance(column, pa.ChunkedArray):
        if pa.types.is_dictionary(column.type):
            column = column.unify_dictionaries()
        array = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            if array.num_chunks:
                raise FormatError("a column holds more than 2 GiB of text: cut the file into several by time")
            array = pa.array([], column.type)
    if pa.types.is_large_string(array.type) or pa.types.is_string_view(array.type):
        return pc.cast(array, pa.string())
    return array


def trimmed(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return texts without white space around them; null where nothing is left."""
    texts = pc.utf8_trim_whitespace(single(column))
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def taken(rows: Rows, where: npt.NDArray[np.int64]) -> Rows:
    """Return some of the rows."""
    raw = rows.raw
    return Rows(rows.cells.take(where), rows.locators.take(pa.array(where)), lambda row: raw(int(where[row])))


def joined(parts: Sequence[Rows]) -> Rows:
    """Return pieces of one table as one."""
    ends = list(accumulate(part.cells.num_rows for part in parts))

    def raw(row: int) -> bytes:
        part = bisect_right(ends, row)
        return parts[part].raw(row - (ends[part - 1] if part else 0))

    where = pa.concat_arrays([part.locators for part in parts])
    return Rows(pa.concat_tables([part.cells for part in parts]), where, raw)


def each(pieces: Iterable[Rows | Fault], read: Callable[[Rows], Iterable[T]]) -> Iterator[T | Fault]:
    """Yield what is read of each block of rows, and faults as they come."""
    for piece in pieces:
        yield from (piece,) if isinstance(piece, Fault) else read(piece)


def grouped(
    pieces: Iterable[T | Fault], size: int, make: Callable[[list[T]], Iterable[U]], *, in_order: bool = False
) -> Iterator[U | Fault]:
    """Yield what is made of pieces, so many at a time, and faults at once; or `in_order`, where they stood.

    A reader that fails later has lost nothing: what was found before the failure is yielded first.
    """
    held: list[T] = []
    try:
        for piece in pieces:
            if not isinstance(piece, Fault):
                held.append(piece)
            if len(held) == size or (held and in_order and isinstance(piece, Fault)):
                yield from make(held)
                held = []
            if isinstance(piece, Fault):
                yield piece
    except Exception:
        yield from make(held) if held else ()
        raise
    yield from make(held) if held else ()


def empty(texts: pa.Array) -> npt.NDArray[np.bool_]:
    """Return which rows have no value."""
    return np.asarray(texts.is_null().to_numpy(zero_copy_only=False), np.bool_)
