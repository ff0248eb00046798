"""`console.sqlite` in the floor's folder: accounts, sessions and one-time links.

It holds nothing that is evidence or made from it, so an erasure has nothing to look for here. Passwords,
tokens and links are kept as hashes, and of passkeys the public keys: who reads the file can sign in with none
of them. Of second factors it holds the secret, from which codes are computed.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from watchfloor.store import files
from watchfloor.store.errors import explained

NAME: Final = files.CONSOLE
_PATIENCE: Final = 10.0
"""Seconds to wait for another process that writes here, such as `watchfloor admin account`."""

TABLES: Final = """
CREATE TABLE IF NOT EXISTS accounts (
    name TEXT PRIMARY KEY,             -- as the log and the floor's policy name the person
    hash TEXT,                         -- Argon2id; NULL: signs in otherwise, or has not chosen one yet
    administrator INTEGER NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,          -- seconds since 1970; so are all times here
    provider TEXT,                     -- issuer of an OpenID provider, where that vouches for the person
    subject TEXT,                      -- and the person's id there
    seen_position INTEGER,             -- the queue last marked as seen
    seen_at INTEGER,                   -- microseconds since 1970
    UNIQUE (provider, subject)
) STRICT;
CREATE TABLE IF NOT EXISTS links (
    token BLOB PRIMARY KEY,            -- SHA-256 of what the link says
    account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    ends INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS sessions (
    token BLOB PRIMARY KEY,            -- SHA-256 of the cookie or bearer token
    account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    csrf TEXT NOT NULL,
    purpose TEXT NOT NULL,             -- empty until it is stated
    authority TEXT NOT NULL,
    language TEXT NOT NULL,
    began INTEGER NOT NULL,
    used INTEGER NOT NULL,
    ends INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS sessions_account ON sessions (account);
CREATE TABLE IF NOT EXISTS approvals (
    id TEXT PRIMARY KEY,
    act TEXT NOT NULL,                 -- what is asked for, as the log calls it
    account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    detail TEXT NOT NULL,              -- JSON: what else the act says
    asked_by TEXT NOT NULL,
    approved_by TEXT,                  -- NULL: nobody has yet
    ends INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS recovery (
    account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    code BLOB NOT NULL,                -- SHA-256
    PRIMARY KEY (account, code)
) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS passkeys (
    id BLOB PRIMARY KEY,               -- as the authenticator has drawn it
    account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    public BLOB NOT NULL,              -- attested credential data of WebAuthn: the id and the public key
    host TEXT NOT NULL,                -- name of the console that it signs for
    label TEXT NOT NULL,               -- what its owner calls it
    counter INTEGER NOT NULL,          -- of its last signature; 0: it has none
    created INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS calendars (
    token BLOB PRIMARY KEY,            -- SHA-256 of the secret in the address
    account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    purpose TEXT NOT NULL,             -- as its session had stated; so authority and language
    authority TEXT NOT NULL,
    language TEXT NOT NULL,
    began INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    ends INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS calendars_account ON calendars (account);
CREATE INDEX IF NOT EXISTS passkeys_account ON passkeys (account);
"""
ADDED: Final = (
    ("accounts", "totp", "TEXT"),  # secret of the second factor, Base32; NULL: there is none
    ("accounts", "totp_step", "INTEGER NOT NULL DEFAULT 0"),  # of the last code that was used
    ("accounts", "reset_by", "TEXT"),  # who made the link of the last reset, until somebody has confirmed it
    ("accounts", "vouched", "INTEGER NOT NULL DEFAULT 0"),  # when the provider last vouched for the person
    ("accounts", "handle", "BLOB"),  # drawn: what authenticators know the account by
    ("links", "made_by", "TEXT"),
    ("sessions", "proved", "INTEGER NOT NULL DEFAULT 0"),  # when the person last showed who they are
    ("sessions", "strong", "INTEGER NOT NULL DEFAULT 0"),  # whether by two factors
)
"""Columns that tables have got since they were first made."""


class AccessFile:
    """The file, open; each thread has a connection of its own, which is closed when the thread has ended.

    Threads that answer requests come and go all day, and each connection holds open files.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / NAME
        self._mine = threading.local()
        self._all: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._guard = threading.Lock()
        self._closed = False
        with explained(root):
            if not self.path.exists():
                self.path.touch(mode=0o600)
            try:
                self.database.executescript(TABLES)
                self._add_columns()
            except BaseException:
                self.close()
                raise

    @property
    def database(self) -> sqlite3.Connection:
        """This thread's connection."""
        found: sqlite3.Connection | None = getattr(self._mine, "database", None)
        if found is None:
            found = sqlite3.connect(
                self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
            try:
                found.execute("PRAGMA journal_mode = WAL")
                found.execute("PRAGMA foreign_keys = ON")
            except BaseException:
                found.close()
                raise
            self._mine.database = found
            with self._guard:
                self._sweep()
                self._all.append((threading.current_thread(), found))
            if self._closed:  # what a thread does that outlives its console fails, and leaves no file open
                self.close()
        return found

    def _add_columns(self) -> None:
        with self.transaction() as database:
            for table, column, kind in ADDED:
                known = {name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")}
                if column not in known:
                    database.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    def _sweep(self) -> None:
        """Close what threads have left that are no more."""
        alive = []
        for thread, database in self._all:
            if thread.is_alive():  # asked once: it may end meanwhile
                alive.append((thread, database))
            else:
                database.close()
        self._all = alive

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of what is done within, or nothing; one inside another is part of it."""
        database = self.database
        if database.in_transaction:
            yield database
            return
        with explained(self.path.parent):
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")

    def end_all(self, account: str, but: bytes = b"") -> int:
        """End every session of an account but one, and its calendars; return how many sessions."""
        with self.transaction() as database:
            database.execute("DELETE FROM calendars WHERE account = ?", (account,))
            ended = database.execute("DELETE FROM sessions WHERE account = ? AND token != ?", (account, but))
            return ended.rowcount

    def close(self) -> None:
        """Close every thread's connection; nobody may be using one."""
        self._closed = True
        with self._guard:
            while self._all:
                self._all.pop()[1].close()
        self._mine = threading.local()
