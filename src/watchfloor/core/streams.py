"""Tables as bytes: Arrow streams, and tables of named tables."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa


def packed(table: pa.Table) -> bytes:
    """A table as an Arrow stream, with the batches and the metadata that it has."""
    sink = pa.BufferOutputStream()
    write(sink, table)
    return bytes(sink.getvalue())


def streams(tables: Sequence[pa.Table | None]) -> pa.LargeBinaryArray:
    """Return tables as Arrow streams, each copied once: a live state of many megabytes stops who folds it."""
    ends = np.zeros(len(tables) + 1, np.int64)
    for n, one in enumerate(tables):
        counted = pa.MockOutputStream()
        if one is not None:
            write(counted, one)
        ends[n + 1] = ends[n] + counted.size()
    room = pa.allocate_buffer(int(ends[-1]))
    sink = pa.FixedSizeBufferWriter(room)
    for one in tables:
        if one is not None:
            write(sink, one)
    there = np.array([one is not None for one in tables], bool)
    valid = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    return pa.Array.from_buffers(pa.large_binary(), len(tables), [valid, pa.py_buffer(ends), room])


def write(sink: pa.NativeFile, table: pa.Table) -> None:
    """Write a table to an open file, as `packed` gives it."""
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)


def unpacked(data: bytes | memoryview) -> pa.Table:
    """The table back from `packed`. Raises `pa.ArrowInvalid` or `OSError` for other bytes."""
    return pa.ipc.open_stream(data).read_all()


def joined(parts: Mapping[str, pa.Table], column: str = "rows") -> pa.Table:
    """Return named tables as one table, the streams in a column of that name: a state of several tables."""
    return pa.table([pa.array(list(parts), pa.string()), streams([*parts.values()])], names=["part", column])


def parted(table: pa.Table) -> dict[str, pa.Table]:
    """Return the named tables back from `joined`, whatever the column of streams is called."""
    names, streams = (column.to_pylist() for column in table.columns)
    return {name: unpacked(data) for name, data in zip(names, streams, strict=True)}
