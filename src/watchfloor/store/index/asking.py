"""Questions to the index, as one reader may ask them: newest first, and nothing hidden has a part in it.

Each lane that the reader may see is walked from its newest row to its oldest, as far as is needed; a row that
he may not see is in a lane that nobody opens, or is left out by its marking before anything is counted.
"""

import heapq
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from watchfloor.core.marking import covers, parse
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store.index import bodies, filling, places
from watchfloor.store.index.columns import DERIVED
from watchfloor.store.index.file import KEYED, LANE_SHIFT, LEAF_BITS, LEAVES, SEQUENCE
from watchfloor.store.log import encode
from watchfloor.store.segments.replacing import Lowered

DENSE: Final = 20_000
"""Rows of a lane in a box from which on the newest are found by walking back, not by the tree."""
BESIDE: Final = 1_000
"""The same where words are asked for too, which the text index may find quicker."""


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
    """Query for rows; everything that is given must hold.

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
        retracted: of derived rows those that take back, in place of those that stand.
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
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """The log's rows that a reader may see.

    Attributes:
        reader: who asks.
        upto: last segment of evidence; 0 for none.
        signals: segments of the signals that stand for him.
        lowered: what records were downgraded to, by their ids.
    """

    reader: Reader
    upto: int
    signals: tuple[int, ...] = ()
    lowered: Lowered = field(default_factory=dict)


def hits(index: sqlite3.Connection, view: View, query: Query) -> Iterator[Hit]:
    """The rows, newest in the log first. Taking fewer of them costs less."""
    markings = ", ".join(map(str, _markings(index, view.reader)))
    every = _lanes(index, view.reader)
    lanes = [lane for lane in every if not query.kinds or lane.kind in query.kinds]
    found = [
        _from(source, index, view, query, lane, markings, _replaced(view, lane, every))
        for lane in lanes
        for source in _sources(index, query, lane.number, *_reach(view, lane))
    ]
    return heapq.merge(*found, key=lambda hit: -(hit.id & SEQUENCE))


def of_ids(index: sqlite3.Connection, view: View, record_ids: Sequence[bytes]) -> Iterator[Hit]:
    """The rows of evidence with these ids, superseded ones too, in no order; a look-up each."""
    for kind, _, id_, body in _of_ids(index, view, record_ids, "r.body"):
        yield Hit(id_, kind, body)


def moments_of(
    index: sqlite3.Connection, view: View, record_ids: Sequence[bytes]
) -> Iterator[tuple[bytes, int]]:
    """Of the records with these ids when they were so, in microseconds since 1970, in no order."""
    for _, record_id, _, since in _of_ids(index, view, record_ids, "r.since"):
        yield record_id, since


def _of_ids(
    index: sqlite3.Connection, view: View, record_ids: Sequence[bytes], column: str
) -> Iterator[tuple[str, bytes, int, Any]]:
    """Kind, record id, row id and a column of each."""
    lanes = {one.number: one.kind for one in _lanes(index, view.reader) if one.kind not in DERIVED}
    markings = ", ".join(map(str, _markings(index, view.reader)))
    wanted, last = set(record_ids), view.upto << LEAF_BITS | LEAVES
    starts = encode(list(dict.fromkeys(map(filling.start_of, record_ids)))).decode()
    for table in KEYED:
        found = index.execute(_OF_IDS.format(keys=table, column=column, markings=markings), (starts,))
        for id_, record_id, value in found:
            kind = lanes.get(id_ >> LANE_SHIFT)
            if kind is not None and record_id in wanted and id_ & SEQUENCE <= last:
                yield kind, record_id, id_, value


_OF_IDS: Final = """
SELECT r.id, r.record_id, {column} FROM json_each(?) AS wanted
CROSS JOIN {keys} AS k ON k.key = wanted.value CROSS JOIN rows AS r ON r.id = k.id
WHERE r.marking IN ({markings})
"""


def occurring(index: sqlite3.Connection, segment: int) -> frozenset[str]:
    """Every marking of the evidence up to a segment."""
    return frozenset(text for (text,) in index.execute(_OCCURRING, (segment,)))


_OCCURRING: Final = "SELECT marking FROM markings WHERE first <= ?"


class _Lane(NamedTuple):
    number: int
    kind: str
    marking: str


def _markings(index: sqlite3.Connection, reader: Reader) -> list[int]:
    """Numbers of the markings whose rows `reader` may see."""
    rows = index.execute("SELECT id, marking FROM markings")
    return [number for number, marking in rows if allowed(reader, parse(marking))]


def _lanes(index: sqlite3.Connection, reader: Reader) -> list[_Lane]:
    rows = index.execute("SELECT id, kind, marking FROM lanes ORDER BY id")
    return [_Lane(*row) for row in rows if allowed(reader, parse(row[2]))]


def _replaced(view: View, lane: _Lane, every: Sequence[_Lane]) -> str:
    """Whether a later row `n` may by its marking replace the row `r` of a lane (`segments.replacing`)."""
    others = [one for one in every if one.kind == lane.kind]
    lanes = [one.number for one in others if covers(parse(one.marking), parse(lane.marking))]
    if len(lanes) == len(others) or lane.kind in DERIVED:
        return ""
    may = [f"n.id >> {LANE_SHIFT} IN ({', '.join(map(str, lanes))})"]
    for to in dict.fromkeys(view.lowered.values()):
        ids = ", ".join(f"x'{id_.hex()}'" for id_, now in view.lowered.items() if now == to)
        below = [one.number for one in others if covers(parse(one.marking), parse(to))]
        may.append(f"r.record_id IN ({ids}) AND n.id >> {LANE_SHIFT} IN ({', '.join(map(str, below))})")
    return f" AND ({' OR '.join(may)})"


def _from(
    source: "_Source",
    index: sqlite3.Connection,
    view: View,
    query: Query,
    lane: _Lane,
    markings: str,
    replaced: str,
) -> Iterator[Hit]:
    """The rows of one lane that a source finds, newest first."""
    where, values = _conditions(view, query, lane.kind, markings, source.by, replaced)
    statement = (
        f"SELECT r.id, r.body FROM {source.tables} WHERE {source.where}{where} ORDER BY {source.order}"  # noqa: S608
    )
    for id_, body in index.execute(statement, [*source.values, *values]):
        if lane.kind not in DERIVED or bodies.retracted(body) is query.retracted:
            yield Hit(id_, lane.kind, body)


def _reach(view: View, lane: _Lane) -> tuple[int, int]:
    """First and last id of a lane that the view reaches."""
    base = lane.number << LANE_SHIFT
    if lane.kind not in DERIVED:
        return base, base | view.upto << LEAF_BITS | LEAVES
    if not view.signals:
        return base + 1, base
    return base | min(view.signals) << LEAF_BITS, base | max(view.signals) << LEAF_BITS | LEAVES


class _Source(NamedTuple):
    """Source of the rows `r` of a lane, newest first: tables, condition with its values, order."""

    by: str
    tables: str
    where: str
    order: str
    values: Sequence[Any] = ()


def _sources(index: sqlite3.Connection, query: Query, lane: int, first: int, last: int) -> Iterator[_Source]:
    """Yield the quickest sources of rows between two ids of a lane: by keys two, else one."""
    source = _source(index, query, lane, first, last)
    for table in KEYED if "{keys}" in source.tables else KEYED[:1]:
        yield source._replace(tables=source.tables.format(keys=table))


def _source(index: sqlite3.Connection, query: Query, lane: int, first: int, last: int) -> _Source:
    """Return the quickest source of rows between two ids of a lane."""
    for source in _SOURCES:
        if source.by == "words" and query.box is not None:
            near = _near(index, query, lane, query.box, BESIDE if query.words else DENSE)
            if near is not None:
                ids = sorted((id_ for id_ in near if first <= id_ <= last), reverse=True)
                return _TREE._replace(values=[encode(ids).decode()])
        if (value := getattr(query, source.by)) is not None:
            return source._replace(
                values=[*(_between(value) if source.by == "record" else (value,)), first, last]
            )
    return _EVERY._replace(values=[first, last])


def _between(record: tuple[bytes, bytes]) -> tuple[int, int, bytes, bytes]:
    first, last = record
    return filling.start_of(first), filling.start_of(last), first, last


_BY_KEY: Final = "{keys} AS k CROSS JOIN rows AS r ON r.id = k.id"
_SOURCES: Final = (
    _Source(
        "record",
        _BY_KEY,
        "k.key BETWEEN ? AND ? AND r.record_id BETWEEN ? AND ? AND k.id BETWEEN ? AND ?",
        "k.id DESC",
    ),
    _Source("report", _BY_KEY, "k.key = ? AND k.id BETWEEN ? AND ?", "k.id DESC"),
    _Source("subject", _BY_KEY, "k.key = ? AND k.id BETWEEN ? AND ?", "k.id DESC"),
    _Source(
        "words",
        "texts CROSS JOIN rows AS r ON r.id = texts.rowid",
        "texts MATCH ? AND texts.rowid BETWEEN ? AND ?",
        "texts.rowid DESC",
    ),
)
"""What finds rows, the quickest first; a join goes through its first table from the newest row."""
_TREE: Final = _Source(
    "box", "json_each(?) AS near CROSS JOIN rows AS r ON r.id = near.value", "1", "near.key"
)
_EVERY: Final = _Source("", "rows AS r", "r.id BETWEEN ? AND ?", "r.id DESC")


def _near(index: sqlite3.Connection, query: Query, lane: int, box: places.Box, few: int) -> set[int] | None:
    """Ids of a lane that may touch a box; None where there are more than `few`."""
    since, until = _window(query)
    found: set[int] = set()
    for turn in places.turns(box):
        west, south, east, north = places.outwards(turn)
        values = (2 * lane, 2 * lane + 1, east, west, north, south, until, since, few + 1)
        found.update(id_ for (id_,) in index.execute(_IN_TREE, values))
        if len(found) > few:
            return None
    return found


_IN_TREE: Final = """
SELECT id FROM places WHERE low >= ? AND high <= ?
AND west <= ? AND east >= ? AND south <= ? AND north >= ? AND since <= ? AND until >= ? LIMIT ?
"""


def _window(query: Query) -> tuple[int, int]:
    """The window in minutes; open sides are as far as the tree goes."""
    return filling.minutes(
        _FIRST if query.since is None else query.since, _LAST if query.until is None else query.until
    )


_FIRST, _LAST = -(1 << 62), 1 << 62


def _conditions(
    view: View, query: Query, kind: str, markings: str, by: str, replaced: str
) -> tuple[str, list[Any]]:
    """Return the conditions on a row `r` beside its source's, and their parameters."""
    parts: list[tuple[str, Sequence[Any]]] = [(f"r.marking IN ({markings})", ())]
    if kind in DERIVED:
        parts.append((_among("r", view.signals), ()))
    if query.latest:
        alive = f"{_alive(view, kind)}{replaced}"
        parts += [(_SUPERSEDED.format(keys=table, alive=alive, markings=markings), ()) for table in KEYED]
    if query.words is not None and by != "words":
        parts.append(("EXISTS (SELECT 1 FROM texts WHERE texts MATCH ? AND rowid = r.id)", [query.words]))
    if query.subject is not None and by != "subject":
        parts.append((_NAMES, [query.subject] * len(KEYED)))
    if query.since is not None:
        parts.append(("r.until >= ?", [query.since]))
    if query.until is not None:
        parts.append(("r.since <= ?", [query.until]))
    if query.box is not None:
        parts.append((_TOUCHES, [query.box.north, query.box.south, *_sides(query.box)]))
    return "".join(f" AND {text}" for text, _ in parts), [value for _, values in parts for value in values]


_NAMES: Final = "({})".format(
    " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE key = ? AND id = r.id)" for table in KEYED)  # noqa: S608
)
"""Whether the row is about a subject."""

_SUPERSEDED: Final = f"""NOT EXISTS (
SELECT 1 FROM {{keys}} AS k CROSS JOIN rows AS n ON n.id = k.id
WHERE k.key = r.report AND n.report = r.report AND n.id != r.id AND {{alive}} AND n.marking IN ({{markings}})
AND (n.revision, n.id & {SEQUENCE}) > (r.revision, r.id & {SEQUENCE}))"""  # noqa: S608 - numbers of ours
"""Whether no later row of the same report, that the reader sees too and that may, takes this one's place."""

_TOUCHES: Final = f"r.south <= ? AND r.north >= ? AND ({' OR '.join(['r.west <= ? AND r.east >= ?'] * 3)})"


def _sides(box: places.Box) -> Iterator[float]:
    for turn in places.turns(box):
        yield from (turn.east, turn.west)


def _alive(view: View, kind: str) -> str:
    """Whether a row `n` of the kind is in the view."""
    if kind in DERIVED:
        return _among("n", view.signals)
    return f"n.id & {SEQUENCE} <= {view.upto << LEAF_BITS | LEAVES}"


def _among(row: str, segments: Iterable[int]) -> str:
    return f"({row}.id & {SEQUENCE}) >> {LEAF_BITS} IN ({', '.join(map(str, segments))})"
