"""SQLite's write-ahead log: which pages the commits of a while have changed.

The format is that of https://www.sqlite.org/walformat.html: a header of 32 bytes, then frames of 24 bytes and
a page each. The index beside it (`-shm`) begins with two copies of a header that says how many frames are
committed. A reader's transaction keeps frames from being overwritten that came after it began.
"""

import os
import struct
from pathlib import Path
from typing import Final, NamedTuple

HEADER: Final = 32
FRAME: Final = 24
_INDEX: Final = struct.Struct("=IIIBBHIIII8s8s")
"""Header of the index: version, padding, changes, initialised, big-endian sums, page size, frames, pages,
two sums of the last frame, salts, sums of this header."""


class Committed(NamedTuple):
    """Frames of a write-ahead log that are committed.

    Attributes:
        frames: how many.
        pages: of the database then.
        size: bytes of a page.
        salts: of this pass through the file; it changes when the file is begun anew.
    """

    frames: int
    pages: int
    size: int
    salts: bytes


def committed(catalogue: Path) -> Committed | None:
    """Read what is committed; None where the header is just being written, or there is no write-ahead log."""
    try:
        with Path(f"{catalogue}-shm").open("rb") as file:
            data = file.read(2 * _INDEX.size)
    except FileNotFoundError:
        return None
    if len(data) < 2 * _INDEX.size or data[: _INDEX.size] != data[_INDEX.size :]:
        return None
    _, _, _, initialised, _, size, frames, pages, _, _, salts, _ = _INDEX.unpack_from(data)
    if not initialised:
        return None
    return Committed(frames, pages, size if size > 1 else 1 << 16, salts)


def changed(catalogue: Path, since: int, upto: Committed) -> dict[int, bytes] | None:
    """The pages, by number from 1, that frames after `since` have changed; None where they are gone."""
    found: dict[int, bytes] = {}
    step = FRAME + upto.size
    try:
        with Path(f"{catalogue}-wal").open("rb") as file:
            file.seek(HEADER + since * step)
            for _ in range(since, upto.frames):
                frame = file.read(step)
                if len(frame) < step or frame[8:16] != upto.salts:
                    return None
                found[int.from_bytes(frame[:4], "big")] = frame[FRAME:]
    except FileNotFoundError:
        return None
    return {number: page for number, page in found.items() if number <= upto.pages}


def apply(catalogue: Path, pages: dict[int, bytes], count: int, size: int) -> None:
    """Write pages into a database that nobody has open, durable on return; done twice it is as done once."""
    with catalogue.open("r+b") as file:
        for number, page in sorted(pages.items()):
            file.seek((number - 1) * size)
            file.write(page)
        file.truncate(count * size)
        file.flush()
        os.fsync(file.fileno())
