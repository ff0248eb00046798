"""The graph of a floor as one reader sees it: who is named with whom, by which rows, and how to get there.

Subjects and rows are the two sides of it: a row connects all subjects that it names, so that a report of
fifty names is fifty entries and not a thousand pairs. Rows are evidence of the kinds in `COLUMNS`, signals
that stand, and judgements of people that stand. What the cell did itself (tasks, outcomes) connects nobody:
it follows from leads.

A hub is what `cell.linking` would not join by: named in too much company, or a name of a kind or region and
not of one thing. It is shown and not gone through, unless that is asked for.

Rows of the kinds in `ALONE` stay also where they name one subject: they connect nobody and tell when
something was.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.current_signals import signals
from watchfloor.cell.identity.merges import standing
from watchfloor.cell.identity.names import Name, called_in
from watchfloor.cell.linking import CAPS, Named, Rules, companies, link_bits
from watchfloor.core import streams
from watchfloor.core.kinds import INSTANT
from watchfloor.core.subjects import TYPES, SubjectError, key_of, parts
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

Numbers = npt.NDArray[np.int64]

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "party": ("subject", "identifiers"),
    "report": ("subjects", "mentions"),
    "payment": ("payer", "payee", "conductor"),
    "account": ("subject", "holder"),
    "reading": ("subject", "substance"),
    "declaration": ("subject", "importer", "consignee", "shipper", "declarant"),
    "inspection": ("subject", "substance"),
    "disclosure": ("subjects",),
    "application": ("application", "applicant", "representative", "institution", "employer", "payer"),
    "travel-document": ("document", "holder", "application"),
    "letter": ("letter", "issuer", "application"),
    "application-fee": ("application", "payer"),
    "intelligence-object": ("subjects",),
}
"""Columns of evidence that name subjects, by kind; a column is the part that a subject has in a row."""

ALONE: Final = (
    "report",
    "payment",
    "reading",
    "declaration",
    "inspection",
    "disclosure",
    "application-fee",
    "signal",
)
"""Kinds whose rows happen at a moment; what describes a subject, such as a party's record, does not."""

BUDGET: Final = 50_000
"""Subjects that are looked at for a way between two."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
WHYS: Final = 5
"""Rows of an edge that are told; of the rest it is said how many there are."""

_ROWS: Final = pa.schema(
    [
        pa.field("kind", pa.string()),
        pa.field("id", pa.binary(16)),
        pa.field("at", INSTANT),
        pa.field("source", pa.string()),
        pa.field("marking", pa.string()),
        pa.field("verdict", pa.string()),
        pa.field("message", pa.string()),
        pa.field("params", pa.string()),
        pa.field("role", pa.string()),
    ]
)
_ENTRIES: Final = pa.schema(
    [pa.field("row", pa.int64()), pa.field("subject", pa.string()), pa.field("part", pa.string())]
)


class Why(NamedTuple):
    """A row that names two subjects.

    Attributes:
        kind: of the row, `signal` for what a desk asserts.
        id: of the record or the signal.
        at: when it was so, or could be known.
        source: who delivered it; of a signal its rule, of a judgement who judged.
        marking: who may see it.
        verdict: of a judgement: same or different.
        message, params: of a signal its reason, as it is stored.
        role: of a party's record, what the party was, in the feed's word.
        one, other: the parts that the two subjects have in it.
    """

    kind: str
    id: bytes
    at: datetime
    source: str
    marking: str
    verdict: str | None
    message: str | None
    params: str | None
    role: str | None
    one: tuple[str, ...]
    other: tuple[str, ...]


class Edge(NamedTuple):
    """Two subjects and why they are connected.

    Attributes:
        one, other: the subjects.
        why: the first rows, the newest first; `total`: how many there are.
        kinds: the newest row of each kind, and how many are of it, the most first.
        first, last: moments of the oldest and the newest row.
    """

    one: str
    other: str
    why: tuple[Why, ...]
    total: int
    kinds: tuple[tuple[Why, int], ...]
    first: datetime
    last: datetime


class Pair(NamedTuple):
    """Numbers of two subjects, and the rows that name both, in order."""

    one: int
    other: int
    rows: Numbers


class Way(NamedTuple):
    """A shortest way between two subjects.

    Attributes:
        steps: its edges; none where there is no way, or the two are one.
        found: whether there is one.
        looked: subjects that were looked at.
        cut: whether the budget ended before all were.
        hubs: hubs that were come upon and not gone through.
    """

    steps: tuple[Edge, ...]
    found: bool
    looked: int
    cut: bool
    hubs: int


@dataclass(frozen=True)
class Graph:
    """The graph, in memory; made once and never changed.

    Attributes:
        subjects: keys in their order; a subject's number is its place here.
        names: what they are called.
        rows: `_ROWS`.
        row, subject, part: of each entry, in the order of rows.
        parts: the words that `part` numbers.
        hub: whether each subject is one.
    """

    subjects: Sequence[str]
    names: Mapping[str, Name]
    rows: pa.Table
    row: Numbers
    subject: Numbers
    part: Numbers
    parts: Sequence[str]
    hub: npt.NDArray[np.bool_]

    def neighbours(self, subject: str, most: int, types: Collection[str] = ()) -> tuple[list[Edge], int]:
        """Who is named with a subject, those named with it most often first, and how many there are.

        Args:
            subject: whose neighbours.
            most: how many at most.
            types: of subjects that are wanted; empty: all.
        """
        me = self._number.get(subject)
        if me is None:
            return [], 0
        rows, others = self._with(self._rows_of(me))
        mine = others != me
        if types:
            mine &= np.isin(self._type[others], [TYPES.index(one) for one in types])
        pairs = np.unique(np.stack([others[mine], rows[mine]]), axis=1)
        who, first, count = np.unique(pairs[0], return_index=True, return_counts=True)
        order = np.lexsort((who, -count))[:most]
        found = [Pair(me, int(who[at]), pairs[1][first[at] : first[at] + count[at]]) for at in order.tolist()]
        return self.edges(found), len(who)

    def types(self, subject: str) -> dict[str, int]:
        """Return how many neighbours of each type a subject has."""
        me = self._number.get(subject)
        if me is None:
            return {}
        _, others = self._with(self._rows_of(me))
        counts = np.bincount(self._type[np.unique(others[others != me])], minlength=len(TYPES))
        return {type_: count for type_, count in zip(TYPES, counts.tolist(), strict=True) if count}

    def markings(self, subject: str) -> list[str]:
        """Return the markings of all rows that name a subject, each once."""
        me = self._number.get(subject)
        return [] if me is None else self.markings_of(self._rows_of(me))

    def markings_of(self, rows: Numbers) -> list[str]:
        """Return the markings of some rows, each once."""
        codes, words = self._coded("marking")
        return [words[code] for code in np.unique(codes[rows]).tolist()]

    def subjects_of(self, row: int) -> Numbers:
        """Return the numbers of the subjects that a row names, each once."""
        return np.unique(self.subject[self._row_at[row] : self._row_at[row + 1]])

    def numbers(self, subjects: Iterable[str]) -> Numbers:
        """Return the numbers of those subjects that the graph has, in order, each once."""
        return np.array(sorted({self._number[key] for key in subjects if key in self._number}), np.int64)

    def entries(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        """Return row and subject of each entry of some subjects, in the order of rows, each pair once."""
        which, at = _spread(self._subject_at, numbers)
        pairs = np.unique(np.stack([self._of_subject[at], numbers[which]]), axis=1)
        return pairs[0], pairs[1]

    @cached_property
    def moments(self) -> Numbers:
        """When each row was so, in microseconds since 1970."""
        return np.asarray(self.rows["at"].combine_chunks().cast(pa.int64()).to_numpy())

    def between(self, one: str, other: str) -> Edge | None:
        """The edge between two subjects; None where no row names both."""
        a, b = self._number.get(one), self._number.get(other)
        if a is None or b is None or a == b:
            return None
        rows = np.intersect1d(self._rows_of(a), self._rows_of(b))
        return self.edges([Pair(a, b, rows)])[0] if len(rows) else None

    def way(self, one: str, other: str, budget: int = BUDGET, *, hubs: bool = False) -> Way:
        """A shortest way from one subject to another, the same whenever it is asked for.

        Args:
            one: where it begins.
            other: where it ends.
            budget: subjects that are looked at before it is given up.
            hubs: whether it may go through hubs; it may begin and end at one.
        """
        a, b = self._number.get(one), self._number.get(other)
        if a is None or b is None or a == b:
            return Way((), a == b and a is not None, 0, cut=False, hubs=0)
        came = np.full(len(self.subjects), -1, np.int64)
        came[a], seen = a, ~self._walked
        front, looked, left = np.array([a]), 1, 0
        while len(front) and came[b] < 0 and looked <= budget:
            through = front if hubs else front[~self.hub[front] | (front == a)]
            left += len(front) - len(through)
            front = self._reach(through, came, seen)
            looked += len(front)
        if came[b] < 0:
            return Way((), False, looked, cut=len(front) > 0, hubs=left)
        return Way(tuple(self._steps(a, b, came)), True, looked, cut=False, hubs=left)

    def name(self, subject: str) -> Name:
        """Return the name of a subject; empty if nobody gives one."""
        return self.names.get(subject, Name("", ""))

    def is_hub(self, subject: str) -> bool:
        """Whether a subject is a hub."""
        at = self._number.get(subject)
        return at is not None and bool(self.hub[at])

    def _reach(self, front: Numbers, came: Numbers, seen: npt.NDArray[np.bool_]) -> Numbers:
        """Whom the rows of some subjects name that nobody came to yet; notes from whom, and the rows."""
        which, at = _spread(self._subject_at, front)
        rows, first = np.unique(self._of_subject[at], return_index=True)
        new = ~seen[rows]
        rows, source = rows[new], front[which[first[new]]]
        seen[rows] = True
        which, at = _spread(self._row_at, rows)
        who, first = np.unique(self.subject[at], return_index=True)
        fresh = came[who] < 0
        came[who[fresh]] = source[which[first[fresh]]]
        return np.asarray(who[fresh])

    def _steps(self, a: int, b: int, came: Numbers) -> list[Edge]:
        steps = []
        while b != a:
            before = int(came[b])
            rows = np.intersect1d(self._rows_of(before), self._rows_of(b))
            steps.append(Pair(before, b, rows[self._walked[rows]]))
            b = before
        return self.edges(steps[::-1])

    def edges(self, pairs: Sequence[Pair], whys: int = WHYS) -> list[Edge]:
        """Return the edges of pairs of subjects; `whys`: rows of each that are told."""
        codes, _ = self._coded("kind")
        heads = [_heads(codes[pair.rows]) for pair in pairs]
        wanted = [
            np.union1d(pair.rows[:whys], pair.rows[[first for first, _ in kinds]])
            for pair, kinds in zip(pairs, heads, strict=True)
        ]
        told = self.columns_of(np.concatenate([np.zeros(0, np.int64), *wanted]))
        made = []
        for pair, kinds in zip(pairs, heads, strict=True):
            newest = {row: self._why(told[row], row, pair) for row in pair.rows[:whys].tolist()}
            at = self.moments[pair.rows]
            made.append(
                Edge(
                    self.subjects[pair.one],
                    self.subjects[pair.other],
                    tuple(newest.values()),
                    len(pair.rows),
                    tuple(
                        (newest.get(row) or self._why(told[row], row, pair), count)
                        for row, count in ((int(pair.rows[first]), count) for first, count in kinds)
                    ),
                    EPOCH + timedelta(microseconds=int(at.min())),
                    EPOCH + timedelta(microseconds=int(at.max())),
                )
            )
        return made

    def columns_of(self, rows: Numbers) -> dict[int, dict[str, Any]]:
        """Return the columns of some rows by their number; taken together, which costs a tenth."""
        different = np.unique(rows)
        return dict(zip(different.tolist(), self.rows.take(different).to_pylist(), strict=True))

    def named(self, row: int, who: int) -> tuple[str, ...]:
        """Return the parts that a subject has in a row."""
        here = slice(self._row_at[row], self._row_at[row + 1])
        return tuple(self.parts[part] for part in self.part[here][self.subject[here] == who])

    def _why(self, told: Mapping[str, Any], row: int, pair: Pair) -> Why:
        return Why(**told, one=self.named(row, pair.one), other=self.named(row, pair.other))

    def _rows_of(self, subject: int) -> Numbers:
        return np.unique(self._of_subject[self._subject_at[subject] : self._subject_at[subject + 1]])

    def _with(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """Row and subject of every entry of some rows."""
        which, at = _spread(self._row_at, rows)
        return rows[which], self.subject[at]

    def _coded(self, column: str) -> tuple[Numbers, list[str]]:
        """Return a column of texts as the number of each row's, and the texts."""
        if column not in self._codes:
            coded = self.rows[column].combine_chunks().dictionary_encode()
            self._codes[column] = np.asarray(coded.indices), coded.dictionary.to_pylist()
        return self._codes[column]

    @cached_property
    def _codes(self) -> dict[str, tuple[Numbers, list[str]]]:
        return {}

    @cached_property
    def _type(self) -> Numbers:
        """The type of each subject, as its place in `TYPES`."""
        of = {type_: at for at, type_ in enumerate(TYPES)}
        return np.array([of[key.partition(":")[0]] for key in self.subjects], np.int64)

    @cached_property
    def _number(self) -> Mapping[str, int]:
        return {key: at for at, key in enumerate(self.subjects)}

    @cached_property
    def _of_subject(self) -> Numbers:
        """The row of each entry, in the order of subjects."""
        return np.asarray(self.row[np.argsort(self.subject, kind="stable")])

    @cached_property
    def _subject_at(self) -> Numbers:
        return _starts(self.subject, len(self.subjects))

    @cached_property
    def _row_at(self) -> Numbers:
        return _starts(self.row, self.rows.num_rows)

    @cached_property
    def _walked(self) -> npt.NDArray[np.bool_]:
        """Rows that a way may go by: a judgement that two are different connects them and joins nothing."""
        apart = pc.fill_null(pc.equal(self.rows["verdict"], "different"), fill_value=False)
        return np.asarray(pc.invert(apart.combine_chunks()).to_numpy(zero_copy_only=False))


def _heads(codes: Numbers) -> list[tuple[int, int]]:
    """Return where each code stands first and how often it is there, the most frequent first."""
    _, first, count = np.unique(codes, return_index=True, return_counts=True)
    order = np.lexsort((first, -count)).tolist()
    return [(int(first[at]), int(count[at])) for at in order]


def graph(floor: Floor, reader: Reader, now: datetime, as_of: int | datetime | None = None) -> Graph:
    """The graph of what a reader may see.

    Args:
        floor: where.
        reader: who asks.
        now: when, against which judgements expire.
        as_of: position of the log or moment; None for now.
    """
    made = [*_evidence(floor, reader, as_of), _signals(floor, reader, as_of)]
    made.append(_judgements(floor, reader, now, as_of))
    names = called_in(floor.read("party", reader, as_of, ("subject", "name", "marking"), latest=True))
    return _joined(made, names)


class _Part(NamedTuple):
    """Rows of one kind, and their entries: number of the row, subject, part."""

    rows: pa.Table
    entries: pa.Table


def _evidence(floor: Floor, reader: Reader, as_of: int | datetime | None) -> Iterator[_Part]:
    for kind, columns in COLUMNS.items():
        common = ("record_id", "observed_at", "source", "marking")
        more = ("role",) if kind == "party" else ()
        table = floor.read(kind, reader, as_of, (*common, *columns, *more), latest=True)
        rows = _rows(table, kind, "record_id", "observed_at", "source", **{n: table[n] for n in more})
        yield _Part(rows, pa.concat_tables([_named(table[name], name) for name in columns]))


def _signals(floor: Floor, reader: Reader, as_of: int | datetime | None) -> _Part:
    table = signals(floor, reader, as_of)
    stored = table["reason"].combine_chunks()
    told = {name: pc.struct_field(stored, name) for name in ("message", "params")}
    return _Part(
        _rows(table, "signal", "row_id", "at", "rule", **told), _named(table["subjects"], "subjects")
    )


def _judgements(floor: Floor, reader: Reader, now: datetime, as_of: int | datetime | None) -> _Part:
    pairs = standing(floor.read("judgement", reader, as_of), now)
    rows = [
        {"kind": "judgement", "id": one.record_id, "at": one.at, "source": one.by, "marking": one.marking}
        | {"verdict": one.verdict}
        for one in pairs
    ]
    entries = [
        {"row": at, "subject": key, "part": "subject"}
        for at, one in enumerate(pairs)
        for key in (one.one, one.other)
    ]
    return _Part(pa.Table.from_pylist(rows, schema=_ROWS), pa.Table.from_pylist(entries, schema=_ENTRIES))


def _rows(table: pa.Table, kind: str, id_: str, at: str, source: str, **more: pa.Array) -> pa.Table:
    given = {"id": table[id_], "at": table[at], "source": table[source], "marking": table["marking"], **more}
    arrays = {"kind": pa.array([kind] * table.num_rows, pa.string()), **given}
    nothing = pa.nulls(table.num_rows, pa.string())
    return pa.table([arrays.get(field.name, nothing) for field in _ROWS], schema=_ROWS)


def _named(column: pa.ChunkedArray, part: str) -> pa.Table:
    """Row and subject of each entry of a column of keys, of lists of keys, of mentions or of identifiers."""
    values = column.combine_chunks()
    rows = pa.array(np.arange(len(values)))
    if pa.types.is_list(values.type):
        rows, values = pc.list_parent_indices(values).cast(pa.int64()), pc.list_flatten(values)
    if pa.types.is_struct(values.type):
        values = _identifiers(values) if part == "identifiers" else pc.struct_field(values, "subject")
    there = pc.is_valid(values)
    rows, values = rows.filter(there), values.filter(there)
    parts_ = pa.array([part.removesuffix("s")] * len(rows), pa.string())
    return pa.table([rows, values, parts_], schema=_ENTRIES)


def _identifiers(values: pa.StructArray) -> pa.Array:
    """Typed keys of identifiers, each different one read once; null where it names nothing to share."""
    whole = pa.table({name: pc.struct_field(values, name) for name in ("system", "number", "owner")})
    different = whole.group_by(whole.column_names, use_threads=False).aggregate([])
    keys = [key_of(**one) for one in different.to_pylist()]
    known = different.append_column("key", pa.array(keys, pa.string()))
    order = whole.append_column("n", pa.array(np.arange(len(values))))
    # A join finds no null equal to a null, so a missing owner is written as an empty one.
    found = _plain(order).join(_plain(known), ["system", "number", "owner"]).sort_by("n")
    return found["key"].combine_chunks()


def _plain(table: pa.Table) -> pa.Table:
    at = table.schema.get_field_index("owner")
    return table.set_column(at, "owner", pc.fill_null(table["owner"], ""))


def _joined(made: Sequence[_Part], names: Mapping[str, Name]) -> Graph:
    """One graph of all parts: rows the newest first; those of one subject only where they happen."""
    starts = np.cumsum([0, *(part.rows.num_rows for part in made)])
    rows = pa.concat_tables([part.rows for part in made])
    entries = pa.concat_tables([part.entries for part in made])
    row = np.concatenate(
        [part.entries["row"].to_numpy() + at for part, at in zip(made, starts[:-1].tolist(), strict=True)]
    )
    coded = entries["subject"].combine_chunks().dictionary_encode()
    keys = np.array(coded.dictionary.to_pylist(), object)
    usable = np.array([_is_key(key) for key in keys], np.bool_)
    order = np.argsort(keys) if len(keys) else np.zeros(0, np.int64)
    place = np.empty(len(keys), np.int64)
    place[order] = np.arange(len(keys))
    subject = place[coded.indices.to_numpy().astype(np.int64)] if len(row) else np.zeros(0, np.int64)
    words = entries["part"].combine_chunks().dictionary_encode()
    part = words.indices.to_numpy().astype(np.int64)
    fits = usable[coded.indices.to_numpy().astype(np.int64)] if len(row) else np.zeros(0, np.bool_)
    row, subject, part = row[fits], subject[fits], part[fits]
    pairs = np.unique(np.stack([row, subject]), axis=1)
    named = np.bincount(pairs[0], minlength=rows.num_rows)
    newest = rows.append_column("n", pa.array(np.arange(rows.num_rows)))
    alone = pc.is_in(rows["kind"], pa.array(ALONE)).to_numpy()
    stay = pa.array((named > 1) | ((named == 1) & alone))
    newest = newest.filter(stay).sort_by([("at", "descending"), ("id", "ascending")])
    number = np.full(rows.num_rows, -1, np.int64)
    number[newest["n"].to_numpy()] = np.arange(newest.num_rows)
    row = number[row]
    kept = row >= 0
    row, subject, part = row[kept], subject[kept], part[kept]
    used, subject = np.unique(subject, return_inverse=True)
    by = np.lexsort((part, subject, row))
    row, subject, part = row[by], subject[by], part[by]
    subjects = [str(key) for key in keys[order][used]]
    return Graph(
        subjects,
        {key: names[key] for key in subjects if key in names},
        newest.drop_columns(["n"]),
        row,
        subject,
        part,
        words.dictionary.to_pylist(),
        _hubs(subjects, row, subject, newest.num_rows, int(np.count_nonzero(named > 1))),
    )


def _hubs(
    subjects: Sequence[str], row: Numbers, subject: Numbers, rows: int, several: int
) -> npt.NDArray[np.bool_]:
    """Subjects that would join nobody, by the measure that matters are joined by.

    `several` of the rows name more than one: the others join nobody and do not count.
    """
    pairs = np.unique(np.stack([row, subject]), axis=1)
    company = companies(Named(_starts(pairs[0], rows), pairs[1]), len(subjects))
    caps = np.array([CAPS.get(parts(key)[0], np.inf) for key in subjects], np.float64)
    worth = np.minimum(link_bits(company, several, Rules().world), caps)
    return np.asarray(worth < Rules().least)


def _is_key(text: str) -> bool:
    try:
        parts(text)
    except SubjectError:
        return False
    return True


def _starts(of: Numbers, count: int) -> Numbers:
    """Where the entries of each number begin, entries being in the order of numbers, or sorted to be."""
    return np.concatenate([[0], np.cumsum(np.bincount(of, minlength=count))]).astype(np.int64)


def _spread(starts: Numbers, which: Numbers) -> tuple[Numbers, Numbers]:
    """For each of some numbers, and each of its entries: place of the number in `which`, and of the entry."""
    first, sizes = starts[which], starts[which + 1] - starts[which]
    source = np.repeat(np.arange(len(which)), sizes)
    ahead = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    return source, np.arange(int(sizes.sum())) - np.repeat(ahead, sizes) + np.repeat(first, sizes)


def packed(made: Graph) -> bytes:
    """A graph as bytes, to hand it to another process."""
    entries = pa.table({"row": made.row, "subject": made.subject, "part": made.part})
    names = [made.name(key) for key in made.subjects]
    known = {"subject": made.subjects, "name": [one.text for one in names], "hub": made.hub}
    subjects = pa.table(known | {"marking": [one.marking for one in names]})
    return msgspec.msgpack.encode([*map(streams.packed, (made.rows, entries, subjects)), list(made.parts)])


def unpacked(data: bytes) -> Graph:
    """A graph back."""
    rows, entries, subjects, words = msgspec.msgpack.decode(data)
    rows, entries, subjects = (streams.unpacked(one).combine_chunks() for one in (rows, entries, subjects))
    keys = subjects["subject"].to_pylist()
    told = zip(keys, subjects["name"].to_pylist(), subjects["marking"].to_pylist(), strict=True)
    return Graph(
        keys,
        {key: Name(text, marking) for key, text, marking in told if text},
        rows,
        entries["row"].to_numpy(),
        entries["subject"].to_numpy(),
        entries["part"].to_numpy(),
        words,
        subjects["hub"].to_numpy(zero_copy_only=False),
    )
