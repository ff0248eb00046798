"""Tables of persons read from files: CSV, XLSX, Parquet, JSON, every cell as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.identity.linkage.columns import EMPTY, Column, columns_of
from watchfloor.formats.base import FormatError
from watchfloor.formats.tabular import delimited, json_lines, spreadsheet
from watchfloor.formats.tabular.table import Rows, column_names


@dataclass(frozen=True, slots=True)
class PersonTable:
    """One table.

    Attributes:
        name: of its file.
        columns: what each column was taken for.
        cells: a text column for each field that was found.
        refused: rows that could not be read.
    """

    name: str
    columns: list[Column]
    cells: pa.Table
    refused: int = 0


def read_table(path: Path, mapping: Mapping[str, str] | None = None) -> PersonTable:
    """Read a table of persons. Raises `FormatError` where the file is none."""
    cells, refused = _cells(path)
    return as_persons(path.name, cells, mapping, refused)


def as_persons(
    name: str, cells: pa.Table, mapping: Mapping[str, str] | None = None, refused: int = 0
) -> PersonTable:
    """Take the columns of a table for fields of a person."""
    columns = columns_of(cells.column_names, mapping)
    columns = [
        Column(one.name, "", EMPTY)
        if one.field and cells.num_rows and cells[one.name].null_count == cells.num_rows
        else one
        for one in columns
    ]
    used = {one.field: _text(cells[one.name]) for one in columns if one.field}
    return PersonTable(name, columns, pa.table(used) if used else cells.select([]), refused)


def _text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.cast(kind.value_type)
        kind = values.type
    if pa.types.is_timestamp(kind):
        values = values.cast(pa.date32(), safe=False)
    elif pa.types.is_floating(kind):
        whole = pc.all(pc.equal(pc.floor(values), values)).as_py()
        values = values.cast(pa.int64()) if whole else values
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        values = pc.list_element(values, 0)
    texts = pc.utf8_trim_whitespace(values.cast(pa.string()))
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _cells(path: Path) -> tuple[pa.Table, int]:
    with path.open("rb") as stream:
        start = stream.read(8)
        if start.startswith(b"PAR1"):
            return _parquet(path), 0
        if json_lines.is_json(start):
            sheet = json_lines.read(start, stream, path.name)
        elif spreadsheet.is_workbook(start):
            sheet = spreadsheet.read(start + stream.read(), path.name)
        else:
            sheet = delimited.read(stream, path.name, None, start)
        pieces = list(sheet.pieces)
    rows = [piece.cells for piece in pieces if isinstance(piece, Rows)]
    empty = pa.table({name: pa.array([], pa.string()) for name in sheet.names})
    return pa.concat_tables([empty, *rows], promote_options="default"), len(pieces) - len(rows)


def _parquet(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except pa.ArrowException as error:
        raise FormatError(f"{path.name} cannot be read as Parquet: {error}") from error
    return table.rename_columns(column_names(table.column_names))
