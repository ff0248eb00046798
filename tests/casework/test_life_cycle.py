"""The life cycle of what people act on in editions, for any table of what may follow what."""

from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.casework.world import UNITS, Log, at, order
from tests.thorough import draws

from watchfloor.casework.life_cycle import EXPIRED, WorkItem, act
from watchfloor.casework.tasking import tasks
from watchfloor.casework.tasking.tasks import Task
from watchfloor.cell.acts import Conflict, Post, Refusal, write
from watchfloor.core.kinds import TASK
from watchfloor.core.messages import declare
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

STATES = ("a", "b", "c", EXPIRED)
STALE, ILLEGAL, ENDED = (
    declare(f"test.{name}", en="{thing}{by}{at}", fr="{thing}{by}{at}")
    for name in ("life-stale", "life-illegal", "life-ended")
)


@st.composite
def life_cycles(draw):
    """Return a life cycle with any table, any states that expire and any that have their own refusal."""
    follow = st.lists(st.sampled_from(STATES), unique=True).map(tuple)
    some = st.frozensets(st.sampled_from(STATES[:-1]))

    class Thing(WorkItem):
        noun: ClassVar = "thing"
        after: ClassVar = {state: draw(follow) for state in STATES}
        expiring: ClassVar = draw(some)
        ended: ClassVar = dict.fromkeys(draw(some), ENDED)
        stale: ClassVar = STALE
        illegal: ClassVar = ILLEGAL

    return Thing


def row(state, edition, minute, by="anna"):
    fixed = {"thing": "t", "deadline": at(5), "why": None}
    return fixed | {"state": state, "edition": edition, "by": by, "observed_at": at(minute)}


def refusal(one, edition, wanted, now):
    """Return the id of the message that refuses an act, or None if it may be done."""
    try:
        one.check(edition, wanted, now)
    except Refusal as refused:
        return refused.reason.message
    return None


tries = st.lists(st.tuples(st.sampled_from(STATES), st.integers(0, 3), st.integers(0, 2)), max_size=10)


@settings(max_examples=draws(1000, 50))
@given(life_cycles(), tries)
def test_what_passes_is_on_the_last_edition_and_in_the_table(cycle, tried):
    log, minute = Log(), 0
    log.add(row("a", 1, 0))
    for wanted, behind, later in tried:
        minute += later
        (one,) = cycle.fold(log.rows).values()
        late = one.state in cycle.expiring and minute >= 5
        state = EXPIRED if late else one.state
        lawful = wanted in cycle.after[state] or (
            late and wanted == EXPIRED and EXPIRED in cycle.after[one.state]
        )
        expected = ILLEGAL.id if not lawful else None
        expected = STALE.id if behind else expected
        expected = ENDED.id if not lawful and state in cycle.ended else expected
        came = refusal(one, one.edition - behind, wanted, at(minute))
        assert came == expected
        if came is None:
            log.add(row(wanted, one.edition + 1, minute))


def test_who_made_the_last_edition_is_named_and_not_who_did_the_last_act():
    class Thing(WorkItem):
        noun, stale = "thing", STALE

    (one,) = Thing.fold([row("a", 1, 0), row("b", 2, 1, "ben"), row("c", 2, 2, "carla")]).values()
    with pytest.raises(Conflict) as refused:
        one.refuse_stale(1)
    assert refused.value.reason.params["by"] == "ben"


def test_a_refused_act_writes_nothing(tmp_path):
    actor, reader = Actor("anna", "testing", "none"), Reader("anna", purpose="testing")
    floor = Floor.create(tmp_path / "floor", actor, ceiling="PB//TLP:RED")
    with floor.writer(actor) as writer:
        post = Post(floor, reader, writer)
        issued = tasks.issue(UNITS, order(deadline=None), "anna", at(0), floor.key)
        write(writer, TASK, issued)
        before = floor.position
        for edition, make in ((7, tasks.accept), (1, tasks.finish), (None, tasks.finish)):
            with pytest.raises(Refusal):
                act(post, Task, issued["task"], edition, make)
        assert floor.position == before
        done = act(post, Task, issued["task"], None, tasks.accept)
    assert (done.item, done.position) == (Task.find(floor, reader, issued["task"]), floor.position)
    assert (done.item.state, done.item.edition, done.position) == ("accepted", 2, before + 1)
