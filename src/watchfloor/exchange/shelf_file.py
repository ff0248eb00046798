"""File of a shelf: its tables, and how it is opened, made anew and taken away."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from watchfloor.store.database import immediate_transaction

VERSION: Final = 2
"""Of the tables; a file of another version is made anew."""
PATIENCE: Final = 60.0
"""Seconds to wait for another process that writes; it commits every thousand objects."""

TABLES: Final = f"""
CREATE TABLE state (
    last INTEGER NOT NULL,              -- the last moment that was given to an object, whatever became of it
    position INTEGER NOT NULL           -- of the log, up to which everything that may be pulled is here
) STRICT;
INSERT INTO state VALUES (0, 0);
CREATE TABLE collections (
    id INTEGER PRIMARY KEY,
    standard TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (standard, name)
) STRICT;
CREATE TABLE forms (                    -- which types of objects occur, and in which version of the standard
    collection INTEGER NOT NULL,
    type TEXT NOT NULL,
    spec_version TEXT NOT NULL,
    PRIMARY KEY (collection, type, spec_version)
) WITHOUT ROWID, STRICT;
CREATE TABLE objects (
    added INTEGER PRIMARY KEY,          -- milliseconds since 1970
    collection INTEGER NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    spec_version TEXT NOT NULL,
    version INTEGER NOT NULL,           -- microseconds since 1970; of an object without one, of `added`
    age INTEGER NOT NULL,               -- of the version: 1 newest of its id, 2 oldest, 3 the only one
    body BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    mark BLOB NOT NULL                  -- a hash of its id, see `mark_of`
) STRICT;
CREATE INDEX by_age ON objects (collection, age, added);
CREATE INDEX by_form ON objects (collection, type, spec_version, age, added);
CREATE UNIQUE INDEX by_id ON objects (collection, id, version);
CREATE INDEX by_version ON objects (collection, version, added);
CREATE TABLE carriers (                 -- by which row of which disclosure an object came here
    disclosure TEXT NOT NULL,
    row TEXT NOT NULL,
    added INTEGER NOT NULL,
    PRIMARY KEY (disclosure, row, added)
) WITHOUT ROWID, STRICT;
CREATE INDEX carried ON carriers (added);
PRAGMA user_version = {VERSION};
"""  # noqa: S608 - a number of ours


def make(path: Path, last: int) -> None:
    """Make the tables where they are missing or of another version; what is put then is later than `last`."""
    with closing(connected(path)) as database:
        if version(database) == VERSION:
            return
        with immediate_transaction(database):
            if (was := version(database)) == VERSION:  # no other process was faster
                return
            if was:
                (before,) = database.execute("SELECT last FROM state").fetchone()
                last = max(last, before)
                for (name,) in database.execute(
                    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                ).fetchall():
                    database.execute(f"DROP TABLE {name}")
            for statement in TABLES.split(";\n"):
                database.execute(statement)
            database.execute("UPDATE state SET last = ?", (last,))


def connected(path: Path) -> sqlite3.Connection:
    """Return a connection, which waits for others that write."""
    if not path.exists():
        path.touch(0o600)
    database = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")  # what a power cut takes away is published again
        database.execute("PRAGMA secure_delete = ON")
        database.execute("PRAGMA mmap_size = 4294967296")
    except BaseException:
        database.close()
        raise
    return database


def version(database: sqlite3.Connection) -> int:
    """Return the version of the tables; 0 for a new file."""
    found: int = database.execute("PRAGMA user_version").fetchone()[0]
    return found


def unlink(path: Path) -> None:
    """Take the file away, with what SQLite keeps beside it."""
    for end in ("", "-wal", "-shm"):
        path.with_name(f"{path.name}{end}").unlink(missing_ok=True)
