"""Rows of a table as text: what CSV files and spreadsheets become before a mapping gives them meaning."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.base import Fault


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
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        base = name = " ".join(cell.split()) or f"column {number}"
        repeat = 1
        while name in names:
            repeat += 1
            name = f"{base} ({repeat})"
        names.append(name)
    return names


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
