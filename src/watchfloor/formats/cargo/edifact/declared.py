"""Rows of `declaration` and `party` from consignments of postal items and of cargo manifests.

A line of goods is a row. A postal item is keyed by its S10 number. Goods of a manifest are keyed by the
container where they are in one alone, and by their bill else; the bill is `document` in either case.
`report_key` is the number in the document's key and that of the line, so that an amendment of the same lines
replaces them.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from watchfloor.core.subjects import SubjectError, parts, subject
from watchfloor.formats.base import Fault
from watchfloor.formats.byte_ranges import locator
from watchfloor.formats.cargo import manifests
from watchfloor.formats.cargo.edifact import codes
from watchfloor.formats.cargo.edifact.drafts import Draft, Goods, Party
from watchfloor.formats.cargo.edifact.groups import Group
from watchfloor.formats.cargo.edifact.message import Message, code_of, list_of, partly
from watchfloor.formats.cargo.edifact.syntax import Segment
from watchfloor.formats.cargo.manifests import Row
from watchfloor.formats.cargo.waybills.facts import air_waybill


def declared(message: Message, group: Group) -> Iterator[Row | Fault]:
    """Rows of a consignment, and faults: all of it where it has no number, or one that came before."""
    draft = message.draft(group)
    try:
        key, document, master = identity(message, draft)
        at = message.at
    except ValueError as error:
        yield Fault(group.where, str(error), group.raw)
        return
    if first := message.tally.before(key, group.where):
        why = f"{document} stands twice in this message, first at {first}; this one was not read"
        yield Fault(group.where, why, group.raw)
        return
    if done := codes.CANCELLING.get(message.function):
        why = manifests.withdrawn(document, f"the message {done} it, BGM {message.function}")
        yield Fault(group.where, why, group.raw)
        return
    if message.function in codes.AMENDING:
        message.tally.amend(group.where)
    yield from (partly(one, note) for one, note in draft.notes)
    if not draft.goods:
        yield Fault(group.where, f"{document} has no line of goods (GID)", group.raw)
        return
    shared = common(message, draft, document, master) | {"observed_at": at}
    for number, goods in zip(_numbers(draft.goods), draft.goods, strict=True):
        yield from _line(message, draft, goods, number, key, shared)
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
    master = next((draft.refs[one] for one in codes.MASTERS if one in draft.refs), "")
    for qualifier, system in codes.BILLS.items():
        if bill := draft.refs.get(qualifier):
            above = master or draft.refs.get(codes.ABOVE.get(qualifier, ""), "")
            key = _key(message, draft, system, bill, above)
            return key, bill if system in _OWN else key.split(":", 2)[2], above
    if number := draft.number or master:
        above = "" if number == master else master
        return _key(message, draft, "bol", number, above), number, above
    wanted = ", ".join(codes.BILLS)
    raise ValueError(f"the consignment has no number: none in CNI, no RFF of {wanted}")


_OWN: Final = ("bol", "hawb")
"""Systems in which each issuer has its own numbers: the master's, or the carrier's code, tells them apart."""


def _key(message: Message, draft: Draft, system: str, bill: str, master: str) -> str:
    """The key of a bill: below its master as waybills have it, else behind its carrier's code."""
    if system == "bol":
        carrier = draft.issuer or message.head.issuer
        bill = f"{manifests.in_one(carrier, master)}-{bill}" if master else manifests.in_one(carrier, bill)
    elif system == "hawb" and master:
        bill = f"{_waybill(master)}-{bill}"
    return str(subject("parcel", system, bill))


def _waybill(number: str) -> str:
    """An air waybill's number as `014-12345675`; another as it is."""
    try:
        return air_waybill(number)
    except ValueError:
        return number


def _like_s10(text: str) -> bool:
    plain = text.replace(" ", "")
    return len(plain) == 13 and plain[:2].isalpha() and plain[11:].isalpha() and plain[2:11].isdigit()


def _numbers(goods: list[Goods]) -> list[str]:
    """Numbers of lines: as GID has them, or counted where one is missing or comes twice."""
    stated = [one.at.element(1) for one in goods]
    if all(stated) and len(set(stated)) == len(stated):
        return stated
    return [str(one) for one in range(1, len(goods) + 1)]


def _line(
    message: Message, draft: Draft, goods: Goods, number: str, key: str, common: dict[str, Any]
) -> Iterator[Row | Fault]:
    keys: list[str] = []
    boxes = [one for one in goods.containers if _is_container(one, draft, message.head)]
    for one in boxes:
        try:
            keys.append(manifests.container(one.element(1)))
        except SubjectError as error:
            yield partly(one, f"{error}; the goods are keyed by {common['document']}")
    text = manifests.line(goods.texts)
    if not text:
        yield partly(goods.at, f"line {number} of {common['document']} describes no goods (FTX+AAA)")
    box = keys[0] if len(keys) == len(boxes) == 1 else None
    packed = [
        f"{'container' if one in boxes else 'equipment'}={one.element(1)}"
        for one in goods.containers
        if one not in boxes or box is None
    ]
    alone = draft if len(draft.goods) == 1 else Draft()
    mass, net = _mass(goods, alone)
    value, currency = _value(goods, draft, alone, message.head)
    yield Row(
        "declaration",
        common
        | {
            "report_key": f"{parts(key)[2]}#{number}",
            "locator": locator(goods.at.start, goods.end),
            "subject": box or key,
            "goods": text,
            "hs": goods.hs,
            "origin": goods.origin or draft.origin,
            "value": value,
            "currency": currency or None,
            "mass": mass,
            "mode": "post" if message.postal else _mode(draft, message.head, bool(boxes)),
            "codes": [*goods.codes, *packed, *net],
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


def _is_container(one: Segment, draft: Draft, head: Draft) -> bool:
    """Whether goods are placed in a container: what no EQD says to be another thing is taken for one."""
    number = one.element(1)
    said = draft.equipment.get(number) or head.equipment.get(number) or codes.CONTAINER
    return said == codes.CONTAINER


def _mode(draft: Draft, head: Draft, boxed: bool) -> str | None:
    mode = codes.MODES.get(draft.mode or head.mode)
    return "marine-container" if mode == "vessel" and boxed else mode


def _named(draft: Draft, key: str, document: str, at: datetime, group: Group) -> Iterator[Row]:
    """The parties that a consignment names."""
    for party in draft.parties.values():
        if party.name and (role := codes.ROLES.get(party.role)):
            yield Row(
                "party",
                {
                    "report_key": f"{parts(key)[2]}:{party.role}",
                    "origins": [],
                    "observed_at": at,
                    "locator": group.where,
                    "subject": company_of(party),
                    "role": role,
                    "name": party.name,
                    "country": party.country,
                    "identifiers": _identifiers(party, key),
                    "context": document,
                },
            )


def _identifiers(party: Party, key: str) -> list[dict[str, str]]:
    said = (parts(key)[1:], ("phone", party.phone), ("address", party.address))
    return [{"system": system, "number": number} for system, number in said if number]


# What all lines of a consignment have in common: parties, countries, ways, carriers, moments.


def common(message: Message, draft: Draft, document: str, master: str) -> dict[str, Any]:
    """Return the columns that all lines of a consignment share."""
    head, of = message.head, message.begin.of
    shipper, consignee = _party(codes.SHIPPERS, draft, head), _party(codes.CONSIGNEES, draft, head)
    departure, destination = (draft.country(one, head) for one in (codes.LOADING, codes.DISCHARGE))
    departure = departure or _country(shipper)
    if message.postal:
        departure = departure or manifests.country(document[11:])
    destination = destination or _country(consignee)
    route = _route(draft, head)
    forwarder = _party(("FW",), draft, head)
    indicators = [code_of(one) for one in (*draft.indicators, *head.indicators) if not list_of(one)]
    natures = [code_of(one) for one in draft.indicators if list_of(one)]
    page = next((one.page for one in draft.parties.values() if one.page), None)
    packages = [one.packages for one in draft.goods if one.packages is not None]
    return {
        "origins": [],
        "importer": company_of(_party(codes.IMPORTERS, draft, head)),
        "declarant": company_of(_party(codes.DECLARANTS, draft, head)),
        "document": document,
        "master": master or None,
        "office": draft.place(codes.OFFICES, head),
        "departure": departure,
        "destination": destination,
        "direction": _direction(departure, destination, route, indicators),
        "route": route,
        "carrier": draft.carrier or head.carrier or None,
        "handler": of.sender or None if message.postal else _who(forwarder),
        "conveyance": _conveyance(draft) or _conveyance(head),
        "pieces": draft.packages if draft.packages is not None else sum(packages) if packages else None,
        "page": page,
        "category": _first(codes.CATEGORY, natures) if message.postal else None,
        "expected_at": _expected(draft, head),
        **_address("shipper", shipper),
        **_address("consignee", consignee),
    }


def _direction(
    departure: str | None, destination: str | None, route: list[str], indicators: list[str]
) -> str | None:
    """Which way goods go: by their countries, and by the message's indicator where one is not known."""
    if departure and destination:
        return manifests.direction(departure, destination, map(manifests.country_of, route))
    return _first(codes.MOVES, indicators) or manifests.direction(departure, destination, ())


def _first(known: Mapping[str, str], codes: list[str]) -> str | None:
    return next((known[code] for code in codes if code in known), None)


def _conveyance(draft: Draft) -> str | None:
    return manifests.line((draft.vessel, draft.voyage)) or None


def _party(roles: tuple[str, ...], draft: Draft, head: Draft) -> Party | None:
    return draft.party(roles) or head.party(roles)


def _route(draft: Draft, head: Draft) -> list[str]:
    found: dict[str, None] = {}
    for qualifier in codes.ROUTE:
        for place in draft.places.get(qualifier) or head.places.get(qualifier) or ():
            found[place] = None
    return list(found)


def company_of(party: Party | None) -> str | None:
    """The key of a party that is a company with a known number."""
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
        role: company_of(party),
        f"{role}_name": party.name or None,
        f"{role}_address": party.address or None,
        f"{role}_phone": party.phone or None,
    }
