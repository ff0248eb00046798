"""`personal.sqlite` in the floor's folder: what a person keeps for themselves: views, subscriptions, notices.

Nobody else relies on it, so it is no record, and no act of the log says what is in it. It holds names of
subjects and words that its owner has typed, and ids of what is new about them: nothing that the floor says.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from watchfloor.store import files
from watchfloor.store.errors import explained

_PATIENCE: Final = 10.0
"""Seconds to wait for another process that writes here."""
_MADE: Final[set[tuple[Path, int]]] = set()
"""Files that this process has seen to have every table."""

TABLES: Final = """
CREATE TABLE IF NOT EXISTS saved_views (
    person TEXT NOT NULL,              -- as the log names them
    name TEXT NOT NULL,
    query TEXT NOT NULL,               -- of the list's address
    saved_at INTEGER NOT NULL,         -- µs since 1970 by the floor's clock; so are all moments
    PRIMARY KEY (person, name)
) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS canvases (
    person TEXT NOT NULL,
    id TEXT NOT NULL,                  -- drawn
    name TEXT NOT NULL,
    layout TEXT NOT NULL,
    places TEXT NOT NULL,              -- JSON: keyed hash of each subject, x, y, whether it is pinned
    position INTEGER NOT NULL,         -- of the log when it was saved
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (person, id)
) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS subscriptions (
    id TEXT PRIMARY KEY,               -- drawn: a number would tell how many others there are
    person TEXT NOT NULL,
    kind TEXT NOT NULL,                -- lead, subject, place, stretch or view
    target TEXT NOT NULL,              -- of a view its name
    purpose TEXT NOT NULL,             -- for which it is looked, and by what right
    authority TEXT NOT NULL,
    position INTEGER NOT NULL,         -- of the log when it was made: what was in by then is not new
    made_at INTEGER NOT NULL,
    begun INTEGER NOT NULL DEFAULT 0,  -- whether what was in before is known
    UNIQUE (person, kind, target, purpose)
) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS notices (
    number INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    subscription TEXT NOT NULL,        -- or why else: named in a comment, or owner of the lead
    fact INTEGER NOT NULL,
    lead TEXT NOT NULL,
    kind TEXT NOT NULL,                -- signal, or of the record
    record TEXT NOT NULL,              -- its id in hexadecimal; nothing that it says
    at INTEGER NOT NULL,
    read INTEGER NOT NULL DEFAULT 0,
    UNIQUE (person, fact, subscription)
) STRICT;
CREATE INDEX IF NOT EXISTS notices_person ON notices (person, read, number);
CREATE TABLE IF NOT EXISTS followed (
    clearance TEXT NOT NULL,           -- of who follows something
    fact INTEGER NOT NULL,             -- that was there before, or of which they were told
    PRIMARY KEY (clearance, fact)
) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS followed_to (
    clearance TEXT PRIMARY KEY,
    position INTEGER NOT NULL          -- of the log, up to which its facts are told
) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS sendings (
    number INTEGER NOT NULL REFERENCES notices ON DELETE CASCADE,
    channel TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,                 -- seconds since 1970, by the machine's clock
    problem TEXT NOT NULL DEFAULT '',  -- of the last try
    sent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (number, channel)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS sendings_due ON sendings (sent, due);
"""


@contextmanager
def personal(root: Path) -> Iterator[sqlite3.Connection]:
    """Open the file, and make it where it is missing; what is done within is kept as a whole or not at all.

    Raises:
        StoreError: the disk is full, or the file cannot be read.
    """
    with explained(root), closing(connect(root)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield database
        database.execute("COMMIT")


def connect(root: Path) -> sqlite3.Connection:
    """Return a connection to the file, which has all its tables."""
    path = root / files.PERSONAL
    if not path.exists():
        path.touch(mode=0o600)
    file = path.stat()
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("PRAGMA secure_delete = ON")  # what is removed is not to be read from free pages
        if (path, file.st_ino) not in _MADE:
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(TABLES)
            _MADE.add((path, file.st_ino))
    except BaseException:
        database.close()
        raise
    return database
