"""KLV packets of a stream (SMPTE ST 336): where each starts and ends, and whether its checksum holds.

A packet is a key of 16 bytes, a length in BER, and a value. Policy: a packet of MISB ST 0601 whose checksum
(tag 1, the last item: the sum of 16-bit words from the key on, modulo 65,536) is missing or wrong is kept
apart whole, and nothing of it is used. Where the key of another one stands inside it, its length was damaged:
it ends there.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

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
    """What a packet says of its sum, and what it is; None where it does not end in tag 1 of two bytes."""
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
    """What is wrong with a packet's checksum; empty where it holds."""
    sums = checksum(packet)
    if sums is None:
        return "it has no checksum at its end"
    stated, found = sums
    return "" if stated == found else f"its checksum is {stated:#06x}, and its bytes give {found:#06x}"


def _until_next(data: bytes, at: int, end: int, why: str, *, cut: bool = False) -> Piece:
    """A packet that is not used, up to the next key inside it."""
    inner = data.find(PREFIX, at + len(PREFIX), end)
    return Piece(at, end if inner < 0 else inner, at, f"the KLV packet is not used: {why}", cut and inner < 0)
