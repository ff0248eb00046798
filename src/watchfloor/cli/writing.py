"""Tables that a command writes to a file: Parquet or CSV, by its ending."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

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
    return kinds[output.suffix.lower()]


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
    from pyarrow import csv

    lists = [k for k, field in enumerate(schema) if pa.types.is_list(field.type)]
    for k in lists:
        schema = schema.set(k, pa.field(schema.field(k).name, pa.string()))
    count = 0
    with csv.CSVWriter(path, schema) as file:
        for table in tables:
            file.write_table(_flat(table, lists))
            count += table.num_rows
    return count


def _flat(table: "pa.Table", lists: list[int]) -> "pa.Table":
    import pyarrow.compute as pc

    for k in lists:
        table = table.set_column(k, table.field(k).name, pc.binary_join(table.column(k), ";"))
    return table
