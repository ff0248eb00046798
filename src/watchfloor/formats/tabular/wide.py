"""Wide tables: a column a month or a year. Each of their cells becomes a row of its own."""

from typing import Final

import numpy as np
import pyarrow as pa

from watchfloor.formats.tabular.table import Rows, empty, trimmed

COLUMN, VALUE = "(column)", "(value)"
TURNED: Final = (COLUMN, VALUE)
"""What a mapping calls the name of a turned column, and the text that stood in it."""


def turned(rows: Rows, columns: tuple[str, ...]) -> Rows:
    """As many rows for each row as it has texts in `columns`, with name and text in `TURNED`.

    The other columns repeat. An empty cell gives no row: nothing is said there.
    """
    count, width = rows.cells.num_rows, len(columns)
    source = np.repeat(np.arange(count), width)
    side_by_side = pa.concat_arrays([rows.cells[name].combine_chunks() for name in columns])
    texts = side_by_side.take(pa.array(np.arange(count * width).reshape(width, count).T.ravel()))
    names = pa.array(columns, pa.string()).take(pa.array(np.tile(np.arange(width), count)))
    there = np.flatnonzero(~empty(trimmed(texts)))
    source, kept = source[there], pa.array(there)
    others = (name for name in rows.cells.column_names if name not in columns)  # there may be none
    repeated = {name: rows.cells[name].take(pa.array(source)) for name in others}
    cells = pa.table(repeated | {COLUMN: names.take(kept), VALUE: texts.take(kept)})
    raw = rows.raw
    return Rows(cells, rows.locators.take(pa.array(source)), lambda row: raw(int(source[row])))
