"""Periods against counting day by day, hour by hour and month by month."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.casework.removals.periods import (
    DAY,
    Span,
    first_free,
    hours_after,
    last_of,
    merged,
    months_after,
)

DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@st.composite
def spans(draw):
    first = draw(st.dates(date(2025, 12, 1), date(2026, 3, 1)))
    length = draw(st.integers(-2, 25) | st.none())
    return Span(first, None if length is None else first + timedelta(length))


def covered(day, some):
    return any(one.covers(day) for one in some)


@settings(max_examples=draws(2000, 150))
@given(st.lists(spans(), max_size=5), st.dates(date(2025, 12, 15), date(2026, 2, 15)), st.integers(0, 40))
def test_the_last_counted_day_is_that_of_counting_one_by_one(some, start, days):
    left, day = days, start
    while left and day < date(2027, 1, 1):
        day += DAY
        left -= not covered(day, some)
    assert last_of(start, days, some) == (None if left else day)


@settings(max_examples=draws(2000, 100))
@given(st.lists(spans(), max_size=5), st.dates(date(2025, 12, 15), date(2026, 2, 15)))
def test_the_first_free_day_is_that_of_looking_day_by_day(some, start):
    day = start
    while covered(day, some) and day < date(2027, 1, 1):
        day += DAY
    assert first_free(start, some) == (None if day == date(2027, 1, 1) else day)


@given(st.lists(spans(), max_size=6))
def test_merged_spans_cover_the_same_days_and_never_touch(some):
    found = merged(some)
    day = date(2025, 11, 1)
    while day < date(2026, 6, 1):
        assert covered(day, found) == covered(day, some)
        day += DAY
    assert all(a.last is not None and a.last + DAY < b.first for a, b in pairwise(found))


@given(DAYS, st.integers(1, 60))
def test_months_keep_the_number_of_the_day_or_end_with_the_month(day, months):
    found = months_after(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found.day < day.day and (found + DAY).day == 1)


def test_twelve_months_after_a_leap_day_end_in_february():
    assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("taken", "wall"),
    [
        ("2026-03-07T10:00:00", "2026-03-09 11:00"),  # clocks go forward on 8 March
        ("2026-10-31T10:00:00", "2026-11-02 09:00"),  # and back on 1 November
        ("2026-06-01T10:00:00", "2026-06-03 10:00"),
    ],
)
def test_forty_eight_hours_pass_over_a_change_of_the_clocks(taken, wall):
    zone = ZoneInfo("America/New_York")
    start = datetime.fromisoformat(taken).replace(tzinfo=zone).astimezone(UTC)
    end = hours_after(start, 48)
    assert end.timestamp() - start.timestamp() == 48 * 3600
    assert f"{end.astimezone(zone):%Y-%m-%d %H:%M}" == wall
