"""What was erased leaves the index at once, before the erasure is acknowledged."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from watchfloor.store.database import Database
from watchfloor.store.errors import StoreError
from watchfloor.store.indexing import current, file


def forget(root: Path, key: bytes, database: Database) -> bool:
    """Take out what was just erased; an index that cannot be written goes as a whole, and is made anew.

    Returns:
        False where a reader or a full disk keeps copies of it in the file.
    """
    if not file.path(root).exists():
        return True
    try:
        with closing(file.open_(root)) as index:
            return current.follow(index, key, database)
    except _BROKEN:
        for end in ("", "-wal", "-shm"):
            with suppress(OSError):
                file.path(root).with_name(f"{file.NAME}{end}").unlink(missing_ok=True)
        return not file.path(root).exists()


def forgotten(root: Path, database: Database) -> bool:
    """Whether nothing of what was erased is left in the index; an index that cannot be read is no answer."""
    if not file.path(root).exists():
        return True
    try:
        with closing(file.open_read(root)) as index:
            return current.clean(index, database)
    except _BROKEN:
        return False


_BROKEN: Final = (sqlite3.Error, OSError, StoreError, ValueError)
"""What an index that cannot be kept ends in: no room, no right to write, a file of another origin."""
