"""Whether a Harmonized System code stands in the edition of a day: one code, or a column of them.

Of a national code of 8 or 10 digits the first six are compared; what follows is a country's own. Chapters 77
(reserved), 98 and 99 (a country's own) are in no edition, and answered as unknown.
"""

import re
from datetime import date
from typing import Final, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchfloor.reference.hs.editions import DAYS, EDITIONS, ENDS, edition_of, now, subheadings

State = Literal["valid", "withdrawn", "unknown", "malformed"]
STATES: Final[tuple[State, ...]] = ("valid", "withdrawn", "unknown", "malformed")

_DIGITS: Final = re.compile(r"\d{6}(?:\d{2}){0,2}", re.ASCII)
_BETWEEN: Final = "[. ]"


class Answer(NamedTuple):
    """Status of a code on a day.

    Attributes:
        state: `valid` in the edition of the day; `withdrawn` by that edition or one before it; `unknown`: in
            no edition, only in a later one, or the edition of the day is not held; `malformed`: not 6, 8 or
            10 digits.
        edition: year of the edition in force on the day, where it is held.
        first: the first edition with the code.
        last: of a withdrawn code, the last edition before the day that has it.
        now: of a withdrawn code, where its goods are in the edition of the day; empty: the source is silent.
    """

    state: State
    edition: int | None = None
    first: int | None = None
    last: int | None = None
    now: tuple[str, ...] = ()


def check(code: str, on: date) -> Answer:
    """Check a code on a day. Full stops and spaces between digits are left aside.

    >>> check("2939.71", date(2026, 7, 1)).now
    ('293945', '293949', '293972')
    """
    edition, plain = edition_of(on), re.sub(_BETWEEN, "", code)
    if not _DIGITS.fullmatch(plain):
        return Answer("malformed", edition)
    table = subheadings()
    at = int(np.searchsorted(table.codes, int(plain[:6])))
    if at == len(table.codes) or table.codes[at] != int(plain[:6]):
        return Answer("unknown", edition)
    years = [year for year, held in zip(EDITIONS, table.held[at], strict=True) if held]
    if edition is None:
        return Answer("unknown", None, years[0])
    return _answer(plain[:6], years, edition)


def _answer(code: str, years: list[int], edition: int) -> Answer:
    if edition in years:
        return Answer("valid", edition, years[0])
    before = [year for year in years if year < edition]
    if not before:
        return Answer("unknown", edition, years[0])
    withdrawn = EDITIONS[EDITIONS.index(before[-1]) + 1]
    return Answer("withdrawn", edition, years[0], before[-1], now(code, withdrawn, edition))


def check_many(codes: pa.Array, days: pa.Array | date) -> pa.Table:
    """Check n codes, each on its day or all on one.

    Args:
        codes: string[n], or a dictionary of them; null where a declaration has none.
        days: date32[n], or one day for all.

    Returns:
        A table of n rows: `state` (dictionary of STATES; null where the code or the day is), `edition`,
        `first` and `last` as in `Answer`, and `now` (list of strings, null where not withdrawn).
    """
    plain = pc.replace_substring_regex(codes.cast(pa.string()), _BETWEEN, "")
    well = pc.fill_null(pc.match_substring_regex(plain, f"^{_DIGITS.pattern}$"), False).to_numpy(False)
    given = plain.is_valid().to_numpy(False)
    six = np.zeros(len(plain), np.int32)
    six[well] = pc.utf8_slice_codeunits(plain.filter(pa.array(well)), 0, 6).cast(pa.int32()).to_numpy()
    when = _days(days, len(plain))
    at, known = _found(six)
    index = np.searchsorted(DAYS, when, side="right") - 1
    dated = ~np.isnat(when)
    held = dated & (index >= 0) & (when < np.datetime64(ENDS))
    return _table(at, known & well, np.where(held, index, -1), well, given & dated)


def _days(days: pa.Array | date, length: int) -> NDArray[np.datetime64]:
    if isinstance(days, date):
        return np.full(length, np.datetime64(days, "D"))
    return np.asarray(days.cast(pa.date32()).to_numpy(zero_copy_only=False), "datetime64[D]")


def _found(six: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    codes = subheadings().codes
    at = np.minimum(np.searchsorted(codes, six), len(codes) - 1).astype(np.int64)
    return at, codes[at] == six


def _table(
    at: NDArray[np.int64],
    known: NDArray[np.bool_],
    index: NDArray[np.int64],
    well: NDArray[np.bool_],
    given: NDArray[np.bool_],
) -> pa.Table:
    table, years = subheadings(), np.array(EDITIONS, np.int16)
    order = np.arange(len(EDITIONS))
    before = table.held[at] & (order < index[:, None])
    last = np.where(before.any(1), len(EDITIONS) - 1 - before[:, ::-1].argmax(1), -1)
    valid = known & (index >= 0) & table.held[at, index]
    gone = known & (index >= 0) & ~valid & (last >= 0)
    state = np.select([~well, valid, gone], [3, 0, 1], 2).astype(np.int8)
    states = pa.DictionaryArray.from_arrays(pa.array(state, mask=~given), pa.array(STATES))
    return pa.table(
        {
            "state": states,
            "edition": pa.array(years[index], mask=index < 0),
            "first": pa.array(years[table.held[at].argmax(1)], mask=~known),
            "last": pa.array(years[last], mask=~gone),
            "now": _now(at, last, index, gone),
        }
    )


def _now(
    at: NDArray[np.int64], last: NDArray[np.int64], index: NDArray[np.int64], gone: NDArray[np.bool_]
) -> pa.Array:
    """Successors, looked up once for each withdrawn code and edition."""
    kind = pa.list_(pa.string())
    if not gone.any():
        return pa.nulls(len(at), kind)
    width = len(EDITIONS)
    keys, inverse = np.unique((at[gone] * width + last[gone]) * width + index[gone], return_inverse=True)
    codes = subheadings().codes
    told = [
        now(f"{codes[key // width // width]:06d}", EDITIONS[key // width % width + 1], EDITIONS[key % width])
        for key in keys.tolist()
    ]
    rows = np.zeros(len(at), np.int64)
    rows[gone] = inverse
    return pa.array(told, kind).take(pa.array(rows, mask=~gone))
