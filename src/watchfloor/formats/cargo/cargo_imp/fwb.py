"""FWB/16 and FWB/17: the data of one air waybill."""

import re
from collections.abc import Callable
from typing import Final

from watchfloor.formats.cargo.cargo_imp import common
from watchfloor.formats.cargo.cargo_imp.lines import Message, Segment, segments
from watchfloor.formats.cargo.waybills.facts import (
    CONSOLIDATION,
    Consignment,
    Flight,
    add_tariff,
    air_waybill,
)
from watchfloor.formats.lists.countries import country_code

_AGENT: Final = re.compile(r"(?P<account>[^/]*)(?:/(?P<agent>[^/]*))?(?:/(?P<branch>[^/]*))?.*", re.DOTALL)
_UNREAD: Final = frozenset(
    ("ACC", "OTH", "PPD", "COL", "CDC", "CER", "REF", "COI", "SII", "ARD", "NOM", "SRI", "OPI", "ISU")
)
"""Charges, commissions, accounts, references and signatures: known, and no part of a declaration."""


def read(message: Message, locator: str) -> Consignment:
    """The waybill. Raises `ValueError` where it has no number, no day, or a wrong check digit."""
    lines = message.lines
    shipment = common.SHIPMENT.fullmatch(lines[0].text) if lines else None
    if shipment is None:
        said = lines[0].text[:60] if lines else ""
        raise ValueError(f"its line 2 is {said!r}, and no waybill's number such as {common.EXPECTED}")
    found = segments(lines[1:])
    executed = next((one.head.split("/")[0] for one in found if one.name == "ISU"), None)
    if executed is None:
        raise ValueError("line ISU is missing, which says when the waybill was issued")
    one = Consignment(air_waybill(shipment["awb"]), common.issued(executed), locator)
    quantity = common.take_shipment(one, shipment)
    for segment in found:
        if take := _SEGMENTS.get(segment.name):
            take(segment, one)
    if quantity.volume and not any(code.startswith("volume=") for code in one.codes):
        one.codes.append(f"volume={quantity.volume}")
    if why := common.unknown(found, _SEGMENTS.keys() | _UNREAD):
        one.problems.append(why)
    return one


def _flights(segment: Segment, one: Consignment) -> None:
    pieces = "/".join(segment.texts).split("/")
    for flight, day in zip(pieces[::2], pieces[1::2], strict=False):
        if flight.strip():
            leaves = common.departure(day.strip(), one.observed)
            one.flights.append(Flight(flight.strip(), leaves))


def _routing(segment: Segment, one: Consignment) -> None:
    for leg in "/".join(segment.texts).split("/"):
        place, carrier = leg.strip()[:3], leg.strip()[3:]
        if len(leg.strip()) == 2:  # the first carrier alone
            place, carrier = "", leg.strip()
        one.route += [place] if place else []
        one.carriers += [carrier] if carrier else []


def _shipper(segment: Segment, one: Consignment) -> None:
    one.shipper = common.party(segment, one, named_first=False)


def _consignee(segment: Segment, one: Consignment) -> None:
    one.consignee = common.party(segment, one, named_first=False)


def _notify(segment: Segment, one: Consignment) -> None:
    one.notify = common.party(segment, one, named_first=True)


def _agent(segment: Segment, one: Consignment) -> None:
    match = _AGENT.fullmatch(segment.head)
    one.agent = next((text.strip() for _, text in segment.parts if text.strip()), "")
    if match and (code := (match["agent"] or "").strip()):
        branch = (match["branch"] or "").strip()
        one.codes.append(f"agent={code}/{branch}" if branch else f"agent={code}")
        one.agent = one.agent or code


def _goods(segment: Segment, one: Consignment) -> None:
    """Lines of a rate description: `/NG/…`, `/2/NH/847130`; the first is the rate itself."""
    for text in segment.texts:
        pieces = text.split("/", 1)
        if pieces[0].isdecimal() and len(pieces) == 2:
            pieces = pieces[1].split("/", 1)
        if len(pieces) == 2 and (take := _RATED.get(pieces[0])):
            take(pieces[1].strip(), one)


def _made_in(text: str, one: Consignment) -> None:
    one.made_in = country_code(text) or ""
    if not one.made_in:
        one.problems.append(f"RTD: {text!r} is no country of ISO 3166-1")


def _consolidation(text: str, one: Consignment) -> None:
    """`NC` is the goods of a consolidation, and so says that it is one."""
    one.goods.append(text)
    if CONSOLIDATION not in one.codes:
        one.codes.append(CONSOLIDATION)


_RATED: Final[dict[str, Callable[[str, Consignment], None]]] = {
    "NG": lambda text, one: one.goods.append(text),
    "NC": _consolidation,
    "NH": lambda text, one: add_tariff(one, text),
    "NO": _made_in,
    "NV": lambda text, one: one.codes.append(f"volume={text}"),
    "NU": lambda text, one: one.codes.append(f"uld={text}"),
    "NS": lambda text, one: one.codes.append(f"slac={text}"),
}
"""Kinds of lines of a rate description that are read; dimensions (`ND`) are not."""


def _said(name: str) -> Callable[[Segment, Consignment], None]:
    def add(segment: Segment, one: Consignment) -> None:
        one.codes += [f"{name}={text.strip()}" for text in segment.texts if text.strip()]

    return add


def _handling(segment: Segment, one: Consignment) -> None:
    one.handling += [code for text in segment.texts for code in common.handling(text)]


def _customs(segment: Segment, one: Consignment) -> None:
    one.notes += common.notes(segment)


_SEGMENTS: Final[dict[str, Callable[[Segment, Consignment], None]]] = {
    "FLT": _flights,
    "RTG": _routing,
    "SHP": _shipper,
    "CNE": _consignee,
    "NFY": _notify,
    "AGT": _agent,
    "CVD": common.take_value,
    "RTD": _goods,
    "SPH": _handling,
    "OCI": _customs,
    "SSR": _said("ssr"),
    "OSI": _said("osi"),
    "COR": _said("customs-origin"),
}
