"""Payments that a file holds twice: repeats of an earlier row, and other payments under its id."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.payment_cells import Mask

_SAID: Final = ("amount_float", "sequence")
"""Columns that say nothing that others do not."""


def repeats(made: Mapping[str, pa.Array], good: Mask) -> tuple[Mask, Mask]:
    """Of the good rows: those that repeat an earlier one exactly, and those that only bear its id.

    An id is one payment at one paying bank: two banks that use the same number mean two payments.
    """
    size = len(good)
    none = np.zeros(size, np.bool_)
    named = made["payment_id"]
    if size < 2 or pc.all(pc.less(named.slice(0, size - 1), named.slice(1))).as_py():
        return none, none  # ids that rise, as most ledgers' do, are all different
    coded = pc.dictionary_encode(named)
    if len(coded.dictionary) == size:
        return none, none
    key = coded.indices.to_numpy().astype(np.int64)
    if "payer_bank" in made:
        bank = made["payer_bank"]
        codes = pc.fill_null(bank.indices, len(bank.dictionary)).to_numpy().astype(np.int64)
        key = key * (len(bank.dictionary) + 1) + codes
    first = _first(key, good)
    later = np.flatnonzero(good & (first != np.arange(size)))
    same = np.ones(len(later), np.bool_)
    for word, column in made.items():
        if word not in _SAID:
            same &= _equal(column, first[later], later)
    repeated, clashing = none.copy(), none
    repeated[later[same]] = True
    clashing = none.copy()
    clashing[later[~same]] = True
    return repeated, clashing


def _first(key: npt.NDArray[np.int64], good: Mask) -> npt.NDArray[np.int64]:
    """For each row the first good row of its key."""
    rows = np.flatnonzero(good)
    _, at, back = np.unique(key[rows], return_index=True, return_inverse=True)
    first = np.arange(len(key))
    first[rows] = rows[at][back]
    return first


def _equal(column: pa.Array, ones: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> Mask:
    if pa.types.is_dictionary(column.type):
        column = column.indices
    if pa.types.is_floating(column.type):
        values = column.to_numpy(zero_copy_only=False)
        alike: Mask = (values[ones] == values[others]) | (np.isnan(values[ones]) & np.isnan(values[others]))
        return alike
    left, right = column.take(pa.array(ones)), column.take(pa.array(others))
    same = pc.or_kleene(pc.equal(left, right), pc.and_(left.is_null(), right.is_null()))
    return np.asarray(pc.fill_null(same, False).to_numpy(zero_copy_only=False), np.bool_)
