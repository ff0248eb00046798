"""Lines joined to the newest before them on each chain, and lines that end others."""

from typing import Any

import numpy as np

from watchfloor.desks.cargo.columns import BINS, CHAINS, ITEM, PLACE, SAME
from watchfloor.desks.cargo.ledger import HALF, KEPT, LIVES, RULES, WALK
from watchfloor.desks.cargo.routes import trip
from watchfloor.desks.cargo.tallies import find
from watchfloor.records.kernels import unmanaged_kernel as kernel


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
