"""Scenes in folders: a STAC item and the files that lie beside it are one delivery.

An item without its pixels is a description; pixels without it are of nobody knows when. So the two come in
together, as an uncompressed tar archive: `item.json` as it was, then each file that the item names and that
lies in its folder or below it, under the name that the item has for it, in that order. The archive has no
times and no owners, so the same files are the same delivery.
"""

import os
import posixpath
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, NamedTuple

import msgspec

from watchfloor.feeds.streams import Changed

ITEM: Final = "item.json"
"""Name of the first member."""

LONGEST: Final = 4 << 20
"""Bytes of a description; those of a thousand assets have a quarter of that."""
_BLOCK: Final = 512


class _Described(msgspec.Struct):
    """The members that tell an item from other JSON: it is a feature, of a version of STAC."""

    type: str
    stac_version: str
    assets: dict[str, "_Linked"] = {}


class _Linked(msgspec.Struct):
    href: str = ""


class Scene(NamedTuple):
    """A scene in a folder.

    Attributes:
        item: the file that describes it; a collection's has no files.
        files: by the names in the archive, those that lie beside it.
        collection: whether it describes no scene but a catalogue or collection of them.
    """

    item: Path
    files: dict[str, Path]
    collection: bool = False


def scene(path: Path) -> Scene | None:
    """Return the scene, or the collection, that a file describes; None: it is something else."""
    if path.suffix.lower() not in (".json", ".geojson"):
        return None
    try:
        if path.stat().st_size > LONGEST or b'"stac_version"' not in (content := path.read_bytes()):
            return None
        told = msgspec.json.decode(content, type=_Described)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if told.type in ("Catalog", "Collection"):
        return Scene(path, {}, collection=True)
    if told.type != "Feature":
        return None
    found = ((one.href, _beside(path, one.href)) for one in told.assets.values())
    return Scene(path, {href: file for href, file in found if file is not None})


def _beside(item: Path, href: str) -> Path | None:
    """Return the file that an item names, if it lies in its folder or below it: no item reaches elsewhere.

    A file called as the item is in the archive would take its place there, so it stays outside.
    """
    if not href or "://" in href or "\\" in href or PurePosixPath(href).is_absolute() or "\0" in href:
        return None
    if posixpath.normpath(href).lower() == ITEM:
        return None
    folder, file = os.path.realpath(item.parent), os.path.realpath(item.parent / href)
    inside = os.path.commonpath([folder, file]) == folder and file != os.path.realpath(item)
    return Path(file) if inside and Path(file).is_file() else None


@contextmanager
def packed(one: Scene, name: str) -> "Iterator[Archive]":
    """Open a scene as the archive that is delivered under a name."""
    with ExitStack() as stack:
        members = ((ITEM, one.item), *one.files.items())
        yield Archive([(member, stack.enter_context(path.open("rb"))) for member, path in members], name)


class Archive:
    """The bytes of a tar archive of open files, made as they are read; no file may change meanwhile."""

    def __init__(self, members: list[tuple[str, BinaryIO]], name: str) -> None:
        self.damage = ""
        self._name = name
        self._files = [file for _, file in members]
        self._before = self._states()
        sizes = [size for size, _ in self._before]
        self._parts = _parts([(name, file, size) for (name, file), size in zip(members, sizes, strict=True)])
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        """As a file's."""
        found = bytearray(self._rest)
        while size < 0 or len(found) < size:
            part = next(self._parts, b"")
            if not part:
                break
            found += part
        cut = len(found) if size < 0 else size
        self._rest = bytes(found[cut:])
        return bytes(found[:cut])

    def check(self) -> None:
        """Raise `Changed` where somebody wrote to a file since it was opened."""
        if self._states() != self._before:
            raise Changed.during_reading(self._name)

    def _states(self) -> list[tuple[int, int]]:
        found = (os.fstat(file.fileno()) for file in self._files)
        return [(one.st_size, one.st_mtime_ns) for one in found]


def _parts(members: list[tuple[str, BinaryIO, int]]) -> Iterator[bytes]:
    """Yield an archive in pieces: heads without time and owner, contents, and two empty blocks at the end."""
    for name, file, size in members:
        head = tarfile.TarInfo(name)
        head.size = size
        yield head.tobuf(tarfile.PAX_FORMAT)
        left = size
        while left and (chunk := file.read(min(left, 1 << 20))):
            left -= len(chunk)
            yield chunk
        yield bytes(left + -size % _BLOCK)  # a file that was cut meanwhile: `check` says so
    yield bytes(2 * _BLOCK)
