"""X12 309 as a format: customs manifests of highway, rail and sea."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO, Final

from watchfloor.core.subjects import SubjectError, subject
from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.byte_ranges import piece
from watchfloor.formats.cargo import manifests
from watchfloor.formats.cargo.manifests import Row, batches
from watchfloor.formats.cargo.x12 import codes
from watchfloor.formats.cargo.x12.bills import Bill, Line, Manifest, Party, bills
from watchfloor.formats.cargo.x12.envelope import Segment, events, moment, partly
from watchfloor.formats.record_splitter import LINES

_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*ISA(.)\d\d\1", re.DOTALL)
_SET: Final = re.compile(rb"ST(.)309\1")


def sniff(head: Head) -> float:
    """Sure of an ISA before a set 309; less of an interchange of other sets."""
    if not _START.match(head.data):
        return 0.0
    return 0.96 if _SET.search(head.data.translate(None, LINES)) else 0.5


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `declaration` and `party`. Raises `FormatError` where no interchange begins."""
    yield from batches(_rows(stream, name))


def _rows(stream: BinaryIO, name: str) -> Iterator[Row | Fault]:
    manifest: Manifest | None = None
    for one in bills(events(stream, name)):
        if isinstance(one, Fault):
            if manifest and not one.partly:
                manifest.tally.damaged = True
            yield one
        elif isinstance(one, Manifest):
            manifest = one
        elif manifest is None:
            continue
        elif isinstance(one, Bill):
            yield from declared(manifest, one)
        else:
            if one.whole:
                what = f"transaction set {manifest.begin.reference}"
                yield from manifest.tally.faults(what, manifest.begin.at.where, "bill (LX, M11)")
            manifest = None


FORMAT: Final = Format("x12-309", ("declaration", "party"), sniff, read, piece=piece)


# Rows of `declaration` and `party` from bills of a 309.
#
# A line of goods (N10) is a row; where a bill has none, M11 alone is one. Goods are keyed by the container
# that they are in, and by the cargo control number else: carrier code and bill number, in one.


def declared(manifest: Manifest, bill: Bill) -> Iterator[Row | Fault]:
    """Rows of a bill, and faults: all of it where it has no number, is withdrawn, or came before."""
    tally = manifest.tally
    tally.consignments += 1
    for one in bill.unknown:
        tally.meet(one.tag, one.where)
    try:
        document = control_number(manifest, bill)
        key = str(subject("parcel", "ccn", document))
    except ValueError as error:
        yield Fault(bill.where, str(error), bill.text)
        return
    amended = bill.amends.element(3) if bill.amends else ""
    if amended in codes.WITHDRAWN:
        yield Fault(bill.where, manifests.withdrawn(document, f"M13 {amended}"), bill.text)
        return
    if amended not in codes.ADDED:
        tally.amend(bill.where)
    if first := tally.before(document, bill.where):
        why = f"{document} stands twice in this transaction set, first at {first}; this one was not read"
        yield Fault(bill.where, why, bill.text)
        return
    at = manifest.begin.made
    if at is None:
        yield Fault(bill.where, "neither GS nor ISA says when this manifest was made", bill.text)
        return
    common = _common(manifest, bill, document) | {"observed_at": at}
    if bill.number and bill.number.element(3):
        try:
            common["pieces"] = manifests.count(bill.number.element(3))
        except ValueError as error:
            yield partly(bill.number, f"M1103: {error}")
    lines = bill.lines or [Line(bill.number or bill.first, bill.boxes[0] if len(bill.boxes) == 1 else None)]
    for index, line in enumerate(lines, 1):
        yield from _line(manifest, bill, line, index, key, common)
    yield from _named(bill, document, at)


def control_number(manifest: Manifest, bill: Bill) -> str:
    """Carrier code and number of a bill. Raises `ValueError` where it has no number."""
    number = (bill.number.element(1) if bill.number else "") or (
        bill.amends.element(4) if bill.amends else ""
    )
    if not number:
        raise ValueError("the bill has no number: neither M11 nor M13 states one")
    issuer = bill.number.element(12) if bill.number else ""
    carrier = issuer or (manifest.m10.element(1) if manifest.m10 else "")
    return manifests.in_one(carrier, number)


def _common(manifest: Manifest, bill: Bill, document: str) -> dict[str, Any]:
    """Return the columns that all lines of a bill share."""
    empty = Segment([""], 0, 0, b"")
    m10, p4, m11 = manifest.m10 or empty, manifest.p4 or empty, bill.number or empty
    shipper, consignee = (_party(bill, role) for role in ("shipper", "consignee"))
    loading, port = m11.element(2), p4.element(1)
    departure = manifests.country_of(loading) or (shipper.country if shipper else None)
    final = next((found for one in bill.lines if (found := manifests.country(one.at.element(12)))), None)
    destination = final or manifests.country_of(port) or (consignee.country if consignee else None)
    forwarder, importer = (_party(bill, role) for role in ("forwarder", "importer"))
    return {
        "origins": [],
        "importer": manifests.company(importer.id) if importer else None,
        "document": document,
        "master": next((bill.refs[one] for one in codes.MASTERS if one in bill.refs), None),
        "office": port or None,
        "departure": departure,
        "destination": destination,
        "direction": manifests.direction(departure, destination, (manifests.country_of(port),)),
        "route": [place for place in (loading, port) if place],
        "carrier": m10.element(1) or None,
        "handler": forwarder.name or forwarder.id or None if forwarder else None,
        "conveyance": manifests.line((m10.element(5), m10.element(6) or m10.element(12))) or None,
        "expected_at": moment(p4.element(2), p4.element(5)),
        **_address("shipper", shipper),
        **_address("consignee", consignee),
    }


def _party(bill: Bill, role: str) -> Party | None:
    return next((one for code, one in bill.parties.items() if codes.ROLES.get(code) == role), None)


def _address(role: str, party: Party | None) -> dict[str, str | None]:
    if party is None:
        return {}
    return {
        role: manifests.company(party.id),
        f"{role}_name": party.name or None,
        f"{role}_address": ", ".join(party.address) or None,
        f"{role}_phone": party.phone or None,
    }


def _line(
    manifest: Manifest, bill: Bill, line: Line, index: int, key: str, common: dict[str, Any]
) -> Iterator[Row | Fault]:
    at, n10 = line.at, line.at if line.at.tag == "N10" else Segment([""], 0, 0, b"")
    box, boxed, why = _box(line)
    if why and line.box:
        yield partly(line.box, f"{why}; the goods are keyed by {common['document']}")
    text = manifests.line((n10.element(2),))
    if not text:
        yield partly(at, f"line {index} of {common['document']} describes no goods (N1002)")
    codes = [*boxed]
    values: dict[str, Any] = {}
    for name, read in (("hs", _hs), ("value", _value), ("origin", _origin), ("mass", _mass)):
        try:
            values[name] = read(bill, n10)
        except ValueError as error:
            yield partly(at, f"{at.tag}: {error}")
    if n10.element(5) and values.get("hs") is None:
        codes.append(f"{n10.element(4) or 'commodity'}={n10.element(5)}")
    if n10.element(3):
        codes.append(f"marks={n10.element(3)}")
    currency = n10.element(13).upper() or "USD"
    yield Row(
        "declaration",
        common
        | values
        | {
            "report_key": f"{common['document']}#{index}",
            "locator": at.where,
            "subject": box or key,
            "goods": text,
            "currency": currency if values.get("value") is not None else None,
            "mode": _mode(manifest, box is not None),
            "codes": codes,
        },
    )


def _box(line: Line) -> tuple[str | None, list[str], str]:
    """The key of a container, else what VID says as it came; and what is wrong with it.

    Only containers (CN) have numbers of ISO 6346; trailers, chassis and rail cars have their owners' own.
    """
    if line.box is None:
        return None, [], ""
    number = line.box.element(2) + line.box.element(3)
    said = [f"{'container' if line.box.element(1) == 'CN' else 'equipment'}={number}"]
    if line.box.element(1) != "CN":
        return None, said, ""
    try:
        return manifests.container(number), [], ""
    except SubjectError as error:
        return None, said, str(error)


def _hs(_: Bill, n10: Segment) -> str | None:
    return (
        manifests.hs_code(n10.element(5)) if n10.element(5) and n10.element(4) in codes.HARMONIZED else None
    )


def _value(_: Bill, n10: Segment) -> Decimal | None:
    return manifests.money(n10.element(6)) if n10.element(6) else None


def _origin(_: Bill, n10: Segment) -> str | None:
    if not n10.element(11):
        return None
    found = manifests.country(n10.element(11))
    if found is None:
        raise ValueError(f"{n10.element(11)!r} is no country of origin by its two letters")
    return found


def _mass(bill: Bill, n10: Segment) -> float | None:
    """The line's mass; the bill's where it is its only line."""
    if n10.element(8):
        return _kilograms(n10.element(8), n10.element(7))
    if bill.number and len(bill.lines) <= 1 and bill.number.element(5):
        return _kilograms(bill.number.element(5), bill.number.element(6))
    return None


def _kilograms(text: str, unit: str) -> float:
    if unit not in codes.UNITS:
        raise ValueError(f"{unit!r} is no unit of weight; {', '.join(codes.UNITS)} are known")
    return manifests.kilograms(text, codes.UNITS[unit])


def _mode(manifest: Manifest, boxed: bool) -> str | None:
    code = manifest.m10.element(2) if manifest.m10 else ""
    mode = codes.MODES.get(code)
    return "marine-container" if mode == "vessel" and (boxed or code == codes.CONTAINERISED) else mode


def _named(bill: Bill, document: str, at: datetime) -> Iterator[Row]:
    """The parties that a bill names."""
    for code, party in bill.parties.items():
        if party.name and (role := codes.ROLES.get(code)):
            said = (("ccn", document), ("phone", party.phone), ("address", ", ".join(party.address)))
            yield Row(
                "party",
                {
                    "report_key": f"{document}:{code}",
                    "origins": [],
                    "observed_at": at,
                    "locator": bill.where,
                    "subject": manifests.company(party.id),
                    "role": role,
                    "name": party.name,
                    "country": party.country,
                    "identifiers": [{"system": one, "number": number} for one, number in said if number],
                    "context": document,
                },
            )
