"""Streams of delivered bytes: gzip unpacked, archives held to a budget, damage remembered and not thrown.

A compressed stream that breaks off gives all it could be unpacked to, and then ends; `damage` says what was
wrong, so that the rows before it are kept and the loss is on record.
"""

import zlib
from lzma import LZMAError
from typing import IO, Final, Protocol, Self
from zipfile import BadZipFile

FREE: Final = 16 << 20
RATIO: Final = 250
_CHUNK: Final = 1 << 16


class Unreadable(ValueError):  # noqa: N818 - named for what the operator meets
    """A file that cannot be delivered; the message says why and what to do."""


class Changed(Unreadable):
    """A file that somebody wrote to while it was read."""

    @classmethod
    def during_reading(cls, name: str) -> Self:
        """Return what is said of a file of that name."""
        return cls(f"{name} changed while it was read; nothing of it is kept. Deliver it when it is whole")


class Stream(Protocol):
    """Bytes to be delivered; `damage` is empty while nothing was wrong with them."""

    @property
    def damage(self) -> str:
        """Return the damage to the packing of the bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes, empty at the end only."""

    def check(self) -> None:
        """Raise `Changed` where the file behind it was written to since it was opened."""


class Budget:
    """How much a file may unpack to, all that is in it together: a small file that grows huge is a trap.

    It may always unpack to `FREE` bytes, and beyond that to `RATIO` times its size.
    """

    def __init__(self, name: str, packed: int) -> None:
        self._name = name
        self._left = max(FREE, RATIO * packed)

    def spend(self, size: int) -> None:
        """Count bytes. Raises `Unreadable` when there are too many."""
        self._left -= size
        if self._left < 0:
            raise Unreadable(
                f"{self._name} unpacks to more than {RATIO} times its size and looks like a zip bomb;"
                " nothing of this piece is kept. Unpack it yourself if you trust it"
            )

    def limit(self, file: IO[bytes]) -> "Member":
        """A member of an archive, counted."""
        return Member(file, self)


class Member:
    """A member of a zip archive. The archive holds its check sum, so damage is found at its end."""

    def __init__(self, file: IO[bytes], budget: Budget) -> None:
        self.damage = ""
        self._file, self._budget = file, budget

    def read(self, size: int = -1, /) -> bytes:
        """As a file's; ends early where the archive is damaged."""
        if self.damage:
            return b""
        try:
            data = self._file.read(size if size >= 0 else FREE)
        except (BadZipFile, zlib.error, EOFError, ValueError, LZMAError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:  # of the disk; bzip2 gives none
                raise
            self.damage = f"the archive is damaged here: {error}"
            return b""
        self._budget.spend(len(data))
        return data

    def check(self) -> None:
        """An open archive is read as it was when it was opened."""


class Gunzip:
    """Content of a gzip file, its members one after the other."""

    def __init__(self, packed: Stream, budget: Budget) -> None:
        self.damage = ""
        self._packed, self._budget = packed, budget
        self._unpacker = zlib.decompressobj(wbits=31)
        self._input = b""
        self._ended = False

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; ends early where the file is damaged or cut."""
        wanted = size if size >= 0 else FREE
        found = bytearray()
        while len(found) < wanted and not self._ended:
            found += self._more(min(_CHUNK * 16, wanted - len(found)))
        self._budget.spend(len(found))
        return bytes(found)

    def check(self) -> None:
        """Raise `Changed` where the packed file was written to."""
        self._packed.check()

    def _more(self, size: int) -> bytes:
        if not self._input and not (chunk := self._packed.read(_CHUNK)):
            self._ended = True
            if not self._unpacker.eof:
                self.damage = "the gzip file was cut: its end is missing"
            return b""
        if not self._input:
            self._input = chunk
        if self._unpacker.eof and not self._next_member():
            return b""
        try:
            data = self._unpacker.decompress(self._input, size)
        except zlib.error as error:
            self.damage, self._ended = f"the gzip file is damaged here: {error}", True
            return b""
        self._input = self._unpacker.unused_data if self._unpacker.eof else self._unpacker.unconsumed_tail
        return data

    def _next_member(self) -> bool:
        """Go on with another member; zero bytes after the last are padding."""
        self._input = self._input.lstrip(b"\0")
        if self._input:
            self._unpacker = zlib.decompressobj(wbits=31)
        return bool(self._input)


class WholeLines:
    """A damaged stream up to its last line end; what stands behind may be half a line and look whole."""

    def __init__(self, inner: IO[bytes]) -> None:
        self.tail = b""
        self._inner = inner

    def read(self, size: int = -1, /) -> bytes:
        """At least a line, or nothing at the end; `tail` is then what was held back."""
        while chunk := self._inner.read(size):
            whole, end, tail = (self.tail + chunk).rpartition(b"\n")
            self.tail = tail
            if end:
                return whole + end
        return b""
