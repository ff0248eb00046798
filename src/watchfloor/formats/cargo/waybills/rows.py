"""From what waybills say to `declaration`, `party` and `volume` rows: one table a kind.

A waybill is a `parcel:awb:014-12345675`, a house waybill a `parcel:hawb:014-12345675-HOUSE1`. A line of a
manifest is a subject of its own, `parcel:manifest:...`: it says again what a waybill says, or tells a part of
it, and its mass must not be added to that. `document` ties the two.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import DECLARATION, PARTY, VOLUME
from watchfloor.core.subjects import SubjectError, subject
from watchfloor.formats.base import Batch
from watchfloor.formats.cargo.manifests import direction
from watchfloor.formats.cargo.waybills.airports import country_of
from watchfloor.formats.cargo.waybills.facts import Consignment, Note, Party
from watchfloor.formats.cargo.waybills.manifests import Counted

MODE: Final = "air-cargo"
_TRADER: Final = {"CA": ("bn", ""), "CN": ("uscc", "USCI")}
"""Whose trader numbers (OCI code T) have check digits: their system, and what stands before them."""
_SIDES: Final = {"shipper": "SHP", "consignee": "CNE", "notify": "NFY"}


def key(one: Consignment) -> str:
    """The document's own number, under which an amendment of it comes again."""
    if one.aboard:
        return f"{one.aboard.key}/{one.awb}/{one.aboard.line}"
    return f"{one.awb}-{one.house}" if one.house else one.awb


def _subject(one: Consignment) -> str:
    system = "manifest" if one.aboard else "hawb" if one.house else "awb"
    return f"parcel:{system}:{key(one)}"


def _ends(one: Consignment) -> tuple[str | None, str | None]:
    return (
        country_of(one.origin) or one.shipper.country or None,
        country_of(one.destination) or one.consignee.country or None,
    )


def _route(one: Consignment) -> list[str]:
    """Places in order, each once where it is named twice running."""
    places = [place for place in (one.origin, *one.route, one.destination) if place]
    return [place for i, place in enumerate(places) if i == 0 or place != places[i - 1]]


def _hs(one: Consignment) -> str | None:
    return next((code for code in one.hs if 6 <= len(code) <= 10), None)


def _codes(one: Consignment) -> list[str]:
    return [
        *(f"sph={code}" for code in one.handling),
        *(f"hs={code}" for code in one.hs if code != _hs(one)),
        *(f"flight={flight.number}" for flight in one.flights[1:]),
        *(f"oci={note}" for note in one.notes),
        *sorted(one.codes),
    ]


def _phone(one: Consignment, side: str) -> str | None:
    """A party's telephone; where its address has none, that of its customs information."""
    party: Party = getattr(one, side)
    return party.phone or next((note.text for note in _about(one, side) if note.code in ("CT", "TE")), None)


def _about(one: Consignment, side: str) -> list[Note]:
    return [note for note in one.notes if note.about == _SIDES[side]]


def _trader(one: Consignment, side: str) -> str | None:
    """Typed key of a party by a trader number with a check digit, of Canada or of China."""
    for note in _about(one, side):
        system, before = _TRADER.get(note.country, ("", ""))
        if system and note.code == "T":
            try:
                return str(subject("company", system, note.text.removeprefix(before)))
            except SubjectError:
                continue
    return None


def _expected(one: Consignment) -> datetime | None:
    if one.aboard:
        return one.aboard.arrives
    return one.flights[0].leaves if one.flights else None


DECLARED: Final[Mapping[str, Callable[[Consignment], Any]]] = {
    "report_key": key,
    "origins": lambda one: [],  # noqa: ARG005 - a waybill repeats no other report
    "observed_at": lambda one: one.observed,
    "locator": lambda one: one.locator,
    "subject": _subject,
    "consignee": lambda one: _trader(one, "consignee"),
    "shipper": lambda one: _trader(one, "shipper"),
    "goods": lambda one: " ".join(filter(None, one.goods)),
    "hs": _hs,
    "origin": lambda one: one.made_in or None,
    "value": lambda one: one.value,
    "currency": lambda one: one.currency or None,
    "mass": lambda one: None if one.mass is None else float(one.mass),
    "direction": lambda one: direction(*_ends(one), map(country_of, _route(one))),
    "mode": lambda one: MODE,  # noqa: ARG005 - all of them fly
    "departure": lambda one: _ends(one)[0],
    "destination": lambda one: _ends(one)[1],
    "route": _route,
    "carrier": lambda one: one.carriers[0] if one.carriers else None,
    "handler": lambda one: one.agent or None,
    "document": lambda one: one.house or one.awb,
    "master": lambda one: one.awb if one.house else None,
    "conveyance": lambda one: one.flights[0].number if one.flights else None,
    "pieces": lambda one: one.pieces,
    "shipper_name": lambda one: one.shipper.name or None,
    "shipper_address": lambda one: one.shipper.address or None,
    "shipper_phone": lambda one: _phone(one, "shipper"),
    "consignee_name": lambda one: one.consignee.name or None,
    "consignee_address": lambda one: one.consignee.address or None,
    "consignee_phone": lambda one: _phone(one, "consignee"),
    "codes": _codes,
    "expected_at": _expected,
}
"""The columns of a declaration that a waybill can fill; the others are null."""


def _named(one: Consignment) -> Iterator[dict[str, Any]]:
    for role in _SIDES:
        party: Party = getattr(one, role)
        if party.name:
            yield {
                "report_key": f"{key(one)}:{role}",
                "origins": [],
                "observed_at": one.observed,
                "locator": one.locator,
                "subject": _trader(one, role),
                "role": role,
                "name": party.name,
                "country": party.country or None,
                "identifiers": list(_identifiers(one, role, party)),
                "context": f"{'house' if one.house else 'air'} waybill {one.house or one.awb}",
            }


def _identifiers(one: Consignment, role: str, party: Party) -> Iterator[dict[str, str | None]]:
    if not one.house:
        yield {"system": "awb", "number": one.awb, "owner": None}
    if phone := _phone(one, role):
        yield {"system": "phone", "number": phone, "owner": None}
    if party.street:
        yield {"system": "address", "number": party.address, "owner": None}
    if party.account:
        yield {"system": "carrier-account", "number": party.account, "owner": one.awb[:3]}
    for note in _about(one, role):
        if note.code == "T":
            yield {"system": "trader-number", "number": note.text, "owner": note.country or None}


def _volume(one: Counted) -> dict[str, Any]:
    until = one.arrives if one.arrives and one.arrives > one.leaves else one.leaves + timedelta(days=1)
    return {
        "report_key": f"{one.manifest}/{one.unloading}",
        "origins": [],
        "observed_at": one.leaves,
        "locator": one.locator,
        "until": until,
        "direction": one.direction,
        "mode": MODE,
        "office": one.unloading,
        "items": one.waybills,
        "counted_by": "flight manifest",
    }


def batches(consignments: list[Consignment], counts: Iterable[Counted] = ()) -> Iterator[Batch]:
    """The rows of some documents, a batch a kind; none for a kind without rows."""
    if consignments:
        yield Batch(DECLARATION, _declarations(consignments))
    if parties := [row for one in consignments for row in _named(one)]:
        yield Batch(PARTY, _table(parties, _PARTY))
    if volumes := [_volume(one) for one in counts]:
        yield Batch(VOLUME, _table(volumes, _VOLUME))


_BODY: Final = DECLARATION.body
_FILLED: Final = tuple((field.type, DECLARED.get(field.name)) for field in _BODY)


def _declarations(consignments: list[Consignment]) -> pa.Table:
    count = len(consignments)
    arrays = [
        pa.array([fill(one) for one in consignments], of) if fill else pa.nulls(count, of)
        for of, fill in _FILLED
    ]
    return pa.Table.from_arrays(arrays, schema=_BODY)


_PARTY: Final = PARTY.body
_VOLUME: Final = VOLUME.body


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=schema)
