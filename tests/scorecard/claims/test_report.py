"""The claims of the press report of 4 March 2025, to the digit, from the package and from the files."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from watchfloor.scorecard.claims import claims
from watchfloor.scorecard.claims.check import check
from watchfloor.scorecard.evidence import of_files, of_package

FOLDER = Path(__file__).parents[3].parent / "shared" / "data" / "statistics"
ON = date(2026, 11, 1)
FILES = pytest.param(
    lambda: of_files([FOLDER]),
    id="files",
    marks=pytest.mark.skipif(not FOLDER.exists(), reason="needs ../shared/data/statistics"),
)
PACKAGE = pytest.param(of_package, id="package")


@pytest.fixture(scope="module", params=[PACKAGE, FILES])
def findings(request):
    facts = request.param().facts
    return {name: check(facts, one, ON) for name, one in claims().items()}


def shown(finding):
    return {one.name: one.shown.en for one in (*finding.figures, *finding.also)}


def said(finding):
    return [one.text.en for one in finding.warnings]


def test_fentanyl_at_the_northern_border(findings):
    found = findings["fentanyl-north"]
    assert found.verdict == "ill-formed"
    assert "holds under 7 of 13 definitions and fails under 6" in found.why.en
    assert "it holds under 7 of 8 (by weight), 0 of 5 (by events)" in found.why.en
    assert shown(found) == {
        "weight-fy2024": "43.04 of 21,889.21 lb = 0.197 %",
        "events-fy2024": "82 of 1,116 = 7.35 %",
        "events-fy2025": "60 of 959 = 6.26 %",
        "events-2024": "91 of 1,179 = 7.72 %",
        "events-rolling": "90 of 1,148 = 7.84 %",
        "events-fy2019-2024": "464 of 7,466 = 6.21 %",
        "weight-fy2025": "77.06 of 12,027.28 lb = 0.641 %",
        "weight-2024": "50.05 of 21,076.16 lb = 0.237 %",
        "weight-rolling": "49.06 of 20,088.36 lb = 0.244 %",
        "ports-fy2024": "10.77 of 21,889.21 lb = 0.049 %",
        "between-ports-fy2024": "32.27 of 21,889.21 lb = 0.147 %",
        "southwest-fy2024": "43.04 of 21,191.19 lb = 0.203 %",
        "weight-fy2019-2024": "134.00 of 82,407.92 lb = 0.163 %",
        "largest-cell": "14.83 of 43.04 lb = 34.5 %: SPOKANE SECTOR, July 2024",
        "months-above": "7 of 91",
    }
    assert sum("The unit decides" in text for text in said(found)) == 1
    assert any("So it is in 4 pairs" in text for text in said(found))
    assert any("is 34.5 % of it" in text for text in said(found))
    assert "where a seizure was made" in found.notes[0].en


def test_crossings_at_the_north(findings):
    found = findings["crossings-share"]
    assert found.verdict == "definition-dependent"
    assert "it holds under 0 of 6 (encounters), 2 of 2 (Border Patrol encounters)" in found.why.en
    figures = shown(found)
    around = next(one.interval for one in found.figures if one.name == "encounters-fy2024")
    assert (round(around.low, 3), round(around.high, 3)) == (0.065, 0.072)  # .0683 to .0689 were each a coin
    assert figures["encounters-fy2024"] == "198,929 of 2,901,142 = 6.86 %"
    assert figures["encounters-fy2025"] == "85,746 of 691,906 = 12.4 %"
    assert figures["patrol-range"] == "between 0.51 % (FY2019) and 1.80 % (FY2011)"
    assert figures["patrol-years"] == "8 of 21"


def test_the_fall_since_june_2024(findings):
    found = findings["crossings-fall"]
    assert found.verdict == "definition-dependent"
    figures = shown(found)
    assert figures["patrol"] == "3,601 → 481 = 86.6 % less"
    assert figures["patrol-january"] == "3,601 → 616 = 82.9 % less"
    assert any("was the peak month" in text for text in said(found))
    assert figures["encounters"] == "17,700 → 4,091 = 76.9 % less"
    assert figures["others"] == "15,287 → 2,003 = 86.9 % less"
    assert figures["others-swanton"] == "8,926 → 892 = 90.0 % less"
    assert [round(100 * one.theirs, 1) for one in found.compared] == [52.9, 91.0]
    assert [one.difference > 0 for one in found.compared] == [True, False]
    assert any("the sign changes" in text for text in said(found))
    assert found.tried.en.startswith("928 definitions were tried")
    assert "37 of them give what was claimed" in found.tried.en
    assert "our estimate" in found.nowcast.en.lower()
    assert "control was itself changed in January 2025" in found.interrupted.en


def test_it_holds_together_on_whatever_day_it_is_asked():
    facts, known = of_package().facts, claims().values()
    editions = sorted({one for series in facts.series.values() for one in series.vintages})
    eves = [one - timedelta(1) for one in editions]
    for day in [*eves, editions[0], editions[-1], date(2025, 3, 4)]:
        for one in known:
            found = check(facts, one, day)
            assert all(vintage <= day for figure in found.figures for vintage in figure.vintages)
            assert all((figure.value is None) <= (figure.holds is None) for figure in found.figures)
            unknown = sum(figure.value is None for figure in found.figures)
            assert (2 * unknown > len(found.figures)) == (found.verdict == "not-computed")


def test_as_it_was_known_before_anything_was_public():
    found = check(of_package().facts, claims()["fentanyl-north"], date(2022, 10, 30))
    assert found.verdict == "not-computed"
    assert all(one.value is None for one in found.figures)
    assert all("not held here" in one.shown.en for one in found.figures)


def test_a_day_between_two_editions_has_the_older_one():
    early = check(of_package().facts, claims()["fentanyl-north"], date(2026, 2, 15))
    assert shown(early)["months-above"] == "7 of 87"
    assert max(one for figure in early.figures for one in figure.vintages) == date(2026, 1, 31)
