"""Cells of a table of detections to numpy columns: numbers, times, texts. No loop goes over rows.

A cell may come as text or as what a Parquet file or Arrow's CSV reader made of it. An empty cell, `NaN`,
`NA`, `null`, `none`, `n/a` and `-` say that a value is not known; what is neither that nor a number is bad.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.tabular import values
from watchfloor.formats.tabular.table import single

F8 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]

UNKNOWN: Final = r"^\s*(|nan|na|n/a|null|none|nil|-|\?)\s*$"
"""What a cell that says nothing may hold, in any case of letters."""
_NUMBER: Final = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_INFINITE: Final = r"^\s*[+-]?inf(inity)?\s*$"
_FIRST: Final = -62_135_596_800.0
_LAST: Final = 253_402_300_799.0
"""Seconds of the years 1 and 9999, outside of which no calendar of ours goes."""


_UNITS: Final = ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3))
"""The least size of a date of our days in nano-, micro- and milliseconds, and their factors to seconds."""


class Numbers(NamedTuple):
    """Values, NaN where there is none, and which cells hold something that is no number."""

    values: F8
    bad: Mask


class Times(NamedTuple):
    """Seconds, NaN where there are none; which cells are no time; the factor that made seconds of numbers.

    Seconds count from 1970-01-01 UTC where `dated`, else from a moment that only the file's author knows.
    """

    seconds: F8
    bad: Mask
    factor: float
    dated: bool


class Coded(NamedTuple):
    """Texts as numbers: which of `names` each row has, -1 for none; names in order of first appearance."""

    codes: Codes
    names: tuple[str, ...]

    def array(self) -> pa.Array:
        """The texts, null where there is none."""
        return pa.array(self.names, pa.string()).take(pa.array(self.codes, mask=self.codes < 0))

    def select(self, rows: npt.NDArray[np.int64]) -> "Coded":
        """The texts of some rows, under the same names."""
        return Coded(self.codes[rows], self.names)


def numbers(column: pa.ChunkedArray) -> Numbers:
    """A column of numbers."""
    column = _plain(column)
    bad = np.zeros(len(column), np.bool_)
    if pa.types.is_string(column.type):
        column, bad = _read_numbers(column)
    elif not _numeric(column.type):
        return Numbers(np.full(len(column), np.nan), _filled(column))
    return Numbers(_floats(column), bad)


def times(column: pa.ChunkedArray, factor: float = 0.0, dated: bool | None = None) -> Times:
    """A column of times: numbers of seconds, moments, or text in ISO 8601, in UTC where it names no zone.

    Args:
        column: the cells.
        factor: seconds of one unit of a number; 0: found from their size, as `unit_of` does.
        dated: whether numbers count from 1970 UTC; None: those of the size of a date of our days do.
    """
    column = _plain(column)
    if pa.types.is_date(column.type):
        column = pc.cast(column, pa.timestamp("us"))
    if pa.types.is_timestamp(column.type):
        return _ranged(_microseconds(column) / 1e6, np.zeros(len(column), np.bool_), 1.0, dated=True)
    if pa.types.is_string(column.type):
        seconds, bad = _read_numbers(column)
        if bad.any():
            return _moments(column, seconds, bad)
        column = seconds
    if not _numeric(column.type):
        return Times(np.full(len(column), np.nan), _filled(column), 1.0, False)
    counted = _floats(column)
    factor = factor or unit_of(counted)
    seconds = _seconds(counted, factor)
    return _ranged(seconds, np.isinf(counted), factor, dated=of_our_days(seconds) if dated is None else dated)


def _seconds(counted: F8, factor: float) -> F8:
    """Seconds of counted units, by division by a whole number, which rounds once."""
    return counted if factor == 1.0 else counted / np.rint(1.0 / factor)


def unit_of(counted: F8) -> float:
    """Seconds, milliseconds, microseconds or nanoseconds: which gives a date of our days, as a factor.

    The middle of the values decides: seconds of the year 5138 are the milliseconds of 1973.
    """
    finite = np.abs(counted[np.isfinite(counted)])
    middle = float(np.median(finite)) if finite.size else 0.0
    return next((factor for least, factor in _UNITS if middle >= least), 1.0)


def of_our_days(seconds: F8) -> bool:
    """Whether the middle of some seconds is later than March 1973: fewer count from another moment."""
    finite = seconds[np.isfinite(seconds)]
    return bool(finite.size) and float(np.median(finite)) >= 1e8


def texts(column: pa.ChunkedArray) -> Coded:
    """A column of texts, or of lists of them; whole numbers have no point, and an empty text is none."""
    if pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type):
        return _coded(single(column))
    column = _plain(column)
    if pa.types.is_list(column.type) and pa.types.is_string(column.type.value_type):
        escaped = pa.ListArray.from_arrays(
            column.offsets, values.escape(column.values), mask=column.is_null()
        )
        column = pc.binary_join(escaped, ";")
    if pa.types.is_nested(column.type):
        return no_texts(len(column))
    if pa.types.is_floating(column.type):
        whole = pc.and_kleene(pc.equal(column, pc.round(column)), pc.less(pc.abs(column), 2.0**53))
        if pc.all(whole, min_count=0).as_py():
            column = pc.cast(pc.if_else(whole, column, None), pa.int64())
    return _coded(pc.dictionary_encode(pc.cast(column, pa.string())))


def _coded(array: pa.DictionaryArray) -> Coded:
    """Texts that Arrow has numbered, trimmed, without empty ones."""
    names = [(name or "").strip() for name in array.dictionary.to_pylist()]
    kept = tuple(dict.fromkeys(name for name in names if name))
    number = {name: at for at, name in enumerate(kept)}
    lookup = np.array([*(number.get(name, -1) for name in names), -1], np.int32)
    return Coded(lookup[pc.fill_null(array.indices, len(names)).to_numpy(zero_copy_only=False)], kept)


def recoded(given: Coded, names: list[str]) -> Coded:
    """The same texts under other names, of which several may be one."""
    kept = tuple(dict.fromkeys(names))
    number = {name: at for at, name in enumerate(kept)}
    lookup = np.array([*(number[name] for name in names), -1], np.int32)
    return Coded(lookup[given.codes], kept)


def either(first: Coded, second: Coded) -> Coded:
    """The first text of each row, else the second."""
    if not first.names:
        return second
    shifted = np.where(second.codes >= 0, second.codes + len(first.names), -1)
    names = first.names + second.names
    return recoded(
        Coded(np.where(first.codes >= 0, first.codes, shifted).astype(np.int32), names), list(names)
    )


def no_texts(size: int) -> Coded:
    """A column of texts that a table has not."""
    return Coded(np.broadcast_to(np.int32(-1), size), ())


def none(size: int) -> F8:
    """A column that a table has not: one NaN, seen from every row. It can be read only."""
    return np.broadcast_to(np.float64(np.nan), size)


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """One array, without dictionaries."""
    array = single(column)
    if pa.types.is_dictionary(array.type):
        return array.dictionary_decode()
    return pc.cast(array, pa.float64()) if pa.types.is_null(array.type) else array


def _numeric(of: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(of)
        or pa.types.is_floating(of)
        or pa.types.is_decimal(of)
        or pa.types.is_boolean(of)
    )


def _filled(column: pa.Array) -> Mask:
    return np.asarray(column.is_valid().to_numpy(zero_copy_only=False), np.bool_)


def _floats(column: pa.Array) -> F8:
    if column.type != pa.float64():
        column = pc.cast(column, pa.float64(), safe=False)
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)


def _read_numbers(column: pa.Array) -> tuple[pa.Array, Mask]:
    """Numbers of texts, and which texts are none; a decimal comma is read where there is no point."""
    try:
        return pc.cast(column, pa.float64()), np.zeros(len(column), np.bool_)
    except pa.ArrowInvalid:
        pass
    column = pc.utf8_trim_whitespace(column)
    unknown = pc.match_substring_regex(column, UNKNOWN, ignore_case=True)
    column = pc.if_else(unknown, None, column)
    column = pc.if_else(
        pc.match_substring_regex(column, r"^[+-]?\d+,\d+$"), pc.replace_substring(column, ",", "."), column
    )
    endless = pc.match_substring_regex(column, _INFINITE, ignore_case=True)
    good = pc.or_(pc.match_substring_regex(column, _NUMBER), endless)
    bad = pc.fill_null(pc.invert(good), False)
    found = pc.cast(pc.utf8_lower(pc.if_else(good, column, None)), pa.float64())
    return found, np.asarray(bad.to_numpy(zero_copy_only=False), np.bool_)


def _microseconds(column: pa.Array) -> F8:
    """Microseconds since 1970 UTC of a column of moments; one without zone is in UTC."""
    column = pc.cast(column, pa.timestamp("us", column.type.tz), safe=False)
    return _floats(pc.cast(column, pa.int64()))


def _moments(column: pa.Array, counted: pa.Array, bad: Mask) -> Times:
    """Times where some text is no number: each is a moment in ISO 8601."""
    unknown = pc.match_substring_regex(column, UNKNOWN, ignore_case=True)
    stated = pc.if_else(unknown, None, column)
    wrong = np.zeros(len(column), np.bool_)
    try:
        moments = pc.cast(stated, pa.timestamp("us"))
    except pa.ArrowInvalid:  # some name a zone, or are none
        moments, unread = values.instant(stated)
        wrong[list(unread)] = True
    seconds = _microseconds(moments) / 1e6
    if wrong.sum() > bad.sum():  # more numbers than moments: the others are bad
        plain = _floats(counted)
        factor = unit_of(plain)
        seconds = _seconds(plain, factor)
        return _ranged(seconds, bad, factor, dated=of_our_days(seconds))
    return _ranged(seconds, wrong, 1.0, dated=True)


def _ranged(seconds: F8, bad: Mask, factor: float, *, dated: bool) -> Times:
    """The times, those that no calendar has among the bad ones."""
    outside = ~np.isnan(seconds) & ~((seconds >= _FIRST) & (seconds <= _LAST))
    return Times(seconds, bad | outside, factor, dated)
