"""The Python face: the actions of a floor as methods, with the rules of the other faces."""

import inspect
import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from tests.cli.test_acting import LAW, call, floor, lead, lines, made

import watchfloor
from watchfloor.api import SUBJECTS, table
from watchfloor.cell.acts import Conflict, NotFound, Refusal
from watchfloor.cli.face import builtins
from watchfloor.policy.callers import CallerError
from watchfloor.store import Actor, Floor
from watchfloor.store.errors import NoFloor, WrongCall
from watchfloor.store.readers import NotPermitted

__all__ = ["floor", "lead", "made"]  # fixtures
STATED = {"purpose": "border", "authority": LAW[1], "user": "anna"}


def test_a_task_goes_from_a_lead_to_its_end_as_the_command_line_has_it(floor, lead):
    opened = watchfloor.open(floor, **STATED)
    task = opened.tasks.issue(lead[:6], unit="border-operations", instruction="open it", form="lookout")
    assert (task.lead, task.authority, task.by) == (lead, LAW[1], "anna")
    opened.tasks.accept(task.task, edition=1)
    with pytest.raises(Conflict) as stale:
        opened.tasks.refuse(task.task[:5], edition=1, why="no dog")
    assert stale.value.reason.message == "cell.task-stale"
    opened.tasks.hit(task.task, why="at the line")
    found = opened.tasks.list()
    assert [row.state for row in found.tasks] == ["hit"]
    (shown,) = lines("cases", "task", "show", task.task)
    assert [act["state"] for act in shown["history"]] == ["issued", "accepted", "hit"]
    assert table(found.tasks).column("task").to_pylist() == [task.task]
    acts = [act for act in Floor.open(floor).acts_of("query") if act.detail["what"] == "tasks"]
    assert acts[0].actor == Actor("anna", "border", LAW[1])


def test_what_is_decided_about_leads_is_decided_and_taken_back(floor, lead):
    opened = watchfloor.open(floor, **STATED)
    before = lines("leads")
    told = opened.outcomes.outcome(lead[:6], "examined", why="a look that settled nothing")
    assert (told.lead, told.true) == (lead, None)
    assert [row.record for row in opened.outcomes.list(lead).outcomes] == [
        row["record"] for row in lines("leads", "outcome", lead)
    ]
    opened.decisions.merge(lead, "person:test:9", why="the same plate")
    assert "No lead names person:test:9" in opened.notes[0]
    assert opened.decisions.merge(lead, "person:test:9", why="again").already
    with pytest.raises(Refusal) as refused:
        opened.decisions.apart(lead, "ffffffffffff", why="x")
    assert refused.value.reason.message == "cell.no-other-lead"
    opened.decisions.unmerge(lead, why="another plate")
    assert [one["lead_id"] for one in lines("leads")] == [one["lead_id"] for one in before]


def test_the_queue_and_a_lead_are_those_of_the_command_line(floor, lead):
    opened = watchfloor.open(floor, **STATED)
    found, (queued,) = opened.leads(), lines("leads")
    assert [builtins(one) | {"at": queued["at"]} for one in found.leads] == [queued]
    assert (table(found.leads).column("lead_id").to_pylist(), found.more) == ([lead], 0)
    one, (shown,) = opened.lead(lead[:6]), lines("lead", lead)
    assert [row.record_id for row in one.records] == [row["record_id"] for row in shown["records"]]
    assert one.bits == sum(each.bits for each in one.contributions) + one.prior_bits + one.looks_bits
    asked = Floor.open(floor).acts_of("query")[0].detail
    assert (asked["what"], asked["shown"]) == ("leads", [lead])


def test_the_past_is_shown_as_it_stood(floor, lead):
    opened = watchfloor.open(floor, **STATED)
    task = opened.tasks.issue(lead, unit="border-operations", instruction="open it")
    opened.tasks.accept(task.task)
    then = watchfloor.open(floor, **STATED, as_of=task.position)
    assert then.tasks.show(task.task).state == "issued"
    assert opened.tasks.show(task.task).state == "accepted"


def test_what_may_not_be_done_says_why(floor, lead, tmp_path, monkeypatch):
    opened = watchfloor.open(floor, **STATED, language="fr")
    with pytest.raises(NotFound):
        opened.tasks.show("ffff")
    with pytest.raises(Refusal) as refused:
        opened.tasks.issue(lead, unit="nobody", instruction="x")
    assert refused.value.reason.message == "cell.no-unit"
    for wrong in ({"edition": "one"}, {"badge": 7}):
        with pytest.raises(TypeError):
            opened.tasks.accept("ffff", **wrong)
    with pytest.raises(AttributeError, match="it has accept"):
        opened.tasks.burn  # noqa: B018 - that is what is tried
    with pytest.raises(AttributeError, match=r"it has .*tasks"):
        opened.nothing  # noqa: B018
    with pytest.raises(NoFloor):
        watchfloor.open(tmp_path / "none", **STATED)
    monkeypatch.delenv("WATCHFLOOR_AUTHORITY")
    with pytest.raises(WrongCall, match="the authority"):
        watchfloor.open(floor, purpose="border")


def test_the_policy_decides_who_acts_and_under_what(floor):
    policy = '[authorities]\n"an Act" = { en = "1", fr = "1" }\n[readers.anna]\nauthorities = ["an Act"]\n'
    (floor / "policy.toml").write_text(policy, "utf-8")
    with pytest.raises(NotPermitted):
        watchfloor.open(floor, **STATED)
    with pytest.raises(NotPermitted):
        watchfloor.open(floor, **STATED | {"user": "ben"})
    (floor / "policy.toml").write_text('[accounts]\nnobody-here = ["anna"]\n[readers.anna]\n', "utf-8")
    with pytest.raises(CallerError):
        watchfloor.open(floor, **STATED)


def test_who_loses_the_right_to_look_or_to_act_loses_it_at_the_next_call(floor, lead):
    readers = '[readers.anna]\nprotected = "PB"\n'
    (floor / "policy.toml").write_text(readers, "utf-8")
    opened = watchfloor.open(floor, **STATED)
    opened.tasks.issue(lead, unit="border-operations", instruction="open it")
    assert opened.tasks.list().count == 1
    (floor / "policy.toml").write_text(readers.replace("anna", "ben"), "utf-8")
    for call_ in (opened.tasks.list, lambda: opened.watch.note("x")):
        with pytest.raises(NotPermitted):
            call_()


def test_the_past_is_neither_written_nor_asked_of_what_shows_the_present(floor, lead):
    then = watchfloor.open(floor, **STATED, as_of=1)
    acts_ = (
        *(lambda: then.watch.note("x"), lambda: then.tasks.accept("ab"), lambda: then.outcomes.list()),
        lambda: then.watch.on_call("duty inspector", "insp. Okafor"),
    )
    for call_ in acts_:
        with pytest.raises(Refusal) as refused:
            call_()
        assert refused.value.reason.message == "actions.no-past"
    assert Floor.open(floor).whole("watch-entry", ["record_id"]).num_rows == 0
    call("cases", "watch", "on-call", "duty inspector", "ben", "--as-of", "1", code=3)
    for wrong, error in (({"as_of": "12"}, TypeError), ({"language": "de"}, ValueError)):
        with pytest.raises(error):
            watchfloor.open(floor, **STATED, **wrong)


@pytest.mark.parametrize("text", ["a\0b", "a\ud800"])
def test_a_text_that_no_record_holds_is_refused(floor, text):
    with pytest.raises(TypeError, match="text"):
        watchfloor.open(floor, **STATED).watch.note(text)


def test_nothing_of_a_floor_is_looked_at_but_by_an_action(floor):
    opened = watchfloor.open(floor, **STATED)
    assert {name for name in dir(opened) if not name.startswith("_")} == {"notes", *SUBJECTS}
    for subject in SUBJECTS:
        for name in dir(getattr(opened, subject)):
            call_ = getattr(getattr(opened, subject), name)
            assert call_.__doc__
            assert all(one.name.isidentifier() for one in inspect.signature(call_).parameters.values())


def test_help_lists_subjects_actions_and_fields(floor):
    opened = watchfloor.open(floor, **STATED)
    assert {*dir(opened)} >= SUBJECTS
    assert {"accept", "list", "show"} <= {*dir(opened.tasks)}
    accept = opened.tasks.accept
    assert list(inspect.signature(accept).parameters)[:2] == ["task", "edition"]
    assert accept.__doc__.startswith("Take a task on")


def test_the_page_runs_as_it_is_written(floor, lead, monkeypatch, capsys):
    page = Path(__file__).parents[2] / "docs" / "python.md"
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", page.read_text("utf-8"), re.MULTILINE)
    code = "\n".join(map(textwrap.dedent, blocks)).replace("3f2a", lead)
    monkeypatch.chdir(floor.parent)
    exec(compile(code, page, "exec"), {})
    assert capsys.readouterr().out.splitlines()[-2:] == ["issued", "1 ['accepted']"]


def test_the_notebook_runs_as_it_is_written_and_keeps_no_answers(floor, lead, monkeypatch, capsys):
    page = Path(__file__).parents[2] / "docs" / "analyst.ipynb"
    cells = [one for one in json.loads(page.read_text("utf-8"))["cells"] if one["cell_type"] == "code"]
    assert not any(one["outputs"] or one["execution_count"] for one in cells)
    monkeypatch.chdir(floor.parent)
    names = {}
    for number, one in enumerate(cells):
        exec(compile("".join(one["source"]), f"{page.name} cell {number}", "exec"), names)
    assert (names["lead"].lead_id, names["by_hypothesis"].num_rows) == (lead, 1)
    assert names["lead"].contributions[0].reason in capsys.readouterr().out
    assert names["hits"].column("id").to_pylist() == ["a"]
    outcomes = names["substances"].column("outcome").to_pylist()
    assert outcomes == ["listed", "listed", "not found"]


def test_a_version_is_asked_for_without_the_store():
    code = "import sys, watchfloor; assert 'watchfloor.store' not in sys.modules; watchfloor.open"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_both_commanders_are_warned_even_if_the_asset_cannot_be_told(floor, lead, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    opened = watchfloor.open(floor, **STATED)
    here = {"unit": "border-operations", "place": "45.0105,-73.4532,100"}
    first = opened.tasks.issue(lead, instruction="open it", **here)
    monkeypatch.setattr("watchfloor.planning.sending.hand_over", full)
    with pytest.raises(OSError, match="No space"):
        opened.tasks.issue(lead, instruction="look", **here)
    assert len(opened.tasks.show(first.task).warnings) == 1


def test_a_task_that_its_giver_could_not_see_is_refused_and_not_written(floor):
    (floor / "policy.toml").write_text('[readers.anna]\ntlp = "GREEN"\n', "utf-8")
    opened = watchfloor.open(floor, **STATED)
    asked = {"subject": ["person:test:9"], "unit": "border-operations", "instruction": "x"}
    with pytest.raises(Refusal) as refused:
        opened.tasks.issue(**asked)
    assert refused.value.reason.message == "cell.task-above-reader"
    assert Floor.open(floor).whole("task", ["record_id"]).num_rows == 0
    assert opened.tasks.issue(**asked, marking="U//TLP:GREEN").state == "issued"
