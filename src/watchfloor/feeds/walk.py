"""Walk some paths for deliveries: files, files of folders, members of archives.

Folders are walked in sorted order. A gzip file stands for what it holds; the members of a zip archive are
deliveries of their own, named `archive.zip!member`; an archive in an archive is opened once and no deeper.
A STAC item and the files of its scene are one delivery (`scene_folders`).
What cannot be delivered is said and not skipped in silence.
"""

import errno
import os
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from itertools import pairwise
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import BinaryIO, Final

from watchfloor.feeds.scene_folders import Scene, packed, scene
from watchfloor.feeds.streams import Budget, Changed, Gunzip, Stream, Unreadable
from watchfloor.store.database import SETTINGS as FLOOR

GZIP: Final = b"\x1f\x8b"
ZIP: Final = b"PK\x03\x04"
EMPTY_ZIP: Final = b"PK\x05\x06"
HEADER: Final = 30
"""Bytes that stand before a member at least: APPNOTE 6.3.10, 4.3.7."""
MAX_DEPTH: Final = 2
MAX_MEMBERS: Final = 100_000

DAMAGED: Final = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    IndexError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
)
"""What the standard library raises for an archive, or a member of one, that is damaged or made up."""

SYSTEM_FILES: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "ehthumbs.db"})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to deliver.

    Attributes:
        name: as the log has it: the path, and `!member` for each archive it is in.
        file: the name of the innermost file, without folders and without `.gz`, by which formats know it.
        open: its bytes, from the start each time.
    """

    name: str
    file: str
    open: Callable[[], AbstractContextManager[Stream]]


@dataclass(frozen=True, slots=True)
class Aside:
    """Something that is not delivered, and why.

    Attributes:
        name: of the file or folder.
        reason: why, and what to type about it.
        harmless: what a desktop leaves in folders, and the like.
        why: the reason alone, for who types no commands.
    """

    name: str
    reason: str
    harmless: bool = False
    why: str = ""


def walk(paths: Iterable[Path]) -> Iterator[Item | Aside]:
    """Everything under `paths`; each item must be read before the next is asked for."""
    for path in paths:
        yield from _path(path, frozenset(), frozenset())


def one_file(path: Path, name: str) -> Iterator[Item | Aside]:
    """Yield the deliveries in a file that is called otherwise than it lies on this disk."""
    yield from _file(path, name)


def in_memory(name: str, file: str, data: bytes) -> Item:
    """Return a delivery of bytes that are in memory."""
    return Item(name, file, lambda: _Held(data))


class _Held(BytesIO):
    """Bytes to be delivered, which nobody else can write to."""

    damage = ""

    def check(self) -> None:
        """Find nothing changed."""


def shown(path: str | os.PathLike[str]) -> str:
    """A path as text for people and logs, with `/`; bytes that are no UTF-8 come out as `\\xe9`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace").replace(os.sep, "/")


def _path(path: Path, above: frozenset[str], named: frozenset[str]) -> Iterator[Item | Aside]:
    """Yield the deliveries at a path; `named` are files that belong to scenes, which are no deliveries."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        yield Aside(shown(path), _unreachable(path, error))
        return
    if stat.S_ISDIR(mode):
        yield from _folder(path, above, named)
    elif stat.S_ISREG(mode):
        if one := scene(path):
            yield _scene(one)
        elif os.path.realpath(path) not in named:
            yield from _file(path, shown(path))
    else:
        yield Aside(shown(path), "is no file but a device, a pipe or a socket")


def _folder(folder: Path, above: frozenset[str], named: frozenset[str]) -> Iterator[Item | Aside]:
    real = os.path.realpath(folder)
    if real in above:
        yield Aside(shown(folder), "is a link to a folder that it lies in", harmless=True)
        return
    if (folder / FLOOR).is_file():
        yield Aside(shown(folder), "is a floor; what it holds was delivered already", harmless=True)
        return
    try:
        entries = sorted(folder.iterdir(), key=os.fsencode)
    except OSError as error:
        yield Aside(shown(folder), f"cannot be listed: {error.strerror or error}")
        return
    if not entries:
        yield Aside(shown(folder), "is an empty folder", harmless=True)
    scenes = filter(None, map(scene, entries))
    named |= {os.path.realpath(file) for one in scenes for file in one.files.values()}
    for entry in entries:
        yield from _path(entry, above | {real}, named)


def _scene(one: Scene) -> Item | Aside:
    """Return a scene as one delivery."""
    name = shown(one.item)
    if one.collection:
        return Aside(name, "describes a collection of scenes; each of them has an item", harmless=True)
    return Item(name, one.item.name, partial(packed, one, name))


def _file(path: Path, name: str) -> Iterator[Item | Aside]:
    if _is_left_by_desktop(name):
        yield Aside(name, "is left by a desktop and no delivery", harmless=True)
        return

    @contextmanager
    def opened() -> Iterator[Stream]:
        with path.open("rb") as file:
            yield _Steady(file, name)

    try:
        size = path.stat().st_size
        yield from _unpacked(Item(name, PurePosixPath(name).name, opened), Budget(name, size), 0)
    except OSError as error:
        yield Aside(name, f"cannot be read: {error.strerror or error}")


def _unpacked(item: Item, budget: Budget, depth: int) -> Iterator[Item | Aside]:
    """The item itself, or what is in it where it is an archive."""
    try:
        with item.open() as stream:
            start = stream.read(4)
        packed = start.startswith((GZIP, ZIP, EMPTY_ZIP))
        if packed and depth == MAX_DEPTH:
            yield Aside(item.name, f"lies in an archive {MAX_DEPTH} levels deep: unpack it first")
        elif start.startswith(GZIP):
            yield from _unpacked(_gunzipped(item, budget), budget, depth + 1)
        elif start.startswith((ZIP, EMPTY_ZIP)):
            yield from _zip(item, budget, depth)
        else:
            yield item
    except Unreadable as error:
        yield Aside(item.name, str(error))


def _gunzipped(item: Item, budget: Budget) -> Item:
    @contextmanager
    def opened() -> Iterator[Stream]:
        with item.open() as packed:
            yield Gunzip(packed, budget)

    return replace(item, file=item.file.removesuffix(".gz"), open=opened)


def _zip(item: Item, budget: Budget, depth: int) -> Iterator[Item | Aside]:
    with item.open() as stream, _seekable(stream) as file:
        try:
            archive = zipfile.ZipFile(file)
        except DAMAGED as error:
            yield Aside(item.name, f"is a damaged or cut zip archive: {error}")
            return
        with archive:
            if _is_document(archive):
                yield item
                return
            members = sorted(
                (one for one in archive.infolist() if not one.filename.endswith("/")),
                key=lambda one: one.filename,
            )
            if len(members) > MAX_MEMBERS:
                yield Aside(
                    item.name, f"holds {len(members):,} files, more than {MAX_MEMBERS:,}: unpack it first"
                )
                return
            if not members:
                yield Aside(item.name, "is an empty archive", harmless=True)
            overlapping = _overlapping(archive)
            for member in members:
                if member.header_offset in overlapping:
                    yield Aside(f"{item.name}!{shown(member.filename)}", "overlaps what comes behind it")
                else:
                    yield from _member(item, archive, member, budget, depth)


def _overlapping(archive: zipfile.ZipFile) -> set[int]:
    """Where members begin that reach into what follows them, so that their sum is as large as one likes."""
    members = archive.infolist()
    places = [(one.header_offset, one.header_offset + HEADER + one.compress_size) for one in members]
    ordered = sorted([*places, (archive.start_dir, archive.start_dir)])
    return {start for (start, end), (following, _) in pairwise(ordered) if following < end}


def _member(
    item: Item, archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget, depth: int
) -> Iterator[Item | Aside]:
    name = f"{item.name}!{shown(member.filename) or 'without a name'}"
    if _is_left_by_desktop(name):
        yield Aside(name, "is left by a desktop and no delivery", harmless=True)
        return
    if member.flag_bits & 1:
        yield Aside(name, "is protected by a password: unpack it first")
        return

    @contextmanager
    def opened() -> Iterator[Stream]:
        try:
            with warnings.catch_warnings():
                # since 3.13, of members that lie in one place: the budget bounds what they unpack to
                warnings.filterwarnings("ignore", "Overlapped entries", UserWarning)
                file = archive.open(member)
        except DAMAGED as error:
            raise Unreadable(f"cannot be unpacked: {error}") from error
        with file:
            yield budget.limit(file)

    yield from _unpacked(Item(name, PurePosixPath(member.filename).name, opened), budget, depth + 1)


@contextmanager
def _seekable(stream: Stream) -> Iterator[BinaryIO]:
    """The stream itself where it can seek, else a copy that can."""
    if isinstance(stream, _Steady):
        yield stream.file
        return
    with TemporaryFile() as copy:
        while chunk := stream.read(1 << 20):
            copy.write(chunk)
        copy.seek(0)
        yield copy


class _Steady:
    """A plain file, which must not change between its opening and the end of its reading."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.file = file
        self.damage = ""
        self._name = name
        self._before = self._state()

    def read(self, size: int = -1) -> bytes:
        """As a file's."""
        return self.file.read(size)

    def check(self) -> None:
        """Raise `Changed` where it did."""
        if self._state() != self._before:
            raise Changed.during_reading(self._name)

    def _state(self) -> tuple[int, int]:
        now = os.fstat(self.file.fileno())
        return now.st_size, now.st_mtime_ns


def _is_document(archive: zipfile.ZipFile) -> bool:
    """Whether a zip archive is a spreadsheet or a text of Office Open XML, or of OpenDocument."""
    names = set(archive.namelist())
    if "[Content_Types].xml" in names:
        return any(name.startswith(("xl/", "word/")) for name in names)
    return "mimetype" in names and "content.xml" in names


def _is_left_by_desktop(name: str) -> bool:
    parts = PurePosixPath(name.replace("!", "/")).parts
    last = parts[-1] if parts else ""
    return last in SYSTEM_FILES or "__MACOSX" in parts or last.startswith("~$")


def _unreachable(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "is a link to nothing" if path.is_symlink() else "does not exist"
    if (
        getattr(error, "errno", None) == errno.ELOOP
        or "loop" in str(error).lower()
        or "symbolic" in str(error).lower()
    ):
        return "is a link that leads back to itself"
    return f"cannot be read: {getattr(error, 'strerror', None) or error}"
