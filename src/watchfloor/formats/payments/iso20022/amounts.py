"""Amounts and currencies of ISO 20022: exact, from text to decimals of 18 digits, at most five behind the
point.

`ActiveCurrencyAndAmount` allows 18 digits in all, five of them behind the point, and no sign (ISO 20022,
data type of pacs.008). Zeros behind the last digit do not count.
"""

from decimal import Decimal
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kernels import kernel
from watchfloor.formats.payments.currencies import CURRENCIES
from watchfloor.formats.payments.iso20022.columns import buffers
from watchfloor.formats.tabular.measures import FINE, MONEY, WHOLE

DIGITS: Final = 18
PLACES: Final = 5

Ints = npt.NDArray[np.int64]
GOOD, NONE, NO_NUMBER, NEGATIVE, TOO_LONG, ZERO = range(6)
WHY: Final = {
    NONE: "there is no amount",
    NO_NUMBER: "is no amount such as 1234.50",
    NEGATIVE: "is negative: the direction is stated apart, and amounts have no sign",
    TOO_LONG: f"has more than {DIGITS} digits, {WHOLE} before the point or {PLACES} behind it",
    ZERO: "moves no money",
}


class Amounts(NamedTuple):
    """Amounts as whole numbers of `10 ** -scale`, and what is wrong with each."""

    mantissa: Ints
    scale: npt.NDArray[np.int8]
    wrong: npt.NDArray[np.uint8]

    def money(self) -> pa.Array:
        """With two decimals, the rest rounded to even; 0 where something is wrong."""
        cents = self.mantissa.copy()
        for scale in range(2):
            at = self.scale == scale
            cents[at] *= 10 ** (2 - scale)
        fine = np.flatnonzero(self.scale > 2)
        cents[fine] = _rounded(self.mantissa[fine], self.scale[fine])
        return _decimals(cents, 2).cast(MONEY)

    def fine(self) -> pa.Array:
        """Those with more than two decimals to their last digit; null for others."""
        column = pa.nulls(len(self.mantissa), FINE)
        for scale in range(3, PLACES + 1):
            at = self.scale == scale
            if at.any():
                exact = _decimals(self.mantissa, scale).cast(pa.decimal128(38, scale)).cast(FINE, safe=False)
                column = pc.if_else(pa.array(at), exact, column)
        return column

    def total(self, rows: Any) -> Decimal:
        """The exact sum of some rows."""
        found = Decimal(0)
        mantissa, scales = self.mantissa[rows], self.scale[rows]
        for scale in range(PLACES + 1):
            some = mantissa[scales == scale]
            whole = (int((some >> 32).sum()) << 32) + int((some & 0xFFFFFFFF).sum())
            found += Decimal(whole).scaleb(-scale)
        return found


def amounts(texts: pa.Array, zero: npt.NDArray[np.bool_]) -> Amounts:
    """Read amounts; `zero` says which may be nothing."""
    ends, data = buffers(texts)
    mantissa, scale, wrong = _amounts(ends, data)
    wrong[(wrong == GOOD) & (mantissa == 0) & ~zero] = ZERO
    return Amounts(mantissa, scale, wrong)


def currencies(texts: pa.Array) -> tuple[pa.Array, dict[int, str]]:
    """The codes, and what is wrong with them by row."""
    coded = pc.dictionary_encode(texts)
    known = enumerate(coded.dictionary.to_pylist())
    bad = {code: f"{text!r} is no currency of ISO 4217" for code, text in known if text not in CURRENCIES}
    if not bad and not texts.null_count:
        return texts, {}
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    bad[-1] = "there is no currency"
    return texts, {int(row): bad[int(codes[row])] for row in np.flatnonzero(np.isin(codes, list(bad)))}


def _rounded(mantissa: Ints, scale: npt.NDArray[np.int8]) -> Ints:
    unit = 10 ** (scale.astype(np.int64) - 2)
    whole, rest = np.divmod(mantissa, unit)
    up = (2 * rest > unit) | ((2 * rest == unit) & (whole % 2 == 1))
    return np.asarray(whole + up, np.int64)


def _decimals(values: Ints, scale: int) -> pa.Array:
    """Whole numbers, 0 or more, as decimals of 19 digits."""
    words = np.zeros((len(values), 2), np.int64)
    words[:, 0] = values
    return pa.Array.from_buffers(pa.decimal128(19, scale), len(values), [None, pa.py_buffer(words)])


@kernel
def _amounts(ends: Any, data: Any) -> Any:
    count = len(ends) - 1
    mantissa, scale, wrong = np.zeros(count, np.int64), np.zeros(count, np.int8), np.zeros(count, np.uint8)
    for row in range(count):
        start, end = ends[row], ends[row + 1]
        if start == end:
            wrong[row] = NONE
            continue
        negative = data[start] == 45
        if negative or data[start] == 43:
            start += 1
        point, digits, kept = -1, 0, 0
        value = np.int64(0)
        places = 0
        last = end
        for i in range(start, end):
            if data[i] == 46:
                point = i
        while point >= 0 and last > point + 1 and data[last - 1] == 48:
            last -= 1
        for i in range(start, last):
            if data[i] == 46 and i == point:
                continue
            if data[i] < 48 or data[i] > 57:
                digits = -1
                break
            digits += 1
            if point >= 0 and i > point:
                places += 1
            if kept or data[i] != 48:
                kept += 1
                if kept <= DIGITS:
                    value = value * 10 + data[i] - 48
        if digits <= 0 and not (digits == 0 and point > start - 1 and end - start > 1 and point >= 0):
            wrong[row] = NO_NUMBER
        elif negative:
            wrong[row] = NEGATIVE
        elif kept > DIGITS or places > PLACES or kept - places > WHOLE:
            wrong[row] = TOO_LONG
        else:
            mantissa[row], scale[row] = value, places
    return mantissa, scale, wrong
