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
from typing import BinaryIO, Final, NamedTuple

from watchfloor.core.kinds import COVERAGE, DETECTION
from watchfloor.formats import byte_ranges
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.sensors.binary_rows import ReadRows, Row, moment
from watchfloor.formats.sensors.klv import transport
from watchfloor.formats.sensors.klv.items import NoRow, rows
from watchfloor.formats.sensors.klv.library import library
from watchfloor.formats.tabular.blocks import MAX_RAW

# KLV packets of a stream (SMPTE ST 336): where each starts and ends, and whether its checksum holds.
#
# A packet is a key of 16 bytes, a length in BER, and a value. Policy: a packet of MISB ST 0601 whose checksum
# (tag 1, the last item: the sum of 16-bit words from the key on, modulo 65,536) is missing or wrong is kept
# apart whole, and nothing of it is used. Where the key of another one stands inside it, its length was
# damaged: it ends there.


PREFIX: Final = bytes.fromhex("060e2b34")
"""With which every key begins."""
UAS: Final = bytes.fromhex("060e2b34020b01010e01030101000000")
"""Key of the UAS Datalink Local Set (MISB ST 0601)."""
KEY: Final = 16
LONGEST: Final = 1 << 20
"""Bytes of a value; a longer one is a damaged length."""


class Piece(NamedTuple):
    """A piece of a stream: a packet whose value starts at `value`; or, with `why`, bytes that are none."""

    start: int
    end: int
    value: int
    why: str = ""
    cut: bool = False


class Length(NamedTuple):
    """A length in BER: what it says, and how many bytes it takes; `value` is -1 where it cannot be so."""

    value: int
    size: int


def pieces(data: bytes, *, final: bool) -> Iterator[Piece]:
    """The packets of some bytes and what lies between them, one behind the other.

    Where the end of the data may be amid a packet and they are not the `final` ones of their stream, what is
    left is not among them.
    """
    at = 0
    while at < len(data):
        found = _start(data, at, final=final)
        if found > at:
            yield Piece(at, found, found, "no KLV packet starts here")
            at = found
            continue
        piece = _packet(data, at, final=final)
        if piece is None:
            return
        yield piece
        at = piece.end


def checksum(packet: bytes) -> tuple[int, int] | None:
    """Return a packet's stated checksum and the computed one; None unless it ends in tag 1 of two bytes."""
    if packet[-4:-2] != b"\x01\x02":
        return None
    summed = packet[:-2]
    return int.from_bytes(packet[-2:], "big"), ((sum(summed[0::2]) << 8) + sum(summed[1::2])) & 0xFFFF


def length(data: bytes, at: int) -> Length | None:
    """The length in BER at a place; None where it goes on behind the end of the data."""
    if at >= len(data):
        return None
    first = data[at]
    if first < 0x80:
        return Length(first, 1)
    size = first & 0x7F
    if not 1 <= size <= 8:
        return Length(-1, 1)
    if at + 1 + size > len(data):
        return None
    value = int.from_bytes(data[at + 1 : at + 1 + size], "big")
    return Length(value if value <= LONGEST else -1, 1 + size)


def _start(data: bytes, at: int, *, final: bool) -> int:
    """Where the next key may start: at the end, less what may be half of one, where there is none."""
    found = data.find(PREFIX, at)
    if found >= 0:
        return found
    half = next((size for size in (3, 2, 1) if data.endswith(PREFIX[:size], at)), 0)
    return len(data) if final else len(data) - half


def _packet(data: bytes, at: int, *, final: bool) -> Piece | None:
    """The packet at a key; None where more of it may come."""
    found = length(data, at + KEY)
    if found and found.value < 0:
        return _until_next(data, at, len(data), "its length cannot be so")
    end = at + KEY + found.size + found.value if found else len(data) + 1
    if end > len(data):
        return _until_next(data, at, len(data), "it is cut: its end is missing", cut=True) if final else None
    value = end - (found.value if found else 0)
    if data[at : at + KEY] != UAS:
        return Piece(at, end, value)
    if (inner := data.find(UAS, at + KEY, end)) > 0:
        return Piece(at, inner, at, "the KLV packet is not used: another one starts inside it")
    wrong = _wrong(data[at:end])
    return _until_next(data, at, end, wrong) if wrong else Piece(at, end, value)


def _wrong(packet: bytes) -> str:
    """Return the fault of a packet's checksum; empty where it holds."""
    sums = checksum(packet)
    if sums is None:
        return "it has no checksum at its end"
    stated, found = sums
    return "" if stated == found else f"its checksum is {stated:#06x}, and its bytes give {found:#06x}"


def _until_next(data: bytes, at: int, end: int, why: str, *, cut: bool = False) -> Piece:
    """A packet that is not used, up to the next key inside it."""
    inner = data.find(PREFIX, at + len(PREFIX), end)
    return Piece(at, end if inner < 0 else inner, at, f"the KLV packet is not used: {why}", cut and inner < 0)


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

    def feed(self, data: bytes, *, final: bool, received_at: int | None = None) -> None:
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

    def found(self) -> ReadRows:
        """The rows and faults of what was taken since this was last called."""
        told = ReadRows(self._rows, self._faults)
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
    if transport.is_stream(head.data):
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
    reader.feed(data, final=True, received_at=received_at)
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
    if transport.is_stream(start):
        yield from _transported(stream, start, name)
        return
    if PREFIX not in start[:_LOOK]:
        raise FormatError(f"{name} is no file of KLV: there is no key in its first {_LOOK:,} bytes")
    reader, data = Reader(), start
    while data:
        more = stream.read(_AT_ONCE)
        reader.feed(data, final=not more)
        yield from reader.found().pieces()
        data = more
    yield from reader.told_once()


def piece(stream: BinaryIO, where: str) -> bytes | None:
    """The bytes that a locator names, in the file or in an elementary stream that it carries."""
    return byte_ranges.piece(stream, where) or _in_transport(stream, where)


def _in_transport(stream: BinaryIO, where: str) -> bytes | None:
    try:
        return transport.piece(stream, where, library())
    except FormatError:
        return None


def _transported(stream: BinaryIO, start: bytes, name: str) -> Iterator[Batch | Fault]:
    """Rows and faults of what a transport stream carries, each elementary stream by itself."""
    readers: dict[int, Reader] = {}
    lost = False
    for one in transport.carried(stream, library(), start):
        if one.why:
            lost = True
            yield Fault(byte_ranges.locator(one.at, one.at + len(one.data)), one.why, one.data[:MAX_RAW])
            continue
        reader = readers.setdefault(one.pid, Reader(partial(transport.locator, one.pid)))
        reader.feed(one.data, final=False)
        yield from reader.found().pieces()
    for _, reader in sorted(readers.items()):
        reader.feed(b"", final=True)
        yield from reader.found().pieces()
        yield from reader.told_once()
    if not readers and not lost:
        raise FormatError(f"{name} is an MPEG transport stream without KLV metadata")


FORMAT: Final = Format(NAME, (COVERAGE.name, DETECTION.name), sniff, read, piece=piece)
