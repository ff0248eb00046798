"""Exchange rates: which day's holds, what is refused, and that amounts stay exact."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.desks.finance import rates
from watchfloor.desks.finance.rates import DAY, STALE, RatesError, read, together

LONG = "date,from,to,rate\n2026-03-02,USD,CAD,1.40\n2026-03-05,USD,CAD,1.42\n2026-03-02,JPY,CAD,0.0091\n"
SERIES = (
    '"OBSERVATIONS"\n"date","FXUSDCAD","FXJPYCAD"\n"2026-03-02","1.40","0.0091"\n"2026-03-05","1.42",""\n'
)


def day(number, month=3):
    return int(np.datetime64(f"2026-{month:02}-{number:02}T12:00", "us").astype(np.int64))


@pytest.mark.parametrize("text", [LONG, SERIES])
def test_the_newest_rate_of_the_day_or_before_holds_for_a_week(text):
    found = read(text.encode(), "r.csv")
    assert found.base == "CAD"
    times = np.array([day(1), day(2), day(4), day(5), day(5 + STALE), day(6 + STALE)])
    assert found.factors("USD", times).tolist()[1:5] == [1.40, 1.40, 1.42, 1.42]
    assert np.isnan(found.factors("USD", times)[[0, 5]]).all()
    assert np.isnan(found.factors("CHF", times)).all()
    assert (found.factors("CAD", times) == 1).all()
    with pytest.raises(KeyError):
        found.worth(Decimal(1), "USD", day(1))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("when,rate\n2026-03-02,1\n", "header"),
        ("date,from,to,rate\n", "no rate"),
        ("date,from,to,rate\n02/03/2026,USD,CAD,1.4\n", "line 2"),
        ("date,from,to,rate\n2026-03-02,USD,CAD,1.4\n2026-03-02,EUR,USD,1.1\n", "line 3"),
        ("date,from,to,rate\n2026-03-02,USD,CAD,1.4\n2026-03-02,USD,CAD,1.5\n", "line 3"),
        ("date,from,to,rate\n2026-03-02,CAD,CAD,1\n", "line 2"),
        ("date,from,to,rate\n2026-03-02,QQQ,CAD,1\n", "line 2"),
        ('date,from,to,rate\n2026-03-02,USD,CAD,"1,4"\n', "line 2"),
        *((f"date,from,to,rate\n2026-03-02,USD,CAD,{bad}\n", "line 2") for bad in ("0", "-1", "NaN", "inf")),
        ("date,USD\n2026-03-02,1.4\n", "line 2"),
        ("date,from,to,rate\n2026-03-02,USD\n", "line 2"),
    ],
)
def test_a_wrong_line_is_named(text, where):
    with pytest.raises(RatesError, match=where):
        read(text.encode(), "r.csv")


AMOUNTS = st.lists(
    st.tuples(st.decimals("1e-18", 10**19, places=18), st.sampled_from(["CAD", "USD", "JPY"])), min_size=1
)


@given(AMOUNTS)
def test_sums_are_exact_and_the_total_is_the_nearest_cent(rows):
    found = read(LONG.encode(), "r.csv")
    amounts, currencies = zip(*rows, strict=True)
    made = together(amounts, currencies, [day(2)] * len(rows), found)
    assert {c: Fraction(s) for c, s in made.sums.items()} == {
        code: sum(Fraction(a) for a, c in rows if c == code) for code in set(currencies)
    }
    if len(made.sums) > 1:
        rate = {"CAD": Fraction(1), "USD": Fraction(14, 10), "JPY": Fraction(91, 10_000)}
        exact = sum(Fraction(a) * rate[c] for a, c in rows)
        assert made.currency == "CAD"
        assert abs(Fraction(made.total) - exact) <= Fraction(1, 200)
    else:
        assert (made.total, made.currency) == (made.sums[currencies[0]], currencies[0])


def test_a_sum_keeps_the_digits_that_it_has():
    made = together([Decimal("0.004000000000000000")], ["XBT"], [0], None)
    assert made.stated == ["0.00400000 XBT"]
    assert together([Decimal("7.1000"), Decimal("0.005")], ["CAD"] * 2, [0, 0], None).stated == ["7.105 CAD"]


def test_a_floor_without_rates_has_none():
    assert rates.of_reference(b"") is None
    assert rates.of_reference(LONG.encode()).base == "CAD"
    assert day(2) // DAY == 20_514


@pytest.mark.parametrize(
    "wrong",
    [
        *("2026-03-04,USD,CAD,1;44", "04/03/2026,USD,CAD,1.44", "2026-03-04,USD,EUR,1.1"),
        *("2026-03-02,USD,CAD,1.5", "2026-03-04,USD,CAD,1,44", "2026-03-04,USD"),
    ],
)
def test_a_wrong_line_of_a_floor_is_named_and_the_others_hold(wrong):
    head, first, *rest = LONG.splitlines()
    content = "\n".join([head, first, wrong, *rest]).encode()
    found, sound = rates.of_reference(content), read(LONG.encode(), "r.csv")
    assert ["exchange-rates.csv, line 3:" in one for one in rates.left_aside(content)] == [True]
    assert (found.base, {**found.values}) == (sound.base, {**sound.values})
    with pytest.raises(RatesError, match=r"exchange-rates.csv, line 3"):
        read(content, "exchange-rates.csv")


def test_a_wrong_cell_of_a_floor_leaves_the_others_of_its_line():
    content = SERIES.replace('"1.40"', '"1.4O"').encode()
    found = rates.of_reference(content)
    assert (found.values["JPY"], len(found.values["USD"])) == ((Decimal("0.0091"),), 1)
    assert "line 3" in rates.left_aside(content)[0]


def test_a_cell_without_end_is_a_wrong_line_like_others():
    lines = ["date,from,to,rate", "2026-03-31,USD,CAD,1.4", f"2026-03-31,{'x' * 200_000},CAD,1", " , ,"]
    content = "\n".join([*lines, "2026-04-01,USD,CAD,1.5"]).encode()
    assert len(rates.of_reference(content).values["USD"]) == 2
    assert ["exchange-rates.csv, line 3:" in one for one in rates.left_aside(content)] == [True]


@pytest.mark.parametrize("text", ["when,rate\n", "date,from,to,rate\n", "date,from,to,rate\nx,USD,CAD,1\n"])
def test_a_file_of_a_floor_without_a_rate_converts_nothing_and_is_named(text):
    assert rates.of_reference(text.encode()) is None
    assert "exchange-rates.csv" in rates.left_aside(text.encode())[-1]


def test_one_line_the_wrong_way_round_leaves_the_others_in_force():
    content = LONG.replace("rate\n", "rate\n2026-03-01,CAD,USD,0.71\n").encode()
    (wrong,) = rates.left_aside(content)
    assert "exchange-rates.csv, line 2" in wrong
    assert rates.of_reference(content).base == "CAD"
