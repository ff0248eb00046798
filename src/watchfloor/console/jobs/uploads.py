"""Files that are dropped on a page: streamed to the floor's own folder, and gone when they are done with.

A file is never whole in memory, and its bytes are written by other threads than the one that answers readers.
What is cut off, stalls or is too large leaves nothing behind; what a console leaves that was killed is
deleted by the next one that starts. A form of a browser without scripts is read as it comes, too: its fields
stand before its file.
"""

import asyncio
import re
import secrets
import shutil
import unicodedata
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from watchfloor.cell.acts import Refusal, refuse
from watchfloor.console.endpoints.failures import Stalled, TooLarge, TooMany
from watchfloor.core.messages import declare, reason
from watchfloor.store.errors import FloorBusy, StoreFull, explained
from watchfloor.store.files import UPLOADS, private
from watchfloor.store.lock import NAME as LOCK
from watchfloor.store.lock import WriterLock

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

AT_ONCE: Final = 4
"""Files that come in at the same time."""
STALLS: Final = 60.0
"""Seconds without a byte after which a file has stalled."""
PART: Final = 1 << 20
"""Bytes that are written at a time."""
FORM: Final = 1 << 16
"""Bytes of all fields of a form that has a file, and of what is said of each."""
LONGEST: Final = 160
"""Characters of a file's name."""
SPARE: Final = 256 << 20
"""Bytes of the disk that no upload takes."""

TOO_LARGE: Final = declare("console.upload-too-large", "most")
TOO_MANY_AT_ONCE: Final = declare("console.uploads-at-once", "count")
STALLED: Final = declare("console.upload-stalled", "seconds")
EMPTY: Final = declare("console.upload-empty")
NO_FORM: Final = declare("console.upload-no-form", "problem")

_Fields = dict[str, list[str]]


@dataclass(slots=True)
class StoredUpload:
    """A file that came.

    Attributes:
        path: where it lies; its own name is nowhere in it.
        name: as who sent it calls it, without folders and without what is no sign.
        size: in bytes.
    """

    path: Path
    name: str
    size: int
    taken: bool = False

    def claim(self) -> Path:
        """Have it stay when the act is done; who takes it deletes it."""
        self.taken = True
        return self.path

    def drop(self) -> None:
        """Delete it, unless it was taken."""
        if not self.taken:
            self.path.unlink(missing_ok=True)


class Uploads:
    """The files of one console, in a folder that is its own while it lives.

    Args:
        root: the floor's folder.
        most: bytes of one file.
        needed: names of files that jobs still need; those that a console has left are this one's now.
        name: of its folder; empty: drawn.
    """

    def __init__(self, root: Path, most: int, needed: frozenset[str] = frozenset(), name: str = "") -> None:
        self._root, self._most, self._coming = root, most, 0
        above = root / UPLOADS
        with explained(root):
            above.mkdir(mode=0o700, exist_ok=True)
            self.folder = above / (name or secrets.token_hex(8))
            self.folder.mkdir(mode=0o700)
            self._lock = WriterLock(self.folder)
            for left in above.iterdir():
                _sweep(left, self.folder, needed)

    @property
    def most(self) -> int:
        """Bytes that a file may have."""
        return self._most

    async def store(self, pieces: AsyncIterator[bytes], name: str, length: int | None) -> StoredUpload:
        """Keep a file that comes.

        Args:
            pieces: of its bytes.
            name: as it is called.
            length: in bytes, as far as it is told before; None: it is not.

        Raises:
            TooLarge: it is, or is said to be.
            Stalled: no byte came for a while.
            TooMany: others are coming in.
            StoreFull: the disk is.
            Refusal: it is empty.
        """
        self._refuse_early(length)
        path = self.folder / secrets.token_hex(8)
        self._coming += 1
        try:
            with explained(self._root), open(path, "xb", buffering=0, opener=private) as file:
                size = await self._write(pieces, file)
            if not size:
                refuse(EMPTY)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            self._coming -= 1
        return StoredUpload(path, called(name), size)

    def keep(self, content: BinaryIO, name: str) -> StoredUpload:
        """Keep what is read from somewhere else. Raises `TooLarge`, `StoreFull`."""
        path = self.folder / secrets.token_hex(8)
        try:
            with explained(self._root), open(path, "xb", opener=private) as file:
                while piece := content.read(PART):
                    file.write(piece)
                    self._refuse_size(file.tell())
            return StoredUpload(path, called(name), path.stat().st_size)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def close(self, needed: frozenset[str] = frozenset()) -> None:
        """Delete everything but what jobs still need, which the next console has."""
        for one in self.folder.iterdir():
            if one.name not in needed and one.name != LOCK:
                one.unlink(missing_ok=True)
        self._lock.release()
        if not any(one.name in needed for one in self.folder.iterdir()):
            shutil.rmtree(self.folder, ignore_errors=True)

    async def _write(self, pieces: AsyncIterator[bytes], file: BinaryIO) -> int:
        """Write what comes, a part at a time; gives how much it was."""
        size, held = 0, bytearray()
        async for piece in _moving(pieces):
            size += len(piece)
            self._refuse_size(size)
            held += piece
            if len(held) >= PART:
                await run_in_threadpool(_all, file, bytes(held))
                held.clear()
        await run_in_threadpool(_all, file, bytes(held))
        return size

    def _refuse_early(self, length: int | None) -> None:
        self._refuse_size(length or 0)
        if self._coming >= AT_ONCE:
            raise TooMany(Refusal(reason(TOO_MANY_AT_ONCE, count=self._coming)), 30)
        if (length or 0) + SPARE > shutil.disk_usage(self.folder).free:
            raise StoreFull(f"{self._root}: the disk has no room for this file; nothing of it was kept")

    def _refuse_size(self, size: int) -> None:
        if size > self._most:
            raise TooLarge(reason(TOO_LARGE, most=self._most >> 20))


class Parts:
    """A form in several parts, read as it comes: first its fields, then the bytes of its one file.

    Attributes:
        name: of the file; None until it begins.
    """

    def __init__(self, pieces: AsyncIterator[bytes], type_: str) -> None:
        kind, options = parse_options_header(type_)
        if kind != b"multipart/form-data" or b"boundary" not in options:
            refuse(NO_FORM, problem="multipart/form-data")
        self.name: str | None = None
        self._pieces, self._fields, self._size = pieces, _Fields(), 0
        self._header, self._headers, self._field = b"", dict[bytes, bytes](), ""
        self._value, self._held, self._ready = b"", bytearray(), list[bytes]()
        self._taking, self._ended, self._whole = False, False, False
        self._parser = MultipartParser(options[b"boundary"], self._callbacks())

    async def fields(self) -> _Fields:
        """The fields that stand before the file. Raises `Refusal` where it is no such form."""
        while self.name is None and not self._ended:
            await self._more()
        return self._fields

    async def file(self) -> AsyncIterator[bytes]:
        """The bytes of the file. Raises `Refusal` where the form breaks off."""
        while self._ready or not self._ended:
            while self._ready:
                yield self._ready.pop(0)
            await self._more()
        if not self._whole:
            refuse(NO_FORM, problem="…")

    async def _more(self) -> None:
        try:
            piece = await anext(self._pieces)
            self._parser.write(piece)
        except StopAsyncIteration:
            self._ended = True
        except FormParserError as error:
            refuse(NO_FORM, problem=str(error))

    def _callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._known,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._end_all,
        }

    def _begin(self) -> None:
        self._headers, self._held = {}, bytearray()
        self._header, self._value = b"", b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header, self._value = b"", b""

    def _known(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._taking = b"filename" in options and self.name is None
        self._field = (
            ""
            if self._taking or self.name is not None
            else options.get(b"name", b"").decode("utf-8", "replace")
        )
        if self._taking:
            self.name = options[b"filename"].decode("utf-8", "replace")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._taking:
            self._ready.append(data[start:end])
        if not self._field:
            return  # a second file, or what stands behind the first
        self._count(end - start)
        self._held += data[start:end]

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > FORM:
            refuse(NO_FORM, problem=f"> {FORM} B")

    def _end(self) -> None:
        if self._field:
            value = bytes(self._held).decode("utf-8", "replace").replace("\r\n", "\n")
            self._fields.setdefault(self._field, []).append(value)
        self._taking = False

    def _end_all(self) -> None:
        self._whole = True


def called(name: str) -> str:
    """A file's name without folders, without signs that cannot be seen, and not too long.

    A `!` would say that it lies in an archive, so it does not stay either.
    """
    last = re.split(r"[/\\]", name)[-1]
    text = "".join("_" if unicodedata.category(c)[0] == "C" or c == "!" else c for c in last).strip()
    if text in ("", ".", ".."):
        return "upload"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 41]}…{text[-40:]}"


def length_of(headers: Mapping[str, str]) -> int | None:
    """How long a body says that it is; None where it does not."""
    said = headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() else None


async def _moving(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces. Raises `Stalled` where the next does not come in time."""
    while True:
        try:
            async with asyncio.timeout(STALLS):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Stalled(reason(STALLED, seconds=int(STALLS))) from None
        yield piece


def _all(file: BinaryIO, data: bytes) -> None:
    """Write all of it: an unbuffered file may take a part."""
    rest = memoryview(data)
    while len(rest):
        rest = rest[file.write(rest) :]


def _sweep(left: Path, into: Path, needed: frozenset[str]) -> None:
    """Delete what another console has left, unless it lives; what jobs still need is moved."""
    if left.is_dir() and left != into:
        try:
            lock = WriterLock(left)
        except FloorBusy:
            return
        for one in left.iterdir():
            if one.name in needed:
                one.replace(into / one.name)
        lock.release()
        shutil.rmtree(left, ignore_errors=True)
