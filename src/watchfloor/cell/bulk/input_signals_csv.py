"""Given signals as CSV: text columns become lists and numbers, as far as they are."""

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.bulk.input_signals import COLUMNS, LISTS, NUMBERS
from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.tabular import delimited

BETWEEN: Final = r"\s*;\s*"
NUMBER: Final = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"


def read_csv(path: Path) -> pa.Table:
    """The columns of a delimited file, those known with their types; a text that is no number becomes NaN.

    Raises:
        FormatError: the file is empty or no table, or a line of it is broken.
    """
    with path.open("rb") as stream:
        sheet = delimited.read(stream, path.name)
        pieces = []
        for piece in sheet.pieces:
            if isinstance(piece, Fault):
                raise FormatError(f"{path.name}, {piece.locator}: {piece.reason}; mend the line")
            pieces.append(piece.cells)
    if not pieces:
        return pa.table({name: pa.nulls(0, pa.string()) for name in sheet.names})
    table = pa.concat_tables(pieces)
    names = [name.strip().lower() if name.strip().lower() in COLUMNS else name for name in table.column_names]
    table = table.rename_columns(names)
    return pa.table([_read(name, table[name]) for name in names], names=names)


def _read(name: str, values: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    if name in LISTS:
        trimmed = pc.utf8_trim(values, " ;")
        return pc.split_pattern_regex(pc.if_else(pc.equal(trimmed, ""), None, trimmed), BETWEEN)
    if name in NUMBERS:
        is_number = pc.match_substring_regex(values, NUMBER)
        numbers = pc.if_else(is_number, pc.utf8_trim_whitespace(values), None).cast(pa.float64())
        return pc.if_else(pc.invert(is_number), pa.scalar(np.nan), numbers)
    return values
