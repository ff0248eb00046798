"""The OFAC Specially Designated Nationals list, XML (`sdn.xml`, treasury.gov): an entity an element.

Entities have the ids of the CSV form, and names are put together as it writes them, so that the two forms of
one publication give the same entities. Names that OFAC calls weak are weak.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import BinaryIO, Final

from lxml import etree

from watchfloor.formats.base import Fault, Format, FormatError, Head
from watchfloor.formats.lists.countries import country_codes
from watchfloor.formats.lists.listing_rows import (
    UNDATED,
    Identifier,
    Item,
    Name,
    Role,
    distinct,
    midnight,
    squeeze,
)
from watchfloor.formats.lists.ofac_csv import LIST_ID, TITLE
from watchfloor.formats.lists.ofac_remarks import births, system_of
from watchfloor.formats.lists.strength import strength_of
from watchfloor.formats.lists.xml_items import FoundItem, fault, readers
from watchfloor.formats.xml_limits import elements, head_text, local, text_of

SCHEMAS: Final = {
    "individual": "Person",
    "vessel": "Vessel",
    "aircraft": "Aircraft",
    "entity": "Organization",
}

_COUNTRY_LISTS: Final = ("addressList", "nationalityList", "citizenshipList")


def sniff(head: Head) -> float:
    """Sure of the root of `sdn.xml`; knows the advanced form too, to say what to take in its place."""
    text = head_text(head)
    if "<sdnList" in text:
        return 0.95
    return 0.5 if re.search(r"<Sanctions\s[^>]*ADVANCED_XML", text) else 0.0


def _items(stream: BinaryIO, name: str) -> Iterator[FoundItem]:
    published: date | None = None
    for found in elements(stream, name, {"sdnEntry", "Publish_Date"}, {"sdnList", "Sanctions"}):
        if isinstance(found, Fault):
            yield FoundItem(None, found)
        elif local(found) == "Sanctions":
            raise FormatError(f"{name} is OFAC's advanced form, which is not read; take sdn.xml or CSV")
        elif local(found) == "Publish_Date":
            published = _published(text_of(found))
        elif local(found) == "sdnEntry":
            yield FoundItem(found, _item(found, published))


read, piece = readers(_items)


def _item(entry: etree._Element, published: date | None) -> Item | Fault:
    uid, kind = _text(entry, "uid"), _text(entry, "sdnType").lower()
    name = _full_name(entry)
    problem = _problem(uid, kind, name)
    if problem:
        return fault(entry, f"item {uid or '?'}", problem)
    person = kind == "individual"
    craft = kind in ("vessel", "aircraft")
    strength = "strong" if craft else strength_of(name, person=person, primary=True, capitals=True)
    entity = f"{LIST_ID}#{uid}"
    programs = ", ".join(_each(entry, "programList"))
    dates = [day for text in _each(entry, "dateOfBirthList", "dateOfBirth") for day in births(text)]
    return Item(
        report_key=f"{entity}@{published}" if published else entity,
        locator=f"item {uid}",
        observed_at=midnight(published) if published else UNDATED,
        list_id=LIST_ID,
        entity_id=entity,
        instrument=f"OFAC sanctions program: {programs}" if programs else TITLE,
        title=TITLE,
        item=uid,
        schema=SCHEMAS[kind],
        name=name,
        names=distinct([Name(name, "primary", strength), *_aliases(entry, person)]),
        birth_dates=list(dict.fromkeys(dates)),
        countries=country_codes(_countries(entry)),
        identifiers=list(_identifiers(entry)),
        window_from=published,
        window_until=published,
        lang="en",
        remarks="; ".join(filter(None, (_text(entry, "title"), _text(entry, "remarks")))) or None,
    )


def _problem(uid: str, kind: str, name: str) -> str | None:
    if not uid.isdigit():
        return "this entry has no uid"
    if kind not in SCHEMAS:
        return f"{kind!r} is no type of entity; the types are {', '.join(SCHEMAS)}"
    return None if name else "this entry has no name"


def _full_name(element: etree._Element) -> str:
    return ", ".join(filter(None, (_text(element, "lastName"), _text(element, "firstName"))))


def _aliases(entry: etree._Element, person: bool) -> Iterator[Name]:
    for aka in _inside(entry, "akaList"):
        text = _full_name(aka)
        role: Role = "former" if _text(aka, "type").startswith("f") else "alias"
        weak = _text(aka, "category").lower() == "weak"
        if text:
            yield Name(text, role, "weak" if weak else strength_of(text, person=person, capitals=True))


def _countries(entry: etree._Element) -> Iterator[str]:
    for group in _COUNTRY_LISTS:
        yield from _each(entry, group, "country")
    for place in _each(entry, "placeOfBirthList", "placeOfBirth"):
        yield place.rpartition(", ")[2]
    yield from _each(entry, "vesselInfo", None, "vesselFlag")


def _identifiers(entry: etree._Element) -> Iterator[Identifier]:
    for document in _inside(entry, "idList"):
        number = _text(document, "idNumber")
        if number:
            yield system_of(_text(document, "idType"), number, _text(document, "idCountry") or None)


def _inside(entry: etree._Element, group: str) -> list[etree._Element]:
    found = next((child for child in entry if local(child) == group), None)
    return [] if found is None else list(found)


def _each(entry: etree._Element, group: str, tag: str | None = None, itself: str | None = None) -> list[str]:
    """Texts of a group's members: their own, those of `tag` in each, or of the member called `itself`."""
    members = [m for m in _inside(entry, group) if itself is None or local(m) == itself]
    texts = (_text(member, tag) if tag else squeeze(text_of(member)) for member in members)
    return [text for text in texts if text]


def _text(element: etree._Element, tag: str) -> str:
    return squeeze(text_of(next((child for child in element if local(child) == tag), None)))


def _published(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


FORMAT: Final = Format("ofac-xml", ("listing",), sniff, read, piece=piece)
