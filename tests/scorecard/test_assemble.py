from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.scorecard.tables import fact, table

from watchfloor.scorecard import assemble as module
from watchfloor.scorecard import findings
from watchfloor.scorecard.agreement import withholding
from watchfloor.scorecard.assemble import Sources, assemble, released, two_weeks, whole
from watchfloor.scorecard.bilingual import Text
from watchfloor.scorecard.changes import changed
from watchfloor.scorecard.claims import claims, load
from watchfloor.scorecard.evidence import OF_FILES, Evidence, of_package
from watchfloor.scorecard.facts import Facts, facts

ON = date(2026, 6, 3)
"""Three days after the newest edition in the package."""


@pytest.fixture(scope="module")
def sources():
    return Sources(of_package())


@pytest.fixture(scope="module")
def working(sources):
    return assemble(sources, ON)


def test_made_again_it_is_the_same_to_the_byte(sources, working):
    forgetful = Facts(sources.evidence.facts.series)  # nothing that was computed from it is remembered
    anew = replace(sources, evidence=replace(sources.evidence, facts=forgetful))
    assert findings.digest(assemble(anew, ON)) == findings.digest(working)


def test_the_working_edition_has_every_claim_and_every_line(working):
    assert [one.claim for one in working.findings] == list(claims())
    assert len(working.lines) >= 52
    assert working.withheld == 0
    assert [one.agreement for one in working.findings] == [
        {one.department: "not-called"} for one in working.findings
    ]
    assert all(one.verdict for one in working.lines if one.kind != "context")


def test_what_changed_in_the_week_names_the_edition_and_the_figures(working):
    told = " ".join(one.en for one in working.changed)
    assert (
        "US Customs and Border Protection, “Nationwide drug seizures”: a new edition, public by 31 May 2026, "
        "with months to April 2026." in told
    )
    assert "revises 271 numbers" in told
    assert "7 of 87 before, 7 of 91 now" in told


def test_nothing_changed_is_said(sources):
    assert [one.en for one in assemble(sources, date(2026, 7, 31)).changed] == [
        "Nothing changed in the seven days before 31 July 2026."
    ]


def test_the_public_edition_has_no_figure_before_somebody_agreed(sources):
    card = assemble(sources, ON, "public")
    assert card.withheld == sum(not one.shown for one in card.lines) + len(card.findings)
    assert all(not one.figures and not one.plots and not one.warnings for one in card.findings)
    assert not any("7 of" in one.en for one in card.changed)
    assert all(one.value is None for one in card.cell)
    text = findings.msgspec.json.encode(card).decode()
    for figure in ("43.04", "198,929", "17,700", "489 occurrences", "0.197"):
        assert figure not in text


def test_an_edition_made_after_the_other_is_the_same(sources, working):
    weeks = two_weeks(sources, ON)
    public = assemble(sources, ON, "public", weeks)
    assert findings.digest(assemble(sources, ON, "working", weeks)) == findings.digest(working)
    assert findings.digest(assemble(sources, ON, "public")) == findings.digest(public)


def test_a_line_withheld_has_no_verdict(sources):
    for one in assemble(sources, ON, "public").lines:
        assert one.shown or not one.verdict


def test_as_of_a_day_before_the_report_nothing_later_is_known(sources):
    on = date(2025, 1, 10)
    known = released(whole(sources, on), on, "working")
    assert all(evidence.day <= on for line in known.lines for evidence in line.evidence)
    assert all(day <= on for one in known.findings for figure in one.figures for day in figure.vintages)


def test_changes_of_verdicts_states_and_agreement_are_told():
    claim = load("c.toml", CLAIM.encode())
    before, now = (facts(table([fact("2024-01", v, a="x"), fact("2024-01", 990, a="y")])) for v in (5, 99))
    old, new = (module.check(one, claim, date(2025, 6, 1)) for one in (before, now))
    line = findings.Line("14a", "commitment", Text("15 towers.", "15 tours."), "RCMP", state="announced")
    act = {
        "observed_at": datetime(2025, 6, 1, 12, tzinfo=UTC),
        "department": "RCMP",
        "line": "14a",
        "act": "approved",
    }
    late = findings.msgspec.structs.replace(line, state="late")
    told = changed(now, date(2025, 6, 1), ((old,), (new,)), ((line,), (late,)), [act])
    text = " ".join(one.en for one in told)
    assert "the verdict was “holds” and is “does not hold”" in text
    assert "5 of 995 = 0.503 % before, 99 of 1,089 = 9.09 % now" in text
    assert "Its state was “announced” and is “late”" in text
    assert "14a: approved on 1 June 2025" in text
    lifted = act | {"act": "embargoed", "until": None}
    told = changed(now, date(2025, 6, 1), ((), ()), ((), ()), [lifted])
    assert "14a: embargo lifted on 1 June 2025" in told[0].en
    later = act | {"observed_at": act["observed_at"] + timedelta(days=1)}
    assert "approved" not in " ".join(
        one.en for one in changed(now, date(2025, 6, 1), ((), ()), ((), ()), [later])
    )


CLAIM = """
title = { en = "T", fr = "T" }
department = "CBSA"
[said]
on = 2025-03-04
by = { en = "B", fr = "B" }
words = { en = "W", fr = "W" }
[claimed]
below = 0.04
[ask]
series = "s"
of = "people"
part = { a = "x" }
period = "2024-01"
[definitions]
first = {}
"""


def test_a_series_of_ours_replaces_that_of_the_package_whole():
    package = of_package()
    rows = table([fact("2024-06", 5, series="cbp-encounters", a="x")])
    both = Evidence(facts(rows).over(package.facts))
    assert len(both.facts["cbp-encounters"].value) == 1
    assert len(both.facts["cbp-drug-seizures"].value) == len(package.facts["cbp-drug-seizures"].value)
    assert both.digest != package.digest


def test_an_interval_that_holds_the_claimed_value_decides_nothing():
    claim = load("c.toml", CLAIM.encode())
    found = module.check(
        facts(table([fact("2024-01", 3, a="x"), fact("2024-01", 97, a="y")])), claim, date(2025, 6, 1)
    )
    assert found.verdict == "open"
    assert "is open under 1, with the claimed value inside" in found.why.en


OWN = CLAIM.replace('series = "s"', 'series = "cbsa-s"')


def with_own(value):
    """The package's evidence, with two vintages of a series of the CBSA's own."""
    rows = [
        fact(month, number, series="cbsa-s", vintage=vintage, a=cell)
        for vintage, number in (("2026-05-29", 7), ("2026-06-01", value))
        for month, cell in (("2024-01", "x"), ("2024-01", "y"))
    ]
    package = of_package()
    return Evidence(
        facts(table(rows)).over(package.facts), ((OF_FILES, frozenset({"cbsa-s"})), *package.parts)
    )


@pytest.mark.parametrize("edition", [pytest.param("working", marks=pytest.mark.thorough), "public"])
def test_who_guesses_a_number_that_nobody_agreed_to_cannot_see_that_he_is_right(tmp_path, edition):
    """Neither the digest of the evidence nor what changed depends on it, nor tells how many there are."""
    (tmp_path / "own.toml").write_text(OWN, "utf-8")
    one, other = (
        assemble(Sources(with_own(value), claims=(tmp_path,)), ON, edition) for value in (8_415, 8_416)
    )
    assert findings.digest(one) == findings.digest(other)
    assert "cbsa-s" not in findings.msgspec.json.encode(one).decode()
    assert next(finding for finding in one.findings if finding.claim == "own").figures == ()


def test_what_came_later_changes_nothing_of_an_old_page():
    def fourth(**later):
        rows = [fact("2024-01", 5, series="s", vintage="2026-05-01", a="x")]
        rows += [fact("2024-02", 6, series="s", vintage="2026-07-01", a="x")] if later else []
        evidence = Evidence(facts(table(rows)), ((OF_FILES, frozenset({"s"})),))
        return assemble(Sources(evidence), ON)

    assert findings.digest(fourth()) == findings.digest(fourth(later=True))
    assert fourth().evidence.en.startswith("1 number of files")


def test_the_public_edition_tells_of_no_act_but_an_approval_by_which_something_appears():
    shown = withholding.Released((), (), ("14b",))
    acts = [{"act": act, "line": line} for act in ("called", "approved") for line in ("14a", "14b")]
    assert module._acts(acts, shown, "public") == [{"act": "approved", "line": "14a"}]
    assert module._acts(acts, shown, "working") == acts


def test_a_state_that_was_withheld_a_week_ago_did_not_change():
    line = findings.Line("14a", "commitment", Text("15 towers.", "15 tours."), "RCMP", state="late")
    before = findings.msgspec.structs.replace(line, state="", shown=False)
    (told,) = changed(facts(table([])), date(2025, 6, 1), ((), ()), ((before,), (line,)), [])
    assert told.en.startswith("Nothing changed")
