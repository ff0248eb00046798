"""Rows found by a 64-bit key: an open-addressing hash beside a structured array."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel

Array = npt.NDArray[Any]


class Keyed:
    """A structured array whose field `id` is its key, in the order in which keys came.

    Attributes:
        rows: the rows, with room at the end.
        count: how many there are.
    """

    def __init__(self, rows: Array) -> None:
        """Rows of distinct ids."""
        self.count = 0
        self.rows = np.zeros(max(64, 1 << (len(rows) - 1).bit_length()), rows.dtype)  # hashing masks bits
        self._index = np.full(2 * len(self.rows), -1, np.int32)
        self.places(rows["id"].copy())  # as ids always come: each layout would be compiled for itself
        self.rows[: len(rows)] = rows

    @property
    def live(self) -> Array:
        """The rows there are, a view."""
        return self.rows[: self.count]

    def places(self, ids: Array) -> npt.NDArray[np.int32]:
        """The row of each key; a new key gets a new row of zeros."""
        place = np.empty(len(ids), np.int32)
        done = 0
        while True:
            self.count, done = _places(ids, self.rows, self._index, self.count, place, done)
            if done == len(ids):
                return place
            self._room()

    def keep(self, kept: Array) -> None:
        """Only those rows whose number is true in a mask over `live`."""
        fresh = Keyed(self.live[kept])
        self.rows, self.count, self._index = fresh.rows, fresh.count, fresh._index

    def _room(self) -> None:
        more = np.zeros(2 * len(self.rows), self.rows.dtype)
        more[: self.count] = self.live
        self.rows, count, self.count = more, self.count, 0
        ids = more["id"][:count].copy()
        self._index = np.full(2 * len(more), -1, np.int32)
        self.count, _ = _places(ids, self.rows, self._index, 0, np.empty(count, np.int32), 0)


@kernel
def _places(ids: Array, rows: Array, index: Array, count: int, place: Array, done: int) -> tuple[int, int]:
    """Fill `place` from `done` on until a new key has no room; a bit of Fibonacci hashing (Knuth, 6.4)."""
    mask = len(index) - 1
    for i in range(done, len(ids)):
        at = (np.uint64(ids[i]) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & np.uint64(mask)
        while index[at] >= 0 and rows[index[at]].id != ids[i]:
            at = (at + np.uint64(1)) & np.uint64(mask)
        if index[at] < 0:
            if count == len(rows):
                return count, i
            rows[count].id = ids[i]
            index[at] = count
            count += 1
        place[i] = index[at]
    return count, len(ids)


def joined(parts: Iterable[Array]) -> Array:
    """Structured arrays of one type, end to end."""
    return np.concatenate(list(parts))
