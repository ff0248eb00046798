"""What is remembered of the graph, as arrays of records: accounts, pairs, payments, and who neighbours whom.

A pair is one account that pays another. It is active while a payment of it lies in the widest window of the
graph; then each of the two has the other in a block of neighbours, which lie side by side in `cells` so that
a walk over them reads memory in order. Blocks double when they are full, and those left behind are used
again.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from watchfloor.desks.finance.engine.kernel import kernel
from watchfloor.desks.finance.engine.sums import SUMS

OUT: Final = 0
"""Index of what an account pays."""
IN: Final = 1
"""Index of what it is paid."""

NONE: Final = -1
CLASSES: Final = 40
"""Sizes of blocks, 2 to the power of their class."""

SIDE: Final = np.dtype([(name, "i8") for name in ("start", "size", "klass", "newest")])
"""What an account pays, or is paid: where the block of its neighbours starts in `cells`, how many lie in it,
its class (-1: none yet), and the newest payment (-1: none)."""

MARK: Final = np.dtype([("of", "i8"), ("by", "i8")])
"""Notes of a kernel about an account while it looks at one payment: which (`of`), and by which pair."""

PAIR: Final = np.dtype(
    [
        *((name, "i8") for name in ("payer", "payee", "count", "newest", "oldest", "out_at", "in_at")),
        *((name, "i8") for name in ("ever", "since", "last")),
    ]
)
"""Payments of it in the graph's window (`count`), the `newest` and `oldest` of them, where the payee lies in
the payer's block and the payer in the payee's; how many there `ever` were, `since` when (µs), and when the
`last` was made."""

EDGE: Final = np.dtype(
    [
        *((name, "i8") for name in ("time", "pair", "before", "after", "older_out", "older_in")),
        ("amount", "f8"),
    ]
)
"""A payment: µs, its pair, the payments of the same pair `before` and `after` it (-1: none), the one before
it that its payer paid (`older_out`) and that its payee was paid (`older_in`), its amount."""

CELL: Final = np.dtype([("account", "i4"), ("pair", "i4")])
"""A neighbour, and the pair that it is one by."""

CLOCK: Final = np.dtype(
    [("pairs", "i8"), ("base", "i8"), ("end", "i8"), ("cells", "i8"), ("accounts", "i8"), ("cut", "i8")]
)
"""How many `pairs`, `cells` and `accounts` there are; numbers of the first payment kept (`base`) and of the
next (`end`); how many walks were `cut` short by a budget."""

WINDOW: Final = np.dtype([("width", "i8"), ("low", "i8")])
"""Its width (µs), and the number of the oldest payment in it. A payment as old as the width is out of it."""


class Graph(NamedTuple):
    """The arrays, as kernels take them.

    Attributes:
        clock: one `CLOCK`.
        windows: a `WINDOW` each, the graph's own first.
        sides: a `SIDE` each for what an account pays and is paid, [account, out or in].
        marks: a `MARK` for each account.
        pairs: a `PAIR` each.
        slots: pairs by payer and payee, an open table of hashes (-1: free); its length is a power of two.
        edges: an `EDGE` for each payment kept, the first of them number `base`.
        cells: blocks of neighbours, a `CELL` each.
        spare: for each class the first block that is free (-1: none); its first cell names the next one.
        fans: pairs of an account in each window, [account, window, out or in].
        sums: amounts in each window, [account, window, out or in, SUMS].
        counts: payments of a pair in each window, [pair, window].
        heaps: what lies in an account, a `passing.HEAP` each.
        ways: what went out of an account and into it, a `passing.WAY` each, [account, out or in].
        recent: the last payments of an account, [account, out or in, `matches.KEPT`] of `matches.RECENT`.
        around: what its neighbours are like, [account, out or in, steps away, `around.DESCRIBED`].
    """

    clock: Any
    windows: Any
    sides: Any
    marks: Any
    pairs: Any
    slots: Any
    edges: Any
    cells: Any
    spare: Any
    fans: Any
    sums: Any
    counts: Any
    heaps: Any
    ways: Any
    recent: Any
    around: Any


def empty(
    widths: tuple[int, ...],
    heap: np.dtype[Any],
    way: np.dtype[Any],
    recent: tuple[np.dtype[Any], int],
    around: tuple[int, ...],
) -> Graph:
    """A graph without payments.

    Args:
        widths: of its windows, µs, the first that of the graph's own.
        heap: type of the rows of `heaps`.
        way: type of the rows of `ways`.
        recent: type of the rows of `recent`, and how many there are.
        around: shape of a row of `around`.
    """
    windows = np.zeros(len(widths), WINDOW)
    windows["width"] = widths
    return Graph(
        np.zeros(1, CLOCK),
        windows,
        np.zeros((0, 2), SIDE),
        np.zeros(0, MARK),
        np.zeros(0, PAIR),
        np.full(16, NONE),
        np.zeros(0, EDGE),
        np.zeros(0, CELL),
        np.full(CLASSES, NONE),
        np.zeros((0, len(widths), 2), np.int32),
        np.zeros((0, len(widths), 2, SUMS)),
        np.zeros((0, len(widths)), np.int32),
        np.zeros(0, heap),
        np.zeros((0, 2), way),
        np.zeros((0, 2, recent[1]), recent[0]),
        np.zeros((0, *around)),
    )


def with_room(graph: Graph, accounts: int, payments: int) -> Graph:
    """The graph with room for that many accounts in all, and for that many payments more."""
    clock = graph.clock[0]
    pairs = int(clock["pairs"]) + payments
    kept = _compact(graph)
    slots = graph.slots if len(graph.slots) >= 2 * pairs else _more_slots(graph, pairs)
    doubled = 4 << int(graph.sides["klass"].max(initial=0))  # the two greatest blocks, made twice as large
    clock["accounts"] = max(int(clock["accounts"]), accounts)
    return graph._replace(
        sides=_more_sides(graph.sides, accounts),
        marks=_more(graph.marks, accounts),
        pairs=_more(graph.pairs, pairs),
        slots=slots,
        edges=_more(kept, int(clock["end"] - clock["base"]) + payments),
        cells=_more(graph.cells, int(clock["cells"]) + max(4 * payments, doubled)),
        fans=_more(graph.fans, accounts),
        sums=_more(graph.sums, accounts),
        counts=_more(graph.counts, pairs),
        heaps=_more(graph.heaps, accounts),
        ways=_more(graph.ways, accounts),
        recent=_more(graph.recent, accounts),
        around=_more(graph.around, accounts),
    )


def _grown(array: Any, size: int) -> int:
    return max(size, len(array) + len(array) // 2)


def _more(array: Any, size: int) -> Any:
    """An array with at least `size` rows; new ones are zero."""
    if len(array) >= size:
        return array
    made = np.zeros((_grown(array, size), *array.shape[1:]), array.dtype)
    made[: len(array)] = array
    return made


def _more_sides(sides: Any, size: int) -> Any:
    made = _more(sides, size)
    made["klass"][len(sides) :] = made["newest"][len(sides) :] = NONE
    return made


def _compact(graph: Graph) -> Any:
    """The payments without those that every window has passed, once they are the greater part."""
    clock = graph.clock[0]
    low, base, end = int(graph.windows["low"].min()), int(clock["base"]), int(clock["end"])
    if low - base <= (end - base) // 2:
        return graph.edges
    clock["base"] = low
    return np.concatenate((graph.edges[low - base : end - base], np.zeros(low - base, EDGE)))


def _more_slots(graph: Graph, pairs: int) -> Any:
    size = 16
    while size < 4 * pairs:
        size *= 2
    slots = np.full(size, NONE)
    _fill(slots, graph.pairs, int(graph.clock[0]["pairs"]))
    return slots


@kernel()
def _fill(slots: Any, pairs: Any, count: int) -> None:
    for p in range(count):
        slots[slot(slots, pairs, pairs[p].payer, pairs[p].payee)] = p


@kernel(inline="always")
def slot(slots: Any, pairs: Any, payer: int, payee: int) -> Any:
    """Where a pair lies in the table of hashes, or would."""
    mask = len(slots) - 1
    key = (payer * -7046029254386353131) ^ payee  # as in splitmix64, G. Steele et al., OOPSLA 2014
    key = (key ^ (key >> 30)) * -4658895280553007687
    at = (key ^ (key >> 27)) & mask
    while slots[at] >= 0 and (pairs[slots[at]].payer != payer or pairs[slots[at]].payee != payee):
        at = (at + 1) & mask
    return at


@kernel(inline="always")
def pair_of(graph: Any, payer: int, payee: int) -> Any:
    """Number of the pair, made where it is new."""
    at = slot(graph.slots, graph.pairs, payer, payee)
    if graph.slots[at] < 0:
        p = graph.clock[0].pairs
        graph.clock[0].pairs += 1
        graph.slots[at] = p
        made = graph.pairs[p]
        made.payer, made.payee, made.newest, made.oldest = payer, payee, NONE, NONE
    return graph.slots[at]


@kernel(inline="always")
def room_for(graph: Any, payer: int, payee: int) -> Any:
    """Whether `cells` has room for what one payment can take."""
    need = 0
    for side, one in ((OUT, payer), (IN, payee)):
        klass = graph.sides[one, side].klass
        if klass < 0 or graph.sides[one, side].size == 1 << klass:
            need += 1 << (klass + 1)
    return graph.clock[0].cells + need <= len(graph.cells)


@kernel()
def _block(graph: Any, klass: int) -> Any:
    """Where a block of a class starts that is free."""
    start = graph.spare[klass]
    if start >= 0:
        graph.spare[klass] = graph.cells[start].account
        return start
    start = graph.clock[0].cells
    graph.clock[0].cells += 1 << klass
    return start


@kernel(inline="always")
def _put(graph: Any, one: int, way: int, other: int, pair: int) -> Any:
    """Make a neighbour known; returns where it lies in the block."""
    side = graph.sides[one, way]
    if side.klass < 0 or side.size == 1 << side.klass:
        _double(graph, side)
    at = side.size
    cell = graph.cells[side.start + at]
    cell.account, cell.pair = other, pair
    side.size += 1
    return at


@kernel()
def _double(graph: Any, side: Any) -> None:
    """Move a block that is full to one of twice the size; what it leaves is free."""
    start, old = _block(graph, side.klass + 1), side.start
    for k in range(side.size):
        graph.cells[start + k] = graph.cells[old + k]
    if side.klass >= 0:
        graph.cells[old].account = graph.spare[side.klass]
        graph.spare[side.klass] = old
    side.start = start
    side.klass += 1


@kernel(inline="always")
def _drop(graph: Any, one: int, way: int, at: int) -> None:
    """Forget the neighbour at a place of a block; the last one takes the place."""
    side = graph.sides[one, way]
    side.size -= 1
    if at != side.size:
        cell = graph.cells[side.start + side.size]
        graph.cells[side.start + at] = cell
        if way == OUT:
            graph.pairs[cell.pair].out_at = at
        else:
            graph.pairs[cell.pair].in_at = at


@kernel(inline="always")
def link(graph: Any, p: int) -> None:
    """A pair becomes active."""
    pair = graph.pairs[p]
    pair.out_at = _put(graph, pair.payer, OUT, pair.payee, p)
    pair.in_at = _put(graph, pair.payee, IN, pair.payer, p)


@kernel(inline="always")
def unlink(graph: Any, p: int) -> None:
    """A pair is active no more."""
    pair = graph.pairs[p]
    _drop(graph, pair.payer, OUT, pair.out_at)
    _drop(graph, pair.payee, IN, pair.in_at)
