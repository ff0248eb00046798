"""Compaction: many small payloads become one file. Segments, leaves and positions stay what they were."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from watchfloor.store import catalogue, files, segments
from watchfloor.store.database import Database
from watchfloor.store.log import merkle
from watchfloor.store.segments import identifier_cache, index, reading
from watchfloor.store.segments.draft import ROWS
from watchfloor.store.writer_state import WriterState


class Lying(NamedTuple):
    """How one segment lies on disk: where its payload and its leaves are."""

    number: int
    rows: int
    payload: str | None
    leaves: str | None
    start: int


def compact(writer: WriterState, database: Database, kind: str, *, recent: bool = False) -> int:
    """Join neighbouring payloads of a kind that are well below a full segment; gives how many.

    Args:
        writer: of the floor.
        database: its catalogue.
        kind: of the rows.
        recent: leave a file alone that holds twice as much as what came after it, so that each row is written
            again a few times only, however often this is called.
    """
    groups = _groups(database, kind)
    chosen = (group for found in groups for group in (_worthwhile(_recent(found)) if recent else (found,)))
    return sum(_join(writer, database, kind, group) for group in chosen)


def leaves_of(root: Path, database: Database, lying: Lying) -> bytes:
    """The leaf hashes of a segment, joined."""
    if lying.leaves is None:
        (leaves,) = database.execute("SELECT leaves FROM small WHERE segment = ?", (lying.number,)).fetchone()
        return bytes(leaves)
    return files.piece(root, lying.leaves, lying.start * merkle.HASH_SIZE, lying.rows * merkle.HASH_SIZE)


def lying(database: Database, kind: str) -> list[Lying]:
    """The segments of a kind in order."""
    rows = database.execute(
        "SELECT id, rows, payload, leaves, start FROM segments WHERE kind = ? ORDER BY id", (kind,)
    )
    return [Lying(*row) for row in rows]


def _groups(database: Database, kind: str) -> Iterator[list[Lying]]:
    """Neighbours that together fill at most one segment and are at least two payloads."""
    group: list[Lying] = []
    gathered = 0
    for payload in _payloads(lying(database, kind)):
        rows = _rows(payload)
        if rows > ROWS // 2 or gathered + rows > ROWS:
            yield from _worthwhile(group)
            group, gathered = [], 0
        if rows <= ROWS // 2:
            group += payload
            gathered += rows
    yield from _worthwhile(group)


def _recent(group: list[Lying]) -> list[Lying]:
    """The neighbours from the first on that lies in the catalogue, and files before it that are no larger
    than twice what follows them."""
    found = _payloads(group)
    start = next((at for at, one in enumerate(found) if one[0].payload is None), len(found))
    rows = sum(map(_rows, found[start:]))
    while start and _rows(found[start - 1]) < 2 * rows:
        start -= 1
        rows += _rows(found[start])
    return [each for payload in found[start:] for each in payload]


def _rows(payload: list[Lying]) -> int:
    return sum(each.rows for each in payload)


def _payloads(found: list[Lying]) -> list[list[Lying]]:
    by: dict[str | int, list[Lying]] = {}
    for each in found:
        by.setdefault(each.payload or each.number, []).append(each)
    return list(by.values())


def _worthwhile(group: list[Lying]) -> Iterator[list[Lying]]:
    if len(_payloads(group)) > 1:
        yield group


def _join(writer: WriterState, database: Database, kind: str, group: list[Lying]) -> int:
    numbers = [each.number for each in group]
    parts = reading.payloads(database, kind, numbers=numbers)
    rows = pa.concat_tables([reading.load(writer.root, part) for part in parts], promote_options="default")
    leaves = b"".join(leaves_of(writer.root, database, each) for each in group)
    folder = "derived" if "row_id" in rows.column_names else "segments"
    stem = f"{folder}/{kind}/{files.unique()}"
    written = [f"{stem}.parquet", f"{stem}.leaves"]
    changes: list[identifier_cache.Change] = []
    try:
        payload = files.store(writer.root, written[0], segments.to_parquet(rows))
        hashes = files.store(writer.root, written[1], leaves)
        changes = _ids(writer, parts, kind)
        with catalogue.transaction(database):
            for new in (payload, hashes):
                database.execute("INSERT INTO files VALUES (?, ?, ?)", new)
            _point(database, group, payload.path, hashes.path)
            for change in changes:
                identifier_cache.insert(database, change)
            writer.log_act(database, "compaction", {"kind": kind, "segments": numbers})
    finally:
        old = {path for each in group for path in (each.payload, each.leaves) if path}
        added = (change.stored.path for change in changes)
        catalogue.drop_unnamed(writer.root, database, [*old, *written, *added])
    for change in changes:
        identifier_cache.apply(writer.root, writer.known_ids(kind), change)
    return len(parts)


def _ids(writer: WriterState, parts: list[reading.Payload], kind: str) -> list[identifier_cache.Change]:
    """Identities of segments that leave the catalogue need a file of their own, unless all were erased."""
    leaving = [segments.from_stream(part.data) for part in parts if part.data is not None]
    run = index.merge(
        identifier_cache.run_of_payload(rows) for rows in leaving if "record_id" in rows.column_names
    )
    return [identifier_cache.plan(writer.root, kind, writer.known_ids(kind), run)] if len(run) else []


def _point(database: Database, group: list[Lying], payload: str, leaves: str) -> None:
    start = 0
    for each in group:
        database.execute(
            "UPDATE segments SET payload = ?, leaves = ?, start = ? WHERE id = ?",
            (payload, leaves, start, each.number),
        )
        database.execute("DELETE FROM small WHERE segment = ?", (each.number,))
        start += each.rows
    for path in {path for each in group for path in (each.payload, each.leaves) if path}:
        if not database.execute(
            "SELECT 1 FROM segments WHERE payload = ?1 OR leaves = ?1", (path,)
        ).fetchone():
            database.execute("DELETE FROM files WHERE path = ?", (path,))
