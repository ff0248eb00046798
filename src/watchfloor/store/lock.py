"""One writer a floor: a lock that the system frees when its holder dies, however it dies."""

import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self
from weakref import WeakSet

import msgspec

from watchfloor.store.errors import FloorBusy, explained

NAME = "lock"
"""Of the file within the floor's folder."""

PATIENCE: Final = 20.0
"""Seconds that an act of a person waits for another that is being written, which takes milliseconds."""

PAUSE: Final = 0.05
"""Seconds between two tries."""

_FAR = 1 << 30
"""Windows locks bytes and keeps others from reading them; this one lies far behind the holder's name."""


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock."""

    pid: int
    host: str
    since: str


class WriterLock:
    """Held from construction to `release`.

    Raises:
        FloorBusy: another process, or another writer of this one, holds it; names pid, host and since when.
    """

    def __init__(self, floor: Path) -> None:
        path = floor / NAME
        with explained(floor):
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            _lock(self._file)
        except OSError as error:
            holder = _read(self._file)
            os.close(self._file)
            raise FloorBusy(_message(floor, holder)) from error
        _HELD.add(self)
        try:
            with explained(floor):
                _write(self._file)
        except BaseException:
            self.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Let the next writer in."""
        if self in _HELD:
            _HELD.discard(self)
            os.ftruncate(self._file, 0)
            _unlock(self._file)
            os.close(self._file)


_HELD: WeakSet[WriterLock] = WeakSet()


def _forget_in_child() -> None:
    """A forked child must not keep its dead parent's lock."""
    for lock in list(_HELD):
        os.close(lock._file)
    _HELD.clear()


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        os.lseek(file, _FAR, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def _unlock(file: int) -> None:
        os.lseek(file, _FAR, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    os.register_at_fork(after_in_child=_forget_in_child)

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)


def _write(file: int) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, msgspec.json.encode(Holder(os.getpid(), socket.gethostname(), since)))


def _read(file: int) -> Holder | None:
    os.lseek(file, 0, os.SEEK_SET)
    try:
        return msgspec.json.decode(os.read(file, 4096), type=Holder)
    except (OSError, msgspec.MsgspecError):
        return None


def _message(floor: Path, holder: Holder | None) -> str:
    who = f"process {holder.pid} on {holder.host}, since {holder.since}" if holder else "another process"
    return f"{floor} is being written to by {who}. Wait until it is done, or end that process."
