import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.store import Actor, Floor, StoreError, catalogue, log
from watchfloor.store.errors import ServerError
from watchfloor.store.log import merkle


@pytest.mark.parametrize("word", ["name", "purpose", "authority"])
def test_an_actor_without_a_word_is_refused(word):
    with pytest.raises(ValueError, match=word):
        Actor(**{"name": "a", "purpose": "b", "authority": "c", word: " "})


def test_an_act_says_who_what_why_and_by_what_right(floor, actor):
    position = floor.act(actor, "query", {"what": "a name"})
    (act,) = floor.acts(position)
    assert (act.position, act.act, act.actor, act.detail) == (position, "query", actor, {"what": "a name"})
    assert abs(act.at - datetime.now(UTC)) < timedelta(minutes=5)


@settings(max_examples=draws(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.data())
def test_the_tree_is_the_tree_of_all_leaves_however_they_came(tmp_path_factory, actor, groups, data):
    floor = Floor.create(tmp_path_factory.mktemp("floors") / "floor", actor)
    with floor.writer(actor) as writer:
        for size in groups:
            writer.acts([("query", {"n": n}) for n in range(size)])
    leaves = [act.leaf for act in floor.acts()]
    size = data.draw(st.integers(1, len(leaves)))
    position = data.draw(st.integers(1, size))
    root = floor.log_root(size)
    assert root == merkle.root_of(b"".join(leaves[:size]))
    proof = floor.inclusion(position, size)
    assert merkle.verify_inclusion(leaves[position - 1], position - 1, size, proof, root)
    proof = floor.consistency(size)
    assert merkle.verify_consistency(size, len(leaves), proof, root, floor.log_root())


def test_a_clock_that_jumps_back_is_recorded_and_reorders_nothing(floor, actor, monkeypatch):
    real = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: real + 3600 * 10**9)
    ahead = floor.act(actor, "query", {})
    monkeypatch.setattr(time, "time_ns", lambda: real)
    back = floor.act(actor, "query", {})
    first, second = floor.acts(ahead)
    assert second.at == first.at
    assert floor.position_at(first.at) == back
    assert floor.position_at(first.at - timedelta(microseconds=1)) == ahead - 1
    with catalogue.snapshot(floor.root) as database:
        (body,) = database.execute("SELECT body FROM log WHERE position = ?", (back,)).fetchone()
    assert b'"clock":' in body
    assert not list(floor.verify())


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        ("DELETE FROM log WHERE position = ?", (1,)),
        ("UPDATE log SET leaf = ?", (b"",)),
        ("INSERT INTO log VALUES (3, 5, 'query', NULL, NULL, ?)", (b"",)),
    ],
)
def test_the_catalogue_itself_refuses_to_lose_or_reorder_acts(floor, actor, statement, parameters):
    floor.act(actor, "query", {})
    with (
        closing(catalogue.for_writing(floor.root)) as database,
        pytest.raises((sqlite3.IntegrityError, ServerError), match=r"the log (only grows|never runs)"),
    ):
        database.execute(statement, parameters)
    assert [act.position for act in floor.acts()] == [1, 2]


def test_a_size_the_log_never_had(floor):
    with pytest.raises(ValueError, match="has 1 acts, not 7"):
        floor.log_root(7)


def test_a_moment_needs_a_time_zone(floor):
    with pytest.raises(ValueError, match="time zone"):
        floor.position_at(datetime(2026, 1, 1))  # noqa: DTZ001


def test_acts_from_two_processes_do_not_wait_for_the_writer(floor, actor, writer):
    assert floor.act(actor, "query", {}) == floor.position
    assert writer.act("query", {}) == floor.position


def test_a_message_names_the_act_that_is_not_there(floor):
    with catalogue.snapshot(floor.root) as database, pytest.raises(StoreError, match="no subtree 40"):
        log.node(database)(0, 40)
