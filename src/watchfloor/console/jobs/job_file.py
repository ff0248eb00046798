"""`jobs.sqlite` in the floor's folder: the jobs of its consoles, so that none is lost when a console ends.

A row says in plain values what is to be done, by whom, and what came of it. Each step of a job changes its
row before anybody is told: a job that waited is done by the next console, one that ran is told as
interrupted, and none is done twice. Names of files, and what came of them, may say the words of a record, so
an erasure forgets every job that neither waits nor runs.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.store.database import immediate_transaction
from watchfloor.store.errors import explained
from watchfloor.store.files import JOBS, UPLOADS

KEPT: Final = 200
"""Jobs that are over and are remembered."""
_PATIENCE: Final = 10.0
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    what TEXT NOT NULL,
    name TEXT NOT NULL,
    by TEXT NOT NULL,
    marking TEXT NOT NULL,
    state TEXT NOT NULL,
    at REAL NOT NULL,                  -- seconds since 1970
    ended REAL,
    text TEXT NOT NULL,
    file TEXT,                         -- name of the upload that it takes in
    args BLOB,                         -- JSON; NULL: no other console can do it
    result BLOB,                       -- JSON
    starts INTEGER NOT NULL,           -- how often it has begun
    console TEXT NOT NULL              -- folder of uploads of the console that has it
) STRICT
"""


class JobRow(NamedTuple):
    """A job as the file keeps it."""

    id: str
    what: str
    name: str
    by: str
    marking: str
    state: str
    at: float
    ended: float | None = None
    text: str = ""
    file: str | None = None
    args: bytes | None = None
    result: bytes | None = None
    starts: int = 0
    console: str = ""


class JobFile:
    """The jobs of one console in the file; for any thread.

    Args:
        root: the floor's folder.
        console: name of the console's folder of uploads, which is locked while it lives.
    """

    def __init__(self, root: Path, console: str) -> None:
        self._root, self._console = root, console
        self._guard = threading.Lock()
        with explained(root):
            self._database = _opened(root)

    def keep(self, row: JobRow) -> None:
        """Keep a new job, durable on return, and of the oldest that are over no more than `KEPT`."""
        mine = row._replace(console=self._console)
        with self._writing() as database:
            database.execute(f"INSERT INTO jobs VALUES ({', '.join('?' * len(mine))})", mine)  # noqa: S608
            database.execute(
                "DELETE FROM jobs WHERE ended IS NOT NULL AND id NOT IN "
                "(SELECT id FROM jobs WHERE ended IS NOT NULL ORDER BY at DESC LIMIT ?)",
                (KEPT,),
            )

    def begin(self, name: str) -> bool:
        """Note that a job begins; False where it does not wait here any more."""
        with self._writing() as database:
            begun = database.execute(
                "UPDATE jobs SET state = 'running', starts = starts + 1 "
                "WHERE id = ? AND state = 'waiting' AND console = ?",
                (name, self._console),
            )
            return begun.rowcount == 1

    def wait_again(self, name: str) -> bool:
        """Note that a job waits again that was interrupted; False where it was not."""
        with self._writing() as database:
            begun = database.execute(
                "UPDATE jobs SET state = 'waiting', ended = NULL, text = '', console = ? "
                "WHERE id = ? AND state = 'interrupted'",
                (self._console, name),
            )
            return begun.rowcount == 1

    def end(self, name: str, state: str, text: str, result: bytes | None = None) -> None:
        """Note how a job ended."""
        with self._writing() as database:
            database.execute(
                "UPDATE jobs SET state = ?, text = ?, result = ?, ended = ? WHERE id = ?",
                (state, text, result, datetime.now(UTC).timestamp(), name),
            )

    def adopt(self, dead: list[str]) -> list[JobRow]:
        """Take over the jobs of consoles that are no more; gives every job, the oldest first."""
        with self._writing() as database:
            for console in dead:
                database.execute("UPDATE jobs SET console = ? WHERE console = ?", (self._console, console))
            rows = database.execute("SELECT * FROM jobs WHERE console = ? ORDER BY at", (self._console,))
            return [JobRow(*row) for row in rows]

    def row(self, name: str) -> JobRow:
        """One job."""
        with self._guard:
            return JobRow(*self._database.execute("SELECT * FROM jobs WHERE id = ?", (name,)).fetchone())

    def consoles(self) -> list[str]:
        """Names of the consoles that have jobs here."""
        with self._guard:
            found = self._database.execute("SELECT DISTINCT console FROM jobs").fetchall()
        return [name for (name,) in found]

    def files(self) -> frozenset[str]:
        """Names of the uploads that jobs still need."""
        with self._guard:
            found = self._database.execute(
                "SELECT file FROM jobs WHERE file IS NOT NULL "
                "AND state IN ('waiting', 'running', 'interrupted')"
            ).fetchall()
        return frozenset(name for (name,) in found)

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._database.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._guard, explained(self._root), immediate_transaction(self._database) as database:
            yield database


def forget(root: Path, erasure: int) -> bool:
    """Forget every job that neither waits nor runs, with the upload that it left, as an erasure asks.

    Args:
        root: the floor's folder.
        erasure: position of the last erasure; 0 for none. What was forgotten for it is noted in the file.

    Returns:
        Whether anything was to be forgotten.
    """
    if not erasure or not (root / JOBS).exists():
        return False
    with explained(root), closing(_opened(root)) as database:
        if database.execute("PRAGMA user_version").fetchone()[0] >= erasure:
            return False
        with immediate_transaction(database):
            gone = database.execute(
                "DELETE FROM jobs WHERE state NOT IN ('waiting', 'running') RETURNING console, file"
            ).fetchall()
        for console, file in gone:
            if file:
                (root / UPLOADS / console / file).unlink(missing_ok=True)
        database.execute("VACUUM")
        database.execute(f"PRAGMA user_version = {erasure:d}")
    return True


def _opened(root: Path) -> sqlite3.Connection:
    path = root / JOBS
    path.touch(mode=0o600)
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA secure_delete = ON")
        database.execute(_TABLE)
    except BaseException:
        database.close()
        raise
    return database
