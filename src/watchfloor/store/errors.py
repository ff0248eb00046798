"""Errors of a floor. Each message says what happened and what to do."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final


class StoreError(Exception):
    """A floor that cannot do what was asked; the message says why and what to do."""


class WrongCall(StoreError):  # noqa: N818 - these are named for what the operator meets
    """The floor is well, and the call asks for what is not on it or may not be done to it."""


class NoFloor(StoreError):  # noqa: N818
    """The folder is no floor."""


class NotEmpty(WrongCall, NoFloor):
    """A new floor was asked for in a folder that holds one already, or something else."""


class LayoutError(StoreError):
    """The floor was made by a version of Watchfloor that this one does not know."""


class FloorBusy(StoreError):  # noqa: N818
    """Another process writes to this floor."""


class StoreFull(StoreError):  # noqa: N818
    """The disk is full; nothing of the interrupted act was kept."""


class ReadOnlyFloor(StoreError):  # noqa: N818
    """The floor's folder cannot be written to."""


class Damaged(StoreError):  # noqa: N818
    """A file of the floor does not hold what was written to it."""


class AccountingError(StoreError):
    """A delivery whose numbers do not add up; it is not committed."""


class UnknownRecord(WrongCall):
    """No record, delivery or position of that identity is on this floor."""


class NoView(WrongCall):
    """No rows of desks are kept for this reader's view, only for those who see more or less."""


class Erased(WrongCall):
    """It was on this floor, and was erased; the message says at which position of the log."""


class NoOriginal(WrongCall):
    """Nothing that a record was read from can be shown; one sentence, whatever the reason."""

    def __init__(self) -> None:
        super().__init__(
            "no original of this is shown: it has none, or it was erased, or more came with it than you may "
            "see. Who keeps the floor can tell you which"
        )


class NoServer(StoreError):  # noqa: N818
    """The server that holds the floor does not answer, or lets nobody in."""


UNREACHED: Final = (FloorBusy, StoreFull, ReadOnlyFloor, NoServer)
"""Why a floor cannot be used now that may be whole."""


class ServerError(Exception):
    """An error of a server, with its code of five signs (SQLSTATE); empty where it said nothing."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(said)
        self.code = code


_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
_ROTTEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}
_NO_ROOM = (
    "no room left on the disk of {}: nothing was lost, and nothing half-written was kept. "
    "Free some space and repeat the command."
)
_ROOM: Final = 1 << 16
"""Free bytes below which a disk is full: what SQLite needs beside a database before it reads it, twice."""
_NO_WRITE = (
    "the disk of {} takes no more: it is full, over a quota or a limit on the size of files, or failing; "
    "nothing half-written was kept. Free some space and repeat the command; if it stays so, run "
    "`watchfloor floor verify`."
)
_UNWRITTEN = {
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}
"""A full disk, where the system calls it otherwise: a quota, a limit, no room for the shared index."""
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_ONLY_READ = (
    "{} cannot be written to: it lies on read-only media, or you have no right to. Each query and each copy "
    "must be logged there first. Mount it for writing, or copy the whole folder to another disk and name the "
    "copy with --floor; nothing was lost."
)


def is_full(error: OSError) -> bool:
    """Whether an error says that a disk, a quota or a limit on files takes no more."""
    return error.errno in _FULL


@contextmanager
def explained(root: Path) -> Iterator[None]:
    """Turn what the system says about a full, read-only or broken disk into a `StoreError`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull(_NO_ROOM.format(root)) from error
        if error.errno in _READ_ONLY:
            raise ReadOnlyFloor(f"{root} cannot be written to: {error.strerror or error}") from error
        raise
    except sqlite3.Error as error:
        if (meant := _of_catalogue(root, error)) is None:
            raise
        raise meant from error
    except ServerError as error:
        if (told := next((make for codes, make in _OF_SERVER if error.code.startswith(codes)), None)) is None:
            raise
        raise told(root, error) from error


def _of_catalogue(root: Path, error: sqlite3.Error) -> StoreError | None:
    """Return the operator's error for one of the catalogue; None for a mistake of ours."""
    extended = getattr(error, "sqlite_errorcode", None) or 0
    code = extended & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StoreFull(_NO_ROOM.format(root))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return ReadOnlyFloor(_ONLY_READ.format(root))
    if code == sqlite3.SQLITE_CANTOPEN:
        return _unopened(root)
    if extended in _UNWRITTEN:
        return StoreFull((_NO_ROOM if _full(root) else _NO_WRITE).format(root))
    if code == sqlite3.SQLITE_BUSY:
        return FloorBusy(f"the catalogue of {root} is held by another process; try again when it is done")
    if code in _ROTTEN or "malformed" in str(error) or "no such table" in str(error):
        return Damaged(
            f"{root / 'catalogue.sqlite'} cannot be used: {error}. "
            "Run `watchfloor floor verify`, or restore a backup."
        )
    return None


def _unopened(root: Path) -> StoreError:
    """Why SQLite opens no file: it names none of what lies behind that."""
    if not (root / "catalogue.sqlite").is_file():
        return Damaged(
            f"{root / 'catalogue.sqlite'} is missing. Run `watchfloor floor verify`, or restore a backup."
        )
    if not os.access(root, os.W_OK) or not os.access(root / "catalogue.sqlite", os.R_OK | os.W_OK):
        return ReadOnlyFloor(_ONLY_READ.format(root))
    return StoreFull((_NO_ROOM if _full(root) else _NO_WRITE).format(root))


def _full(root: Path) -> bool:
    return shutil.disk_usage(root).free < _ROOM


def _unreached(root: Path, error: ServerError) -> StoreError:
    return NoServer(
        f"the server of {root} cannot be used: {error}. See whether it runs, and look at `server` in "
        f"{root / 'floor.toml'} and at PGPASSWORD or ~/.pgpass; nothing half-written was kept"
    )


def _refused(root: Path, error: ServerError) -> StoreError:
    return ReadOnlyFloor(f"the server of {root} does not let you write: {error}")


def _taken(root: Path, error: ServerError) -> StoreError:
    return FloorBusy(f"the server of {root} is held by another process: {error}; try again when it is done")


def _no_room(root: Path, error: ServerError) -> StoreError:  # noqa: ARG001
    return StoreFull(_NO_ROOM.format(f"the server of {root}"))


def _broken(root: Path, error: ServerError) -> StoreError:
    return Damaged(
        f"the server of {root} does not hold this floor as it was written: {error}. "
        "Run `watchfloor floor verify`, or restore a backup."
    )


def _unkept(root: Path, error: ServerError) -> StoreError:
    return WrongCall(
        f"the server of {root} keeps no such text: {error}. Take it out of what is written; nothing was kept"
    )


_OF_SERVER: Final = (
    (("22021",), _unkept),
    (("53100",), _no_room),
    (("25006", "42501"), _refused),
    (("55P03", "40", "53300"), _taken),
    (("XX001", "XX002", "58", "42P01", "3F000"), _broken),
    (("08", "28", "3D000", "57"), _unreached),
)
"""What codes mean, by their starts (PostgreSQL's manual, appendix A)."""
