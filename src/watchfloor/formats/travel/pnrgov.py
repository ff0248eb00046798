"""Bookings that carriers send to a government: PNRGOV (IATA, EDIFACT 11.1 to 15.1 and similar).

A booking begins at each SRC and is read alone. It gives its travellers (TIF), the documents that they state
(SSR DOCS), and the crossing of the message's flight (the first TVL). What else a booking says, of
fares, cards, seats, meals and histories, becomes no record.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, Final

from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.byte_ranges import locator, piece
from watchfloor.formats.cargo.edifact.envelope import Begin, End, Event
from watchfloor.formats.cargo.edifact.syntax import Segment
from watchfloor.formats.cargo.manifests import Row
from watchfloor.formats.travel import carriers
from watchfloor.formats.travel.carriers import Document, List, Traveller, Voyage, left_out, partly

TYPE: Final = "PNRGOV"
KNOWN: Final = frozenset(
    "MSG ORG TVL EQN SRC RCI SSR DAT IFT TIF FTI REF EBD FAR TKT MON PTK TXD TRI TBD FOP ADD RPI APD LTS SAC "
    "ABI CNT CRI RET RLS SEA UNS TRA AUT NAD ATC".split()
)
"""Segments that the guide has; another one is told."""
_TITLE: Final = re.compile(r"(?:(?<=\s)|(?<=\w{2}))(?:MRS|MISS|MSTR|MR|MS|DR|MME|MLLE)$")


def sniff(head: Head) -> float:
    """Sure where an interchange begins with a PNRGOV message."""
    return carriers.sniff(head, TYPE)


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `crossing`, `travel-document` and `party`. Raises `FormatError` where no interchange begins."""
    return carriers.read(stream, name, TYPE, _message)


def _message(begin: Begin, events: Iterator[Event]) -> Iterator[Row | Fault]:
    of, bookings, stated = List(begin), 0, ""
    held: list[Segment] = []
    overlong = False
    equipment: Segment | None = None
    for event in events:
        if isinstance(event, Fault):
            yield event
        elif isinstance(event, End):
            if held and not event.whole:
                where = locator(held[0].start, held[-1].end)
                yield Fault(where, "this booking was cut off, and was not read", carriers.raw(held))
            elif held and not overlong:
                yield from _booking(of, held)
            if event.whole and equipment and stated.lstrip("0") != str(bookings) and stated:
                yield partly(equipment, f"EQN says {stated} bookings; {bookings:,} came")
        elif isinstance(event, Segment):
            if event.tag == "SRC":
                if held and not overlong:
                    yield from _booking(of, held)
                held, overlong, bookings = [event], False, bookings + 1
            elif held:
                held.append(event)
                if event.end - held[0].start > carriers.MAX_GROUP and not overlong:
                    where = locator(held[0].start, event.end)
                    yield Fault(where, "this booking has too many bytes, and was not read", b"")
                    overlong, held = True, [event]
            elif event.tag == "TVL" and not of.voyages:
                yield from _flight(of, event)
            elif event.tag == "EQN" and not stated:
                equipment, stated = event, event.element(1)


def _flight(of: List, one: Segment) -> Iterator[Fault]:
    voyage = Voyage(one.element(4), one.element(5), "air", one.element(2).upper(), one.element(3).upper())
    of.voyages.append(voyage)
    try:
        voyage.departs = _local(one.element(1), one.element(1, 1))
        if one.element(1, 2):
            voyage.arrives = _local(one.element(1, 2), one.element(1, 3))
    except ValueError as error:
        yield partly(one, f"TVL: {error}")


def _local(day: str, time: str) -> datetime:
    """Return a local time of a day (ddmmyy) and a time (hhmm, or empty). Raises `ValueError`."""
    try:
        return datetime.strptime(day + (time or "0000"), "%d%m%y%H%M")  # noqa: DTZ007 - local to a port
    except ValueError as error:
        raise ValueError(f"{day} {time} is no moment, or one that does not exist") from error


def _booking(of: List, held: list[Segment]) -> Iterator[Row | Fault]:
    travellers: dict[str, Traveller] = {}
    loose: list[tuple[Segment, Document, str, str | None]] = []
    locator_of = ""
    for segment in held:
        if segment.tag == "RCI" and not locator_of:
            locator_of = segment.element(1, 1)
        elif segment.tag == "TIF":
            reference = segment.element(2, 2) or f"#{len(travellers) + 1}"
            travellers.setdefault(reference, _named(segment))
        elif segment.tag == "SSR" and segment.element(1).upper() == "DOCS":
            yield left_out(segment, "nationality, sex")
            try:
                document, name, born = _docs(of, segment)
            except ValueError as error:
                yield partly(segment, f"SSR DOCS: {error}")
                continue
            loose.append((segment, document, name, born))
        elif segment.tag not in KNOWN:
            yield partly(segment, f"{segment.tag} is not known, and was read past")
    for segment, document, name, born in loose:
        holder = _holder(travellers, segment.element(2, 2), name)
        if holder is None:
            yield partly(segment, "SSR DOCS: no traveller of the booking has this document")
            continue
        same = [one for one in holder.documents if one.number == document.number]
        if not same:
            holder.documents.append(document)
        holder.birth = holder.birth or born
    if not travellers:
        yield Fault(
            locator(held[0].start, held[-1].end), "this booking names no traveller (TIF)", carriers.raw(held)
        )
    for one in travellers.values():
        one.booking = locator_of
        yield from carriers.rows(of, one)


def _named(segment: Segment) -> Traveller:
    """Return a traveller of a TIF, without the title behind the given names: it says a sex."""
    given = _TITLE.sub("", segment.element(2).upper().strip()).strip()
    return Traveller(" ".join(filter(None, (segment.element(1), given))), segments=[segment])


def _docs(of: List, segment: Segment) -> tuple[Document, str, str | None]:
    """Return the document of an SSR DOCS, the name on it, and the birth. Raises `ValueError`."""
    text = next((one for one in segment.data[1] if one.strip().startswith("/")), "")
    parts = [one.strip() for one in text.strip().split("/")]
    if len(parts) < 4 or not parts[3]:
        raise ValueError("it states no document number")
    parts += [""] * (10 - len(parts))
    _, code, issuer, number, _, born, _, expires, surname, given = parts[:10]
    made = of.made or of.begin.of.made
    return (
        Document(code.upper(), number, issuer.upper(), carriers.day(expires, "%d%b%y") if expires else None),
        _plain(surname + given),
        carriers.birth(born, "%d%b%y", made) if born else None,
    )


def _holder(travellers: Mapping[str, Traveller], reference: str, name: str) -> Traveller | None:
    """Return the traveller of a document: by reference, else the only one, else the one of its name."""
    if reference in travellers:
        return travellers[reference]
    if len(travellers) == 1:
        return next(iter(travellers.values()))
    named = [one for one in travellers.values() if name and _plain(one.name).startswith(name[:12])]
    return named[0] if len(named) == 1 else None


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z]", "", text.upper())


FORMAT: Final = Format("pnrgov", carriers.KINDS, sniff, read, piece=piece)
