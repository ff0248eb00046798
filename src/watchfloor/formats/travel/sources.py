"""Where zones come from: text, a column of a table. Both are read in constant memory."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, Final

import pyarrow.compute as pc

from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.encoding.charset import Utf8
from watchfloor.formats.tabular import delimited
from watchfloor.formats.tabular.table import Rows
from watchfloor.formats.travel.finding import Zone, zone_of, zones
from watchfloor.formats.travel.layouts import FILLER

TABLES: Final = (".csv", ".tsv")
LOOKED_AT: Final = 200
"""Rows from which the column of zones is told."""
LONGEST_LINE: Final = 4096


def read(stream: BinaryIO, name: str, column: str = "") -> Iterator[Zone | Fault]:
    """Yield the zones of a file, and a fault for each cell that holds none.

    Args:
        stream: of the file.
        name: of it; one that ends as a table does is read as one.
        column: of a table: its name; else the one whose cells hold most fillers.

    Raises:
        FormatError: it is no table, or has no such column, or none with zones.
    """
    if column or name.lower().endswith(TABLES):
        yield from _table(stream, name, column)
    else:
        yield from zones(_lines(stream))


def _lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Yield numbered lines of text in any encoding; of a longer one than any zone has its start."""
    head = stream.read(1 << 16)
    text = Utf8(stream, head, None)
    rest, number = b"", 0
    while block := text.read(1 << 20):
        *whole, rest = (rest + block).splitlines(keepends=True)
        if rest.endswith((b"\n", b"\r")):
            whole, rest = [*whole, rest], b""
        for line in whole:
            number += 1
            yield number, line[:LONGEST_LINE].decode("utf-8", "replace").rstrip("\r\n")
        rest = rest[:LONGEST_LINE]
    if rest:
        yield number + 1, rest.decode("utf-8", "replace")


def _table(stream: BinaryIO, name: str, column: str) -> Iterator[Zone | Fault]:
    sheet = delimited.read(stream, name)
    pieces = iter(sheet.pieces)
    first: list[Rows | Fault] = []
    for piece in pieces:
        first.append(piece)
        if isinstance(piece, Rows):
            break
    if column and column not in sheet.names:
        raise FormatError(f"{name} has no column {column!r}; it has {', '.join(sheet.names)}")
    chosen = column or _column(first, sheet.names, name)
    for piece in chain(first, pieces):
        if isinstance(piece, Fault):
            yield piece
            continue
        cells = zip(piece.locators.to_pylist(), piece.cells[chosen].to_pylist(), strict=True)
        for row, (locator, cell) in enumerate(cells):
            if cell is None:
                continue
            found = zone_of(cell, locator)
            yield found or Fault(locator, f"{chosen} holds no machine-readable zone", piece.raw(row))


def _column(pieces: list[Rows | Fault], names: list[str], name: str) -> str:
    """Return the column whose cells hold most fillers. Raises `FormatError` where none holds any."""
    fillers: Counter[str] = Counter()
    for piece in pieces:
        if isinstance(piece, Rows):
            for one in names:
                counts = pc.count_substring(piece.cells[one].slice(0, LOOKED_AT), FILLER)
                fillers[one] += pc.sum(counts).as_py() or 0
    if not fillers or fillers.most_common(1)[0][1] < 2:
        raise FormatError(f"no column of {name} holds machine-readable zones: name one with --column")
    return fillers.most_common(1)[0][0]
