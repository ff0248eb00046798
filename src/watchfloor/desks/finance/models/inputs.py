"""Inputs of a model for each payment: the engine's features, and the facts known when it was made.

Which bank, which country, which account it is are no inputs: a model of who they are would not hold
elsewhere, and a country stands for its people. That a payment crosses a border is one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.protected import is_protected
from watchfloor.desks.finance.engine.stream import DAY, HOUR, Plan, Stream
from watchfloor.desks.finance.ledger import Ledger

Floats = npt.NDArray[np.float32]

PURPOSE: Final = re.compile(r"[A-Z]{4}")
"""A code of ISO 20022's external list of purposes, such as SALA."""
WORDS: Final = ("means", "channel", "currency", "purpose", "payer_holder_type", "payee_holder_type")
"""Columns of words that a model may tell apart: those that it learned, all others as one."""
KINDS_OF_WORD: Final = 40
"""Distinct words of a column beyond which it is prose, and no input."""
SHARED: Final = ("device", "ip", "handle", "branch", "conductor")
"""Columns that join accounts: how many others used the same before."""
SMALLEST: Final = 0.01
"""What a balance of nothing, or less, counts as where an amount is set beside it."""


class Inputs(NamedTuple):
    """Columns [payments, len(names)], the names, and which of them are of words."""

    values: Floats
    names: tuple[str, ...]
    words: tuple[str, ...]


def vocabulary(rows: pa.Table) -> dict[str, list[str]]:
    """The words of each column of words, sorted; a column of prose has none.

    Of a purpose only codes count: a model may be joined with those of others, and prose may name somebody.
    """
    found = {}
    for name in WORDS:
        if name in rows.column_names:
            words = sorted(str(one) for one in pc.unique(rows[name]).to_pylist() if one is not None)
            words = [one for one in words if name != "purpose" or PURPOSE.fullmatch(one)]
            if 1 < len(words) <= KINDS_OF_WORD:
                found[name] = words
    return found


def build(
    rows: pa.Table, ledger: Ledger, plan: Plan, words: Mapping[str, Sequence[str]], facts: Iterable[str]
) -> Inputs:
    """Inputs of a model.

    Args:
        rows: of `formats.payments.table`, in the order of time.
        ledger: the same as numbers.
        plan: what the engine computes.
        words: `vocabulary` of the payments that the model was fitted on.
        facts: which numeric columns are told; one that is not there is unknown.
    """
    columns: dict[str, Any] = {}
    for name, known in words.items():
        columns[name] = _coded(rows, name, known)
    for name in facts:
        if not is_protected(name):
            columns[name] = _fact(rows, name)
            if "balance" in name:
                columns[f"amount_to_{name}"] = ledger.amount / np.maximum(columns[name], SMALLEST)
    columns["hour"] = (ledger.time // HOUR) % 24
    columns["weekday"] = (ledger.time // DAY + 3) % 7
    columns |= dict(_together(rows))
    for name in SHARED:
        if name in rows.column_names:
            columns[f"{name}_others"] = others_before(_codes(rows[name]), ledger.payer)
    features = Stream(plan).features(ledger.payer, ledger.payee, ledger.time, ledger.amount)
    rest = np.empty((len(ledger.time), len(columns)), np.float32)
    for k, values in enumerate(columns.values()):
        rest[:, k] = values
    return Inputs(np.concatenate((features, rest), axis=1), (*plan.names, *columns), tuple(words))


def with_accounts(rows: pa.Table, accounts: pa.Table) -> pa.Table:
    """The rows with what is known of either account: how old it was (days), and the type of its holder.

    `accounts` is as `payments.account_table` gives it. An account that was opened later than it is paid from
    is of unknown age.
    """
    known = pc.cast(accounts["account_id"], pa.string()).combine_chunks()
    for side in ("payer", "payee"):
        place = pc.index_in(pc.cast(rows[side], pa.string()), known)
        if "opened" in accounts.column_names:
            opened = pc.cast(accounts["opened"], pa.timestamp("us", "UTC")).take(place)
            days = pc.divide(pc.cast(pc.cast(pc.subtract(rows["at"], opened), pa.int64()), pa.float64()), DAY)
            rows = rows.append_column(f"{side}_account_days", pc.if_else(pc.less(days, 0.0), None, days))
        if "holder_type" in accounts.column_names:
            types = pc.cast(accounts["holder_type"], pa.string()).take(place)
            rows = rows.append_column(f"{side}_holder_type", types)
    return rows


def facts_of(rows: pa.Table) -> tuple[str, ...]:
    """The numeric facts of a table."""
    return tuple(
        field.name
        for field in rows.schema
        if field.name.startswith(("payer_", "payee_")) and pa.types.is_floating(field.type)
    )


def _coded(rows: pa.Table, name: str, known: Sequence[str]) -> Any:
    if name not in rows.column_names:
        return np.full(rows.num_rows, np.nan)
    found = pc.index_in(pc.cast(rows[name], pa.string()), pa.array(known, pa.string()))
    return pc.fill_null(pc.cast(found, pa.float64()), np.nan).to_numpy()


def _fact(rows: pa.Table, name: str) -> Any:
    if name not in rows.column_names:
        return np.full(rows.num_rows, np.nan)
    return pc.fill_null(pc.cast(rows[name], pa.float64()), np.nan).to_numpy()


def _together(rows: pa.Table) -> Iterable[tuple[str, Any]]:
    """Whether both accounts are at one bank, and whether the payment crosses a border; NaN where unknown."""
    for name, one, other, same in (
        ("same_bank", "payer_bank", "payee_bank", True),
        ("across_border", "payer_seat", "payee_seat", False),
    ):
        if {one, other} <= set(rows.column_names):
            equal = pc.equal(pc.cast(rows[one], pa.string()), pc.cast(rows[other], pa.string()))
            found = equal if same else pc.invert(equal)
            yield name, pc.fill_null(pc.cast(found, pa.float64()), np.nan).to_numpy()
    if "to_self" in rows.column_names:
        yield "to_self", pc.cast(rows["to_self"], pa.float64()).to_numpy()


def _codes(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    coded = pc.dictionary_encode(pc.cast(column, pa.string())).combine_chunks()
    return np.asarray(pc.fill_null(pc.cast(coded.indices, pa.int64()), -1).to_numpy(zero_copy_only=False))


def others_before(keys: npt.NDArray[np.int64], accounts: npt.NDArray[np.int64]) -> Any:
    """For each row, how many other accounts had its key before; NaN where it has none (-1).

    The rows are in the order of time: no later one counts.
    """
    wide = int(accounts.max(initial=0)) + 1
    _, first = np.unique(keys * wide + accounts, return_index=True)
    fresh = np.zeros(len(keys), np.int64)
    fresh[first] = 1
    order = np.argsort(keys, kind="stable")
    counted = np.cumsum(fresh[order])
    starts = np.flatnonzero(np.r_[True, np.diff(keys[order]) != 0])
    base = np.repeat(counted[starts] - fresh[order][starts], np.diff(np.r_[starts, len(keys)]))
    out = np.empty(len(keys))
    out[order] = counted - base - 1
    out[keys < 0] = np.nan
    return out
