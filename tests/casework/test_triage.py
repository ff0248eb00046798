"""Who has a lead and how far it is, on a floor of two subjects."""

from datetime import timedelta

import pytest
from tests.cell import toy
from tests.refusals import refused

from watchfloor.casework import triage
from watchfloor.casework.triage import BY_OUTCOME, GROUNDS, NEEDS_TO, Wish
from watchfloor.cell.acts import Conflict, Post
from watchfloor.cell.queue import queue
from watchfloor.store.log import Actor

DENSE = ("scan", "dense")


@pytest.fixture
def floor(tmp_path):
    return toy.make(tmp_path / "floor", {"a": [DENSE], "b": [DENSE]})


def head(floor, name="a"):
    found = queue(floor, toy.READER, toy.TABLE, toy.now())
    return next(one for one in found if one.subject == f"person:scans:{name}")


def left(floor, name="a"):
    known = triage.records_of(floor, toy.READER)
    return triage.standing(head(floor, name), known, toy.now() + timedelta(seconds=1))


def act(floor, what, *, by="ann", name="a", **wish):
    with floor.writer(Actor(by, "test", "test")) as writer:
        triage.do(Post(floor, toy.READER, writer), head(floor, name), Wish(what, **wish))
    return left(floor, name)


def test_a_lead_is_taken_watched_closed_and_opened_again_and_another_stays_new(floor):
    assert left(floor) == triage.NEW
    one = act(floor, "take")
    assert (one.state, one.owner, one.edition) == ("taken", "ann", 1)
    one = act(floor, "watch", why="wait for the boat")
    assert (one.state, one.owner, one.why) == ("watching", "ann", "wait for the boat")
    one = act(floor, "close", by="ben", ground="passed-on", to="RCMP")
    assert (one.state, one.owner, one.by, one.ground, one.to) == ("closed", "ann", "ben", "passed-on", "RCMP")
    one = act(floor, "reopen")
    assert (one.state, one.owner, one.ground, one.edition) == ("new", None, "", 4)
    assert left(floor, "b") == triage.NEW


def test_the_second_of_two_who_close_one_lead_is_told_who_did(floor):
    act(floor, "close", by="ben", edition=0, ground="unfounded", why="a deer")
    with pytest.raises(Conflict) as error:
        act(floor, "close", by="ann", edition=0, ground="acted-on")
    told = error.value.reason.params
    assert (told["by"], told["made_on"], told["edition"]) == ("ben", 0, 1)
    assert (left(floor).by, left(floor).ground) == ("ben", "unfounded")


def test_what_is_anothers_is_taken_knowingly_alone(floor):
    act(floor, "take", by="ben")
    assert refused("cell.triage-taken", act, floor, "take", by="ann")["by"] == "ben"
    assert act(floor, "take", by="ann", anyway=True).owner == "ann"


@pytest.mark.parametrize("ground", [*GROUNDS, "bored", ""])
def test_a_lead_is_closed_with_a_ground_and_says_to_whom_it_goes(floor, ground):
    if ground not in GROUNDS:
        refused("cell.triage-no-ground", act, floor, "close", ground=ground)
        return
    if ground in NEEDS_TO:
        refused("cell.triage-no-to", act, floor, "close", ground=ground)
    assert act(floor, "close", ground=ground, to="RCMP").ground == ground
    refused("cell.triage-not-now", act, floor, "close", ground=ground, to="RCMP")


def test_a_comment_changes_no_state_and_names_whom_it_is_for(floor):
    one = act(floor, "take")
    one = act(floor, "comment", by="ben", why="@ann.o look, and mail ben@example.org")
    assert (one.state, one.owner, one.edition, one.by) == ("taken", "ann", 1, "ann")
    assert [(row["by"], row["mentions"]) for row in one.comments] == [("ben", ["ann.o"])]
    assert act(floor, "close", edition=1, ground="unfounded").state == "closed"
    refused("cell.empty-text", act, floor, "comment", why=" ")


def test_what_comes_after_a_lead_was_closed_opens_it_and_is_told(floor):
    act(floor, "close", ground="unfounded")
    toy.run(floor, {"a": [DENSE, ("tip", "B2")], "b": [DENSE]})
    one = left(floor)
    assert (one.state, one.owner) == ("new", None)
    assert [each.rule for each in one.news] == ["tip"]
    assert act(floor, "take", edition=one.edition).state == "taken"


@pytest.mark.parametrize("result", BY_OUTCOME)
def test_a_recorded_outcome_closes_a_lead_or_moves_it(floor, result):
    act(floor, "take")
    toy.report(floor, "a", result)
    one = left(floor)
    assert (one.state, one.ground) == BY_OUTCOME[result]
    assert act(floor, "reopen").state == "new"
