"""What was deleted is in no byte of a file of SQLite, also not where rows were moved between pages.

What keeps an erasure from that is told, is remembered, and is made good by the next who writes.
"""

import os
import random
import sqlite3
from contextlib import closing, suppress

import pytest
from tests.store.rows import READER, ingest

from watchfloor.store import catalogue
from watchfloor.store.erasure import overwriting
from watchfloor.store.erasure.overwriting import rewrite
from watchfloor.store.index import file
from watchfloor.store.verify import old_pages

SEEDS = range(8)
"""More than one, since whether pages keep a copy depends on the sizes of rows; one in two does."""


def word(seed, number):
    return b"W%d-%d;" % (seed, number)


def filled(database, seed):
    """Rows of three lanes beside each other, so that pages part in their middle; gives those to delete."""
    draw = random.Random(seed)
    database.execute("CREATE TABLE moved (id INTEGER PRIMARY KEY, body BLOB)")
    numbers = [lane << 40 | place for place in range(200) for lane in range(3)]
    for start in range(0, len(numbers), 60):
        with closing(database.cursor()) as cursor:
            cursor.execute("BEGIN")
            for number in numbers[start : start + 60]:
                body = word(seed, number) + os.urandom(draw.randrange(10, 900))
                cursor.execute("INSERT INTO moved VALUES (?, ?)", (number, body))
            cursor.execute("COMMIT")
    return draw.sample(numbers, 30)


def left(folder, name, seed, numbers):
    data = b"".join(path.read_bytes() for path in folder.glob(f"{name}*"))
    return [number for number in numbers if word(seed, number) in data]


@pytest.mark.parametrize("name", [catalogue.NAME, file.NAME])
def test_no_copy_of_a_deleted_row_is_left(tmp_path, name):
    copies = 0
    for seed in SEEDS:
        place = tmp_path / str(seed)
        place.mkdir()
        with closing(sqlite3.connect(place / name, isolation_level=None)) as made:
            made.execute("PRAGMA journal_mode = WAL")
        opened = catalogue.unchecked(place) if name == catalogue.NAME else file.open_(place)
        with closing(opened) as database:
            gone = filled(database, seed)
            database.executemany("DELETE FROM moved WHERE id = ?", [(number,) for number in gone])
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            copies += len(left(place, name, seed, gone))
            assert rewrite(database)
            assert left(place, name, seed, gone) == []
            assert database.execute("SELECT count(*) FROM moved").fetchone() == (570,)
    assert copies, "secure_delete alone left nothing: this test proves nothing any more"


def test_a_reader_who_holds_old_pages_is_told_of(tmp_path):
    with closing(file.open_(tmp_path)) as database, closing(sqlite3.connect(file.path(tmp_path))) as reader:
        database.execute("PRAGMA busy_timeout = 10")
        database.execute("CREATE TABLE moved (id INTEGER PRIMARY KEY)")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM moved").fetchone()
        database.execute("INSERT INTO moved VALUES (1)")
        assert not rewrite(database)
        reader.execute("COMMIT")
        assert rewrite(database)


@pytest.fixture
def impatient(monkeypatch):
    """Whoever waits for a reader waits no longer than a test does."""
    monkeypatch.setattr(file, "_PATIENCE", 0.1)
    monkeypatch.setattr(catalogue, "PATIENCE", 0.1)


def ids(floor):
    return floor.read("party", READER)["record_id"].to_pylist()


def named(floor, name):
    """Whether a file of SQLite, or its write-ahead log, holds the word of the erased record."""
    return any(b"Zebedee" in path.read_bytes() for path in floor.root.glob(f"{name}*"))


def reading(floor, name):
    """A reader in the middle of a transaction."""
    reader = sqlite3.connect(floor.root / name, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return reader


@pytest.mark.folder
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("how", ["writer", "compact"])
@pytest.mark.parametrize("name", [catalogue.NAME, file.NAME])
def test_what_a_reader_kept_is_told_and_goes_when_the_reader_has_gone(floor, actor, name, how):
    with floor.writer(actor) as writer:
        ingest(writer, [1], name="Zebedee Quark ")
        assert old_pages(floor.root) == []
        with closing(reading(floor, name)):
            assert writer.erase(ids(floor), "asked").settled is False
            assert old_pages(floor.root) == [name]
            writer.compact()
            assert old_pages(floor.root) == [name]
        assert named(floor, name)
        if how == "compact":
            writer.compact()
    if how == "writer":
        assert old_pages(floor.root) == [name]
        with floor.writer(actor):
            pass
    assert old_pages(floor.root) == []
    assert not named(floor, name)
    assert not list(floor.verify())


@pytest.mark.folder
@pytest.mark.usefixtures("impatient")
def test_a_reader_who_stays_lets_the_next_writer_in_and_keeps_it_due(floor, actor):
    with floor.writer(actor) as writer:
        ingest(writer, [1, 2], name="Zebedee Quark ")
        with closing(reading(floor, catalogue.NAME)), closing(reading(floor, file.NAME)):
            assert writer.erase(ids(floor)[:1], "asked").settled is False
            writer.close()
            with floor.writer(actor) as other:
                ingest(other, [3], name="Somebody Else ")
            assert old_pages(floor.root) == [catalogue.NAME, file.NAME]
    with floor.writer(actor) as writer:
        assert old_pages(floor.root) == []
        assert writer.erase(ids(floor), "asked").settled is True


@pytest.mark.folder
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("ends", ["full disk", "killed"])
def test_an_erasure_that_a_full_disk_or_a_kill_interrupts_is_ended_by_the_next_writer(
    floor, actor, monkeypatch, ends, nth
):
    """The catalogue is written anew first, then the index."""
    left, done = [nth], []

    def stopped(connection):
        left[0] -= 1
        if left[0]:
            return rewrite(connection)
        if ends == "killed":
            raise KeyboardInterrupt
        return False

    def counted(connection):
        done.append(connection)
        return rewrite(connection)

    with floor.writer(actor) as writer:
        ingest(writer, [1], name="Zebedee Quark ")
        with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
            patch.setattr(overwriting, "rewrite", stopped)
            assert writer.erase(ids(floor), "asked").settled is False
    assert (
        old_pages(floor.root)
        == {
            ("full disk", 1): [catalogue.NAME],
            ("full disk", 2): [file.NAME],
            ("killed", 1): [catalogue.NAME, file.NAME],
            ("killed", 2): [file.NAME],
        }[ends, nth]
    )
    monkeypatch.setattr(overwriting, "rewrite", counted)
    for _ in range(2):
        with floor.writer(actor):
            assert old_pages(floor.root) == []
    assert len(done) == 1 + (ends == "killed" and nth == 1), "what is done is not done again"
