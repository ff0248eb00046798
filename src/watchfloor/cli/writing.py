"""Tables that a command writes to a file: Parquet or CSV, by its ending.

A file is whole before it has its name. One that is there already is replaced if it is such a table itself;
a link is not followed, and a file of another kind is left.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import fail

if TYPE_CHECKING:
    import pyarrow as pa

Write = Callable[[Path, "pa.Schema", "Iterator[pa.Table]"], int]
"""Writes tables of a schema to a file and gives the number of rows."""


def writer(output: Path, what: str) -> Write:
    """How to write a file of that name. Fails for an ending that nothing is written to; `what` names the
    rows."""
    kinds = {".parquet": _parquet, ".csv": _csv}
    if output.suffix.lower() not in kinds:
        fail(f"{output}: {what} are written to .parquet or .csv")
    return partial(_replace, kinds[output.suffix.lower()])


def refuse_to_replace(files: Iterable[Path]) -> None:
    """End the command where one of some files is there already."""
    from watchfloor.actions.base import refuse_existing

    with refusals("en"):
        refuse_existing(*files)


def _replace(write: Write, path: Path, schema: "pa.Schema", tables: "Iterator[pa.Table]") -> int:
    from watchfloor.actions.base import refuse_existing

    beside = path.with_name(f"{path.name}.part")
    with refusals("en"):
        refuse_existing(beside, None if _is_table(path, schema.names) else path)
    beside.touch(exist_ok=False)  # a link that somebody put there meanwhile is not followed
    try:
        count = write(beside, schema, tables)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    beside.replace(path)
    return count


def _is_table(path: Path, names: list[str]) -> bool:
    """Whether a file is a table of these columns, or nothing yet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.is_symlink() or not path.is_file():
        return False
    if not path.stat().st_size:
        return True
    try:
        if path.suffix.lower() == ".parquet":
            return list(pq.read_schema(path).names) == names
        with path.open(encoding="utf-8", newline="") as file:
            return next(csv.reader(file), []) == names
    except (pa.ArrowException, csv.Error, UnicodeDecodeError):
        return False


def _parquet(path: Path, schema: "pa.Schema", tables: "Iterator[pa.Table]") -> int:
    import pyarrow.parquet as pq

    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for table in tables:
            file.write_table(table)
            count += table.num_rows
    return count


def _csv(path: Path, schema: "pa.Schema", tables: "Iterator[pa.Table]") -> int:
    """The same as CSV; the members of a list of texts are parted by ';'."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    lists = [k for k, field in enumerate(schema) if pa.types.is_list(field.type)]
    for k in lists:
        schema = schema.set(k, pa.field(schema.field(k).name, pa.string()))
    count = 0
    with arrow_csv.CSVWriter(path, schema) as file:
        for table in tables:
            file.write_table(_flat(table, lists))
            count += table.num_rows
    return count


def _flat(table: "pa.Table", lists: list[int]) -> "pa.Table":
    import pyarrow.compute as pc

    for k in lists:
        table = table.set_column(k, table.field(k).name, pc.binary_join(table.column(k), ";"))
    return table
