"""Frames: what a source brought, length and CRC-32 before it, so that a torn end is told from a whole one.

The log of the live floor and the deliveries that it is rolled into (`sensors.capture`) are made of them.
Little endian. A head of 24 bytes, then the payload:

    0  uint32   bytes of the payload
    4  uint32   CRC-32 of the rest of the head and the payload (ISO-HDLC, as zlib's)
    8  uint8    what it is
    9  uint8    0
    10 uint16   number of the source
    12 uint32   number of the connection
    16 int64    when it was received, microseconds since 1970

The payload of messages: their number, how many were dropped because they repeat one of moments before, how
many were lost before they could be taken, the size of the cursor (four uint32); when each was received
(int64); its size (uint32); the cursor, which says where the source is to go on; the messages; where rows are
refused for it, by how much they may have been observed after their receipt (int64).
"""

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple
from zlib import crc32

import numpy as np

MESSAGES: Final = 1
CLOSED: Final = 2
"""A connection ended; the payload is what it left unfinished."""
ROWS: Final = 3
"""Rows as they were read, an Arrow stream; `source` is the number of their kind."""
MARK: Final = 4
"""All before it belongs together; whatever comes later is received later."""
REFUSED: Final = 5
"""Messages that were not accepted, as the other side was told; the payload is JSON, pairs of why and what."""
REDACTED: Final = 6
"""What is left of messages of which some rows may not be kept (`formats.redacted`)."""
TOLD: Final = 7
"""Rows that no message holds, such as that a sensor fell silent; the payload as of `REDACTED`."""

HEAD: Final = struct.Struct("<IIBBHIq")
_COUNTS: Final = struct.Struct("<IIII")
_AHEAD: Final = struct.Struct("<q")
MOST: Final = 1 << 28
"""Bytes of a payload; more is a torn or foreign head."""


class Frame(NamedTuple):
    """A frame; `end` is where the next begins."""

    what: int
    source: int
    channel: int
    stamp: int
    payload: memoryview
    end: int


class Messages(NamedTuple):
    """Messages that one connection brought in a while.

    Attributes:
        messages: whole messages, in their order.
        received: when each was, microseconds since 1970, rising.
        repeated: how many more came that repeat one of moments before, byte for byte.
        lost: how many more there were that could not be taken in.
        cursor: where the source is to go on after them; empty where it keeps no place.
        ahead: microseconds after its receipt beyond which a row is refused; None: none is.
    """

    messages: Sequence[bytes]
    received: Sequence[int]
    repeated: int = 0
    lost: int = 0
    cursor: bytes = b""
    ahead: int | None = None


def pack(what: int, source: int, channel: int, stamp: int, payload: bytes) -> bytes:
    """A frame as bytes."""
    rest = HEAD.pack(0, 0, what, 0, source, channel, stamp)[8:]
    check = crc32(payload, crc32(rest))
    return struct.pack("<II", len(payload), check) + rest + payload


def unpack(data: memoryview, at: int = 0) -> Frame | None:
    """The frame that begins there; None where it is torn, or there is none."""
    if at + HEAD.size > len(data):
        return None
    size, check, what, _, source, channel, stamp = HEAD.unpack_from(data, at)
    end = at + HEAD.size + size
    if size > MOST or end > len(data) or crc32(data[at + 8 : end]) != check:
        return None
    return Frame(what, source, channel, stamp, data[at + HEAD.size : end], end)


def pack_messages(source: int, channel: int, heard: Messages) -> bytes:
    """Messages as a frame, received when the first of them was; 0 where there is none."""
    sizes = np.fromiter(map(len, heard.messages), "<u4", len(heard.messages))
    payload = b"".join(
        (
            _COUNTS.pack(len(sizes), heard.repeated, heard.lost, len(heard.cursor)),
            np.asarray(heard.received, "<i8").tobytes(),
            sizes.tobytes(),
            heard.cursor,
            *heard.messages,
            b"" if heard.ahead is None else _AHEAD.pack(heard.ahead),
        )
    )
    return pack(MESSAGES, source, channel, heard.received[0] if len(sizes) else 0, payload)


def unpack_messages(payload: memoryview) -> Messages:
    """The messages of a frame that `unpack` found whole."""
    count, repeated, lost, size = _COUNTS.unpack_from(payload)
    at = _COUNTS.size
    received = np.frombuffer(payload, "<i8", count, at).tolist()
    sizes = np.frombuffer(payload, "<u4", count, at + 8 * count).tolist()
    at += 12 * count
    cursor = bytes(payload[at : at + size])
    at += size
    messages = []
    for one in sizes:
        messages.append(bytes(payload[at : at + one]))
        at += one
    ahead = _AHEAD.unpack_from(payload, at)[0] if at < len(payload) else None
    return Messages(messages, received, repeated, lost, cursor, ahead)
