"""Justice Laws XML of instruments that list persons, entities or ships.

The Department of Justice publishes each consolidated act and regulation as XML (laws-lois.justice.gc.ca).
Every element carries `lims:fid`, stable over versions, `lims:id`, the id of its version, and the day that
version came into force. The root says which days the text speaks for: from `lims:pit-date`, when the present
version of the instrument began, to `lims:current-date`, the day to which the consolidation is current.
Nothing is known beyond these two days, whatever the day the file was fetched.

Read are the list in the body of SOR/2002-284 (Criminal Code), and the schedules made under the acts of
`ENABLING` that hold individuals, entities or ships. Schedules of goods and services are passed over.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, Final

from lxml import etree

from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.lists.justice_names import parse
from watchfloor.formats.lists.listing_rows import Identifier, Item, Name, midnight
from watchfloor.formats.lists.xml_items import FoundItem, fault, piece_at, rows
from watchfloor.formats.xml_limits import elements, head_text, local, text_of

LIMS: Final = "{http://justice.gc.ca/lims}"

ENABLING: Final = frozenset({"C-46", "S-14.5", "J-2.3", "U-2", "F-31.6"})
"""Acts under which lists of persons and entities are made, by their chapter: Criminal Code, Special Economic
Measures, Justice for Victims of Corrupt Foreign Officials, United Nations, Freezing Assets of Corrupt Foreign
Officials."""

PERSONS: Final[Mapping[str, frozenset[str]]] = {
    "2002-284": frozenset({"Gulbuddin Hekmatyar", "James Mason"}),
}
"""The individuals on lists that do not mark them as such, by instrument and primary name."""

_WANTED: Final = frozenset(
    {
        "InstrumentNumber",
        "EnablingAuthority",
        "LongTitle",
        "ScheduleFormHeading",
        "Heading",
        "Item",
        "title",
        "row",
    }
)
_INDIVIDUALS: Final = re.compile(
    r"individual|particulier|foreign national|étranger|personnes physiques", re.IGNORECASE
)
_ENTITIES: Final = re.compile(r"\bentit", re.IGNORECASE)
_SHIPS: Final = re.compile(r"(?:ship|vessel|navire)s?\b", re.IGNORECASE)
_GOODS: Final = re.compile(
    r"goods|technolog|service|petroleum|potass|chlor|marchandise|chemical|luxury|pétrol|related|metals",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d_][\w’'.-]*")
_FIRM: Final = re.compile(
    r"\b(?:bank|centre|center|committee|company|co|co-operative|corporation|council|defence|directorate|enterprise|"
    r"factory|farm|group|holdings?|industries|institute|llc|ltd|limited|ministry|office|organization|party|plant|"
    r"pvt|service|trading|trust|union|university)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Place:
    """Place in the file: the instrument, its window, and the headings above the next item."""

    name: str
    lang: str = ""
    instrument: str = ""
    title: str = ""
    enabling: str | None = None
    window_from: date | None = None
    window_until: date | None = None
    schedule: str = ""
    schedule_heading: str = ""
    part: str = ""
    table: str = ""
    counted: int = 0
    items: int = 0

    @property
    def headings(self) -> str:
        return f"{self.schedule_heading} {self.part}"


def sniff(head: Head) -> float:
    """Sure of a regulation in the Justice Laws namespace; less so of a statute, which lists no entities."""
    text = head_text(head)
    if "http://justice.gc.ca/lims" not in text:
        return 0.0
    if re.search(r"<Regulation[\s>]", text):
        return 0.9
    return 0.4 if re.search(r"<Statute[\s>]", text) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `listing`, one for each item in force.

    Raises:
        FormatError: not Justice Laws XML, or an instrument that lists no persons, entities or ships.
    """
    return rows(_items(stream, name))


def piece(stream: BinaryIO, locator: str) -> bytes | None:
    """The element that an item was read from."""
    return piece_at(_items(stream, "the delivery"), locator)


def _items(stream: BinaryIO, name: str) -> Iterator[FoundItem]:
    place = _Place(name)
    for found in elements(stream, name, _WANTED, {"Regulation", "Statute"}):
        if isinstance(found, Fault):
            yield FoundItem(None, found)
            return
        if item := _step(place, found):
            place.items += 1
            yield FoundItem(found, item)
    if not place.items:
        raise FormatError(_lists_nobody(place))


def _step(place: _Place, element: etree._Element) -> Item | Fault | None:
    """Take one element: a heading changes the place, an item or a table row of ships is an item."""
    match local(element):
        case "Regulation" | "Statute":
            _begin(place, element)
        case "InstrumentNumber":
            place.instrument = text_of(element)
        case "EnablingAuthority":
            links = [ref.get("link", "") for ref in element.iter() if ref.get("link")]
            place.enabling = next((link for link in links if link in ENABLING), None)
        case "LongTitle":
            place.title = place.title or text_of(element)
        case "ScheduleFormHeading":
            _schedule(place, element)
        case "Heading":
            place.part = _heading(element)
        case "title":
            place.table = text_of(element)
        case "row":
            return _ship(place, element)
        case "Item":
            return _item(place, element)
    return None


def _heading(element: etree._Element) -> str:
    return " ".join(filter(None, (text_of(part) for part in element))) or text_of(element)


def _begin(place: _Place, root: etree._Element) -> None:
    place.lang = root.get("{http://www.w3.org/XML/1998/namespace}lang", "")[:2]
    place.window_from = _day(root.get(LIMS + "pit-date"))
    place.window_until = _day(root.get(LIMS + "current-date"))


def _schedule(place: _Place, heading: etree._Element) -> None:
    label = next((text_of(e) for e in heading if local(e) == "Label"), "")
    place.schedule = label or text_of(heading).split("(")[0].strip()
    place.schedule_heading = next((text_of(e) for e in heading if local(e) == "TitleText"), "")
    place.part = place.table = ""


def _item(place: _Place, element: etree._Element) -> Item | Fault | None:
    if place.enabling is None or not _lists_entities(place, element):
        return None
    text = next((e for e in element if local(e) == "Text"), None)
    if text is None or any(local(e) == "Repealed" for e in element.iter()):
        return None
    place.counted += 1
    words = text_of(text)
    fid = element.get(LIMS + "fid")
    individual = bool(_INDIVIDUALS.search(place.headings))
    parsed = parse(words, "individuals" if individual else "companies" if place.schedule else "groups")
    if not fid or not parsed.names:
        missing = "a lims:fid, its stable id" if not fid else "a name"
        return fault(element, f"item {fid or place.counted}", f"this item has not {missing}")
    name = parsed.names[0].text
    schema = _schema(place, name, individual, bool(parsed.birth_dates))
    if schema == "Person" and not individual:
        parsed = parse(words, "individuals")
    return Item(
        **_common(place, element, fid),
        item=next((text_of(e) for e in element if local(e) == "Label"), str(place.counted)),
        schema=schema,
        name=parsed.names[0].text,
        names=parsed.names,
        birth_dates=parsed.birth_dates,
        remarks="; ".join(parsed.remarks) or None,
    )


def _lists_entities(place: _Place, element: etree._Element) -> bool:
    """Whether items here are persons or entities: those of the list itself, or of a schedule not of goods."""
    above = [local(ancestor) for ancestor in element.iterancestors()]
    if "Schedule" in above:
        return not _GOODS.search(place.headings) or bool(_ENTITIES.search(place.headings))
    return above[:3] == ["List", "Section", "Body"] and place.enabling == "C-46"


def _schema(place: _Place, name: str, individual: bool, born: bool) -> str:
    if individual or born or name in PERSONS.get(place.instrument.rpartition("/")[2], ()):
        return "Person"
    if _ENTITIES.search(place.headings) or not place.schedule:
        return "Organization"
    if _is_personal(name):
        return "Person"
    return "LegalEntity"


def _is_personal(name: str) -> bool:
    """Whether a name on a list that mixes persons and firms reads as a person's: words, none of a firm."""
    words = name.split()
    return 2 <= len(words) <= 5 and all(_WORD.fullmatch(word) for word in words) and not _FIRM.search(name)


def _common(place: _Place, element: etree._Element, fid: str) -> dict[str, Any]:
    entity = f"{place.instrument}#{fid}"
    in_force = _day(element.get(LIMS + "inforce-start-date")) or place.window_from
    return {
        "report_key": f"{entity}@{place.window_from}",
        "locator": f"item {fid}",
        "observed_at": midnight(place.window_until or place.window_from or date(1970, 1, 1)),
        "list_id": place.instrument,
        "entity_id": entity,
        "version_id": element.get(LIMS + "id"),
        "instrument": place.instrument,
        "title": place.title or None,
        "provision": _provision(place),
        "in_force": in_force,
        "window_from": place.window_from,
        "window_until": place.window_until,
        "lang": place.lang or None,
    }


def _provision(place: _Place) -> str:
    if not place.schedule:
        return "section 1" if place.lang != "fr" else "article 1"
    part = re.match(r"PARTI?E? [\d.]+", place.part)
    return f"{place.schedule.capitalize()}{', ' + part.group().capitalize() if part else ''}"


def _ship(place: _Place, row: etree._Element) -> Item | Fault | None:
    """A row "item, IMO number, name, type, build date" of a table of ships.

    Not all rows carry a `lims:fid`, so a ship's stable id is its IMO number.
    """
    cells = [text_of(cell) for cell in row if local(cell) == "entry"]
    if place.enabling is None or not _SHIPS.match(place.table) or len(cells) < 3 or not cells[0].isdigit():
        return None
    number, imo, name, *rest = cells
    if any(local(e) == "Repealed" for e in row.iter()):
        return None
    if not name:
        return fault(row, f"{place.schedule}, item {number}", "this ship has no name")
    own = f"imo-{imo}" if re.fullmatch(r"\d{7}", imo) else f"{place.schedule.split()[-1]}-{number}"
    return Item(
        **_common(place, row, own),
        item=number,
        schema="Vessel",
        name=name,
        names=[Name(name, "primary", "strong")],
        identifiers=[Identifier("imo", imo, "IMO")] if imo else [],
        remarks="; ".join(cell for cell in rest if cell) or None,
    )


def _lists_nobody(place: _Place) -> str:
    what = " ".join(filter(None, (place.instrument, f"({place.title})" if place.title else "")))
    return (
        f"{place.name} is {what or 'Justice Laws XML'}, which lists no persons, entities or ships. Lists are "
        "SOR/2002-284 and the schedules of regulations under the Special Economic Measures Act and its like"
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


FORMAT: Final = Format("justice-laws", ("listing",), sniff, read, piece=piece)
