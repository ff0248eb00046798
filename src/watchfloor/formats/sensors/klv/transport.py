"""The KLV of an MPEG transport stream: what video files of aircraft carry beside the picture (MISB ST 1402).

stanag4609 takes the stream apart. The KLV of each elementary stream is put together again, so that a locator
in it is `pid 497, bytes 120-241`: the bytes as they follow one another in that stream.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple

from watchfloor.formats import byte_ranges
from watchfloor.formats.sensors.klv.library import Library

SYNC: Final = 0x47
PACKET: Final = 188
_CHUNK: Final = PACKET * 64
"""Bytes that are lost at most beside damaged ones."""
_PLACE: Final = re.compile(r"pid (\d+), (bytes \d+-\d+)")


class Carried(NamedTuple):
    """KLV of one elementary stream, as much of it as one access unit holds; or, with `why`, what was lost.

    Of what was lost `data` are the bytes of the transport stream, from `at` on.
    """

    pid: int
    data: bytes
    at: int = 0
    why: str = ""


def is_stream(head: bytes) -> bool:
    """Whether bytes begin as packets of 188 bytes do, as far as they go, up to sixteen of them."""
    return len(head) >= 2 * PACKET and set(head[: 16 * PACKET : PACKET]) == {SYNC}


def carried(stream: BinaryIO, library: Library, start: bytes = b"") -> Iterator[Carried]:
    """The KLV of a transport stream, in its order; a damaged part of it is given as lost.

    Args:
        stream: the file.
        library: what is used of stanag4609.
        start: what was read of it already.
    """
    demuxer, at = library.demuxer(), 0
    while chunk := start[:_CHUNK] or stream.read(_CHUNK):
        start = start[_CHUNK:]
        try:
            found = [one for event in demuxer.feed(chunk) for one in _carried(event, library)]
        except library.errors as error:
            yield Carried(-1, chunk, at, f"the transport stream is damaged here: {error}")
            demuxer = library.demuxer()
        else:
            yield from found
        at += len(chunk)


def piece(stream: BinaryIO, where: str, library: Library) -> bytes | None:
    """The bytes that a locator in a transport stream names; None where there are none."""
    match = _PLACE.fullmatch(where)
    if not match:
        return None
    pid = int(match[1])
    start, end = (int(one) for one in re.findall(r"\d+", match[2]))
    found, at = b"", 0
    for one in carried(stream, library):
        if one.pid == pid:
            found += one.data[max(0, start - at) : max(0, end - at)]
            at += len(one.data)
    return found or None


def locator(pid: int, start: int, end: int) -> str:
    """The locator of bytes of an elementary stream."""
    return f"pid {pid}, {byte_ranges.locator(start, end)}"


def _carried(event: Any, library: Library) -> Iterator[Carried]:
    """The KLV of an event of the demultiplexer, where it is one of KLV."""
    if getattr(event, "klv_carriage", None) is None:
        return
    payload = bytes(event.pes.payload)
    if event.klv_carriage.value == "asynchronous":
        yield Carried(event.pid, payload)
        return
    for cell in library.cells(payload):
        yield Carried(event.pid, bytes(cell.data))
