"""Views: which of the markings that occur a reader may see, and in which acts of the log.

Masks on derived rows are not enough: a signal made of an open and a hidden record would be hidden as a whole,
and a hidden retraction would take an open signal away. So what desks make is kept once a view, and found by
the view's digest. The digest is of the markings that are visible, so that what is hidden has no part in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import parse
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store import catalogue, log
from watchfloor.store.database import Database
from watchfloor.store.segments import reading
from watchfloor.store.segments.index import SEGMENT

WHOLE: Final = ""
"""The view of a reader who may see all that occurs."""

Positions = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]


class Label(NamedTuple):
    """The feed and the marking of a row."""

    source: str
    marking: str


@dataclass(frozen=True, slots=True)
class Marked:
    """The rows of evidence that each act brought under each label, up to one act.

    Attributes:
        upto: position of that act.
        erased: position of the last erasure by then.
        restored: how often another log has been found in its place.
        numbers: the number of each label that occurs, in the order in which they came.
        firsts, lasts: by number, the first and the last act that brought the label.
        newest: by number, the latest moment that its rows speak of, in microseconds since 1970.
        pairs: position of an act, number of a label that it brought, and its rows, by position; each once.
    """

    upto: int
    erased: int
    restored: int
    numbers: dict[Label, int]
    firsts: Positions
    lasts: Positions
    newest: Positions
    pairs: "_Pairs"

    def before(self, upto: int) -> Self:
        """Return the same up to an earlier act."""
        if upto >= self.upto:
            return self
        positions, numbers, _ = self.pairs.arrays
        end = int(np.searchsorted(positions, upto, "right"))
        lasts = np.zeros_like(self.lasts)
        lasts[numbers[:end]] = positions[:end]  # ascending: the last stays
        known = {label: number for label, number in self.numbers.items() if self.firsts[number] <= upto}
        pairs = self.pairs.cut(end)
        return replace(self, upto=upto, numbers=known, lasts=lasts, pairs=pairs)


class _Pairs(NamedTuple):
    """Columns of pairs, of which `size` count: there is room for more, so that few additions copy them."""

    positions: Positions
    numbers: Numbers
    rows: Numbers
    size: int

    @property
    def arrays(self) -> tuple[Positions, Numbers, Numbers]:
        """Return the columns, as far as they count."""
        return self.positions[: self.size], self.numbers[: self.size], self.rows[: self.size]

    def cut(self, size: int) -> "_Pairs":
        """Return the first of them; whoever adds to these copies them."""
        return _Pairs(self.positions[:size], self.numbers[:size], self.rows[:size], size)

    def extended(self, positions: Positions, numbers: Numbers, rows: Numbers) -> "_Pairs":
        """Return these and others behind them. What was there stays, so it may be read meanwhile."""
        size = self.size + len(positions)
        mine, theirs, counts, _ = self
        if size > len(mine):
            mine, theirs, counts = (np.empty(2 * size, column.dtype) for column in self.arrays)
            mine[: self.size], theirs[: self.size], counts[: self.size] = self.arrays
        mine[self.size : size], theirs[self.size : size], counts[self.size : size] = positions, numbers, rows
        return _Pairs(mine, theirs, counts, size)


class Occurrences:
    """The rows that each act of a floor brought under each label, for any thread: 16 bytes a pair of these.

    What an act brought never changes but by an erasure. So each segment is read once, and all are read again
    after an erasure: a service that is asked several times a second pays for what is new.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._guard = root, Lock()
        self._known: Marked | None = None
        self._head, self._restored = (0, b""), 0

    def marked(self, database: Database) -> Marked:
        """Return what occurs in a snapshot of the catalogue."""
        (upto,) = database.execute("SELECT coalesce(max(position), 0) FROM segments").fetchone()
        erased = log.newest(database, ["erasure"])
        with self._guard:
            if not self._continues(database):
                self._known, self._head, self._restored = None, (0, b""), self._restored + 1
            if (position := log.head(database)[0]) > self._head[0]:
                self._head = position, log.leaf_at(database, position) or b""
            known = self._known
            if known is None or known.erased != erased:
                few = _NONE.astype(np.int32)
                pairs = _Pairs(_NONE, few, few, 0)
                known = Marked(0, erased, self._restored, {}, _NONE, _NONE, _NONE, pairs)
            if known.upto < upto:
                known = _continued(known, self._root, database, upto)
            if self._known is None or self._known.erased <= known.erased:  # not for an older snapshot
                self._known = known
        return known.before(upto)

    def _continues(self, database: Database) -> bool:
        """Whether a snapshot is of the log that is known: a backup may have been put in its place."""
        position, leaf = self._head
        if not position or log.leaf_at(database, position) == leaf:
            return True
        if log.head(database)[0] >= position:
            return False
        with catalogue.snapshot(self._root) as now:  # it may be of before that position only
            return log.leaf_at(now, position) == leaf


_NONE: Final = np.empty(0, np.int64)
_LONG_AGO: Final = np.iinfo(np.int64).min


def _continued(known: Marked, root: Path, database: Database, upto: int) -> Marked:
    """Add to what is known what later acts up to one brought."""
    numbered = dict(known.numbers)
    found = [
        _of_payload(root, part, numbered)
        for kind in KINDS
        for part in reading.payloads(database, kind, upto=upto, after=known.upto)
    ]
    many = max(len(numbered), 1)
    at, of, rows, moments = np.concatenate([np.empty((4, 0), np.int64), *found], axis=1)
    pairs, where = np.unique(at * many + of, return_inverse=True)
    positions, numbers = pairs // many, (pairs % many).astype(np.int32)
    counts = np.zeros(len(pairs), np.int64)
    np.add.at(counts, where, rows)
    firsts, lasts = np.full(len(numbered), upto, np.int64), np.zeros(len(numbered), np.int64)
    newest = np.full(len(numbered), _LONG_AGO)
    old = slice(len(known.firsts))
    lasts[old], newest[old] = known.lasts, known.newest
    np.minimum.at(firsts, numbers, positions)
    np.maximum.at(lasts, numbers, positions)
    np.maximum.at(newest, of, moments)
    firsts[old] = known.firsts
    extended = known.pairs.extended(positions, numbers, counts.astype(np.int32))
    return Marked(upto, known.erased, known.restored, numbered, firsts, lasts, newest, extended)


def _of_payload(root: Path, part: reading.Payload, known: dict[Label, int]) -> Positions:
    """Return positions of a payload's acts, numbers of their labels, rows and latest moments, [4, N].

    New labels are numbered.
    """
    table = reading.load(root, part, [SEGMENT, *_LABEL, "observed_at"], _LABEL).unify_dictionaries()
    moments = table["observed_at"].cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    (sources, of_source), (markings, of_marking) = (_coded(table[name]) for name in _LABEL)
    many = max(len(sources) * len(markings), 1)
    keys = table[SEGMENT].to_numpy() * np.int64(many) + of_source * len(markings) + of_marking
    rows = pa.table({"key": keys, "moment": moments})
    found = rows.group_by("key").aggregate([([], "count_all"), ("moment", "max")])
    found = found.append_column("moment", found["moment_max"].fill_null(_LONG_AGO))
    made = []
    for key, count, latest in zip(*(found[name].to_pylist() for name in _FOUND), strict=True):
        position, label = part.segments.get(key // many), key % many
        if position is not None:
            one = Label(sources[label // len(markings)], markings[label % len(markings)])
            made.append((position, known.setdefault(one, len(known)), count, latest))
    return np.array(made, np.int64).reshape(-1, 4).T


_LABEL: Final = ("source", "marking")
_FOUND: Final = ("key", "count_all", "moment")


def _coded(column: pa.ChunkedArray) -> tuple[list[str], Positions]:
    """Return the values of a column, and the number of that of each row."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    one = column.combine_chunks()
    return one.dictionary.to_pylist(), one.indices.to_numpy().astype(np.int64)


def seen(marked: Marked, held: Iterable[tuple[int, str]], reader: Reader) -> list[int]:
    """Return positions of the acts that brought something which `reader` may see, in order.

    Args:
        marked: what each act brought.
        held: deliveries of which something was ever quarantined, from `ledger.quarantine_markings`.
        reader: who asks.
    """
    positions, numbers, _ = marked.pairs.arrays
    rows = positions[_may(marked, reader)[numbers]]
    pieces = [position for position, marking in held if allowed(reader, parse(marking))]
    found: list[int] = np.union1d(rows, np.array(pieces, np.int64)).tolist()
    return found


def last_seen(marked: Marked, held: Iterable[tuple[int, str]], reader: Reader) -> int:
    """Return the last of the positions that `seen` gives; 0 for none."""
    last = int(marked.lasts[_may(marked, reader)].max(initial=0))
    for position, marking in held:
        if position <= last:
            break
        if allowed(reader, parse(marking)):
            return position
    return last


def brought(marked: Marked, reader: Reader, source: str) -> tuple[Positions, Positions]:
    """Return positions of the acts that brought rows of a feed which `reader` may see, and how many, [N]."""
    positions, numbers, rows = marked.pairs.arrays
    mine = _may(marked, reader, source)[numbers]
    at, where = np.unique(positions[mine], return_inverse=True)
    return at, np.bincount(where, rows[mine], len(at)).astype(np.int64)


def markings_at(marked: Marked, positions: Iterable[int]) -> dict[int, frozenset[str]]:
    """Return, by position, the markings of the rows that the act there brought."""
    at, numbers, _ = marked.pairs.arrays
    of = {number: label.marking for label, number in marked.numbers.items()}
    wanted = list(positions)
    ends = (np.searchsorted(at, wanted, side) for side in ("left", "right"))
    found = zip(wanted, *(end.tolist() for end in ends), strict=True)
    return {position: frozenset(of[one] for one in numbers[i:j].tolist()) for position, i, j in found}


def tallies(marked: Marked) -> pa.Table:
    """Return `source`, `marking`, `rows` and the latest `observed_at` of each label."""
    _, numbers, rows = marked.pairs.arrays
    of = np.fromiter(marked.numbers.values(), np.int64, len(marked.numbers))
    sums = np.bincount(numbers, rows, len(marked.firsts)).astype(np.int64)
    columns = [pa.array([label[at] for label in marked.numbers], pa.string()) for at in range(2)]
    moments = pa.array(marked.newest[of]).cast(pa.timestamp("us", "UTC"))
    return pa.table([*columns, pa.array(sums[of]), moments], ["source", "marking", "rows", "observed_at"])


def _may(marked: Marked, reader: Reader, source: str | None = None) -> npt.NDArray[np.bool_]:
    """Return, by number, whether a reader may see what has the label; of one feed or of all."""
    may = np.zeros(len(marked.firsts), np.bool_)
    mine = visible({label.marking for label in marked.numbers}, reader)
    for label, number in marked.numbers.items():
        may[number] = label.marking in mine and source in (None, label.source)
    return may


def visible(markings: Iterable[str], reader: Reader) -> frozenset[str]:
    """Those of the markings that `reader` may see."""
    return frozenset(text for text in markings if allowed(reader, parse(text)))


def occurring(marked: Marked, upto: int) -> frozenset[str]:
    """Every marking that acts up to a position brought."""
    return frozenset(
        label.marking for label, number in marked.numbers.items() if marked.firsts[number] <= upto
    )


def digest(markings: frozenset[str], reader: Reader) -> str:
    """The reader's view of these markings: `WHOLE`, or a digest of those that are visible."""
    mine = visible(markings, reader)
    written = "\n".join(sorted(mine)).encode()
    return WHOLE if mine == markings else blake2b(written, digest_size=16).hexdigest()
