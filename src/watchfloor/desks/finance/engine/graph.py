"""Memory of the graph, as arrays of records: accounts, pairs, payments, and who neighbours whom.

A pair is one account that pays another. It is active while a payment of it lies in the widest window of the
graph; then each of the two has the other in a block of neighbours, which lie side by side in `cells` so that
a walk over them reads memory in order. Blocks double when they are full, and those left behind are used
again.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from watchfloor.desks.finance.engine.kernel import kernel
from watchfloor.desks.finance.engine.window_sums import SUMS

OUT: Final = 0
"""Index of what an account pays."""
IN: Final = 1
"""Index of what it is paid."""

NONE: Final = -1
CLASSES: Final = 40
"""Sizes of blocks, 2 to the power of their class."""

LEAST: Final = 1 << 6
"""Rows that an array gets at first; later twice as many."""


SIDE: Final = np.dtype(
    [(name, "i8") for name in ("start", "newest")] + [(name, "i4") for name in ("size", "klass")]
)
"""What an account pays, or is paid: where the block of its neighbours starts in `cells`, the newest payment
(-1: none), how many neighbours there are, and the block's class (-1: none yet)."""

MARK: Final = np.dtype([("of", "i8"), ("by", "i8")])
"""Notes of a kernel about an account while it looks at one payment: which (`of`), and by which pair."""

PAIR: Final = np.dtype(
    [(name, "i4") for name in ("payer", "payee", "count", "out_at", "in_at", "ever")]
    + [(name, "i8") for name in ("newest", "oldest", "since", "last")],
    align=True,
)
"""Payments of it in the graph's window (`count`), the `newest` and `oldest` of them, where the payee lies in
the payer's block and the payer in the payee's; how many there `ever` were, `since` when (µs), and when the
`last` was made. Of a pair that is forgotten, `count` names the next one that is."""

EDGE: Final = np.dtype(
    [(name, "i8") for name in ("time", "before", "after", "older_out", "older_in")]
    + [("amount", "f8")]
    + [(name, "i4") for name in ("pair", "payer", "payee")],
    align=True,
)
"""A payment: µs, the payments of the same pair `before` and `after` it (-1: none), the one before it that its
payer paid (`older_out`) and that its payee was paid (`older_in`), its amount, pair and accounts. A cache line
long."""

CELL: Final = np.dtype([("account", "i4"), ("pair", "i4")])
"""A neighbour, and the pair that it is one by."""

CLOCK: Final = np.dtype([(name, "i8") for name in ("pairs", "free", "base", "end", "cells", "klass", "cut")])
"""How many `pairs` and `cells` have been made; the first pair that is forgotten and can be used again (-1:
none); numbers of the first payment kept (`base`) and of the next (`end`); the greatest class of a block; how
many walks were `cut` short by a budget."""

KEEP: Final = np.dtype([(name, "?") for name in ("ever", "near", "fans", "sums", "recent", "around")])
"""What is kept up, for the features that are asked for: pairs that have left every window, and what went
through accounts ever; neighbours; how many of them there are in each window; sums of amounts; the last
payments; what neighbours are like."""

WINDOW: Final = np.dtype([("width", "i8"), ("low", "i8")])
"""Its width (µs), and the number of the oldest payment in it. A payment as old as the width is out of it."""


BY_ACCOUNT: Final = {
    "marks": "near",
    "fans": "fans",
    "sums": "sums",
    "heaps": "ever",
    "ways": "ever",
    "recent": "recent",
    "around": "around",
}
"""Arrays with a row for each account, and which of `KEEP` asks for them."""


class Graph(NamedTuple):
    """The arrays, as kernels take them.

    Attributes:
        clock: one `CLOCK`.
        keep: one `KEEP`.
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
        counts: payments of a pair in each window but the graph's own, [pair, window - 1].
        heaps: what lies in an account, a `passing.HEAP` each.
        ways: what went out of an account and into it, a `passing.WAY` each, [account, out or in].
        recent: the last payments of an account, [account, out or in, `matches.KEPT`] of `matches.RECENT`.
        around: what its neighbours are like, [account, out or in, steps away, `around.DESCRIBED`].
    """

    clock: Any
    keep: Any
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
    keep: frozenset[str],
    heap: np.dtype[Any],
    way: np.dtype[Any],
    recent: tuple[np.dtype[Any], int],
    around: tuple[int, ...],
) -> Graph:
    """A graph without payments.

    Args:
        widths: of its windows, µs, the first that of the graph's own.
        keep: what is kept up, of `KEEP`.
        heap: type of the rows of `heaps`.
        way: type of the rows of `ways`.
        recent: type of the rows of `recent`, and how many there are.
        around: shape of a row of `around`.
    """
    clock, windows = np.zeros(1, CLOCK), np.zeros(len(widths), WINDOW)
    clock["free"], windows["width"] = NONE, widths
    return Graph(
        clock,
        np.array([tuple(name in keep for name in KEEP.names or ())], KEEP),
        windows,
        np.zeros((0, 2), SIDE),
        np.zeros(0, MARK),
        np.zeros(0, PAIR),
        np.full(LEAST, NONE, np.int32),
        np.zeros(0, EDGE),
        np.zeros(0, CELL),
        np.full(CLASSES, NONE),
        np.zeros((0, len(widths), 2), np.int32),
        np.zeros((0, len(widths), 2, SUMS)),
        np.zeros((0, len(widths) - 1), np.int32),
        np.zeros(0, heap),
        np.zeros((0, 2), way),
        np.zeros((0, 2, recent[1]), recent[0]),
        np.zeros((0, *around)),
    )


def with_room(graph: Graph, accounts: int) -> Graph:
    """The graph with room for that many accounts in all, and for at least one payment more."""
    if len(graph.sides) < accounts:
        graph = _more_accounts(graph, accounts)
    clock = graph.clock[0]
    if clock["end"] - clock["base"] == len(graph.edges):
        graph = graph._replace(edges=_more_edges(graph))
    if clock["free"] == NONE and clock["pairs"] == len(graph.pairs):
        graph = _more_pairs(graph)
    need = int(clock["cells"]) + (4 << int(clock["klass"]))  # the two greatest blocks, made twice as large
    return graph._replace(cells=_more(graph.cells, need)) if len(graph.cells) < need else graph


def _more(array: Any, size: int) -> Any:
    """An array with at least `size` rows, or twice as many as before; new ones are zero."""
    made = np.zeros((max(size, 2 * len(array), LEAST), *array.shape[1:]), array.dtype)
    made[: len(array)] = array
    return made


def _more_accounts(graph: Graph, accounts: int) -> Graph:
    sides = _more(graph.sides, accounts)
    sides["klass"][len(graph.sides) :] = sides["newest"][len(graph.sides) :] = NONE
    kept = (name for name, needs in BY_ACCOUNT.items() if graph.keep[0][needs])
    return graph._replace(sides=sides, **{name: _more(getattr(graph, name), accounts) for name in kept})


def _more_pairs(graph: Graph) -> Graph:
    pairs, counts = _more(graph.pairs, 0), _more(graph.counts, 0)
    slots = np.full(4 * len(pairs), NONE, np.int32)
    _fill(slots, pairs, int(graph.clock[0]["pairs"]))
    return graph._replace(pairs=pairs, counts=counts, slots=slots)


def _more_edges(graph: Graph) -> Any:
    """Room for payments where those lay that every window has passed, or, where they are few, behind."""
    clock = graph.clock[0]
    gone = int(graph.windows["low"].min()) - int(clock["base"])
    if 2 * gone < len(graph.edges) or not gone:
        return _more(graph.edges, 0)
    graph.edges[: len(graph.edges) - gone] = graph.edges[gone:]
    clock["base"] += gone
    return graph.edges


@kernel()
def _fill(slots: Any, pairs: Any, count: int) -> None:
    """Enter the pairs made so far, none of which is forgotten."""
    for p in range(count):
        slots[slot(slots, pairs, pairs[p].payer, pairs[p].payee)] = p


@kernel(inline="always")
def home(payer: int, payee: int) -> Any:
    """Where a pair is looked for first, modulo the length: splitmix64 (G. Steele et al., OOPSLA 2014)."""
    key = (payer * -7046029254386353131) ^ payee
    key = (key ^ (key >> 30)) * -4658895280553007687
    return key ^ (key >> 27)


@kernel(inline="always")
def slot(slots: Any, pairs: Any, payer: int, payee: int) -> Any:
    """Where a pair lies in the table of hashes, or would."""
    mask = len(slots) - 1
    at = home(payer, payee) & mask
    while slots[at] >= 0 and (pairs[slots[at]].payer != payer or pairs[slots[at]].payee != payee):
        at = (at + 1) & mask
    return at


@kernel(inline="always")
def pair_of(graph: Any, payer: int, payee: int) -> Any:
    """Number of the pair, made where it is new."""
    at = slot(graph.slots, graph.pairs, payer, payee)
    if graph.slots[at] < 0:
        clock = graph.clock[0]
        p = clock.free
        if p == NONE:
            p = clock.pairs
            clock.pairs += 1
        else:
            clock.free = graph.pairs[p].count
        graph.slots[at] = p
        made = graph.pairs[p]
        made.payer, made.payee, made.count, made.ever = payer, payee, 0, 0
        made.newest = made.oldest = NONE
    return graph.slots[at]


@kernel(inline="always")
def forget(graph: Any, p: int) -> None:
    """Let go of a pair; those behind it in the table of hashes move up (D. Knuth, TAOCP 3, 6.4, R)."""
    slots, pairs, mask = graph.slots, graph.pairs, len(graph.slots) - 1
    gap = slot(slots, pairs, pairs[p].payer, pairs[p].payee)
    at = (gap + 1) & mask
    while slots[at] >= 0:
        wish = home(pairs[slots[at]].payer, pairs[slots[at]].payee)
        if (at - wish) & mask >= (at - gap) & mask:
            slots[gap] = slots[at]
            gap = at
        at = (at + 1) & mask
    slots[gap] = NONE
    pairs[p].count = graph.clock[0].free
    graph.clock[0].free = p


@kernel(inline="always")
def room_for(graph: Any, payer: int, payee: int) -> Any:
    """Whether there is room for what one payment can take."""
    clock = graph.clock[0]
    need = 0
    if graph.keep[0].near:
        for side, one in ((OUT, payer), (IN, payee)):
            klass = graph.sides[one, side].klass
            if klass < 0 or graph.sides[one, side].size == 1 << klass:
                need += 1 << (klass + 1)
    full = clock.end - clock.base == len(graph.edges)
    full |= clock.free == NONE and clock.pairs == len(graph.pairs)
    return not full and clock.cells + need <= len(graph.cells)


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
    graph.clock[0].klass = max(graph.clock[0].klass, side.klass)


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
