"""Interchanges and messages of a file: what they are, and whether counts and control references agree."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO, Final, NamedTuple

from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.byte_ranges import locator
from watchfloor.formats.cargo.edifact.syntax import ENCODINGS, Segment, Signs, decoded, segment, signs_of
from watchfloor.formats.record_splitter import CHUNK, MAX_SEGMENT, Piece, cut, unwrapped, wrapped
from watchfloor.formats.tabular.blocks import MAX_RAW

MAX_MESSAGE: Final = 1 << 28
"""Bytes of a message; one that has more is read no further, and nothing behind it is."""


class Interchange(NamedTuple):
    """An interchange header, UNB."""

    syntax: str
    encoding: str
    sender: str
    recipient: str
    made: datetime | None
    reference: str
    test: bool


class Begin(NamedTuple):
    """A message begins: what its UNH says, and its interchange."""

    of: Interchange
    reference: str
    type: str
    release: str
    at: Segment


class End(NamedTuple):
    """A message ends; `whole` where it does so by its UNT."""

    whole: bool


Event = Begin | Segment | End | Fault


def events(stream: BinaryIO, name: str) -> Iterator[Event]:
    """Yield the events of a file, in order: messages begin, have segments, end.

    Raises `FormatError` where it does not begin as an interchange.
    """
    start = stream.read(CHUNK)
    skipped = len(start) - len(start.lstrip(b"\xef\xbb\xbf \r\n\t"))
    start = start[skipped:]
    if not start:
        raise FormatError(f"{name} is empty")
    if not start.startswith((b"UNA", b"UNB")):
        raise FormatError(f"{name} is no EDIFACT interchange: it does not begin with UNA or UNB")
    try:
        signs, length = signs_of(start)
    except ValueError as error:
        raise FormatError(f"{name}: {error}") from error
    pieces = cut(stream, start[length:], skipped + length, signs.terminator.encode(), signs.release.encode())
    if wrapped(start, signs.terminator.encode()):
        pieces = unwrapped(pieces)
    reader = _Reader(signs, start[:length])
    yield from reader.events(pieces)
    if not reader.end:
        raise FormatError(f"{name} ends behind its UNA: it holds no interchange")


@dataclass(slots=True)
class _Reader:
    """Where in the envelopes a reader is."""

    signs: Signs
    una: bytes
    of: Interchange | None = None
    groups: int = 0
    messages: int = 0
    in_group: int = 0
    group: str | None = None
    begun: Begin | None = None
    segments: int = 0
    noted: set[str] = field(default_factory=set)
    end: int = 0

    def events(self, pieces: Iterator[Piece]) -> Iterator[Event]:
        """Events of the pieces."""
        for piece in pieces:
            self.end = piece.end
            if plain := self._plain(piece):
                yield plain
                continue
            if not piece.ended:
                yield from self._cut_off(piece)
                return
            if self.begun and piece.end - self.begun.at.start > MAX_MESSAGE:
                yield End(whole=False)
                where = locator(self.begun.at.start, piece.end)
                most = f"has more than {MAX_MESSAGE:,} bytes; nothing behind them was read"
                yield Fault(where, f"message {self.begun.reference} {most}", piece.raw[:MAX_RAW], rest=True)
                return
            yield from self._piece(piece)
        if self.begun or self.of:
            yield from self._open_at_end()

    def _plain(self, piece: Piece) -> Segment | None:
        """A segment of a message about which nothing is to be said, as nearly all are; else None."""
        if not (self.begun and self.of and piece.fits and piece.ended):
            return None
        if piece.end - self.begun.at.start > MAX_MESSAGE:
            return None
        try:
            one = segment(piece, piece.raw.decode(self.of.encoding), self.signs)
        except UnicodeDecodeError:
            return None
        if one.tag in _ENVELOPE:
            return None
        self.segments += 1
        return one

    def _piece(self, piece: Piece) -> Iterator[Event]:
        if not self.of and self.una and piece.raw + self.signs.terminator.encode() == self.una:
            return
        if not piece.fits:
            self.segments += 1
            yield Fault(_where(piece), _TOO_LONG, piece.raw[:MAX_RAW])
            return
        encoding = self.of.encoding if self.of else "latin-1"
        text, wrong = decoded(piece.raw, encoding)
        one = segment(piece, text, self.signs)
        if one.tag == "UNB":
            yield from self._interchange(one)
        elif self.of is None:
            yield Fault(_where(piece), _OUTSIDE, piece.raw[:MAX_RAW])
        elif one.tag in _SERVICE:
            yield from _SERVICE[one.tag](self, one)
        elif self.begun is None:
            yield Fault(_where(piece), "stands in no message: a UNH must come first", piece.raw[:MAX_RAW])
        else:
            self.segments += 1
            if wrong and wrong not in self.noted:
                self.noted.add(wrong)
                yield Fault(_where(piece), f"{wrong} (told once)", piece.raw[:MAX_RAW], partly=True)
            yield one

    def _interchange(self, one: Segment) -> Iterator[Event]:
        yield from self._close_message(one)
        if self.of:
            yield _differs(one, f"interchange {self.of.reference} has no UNZ")
        syntax = one.element(1).upper()
        encoding = ENCODINGS.get(syntax)
        if encoding is None:
            yield _differs(one, f"character set {syntax!r} is none of {', '.join(ENCODINGS)}; read as UNOB")
        elif syntax == "UNOX":
            yield _differs(one, "UNOX: its escape sequences (ISO 2022) are not read; ask for UNOY or UNOW")
        made = _prepared(one.element(4, 0), one.element(4, 1))
        self.of = Interchange(
            syntax,
            encoding or "ascii",
            one.element(2),
            one.element(3),
            made,
            one.element(5),
            one.element(11) == "1",
        )
        self.groups = self.messages = self.in_group = 0
        self.group = None
        self.noted = set()

    def _interchange_end(self, one: Segment) -> Iterator[Event]:
        yield from self._close_message(one)
        if self.of is None:
            return
        count, what = (self.groups, "groups") if self.groups else (self.messages, "messages")
        yield from _compare(one, "UNZ", count, what, self.of.reference)
        self.of = None

    def _group(self, one: Segment) -> Iterator[Event]:
        yield from self._close_message(one)
        self.groups += 1
        self.in_group, self.group = 0, one.element(5)

    def _group_end(self, one: Segment) -> Iterator[Event]:
        yield from self._close_message(one)
        if self.group is None:
            yield _differs(one, "ends a group that no UNG began")
        else:
            yield from _compare(one, "UNE", self.in_group, "messages", self.group)
        self.group = None

    def _message(self, one: Segment) -> Iterator[Event]:
        yield from self._close_message(one)
        if self.of is None:
            return
        self.messages, self.in_group, self.segments = self.messages + 1, self.in_group + 1, 1
        release = f"{one.element(2, 1)}.{one.element(2, 2)}"
        self.begun = Begin(self.of, one.element(1), one.element(2).upper(), release, one)
        yield self.begun

    def _message_end(self, one: Segment) -> Iterator[Event]:
        if self.begun is None:
            yield _differs(one, "ends a message that no UNH began")
            return
        yield End(whole=True)
        yield from _compare(one, "UNT", self.segments + 1, "segments", self.begun.reference)
        self.begun = None

    def _close_message(self, one: Segment) -> Iterator[Event]:
        if self.begun:
            yield End(whole=False)
            yield _differs(one, f"message {self.begun.reference} has no UNT: segments may be missing")
            self.begun = None

    def _cut_off(self, piece: Piece) -> Iterator[Event]:
        if self.begun:
            yield End(whole=False)
        why = "" if piece.fits else f", {_TOO_LONG}"
        yield Fault(
            _where(piece),
            f"the file ends within a segment: it was cut{why}",
            piece.raw[:MAX_RAW],
            rest=True,
        )

    def _open_at_end(self) -> Iterator[Event]:
        if self.begun:
            yield End(whole=False)
        what = f"message {self.begun.reference} (UNT)" if self.begun else "its interchange (UNZ)"
        yield Fault(
            locator(self.end, self.end),
            f"the file ends without the end of {what}: it was cut",
            b"",
            rest=True,
        )


_TOO_LONG: Final = f"this segment has more than {MAX_SEGMENT:,} bytes, and was not read"
_OUTSIDE: Final = "stands in no interchange: a UNB with the same service characters must come first"
_SERVICE: Final = {
    "UNZ": _Reader._interchange_end,
    "UNG": _Reader._group,
    "UNE": _Reader._group_end,
    "UNH": _Reader._message,
    "UNT": _Reader._message_end,
}
_ENVELOPE: Final = frozenset((*_SERVICE, "UNB"))


def _where(one: Piece | Segment) -> str:
    return locator(one.start, one.end)


def _differs(one: Segment, why: str) -> Fault:
    return Fault(_where(one), why, one.raw[:MAX_RAW], partly=True)


def _compare(one: Segment, tag: str, count: int, what: str, reference: str) -> Iterator[Fault]:
    """Yield the differences between a trailer and what came."""
    if one.element(1).lstrip("0") != str(count):
        yield _differs(one, f"{tag} says {one.element(1) or 'no number of'} {what}; {count:,} came")
    if one.element(2) != reference:
        yield _differs(one, f"{tag} has the control reference {one.element(2)!r}, its header {reference!r}")


def _prepared(day: str, time: str) -> datetime | None:
    """When an interchange was prepared: YYMMDD or CCYYMMDD, and HHMM; taken as UTC, for it states no zone."""
    form = "%Y%m%d" if len(day) == 8 else "%y%m%d"
    try:
        return datetime.strptime(day + (time or "0000")[:4], form + "%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
