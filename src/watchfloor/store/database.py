"""What the store asks of a database: little enough that `sqlite3.Connection` gives it as it is.

A floor lies in its folder (SQLite and files) or on a server (PostgreSQL), as its `floor.toml` says. The SQL
of the store is written once, in SQLite's words with `?` and `?1` for parameters; where the two cannot agree,
a function here says it for both. A floor in a folder never imports what a server needs.
"""

import sqlite3
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from watchfloor.store.errors import StoreError, explained

if TYPE_CHECKING:
    from watchfloor.store.contents import Contents
    from watchfloor.store.postgres import Server

SETTINGS: Final = "floor.toml"
UNSEALED: Final = "floor.toml.new"
"""What a creation has written before it is done."""
PATIENCE: Final = 30.0
"""Seconds to wait for another process's transaction; those last milliseconds."""


class Cursor(Protocol):
    """What a statement gives back: rows as tuples."""

    @property
    def rowcount(self) -> int:
        """Rows that were changed."""

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """All rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Database(Protocol):
    """A connection to a floor's catalogue. Outside of `catalogue.transaction` each statement is its own."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """Run one statement for each row of parameters."""

    def close(self) -> None:
        """Give the connection back; what was not committed is gone."""


def server(root: Path) -> "Server | None":
    """The server that holds the floor in `root`; None where the folder itself does."""
    for name in (SETTINGS, UNSEALED):
        try:
            seen = (root / name).stat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        return _server(root / name, seen.st_mtime_ns, seen.st_ino)
    return None


@lru_cache(256)
def _server(settings: Path, *_version: int) -> "Server | None":
    """Read again only when the file is another."""
    try:
        found = tomllib.loads(settings.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None  # `Floor.open` says what is wrong with it
    if not found.get("server"):
        return None
    with installed(f"{settings.parent} lies on a server"):
        from watchfloor.store.postgres import Server
    return Server.of(settings.parent, str(found["server"]), str(found.get("id")))


@contextmanager
def installed(why: str) -> Iterator[None]:
    """Around an import of what a server needs; a `StoreError` says why, and how to install it."""
    try:
        yield
    except ImportError as error:
        raise StoreError(
            f"{why}, and {error.name} is not installed. Install it with: pip install 'watchfloor[postgres]'"
        ) from error


def contents(root: Path) -> "Contents | None":
    """The files of the floor in `root` where a server holds them; None where they lie in the folder."""
    if (found := server(root)) is None:
        return None
    from watchfloor.store.contents import Contents

    return Contents(found)


def read_only(path: Path) -> sqlite3.Connection:
    """A connection to a floor's SQLite file that is not written to; on full disks and read-only media too.

    Raises:
        StoreFull, ReadOnlyFloor: a killed process left a write-ahead log that cannot be read there.
    """
    address = path.absolute().as_uri()
    try:
        return _open(f"{address}?mode=ro")
    except sqlite3.OperationalError:  # WAL wants to write beside the file; one at rest does not need that
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            with explained(path.parent):
                raise
        return _open(f"{address}?mode=ro&immutable=1")


def _open(address: str) -> sqlite3.Connection:
    database = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
    try:
        database.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        database.close()
        raise
    return database


def in_folder(database: Database) -> bool:
    """Whether this is the catalogue of a floor in a folder."""
    return isinstance(database, sqlite3.Connection)


def numbers_in(database: Database, mark: str) -> str:
    """A query of the numbers in a JSON array, the parameter `mark`."""
    return (_LISTED if in_folder(database) else _NUMBERS).format(mark)


def words_in(database: Database, mark: str) -> str:
    """A query of the texts in a JSON array, the parameter `mark`."""
    return (_LISTED if in_folder(database) else _WORDS).format(mark)


_LISTED: Final = "SELECT value FROM json_each({})"
_WORDS: Final = "SELECT value FROM json_array_elements_text(CAST({} AS JSON))"
_NUMBERS: Final = _WORDS.replace("value", "CAST(value AS BIGINT)", 1)


def begin_reading(database: Database) -> None:
    """Begin a transaction that sees one state."""
    plain = in_folder(database)
    database.execute("BEGIN" if plain else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")


def begin_writing(database: Database) -> None:
    """Begin a transaction that adds to the log; the next one waits, wherever it is begun."""
    if in_folder(database):
        database.execute("BEGIN IMMEDIATE")
        database.execute("PRAGMA defer_foreign_keys = ON")  # until its commit
    else:
        database.execute("BEGIN")
        database.execute("LOCK TABLE log IN EXCLUSIVE MODE")


def layout_of(database: Database) -> int:
    """Version of the layout that the catalogue has."""
    query = "PRAGMA user_version" if in_folder(database) else "SELECT version FROM layout"
    found: int = database.execute(query).fetchone()[0]
    return found


def set_layout(database: Database, version: int) -> None:
    """Note another version, within the caller's transaction."""
    if in_folder(database):
        database.execute(f"PRAGMA user_version = {version:d}")
    else:
        database.execute("UPDATE layout SET version = ?", (version,))


def rewrite(database: sqlite3.Connection) -> bool:
    """Write a file of SQLite anew without what was deleted, and empty its write-ahead log.

    `secure_delete` overwrites the cell that is deleted. It does not overwrite the copies of a cell that stay
    in the free part of a page when SQLite moves rows between pages; only new pages are free of them.

    Returns:
        False where a reader or a full disk kept it from being done.
    """
    try:
        if not _emptied(database):  # a reader who is at work would keep the old pages: spare the copying
            return False
        database.execute("VACUUM")
        return _emptied(database)
    except sqlite3.OperationalError:  # SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_IOERR
        return False


def _emptied(database: sqlite3.Connection) -> bool:
    """Bring the write-ahead log into the file; False where a reader keeps part of it."""
    (busy, *_) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def overwrite(database: Database, erasure: int, *, waits: bool = True) -> bool:
    """Take what was erased out of where the database still holds it, unless that was done already.

    Until it is done it stays due, whatever interrupts it: what was done is noted, not what is to be done.

    Args:
        database: the catalogue or the index, outside of a transaction.
        erasure: position of the last erasure whose rows were deleted there; 0 for none.
        waits: whether to wait for readers of a file to end.

    Returns:
        False where a reader or a full disk keeps it there.
    """
    if overwritten(database) >= erasure:
        return True
    if not isinstance(database, sqlite3.Connection):
        from watchfloor.store.postgres import overwrite as on_server

        return on_server(database) and _note_overwritten(database, erasure)
    (before,) = database.execute("PRAGMA busy_timeout").fetchone()
    database.execute(f"PRAGMA busy_timeout = {before if waits else 0:d}")
    try:
        return rewrite(database) and _note_overwritten(database, erasure)
    except sqlite3.OperationalError:  # the note could not be written: do it again another time
        return False
    finally:
        database.execute(f"PRAGMA busy_timeout = {before:d}")


def overwritten(database: Database) -> int:
    """Position of the last erasure after which `overwrite` was done; 0 for none."""
    folder = in_folder(database)
    there = (
        "SELECT count(*) FROM sqlite_schema WHERE name = 'overwritten'"
        if folder
        else "SELECT count(to_regclass('overwritten'))"
    )
    if not database.execute(there).fetchone()[0]:
        return 0
    found: int = database.execute("SELECT coalesce(max(erasure), 0) FROM overwritten").fetchone()[0]
    return found


def _note_overwritten(database: Database, erasure: int) -> bool:
    """Note it in a table that is made with the first note; its later notes replace the earlier ones."""
    database.execute("CREATE TABLE IF NOT EXISTS overwritten (erasure BIGINT PRIMARY KEY)")
    database.execute("INSERT INTO overwritten VALUES (?) ON CONFLICT DO NOTHING", (erasure,))
    database.execute("DELETE FROM overwritten WHERE erasure < ?", (erasure,))
    return True
