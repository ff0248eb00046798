from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scorecard.tables import fact, made

from watchfloor.scorecard.bilingual import Text, shown_percent
from watchfloor.scorecard.claims import Cited, FigureQuery
from watchfloor.scorecard.claims.claimed import Claimed, rule
from watchfloor.scorecard.claims.measures import figure

DAY = date(2025, 1, 1)
BELOW = rule(Claimed(below=Decimal("0.01")), share=True)
ABOUT = rule(Claimed(about=Decimal("0.67")), share=True)
Z = {"a": "z"}
SHARE = FigureQuery(series="s", of="people", part={"a": "x"}, period="2024-01 to 2024-02")
TABLE = (
    *(fact("2024-01", 3, a="x"), fact("2024-01", 997, a="y")),
    *(fact("2024-02", 1, a="x"), fact("2024-02", 39, a="y")),
)


def test_a_share_with_its_arithmetic_interval_and_rows():
    found = figure(made(*TABLE), "d", SHARE, BELOW)
    assert found.value == pytest.approx(4 / 1040)
    assert found.shown == Text("4 of 1,040 = 0.385 %", "4 sur 1\u00a0040 = 0,385\u00a0%")
    assert found.holds is True
    assert found.interval.low < found.value < found.interval.high < 0.01
    assert found.rows == 4  # the part is in the whole
    assert found.digest


def test_an_interval_across_the_threshold_leaves_it_open():
    found = figure(made(fact("2024-01", 1, a="x"), fact("2024-01", 150, a="y")), "d", FigureQuery(
        series="s", of="people", part={"a": "x"}, period="2024-01"
    ), BELOW)  # fmt: skip
    assert found.value < 0.01
    assert found.holds is None


def test_counts_whose_months_scatter_have_wider_intervals_than_independent_events():
    months = [f"{2020 + n // 12}-{n % 12 + 1:02}" for n in range(48)]
    rows = [
        row
        for n, month in enumerate(months)
        for row in (fact(month, 900 + 500 * (n % 2), a="x"), fact(month, 9000, a="y"))
    ]
    share = figure(
        made(*rows), "d", FigureQuery(series="s", of="people", part={"a": "x"}, period="2023"), BELOW
    )
    asked = FigureQuery("change", "s", "people", part={"a": "x"}, since=months[0], until=months[-1])
    change = figure(made(*rows), "d", asked, BELOW)
    cited = figure(
        made(*rows), "d", FigureQuery(measure="cited", cited=Cited(1400, 900, DAY, Text("p", "p"))), BELOW
    )
    assert min(share.interval.scatter, change.interval.scatter) > 100
    assert share.interval.high - share.interval.low > 0.04  # .004 were each event independent
    assert cited.interval.scatter is None
    assert cited.interval.high - cited.interval.low < change.interval.high - change.interval.low


def test_a_weight_is_judged_by_its_value_and_says_how_far_it_hangs_on_luck():
    rows = (fact("2024-01", v, a=a, b=b, measure="weight", unit="lb") for a, b, v in [
        ("x", "1", 0.5), ("x", "2", 20.0), ("y", "1", 900.0), ("y", "2", 1500.0), ("y", "3", 700.0)
    ])  # fmt: skip
    asked = FigureQuery(series="s", of="weight", part={"a": "x"}, period="2024-01")
    found = figure(made(*rows), "d", asked, BELOW)
    assert found.shown.en == "20.50 of 3,120.50 lb = 0.657 %"
    assert found.holds is True
    assert found.interval.low < found.value < found.interval.high


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=1, max_size=12))
def test_months_above_a_share_are_those_of_exact_arithmetic(months):
    rows = [
        row
        for n, (part, rest) in enumerate(months, 1)
        for row in (fact(f"2024-{n:02}", part, a="x"), fact(f"2024-{n:02}", rest, a="y"))
    ]
    found = figure(made(*rows), "d", FigureQuery("above", "s", "people", part={"a": "x"}, over=0.25), None)
    above = sum(Fraction(part, part + rest) >= Fraction(1, 4) for part, rest in months)
    assert found.value == above
    assert found.shown.en == f"{above} of {len(months)}"


def test_years_are_told_with_their_least_and_greatest_share():
    rows = [fact(f"20{y}-10", v, a="x") for y, v in ((19, 1), (20, 3))]
    rows += [fact(f"20{y}-10", 100 - v, a="y") for y, v in ((19, 1), (20, 3))]
    rows += [fact(f"{2019 + n // 12}-{n % 12 + 1:02}", 0, a="x") for n in range(10, 12 + 9)]
    asked = FigureQuery("range", "s", "people", part={"a": "x"}, each="fiscal-year")
    found = figure(made(*rows), "d", asked, None)
    assert found.shown.en == "between 1.00 % (FY2020) and 3.00 % (FY2021)"
    assert found.shown.fr == "entre 1,00\u00a0% (exercice 2020) et 3,00\u00a0% (exercice 2021)"


def test_a_fall_is_positive_and_a_rise_is_told():
    asked = FigureQuery("change", "s", "people", part={"a": "x"}, since="2024-01", until="2024-02")
    fall = figure(made(*TABLE), "d", asked, ABOUT)
    assert fall.value == pytest.approx(2 / 3)
    assert fall.shown == Text("3 → 1 = 66.7 % less", "3 → 1 = 66,7\u00a0% de moins")
    assert fall.holds is True
    rise = figure(made(*TABLE[::-1]), "d", FigureQuery(
        "change", "s", "people", part={"a": "x"}, since="2024-02", until="2024-01"
    ), ABOUT)  # fmt: skip
    assert rise.shown.en == "1 → 3 = 200 % more"
    assert rise.holds is False


def test_the_largest_cell_names_itself():
    rows = (fact("2024-01", 1, area="A"), fact("2024-01", 3, area="B"))
    found = figure(made(*rows), "d", FigureQuery("largest", "s", "people"), None)
    assert found.value == 0.75
    assert found.shown.en == "3 of 4 = 75.0 %: B, January 2024"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (FigureQuery("share", "s", "people", part=Z, whole=Z, period="2024-01"), "divide by zero"),
        (FigureQuery("change", "s", "people", part=Z, since="2024-01", until="2024-02"), "2024-01, is 0"),
        (FigureQuery(series="s", of="people", part={"a": "x"}, period="2024-03"), "not held here: 2024-03"),
        (FigureQuery("cited", cited=Cited(0, 1, Text("D", "D"), DAY)), "divide by zero"),
        (FigureQuery("largest", "s", "people", part=Z), "divide by zero"),
        (FigureQuery("above", "s", "people", part={"a": "x"}, whole=Z, over=0.1), "divide by zero"),
        (FigureQuery("share", "s", "people", part={"a": "x"}, whole={"a": "y"}), "not in the whole"),
        (FigureQuery("range", "s", "people", part={"a": "x"}, whole={"a": "y"}), "not in the whole"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_has_a_reason_and_no_value(asked, message):
    known = made(*TABLE, fact("2024-01", 0, a="z"), fact("2024-02", 5, a="w"))
    found = figure(known, "d", asked, BELOW)
    assert found.value is None
    assert found.holds is None
    assert message in found.shown.en
    assert found.shown.fr


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.00197, "0.197 %"),
        (0.00049, "0.049 %"),
        (0.0735, "7.35 %"),
        (0.1239, "12.4 %"),
        (0.9, "90.0 %"),
        (1.0, "100 %"),
        (0.009999, "1.00 %"),
        (0.09999, "10.0 %"),
        (0.0, "0.000 %"),
        (-0.719, "\u221271.9 %"),
    ],
)
def test_shares_have_three_digits_that_count(share, text):
    assert shown_percent(share).en == text
