"""What was deleted is in no byte of a file of SQLite, also not where rows were moved between pages."""

import os
import random
import sqlite3
from contextlib import closing

import pytest

from watchfloor.store import catalogue
from watchfloor.store.database import rewrite
from watchfloor.store.indexing import file

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
