"""Periods that the law gives: days that are not counted, months, and hours by the clock of the world.

The day from which a time runs is not counted (Interpretation Act, s. 27). A doubt is settled in the
person's favour: a day of which a part was suspended is not counted.
"""

import calendar
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

DAY: Final = timedelta(days=1)


class Span(NamedTuple):
    """Days from a first to a last, both in it; without a last it goes on."""

    first: date
    last: date | None

    def covers(self, day: date) -> bool:
        """Return whether a day is in it."""
        return self.first <= day and (self.last is None or day <= self.last)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the same days as spans that do not touch, in order."""
    found: list[Span] = []
    for one in sorted(spans, key=lambda span: span.first):
        if one.last is not None and one.last < one.first:
            continue
        if found and (found[-1].last is None or one.first <= found[-1].last + DAY):
            ends = (found[-1].last, one.last)
            last = None if None in ends else max(end for end in ends if end is not None)
            found[-1] = Span(found[-1].first, last)
        else:
            found.append(one)
    return found


def first_free(start: date, spans: Iterable[Span]) -> date | None:
    """Return the first day from `start` on that no span covers; None if one never ends."""
    for one in merged(spans):
        if one.covers(start):
            if one.last is None:
                return None
            start = one.last + DAY
    return start


def last_of(start: date, days: int, suspended: Iterable[Span]) -> date | None:
    """Return the last of so many counted days after `start`; None while a suspension has no end.

    A day is counted if it comes after `start` and no span covers it.
    """
    at = start
    for one in merged(suspended):
        if one.last is not None and one.last <= at:
            continue
        free = max(0, (one.first - at).days - 1)
        if free >= days:
            break
        days -= free
        if one.last is None:
            return None
        at = one.last
    return at + days * DAY


def months_after(day: date, months: int) -> date:
    """Return the day of the same number so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def hours_after(moment: datetime, hours: int) -> datetime:
    """Return the moment after so many hours have passed, whatever clocks on the wall were set to."""
    return moment + timedelta(hours=hours)
