"""By which rule a stated figure is judged: the digits that a sentence states, and the word before them."""

from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scorecard.claims.test_own_claims import found
from tests.scorecard.tables import fact, made

from watchfloor.scorecard.claims import FigureQuery
from watchfloor.scorecard.claims.claimed import ROUNDED, WORDS, Claimed, rule, unit_of
from watchfloor.scorecard.claims.labels import label
from watchfloor.scorecard.claims.measures import percent_by
from watchfloor.scorecard.problems import WrongQuestion

TOTAL = 'measure = "total"\nof = "weight"\npart = { a = "x" }\nperiod = "2024-01"'
SHARE = 'of = "weight"\npart = { a = "x" }\nperiod = "2024-01"'


def judged(claimed, value, *, whole=None):
    """Whether a weight in pounds, or its share of a whole, is as claimed."""
    rows = [fact("2024-01", value, measure="weight", unit="lb", a="x")]
    if whole:
        rows.append(fact("2024-01", whole - value, measure="weight", unit="lb", a="y"))
    done = found(made(*rows), claimed=claimed, ask=SHARE if whole else TOTAL, definitions="one = {}")
    return done.figures[0].holds


@pytest.mark.parametrize(
    ("claimed", "value", "holds"),
    [
        ("about = 43", 43.04, True),
        ("about = 43", 43.50, True),  # a half is rounded either way
        ("about = 43", 43.51, False),
        ("about = 43.0", 43.04, True),
        ("about = 43.0", 43.06, False),
        ("about = 43.00", 43.04, False),
        ("about = 22000", 21889.21, True),
        ("about = 22000", 21499.99, False),
        ("about = 21900", 21889.21, True),
        ("about = 21800", 21889.21, False),
        ("about = 2.2e4", 22499.0, True),
        ("about = 2.20e4", 22499.0, False),
        ("about = 100", 95.0, True),
        ("about = 100", 106.0, False),
        ("about = 22000\nto = 1", 21889.21, False),
        ("about = 40\nto = 10", 43.04, True),
        ("about = 0", 0.0, True),
        ("about = 0", 0.4, False),
        ("nearly = 22000", 21889.21, True),
        ("nearly = 22000", 22000.0, False),
        ("just_over = 43", 43.04, True),
        ("just_over = 43", 43.0, False),
        ("more_than = 43", 43.04, True),
        ("more_than = 43.04", 43.04, False),
        ("at_least = 43.04", 43.04, True),
        ("at_most = 43.04", 43.04, True),
        ("at_most = 43", 43.04, False),
        ("below = 43.04", 43.04, False),
        ("well_below = 22000", 16999.0, True),
        ("well_below = 22000", 21499.0, None),
        ("well_below = 22000", 21889.21, False),
        ("well_over = 30", 43.04, True),
        ("well_over = 40", 43.04, None),
        ("well_over = 43", 43.04, False),
        ("between = [40, 50]", 43.04, True),
        ("between = [43.04, 50]", 43.04, True),
        ("between = [44, 50]", 43.04, False),
    ],
)
def test_a_stated_amount_is_judged_by_the_digits_that_it_states(claimed, value, holds):
    assert judged(claimed, value) is holds


@pytest.mark.parametrize(
    ("claimed", "percent", "holds"),
    [
        ("about = 0.002", 0.641, False),
        ("about = 0.002", 0.197, True),
        ("about = 0.002", 0.249, True),
        ("about = 0.0020", 0.206, False),
        ("about = 0", 0.197, False),
        ("about = 0.90", 89.6, True),
        ("about = 0.9", 89.4, False),
        ("well_below = 0.01", 0.197, True),
        ("well_below = 0.01", 0.641, False),
        ("below = 0.01", 0.641, True),
        ("nearly = 0.9", 86.9, False),
        ("well_over = 0.6", 63.0, None),
        ("well_over = 0.6", 65.1, True),
        ("between = [0.001, 0.002]", 0.197, True),
    ],
)
def test_a_stated_share_is_judged_to_the_whole_per_cent_or_to_its_decimals(claimed, percent, holds):
    assert judged(claimed, percent, whole=100.0) is holds


@pytest.mark.parametrize(
    ("claimed", "before", "after", "holds"),
    [
        ("about = -1.0", 100, 200, True),
        ("about = -1.0", 100, 201, False),
        ("nearly = -1.0", 1000, 1996, True),
        ("nearly = -1.0", 1000, 2001, False),
        ("more_than = -0.5", 100, 149, False),
        ("more_than = -0.5", 100, 151, True),
        ("more_than = -0.5", 100, 60, False),  # a fall
        ("at_most = -0.5", 100, 149, True),
        ("well_over = -0.5", 100, 170, True),
        ("well_over = -0.5", 100, 152, None),
        ("well_below = -0.5", 100, 140, True),
    ],
)
def test_a_rise_is_judged_by_how_large_it_is(claimed, before, after, holds):
    rows = (fact("2024-01", before, measure="weight", unit="lb", a="x"),
            fact("2024-02", after, measure="weight", unit="lb", a="x"))  # fmt: skip
    ask = 'measure = "change"\nof = "weight"\npart = { a = "x" }\nsince = "2024-01"\nuntil = "2024-02"'
    done = found(made(*rows), claimed=claimed, ask=ask, definitions="one = {}")
    assert done.figures[0].holds is holds


def test_every_year_of_a_range_is_as_claimed_or_the_range_is_not():
    rows = [
        row
        for year, part in ((2023, 1), (2024, 40))
        for row in (
            fact(f"{year}-01", part, measure="weight", unit="lb", a="x"),
            fact(f"{year}-01", 100 - part, measure="weight", unit="lb", a="y"),
        )
    ]
    rows += [fact(f"2023-{n:02}", 0, measure="weight", unit="lb", a="y") for n in range(2, 13)]
    ask = 'measure = "range"\nof = "weight"\npart = { a = "x" }\neach = "calendar-year"'
    for claimed, holds in (("at_least = 0.05", False), ("at_least = 0.01", True), ("below = 0.4", False)):
        done = found(made(*rows), claimed=claimed, ask=ask, definitions="one = {}")
        assert done.figures[0].holds is holds, claimed


STATED = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent), st.integers(1, 99_999), st.integers(-4, 4)
).map(lambda one: Decimal(f"{one:f}"))
"""Figures as a sentence writes them: whole, with noughts at the end, or with decimals."""
VALUES = st.decimals(0, 10**9, places=5)


def answer(word, figure, value, **more):
    return rule(Claimed(**{word: figure}, **more), share=False).judge(float(value))


@st.composite
def near(draw):
    """A stated figure, and a value at, beside or far from it."""
    figure = draw(STATED)
    unit = unit_of(figure, share=False)
    step = draw(st.integers(-40, 40)) * unit / 4
    return figure, draw(st.one_of(VALUES, st.just(abs(figure + step))))


@given(near())
def test_about_is_what_rounds_to_the_figure_whichever_way_a_half_goes(both):
    figure, value = both
    unit = unit_of(figure, share=False)
    rounded = {(value / unit).quantize(Decimal(1), way) * unit for way in (ROUND_HALF_UP, ROUND_HALF_DOWN)}
    assert answer("about", figure, value) is (figure in rounded)


@given(near())
def test_the_words_divide_the_line_at_the_figure_and_at_its_rounding(both):
    figure, value = both
    says = {word: answer(word, figure, value) for word in WORDS if word != "between"}
    assert says["about"] is (says["nearly"] or says["just_over"] or value == figure)
    assert says["below"] is not says["at_least"]
    assert says["more_than"] is not says["at_most"]
    assert says["below"] is (says["nearly"] or says["well_below"] is not False)
    assert says["more_than"] is (says["just_over"] or says["well_over"] is not False)
    assert answer("between", (figure, figure), value) is (says["at_least"] and says["at_most"])


@given(STATED)
def test_a_whole_number_is_never_off_by_more_than_a_twentieth_and_a_decimal_by_half_its_last(figure):
    unit = unit_of(figure, share=False)
    assert figure % unit == 0
    if figure == figure.to_integral() and "." not in str(figure) and figure >= 10:
        assert unit / 2 <= figure / 20
    if "." in str(figure):
        assert unit == Decimal(1).scaleb(-len(str(figure).partition(".")[2]))


@given(near(), st.sampled_from([word for word in WORDS if word != "between"]))
def test_a_rise_is_judged_as_the_fall_that_is_as_large(both, word):
    figure, value = both
    rise = rule(Claimed(**{word: -figure}), share=False).judge(-float(value))
    assert rise is answer(word, figure, value)


@given(near(), st.sampled_from([word for word in WORDS if word != "between"]), st.integers(0, 200))
def test_an_interval_is_as_claimed_where_every_value_of_it_is(both, word, width):
    figure, low = both
    made = rule(Claimed(**{word: figure}), share=False)
    high = low + width * unit_of(figure, share=False) / 20
    each = {made.judge(float(low + (high - low) * n / 20)) for n in range(21)}
    found = made.judge_interval(float(low), float(high))
    if found is not None:
        assert each == {found}
    elif len(each) == 1:  # what is as claimed lies between two of the values that were looked at
        assert each == {None} or word in ROUNDED


@pytest.mark.parametrize(
    ("claimed", "says"),
    [
        ("about = 22000", "stated to the nearest 1,000 lb, so it is as claimed from 21,500 lb to 22,500 lb"),
        ("nearly = 43", "from 42.5 lb to less than 43 lb"),
        (
            "well_below = 22000",
            "as claimed below 17,000 lb; from 21,500 lb, which rounds to it, it is not. Betw",
        ),
        ("between = [40, 50]", "as claimed from 40 lb to 50 lb, both included"),
        ("about = 0", "as claimed where there is none at all"),
    ],
)
def test_the_verdict_says_by_which_rule(claimed, says):
    rows = [fact("2024-01", 43.04, measure="weight", unit="lb", a="x")]
    done = found(made(*rows), claimed=claimed, ask=TOTAL, definitions="one = {}")
    assert says in done.why.en
    assert "Règle" in done.why.fr


def test_a_verdict_on_one_definition_tells_its_figure_once():
    rows = [fact("2024-01", 43.04, measure="weight", unit="lb", a="x")]
    done = found(made(*rows), claimed="about = 43", ask=TOTAL, definitions="one = {}")
    assert "it gives 43.04 lb. Rule" in done.why.en
    assert "file has 1 definition:" in done.sure.en
    done = found(made(*rows), claimed="about = 43", ask=TOTAL, definitions="one = {}\ntwo = {}")
    assert "they all give 43.04 lb. Rule" in done.why.en


@pytest.mark.parametrize(
    ("claimed", "problem"),
    [
        ("well_below = 0", "nought"),
        ("between = [50, 40]", "lower figure first"),
        ("below = 43\nto = 1", "rounded figure"),
        ("about = 43\nto = 0", "rounded figure"),
        ("about = 43\nnearly = 43", "needs one of"),
    ],
)
def test_a_figure_that_cannot_be_judged_is_refused(claimed, problem):
    with pytest.raises(WrongQuestion, match=problem):
        judged(claimed, 43.04)


@given(
    st.integers(0, 10**7),
    st.integers(1, 10**7),
    near(),
    st.sampled_from(["about", "below", "at_least", "nearly"]),
)
def test_a_share_reads_as_it_is_judged(part, rest, both, word):
    figure = min(both[0] / 10**6, Decimal(1))
    made = rule(Claimed(**{word: figure}), share=True)
    value = part / (part + rest)
    text = percent_by(value, made).en.removesuffix(" %")
    assert made.judge(float(Decimal(text.replace(",", "")) / 100)) is made.judge(value)


def test_a_share_just_under_the_limit_is_not_written_as_the_limit():
    rows = [
        fact("2024-01", v, measure="weight", unit="lb", a=a) for a, v in (("x", 0.99999), ("y", 99.00001))
    ]
    done = found(made(*rows), claimed="below = 0.01", ask=SHARE, definitions="one = {}")
    assert done.figures[0].shown.en.endswith("= 0.99999 %")
    assert done.figures[0].holds is True
    assert "it gives 0.99999 %" in done.why.en


@pytest.mark.parametrize(("over", "says"), [("0.01", "1 %"), ("0.005", "0.5 %"), ("0.000001", "0.0001 %")])
def test_a_threshold_of_months_is_told_as_written(over, says):
    assert f"months at {says} or above" in label(FigureQuery("above", "s", "people", over=float(over))).en


def test_a_cited_number_that_is_no_count_has_no_error_of_counting():
    ask = (
        'measure = "cited"\n'
        'cited = { since = 2.5, until = 1.2, day = 2025-01-01, source = { en = "d", fr = "d" } }'
    )
    done = found(made(fact("2024-01", 1, a="x")), claimed="at_least = 0.5", ask=ask, definitions="one = {}")
    assert done.figures[0].interval is None
    assert done.figures[0].holds is True


def test_a_weight_of_nothing_is_a_weight_and_has_no_error_of_counting():
    rows = [fact("2024-01", v, measure="weight", unit="lb", a=a) for a, v in (("y", 2222.83), ("x", 1.0))] + [
        fact("2024-02", 5.0, measure="weight", unit="lb", a="y")
    ]
    done = found(made(*rows), claimed="below = 0.01", ask=SHARE.replace("01", "02"), definitions="one = {}")
    assert done.figures[0].shown.en == "0.00 of 5.00 lb = 0.000 %"
    assert done.figures[0].interval is None
    assert done.figures[0].holds is True
