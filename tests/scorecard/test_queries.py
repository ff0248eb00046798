from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import because
from tests.scorecard.tables import fact, made

from watchfloor.scorecard.periods import parsed
from watchfloor.scorecard.problems import Gap, NotPublished, WrongQuestion
from watchfloor.scorecard.queries import Query, ask, curve, rests

DAY = date(2025, 12, 31)


def held(*rows):
    return made(*rows).known(DAY)


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from("xyz"), st.sampled_from("pq"), st.integers(0, 99)),
        unique_by=lambda row: row[:3],
        min_size=1,
    ),
    st.sampled_from(["x", ("x", "y"), "not x", ("not x", "not y")]),
)
def test_a_sum_is_that_of_the_rows_that_match(rows, wanted):
    every = [(m, "x", "q", 1) for m in (1, 2, 3) if not any(row[:3] == (m, "x", "q") for row in rows)]
    every += [(1, a, "z", 0) for a in "xyz"]
    rows = [*rows, *every]
    known = held(*(fact(f"2024-0{m}", v, a=a, b=b) for m, a, b, v in rows))
    only = {one for one in np.atleast_1d(wanted) if not one.startswith("not ")}
    but = {one.removeprefix("not ") for one in np.atleast_1d(wanted)} - only
    total = sum(v for _, a, _, v in rows if (a in only if only else a not in but))
    assert ask(known, Query("s", "people", {"a": wanted})).value == total


def test_a_cell_without_a_row_is_zero_and_a_month_without_rows_is_not_published():
    known = held(fact("2024-01", 1, a="x"), fact("2024-02", 1, a="y"))
    assert ask(known, Query("s", "people", {"a": "x"}, "2024-02")).value == 0
    with pytest.raises(
        NotPublished,
        check=because(
            "scorecard.not-published", month="2024-03", series="s", first="2024-01", last="2024-02"
        ),
    ):
        ask(known, Query("s", "people", {"a": "x"}, "2024-03"))
    assert np.isnan(curve(known, Query("s", "people"), range(parsed("2024-03"), parsed("2024-05")))).all()


def test_nothing_was_public_yet():
    known = made(fact("2024-01", 1, vintage="2024-02-29", a="x")).known(date(2024, 2, 28))
    with pytest.raises(
        NotPublished, check=because("scorecard.nothing-published", series="s", day="2024-02-28")
    ):
        ask(known, Query("s", "people", {}, "2024-01"))


def test_a_gap_is_told():
    known = held(fact("2024-01", 1, a="x"), fact("2024-03", 1, a="x"))
    with pytest.raises(Gap, check=because("scorecard.gap", series="s", month="2024-02")):
        ask(known, Query("s", "people", {}, "2024"[:4] + "-01 to 2024-03"))


@pytest.mark.parametrize(
    ("query", "message", "params"),
    [
        (Query("s", "weight"), "no-measure", {"series": "s", "name": "weight", "known": "people"}),
        (Query("s", "people", {"c": "x"}), "no-dimension", {"series": "s", "name": "c", "known": "a"}),
        (Query("s", "people", {"a": "fentanil"}), "no-value", {"value": "fentanil", "near": "fentanyl"}),
        (Query("s", "people", {"a": "not fentanil"}), "no-value", {"name": "a", "value": "fentanil"}),
        (Query("t", "people"), "no-series", {"name": "t"}),
    ],
)
def test_a_question_that_is_wrong_is_no_zero(query, message, params):
    known = held(fact("2024-01", 1, a="fentanyl"))
    with pytest.raises(WrongQuestion, check=because(f"scorecard.{message}", **params)):
        ask(known, query)


def test_a_value_of_another_vintage_is_known():
    known = held(
        fact("2024-01", 1, vintage="2024-02-01", a="x"), fact("2024-01", 2, vintage="2024-03-01", a="y")
    )
    assert ask(known, Query("s", "people", {"a": "x"})).value == 0


def test_a_period_that_cuts_a_quarter_is_told():
    known = held(fact("2024-01", 9, months=3, a="x"))
    assert ask(known, Query("s", "people", {}, "2024-01 to 2024-03")).value == 9
    with pytest.raises(WrongQuestion, check=because("scorecard.coarse", series="s")):
        ask(known, Query("s", "people", {}, "2024-01 to 2024-02"))


@given(st.permutations([fact(f"2024-0{m}", v / 7, a=a) for m in (1, 2) for a in "xy" for v in (3,)]))
def test_the_order_of_rows_changes_neither_sum_nor_digest(rows):
    one, two = (ask(held(*some), Query("s", "people")) for some in (rows, sorted(rows, key=repr)))
    assert one.value == two.value
    assert rests((one,)) == rests((two,))
    assert np.array_equal(one.by_month(), two.by_month())


def test_a_quarter_has_no_months_of_its_own():
    known = held(fact("2024-01", 9, months=3, a="x"))
    with pytest.raises(WrongQuestion, check=because("scorecard.no-months", series="s")):
        curve(known, Query("s", "people"), range(parsed("2024-01"), parsed("2024-04")))


def test_a_year_beside_its_quarters_is_refused_and_not_counted_twice():
    quarters = [fact(f"2023-{month:02}", 10, months=3, a="x") for month in (1, 4, 7, 10)]
    other = fact("2023-01", 7, months=12, a="y")
    facts = held(*quarters, fact("2023-01", 40, months=12, vintage="2025-02-28", a="x"), other)
    with pytest.raises(WrongQuestion, check=because("scorecard.counted-twice", month="2023-04")):
        ask(facts, Query("s", "people", {"a": "x"}, "2023"))
    assert ask(held(*quarters, other), Query("s", "people", {"a": "x"}, "2023")).value == 40
