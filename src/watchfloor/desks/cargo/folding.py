"""The compiled fold: each line joined to those before it, counted, and held against what was seen so far.

Everything told of a line is told of it and the lines before it, one after the other; how they were cut into
batches cannot matter. Python looks only at lines that this marks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kernels import unmanaged_kernel as kernel
from watchfloor.desks.cargo import ledger, tallies
from watchfloor.desks.cargo.chains import count_all
from watchfloor.desks.cargo.columns import BINS, CHAINS, ITEM, PLACE, SAME, Lines
from watchfloor.desks.cargo.ledger import HALF, KEPT, LIVES, RULES, WALK, Ledger
from watchfloor.desks.cargo.measuring import measure
from watchfloor.desks.cargo.routes import trip, way
from watchfloor.desks.cargo.tallies import Tally, find


class Marks(NamedTuple):
    """Marks of the fold, a row a line.

    Attributes:
        killed: number of the line whose place it takes, -1: none.
        fires: a bit for each rule whose count grew.
        chain: [n, RULES] along which chain.
        odd: bits 1 and 2: value and mass far out; 4 and 8: a way and a handler that are new.
        norm: [n, 2, 3] of what is far out: cases, median's step, and 1 where only the chapter knows enough.
        way: [n, 2, 2] of a new way: the shipper's consignments, and how many of its ways it took once.
    """

    killed: Any
    fires: Any
    chain: Any
    odd: Any
    norm: Any
    way: Any


@dataclass(slots=True)
class Fold:
    """State of the compiled fold.

    Attributes:
        ledger: lines.
        newest: newest line on each chain, by the chain's key.
        trips: of each shipper and each of its ways, how often.
        places: where each norm stands in `norms`.
        norms: [n, BINS + 2] cases by step, then all cases, then the median's step.
    """

    ledger: Ledger = field(default_factory=Ledger)
    newest: Tally = field(default_factory=tallies.empty)
    trips: Tally = field(default_factory=tallies.empty)
    places: dict[int, int] = field(default_factory=dict)
    norms: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, BINS + 2), np.int32))


def fold_lines(state: Fold, lines: Lines, texts: pa.Table, least: npt.NDArray[np.int64]) -> Marks:
    """Fold lines; they are appended to the ledger.

    Args:
        state: is changed.
        lines: their columns.
        texts: what is kept of them to be said.
        least: [32] how many items each bit of `small` asks for.
    """
    count, ledger = len(lines.time), state.ledger
    marks = Marks(
        np.full(count, -1),
        np.zeros(count, np.uint8),
        np.zeros((count, RULES), np.int8),
        np.zeros(count, np.uint8),
        np.zeros((count, 2, 3), np.int64),
        np.zeros((count, 2, 2), np.int64),
    )
    placed = _placed(state, lines.norms)
    start = ledger.count
    ledger.add(lines._replace(norms=placed), texts)
    state.newest = tallies.with_room(state.newest, count * CHAINS)
    state.trips = tallies.with_room(state.trips, count * 6)
    work = np.zeros(WALK + 2, np.uint64)
    used = np.array([state.newest.used, state.trips.used])
    _fold(
        ledger.book, start, ledger.count, ledger.base, ledger.began,
        state.newest.keys, state.newest.values, state.trips.keys, state.trips.values, used,
        state.norms, least, work, marks,
    )  # fmt: skip
    state.newest, state.trips = state.newest.holding(int(used[0])), state.trips.holding(int(used[1]))
    return marks


def newest(state: Fold, chain: int, key: int) -> int:
    """Number of the newest line on a chain, as of the last one folded; -1 where there is none."""
    at = int(newest_of(state.newest.keys, state.newest.values, np.uint64(key), chain))
    return at if at < 0 else at + state.ledger.base


def frozen(state: Fold) -> dict[str, pa.Table]:
    """The state as tables by name."""
    norms = state.norms[: len(state.places)]
    return ledger.frozen(state.ledger) | {
        "newest": tallies.frozen(state.newest),
        "trips": tallies.frozen(state.trips),
        "norms": pa.table(
            {
                "key": pa.array(list(state.places), pa.int64()),
                "cases": pa.array([one.tobytes() for one in norms], pa.binary()),
            }
        ),
    }


def thawed(_: Any, parts: Mapping[str, pa.Table]) -> Fold:
    """The state back from `frozen`."""
    keys, cases = (parts["norms"][name].to_pylist() for name in ("key", "cases"))
    norms = np.frombuffer(b"".join(cases), np.int32).reshape(-1, BINS + 2).copy()
    return Fold(
        ledger.thawed(parts),
        tallies.thawed(parts["newest"]),
        tallies.thawed(parts["trips"]),
        {key: at for at, key in enumerate(keys)},
        norms,
    )


def forget(state: Fold, now: int) -> None:
    """Let go of lines that nothing to come can see."""
    if old := state.ledger.forgettable(now):
        state.ledger.forget(old)
        state.newest = tallies.without(state.newest, old)


def _placed(state: Fold, keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where the norms of lines stand; room is made for those that are new."""
    every, back = np.unique(keys, return_inverse=True)
    places = [-1 if key < 0 else state.places.setdefault(key, len(state.places)) for key in every.tolist()]
    if (more := len(state.places) - len(state.norms)) > 0:
        more = max(more, len(state.norms))
        state.norms = np.vstack([state.norms, np.zeros((more, BINS + 2), np.int32)])
    return np.array(places, np.int64)[back].reshape(keys.shape)


@kernel()
def _fold(
    book: Any,
    start: int,
    end: int,
    base: int,
    began: int,
    keys: Any,
    newest: Any,
    trip_keys: Any,
    trips: Any,
    used: Any,
    norms: Any,
    least: Any,
    work: Any,
    marks: Any,
) -> None:
    for i in range(start, end):
        k = i - start
        link(book, i, began, keys, newest, used)
        correct(book, i, k, base, keys, newest, trip_keys, trips, used, norms, marks)
        for m in range(2):
            measure(book, i, k, m, norms, marks)
            way(book, i, k, m, trip_keys, trips, used, marks)
        count_all(book, i, k, least, work, marks)


# Lines joined to the newest before them on each chain, and lines that end others.


@kernel(inline="always")
def chained(key: Any, chain: int) -> Any:
    """The key of a key on one chain."""
    return (key ^ np.uint64(chain)) * np.uint64(0x9E3779B97F4A7C15)


@kernel()
def newest_of(keys: Any, values: Any, key: Any, chain: int) -> int:
    """The newest line on a chain, -1 where there is none."""
    slot, fresh = find(keys, chained(key, chain))
    return -1 if fresh else values[slot]


@kernel()
def link(book: Any, i: int, began: int, keys: Any, newest: Any, used: Any) -> None:
    """Join a line to the newest before it on each chain, and tell whether its parties are new."""
    for c in range(CHAINS):
        if book.keys[i, c] == 0:
            continue
        key = chained(book.keys[i, c], c)
        slot, fresh = find(keys, key)
        book.busy[i, c] = 1.0
        if fresh:
            keys[slot] = key
            used[0] += 1
        else:
            j = book.prev[i, c] = newest[slot]
            if not ITEM <= c <= SAME and book.time[i] - book.time[j] <= KEPT:
                book.busy[i, c] += book.busy[j, c] * 0.5 ** ((book.time[i] - book.time[j]) / HALF)
        newest[slot] = i
    if book.time[i] - began < KEPT // 2:
        return
    for side in range(2):
        told, known = False, False
        for c in range(3 * side, 3 * side + 3):
            j = book.prev[i, c]
            told = told or book.keys[i, c] != 0
            known = known or (j >= 0 and book.time[i] - book.time[j] <= KEPT)
        if told and not known:
            book.new[i] |= 1 << side


@kernel()
def correct(
    book: Any,
    i: int,
    k: int,
    base: int,
    keys: Any,
    newest: Any,
    trip_keys: Any,
    trips: Any,
    used: Any,
    norms: Any,
    marks: Any,
) -> None:
    """End the line whose place a line takes, and take its part back from norms, ways and counts."""
    j = book.prev[i, PLACE]
    if j < 0 or book.died[j] != LIVES or book.time[i] - book.time[j] > KEPT:
        return
    book.died[j] = base + i
    marks.killed[k] = base + j
    _uncount(book, j, keys, newest)
    for m in range(2):
        if book.counted[j] & (1 << m):
            for deep in range(2):
                norm = norms[book.norms[j, 2 * m + deep]]
                if norm[book.bins[j, m]] > 0:
                    norm[book.bins[j, m]] -= 1
                    norm[BINS] -= 1
        if book.counted[j] & (4 << m):
            trip(book, j, m, -1, trip_keys, trips, used)


@kernel()
def _uncount(book: Any, j: int, keys: Any, newest: Any) -> None:
    """Let lines that may have counted a line hold back no more what comes after them."""
    for c in range(CHAINS):
        if book.keys[j, c] == 0 or c in (ITEM, PLACE):
            continue
        x = newest_of(keys, newest, book.keys[j, c], c)
        for _ in range(WALK):
            if x <= j:
                break
            for rule in range(RULES):
                book.counts[x, rule] = 0
            x = book.prev[x, c]
