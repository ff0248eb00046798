"""Derived rows on their way to where they are kept: in memory while they are few, then in a file.

A `row_id` is a keyed hash, so its first bits cut any rows into parts of about one size. All that is asked of
derived rows, which revision stands and what says nothing new, is asked of one `row_id` at a time. So a day of
tracks is put in order and kept a part after the other, and no more than a part is in memory.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, TypeAlias
from weakref import finalize

import numpy as np
import numpy.typing as npt
import pyarrow as pa

HELD: Final = 1 << 26
"""Bytes of rows that are held in memory before they go to the file."""
BITS: Final = 6
"""Of a `row_id`, that tell its part: 64 parts, of 32 MB in a national day of tracks."""


class Spool:
    """Derived rows of one kind, put in one after the other, and read, when all are in, as often as asked.

    The file has no name, lies in `folder`, is nobody else's to read, and is gone with the spool, also where
    the process is killed.

    Args:
        schema: of the rows; they have a `row_id`.
        folder: where the file is made; None: all are held in memory.

    Raises:
        OSError: the disk is full. What was put in is lost: a spool that could not write is read no more.
        ValueError: rows are put in after some were read from the file.
    """

    def __init__(self, schema: pa.Schema, folder: Path | None = None) -> None:
        self.schema, self.num_rows = schema, 0
        self._folder, self._held, self._size = folder, list[pa.Table](), 0
        self._parts: list[list[int]] = [[] for _ in range(1 << BITS)]
        self._writer: pa.RecordBatchFileWriter | None = None
        self._reader: pa.RecordBatchFileReader | None = None
        self._count = 0

    @property
    def column_names(self) -> list[str]:
        """Names of the columns."""
        return list(self.schema.names)

    def put(self, rows: pa.Table) -> None:
        """Add rows behind those that are in."""
        if self._reader is not None:
            raise ValueError("rows are put into a spool that is being read: they would not be in its file")
        self._held.append(rows)
        self.num_rows += rows.num_rows
        self._size += rows.nbytes
        if self._size > HELD and self._folder is not None:
            self._set_aside()

    def held(self) -> pa.Table | None:
        """All rows in the order they were put in; None where they are in the file."""
        return None if self._writer else pa.concat_tables([self.schema.empty_table(), *self._held])

    def __iter__(self) -> Iterator[pa.Table]:
        """Yield the parts by the first bits of `row_id`; the rows of each have the order they were put in."""
        if (held := self.held()) is not None:
            yield held
            return
        if self._reader is None:
            self._set_aside().close()
            self._file.flush()
            self._reader = pa.ipc.open_file(pa.PythonFile(self._file, "r"))
        for batches in self._parts:
            yield pa.Table.from_batches(map(self._reader.get_batch, batches), self.schema)

    def _set_aside(self) -> pa.RecordBatchFileWriter:
        """Write what is held, each part as a batch, and return what it is written with."""
        if self._writer is None:
            self._file = TemporaryFile(dir=self._folder)  # noqa: SIM115 - it lives as long as the spool
            finalize(self, _close, self._file)
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._writer = pa.ipc.new_file(pa.PythonFile(self._file, "w"), self.schema, options=options)
        rows = pa.concat_tables([self.schema.empty_table(), *self._held])
        self._held, self._size = [], 0
        part = _parts(rows)
        for number, batches in enumerate(self._parts):
            for batch in rows.take(pa.array(np.flatnonzero(part == number))).combine_chunks().to_batches():
                self._writer.write_batch(batch)
                batches.append(self._count)
                self._count += 1
        self._file.flush()  # a disk that is full is told here, and a process that forks has nothing to write
        return self._writer


Rows: TypeAlias = pa.Table | Spool
"""Rows of one kind: a table, or more of them than memory should hold."""


def pieces(rows: Rows) -> Iterator[pa.Table]:
    """Yield rows in their order, in tables that follow one another."""
    return iter([rows]) if isinstance(rows, pa.Table) else iter(rows)


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # of what a full disk had no room for: that was told when it was written
        file.close()


def _parts(rows: pa.Table) -> npt.NDArray[np.int64]:
    width = rows.schema.field("row_id").type.byte_width
    first = np.frombuffer(b"".join(rows["row_id"].to_pylist()), np.uint8)[::width]
    return first.astype(np.int64) >> (8 - BITS)
