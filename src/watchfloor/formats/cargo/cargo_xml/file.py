"""Files of Cargo-XML: recognised, read an element at a time, within the limits of `xml_limits`."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Final

from lxml import etree

from watchfloor.formats.base import WHOLE_FILE, Batch, Fault, Format, FormatError, Head
from watchfloor.formats.cargo.cargo_xml.manifest import Reading
from watchfloor.formats.cargo.cargo_xml.paths import moment, text
from watchfloor.formats.cargo.cargo_xml.waybill import house, purpose, waybill
from watchfloor.formats.cargo.waybills.facts import CONSOLIDATION, Consignment
from watchfloor.formats.cargo.waybills.manifests import Counted
from watchfloor.formats.cargo.waybills.rows import batches
from watchfloor.formats.lists.xml_items import fault
from watchfloor.formats.xml_limits import RAW_BYTES, elements, head_text, local

NAME: Final = "cargo-xml"
KINDS: Final = ("declaration", "party", "volume")
ROOTS: Final = {
    "Waybill": "iata:waybill:",
    "HouseWaybill": "iata:housewaybill:",
    "FlightManifest": "iata:flightmanifest:",
}
"""Roots that are read, and how their namespaces begin."""

_CONSOLIDATED: Final = "741"
"""UN/EDIFACT 1001: the master air waybill of a consolidation; 740 is one without house waybills."""
_HEADERS: Final = ("MessageHeaderDocument", "BusinessHeaderDocument")
_WANTED: Final = (
    *_HEADERS,
    "MasterConsignment",
    "LogisticsTransportMovement",
    "ArrivalOccurrenceDateTime",
    "OccurrenceArrivalLocation",
    "UtilizedUnitLoadTransportEquipment",
    "IncludedMasterConsignment",
)
_BATCH: Final = 2_000
_HINT: Final = re.compile(r"""=["']iata:(?:waybill|housewaybill|flightmanifest):\d+["']""")


def sniff(head: Head) -> float:
    """Sure of one of IATA's namespaces in the start of the file."""
    return 0.96 if _HINT.search(head_text(head)) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `declaration`, `party` and `volume`. Raises `FormatError` for a file of another root."""
    found = elements(stream, name, _WANTED, ROOTS)
    root = next(found)
    if isinstance(root, Fault):
        raise FormatError(f"{name}: {root.reason}")
    kind = local(root)
    space = str(root.tag).rpartition("}")[0].removeprefix("{")  # `QName` refuses one that has a brace
    if not space.startswith(ROOTS[kind]):
        raise FormatError(
            f"{name} is a {kind} of {space or 'no namespace'!r}, where {ROOTS[kind]}1 was expected"
        )
    yield from _manifest(found) if kind == "FlightManifest" else _document(found, kind)


def piece(stream: BinaryIO, locator: str) -> bytes | None:
    """The element of `consignment 17` of a manifest, as the parser writes it."""
    match = re.fullmatch(r"consignment (\d+)", locator)
    if match is None:
        return None
    number = 0
    try:
        for one in elements(stream, "the delivery", _WANTED, ROOTS):
            if not isinstance(one, Fault) and local(one) == "IncludedMasterConsignment":
                number += 1
                if number == int(match[1]):
                    return etree.tostring(one, encoding="utf-8", with_tail=False)
    except FormatError:  # the file was refused from here on
        pass
    return None


Found = Iterator[etree._Element | Fault]


def _document(found: Found, kind: str) -> Iterator[Batch | Fault]:
    """One waybill or house waybill."""
    number = meant = sort = ""
    signed: datetime | None = None
    rows: list[Consignment] = []
    for element in found:
        if isinstance(element, Fault):
            yield from batches(rows)
            yield element
            return
        try:
            if local(element) == "MessageHeaderDocument":
                meant, sort = text(element, "PurposeCode"), text(element, "TypeCode")
                signed = signed or moment(text(element, "IssueDateTime"))
            elif local(element) == "BusinessHeaderDocument":
                number = text(element, "ID")
                signed = moment(text(element, "SignatoryCarrierAuthentication/ActualDateTime")) or signed
            elif local(element) == "MasterConsignment":
                if signed is None:
                    raise ValueError("neither ActualDateTime nor IssueDateTime says when it was issued")
                make = waybill if kind == "Waybill" else house
                one = make(element, signed, WHOLE_FILE, number)
                purpose(meant, one)
                if sort == _CONSOLIDATED and not one.house:
                    one.codes.append(CONSOLIDATION)
                rows.append(one)
                yield from _partly(one, element)
        except ValueError as error:
            yield fault(element, WHOLE_FILE, str(error))
            return
    if not rows:
        yield Fault(WHOLE_FILE, f"no MasterConsignment is in this {kind}", b"")
    yield from batches(rows)


def _manifest(found: Found) -> Iterator[Batch | Fault]:
    """A flight's waybills, and how many there are for each airport; none of these where the file was cut."""
    reading = Reading()
    rows: list[Consignment] = []
    for element in found:
        if isinstance(element, Fault):
            yield from batches(rows)
            yield element
            return
        if local(element) == "MessageHeaderDocument":
            reading.purpose = text(element, "PurposeCode")
            continue
        try:
            one = reading.read(element)
        except ValueError as error:
            yield from batches(rows)
            yield Fault(
                WHOLE_FILE, str(error), etree.tostring(element, with_tail=False)[:RAW_BYTES], rest=True
            )
            return
        if isinstance(one, Fault):
            yield one
        elif one:
            rows.append(one)
            yield from _partly(one, element)
        if len(rows) >= _BATCH:
            yield from batches(rows)
            rows = []
    counts: list[Counted] = []
    for count in reading.flight.counts() if reading.flight else ():
        if count.direction:
            counts.append(count)
        else:
            yield Fault(WHOLE_FILE, count.nowhere, b"", partly=True)
    if reading.flight and not reading.flight.stops:
        why = f"the manifest {reading.flight.key} names no airport of unloading: nothing is counted"
        yield Fault(WHOLE_FILE, why, b"", partly=True)
    if reading.flight is None:
        yield Fault(
            WHOLE_FILE, "no LogisticsTransportMovement, which says the flight, is in this manifest", b""
        )
    yield from batches(rows, counts)


def _partly(one: Consignment, element: etree._Element) -> Iterator[Fault]:
    one.check()
    if one.problems:
        raw = etree.tostring(element, with_tail=False)[:RAW_BYTES]
        yield Fault(one.locator, one.partly, raw, partly=True)


FORMAT: Final = Format(NAME, KINDS, sniff, read, piece=piece)
