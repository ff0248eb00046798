"""A table of payments as the columns of numbers that the engine takes."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Integers = npt.NDArray[np.int64]

BANKS: Final = ("payer_bank", "payee_bank")
"""Columns that say at which bank a side's account is."""


class ViewError(ValueError):
    """A bank that no payment names; the message says which there are."""


class Ledger(NamedTuple):
    """Payments in the order of time.

    Attributes:
        payer: number of the account that pays. A side without an account (cash over a counter) has a number
        of
            its own for each account on the other side, so that no two tills become one hub.
        payee: that which is paid.
        time: µs since 1970, UTC.
        amount: in its currency.
        names: what the accounts are called, for the numbers below `len(names)`.
    """

    payer: Integers
    payee: Integers
    time: Integers
    amount: npt.NDArray[np.float64]
    names: pa.Array

    def before(self, end: int) -> "Ledger":
        """The first `end` payments."""
        return Ledger(self.payer[:end], self.payee[:end], self.time[:end], self.amount[:end], self.names)


def from_rows(rows: pa.Table) -> Ledger:
    """The ledger of rows as `formats.payments.table` gives them."""
    payer, payee = _single(rows["payer"]), _single(rows["payee"])
    names = payer.dictionary
    if not names.equals(payee.dictionary):
        raise ValueError("payer and payee are not numbered by one dictionary")
    one, other = _codes(payer), _codes(payee)
    return Ledger(
        np.where(one < 0, other + len(names), one),
        np.where(other < 0, one + len(names), other),
        pc.cast(_single(rows["at"]), pa.int64()).to_numpy(),
        np.ascontiguousarray(_single(rows["amount_float"]).to_numpy(zero_copy_only=False), np.float64),
        names,
    )


def seen_by(rows: pa.Table, bank: str) -> pa.Table:
    """The payments that one bank sees: those of its own accounts, without facts of accounts elsewhere.

    Raises `ViewError` where it has none.
    """
    banks = [name for name in BANKS if name in rows.column_names]
    if not banks:
        raise ViewError("no column says which banks the accounts are at, so there is no view of one")
    mine = [at_bank(rows, name, bank) for name in banks]
    seen = rows.filter(mine[0] if len(mine) == 1 else pc.or_(*mine))
    if not seen.num_rows:
        known = sorted({str(one) for name in banks for one in pc.unique(rows[name]).to_pylist() if one})
        shown = ", ".join(known[:20]) + (f" and {len(known) - 20} more" if len(known) > 20 else "")
        raise ViewError(f"no payment is of an account at {bank!r}; the banks are {shown}")
    return _without_facts(seen, bank)


def _without_facts(rows: pa.Table, bank: str) -> pa.Table:
    """The rows, with numbers of a side (`payer_tenure_days`) where that side is the bank's alone."""
    own = {name: at_bank(rows, name, bank) for name in BANKS if name in rows.column_names}
    for k, field in enumerate(rows.schema):
        name = f"{field.name.partition('_')[0]}_bank"
        if pa.types.is_floating(field.type) and name in own:
            rows = rows.set_column(k, field, pc.if_else(own[name], rows[field.name], None))
    return rows


def at_bank(rows: pa.Table, name: str, bank: str) -> Any:
    """Whether each row has that bank in that column; one that says none does not."""
    return pc.fill_null(pc.equal(pc.cast(_single(rows[name]), pa.string()), bank), False)


def _single(column: pa.ChunkedArray | pa.Array) -> Any:
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column
        return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    return column


def _codes(column: pa.DictionaryArray) -> Integers:
    return np.asarray(pc.fill_null(pc.cast(column.indices, pa.int64()), -1).to_numpy(zero_copy_only=False))
