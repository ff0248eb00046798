"""Birth dates in prose: every day there is can be read back from how both languages write it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats.lists.justice_dates import birth_dates, is_birth

ENGLISH = "January February March April May June July August September October November December".split()
FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@given(DAYS)
def test_a_day_in_english(day):
    assert birth_dates(f"born on {ENGLISH[day.month - 1]} {day.day}, {day.year}") == (
        [day.isoformat()],
        False,
    )


@given(DAYS)
def test_a_day_in_french(day):
    assert birth_dates(f"né le {day.day} {FRENCH[day.month - 1]} {day.year}") == ([day.isoformat()], False)


@pytest.mark.parametrize(
    ("text", "dates", "says_more"),
    [
        ("born on July 15, 1965 or September 28, 1969", ["1965-07-15", "1969-09-28"], False),
        ("born in 1963 or 1964", ["1963", "1964"], False),
        ("born 1963/1964", ["1963", "1964"], False),
        ("born in March 1964", ["1964-03"], False),
        ("née le 10 ou 11 août 1972", ["1972-08-10", "1972-08-11"], False),
        ("date of birth: circa 1969", ["1969"], True),
        ("born on June 31, 1971", [], True),
        ("born abroad", [], True),
    ],
)
def test_other_ways(text, dates, says_more):
    assert birth_dates(text) == (dates, says_more)


@pytest.mark.parametrize(("text", "birth"), [("born 1960", True), ("Bornholm", False), ("née en 1960", True)])
def test_is_birth(text, birth):
    assert is_birth(text) == birth
