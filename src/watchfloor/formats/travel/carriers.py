"""Carriers' lists of who travels: what PAXLST and PNRGOV share, and the rows that come of a traveller.

A traveller gives a row of `party` (a name, and a birth), one of `crossing` unless the voyage is domestic, and
one of `travel-document` for each document. Nationality, sex, birthplace and titles of persons are left out,
and reported once for each kind in a file; no fault carries them. Times of lists are local to the port.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

import airportsdata

from watchfloor.core.subjects import SubjectError, subject
from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, Head
from watchfloor.formats.byte_ranges import locator
from watchfloor.formats.cargo import manifests
from watchfloor.formats.cargo.edifact.envelope import Begin, End, Event, events
from watchfloor.formats.cargo.edifact.syntax import Segment
from watchfloor.formats.cargo.manifests import Row, batches
from watchfloor.formats.cargo.waybills.airports import country_of
from watchfloor.formats.record_splitter import LINES
from watchfloor.formats.tabular.blocks import MAX_RAW

MAX_GROUP: Final = 1 << 20
"""Bytes of what a list says of one traveller, or one booking; more is a fault."""
KINDS: Final = ("crossing", "travel-document", "party")
WHAT: Final = {"P": "passport", "V": "visa", "T": "permit", "R": "permit"}
"""Documents by the first letter of a code (1001 of the guide; DOCS of airlines); others are cards."""
_LEFT_OUT: Final = re.compile(
    rb"(?<![A-Z0-9])(?:NAT|ATT|LOC[^A-Z0-9]+1(?:74|80)|SSR[^A-Z0-9]+DOC[SAO])(?![A-Z0-9])"
)
"""Segments of what policy leaves out, whatever service characters a file has."""
_NUMBER: Final = re.compile(r"[A-Z0-9]{1,35}", re.ASCII)


@dataclass(slots=True)
class Document:
    """A document that a list states: its code, number, issuer as written, and last day."""

    code: str
    number: str
    issuer: str = ""
    expires: date | None = None


@dataclass(slots=True)
class Traveller:
    """A traveller of a list.

    Attributes:
        name: surname, then given names.
        role: traveller or crew.
        birth: ISO 8601.
        documents: those stated.
        booking: the carrier's reference of it.
        segments: what was said of them.
    """

    name: str = ""
    role: str = "traveller"
    birth: str | None = None
    documents: list[Document] = field(default_factory=list)
    booking: str = ""
    segments: list[Segment] = field(default_factory=list)


@dataclass(slots=True)
class Voyage:
    """A leg: its carrier, number and mode, and both ports with the local time there."""

    carrier: str = ""
    number: str = ""
    mode: str | None = None
    departure: str = ""
    arrival: str = ""
    departs: datetime | None = None
    arrives: datetime | None = None

    def crossing(self) -> tuple[str | None, str, datetime | None]:
        """Return direction, port and moment of the border: at arrival inbound, at departure outbound."""
        way = manifests.direction(country(self.departure), country(self.arrival), ())
        if way == "outbound":
            return way, self.departure, moment(self.departs, self.departure)
        return (
            way,
            self.arrival,
            moment(self.arrives, self.arrival) or moment(self.departs, self.departure),
        )


@dataclass(slots=True)
class List:
    """A message that is being read: its beginning, voyages, moment, and how many travellers it had so far."""

    begin: Begin
    voyages: list[Voyage] = field(default_factory=list)
    made: datetime | None = None
    count: int = 0

    @property
    def reference(self) -> str:
        """The interchange's and the message's control references."""
        return f"{self.begin.of.reference}.{self.begin.reference}"

    def border(self) -> Voyage:
        """Return the first leg that crosses the border, else the last one."""
        across = (one for one in self.voyages if one.crossing()[0] in ("inbound", "outbound"))
        return next(across, self.voyages[-1] if self.voyages else Voyage())


def country(port: str) -> str | None:
    """Return the country of an IATA code or a UN/LOCODE."""
    return country_of(port) if len(port) == 3 else manifests.country_of(port)


@cache
def _zones() -> dict[str, str]:
    return {code: one["tz"] for code, one in airportsdata.load("IATA").items()}


def moment(local: datetime | None, port: str) -> datetime | None:
    """Return a local time of a port as a moment; taken as UTC where the port's zone is not known."""
    if local is None:
        return None
    zone = _zones().get(port)
    return local.replace(tzinfo=ZoneInfo(zone) if zone else UTC).astimezone(UTC)


def day(text: str, form: str) -> date:
    """Return a day. Raises `ValueError` with a sentence."""
    try:
        return datetime.strptime(text.strip().title(), form).date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise ValueError(f"{text!r} is no day, or one that does not exist") from error


def birth(text: str, form: str, made: datetime | None) -> str:
    """Return a day of birth with a year of two digits: the last such day before a list was made."""
    found = day(text, form)
    last = (made or datetime.now(UTC)).date()
    if found > last and "%y" in form:
        found = found.replace(year=found.year - 100)
    return str(found)


def rows(of: List, one: Traveller) -> Iterator[Row | Fault]:
    """Yield the rows of a traveller; a fault where there is no name, or nothing says when."""
    of.count += 1
    where = locator(one.segments[0].start, one.segments[-1].end)
    voyage = of.border()
    way, port, at = voyage.crossing()
    at = at or of.made or of.begin.of.made
    if not one.name or at is None:
        why = "has no name" if not one.name else "has no time: neither the voyage nor the list says one"
        yield Fault(where, f"traveller {of.count} of message {of.begin.reference} {why}", raw(one.segments))
        return
    key = f"{of.reference}.{of.count}"
    try:
        holder = str(subject("person", "carrier-list", key))
    except SubjectError as error:
        yield Fault(where, str(error), raw(one.segments))
        return
    common = {"origins": [], "observed_at": at, "locator": where}
    flight = voyage.carrier + voyage.number.removeprefix(voyage.carrier)
    yield Row(
        "party",
        common
        | {
            "report_key": key,
            "subject": holder,
            "role": one.role,
            "name": one.name,
            "schema": "Person",
            "birth_date": one.birth,
            "identifiers": [{"system": "booking", "number": one.booking}] if one.booking else [],
            "context": " ".join(filter(None, (flight, voyage.departure, voyage.arrival))) or None,
        },
    )
    keys: list[str] = []
    for document in one.documents:
        number = document.number.replace(" ", "").upper()
        issuer = re.sub(r"[^a-z0-9]", "", document.issuer.lower()) or "unknown"
        if not _NUMBER.fullmatch(number):
            yield Fault(where, f"the document number {document.number!r} is none", b"", partly=True)
            continue
        keys.append(str(subject("document", issuer, number)))
        yield Row(
            "travel-document",
            common
            | {
                "report_key": f"{key}.{len(keys)}",
                "document": keys[-1],
                "what": WHAT.get(document.code[:1], "card"),
                "issuer": document.issuer or None,
                "number": number,
                "expires": document.expires,
                "holder": holder,
                "checks": [],
            },
        )
    if way == "domestic":
        return
    yield Row(
        "crossing",
        common
        | {
            "report_key": key,
            "port": port or None,
            "direction": way,
            "mode": voyage.mode,
            "document": keys[0] if keys else None,
            "carrier": voyage.carrier or None,
            "voyage": flight or None,
            "traveller": holder,
        },
    )


def raw(segments: Iterable[Segment], left_out: Callable[[Segment], bool] | None = None) -> bytes:
    """Return segments for a fault, line by line, without what is left out of records."""
    hidden = left_out or is_left_out
    return b"\n".join(one.raw for one in segments if not hidden(one))[:MAX_RAW]


def is_left_out(one: Segment) -> bool:
    """Return whether a segment is one of what policy leaves out: nationality, sex, birthplace, residence."""
    return (
        one.tag in ("NAT", "ATT")
        or (one.tag == "LOC" and one.element(1) in ("174", "180"))
        or (one.tag == "SSR" and one.element(1) in ("DOCS", "DOCA", "DOCO"))
    )


def left_out(one: Segment, what: str) -> Fault:
    """Return the sentence that something is left out; without its bytes."""
    return Fault(
        locator(one.start, one.end),
        f"{one.tag}: left out, as policy wants: {what} (told once)",
        b"",
        partly=True,
    )


def partly(one: Segment, why: str) -> Fault:
    """Return a fault about a segment that rows are made without."""
    return Fault(
        locator(one.start, one.end), why, b"" if is_left_out(one) else one.raw[:MAX_RAW], partly=True
    )


Reader = Callable[[Begin, Iterator[Event]], Iterator[Row | Fault]]
"""Reads the events of one message, up to and with its end."""


def read(stream: BinaryIO, name: str, type_: str, message: Reader) -> Iterator[Batch | Fault]:
    """Yield the rows of a file's messages of one type. Raises `FormatError` where no interchange begins."""
    yield from batches(map(_bare, _rows(events(stream, name), type_, message)))


def _bare(one: Row | Fault) -> Row | Fault:
    """Return the same, a fault without its bytes where they hold what is left out: a file cut or misread."""
    return replace(one, raw=b"") if isinstance(one, Fault) and _LEFT_OUT.search(one.raw) else one


def _rows(found: Iterator[Event], type_: str, message: Reader) -> Iterator[Row | Fault]:
    told: set[str] = set()
    for event in found:
        if isinstance(event, Fault):  # outside of a message no piece says what it is of
            yield event if event.raw.startswith(b"UN") else replace(event, raw=b"")
        elif isinstance(event, Begin):
            why = _refused(event, type_)
            if why:
                at = event.at
                yield Fault(locator(at.start, at.end), why, at.raw[:MAX_RAW])
            rest = _until_end(found)
            for one in () if why else message(event, rest):
                if isinstance(one, Fault) and one.reason.endswith("(told once)"):
                    if one.reason in told:
                        continue
                    told.add(one.reason)
                yield one
            yield from (one for one in rest if isinstance(one, Fault))


def _until_end(found: Iterator[Event]) -> Iterator[Event]:
    for event in found:
        yield event
        if isinstance(event, End):
            return


def _refused(begin: Begin, type_: str) -> str:
    if begin.of.test:
        return (
            f"message {begin.reference} is in an interchange marked as a test (UNB 0035): it declares nothing"
        )
    if begin.type != type_:
        return (
            f"message {begin.reference} is of type {begin.type or 'none'}, which is not read here; {type_} is"
        )
    return ""


def sniff(head: Head, type_: str) -> float:
    """Sure where an interchange begins and its first message is of the type."""
    start = head.data[:HEAD_BYTES].lstrip(b"\xef\xbb\xbf \r\n\t").translate(None, LINES)
    if not start.startswith((b"UNA", b"UNB")) or b"UNB" not in start[:16]:
        return 0.0
    return 0.97 if re.search(rb"UNH[^A-Za-z0-9].{1,40}?" + type_.encode(), start, re.DOTALL) else 0.0
