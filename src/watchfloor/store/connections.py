"""Connections to catalogues that rest between two readings.

To open a floor's SQLite file and parse its tables takes 0.4 ms, a small reading 0.03 ms, and a page of the
console reads a dozen times. So a connection that has read rests, and the next reading of this process uses
it. It may do so only where it sees what a new one would see:

- The files are those that it opened, untouched by hand, and `floor.toml` still says that the folder holds the
  floor. Who closes a catalogue last takes its write-ahead log away: whoever still has the old one open would
  see an old state for ever. An open file keeps its number, so another number tells another file.
- No statement is left in it: one that was not read to its end keeps its transaction, and so an old state.
- No writer of this process ends while it rests. The last one to close brings the write-ahead log into the
  file, so that a folder at rest can be copied and read on any medium; one that only reads cannot. So a
  process that ends does it for a writer of another process that closed while connections rested here.

None rests on Windows, where an open file cannot be removed, and no process uses its parent's.
"""

import atexit
import os
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple
from weakref import WeakSet

from watchfloor.store.database import SETTINGS, Database, opened, read_only

MOST: Final = 8
"""Connections of a process that rest at a time; the longest rested is closed for one more."""

Files = tuple[tuple[int, ...], ...]


class Resting(NamedTuple):
    """A connection that nobody uses.

    Attributes:
        path: of the catalogue.
        files: as they were when it was opened.
    """

    path: str
    files: Files
    database: "Reading"


class Reading(sqlite3.Connection):
    """A connection that is not written to, and knows its statements."""

    files: Files | None = None
    """What it opened; None where it may not rest."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def execute(self, *words: Any) -> sqlite3.Cursor:
        """Run one statement."""
        made = super().execute(*words)
        self._cursors.add(made)
        return made

    def end(self) -> None:
        """End the transaction with all statements that were not read to their end."""
        for one in list(self._cursors):
            one.close()
        if self.in_transaction:
            super().execute("ROLLBACK")


class Writing(sqlite3.Connection):
    """A connection that is written to, and closes last of those of this process."""

    path = ""
    """Of the catalogue."""

    def close(self) -> None:
        """Close those that rest, then this one, which brings the write-ahead log into the file."""
        close_resting(self.path)
        super().close()


_resting: list[Resting] = []
_lock = Lock()
_of_parents: Final[list[Resting]] = []
"""What a forked process has of its parent's: SQLite forbids to use it, and even to close it."""


def reuse(path: str) -> Reading | None:
    """Return a connection to a catalogue that rested and sees what a new one would see, if there is one."""
    if not _resting:
        return None
    with _lock:
        found = next((one for one in reversed(_resting) if one.path == path), None)
        if found is not None:
            _resting.remove(found)
    if found is None:
        return None
    if _files(path) == found.files:
        return found.database
    found.database.close()
    return None


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open a catalogue that is not written to; as `database.read_only`, which says what it raises."""
    number = _number(path)
    try:
        database = opened(f"{path.absolute().as_uri()}?mode=ro", Reading)
    except sqlite3.OperationalError:  # a medium that is only read: what changes there goes unseen
        return read_only(path)
    files = _files(str(path))
    if sys.platform != "win32" and files and files[0][:2] == number:
        database.files = files
    return database


def rest(path: str, database: Database) -> None:
    """Let a connection rest until the next reading, or close it where it may not."""
    if not isinstance(database, Reading) or database.files is None:
        database.close()
        return
    try:
        database.end()
    except sqlite3.Error:  # the file broke meanwhile: the next reading says so
        database.close()
        return
    with _lock:
        _resting.append(Resting(path, database.files, database))
        over = _resting[:-MOST]
        del _resting[:-MOST]
    for one in over:
        one.database.close()


def close_resting(path: str | None = None) -> None:
    """Close the connections to a catalogue that rest, by whatever path; without `path` all of them."""
    with _lock:
        number = _number(path) if path and _resting else None
        found = [one for one in _resting if path in (None, one.path) or one.files[0][:2] == number]
        _resting[:] = [one for one in _resting if one not in found]
    for one in found:
        one.database.close()


def _number(path: Path | str) -> tuple[int, int] | None:
    """Return what no other open file of this machine has; None where there is no file."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return found.st_ino, found.st_dev


def _files(path: str) -> Files | None:
    """Return what tells these files from others; None where one is missing, as of a catalogue at rest."""
    try:
        catalogue, log = os.stat(path), os.stat(f"{path}-wal")  # noqa: PTH116 - a dozen times a page
        settings = os.stat(os.path.join(os.path.dirname(path), SETTINGS))  # noqa: PTH116, PTH118, PTH120
    except OSError:
        return None
    return (
        (catalogue.st_ino, catalogue.st_dev, catalogue.st_mtime_ns, catalogue.st_size),
        (log.st_ino, log.st_dev),
        (settings.st_ino, settings.st_dev, settings.st_mtime_ns),
    )


def _forget() -> None:
    global _lock
    _lock = Lock()  # another thread of the parent may have held it
    _of_parents.extend(_resting)
    _resting.clear()


def _end() -> None:
    """Close all that rest, and bring in the write-ahead logs that other processes could not."""
    paths = {one.path for one in _resting}
    close_resting()
    for path in paths:
        with suppress(OSError, sqlite3.Error):  # gone, or not ours to write: it is read with its log
            if os.stat(f"{path}-wal").st_size:  # noqa: PTH116
                address = f"{Path(path).absolute().as_uri()}?mode=rw"
                with closing(sqlite3.connect(address, timeout=0, uri=True)) as database:
                    database.execute("SELECT 1 FROM sqlite_schema").fetchone()


atexit.register(_end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
