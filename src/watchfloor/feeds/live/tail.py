"""A file that grows: its lines, or messages, as they are written, from where the last run had got to."""

import asyncio
import os
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from watchfloor.feeds.live.source import Source

LOOKS: Final = 0.1
"""Seconds between two looks at whether there is more."""
CHUNK: Final = 1 << 18


class Place(msgspec.Struct, frozen=True):
    """Where reading goes on: which file (its number on the disk), and the byte."""

    file: int
    offset: int


async def follow(source: Source) -> None:
    """Bring what the file has, and what it gets; goes over to another of its name once this one is read.

    A file that became shorter is read from its start.
    """
    path = Path(source.address.path)
    with path.open("rb") as file:
        file.seek(_begin(source, file))
        source.is_("connected")
        rest = b""
        while True:
            await source.room()
            if data := file.read(CHUNK):
                rest = _put(source, file, rest + data)
                await asyncio.sleep(0)
                continue
            if _replaced(path, file):
                _end(source, file, rest)
                return
            if os.fstat(file.fileno()).st_size < file.tell():
                file.seek(0)
                rest = b""
            await asyncio.sleep(LOOKS)


def _begin(source: Source, file: BinaryIO) -> int:
    try:
        place = msgspec.json.decode(source.cursor, type=Place)
    except ValueError:
        return 0
    there = os.fstat(file.fileno())
    return place.offset if place.file == there.st_ino and place.offset <= there.st_size else 0


def _put(source: Source, file: BinaryIO, data: bytes) -> bytes:
    """Bring the whole messages of some bytes; gives the rest."""
    source.heard()
    try:
        end = source.wire.whole(data)
    except ValueError:
        end = len(data)  # its reader says what is wrong with it
    if end:
        source.cursor = msgspec.json.encode(
            Place(os.fstat(file.fileno()).st_ino, file.tell() - len(data) + end)
        )
        source.inbox.put(data[:end], cursor=source.cursor)
    return data[end:]


def _end(source: Source, file: BinaryIO, rest: bytes) -> None:
    """Close a file that is not written to any more, with the bytes behind its last message."""
    source.cursor = msgspec.json.encode(Place(0, 0))
    if rest:
        source.inbox.close(0, rest)
    file.close()


def _replaced(path: Path, file: BinaryIO) -> bool:
    """Whether another file has the name now."""
    try:
        return path.stat().st_ino != os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False
