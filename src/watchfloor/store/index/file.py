"""The index file: its tables, and how it is opened.

The id of a row holds its lane, segment and leaf in 14, 31 and 18 bits. A lane is a kind and a marking (but
for the day until which it may be kept): the rows of one lane stand together in every table, in the order of
the log, so a reader's query walks through the lanes that he may see and touches no other.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from watchfloor.store.database import immediate_transaction, read_only

NAME: Final = "index.sqlite"
VERSION: Final = 5
"""Of the tables; a file of another version is made anew."""

LEAF_BITS: Final = 18
LANE_SHIFT: Final = 49
LEAVES: Final = (1 << LEAF_BITS) - 1
"""Mask of the leaf."""
SEQUENCE: Final = (1 << LANE_SHIFT) - 1
"""Mask of segment and leaf: where a row stands in the log, whatever its lane."""
LANES: Final = 1 << 14

_PATIENCE: Final = 60.0
"""Seconds to wait for another process that indexes; it commits every few thousand rows."""

OVERWRITES: Final = sqlite3.sqlite_version_info >= (3, 42)
"""Whether a text index can take a row's words out of its pages at once."""

TOKENS: Final = "'unicode61 remove_diacritics 2'"
"""How texts become words: case and accents do not matter."""

_TABLES: Final = f"""
CREATE TABLE state (
    upto INTEGER NOT NULL,             -- every segment of evidence up to this one is here
    erased INTEGER NOT NULL,           -- position of the last erasure that was followed
    recent INTEGER NOT NULL            -- keys that were brought since all of them were moved
) STRICT;
INSERT INTO state VALUES (0, 0, 0);
CREATE TABLE segments (                -- what was read, as the catalogue's manifest says it
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    digest BLOB NOT NULL,
    rows INTEGER NOT NULL
) STRICT;
CREATE TABLE lanes (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    marking TEXT NOT NULL,
    UNIQUE (kind, marking)
) STRICT;
CREATE TABLE markings (
    id INTEGER PRIMARY KEY,
    marking TEXT NOT NULL UNIQUE,
    first INTEGER                      -- segment of evidence in which it occurs first; NULL for none
) STRICT;
CREATE TABLE bulk (                    -- markings in segments whose rows are not here
    segment INTEGER NOT NULL,
    marking INTEGER NOT NULL,
    PRIMARY KEY (segment, marking)
) WITHOUT ROWID, STRICT;
CREATE TABLE rows (
    id INTEGER PRIMARY KEY,
    record_id BLOB NOT NULL,           -- or row_id, of a derived row
    report INTEGER,                    -- keyed hash of kind, source and report key, or of the row_id
    revision INTEGER NOT NULL,         -- of a derived row; 0 for evidence
    marking INTEGER NOT NULL,
    since INTEGER NOT NULL,            -- microseconds since 1970
    until INTEGER NOT NULL,
    west REAL, south REAL, east REAL, north REAL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE recent (                  -- what a row is found by: start of its record id, report, subjects
    key INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (key, id)
) WITHOUT ROWID, STRICT;
CREATE TABLE settled (                 -- the same; what was recent is moved here in bulk
    key INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (key, id)
) WITHOUT ROWID, STRICT;
CREATE VIRTUAL TABLE texts USING fts5(
    text, content = '', tokenize = {TOKENS}
);
{"INSERT INTO texts (texts, rank) VALUES ('secure-delete', 1);" if OVERWRITES else ""}
CREATE VIRTUAL TABLE places USING rtree_i32(
    id, west, east, south, north, since, until, low, high
);
PRAGMA user_version = {VERSION};
"""  # noqa: S608 - words of ours

_NAMES: Final = "state segments lanes markings bulk rows recent settled texts places".split()

KEYED: Final = ("recent", "settled")
"""The tables of keys. Keys are random: in one large tree each would cost the writing of a page of its own, so
new ones go into a small tree and are moved in the order of the large one."""


def path(root: Path) -> Path:
    """Where the index of a floor lies."""
    return root / NAME


def open_(root: Path) -> sqlite3.Connection:
    """The index to read and to write, made where it is missing or of another version.

    Raises:
        sqlite3.Error: the folder cannot be written to, or the file is no index.
    """
    with suppress(OSError):  # SQLite says in its own words why it cannot be opened
        path(root).touch(0o600)
    return _made(_connected(str(path(root))))


def open_read(root: Path) -> sqlite3.Connection:
    """The index as it lies there, to look at."""
    return read_only(path(root))


def fresh() -> sqlite3.Connection:
    """An empty index in memory."""
    return _made(_connected(":memory:"))


def span(lane: int, segment: int) -> tuple[int, int]:
    """First and last id of a segment in a lane."""
    first = lane << LANE_SHIFT | segment << LEAF_BITS
    return first, first | LEAVES


def span_of(lane: int) -> tuple[int, int]:
    """First and last id of a lane."""
    first = lane << LANE_SHIFT
    return first, first | SEQUENCE


def moved(id_: int, lanes: Mapping[int, int]) -> int:
    """The id of a row where its lane has another number; 0, which no row has, where it has none."""
    lane = lanes.get(id_ >> LANE_SHIFT)
    return 0 if lane is None else lane << LANE_SHIFT | id_ & SEQUENCE


def delete(root: Path) -> None:
    """Take the file away; the next who asks makes it anew."""
    for end in ("", "-wal", "-shm"):
        path(root).with_name(f"{NAME}{end}").unlink(missing_ok=True)


def in_memory(root: Path) -> sqlite3.Connection:
    """A copy of the index in memory, for a folder that cannot be written to; empty where there is none."""
    index = _connected(":memory:")
    place = path(root)
    if place.exists():
        address = f"{place.absolute().as_uri()}?mode=ro&immutable=1"
        with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as kept:
            kept.backup(index)
    return _made(index)


def remake(index: sqlite3.Connection) -> None:
    """Make the tables anew, without a row, within the caller's transaction."""
    for name in _NAMES:
        index.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in _statements():
        index.execute(statement)


def _made(index: sqlite3.Connection) -> sqlite3.Connection:
    """Make the tables where they are missing or of another version; close the index if that fails."""
    try:
        if _version(index) != VERSION:
            with immediate_transaction(index):
                if _version(index) != VERSION:  # no other process was faster
                    remake(index)
    except BaseException:
        index.close()
        raise
    return index


def _connected(address: str) -> sqlite3.Connection:
    index = sqlite3.connect(address, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        index.execute("PRAGMA journal_mode = WAL")
        index.execute("PRAGMA synchronous = NORMAL")  # what a power cut takes away is read again
        index.execute("PRAGMA secure_delete = ON")
        index.execute("PRAGMA wal_autocheckpoint = 8192")  # pages: fewer of them are written twice
        index.execute("PRAGMA cache_size = -65536")
        index.execute("PRAGMA mmap_size = 4294967296")
    except BaseException:
        index.close()
        raise
    return index


def _version(index: sqlite3.Connection) -> int:
    found: int = index.execute("PRAGMA user_version").fetchone()[0]
    return found


def _statements() -> Iterator[str]:
    statement = ""
    for line in _TABLES.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
