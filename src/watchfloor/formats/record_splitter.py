"""Segments of a stream that end with a sign, in constant memory, each with the bytes where it stood.

A segment that is too long is passed over up to its end: what follows is read.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, NamedTuple

CHUNK: Final = 1 << 20
MAX_SEGMENT: Final = 1 << 17
"""Bytes of a segment; a description of 64 kB in one is read, more is not."""

BLANK: Final = b" \r\n\t\0\x1a"
"""What may stand between segments, and fill up the end of a file."""

LINES: Final = b"\r\n"
WRAPPED: Final = 20
"""Lines that are looked at to tell whether a file is wrapped."""


class Piece(NamedTuple):
    """One segment without its terminator.

    Attributes:
        start: its first byte in the stream.
        end: the byte behind its terminator, or the stream's end.
        raw: its bytes, at most `MAX_SEGMENT`.
        fits: false where it is longer than that.
        ended: false where the stream ends before its terminator.
    """

    start: int
    end: int
    raw: bytes
    fits: bool = True
    ended: bool = True


def cut(
    stream: BinaryIO, first: bytes, start: int, terminator: bytes, release: bytes = b""
) -> Iterator[Piece]:
    """Pieces of `first`, which begins at byte `start`, and of the rest of the stream; blank ones are none."""
    buffer, at, more = first, start, True
    while more:
        *whole, rest = _split(buffer, terminator, release)
        for part in whole:
            at += len(part) + 1
            if raw := part.lstrip(BLANK):
                yield Piece(at - 1 - len(raw), at, raw[:MAX_SEGMENT], len(raw) <= MAX_SEGMENT)
        begun = rest.lstrip(BLANK)
        at, rest = at + len(rest) - len(begun), begun
        if len(rest) > MAX_SEGMENT:
            size, buffer, ended = _behind(stream, rest, terminator, release)
            yield Piece(at, at + size, rest[:MAX_SEGMENT], fits=False, ended=ended)
            at += size
            more = ended
            continue
        chunk = stream.read(CHUNK)
        more = bool(chunk)
        buffer = rest + chunk
    if buffer:
        yield Piece(at, at + len(buffer), buffer, ended=False)


def wrapped(start: bytes, terminator: bytes) -> bool:
    """Whether a file was wrapped: its first lines are of one length, though segments go on behind them."""
    lines = [one.rstrip(b"\r") for one in start.split(b"\n", WRAPPED)[:-1]]
    if len(lines) < 2 or terminator in LINES:
        return False
    width = len(lines[0])
    same = all(len(one) == width for one in lines[:-1]) and len(lines[-1]) <= width
    return same and not all(one.endswith(terminator) for one in lines)


def unwrapped(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same pieces without the ends of lines in them."""
    return (one._replace(raw=one.raw.translate(None, LINES)) for one in pieces)


def _split(buffer: bytes, terminator: bytes, release: bytes) -> list[bytes]:
    """The buffer at terminators that are not released; the last part is what no terminator ends."""
    parts = buffer.split(terminator)
    if not release or release + terminator not in buffer:
        return parts
    found: list[bytes] = []
    held: list[bytes] = []
    for part in parts:
        held.append(part)
        if not _released(part, release):
            found.append(terminator.join(held))
            held = []
    if held:
        found.append(terminator.join(held))
    return found


def _released(part: bytes, release: bytes) -> bool:
    """Whether what follows a part is released: an odd number of release characters is at its end."""
    return bool((len(part) - len(part.rstrip(release))) % 2)


def _behind(stream: BinaryIO, rest: bytes, terminator: bytes, release: bytes) -> tuple[int, bytes, bool]:
    """Bytes up to the end of an overlong segment, what was read behind it, and whether it ends at all."""
    size, tail = len(rest), release if release and _released(rest, release) else b""
    while chunk := stream.read(CHUNK):
        part, *behind = _split(tail + chunk, terminator, release)
        if behind:
            used = len(part) - len(tail) + 1
            return size + used, chunk[used:], True
        size += len(chunk)
        tail = release if release and _released(part, release) else b""
    return size, b"", False
