"""`personal.sqlite` in the floor's folder: what a person keeps for themselves, such as saved views.

Nobody else relies on it, so it is no record, and no act of the log says what is in it. It holds names of
subjects and words that its owner has typed, and nothing that the floor says of them.
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
    if new := not path.exists():
        path.touch(mode=0o600)
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        if new or not database.execute("PRAGMA schema_version").fetchone()[0]:
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(TABLES)
    except BaseException:
        database.close()
        raise
    return database
