"""Rows of `declaration` and `party` from consignments of postal items and of cargo manifests.

A line of goods is a row. A postal item is keyed by its S10 number. Goods of a manifest are keyed by the
container where they are in one alone, and by their bill else; the bill is `document` in either case.
`report_key` is the document's number and the line's, so that an amendment of the same lines replaces them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from watchfloor.formats import manifests
from watchfloor.formats.base import Fault
from watchfloor.formats.blocks import MAX_RAW
from watchfloor.formats.byte_ranges import locator
from watchfloor.formats.edifact import words
from watchfloor.formats.edifact.drafts import Draft, Goods, Party
from watchfloor.formats.edifact.envelope import Begin
from watchfloor.formats.edifact.groups import Group
from watchfloor.formats.edifact.syntax import Segment
from watchfloor.formats.manifests import Row, Tally
from watchfloor.records.subjects import SubjectError, parts, subject


@dataclass(slots=True)
class Message:
    """A message that is being read.

    Attributes:
        begin: its UNH.
        head: what comes before its first consignment.
        function: what it is for (1225).
        tally: what came of it so far.
    """

    begin: Begin
    head: Draft
    function: str
    tally: Tally = field(default_factory=Tally)

    def take(self, group: Group) -> Draft:
        """What a consignment says."""
        draft = Draft().take(group.segments)
        self.meet(draft)
        self.tally.consignments += 1
        return draft

    def meet(self, draft: Draft) -> None:
        """Counts the segments of a draft that are not known."""
        for one in draft.unknown:
            self.tally.meet(one.tag, locator(one.start, one.end))

    @property
    def postal(self) -> bool:
        """Whether it is about postal items."""
        return self.begin.type not in words.MANIFESTS

    @property
    def at(self) -> datetime:
        """When it was made: its DTM 137, or when its interchange was prepared. Raises `ValueError`."""
        made = self.head.times.get("137") or self.begin.of.made
        if made is None:
            raise ValueError("neither DTM+137 nor UNB says when this message was made")
        return made


def declared(message: Message, group: Group) -> Iterator[Row | Fault]:
    """Rows of a consignment, and faults: all of it where it has no number, or one that came before."""
    draft = message.take(group)
    try:
        key, document, master = identity(message, draft)
        at = message.at
    except ValueError as error:
        yield Fault(group.where, str(error), group.raw)
        return
    if first := message.tally.before(f"{master} {key}", group.where):
        why = f"{document} stands twice in this message, first at {first}; this one was not read"
        yield Fault(group.where, why, group.raw)
        return
    if done := words.CANCELLING.get(message.function):
        reason = f"the message {done} {document}: it declares nothing, and what was declared stays"
        yield Fault(group.where, reason, group.raw)
        return
    yield from (partly(one, note) for one, note in draft.notes)
    if not draft.goods:
        yield Fault(group.where, f"{document} has no line of goods (GID)", group.raw)
        return
    common = _common(message, draft, document, master) | {"observed_at": at}
    for number, goods in zip(_numbers(draft.goods), draft.goods, strict=True):
        yield from _line(message, draft, goods, number, key, common)
    yield from _named(draft, key, document, at, group)


def identity(message: Message, draft: Draft) -> tuple[str, str, str]:
    """Key, number and master's number of a consignment. Raises `ValueError` where it has none."""
    if message.postal:
        numbers = (draft.number, *draft.refs.values())
        number = next((one for one in numbers if _like_s10(one)), draft.number)
        if not number:
            raise ValueError("the item has no number: CNI or RFF must hold its S10 identifier")
        key = str(subject("parcel", "s10", number))
        return key, key.rsplit(":", 1)[1], ""
    master = next((draft.refs[one] for one in words.MASTERS if one in draft.refs), "")
    for qualifier, system in words.BILLS.items():
        if bill := draft.refs.get(qualifier):
            if qualifier == "BM" and "BH" in draft.refs:
                continue
            key = str(subject("parcel", system, bill))
            higher = draft.refs.get("BM", "") if qualifier == "BH" else ""
            return key, key.split(":", 2)[2], master or higher
    if number := draft.number or master:
        return f"parcel:bol:{number}", number, "" if number == master else master
    wanted = ", ".join(words.BILLS)
    raise ValueError(f"the consignment has no number: none in CNI, no RFF of {wanted}")


def _like_s10(text: str) -> bool:
    plain = text.replace(" ", "")
    return len(plain) == 13 and plain[:2].isalpha() and plain[11:].isalpha() and plain[2:11].isdigit()


def _common(message: Message, draft: Draft, document: str, master: str) -> dict[str, Any]:
    """What all lines of a consignment have in common."""
    head, of = message.head, message.begin.of
    shipper, consignee = _party(words.SHIPPERS, draft, head), _party(words.CONSIGNEES, draft, head)
    departure, destination = (draft.country(one, head) for one in (words.LOADING, words.DISCHARGE))
    departure = departure or _country(shipper)
    if message.postal:
        departure = departure or manifests.country(document[11:])
    destination = destination or _country(consignee)
    route = _route(draft, head)
    forwarder = _party(("FW",), draft, head)
    codes = {code_of(one) for one in (*draft.indicators, *head.indicators)}
    voyage = draft if draft.stage else head
    page = next((one.page for one in draft.parties.values() if one.page), None)
    packages = [one.packages for one in draft.goods if one.packages is not None]
    return {
        "origins": [],
        "importer": _company(_party(words.IMPORTERS, draft, head)),
        "declarant": _company(_party(words.DECLARANTS, draft, head)),
        "document": document,
        "master": master or None,
        "office": draft.place(words.OFFICES, head),
        "departure": departure,
        "destination": destination,
        "direction": manifests.direction(departure, destination, map(manifests.country_of, route))
        or next((words.MOVES[code] for code in sorted(codes & words.MOVES.keys())), None),
        "route": route,
        "carrier": voyage.carrier or head.carrier or None,
        "handler": of.sender or None if message.postal else _who(forwarder),
        "conveyance": manifests.line((voyage.vessel, voyage.voyage)) or None,
        "pieces": draft.packages if draft.packages is not None else sum(packages) if packages else None,
        "page": page,
        "category": next((words.CATEGORY[code] for code in sorted(codes & words.CATEGORY.keys())), None)
        if message.postal
        else None,
        "expected_at": _expected(draft, head),
        **_address("shipper", shipper),
        **_address("consignee", consignee),
    }


def _party(roles: tuple[str, ...], draft: Draft, head: Draft) -> Party | None:
    return draft.party(roles) or head.party(roles)


def code_of(one: Segment) -> str:
    """The processing indicator (7365) of a GIS or a GEI."""
    return one.of(2 if one.tag == "GEI" else 1)


def _route(draft: Draft, head: Draft) -> list[str]:
    found: dict[str, None] = {}
    for qualifier in words.ROUTE:
        for place in draft.places.get(qualifier) or head.places.get(qualifier) or ():
            found[place] = None
    return list(found)


def _company(party: Party | None) -> str | None:
    return manifests.company(party.id) if party else None


def _country(party: Party | None) -> str | None:
    return party.country if party else None


def _who(party: Party | None) -> str | None:
    return (party.id or party.name or None) if party else None


def _expected(draft: Draft, head: Draft) -> datetime | None:
    """Arrival as estimated (132), else departure (133)."""
    times = head.times | draft.times
    return times.get("132") or times.get("133")


def _address(role: str, party: Party | None) -> dict[str, str | None]:
    if party is None:
        return {}
    return {
        role: _company(party),
        f"{role}_name": party.name or None,
        f"{role}_address": party.address or None,
        f"{role}_phone": party.phone or None,
    }


def _numbers(goods: list[Goods]) -> list[str]:
    """Numbers of lines: as GID has them, or counted where one is missing or comes twice."""
    stated = [one.at.of(1) for one in goods]
    if all(stated) and len(set(stated)) == len(stated):
        return stated
    return [str(one) for one in range(1, len(goods) + 1)]


def _line(
    message: Message, draft: Draft, goods: Goods, number: str, key: str, common: dict[str, Any]
) -> Iterator[Row | Fault]:
    keys: list[str] = []
    for one in goods.containers:
        try:
            keys.append(manifests.container(one.of(1)))
        except SubjectError as error:
            yield partly(one, f"{error}; the goods are keyed by {common['document']}")
    text = manifests.line(goods.texts)
    if not text:
        yield partly(goods.at, f"line {number} of {common['document']} describes no goods (FTX+AAA)")
    whole = keys if len(keys) == len(goods.containers) else []
    boxes = [] if len(keys) == 1 == len(whole) else [f"container={one.of(1)}" for one in goods.containers]
    alone = draft if len(draft.goods) == 1 else Draft()
    mass, net = _mass(goods, alone)
    value, currency = _value(goods, draft, alone, message.head)
    yield Row(
        "declaration",
        common
        | {
            "report_key": f"{common['document']}#{number}",
            "locator": locator(goods.at.start, goods.end),
            "subject": whole[0] if len(whole) == 1 else key,
            "goods": text,
            "hs": goods.hs,
            "origin": goods.origin or draft.origin,
            "value": value,
            "currency": currency or None,
            "mass": mass,
            "mode": "post" if message.postal else _mode(draft, message.head, goods),
            "codes": [*goods.codes, *boxes, *net],
        },
    )


def _mass(goods: Goods, alone: Draft) -> tuple[float | None, list[str]]:
    """Gross mass of a line, its consignment's where it is its only line; net mass where there is no other."""
    for gross in (goods.gross, alone.gross):
        if gross is not None:
            return gross, []
    for net in (goods.net, alone.net):
        if net is not None:
            return net, ["mass=net"]
    return None, []


def _value(goods: Goods, draft: Draft, alone: Draft, head: Draft) -> tuple[Any, str]:
    value, currency = (goods.value, goods.currency) if goods.value is not None else alone.value or (None, "")
    return value, "" if value is None else currency or draft.currency or head.currency


def _mode(draft: Draft, head: Draft, goods: Goods) -> str | None:
    mode = words.MODES.get(draft.mode if draft.stage else head.mode)
    return "marine-container" if mode == "vessel" and goods.containers else mode


def _named(draft: Draft, key: str, document: str, at: datetime, group: Group) -> Iterator[Row]:
    """The parties that a consignment names."""
    for party in draft.parties.values():
        if party.name and (role := words.ROLES.get(party.role)):
            yield Row(
                "party",
                {
                    "report_key": f"{document}:{party.role}",
                    "origins": [],
                    "observed_at": at,
                    "locator": group.where,
                    "subject": _company(party),
                    "role": role,
                    "name": party.name,
                    "country": party.country,
                    "identifiers": _identifiers(party, key, document),
                    "context": document,
                },
            )


def _identifiers(party: Party, key: str, document: str) -> list[dict[str, str]]:
    said = ((parts(key)[1], document), ("phone", party.phone), ("address", party.address))
    return [{"system": system, "number": number} for system, number in said if number]


def partly(one: Segment, why: str) -> Fault:
    """A fault about a segment that rows are made without."""
    return Fault(locator(one.start, one.end), why, one.raw[:MAX_RAW], partly=True)
