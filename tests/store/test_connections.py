"""Connections that rest between readings see what a new one would see, whatever was done to the files."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from watchfloor.store import Actor, Floor, catalogue, connections
from watchfloor.store.errors import StoreError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="none rests on Windows")

ACTOR = Actor("tester", "testing", "none")
WRITES = """
import sys
from watchfloor.store import Actor, Floor
Floor.open(sys.argv[1]).act(Actor("another", "testing", "none"), "looked", {"at": sys.argv[2]})
"""
READS = """
import sys
from watchfloor.store import Floor
print(Floor.open(sys.argv[1]).position, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def none_rests():
    connections.close_resting()
    yield
    connections.close_resting()


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", ACTOR, name="a floor")


@pytest.fixture
def opened(monkeypatch):
    """The files that were opened, one for each time."""
    usual, seen = connections.opened, []

    def counted(address, *more):
        seen.append(address)
        return usual(address, *more)

    monkeypatch.setattr(connections, "opened", counted)
    return seen


def last(floor):
    return floor.acts(floor.position, floor.position)[0].detail.get("at")


def written_elsewhere(floor, at):
    subprocess.run([sys.executable, "-c", WRITES, floor.root, at], check=True)


def test_readings_after_each_other_open_one_file_once(floor, opened):
    assert [floor.position for _ in range(5)] == [1] * 5
    assert len(opened) == 1


def test_what_another_process_wrote_and_closed_is_seen(floor):
    for at in ("first", "second"):
        assert floor.position
        written_elsewhere(floor, at)
        assert last(floor) == at


def test_a_log_that_was_taken_away_is_noticed(floor):
    """A file that is opened and closed beside SQLite gives up its locks: then another process closes last."""
    assert floor.position == 1
    (floor.root / catalogue.NAME).read_bytes()
    written_elsewhere(floor, "then")
    assert last(floor) == "then"
    written_elsewhere(floor, "and then")
    assert (floor.position, last(floor)) == (3, "and then")


def test_another_floor_in_its_place_is_read(floor, tmp_path):
    other = Floor.create(tmp_path / "other", ACTOR, name="another")
    other.act(ACTOR, "looked", {"at": "the other"})
    assert floor.position == 1
    shutil.rmtree(floor.root)
    other.root.rename(floor.root)
    assert (floor.position, last(floor)) == (2, "the other")


def test_a_floor_that_is_gone_is_not_read(floor):
    assert floor.position == 1
    shutil.rmtree(floor.root)
    with pytest.raises(StoreError):
        floor.position  # noqa: B018


def test_a_catalogue_that_was_changed_by_hand_is_read_anew(floor, opened):
    assert floor.position == 1
    path = floor.root / catalogue.NAME
    path.write_bytes(path.read_bytes())
    os.utime(path, (1, 1))
    assert floor.position == 1
    assert len(opened) == 2


def test_settings_that_name_a_server_are_followed(floor):
    assert floor.position == 1
    with (floor.root / "floor.toml").open("a", encoding="utf-8") as file:
        file.write('server = "postgresql+psycopg://nobody@/nothing?host=/nowhere"\n')
    with pytest.raises(StoreError, match="server"):
        floor.position  # noqa: B018


def test_a_statement_that_was_not_read_to_its_end_keeps_no_old_state(floor, opened):
    floor.act(ACTOR, "looked", {"at": "before"})
    opened.clear()
    with catalogue.snapshot(floor.root) as database:
        rows = database.execute("SELECT position FROM log ORDER BY position")
        assert next(rows) == (1,)
    written_elsewhere(floor, "after")
    assert (floor.position, last(floor)) == (3, "after")
    with pytest.raises(sqlite3.ProgrammingError):
        next(rows)
    assert len(opened) == 1


def test_one_reading_within_another_keeps_its_own_state(floor, opened):
    with catalogue.snapshot(floor.root) as outer:
        assert outer.execute("SELECT count(*) FROM log").fetchone() == (1,)
        written_elsewhere(floor, "meanwhile")
        assert floor.position == 2
        assert outer.execute("SELECT count(*) FROM log").fetchone() == (1,)
    assert floor.position == 2
    assert len(opened) == 2


def test_a_reading_that_fails_leaves_nothing_that_rests(floor, opened):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), catalogue.snapshot(floor.root):
            _ = 1 / 0
    assert len(opened) == 2


def test_after_a_writer_of_this_process_the_folder_can_be_copied(floor, tmp_path):
    assert floor.position == 1
    floor.act(ACTOR, "looked", {"at": "copied"})
    log = floor.root / f"{catalogue.NAME}-wal"
    assert not log.exists() or not log.stat().st_size
    assert floor.position == 2
    with floor.writer(ACTOR):
        assert floor.position
    (tmp_path / "copy").mkdir()
    shutil.copy(floor.root / catalogue.NAME, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy" / catalogue.NAME)) as copy:
        assert copy.execute("SELECT count(*) FROM log").fetchone() == (floor.position,)


def test_a_writer_closes_last_by_whatever_path_it_came(floor, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Floor.open("floor").position == 1
    floor.act(ACTOR, "looked", {"at": "another path"})
    log = floor.root / f"{catalogue.NAME}-wal"
    assert not log.exists() or not log.stat().st_size


def test_after_a_process_that_only_read_the_folder_can_be_copied(floor, tmp_path):
    reads = subprocess.Popen(
        [sys.executable, "-c", READS, floor.root], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reads.stdout.readline() == "1\n"
    written_elsewhere(floor, "while it rests")
    reads.communicate("")
    assert reads.returncode == 0
    (tmp_path / "copy").mkdir()
    shutil.copy(floor.root / catalogue.NAME, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy" / catalogue.NAME)) as copy:
        assert copy.execute("SELECT count(*) FROM log").fetchone() == (2,)


def test_on_a_medium_that_is_only_read_none_rests(floor, opened, monkeypatch):
    def refused(address, *more):
        opened.append(address)
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(connections, "opened", refused)
    assert [floor.position for _ in range(3)] == [1] * 3
    assert len(opened) == 3


def test_no_more_rest_than_may(tmp_path):
    floors = [
        Floor.create(tmp_path / str(number), ACTOR, name="one") for number in range(connections.MOST + 3)
    ]
    assert [one.position for one in floors] == [1] * len(floors)
    assert len(connections._resting) == connections.MOST


def test_threads_that_read_and_write_at_once_see_their_own_acts(floor):
    wrong = []

    def work(name):
        for number in range(20):
            mine = Actor(name, "testing", "none")
            at = floor.act(mine, "looked", {"at": f"{name} {number}"})
            (seen,) = floor.acts(at, at)
            if (seen.actor.name, seen.detail["at"]) != (name, f"{name} {number}"):
                wrong.append(seen)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b", "c")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (wrong, floor.position) == ([], 61)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_uses_none_of_its_parent(floor):
    assert floor.position == 1
    if not (child := os.fork()):
        ended = 1
        try:
            ended = int(bool(connections._resting) or floor.position != 1)
        finally:
            os._exit(ended)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    floor.act(ACTOR, "looked", {"at": "the parent"})
    assert last(floor) == "the parent"
