from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import because
from tests.scorecard.tables import after, fact, made, table

from watchfloor.scorecard.facts import facts
from watchfloor.scorecard.periods import parsed
from watchfloor.scorecard.problems import WrongQuestion

MONTHS = ["2024-01", "2024-02", "2024-03"]


def values(series):
    cells = [series.cells[cell]["a"] for cell in series.cell.tolist()]
    return {
        (start, cell): value for start, cell, value in zip(series.start, cells, series.value, strict=True)
    }


def test_the_newest_vintage_of_a_month_holds_it_whole():
    held = made(
        fact("2024-01", 1, vintage="2024-02-29", a="x"),
        fact("2024-01", 2, vintage="2024-02-29", a="y"),
        fact("2024-01", 5, vintage="2024-03-31", a="x"),  # y is not in it any more: it is zero there
    )
    early, late = (held.known(date(2024, 3, day))["s"] for day in (30, 31))
    assert values(early) == {(parsed("2024-01"), "x"): 1, (parsed("2024-01"), "y"): 2}
    assert values(late) == {(parsed("2024-01"), "x"): 5}


def test_an_older_vintage_that_comes_later_changes_nothing():
    new, old = (
        fact("2024-01", 5, vintage="2024-03-31", a="x"),
        fact("2024-01", 1, vintage="2024-02-29", a="x"),
    )
    day = date(2025, 1, 1)
    assert values(made(new, old).known(day)["s"]) == values(made(old, new).known(day)["s"])


@given(
    st.lists(
        st.tuples(st.sampled_from(MONTHS), st.sampled_from("xyz"), st.integers(1, 4), st.integers(0, 99)),
        unique_by=lambda row: row[:3],
        min_size=1,
    ),
    st.integers(1, 5),
)
def test_what_was_known_on_a_day_is_what_the_newest_file_of_each_month_says(rows, day):
    held = made(*(fact(m, v, vintage=f"2024-05-0{vintage}", a=a) for m, a, vintage, v in rows))
    public = [row for row in rows if row[2] <= day]
    newest = {m: max(row[2] for row in public if row[0] == m) for m in {row[0] for row in public}}
    wanted = {(parsed(m), a): v for m, a, vintage, v in public if newest[m] == vintage}
    assert values(held.known(date(2024, 5, day))["s"]) == wanted


def test_two_files_of_one_vintage_that_differ_are_told():
    held = made(
        fact("2024-01", 1, file=1, a="x"),
        fact("2024-01", 2, file=1, a="y"),
        fact("2024-01", 1, file=2, a="x"),
        fact("2024-01", 3, file=2, a="y"),
        fact("2024-02", 7, file=2, a="x"),
    )["s"]
    assert values(held) == {
        (parsed("2024-01"), "x"): 1,
        (parsed("2024-01"), "y"): 2,
        (parsed("2024-02"), "x"): 7,
    }
    assert held.disputed.tolist() == [False, True, False]


def test_a_cell_that_only_the_second_file_has_is_in_dispute_and_no_zero():
    held = made(
        fact("2024-01", 1, file=1, a="x"),
        fact("2024-02", 1, file=1, a="x"),
        fact("2024-01", 1, file=2, a="x"),
        fact("2024-01", 3, file=2, a="y"),
    )["s"]
    assert held.value.tolist() == [1, 1, 3]
    assert held.disputed.tolist() == [False, False, True]


def test_files_of_one_vintage_that_share_no_cell_are_parts_of_one_table():
    held = made(fact("2024-01", 1, file=1, a="x"), fact("2024-01", 3, file=2, a="y"))["s"]
    assert held.value.tolist() == [1, 3]
    assert not held.disputed.any()


def test_the_same_file_twice_is_no_dispute():
    once = [fact(month, 1, a="x") for month in MONTHS]
    twice = [row | {"delivery": bytes([n]) * 32} for n in (1, 2) for row in once]
    held = facts(table(twice))["s"]
    assert len(held.value) == len(once)
    assert not held.disputed.any()


def test_a_quarter_publishes_three_months():
    held = made(fact("2024-01", 9, months=3, a="x"))["s"]
    assert held.months == {parsed(month) for month in MONTHS}
    assert parsed(after("2024-03")) not in held.months


def test_a_series_that_is_not_held_is_told():
    with pytest.raises(WrongQuestion, check=because("scorecard.no-series", name="t", known="s")):
        made(fact("2024-01", 1, a="x"))["t"]


def test_only_what_its_publisher_calls_to_date_is_provisional():
    marked = [fact(month, 1, a="x") | {"to_date": to_date} for month, to_date in TO_DATE.items()]
    assert made(*marked)["s"].provisional == {2025 * 12}


TO_DATE = {"2024-11": None, "2024-12": False, "2025-01": True}


def test_a_cell_that_says_no_dimensions_is_one_by_itself():
    row = fact("2024-01", 3) | {"cell": "<script>"}
    held = facts(table([row, fact("2024-01", 4, a="x")]))["s"]
    assert held.cells == ({"cell": "<script>"}, {"a": "x"})
    assert held.value.sum() == 7
