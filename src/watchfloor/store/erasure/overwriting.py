"""Taking what was erased out of where a database still holds it: free pages, and the server's dead rows."""

import sqlite3

from watchfloor.store.database import Database, in_folder


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
        from watchfloor.store.server.postgres import overwrite as on_server

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
