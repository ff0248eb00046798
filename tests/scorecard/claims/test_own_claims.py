"""Claims such as an analyst writes: each measure, judged, on small tables."""

from datetime import date

from tests.scorecard.tables import fact, made

from watchfloor.scorecard.claims import load
from watchfloor.scorecard.claims.check import check

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
of = "people"
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
        ask='part = { a = "x" }\nperiod = "2024"',
        definitions="one = {}",
    )
    assert done.figures[0].shown.en == "it would divide by zero: the whole is 0 in 2024"
    assert done.verdict == "not-published"
    assert done.plots == ()
