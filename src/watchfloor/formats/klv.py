"""Metadata of aircraft video in KLV: the UAS Datalink Local Set of MISB ST 0601, with its targets (ST 0903).

A file is a stream of KLV packets, or an MPEG transport stream that carries them. A packet gives a row of
coverage, which says where the sensor looked, and a detection for each target that was seen and placed.
The fields are read by stanag4609 (ST 0601.19, ST 0903.6); what they mean is in `klv_items`, and which packets
are used at all in `klv_stream`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import BinaryIO, Final

from watchfloor.formats import byte_ranges, klv_transport
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.blocks import MAX_RAW
from watchfloor.formats.klv_items import NoRow, rows
from watchfloor.formats.klv_library import library
from watchfloor.formats.klv_stream import KEY, PREFIX, UAS, Piece, pieces
from watchfloor.formats.sensor_rows import Found, Row, moment
from watchfloor.records.kinds import COVERAGE, DETECTION

NAME: Final = "klv"
_AT_ONCE: Final = 1 << 18
_LOOK: Final = 1 << 16
"""Bytes in which a stream must have its first key."""

Where = Callable[[int, int], str]
"""The locator of bytes from the first place up to, but without, the second."""


class Reader:
    """Reads the packets of one stream in their order.

    Args:
        where: makes locators.

    Raises:
        FormatError: stanag4609 is not installed.
    """

    def __init__(self, where: Where = byte_ranges.locator) -> None:
        self._library, self._where = library(), where
        self._buffer, self._at = b"", 0
        self._rows: dict[str, list[Row]] = {COVERAGE.name: [], DETECTION.name: []}
        self._received: datetime | None = None
        self._faults: list[Fault] = []
        self._once: dict[str, tuple[Fault, int]] = {}

    def take(self, data: bytes, *, final: bool, received_at: int | None = None) -> None:
        """Read the packets that are whole now.

        Args:
            data: what follows in the stream.
            final: whether nothing follows it.
            received_at: when it was received, microseconds since 1970.
        """
        self._received = None if received_at is None else moment(received_at)
        self._buffer += data
        used = 0
        for piece in pieces(self._buffer, final=final):
            self._piece(piece, self._buffer[piece.start : piece.end])
            used = piece.end
        self._buffer, self._at = self._buffer[used:], self._at + used

    def found(self) -> Found:
        """The rows and faults of what was taken since this was last called."""
        told = Found(self._rows, self._faults)
        self._rows, self._faults = {COVERAGE.name: [], DETECTION.name: []}, []
        return told

    def told_once(self) -> Iterator[Fault]:
        """A fault for each sort of packet that is not read, and for each field that could not be."""
        for _, (first, times) in sorted(self._once.items()):
            more = f", here and in {times - 1:,} packets more" if times > 1 else ""
            yield replace(first, reason=first.reason + more)
        self._once.clear()

    def _piece(self, piece: Piece, raw: bytes) -> None:
        where = self._where(self._at + piece.start, self._at + piece.end)
        if piece.why:
            self._faults.append(Fault(where, piece.why, raw[:MAX_RAW], rest=piece.cut))
        elif raw[:KEY] != UAS:
            why = f"a KLV packet of the key {raw[:KEY].hex()} is not read here"
            self._tell_once(why, Fault(where, why, raw[:MAX_RAW]))
        else:
            self._packet(raw, piece.value - piece.start, where)

    def _packet(self, raw: bytes, value: int, where: str) -> None:
        try:
            packet = self._library.decode(raw[:KEY], raw[KEY:value], raw[value:])
            coverage, found = rows(packet, self._library.placed)
        except NoRow as error:
            self._faults.append(Fault(where, str(error), raw[:MAX_RAW]))
            return
        except self._library.errors as error:
            self._faults.append(Fault(where, f"the KLV packet cannot be read: {error}", raw[:MAX_RAW]))
            return
        for issue in packet.issues:
            why = f"a field of the KLV packet was left out: {issue.message}"
            self._tell_once(f"tag {issue.tag}", Fault(where, why, raw[:MAX_RAW], partly=True))
        both = {"locator": where, "received_at": self._received}
        self._rows[COVERAGE.name].append(coverage | both)
        self._rows[DETECTION.name].extend(one | both for one in found)

    def _tell_once(self, of: str, fault: Fault) -> None:
        """Keep the first fault of many of one sort, and count them."""
        first, times = self._once.get(of, (fault, 0))
        self._once[of] = first, times + 1


def sniff(head: Head) -> float:
    """Sure where the file starts with a key; less where ours stands in it, or it is a transport stream."""
    if klv_transport.is_stream(head.data):
        return 0.6
    if UAS in head.data[:_LOOK]:
        return 0.95 if head.data.startswith(PREFIX) else 0.5
    return 0.0


def decode(data: bytes, received_at: int) -> list[Batch | Fault]:
    """Rows and faults of one message of whole packets, such as a datagram, that was received just now.

    Raises:
        FormatError: stanag4609 is not installed.
    """
    reader = Reader()
    reader.take(data, final=True, received_at=received_at)
    return [*reader.found().pieces(), *reader.told_once()]


def whole(data: bytes) -> int:
    """How many of the first bytes of a stream are whole packets, or lie between them."""
    return max((piece.end for piece in pieces(data, final=False)), default=0)


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows and faults of a file of KLV packets, or of a transport stream that carries them.

    Raises:
        FormatError: it is neither, a transport stream has no KLV, or stanag4609 is not installed.
    """
    start = stream.read(_AT_ONCE)
    if klv_transport.is_stream(start):
        yield from _transported(stream, start, name)
        return
    if PREFIX not in start[:_LOOK]:
        raise FormatError(f"{name} is no file of KLV: there is no key in its first {_LOOK:,} bytes")
    reader, data = Reader(), start
    while data:
        more = stream.read(_AT_ONCE)
        reader.take(data, final=not more)
        yield from reader.found().pieces()
        data = more
    yield from reader.told_once()


def piece(stream: BinaryIO, where: str) -> bytes | None:
    """The bytes that a locator names, in the file or in an elementary stream that it carries."""
    return byte_ranges.piece(stream, where) or _in_transport(stream, where)


def _in_transport(stream: BinaryIO, where: str) -> bytes | None:
    try:
        return klv_transport.piece(stream, where, library())
    except FormatError:
        return None


def _transported(stream: BinaryIO, start: bytes, name: str) -> Iterator[Batch | Fault]:
    """Rows and faults of what a transport stream carries, each elementary stream by itself."""
    readers: dict[int, Reader] = {}
    lost = False
    for one in klv_transport.carried(stream, library(), start):
        if one.why:
            lost = True
            yield Fault(byte_ranges.locator(one.at, one.at + len(one.data)), one.why, one.data[:MAX_RAW])
            continue
        reader = readers.setdefault(one.pid, Reader(partial(klv_transport.locator, one.pid)))
        reader.take(one.data, final=False)
        yield from reader.found().pieces()
    for _, reader in sorted(readers.items()):
        reader.take(b"", final=True)
        yield from reader.found().pieces()
        yield from reader.told_once()
    if not readers and not lost:
        raise FormatError(f"{name} is an MPEG transport stream without KLV metadata")


FORMAT: Final = Format(NAME, (COVERAGE.name, DETECTION.name), sniff, read, piece=piece)
