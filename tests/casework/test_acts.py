from threading import Thread

import pytest
from tests.casework.world import UNITS, at, order
from tests.refusals import because

from watchfloor.casework.flags import FLAGS
from watchfloor.casework.tasking import tasks
from watchfloor.casework.tasking.tasks import AFTER
from watchfloor.casework.tasking.units import FORMS
from watchfloor.cell.acts import Refusal, nonempty, pick, read, render, same_person, write
from watchfloor.cli.acting import writing
from watchfloor.core.kinds import TASK
from watchfloor.messages.catalogue import texts
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

READER = Reader("anna", purpose="testing")
ACTOR = Actor("anna", "testing", "none")


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")


def issued(floor, marking=None, **changes):
    with floor.writer(ACTOR) as writer:
        row = tasks.issue(UNITS, order(**changes), "anna", at(0), floor.key)
        write(writer, TASK, row | ({"marking": marking} if marking else {}))
    return row["task"]


def test_the_state_as_of_each_position_is_that_of_the_prefix(floor):
    id_ = issued(floor)
    with floor.writer(ACTOR) as writer:
        for n, make in enumerate((tasks.accept, tasks.hit, tasks.hit, tasks.finish), 1):
            one = tasks.Task.read(floor, READER)[id_]
            write(writer, TASK, make(one, n, "ben", at(n), "because"))
    rows = read(floor, READER, TASK)
    assert len({row["position"] for row in rows}) == 5
    for position in range(floor.position + 1):
        prefix = [row for row in rows if row["position"] <= position]
        assert tasks.Task.fold(read(floor, READER, TASK, position)) == tasks.Task.fold(prefix)


def test_two_who_act_at_the_same_time_cannot_both_succeed(floor):
    id_ = issued(floor, deadline=None)
    seen = tasks.Task.read(floor, READER)[id_]
    came = []

    def act(name, make):
        with writing(floor, "testing", "none") as writer:
            present = tasks.Task.read(floor, READER)[id_]
            try:
                write(writer, TASK, make(present, seen.edition, name, writer.moment(), "because"))
                came.append((name, "done"))
            except Refusal as refused:
                came.append((name, refused.reason))

    makes = (tasks.accept, tasks.decline, tasks.hit, tasks.accept)
    threads = [Thread(target=act, args=(f"officer{n}", make)) for n, make in enumerate(makes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [what for _, what in came].count("done") == 1
    (first,) = [name for name, what in came if what == "done"]
    assert {(why.message, why.params["by"]) for name, why in came if name != first} == {
        ("cell.task-stale", first)
    }
    after = tasks.Task.read(floor, READER)[id_]
    assert (after.edition, after.by) == (2, first)


def test_what_is_marked_above_the_ceiling_is_refused_and_not_lost_in_silence(floor):
    with pytest.raises(Refusal, check=because("cell.above-ceiling")):
        issued(floor, marking="S//TLP:RED")
    assert read(floor, READER, TASK) == []


def test_a_reader_without_the_clearance_sees_no_act_at_all(floor):
    id_ = issued(floor)
    low = Reader("low", protected=1, purpose="testing")
    assert read(floor, low, TASK) == []
    assert [row["task"] for row in read(floor, READER, TASK)] == [id_]


def test_every_word_of_the_records_has_a_french_one():
    assert {*AFTER, *FLAGS, *FORMS} <= {key.removeprefix("word.") for key in texts("word")}


def test_an_empty_text_is_named_in_both_languages():
    with pytest.raises(Refusal, check=because("cell.empty-text", what_words="why")) as refused:
        nonempty("  ", "why")
    assert render(refused.value.reason, "fr").startswith("le motif")


def test_an_id_is_found_by_its_start():
    found = {"abc1": 1, "abd2": 2}
    assert pick(found, "abc", "task", "cases task list") == 1
    for start, message in (("ab", "cell.several-ids"), ("x", "cell.no-such-id"), ("", "cell.no-such-id")):
        with pytest.raises(Refusal, check=because(message, start=start, what_words="task")):
            pick(found, start, "task", "cases task list")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Anna", " anna ", True),
        ("Anna  B", "anna b", True),
        ("anna", "ben", False),
        ("STRASSE", "straße", True),
    ],
)
def test_one_person_is_one_however_typed(one, other, same):
    assert same_person(one, other) == same
