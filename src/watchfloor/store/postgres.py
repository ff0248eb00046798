"""A floor on PostgreSQL: catalogue and files in one schema of a database, over SQLAlchemy's engine and pool.

Writers take turns by an advisory lock that waits, and every commit of acts locks the log, so that its order
is total. Readers take one snapshot (REPEATABLE READ) and wait for nobody.
"""

import os
import re
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID

import psycopg
import sqlalchemy
from psycopg.pq import Format, TransactionStatus
from sqlalchemy.engine import URL, CursorResult, Engine, make_url
from sqlalchemy.exc import ArgumentError, PendingRollbackError, SQLAlchemyError

from watchfloor.store.database import Database
from watchfloor.store.errors import NoFloor, ServerError, WrongCall

DRIVER: Final = "postgresql+psycopg"
PATIENCE: Final = 30
"""Seconds to wait for another's transaction or for a connection."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a floor lies: the address of the database, without a password, and the schema in it."""

    url: URL
    schema: str

    @classmethod
    def of(cls, root: Path, address: str, floor: str) -> Self:
        """The server that the settings of the floor in `root` name.

        Raises:
            WrongCall: the address is none, or holds a password.
            NoFloor: the floor's id is none.
        """
        try:
            return cls(checked(address), f"watchfloor_{UUID(floor).hex}")
        except ValueError as error:
            raise NoFloor(f"{root / 'floor.toml'}: id: {error}") from error

    @property
    def number(self) -> int:
        """Of its writers' lock: locks are per database, and have 64 bits."""
        return int.from_bytes(bytes.fromhex(self.schema.rpartition("_")[2])[:8], "big", signed=True)


def checked(address: str) -> URL:
    """The address of a database, such as `postgresql+psycopg://cell@db.example/watchfloor`.

    Raises:
        WrongCall: it is no address of PostgreSQL, or holds a password.
    """
    try:
        url = make_url(address)
    except ArgumentError:
        url = None
    if url is None or url.drivername not in (DRIVER, "postgresql"):
        raise WrongCall(
            f"{address.partition('@')[2] or address!r} is no address of a PostgreSQL database; "
            f"write it as {DRIVER}://USER@HOST/DATABASE"
        )
    if url.password is not None or "password" in url.query:
        raise WrongCall(
            "the address of a server holds no password, since floor.toml is kept in backups; "
            "put it into PGPASSWORD or ~/.pgpass and leave it out of the address"
        )
    return url.set(drivername=DRIVER)


class _Binary(psycopg.Cursor[Any]):
    """Asks for results in binary: bytes come as they are, not as text of twice the length."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.format = Format.BINARY


@lru_cache(64)
def engine(url: URL) -> Engine:
    """The pool of connections to a database; each commits by itself unless `BEGIN` was said."""
    settings = {"synchronous_commit": "on", "lock_timeout": f"{PATIENCE}s"}
    return sqlalchemy.create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_pre_ping=True,
        connect_args={
            "application_name": f"watchfloor, process {os.getpid()} on {socket.gethostname()}"[:63],
            "connect_timeout": PATIENCE,
            "cursor_factory": _Binary,
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )


def _forget_in_child() -> None:
    """A forked child must not talk over its parent's connections."""
    engine.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)


class Connection:
    """A connection from the pool, as `store.database.Database` has it.

    Raises:
        ServerError: whatever the server or the way to it has to complain about.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self._own: psycopg.Connection[Any] | None = None
        with _told():
            self._inner = engine(server.url).connect()
            self._look_into(server.schema)

    @property
    def driver(self) -> "psycopg.Connection[Any]":
        """The driver's own connection, for COPY."""
        found: psycopg.Connection[Any] = self._inner.connection.dbapi_connection  # type: ignore[assignment]
        return found

    @property
    def lost(self) -> bool:
        """Whether the server or the way to it has gone since."""
        return self._inner.invalidated

    @property
    def in_transaction(self) -> bool:
        """Whether `BEGIN` was said and no end yet; false where the connection is lost."""
        open_ = (TransactionStatus.INTRANS, TransactionStatus.INERROR, TransactionStatus.ACTIVE)
        return not self.lost and self.driver.info.transaction_status in open_

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> "Rows":
        """Run one statement."""
        return self._run(sql, [parameters])

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> "Rows":
        """Run one statement for each row of parameters; none for none."""
        rows = list(parameters)
        return self._run(sql, rows) if rows else Rows(None)

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, some at a time, within a transaction."""
        with _told(), self.driver.cursor(name="stream") as cursor:
            yield from cursor.execute(sql.encode())

    def load(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Add many rows to a table, by COPY."""
        with _told(), self.driver.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def keep_apart(self) -> None:
        """Close it at its end, and with it what it has locked, instead of giving it back to the pool."""
        self._own = self.driver
        self._inner.detach()

    def mend(self) -> None:
        """Connect anew where the connection was lost."""
        if self.lost:
            with _told():
                self._inner.rollback()
                self._look_into(self.server.schema)
                if self._own is not None:
                    self._own.close()
                    self.keep_apart()

    def close(self) -> None:
        """Give it back to the pool; what was not committed is gone, and so is a writer's turn."""
        with _told():
            self._inner.close()
            if self._own is not None:
                self._own.close()

    def _look_into(self, schema: str) -> None:
        """Connections of the pool may have served another floor before."""
        if self._inner.info.get("schema") != schema:
            self._inner.exec_driver_sql(f"SET search_path TO {schema}")
            self._inner.info["schema"] = schema

    def _run(self, sql: str, rows: Sequence[Sequence[Any]]) -> "Rows":
        forms = "".join(_form(value) for value in rows[0])
        named = [{f"p{at}": _plain(value) for at, value in enumerate(row)} for row in rows]
        with _told():
            return Rows(self._inner.exec_driver_sql(_translated(sql, forms), named if rows[0] else None))


class Rows:
    """What a statement gives back: rows as tuples."""

    def __init__(self, inner: "CursorResult[Any] | None") -> None:
        self._inner = inner

    @property
    def rowcount(self) -> int:
        """Rows that were changed."""
        return 0 if self._inner is None else self._inner.rowcount

    def fetchone(self) -> Any:
        """The next row, or None."""
        return next(iter(self), None)

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        return list(self)

    def __iter__(self) -> Iterator[Any]:
        if self._inner is not None:
            with _told():
                yield from map(tuple, self._inner)


@contextmanager
def connected(server: Server) -> Iterator[Connection]:
    """A connection for the block."""
    database = Connection(server)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def whole(database: Connection) -> Iterator[None]:
    """All of the block or nothing."""
    database.execute("BEGIN")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def create(database: Connection, tables: str, layout: int) -> None:
    """Make the schema of a floor and its tables, within the caller's transaction.

    Args:
        database: a connection to it.
        tables: their definitions in SQLite's words.
        layout: version to note.
    """
    database.execute(f"CREATE SCHEMA {database.server.schema}")
    for statement in (*_statements(definitions(tables)), *_statements(_BESIDE), *_unsampled(), *_TRIGGERS):
        database.execute(statement)
    database.execute("INSERT INTO layout VALUES (?)", (layout,))


def drop(database: Database) -> None:
    """Take a floor off its server."""
    assert isinstance(database, Connection)
    database.execute(f"DROP SCHEMA IF EXISTS {database.server.schema} CASCADE")


def overwrite(database: Database) -> bool:
    """Write the tables that hold content anew, without what was deleted; False where a reader keeps it there.

    A plain VACUUM frees the room of a deleted row and leaves its bytes. Each table is locked meanwhile.
    """
    if database.execute(_OLDER_READERS).fetchone()[0]:
        return False
    try:
        database.execute(f"VACUUM (FULL) {', '.join(_CONTENT)}")
    except ServerError as error:
        if error.code != _TIMED_OUT:
            raise
        return False
    return True


_TIMED_OUT: Final = "55P03"

_CONTENT: Final[Mapping[str, tuple[str, ...]]] = {
    "contents": ("data",),
    "small": ("payload",),
    "blobs": ("data",),
    "quarantine": ("locator", "reason", "raw"),
    "shown": ("content",),
    "log": ("body",),
    "deliveries": ("name",),
}
"""Tables and columns that may say what records say."""

_OLDER_READERS: Final = """
SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
AND datname = current_database() AND age(backend_xmin) > 0
"""
"""Transactions that began to read before the last change: what they may still see is not taken away."""


def rename(database: Connection, target: Server) -> None:
    """Give the schema of a floor another name, in place of one that is there."""
    with whole(database):
        database.execute(f"DROP SCHEMA IF EXISTS {target.schema} CASCADE")
        database.execute(f"ALTER SCHEMA {database.server.schema} RENAME TO {target.schema}")


def acts(server: Server) -> int:
    """How many acts the log of a floor has that may not be there."""
    with connected(server) as database:
        if database.execute("SELECT to_regclass(?)", (f"{server.schema}.log",)).fetchone()[0] is None:
            return 0
        count: int = database.execute("SELECT count(*) FROM log").fetchone()[0]
        return count


def definitions(tables: str) -> str:
    """The definitions of tables in PostgreSQL's words: the same columns, keys, checks and indexes."""
    for found, meant in _MEANT.items():
        tables = re.sub(found, meant, tables)
    return tables


_MEANT: Final = {
    r"--[^\n]*": "",
    r"\bINTEGER\b": "BIGINT",
    r"\bBLOB\b": "BYTEA",
    r"\bTEXT\b": 'TEXT COLLATE "C"',  # in order of code points, as SQLite has it
    r"\bREFERENCES (\w+)": r"REFERENCES \1 DEFERRABLE INITIALLY DEFERRED",
    r"\) (WITHOUT ROWID, )?STRICT;": ");",
}

_BESIDE: Final = """
CREATE TABLE layout (version BIGINT NOT NULL);
CREATE TABLE contents (
    path TEXT COLLATE "C",
    part BIGINT,
    data BYTEA NOT NULL,
    PRIMARY KEY (path, part)
);
ALTER TABLE contents ALTER COLUMN data SET STORAGE EXTERNAL;
"""
"""The layout, and the bytes of files in parts; what no row of `files` names does not count."""

_TRIGGERS: Final = (
    """CREATE FUNCTION log_keeps_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF new.at < (SELECT at FROM log ORDER BY position DESC LIMIT 1) THEN
        RAISE 'the log never runs backwards' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN new;
    END $$""",
    """CREATE FUNCTION log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE 'the log only grows' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    "CREATE TRIGGER log_keeps_order BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION log_keeps_order()",
    "CREATE TRIGGER log_keeps_acts BEFORE DELETE OR TRUNCATE ON log EXECUTE FUNCTION log_only_grows()",
    """CREATE TRIGGER log_keeps_leaves BEFORE UPDATE OF position, at, act, leaf ON log
    EXECUTE FUNCTION log_only_grows()""",
)


def _unsampled() -> Iterator[str]:
    """No samples of content for the planner: they would outlive an erasure in the server's own catalogue."""
    for table, columns in _CONTENT.items():
        for column in columns:
            yield f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0"


def _statements(text: str) -> list[str]:
    return [one for one in text.split(";") if one.strip()]


@contextmanager
def _told() -> Iterator[None]:
    """What SQLAlchemy and the driver raise, as one error of ours with the server's code."""
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        raise ServerError(*_code_and_text(error)) from error


def _code_and_text(error: Exception) -> tuple[str, str]:
    if isinstance(error, PendingRollbackError):
        return _LOST, "the connection was lost"
    inner = getattr(error, "orig", None) or error
    unsaid = _LOST if isinstance(inner, psycopg.OperationalError) else ""
    if isinstance(inner, psycopg.DataError):  # refused by the driver, before it was sent
        unsaid = _NO_TEXT
    return getattr(inner, "sqlstate", None) or unsaid, " ".join(str(inner).split())


_NO_TEXT: Final = "22021"
_LOST: Final = "08006"
"""The code of a connection that failed, where the server could not say one."""


@lru_cache(1024)
def _translated(sql: str, forms: str) -> str:
    """The statement with the driver's named parameters, each in the form that its value has."""
    counted = iter(range(len(forms)))

    def named(mark: re.Match[str]) -> str:
        at = int(mark[1]) - 1 if mark[1] else next(counted)
        if mark[2]:  # the server cannot tell the type of what is only compared with nothing
            return "TRUE" if forms[at] == _NONE else "FALSE"
        return f"%(p{at}){'b' if forms[at] == _BYTES else 's'}"

    return re.sub(r"\?(\d*)( IS NULL)?", named, sql.replace("%", "%%"))


_NONE, _BYTES, _OTHER = "nbo"


def _form(value: Any) -> str:
    """Bytes go as they are, not as text of twice the length."""
    return _NONE if value is None else _BYTES if isinstance(value, bytes) else _OTHER


def _plain(value: Any) -> Any:
    """SQLite has no truth values; the catalogue keeps them as 0 and 1."""
    return int(value) if isinstance(value, bool) else value
