"""Several writers of one floor on a server: each waits for the other, and nothing is lost."""

import logging
import os
import subprocess
import sys
import threading
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from tests.store.rows import READER, ingest, parties

from watchfloor.console.upkeep import tasks
from watchfloor.store import Floor, FloorBusy, NoServer, catalogue
from watchfloor.store.log import merkle
from watchfloor.store.server.writer_lease import WAIT

REPOSITORY = Path(__file__).parents[2]
ROUNDS, SHARED = 12, 5

WRITING = """
import sys
from tests.store.rows import ingest, parties
from tests.store.test_writer_lease import ROUNDS, SHARED, numbers
from tests.store.killed import small_segments
from watchfloor.store import Actor, Floor
small_segments()
floor, me = Floor.open(sys.argv[1]), int(sys.argv[2])
with floor.writer(Actor(f"writer {me}", "testing", "none")) as writer:
    print("ready", flush=True)
    sys.stdin.readline()
    for turn in range(ROUNDS):
        ingest(writer, numbers(me, turn), delivery=f"file {turn}")
        writer.append("party", parties([10_000 * me + 500 + turn, turn]), source="live")
        if turn % 5 == me:
            writer.compact()
        writer.act("query", {"turn": turn})
"""


def numbers(me, turn):
    """Rows of one delivery: ten that this writer alone has, and some that every writer brings."""
    return [*range(10_000 * me + 10 * turn, 10_000 * me + 10 * turn + 10), *range(-SHARED, 0)]


@pytest.fixture
def floor(tmp_path, actor, postgres):
    return Floor.create(tmp_path / "floor", actor, server=postgres)


def started(code, *words, **variables):
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, **variables},
    )


@pytest.mark.thorough
def test_processes_that_ingest_at_the_same_time_lose_nothing(floor, actor):
    """Rows, sums, identities, the order of the log and its tree are as if one had written all."""
    writers = [started(WRITING, floor.root, me) for me in range(3)]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, said = writer.communicate(timeout=240)
        assert writer.returncode == 0, said
    acts = floor.acts()
    assert [act.position for act in acts] == list(range(1, len(acts) + 1))
    assert all(one.at <= next_.at for one, next_ in pairwise(acts))
    assert floor.log_root() == merkle.root_of(b"".join(act.leaf for act in acts))
    assert {act.actor.name for act in acts} == {"tester", "writer 0", "writer 1", "writer 2"}
    rows = floor.read("party", READER, columns=["source", "name"]).to_pylist()
    fed = {n for me in range(3) for turn in range(ROUNDS) for n in numbers(me, turn)}
    live = {10_000 * me + 500 + turn for me in range(3) for turn in range(ROUNDS)} | set(range(ROUNDS))
    expected = [("feed", f"name{n}") for n in fed] + [("live", f"name{n}") for n in live]
    assert sorted((row["source"], row["name"]) for row in rows) == sorted(expected)
    received = 3 * ROUNDS * (10 + SHARED)
    assert floor.accounting() == {
        "feed": (received, len(fed), received - len(fed), 0, 0),
        "live": (3 * ROUNDS * 2, len(live), 3 * ROUNDS * 2 - len(live), 0, 0),
    }
    assert [str(found) for found in floor.verify()] == []


def test_a_writer_waits_for_the_other_and_says_for_whom(floor, actor, caplog):
    first, second = floor.writer(actor), floor.writer(actor)
    done = threading.Event()

    def write():
        ingest(second, [2])
        done.set()

    with first, second:
        thread = threading.Thread(target=write)
        with first.delivery("feed", "slow", BytesIO(b"x")) as intake:
            intake.accept("party", parties([1, 2]))
            with caplog.at_level(logging.WARNING):
                thread.start()
                assert not done.wait(0.5)
        thread.join()
    (said,) = caplog.messages
    assert f"is being written to by watchfloor, process {os.getpid()} on" in said
    assert "waiting for it, at most 10 minutes" in said
    assert floor.accounting()["feed"] == (3, 2, 1, 0, 0)


def test_a_writer_does_not_wait_for_ever(floor, actor, monkeypatch):
    monkeypatch.setenv(WAIT, "1")
    with floor.writer(actor) as first, floor.writer(actor) as second:
        with first.delivery("feed", "slow", BytesIO(b"x")) as intake:
            with pytest.raises(FloorBusy, match="not free within 1 seconds"):
                ingest(second, [1])
            intake.accept("party", parties([1]))
        assert ingest(second, [1]).account == (1, 0, 1, 0, 0)


def test_a_wait_that_is_no_number_is_told(floor, actor, monkeypatch):
    monkeypatch.setenv(WAIT, "long")
    with pytest.raises(Exception, match="WATCHFLOOR_WAIT is 'long'"):
        floor.writer(actor)


def test_readers_and_acts_wait_for_nobody(floor, actor):
    with floor.writer(actor) as writer, writer.delivery("feed", "slow", BytesIO(b"x")) as intake:
        intake.accept("party", parties([1]))
        assert floor.act(actor, "query", {}) == 2
        assert floor.read("party", READER).num_rows == 0
    assert floor.read("party", READER).num_rows == 1


def test_what_another_erased_does_not_come_back_through_a_writer_that_was_open(floor, actor):
    with floor.writer(actor) as first, floor.writer(actor) as second:
        ingest(first, [1, 2], raw=b"one")
        assert ingest(second, [1, 2], raw=b"one").account == (2, 0, 2, 0, 0)
        record_id = floor.read("party", READER)["record_id"][0].as_py()
        second.erase([record_id], "asked")
        assert ingest(first, [1, 2, 3], raw=b"two").account == (3, 1, 1, 0, 1)
    assert not list(floor.verify())
    assert not [path for path in (floor.root / "segments").rglob("*") if path.is_file()]


def test_a_killed_writer_lets_the_next_one_in(floor, actor):
    code = (
        "import sys, time; from io import BytesIO; from watchfloor.store import Actor, Floor\n"
        "with Floor.open(sys.argv[1]).writer(Actor('a', 'b', 'c')) as writer:\n"
        "    with writer.delivery('feed', 'x', BytesIO(bytes(range(256)) * 1000)):\n"
        "        print('in', flush=True); time.sleep(60)\n"
    )
    child = started(code, floor.root)
    assert child.stdout.readline() == "in\n"
    child.kill()
    child.communicate()
    with floor.writer(actor) as writer:
        assert ingest(writer, [1]).account == (1, 1, 0, 0, 0)
        with catalogue.snapshot(floor.root) as database:
            assert database.execute("SELECT count(*) FROM contents").fetchone() == (0,)


def test_a_connection_that_is_cut_keeps_nothing_and_the_writer_goes_on(floor, actor):
    with floor.writer(actor) as writer:
        ingest(writer, [1])
        with pytest.raises(NoServer, match="nothing half-written"):
            cut_off(writer)
        assert ingest(writer, [1, 3]).account == (2, 1, 1, 0, 0)
        cut(writer)  # between two turns nobody notices
        assert ingest(writer, [1, 4]).account == (2, 1, 1, 0, 0)
    assert not list(floor.verify())


def cut_off(writer):
    with writer.delivery("feed", "x", BytesIO(bytes(range(256)) * 1000)) as intake:
        intake.accept("party", parties([2]))
        cut(writer)


def cut(writer):
    """End the writer's connection from another one, as a server that restarts does."""
    (pid,) = writer._database.execute("SELECT pg_backend_pid()").fetchone()
    with catalogue.snapshot(writer.root) as database:
        assert database.execute("SELECT pg_terminate_backend(?, 5000)", (pid,)).fetchone() == (True,)


def test_one_server_at_a_time_keeps_a_floor_up(floor):
    with tasks.lease(floor.root), pytest.raises(FloorBusy), tasks.lease(floor.root):
        pass
    with tasks.lease(floor.root):
        pass
