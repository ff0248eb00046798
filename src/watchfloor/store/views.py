"""Views: which of the markings that occur a reader may see, and in which acts of the log.

Masks on derived rows are not enough: a signal made of an open and a hidden record would be hidden as a whole,
and a hidden retraction would take an open signal away. So what desks make is kept once a view, and found by
the view's digest. The digest is of the markings that are visible, so that what is hidden has no part in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import parse
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store import log
from watchfloor.store.database import Database
from watchfloor.store.segments import reading
from watchfloor.store.segments.index import SEGMENT

WHOLE: Final = ""
"""The view of a reader who may see all that occurs."""

Positions = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Marked:
    """The markings of the evidence that each act brought, up to one act.

    Attributes:
        upto: position of that act.
        erased: position of the last erasure by then.
        numbers: the number of each marking that occurs, in the order in which they came.
        firsts, lasts: by number, the first and the last act that brought the marking.
        pairs: position of an act and number of a marking that it brought, by position; each once.
    """

    upto: int
    erased: int
    numbers: dict[str, int]
    firsts: Positions
    lasts: Positions
    pairs: "_Pairs"

    def before(self, upto: int) -> Self:
        """Return the same up to an earlier act."""
        if upto >= self.upto:
            return self
        positions, numbers = self.pairs.arrays
        end = int(np.searchsorted(positions, upto, "right"))
        lasts = np.zeros_like(self.lasts)
        lasts[numbers[:end]] = positions[:end]  # ascending: the last stays
        known = {text: number for text, number in self.numbers.items() if self.firsts[number] <= upto}
        return type(self)(upto, self.erased, known, self.firsts, lasts, self.pairs.cut(end))


class _Pairs(NamedTuple):
    """Columns of pairs, of which `size` count: there is room for more, so that few additions copy them."""

    positions: Positions
    numbers: Numbers
    size: int

    @property
    def arrays(self) -> tuple[Positions, Numbers]:
        """Return the columns, as far as they count."""
        return self.positions[: self.size], self.numbers[: self.size]

    def cut(self, size: int) -> "_Pairs":
        """Return the first of them; whoever adds to these copies them."""
        return _Pairs(self.positions[:size], self.numbers[:size], size)

    def extended(self, positions: Positions, numbers: Numbers) -> "_Pairs":
        """Return these and others behind them. What was there stays, so it may be read meanwhile."""
        size = self.size + len(positions)
        mine, theirs = self.positions, self.numbers
        if size > len(mine):
            mine, theirs = np.empty(2 * size, np.int64), np.empty(2 * size, np.int32)
            mine[: self.size], theirs[: self.size] = self.arrays
        mine[self.size : size], theirs[self.size : size] = positions, numbers
        return _Pairs(mine, theirs, size)


class Occurrences:
    """The markings that each act of a floor brought, for any thread.

    What an act brought never changes but by an erasure. So each segment is read once, and all are read again
    after an erasure: a service that is asked several times a second pays for what is new.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._guard = root, Lock()
        self._known: Marked | None = None

    def marked(self, database: Database) -> Marked:
        """Return what occurs in a snapshot of the catalogue."""
        (upto,) = database.execute("SELECT coalesce(max(position), 0) FROM segments").fetchone()
        erased = log.newest(database, ["erasure"])
        with self._guard:
            known = self._known
            if known is None or known.erased != erased:
                known = Marked(0, erased, {}, _NONE, _NONE, _Pairs(_NONE, _NONE.astype(np.int32), 0))
            if known.upto < upto:
                known = _continued(known, self._root, database, upto)
            if self._known is None or self._known.erased <= known.erased:  # not for an older snapshot
                self._known = known
        return known.before(upto)


_NONE: Final = np.empty(0, np.int64)


def _continued(known: Marked, root: Path, database: Database, upto: int) -> Marked:
    """Add to what is known what later acts up to one brought."""
    numbered = dict(known.numbers)
    found = [
        _of_payload(root, part, numbered)
        for kind in KINDS
        for part in reading.payloads(database, kind, upto=upto, after=known.upto)
    ]
    many = max(len(numbered), 1)
    pairs = np.unique(np.concatenate([_NONE, *(one[:, 0] * many + one[:, 1] for one in found)]))
    positions, numbers = pairs // many, (pairs % many).astype(np.int32)
    firsts, lasts = np.full(len(numbered), upto, np.int64), np.zeros(len(numbered), np.int64)
    np.minimum.at(firsts, numbers, positions)
    np.maximum.at(lasts, numbers, positions)
    firsts[: len(known.firsts)] = known.firsts
    lasts[: len(known.lasts)] = np.maximum(lasts[: len(known.lasts)], known.lasts)
    return Marked(upto, known.erased, numbered, firsts, lasts, known.pairs.extended(positions, numbers))


def _of_payload(root: Path, part: reading.Payload, known: dict[str, int]) -> Positions:
    """Return positions of a payload's acts and numbers of their markings, [N, 2]; new ones are numbered."""
    table = reading.visible(reading.load(root, part, ["marking", SEGMENT], ["marking"]), part.segments, None)
    pairs = table.group_by([SEGMENT, "marking"]).aggregate([])
    numbers = [known.setdefault(text, len(known)) for text in pairs.column("marking").to_pylist()]
    positions = [part.segments[one] for one in pairs.column(SEGMENT).to_pylist()]
    return np.array([positions, numbers], np.int64).T


def seen(marked: Marked, held: Iterable[tuple[int, str]], reader: Reader) -> list[int]:
    """Return positions of the acts that brought something which `reader` may see, in order.

    Args:
        marked: what each act brought.
        held: deliveries of which something was ever quarantined, from `ledger.quarantine_markings`.
        reader: who asks.
    """
    positions, numbers = marked.pairs.arrays
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


def _may(marked: Marked, reader: Reader) -> npt.NDArray[np.bool_]:
    """Return, by number, whether a reader may see what is marked so."""
    may = np.zeros(len(marked.firsts), np.bool_)
    for text, number in marked.numbers.items():
        may[number] = allowed(reader, parse(text))
    return may


def visible(markings: Iterable[str], reader: Reader) -> frozenset[str]:
    """Those of the markings that `reader` may see."""
    return frozenset(text for text in markings if allowed(reader, parse(text)))


def occurring(marked: Marked, upto: int) -> frozenset[str]:
    """Every marking that acts up to a position brought."""
    return frozenset(text for text, number in marked.numbers.items() if marked.firsts[number] <= upto)


def digest(markings: frozenset[str], reader: Reader) -> str:
    """The reader's view of these markings: `WHOLE`, or a digest of those that are visible."""
    mine = visible(markings, reader)
    written = "\n".join(sorted(mine)).encode()
    return WHOLE if mine == markings else blake2b(written, digest_size=16).hexdigest()
