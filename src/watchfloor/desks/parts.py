"""A state of several tables in one: what a desk of several folds freezes to."""

from collections.abc import Mapping

import pyarrow as pa


def joined(parts: Mapping[str, pa.Table]) -> pa.Table:
    """A row for each part: its name, and its table as an Arrow stream."""
    return pa.table(
        {
            "part": pa.array(list(parts), pa.string()),
            "table": pa.array([_written(one) for one in parts.values()], pa.large_binary()),
        }
    )


def apart(rows: pa.Table) -> dict[str, pa.Table]:
    """The parts back from `joined`."""
    return {row["part"]: pa.ipc.open_stream(row["table"]).read_all() for row in rows.to_pylist()}


def _written(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    written: bytes = sink.getvalue().to_pybytes()
    return written
