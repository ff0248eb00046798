"""Tables as bytes: Arrow streams, and tables of named tables."""

from collections.abc import Mapping

import pyarrow as pa


def packed(table: pa.Table) -> bytes:
    """A table as an Arrow stream, with the batches and the metadata that it has."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def unpacked(data: bytes | memoryview) -> pa.Table:
    """The table back from `packed`. Raises `pa.ArrowInvalid` or `OSError` for other bytes."""
    return pa.ipc.open_stream(data).read_all()


def joined(parts: Mapping[str, pa.Table], column: str = "rows") -> pa.Table:
    """Return named tables as one table, the streams in a column of that name: a state of several tables."""
    schema = pa.schema([("part", pa.string()), (column, pa.large_binary())])
    return pa.table([list(parts), [packed(rows) for rows in parts.values()]], schema=schema)


def parted(table: pa.Table) -> dict[str, pa.Table]:
    """Return the named tables back from `joined`, whatever the column of streams is called."""
    names, streams = (column.to_pylist() for column in table.columns)
    return {name: unpacked(data) for name, data in zip(names, streams, strict=True)}
