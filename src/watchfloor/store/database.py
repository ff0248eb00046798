"""Interface of a database: little enough that `sqlite3.Connection` gives it as it is.

A floor lies in its folder (SQLite and files) or on a server (PostgreSQL), as its `floor.toml` says. The SQL
of the store is written once, in SQLite's words with `?` and `?1` for parameters; where the two cannot agree,
a function here says it for both. A floor in a folder never imports what a server needs.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from watchfloor.store.errors import explained

SETTINGS: Final = "floor.toml"
UNSEALED: Final = "floor.toml.new"
"""What a creation has written before it is done."""
PATIENCE: Final = 30.0
"""Seconds to wait for another process's transaction; those last milliseconds."""


C = TypeVar("C", bound=sqlite3.Connection)

PART: Final = 1 << 20
"""Bytes of a file that are sent to a server at a time."""


class Cursor(Protocol):
    """Result of a statement: rows as tuples."""

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


def read_only(path: Path) -> sqlite3.Connection:
    """A connection to a floor's SQLite file that is not written to; on full disks and read-only media too.

    Raises:
        StoreFull, ReadOnlyFloor: a killed process left a write-ahead log that cannot be read there.
    """
    address = path.absolute().as_uri()
    try:
        return opened(f"{address}?mode=ro")
    except sqlite3.OperationalError:  # WAL wants to write beside the file; one at rest does not need that
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            with explained(path.parent):
                raise
        return opened(f"{address}?mode=ro&immutable=1")


def opened(address: str, factory: type[C] = sqlite3.Connection) -> C:  # type: ignore[assignment]
    """Open a database, and read its tables."""
    database = sqlite3.connect(
        address,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
        factory=factory,
        uri=True,
    )
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


@contextmanager
def immediate_transaction(database: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Do all of the block or nothing; one process at a time writes."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield database
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


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
