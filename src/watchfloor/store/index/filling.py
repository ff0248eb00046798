"""Bringing rows into the index, and taking them out of it, byte by byte."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from itertools import repeat
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.marking import parse
from watchfloor.store.index import bodies, places
from watchfloor.store.index.columns import (
    BREAK,
    BULK,
    DERIVED,
    columns_of,
    indexed_rows,
    schema_of,
    values,
)
from watchfloor.store.index.file import KEYED, LANE_SHIFT, LANES, LEAF_BITS, SEQUENCE, span, span_of
from watchfloor.store.segments.index import LEAF

BATCH: Final = 1 << 13
"""Rows that are turned into Python values at a time."""

RECENT: Final = 1 << 16
"""Keys from which on the recent ones are moved to the settled."""


class Part(NamedTuple):
    """A segment, or what is left of it, and the digest of its manifest.

    Attributes:
        size: how many rows it has, where `rows` are only those that are indexed; `markings`: of all then.
    """

    segment: int
    kind: str
    digest: bytes
    rows: pa.Table
    size: int | None = None
    markings: Sequence[str] | None = None


class _Filled(NamedTuple):
    """Entries of the tables for some rows."""

    rows: list[tuple[Any, ...]]
    keys: list[tuple[int, int]]
    texts: list[tuple[int, str]]
    places: list[tuple[int, ...]]


def add(index: sqlite3.Connection, key: bytes, parts: Iterable[Part]) -> None:
    """Index segments within the caller's transaction; what was there under their numbers goes first.

    No more than a batch of their rows, and one segment, is in memory: a delivery may be larger than that.
    """
    held: dict[str, tuple[list[pa.Table], list[int]]] = {}
    named = []
    for part in parts:
        drop(index, key, part.segment)
        rows = indexed_rows(part.kind, part.rows)
        tables, segments = held.setdefault(part.kind, ([], []))
        tables.append(rows)
        segments += [part.segment] * rows.num_rows
        if len(segments) >= BATCH:
            _add_rows(index, key, part.kind, *held.pop(part.kind))
        named.append(_without_rows(part))
    for kind, some in held.items():
        _add_rows(index, key, kind, *some)
    for part in named:
        _name(index, part)


def _without_rows(part: Part) -> Part:
    markings, size = part.markings, part.size
    if markings is None or size is None:
        markings, size = pc.unique(part.rows.column("marking")).to_pylist(), part.rows.num_rows
    return part._replace(rows=part.rows.schema.empty_table(), size=size, markings=markings)


def _add_rows(
    index: sqlite3.Connection, key: bytes, kind: str, tables: list[pa.Table], segments: list[int]
) -> None:
    rows = tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="default")
    for start in range(0, rows.num_rows, BATCH):
        end = start + BATCH
        _insert(index, _filled(index, key, kind, rows.slice(start, BATCH), segments[start:end]))


def _name(index: sqlite3.Connection, part: Part) -> None:
    """Note a segment and its markings."""
    markings = part.markings or ()
    if part.kind in BULK:
        numbers = _markings(index, markings)
        of = [(part.segment, number) for number in numbers.values()]
        index.executemany("INSERT INTO bulk VALUES (?, ?)", of)
    if part.kind not in DERIVED:
        seen = [(part.segment, marking) for marking in markings]
        index.executemany("UPDATE markings SET first = min(coalesce(first, ?1), ?1) WHERE marking = ?2", seen)
    index.execute(
        "INSERT INTO segments VALUES (?, ?, ?, ?)", (part.segment, part.kind, part.digest, part.size)
    )


def drop(index: sqlite3.Connection, key: bytes, segment: int) -> None:
    """Take a segment out, within the caller's transaction; nothing where it is not there."""
    found = index.execute("SELECT kind FROM segments WHERE id = ?", (segment,)).fetchone()
    if found is None:
        return
    for (lane,) in index.execute("SELECT id FROM lanes WHERE kind = ?", found).fetchall():
        remove(index, key, [id_ for (id_,) in index.execute(_IDS, span(lane, segment))])
    index.execute("DELETE FROM bulk WHERE segment = ?", (segment,))
    index.execute("DELETE FROM segments WHERE id = ?", (segment,))
    settle_markings(index)


def settle_markings(index: sqlite3.Connection) -> None:
    """Find again where each marking occurs first, after rows went, within the caller's transaction."""
    lanes = [row for row in index.execute("SELECT id, kind, marking FROM lanes") if row[1] not in DERIVED]
    for number, marking in index.execute("SELECT id, marking FROM markings").fetchall():
        mine = [lane for lane, _, of in lanes if of == lane_marking(marking)]
        found = [index.execute(_FIRST, (*span_of(lane), number)).fetchone() for lane in mine]
        bulk = index.execute("SELECT segment FROM bulk WHERE marking = ?", (number,)).fetchall()
        indexed = ((id_ & SEQUENCE) >> LEAF_BITS for (id_,) in filter(None, found))
        first = min((*indexed, *(segment for (segment,) in bulk)), default=None)
        index.execute("UPDATE markings SET first = ? WHERE id = ?", (first, number))


_FIRST: Final = "SELECT id FROM rows WHERE id BETWEEN ? AND ? AND marking = ? ORDER BY id LIMIT 1"
_IDS: Final = "SELECT id FROM rows WHERE id BETWEEN ? AND ?"


def remove(index: sqlite3.Connection, key: bytes, ids: Iterable[int]) -> list[str]:
    """Take rows out of every table, within the caller's transaction; gives their texts."""
    texts = []
    kinds = dict(index.execute("SELECT id, kind FROM lanes"))
    for id_ in ids:
        found = index.execute(_FOUND, (id_,)).fetchone()
        if found is None:
            continue
        record_id, report, body, west = found
        _unkey(index, [(known, id_) for known in (start_of(record_id), report) if known is not None])
        texts.append(_unname(index, key, kinds[id_ >> LANE_SHIFT], id_, body))
        if west is not None:
            index.execute("DELETE FROM places WHERE id = ?", (id_,))
        index.execute("DELETE FROM rows WHERE id = ?", (id_,))
    return texts


_FOUND: Final = "SELECT record_id, report, body, west FROM rows WHERE id = ?"


def _unkey(index: sqlite3.Connection, keys: Sequence[tuple[int, int]]) -> None:
    for table in KEYED:
        index.executemany(f"DELETE FROM {table} WHERE key = ? AND id = ?", keys)  # noqa: S608


def _unname(index: sqlite3.Connection, key: bytes, kind: str, id_: int, body: bytes) -> str:
    """Take out a row's subjects and words; the text index, which keeps no text, wants to be told it again."""
    row = {name: [value] for name, value in bodies.raw(body, schema_of(kind)).items()}
    subjects = {subject_hash(key, name) for name in next(values(row, columns_of(kind).subjects))}
    _unkey(index, [(subject, id_) for subject in subjects])
    if text := BREAK.join(next(values(row, columns_of(kind).texts))):
        index.execute("INSERT INTO texts (texts, rowid, text) VALUES ('delete', ?, ?)", (id_, text))
    return text


def hashed(key: bytes, *parts: str | bytes) -> int:
    """A keyed 64-bit hash of some texts; who does not hold the floor's key cannot test a guess."""
    made = _begun(key, parts[:-1]).copy()
    last = parts[-1]
    made.update(last.encode() if isinstance(last, str) else last)
    return int.from_bytes(made.digest(), signed=True)


@lru_cache(256)
def _begun(key: bytes, parts: Sequence[str]) -> blake2b:
    """The hash of all parts but the last, which many rows have in common: to copy it costs the least."""
    whole = "".join(f"{part}\x1f" for part in parts)
    return blake2b(whole.encode(), digest_size=8, key=key, person=b"index")


def start_of(record_id: bytes) -> int:
    """How the index knows a record: the first eight bytes of its id, in whose order ids stand too."""
    return int.from_bytes(record_id[:8], signed=True)


def _filled(
    index: sqlite3.Connection, key: bytes, kind: str, rows: pa.Table, segments: Sequence[int]
) -> _Filled:
    columns = columns_of(kind)
    found = bodies.plain(rows, schema_of(kind))
    own = found["row_id" if kind in DERIVED else "record_id"]
    lanes = _lanes(index, kind, set(found["marking"]))
    stand = zip(found["marking"], segments, rows.column(LEAF).to_pylist(), strict=True)
    ids = [span(lanes[marking], segment)[0] | leaf for marking, segment, leaf in stand]
    reports = list(_reports(key, kind, found))
    numbers = _markings(index, set(found["marking"]))
    since, until = zip(*_windows(found), strict=True)
    boxes = _boxes(found, len(ids))
    hashes = _Hashes(key)
    named = zip(ids, values(found, columns.subjects), strict=True)
    texts = zip(ids, map(BREAK.join, values(found, columns.texts)), strict=True)
    placed = zip(ids, boxes, since, until, strict=True)
    return _Filled(
        sorted(
            zip(
                ids,
                own,
                reports,
                found.get("revision") or repeat(0, len(ids)),
                map(numbers.__getitem__, found["marking"]),
                since,
                until,
                *zip(*(box or _NOWHERE for box in boxes), strict=True),
                bodies.encode(found),
                strict=True,
            )
        ),
        [
            *zip(map(start_of, own), ids, strict=True),
            *((report, id_) for report, id_ in zip(reports, ids, strict=True) if report is not None),
            *((hashes[name], id_) for id_, names in named for name in names),
        ],
        sorted((id_, text) for id_, text in texts if text),
        [_place(id_, box, first, last) for id_, box, first, last in placed if box is not None],
    )


_NOWHERE: Final = (None,) * 4


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


def _boxes(found: Mapping[str, Sequence[Any]], count: int) -> list[places.Box | None]:
    if "latitude" not in found:
        return [None] * count
    radii = found.get("radius", [None] * count)  # a seizure has a place and no radius
    return list(map(places.around_given, found["latitude"], found["longitude"], radii))


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


def _insert(index: sqlite3.Connection, filled: _Filled) -> None:
    index.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", filled.rows)
    index.executemany("INSERT OR IGNORE INTO recent VALUES (?, ?)", sorted(filled.keys))
    index.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", filled.texts)
    index.executemany("INSERT INTO places VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", filled.places)
    (recent,) = index.execute(
        "UPDATE state SET recent = recent + ? RETURNING recent", (len(filled.keys),)
    ).fetchone()
    if recent > RECENT:
        _move(index)


def _move(index: sqlite3.Connection) -> None:
    index.execute("INSERT INTO settled SELECT key, id FROM recent")
    index.execute("DELETE FROM recent")
    index.execute("UPDATE state SET recent = 0")


def _place(id_: int, box: places.Box, since: int, until: int) -> tuple[int, ...]:
    """A row's rectangle, window and lane in whole numbers; a lane is two wide, or all areas were 0."""
    west, south, east, north = places.outwards(box)
    lane = id_ >> LANE_SHIFT
    return id_, west, east, south, north, *minutes(since, until), 2 * lane, 2 * lane + 1


def minutes(since: int, until: int) -> tuple[int, int]:
    """A window in whole minutes, rounded outwards, within the 4,000 years that the tree holds."""
    first, last = since // 60_000_000, -(-until // 60_000_000)
    return max(_EARLIEST, min(first, _LATEST)), max(_EARLIEST, min(last, _LATEST))


_EARLIEST, _LATEST = -(1 << 31), (1 << 31) - 1
