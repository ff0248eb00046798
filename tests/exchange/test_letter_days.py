from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.exchange.letter.days import days_in

ENGLISH = "January February March April May June July August September October November December".split()
FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
DAYS = st.dates(date(1000, 1, 1), date(9999, 12, 31))


@given(DAYS)
def test_a_day_is_found_however_it_is_written(day):
    english, french = ENGLISH[day.month - 1], FRENCH[day.month - 1]
    for written in (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.month}/{day.day}/{day.year}",
        f"{day.day} {english} {day.year}",
        f"{day.day:02d} {english[:3].upper()} {day.year}",
        f"{english} {day.day}, {day.year}",
        f"{english} {day.day}th {day.year}",
        f"le {day.day} {french} {day.year}",
        f"le {day.day}er {french} {day.year}",
    ):
        assert day in {found for _, found in days_in(f"it was {written}.")}, written


@pytest.mark.parametrize(
    "text", ["2026-02-30", "32 March 2026", "0/0/2026", "12:30", "March 2026", "2026", "1.5"]
)
def test_what_is_no_day_is_none(text):
    assert list(days_in(text)) == []


@given(st.text())
def test_any_text_is_read(text):
    assert all(isinstance(day, date) for _, day in days_in(text))
