"""The Swiss sanctions list (SECO, sesam.search.admin.ch): the whole list as XML.

A target stays in the file when it is de-listed, with its history, so only its own children are read and its
first modification, which is the last, says whether it still stands: one that does not has `ceased`. A name is
put together from its parts in their order; each other spelling of a part, in whatever script, gives a name.
"""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import BinaryIO, Final

from lxml import etree

from watchfloor.formats.base import Fault, Format, Head
from watchfloor.formats.lists.listing_rows import Identifier, Name, Role
from watchfloor.formats.lists.sanctions_entry import Entry, Publisher, birth_dates, day, name
from watchfloor.formats.lists.xml_items import FoundItem, entry_of, readers
from watchfloor.formats.xml_limits import elements, head_text, local, text_of

SECO: Final = Publisher("CH-SECO", "Swiss sanctions list (SECO)")
SCHEMAS: Final = {"individual": "Person", "entity": "Organization", "object": "Vessel"}
ROLES: Final[dict[str, Role]] = {"primary-name": "primary", "formerly-known-as": "former"}
PASSPORTS: Final = ("passport", "diplomatic-passport")
LEFT_OUT: Final = ("title", "suffix")
MOST_SPELLINGS: Final = 100
"""Other spellings of one name; they multiply nothing, each gives one name."""
MOST_PLACES: Final = 1_000_000


def sniff(head: Head) -> float:
    """Sure of its root."""
    return 0.95 if "<swiss-sanctions-list" in head_text(head) else 0.0


def _items(stream: BinaryIO, file: str) -> Iterator[FoundItem]:
    published: date | None = None
    programs: dict[str, str] = {}
    places: dict[str, str] = {}
    for found in elements(stream, file, {"sanctions-program", "place", "target"}, {"swiss-sanctions-list"}):
        if isinstance(found, Fault):
            yield FoundItem(None, found)
        elif local(found) == "swiss-sanctions-list":
            published = day(found.get("date"))
        elif local(found) == "sanctions-program":
            named = {one.get("lang"): text_of(one) for one in _all(found, "program-name")}
            key = {one.get("lang"): text_of(one) for one in _all(found, "program-key")}
            called = named.get("eng") or key.get("eng") or next(iter(named.values()), "")
            programs |= {one.get("ssid", ""): called for one in _all(found, "sanctions-set")}
        elif local(found) == "place":
            if len(places) < MOST_PLACES:
                places[found.get("ssid", "")] = _country(found)
        else:
            number = found.get("ssid", "")
            entry = partial(_entry, found, number, programs, places)
            yield entry_of(found, SECO, number, published, entry)


read, piece = readers(_items)


def _entry(target: etree._Element, number: str, programs: dict[str, str], places: dict[str, str]) -> Entry:
    node = next((child for child in target if local(child) in SCHEMAS), None)
    if node is None:
        raise ValueError("this target is neither an individual, an entity nor an object")
    schema = SCHEMAS[local(node)]
    if local(node) == "object":
        schema = "Aircraft" if node.get("object-type") == "aircraft" else "Vessel"
    identities = sorted(_all(node, "identity"), key=lambda one: one.get("main") != "true")
    names = [name_ for one in identities for alias in _all(one, "name") for name_ in _names(alias, schema)]
    births = [
        found
        for one in identities
        for born in _all(one, "day-month-year")
        for found in birth_dates("/".join(born.get(part) or "0" for part in ("day", "month", "year")))[0]
    ]
    countries = [_country(child) for one in identities for child in _all(one, "nationality")]
    countries += [
        _country(child) or places.get(child.get("place-id", ""), "")
        for one in identities
        for tag in ("place-of-birth", "address")
        for child in _all(one, tag)
    ]
    prose = [text_of(one) for tag in ("other-information", "justification") for one in _all(node, tag)]
    sets = [
        target.get("sanctions-set-id", ""),
        *(text_of(one) for one in _all(target, "sanctions-set-id")),
    ]
    history = _all(target, "modification")
    last = history[0] if history else None
    listed = [one for one in history if one.get("modification-type") == "listed"]
    effective = None if last is None else day(last.get("effective-date"))
    gone = last is not None and last.get("modification-type") == "de-listed"
    return Entry(
        number=number,
        schema=schema,
        names=names,
        births=births,
        countries=countries,
        identifiers=[*_identifiers(target, identities), *_ships(prose, schema)],
        regime=", ".join(dict.fromkeys(programs[one] for one in sets if programs.get(one))),
        version=None if last is None else last.get("effective-date"),
        listed=day(listed[-1].get("effective-date")) if listed else None,
        updated=effective,
        ceased=effective if gone else None,
        remarks=prose,
    )


def _names(alias: etree._Element, schema: str) -> Iterator[Name]:
    """Yield a name as its parts write it, then with each other spelling of a part in its place."""
    role = ROLES.get(alias.get("name-type", ""), "alias")
    weak = alias.get("quality") == "low"
    parts = sorted(
        (one for one in _all(alias, "name-part") if one.get("name-part-type") not in LEFT_OUT),
        key=_order,
    )
    texts = [text_of(next(iter(_all(one, "value")), None)) for one in parts]
    yield name(" ".join(texts), role, schema, weak=weak)
    spellings: dict[tuple[str, str], dict[int, list[str]]] = {}
    for at, part in enumerate(parts):
        for one in _all(part, "spelling-variant")[:MOST_SPELLINGS]:
            script = one.get("lang", ""), one.get("script", "")
            spellings.setdefault(script, {}).setdefault(at, []).append(text_of(one))
    other: Role = "former" if role == "former" else "alias"
    for by_part in spellings.values():
        beside = {at: texts_[0] for at, texts_ in by_part.items()}
        for at, texts_ in by_part.items():
            for text in texts_:
                whole = [text if n == at else beside.get(n, one) for n, one in enumerate(texts)]
                yield name(" ".join(whole), other, schema, weak=weak)


def _order(part: etree._Element) -> int:
    text = part.get("order", "")
    return int(text) if text.isdigit() and len(text) < 6 else 0


def _identifiers(target: etree._Element, identities: list[etree._Element]) -> Iterator[Identifier]:
    for one in _all(target, "foreign-identifier"):
        if text := text_of(one):
            yield Identifier("un", text)
    for identity in identities:
        for document in _all(identity, "identification-document"):
            number = text_of(next(iter(_all(document, "number")), None))
            kind = document.get("document-type", "")
            issuer = next(iter(_all(document, "issuer")), None)
            if number:
                system = "passport" if kind in PASSPORTS else kind.replace("-", " ") or "document"
                owner = None if issuer is None else issuer.get("code") or text_of(issuer)
                yield Identifier(system, number, owner or None)


def _ships(prose: list[str], schema: str) -> Iterator[Identifier]:
    for text in prose if schema == "Vessel" else ():
        label, _, number = text.partition(":")
        if label.strip().lower() == "imo number" and number.strip(" .").isdigit():
            yield Identifier("imo", number.strip(" ."))


def _country(element: etree._Element) -> str:
    found = next(iter(_all(element, "country")), None)
    return "" if found is None else found.get("iso-code") or text_of(found)


def _all(element: etree._Element, tag: str) -> list[etree._Element]:
    return [child for child in element if local(child) == tag]


FORMAT: Final = Format("ch-seco", ("listing",), sniff, read, piece=piece)
