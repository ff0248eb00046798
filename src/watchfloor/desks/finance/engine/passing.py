"""What goes through an account: how much of what it got it pays on, and how long the money lay there.

Money in an account is one heap, as goods are in a store that is kept at average cost: what comes in raises it and
moves its mean moment of arrival, what goes out is of that mean age. So the share that is passed on and the time it
dwelt need no list of payments, only two numbers an account.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from watchfloor.desks.finance.engine.graph import IN, NONE, OUT, slot

PASSING: Final = np.dtype(
    [
        ("heap", "f8"),
        ("arrived", "f8"),
        ("first", "i8"),
        ("last", "i8", (2,)),
        ("amount", "f8", (2,)),
        ("most", "f8", (2,)),
        ("total", "f8", (2,)),
        ("count", "i8", (2,)),
        ("partners", "i8", (2,)),
        ("passed", "f8"),
        ("dwelt", "f8"),
        ("round", "i8", (2,)),
    ]
)
"""The `heap` and its mean moment of arrival (µs); when the account was `first` seen; out and in, the `last`
payment (µs) and its `amount`, the `most` ever, the `total`, `count` of payments and of `partners`; of the total
paid how much had lain in the heap (`passed`), and its mean time there, weighed by amount (`dwelt`, µs); how many
amounts were `round`, hundreds without a rest."""

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
covers, how long that lay (s), its share of the heap, its ratio to the last amount in; earlier payments of the pair,
since when and when last (s), and back; the amount, how many noughts it ends in, and whether it is within a tenth
below 10,000."""

SECOND: Final = 1e-6


@njit(cache=True, nogil=True, error_model="numpy")
def tell(graph: Any, payer: int, payee: int, time: int, amount: float, out: Any) -> None:
    """Write `TOLD` as it is before the payment, which is not in the graph yet."""
    one, other = graph.passing[payer], graph.passing[payee]
    sides = len(_OF_SIDE)
    _side(one, time, amount, OUT, out[:sides])
    _side(other, time, amount, IN, out[sides : 2 * sides])
    rest = out[2 * sides :]
    rest[0] = min(one.heap / amount, 1.0)
    rest[1] = (time - one.arrived) * SECOND if one.heap > 0 else -1.0
    rest[2] = min(amount / one.heap, 10.0) if one.heap > 0 else 10.0
    rest[3] = min(amount / one.amount[IN], 10.0) if one.count[IN] > 0 else -1.0
    _pair(graph, payer, payee, time, rest[4:8])
    rest[8] = amount
    rest[9] = noughts(amount)
    rest[10] = 1.0 if 9000.0 <= amount < 10000.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def noughts(amount: float) -> Any:
    """How many noughts a whole amount ends in, at most 6; 0 for one with a fraction."""
    count = 0
    while count < 6 and amount % 10.0 ** (count + 1) == 0.0:
        count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _since(last: int, count: int, time: int) -> Any:
    return (time - last) * SECOND if count > 0 else -1.0


@njit(cache=True, nogil=True, error_model="numpy")
def _side(one: Any, time: int, amount: float, side: int, out: Any) -> None:
    known = one.count[OUT] + one.count[IN] > 0
    out[0] = (time - one.first) * SECOND if known else -1.0
    for k in range(2):
        out[1 + k] = _since(one.last[k], one.count[k], time)
        out[3 + k] = one.count[k]
        out[5 + k] = one.partners[k]
        out[8 + k] = one.total[k] / one.count[k] if one.count[k] > 0 else -1.0
    out[7] = min(one.total[OUT] / one.total[IN], 100.0) if one.total[IN] > 0 else -1.0
    out[10] = min(amount / one.most[side], 100.0) if one.most[side] > 0 else -1.0
    out[11] = one.passed / one.total[OUT] if one.total[OUT] > 0 else -1.0
    out[12] = one.dwelt * SECOND if one.passed > 0 else -1.0
    out[13] = (one.round[OUT] + one.round[IN]) / max(one.count[OUT] + one.count[IN], 1)


@njit(cache=True, nogil=True, error_model="numpy")
def _pair(graph: Any, payer: int, payee: int, time: int, out: Any) -> None:
    p = graph.slots[slot(graph.slots, graph.pairs, payer, payee)]
    back = graph.slots[slot(graph.slots, graph.pairs, payee, payer)]
    out[0], out[1], out[2] = 0.0, -1.0, -1.0
    if p >= 0:
        pair = graph.pairs[p]
        out[0], out[1] = pair.ever, (time - pair.since) * SECOND
        out[2] = (time - pair.last) * SECOND
    out[3] = graph.pairs[back].ever if back >= 0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def note(graph: Any, payer: int, payee: int, time: int, amount: float, new: bool) -> None:
    """Let the payment pass; `new` says that the pair never paid before."""
    one, other = graph.passing[payer], graph.passing[payee]
    moved = min(one.heap, amount)
    if moved > 0:
        age = time - one.arrived
        one.passed += moved
        one.dwelt += (age - one.dwelt) * moved / one.passed
        one.heap -= moved
    if other.heap + amount > 0:
        other.arrived += (time - other.arrived) * amount / (other.heap + amount)
    other.heap += amount
    _count(one, OUT, time, amount, new)
    _count(other, IN, time, amount, new)


@njit(cache=True, nogil=True, error_model="numpy")
def _count(one: Any, side: int, time: int, amount: float, new: bool) -> None:
    if one.count[OUT] + one.count[IN] == 0:
        one.first = time
    one.last[side], one.amount[side] = time, amount
    one.most[side] = max(one.most[side], amount)
    one.total[side] += amount
    one.count[side] += 1
    one.partners[side] += new
    one.round[side] += noughts(amount) >= 2
