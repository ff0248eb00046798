"""Memory of each account and side, of each pair, and of payments between new partners.

A pair that paid for the first time less than a window ago is young. Only payments of young pairs can be
members of an instance: who has paid a landlord, a supplier or staff for longer does what it always did. They
lie in chains, newest first, for what an account pays and what it is paid.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from watchfloor.desks.finance.engine.graph import NONE, slot
from watchfloor.desks.finance.engine.kernel import kernel

SIDE: Final = np.dtype(
    [(name, "i8") for name in ("newest", "count", "partners")] + [("logs", "f8"), ("squares", "f8")]
)
"""Of what an account pays, or is paid: the newest young payment (-1: none), payments and partners ever, sums
of the logarithms of amounts and of their squares."""

PAIR: Final = np.dtype([(name, "i8") for name in ("payer", "payee", "since", "last", "newest")])
"""When it paid first and last (µs), and its newest young payment."""

EDGE: Final = np.dtype(
    [(name, "i8") for name in ("time", "payer", "payee", "pair", "older_out", "older_in", "row")]
    + [(name, "i8") for name in ("payer_busy", "payee_busy")]
    + [(name, "f8") for name in ("amount", "payer_off", "payee_off")]
)
"""A young payment: µs; its accounts and their pair; the one before it of its payer and of its payee (-1:
none); its number in the stream; how many payments of any kind each of the two had had; its amount, and how
far its logarithm lies from the mean of what the payer had paid, and of what the payee had been paid."""

TOTAL: Final = np.dtype(
    [(name, "i8") for name in ("start", "now", "rows", "pairs", "accounts", "base", "end", "cut")]
    + [("logs", "f8"), ("squares", "f8")]
)
"""Time of the first payment and of the newest (µs); payments, pairs and accounts so far; numbers of the first
young payment that is kept and of the next; walks that a budget ended; sums over all amounts."""


class Memory(NamedTuple):
    """The arrays, as kernels take them.

    Attributes:
        total: one `TOTAL`.
        sides: a `SIDE` each, [account, out or in].
        pairs: a `PAIR` each.
        slots: pairs by payer and payee, an open table of hashes (-1: free).
        edges: an `EDGE` each, the first of them number `base`.
    """

    total: Any
    sides: Any
    pairs: Any
    slots: Any
    edges: Any


def empty() -> Memory:
    """Nothing remembered."""
    return Memory(
        np.zeros(1, TOTAL), np.zeros((0, 2), SIDE), np.zeros(0, PAIR), np.full(16, NONE), np.zeros(0, EDGE)
    )


def with_room(memory: Memory, accounts: int, payments: int, oldest: int) -> Memory:
    """The memory with room for that many accounts in all and payments more, without those before `oldest`
    (µs)."""
    total = memory.total[0]
    kept = memory.edges[: int(total["end"] - total["base"])]
    low = int(np.searchsorted(kept["time"], oldest))
    if low > len(kept) // 2:
        kept = kept[low:]
        total["base"] += low
    pairs = int(total["pairs"]) + payments
    sides = _more(memory.sides, accounts)
    sides["newest"][len(memory.sides) :] = NONE
    grown = _more(memory.pairs, pairs)
    slots = memory.slots
    if len(slots) < 2 * pairs:
        slots = np.full(1 << (4 * pairs).bit_length(), NONE)
        _fill(slots, grown, int(total["pairs"]))
    return Memory(memory.total, sides, grown, slots, _more(kept, len(kept) + payments))


def whole(total: Any, sides: Any, pairs: Any, edges: Any) -> Memory:
    """The memory from its arrays without room, as they were kept."""
    slots = np.full(1 << (4 * len(pairs) + 4).bit_length(), NONE)
    _fill(slots, pairs, len(pairs))
    return Memory(total, sides, pairs, slots, edges)


def _more(array: Any, size: int) -> Any:
    if len(array) >= size:
        return array
    made = np.zeros((max(size, len(array) + len(array) // 2), *array.shape[1:]), array.dtype)
    made[: len(array)] = array
    return made


@kernel()
def _fill(slots: Any, pairs: Any, count: int) -> None:
    for p in range(count):
        slots[slot(slots, pairs, pairs[p].payer, pairs[p].payee)] = p


@kernel()
def between(memory: Any, payer: int, payee: int) -> Any:
    """The newest young payment of a pair that is still kept; -1 where there is none."""
    p = memory.slots[slot(memory.slots, memory.pairs, payer, payee)]
    if p < 0 or memory.pairs[p].newest < memory.total[0].base:
        return NONE
    return memory.pairs[p].newest


@kernel()
def note(memory: Any, payer: int, payee: int, time: int, amount: float, width: int) -> Any:
    """Let a payment be remembered; returns its number where its pair is young, else -1."""
    total = memory.total[0]
    row = total.rows
    if row == 0:
        total.start = time
    total.now = time
    total.rows += 1
    paid, got = memory.sides[payer, 0], memory.sides[payee, 1]
    busy, other = paid.count + memory.sides[payer, 1].count, got.count + memory.sides[payee, 0].count
    total.accounts += (busy == 0) + (other == 0)
    log = np.log(amount)
    level = total.logs / max(row, 1)
    off_paid = log - (paid.logs + 2.0 * level) / (paid.count + 2.0)
    off_got = log - (got.logs + 2.0 * level) / (got.count + 2.0)
    total.logs += log
    total.squares += log * log
    for side in (paid, got):
        side.count += 1
        side.logs += log
        side.squares += log * log
    at = slot(memory.slots, memory.pairs, payer, payee)
    p = memory.slots[at]
    if p < 0:
        p = total.pairs
        total.pairs += 1
        memory.slots[at] = p
        pair = memory.pairs[p]
        pair.payer, pair.payee, pair.since, pair.newest = payer, payee, time, NONE
        paid.partners += 1
        got.partners += 1
    memory.pairs[p].last = time
    if time - memory.pairs[p].since > width:
        return NONE
    e = total.end
    total.end += 1
    edge = memory.edges[e - total.base]
    edge.time, edge.payer, edge.payee, edge.row, edge.amount = time, payer, payee, row, amount
    edge.older_out, edge.older_in, edge.payer_busy, edge.payee_busy = paid.newest, got.newest, busy, other
    edge.pair, edge.payer_off, edge.payee_off = p, off_paid, off_got
    paid.newest = got.newest = e
    memory.pairs[p].newest = e
    return e
