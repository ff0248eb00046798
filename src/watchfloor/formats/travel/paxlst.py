"""Advance passenger information: PAXLST (UN/EDIFACT D.02B, after the guide of WCO, IATA and ICAO).

A passenger or crew member begins at each NAD of group 4 and is read alone, so that a list of any length takes
the memory of one. Lists of who is not on board and of cancelled voyages declare no crossing.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import BinaryIO, Final

from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.byte_ranges import locator, piece
from watchfloor.formats.cargo.edifact.envelope import Begin, End, Event
from watchfloor.formats.cargo.edifact.syntax import Segment
from watchfloor.formats.cargo.manifests import Row
from watchfloor.formats.travel import carriers
from watchfloor.formats.travel.carriers import Document, List, Traveller, Voyage, left_out, partly

TYPE: Final = "PAXLST"
ROLES: Final[Mapping[str, str]] = {
    "FL": "traveller",
    "FM": "crew",
    "DDU": "traveller",
    "DDT": "crew",
}
"""3035: passenger, crew member, and both in transit."""
WITHDRAWN: Final[Mapping[str, str]] = {
    "XR": "a reservation was cancelled",
    "XF": "the voyage was cancelled",
    "CLNB": "these are not on board",
}
"""1001 and 1004 of the guide: lists that declare no crossing, and why."""
MODES: Final[Mapping[str, str]] = {"1": "sea", "2": "rail", "3": "land", "4": "air"}
"""8067 (Recommendation 19)."""
FORMS: Final[Mapping[str, str]] = {"101": "%y%m%d", "102": "%Y%m%d", "201": "%y%m%d%H%M", "203": "%Y%m%d%H%M"}
"""2379; without one, the number of digits says it."""
HIDDEN: Final[Mapping[str, str]] = {"NAT": "nationality", "ATT": "sex"}
HIDDEN_PLACES: Final[Mapping[str, str]] = {"180": "birthplace", "174": "residence"}
PASSED: Final = frozenset(
    ["BGM", "COM", "MEA", "GEI", "FTX", "UNS", "CTA", "QTY", "BII", "GID", "SEL", "AUT"]
)
"""Segments that are known, and of which nothing is a column."""


def sniff(head: Head) -> float:
    """Sure where an interchange begins with a PAXLST message."""
    return carriers.sniff(head, TYPE)


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `crossing`, `travel-document` and `party`. Raises `FormatError` where no interchange begins."""
    return carriers.read(stream, name, TYPE, _message)


def _message(begin: Begin, events: Iterator[Event]) -> Iterator[Row | Fault]:
    of = List(begin)
    held: list[Segment] = []
    inside = withdrawn = overlong = False
    for event in events:
        if isinstance(event, Fault):
            yield event
        elif isinstance(event, End):
            if held and not event.whole:
                where = locator(held[0].start, held[-1].end)
                yield Fault(where, "this traveller was cut off, and was not read", carriers.raw(held))
            elif inside and not withdrawn and not overlong:
                yield from _traveller(of, held)
            if not of.count and not withdrawn:
                yield partly(begin.at, f"message {begin.reference} lists nobody")
        elif isinstance(event, Segment):
            if event.tag == "NAD" and event.element(1) in ROLES:
                if inside and not withdrawn and not overlong:
                    yield from _traveller(of, held)
                held, inside, overlong = [event], True, False
            elif event.tag == "CNT":
                if inside and not withdrawn and not overlong:
                    yield from _traveller(of, held)
                held, inside = [], False
                yield from _counted(of, event)
            elif inside:
                held.append(event)
                if event.end - held[0].start > carriers.MAX_GROUP and not overlong:
                    where = locator(held[0].start, event.end)
                    yield Fault(where, "this traveller has too many bytes, and was not read", b"")
                    overlong, held = True, [event]
            elif event.tag == "BGM":
                code = next((one for one in (event.element(2), event.element(1)) if one in WITHDRAWN), "")
                if code:
                    withdrawn = True
                    yield partly(event, f"declares no crossing ({code}): {WITHDRAWN[code]}")
            else:
                yield from _head(of, event)


def _counted(of: List, one: Segment) -> Iterator[Fault]:
    stated = one.element(1, 1).lstrip("0")
    if one.element(1) in ("41", "42") and stated != str(of.count) and of.count:
        yield partly(one, f"CNT says {one.element(1, 1) or 'nothing'}; {of.count:,} came")


def _head(of: List, one: Segment) -> Iterator[Fault]:
    """Read a segment before the first traveller: voyages, their ports and times."""
    try:
        if one.tag == "TDT":
            if one.element(1) == "20" or not of.voyages:
                mode = MODES.get(one.element(3)) or ("air" if not one.element(3) else None)
                carrier = one.element(5) or one.element(2)[:2]
                of.voyages.append(Voyage(carrier, one.element(2), mode))
        elif one.tag == "LOC":
            _port(of, one)
        elif one.tag == "DTM" and one.element(1) in ("189", "232", "136", "133", "132"):
            if of.voyages:
                at = moment(one)
                voyage = of.voyages[-1]
                if one.element(1) in ("189", "136", "133"):
                    voyage.departs = at
                else:
                    voyage.arrives = at
        elif one.tag == "DTM" and one.element(1) == "137":
            of.made = moment(one).replace(tzinfo=UTC)
    except ValueError as error:
        yield partly(one, f"{one.tag}: {error}")


def _port(of: List, one: Segment) -> None:
    """Read a port of a leg; a departure after an arrival begins the next leg of one TDT."""
    kind, port = one.element(1), one.element(2).upper()
    if not of.voyages:
        of.voyages.append(Voyage(mode="air"))
    voyage = of.voyages[-1]
    if kind in ("125", "92"):
        if voyage.arrival:
            of.voyages.append(Voyage(voyage.carrier, voyage.number, voyage.mode))
        of.voyages[-1].departure = port
    elif kind in ("87", "130"):
        voyage.arrival = voyage.arrival or port


def moment(one: Segment) -> datetime:
    """Return the local time of a DTM. Raises `ValueError`."""
    text, form = one.element(1, 1), one.element(1, 2)
    by_length = {6: "%y%m%d", 8: "%Y%m%d", 10: "%y%m%d%H%M", 12: "%Y%m%d%H%M"}
    pattern = FORMS.get(form) or by_length.get(len(text), "")
    if not pattern or not text.isdigit():
        raise ValueError(f"{text!r} is no moment of form {form or 'none'}")
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007 - it is local to a port that is not known yet
    except ValueError as error:
        raise ValueError(f"{text!r} is no moment, or one that does not exist") from error


def _traveller(of: List, held: list[Segment]) -> Iterator[Row | Fault]:
    one = Traveller(segments=held)
    for segment in held:
        if what := HIDDEN.get(segment.tag):
            yield left_out(segment, what)
            continue
        if segment.tag == "LOC" and (what := HIDDEN_PLACES.get(segment.element(1))):
            yield left_out(segment, what)
            continue
        reader = _READERS.get(segment.tag)
        if reader is None:
            if segment.tag not in PASSED:
                yield partly(segment, f"{segment.tag} is not known, and was read past")
            continue
        try:
            reader(of, one, segment)
        except ValueError as error:
            yield partly(segment, f"{segment.tag}: {error}")
    yield from carriers.rows(of, one)


def _name(_: List, one: Traveller, segment: Segment) -> None:
    one.role = ROLES[segment.element(1)]
    one.name = " ".join(" ".join(segment.all(4) or segment.all(3)).split())


def _time(of: List, one: Traveller, segment: Segment) -> None:
    text = segment.element(1, 1)
    form = "%Y%m%d" if len(text) == 8 else "%y%m%d"
    if segment.element(1) == "329":
        one.birth = carriers.birth(text, form, of.made or of.begin.of.made)
    elif segment.element(1) == "36" and one.documents:
        one.documents[-1].expires = carriers.day(text, form)


def _place(_: List, one: Traveller, segment: Segment) -> None:
    if segment.element(1) == "91" and one.documents:
        one.documents[-1].issuer = segment.element(2).upper()


def _reference(_: List, one: Traveller, segment: Segment) -> None:
    if segment.element(1) == "AVF":
        one.booking = segment.element(1, 1)


def _document(_: List, one: Traveller, segment: Segment) -> None:
    if not segment.element(2):
        raise ValueError("a document without a number")
    one.documents.append(Document(segment.element(1).upper(), segment.element(2)))


_READERS: Final[Mapping[str, Callable[[List, Traveller, Segment], None]]] = {
    "NAD": _name,
    "DTM": _time,
    "LOC": _place,
    "RFF": _reference,
    "DOC": _document,
}

FORMAT: Final = Format("paxlst", carriers.KINDS, sniff, read, piece=piece)
