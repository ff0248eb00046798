"""A transaction set 309 as bills: what M10 and P4 say of all, and what stands of each (LX)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from watchfloor.formats.base import Fault
from watchfloor.formats.byte_ranges import locator
from watchfloor.formats.cargo import manifests
from watchfloor.formats.cargo.manifest_tally import Tally
from watchfloor.formats.cargo.x12 import codes
from watchfloor.formats.cargo.x12.envelope import Begin, End, Event, Segment, moment, partly
from watchfloor.formats.tabular.blocks import MAX_RAW

MAX_BILL: Final = 1 << 20
"""Bytes of a bill; one that has more is a fault, and the next is read."""
SET: Final = "309"


@dataclass(slots=True)
class Party:
    """An N1 and what N2, N3, N4 and PER add."""

    role: str
    name: str
    id: str
    address: list[str] = field(default_factory=list)
    country: str | None = None
    phone: str = ""


@dataclass(slots=True)
class Line:
    """A line of goods: an N10, and the equipment (VID) that it is in."""

    at: Segment
    box: Segment | None


@dataclass(slots=True)
class Bill:
    """State of one bill, from its LX on."""

    first: Segment
    last: Segment
    number: Segment | None = None
    amends: Segment | None = None
    refs: dict[str, str] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    party: Party | None = None
    box: Segment | None = None
    boxes: list[Segment] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    unknown: list[Segment] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    overlong: bool = False

    @property
    def where(self) -> str:
        """The bytes of it."""
        return locator(self.first.start, self.last.end)

    @property
    def text(self) -> bytes:
        """Its segments, as many as fit a fault, line by line."""
        return b"\n".join(self.raw[:2000])[:MAX_RAW]

    def add(self, one: Segment) -> None:
        """Adds a segment."""
        self.last = one
        if one.end - self.first.start > MAX_BILL:
            self.overlong, self.lines, self.boxes = True, [], []
        if self.overlong:
            return
        self.raw.append(one.raw)
        if reader := _READERS.get(one.tag):
            reader(self, one)
        elif one.tag not in codes.PASSED:
            self.unknown.append(one)


@dataclass(slots=True)
class Manifest:
    """State of a transaction set's bills so far: M10, the P4 that came last, the tally."""

    begin: Begin
    m10: Segment | None = None
    p4: Segment | None = None
    tally: Tally = field(default_factory=Tally)


def bills(events: Iterable[Event]) -> Iterator[Manifest | Bill | End | Fault]:
    """Manifests, each before its bills, and their ends; a fault for each other transaction set.

    A bill begins at LX, or at an M11 where the LX is missing.
    """
    manifest: Manifest | None = None
    bill: Bill | None = None
    for event in events:
        if isinstance(event, Begin):
            manifest, bill = None, None
            if why := _refused(event):
                yield Fault(event.at.where, why, event.at.raw[:MAX_RAW])
            else:
                manifest = Manifest(event)
                yield manifest
        elif isinstance(event, Fault):
            yield event
        elif manifest is None:
            continue
        elif isinstance(event, End):
            yield from _closed(bill, whole=event.whole)
            yield event
            manifest = bill = None
        elif event.tag in ("M10", "P4"):
            yield from _closed(bill)
            bill = None
            if event.tag == "M10":
                manifest.m10 = event
            manifest.p4 = event if event.tag == "P4" else None
            yield from _unreadable(event)
        elif event.tag == "LX" or (event.tag == "M11" and (bill is None or bill.number)):
            yield from _closed(bill)
            bill = Bill(event, event)
            bill.add(event)
        elif bill is not None:
            bill.add(event)
        elif event.tag not in codes.PASSED and event.tag not in _READERS:
            manifest.tally.meet(event.tag, event.where)


def _unreadable(one: Segment) -> Iterator[Fault]:
    """That the day of an arrival is none."""
    if one.tag == "P4" and one.element(2) and moment(one.element(2), one.element(5)) is None:
        yield partly(
            one,
            f"P402, P405: {one.element(2)!r}, {one.element(5)!r} are no day and time such as 20261201, 0600",
        )


def _refused(begin: Begin) -> str:
    """Why a transaction set is not read; empty where it is."""
    if begin.test:
        return f"transaction set {begin.reference} is marked as a test (ISA15): it declares nothing"
    if begin.type != SET:
        return f"transaction set {begin.reference} is a {begin.type or 'nameless'}, not a 309"
    return ""


def _closed(bill: Bill | None, whole: bool = True) -> Iterator[Bill | Fault]:
    if bill is None:
        return
    if bill.overlong:
        yield Fault(bill.where, f"this bill has more than {MAX_BILL:,} bytes, and was not read", bill.text)
    elif not whole:
        yield Fault(bill.where, "this bill was cut off, and was not read", bill.text)
    else:
        yield bill


def _number(bill: Bill, one: Segment) -> None:
    bill.number = one


def _amendment(bill: Bill, one: Segment) -> None:
    bill.amends = one


def _reference(bill: Bill, one: Segment) -> None:
    if one.element(2):
        bill.refs.setdefault(one.element(1), one.element(2))


def _party(bill: Bill, one: Segment) -> None:
    bill.party = Party(one.element(1), one.element(2), one.element(4))
    bill.parties.setdefault(one.element(1), bill.party)


def _name(bill: Bill, one: Segment) -> None:
    if bill.party:
        bill.party.name = manifests.line((bill.party.name, one.element(1), one.element(2)))


def _street(bill: Bill, one: Segment) -> None:
    if bill.party:
        bill.party.address += [part for part in (one.element(1), one.element(2)) if part]


def _town(bill: Bill, one: Segment) -> None:
    if bill.party:
        bill.party.address += [part for part in map(one.element, range(1, 5)) if part]
        bill.party.country = manifests.country(one.element(4))


def _contact(bill: Bill, one: Segment) -> None:
    for place in (3, 5, 7):
        if bill.party and one.element(place) in ("TE", "CP") and not bill.party.phone:
            bill.party.phone = one.element(place + 1)


def _equipment(bill: Bill, one: Segment) -> None:
    bill.box, bill.party = one, None
    bill.boxes.append(one)


def _goods(bill: Bill, one: Segment) -> None:
    bill.lines.append(Line(one, bill.box))


def _nothing(bill: Bill, one: Segment) -> None:
    """A line's number says nothing."""


_READERS: Final[Mapping[str, Callable[[Bill, Segment], None]]] = {
    "LX": _nothing,
    "M11": _number,
    "M13": _amendment,
    "N9": _reference,
    "N1": _party,
    "N2": _name,
    "N3": _street,
    "N4": _town,
    "PER": _contact,
    "VID": _equipment,
    "N10": _goods,
}
