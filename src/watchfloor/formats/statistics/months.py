"""Months of fiscal and calendar years, as American tables label them: `2026 (FYTD)` and `OCT`.

The fiscal year of the United States begins on 1 October of the year before the one that it is called by
(31 U.S.C. 1102). Months are numbers here: twelve times the year, plus the month less one.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import INSTANT
from watchfloor.core.partial_date import MONTHS
from watchfloor.formats.tabular.values import by_distinct

Numbers = npt.NDArray[np.int64]

FIRST_YEAR, LAST_YEAR = 1924, 2199
"""Years that a label may have: the Border Patrol began in 1924."""
OCTOBER: Final = 10

_LABEL: Final = re.compile(
    r"(?:fy|cy|fiscal year|calendar year)?\s*(?P<year>\d{4})\s*(?P<open>\(?\s*(?:[fc]y)?td\s*\)?)?",
    re.IGNORECASE | re.ASCII,
)
_YEAR: Final = pa.struct([("year", pa.int64()), ("to_date", pa.bool_())])


class Months(NamedTuple):
    """Numbers of months; whether their year is one to date; a sentence for each row that has none."""

    numbers: Numbers
    to_date: pa.Array
    wrong: dict[int, str]


def months(years: pa.Array, names: pa.Array, *, fiscal: bool) -> Months:
    """The month of each row, from the label of its year and its own name."""
    labels = by_distinct(years, _label, _YEAR)
    named = by_distinct(names, _month, pa.int64())
    wrong = dict(labels.wrong)
    for row, why in named.wrong.items():
        wrong.setdefault(row, why)
    for column, what in ((years, "the year"), (names, "the month")):
        for row in np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).tolist():
            wrong.setdefault(row, f"{what} is empty")
    year, month = (_filled(one) for one in (pc.struct_field(labels.values, "year"), named.values))
    year = year - ((month >= OCTOBER) & fiscal)
    to_date = pc.fill_null(pc.struct_field(labels.values, "to_date"), False)
    return Months(year * 12 + month - 1, to_date, wrong)


def starts(numbers: Numbers) -> pa.Array:
    """The first moments of months, UTC."""
    return pc.cast(pa.array((numbers - 1970 * 12).astype("datetime64[M]").astype("datetime64[us]")), INSTANT)


def last_day_after(number: int) -> datetime:
    """Midnight at the start of the last day of the month after a month."""
    return first_day(number + 2) - timedelta(days=1)


def first_day(number: int) -> datetime:
    """Midnight at the start of the first day of a month."""
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def _filled(column: pa.Array) -> Numbers:
    filled: Numbers = pc.fill_null(column, 1970).to_numpy(zero_copy_only=False).astype(np.int64)
    return filled


def _label(text: str) -> dict[str, int | bool]:
    found = _LABEL.fullmatch(text.strip())
    if found is None or not FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
        raise ValueError(f"{text!r} is no year such as 2024, FY2024 or 2026 (FYTD)")
    return {"year": int(found["year"]), "to_date": bool(found["open"])}


def _month(text: str) -> int:
    bare = text.strip().lower().rstrip(".")
    if re.fullmatch(r"0?[1-9]|1[0-2]", bare):
        return int(bare)
    if bare not in MONTHS:
        raise ValueError(f"{text!r} is no month such as OCT or 10")
    return MONTHS[bare]
