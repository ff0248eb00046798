"""Questions to the index, as one reader may ask them: newest first, and nothing hidden has a part in it.

Each lane that the reader may see is walked from its newest row to its oldest, as far as is needed; a row that
he may not see is in a lane that nobody opens, or is left out by its marking before anything is counted.
"""

import heapq
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from watchfloor.records.marking import parse
from watchfloor.release.policy import Reader, allowed
from watchfloor.store.indexing import bodies, filling, places
from watchfloor.store.indexing.columns import DERIVED, schema_of
from watchfloor.store.indexing.file import LANE_SHIFT, LEAF_BITS, SEQUENCE

DENSE: Final = 20_000
"""Rows of a lane in a box from which on the newest are found by walking back, not by the tree."""
BESIDE: Final = 1_000
"""The same where words are asked for too, which the text index may find quicker."""

_LEAVES: Final = (1 << LEAF_BITS) - 1


class Hit(NamedTuple):
    """A row that was found: its id, kind and body."""

    id: int
    kind: str
    body: bytes

    @property
    def segment(self) -> int:
        """The segment it stands in."""
        return (self.id & SEQUENCE) >> LEAF_BITS


@dataclass(frozen=True, slots=True)
class Query:
    """What rows are wanted; everything that is given must hold.

    Attributes:
        words: for the text index, see `search.fts`.
        subject: hash of whom they are about.
        report: hash of the report that they are of.
        record: first and last record id.
        box: that their place touches.
        since: first moment that they may be about, in microseconds since 1970.
        until: last moment.
        kinds: of which they are; none for any.
        latest: only the last row of each report.
    """

    words: str | None = None
    subject: int | None = None
    report: int | None = None
    record: tuple[bytes, bytes] | None = None
    box: places.Box | None = None
    since: int | None = None
    until: int | None = None
    kinds: tuple[str, ...] = ()
    latest: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """What a reader may see of the log's rows.

    Attributes:
        reader: who asks.
        upto: last segment of evidence; 0 for none.
        signals: segments of the signals that stand for him.
    """

    reader: Reader
    upto: int
    signals: tuple[int, ...] = ()


def hits(index: sqlite3.Connection, view: View, query: Query) -> Iterator[Hit]:
    """The rows, newest in the log first. Taking fewer of them costs less."""
    markings = ", ".join(map(str, _markings(index, view.reader)))
    lanes = [lane for lane in _lanes(index, view.reader) if not query.kinds or lane.kind in query.kinds]
    found = (_of_lane(index, view, query, lane, markings) for lane in lanes)
    return heapq.merge(*found, key=lambda hit: -(hit.id & SEQUENCE))


class _Lane(NamedTuple):
    number: int
    kind: str


def _markings(index: sqlite3.Connection, reader: Reader) -> list[int]:
    """Numbers of the markings whose rows `reader` may see."""
    rows = index.execute("SELECT id, marking FROM markings")
    return [number for number, marking in rows if allowed(reader, parse(marking))]


def _lanes(index: sqlite3.Connection, reader: Reader) -> list[_Lane]:
    rows = index.execute("SELECT id, kind, marking FROM lanes ORDER BY id")
    return [_Lane(number, kind) for number, kind, marking in rows if allowed(reader, parse(marking))]


def _of_lane(
    index: sqlite3.Connection, view: View, query: Query, lane: _Lane, markings: str
) -> Iterator[Hit]:
    """The rows of one lane, newest first."""
    by, ids = _found(index, query, lane.number, *_reach(view, lane))
    where, values = _conditions(view, query, lane.kind, markings, by)
    statement = f"SELECT body FROM rows AS r WHERE id = ?{where}"  # noqa: S608 - numbers of ours
    for id_ in ids:
        for (body,) in index.execute(statement, [id_, *values]):
            if lane.kind not in DERIVED or not bodies.raw(body, schema_of(lane.kind))["retracted"]:
                yield Hit(id_, lane.kind, body)


def _reach(view: View, lane: _Lane) -> tuple[int, int]:
    """First and last id of a lane that the view reaches."""
    base = lane.number << LANE_SHIFT
    if lane.kind not in DERIVED:
        return base, base | view.upto << LEAF_BITS | _LEAVES
    if not view.signals:
        return base + 1, base
    return base | min(view.signals) << LEAF_BITS, base | max(view.signals) << LEAF_BITS | _LEAVES


def _found(
    index: sqlite3.Connection, query: Query, lane: int, first: int, last: int
) -> tuple[str, Iterator[int]]:
    """Ids between two of a lane, newest first, that fulfil what finds them quickest; and which that was."""
    for by, statement in _BY.items():
        if by == "words" and query.box is not None:
            near = _near(index, query, lane, query.box, BESIDE if query.words else DENSE)
            if near is not None:
                return "record", iter(sorted((id_ for id_ in near if first <= id_ <= last), reverse=True))
        if (value := getattr(query, by)) is not None:
            values = value if by == "record" else (value,)
            return by, _numbers(index.execute(statement, [*values, first, last]))
    return "record", _numbers(index.execute(_ALL, (first, last)))


def _numbers(rows: Iterable[tuple[int]]) -> Iterator[int]:
    return (number for (number,) in rows)


_BY: Final = {
    "record": "SELECT id FROM rows WHERE record_id BETWEEN ? AND ? AND +id BETWEEN ? AND ? ORDER BY +id DESC",
    "report": "SELECT id FROM rows WHERE report = ? AND id BETWEEN ? AND ? ORDER BY id DESC",
    "subject": "SELECT id FROM subjects WHERE subject = ? AND id BETWEEN ? AND ? ORDER BY id DESC",
    "words": "SELECT rowid FROM texts WHERE texts MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC",
}
"""How each finds ids between two of a lane, the quickest first."""
_ALL: Final = "SELECT id FROM rows WHERE id BETWEEN ? AND ? ORDER BY id DESC"


def _near(index: sqlite3.Connection, query: Query, lane: int, box: places.Box, few: int) -> set[int] | None:
    """Ids of a lane that may touch a box; None where there are more than `few`."""
    since, until = _window(query)
    found: set[int] = set()
    for turn in places.turns(box):
        west, south, east, north = places.outwards(turn)
        values = (2 * lane, 2 * lane + 1, east, west, north, south, until, since, few + 1)
        found.update(id_ for (id_,) in index.execute(_TREE, values))
        if len(found) > few:
            return None
    return found


_TREE: Final = """
SELECT id FROM places WHERE low >= ? AND high <= ?
AND west <= ? AND east >= ? AND south <= ? AND north >= ? AND since <= ? AND until >= ? LIMIT ?
"""


def _window(query: Query) -> tuple[int, int]:
    """The window in minutes; open sides are as far as the tree goes."""
    return filling.minutes(
        _FIRST if query.since is None else query.since, _LAST if query.until is None else query.until
    )


_FIRST, _LAST = -(1 << 62), 1 << 62


def _conditions(view: View, query: Query, kind: str, markings: str, by: str) -> tuple[str, list[Any]]:
    """What a row `r` has to fulfil beside having been found by something, and the parameters."""
    parts: list[tuple[str, Sequence[Any]]] = [(f"marking IN ({markings})", ())]
    if kind in DERIVED:
        parts.append((_among("r", view.signals), ()))
    if query.latest:
        parts.append((_SUPERSEDED.format(markings, _alive(view, kind)), ()))
    if query.words is not None and by != "words":
        parts.append(("EXISTS (SELECT 1 FROM texts WHERE texts MATCH ? AND rowid = r.id)", [query.words]))
    if query.subject is not None and by != "subject":
        parts.append(("EXISTS (SELECT 1 FROM subjects WHERE subject = ? AND id = r.id)", [query.subject]))
    if query.since is not None:
        parts.append(("until >= ?", [query.since]))
    if query.until is not None:
        parts.append(("since <= ?", [query.until]))
    if query.box is not None:
        parts.append((_TOUCHES, [query.box.north, query.box.south, *_sides(query.box)]))
    return "".join(f" AND {text}" for text, _ in parts), [value for _, values in parts for value in values]


_SUPERSEDED: Final = f"""NOT EXISTS (
SELECT 1 FROM rows AS n WHERE n.report = r.report AND n.marking IN ({{}}) AND {{}}
AND (n.revision, n.id & {SEQUENCE}) > (r.revision, r.id & {SEQUENCE}))"""  # noqa: S608 - numbers of ours
"""Whether no later row of the same report, that the reader may see too, takes this one's place."""

_TOUCHES: Final = f"south <= ? AND north >= ? AND ({' OR '.join(['west <= ? AND east >= ?'] * 3)})"


def _sides(box: places.Box) -> Iterator[float]:
    for turn in places.turns(box):
        yield from (turn.east, turn.west)


def _alive(view: View, kind: str) -> str:
    """Whether a row `n` of the kind is in the view."""
    if kind in DERIVED:
        return _among("n", view.signals)
    return f"n.id & {SEQUENCE} <= {view.upto << LEAF_BITS | _LEAVES}"


def _among(row: str, segments: Iterable[int]) -> str:
    return f"({row}.id & {SEQUENCE}) >> {LEAF_BITS} IN ({', '.join(map(str, segments))})"
