"""Cache of a writer on the identities of its floor, by kind: stored runs, recent ones, and the erased."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from watchfloor.store import files, segments
from watchfloor.store.database import Database
from watchfloor.store.segments import index


class StoredRun(NamedTuple):
    """A run and the file that holds it."""

    path: str
    run: index.Run


@dataclass(slots=True)
class KnownIds:
    """Identities of one kind. `recent` are those of segments that are still in the catalogue."""

    stored: list[StoredRun] = field(default_factory=list)
    recent: list[index.Run] = field(default_factory=list)

    def runs(self) -> list[index.Run]:
        """All runs, to search in."""
        return [*(stored.run for stored in self.stored), *self.recent]


class Change(NamedTuple):
    """A new file of identities that takes the place of `replaced`, not yet named in the catalogue."""

    kind: str
    stored: files.Stored
    run: index.Run
    replaced: tuple[str, ...]


def load(
    root: Path, database: Database, before: Mapping[str, KnownIds] | None = None, after: int = 0
) -> dict[str, KnownIds]:
    """The identities of a floor.

    Args:
        root: its folder.
        database: its catalogue.
        before: what was known when its last segment was `after`, nothing having been joined or erased since.
        after: number of that segment.
    """
    known = {kind: KnownIds([], ids.recent) for kind, ids in (before or {}).items()}
    for kind, rows, *stored in database.execute(_STORED):
        ids = known.setdefault(kind, KnownIds())
        ids.stored.append(_stored(root, files.Stored(*stored), rows))
    recent: dict[str, list[pa.Table]] = {}
    for kind, payload in database.execute(
        "SELECT kind, small.payload FROM small JOIN segments ON id = segment WHERE id > ? ORDER BY id",
        (after,),
    ):
        table = segments.from_stream(payload)
        if "record_id" in table.column_names:
            recent.setdefault(kind, []).append(table.select(_PLACED))
    for kind, tables in recent.items():
        index.add(known.setdefault(kind, KnownIds()).recent, run_of_payload(pa.concat_tables(tables)))
    return known


_PLACED = ("record_id", index.SEGMENT, index.LEAF)
_STORED = "SELECT kind, rows, path, size, checks FROM ids JOIN files USING (path) ORDER BY rows DESC"


def _stored(root: Path, stored: files.Stored, rows: int) -> StoredRun:
    return StoredRun(stored.path, index.load(files.local(root, stored), rows))


def load_erased(database: Database) -> dict[str, index.Run]:
    """The identities that were erased, by kind; the place of each is the position of its erasure."""
    found: dict[str, list[tuple[bytes, int]]] = {}
    for kind, record_id, position in database.execute("SELECT kind, record_id, position FROM erased"):
        found.setdefault(kind, []).append((record_id, position))
    return {kind: index.run_of_pairs(pairs) for kind, pairs in found.items()}


def run_of_payload(payload: pa.Table) -> index.Run:
    """The identities of a payload and where they stand."""
    high, low = index.halves(payload.column("record_id"))
    return index.run_of(high, low, index.places(payload))


def plan(root: Path, kind: str, known: KnownIds, run: index.Run) -> Change:
    """Write a run into a file of its own, with the stored ones that it outgrows."""
    outgrown = []
    for stored in reversed(known.stored):
        if len(stored.run) >= 2 * len(run):
            break
        outgrown.append(stored.path)
        run = index.merge([stored.run, run])
    path = f"ids/{kind}/{files.unique()}.ids"
    return Change(kind, files.store(root, path, index.to_bytes(run)), run, tuple(outgrown))


def insert(database: Database, change: Change) -> None:
    """Name the new file and forget the replaced ones, within the caller's transaction."""
    database.execute("INSERT INTO files VALUES (?, ?, ?)", change.stored)
    database.execute("INSERT INTO ids VALUES (?, ?, ?)", (change.stored.path, change.kind, len(change.run)))
    for path in change.replaced:
        database.execute("DELETE FROM ids WHERE path = ?", (path,))
        database.execute("DELETE FROM files WHERE path = ?", (path,))


def apply(root: Path, known: KnownIds, change: Change) -> None:
    """Search in the new file from now on, and delete the replaced ones."""
    known.stored = [stored for stored in known.stored if stored.path not in change.replaced]
    known.stored.append(_stored(root, change.stored, len(change.run)))
    for path in change.replaced:
        files.discard(root, path)
