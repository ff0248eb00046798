"""Segments in the making: the rows of one act before it is committed.

Rows gather until a segment is full, then go to files; what is left at the end, when it is little, goes into
the catalogue. Nothing counts until `insert`; `written` names the files to sweep when it does not come to
that.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from os import SEEK_END
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.canonical import stretch
from watchfloor.core.identity import Content
from watchfloor.store import files, segments
from watchfloor.store.database import Database
from watchfloor.store.index.columns import indexed_rows
from watchfloor.store.log import digest_of
from watchfloor.store.segments import index

EVIDENCE: Final = "segments"
"""The folder of evidence."""

ROWS: Final = 1 << 18
"""Rows of a full segment."""

BYTES: Final = 1 << 26
"""Bytes of rows in memory at which a segment is full before it has that many."""

SMALL: Final = 1 << 12
"""Up to this many rows a segment lives in the catalogue until it is compacted."""

KEPT: Final = 1 << 26
"""Bytes of rows that are kept in memory for the index; more go to a file that has no name."""


class Indexed(NamedTuple):
    """The part of a segment that the index reads.

    Attributes:
        rows: gives them.
        markings: of all rows of the segment.
    """

    rows: Callable[[], pa.Table]
    markings: list[str]


class Piece(NamedTuple):
    """A finished segment: its manifest and either two files or, when small, payload and leaves in bytes.

    Attributes:
        indexed: what the index has of it, so that it is not read again; None of what runs make, and of
            small segments once `KEPT` is full.
    """

    manifest: segments.Manifest
    payload: files.Stored | bytes
    leaves: files.Stored | bytes
    indexed: Indexed | None = None


@dataclass(slots=True)
class _Open:
    number: int
    tables: list[pa.Table] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    rows: int = 0
    size: int = 0


class _Packing(NamedTuple):
    """A segment whose Parquet is made in a thread, outside of the interpreter's lock, while rows go on."""

    manifest: segments.Manifest
    parquet: "Future[pa.Buffer]"
    leaves: bytes
    indexed: Indexed | None


class Draft:
    """Collects rows by kind.

    Args:
        root: the floor's folder.
        folder: `segments` for evidence, `derived` for what runs make.
        numbers: gives the numbers of new segments.
    """

    def __init__(self, root: Path, folder: str, numbers: Iterator[int]) -> None:
        self._root, self._folder, self._numbers = root, folder, numbers
        self._open: dict[str, _Open] = {}
        self._kept = 0
        self._aside: BinaryIO | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._packing: _Packing | None = None
        self.written: list[str] = []
        self.pieces: list[Piece] = []

    def add(self, kind: str, rows: pa.Table, content: Content | None = None) -> index.Numbers:
        """Take rows of a kind in order; gives the place of each.

        Rows whose `content` is given are not encoded again.
        """
        places, done = [], 0
        while done < rows.num_rows:
            current = self._open.get(kind) or self._open.setdefault(kind, _Open(next(self._numbers)))
            taken = segments.salted(current.number, current.rows, rows.slice(done, ROWS - current.rows))
            end = done + taken.num_rows
            said = content and Content(*(stretch(part, done, end) for part in content))
            columns, salts = segments.columns_of(taken), taken.column(segments.SALT).combine_chunks()
            current.leaves += segments.leaf_hashes(taken, columns, salts, said)
            places.append(index.places(taken))
            current.tables.append(taken)
            current.rows += taken.num_rows
            current.size += taken.nbytes
            done = end
            if current.rows == ROWS or current.size > BYTES:
                self._cut(kind)
        return np.concatenate([index.EMPTY.place, *places])

    def finish(self) -> list[dict[str, object]]:
        """Cut what is still open; gives what the log says of each segment."""
        for kind in list(self._open):
            self._cut(kind)
        self._store_packed()
        return [
            {
                "segment": piece.manifest.segment,
                "kind": piece.manifest.kind,
                "rows": piece.manifest.rows,
                "manifest": digest_of(segments.manifest_bytes(piece.manifest)),
            }
            for piece in self.pieces
        ]

    def insert(self, database: Database, position: int) -> None:
        """Name the segments in the catalogue, within the caller's transaction."""
        for piece in self.pieces:
            payload, leaves = (keep_file(database, part) for part in piece[1:3])
            manifest = piece.manifest
            database.execute(
                "INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                (
                    manifest.segment,
                    manifest.kind,
                    position,
                    manifest.rows,
                    segments.manifest_bytes(manifest),
                    payload,
                    leaves,
                ),
            )
            if payload is None:
                database.execute("INSERT INTO small VALUES (?, ?, ?)", (manifest.segment, *piece[1:3]))

    def _cut(self, kind: str) -> None:
        current = self._open.pop(kind)
        self._store_packed()
        payload, leaves = pa.concat_tables(current.tables), b"".join(current.leaves)
        manifest = segments.manifest_for(current.number, kind, payload, leaves)
        indexed = self._indexed(kind, payload)
        if current.rows <= SMALL:
            self.pieces.append(Piece(manifest, segments.to_stream(payload), leaves, indexed))
        else:
            self._threads = self._threads or ThreadPoolExecutor(1)
            parquet = self._threads.submit(segments.to_parquet, payload)
            self._packing = _Packing(manifest, parquet, leaves, indexed)

    def _store_packed(self) -> None:
        """Store the segment that was last cut, once it is packed."""
        if self._packing is None:
            return
        manifest, parquet, leaves, indexed = self._packing
        self._packing = None
        stem = f"{self._folder}/{manifest.kind}/{manifest.segment:08}-{files.unique()}"
        stored = self._store(f"{stem}.parquet", parquet.result())
        self.pieces.append(Piece(manifest, stored, self._store(f"{stem}.leaves", leaves), indexed))

    def _indexed(self, kind: str, payload: pa.Table) -> Indexed | None:
        if self._folder != EVIDENCE:
            return None
        rows = indexed_rows(kind, payload)
        self._kept += rows.nbytes
        if self._kept > KEPT and payload.num_rows <= SMALL:
            return None
        kept = partial(_same, rows) if self._kept <= KEPT else self._put_aside(rows)
        return Indexed(kept, pc.unique(payload["marking"]).to_pylist())

    def _put_aside(self, rows: pa.Table) -> Callable[[], pa.Table]:
        self._aside = self._aside or cast("BinaryIO", TemporaryFile())  # noqa: SIM115 - `close` does
        start = self._aside.seek(0, SEEK_END)
        with pa.ipc.new_stream(self._aside, rows.schema) as stream:
            stream.write_table(rows)
        return partial(_read_back, self._aside, start)

    def close(self) -> None:
        """Let go of what was put aside for the index."""
        if self._aside is not None:
            self._aside.close()

    def _store(self, path: str, data: bytes) -> files.Stored:
        self.written.append(path)
        return files.store(self._root, path, data)


def _same(rows: pa.Table) -> pa.Table:
    return rows


def _read_back(aside: BinaryIO, start: int) -> pa.Table:
    aside.seek(start)
    with pa.ipc.open_stream(aside) as stream:
        return stream.read_all()


def keep_file(database: Database, part: files.Stored | bytes) -> str | None:
    """Name a file in the catalogue; None for a part that is none."""
    if isinstance(part, bytes):
        return None
    database.execute("INSERT INTO files VALUES (?, ?, ?)", part)
    return part.path
