"""What all lines of a consignment have in common: parties, countries, ways, carriers, moments."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchfloor.formats import manifests
from watchfloor.formats.edifact import words
from watchfloor.formats.edifact.drafts import Draft, Party
from watchfloor.formats.edifact.message import Message, code_of, list_of


def common(message: Message, draft: Draft, document: str, master: str) -> dict[str, Any]:
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
    indicators = [code_of(one) for one in (*draft.indicators, *head.indicators) if not list_of(one)]
    natures = [code_of(one) for one in draft.indicators if list_of(one)]
    page = next((one.page for one in draft.parties.values() if one.page), None)
    packages = [one.packages for one in draft.goods if one.packages is not None]
    return {
        "origins": [],
        "importer": company_of(_party(words.IMPORTERS, draft, head)),
        "declarant": company_of(_party(words.DECLARANTS, draft, head)),
        "document": document,
        "master": master or None,
        "office": draft.place(words.OFFICES, head),
        "departure": departure,
        "destination": destination,
        "direction": _direction(departure, destination, route, indicators),
        "route": route,
        "carrier": draft.carrier or head.carrier or None,
        "handler": of.sender or None if message.postal else _who(forwarder),
        "conveyance": _conveyance(draft) or _conveyance(head),
        "pieces": draft.packages if draft.packages is not None else sum(packages) if packages else None,
        "page": page,
        "category": _first(words.CATEGORY, natures) if message.postal else None,
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
    return _first(words.MOVES, indicators) or manifests.direction(departure, destination, ())


def _first(known: Mapping[str, str], codes: list[str]) -> str | None:
    return next((known[code] for code in codes if code in known), None)


def _conveyance(draft: Draft) -> str | None:
    return manifests.line((draft.vessel, draft.voyage)) or None


def _party(roles: tuple[str, ...], draft: Draft, head: Draft) -> Party | None:
    return draft.party(roles) or head.party(roles)


def _route(draft: Draft, head: Draft) -> list[str]:
    found: dict[str, None] = {}
    for qualifier in words.ROUTE:
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
