"""Days on which a time that the law gives does not end: Interpretation Act (R.S.C. 1985, c. I-21).

Where a time expires on a holiday, the thing may be done on the next day that is none (s. 26); Sundays are
holidays, Saturdays are not (s. 35(1)). That Act is not among the stored texts: the list is from knowledge of
it, and what provinces and proclamations add is not in it. Nobody's right ends sooner by it, only later.
"""

from datetime import date, timedelta
from typing import Final

DAY: Final = timedelta(days=1)
MONDAY, SUNDAY = 0, 6


def extended(last: date) -> date:
    """The last day of a time that would end on `last`."""
    while holiday(last):
        last += DAY
    return last


def holiday(day: date) -> bool:
    """Whether a day is a holiday everywhere in Canada under s. 35(1)."""
    return day.weekday() == SUNDAY or day in _named(day.year)


def _named(year: int) -> frozenset[date]:
    easter = _easter(year)
    canada = date(year, 7, 1)
    return frozenset(
        {
            date(year, 1, 1),
            easter - 2 * DAY,
            easter + DAY,
            _monday(date(year, 5, 24), -1),  # Victoria Day: the Monday before 25 May
            canada + DAY if canada.weekday() == SUNDAY else canada,  # Holidays Act, s. 2
            _monday(date(year, 9, 1), 1),  # Labour Day
            date(year, 9, 30),  # National Day for Truth and Reconciliation
            _monday(date(year, 10, 8), 1),  # Thanksgiving, by proclamation
            date(year, 11, 11),
            date(year, 12, 25),
        }
    )


def _monday(day: date, step: int) -> date:
    """The next Monday from a day on, that day included; the one before with a step of -1."""
    while day.weekday() != MONDAY:
        day += step * DAY
    return day


def _easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the anonymous algorithm, Nature, 20 April 1876)."""
    golden, century, of_century = year % 19, year // 100, year % 100
    leap, rest = divmod(century, 4)
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    quarter, left = divmod(of_century, 4)
    week = (32 + 2 * rest + 2 * quarter - moon - left) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)
