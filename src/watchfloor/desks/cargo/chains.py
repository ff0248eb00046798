"""Counts along chains: items just under a threshold, equal goods, pages, names.

A count is kept with its line. A line is marked where its count is in a higher band than any of those it was
counted from, so that what goes on all day marks few lines.
"""

from typing import Any, Final

from watchfloor.core.kernels import unmanaged_kernel as kernel
from watchfloor.desks.cargo.columns import ITEM, NAMES, PAGE, SAME, SHIPPER
from watchfloor.desks.cargo.ledger import DAY, KEPT, LIVES, RULES, WALK

SPLIT, SAME_GOODS, SAME_PAGE, CONSIGNEE_NAMES, SHIPPER_NAMES = range(RULES)

SPLIT_WIDTH: Final = 7 * DAY
LEAST_SPLIT: Final = 3
LEAST_SMALL: Final = 5
LEAST_PACKETS: Final = 8
"""Items just under a threshold of over `SMALL_CAD` dollars, just under a lower one, and light packets that no
value is known of. Judgement."""
SMALL_CAD: Final = 1000.0
LEAST_SHIPPERS: Final = 6
LEAST_PAGE: Final = 3
LEAST_NAMES: Final = 5


@kernel()
def count_all(book: Any, i: int, k: int, least: Any, work: Any, marks: Any) -> None:
    """Count for each rule along its chains, and mark the lines where a count grew."""
    if book.small[i] != 0:
        for c in range(SHIPPER):
            _split(book, i, k, c, least, work, marks)
    _others(book, i, k, SAME, SAME_GOODS, LEAST_SHIPPERS, work, marks)
    _others(book, i, k, PAGE, SAME_PAGE, LEAST_PAGE, work, marks)
    for side in range(2):
        if book.keys[i, NAMES + side] != 0:
            for c in range(3 * side, 3 * side + 3):
                _spelled(book, i, k, c, side, work, marks)


@kernel()
def _told(
    book: Any, i: int, k: int, rule: int, chain: int, count: int, most: int, least: int, marks: Any
) -> None:
    """Keep a count, and mark the line where the count is in a higher band than any it was before."""
    if count <= book.counts[i, rule]:
        return
    book.counts[i, rule] = count
    marks.chain[k, rule] = chain
    if band(count, least) > band(most, least):
        marks.fires[k] |= 1 << rule
    else:
        marks.fires[k] &= ~(1 << rule)


@kernel(inline="always")
def band(count: int, least: int) -> int:
    """0 below the least, then one more for each doubling."""
    found = 0
    while count >= least:
        found += 1
        least *= 2
    return found


@kernel()
def shares(book: Any, i: int, j: int, start: int) -> bool:
    """Whether two lines have a key of a party in common."""
    found = False
    for c in range(start, start + 3):
        found = found or (book.keys[i, c] != 0 and book.keys[i, c] == book.keys[j, c])
    return found


@kernel()
def alike(book: Any, i: int, j: int) -> bool:
    """Whether two lines to one consignee may be parts of one consignment: the same goods or shipper."""
    if book.small[i] & book.small[j] == 0:
        return False
    if book.goods[i] != 0 and book.goods[i] == book.goods[j]:
        return True
    if book.heading[i] >= 0 and book.heading[i] == book.heading[j]:
        return True
    return shares(book, i, j, SHIPPER)


@kernel()
def _split(book: Any, i: int, k: int, chain: int, least: Any, work: Any, marks: Any) -> None:
    work[0] = book.keys[i, ITEM]
    count, most, j = 1, 0, book.prev[i, chain]
    for _ in range(WALK):
        if j < 0 or book.time[j] < book.time[i] - SPLIT_WIDTH:
            break
        if book.died[j] == LIVES and alike(book, i, j):
            most = max(most, book.counts[j, SPLIT])
            count = _noted(work, count, book.keys[j, ITEM])
        j = book.prev[j, chain]
    wanted = 255
    for bit in range(32):
        if book.small[i] >> bit & 1:
            wanted = min(wanted, least[bit])
    _told(book, i, k, SPLIT, chain, count, most, wanted, marks)


@kernel()
def _noted(work: Any, count: int, key: Any) -> int:
    for w in range(count):
        if work[w] == key:
            return count
    work[count] = key
    return count + 1


@kernel()
def _others(book: Any, i: int, k: int, chain: int, rule: int, least: int, work: Any, marks: Any) -> None:
    """Shippers along a chain that share nothing with this line's, nor with one another's newest line."""
    if book.prev[i, chain] < 0 or not _has(book, i, SHIPPER):
        return
    count, most, j = 1, 0, book.prev[i, chain]
    for _ in range(WALK):
        if j < 0 or book.time[j] < book.time[i] - KEPT:
            break
        if book.died[j] == LIVES and _has(book, j, SHIPPER) and book.keys[j, ITEM] != book.keys[i, ITEM]:
            most = max(most, book.counts[j, rule])
            if _apart(book, i, j, work, count):
                work[count] = j
                count += 1
        j = book.prev[j, chain]
    _told(book, i, k, rule, chain, count, most, least, marks)


@kernel()
def _apart(book: Any, i: int, j: int, work: Any, count: int) -> bool:
    """Whether the shipper of a line shares nothing with that of another, nor with those counted before it."""
    found = shares(book, i, j, SHIPPER)
    for w in range(1, count):
        found = found or shares(book, int(work[w]), j, SHIPPER)
    return not found


@kernel()
def _has(book: Any, i: int, start: int) -> bool:
    return bool(book.keys[i, start] | book.keys[i, start + 1] | book.keys[i, start + 2])


@kernel()
def _spelled(book: Any, i: int, k: int, chain: int, side: int, work: Any, marks: Any) -> None:
    rule = CONSIGNEE_NAMES + side
    j = book.prev[i, chain]
    again = j >= 0 and book.died[j] == LIVES and book.keys[i, NAMES + side] == book.keys[j, NAMES + side]
    if again and book.counts[j, rule] < LEAST_NAMES:  # the same name again, where there was nothing to say
        book.counts[i, rule] = max(book.counts[i, rule], book.counts[j, rule])
        return
    work[0] = book.keys[i, NAMES + side]
    count, most, j = 1, 0, book.prev[i, chain]
    for _ in range(WALK):
        if j < 0 or book.time[j] < book.time[i] - KEPT:
            break
        if book.died[j] == LIVES and book.keys[j, NAMES + side] != 0:
            most = max(most, book.counts[j, rule])
            count = _noted(work, count, book.keys[j, NAMES + side])
        j = book.prev[j, chain]
    _told(book, i, k, rule, chain, count, most, LEAST_NAMES, marks)
