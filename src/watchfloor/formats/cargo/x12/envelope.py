"""Interchanges of X12: ISA to IEA, groups GS to GE, transaction sets ST to SE.

ISA has 105 characters and states the separators itself: that of elements behind its tag, that of components
as its last element, and behind that the end of every segment. X12 has no release character. Text is UTF-8
where it is that, else ISO 8859-1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Final, NamedTuple

from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.byte_ranges import locator
from watchfloor.formats.record_splitter import CHUNK, LINES, MAX_SEGMENT, Piece, cut, unwrapped, wrapped
from watchfloor.formats.tabular.blocks import MAX_RAW

ISA: Final = 105
"""Characters of an ISA, without what ends it."""
MAX_SET: Final = 1 << 28
"""Bytes of a transaction set; one that has more is read no further, and nothing behind it is."""


class Segment(NamedTuple):
    """A segment: its elements, of which the first is its tag; its bytes and where they stood."""

    data: list[str]
    start: int
    end: int
    raw: bytes

    @property
    def tag(self) -> str:
        """Its name."""
        return self.data[0]

    def element(self, element: int) -> str:
        """An element, trimmed, counted as in the standard; "" where it is not."""
        return self.data[element].strip() if element < len(self.data) else ""

    @property
    def where(self) -> str:
        """The bytes of it."""
        return locator(self.start, self.end)


class Begin(NamedTuple):
    """A transaction set begins."""

    type: str
    reference: str
    made: datetime | None
    test: bool
    at: Segment


class End(NamedTuple):
    """A transaction set ends; `whole` where it does so by its SE."""

    whole: bool


Event = Begin | Segment | End | Fault


def events(stream: BinaryIO, name: str) -> Iterator[Event]:
    """Yield the events of a file, in order. Raises `FormatError` where it does not begin with a whole ISA."""
    start = stream.read(CHUNK)
    skipped = len(start) - len(start.lstrip(b"\xef\xbb\xbf \r\n\t"))
    start = start[skipped:]
    if not start:
        raise FormatError(f"{name} is empty")
    if not start.startswith(b"ISA") or len(start) <= ISA:
        raise FormatError(f"{name} is no X12 interchange: it does not begin with an ISA of 105 characters")
    first = start.translate(None, LINES) if b"\n" in start[:ISA] else start
    separator, terminator = first[3:4], first[ISA : ISA + 1]
    if first[:ISA].count(separator) != 16 or terminator.isalnum() or terminator == separator:
        raise FormatError(f"{name}: its ISA does not hold 16 elements of fixed width and a terminator")
    reader = _Reader(separator)
    pieces = cut(stream, start, skipped, terminator)
    yield from reader.events(unwrapped(pieces) if wrapped(start, terminator) else pieces)


@dataclass(slots=True)
class _Reader:
    """Where in the envelopes a reader is."""

    separator: bytes
    isa: Segment | None = None
    group: Segment | None = None
    begun: Begin | None = None
    groups: int = 0
    sets: int = 0
    segments: int = 0
    end: int = 0

    def events(self, pieces: Iterator[Piece]) -> Iterator[Event]:
        """Events of the pieces."""
        for piece in pieces:
            self.end = piece.end
            where = locator(piece.start, piece.end)
            if not piece.ended:
                yield from self._cut_off(Fault(where, _CUT, piece.raw[:MAX_RAW], rest=True))
                return
            if self.begun and piece.end - self.begun.at.start > MAX_SET:
                yield End(whole=False)
                why = f"transaction set {self.begun.reference} has more than {MAX_SET:,} bytes"
                rest = f"{why}; nothing behind them was read"
                yield Fault(locator(self.begun.at.start, piece.end), rest, piece.raw[:MAX_RAW], rest=True)
                return
            if piece.fits:
                yield from self._segment(self._parsed(piece))
            else:
                self.segments += 1
                yield Fault(where, _TOO_LONG, piece.raw[:MAX_RAW])
        if self.begun or self.isa:
            what = f"transaction set {self.begun.reference} (SE)" if self.begun else "its interchange (IEA)"
            why = f"the file ends without the end of {what}: it was cut"
            yield from self._cut_off(Fault(locator(self.end, self.end), why, b"", rest=True))

    def _parsed(self, piece: Piece) -> Segment:
        try:
            text = piece.raw.decode()
        except UnicodeDecodeError:
            text = piece.raw.decode("latin-1")
        data = text.split(self.separator.decode("latin-1"))
        data[0] = data[0].strip().upper()
        return Segment(data, piece.start, piece.end, piece.raw)

    def _segment(self, one: Segment) -> Iterator[Event]:
        if one.tag == "ISA":
            yield from self._interchange(one)
        elif self.isa is None:
            yield Fault(one.where, "stands in no interchange: an ISA must come first", one.raw[:MAX_RAW])
        elif one.tag in _SERVICE:
            yield from _SERVICE[one.tag](self, one)
        elif self.begun is None:
            yield Fault(one.where, "stands in no transaction set: an ST must come first", one.raw[:MAX_RAW])
        else:
            self.segments += 1
            yield one

    def _interchange(self, one: Segment) -> Iterator[Event]:
        yield from self._close(one)
        if self.isa:
            yield partly(one, f"interchange {self.isa.element(13)} has no IEA")
        self.isa, self.group, self.groups = one, None, 0

    def _interchange_end(self, one: Segment) -> Iterator[Event]:
        yield from self._close(one)
        if self.isa:
            yield from _compare(one, self.groups, "groups", self.isa.element(13))
        self.isa = self.group = None

    def _group(self, one: Segment) -> Iterator[Event]:
        yield from self._close(one)
        self.group, self.groups, self.sets = one, self.groups + 1, 0

    def _group_end(self, one: Segment) -> Iterator[Event]:
        yield from self._close(one)
        if self.group is None:
            yield partly(one, "ends a group that no GS began")
        else:
            yield from _compare(one, self.sets, "transaction sets", self.group.element(6))
        self.group = None

    def _set(self, one: Segment) -> Iterator[Event]:
        yield from self._close(one)
        self.sets, self.segments = self.sets + 1, 1
        group = self.group or one
        made = moment(group.element(4), group.element(5)) if self.group else None
        test = self.isa is not None and self.isa.element(15) == "T"
        self.begun = Begin(one.element(1), one.element(2), made or self._made(), test, one)
        yield self.begun

    def _made(self) -> datetime | None:
        return moment(self.isa.element(9), self.isa.element(10)) if self.isa else None

    def _set_end(self, one: Segment) -> Iterator[Event]:
        if self.begun is None:
            yield partly(one, "ends a transaction set that no ST began")
            return
        yield End(whole=True)
        yield from _compare(one, self.segments + 1, "segments", self.begun.reference)
        self.begun = None

    def _close(self, one: Segment) -> Iterator[Event]:
        if self.begun:
            yield End(whole=False)
            yield partly(one, f"transaction set {self.begun.reference} has no SE: segments may be missing")
            self.begun = None

    def _cut_off(self, fault: Fault) -> Iterator[Event]:
        if self.begun:
            yield End(whole=False)
        yield fault


_CUT: Final = "the file ends within a segment: it was cut"
_TOO_LONG: Final = f"this segment has more than {MAX_SEGMENT:,} bytes, and was not read"
_SERVICE: Final = {
    "IEA": _Reader._interchange_end,
    "GS": _Reader._group,
    "GE": _Reader._group_end,
    "ST": _Reader._set,
    "SE": _Reader._set_end,
}


def partly(one: Segment, why: str) -> Fault:
    """A fault about a segment that rows are made without."""
    return Fault(one.where, why, one.raw[:MAX_RAW], partly=True)


def moment(day: str, time: str = "") -> datetime | None:
    """YYMMDD or CCYYMMDD, and HHMM; taken as UTC, for no zone is stated. None where it is no moment."""
    form = "%Y%m%d" if len(day) == 8 else "%y%m%d"
    try:
        return datetime.strptime(day + (time or "0000")[:4], form + "%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None


def _compare(one: Segment, count: int, what: str, reference: str) -> Iterator[Fault]:
    """Yield the differences between a trailer and what came."""
    if one.element(1).lstrip("0") != str(count):
        yield partly(one, f"{one.tag} says {one.element(1) or 'no number of'} {what}; {count:,} came")
    if one.element(2) != reference:
        yield partly(one, f"{one.tag} has the control number {one.element(2)!r}, its header {reference!r}")
