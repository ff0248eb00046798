"""The UK Sanctions List (FCDO, sanctionslist.fcdo.gov.uk): XML, and CSV of one row a name and address.

It is the only list of the United Kingdom since 28 January 2026, when that of OFSI ended. Both forms give the
same entries under the same ids. Alias strength is the publisher's; names in other scripts are names. Parts of
a date of birth that are not known are `dd`, `mm` or zeros.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from typing import BinaryIO, Final

from lxml import etree

from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, Format, FormatError, Head
from watchfloor.formats.lists.listing_rows import Identifier, Item, Name, Role, batches
from watchfloor.formats.lists.sanctions_entry import (
    Entry,
    EntryRows,
    Publisher,
    birth_dates,
    day,
    each,
    name,
    table_items,
    together,
)
from watchfloor.formats.lists.xml_items import FoundItem, entry_of, readers
from watchfloor.formats.tabular import delimited
from watchfloor.formats.xml_limits import elements, head_text, local, text_of

UK: Final = Publisher("UK", "UK Sanctions List")
SCHEMAS: Final = {"individual": "Person", "entity": "Organization", "ship": "Vessel"}
NUMBERS: Final = {
    "PassportNumber": "passport",
    "NationalIdentifierNumber": "national id",
    "BusinessRegistrationNumber": "business registration number",
    "IMONumber": "imo",
    "HullIdentificationNumber": "hull identification number",
}
CELLS: Final = {
    "Passport number": "passport",
    "National Identifier number": "national id",
    "Business registration number (s)": "business registration number",
    "IMO number": "imo",
    "Hull identification number (HIN)": "hull identification number",
}
"""Systems of numbers, by element and by column."""
COUNTRIES: Final = ("Nationality", "CountryOfBirth", "AddressCountry", "CurrentBelievedFlagOfShip")
COUNTRY_CELLS: Final = (
    "Nationality(/ies)",
    "Country of birth",
    "Address Country",
    "Current believed flag of ship",
)
NEEDED: Final = ("Unique ID", "OFSI Group ID", "Name 6", "Designation Type")
_PARTS: Final = (1, 2, 3, 4, 5, 6)
_REPORT: Final = re.compile(rb"Report Date:\s*([^\r\n,\"]+)")


def sniff_xml(head: Head) -> float:
    """Sure of its root around an entry."""
    text = head_text(head)
    return 0.95 if "<Designations" in text and ("<UniqueID>" in text or "<DateGenerated>" in text) else 0.0


def _items(stream: BinaryIO, file: str) -> Iterator[FoundItem]:
    published: date | None = None
    for found in elements(stream, file, {"Designation", "DateGenerated"}, {"Designations"}):
        if isinstance(found, Fault):
            yield FoundItem(None, found)
        elif local(found) == "DateGenerated":
            published = day(text_of(found))
        elif local(found) == "Designation":
            number = _text(found, "UniqueID")
            yield entry_of(found, UK, number, published, partial(_entry, found, number))


read_xml, piece_xml = readers(_items)


def _entry(element: etree._Element, number: str) -> Entry:
    schema = _schema(_text(element, "IndividualEntityShip"))
    names = [
        _name(
            [_text(one, f"Name{part}") for part in _PARTS],
            _text(one, "NameType"),
            _text(one, "AliasStrength"),
            schema,
        )
        for one in element.iter()
        if local(one) == "Name" and len(one)
    ]
    names += [name(text, "alias", schema) for text in _all(element, "NameNonLatinScript")]
    births, unsure = _births(_all(element, "DOB"))
    return _filled(
        number,
        schema,
        names,
        births,
        lambda column: _text(element, column.replace(" ", "")),
        [text for tag in COUNTRIES for text in _all(element, tag)],
        [Identifier(system, text) for tag, system in NUMBERS.items() for text in _all(element, tag)],
        unsure,
    )


def _filled(
    number: str,
    schema: str,
    names: list[Name],
    births: list[str],
    cell: Callable[[str], str],
    countries: list[str],
    identifiers: list[Identifier],
    unsure: list[str],
) -> Entry:
    known = {"ofsi": cell("OFSI Group ID"), "un": cell("UN Reference Number")}
    updated = day(cell("Last Updated"))
    return Entry(
        number=number,
        schema=schema,
        names=names,
        births=births,
        countries=countries,
        identifiers=[*identifiers, *(Identifier(system, text) for system, text in known.items() if text)],
        regime=cell("Regime Name"),
        version=updated.isoformat() if updated else None,
        listed=day(cell("Date Designated")),
        updated=updated,
        remarks=[*unsure, cell("Sanctions Imposed").replace("|", ", "), cell("Other Information")],
    )


def _schema(kind: str) -> str:
    if kind.lower() not in SCHEMAS:
        raise ValueError(f"{kind[:40]!r} is no type of entry; the types are {', '.join(SCHEMAS)}")
    return SCHEMAS[kind.lower()]


def _name(parts: Iterable[str], kind: str, strength: str, schema: str) -> Name:
    """Return a name: given names, then the family name or the whole name of an entity."""
    said = kind.lower()
    role: Role = "primary" if said.strip() == "primary name" else "alias"
    if "former" in said or said.startswith("f.k.a"):
        role = "former"
    return name(" ".join(filter(None, parts)), role, schema, weak="low" in strength.lower())


def _births(texts: Iterable[str]) -> tuple[list[str], list[str]]:
    found: list[str] = []
    unsure: list[str] = []
    for text in texts:
        dates, vague = birth_dates(text)
        found += dates
        unsure += [f"born {text}"] if vague else []
    return found, unsure


def sniff_csv(head: Head) -> float:
    """Sure of its columns."""
    return 0.95 if set(NEEDED) <= set(delimited.header_of(head.data)) else 0.0


def read_csv(stream: BinaryIO, file: str) -> Iterator[Batch | Fault]:
    """Rows of `listing`. Raises `FormatError` where columns that it needs are missing."""
    return batches(_rows(stream, file))


def _rows(stream: BinaryIO, file: str) -> Iterator[Item | Fault]:
    start = stream.read(HEAD_BYTES)
    said = _REPORT.search(start[:1_000])
    published = day(said[1].decode("ascii", "replace")) if said else None
    sheet = delimited.read(stream, file, start=start)
    if missing := [column for column in NEEDED if column not in sheet.names]:
        raise FormatError(f"{file} has no column {missing[0]!r}, which the UK Sanctions List has")
    yield from table_items(together(sheet, lambda row: row["Unique ID"]), _of_rows, UK, published)


def _of_rows(found: EntryRows) -> Entry:
    first = found.cells[0]
    schema = _schema(first.get("Designation Type", ""))
    names = [
        _name(
            [row.get(f"Name {part}", "") for part in _PARTS],
            row.get("Name type", ""),
            row.get("Alias strength", ""),
            schema,
        )
        for row in found.cells
    ]
    names += [name(text, "alias", schema) for text in each(found, "Name non-latin script")]
    births, unsure = _births(each(found, "D.O.B"))
    return _filled(
        found.number,
        schema,
        names,
        births,
        lambda column: next((row[column] for row in found.cells if row.get(column)), ""),
        each(found, *COUNTRY_CELLS),
        [Identifier(system, text) for column, system in CELLS.items() for text in each(found, column)],
        unsure,
    )


def _text(element: etree._Element, tag: str) -> str:
    return text_of(next((child for child in element if local(child) == tag), None))


def _all(element: etree._Element, tag: str) -> list[str]:
    return [text for one in element.iter() if local(one) == tag and (text := text_of(one))]


XML: Final = Format("uk-sanctions-xml", ("listing",), sniff_xml, read_xml, piece=piece_xml)
CSV: Final = Format("uk-sanctions-csv", ("listing",), sniff_csv, read_csv)
