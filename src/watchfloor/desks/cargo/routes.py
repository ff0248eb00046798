"""The ways that shippers take: a way that is new to one who seldom takes a new one."""

from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import unmanaged_kernel as kernel
from watchfloor.desks.cargo.tallies import add, find

TRIPS: Final = 20
"""Consignments of a shipper that its ways are judged by."""
SELDOM: Final = 20
"""A new way is odd where one in so many of the shipper's ways was new."""

ODD_WAY, ODD_HANDLER = 4, 8


@kernel()
def way(book: Any, i: int, k: int, m: int, keys: Any, trips: Any, used: Any, marks: Any) -> None:
    """Whether a shipper takes a way for the first time that seldom takes a new one, then let it count.

    The chance of a way never taken is the share of those taken once (I. J. Good, Biometrika 40, 1953).
    """
    if book.lane[i] == 0 or book.ways[i, m] == 0:
        return
    slot, fresh = find(keys, book.lane[i] ^ np.uint64(m + 1))
    count = 0 if fresh else trips[slot]
    if count >= TRIPS:
        slot, fresh = find(keys, _pair(book, i, m))
        if fresh or trips[slot] == 0:
            slot, fresh = find(keys, book.lane[i] ^ np.uint64(m + 3))
            once = 0 if fresh else trips[slot]
            if once * SELDOM <= count:
                marks.odd[k] |= ODD_WAY << m
                marks.way[k, m, 0], marks.way[k, m, 1] = count, once
    book.counted[i] |= 4 << m
    trip(book, i, m, 1, keys, trips, used)


@kernel()
def _pair(book: Any, i: int, m: int) -> Any:
    return (book.lane[i] ^ (book.ways[i, m] >> np.uint64(1))) * np.uint64(0x9E3779B97F4A7C15)


@kernel()
def trip(book: Any, i: int, m: int, sign: int, keys: Any, trips: Any, used: Any) -> None:
    """Count a consignment on its way, or take it off: all of the shipper, this way, ways taken once."""
    add(keys, trips, used, 1, book.lane[i] ^ np.uint64(m + 1), sign)
    before = add(keys, trips, used, 1, _pair(book, i, m), sign)
    once = int(before + sign == 1) - int(before == 1)
    if once != 0:
        add(keys, trips, used, 1, book.lane[i] ^ np.uint64(m + 3), once)
