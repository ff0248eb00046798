"""The writer's hand on the index: rows are indexed before their commit, which then makes them visible.

Whatever goes wrong here never hinders the writer: the index is left behind, and who asks next catches up.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from watchfloor.store import segments
from watchfloor.store.database import Database, immediate_transaction
from watchfloor.store.index import current, file, filling
from watchfloor.store.index.columns import UNREAD
from watchfloor.store.index.filling import Part
from watchfloor.store.segments import reading
from watchfloor.store.segments.draft import Piece

FEW: Final = 64
"""Segments that a writer reads for an index that is behind; with more it leaves the reading to who asks."""


class Follower:
    """Keeps the index beside one writer, which calls it from one thread at a time.

    Args:
        root: the floor's folder.
        key: the floor's secret.
        database: the writer's catalogue.
    """

    def __init__(self, root: Path, key: bytes, database: Database) -> None:
        self._root, self._key, self._database = root, key, database
        self._index: sqlite3.Connection | None = None
        with suppress(*current.BROKEN):
            self._index = file.open_(root)
            self._begin(self._index)

    def _begin(self, index: sqlite3.Connection) -> None:
        current.follow(index, self._key, self._database, waits=False)
        found = current.gap(index, self._database)
        if len(found.missing) > FEW:
            self.close()
            return
        current.catch_up(index, self._root, self._key, self._database)
        with immediate_transaction(index):  # what a writer that was killed has indexed and not committed
            for number in current.evidence_after(index, found.last):
                filling.drop(index, self._key, number)

    def index(self, pieces: Iterable[Piece]) -> None:
        """Index the segments of an act that is about to be committed."""
        if self._index is None:
            return
        try:
            self._take(self._index, map(self._part, pieces))
        except current.BROKEN:
            self.close()

    def _take(self, index: sqlite3.Connection, parts: Iterable[Part]) -> None:
        with immediate_transaction(index):
            found = current.gap(index, self._database)
            current.settle(index, self._key, found)
            filling.add(index, self._key, parts)
            if not found.missing:
                index.execute("UPDATE state SET upto = ?", (found.last,))

    def _part(self, piece: Piece) -> Part:
        number, kind = piece.manifest.segment, piece.manifest.kind
        seen = current.digest(segments.manifest_bytes(piece.manifest))
        if piece.indexed is not None:
            rows, markings = piece.indexed
            return Part(number, kind, seen, rows(), piece.manifest.rows, markings)
        if isinstance(piece.payload, bytes):
            return Part(number, kind, seen, segments.from_stream(piece.payload))
        lying = reading.Payload({number: 0}, piece.payload, None)
        columns = current.MARKED if kind in UNREAD else None
        return Part(number, kind, seen, reading.load(self._root, lying, columns))

    def close(self) -> None:
        """Let go of the index."""
        if self._index is not None:
            self._index.close()
            self._index = None
