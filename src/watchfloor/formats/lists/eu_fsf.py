"""The European Union's consolidated financial sanctions files (FSF): XML 1.1, and CSV 1.1.

An entry of the CSV has a row for each name, address and so on. Both forms give the same entries, by the
logical id of the entity. Names are as strong as the list says; those in other languages are names too. What
the list knows to be false (`knownFalse`) is told in the remarks alone.
"""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import BinaryIO, Final

from lxml import etree

from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
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

EU: Final = Publisher("EU-FSF", "EU consolidated list of financial sanctions")
NAMESPACE: Final = "http://eu.europa.ec/fpi/fsd/export"
SCHEMAS: Final = {"person": "Person", "p": "Person", "enterprise": "Organization", "e": "Organization"}
SYSTEMS: Final = {"passport": "passport", "diplpassport": "passport", "id": "national id", "swiftbic": "bic"}
"""Systems of the list's codes of identification; another code stands for itself."""
NEEDED: Final = ("Entity_LogicalId", "NameAlias_WholeName")
COUNTRIES: Final = ("citizenship", "birthdate", "address")


def sniff_xml(head: Head) -> float:
    """Sure of its namespace on the root."""
    text = head_text(head)
    return 0.95 if "<export" in text and NAMESPACE in text else 0.0


def _items(stream: BinaryIO, file: str) -> Iterator[FoundItem]:
    published: date | None = None
    for found in elements(stream, file, {"sanctionEntity"}, {"export"}):
        if isinstance(found, Fault):
            yield FoundItem(None, found)
        elif local(found) == "export":
            if etree.QName(found).namespace != NAMESPACE:
                raise FormatError(f"{file} is no list of the EU: its root is not of {NAMESPACE}")
            published = day(found.get("generationDate"))
        else:
            number = found.get("logicalId", "")
            yield entry_of(found, EU, number, published, partial(_entry, found, number))


read_xml, piece_xml = readers(_items)


def _entry(element: etree._Element, number: str) -> Entry:
    kinds = _children(element, "subjectType")
    schema = _schema(kinds[0].get("code", "") if kinds else "")
    regulations = _children(element, "regulation")
    unsure: list[str] = []
    births: list[str] = []
    for one in _children(element, "birthdate"):
        dates = _birth(one)
        births += dates
        unsure += [f"born about {', '.join(dates)}"] if one.get("circa") == "true" and dates else []
    identifiers = []
    for one in _children(element, "identification"):
        found = _identifier(
            one.get("identificationTypeCode", ""), one.get("number", ""), one.get("countryIso2Code", "")
        )
        if found and one.get("knownFalse") == "true":
            unsure.append(f"known to be false: {found.system} {found.number}")
        elif found:
            identifiers.append(found)
    last = max(regulations, key=lambda one: one.get("publicationDate", ""), default=None)
    return Entry(
        number=number,
        schema=schema,
        names=_names(
            [
                (_whole(one), one.get("strong", "true"), one.get("nameLanguage", ""))
                for one in _children(element, "nameAlias")
            ],
            schema,
        ),
        births=births,
        countries=[one.get("countryIso2Code", "") for tag in COUNTRIES for one in _children(element, tag)],
        identifiers=[
            *identifiers,
            *_references(element.get("euReferenceNumber"), element.get("unitedNationId")),
        ],
        regime=_regime(
            "" if last is None else last.get("programme", ""),
            "" if last is None else last.get("numberTitle", ""),
        ),
        version=None if last is None else last.get("logicalId"),
        listed=day(element.get("designationDate")),
        updated=None if last is None else day(last.get("entryIntoForceDate")),
        remarks=[
            *unsure,
            *(one.get("function", "") for one in _children(element, "nameAlias")),
            element.get("designationDetails", ""),
            *(text_of(one) for one in _children(element, "remark")),
        ],
    )


def _whole(alias: etree._Element) -> str:
    parts = (alias.get(part, "") for part in ("firstName", "middleName", "lastName"))
    return alias.get("wholeName") or " ".join(filter(None, parts))


def _names(found: list[tuple[str, str, str]], schema: str) -> list[Name]:
    """Return names of text, `strong` and language; the first strong one is primary: the list marks none."""
    named = [one for one in found if one[0].strip()]
    first = next((at for at, one in enumerate(named) if one[1] != "false"), 0)
    made = []
    for at, (text, strong, language) in enumerate(named):
        role: Role = "primary" if at == first else "alias"
        lang = language.lower() if len(language) == 2 else None
        made.append(name(text, role, schema, weak=strong == "false", lang=lang))
    return made


def _birth(one: etree._Element) -> list[str]:
    if text := one.get("birthdate", ""):
        return birth_dates(text)[0]
    first, last = one.get("yearRangeFrom", ""), one.get("yearRangeTo", "")
    if first and last:
        return birth_dates(f"between {first} and {last}")[0]
    parts = (one.get("dayOfMonth") or "0", one.get("monthOfYear") or "0", one.get("year", ""))
    return birth_dates("/".join(parts))[0] if len(parts[2]) == 4 else []


def _identifier(code: str, number: str, country: str) -> Identifier | None:
    owner = country if len(country) == 2 and country.isalpha() else None
    return (
        Identifier(SYSTEMS.get(code.lower(), code.lower() or "document"), number, owner)
        if number.strip()
        else None
    )


def _references(eu: str | None, un: str | None) -> list[Identifier]:
    return [Identifier(system, text) for system, text in (("eu", eu), ("un", un)) if text]


def _regime(programme: str, regulation: str) -> str:
    return ", ".join(filter(None, (programme, regulation)))


def _schema(kind: str) -> str:
    if kind.lower() not in SCHEMAS:
        raise ValueError(f"{kind[:40]!r} is no type of entity; the types are person and enterprise")
    return SCHEMAS[kind.lower()]


def sniff_csv(head: Head) -> float:
    """Sure of its columns."""
    return 0.95 if set(NEEDED) <= set(delimited.header_of(head.data)) else 0.0


def read_csv(stream: BinaryIO, file: str) -> Iterator[Batch | Fault]:
    """Rows of `listing`. Raises `FormatError` where columns that it needs are missing."""
    return batches(_rows(stream, file))


def _rows(stream: BinaryIO, file: str) -> Iterator[Item | Fault]:
    sheet = delimited.read(stream, file)
    if missing := [column for column in NEEDED if column not in sheet.names]:
        raise FormatError(f"{file} has no column {missing[0]!r}, which the EU's list has")
    for one in together(sheet, lambda row: row["Entity_LogicalId"]):
        published = None if isinstance(one, Fault) else day(one.cells[0].get("fileGenerationDate"))
        yield from table_items([one], _of_rows, EU, published)


def _of_rows(found: EntryRows) -> Entry:
    def first(column: str) -> str:
        return next((row[column] for row in found.cells if row.get(column)), "")

    schema = _schema(first("Entity_SubjectType") or first("Entity_SubjectType_ClassificationCode"))
    births: list[str] = []
    unsure: list[str] = []
    for row in found.cells:
        dates = birth_dates(row.get("BirthDate_BirthDate", "") or row.get("BirthDate_Year", ""))[0]
        births += dates
        unsure += (
            [f"born about {', '.join(dates)}"]
            if row.get("BirthDate_Circa", "").lower() == "true" and dates
            else []
        )
    numbers = (
        _identifier(
            row.get("Identification_TypeCode", ""),
            row.get("Identification_Number", ""),
            row.get("Identification_CountryIso2Code", ""),
        )
        for row in found.cells
        if row.get("Identification_KnownFalse", "").lower() != "true"
    )
    names = {
        (
            row.get("NameAlias_WholeName", ""),
            row.get("NameAlias_Strong", "true").lower(),
            row.get("NameAlias_NameLanguage", ""),
        ): None
        for row in found.cells
    }
    return Entry(
        number=found.number,
        schema=schema,
        names=_names(list(names), schema),
        births=births,
        countries=each(found, *(f"{tag}_CountryIso2Code" for tag in ("Citizenship", "BirthDate", "Address"))),
        identifiers=[
            *(one for one in numbers if one),
            *_references(first("Entity_EU_ReferenceNumber"), first("Entity_UnitedNationId")),
        ],
        regime=_regime(first("Entity_Regulation_Programme"), first("Entity_Regulation_NumberTitle")),
        listed=day(first("Entity_DesignationDate")),
        updated=day(first("Entity_Regulation_EntryIntoForceDate")),
        remarks=[
            *unsure,
            *each(found, "NameAlias_Function"),
            first("Entity_Remark"),
            first("Entity_DesignationDetails"),
        ],
    )


def _children(element: etree._Element, tag: str) -> list[etree._Element]:
    return [child for child in element if local(child) == tag]


XML: Final = Format("eu-fsf-xml", ("listing",), sniff_xml, read_xml, piece=piece_xml)
CSV: Final = Format("eu-fsf-csv", ("listing",), sniff_csv, read_csv)
