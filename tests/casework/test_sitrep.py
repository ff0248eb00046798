import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.casework.world import KEY, UNITS, WATCH, Log, at, order

from watchfloor.casework.decisions.case_history import history_of
from watchfloor.casework.tasking import tasks
from watchfloor.casework.watch import watch
from watchfloor.casework.watch.sitrep import HEADINGS, Records, sitrep, still_open
from watchfloor.core.marking import join

MARKED = "PB//TLP:AMBER"


@pytest.fixture
def records():
    entries, orders = Log(), Log()
    entries.add(watch.note("early\nand late", "anna", at(-60), KEY, MARKED))
    entries.add(watch.alert(WATCH, [], "a boat", "anna", at(1), KEY, MARKED, flags=["life-at-risk"]))
    entries.add(watch.alert(WATCH, [], "a truck", "anna", at(2), KEY, "PB//TLP:RED"))
    row = watch.offer("x", "ben", "anna", at(3), KEY, MARKED)
    entries.add(row)
    found = watch.handovers(entries.rows)[row["entry"]]
    entries.add(watch.sign(found, "x", "ben", at(4), MARKED))
    orders.add(tasks.issue(UNITS, order(deadline=at(5)), "anna", at(2), KEY))
    return Records(tasks=orders.rows, entries=entries.rows)


def test_every_sentence_names_its_record_and_says_only_what_it_says(records):
    report = sitrep(WATCH, records, at(0), at(10))
    held = {row["record_id"]: row for row in (*records.tasks, *records.entries)}
    for one in report.sentences:
        row = held[one.record_id]
        assert one.marking == row["marking"]
        assert row["by"] in one.text("en") or one.section == "tasks"
        for language in ("en", "fr"):
            assert one.text(language) in report.markdown(language)
            assert f"[{one.record_id.hex()[:12]}]" in report.markdown(language)


def acted(act, minute, **more):
    """An act on a lead, as the log has it."""
    row = {"lead": "3f2a", "act": act, "ground": None, "to": None, "why": None, "by": "anna"}
    return row | {"observed_at": at(minute), "marking": MARKED} | more


def test_it_says_who_took_closed_and_opened_a_lead_again_and_repeats_no_comment(records):
    log = Log()
    log.add(acted("take", 1))
    log.add(acted("comment", 2, why="@ben is that your boat?"))
    log.add(acted("close", 3, ground="passed-on", to="RCMP,\nWindsor", why="two\nlines"))
    log.add(acted("reopen", 4))
    said = sitrep(WATCH, Records(triage=log.rows), at(0), at(10)).sentences
    assert [one.reason.message for one in said] == [
        *("cell.sitrep-lead-taken", "cell.sitrep-lead-closed", "cell.sitrep-lead-reopened"),
    ]
    assert (
        said[1].text("fr").endswith("a fermé le signalement 3f2a : transmis (RCMP, Windsor); « two lines »")
    )
    (told,) = {one.reason.params["lead"] for one in history_of(Records(triage=log.rows), {"3f2a"}, set())}
    assert (told, history_of(Records(triage=log.rows), {"9d41"}, set())) == ("3f2a", [])


def test_the_report_is_as_strict_as_its_strictest_sentence(records):
    report = sitrep(WATCH, records, at(0), at(10))
    assert report.marking == join(one.marking for one in report.sentences) == "PB//TLP:RED"
    text = report.markdown()
    assert text.startswith("PB//TLP:RED\n")
    assert text.endswith("PB//TLP:RED\n")


def test_life_at_risk_stands_first(records):
    first, *others = still_open(WATCH, records, at(10))
    assert first.section == "life"
    assert first.reason.params["text"] == "a boat"
    assert [one.section for one in others] == ["alerts", "tasks"]
    assert "expired" in others[-1].text("en")
    assert "expirée" in others[-1].text("fr")


def test_only_what_happened_since_is_told_and_who_has_the_watch(records):
    report = sitrep(WATCH, records, at(0), at(10))
    events = [one.reason.params for one in report.sentences if one.section == "events"]
    assert len(events) == len(records.entries) + len(records.tasks) - 1
    assert "early and late" not in {params.get("text") for params in events}
    (keeper,) = [one for one in report.sentences if one.section == "watch"]
    assert (keeper.reason.message, keeper.reason.params["by"]) == ("cell.sitrep-keeper", "ben")
    whole = sitrep(WATCH, records, at(-90), at(10))
    assert "early and late" in {one.reason.params.get("text") for one in whole.sentences}


def test_nothing_is_said_so():
    text = sitrep(WATCH, Records(), at(0), at(1)).markdown("fr")
    assert text.count("Rien.") == len(HEADINGS)


@given(st.text(max_size=200).filter(str.strip))
def test_whatever_is_written_stays_one_sentence_on_one_line(text):
    log = Log()
    log.add(watch.note(text, "anna", at(1), KEY, MARKED))
    report = sitrep(WATCH, Records(entries=log.rows), at(0), at(2))
    (line,) = [line for line in report.markdown().splitlines() if line.startswith("- ")]
    assert line == f"- {report.sentences[0].text()} [{(1).to_bytes(16, 'big').hex()[:12]}]"


def test_judgements_outcomes_and_reports_are_told():
    common = {"observed_at": at(1), "record_id": b"\x01" * 16, "marking": MARKED}
    judgement = common | {
        "decided_by": "anna",
        "subject": "person:f:1",
        "about": "L:1",
        "verdict": "different",
        "why": "passport",
        "position": 1,
    }
    outcome = common | {"by": "ben", "lead": "abc", "result": "seized", "why": None, "position": 2}
    product = common | {
        "by": "carla",
        "product": "p1",
        "edition": 2,
        "state": "disseminated",
        "title": "T",
        "recipients": ["rescue"],
        "position": 3,
    }
    records = Records(judgements=[judgement], outcomes=[outcome], products=[product])
    judged, reported, sent = (one.reason for one in sitrep(WATCH, records, at(0), at(2)).sentences)
    about = {
        "by": "anna",
        "subject": "person:f:1",
        "about": "L:1",
        "verdict": "different",
        "text": "passport",
    }
    assert (judged.message, judged.params) == ("cell.sitrep-judgement", about | {"at": judged.params["at"]})
    of = {"by": "ben", "lead": "abc", "result": "seized", "text": ""}
    assert (reported.message, reported.params) == ("cell.sitrep-outcome", of | {"at": reported.params["at"]})
    assert (sent.message, sent.params["state_words"]) == ("cell.sitrep-product", "disseminated")
    assert "rescue" in sent.params["to"]
