"""A floor on PostgreSQL: catalogue and files in one schema of a database, over psycopg and a small pool.

Writers take turns by an advisory lock that waits, and every commit of acts locks the log, so that its order
is total. Readers take one snapshot (REPEATABLE READ) and wait for nobody.
"""

import os
import re
import socket
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final, Self
from uuid import UUID

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Format, TransactionStatus

from watchfloor.store.database import Cursor, Database
from watchfloor.store.errors import NoFloor, ServerError, WrongCall

SCHEME: Final = "postgresql+psycopg"
"""Of an address as people write it; `postgresql` is understood as well."""
PATIENCE: Final = 30
"""Seconds to wait for another's transaction or for a connection."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a floor lies: the address of the database as libpq reads it, and the schema in it."""

    address: str
    schema: str

    @classmethod
    def from_address(cls, root: Path, address: str, floor: str) -> Self:
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


def checked(address: str) -> str:
    """Return an address such as `postgresql+psycopg://cell@db.example/watchfloor` as libpq reads it.

    Raises:
        WrongCall: it is no address of PostgreSQL, or holds a password.
    """
    scheme, colon, rest = address.partition("://")
    try:
        found = conninfo_to_dict(f"postgresql://{rest}") if scheme in (SCHEME, "postgresql") and colon else {}
    except psycopg.Error:  # its text would repeat the address
        found = {}
    if not found:
        raise WrongCall(  # without what was written, which may hold a password
            f"this is no address of a PostgreSQL database; write it as {SCHEME}://USER@HOST/DATABASE"
        )
    if any(name.endswith("password") for name in found):
        raise WrongCall(
            "the address of a server holds no password, since floor.toml is kept in backups; "
            "put it into PGPASSWORD or ~/.pgpass and leave it out of the address"
        )
    return make_conninfo("", **found)


class _Binary(psycopg.Cursor[Any]):
    """Asks for results in binary: bytes come as they are, not as text of twice the length."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.format = Format.BINARY


class Pool:
    """Connections of this process to a database; each commits by itself unless `BEGIN` was said.

    psycopg_pool connects in threads of its own: with no server there, who asks would wait until their
    patience ends and not be told why. Here they get the server's own words at once.
    """

    MOST: Final = 15
    """Connections in use; one more waits."""
    IDLE: Final = 5
    """Connections that are kept for their next use."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._idle: deque[psycopg.Connection[Any]] = deque()
        self._room = BoundedSemaphore(self.MOST)

    def acquire(self, schema: str) -> psycopg.Connection[Any]:
        """Return a connection that works and looks into a schema; give it back, or let go of it.

        Raises:
            ServerError: all are in use, and none was given back in time.
            psycopg.Error: the server lets nobody in.
        """
        if not self._room.acquire(timeout=PATIENCE):
            raise ServerError(_TOO_MANY, f"all {self.MOST} connections of this process are in use")
        try:
            while self._idle:
                with suppress(psycopg.OperationalError, IndexError):  # ended meanwhile, or taken
                    return _looking_into(self._idle.pop(), schema)
            return self.connect(schema)
        except BaseException:
            self._room.release()
            raise

    def connect(self, schema: str) -> psycopg.Connection[Any]:
        """Return a connection that is none of the pool's."""
        settings = {"synchronous_commit": "on", "lock_timeout": f"{PATIENCE}s"}
        made: psycopg.Connection[Any] = psycopg.connect(
            self._address,
            autocommit=True,
            application_name=f"watchfloor, process {os.getpid()} on {socket.gethostname()}"[:63],
            connect_timeout=PATIENCE,
            cursor_factory=_Binary,
            options=" ".join(f"-c {name}={value}" for name, value in settings.items()),
        )
        return _looking_into(made, schema)

    def give_back(self, one: psycopg.Connection[Any]) -> None:
        """Keep a connection for its next use; what was not committed is gone."""
        with suppress(psycopg.Error):
            one.rollback()
        if one.info.transaction_status == TransactionStatus.IDLE and len(self._idle) < self.IDLE:
            self._idle.append(one)
        else:
            one.close()
        self._room.release()

    def let_go(self) -> None:
        """Make room for another in place of one that is not given back."""
        self._room.release()

    def clear(self) -> None:
        """Close the connections that are in no use."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()


def _looking_into(one: psycopg.Connection[Any], schema: str) -> psycopg.Connection[Any]:
    """Name the schema, which also shows whether the connection works; closed where it does not."""
    try:
        one.execute(f"SET search_path TO {schema}".encode())
    except BaseException:
        one.close()
        raise
    return one


@lru_cache(64)
def pool(address: str) -> Pool:
    """Return this process's connections to a database."""
    return Pool(address)


if hasattr(os, "register_at_fork"):  # a forked child must not talk over its parent's connections
    os.register_at_fork(after_in_child=pool.cache_clear)


class Connection:
    """A connection from the pool, as `store.database.Database` has it.

    Raises:
        ServerError: whatever the server or the way to it has to complain about.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self._pool, self._apart, self._closed = pool(server.address), False, False
        with _told():
            self.driver = self._pool.acquire(server.schema)

    @property
    def lost(self) -> bool:
        """Whether the server or the way to it has gone since."""
        return self.driver.closed

    @property
    def in_transaction(self) -> bool:
        """Whether `BEGIN` was said and no end yet; false where the connection is lost."""
        open_ = (TransactionStatus.INTRANS, TransactionStatus.INERROR, TransactionStatus.ACTIVE)
        return not self.lost and self.driver.info.transaction_status in open_

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        """Run one statement."""
        with _told():
            return self.driver.execute(_translated(sql, _forms(parameters)), _named(parameters))

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """Run one statement for each row of parameters; none for none."""
        rows, cursor = list(parameters), self.driver.cursor()
        with _told():
            if rows:
                cursor.executemany(_translated(sql, _forms(rows[0])), [_named(row) for row in rows])
        return cursor

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
        self._apart = True
        self._pool.let_go()

    def mend(self) -> None:
        """Connect anew where the connection was lost."""
        if self.lost:
            with _told():
                self.driver = self._pool.connect(self.server.schema)

    def close(self) -> None:
        """Give it back to the pool; what was not committed is gone, and so is a writer's turn."""
        if self._apart:
            self.driver.close()
        elif not self._closed:
            self._pool.give_back(self.driver)
        self._closed = True


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
    """Turn what the driver raises into one error of ours with the server's code."""
    try:
        yield
    except psycopg.Error as error:
        unsaid = _LOST if isinstance(error, psycopg.OperationalError) else ""
        if isinstance(error, psycopg.DataError):  # refused by the driver, before it was sent
            unsaid = _NO_TEXT
        raise ServerError(error.sqlstate or unsaid, " ".join(str(error).split())) from error


_NO_TEXT: Final = "22021"
_LOST: Final = "08006"
"""The code of a connection that failed, where the server could not say one."""
_TOO_MANY: Final = "53300"


@lru_cache(1024)
def _translated(sql: str, forms: str) -> bytes:
    """The statement with the driver's named parameters, each in the form that its value has."""
    counted = iter(range(len(forms)))

    def named(mark: re.Match[str]) -> str:
        at = int(mark[1]) - 1 if mark[1] else next(counted)
        if mark[2]:  # the server cannot tell the type of what is only compared with nothing
            return "TRUE" if forms[at] == _NONE else "FALSE"
        return f"%(p{at}){'b' if forms[at] == _BYTES else 's'}"

    return re.sub(r"\?(\d*)( IS NULL)?", named, sql.replace("%", "%%")).encode()


_NONE, _BYTES, _OTHER = "nbo"


def _forms(row: Sequence[Any]) -> str:
    """Bytes go as they are, not as text of twice the length."""
    return "".join(
        _NONE if value is None else _BYTES if isinstance(value, bytes) else _OTHER for value in row
    )


def _named(row: Sequence[Any]) -> dict[str, Any]:
    """SQLite has no truth values; the catalogue keeps them as 0 and 1."""
    return {f"p{at}": int(value) if isinstance(value, bool) else value for at, value in enumerate(row)}
