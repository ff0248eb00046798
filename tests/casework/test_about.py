"""What people did about a matter is found by its leads' ids, old and new, and by its subjects."""

from datetime import UTC, datetime

import pytest
from tests.casework.world import KEY, UNITS, WATCH, Log, at, order

from watchfloor.casework.decisions.case_history import case_history, history_of
from watchfloor.casework.tasking import tasks
from watchfloor.casework.watch import watch
from watchfloor.casework.watch.sitrep import Records
from watchfloor.cell.leads import Lead

MARKED = "PB//TLP:AMBER"
MERGED = Lead(
    "abc123",
    "person:feed:1",
    "smuggling",
    -3.0,
    -3.0,
    (),
    MARKED,
    "",
    subjects=("person:feed:1",),
    took_up=("def456",),
)


def judgement(subject, about):
    return {
        "subject": subject,
        "about": about,
        "verdict": "same",
        "why": "seen",
        "decided_by": "anna",
        "observed_at": datetime(2026, 11, 24, tzinfo=UTC),
        "marking": MARKED,
    }


@pytest.fixture
def records():
    orders, entries, judgements = Log(), Log(), Log()
    task = orders.add(tasks.issue(UNITS, order(lead="def456"), "anna", at(0), KEY))
    orders.add(tasks.issue(UNITS, order(lead="000000"), "anna", at(0), KEY))
    entries.add(watch.note("of the task", "ben", at(1), KEY, MARKED, about=task["task"]))
    entries.add(watch.note("of nothing", "ben", at(5), KEY, MARKED))
    entries.add(watch.alert(WATCH, [], "of the lead", "ben", at(2), KEY, MARKED, about="abc123"))
    judgements.add(judgement("person:feed:0", "person:feed:1"))
    judgements.add(judgement("person:feed:0", "person:feed:2"))
    return Records(tasks=orders.rows, entries=entries.rows, judgements=judgements.rows)


def test_acts_on_a_lead_that_was_taken_up_and_on_its_tasks_are_told(records):
    said = [one.reason for one in case_history(records, [MERGED])]
    assert [why.params["form_words"] for why in said if why.message == "cell.sitrep-task"] == ["lookout"]
    assert {"of the task", "of the lead"} <= {why.params["text"] for why in said}
    (judged,) = (why.params for why in said if why.message == "cell.sitrep-judgement")
    assert (judged["subject"], judged["about"]) == ("person:feed:0", "person:feed:1")


def test_what_is_about_another_lead_is_not_told(records):
    said = [value for one in case_history(records, [MERGED]) for value in one.reason.params.values()]
    assert not {"of nothing", "person:feed:2"}.intersection(said)


def test_a_lead_that_stands_no_longer_is_found_by_its_id_and_subjects(records):
    assert history_of(records, {"abc123", "def456"}, {"person:feed:1"}) == case_history(records, [MERGED])


def test_of_nothing_done_nothing_is_told(records):
    assert case_history(Records(), [MERGED]) == []
