"""Turns of several writers on one server: one writes at a time, the others wait and say for whom.

The turn is an advisory lock of the writer's own connection: the server frees it when that connection ends,
however it ends, and a commit on a connection that has lost its turn fails.
"""

import logging
import os
from pathlib import Path
from typing import Final

from watchfloor.store import log
from watchfloor.store.database import Database
from watchfloor.store.errors import FloorBusy, ServerError, WrongCall
from watchfloor.store.server.postgres import PATIENCE, Connection

WAIT: Final = "WATCHFLOOR_WAIT"
"""Variable of the environment: seconds that a writer waits for its turn."""
_DEFAULT: Final = 600
_TIMED_OUT: Final = "55P03"
_log = logging.getLogger(__name__)


class Turn:
    """A writer's turn; several threads of one process may hold it together.

    Args:
        root: the floor's folder.
        database: the connection that the writer commits on.
    """

    def __init__(self, root: Path, database: Database) -> None:
        assert isinstance(database, Connection)
        self._root, self._database = root, database
        database.keep_apart()
        self._seconds = _patience()
        self._holders = self._seen = 0

    def acquire(self) -> int | None:
        """Wait for the turn; gives the size of the log when it was last given back, None where it is held.

        Raises:
            FloorBusy: it did not come in time; names who holds it.
        """
        if not self._holders and not self._tried():
            self._wait()
        self._holders += 1
        return self._seen if self._holders == 1 else None

    def _tried(self) -> bool:
        """Whether the turn is ours now; a connection that was lost between two turns is made anew."""
        try:
            return bool(self._query("SELECT pg_try_advisory_lock(?)"))
        except ServerError:
            if not self._database.lost:
                raise
            self._database.mend()
            return bool(self._query("SELECT pg_try_advisory_lock(?)"))

    def give_back(self) -> None:
        """Let the next writer in, when the last thread is done."""
        self._holders -= 1
        if not self._holders and not self._database.lost:
            self._seen, _ = log.head(self._database)
            self._query("SELECT pg_advisory_unlock(?)")

    def _wait(self) -> None:
        who = self._holder()
        _log.warning(
            "%s is being written to by %s; waiting for it, %s", self._root, who, _told(self._seconds)
        )
        self._database.execute(f"SET lock_timeout = '{self._seconds}s'")
        try:
            self._query("SELECT pg_advisory_lock(?)")
        except ServerError as error:
            if error.code != _TIMED_OUT:
                raise
            raise FloorBusy(
                f"{self._root} is being written to by {self._holder()}, and was not free within "
                f"{self._seconds} seconds. Wait until it is done, end that process, or set {WAIT} higher"
            ) from error
        finally:
            if not self._database.lost:
                self._database.execute(f"SET lock_timeout = '{PATIENCE}s'")

    def _query(self, sql: str) -> object:
        return self._database.execute(sql, (self._database.server.number,)).fetchone()[0]

    def _holder(self) -> str:
        found = self._database.execute(_HOLDER, (self._database.server.number,)).fetchone()
        return str(found[0]) if found and found[0] else "another process"


_HOLDER: Final = """
SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1
AND (CAST(classid AS BIGINT) << 32 | CAST(objid AS BIGINT)) = ?
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def _patience() -> int:
    text = os.environ.get(WAIT, str(_DEFAULT))
    if not text.isdecimal() or not 0 < int(text) < 1 << 20:
        raise WrongCall(f"{WAIT} is {text!r}; give it the seconds to wait, such as {_DEFAULT}")
    return int(text)


def _told(seconds: int) -> str:
    return f"at most {seconds} seconds" if seconds < 120 else f"at most {seconds // 60} minutes"
