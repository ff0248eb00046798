"""The index against the evidence: what it says of a row is what the row gives when it is indexed anew."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from watchfloor.store.database import Database
from watchfloor.store.index import current, file, filling
from watchfloor.store.index.current import Missing

SAMPLE: Final = 16
"""Segments that a cheap check reads."""


def check(root: Path, key: bytes, database: Database, sample: int | None = SAMPLE) -> Iterator[str]:
    """Yield the faults of the index, in sentences; none if there is no index, or it is only behind.

    Args:
        root: the floor's folder.
        key: the floor's secret.
        database: a snapshot of the catalogue.
        sample: how many segments to compare row by row, evenly drawn; None: all, and every page of the file.
    """
    if not file.path(root).exists():
        return
    try:
        with closing(file.open_read(root)) as index:
            yield from _file(index, whole=sample is None)
            yield from _rows(index, root, key, database, sample)
    except sqlite3.Error as error:
        yield f"it cannot be read: {error}"


def _file(index: sqlite3.Connection, *, whole: bool) -> Iterator[str]:
    if whole:
        for check in ("PRAGMA integrity_check(20)", "SELECT rtreecheck('places')"):
            yield from (line for (line,) in index.execute(check) if line != "ok")


def _rows(
    index: sqlite3.Connection, root: Path, key: bytes, database: Database, sample: int | None
) -> Iterator[str]:
    index.execute("BEGIN")
    missing = {each.segment for each in current.gap(index, database).missing}
    here = [
        Missing(*row)
        for row in index.execute("SELECT id, kind, digest FROM segments ORDER BY id")
        if row[0] not in missing
    ]
    step = 1 if sample is None else max(1, len(here) // sample)
    for part in current.parts(root, database, here[::step]):
        with closing(file.fresh()) as peer:
            filling.add(peer, key, [part])
            yield from _differing(index, peer, part)


def _differing(index: sqlite3.Connection, peer: sqlite3.Connection, part: filling.Part) -> Iterator[str]:
    """The first row of a segment of which the index does not say what an index of the segment alone does."""
    mine, theirs = _said(index, part), _said(peer, part)
    wrong = sorted(leaf for leaf in mine.keys() | theirs.keys() if mine.get(leaf) != theirs.get(leaf))
    wrong += [id_ & file.LEAVES for id_ in _unfound(index, peer, part)]
    if wrong:
        yield f"row {wrong[0]} of segment {part.segment} ({part.kind}) is not as in the evidence"


def _said(index: sqlite3.Connection, part: filling.Part) -> dict[int, Sequence[object]]:
    """Return the index's rows of a segment, by leaf; lanes and markings by their names."""
    markings = dict(index.execute("SELECT id, marking FROM markings"))
    found: dict[int, Sequence[object]] = {}
    for lane, marking in index.execute(_LANES, (part.kind,)).fetchall():
        for row in index.execute(_ROWS, file.span(lane, part.segment)):
            found[row[0] & file.LEAVES] = (marking, row[1:4], markings.get(row[4]), row[5:])
    return found


_LANES: Final = "SELECT id, marking FROM lanes WHERE kind = ?"
_ROWS: Final = """
SELECT r.id, record_id, report, revision, marking, r.since, r.until, r.west, r.south, r.east, r.north, body,
p.west, p.east, p.south, p.north, p.since, p.until
FROM rows AS r LEFT JOIN places AS p ON p.id = r.id WHERE r.id BETWEEN ? AND ?
"""


def _unfound(index: sqlite3.Connection, peer: sqlite3.Connection, part: filling.Part) -> Iterator[int]:
    """Rows that the index does not find by a key, or by the words that a text of theirs begins with."""
    lanes = {marking: lane for lane, marking in index.execute(_LANES, (part.kind,))}
    here = {lane: lanes[marking] for lane, marking in peer.execute(_LANES, (part.kind,)) if marking in lanes}
    for key, id_ in peer.execute(_KEYS):
        if not any(_finds(index, by_key, key, file.moved(id_, here)) for by_key in _BY_KEY):
            yield id_
    peer.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, texts, instance)")
    for words, id_ in peer.execute(_STARTS, (STARTS,)):
        if not _finds(index, _BY_WORDS, words, file.moved(id_, here)):
            yield id_


def _finds(index: sqlite3.Connection, query: str, value: object, id_: int) -> bool:
    return index.execute(query, (value, id_)).fetchone() is not None


_KEYS: Final = " UNION ALL ".join(f"SELECT key, id FROM {table}" for table in file.KEYED)  # noqa: S608
_BY_KEY: Final = tuple(f"SELECT 1 FROM {table} WHERE key = ? AND id = ?" for table in file.KEYED)  # noqa: S608
_BY_WORDS: Final = "SELECT 1 FROM texts WHERE texts MATCH ? AND rowid = ?"
_STARTS: Final = """
SELECT group_concat('"' || term || '"', ' + '), doc FROM (
SELECT term, doc FROM temp.words WHERE offset < ? ORDER BY doc, offset) GROUP BY doc
"""
STARTS: Final = 4
"""Words at the start of each row that are looked for."""
