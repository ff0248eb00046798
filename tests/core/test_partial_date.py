"""Dates known in part: what is written is read, by every reader that meets them."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watchfloor.core.partial_date import (
    MONTH_NAMES,
    MONTHS,
    NoSuchDateError,
    PartialDate,
    exact,
    in_form,
    is_written,
    moment_in_form,
    read,
    read_loosely,
)
from watchfloor.desks.listings.evidence import Birth, compare_births
from watchfloor.formats.lists import justice_dates, ofac_remarks
from watchfloor.formats.tabular import values

DATES = st.builds(
    lambda day, known: PartialDate(*(day.year, day.month, day.day)[:known]), st.dates(), st.integers(1, 3)
)


@given(DATES)
@example(PartialDate(1))
@example(PartialDate(9999, 12, 31))
def test_every_reader_reads_what_was_written(one):
    text = str(one)
    assert read(text) == read_loosely(text) == one
    assert is_written(text)
    assert values.partial_date(pa.array([text])).values.to_pylist() == [text]
    same = {1: Birth.YEAR, 2: Birth.YEAR, 3: Birth.SAME}[len(text.split("-"))]
    assert compare_births(text, [text]) == (same, text)


@given(DATES, st.sampled_from(("%Y-%m-%d", "%d/%m/%Y", "%m/%Y", "%Y")))
def test_a_form_tells_what_it_holds(one, form):
    day = date(one.year, one.month or 1, one.day or 1)
    text = form.replace("%Y", f"{day.year:04}").replace("%m", str(day.month)).replace("%d", str(day.day))
    known = sum(code in form for code in ("%Y", "%m", "%d"))
    assert in_form(text, form) == PartialDate(*(day.year, day.month, day.day)[:known])


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(1, 3))
def test_prose_of_publishers_gives_dates_as_written(day, known):
    english, french = (
        next(name for name, number in names if number == day.month)
        for names in (list(MONTH_NAMES.items()), reversed(MONTH_NAMES.items()))
    )
    parts = [str(day.day), english[:3].title(), str(day.year)][3 - known :]
    expected = [str(PartialDate(*(day.year, day.month, day.day)[:known]))]
    assert ofac_remarks.births(" ".join(parts)) == ofac_remarks.births("circa " + " ".join(parts)) == expected
    parts = [str(day.day), french, str(day.year)][3 - known :]
    assert justice_dates.birth_dates("né le " + " ".join(parts)) == (expected, False)


@given(st.text() | st.from_regex(r"[0-9]{4}(-[0-9]{1,2}){0,2}", fullmatch=True))
@example("1971-02-30")
@example("0000")
@example("١٩٧١")
def test_what_is_read_exists(text):
    for reader in (read, read_loosely):
        try:
            one = reader(text)
        except ValueError:
            continue
        assert date(one.year, one.month or 1, one.day or 1)
        assert read(str(one)) == one
    assert not is_written(text) or str(read(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1971-5-2", (1971, 5, 2)),
        (" 1971 ", (1971, 0, 0)),
        ("1971-00-00", (1971, 0, 0)),
        ("1971-05-00", (1971, 5, 0)),
        ("1971-05-02T13:00", (1971, 5, 2)),
    ],
)
def test_loosely(text, expected):
    assert read_loosely(text) == expected
    with pytest.raises(ValueError, match="no date"):
        read(text)


@pytest.mark.parametrize("text", ["1971-05-02T00:00:00", "1971-05-02 00:00", "1971-05-02T00:00:00.000"])
def test_a_day_may_carry_the_midnight_of_a_database(text):
    assert read(text) == (1971, 5, 2)
    assert not is_written(text)


@pytest.mark.parametrize("parts", [(0,), (1971, 13), (1971, 0), (1971, 2, 29), (1971, 1, 0), (10**30,)])
def test_what_no_calendar_has(parts):
    with pytest.raises(NoSuchDateError, match="'so written' is no date of the calendar"):
        exact("so written", *parts)


def test_every_month_has_its_names():
    assert set(MONTHS.values()) == set(MONTH_NAMES.values()) == set(range(1, 13))
    assert MONTH_NAMES.items() <= MONTHS.items()
    assert len(MONTH_NAMES) == 24


@pytest.mark.parametrize("text", ["11/24/2026 10:30 p.m.", "11/24/2026 10:30 PM", "11/24/2026 10:30 P.M."])
def test_an_hour_of_the_afternoon_is_read_as_canadians_write_it(text):
    assert str(moment_in_form(text, "%m/%d/%Y %I:%M %p")) == "2026-11-24 22:30:00"
