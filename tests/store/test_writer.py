import sqlite3
import threading
from contextlib import closing
from io import BytesIO

import pytest
from tests.store import tamper
from tests.store.rows import READER, ingest, parties

from watchfloor.store import (
    Actor,
    Floor,
    FloorBusy,
    LayoutError,
    NoFloor,
    StoreError,
    StoreFull,
    catalogue,
    connections,
)
from watchfloor.store import database as opening
from watchfloor.store.database import set_layout
from watchfloor.store.segments.draft import SMALL


def test_threads_share_commits_and_lose_nothing(floor, actor):
    """Each appended row has a position that a reader at once finds it at."""
    found = []

    def work(first):
        for n in range(first, first + 20):
            position = writer.append("party", parties([n, n % 7]))
            rows = floor.read("party", READER, columns=["name", "position"]).to_pydict()
            found.append((f"name{n}", position) in zip(*rows.values(), strict=True))

    with floor.writer(actor) as writer:
        threads = [threading.Thread(target=work, args=(100 * i,)) for i in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [True] * 80
    names = floor.read("party", READER)["name"].to_pylist()
    assert sorted(names) == sorted(
        {*(f"name{100 * i + n}" for i in range(1, 5) for n in range(20)), *(f"name{n}" for n in range(7))}
    )
    assert floor.accounting()["live"] == (160, 87, 73, 0, 0)
    assert not list(floor.verify())


def test_a_failed_group_stops_the_writer_and_keeps_nothing(floor, actor, monkeypatch):
    with floor.writer(actor) as writer:
        writer.append("party", parties([1]))
        real = catalogue.transaction

        def full(_database):
            raise catalogue.sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr(catalogue, "transaction", full)
        with pytest.raises(catalogue.sqlite3.OperationalError):
            writer.append("party", parties([2]))
        monkeypatch.setattr(catalogue, "transaction", real)
        with pytest.raises(StoreError, match="has stopped"):
            writer.append("party", parties([2]))
    with floor.writer(actor) as writer:
        writer.append("party", parties([2]))
    assert floor.read("party", READER)["name"].to_pylist() == ["name1", "name2"]


def test_many_small_segments_are_joined_by_themselves(floor, actor, monkeypatch):
    monkeypatch.setattr("watchfloor.store.writer.ROLL_SEGMENTS", 10)
    with floor.writer(actor) as writer:
        for n in range(25):
            writer.append("party", parties([n]))
    assert len(tamper.paths(floor, ".parquet")) == 1
    assert floor.read("party", READER)["name"].to_pylist() == [f"name{n}" for n in range(25)]
    with floor.writer(actor) as writer:
        assert ingest(writer, range(26), source="live").account == (26, 1, 25, 0, 0)
    assert not list(floor.verify())


def test_a_full_disk_while_joining_takes_nothing_back(floor, actor, monkeypatch):
    monkeypatch.setattr("watchfloor.store.writer.ROLL_SEGMENTS", 1)

    def full(*_args, **_how):
        raise StoreFull("no room")

    monkeypatch.setattr("watchfloor.store.segments.compaction.compact", full)
    with floor.writer(actor) as writer:
        for n in range(4):
            assert writer.append("party", parties([n])) == floor.position
    assert floor.read("party", READER).num_rows == 4


def test_what_a_crash_left_is_swept(floor, actor):
    for folder in ("blobs/ab", "segments/party", "derived/signal", "ids/party"):
        (floor.root / folder).mkdir(parents=True)
        (floor.root / folder / "leftover").write_bytes(b"half")
    floor.writer(actor).close()
    assert list(floor.root.rglob("leftover")) == []


@pytest.mark.folder
def test_a_second_writer_is_refused_and_readers_are_not(floor, actor, writer):
    ingest(writer, [1])
    with pytest.raises(FloorBusy, match="is being written to by process"):
        floor.writer(actor)
    assert Floor.open(floor.root).read("party", READER).num_rows == 1


def test_a_newer_layout_is_not_touched(floor):
    settings = floor.root / "floor.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("layout = 2", "layout = 3"), encoding="utf-8"
    )
    with pytest.raises(LayoutError, match="layout 3, and this Watchfloor knows layout 2"):
        Floor.open(floor.root)


def test_a_newer_catalogue_is_not_touched(floor):
    with closing(catalogue.for_writing(floor.root)) as database:
        set_layout(database, 9)
    with pytest.raises(LayoutError, match="layout 9"):
        Floor.open(floor.root)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda root: (root / "key").unlink(), "key is missing"),
        (lambda root: (root / "key").write_bytes(b"short"), "has 5 bytes"),
        (lambda root: (root / "floor.toml").write_text("layout = ", encoding="utf-8"), "floor.toml"),
        (lambda root: (root / "floor.toml").write_text('layout = 2\nid = "x"', encoding="utf-8"), "name"),
        (lambda root: (root / "floor.toml").unlink(), "watchfloor init"),
    ],
)
def test_a_folder_that_is_no_floor_says_why(floor, change, message):
    change(floor.root)
    with pytest.raises(NoFloor, match=message):
        Floor.open(floor.root)


def test_a_floor_is_made_in_a_folder_of_its_own(tmp_path, actor):
    (tmp_path / "something").write_text("mine", encoding="utf-8")
    with pytest.raises(NoFloor, match="not empty"):
        Floor.create(tmp_path, actor)


@pytest.mark.folder
def test_a_floor_at_rest_is_read_from_read_only_media(floor, actor, monkeypatch):
    """WAL wants to write beside the catalogue; where it may not, the floor at rest is still read."""
    with floor.writer(actor) as writer:
        ingest(writer, [1])
    for name in ("catalogue.sqlite-wal", "catalogue.sqlite-shm"):
        (floor.root / name).unlink(missing_ok=True)
    real = opening.opened

    def refuse(address, *how):
        if "immutable" not in address:
            raise sqlite3.OperationalError("unable to open database file")
        return real(address, *how)

    monkeypatch.setattr(opening, "opened", refuse)
    monkeypatch.setattr(connections, "opened", refuse)
    connections.close_resting()
    assert floor.read("party", READER).num_rows == 1


def test_an_actor_is_in_every_act(floor):
    with floor.writer(Actor("clerk", "intake", "section 5")) as writer:
        ingest(writer, [1])
        writer.keep_run("toy", "1", 1, {}, {})
    assert {act.actor for act in floor.acts(2)} == {Actor("clerk", "intake", "section 5")}


def names(floor):
    return floor.read("party", READER)["name"].to_pylist()


def test_small_deliveries_of_a_block_share_a_commit(floor, actor, monkeypatch):
    commits = []
    real = catalogue.transaction
    monkeypatch.setattr(catalogue, "transaction", lambda one: commits.append(one) or real(one))
    with floor.writer(actor) as writer:
        with writer.together():
            first, second = ingest(writer, [1]), ingest(writer, [2, 1])
            assert not names(floor)
            assert second.account == (2, 1, 1, 0, 0)  # each knows the rows of those before it
        assert len(commits) == 1
        assert second.position == first.position + 1
        assert names(floor) == ["name1", "name2"]
        with writer.together():
            ingest(writer, [3])
            writer.commit()
            assert names(floor) == ["name1", "name2", "name3"]
    assert not list(floor.verify())


def test_what_was_whole_before_a_block_raises_is_kept(floor, actor):
    def one_and_a_broken_one():
        with writer.together():
            ingest(writer, [1])
            with writer.delivery("feed", "broken", BytesIO(b"2")) as intake:
                intake.accept("party", parties([2]))
                intake.accept("party", parties([3]).drop_columns(["name"]))

    with floor.writer(actor) as writer:
        with pytest.raises(ValueError, match="lack the column"):
            one_and_a_broken_one()
        ingest(writer, [4])
    assert names(floor) == ["name1", "name4"]
    assert floor.accounting()["feed"] == (2, 2, 0, 0, 0)


def test_bytes_that_come_twice_in_a_block_came_before_the_second_time(floor, actor):
    with floor.writer(actor) as writer, writer.together():
        first, again = ingest(writer, [1]), ingest(writer, [1])
        assert again.earlier == first.position
    assert floor.accounting()["feed"] == (2, 1, 1, 0, 0)


def test_a_large_delivery_of_a_block_comes_after_those_before_it(floor, actor):
    with floor.writer(actor) as writer, writer.together():
        small, large = ingest(writer, [1]), ingest(writer, range(2, 2 + SMALL + 1))
        assert large.position == small.position + 1
        assert len(names(floor)) == SMALL + 2
    assert not list(floor.verify())


def test_a_block_that_cannot_be_committed_stops_the_writer(floor, actor, monkeypatch):
    real = catalogue.transaction
    with floor.writer(actor) as writer:
        monkeypatch.setattr(catalogue, "transaction", _full)
        with pytest.raises(sqlite3.OperationalError), writer.together():
            ingest(writer, [1])
        monkeypatch.setattr(catalogue, "transaction", real)
        with pytest.raises(StoreError, match="has stopped"):
            ingest(writer, [2])
    assert not names(floor)


def _full(_database):
    raise sqlite3.OperationalError("database or disk is full")
