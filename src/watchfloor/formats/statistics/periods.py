"""Periods as people write them: `2024-06`, `June 2024`, `juin 2024`, `2024-Q2`, `T2 2024`, `2024`, `2023-24`.

The same text fills the beginning of a number's time and its end. What a year is depends on who labels it: a
label of two years (2023-24) is Canada's fiscal year, from April to March (Financial Administration Act,
section 2); one year alone is a calendar year; a whole day is a period of one day. American fiscal years look
the same, so a mapping says `fiscal-october`; where a table's fiscal years could be months (2009-10), it says
`fiscal-april`.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import INSTANT
from watchfloor.core.partial_date import MONTHS, PartialDate, in_form, moment_in_form
from watchfloor.formats.statistics.months import FIRST_YEAR, LAST_YEAR, OCTOBER, first_day
from watchfloor.formats.tabular.values import Column, by_distinct, zone_of

CALENDAR, APRIL, OCTOBERS = "calendar", "fiscal-april", "fiscal-october"
STYLES: Final = (CALENDAR, APRIL, OCTOBERS)
"""What a year may be; a mapping states one as a `format`."""

_SORT: Final = r"(?P<sort>fy|fiscal year|exercice|ef|cy|calendar year)?[ ]?"
_YEARS: Final = r"(?P<year>\d{4})(?:\s?[-/\u2013]\s?(?P<second>\d{4}|\d{2}))?"
_PART: Final = r"(?P<part>[qt] ?[1-4]|[^\W\d_]{3,}\.?|\d{1,2})"
_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_SORT}{_YEARS}(?:\s?\(?f?ytd\)?)?",
        rf"{_SORT}{_YEARS}[ ,/-]{{1,3}}{_PART}",
        rf"{_PART}[ ,/-]{{1,3}}{_SORT}{_YEARS}",
    )
)
_TWO: Final = re.compile(r"(?P<year>\d{4})-(?P<second>\d{2})")


class Period(NamedTuple):
    """The number of its first month, as `formats.statistics.months` counts, and how many it has."""

    first: int
    months: int


def start(texts: pa.Array, formats: tuple[str, ...] = (), zone: str = "UTC") -> Column:
    """When periods begin; a moment is when it is.

    Args:
        texts: as written.
        formats: forms of `strptime`, and at most one of `STYLES`.
        zone: of moments that state none.
    """
    return _edges(texts, formats, zone, end=False)


def end(texts: pa.Array, formats: tuple[str, ...] = (), zone: str = "UTC") -> Column:
    """When periods end, which is when the next one begins: 2024-06-30 at 1 July; a moment is when it is."""
    return _edges(texts, formats, zone, end=True)


def period(text: str, style: str = CALENDAR) -> Period:
    """The months of a period. Raises `ValueError` for a text that is none."""
    bare = " ".join(text.split())
    for form in _FORMS:
        if found := form.fullmatch(bare):
            said = found.groupdict()
            return _period(
                text, style, int(said["year"]), said["second"], said.get("part"), said["sort"] or ""
            )
    raise ValueError(f"{text!r} is no period such as 2024-06, June 2024, 2024-Q2, 2024 or 2023-24")


def is_period(text: str) -> bool:
    """Whether a text is a period by itself, as the columns of a wide table are called."""
    try:
        period(text)
    except ValueError:
        return False
    return True


def _edges(texts: pa.Array, formats: tuple[str, ...], zone: str, *, end: bool) -> Column:
    try:
        return Column(pc.cast(texts, INSTANT), {})
    except pa.ArrowInvalid:
        pass
    forms = tuple(one for one in formats if one not in STYLES)
    style = next((one for one in formats if one in STYLES), "") or _style(texts)
    where = zone_of(zone)

    def edge(text: str) -> datetime:
        found = _read(text.strip(), forms, style)
        if isinstance(found, Period):
            return first_day(found.first + (found.months if end else 0))
        if not isinstance(found, datetime):
            found = datetime(found.year, found.month, found.day, tzinfo=where) + timedelta(days=end)
        return (found if found.tzinfo else found.replace(tzinfo=where)).astimezone(UTC)

    return by_distinct(texts, edge, INSTANT)


def _read(text: str, forms: tuple[str, ...], style: str) -> datetime | date | Period:
    """A moment, a whole day, or months."""
    for form in forms:
        if moment := moment_in_form(text, form):
            clock = any(code in form for code in ("%H", "%I", "%X", "%c"))
            return _whole_period(in_form(text, form)) or (moment if clock else moment.date())
    if re.match(r"\d{4}-\d\d-\d\d", text):
        try:
            return (
                date.fromisoformat(text) if len(text) == len("2024-06-05") else datetime.fromisoformat(text)
            )
        except ValueError as error:
            raise ValueError(f"{text!r} is no moment, or one that does not exist") from error
    return period(text, style)


def _whole_period(partial: PartialDate | None) -> Period | None:
    """The period of a year or a month; None for a day."""
    if partial is None or partial.day:
        return None
    first = partial.year * 12 + (partial.month or 1) - 1
    return Period(first, 1 if partial.month else 12)


def _style(texts: pa.Array) -> str:
    """Canada's fiscal years where all texts may be such, and one cannot be a month: 2011-12, 2012-13."""
    two = [_TWO.fullmatch(one.strip()) for one in pc.unique(texts).to_pylist() if one]
    pairs = [(int(one["year"]), int(one["second"])) for one in two if one]
    follow = all((year + 1) % 100 == second for year, second in pairs)
    sure = any(second > 12 or not second for _, second in pairs)
    return APRIL if pairs and len(pairs) == len(two) and follow and sure else CALENDAR


def _period(text: str, style: str, year: int, second: str | None, part: str | None, sort: str) -> Period:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"{text!r}: {year} is no year from {FIRST_YEAR} to {LAST_YEAR}")
    if second and len(second) == 2 and not part and not sort and style != APRIL and 1 <= int(second) <= 12:
        return Period(year * 12 + int(second) - 1, 1)
    begins = _begins(text, style, year, second, sort.lower())
    if part is None:
        return Period(begins, 12)
    if part[0] in "qQtT" and part[-1].isdigit():
        return Period(begins + 3 * (int(part[-1]) - 1), 3)
    month = int(part) if part.isdigit() else MONTHS.get(part.rstrip(".").lower(), 0)
    if not 1 <= month <= 12:
        raise ValueError(f"{text!r}: {part!r} is no month")
    return Period(begins + (month - 1 - begins) % 12, 1)


def _begins(text: str, style: str, year: int, second: str | None, sort: str) -> int:
    """The number of the first month of a year."""
    calendar = sort.startswith(("cy", "cal"))
    if second is not None:
        if calendar or int(second) != (year + 1 if len(second) == 4 else (year + 1) % 100):
            raise ValueError(f"{text!r} names two years that are no fiscal year such as 2023-24")
        return year * 12 + 3
    if style == OCTOBERS and not calendar:
        return (year - 1) * 12 + OCTOBER - 1
    if style == APRIL and not calendar:
        raise ValueError(f"{text!r}: a fiscal year from April is written with both its years, 2023-24")
    if sort and not calendar:
        raise ValueError(f"{text!r}: say when that fiscal year begins: format = {OCTOBERS!r} or {APRIL!r}")
    return year * 12
