"""Which payments an input of a model rests on, by the input's name.

What the engine computes of an account in a window rests on its payments of that side and time, this one among
them; what it keeps for ever on those before. Of walks over many accounts (gathers, cycles, company) the
payments of the two accounts in the graph's window are named, where every such walk begins.
"""

import re
from collections.abc import Sequence
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.finance.engine.stream import Plan
from watchfloor.desks.finance.inputs import SHARED
from watchfloor.desks.finance.ledger import Ledger

Integers = npt.NDArray[np.int64]

RECENT: Final = 8
"""Payments of a side that matches are sought among: see `engine.matches`."""

_WINDOWED: Final = re.compile(r"(payer|payee)_(out|in)_[a-z_]+?_(graph|\d+\w)")
_RATIO: Final = {
    "amount_to_in": (("payer", "in"),),
    "amount_to_mean_out": (("payer", "out"),),
    "amount_to_mean_in": (("payee", "in"),),
    "payer_out_to_in": (("payer", "out"), ("payer", "in")),
    "payee_out_to_in": (("payee", "out"), ("payee", "in")),
}
_MATCHED: Final = re.compile(r"match_(payer|payee)_(out|in)_\w+")
_EARLIER: Final = re.compile(
    r"(payer|payee)_(?:(?:since|ever|partners|mean)_(out|in)|(out|in)_(?:most|recent|sum)"
    r"|age|total_ratio|most_ratio|passed|dwelt|round)"
)
_HEAP: Final = frozenset({"covered", "lain", "share_of_heap", "like_last_in"})
_WALKS: Final = re.compile(
    r"(gathers?|scatter|cycles?)_\w+|(payer|payee)_paid_(by_)?(near|far)_\w+|first_chance"
)


class Basis:
    """Payments of a ledger, by account and side.

    Args:
        ledger: payments in the order of time.
        plan: of the engine that computed the inputs.
        rows: the same payments with their columns.
    """

    def __init__(self, ledger: Ledger, plan: Plan, rows: pa.Table) -> None:
        self._ledger, self._rows = ledger, rows
        self._widths = {"graph": plan.graph} | dict(plan.windows)
        moved = ledger.payer != ledger.payee  # a payment to oneself moves nothing in the engine
        self._sides = {
            way: _Grouped(np.where(moved, accounts, -1))
            for way, accounts in (("out", ledger.payer), ("in", ledger.payee))
        }
        self._shared: dict[str, tuple[_Grouped, Integers]] = {}

    def rows(self, name: str, at: int) -> Integers:
        """Return the payments that an input of payment `at` rests on, rising: itself if no other counts."""
        itself = np.array([at])
        if found := _WINDOWED.fullmatch(name):
            side, way, window = found.groups()
            return self._within(at, ((side, way),), self._widths[window])
        stem, _, window = name.rpartition("_")
        if stem in _RATIO and window in self._widths:
            return np.union1d(itself, self._within(at, _RATIO[stem], self._widths[window]))
        if found := _MATCHED.fullmatch(name):
            return np.union1d(itself, self._before(at, (found.groups(),))[-RECENT:])
        if found := _EARLIER.fullmatch(name):
            side, one, other = found.groups()
            way = one or other
            ways = ((side, way),) if way else ((side, "out"), (side, "in"))
            return np.union1d(itself, self._before(at, ways))
        if name in _HEAP:
            return np.union1d(itself, self._before(at, (("payer", "in"),)))
        if name in ("pair_ever", "pair_age", "pair_since", "back_ever"):
            return np.union1d(itself, self._between(at, back=name == "back_ever"))
        if name.endswith("_others") and (column := name.removesuffix("_others")) in SHARED:
            return self._same(column, at)
        if _WALKS.fullmatch(name):
            both = tuple(product(("payer", "payee"), ("out", "in")))
            return np.union1d(itself, self._within(at, both, self._widths["graph"]))
        return itself

    def _account(self, at: int, side: str) -> int:
        return int((self._ledger.payer if side == "payer" else self._ledger.payee)[at])

    def _within(self, at: int, ways: Sequence[tuple[str, ...]], width: int) -> Integers:
        """Payments of its accounts on some sides, of a time up to `at`, with it where it is one of them."""
        found = self._before(at, ways, itself=True)
        young = self._ledger.time[found] > self._ledger.time[at] - width
        return np.asarray(found[young])

    def _before(self, at: int, ways: Sequence[tuple[str, ...]], itself: bool = False) -> Integers:
        parts = [self._sides[way].rows_of(self._account(at, side)) for side, way in ways]
        found = np.unique(np.concatenate(parts))
        return found[: np.searchsorted(found, at + itself)]

    def _between(self, at: int, back: bool) -> Integers:
        """Payments before `at` from its payer to its payee, or the other way."""
        one, other = ("payee", "payer") if back else ("payer", "payee")
        found = self._sides["out"].rows_of(self._account(at, one))
        found = found[: np.searchsorted(found, at)]
        return np.asarray(found[self._ledger.payee[found] == self._account(at, other)])

    def _same(self, column: str, at: int) -> Integers:
        """Payments up to `at` with the same device, address or other mark."""
        if column not in self._shared:
            coded = pc.dictionary_encode(pc.cast(self._rows[column], pa.string())).combine_chunks()
            codes = pc.fill_null(pc.cast(coded.indices, pa.int64()), -1).to_numpy(zero_copy_only=False)
            self._shared[column] = _Grouped(codes), codes
        grouped, codes = self._shared[column]
        found = grouped.rows_of(int(codes[at]))
        return np.union1d(np.array([at]), found[: np.searchsorted(found, at)])


class _Grouped:
    """Rows by key; a key below 0 has none."""

    def __init__(self, keys: Integers) -> None:
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]

    def rows_of(self, key: int) -> Integers:
        if key < 0:
            return np.zeros(0, np.int64)
        low, high = np.searchsorted(self._keys, [key, key + 1])
        return self._order[low:high]
