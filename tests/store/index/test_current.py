"""The index is never behind what is asked, holds nothing that was not committed, and may go at any time."""

import os
import sqlite3
from contextlib import closing
from io import BytesIO

import pytest
from tests.store.index.world import ACTOR, HIDDEN, READER, SUBJECTS, Row, deliver, floor_of, table

from watchfloor.store import AccountingError, Damaged, Floor, catalogue
from watchfloor.store.database import immediate_transaction
from watchfloor.store.index import current, file, filling
from watchfloor.store.index.search import SearchQuery, about, search

OPEN = "PB//TLP:AMBER"


def rows(*numbers, kind="party", marking=OPEN):
    return [
        Row(kind, number, marking, ("van", "grey"), SUBJECTS[0], number, 1, 50.0, 10.0, 5.0)
        for number in numbers
    ]


def seen(floor, reader=READER):
    return sorted(one.row["report_key"] for one in about(floor, SUBJECTS[0], reader))


def gap(floor):
    with catalogue.snapshot(floor.root) as database, closing(file.open_(floor.root)) as index:
        return current.gap(index, database)


def indexed(floor):
    with closing(file.open_(floor.root)) as index:
        return [number for (number,) in index.execute("SELECT id FROM segments ORDER BY id")]


def test_what_a_writer_commits_is_there_without_anybody_reading_it(tmp_path, monkeypatch):
    floor = floor_of(tmp_path / "floor", [rows(1, 2)])
    with floor.writer(ACTOR) as writer:
        writer.append("party", table("party", rows(3)))
        assert not gap(floor).any
        monkeypatch.setattr(current, "catch_up", None)  # nobody may need it
        assert seen(floor) == ["r1", "r2", "r3"]


@pytest.mark.parametrize("gone", [[""], ["", "-wal", "-shm"]])
def test_an_index_that_is_deleted_is_made_anew(tmp_path, gone):
    floor = floor_of(tmp_path / "floor", [rows(1), rows(2)])
    for end in gone:
        (floor.root / f"{file.NAME}{end}").unlink(missing_ok=True)
    assert seen(floor) == ["r1", "r2"]
    assert indexed(floor) == [1, 2]


def test_one_that_is_deleted_under_a_writer_is_caught_up_with(tmp_path):
    floor = floor_of(tmp_path / "floor", [rows(1)])
    with floor.writer(ACTOR) as writer:
        file.delete(floor.root)
        deliver(writer, rows(2))
        assert seen(floor) == ["r1", "r2"]
        deliver(writer, rows(3), "another")
        assert seen(floor) == ["r1", "r2", "r3"]
    assert seen(Floor.open(floor.root)) == ["r1", "r2", "r3"]


@pytest.mark.parametrize("rubbish", [b"", b"no database" * 1000, bytes(5000)])
def test_one_that_is_rubbish_is_gone_round_and_made_anew(tmp_path, rubbish):
    floor = floor_of(tmp_path / "floor", [rows(1)])
    file.delete(floor.root)
    file.path(floor.root).write_bytes(rubbish)
    assert seen(floor) == ["r1"]
    with floor.writer(ACTOR) as writer:
        deliver(writer, rows(2))
    assert seen(floor) == ["r1", "r2"]
    with catalogue.snapshot(floor.root) as database:
        assert current.rebuild(floor.root, floor.key, database) == 2
    assert indexed(floor) == [1, 2]


def test_one_of_another_version_is_made_anew(tmp_path):
    floor = floor_of(tmp_path / "floor", [rows(1)])
    with closing(sqlite3.connect(file.path(floor.root), isolation_level=None)) as index:
        index.execute("DROP TABLE rows")
        index.execute("PRAGMA user_version = 999")
    assert seen(floor) == ["r1"]


def test_a_delivery_that_fails_leaves_nothing(tmp_path):
    """Its segment may have been indexed; its number is never seen again, and its rows are not."""
    floor = floor_of(tmp_path / "floor", [rows(1)])
    with floor.writer(ACTOR) as writer:
        with pytest.raises(AccountingError):
            _deliver_wrongly(writer)
        deliver(writer, rows(2))
    assert seen(floor) == ["r1", "r2"]


def _deliver_wrongly(writer):
    with writer.delivery("feed", "bad", BytesIO(b"x")) as intake:
        intake.accept("party", table("party", rows(7)))
        intake.expect(9)


def test_a_commit_that_fails_after_the_index_took_its_rows_leaves_nothing(tmp_path, monkeypatch):
    floor = floor_of(tmp_path / "floor", [rows(1)])
    with floor.writer(ACTOR) as writer:
        with monkeypatch.context() as patch:
            patch.setattr("watchfloor.store.intake.Intake.insert", _fails)
            with pytest.raises(RuntimeError):
                deliver(writer, rows(7))
        assert 2 in indexed(floor)
        assert seen(floor) == ["r1"]
        deliver(writer, rows(2), "another")
        assert seen(floor) == ["r1", "r2"]
        deliver(writer, rows(3), "a third")
    assert seen(floor) == ["r1", "r2", "r3"]
    assert indexed(floor) == [1, 3, 4]


def _fails(self, database):
    raise RuntimeError("as a full disk would")


def test_what_a_killed_writer_had_indexed_goes_before_its_number_is_used_again(tmp_path):
    floor = floor_of(tmp_path / "floor", [rows(1)])
    dead = filling.Part(2, "party", b"never committed", _payload(floor).rows)
    with closing(file.open_(floor.root)) as index, immediate_transaction(index):
        filling.add(index, floor.key, [dead])
    assert seen(floor) == ["r1"]
    with floor.writer(ACTOR) as writer:
        assert indexed(floor) == [1]
        deliver(writer, rows(2))
    assert seen(floor) == ["r1", "r2"]


def test_no_more_than_a_batch_of_a_delivery_waits_in_memory(tmp_path, monkeypatch):
    floor, counted = floor_of(tmp_path / "floor", [rows(1)]), []
    monkeypatch.setattr(filling, "BATCH", 1)

    def parts():
        for number in (2, 3, 4):
            yield filling.Part(number, "party", b"", _payload(floor).rows)
            counted.append(index.execute("SELECT count(*) FROM rows").fetchone()[0])

    with closing(file.fresh()) as index, immediate_transaction(index):
        filling.add(index, floor.key, parts())
        segments = index.execute("SELECT id, rows FROM segments ORDER BY id").fetchall()
    assert counted == [1, 2, 3]
    assert segments == [(2, 1), (3, 1), (4, 1)]


def _payload(floor):
    with catalogue.snapshot(floor.root) as database, closing(file.fresh()) as empty:
        (part,) = current.parts(floor.root, database, current.gap(empty, database).missing)
    return part


def test_a_writer_that_cannot_index_goes_on_and_readers_catch_up(tmp_path, monkeypatch):
    floor = floor_of(tmp_path / "floor", [rows(1)])
    with floor.writer(ACTOR) as writer:
        with monkeypatch.context() as patch:
            patch.setattr(filling, "add", _full)
            deliver(writer, rows(2))
        deliver(writer, rows(3), "another")
        assert [one.segment for one in gap(floor).missing] == [2, 3]
        assert seen(floor) == ["r1", "r2", "r3"]
        assert not gap(floor).any


def _full(*_):
    raise sqlite3.OperationalError("database or disk is full")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that may not be written to")
def test_a_folder_that_cannot_be_written_to_is_indexed_in_memory(tmp_path):
    floor = floor_of(tmp_path / "floor", [rows(1), rows(2)])
    file.delete(floor.root)
    floor.root.chmod(0o500)
    try:
        assert seen(floor) == ["r1", "r2"]
    finally:
        floor.root.chmod(0o700)


def test_an_index_that_cannot_be_opened_is_made_in_memory(tmp_path, monkeypatch):
    floor = floor_of(tmp_path / "floor", [rows(1), rows(2)])
    monkeypatch.setattr(file, "open_", _full)
    assert seen(floor) == ["r1", "r2"]
    file.delete(floor.root)
    assert seen(floor) == ["r1", "r2"]
    assert not file.path(floor.root).exists()


def test_another_catalogue_under_the_index_is_noticed(tmp_path):
    """Such as an older copy of the folder's catalogue, put back by hand."""
    floor, other = (
        floor_of(tmp_path / name, [rows(number), rows(9)]) for name, number in (("a", 1), ("b", 2))
    )
    for end in ("", "-wal", "-shm"):
        place = other.root / f"{file.NAME}{end}"
        place.unlink(missing_ok=True)
        if (floor.root / f"{file.NAME}{end}").exists():
            place.write_bytes((floor.root / f"{file.NAME}{end}").read_bytes())
    assert sorted(
        one.row["report_key"] for one in search(other, READER, SearchQuery(words="van"), 9).found
    ) == [
        "r2",
        "r9",
    ]


def test_keys_are_moved_together_once_there_are_many(tmp_path, monkeypatch):
    """A party has three keys: of its record, its report and its subject."""
    monkeypatch.setattr(filling, "RECENT", 9)
    floor = floor_of(tmp_path / "floor", [])
    counted = []
    with floor.writer(ACTOR) as writer:
        for number in range(5):
            writer.append("party", table("party", rows(number)))
            with closing(file.open_(floor.root)) as index:
                counted.append(
                    [index.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in file.KEYED]
                )
            assert len(seen(floor)) == number + 1
    assert counted == [[3, 0], [6, 0], [9, 0], [0, 12], [3, 12]]


def test_progress_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(current, "GROUP", 2)
    floor = floor_of(tmp_path / "floor", [rows(1), rows(2), rows(3)])
    file.delete(floor.root)
    told = []
    search(floor, READER, SearchQuery(words="van"), 9, told=lambda done, of: told.append((done, of)))
    assert told == [(2, 3), (3, 3)]


def test_rows_of_a_file_that_segments_share_are_read_one_by_one(tmp_path):
    floor = floor_of(tmp_path / "floor", [rows(1), rows(2), rows(3)])
    with floor.writer(ACTOR) as writer:
        assert writer.compact() == 3
        with closing(file.open_(floor.root)) as index, immediate_transaction(index):
            filling.drop(index, floor.key, 2)
            index.execute("UPDATE state SET upto = 1")
    assert seen(floor) == ["r1", "r2", "r3"]


def test_views_follow_the_markings_that_are_left(tmp_path):
    floor = floor_of(tmp_path / "floor", [rows(1), rows(2, marking=HIDDEN), rows(3, marking=HIDDEN)])
    assert occurring(floor, 1) == {OPEN}
    assert occurring(floor, 2) == {OPEN, HIDDEN}
    hidden = [
        row["record_id"]
        for row in floor.whole("party", ["record_id", "marking"]).to_pylist()
        if row["marking"] == HIDDEN
    ]
    with floor.writer(ACTOR) as writer:
        writer.erase(hidden[:1], "asked")
        assert occurring(floor, 2) == {OPEN}
        assert occurring(floor, 3) == {OPEN, HIDDEN}
        writer.erase(hidden[1:], "asked")
    assert occurring(floor, 3) == {OPEN}


def occurring(floor, segment):
    from watchfloor.store.index import asking

    with closing(file.open_(floor.root)) as index:
        return asking.occurring(index, segment)


@pytest.mark.parametrize("page", range(1, 30, 4))
def test_a_page_that_rotted_gives_an_answer_or_says_what_to_do(tmp_path, page):
    floor = floor_of(tmp_path / "floor", [rows(*range(100))])
    with closing(file.open_(floor.root)) as index:
        index.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.path(floor.root).open("r+b") as rotten:
        rotten.seek(page * 4096)
        rotten.write(b"\xff" * 64)
    try:
        assert len(seen(floor)) == 100
    except Damaged as error:
        assert "watchfloor floor index rebuild" in str(error)  # noqa: PT017 - either is well
    with catalogue.snapshot(floor.root) as database:
        current.rebuild(floor.root, floor.key, database)
    assert len(seen(floor)) == 100
