"""Streams and datagrams of Cursor on Target events: where each begins and ends, and their rows.

A stream holds events in XML, one behind the other, cut behind each `</event>`; or messages of the TAK
protocol, each behind the byte 0xBF and its length; or both in turn, as clients that change over send them. A
datagram holds one event, in XML or behind 0xBF 0x01 0xBF. Nothing has to be remembered between two events.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from lxml import etree

from watchfloor.core.kinds import DETECTION, INSTANT
from watchfloor.formats import byte_ranges
from watchfloor.formats.base import Fault
from watchfloor.formats.fault_aggregation import together
from watchfloor.formats.sensors.cot import kinds, tak_in
from watchfloor.formats.sensors.cot.events import Event, EventError, Row, moment, row
from watchfloor.formats.sensors.cot.tak_in import DATAGRAM, MAGIC
from watchfloor.formats.sensors.protobuf import codec, tidy
from watchfloor.formats.sensors.protobuf.emit import says
from watchfloor.formats.sensors.wires.batch import Heard, Read, ReadResult, numbers
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.xml_limits import SAFE

# Cursor on Target events in XML, from outside: bounded, without document types, entities or network.


MAX_BYTES: Final = 1 << 18
"""The longest event that is read. Real ones have some hundred bytes, drawings some ten thousand."""

END: Final = re.compile(rb"</event\s*>")
"""What ends an event in a stream, by the protocol of TAK clients."""

_WRAPPING: Final = re.compile(
    rb"(?:\s|<\?xml[^>]{0,200}\?>|</?(?:events|cot|root|log)(?:\s[^>]{0,200})?>|<!--.{0,1000}?-->)*",
    re.DOTALL,
)
_BEGIN: Final = re.compile(rb"<event(?=[\s>])")
_PARSER: Final = etree.XMLParser(**SAFE)


def event(piece: bytes) -> Event:
    """The event of a piece that ends with one. Raises `EventError`."""
    if declares(piece):
        raise EventError(_DECLARES)
    try:
        root = etree.fromstring(piece, _PARSER)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise EventError(f"its XML is damaged: {error!s:.200}") from error
    if root.tag != "event":
        raise EventError(f"it is XML with the root <{root.tag!s:.60}>, where <event> belongs")
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise EventError(_DECLARES)
    return _event(root)


def declares(piece: bytes) -> bool:
    """Whether a piece declares a document type or an entity, which nothing in it can make good."""
    return b"<!DOCTYPE" in piece or b"<!ENTITY" in piece


_DECLARES: Final = "it declares a document type, as entity bombs do; no event has one"


def begins(piece: bytes) -> int:
    """Where the last event of a piece begins, if what stands before it is only wrapping, else 0.

    A file may hold its events in one element, and a sender may leave an event unfinished and begin anew.
    """
    found = list(_BEGIN.finditer(piece))
    return found[-1].start() if found else 0


def is_wrapping(piece: bytes) -> bool:
    """Whether bytes are only declarations, comments, white space and elements around events."""
    return _WRAPPING.fullmatch(piece) is not None


def _event(root: etree._Element) -> Event:
    uid, type_ = root.get("uid"), root.get("type")
    if not uid:
        raise EventError("event.uid is missing, which says what it is about")
    if not type_:
        raise EventError("event.type is missing, which says what it is")
    found = root.find("point")
    if found is None:
        raise EventError("event.point is missing, which says where it is")
    lat, lon, hae, ce, le = (_number(found, name) for name in ("lat", "lon", "hae", "ce", "le"))
    details = root.find("detail")
    return Event(
        uid,
        type_,
        moment(root.get("time"), "event.time"),
        moment(root.get("start"), "event.start") if root.get("start") else None,
        moment(root.get("stale"), "event.stale") if root.get("stale") else None,
        (lat, lon, hae, ce, le),
        dict(root.attrib),  # type: ignore[arg-type]
        tuple(details) if details is not None else (),
    )


def _number(point: etree._Element, name: str) -> float:
    """A number of a point. Heights and errors may be missing or no number, which is unknown."""
    text = point.get(name)
    try:
        number = float(text or "")
    except ValueError as error:
        if name in ("lat", "lon"):
            raise EventError(f"point.{name} is {text!r:.60}, which is no number") from error
        return 9_999_999.0
    return number if name in ("lat", "lon") or abs(number) < float("inf") else 9_999_999.0


XML, TAK, JUNK, LONG = range(4)
"""What a piece is: an event in XML, a message of the TAK protocol, no event, too long for one."""

_SPACE: Final = b" \t\r\n"
_STARTS: Final = (b"<event", b"<?xml")
MARKING: Final = "marking"
_BODY: Final = DETECTION.body
_SCHEMA: Final = _BODY.append(pa.field(MARKING, pa.string()))


class Piece(NamedTuple):
    """A piece of a stream: what it is, where it begins and ends, and where what is in it begins."""

    what: int
    start: int
    end: int
    inside: int


def pieces(data: bytes) -> Iterator[Piece]:
    """The pieces that are whole, in their order; how a stream is cut does not change them."""
    at = 0
    while True:
        while at < len(data) and data[at] in _SPACE:
            at += 1
        piece = _piece(data, at)
        if piece is None:
            return
        yield piece
        at = piece.end


def _piece(data: bytes, at: int) -> Piece | None:
    left = len(data) - at
    if not left:
        return None
    if data[at] == MAGIC:
        return _message(data, at)
    if data[at : at + 1] == b"<":
        end = END.search(data, at, at + MAX_BYTES)
        if end:
            return Piece(XML, at, end.end(), at)
        if left < MAX_BYTES:
            return None
        found = [data.find(mark, at + 1, at + MAX_BYTES) for mark in _STARTS]
        return Piece(LONG, at, min([one for one in found if one > 0], default=at + MAX_BYTES), at)
    end_ = data.find(b"<", at, at + MAX_BYTES)
    if end_ < 0 and left < MAX_BYTES:
        return None
    return Piece(JUNK, at, end_ if end_ > 0 else at + MAX_BYTES, at)


def _message(data: bytes, at: int) -> Piece | None:
    """A message behind its length. After a length that none has, only the next event in XML can be found."""
    try:
        size, inside = codec.read_varint(data, at + 1)
    except codec.WireError:
        if len(data) - at < 12:
            return None
        size, inside = MAX_BYTES + 1, at
    if size > MAX_BYTES:
        end = data.find(b"<", at + 1)
        return Piece(LONG, at, end if end > 0 else len(data), inside)
    return Piece(TAK, at, inside + size, inside) if inside + size <= len(data) else None


def whole(data: bytes) -> int:
    """How many of the first bytes are whole pieces. Raises `ValueError` where one is too long."""
    end = 0
    for piece in pieces(data):
        if piece.what == LONG or (piece.what == JUNK and piece.end - end > MAX_BYTES):
            raise ValueError(_LONG)
        if piece.what != JUNK:  # what is no event belongs to the next one: it may not have ended
            end = piece.end
    return end


_LONG: Final = (
    f"what begins here does not end within {MAX_BYTES:,} bytes, which every event does: this is no stream of "
    "Cursor on Target events, or bytes of it were lost"
)


def nothing() -> None:
    """Return the state of a new connection: none."""
    return


def freeze(state: None) -> bytes:
    """Nothing, as bytes."""
    del state
    return b""


def thaw(data: bytes) -> None:
    """Nothing, back. Raises `ValueError` for other bytes."""
    if data:
        raise ValueError("nothing is remembered of a connection with Cursor on Target events")


class TakenPiece(NamedTuple):
    """A piece that was taken out of a stream or a datagram.

    Attributes:
        of: the connection that it is of.
        what: what it is.
        start: where it begins in what came on that connection.
        raw: its bytes.
        inside: where in them what it holds begins.
        received: when it came, microseconds since 1970; None where that is not known.
    """

    of: int
    what: int
    start: int
    raw: bytes
    inside: int
    received: int | None

    @property
    def locator(self) -> str:
        """Where it stands."""
        return byte_ranges.locator(self.start, self.start + len(self.raw))

    def fault(self, why: str, *, rest: bool = False) -> Fault:
        """A fault of it."""
        return Fault(self.locator, why, self.raw[:MAX_RAW], rest=rest)


def taken(of: int, data: bytes, at: int, received: int | None) -> Iterator[TakenPiece]:
    """The pieces of a message, which stands somewhere in its connection; one that is cut short comes last."""
    if data.startswith(DATAGRAM):
        yield TakenPiece(of, TAK, at, data, len(DATAGRAM), received)
        return
    end = 0
    for piece in pieces(data):
        raw = data[piece.start : piece.end]
        yield TakenPiece(of, piece.what, at + piece.start, raw, piece.inside - piece.start, received)
        end = piece.end
    if data[end:].strip(_SPACE) and not is_wrapping(data[end:]):
        yield TakenPiece(of, REST, at + end, data[end:], 0, received)


def read(heard: Sequence[Heard]) -> ReadResult:
    """Rows and faults of what was heard on connections, as `stream_readers.Wire` has it."""
    found: list[TakenPiece] = []
    for i, one in enumerate(heard):
        at = 0
        for message, received in zip(one.messages, one.received, strict=True):
            found += taken(i, message, at, received)
            at += len(message)
    tables, faults = rows(found)
    return ReadResult([Read(DETECTION, table, of) for table, of in tables], faults)


def rows(found: Sequence[TakenPiece]) -> tuple[list[tuple[pa.Table, Any]], list[tuple[int, Fault]]]:
    """Rows of pieces, and of each which connection it is of; those with a marking apart. And faults."""
    plain: list[tuple[TakenPiece, Row]] = []
    marked: list[tuple[TakenPiece, Row]] = []
    faults: list[tuple[int, Fault]] = []
    for piece, held in _events(found):
        if isinstance(held, Fault):
            faults.append((piece.of, held))
            continue
        if kinds.is_silent(held.type):
            continue
        if not kinds.is_seen(held.type):
            faults.append((piece.of, piece.fault(_OTHER.format(held.type))))
            continue
        try:
            made = row(held)
        except EventError as error:
            faults.append((piece.of, piece.fault(f"{_WRONG}{error}")))
            continue
        (marked if MARKING in made else plain).append((piece, made))
    return [
        (_table(part, schema), numbers(piece.of for piece, _ in part))
        for part, schema in ((plain, _BODY), (marked, _SCHEMA))
        if part
    ], together(faults)


REST: Final = 4
"""A piece that is cut short."""

_WRONG: Final = "this Cursor on Target event is invalid: "
_OTHER: Final = "an event of the type '{}' is about nothing that is somewhere; it is kept and not read"
SAID: Final = {
    JUNK: "these bytes are no Cursor on Target event; what follows was read",
    LONG: _LONG,
    REST: "the last event is cut short; get the rest of it",
}


def _events(found: Sequence[TakenPiece]) -> Iterator[tuple[TakenPiece, Event | Fault]]:
    """Yield each piece's events; messages of the protocol are decoded all at once."""
    messages = [piece for piece in found if piece.what == TAK]
    told = iter(_messages(messages))
    for piece in found:
        if piece.what == XML:
            yield from ((piece, one) for one in _xml(piece))
        elif piece.what == TAK:
            held = next(told)
            if held is not None:
                yield piece, held if isinstance(held, Event) else piece.fault(held)
        else:
            yield piece, piece.fault(SAID[piece.what], rest=piece.what == REST)


def _xml(piece: TakenPiece) -> Iterator[Event | Fault]:
    """The event of a piece, and a fault for what stands before it and is no wrapping of events."""
    try:
        yield event(piece.raw)
        return
    except EventError as error:
        wrong = str(error)
    begin = 0 if declares(piece.raw) else begins(piece.raw)
    try:
        held = event(piece.raw[begin:]) if begin else None
    except EventError:
        held = None
    if held is None:
        yield piece.fault(_WRONG + wrong)
        return
    head = piece._replace(raw=piece.raw[:begin])
    if not is_wrapping(head.raw):
        yield head.fault(f"an event ended before it was whole: {wrong}")
    yield held


def _messages(found: Sequence[TakenPiece]) -> Iterable[Event | str | None]:
    """The event of each message, or what is wrong with it; None where it holds none."""
    if not found:
        return []
    data = np.frombuffer(b"".join(piece.raw for piece in found), np.uint8)
    ends = np.cumsum([len(piece.raw) for piece in found], dtype=np.int64)
    starts = ends - np.array([len(piece.raw) - piece.inside for piece in found], np.int64)
    tape = tidy.read(tak_in.LAYOUT, data, starts, ends)
    problems = tidy.problems(tape, data, starts, ends)
    nodes = tape.top.astype(np.int64)
    nodes[list(problems)] = -1
    texts = says(tak_in.WORDS, tape, nodes, np.zeros(len(tape.slot), np.bool_)).to_pylist()
    return [_message_of(text, problems.get(i)) for i, text in enumerate(texts)]


def _message_of(text: str | None, problems: list[str] | None) -> Event | str | None:
    if problems:
        return f"this TAK message is damaged: {'; '.join(problems)}"
    try:
        return tak_in.event(msgspec.json.decode(text or "{}"))
    except EventError as error:
        return f"{_WRONG}{error}"


def _table(part: list[tuple[TakenPiece, Row]], schema: pa.Schema) -> pa.Table:
    said: dict[str, Any] = {
        "locator": [piece.locator for piece, _ in part],
        "received_at": pa.array([piece.received for piece, _ in part], pa.int64()).view(INSTANT),
    }
    named = set().union(*(row for _, row in part))
    said |= {name: [row.get(name) for _, row in part] for name in named}
    arrays = [
        pa.array(said[field.name], field.type) if field.name in said else pa.nulls(len(part), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
