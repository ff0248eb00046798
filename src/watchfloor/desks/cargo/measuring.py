"""Values and masses held against what such goods had so far, by heading, or by chapter where that is little.

A norm is a count of cases on a scale of eight steps a decade: exact, small, and a case can be taken back.
"""

from typing import Any, Final

from watchfloor.core.kernels import unmanaged_kernel as kernel
from watchfloor.desks.cargo.columns import BINS, SHIPPER
from watchfloor.desks.cargo.ledger import DAY

CASES: Final = 500
"""Cases that a norm wants before it says anything."""
LIMIT: Final = 200_000
"""Cases at which a norm's counts are halved, so that it follows what goods come to cost."""
FAR: Final = 8
"""Steps from the median: a factor of ten."""
TAIL: Final = 500
"""One in so many cases lies as far out."""


@kernel()
def measure(book: Any, i: int, k: int, m: int, norms: Any, marks: Any) -> None:
    """Hold a value or a mass against such goods, then let it count: equal ones of a shipper once a day."""
    place = book.bins[i, m]
    if place < 0 or book.norms[i, 2 * m] < 0:
        return
    for deep in range(2):
        norm = norms[book.norms[i, 2 * m + deep]]
        if norm[BINS] < CASES:
            continue
        middle = norm[BINS + 1]
        if abs(place - middle) >= FAR:
            beyond = 0
            low, high = (0, place + 1) if place < middle else (place, BINS)
            for b in range(low, high):
                beyond += norm[b]
            if beyond * TAIL <= norm[BINS]:
                marks.odd[k] |= 1 << m
                marks.norm[k, m, 0], marks.norm[k, m, 1], marks.norm[k, m, 2] = norm[BINS], middle, deep
        break
    for c in range(SHIPPER, SHIPPER + 3):
        j = book.prev[i, c]
        equal = j >= 0 and book.bins[j, m] == place and book.norms[j, 2 * m] == book.norms[i, 2 * m]
        if equal and book.time[i] - book.time[j] < DAY:
            return
    book.counted[i] |= 1 << m
    for deep in range(2):
        norm = norms[book.norms[i, 2 * m + deep]]
        norm[place] += 1
        norm[BINS] += 1
        if norm[BINS] % 64 == 0:
            _settle(norm)


@kernel()
def _settle(norm: Any) -> None:
    """Find the median anew, and halve what has grown large."""
    if norm[BINS] >= LIMIT:
        norm[BINS] = 0
        for b in range(BINS):
            norm[b] //= 2
            norm[BINS] += norm[b]
    below = 0
    for b in range(BINS):
        below += norm[b]
        if 2 * below >= norm[BINS]:
            norm[BINS + 1] = b
            return
