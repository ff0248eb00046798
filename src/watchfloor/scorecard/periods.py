"""Months and spans of months, as claims name them and as both languages say them.

A month is a whole number, twelve times the year and the months since January, so that spans are ranges.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from watchfloor import messages
from watchfloor.core.messages import declare, reason
from watchfloor.scorecard.bilingual import LANGUAGES, Text, fill, same
from watchfloor.scorecard.problems import Unanswerable

FISCAL_FIRST: Final = 10
"""The US federal fiscal year begins in October of the year before the one it is named for."""

NO_PERIOD: Final = declare("scorecard.no-period", "text")
BACKWARDS: Final = declare("scorecard.period-backwards", "text")
MONTHS_TO: Final = declare("scorecard.months-to", "count", "last")
FROM_TO: Final = declare("scorecard.from-to", "first", "last")
FISCAL: Final = declare("scorecard.fiscal-year", "year")
FISCAL_TO: Final = declare("scorecard.fiscal-year-to", "year", "last")
FISCAL_SPAN: Final = declare("scorecard.fiscal-years", "first", "last")
CALENDAR: Final = declare("scorecard.calendar-year", "year")

ALL: Final = "all"
"""Every month that is published."""

_MONTH: Final = r"(\d{4})-(0[1-9]|1[0-2])"
_FORMS: Final = {
    "month": re.compile(_MONTH),
    "calendar": re.compile(r"(\d{4})"),
    "fiscal": re.compile(r"FY(\d{4})"),
    "fiscal-to": re.compile(rf"FY(\d{{4}}) to {_MONTH}"),
    "rolling": re.compile(rf"(\d{{1,3}}) months to {_MONTH}"),
    "span": re.compile(rf"{_MONTH} to {_MONTH}"),
    "fiscal-span": re.compile(r"FY(\d{4}) to FY(\d{4})"),
}


def month(year: int, of_year: int) -> int:
    """The number of a month; `of_year` is 1 to 12."""
    return 12 * year + of_year - 1


def month_of(day: date) -> int:
    """The month in which a day lies."""
    return month(day.year, day.month)


def written(number: int) -> str:
    """A month as `2024-06`."""
    return f"{number // 12:04}-{number % 12 + 1:02}"


def parsed(text: str) -> int:
    """A month from `2024-06`. Raises `Unanswerable`."""
    found = period(text)
    if len(found) != 1:
        raise Unanswerable(reason(NO_PERIOD, text=text))
    return found[0]


def named(number: int) -> Text:
    """A month in words: June 2024, juin 2024."""
    month_, year = month_name(number), number // 12
    return Text(f"{month_.en} {year}", f"{month_.fr} {year}")


def month_name(number: int) -> Text:
    """A month of the year in words, whatever the year: June, juin."""
    return Text(*(messages.month(number % 12 + 1, language) for language in LANGUAGES))


def fiscal_year(number: int) -> int:
    """The US federal fiscal year of a month."""
    return number // 12 + (number % 12 + 1 >= FISCAL_FIRST)


def fiscal(year: int) -> range:
    """The months of a US federal fiscal year."""
    first = month(year - 1, FISCAL_FIRST)
    return range(first, first + 12)


def period(text: str) -> range:
    """The months of a period; see `NO_PERIOD` for how one is written. Raises `Unanswerable`."""
    form, parts = _form(text)
    found = _RANGES[form](*parts)
    if not found:
        raise Unanswerable(reason(BACKWARDS, text=text))
    return found


def spoken(text: str) -> Text:
    """A period in words. Raises `Unanswerable`."""
    form, parts = _form(text)
    return _SPOKEN[form](*parts)


def _form(text: str) -> tuple[str, tuple[int, ...]]:
    for name, pattern in _FORMS.items():
        if found := pattern.fullmatch(text.strip()):
            return name, tuple(map(int, found.groups()))
    raise Unanswerable(reason(NO_PERIOD, text=text))


def _between(first: int, last: int) -> range:
    return range(first, last + 1)


_RANGES: Final[Mapping[str, Callable[..., range]]] = {
    "month": lambda y, m: _between(month(y, m), month(y, m)),
    "calendar": lambda y: _between(month(y, 1), month(y, 12)),
    "fiscal": fiscal,
    "fiscal-to": lambda fy, y, m: _between(fiscal(fy)[0], month(y, m)),
    "rolling": lambda n, y, m: _between(month(y, m) - n + 1, month(y, m)),
    "span": lambda y, m, to, n: _between(month(y, m), month(to, n)),
    "fiscal-span": lambda a, b: _between(fiscal(a)[0], fiscal(b)[-1]),
}
_SPOKEN: Final[Mapping[str, Callable[..., Text]]] = {
    "month": lambda y, m: named(month(y, m)),
    "calendar": lambda y: fill(CALENDAR, year=str(y)),
    "fiscal": lambda y: fill(FISCAL, year=str(y)),
    "fiscal-to": lambda fy, y, m: fill(FISCAL_TO, year=str(fy), last=named(month(y, m))),
    "rolling": lambda n, y, m: fill(MONTHS_TO, count=str(n), last=named(month(y, m))),
    "span": lambda y, m, to, n: fill(FROM_TO, first=named(month(y, m)), last=named(month(to, n))),
    "fiscal-span": lambda a, b: fill(FISCAL_SPAN, first=same(str(a)), last=same(str(b))),
}
