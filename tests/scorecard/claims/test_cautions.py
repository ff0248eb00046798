"""Cautions are told of what somebody could choose, in the direction that was claimed, and of nothing else."""

from datetime import date

import pytest
from tests.scorecard.tables import fact, made

from watchfloor.scorecard.claims import load
from watchfloor.scorecard.claims.check import check
from watchfloor.scorecard.evidence import of_package
from watchfloor.scorecard.problems import WrongQuestion

FILE = """
title = {{ en = "t", fr = "t" }}
department = "CBSA"
[said]
on = {on}
by = {{ en = "x", fr = "x" }}
words = {{ en = "w", fr = "w" }}
[claimed]
about = {about}
[ask]
measure = "change"
series = "s"
of = "people"
part = {{ a = "x" }}
since = "{since}"
until = "{until}"
[definitions]
one = {{}}
"""
MONTHS = [f"{2022 + n // 12}-{n % 12 + 1:02}" for n in range(48)]


def kinds(values, since, until, *, about=0.9, on="2025-03-04"):
    facts = made(*(fact(month, value, a="x") for month, value in zip(MONTHS, values, strict=True)))
    claim = load("c.toml", FILE.format(since=since, until=until, about=about, on=on).encode())
    return {one.kind for one in check(facts, claim, date(2026, 6, 1)).warnings}


def level(**at):
    """A level with ripples, and other values at places named m5=..."""
    values = [1000 + 7 * (n * 5 % 11) for n in range(48)]
    for place, value in at.items():
        values[int(place[1:])] = value
    return values


def test_a_fall_from_a_peak_and_a_rise_from_a_trough():
    assert "baseline" in kinds(level(m29=5000), "2024-06", "2025-02")
    assert "baseline" in kinds(level(m29=100), "2024-06", "2025-02", about=-9.0)


def test_the_other_end_of_a_range_is_no_choice_that_helps():
    assert "baseline" not in kinds(level(m29=5000), "2024-06", "2025-02", about=-0.5)
    assert "baseline" not in kinds(level(m29=100), "2024-06", "2025-02", about=0.5)
    assert "end" not in kinds(level(m34=9000), "2024-06", "2024-11", about=0.5)
    assert "end" in kinds(level(m34=9000), "2024-06", "2024-11", about=-8.0)


def test_the_newest_month_when_it_was_said_was_not_chosen_whatever_came_later():
    values = level(m37=100)  # February 2025, and higher ever since
    assert "end" not in kinds(values, "2024-06", "2025-02", on="2025-03-04")
    assert "end" in kinds(values, "2024-06", "2025-02", on="2025-12-04")


def test_a_change_is_ranked_among_those_that_were_over():
    values = level(m37=500, m44=50, m45=50, m46=50, m47=50)
    assert "window" in kinds(values, "2024-06", "2025-02", on="2025-03-04")
    assert "window" not in kinds(values, "2024-06", "2025-02", on="2026-03-04")


def test_a_level_with_ripples_has_no_caution():
    assert kinds(level(), "2024-05", "2025-01") <= {"provisional"}


@pytest.mark.parametrize("until", ["2024-06", "2024-05"])
def test_a_change_that_does_not_end_later_is_refused_and_not_a_traceback(until):
    with pytest.raises(WrongQuestion, match="changes from 2024-06 to"):
        kinds(level(), "2024-06", until)


def test_a_share_of_a_year_is_not_set_beside_one_month_a_year_before():
    facts = of_package().facts
    from watchfloor.scorecard.claims import claims

    found = check(facts, claims()["fentanyl-north"], date(2026, 11, 1)).seasonal
    assert "Over the same months of other years (6 published) the share was 0.009 % to 0.837 %" in found.en
    assert "September" not in found.en


@pytest.mark.parametrize(("largest", "told"), [(24, False), (25, True)])
def test_one_cell_that_is_a_quarter_of_a_figure_is_told(largest, told):
    rest = (100 - largest) / 5
    cells = [("p", largest), *((f"q{n}", rest) for n in range(5))]
    facts = made(*(fact("2024-01", value, a="x", place=place) for place, value in cells))
    text = FILE.format(since="2024-01", until="2024-02", about=0.1, on="2025-03-04")
    text = text.replace('measure = "change"', 'measure = "share"\nperiod = "2024-01"')
    text = text.replace('since = "2024-01"\nuntil = "2024-02"\n', "").replace("about = 0.1", "below = 0.1")
    claim = load("c.toml", f'{text}[also]\nbig = {{ measure = "largest" }}\n'.encode())
    warned = [one.kind for one in check(facts, claim, date(2026, 6, 1)).warnings]
    assert ("one-cell" in warned) is told
