"""Tables as bytes: Arrow streams, and tables of named tables."""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

PART: Final = pa.schema([("part", pa.string()), ("rows", pa.large_binary())])
"""A table of named tables, each a stream."""


def packed(table: pa.Table) -> bytes:
    """A table as an Arrow stream, with the batches and the metadata that it has."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def unpacked(data: bytes | memoryview) -> pa.Table:
    """The table back from `packed`. Raises `pa.ArrowInvalid` or `OSError` for other bytes."""
    return pa.ipc.open_stream(data).read_all()


def joined(parts: Mapping[str, pa.Table]) -> pa.Table:
    """Named tables as one table, of the schema `PART`: what a desk freezes a state of several tables to."""
    return pa.table([list(parts), [packed(rows) for rows in parts.values()]], schema=PART)


def parted(table: pa.Table) -> dict[str, pa.Table]:
    """The named tables back from `joined`."""
    rows = zip(table["part"].to_pylist(), table["rows"].to_pylist(), strict=True)
    return {part: unpacked(data) for part, data in rows}
