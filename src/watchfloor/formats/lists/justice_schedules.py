"""Schedules of substances in Justice Laws XML: the Controlled Drugs and Substances Act and its regulations.

An act's schedules are nested lists, lists in parts, or tables with an item, a substance and a further column
(a period, a maximum quantity), in English or French. What stands below an unlabelled item stands under its
words: "but not including" turns all that follows into exceptions. `justice_laws` tells what `lims:` dates
mean; here each item also carries the day its present wording came into force, its own or, where it has none
(rows of most tables), that of the nearest element around it.

Schedules of related provisions and of amendments not in force are passed over by `read`: they are not in
force. `pending` reads the latter, for what came and went again before the next consolidation.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import BinaryIO, Final

from lxml import etree

from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.xml_limits import elements, local

LIMS: Final = "{http://justice.gc.ca/lims}"
NOT_OURS: Final = frozenset({"RelatedProvs", "NifProvs"})
"""`id` of what is printed like a schedule and is none."""

DEEPEST: Final = 12
"""Lists within lists. The Act has three; what is deeper is read no further, and a fault says so."""

_SCHEDULE: Final = re.compile(r"(?:SCHEDULE|ANNEXE)\s*([IVXLC]+|\d*)\s*$", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"(?:PARTI?E?|TABLE(?:AU)?)\s+(\d+)\b", re.IGNORECASE)
_ADDING: Final = re.compile(
    r"(?:Part (?P<part>\d+) of )?Schedule (?P<schedule>[IVXLC]+) to the .* is amended by adding the following"
)
_EXCEPT: Final = re.compile(r"(?:but not including|mais non compris)", re.IGNORECASE)
_AND: Final = re.compile(r"\s+(?:and|et)\s+")


@dataclass(frozen=True, slots=True)
class Edition:
    """One consolidation of one instrument in one language.

    Attributes:
        instrument: as it cites itself: `C-38.8`, `SOR/2002-359`.
        lang: `en` or `fr`.
        first: first day it speaks for, when the instrument last changed.
        last: last day it speaks for, to which it is current.
    """

    instrument: str
    lang: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a schedule as one edition has it.

    Attributes:
        edition: which.
        schedule: its Roman numeral, empty where the instrument has only one.
        part: `1`; with a table, `2.1`; empty where there are none.
        labels: from the outermost item inwards, `("16", "(5)")`; none for a schedule that is repealed as a
            whole.
        text: its own words, without those of the items in it.
        columns: further cells of its row of a table: a period, a maximum quantity.
        lead: the words of the unlabelled item that it stands under, with all unlabelled ones before.
        continues: whether it is such an unlabelled item itself; `labels` are then those of the item it stands
            in.
        excluded: whether it is one of the exceptions of the item that it stands in.
        repealed: whether its text is only the mark that it was repealed or deleted, and by what.
        since: the day its present wording came into force.
        schedule_since: the same of the schedule, which may have been replaced as a whole.
        fid: id that is stable over versions; empty where the file gives it none.
        version: id of this version; empty where the file gives it none.
        amended: instruments whose changes to this schedule came into force that day, as its history cites
            them.
        schedule_amended: the same for the day of `schedule_since`.
    """

    edition: Edition
    schedule: str
    part: str
    labels: tuple[str, ...]
    text: str
    columns: tuple[str, ...] = ()
    lead: str = ""
    continues: bool = False
    excluded: bool = False
    repealed: bool = False
    since: date = date.min
    schedule_since: date = date.min
    fid: str = ""
    version: str = ""
    amended: tuple[str, ...] = ()
    schedule_amended: tuple[str, ...] = ()

    @property
    def item(self) -> str:
        """Its number within schedule and part, such as `16(5)`."""
        return "".join(self.labels)


@dataclass(slots=True)
class _Place:
    """Place in the file."""

    name: str
    edition: Edition | None = None
    lang: str = ""
    first: date | None = None
    last: date | None = None
    entries: int = 0


def read(stream: BinaryIO, name: str) -> Iterator[Entry | Fault]:
    """The items of an instrument's schedules, in the file's order.

    Raises:
        FormatError: not Justice Laws XML, or an instrument without schedules of items.
    """
    place = _Place(name)
    wanted = {"ConsolidatedNumber", "InstrumentNumber", "Schedule"}
    for found in elements(stream, name, wanted, {"Statute", "Regulation"}):
        if isinstance(found, Fault):
            yield found
            return
        match local(found):
            case "Statute" | "Regulation":
                _begin(place, found)
            case "ConsolidatedNumber" | "InstrumentNumber":
                _instrument(place, _words(found))
            case _ if found.get("id") not in NOT_OURS:
                yield from _schedule(place, found)
    if not place.entries:
        raise FormatError(
            f"{name} is Justice Laws XML without schedules of items. Substances are in C-38.8 and "
            "SOR/2002-359"
        )


def pending(stream: BinaryIO, name: str) -> Iterator[Entry | Fault]:
    """Yield the items that amendments not in force add to a schedule or a part of one, in English.

    `amended` of each holds the amendment alone, such as `SOR/2025-64, s. 1`; `since` says nothing, for the
    file does not tell when it comes into force.

    Raises:
        FormatError: not Justice Laws XML.
    """
    place = _Place(name)
    wanted = {"ConsolidatedNumber", "InstrumentNumber", "Schedule"}
    for found in elements(stream, name, wanted, {"Statute", "Regulation"}):
        if isinstance(found, Fault):
            yield found
            return
        match local(found):
            case "Statute" | "Regulation":
                _begin(place, found)
            case "ConsolidatedNumber" | "InstrumentNumber":
                _instrument(place, _words(found))
            case _ if found.get("id") == "NifProvs" and place.edition is not None:
                for amendment in found.iter("RelatedOrNotInForce"):
                    yield from _added(amendment, place.edition)


def _added(amendment: etree._Element, edition: Edition) -> Iterator[Entry | Fault]:
    cited = _words(_child(amendment, "Heading")).strip("— ")
    for section in amendment.iter("Section", "Subsection"):
        said = _ADDING.match(_words(_child(section, "Text")))
        text = _child(section, "AmendedText")
        if said is not None and text is not None:
            base = Entry(edition, said["schedule"], said["part"] or "", (), "", amended=(cited,))
            yield from _inside(text, base, 0)


def _begin(place: _Place, root: etree._Element) -> None:
    place.lang = root.get("{http://www.w3.org/XML/1998/namespace}lang", "")[:2]
    place.first, place.last = _day(root, "pit-date"), _day(root, "current-date")
    if place.lang not in ("en", "fr") or place.first is None or place.last is None:
        raise FormatError(
            f"{place.name} does not say its language and the days it speaks for (xml:lang, lims:pit-date, "
            "lims:current-date), as Justice Laws XML does"
        )


def _instrument(place: _Place, number: str) -> None:
    if place.edition is None and number and place.first and place.last:
        place.edition = Edition(number, place.lang, place.first, place.last)


def _schedule(place: _Place, element: etree._Element) -> Iterator[Entry | Fault]:
    heading = _child(element, "ScheduleFormHeading")
    label = _SCHEDULE.match(_words(_child(heading, "Label")))
    if place.edition is None or label is None:
        return
    history: dict[date, tuple[str, ...]] = {}
    for note in element.iter("HistoricalNoteSubItem"):
        if day := _day(note, "inforce-start-date"):
            history[day] = (*history.get(day, ()), _words(note))
    since = _day(element, "inforce-start-date") or place.edition.first
    base = Entry(
        place.edition,
        label[1].upper(),
        "",
        (),
        "",
        since=since,
        schedule_since=since,
        schedule_amended=history.get(since, ()),
    )
    for found in _inside(element, base, 0):
        if isinstance(found, Fault):
            yield found
        else:
            place.entries += 1
            yield replace(found, amended=history.get(found.since, ()))


def _inside(element: etree._Element, base: Entry, depth: int) -> Iterator[Entry | Fault]:
    """Yield the entries of a schedule or one of its parts, through whatever is only a wrapper."""
    for child in element:
        match local(child):
            case "List":
                yield from _list(child, base, depth)
            case "Group":
                part = _number(_words(_child(_child(child, "GroupHeading"), "Label")))
                yield from _inside(child, replace(base, part=part), depth)
            case "TableGroup":
                table = _number(_words(_child(child, "Caption")))
                part = ".".join(filter(None, (base.part, table)))
                yield from _table(child, replace(base, part=part), depth)
            case "DocumentInternal" | "Provision":
                if depth < DEEPEST:
                    yield from _inside(child, base, depth + 1)
            case "Repealed":
                yield replace(_dated(base, child), text=_words(child), repealed=True)


def _list(element: etree._Element, base: Entry, depth: int) -> Iterator[Entry | Fault]:
    """The items of a list; an unlabelled one speaks for all that follow it."""
    if depth >= DEEPEST:
        yield Fault(
            f"item {base.item}", f"lists more than {DEEPEST} deep", etree.tostring(element)[: 1 << 16]
        )
        return
    lead, excluded = base.lead, base.excluded
    for item in element:
        if local(item) != "Item" and not _is_labelled(item):
            continue
        own = replace(_dated(base, item), lead=lead, excluded=excluded)
        label = _words(_child(item, "Label"))
        text, inner = _words(_child(item, "Text")), _child(item, "List")
        if label:
            yield from _labelled(item, own, label, text)
        else:
            yield replace(own, text=text, continues=True)
            lead, excluded = f"{lead} {text}".strip(), excluded or bool(_EXCEPT.match(text))
        if inner is not None:
            below = replace(own, labels=(*base.labels, label) if label else base.labels)
            kept = replace(below, lead="" if label else lead, excluded=excluded)
            yield from _list(inner, kept, depth + 1)


def _labelled(
    element: etree._Element, base: Entry, label: str, text: str, columns: tuple[str, ...] | None = None
) -> Iterator[Entry | Fault]:
    """One item, or two where one label says "25 and 26"."""
    if not text:
        where = f"Schedule {base.schedule} item {base.item}{label}"
        yield Fault(where, "this item has no words", etree.tostring(element)[: 1 << 16])
        return
    repealed = any(local(one) == "Repealed" for one in _own(element))
    for one in _AND.split(label):
        labels = (*base.labels, one)
        cells = base.columns if columns is None else columns
        yield replace(base, labels=labels, text=text, columns=cells, repealed=repealed)


def _table(element: etree._Element, base: Entry, depth: int) -> Iterator[Entry | Fault]:
    """Rows "item, substance, …" of the body of a table, and the lists in their cells."""
    for body in element.iter("tbody"):
        for row in body:
            cells = [cell for cell in row if local(cell) == "entry"]
            if local(row) != "row" or len(cells) < 2 or not (label := _words(cells[0])):
                continue
            own = _dated(base, row)
            substance = cells[1]
            inner = next((one for one in substance.iter() if _holds_items(one)), None)
            columns = tuple(_words(cell) for cell in cells[2:])
            yield from _labelled(row, own, label, _words(substance, whole=False), columns)
            if inner is not None:
                yield from _list(inner, replace(own, labels=(*own.labels, label), columns=columns), depth + 1)


def _dated(base: Entry, element: etree._Element) -> Entry:
    """With the ids of an element, and the day of the nearest one around it that has a day."""
    since = base.since
    for one in (element, *element.iterancestors()):
        if local(one) in ("Statute", "Regulation"):
            break
        if day := _day(one, "inforce-start-date"):
            since = day
            break
    return replace(base, since=since, fid=element.get(LIMS + "fid", ""), version=element.get(LIMS + "id", ""))


def _is_labelled(element: etree._Element) -> bool:
    """Whether it is an item that the file calls a provision, as in cells of tables."""
    return local(element) == "Provision" and _child(element, "Label") is not None


def _holds_items(element: etree._Element) -> bool:
    return local(element) == "List" or any(map(_is_labelled, element))


def _own(element: etree._Element) -> Iterator[etree._Element]:
    """All elements in an item that do not stand in an item below it."""
    for child in element:
        if local(child) != "List" and not _is_labelled(child):
            yield child
            yield from _own(child)


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    return None if element is None else next((one for one in element if local(one) == name), None)


def _words(element: etree._Element | None, *, whole: bool = True) -> str:
    """All text in an element but that of references to footnotes, white space squeezed.

    Args:
        element: where; none has no words.
        whole: with the items inside it.
    """
    return "" if element is None else " ".join("".join(_texts(element, whole)).split())


def _texts(element: etree._Element, whole: bool) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if local(child) != "FootnoteRef" and (whole or not (local(child) == "List" or _is_labelled(child))):
            yield from _texts(child, whole)
        yield child.tail or ""


def _number(text: str) -> str:
    found = _NUMBERED.search(text)
    return found[1] if found else ""


def _day(element: etree._Element, name: str) -> date | None:
    try:
        return date.fromisoformat(element.get(LIMS + name, "")[:10])
    except ValueError:
        return None
