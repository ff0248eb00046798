"""Whole numbers by keys of 64 bits, for compiled code: open addressing, at least half empty."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from watchfloor.core.kernels import unmanaged_kernel as kernel


class Tally(NamedTuple):
    """Keys (0: free) and their numbers [a power of two], and how many keys there are."""

    keys: Any
    values: Any
    used: int

    def holding(self, used: int) -> "Tally":
        """The same, with a count."""
        return self._replace(used=used)


def empty(size: int = 64) -> Tally:
    """A tally without keys."""
    return Tally(np.zeros(size, np.uint64), np.zeros(size, np.int64), 0)


def with_room(tally: Tally, more: int) -> Tally:
    """The same, with room for so many more keys."""
    size = len(tally.keys)
    while size < 2 * (tally.used + more):
        size *= 2
    return tally if size == len(tally.keys) else _moved(tally.keys, tally.values, size)


def without(tally: Tally, first: int) -> Tally:
    """Without keys whose number is below `first`; the others' numbers are less by it."""
    kept = (tally.keys != 0) & (tally.values >= first)
    return _moved(tally.keys[kept], tally.values[kept] - first, len(tally.keys))


def _moved(keys: Any, values: Any, size: int) -> Tally:
    made = empty(size)
    used = np.zeros(1, np.int64)
    _put(made.keys, made.values, used, keys, values)
    return made.holding(int(used[0]))


@kernel()
def _put(keys: Any, values: Any, used: Any, others: Any, theirs: Any) -> None:
    for k in range(len(others)):
        if others[k] != 0:
            add(keys, values, used, 0, others[k], theirs[k])


@kernel()
def find(keys: Any, key: Any) -> Any:
    """Where a key stands or would stand, and whether it is not there yet."""
    mask = np.uint64(len(keys) - 1)
    slot = (key ^ (key >> np.uint64(32))) & mask
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + np.uint64(1)) & mask
    return slot, keys[slot] == 0


@kernel()
def add(keys: Any, values: Any, used: Any, which: int, key: Any, more: int) -> Any:
    """Add to a key's number, from 0 where it is new; gives the number before."""
    slot, fresh = find(keys, key)
    if fresh:
        keys[slot] = key
        values[slot] = 0
        used[which] += 1
    before = values[slot]
    values[slot] = before + more
    return before


def frozen(tally: Tally) -> pa.Table:
    """The keys that there are, with their numbers."""
    kept = tally.keys != 0
    return pa.table({"key": pa.array(tally.keys[kept]), "value": pa.array(tally.values[kept])})


def thawed(rows: pa.Table) -> Tally:
    """The tally back from `frozen`."""
    keys, values = (np.asarray(rows[name].to_numpy()) for name in ("key", "value"))
    size = 64
    while size < 2 * len(keys):
        size *= 2
    return _moved(keys, values, size)
