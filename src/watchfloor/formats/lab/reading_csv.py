"""Readings of instruments as CSV, in our own columns.

`subject`, `instrument`, `method` and `observed_at` are needed. `substance` is a key such as
`substance:cas:437-38-7`, and `level` what the laboratory says of it. `mass` is in grams, and so is its
standard uncertainty, `mass_error`. `peaks` and `intensity` are lists in one cell, split by `;`, as many of
the one as of the other, in the `unit` of the method: m/z, cm-1, ms, cm2/Vs.

Where an instrument found or looked for several things they stand in `results`, as JSON: see
`formats.lab.reading_results`. A result that is a member of a family and no listed substance is named
`class:fentanyl`, one that is of a sort only `target:drugs` (`formats.lab.reading_quality`). `serial`,
`firmware`, `calibrated_at`, `calibrated_until` and `library` are those of the instrument at that time;
`matrix` is what was sampled, or `blank` and `calibrant` for a reading of the instrument itself. `quality`
lists what speaks against the reading, in the words of `lab.reading_quality`. `category` is that of the
technique after ASTM E2329: where it is empty the method's own holds, and a better one than that is not
believed.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

import pyarrow.compute as pc

from watchfloor.formats.base import Batch, Fault, Format
from watchfloor.formats.tabular.own_csv import OwnCsv

TABLE: Final = OwnCsv("reading", "a reading")

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
