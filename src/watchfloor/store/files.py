"""Durable, immutable files, in the floor's folder or on its server, and where one is broken.

A file counts only once the catalogue names it, so a crash leaves at worst a file that nobody names. Each
block of `BLOCK` bytes has a CRC-32 in the catalogue: it finds the block that rotted, and for a single
flipped bit the very byte. Against a forger it is no help; that is the work of the leaves and of the
deliveries' SHA-256.
"""

import logging
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from struct import Struct
from typing import BinaryIO, Final, NamedTuple
from zlib import crc32

from watchfloor.store.database import PART
from watchfloor.store.errors import Damaged
from watchfloor.store.server.place import contents

BLOCK: Final = 1 << 16
MISSING: Final = "the file is missing"
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
"""Mode bits of a POSIX system for everybody but the owner."""
FOLDERS: Final = ("blobs", "segments", "derived", "ids")
CONSOLE: Final = "console.sqlite"
"""Where a console keeps who may sign in."""
PERSONAL: Final = "personal.sqlite"
"""What people keep for themselves: saved views."""
JOBS: Final = "jobs.sqlite"
"""Where consoles keep their jobs; a backup has none."""
UPLOADS: Final = "uploads"
"""Where a console keeps files while they are worked on: nobody's evidence, and gone with job or console."""
MEMO: Final = "memo"
"""What reruns of desks need not find out again (`run.memo`): derived, and made again where it is missing."""
UPKEEP: Final = "upkeep"
"""The lock of who keeps the floor up by its schedule."""
SHELVES: Final = "shelves"
"""What partners may pull; derived from the log, and published again where it is missing."""
SHARED: Final = "shared"
"""Keys of the copies of data files on a cluster's shared location, see `copy_key`."""


_log = logging.getLogger(__name__)


class Stored(NamedTuple):
    """A durable file: path within the floor (with slashes), bytes, CRC-32 of each block (little endian)."""

    path: str
    size: int
    checks: bytes


class Break(NamedTuple):
    """The first place where a file is not what was stored: bytes `start` up to `end`, and what is wrong."""

    start: int
    end: int
    what: str


def new(root: Path, path: str) -> Path:
    """Where to write a new file; its folder is made where it is missing."""
    place = root / path
    if not place.parent.is_dir():
        make_folder(place.parent)
        sync_folder(place.parent.parent)
    return place


def make_folder(place: Path) -> None:
    """Make a folder that its owner alone may enter, and those above it that are missing."""
    if not place.is_dir():
        make_folder(place.parent)
        place.mkdir(mode=0o700, exist_ok=True)


def private(path: str | Path, flags: int) -> int:
    """Open a file, as an `opener`; a new one is its owner's alone, whatever the umask."""
    return os.open(path, flags, 0o600)


def exposed(root: Path) -> int:
    """Return the mode of a floor's folder that lets other accounts of the machine in; 0 where it lets none.

    Windows has no modes: there a folder inherits who may enter it from the one above.
    """
    mode = stat.S_IMODE(root.stat().st_mode)
    return mode if mode & OTHERS and sys.platform != "win32" else 0


def close_to_others(root: Path) -> None:
    """Take a floor's folder, which an older version or a copy may have left open, from other accounts.

    The folder comes first: once it is closed, nobody can reach what lies in it.
    """
    if not (mode := exposed(root)):
        return
    try:
        root.chmod(0o700)
        for place in root.rglob("*"):
            if not place.is_symlink():
                place.chmod(stat.S_IMODE(place.stat().st_mode) & ~OTHERS)
    except OSError:  # somebody else's folder or file, or a disk that cannot be written to
        pass
    if exposed(root):
        _log.warning(
            "%s is open to other accounts of this machine (mode %03o). Its owner must run: chmod -R go= %s",
            *(root, mode, root),
        )
    else:
        _log.warning(
            "%s was open to other accounts of this machine (mode %03o) and is closed to them now. If others "
            "use the machine, assume that they have read it, its keys and the hashes of its passwords.",
            *(root, mode),
        )


def sync_folder(folder: Path) -> None:
    """A new name is durable only when its folder is; Windows does that by itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unique() -> str:
    """A name that no other file has."""
    return os.urandom(8).hex()


def store(root: Path, path: str, data: bytes | memoryview) -> Stored:
    """Write a new file and make it durable."""
    if (server := contents(root)) is not None:
        server.write(path, _cut(data, PART))
    else:
        _write(new(root, path), data)
    return Stored(path, len(data), b"".join(_checks(data)))


def seal(root: Path, written: Path, path: str) -> Stored:
    """Make a file that was written elsewhere in the floor's folder durable under its final name."""
    with written.open("rb+") as file:
        _keep_private(file)
        os.fsync(file.fileno())
        checks = b"".join(check for block in _blocks(file) for check in _checks(block))
        size = file.tell()
    if (server := contents(root)) is not None:
        with written.open("rb") as file:
            server.write(path, [b""] if not size else iter(lambda: file.read(PART), b""))
        written.unlink()
    else:
        place = new(root, path)
        written.replace(place)
        _named(place)
    return Stored(path, size, checks)


def settle(root: Path, written: Path, name: str) -> None:
    """Make a file of the folder itself, such as its settings, durable under its final name."""
    with written.open("rb+") as file:
        _keep_private(file)
        os.fsync(file.fileno())
    written.replace(root / name)
    sync_folder(root)


class CopyKey(NamedTuple):
    """The key of a data file's copies on a shared location: how many pieces, of how many rows each."""

    key: bytes
    pieces: int
    rows: int


def copy_key(root: Path, path: str, count: Callable[[], int], most: int) -> CopyKey | None:
    """Return the key of a file's copies, made where it has none; None for a floor that lies on a server.

    It is on this machine alone, in no backup, and goes with the file: what an erasure or an expiry rewrites
    has another name and another key, and nobody can read the copies of before, wherever they still lie.

    Args:
        root: the floor's folder.
        path: of the file.
        count: gives the number of its rows.
        most: rows of a piece.
    """
    if contents(root) is not None:  # another machine may erase, and could not reach a key here
        return None
    place = _copy_key(root, path)
    if not place.exists():
        made = CopyKey(os.urandom(32), max(1, -(-count() // most)), most)
        written = new(root, f"{SHARED}/{path}.{unique()}")
        with open(written, "xb", opener=private) as file:
            file.write(_COPY_KEY.pack(*made))
        written.replace(place)
    return CopyKey(*_COPY_KEY.unpack(place.read_bytes()))


def copy_keys(root: Path) -> Iterator[CopyKey]:
    """Yield the keys of all copies."""
    for place in (root / SHARED).rglob("*.key"):
        yield CopyKey(*_COPY_KEY.unpack(place.read_bytes()))


def _copy_key(root: Path, path: str) -> Path:
    return root / SHARED / f"{path}.key"


_COPY_KEY: Final = Struct("<32sII")


def forget(root: Path) -> None:
    """Take away what reruns have kept by the way: what is erased may be in it."""
    for place in (root / MEMO).glob("*"):
        place.unlink(missing_ok=True)


def discard(root: Path, path: str) -> bool:
    """Delete a file; false where a reader on Windows still holds it (the next writer sweeps it).

    The key of its copies goes first, so that no copy can outlive it.
    """
    _copy_key(root, path).unlink(missing_ok=True)
    if (server := contents(root)) is not None:
        server.remove(path)
    try:
        (root / path).unlink(missing_ok=True)
    except PermissionError:
        return False
    return True


def named(root: Path, path: str) -> bool:
    """Whether a file of that name counts; for the writer, who has swept what was left in the folder."""
    server = contents(root)
    return (root / path).exists() if server is None else server.named(path)


def present(root: Path) -> Iterator[str]:
    """Paths of the data files of a floor, with slashes; on a server also of local copies."""
    if (server := contents(root)) is not None:
        yield from server.paths()
    for folder in FOLDERS:
        for place in (root / folder).rglob("*"):
            if place.is_file():
                yield place.relative_to(root).as_posix()


def parts(root: Path, stored: Stored) -> Iterator[bytes]:
    """The bytes of a file in parts of `PART`, at least one. Raises `FileNotFoundError` where it is gone."""
    with open_(root, stored.path) as file:
        yield file.read(PART)
        yield from iter(lambda: file.read(PART), b"")


def copy_in(root: Path, path: str, parts: Iterable[bytes]) -> None:
    """Write a file of another floor into this one's folder, durable on return."""
    with open(new(root, path), "xb", opener=private) as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
    sync_folder((root / path).parent)


def open_(root: Path, path: str) -> BinaryIO:
    """A file to be read from its start, unchecked. Raises `FileNotFoundError` where it is gone."""
    server = contents(root)
    return (root / path).open("rb") if server is None else server.open_(path)


def piece(root: Path, path: str, start: int, size: int) -> bytes:
    """Some bytes of a file, unchecked; fewer where it ends before."""
    if (server := contents(root)) is not None:
        return server.piece(path, start, size)
    with (root / path).open("rb") as file:
        file.seek(start)
        return file.read(size)


def local(root: Path, stored: Stored) -> Path:
    """A file to be mapped into memory; of one on a server a copy, which is made where it is missing.

    Raises:
        Damaged: what the server holds is not what was stored.
    """
    place = root / stored.path
    if contents(root) is not None and not place.exists():
        copy = new(root, f"{stored.path}.{unique()}")
        with open(copy, "xb", opener=private) as file:
            file.write(read(root, stored))
        copy.replace(place)
    return place


def read(root: Path, stored: Stored) -> bytes:
    """A whole file, after a look at its checks, so that a rotten one is never taken for evidence.

    Raises:
        Damaged: it is not what was stored; the message names the byte.
        FileNotFoundError: it is gone.
    """
    with open_(root, stored.path) as file:
        data = file.read()
    if b"".join(_checks(data)) != stored.checks and (found := find_break(root, stored)):
        raise Damaged(f"{stored.path} is broken at byte {found.start}: {found.what}. Restore a backup.")
    return data


def find_break(root: Path, stored: Stored) -> Break | None:
    """The first place where the file differs from what was stored, or None."""
    size, first = 0, None
    try:
        with open_(root, stored.path) as file:
            for number, block in enumerate(_blocks(file)):
                size += len(block)
                check = stored.checks[4 * number : 4 * number + 4]
                if first is None and check != crc32(block).to_bytes(4, "little"):
                    first = block, number, check
    except FileNotFoundError:
        return Break(0, stored.size, MISSING)
    except OSError as error:
        return Break(0, stored.size, f"the file cannot be read: {error.strerror or error}")
    if first is not None:
        return _in_block(*first, stored.size, size)
    return None if size == stored.size else _wrong_size(stored.size, size)


def flipped_bit(block: bytes, check: int) -> int | None:
    """The one bit of `block`, counted from its start, whose flip gives it that CRC-32; None where none does.

    CRC-32 is linear: a flipped bit changes it by a value that depends on the bit's distance from the end
    alone, and those values are all different in blocks far longer than ours.
    """
    wanted = crc32(block) ^ check
    effect = 0xEDB88320  # of the last bit, IEEE 802.3 reflected polynomial
    for distance in range(8 * len(block)):
        if effect == wanted:
            return 8 * len(block) - 1 - distance
        effect = effect >> 1 ^ 0xEDB88320 if effect & 1 else effect >> 1
    return None


def _in_block(block: bytes, number: int, check: bytes, expected: int, size: int) -> Break:
    start = number * BLOCK
    if size != expected and start + BLOCK > min(size, expected):
        return _wrong_size(expected, size)
    bit = flipped_bit(block, int.from_bytes(check, "little"))
    if bit is None:
        return Break(start, start + len(block), "these bytes are not the ones that were written")
    return Break(start + bit // 8, start + bit // 8 + 1, "one bit of this byte is flipped")


def _wrong_size(expected: int, size: int) -> Break:
    word = "ends too early" if size < expected else "goes on too long"
    return Break(min(size, expected), max(size, expected), f"the file {word}: {size} bytes, not {expected}")


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.read(BLOCK), b"")


def _checks(data: bytes | memoryview) -> Iterator[bytes]:
    return (crc32(block).to_bytes(4, "little") for block in _cut(data, BLOCK) if len(block))


def _cut(data: bytes | memoryview, size: int) -> Iterator[memoryview]:
    """Pieces of that size; one, of nothing, where there is nothing."""
    view = memoryview(data)
    return (view[at : at + size] for at in range(0, max(len(view), 1), size))


def _write(place: Path, data: bytes | memoryview) -> None:
    with open(place, "xb", opener=private) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(place.parent)


def _keep_private(file: BinaryIO) -> None:
    if sys.platform != "win32":
        os.fchmod(file.fileno(), 0o600)


def _named(place: Path) -> None:
    try:
        sync_folder(place.parent)
    except OSError:
        place.unlink()
        raise
