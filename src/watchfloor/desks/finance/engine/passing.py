"""Flow through an account: how much of what it got it pays on, and how long the money lay there.

Money in an account is one heap, as goods are in a store that is kept at average cost: what comes in raises it
and moves its mean moment of arrival, what goes out is of that mean age. So the share that is passed on and
the time it dwelt need no list of payments, only two numbers an account.
"""

from typing import Any, Final

import numpy as np

from watchfloor.desks.finance.engine.graph import IN, OUT, slot
from watchfloor.desks.finance.engine.kernel import kernel

HEAP: Final = np.dtype([(name, "f8") for name in ("heap", "arrived", "passed", "dwelt")] + [("first", "i8")])
"""The `heap` and its mean moment of arrival (µs); of the total paid how much had lain in the heap (`passed`),
and its mean time there, weighed by amount (`dwelt`, µs); when the account was `first` seen (µs)."""

WAY: Final = np.dtype(
    [(name, "i8") for name in ("last", "count", "partners", "round")]
    + [(name, "f8") for name in ("amount", "most", "total")]
)
"""Out of an account, or into it: the `last` payment (µs) and its `amount`; the `count` of payments and of
`partners`; how many amounts were `round`, hundreds without a rest; the `most` ever and the `total`."""

_SIDES: Final = (("payer", OUT), ("payee", IN))
_OF_SIDE: Final = (
    "age",
    "since_out",
    "since_in",
    "ever_out",
    "ever_in",
    "partners_out",
    "partners_in",
    "total_ratio",
    "mean_out",
    "mean_in",
    "most_ratio",
    "passed",
    "dwelt",
    "round",
)
TOLD: Final = (
    *(f"{side}_{name}" for side, _ in _SIDES for name in _OF_SIDE),
    "covered",
    "lain",
    "share_of_heap",
    "like_last_in",
    "pair_ever",
    "pair_age",
    "pair_since",
    "back_ever",
    "amount",
    "amount_round",
    "below_ten_thousand",
)
"""Columns: of either side its age and the time since it last paid and was paid (s, -1: never), payments and
partners so far, what it paid over what it got, mean amounts, this amount over the most before, the share it
passed on, how long that lay (s), share of round amounts; then of the payment how much of it the payer's heap
covers, how long that lay (s), its share of the heap, its ratio to the last amount in; earlier payments of the
pair, since when and when last (s), and back; the amount, how many noughts it ends in, and whether it is
within a tenth below 10,000."""

SECOND: Final = 1e-6

TENS: Final = (10.0, 100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0)


@kernel()
def write_features(graph: Any, payer: int, payee: int, time: int, amount: float, out: Any) -> None:
    """Write `TOLD` as it is before the payment, which is not in the graph yet."""
    sides = len(_OF_SIDE)
    _side(graph.heaps[payer], graph.ways[payer, OUT], graph.ways[payer, IN], time, amount, OUT, out[:sides])
    _side(
        graph.heaps[payee],
        graph.ways[payee, OUT],
        graph.ways[payee, IN],
        time,
        amount,
        IN,
        out[sides : 2 * sides],
    )
    rest = out[2 * sides :]
    one, got = graph.heaps[payer], graph.ways[payer, IN]
    rest[0] = min(one.heap / amount, 1.0)
    rest[1] = (time - one.arrived) * SECOND if one.heap > 0 else -1.0
    rest[2] = min(amount / one.heap, 10.0) if one.heap > 0 else 10.0
    rest[3] = min(amount / got.amount, 10.0) if got.count > 0 else -1.0
    _pair(graph, payer, payee, time, rest[4:8])
    rest[8] = amount
    rest[9] = noughts(amount)
    rest[10] = 1.0 if 9000.0 <= amount < 10000.0 else 0.0


@kernel()
def noughts(amount: float) -> Any:
    """How many noughts a whole amount ends in, at most 6; 0 for one with a fraction."""
    count = 0
    if amount == np.floor(amount):
        while count < 6 and amount % TENS[count] == 0.0:
            count += 1
    return count


@kernel()
def _since(last: int, count: int, time: int) -> Any:
    return (time - last) * SECOND if count > 0 else -1.0


@kernel()
def _side(heap: Any, paid: Any, got: Any, time: int, amount: float, side: int, out: Any) -> None:
    many = paid.count + got.count
    out[0] = _since(heap.first, many, time)
    out[1], out[2] = _since(paid.last, paid.count, time), _since(got.last, got.count, time)
    out[3], out[4] = paid.count, got.count
    out[5], out[6] = paid.partners, got.partners
    out[7] = min(paid.total / got.total, 100.0) if got.total > 0 else -1.0
    out[8] = paid.total / paid.count if paid.count > 0 else -1.0
    out[9] = got.total / got.count if got.count > 0 else -1.0
    most = paid.most if side == OUT else got.most
    out[10] = min(amount / most, 100.0) if most > 0 else -1.0
    out[11] = heap.passed / paid.total if paid.total > 0 else -1.0
    out[12] = heap.dwelt * SECOND if heap.passed > 0 else -1.0
    out[13] = (paid.round + got.round) / max(many, 1)


@kernel()
def _pair(graph: Any, payer: int, payee: int, time: int, out: Any) -> None:
    p = graph.slots[slot(graph.slots, graph.pairs, payer, payee)]
    back = graph.slots[slot(graph.slots, graph.pairs, payee, payer)]
    out[0], out[1], out[2] = 0.0, -1.0, -1.0
    if p >= 0:
        pair = graph.pairs[p]
        out[0], out[1] = pair.ever, (time - pair.since) * SECOND
        out[2] = (time - pair.last) * SECOND
    out[3] = graph.pairs[back].ever if back >= 0 else 0.0


@kernel()
def note(graph: Any, payer: int, payee: int, time: int, amount: float, new: bool) -> None:
    """Let the payment pass; `new` says that the pair never paid before."""
    one, other = graph.heaps[payer], graph.heaps[payee]
    moved = min(one.heap, amount)
    if moved > 0:
        age = time - one.arrived
        one.passed += moved
        one.dwelt += (age - one.dwelt) * moved / one.passed
        one.heap -= moved
    if other.heap + amount > 0:
        other.arrived += (time - other.arrived) * amount / (other.heap + amount)
    other.heap += amount
    for heap, account in ((one, payer), (other, payee)):
        if graph.ways[account, OUT].count + graph.ways[account, IN].count == 0:
            heap.first = time
    is_round = noughts(amount) >= 2
    _count(graph.ways[payer, OUT], time, amount, new, is_round)
    _count(graph.ways[payee, IN], time, amount, new, is_round)


@kernel(inline="always")
def _count(way: Any, time: int, amount: float, new: bool, is_round: bool) -> None:
    way.last, way.amount = time, amount
    way.most = max(way.most, amount)
    way.total += amount
    way.count += 1
    way.partners += new
    way.round += is_round
