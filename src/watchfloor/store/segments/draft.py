"""Segments in the making: the rows of one act before it is committed.

Rows gather until a segment is full, then go to files; what is left at the end, when it is little, goes into
the catalogue. Nothing counts until `insert`; `written` names the files to sweep when it does not come to
that.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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
"""Bytes of rows that are kept for the index."""


class Piece(NamedTuple):
    """A finished segment: its manifest and either two files or, when small, payload and leaves in bytes.

    Attributes:
        indexed: what the index has of its rows and the markings of all, so that they are not read again;
            None of what runs make, and where that is much.
    """

    manifest: segments.Manifest
    payload: files.Stored | bytes
    leaves: files.Stored | bytes
    indexed: tuple[pa.Table, list[str]] | None = None


@dataclass(slots=True)
class _Open:
    number: int
    tables: list[pa.Table] = field(default_factory=list)
    rows: int = 0
    size: int = 0


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
        self._kept = 0 if folder == EVIDENCE else KEPT
        self.written: list[str] = []
        self.pieces: list[Piece] = []

    def add(self, kind: str, rows: pa.Table) -> index.Numbers:
        """Take rows of a kind in order; gives the place of each."""
        places = []
        while rows.num_rows:
            current = self._open.get(kind) or self._open.setdefault(kind, _Open(next(self._numbers)))
            taken = rows.slice(0, ROWS - current.rows)
            rows = rows.slice(taken.num_rows)
            leaves = np.arange(current.rows, current.rows + taken.num_rows)
            places.append(index.place(current.number, leaves))
            current.tables.append(taken)
            current.rows += taken.num_rows
            current.size += taken.nbytes
            if current.rows == ROWS or current.size > BYTES:
                self._cut(kind)
        return np.concatenate([index.EMPTY.place, *places])

    def finish(self) -> list[dict[str, object]]:
        """Cut what is still open; gives what the log says of each segment."""
        for kind in list(self._open):
            self._cut(kind)
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
        payload = segments.salted(current.number, pa.concat_tables(current.tables))
        indexed = self._indexed(kind, payload)
        if current.rows <= SMALL:
            manifest, leaves = segments.committed(current.number, kind, payload)
            piece = Piece(manifest, segments.to_stream(payload), leaves, indexed)
        else:
            stem = f"{self._folder}/{kind}/{current.number:08}-{files.unique()}"
            with ThreadPoolExecutor(1) as beside:  # Parquet is made outside of the interpreter's lock
                parquet = beside.submit(segments.to_parquet, payload)
                manifest, leaves = segments.committed(current.number, kind, payload)
            stored = self._store(f"{stem}.parquet", parquet.result())
            piece = Piece(manifest, stored, self._store(f"{stem}.leaves", leaves), indexed)
        self.pieces.append(piece)

    def _indexed(self, kind: str, payload: pa.Table) -> tuple[pa.Table, list[str]] | None:
        if self._kept >= KEPT:
            return None
        rows = indexed_rows(kind, payload)
        self._kept += rows.nbytes
        return (rows, pc.unique(payload["marking"]).to_pylist()) if self._kept <= KEPT else None

    def _store(self, path: str, data: bytes) -> files.Stored:
        self.written.append(path)
        return files.store(self._root, path, data)


def keep_file(database: Database, part: files.Stored | bytes) -> str | None:
    """Name a file in the catalogue; None for a part that is none."""
    if isinstance(part, bytes):
        return None
    database.execute("INSERT INTO files VALUES (?, ?, ?)", part)
    return part.path
