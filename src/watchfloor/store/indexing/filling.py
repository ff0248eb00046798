"""Bringing rows into the index, and taking them out of it, byte by byte."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.records.marking import parse
from watchfloor.store.index import LEAF
from watchfloor.store.indexing import bodies, places
from watchfloor.store.indexing.columns import BREAK, DERIVED, columns_of, schema_of, values
from watchfloor.store.indexing.file import LANE_SHIFT, LANES, LEAF_BITS, SEQUENCE, span, span_of

BATCH: Final = 1 << 13
"""Rows that are turned into Python values at a time."""


class Part(NamedTuple):
    """A segment, or what is left of it, and the digest of its manifest."""

    segment: int
    kind: str
    digest: bytes
    rows: pa.Table


class _Row(NamedTuple):
    """What the tables get of one row."""

    id: int
    record_id: bytes
    report: int | None
    revision: int
    marking: int
    since: int
    until: int
    box: places.Box | None
    body: bytes
    subjects: tuple[int, ...]
    text: str


def add(index: sqlite3.Connection, key: bytes, part: Part) -> None:
    """Index a segment within the caller's transaction; what was there under its number goes first."""
    drop(index, key, part.segment)
    for start in range(0, part.rows.num_rows, BATCH):
        _insert(index, sorted(_rows(index, key, part, part.rows.slice(start, BATCH))))
    if part.kind not in DERIVED:
        seen = [(part.segment, marking) for marking in pc.unique(part.rows.column("marking")).to_pylist()]
        index.executemany("UPDATE markings SET first = min(coalesce(first, ?1), ?1) WHERE marking = ?2", seen)
    index.execute(
        "INSERT INTO segments VALUES (?, ?, ?, ?)", (part.segment, part.kind, part.digest, part.rows.num_rows)
    )


def drop(index: sqlite3.Connection, key: bytes, segment: int) -> None:
    """Take a segment out, within the caller's transaction; nothing where it is not there."""
    found = index.execute("SELECT kind FROM segments WHERE id = ?", (segment,)).fetchone()
    if found is None:
        return
    for (lane,) in index.execute("SELECT id FROM lanes WHERE kind = ?", found).fetchall():
        remove(index, key, [id_ for (id_,) in index.execute(_IDS, span(lane, segment))])
    index.execute("DELETE FROM segments WHERE id = ?", (segment,))
    settle_markings(index)


def settle_markings(index: sqlite3.Connection) -> None:
    """Find again where each marking occurs first, after rows went, within the caller's transaction."""
    lanes = [row for row in index.execute("SELECT id, kind, marking FROM lanes") if row[1] not in DERIVED]
    for number, marking in index.execute("SELECT id, marking FROM markings").fetchall():
        mine = [lane for lane, _, of in lanes if of == lane_marking(marking)]
        found = [index.execute(_FIRST, (*span_of(lane), number)).fetchone() for lane in mine]
        first = min(((id_ & SEQUENCE) >> LEAF_BITS for (id_,) in filter(None, found)), default=None)
        index.execute("UPDATE markings SET first = ? WHERE id = ?", (first, number))


_FIRST: Final = "SELECT id FROM rows WHERE id BETWEEN ? AND ? AND marking = ? ORDER BY id LIMIT 1"
_IDS: Final = "SELECT id FROM rows WHERE id BETWEEN ? AND ?"


def remove(index: sqlite3.Connection, key: bytes, ids: Iterable[int]) -> list[str]:
    """Take rows out of every table, within the caller's transaction; gives their texts."""
    texts = []
    kinds = dict(index.execute("SELECT id, kind FROM lanes"))
    for id_ in ids:
        found = index.execute("SELECT body, west FROM rows WHERE id = ?", (id_,)).fetchone()
        if found is None:
            continue
        body, west = found
        texts.append(_unname(index, key, kinds[id_ >> LANE_SHIFT], id_, body))
        if west is not None:
            index.execute("DELETE FROM places WHERE id = ?", (id_,))
        index.execute("DELETE FROM rows WHERE id = ?", (id_,))
    return texts


def _unname(index: sqlite3.Connection, key: bytes, kind: str, id_: int, body: bytes) -> str:
    """Take out a row's subjects and words; the text index, which keeps no text, wants to be told it again."""
    row = {name: [value] for name, value in bodies.raw(body, schema_of(kind)).items()}
    subjects = {subject_hash(key, name) for name in values(row, columns_of(kind).subjects, 0)}
    index.executemany(
        "DELETE FROM subjects WHERE subject = ? AND id = ?", [(subject, id_) for subject in subjects]
    )
    if text := BREAK.join(values(row, columns_of(kind).texts, 0)):
        index.execute("INSERT INTO texts (texts, rowid, text) VALUES ('delete', ?, ?)", (id_, text))
    return text


def hashed(key: bytes, *parts: str | bytes) -> int:
    """A keyed 64-bit hash of some texts; who does not hold the floor's key cannot test a guess."""
    whole = b"\x1f".join(part.encode() if isinstance(part, str) else part for part in parts)
    return int.from_bytes(blake2b(whole, digest_size=8, key=key, person=b"index").digest(), signed=True)


def _rows(index: sqlite3.Connection, key: bytes, part: Part, rows: pa.Table) -> Iterator[_Row]:
    schema, columns = schema_of(part.kind), columns_of(part.kind)
    found = bodies.plain(rows, schema)
    lanes, markings = _lanes(index, part.kind, set(found["marking"])), _markings(index, set(found["marking"]))
    windows = _windows(found)
    reports = list(_reports(key, part.kind, found))
    ids = found["row_id" if part.kind in DERIVED else "record_id"]
    revisions = found.get("revision") or [0] * rows.num_rows
    subjects = _Hashes(key)
    leaves = rows.column(LEAF).to_pylist()
    for at, body in enumerate(bodies.encode(found)):
        marking = found["marking"][at]
        yield _Row(
            lanes[marking] << LANE_SHIFT | part.segment << LEAF_BITS | leaves[at],
            ids[at],
            reports[at],
            revisions[at],
            markings[marking],
            *windows[at],
            _box(found, at),
            body,
            tuple({subjects[name] for name in values(found, columns.subjects, at)}),
            BREAK.join(values(found, columns.texts, at)),
        )


class _Hashes(dict[str, int]):
    """Hashes of subjects, each made once a batch."""

    def __init__(self, key: bytes) -> None:
        self.key = key

    def __missing__(self, subject: str) -> int:
        made = self[subject] = hashed(self.key, "subject", subject)
        return made


def subject_hash(key: bytes, subject: str) -> int:
    """How the index knows a subject."""
    return hashed(key, "subject", subject)


def report_hash(key: bytes, kind: str, source: str, report_key: str) -> int:
    """How the index knows a report of a source."""
    return hashed(key, "report", kind, source, report_key)


def _reports(key: bytes, kind: str, found: Mapping[str, Sequence[Any]]) -> Iterator[int | None]:
    if kind in DERIVED:
        return (hashed(key, "derived", kind, row_id) for row_id in found["row_id"])
    pairs = zip(found["source"], found["report_key"], strict=True)
    return (None if report is None else report_hash(key, kind, source, report) for source, report in pairs)


def _windows(found: Mapping[str, Sequence[Any]]) -> list[tuple[int, int]]:
    """First and last moment of each row: what it is about, or else when it was observed or known."""
    moments = found["at"] if "at" in found else found["observed_at"]
    empty = [None] * len(moments)
    pairs = zip(found.get("since", empty), found.get("until", empty), moments, strict=True)
    return [window(since, until, moment) for since, until, moment in pairs]


def window(since: int | None, until: int | None, moment: int) -> tuple[int, int]:
    """First and last moment of a row; one that has an end only, or a start only, is about that moment."""
    first = since if since is not None else until if until is not None else moment
    last = until if until is not None else first
    return min(first, last), max(first, last)


def _box(found: Mapping[str, Sequence[Any]], at: int) -> places.Box | None:
    if "latitude" not in found:
        return None
    latitude, longitude, radius = (found[name][at] for name in ("latitude", "longitude", "radius"))
    return places.around_given(latitude, longitude, radius)


def _lanes(index: sqlite3.Connection, kind: str, markings: Iterable[str]) -> dict[str, int]:
    """The lane of each marking."""
    return {marking: _number(index, "lanes", kind, lane_marking(marking)) for marking in sorted(markings)}


@lru_cache(4096)
def lane_marking(marking: str) -> str:
    """A marking without the day until which it may be kept: of these a floor has few."""
    return str(replace(parse(marking), retain_until=None))


def _markings(index: sqlite3.Connection, markings: Iterable[str]) -> dict[str, int]:
    return {marking: _number(index, "markings", marking) for marking in sorted(markings)}


def _number(index: sqlite3.Connection, table: str, *values: str) -> int:
    where = " AND ".join(f"{name} = ?" for name in _WORDS[table])
    found = index.execute(f"SELECT id FROM {table} WHERE {where}", values).fetchone()  # noqa: S608
    if found is None:
        (number,) = index.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()  # noqa: S608
        if table == "lanes" and number >= LANES:
            raise ValueError(f"the index holds {LANES:,} pairs of kind and marking and no more")
        index.execute(
            f"INSERT INTO {table} (id, {', '.join(_WORDS[table])}) VALUES (?{', ?' * len(values)})",  # noqa: S608
            (number, *values),
        )
        return int(number)
    return int(found[0])


_WORDS: Final = {"lanes": ("kind", "marking"), "markings": ("marking",)}


def _insert(index: sqlite3.Connection, rows: Sequence[_Row]) -> None:
    index.executemany(
        "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((*row[:7], *(row.box or (None,) * 4), row.body) for row in rows),
    )
    index.executemany(
        "INSERT INTO subjects VALUES (?, ?)",
        sorted((subject, row.id) for row in rows for subject in row.subjects),
    )
    index.executemany(
        "INSERT INTO texts (rowid, text) VALUES (?, ?)", ((row.id, row.text) for row in rows if row.text)
    )
    index.executemany(
        "INSERT INTO places VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (_place(row, row.box) for row in rows if row.box is not None),
    )


def _place(row: _Row, box: places.Box) -> tuple[int, ...]:
    """A row's rectangle, window and lane in whole numbers; a lane is two wide, or all areas were 0."""
    west, south, east, north = places.outwards(box)
    lane = row.id >> LANE_SHIFT
    return row.id, west, east, south, north, *minutes(row.since, row.until), 2 * lane, 2 * lane + 1


def minutes(since: int, until: int) -> tuple[int, int]:
    """A window in whole minutes, rounded outwards, within the 4,000 years that the tree holds."""
    ends = since // 60_000_000, -(-until // 60_000_000)
    first, last = (max(-(1 << 31), min(end, (1 << 31) - 1)) for end in ends)
    return first, last
