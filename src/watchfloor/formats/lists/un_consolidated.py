"""The United Nations Security Council consolidated list, XML (scsanctions.un.org).

One row for each individual and entity. Names the Council calls of low quality are weak; original-script names
are names. Dates of birth keep the precision published: a span of years is every year of it, and a year called
approximate stands as itself, with a note in `remarks`.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO, Final

from lxml import etree

from watchfloor.formats.base import Fault, Format, Head
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
from watchfloor.formats.lists.strength import is_acronym, strength_of
from watchfloor.formats.lists.xml_items import FoundItem, fault, readers
from watchfloor.formats.xml_limits import elements, head_text, local, text_of

LIST_ID: Final = "UN"
TITLE: Final = "United Nations Security Council Consolidated List"
MAX_SPAN: Final = 30
"""Years; a longer span of birth years says nothing about a person and is left to the remarks."""

_NAME_PARTS: Final = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_DOCUMENTS: Final = re.compile(r"pas+ap?o|passport", re.IGNORECASE)


def sniff(head: Head) -> float:
    """Sure of the root element's name."""
    return 0.95 if "<CONSOLIDATED_LIST" in head_text(head) else 0.0


def _items(stream: BinaryIO, name: str) -> Iterator[FoundItem]:
    generated: date | None = None
    for found in elements(stream, name, {"INDIVIDUAL", "ENTITY"}, {"CONSOLIDATED_LIST"}):
        if isinstance(found, Fault):
            yield FoundItem(None, found)
        elif local(found) == "CONSOLIDATED_LIST":
            generated = _day(found.get("dateGenerated"))
        else:
            yield FoundItem(found, _item(found, generated))


read, piece = readers(_items)


def _item(element: etree._Element, generated: date | None) -> Item | Fault:
    reference, data_id = _text(element, "REFERENCE_NUMBER"), _text(element, "DATAID")
    person = local(element) == "INDIVIDUAL"
    primary = " ".join(filter(None, (_text(element, part) for part in _NAME_PARTS)))
    where = f"item {reference or data_id or '?'}"
    if not primary or not (reference or data_id):
        missing = "name" if not primary else "REFERENCE_NUMBER or DATAID"
        return fault(element, where, f"this entry has no {missing}")
    names = list(_names(element, primary, person))
    entity = f"UN#{data_id or reference}"
    updated = max((day for day in map(_day, _values(element, "LAST_DAY_UPDATED")) if day), default=None)
    listed = _day(_text(element, "LISTED_ON"))
    births, approximate = _births(element)
    return Item(
        report_key=entity if not generated else f"{entity}@{generated}",
        locator=where,
        observed_at=midnight(generated) if generated else UNDATED,
        list_id=LIST_ID,
        entity_id=entity,
        version_id=_text(element, "VERSIONNUM") or None,
        instrument=_instrument(element),
        title=TITLE,
        item=reference or None,
        schema="Person" if person else "Organization",
        name=names[0].text,
        names=distinct(names),
        birth_dates=births,
        countries=country_codes(_countries(element)),
        identifiers=list(_documents(element)),
        listed_on=listed,
        in_force=updated or listed,
        ceased=_day(_text(element, "DELISTED_ON")),
        window_from=generated,
        window_until=generated,
        lang="en",
        remarks=_remarks(element, approximate),
    )


def _instrument(element: etree._Element) -> str:
    regime = _text(element, "UN_LIST_TYPE")
    return f"UN Security Council sanctions list: {regime}" if regime else TITLE


def _names(element: etree._Element, primary: str, person: bool) -> Iterator[Name]:
    """The primary name, its other spellings, the original script, then the aliases."""
    spellings = [primary] if person else list(filter(None, map(str.strip, primary.split(" ; "))))
    for i, spelling in enumerate(spellings):
        bare, acronym = (spelling, None) if person else _acronym(spelling)
        yield Name(bare, "primary" if i == 0 else "alias", strength_of(bare, person=person, primary=i == 0))
        if acronym:
            yield Name(acronym, "acronym", "weak")
    for original in re.split(r"\s*[;؛]\s*", _text(element, "NAME_ORIGINAL_SCRIPT")):
        if original:
            yield Name(original)
    for alias in element:
        if local(alias) in ("INDIVIDUAL_ALIAS", "ENTITY_ALIAS") and (text := _text(alias, "ALIAS_NAME")):
            yield from _aliases(alias, text, person)


def _aliases(alias: etree._Element, text: str, person: bool) -> Iterator[Name]:
    quality, note = _text(alias, "QUALITY").lower(), _text(alias, "NOTE").lower()
    former = quality.startswith("f.k.a") or "formerly" in note
    role: Role = "former" if former else "alias"
    if quality == "low":
        yield Name(text, role, "weak")
    elif person:
        yield Name(text, role, strength_of(text, person=True))
    else:
        bare, acronym = _acronym(text)
        yield Name(bare, "acronym" if is_acronym(bare) and not former else role, strength_of(bare))
        if acronym:
            yield Name(acronym, "acronym", "weak")


def _acronym(text: str) -> tuple[str, str | None]:
    """A name and the acronym in brackets at its end."""
    match = re.fullmatch(r"(.+?)\s*\(([^()]+)\)", text)
    return (match[1], match[2]) if match and is_acronym(match[2]) else (text, None)


def _births(element: etree._Element) -> tuple[list[str], list[str]]:
    """Dates of birth, and those of them that the list calls approximate or that are too wide to use."""
    dates: list[str] = []
    vague: list[str] = []
    for birth in element:
        if local(birth) == "INDIVIDUAL_DATE_OF_BIRTH":
            found = _birth(birth)
            kind = _text(birth, "TYPE_OF_DATE").upper()
            note = _text(birth, "NOTE")
            if kind == "APPROXIMATELY" and found:
                vague.append(f"born approximately {', '.join(found)}")
            elif note:
                vague.append(f"birth: {note}")
            dates.extend(found)
        elif local(birth) == "INDIVIDUAL_ALIAS" and (day := _day(_text(birth, "DATE_OF_BIRTH"))):
            dates.append(day.isoformat())
    return list(dict.fromkeys(dates)), vague


def _birth(birth: etree._Element) -> list[str]:
    if day := _day(_text(birth, "DATE")):
        return [day.isoformat()]
    year, first, last = (_text(birth, tag) for tag in ("YEAR", "FROM_YEAR", "TO_YEAR"))
    if _is_year(year):
        return [year]
    if _is_year(first) and _is_year(last) and 0 <= int(last) - int(first) <= MAX_SPAN:
        return [str(y) for y in range(int(first), int(last) + 1)]
    return [y for y in (first, last) if _is_year(y)][:1] if first == last else []


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"(?:1[89]|20)\d\d", text))


def _countries(element: etree._Element) -> Iterator[str]:
    yield from _values(element, "NATIONALITY")
    for part in element:
        if local(part).endswith(("_ADDRESS", "_PLACE_OF_BIRTH")):
            yield _text(part, "COUNTRY")


def _documents(element: etree._Element) -> Iterator[Identifier]:
    for document in element:
        if local(document) == "INDIVIDUAL_DOCUMENT" and (number := _text(document, "NUMBER")):
            kind = _text(document, "TYPE_OF_DOCUMENT") or _text(document, "TYPE_OF_DOCUMENT2")
            system = "passport" if _DOCUMENTS.search(kind) else kind.lower() or "document"
            yield Identifier(system, number, _text(document, "ISSUING_COUNTRY") or None)


def _remarks(element: etree._Element, vague: list[str]) -> str | None:
    titles = [*_values(element, "TITLE"), *_values(element, "DESIGNATION")]
    return "; ".join(filter(None, (*titles, *vague, _text(element, "COMMENTS1")))) or None


def _text(element: etree._Element, tag: str) -> str:
    return squeeze(text_of(next((child for child in element if local(child) == tag), None)))


def _values(element: etree._Element, tag: str) -> list[str]:
    found = (value for child in element if local(child) == tag for value in child)
    return [text for text in (squeeze(text_of(value)) for value in found) if text]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


FORMAT: Final = Format("un-consolidated", ("listing",), sniff, read, piece=piece)
