from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import because

from watchfloor.scorecard import periods
from watchfloor.scorecard.problems import Unanswerable

MONTHS = st.integers(12 * 1900, 12 * 2100)


@given(MONTHS)
def test_a_month_reads_back_as_it_was_written(number):
    assert periods.parsed(periods.written(number)) == number


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_fiscal_year_begins_in_october(day):
    year = periods.fiscal_year(periods.month_of(day))
    assert date(year - 1, 10, 1) <= day < date(year, 10, 1)
    assert periods.month_of(day) in periods.fiscal(year)


@pytest.mark.parametrize(
    ("text", "first", "last", "en", "fr"),
    [
        ("2024-06", "2024-06", "2024-06", "June 2024", "juin 2024"),
        ("2024", "2024-01", "2024-12", "calendar year 2024", "année civile 2024"),
        ("FY2024", "2023-10", "2024-09", "fiscal year 2024", "exercice 2024"),
        (
            *("FY2026 to 2025-12", "2025-10", "2025-12"),
            *("fiscal year 2026 to December 2025", "exercice 2026 jusqu’à décembre 2025"),
        ),
        (
            *("12 months to 2025-01", "2024-02", "2025-01"),
            *("12 months to January 2025", "12 mois jusqu’à janvier 2025"),
        ),
        (
            *("2023-10 to 2025-01", "2023-10", "2025-01"),
            *("October 2023 to January 2025", "octobre 2023 à janvier 2025"),
        ),
        ("FY2000 to FY2020", "1999-10", "2020-09", "fiscal years 2000 to 2020", "exercices 2000 à 2020"),
    ],
)  # fmt: skip
def test_periods_are_read_and_said(text, first, last, en, fr):
    found = periods.period(text)
    assert (periods.written(found[0]), periods.written(found[-1])) == (first, last)
    assert periods.spoken(text).en == en
    assert periods.spoken(text).fr == fr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "scorecard.no-period"),
        ("2024-13", "scorecard.no-period"),
        ("FY24", "scorecard.no-period"),
        ("0 months to 2024-01", "scorecard.period-backwards"),
        ("2025-02 to 2024-06", "scorecard.period-backwards"),
        ("June", "scorecard.no-period"),
    ],
)
def test_what_is_no_period_is_told(text, message):
    with pytest.raises(Unanswerable, check=because(message, text=text)):
        periods.period(text)


def test_a_month_is_no_longer_period():
    with pytest.raises(Unanswerable, check=because("scorecard.no-period")):
        periods.parsed("FY2024")
