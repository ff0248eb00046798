"""Files of a floor on a server: rows of bytes in parts, as `store.files` writes and reads them."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from watchfloor.store.database import PART
from watchfloor.store.server.postgres import Server, connected, whole


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of the floor on a server."""

    server: Server

    def write(self, path: str, parts: Iterable[bytes | memoryview]) -> None:
        """Keep a new file, durable on return; what a crash left under its name goes, as nobody names it.

        Args:
            path: within the floor.
            parts: its bytes, each but the last of `PART`.
        """
        with connected(self.server) as database, whole(database):
            database.execute(
                "DELETE FROM contents WHERE path = ?1 AND NOT EXISTS (SELECT 1 FROM files WHERE path = ?1)",
                (path,),
            )
            for number, part in enumerate(parts):
                database.execute("INSERT INTO contents VALUES (?, ?, ?)", (path, number, bytes(part)))

    def parts(self, path: str) -> Iterator[bytes]:
        """The bytes of a file, a part at a time, each read when it is asked for.

        Raises:
            FileNotFoundError: it is gone.
        """
        with connected(self.server) as database:
            number = 0
            while data := _part(database, path, number):
                yield data
                if len(data) < PART:
                    return
                number += 1
            if not number and _part(database, path, 0) is None:
                raise FileNotFoundError(2, "gone from the server", path)

    def piece(self, path: str, start: int, size: int) -> bytes:
        """Some bytes of a file; fewer where it ends before.

        Raises:
            FileNotFoundError: it is gone.
        """
        first, last = start // PART, max(start + size - 1, start) // PART
        with connected(self.server) as database:
            found = [_part(database, path, number) for number in range(first, last + 1)]
        if found[0] is None:
            raise FileNotFoundError(2, "gone from the server", path)
        return b"".join(part or b"" for part in found)[start - first * PART :][:size]

    def open_(self, path: str) -> BinaryIO:
        """A file to be read from its start."""
        return io.BufferedReader(_Parts(self.parts(path)), PART)

    def named(self, path: str) -> bool:
        """Whether the catalogue names such a file."""
        with connected(self.server) as database:
            return database.execute("SELECT 1 FROM files WHERE path = ?", (path,)).fetchone() is not None

    def remove(self, path: str) -> None:
        """Delete a file, where it is there."""
        with connected(self.server) as database:
            database.execute("DELETE FROM contents WHERE path = ?", (path,))

    def paths(self) -> list[str]:
        """Of all files."""
        with connected(self.server) as database:
            return [path for (path,) in database.execute("SELECT DISTINCT path FROM contents ORDER BY path")]


def _part(database: Any, path: str, number: int) -> bytes | None:
    found = database.execute(
        "SELECT data FROM contents WHERE path = ? AND part = ?", (path, number)
    ).fetchone()
    return None if found is None else bytes(found[0])


class _Parts(io.RawIOBase):
    """Reads parts as one stream."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source, self._rest = source, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._source, b""))
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)

    def close(self) -> None:
        if not self.closed:
            self._source.close()  # type: ignore[attr-defined]
        super().close()
