"""Claims such as an analyst writes: each measure, judged, on small tables."""

from datetime import date

import pytest
from tests.scorecard.tables import fact, made

from watchfloor.scorecard.claims import FigureQuery, load
from watchfloor.scorecard.claims.check import check
from watchfloor.scorecard.claims.doubt import as_told
from watchfloor.scorecard.claims.labels import label
from watchfloor.scorecard.problems import WrongQuestion

DAY = date(2026, 6, 30)
TEXT = """
title = {{ en = "t", fr = "t" }}
department = "CBSA"
[said]
on = 2025-03-10
by = {{ en = "b", fr = "b" }}
words = {{ en = "w", fr = "w" }}
[claimed]
{claimed}
[ask]
series = "s"
{ask}
[definitions]
{definitions}
"""


def found(facts, *, claimed, ask, definitions, more=""):
    text = TEXT.format(claimed=claimed, ask=ask, definitions=definitions) + more
    return check(facts, load("own.toml", text.encode()), DAY)


def months(value, *, first=2023, years=3, **cell):
    return [
        fact(f"{year}-{month:02}", value(12 * (year - first) + month), **cell)
        for year in range(first, first + years)
        for month in range(1, 13)
    ]


def test_a_share_of_nothing_has_a_reason_and_no_picture():
    done = found(
        made(*months(lambda n: 0, a="x"), fact("2024-01", 0, a="y")),
        claimed="below = 0.1",
        ask='of = "people"\npart = { a = "x" }\nperiod = "2024"',
        definitions="one = {}",
    )
    assert done.figures[0].shown.en == "it would divide by zero: the whole is 0 in 2024"
    assert done.verdict == "not-computed"
    assert done.plots == ()


def test_totals_are_told_in_their_unit_and_rises_as_rises():
    weights = made(*months(lambda n: 10.0 * n, measure="weight", unit="lb", a="x"))
    totals = found(
        weights,
        claimed="at_least = 1000",
        ask='measure = "total"\nof = "weight"\npart = { a = "x" }\nperiod = "2023"',
        definitions='one = {}\ntwo = { period = "2024" }',
    )
    assert "; they give 780.00 lb to 2,220.00 lb. Rule" in totals.why.en
    assert totals.plots == ()
    assert totals.seasonal is None
    rises = found(
        weights,
        claimed="about = -1.0",
        ask='measure = "change"\nof = "weight"\npart = { a = "x" }\nsince = "2023-01"\nuntil = "2023-02"',
        definitions='one = {}\ntwo = { until = "2023-12" }',
    )
    assert "they give a rise of 1,100 % to a rise of 100 %. Rule" in rises.why.en
    assert "elles donnent une hausse de 1\u00a0100\u00a0% à une hausse de 100\u00a0%. " in rises.why.fr


@pytest.mark.parametrize(
    ("claimed", "verdict"),
    [
        ("more_than = 100", "holds"),
        ("more_than = 105", "fails"),
        ("at_most = 104", "fails"),
        ("between = [100, 105]", "holds"),
        ("well_over = 60", "holds"),
        ("well_over = 101", "open"),
    ],
)
def test_a_total_is_what_was_recorded_and_no_interval_leaves_it_open(claimed, verdict):
    done = found(
        made(*months(lambda n: 105 - n % 12, a="x")),
        claimed=claimed,
        ask='measure = "total"\nof = "people"\npart = { a = "x" }\nperiod = "2023-12"',
        definitions="one = {}",
    )
    assert done.figures[0].value == 105
    assert done.figures[0].interval.low < 100 < done.figures[0].interval.high
    assert done.verdict == verdict


def test_nought_of_what_no_row_has_rests_on_an_edition_and_is_told():
    facts = made(
        fact("2024-01", 5, a="x", b="p"), fact("2024-01", 7, a="y", b="q"), fact("2024-02", 1, a="x")
    )
    ask = 'measure = "total"\nof = "people"\npart = { a = "x", b = "q" }\nperiod = "2024-01"'
    done = found(facts, claimed="about = 0", ask=ask, definitions="one = {}")
    assert done.verdict == "holds"
    assert done.figures[0].vintages == (date(2025, 1, 31),)
    (told,) = [one for one in done.warnings if one.kind == "no-row"]
    assert told.text.en.startswith("No row of s ever has")
    narrower = found(facts, claimed="about = 0", ask=ask.replace(', b = "q"', ""), definitions="one = {}")
    assert not [one for one in narrower.warnings if one.kind == "no-row"]


def test_what_intervals_leave_open_is_counted_beside_what_they_decide():
    counts = [
        *(fact(f"{year}-01", part, a="x") for year, part in ((2023, 95), (2024, 10), (2025, 91))),
        *(fact(f"{year}-01", 100 - part, a="y") for year, part in ((2023, 95), (2024, 10), (2025, 91))),
    ]
    done = found(
        made(*counts),
        claimed="at_least = 0.9",
        ask='of = "people"\npart = { a = "x" }\nperiod = "2023-01"',
        definitions='one = {}\ntwo = { period = "2024-01" }\nthree = { period = "2025-01" }',
    )
    open_ = sum(one.holds is None for one in done.figures)
    assert open_ == 2
    assert done.verdict == "open"
    assert "fails under 1, and is open under 2, with the claimed value inside" in done.why.en


@pytest.mark.parametrize(
    ("ask", "definitions", "more", "problem"),
    [
        (
            'of = "people"\nperiod = "2023"\npart = { a = "x" }',
            'one = {}\ntwo = { measure = "total" }',
            "",
            "one claimed value cannot be of a share and of a total",
        ),
        (
            'measure = "total"\nof = "people"',
            'one = {}\ntwo = { of = "weight" }',
            "",
            "one claimed total cannot be in people and in weight",
        ),
        (
            'of = "people"\npart = { a = "x" }',
            "one = {}",
            "[search]\nup_to = { a = 2 }\n",
            "`search` tries definitions of a change",
        ),
        (
            'of = "people"\nmeasure = "change"\nsince = "2023-01"\nuntil = "2023-02"',
            "one = {}",
            "[search]\nup_to = { a = 2, b = 2 }\n",
            "sets of one dimension",
        ),
    ],
)
def test_a_claim_that_mixes_numbers_or_searches_nothing_is_refused(ask, definitions, more, problem):
    with pytest.raises(WrongQuestion, match=problem):
        found(made(), claimed="about = 0.9", ask=ask, definitions=definitions, more=more)


def test_a_search_from_zero_tells_so():
    done = found(
        made(*months(lambda n: 0 if n == 1 else 5, a="x")),
        claimed="about = 0.9",
        ask='of = "people"\nmeasure = "change"\npart = { a = "x" }\nsince = "2023-01"\nuntil = "2023-02"',
        definitions="one = {}",
        more="[search]\nup_to = { a = 1 }\n",
    )
    assert "the baseline, January 2023, is 0 under each" in done.tried.en


def test_labels_tell_the_unit_of_a_change_the_regions_of_a_total_and_a_threshold_as_written():
    change = FigureQuery("change", "cbp-drug-seizures", "weight", since="2024-01", until="2024-02")
    assert label(change).en == "seizures, by weight, January 2024 to February 2024"
    total = FigureQuery(
        "total", "cbp-drug-seizures", "weight", part={"region": "Northern Border"}, period="2024"
    )
    assert label(total).en == "by weight, northern border, calendar year 2024"
    few = FigureQuery("above", "s", "people", part={"region": "Northern Border"}, over=0.005)
    assert label(few).fr.startswith("mois à 0,5\u00a0% ou au-dessus")
    land = FigureQuery(
        "share", "s", "people", part={"a": "x"}, whole={"region": ("Northern Border", "Other")}
    )
    assert "par rapport à ce seul total\u00a0: frontière nord et ailleurs" in label(land).fr


def test_a_change_from_year_to_year_by_quarters_and_none_of_their_months():
    quarters = [
        fact(f"{year}-{month:02}", 10 * (year - 2021), months=3, a="x")
        for year in (2022, 2023, 2024)
        for month in (1, 4, 7, 10)
    ]
    done = found(
        made(*quarters),
        claimed="about = -0.5",
        ask='of = "people"\nmeasure = "change"\npart = { a = "x" }\nsince = "2023"\nuntil = "2024"',
        definitions='years = {}\nfiscal = { since = "FY2023", until = "FY2024" }\n'
        'month = { since = "2024-01", until = "2024-02" }',
    )
    years, fiscal, month = done.figures
    assert years.label.fr == "s, x, année civile 2023 → année civile 2024"
    assert years.shown.en == "80 → 120 = 50.0 % more"
    assert years.holds is True
    assert fiscal.value == pytest.approx(1 - 110 / 70)
    assert "published by longer periods than a month, and 2024-01 cuts one" in month.shown.en
    assert done.seasonal is None
    assert done.interrupted.en.startswith("None: the claim names no date")


@pytest.mark.parametrize(
    ("ask", "problem"),
    [
        ('since = "2024"\nuntil = "2023"', "changes from 2024 to 2023, which is no later"),
        ('since = "2023"\nuntil = "2024-01"', "compares 12 months with 1"),
        ('since = "last year"\nuntil = "2024"', "in the definition one last year is no period"),
        ('since = "FY2024"\nuntil = "2024"', "changes from FY2024 to 2024, which is no later"),
    ],
)
def test_a_change_between_periods_that_cannot_be_compared_is_refused(ask, problem):
    with pytest.raises(WrongQuestion, match=problem):
        found(
            made(),
            claimed="about = 0.9",
            ask=f'of = "people"\nmeasure = "change"\n{ask}',
            definitions="one = {}",
        )


@pytest.mark.parametrize(
    ("claimed", "ask", "definitions", "problem"),
    [
        ("at_least = 90", 'part = { a = "x" }', "one = {}", "a share is part of one: 90 per cent is 0.9"),
        (
            "about = 90",
            'measure = "change"\nsince = "2023"\nuntil = "2024"',
            "one = {}",
            "a change is part of one",
        ),
        ("about = nan", 'part = { a = "x" }', "one = {}", "`claimed` is NaN, which is no number"),
        ("below = inf", 'measure = "total"', "one = {}", "`claimed` is Infinity, which is no number"),
        (
            "about = 43\nto = inf",
            'measure = "total"',
            "one = {}",
            "`claimed` is Infinity, which is no number",
        ),
        ("about = -5", 'measure = "total"', "one = {}", "`claimed` is -5, and no total is below nought"),
        ("below = 0.1", 'part = { a = "x" }', "", "`definitions` has none"),
        ("below = 0.1", 'part = { a = "x" }\nperiod = "FY24"', "one = {}", "FY24 is no period"),
    ],
)
def test_a_slip_in_a_claim_is_told_and_gets_no_verdict(claimed, ask, definitions, problem):
    with pytest.raises(WrongQuestion, match=problem):
        found(made(), claimed=claimed, ask=f'of = "people"\n{ask}', definitions=definitions)


def test_a_claim_s_department_is_one_that_answers():
    text = TEXT.format(claimed="below = 0.1", ask='of = "p"\npart = { a = "x" }', definitions="one = {}")
    with pytest.raises(WrongQuestion, match="CBZA"):
        load("own.toml", text.replace("CBSA", "CBZA").encode())


def test_a_control_that_is_not_published_is_told_and_the_other_dates_stand():
    north = months(lambda n: 40 + n % 7, years=4, a="x", first=2021)
    south = months(lambda n: 90 + n % 5, years=4, a="y", first=2021)
    done = found(
        made(*north, *south),
        claimed="about = 0.5",
        ask='of = "people"\nmeasure = "change"\npart = { a = "x" }\nsince = "2023-01"\nuntil = "2023-06"',
        definitions="one = {}",
        more="""[control]
label = { en = "the south", fr = "le sud" }
part = { a = "y" }
until = ["2023-06", "2026-01"]
interrupted = ["2023-06", "2026-01"]
""",
    )
    assert len(done.compared) == 1
    assert any(
        one.text.en.startswith(
            "No comparison with the control, the south, to January 2026, is possible: not held"
        )
        for one in done.warnings
    )
    assert "From June 2023 on" in done.interrupted.en
    assert "2026-01" in done.interrupted.en


def test_the_interval_of_a_rise_is_one_of_rises():
    done = found(
        made(fact("2024-01", 100, a="x"), fact("2024-02", 200, a="x")),
        claimed="about = -1.0",
        ask='of = "people"\nmeasure = "change"\npart = { a = "x" }\nsince = "2024-01"\nuntil = "2024-02"',
        definitions="one = {}",
    )
    (one,) = done.figures
    assert one.shown.en == "100 → 200 = 100 % more"
    assert one.interval.low < -1 < one.interval.high
    assert as_told(one).low < 1 < as_told(one).high
    assert as_told(one).low == -one.interval.high
