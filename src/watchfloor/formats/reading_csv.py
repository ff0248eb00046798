"""Readings of instruments as CSV, in our own columns.

`subject`, `instrument`, `method` and `observed_at` are needed. `substance` is a key such as
`substance:cas:437-38-7`, and `level` what the laboratory says of it. `mass` is in grams. `peaks` and
`intensity` are lists in one cell, split by `;`, as many of the one as of the other.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

import pyarrow.compute as pc

from watchfloor.formats.base import Batch, Fault, Format
from watchfloor.formats.own_csv import OwnCsv

TABLE: Final = OwnCsv(
    "reading",
    "a reading",
    "For a table with columns of its own: watchfloor map FILE --kind reading",
    sure=0.97,
)

COLUMNS: Final = TABLE.columns
sniff, write = TABLE.sniff, TABLE.write


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows, and a fault for each whose peaks are not pairs. Raises `FormatError` as `OwnCsv.read` does."""
    for piece in TABLE.read(stream, name):
        yield from (piece,) if isinstance(piece, Fault) else _paired(piece)


def _paired(batch: Batch) -> Iterator[Batch | Fault]:
    """The rows with an intensity to each position; a fault for each other."""
    lengths = [pc.fill_null(pc.list_value_length(batch.rows[name]), 0) for name in ("peaks", "intensity")]
    fits = pc.equal(*lengths)
    if pc.any(fits).as_py():
        yield Batch(batch.kind, batch.rows.filter(fits))
    for row in batch.rows.filter(pc.invert(fits)).to_pylist():
        found = len(row["peaks"] or ()), len(row["intensity"] or ())
        why = "peaks: {} of them have {} intensities; each needs one".format(*found)
        yield Fault(row["locator"], why, TABLE.line(row))


FORMAT: Final = Format("reading-csv", ("reading",), sniff, read, write)
