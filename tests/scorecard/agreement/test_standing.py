"""How agreement stands as of a moment, and what may appear by it: no digit of a withheld figure is left."""

import re
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scorecard.tables import fact, made

from watchfloor.scorecard import departments
from watchfloor.scorecard.agreement import digests, form_evidence, withholding
from watchfloor.scorecard.agreement import standing as agreement
from watchfloor.scorecard.agreement.digests import Shown, Value
from watchfloor.scorecard.agreement.standing import may_appear, standing
from watchfloor.scorecard.bilingual import Text, same
from watchfloor.scorecard.claims import FigureQuery
from watchfloor.scorecard.claims.measures import figure
from watchfloor.scorecard.findings import (
    Compared,
    Curve,
    Evidence,
    Figure,
    Finding,
    Interval,
    Line,
    Plot,
    Warned,
)
from watchfloor.scorecard.register import Entry, line

START = datetime(2025, 3, 3, 9, tzinfo=UTC)
OLD, NEW = "a" * 64, "b" * 64


def act(name, hours=0, digest=OLD, **more):
    row = {
        "line": "1", "department": "CBSA", "act": name, "by": "clerk", "call": "c1", "asked": None,
        "due": None, "person": None, "function": None, "digest": None, "values": None, "until": None,
        "form": None, "signed": None, "why": None, "observed_at": START + timedelta(hours=hours),
    }  # fmt: skip
    if name in ("attested", "corrected", "approved"):
        row |= {"digest": digest, "person": "A. Roy", "function": "Director"}
    return row | more


CALL = act("called", due=START + timedelta(days=2))
AGREED = [CALL, act("attested", 1), act("approved", 2)]


def state(acts, digest=OLD, on=START + timedelta(days=1)):
    return standing(acts, "1", digest, on).state


def test_each_act_leads_to_its_state():
    assert [state(AGREED[:n]) for n in range(4)] == ["not-called", "called", "attested", "approved"]
    assert state([*AGREED, act("withdrawn", 3, why="wrong")]) == "withdrawn"
    assert state([*AGREED, act("withdrawn", 3, why="wrong"), act("called", 4)]) == "called"
    assert state([*AGREED, act("corrected", 3)]) == "attested"  # what was approved before no longer is
    assert state([*AGREED, act("corrected", 3, digest=NEW)]) == "called"


def test_an_approval_is_of_what_was_shown():
    assert state(AGREED, NEW) == "lapsed"
    assert state([*AGREED, act("called", 3)], NEW) == "lapsed"
    assert state([*AGREED, act("attested", 3, NEW)], NEW) == "attested"
    assert state([*AGREED, act("attested", 3, NEW), act("approved", 4, NEW)], NEW) == "approved"
    assert state([CALL, act("attested", 1)], NEW) == "called"


def test_a_lapsed_agreement_says_which_figure_was_agreed_and_which_stands():
    def figure(text):
        return Value("events", Text(text, text.replace(".", ",")), 1.0)

    agreed = digests.stored([figure("7.35 %"), Value("weight", same("43 lb"))])
    acts = [*AGREED[:2], act("approved", 2, values=agreed)]
    now = Shown(NEW, (figure("7.41 %"), Value("weight", same("43 lb"))))
    told = standing(acts, "1", now, START + timedelta(days=1))
    assert told.state == "lapsed"
    assert "7.35 %. What is shown now is: 7.41 %" in told.sentence.en
    assert "7,35 %. Ce qui est montré maintenant\u00a0: 7,41 %" in told.sentence.fr
    assert "43" not in told.sentence.en
    same_figures = standing(acts, "1", Shown(NEW, now.values[1:]), START + timedelta(days=1))
    assert "no figure" in same_figures.sentence.en
    words = standing(acts, "1", Shown(NEW, digests.values_of(acts[-1])), START + timedelta(days=1))
    assert "other evidence" in words.sentence.en


def test_an_old_moment_is_told_as_it_was():
    acts = [*AGREED, act("withdrawn", 48, why="wrong")]
    assert state(acts, on=START + timedelta(hours=1, minutes=30)) == "attested"
    assert state(acts, on=START + timedelta(hours=47)) == "approved"
    assert state(acts, on=START + timedelta(hours=48)) == "withdrawn"
    assert state(acts, on=date(2025, 3, 2)) == "not-called"
    assert state(acts, on=date(2025, 3, 3)) == "approved"


def test_an_embargo_ends_at_its_moment_and_not_before():
    until = START + timedelta(days=1)
    acts = [*AGREED, act("embargoed", 3, until=until)]
    before = standing(acts, "1", OLD, until - timedelta(microseconds=1))
    assert (before.state, before.until) == ("embargoed", until)
    assert not may_appear(before, "working", own=False)
    after = standing(acts, "1", OLD, until)
    assert (after.state, after.until) == ("approved", None)
    assert may_appear(after, "public", own=True)


def test_a_page_of_a_day_is_the_same_at_every_hour_of_it():
    acts = [*AGREED, act("embargoed", 3, until=datetime(2025, 3, 5, 14, tzinfo=UTC))]
    on = {day: standing(acts, "1", OLD, date(2025, 3, day)).state for day in (4, 5, 6)}
    assert on == {4: "embargoed", 5: "embargoed", 6: "approved"}
    midnight = [*AGREED, act("embargoed", 3, until=datetime(2025, 3, 5, tzinfo=UTC))]
    assert standing(midnight, "1", OLD, date(2025, 3, 5)).state == "approved"


def test_an_embargo_bars_what_nobody_has_approved_yet():
    held = standing([CALL, act("embargoed", 1, until=START + timedelta(days=9))], "1", OLD, START.date())
    assert held.state == "called"
    assert not may_appear(held, "working", own=False)


def test_an_overdue_call_is_told():
    late = standing([CALL], "1", OLD, START + timedelta(days=3))
    assert late.overdue
    assert "has not come" in late.sentence.en
    assert "n’est pas venue" in late.sentence.fr
    assert not standing([CALL], "1", OLD, START + timedelta(days=1)).overdue
    assert not standing(AGREED[:2], "1", OLD, START + timedelta(days=3)).overdue
    gone = [*AGREED, act("withdrawn", 3, why="wrong")]
    assert not standing(gone, "1", OLD, START + timedelta(days=3)).overdue
    again = [*AGREED, act("called", 3, due=START + timedelta(days=1))]
    assert standing(again, "1", NEW, START + timedelta(days=3)).overdue


def test_the_acts_of_another_line_or_department_are_none():
    others = [row | {"line": "2"} for row in AGREED] + [row | {"department": "RCMP"} for row in AGREED]
    assert standing(others, "1", OLD, START + timedelta(days=1), "CBSA").state == "not-called"


@pytest.mark.parametrize(
    ("name", "edition", "own", "may"),
    [
        ("approved", "public", True, True),
        ("not-needed", "public", True, True),
        ("attested", "public", False, False),
        ("lapsed", "public", False, False),
        ("attested", "working", False, True),
        ("lapsed", "working", True, False),
        ("withdrawn", "working", True, False),
        ("embargoed", "working", True, False),
    ],
)
def test_what_may_appear(name, edition, own, may):
    held = agreement.AgreementStatus(name, "CBSA", same(""), START if name == "embargoed" else None)
    assert may_appear(held, edition, own) is may


# --- nothing of a withheld figure is left

WORDS = same("words without a digit")
DIGITS = st.integers(10**6, 10**9)


@st.composite
def findings(draw):
    """A finding whose every part says digits of its own, which occur nowhere else."""
    number = lambda: draw(DIGITS)  # noqa: E731
    text = lambda: same(f"it is {number()} of {number()}.{number()}")  # noqa: E731
    figure = lambda **more: Figure(  # noqa: E731
        "figure", text(), "share", number() / 1000, text(), Interval(number(), number(), 0.9, "exact"),
        True, "cbp", (), number(), f"{number()}", **more,
    )  # fmt: skip
    own = draw(st.sampled_from(["", "CBSA", "RCMP"]))
    curve = Curve(text(), "ours", text(), "2024-01", (number(), None), (number(),), (number(),))
    return Finding(
        "claim", WORDS, WORDS, same("somebody"), date(2025, 3, 4), "CBSA", "holds", text(), text(),
        (figure(), figure(department=own)), (figure(),),
        (Compared(text(), number(), number(), number()),), (Warned("unit", text()),), text(), (text(),),
        text(), text(), (Plot("plot", text(), text(), (curve,), {"2024-06": text()}, number()),),
    )  # fmt: skip


@st.composite
def lines(draw):
    number = lambda: draw(DIGITS)  # noqa: E731
    text = lambda: same(f"it is {number()}")  # noqa: E731
    source = draw(st.sampled_from(["CBSA, “form ab”", "a document"]))
    return Line(
        "line", "commitment", WORDS, "CBSA", draw(st.sampled_from(["", "claim"])), same("towers"), number(),
        number(), number(), None, None, "delivered", (Evidence(text(), source, date(2025, 3, 4), number()),),
        text(),
    )  # fmt: skip


HELD = st.sampled_from(["not-called", "called", "attested", "approved", "lapsed", "embargoed", "withdrawn"])


@st.composite
def stands(draw, department):
    name = draw(HELD)
    until = datetime(2025, 3, 9, tzinfo=UTC) if name == "embargoed" else None
    return agreement.AgreementStatus(name, department, same("agreed to 7654321, now 1234567"), until)


def runs(item):
    """Runs of digits in what an item says, but for those of its days."""
    text = re.sub(r"\d{4}-\d\d(-\d\d)?", "", msgspec.json.encode(item).decode())
    return {one for one in re.findall(r"\d+", text) if len(one) > 3}


@given(finding=findings(), listed=lines(), data=st.data())
def test_no_digit_of_a_withheld_figure_is_left(finding, listed, data):
    held = {("claim", who): data.draw(stands(who)) for who in ("CBSA", "RCMP")}
    held["line", "CBSA"] = data.draw(stands("CBSA"))
    edition = data.draw(st.sampled_from(["working", "public"]))
    made = withholding.released([finding], [listed], held, edition)
    (claim,), (row,) = made.findings, made.lines
    needed = withholding.departments(finding)
    barred = bool(listed.claim and held["line", "CBSA"].until)
    may = not barred and all(
        may_appear(held["claim", one], edition, theirs) for one, theirs in needed.items()
    )
    assert (msgspec.structs.replace(claim, agreement={}) == finding) is may
    assert claim.agreement == {one: held["claim", one].state for one in needed}
    assert msgspec.structs.replace(finding, agreement={"CBSA": "called"}).digest == finding.digest
    assert withholding.withheld(claim) is not may
    if not may:
        assert not runs(claim) & runs(finding)
        assert (claim.claim, claim.department, claim.words) == ("claim", "CBSA", WORDS)
        assert re.search("awaiting|embargo", claim.why.en)
    may_line = may_appear(held["line", "CBSA"], edition, withholding.own(listed)) and (
        may or not listed.claim
    )
    assert row.shown is may_line
    assert row.agreement == held["line", "CBSA"].state
    if not may_line:
        assert not runs(row) & runs(listed)
        assert row.says == WORDS
    else:
        assert msgspec.structs.replace(row, agreement="not-called", until=None) == listed
    if not may and not may_line:
        assert not (runs(claim) | runs(row)) - {"2025"}  # the year of an embargo
    assert ("claim" in made.withheld, "line" in made.withheld) == (not may, not may_line)


def test_an_embargo_on_a_line_holds_back_the_claim_that_has_its_figure():
    figure = Figure("f", WORDS, "share", 0.5, same("50 %"))
    finding = Finding("c", WORDS, WORDS, WORDS, date(2025, 3, 4), "PS", "holds", WORDS, WORDS, (figure,))
    line_ = Line("1", "figure", WORDS, "CBSA", claim="c")
    held = {("1", "CBSA"): agreement.AgreementStatus("called", "CBSA", same(""), START)}
    made = withholding.released([finding], [line_], held, "working")
    assert made.withheld == ("c", "1")
    assert "50" not in msgspec.json.encode(made.findings).decode()
    for one in (made.findings[0].why, made.lines[0].found):
        assert one.en == "under CBSA’s embargo until 3 March 2025, 09:00 UTC"
    assert not withholding.released([finding], [], held, "working").withheld


def test_without_a_standing_nothing_appears_in_public_and_nothing_of_a_departments_own():
    def one(department=""):
        figure = Figure("f", WORDS, "share", 0.5, same("50 %"), department=department)
        return Finding("c", WORDS, WORDS, WORDS, date(2025, 3, 4), "PS", "holds", WORDS, WORDS, (figure,))

    assert withholding.withheld(withholding.released([one()], [], {}, "public").findings[0])
    assert not withholding.withheld(withholding.released([one()], [], {}, "working").findings[0])
    (hidden,) = withholding.released([one("RCMP")], [], {}, "working").findings
    assert withholding.withheld(hidden)
    assert hidden.why == Text("awaiting RCMP’s agreement", "accord attendu\u00a0: GRC")
    (both,) = withholding.released([one("RCMP")], [], {}, "public").findings
    assert both.why.en == "awaiting Public Safety and RCMP’s agreement"


def test_a_line_without_a_figure_needs_no_agreement():
    one = Line("1", "statement", WORDS, "PCO", found=same("nobody counts it"))
    (row,) = withholding.released([], [one], {}, "public").lines
    assert (row.agreement, row.shown) == ("not-needed", True)
    counted = msgspec.structs.replace(one, found=same("it is 12"))
    assert not withholding.released([], [counted], {}, "public").lines[0].shown


def test_a_lines_digest_changes_with_a_figure_and_not_with_its_agreement():
    one = Line("1", "commitment", WORDS, "RCMP", announced=15.0, unit=same("towers"))
    digest = digests.of_line(one).digest
    told = msgspec.structs.replace(one, agreement="approved", until=date(2025, 3, 9))
    assert digests.of_line(told).digest == digest
    other = digests.of_line(msgspec.structs.replace(one, announced=16.0))
    assert other.digest != digest
    assert other.values == (Value("announced", same("16"), 16.0, "towers"),)


def test_standings_are_of_every_department_that_a_page_needs():
    figure = Figure("f", WORDS, "share", 0.5, same("50 %"), department="RCMP")
    finding = Finding("c", WORDS, WORDS, WORDS, date(2025, 3, 4), "CBSA", "holds", WORDS, WORDS, (figure,))
    one = Line("1", "commitment", WORDS, "CBSA", announced=15.0)
    digest = digests.of_line(one).digest
    acts = [row | {"digest": row["digest"] and digest} for row in AGREED]
    found = withholding.standings(acts, [finding], [one], START + timedelta(days=1))
    assert {key: one.state for key, one in found.items()} == {
        ("c", "CBSA"): "not-called",
        ("c", "RCMP"): "not-called",
        ("1", "CBSA"): "approved",
    }


ENTRY = Entry("1", "commitment", WORDS, "CBSA", announced=15.0, unit=same("towers"), found=())


def test_what_a_form_states_is_evidence_of_the_departments_own():
    values = digests.stored([Value("delivered", same("3"), 3.0, "towers")])
    form = {"form": "ab" * 32, "signed": START, "digest": None, "values": values, "why": "of 3 March"}
    acts = [CALL, act("attested", 1) | form]
    with_it = form_evidence.with_forms(ENTRY, acts, START.date())
    (one,) = with_it.evidence
    assert (one.value, one.bears, one.day) == (3.0, "delivered", START.date())
    assert one.what.en == "delivered: 3 towers, stated by CBSA in a signed form (of 3 March)."
    made = line(with_it, START.date())
    assert (made.delivered, withholding.own(made)) == (3.0, True)
    held = standing(acts, "1", digests.of_line(made), START.date(), "CBSA")
    assert held.state == "attested"
    standings = {("1", "CBSA"): held}
    assert not withholding.released([], [made], standings, "working").lines[0].shown
    before = line(ENTRY, START.date())
    (instead,) = withholding.released([], [made], standings, "working", {"1": before}).lines
    assert (instead.shown, instead.delivered, instead.agreement) == (True, None, "attested")
    assert not withholding.released([], [made], standings, "public", {"1": before}).lines[0].shown
    approved = [*acts, act("approved", 2, digests.of_line(made).digest)]
    held = standing(approved, "1", digests.of_line(made), START.date(), "CBSA")
    assert withholding.released([], [made], {("1", "CBSA"): held}, "public").lines[0].delivered == 3.0


def test_an_attestation_by_form_is_of_its_own_values_alone():
    values = digests.stored([Value("delivered", same("3"), 3.0)])
    form = {"form": "ab" * 32, "signed": START, "digest": None, "values": values}
    made = line(
        form_evidence.with_forms(ENTRY, [CALL, act("attested", 1) | form], START.date()), START.date()
    )
    other = act("attested", 1) | form | {"values": digests.stored([Value("delivered", same("4"), 4.0)])}
    assert standing([CALL, other], "1", digests.of_line(made), START.date(), "CBSA").state == "called"
    plain = line(ENTRY, START.date())
    assert standing([CALL, other], "1", digests.of_line(plain), START.date(), "CBSA").state == "called"


def test_what_was_approved_and_changed_since_lapses_though_the_values_of_the_form_are_there_yet():
    by_form = act(
        "attested", 1, form="f" * 64, digest=None, values=digests.stored([Value("v", same("5"), 5.0)])
    )
    stands = Shown(NEW, (Value(f"{digests.form_of(by_form)}, CBSA", same("5"), 5.0),))
    acts = [CALL, by_form, act("approved", 2)]
    assert state(acts[:2], stands) == "attested"
    assert state(acts, stands) == "lapsed"
    assert state([*acts, by_form | {"observed_at": START + timedelta(hours=3)}], stands) == "attested"


@pytest.mark.parametrize(
    ("series", "code"),
    [("cbsa-seizures", "CBSA"), ("CBSA seizures", "CBSA"), ("hc_analyses", "HC"), ("cbp-encounters", ""),
     ("cbsaish", "")],
)  # fmt: skip
def test_whose_series_it_is_stands_in_its_name(series, code):
    assert departments.owner(series) == code
    figure = Figure("f", WORDS, "share", 0.5, same("50 %"), series=series)
    finding = Finding("c", WORDS, WORDS, WORDS, date(2025, 3, 4), "PS", "holds", WORDS, WORDS, (figure,))
    assert withholding.departments(finding).get(code, False) is bool(code)


@pytest.mark.parametrize(
    ("publisher", "code"),
    [("cbsa", "CBSA"), ("Agence des services frontaliers du  Canada", "CBSA"), ("CBP", "")],
)
def test_a_series_under_another_name_is_that_of_the_department_that_published_it(publisher, code):
    rows = [fact("2024-01", 7, series="drogues", a="x") | {"publisher": publisher}]
    one = figure(made(*rows), "f", FigureQuery("total", "drogues", "people"), None)
    assert (one.value, one.department) == (7, code)


def test_a_form_of_rows_attests_no_number_that_came_after_it():
    """A table brought in after the form, or beside it, is not what the department signed."""
    form = act("attested", 1, None, department="CBSA", form="ab" * 32, signed=START, values=[])

    def seen(*vintages, warnings=()):
        one = Figure("f", WORDS, "total", 1.0, same("1"), series="cbsa-seizures", vintages=vintages)
        return digests.of_finding(
            Finding("1", WORDS, WORDS, WORDS, START.date(), "PS", "holds", WORDS, WORDS, (one,),
                    warnings=warnings)
        )  # fmt: skip

    signed, later = START.date(), START.date() + timedelta(days=1)
    disputed = (Warned("conflict", WORDS),)
    states = [
        standing([CALL, form], "1", one, START + timedelta(days=3), "CBSA").state
        for one in (seen(signed), seen(signed, later), seen(), seen(signed, warnings=disputed), Shown(NEW))
    ]
    assert states == ["attested", "called", "called", "called", "called"]


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["called", "attested", "corrected", "approved", "embargoed", "withdrawn"]),
        st.sampled_from([OLD, NEW]),
        st.one_of(st.none(), st.integers(0, 12)),
    ),
    max_size=9,
)


def histories(drawn):
    """Acts an hour apart; the number is the hour at which an embargo ends, None lifts it."""
    ends = lambda hour: None if hour is None else START + timedelta(hours=hour)  # noqa: E731
    return [
        act(name, n, digest, until=ends(hour) if name == "embargoed" else None, why="x")
        for n, (name, digest, hour) in enumerate(drawn)
    ]


@given(ACTS, st.integers(0, 14))
def test_public_is_what_was_approved_and_neither_undone_nor_under_embargo(drawn, hour):
    """Told by brute force: the last word on each matter, up to the moment."""
    acts, now = histories(drawn), START + timedelta(hours=hour, minutes=30)
    past = [row for row in acts if row["observed_at"] <= now]
    names = [row["act"] for row in past]
    undone = max((n for n, name in enumerate(names) if name in ("withdrawn", "corrected")), default=-1)
    after = [row for row in past[undone + 1 :] if row["act"] == "approved"]
    called_since = [name for name in names[undone + 1 :] if name in ("called", "attested")]
    reopened = undone < 0 or names[undone] == "corrected" or called_since
    ends = [row["until"] for row in past if row["act"] == "embargoed"]
    free = not ends or ends[-1] is None or ends[-1] <= now
    expected = bool(after and after[-1]["digest"] == OLD and reopened and free)
    held = standing(acts, "1", OLD, now)
    assert may_appear(held, "public", own=True) is expected
    assert (held.state == "approved") is expected
    assert not held.until or not may_appear(held, "working", own=False)


@given(ACTS, st.integers(0, 14))
def test_what_comes_later_changes_nothing_of_an_old_moment(drawn, hour):
    acts, now = histories(drawn), START + timedelta(hours=hour, minutes=30)
    past = [row for row in acts if row["observed_at"] <= now]
    assert standing(acts, "1", OLD, now) == standing(past, "1", OLD, now)


def test_a_day_to_come_brings_nothing_forward():
    acts = [*AGREED, act("embargoed", 3, until=START + timedelta(days=9))]
    later = agreement.as_of(date(2199, 1, 1), START + timedelta(days=1))
    assert standing(acts, "1", OLD, later).state == "embargoed"
    assert agreement.as_of(START.date(), START) == START
    assert agreement.as_of(START.date() - timedelta(days=1), START) == START.date() - timedelta(days=1)
