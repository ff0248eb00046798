"""Deadlines of every subject in one list and one calendar."""

import re
from datetime import timedelta

from tests.cli.test_acting import call, floor, issue, lead, lines, made

from watchfloor.store import Actor, Floor

__all__ = ["floor", "lead", "made"]


def test_a_task_and_an_unanswered_recall_are_due_and_stand_in_the_calendar(lead, floor, tmp_path):
    opened = Floor.open(floor)
    today = opened.now().astimezone().date()
    soon, later = (today + timedelta(days=days) for days in (3, 400))
    task = issue(lead, "--deadline", f"{soon}T12:00Z")["task"]
    issue(lead, "--deadline", later.isoformat(), form="task")
    me = Actor("anna", "testing", "none")
    sent = {
        "bundle": "b1",
        "to": "north",
        "gateway": "g",
        "rows": 2,
        "withheld": [],
        "tear_line": "",
        "marking": "PB//TLP:AMBER",
    }
    opened.act(me, "disclosed", sent)
    recall = {"bundle": "b1", "to": "north", "note": "n1", "due": (today - timedelta(days=2)).isoformat()}
    opened.act(me, "recalled", recall)
    found = lines("cases", "deadlines")
    assert [(one["kind"], one["overdue"]) for one in found] == [("recall", True), ("task", False)]
    assert [one["day"] for one in found] == [recall["due"], soon.isoformat()]
    assert found[1]["reference"] == task
    assert len(lines("cases", "deadlines", "--days", 500)) == 3
    call("cases", "deadlines", "-o", tmp_path / "due.ics")
    text = (tmp_path / "due.ics").read_bytes().decode().replace("\r\n ", "")
    assert re.findall(r"DTSTART;VALUE=DATE:(\d+)", text) == [one["day"].replace("-", "") for one in found]
    assert "PB//TLP:AMBER" in text
    assert f"UID:task-{task}@watchfloor" in text


def test_an_answered_recall_and_a_done_task_are_due_no_more(lead, floor):
    task = issue(lead, "--deadline", "2999-01-01")["task"]
    lines("cases", "task", "accept", task)
    assert [one["reference"] for one in lines("cases", "deadlines", "--days", 999_999)] == [task]
    lines("cases", "task", "done", task)
    assert lines("cases", "deadlines", "--days", 999_999) == [{"deadlines": 0}]


def test_a_terminal_gets_the_table_and_a_file_the_calendar(lead, floor):
    issue(lead, "--deadline", "2999-01-01")
    shown = call("cases", "deadlines", "--days", 999_999).stdout
    assert "BEGIN:VCALENDAR" not in shown
    assert "2999-01-01" in shown
