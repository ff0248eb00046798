"""The catalogue names everything durable: one SQLite file in WAL mode, or a schema on a server.

Readers never wait. What a transaction here has committed is acknowledged; a file that no row names does not
count.
"""

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any, Final

from watchfloor.store import connections, files
from watchfloor.store.database import (
    PATIENCE,
    Database,
    begin_reading,
    begin_writing,
    in_folder,
    layout_of,
)
from watchfloor.store.errors import LayoutError, explained
from watchfloor.store.server.place import server as server_of
from watchfloor.store.standby import gate

if TYPE_CHECKING:
    from watchfloor.store.server.postgres import Connection, Server


LAYOUT: Final = 2
"""Version of the floor's layout, in `floor.toml` and in the catalogue."""

NAME: Final = "catalogue.sqlite"

TABLES: Final = """
CREATE TABLE log (                     -- one row an act; position counts from 1
    position INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,               -- microseconds since 1970, UTC; never falls
    act TEXT NOT NULL,
    salt BLOB,                         -- salt and body go when the act is erased; the leaf stays
    body BLOB,
    leaf BLOB NOT NULL
) STRICT;
CREATE INDEX log_at ON log (at);
CREATE INDEX log_act ON log (act, position);
CREATE TABLE nodes (                   -- complete subtrees of the log's tree, from level 1 up
    level INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, number)
) WITHOUT ROWID, STRICT;
CREATE TABLE files (
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    checks BLOB NOT NULL               -- CRC-32 of each 64 KiB block
) WITHOUT ROWID, STRICT;
CREATE TABLE segments (                -- rows of one kind that one act brought
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL REFERENCES log,
    rows INTEGER NOT NULL,
    manifest BLOB NOT NULL,            -- JSON; its SHA-256 stands in the act's leaf
    payload TEXT REFERENCES files,     -- NULL: small, in `small`
    leaves TEXT REFERENCES files,
    start INTEGER NOT NULL DEFAULT 0   -- row of its first leaf in the file of leaves
) STRICT;
CREATE INDEX segments_kind ON segments (kind, position);
CREATE INDEX segments_position ON segments (position);
CREATE INDEX segments_payload ON segments (payload);
CREATE INDEX segments_leaves ON segments (leaves);
CREATE TABLE small (                   -- segments too small for files of their own, until they are compacted
    segment INTEGER PRIMARY KEY REFERENCES segments,
    payload BLOB NOT NULL,
    leaves BLOB NOT NULL
) STRICT;
CREATE TABLE ids (                     -- sorted record identities
    path TEXT PRIMARY KEY REFERENCES files,
    kind TEXT NOT NULL,
    rows INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE TABLE blobs (                   -- deliveries by SHA-256; the newest of each digest counts
    digest BLOB PRIMARY KEY,
    size INTEGER NOT NULL,
    path TEXT REFERENCES files,        -- NULL: small, in `data`, or erased
    data BLOB,
    erased INTEGER REFERENCES log      -- position of the erasure
) WITHOUT ROWID, STRICT;
CREATE TABLE deliveries (
    position INTEGER PRIMARY KEY REFERENCES log,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    digest BLOB NOT NULL,
    received INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    duplicate INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    withheld INTEGER NOT NULL,
    resolved INTEGER NOT NULL,         -- pieces quarantined earlier that this one accounts for
    CHECK (received = accepted + duplicate + quarantined + withheld)
) STRICT;
CREATE INDEX deliveries_digest ON deliveries (digest);
CREATE TABLE withheld (
    position INTEGER NOT NULL REFERENCES deliveries,
    reason TEXT NOT NULL,
    rows INTEGER NOT NULL,
    PRIMARY KEY (position, reason)
) WITHOUT ROWID, STRICT;
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    position INTEGER NOT NULL REFERENCES deliveries,
    locator TEXT NOT NULL,
    reason TEXT NOT NULL,
    raw BLOB,                          -- raw and salt go when it is erased; the leaf stays
    rest INTEGER NOT NULL,
    salt BLOB,
    leaf BLOB NOT NULL,                -- the delivery's act commits to the root of these
    resolved INTEGER REFERENCES deliveries
) STRICT;
CREATE INDEX quarantine_position ON quarantine (position);
CREATE TABLE repeats (                 -- records that a delivery repeated under another digest, for erasure
    position INTEGER NOT NULL REFERENCES deliveries,
    part INTEGER NOT NULL,
    ids BLOB NOT NULL,                 -- sorted, 16 bytes each
    PRIMARY KEY (position, part)
) WITHOUT ROWID, STRICT;
CREATE TABLE erased (                  -- identities that must not come back
    record_id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL REFERENCES log
) WITHOUT ROWID, STRICT;
CREATE TABLE gone (                    -- rows that an erasure took out of their payloads
    segment INTEGER NOT NULL REFERENCES segments,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL REFERENCES log,
    PRIMARY KEY (segment, leaf)
) WITHOUT ROWID, STRICT;
CREATE TABLE runs (
    position INTEGER PRIMARY KEY REFERENCES log,
    desk TEXT NOT NULL,
    version TEXT NOT NULL,
    at_position INTEGER NOT NULL,
    refs TEXT NOT NULL,
    digest BLOB NOT NULL,              -- keyed, of everything it yielded
    kept INTEGER NOT NULL,             -- position of the run whose segments hold the same rows
    view TEXT NOT NULL DEFAULT ''      -- digest of the markings that it read; '' for the whole floor
) STRICT;
CREATE INDEX runs_desk ON runs (desk, view, position);
CREATE TABLE shown (                   -- what a person was shown; content goes when its evidence is erased
    position INTEGER PRIMARY KEY REFERENCES log,
    what TEXT NOT NULL,
    digest BLOB NOT NULL,
    salt BLOB,
    content BLOB,
    erased INTEGER REFERENCES log
) STRICT;
CREATE INDEX shown_what ON shown (what, position);
CREATE TABLE shown_evidence (
    record_id BLOB NOT NULL,
    position INTEGER NOT NULL REFERENCES shown,
    PRIMARY KEY (record_id, position)
) WITHOUT ROWID, STRICT;
"""

_TRIGGERS: Final = """
CREATE TRIGGER log_keeps_order BEFORE INSERT ON log
    WHEN new.at < (SELECT at FROM log ORDER BY position DESC LIMIT 1)
    BEGIN SELECT RAISE(ABORT, 'the log never runs backwards'); END;
CREATE TRIGGER log_keeps_acts BEFORE DELETE ON log
    BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER log_keeps_leaves BEFORE UPDATE OF position, at, act, leaf ON log
    BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
"""


def create(root: Path) -> None:
    """Make the catalogue of a new floor."""
    if (server := server_of(root)) is not None:
        _on_server(server)
        return
    (root / NAME).touch(0o600)  # SQLite gives its other files the mode of this one
    database = sqlite3.connect(root / NAME, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        define(database)
    finally:
        database.close()


def define(database: sqlite3.Connection) -> None:
    """Make the tables of a catalogue in an empty file."""
    database.executescript(f"BEGIN; {TABLES} {_TRIGGERS} PRAGMA user_version = {LAYOUT}; COMMIT;")


def _on_server(server: "Server") -> None:
    from watchfloor.store.server import postgres

    with postgres.connected(server) as database, postgres.whole(database):
        postgres.create(database, TABLES, LAYOUT)


def acts(root: Path) -> int:
    """How many acts the log of a catalogue has that may be missing, empty or without its tables."""
    if (server := server_of(root)) is not None:
        from watchfloor.store.server import postgres

        return postgres.acts(server)
    if not (root / NAME).exists():
        return 0
    with closing(sqlite3.connect(root / NAME)) as database:
        if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'log'").fetchone():
            return 0
        count: int = database.execute("SELECT count(*) FROM log").fetchone()[0]
        return count


def abandon(root: Path) -> None:
    """Take what a creation that was cut off has left off the server, if it has come that far."""
    if (server := server_of(root)) is not None:
        from watchfloor.store.server import postgres

        with postgres.connected(server) as database:
            postgres.drop(database)


def leave(root: Path) -> None:
    """Take away what a folder holds of a floor that lies elsewhere now; copies of identities may stay."""
    for end in ("", "-wal", "-shm"):
        (root / f"{NAME}{end}").unlink(missing_ok=True)
    for folder in ("blobs", "segments", "derived"):
        rmtree(root / folder, ignore_errors=True)


def close(database: Database) -> None:
    """End a catalogue that was copied elsewhere, within the caller's transaction: who waited is refused."""
    if isinstance(database, sqlite3.Connection):
        database.execute("ALTER TABLE log RENAME TO moved")
    else:
        from watchfloor.store.server import postgres

        postgres.drop(database)


def to_wal(root: Path) -> None:
    """Give a copied catalogue, which a backup keeps as one file, its write-ahead log again."""
    with closing(sqlite3.connect(root / NAME)) as database:
        database.execute("PRAGMA journal_mode = WAL")


def for_writing(root: Path) -> Database:
    """A connection whose commits are durable, and which overwrites what it deletes."""
    return _checked(root, unchecked(root))


def unchecked(root: Path) -> Database:
    """The same, whatever its layout."""
    return _connected(root) or _in_folder(root)


def _in_folder(root: Path) -> sqlite3.Connection:
    database = sqlite3.connect(
        f"{(root / NAME).absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
        factory=connections.Writing,
    )
    database.path = _path(root)
    try:
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA secure_delete = ON")
        database.execute("PRAGMA foreign_keys = ON")
    except BaseException:  # a file that is no database
        database.close()
        raise
    return database


def _connected(root: Path) -> "Connection | None":
    """A connection to the floor's server, where it has one."""
    if (server := server_of(root)) is None:
        return None
    from watchfloor.store.server.postgres import Connection

    return Connection(server)


def for_reading(root: Path) -> Database:
    """A connection that is not written to; one to a folder works on read-only media too."""
    return _checked(root, _connected(root) or connections.open_for_reading(root / NAME))


def _path(root: Path) -> str:
    return os.path.join(root, NAME)  # noqa: PTH118 - a dozen times a page


@contextmanager
def snapshot(root: Path) -> Iterator[Database]:
    """One consistent view of the catalogue, whatever a writer does meanwhile."""
    path = _path(root)
    with explained(root):
        rested = connections.reuse(path)
        database = _checked(root, rested) if rested else for_reading(root)
        try:
            begin_reading(database)
            yield database
        except BaseException:
            database.close()
            raise
        connections.rest(path, database)


@contextmanager
def transaction(database: Database) -> Iterator[None]:
    """All of the block or nothing; durable when the block has left. Others' acts wait for its end."""
    try:
        begin_writing(database)
        if isinstance(database, connections.Writing) and database.path:
            gate.pass_through(database)
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _checked(root: Path, database: Database) -> Database:
    try:
        found = layout_of(database)
        if found != LAYOUT:
            raise LayoutError(unknown_layout(root, found))
    except BaseException:
        database.close()
        raise
    return database


def unknown_layout(root: Path, found: object) -> str:
    """Why a floor of another layout is not opened."""
    known = f"{root} has layout {found}, and this Watchfloor knows layout {LAYOUT}. "
    if isinstance(found, int) and 0 < found < LAYOUT:
        return known + f"Bring it here with: watchfloor floor upgrade --floor {root}"
    return known + "Open it with the version that made it, or restore a backup made by this one."


# Files that no row of the catalogue names: what a crash or a busy reader left. They do not count, and go.


def sweep(root: Path, database: Database) -> int:
    """Delete them; gives their number. Only for the holder of the writer lock."""
    if not in_folder(database):
        leave(root)  # what a move to the server left that was cut off at its end
    named = {path for (path,) in database.execute("SELECT path FROM files")}
    loose = [path for path in files.present(root) if path not in named]
    return sum(files.discard(root, path) for path in loose)


def stored(database: Database) -> list[files.Stored]:
    """The files that the catalogue names."""
    rows = database.execute("SELECT path, size, checks FROM files ORDER BY path")
    return [files.Stored(*row) for row in rows]


def drop_unnamed(root: Path, database: Database, paths: Iterable[str]) -> None:
    """Delete those of `paths` that the catalogue does not name; an interrupt may come after the commit."""
    for path in paths:
        if not database.execute("SELECT 1 FROM files WHERE path = ?", (path,)).fetchone():
            files.discard(root, path)


# Copying the rows of a catalogue from where it lies to somewhere else, table by table.


TABLE_NAMES: Final = tuple(re.findall(r"CREATE TABLE (\w+)", TABLES))
"""Every table of a catalogue."""


def copy_into_file(source: Database, place: Path) -> None:
    """Write a catalogue, as it stands in the source's transaction, into one new SQLite file."""
    place.touch(0o600)
    with closing(sqlite3.connect(place, isolation_level=None)) as target:
        if isinstance(source, sqlite3.Connection):
            source.backup(target)
        else:
            define(target)
            with transaction(target):
                copy_rows(source, target)


def copy_rows(source: Database, target: Database) -> None:
    """Copy every row of the source's tables into the target's empty ones, within the caller's transaction."""
    for table in TABLE_NAMES:
        _load(target, table, _stream(source, f"SELECT * FROM {table} ORDER BY 1"))  # noqa: S608 - a table of ours


def _stream(source: Database, sql: str) -> Iterator[tuple[Any, ...]]:
    if isinstance(source, sqlite3.Connection):
        return iter(source.execute(sql))
    from watchfloor.store.server.postgres import Connection

    assert isinstance(source, Connection)
    return source.stream(sql)


def _load(target: Database, table: str, found: Iterator[tuple[Any, ...]]) -> None:
    if isinstance(target, sqlite3.Connection):
        if (first := next(found, None)) is not None:
            put = f"INSERT INTO {table} VALUES ({', '.join('?' * len(first))})"  # noqa: S608 - a table of ours
            target.executemany(put, chain([first], found))
        return
    from watchfloor.store.server.postgres import Connection

    assert isinstance(target, Connection)
    target.load(table, found)
