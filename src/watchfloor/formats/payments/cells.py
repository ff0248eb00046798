"""Cells of a table of payments to Arrow columns: amounts, moments, numbered texts. No loop goes over rows.

Each reader returns its column, null where there is nothing it could use, and says of which rows why.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import INSTANT
from watchfloor.formats.sensors.detections.cells import UNKNOWN, of_our_days, unit_of
from watchfloor.formats.tabular import measures, values
from watchfloor.formats.tabular.measures import FINE

Mask = npt.NDArray[np.bool_]
Whys = dict[str, Mask]
"""For each reason, the rows that have it."""

CODED: Final = pa.dictionary(pa.int32(), pa.string())

FIRST: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""No ledger that is read here is older; an earlier moment is a mistake."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

NO_AMOUNT: Final = "no amount"
BAD_AMOUNT: Final = "the amount is no number"
NO_TIME: Final = "no time"
BAD_TIME: Final = "the time is none that a calendar has"
BOTH_WAYS: Final = "the date reads in two ways: write year, month, day"

_NUMBER: Final = r"^\s*[+-]?(\d{1,20}(\.\d{0,18})?|\.\d{1,18})\s*$"
_LOOSE: Final = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*$"
_SILENT: Final = pa.array(["", "nan", "na", "n/a", "null", "none", "nil", "-", "?"])
"""What a cell that says nothing may hold, as `UNKNOWN` has it."""
_FORMS: Final = (
    *("%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "%Y%m%d", "%Y%m%d%H%M%S", "%d %b %Y", "%d-%b-%Y"),
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"),
)
_SWAPPED: Final = (
    ("%d/%m/%Y", "%m/%d/%Y"),
    ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"),
    ("%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"),
    ("%d-%m-%Y", "%m-%d-%Y"),
    ("%d-%m-%Y %H:%M", "%m-%d-%Y %H:%M"),
    ("%d-%m-%Y %H:%M:%S", "%m-%d-%Y %H:%M:%S"),
)
MOST: Final = 1e20
"""Amounts have at most twenty digits before their decimals."""
_EXACT: Final = Decimal(1).scaleb(-18)


class Read(NamedTuple):
    """A column, and for each reason the rows that have no value for it; and what a person should know."""

    values: pa.Array
    whys: Whys
    notes: tuple[str, ...] = ()


class Steps(NamedTuple):
    """How a file's step numbers are times: the moment of step 0, and how long a step is."""

    start: datetime = EPOCH
    length: timedelta = timedelta(days=1)


def mask(array: pa.Array) -> Mask:
    """A column of truths as numpy; null is false."""
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), np.bool_)


def plain(array: pa.Array) -> pa.Array:
    """A column without its dictionary."""
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def texts(array: pa.Array, names: Callable[[str], str | None] | None = None) -> pa.DictionaryArray:
    """Numbered texts, trimmed; null where a cell says nothing (`nan`, `null`, `-`) or `names` gives None.

    Args:
        array: a column of any type.
        names: what to call each distinct text; None: as it is.
    """
    if not pa.types.is_dictionary(array.type):
        if pa.types.is_nested(array.type):
            return pa.DictionaryArray.from_arrays(pa.nulls(len(array), pa.int32()), pa.array([], pa.string()))
        if pa.types.is_floating(array.type):
            array = _whole(array)
        array = pc.dictionary_encode(pc.cast(array, pa.string()))
    stated = pc.utf8_trim_whitespace(pc.cast(array.dictionary, pa.string()))
    stated = pc.if_else(pc.is_in(pc.utf8_lower(stated), _SILENT), None, stated)
    if names:
        stated = pa.array([None if text is None else names(text) for text in stated.to_pylist()], pa.string())
    return renamed(pc.cast(array.indices, pa.int32()), stated)


def renamed(codes: pa.Array, stated: pa.Array) -> pa.DictionaryArray:
    """Codes under new names, of which several may be one and null is none; no name is there twice."""
    coded = pc.dictionary_encode(stated)
    if coded.null_count == 0 and len(coded.dictionary) == len(stated):
        return pa.DictionaryArray.from_arrays(codes, coded.dictionary)
    return pa.DictionaryArray.from_arrays(coded.indices.take(codes), coded.dictionary)


def _whole(array: pa.Array) -> pa.Array:
    """Numbers that are texts: without a point where all are whole."""
    whole = pc.and_kleene(pc.equal(array, pc.round(array)), pc.less(pc.abs(array), 2.0**53))
    return pc.cast(array, pa.int64()) if pc.all(whole, min_count=0).as_py() else array


def ids(array: pa.Array) -> pa.Array:
    """Ids as text, null where there is none."""
    array = plain(array)
    if pa.types.is_floating(array.type):
        array = _whole(array)
    if pa.types.is_nested(array.type):
        return pa.nulls(len(array), pa.string())
    return pc.cast(array, pa.string())


def amounts(array: pa.Array) -> Read:
    """Amounts, exact to eighteen decimals; what has more is rounded there, half to even.

    A number of a Parquet file is taken as the shortest decimal that is this number.
    """
    array = plain(array)
    missing = mask(array.is_null())
    if pa.types.is_decimal(array.type) or pa.types.is_integer(array.type):
        try:
            return Read(pc.cast(array, FINE), {NO_AMOUNT: missing})
        except pa.ArrowInvalid:  # too long for it
            array = pc.cast(array, pa.string())
    if pa.types.is_floating(array.type):
        array = pc.cast(pc.cast(array, pa.float64()), pa.string())
    if not pa.types.is_string(array.type):
        return Read(pa.nulls(len(array), FINE), {BAD_AMOUNT: ~missing, NO_AMOUNT: missing})
    unknown = pc.match_substring_regex(array, r"^\s*(|na|n/a|null|none|nil|-|\?)\s*$", ignore_case=True)
    array = pc.if_else(unknown, None, array)
    missing |= mask(unknown)
    good = pc.match_substring_regex(array, _NUMBER)
    if pc.all(good, min_count=0).as_py():
        return Read(pc.cast(pc.utf8_trim_whitespace(array), FINE), {NO_AMOUNT: missing})
    found = pc.cast(pc.utf8_trim_whitespace(pc.if_else(good, array, None)), FINE)
    rest = values.by_distinct(pc.if_else(good, None, array), _amount, FINE)
    bad = np.zeros(len(array), np.bool_)
    bad[list(rest.wrong)] = True
    return Read(pc.coalesce(found, rest.values), {NO_AMOUNT: missing, BAD_AMOUNT: bad})


def _amount(text: str) -> Decimal:
    """An amount that is not plain digits: `1e-5`, `1,234.50`, more than eighteen decimals."""
    try:
        number = Decimal(text.strip()) if "_" not in text else Decimal("nan")
    except ArithmeticError:
        return _grouped(text)
    if not number.is_finite() or abs(number) >= MOST:
        raise ValueError(text)
    with localcontext(prec=60):
        return number.quantize(_EXACT, ROUND_HALF_EVEN)


def _grouped(text: str) -> Decimal:
    negative = text.strip().startswith("-")
    found = measures.amount(pa.array([text.strip().lstrip("+-")]))
    if found.wrong:
        raise ValueError(text)
    value: Decimal = found.values[0].as_py()
    return -value if negative else value


def moments(array: pa.Array, steps: Steps | None = None, counted: bool = False) -> Read:
    """Moments in UTC of a column of times: ISO 8601 and kin, counted since 1970, or steps.

    Args:
        array: the column, as text, numbers, dates or moments.
        steps: how numbers that are no date of our days are times; None: a step is a day from 1970.
        counted: the column is one of steps, whatever the size of its numbers.
    """
    if pa.types.is_dictionary(array.type):
        return _repeated(array, moments(pc.cast(array.dictionary, pa.string()), steps, counted))
    missing = mask(array.is_null())
    if pa.types.is_date(array.type) or pa.types.is_timestamp(array.type):
        zone = None if pa.types.is_date(array.type) else array.type.tz
        return _sane(pc.cast(pc.cast(array, pa.timestamp("us", zone), safe=False), INSTANT), missing)
    if pa.types.is_string(array.type):
        unknown = pc.match_substring_regex(array, UNKNOWN, ignore_case=True)
        array = pc.if_else(unknown, None, array)
        missing |= mask(unknown)
        numeric = pc.match_substring_regex(array, _LOOSE)
        if not pc.all(numeric, min_count=0).as_py() or not pc.any(numeric).as_py():
            return _stated(array, missing)
        array = pc.cast(pc.utf8_trim_whitespace(array), pa.float64())
    if pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_decimal(array.type):
        return _numbered(array, missing, steps, counted)
    return Read(pa.nulls(len(array), INSTANT), {NO_TIME: missing, BAD_TIME: ~missing})


def _repeated(array: pa.DictionaryArray, read: Read) -> Read:
    """Repeat the readings of a numbered column's texts on its rows."""
    codes = np.asarray(pc.fill_null(array.indices, -1).to_numpy(zero_copy_only=False))
    whys = {why: np.append(rows, why == NO_TIME)[codes] for why, rows in read.whys.items()}
    return Read(read.values.take(array.indices), whys, read.notes)


def _sane(found: pa.Array, missing: Mask) -> Read:
    early = mask(pc.less(found, pa.scalar(FIRST, INSTANT)))
    bad = early | (mask(found.is_null()) & ~missing)
    return Read(found, {NO_TIME: missing, BAD_TIME: bad})


def _numbered(array: pa.Array, missing: Mask, steps: Steps | None, counted: bool) -> Read:
    floats = np.asarray(pc.cast(array, pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)
    finite = floats[np.isfinite(floats)]
    middle = float(np.median(finite)) if finite.size else 0.0
    if not counted and pa.types.is_integer(array.type) and 19000101 <= middle <= 22001231:
        return _stated(pc.cast(array, pa.string()), missing)
    factor = unit_of(floats)
    if not counted and of_our_days(floats * factor):
        scale = round(1e6 * factor) if factor >= 1e-6 else 0
        told: tuple[str, ...] = ()
        start = 0
    else:
        how = steps or Steps()
        scale, start = (
            how.length // timedelta(microseconds=1),
            (how.start - EPOCH) // timedelta(microseconds=1),
        )
        told = (
            ()
            if steps
            else (f"steps are read as days from {how.start:%Y-%m-%d}, since nothing says what they are",)
        )
    if pa.types.is_integer(array.type):
        counts = np.asarray(pc.fill_null(array, 0).to_numpy(zero_copy_only=False)).astype(np.float64)
        exact = np.asarray(pc.cast(pc.fill_null(array, 0), pa.int64(), safe=False).to_numpy(), np.int64)
        outside = np.abs(counts) * max(scale, 1e-3) > 9e15
        exact = np.where(outside, 0, exact)
        micros = (exact * scale if scale else exact // 1000) + start
    else:
        spread = floats * (scale or 1e-3)
        outside = ~(np.abs(spread) <= 2.5e17)
        micros = np.rint(np.where(outside, 0.0, spread)).astype(np.int64) + start
    outside |= np.abs(micros) > 250_000_000_000_000_000
    if start or told or steps or counted:
        outside |= floats < 0  # no step comes before the first
    outside &= ~missing
    found = pc.cast(pa.array(micros, pa.int64(), mask=missing | outside), INSTANT)
    read = _sane(found, missing)
    return Read(read.values, read.whys, told)


def _stated(array: pa.Array, missing: Mask) -> Read:
    """Times that are written out. Those without a zone are in UTC."""
    try:
        return _sane(pc.cast(pc.cast(array, pa.timestamp("us")), INSTANT), missing)
    except pa.ArrowInvalid:  # some name a zone, or are written otherwise, or are none
        pass
    coded = pc.dictionary_encode(array)
    distinct = coded.dictionary
    try:
        found = pc.cast(distinct, INSTANT)
    except pa.ArrowInvalid:
        found = _by_forms(distinct)
    both = np.zeros(len(distinct), np.bool_)
    if found.null_count:
        found, both = _swapped(distinct, found)
    if found.null_count:
        rest = values.instant(pc.if_else(found.is_null(), distinct, None))
        found = pc.coalesce(found, rest.values)
        both &= mask(found.is_null())
    codes = pc.fill_null(coded.indices, 0)
    twofold = both[codes.to_numpy()] & ~missing if len(both) else np.zeros(len(array), np.bool_)
    read = _sane(found.take(coded.indices), missing)
    return Read(read.values, {BOTH_WAYS: twofold, **read.whys})


def _by_forms(distinct: pa.Array) -> pa.Array:
    found = pa.nulls(len(distinct), INSTANT)
    for form in _FORMS:
        if not found.null_count:
            break
        found = pc.coalesce(found, _parsed(distinct, form))
    return found


def _parsed(distinct: pa.Array, form: str) -> pa.Array:
    """Moments of the texts of one form, without those that no calendar has, such as 30 February."""
    read = pc.strptime(distinct, format=form, unit="us", error_is_null=True)
    again = pc.replace_substring_regex(pc.strftime(read, format=form), r"\.0+$", "")
    same = pc.equal(_unpadded(again), _unpadded(pc.utf8_trim_whitespace(distinct)))
    return pc.cast(pc.if_else(same, read, None), INSTANT)


def _unpadded(stated: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(pc.utf8_lower(stated), r"\b0(\d)", r"\1")


def _swapped(distinct: pa.Array, found: pa.Array) -> tuple[pa.Array, Mask]:
    """Dates with day and month in either order: the column's own days above 12 say which."""
    both = np.zeros(len(distinct), np.bool_)
    for one_way, other_way in _SWAPPED:
        first, second = _parsed(distinct, one_way), _parsed(distinct, other_way)
        ours = mask(pc.and_(found.is_null(), pc.or_(first.is_valid(), second.is_valid())))
        if not ours.any():
            continue
        only_first = (mask(first.is_valid()) & ~mask(second.is_valid()) & ours).any()
        only_second = (mask(second.is_valid()) & ~mask(first.is_valid()) & ours).any()
        if only_first != only_second:
            found = pc.coalesce(found, first if only_first else second)
        else:
            both |= ours
    return found, both


def clock(array: pa.Array) -> pa.Array:
    """Microseconds since midnight of a column of times of day, null where a cell is none."""
    array = plain(array)
    if pa.types.is_string(array.type):
        joined = pc.binary_join_element_wise("1970-01-01", pc.utf8_trim_whitespace(array), " ")
        coded = pc.dictionary_encode(joined)
        read = pa.nulls(len(coded.dictionary), pa.timestamp("us"))
        for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
            read = pc.coalesce(
                read, pc.strptime(coded.dictionary, format=form, unit="us", error_is_null=True)
            )
        return pc.cast(read, pa.int64()).take(coded.indices)
    if pa.types.is_time(array.type):
        return pc.cast(pc.cast(array, pa.time64("us")), pa.int64())
    return pa.nulls(len(array), pa.int64())


def numbers(array: pa.Array) -> tuple[npt.NDArray[np.float64], int]:
    """Numbers, NaN where there is none, and how many cells were neither a number nor empty.

    Truths are 1 and 0; infinite ones are none.
    """
    array = plain(array)
    bad = 0
    if pa.types.is_boolean(array.type):
        array = pc.cast(array, pa.int8())
    if pa.types.is_string(array.type):
        filled = pc.invert(pc.match_substring_regex(array, UNKNOWN, ignore_case=True))
        good = pc.match_substring_regex(array, _LOOSE)
        bad = int(pc.sum(pc.and_(filled, pc.invert(good))).as_py() or 0)
        array = pc.cast(pc.utf8_trim_whitespace(pc.if_else(good, array, None)), pa.float64())
    if not (
        pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_decimal(array.type)
    ):
        return np.full(len(array), np.nan), len(array) - array.null_count
    floats = np.array(pc.cast(array, pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)
    endless = np.isinf(floats)
    if endless.any():
        floats[endless] = np.nan
        bad += int(endless.sum())
    return floats, bad
