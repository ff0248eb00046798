"""FHL/4 and FHL/5: the house waybills under one master.

The message names no day: its house waybills are observed when the file began (`base_time`), or on the day
that a waybill of the same master in the file was issued.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from watchfloor.formats.base import Fault
from watchfloor.formats.byte_ranges import locator
from watchfloor.formats.cargo.cargo_imp import common
from watchfloor.formats.cargo.cargo_imp.lines import Message, Segment, segments
from watchfloor.formats.cargo.waybills.facts import Consignment, add_tariff, air_waybill, set_mass, set_pieces

_HOUSE: Final = re.compile(
    r"(?P<house>[^/]{1,35})/(?P<origin>[A-Z]{3})(?P<destination>[A-Z]{3})/(?P<pieces>\d{1,9})"
    r"/(?P<unit>[KL])(?P<weight>[\d.]{1,20})(?:/(?P<slac>\d*)(?:/(?P<goods>.*))?)?",
    re.ASCII | re.DOTALL,
)
_EXPECTED: Final = "HOUSE1/YVRFRA/4/K245/4/SPARE PARTS"


def master(message: Message) -> str:
    """Number of the master. Raises `ValueError` where there is none, or its check digit is wrong."""
    first = next((line for line in message.lines if line.text.startswith("MBI/")), None)
    shipment = common.SHIPMENT.fullmatch(first.text[4:]) if first else None
    if shipment is None:
        said = first.text[:60] if first else ""
        raise ValueError(f"its line MBI is {said!r}, and no number such as MBI/{common.EXPECTED}")
    return air_waybill(shipment["awb"])


def read(message: Message, awb: str, observed: datetime) -> Iterator[Consignment | Fault]:
    """The house waybills; one that stands in the list before is a fault, which names the first.

    Raises `ValueError` for a list without any.
    """
    seen: dict[str, int] = {}
    groups = list(_groups(message))
    if not groups:
        raise ValueError(f"the list of master {awb} holds no house waybill (HBS)")
    for group in groups:
        where = locator(group[0].first.start, _end(group[-1]))
        raw = message.data[group[0].first.start - message.start : _end(group[-1]) - message.start]
        try:
            one = _house(group, awb, observed, where)
        except ValueError as error:
            yield Fault(where, str(error), raw[: 1 << 16])
            continue
        if one.house in seen:
            why = (
                f"house waybill {one.house} of master {awb} stands in this list already, in line"
                f" {seen[one.house]} of the message: the first was read, this one was not"
            )
            yield Fault(where, why, raw[: 1 << 16])
            continue
        seen[one.house] = group[0].first.number
        yield one


def _groups(message: Message) -> Iterator[list[Segment]]:
    group: list[Segment] = []
    for segment in segments(message.lines):
        if segment.name == "MBI":
            continue
        if segment.name == "HBS" and group:
            yield group
            group = []
        group.append(segment)
    if group:
        yield group


def _end(segment: Segment) -> int:
    return segment.more[-1][1].end if segment.more else segment.first.end


def _house(group: list[Segment], awb: str, observed: datetime, where: str) -> Consignment:
    head = group[0]
    match = _HOUSE.fullmatch(head.head) if head.name == "HBS" else None
    if match is None:
        said = head.first.text[:60]
        raise ValueError(f"{said!r} is no house waybill such as HBS/{_EXPECTED}")
    one = Consignment(awb, observed, where, house=match["house"].strip())
    one.origin, one.destination = match["origin"], match["destination"]
    set_pieces(one, match["pieces"])
    set_mass(one, match["weight"], pounds=match["unit"] == "L")
    if match["slac"]:
        one.codes.append(f"slac={match['slac']}")
    brief = [match["goods"] or ""]
    for _, text in head.parts:
        codes = common.handling(text)
        one.handling += codes
        brief += [] if codes else [text.strip()]
    for segment in group[1:]:
        if take := _SEGMENTS.get(segment.name):
            take(segment, one)
    one.goods = one.goods if any(one.goods) else brief
    if why := common.unknown(group[1:], _SEGMENTS):
        one.problems.append(why)
    return one


def _text(segment: Segment, one: Consignment) -> None:
    one.goods += [text.strip() for text in segment.texts]


def _tariffs(segment: Segment, one: Consignment) -> None:
    for text in "/".join(segment.texts).split("/"):
        add_tariff(one, text)


def _shipper(segment: Segment, one: Consignment) -> None:
    one.shipper = common.party(segment, one, named_first=True)


def _consignee(segment: Segment, one: Consignment) -> None:
    one.consignee = common.party(segment, one, named_first=True)


def _customs(segment: Segment, one: Consignment) -> None:
    one.notes += common.notes(segment)


_SEGMENTS: Final[dict[str, Callable[[Segment, Consignment], None]]] = {
    "TXT": _text,
    "HTS": _tariffs,
    "OCI": _customs,
    "SHP": _shipper,
    "CNE": _consignee,
    "CVD": common.take_value,
}
