"""Periods as people write them, and which months they are."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats.statistics import periods
from watchfloor.formats.statistics.periods import Period, period


def edges(*texts, formats=()):
    array = pa.array(texts, pa.string())
    since, until = (read(array, formats) for read in (periods.start, periods.end))
    assert set(since.wrong) == set(until.wrong)
    pairs = zip(since.values.to_pylist(), until.values.to_pylist(), strict=True)
    return [tuple(one and one.date().isoformat() for one in pair) for pair in pairs], since.wrong


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2024-06", "2024-06-01", "2024-07-01"),
        ("2024/6", "2024-06-01", "2024-07-01"),
        ("June 2024", "2024-06-01", "2024-07-01"),
        ("2024 JUN", "2024-06-01", "2024-07-01"),
        ("juin 2024", "2024-06-01", "2024-07-01"),
        ("févr. 2024", "2024-02-01", "2024-03-01"),
        ("2024 12", "2024-12-01", "2025-01-01"),
        ("2024-Q2", "2024-04-01", "2024-07-01"),
        ("Q4 2024", "2024-10-01", "2025-01-01"),
        ("T1 2024", "2024-01-01", "2024-04-01"),
        ("2024", "2024-01-01", "2025-01-01"),
        ("CY2024", "2024-01-01", "2025-01-01"),
        ("2023-24", "2023-04-01", "2024-04-01"),
        ("2023-2024", "2023-04-01", "2024-04-01"),
        ("2023/24", "2023-04-01", "2024-04-01"),
        ("Exercice 2023-2024", "2023-04-01", "2024-04-01"),
        ("FY2011-12", "2011-04-01", "2012-04-01"),
        ("2023-24 Q1", "2023-04-01", "2023-07-01"),
        ("2023-24 February", "2024-02-01", "2024-03-01"),
        ("2024-06-05", "2024-06-05", "2024-06-06"),
        ("2024-06-05T00:00", "2024-06-05", "2024-06-05"),
        ("2024-06-05T00:00:00Z", "2024-06-05", "2024-06-05"),
    ],
)
def test_periods(text, since, until):
    assert edges(text) == ([(since, until)], {})


@pytest.mark.parametrize(
    ("text", "form", "since", "until"),
    [
        ("2024", "fiscal-october", "2023-10-01", "2024-10-01"),
        ("FY2024", "fiscal-october", "2023-10-01", "2024-10-01"),
        ("2024 OCT", "fiscal-october", "2023-10-01", "2023-11-01"),
        ("2024 Q1", "fiscal-october", "2023-10-01", "2024-01-01"),
        ("2024 (FYTD)", "fiscal-october", "2023-10-01", "2024-10-01"),
        ("2011-12", "fiscal-april", "2011-04-01", "2012-04-01"),
        ("06.2024", "%m.%Y", "2024-06-01", "2024-07-01"),
        ("Jan-24", "%b-%y", "2024-01-01", "2024-02-01"),
        ("24", "%y", "2024-01-01", "2025-01-01"),
        ("05/06/2024", "%d/%m/%Y", "2024-06-05", "2024-06-06"),
        ("05/06/2024 00:00", "%d/%m/%Y %H:%M", "2024-06-05", "2024-06-05"),
    ],
)
def test_what_a_mapping_says_decides(text, form, since, until):
    assert edges(text, formats=(form,)) == ([(since, until)], {})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2024-13",
        "2024-00",
        "13 2024",
        "Q5 2024",
        "2024-30",
        "2020-2024",
        "FY2024",
        "0001",
        "2024-02-30",
    ],
)
def test_what_is_none(text):
    _, wrong = edges(text)
    assert list(wrong) == [0]


def test_a_column_of_canadian_fiscal_years_is_not_read_as_months():
    found, _ = edges("2010-11", "2011-12", "2012-13")
    assert found[1] == ("2011-04-01", "2012-04-01")
    found, _ = edges("2011-11", "2011-12")
    assert found[1] == ("2011-12-01", "2012-01-01")


def test_one_year_says_too_little_of_a_year_from_april():
    _, wrong = edges("2024", formats=("fiscal-april",))
    assert "both its years" in wrong[0]


@given(year=st.integers(1924, 2199), month=st.integers(1, 12))
def test_every_month_as_written(year, month):
    texts = {f"{year}-{month:02}", f"{year} {month}", f"{datetime(year, month, 1, tzinfo=UTC):%B} {year}"}
    assert {period(text) for text in texts} == {Period(year * 12 + month - 1, 1)}


@given(st.text(max_size=12))
def test_anything_else_is_a_sentence(text):
    found, wrong = edges(text)
    assert wrong or found[0][0] is not None
