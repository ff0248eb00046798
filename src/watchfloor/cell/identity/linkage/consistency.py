"""Consistency of pairs: a row cannot be two persons.

Two rows that one row may be, and that are not one themselves, are rivals: at most one of them is right, so
each pair's odds are divided by one plus the odds of its rivals. Where a copy of a line or a family leaves two
candidates alike, neither is linked.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel

Array = npt.NDArray[Any]

LEAST: Final = -7.0
"""Bits below which a pair is no rival."""

APART: Final = -20.0
"""Bits of two rows that no rule joined."""


def rivalry(one: Array, other: Array, bits: Array, rows: int) -> npt.NDArray[np.float64]:
    """Return the bits that rivals take from each pair, 0 or more.

    Args:
        one, other: the rows of each pair, the first before the second.
        bits: log2-odds that the two are one person.
        rows: number of rows.
    """
    live = np.flatnonzero(bits > LEAST)
    key = one[live].astype(np.int64) * rows + other[live]
    order = np.argsort(key, kind="stable")
    live, key = live[order], key[order]
    ends = np.concatenate([one[live], other[live]])
    met = np.concatenate([other[live], one[live]])
    said = np.concatenate([bits[live], bits[live]])
    by_row = np.argsort(ends, kind="stable")
    start = np.searchsorted(ends[by_row], np.arange(rows + 1))
    taken = np.zeros(len(bits))
    taken[live] = _rivalry(one[live], other[live], bits[live], key, start, met[by_row], said[by_row], rows)
    return taken


@kernel
def _rivalry(
    one: Array, other: Array, bits: Array, key: Array, start: Array, met: Array, said: Array, rows: int
) -> Any:
    taken = np.empty(one.shape[0])
    for k in range(one.shape[0]):
        odds = 0.0
        for side in range(2):
            row, partner = (one[k], other[k]) if side == 0 else (other[k], one[k])
            for x in range(start[row], start[row + 1]):
                rival = met[x]
                if rival == partner:
                    continue
                pair = min(rival, partner) * rows + max(rival, partner)
                at = np.searchsorted(key, pair)
                between = bits[at] if at < key.shape[0] and key[at] == pair else APART
                if between + said[x] <= 0.0:
                    odds += 2.0 ** said[x]
        taken[k] = np.log2(1.0 + odds)
    return taken
