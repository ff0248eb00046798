"""Messages in a file and segments in a message: what each line begins with, and which bytes it stands in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import BinaryIO, Final, NamedTuple

CHUNK: Final = 1 << 20
MAX_MESSAGE: Final = 1 << 20
"""Bytes of a message. IATA allows 3,500 characters; houses of one consolidation come in one of many more."""

_START: Final = re.compile(rb"^(?:\xef\xbb\xbf)?(?!FLT/)F[A-Z]{2}/\d{1,3}[ \t]*\r?\n", re.MULTILINE)
_ENVELOPE: Final = re.compile(r"Q[A-Z](?: [A-Z0-9]{7})+|\.[A-Z0-9]{7}(?: .*)?|UN[ABGHTZE]\+.*|=[A-Z]+|NNNN|'")
"""Lines around a message: addresses of a telegram (Type B), segments of EDIFACT, marks of its end."""
_BLANK: Final = "\r\n\t \0\x01\x02\x03"
_IDENTIFIED: Final = re.compile(r"([A-Z]{3})(?:/(.*))?", re.DOTALL)


class Line(NamedTuple):
    """A line of a message: its number in the message from 1, where its bytes are, and its text."""

    number: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its type and version (`FWB`, 17), and its lines behind the first."""

    kind: str
    version: int
    start: int
    data: bytes
    lines: list[Line]


@dataclass(slots=True)
class Segment:
    """Lines under one identifier: what stands behind it, and each line that continues it.

    A continuing line has the identifier of its part of an address (`NAM`, `ADR`, `LOC`), or none.
    """

    name: str
    first: Line
    head: str
    more: list[tuple[str, Line]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """The head and the continuing lines, without their first slash."""
        return [self.head, *(text for _, text in self.parts)]

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Continuing lines with the identifier of their part."""
        return [(name, _rest(name, line.text)) for name, line in self.more]


def _rest(name: str, text: str) -> str:
    return text[4:] if name and text.startswith(name) else text.removeprefix("/")


def messages(stream: BinaryIO) -> Iterator[Message | tuple[int, bytes]]:
    """The messages of a file, and, with its first byte, each stretch of it that is none."""
    data, at = b"", 0
    final = False
    while not final:
        chunk = stream.read(CHUNK)
        final = not chunk
        data += chunk if chunk or data.endswith(b"\n") else b"\n"
        starts = [match.start() for match in _START.finditer(data)]
        cuts = [*starts, len(data)] if final else starts
        if starts and starts[0]:
            yield at, data[: starts[0]]
        if not starts and final and data:
            yield at, data
        for start, end in pairwise(cuts):
            yield from _whole(at + start, data[start:end])
        if starts:
            at, data = at + (cuts[-1] if final else starts[-1]), b"" if final else data[starts[-1] :]
        if len(data) > MAX_MESSAGE + CHUNK:
            yield at, data
            at, data = at + len(data), b""


def _whole(start: int, data: bytes) -> Iterator[Message | tuple[int, bytes]]:
    if len(data) > MAX_MESSAGE:
        yield start, data
        return
    kind, _, version = data.split(b"\n", 1)[0].decode("utf-8-sig").strip().partition("/")
    yield Message(kind, int(version), start, data, list(_lines(start, data)))


def _lines(start: int, data: bytes) -> Iterator[Line]:
    """Lines that are not empty and no envelope: UTF-8, or where they are not that, Latin-1."""
    at = start
    for number, raw in enumerate(data.splitlines(keepends=True), 1):
        text = _decoded(raw)
        if number > 1 and not is_envelope(text):
            yield Line(number, at, at + len(raw), text.strip(_BLANK))
        at += len(raw)


def is_envelope(text: str) -> bool:
    """Whether a line is blank, or belongs to what messages are sent in."""
    plain = text.strip(_BLANK)
    return not plain or (plain[0] in "Q.U=N'" and bool(_ENVELOPE.fullmatch(plain)))


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def segments(lines: list[Line]) -> list[Segment]:
    """Lines grouped under their identifiers; `NAM`, `ADR` and `LOC` belong to the party before them.

    Lines before the first identifier, such as that of the waybill's number, are not among them.
    """
    found: list[Segment] = []
    part = ""
    for line in lines:
        if line.text[0] == "/" and found:
            found[-1].more.append((part, line))
            continue
        match = _IDENTIFIED.fullmatch(line.text)
        if match is None:
            found.append(Segment("", line, line.text))
        elif match[1] in ("NAM", "ADR", "LOC") and found:
            part = match[1]
            found[-1].more.append((part, line))
            continue
        else:
            found.append(Segment(match[1], line, match[2] or ""))
            part = ""
    return found
