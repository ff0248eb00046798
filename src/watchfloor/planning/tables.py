"""Tables that people bring, CSV, Parquet or a spreadsheet: columns by their names in small letters.

A CSV may come from a spreadsheet: with a byte order mark, Windows line ends, columns parted by commas,
semicolons or tabs, and, where it is not commas, decimal commas. Names stay as they are written: `007`.
Of a workbook the first sheet is read that holds anything; merged cells all have the text of the first.
"""

import csv as standard_csv
import io
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv
from pyarrow import parquet as pq

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.formats.base import FormatError
from watchfloor.formats.tabular import spreadsheet
from watchfloor.formats.tabular.table import Rows

UNREADABLE = declare("table.unreadable", "file", "why")
NOT_UTF8 = declare("table.not-utf8", "file")
EMPTY = declare("table.empty", "file")
COLUMN_TWICE = declare("table.column-twice", "file", "name")

FIRST_LINE: Final = 1 << 16
"""Bytes in which the names of columns end."""
SPREADSHEETS: Final = frozenset({".xlsx", ".xlsb", ".xls", ".ods"})


class PastedTable(NamedTuple):
    """A CSV as text that stands for a file; its name is for messages."""

    name: str
    text: str


class Columns(NamedTuple):
    """Columns by name, and the sign before the decimals of those that are text."""

    by_name: dict[str, pa.ChunkedArray]
    decimal: str

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a column as texts, "" where a row has none."""
        column = pc.fill_null(self.by_name[name].cast(pa.string()), "")
        return tuple(one.strip() for one in column.to_pylist())

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """Return a column as numbers, NaN where a row has none. Raises `pa.ArrowException`."""
        numbers = pc.fill_null(self.plain(name).cast(pa.float64()), np.nan)
        return np.array(numbers.to_numpy(zero_copy_only=False), np.float64)

    def plain(self, name: str) -> pa.ChunkedArray:
        """Return a column; of text trimmed, with a point before decimals, and none where it is empty."""
        column = self.by_name[name]
        if pa.types.is_string(column.type):
            column = pc.utf8_trim_whitespace(column)
            if self.decimal == ",":
                column = pc.replace_substring(column, ",", ".")
            column = pc.if_else(pc.equal(column, ""), None, column)
        return column


def read(path: Path | PastedTable, known: Collection[str]) -> Columns:
    """Read a table; none of the known columns may be there twice.

    Raises:
        Unusable: the file is no table, or has no row.
    """
    decimal = "."
    try:
        if isinstance(path, PastedTable):
            table, decimal = _read_csv(io.BytesIO(path.text.encode(errors="replace")), path.name)
        elif path.suffix.lower() == ".parquet":
            table = pq.read_table(path)
        elif path.suffix.lower() in SPREADSHEETS:
            table = _read_workbook(path)
        else:
            with path.open("rb") as file:
                table, decimal = _read_csv(file, path.name)
    except UnicodeDecodeError:
        raise Unusable(reason(NOT_UTF8, file=path.name)) from None
    except (pa.ArrowException, OSError, standard_csv.Error, FormatError) as error:
        raise Unusable(reason(UNREADABLE, file=path.name, why=str(error).splitlines()[0])) from None
    if not table.num_rows:
        raise Unusable(reason(EMPTY, file=path.name))
    headings = [name.strip().lower() for name in table.column_names]
    if twice := [one for one, count in Counter(headings).items() if count > 1 and one in known]:
        raise Unusable(reason(COLUMN_TWICE, file=path.name, name=twice[0]))
    return Columns(dict(zip(headings, table.columns, strict=True)), decimal)


def _read_workbook(path: Path) -> pa.Table:
    sheet = spreadsheet.read(path.read_bytes(), path.name, merged=True)
    pieces = [piece.cells for piece in sheet.pieces if isinstance(piece, Rows)]
    return pa.concat_tables(pieces) if pieces else pa.table({name: [] for name in sheet.names})


def _read_csv(file: BinaryIO, name: str) -> tuple[pa.Table, str]:
    """Read every column as text, so that no name or number is taken for something else."""
    first = file.readline(FIRST_LINE).decode("utf-8-sig")
    file.seek(0)
    if not first.strip():
        raise Unusable(reason(EMPTY, file=name))
    part = max(",;\t", key=first.count)
    # Columns that nobody reads may have one name; the number of each tells them apart.
    columns = [f"{one} {at}" for at, one in enumerate(next(standard_csv.reader([first], delimiter=part)))]
    table = csv.read_csv(
        file,
        csv.ReadOptions(column_names=columns, skip_rows=1),
        csv.ParseOptions(delimiter=part),
        csv.ConvertOptions(column_types=dict.fromkeys(columns, pa.string())),
    )
    names = [one.rpartition(" ")[0] for one in columns]
    return table.rename_columns(names), "," if part != "," else "."
