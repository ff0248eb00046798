"""The provisions of a statute or regulation in Justice Laws XML: label, words, stable id, days.

A label is written as counsel cite it: `46(1)`, `7(1)(b)(ii)`; the French text's `a)` becomes `(a)`, so that
both texts share their labels. A schedule as a whole is `Schedule 3`. The words of a provision are those of
all that stands in it. Marginal and historical notes are no part of an enactment (Interpretation Act, s. 14)
and are left out.

Which day is which. Justice Laws dates each element's version, and the opening words of a provision may be
amended while the element around them keeps its old day: those of s. 6(1) of the Customs Act are of 2026, the
subsection is of 2012. `since` is therefore the last day of the provision's own words, `amended` that of
anything that stands in it. What is enacted and not in force says so in place of a day (`in-force="no"`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final

from lxml import etree

from watchfloor.core.messages import Reason, declare, reason
from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.xml_limits import elements, local

LIMS: Final = "{http://justice.gc.ca/lims}"
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"

LEVELS: Final = frozenset({"Section", "Subsection", "Paragraph", "Subparagraph", "Clause", "Subclause"})
"""Elements that have a label and may be cited."""

_NOTES: Final = frozenset({"MarginalNote", "HistoricalNote", "Footnote", "FootnoteRef", "Label"})
_INLINE: Final = frozenset(
    {"XRefInternal", "XRefExternal", "DefinitionRef", "DefinedTermEn", "DefinedTermFr", "Emphasis"}
    | {"Sup", "Sub", "Repealed", "Language", "Ins", "Del", "Fraction", "DefinitionEnOnly", "DefinitionFrOnly"}
)
"""Elements within a sentence; around any other stands a space."""
_NOT_OURS: Final = frozenset({"RelatedProvs", "NifProvs"})
"""`id` of what is printed like a schedule and is none: related provisions, amendments not in force."""

_IDENTITY: Final = frozenset({"ConsolidatedNumber", "InstrumentNumber", "ShortTitle", "LongTitle"})

NOT_XML: Final = declare("law.not-xml", "file")
NO_STATUTE: Final = declare("law.no-statute", "file")
TRUNCATED: Final = declare("law.truncated", "file", "where")
DECLARES: Final = declare("law.document-type", "file")
TOO_LARGE: Final = declare("law.too-large", "file", "most")

LARGEST: Final = 64 << 20
"""Bytes of a file at most. The Criminal Code, the longest of all, has some ten million."""


class StatuteError(FormatError):
    """A file that is no whole statute or regulation of Justice Laws; the reason says which way it is not."""

    def __init__(self, why: Reason) -> None:
        super().__init__(why.render("en"))
        self.reason = why


@dataclass(frozen=True, slots=True)
class Provision:
    """One provision as one consolidation has it.

    Attributes:
        label: as it is cited, such as `7(1)(b)(ii)`; `Schedule 3` of a schedule.
        text: its words with all that stands in it, white space squeezed.
        own: its words without what stands in it: the opening words, and those that follow.
        lead: the own words of all that it stands in, outermost first.
        since: the day its own words came into force; None while they are not in force.
        amended: the last day on which anything in it came into force.
        fid: id that is stable over versions, also when the provision gets another label.
        repealed: whether the text is only the mark that something stood there.
    """

    label: str
    text: str
    own: str
    lead: str
    since: date | None
    amended: date | None
    fid: str
    repealed: bool


@dataclass(frozen=True, slots=True)
class Statute:
    """One consolidation of one statute or regulation in one language.

    Attributes:
        number: as it cites itself: `I-2.5`, `SOR/2002-184`.
        title: in its language.
        lang: `en` or `fr`.
        first: first day it speaks for, when it last changed.
        last: day to which it is current.
        enacted: the day of assent, of an Act so young that its file says it; before, none of it was there.
        provisions: by label, in the order of the text.
    """

    number: str
    title: str
    lang: str
    first: date
    last: date
    enacted: date | None
    provisions: Mapping[str, Provision]

    def find(self, label: str) -> Provision:
        """Return the provision of a label. Raises `LookupError` where there is none or it is repealed."""
        found = self.provisions.get(label)
        if found is None:
            raise LookupError(f"{self.number} has no {label}")
        if found.repealed:
            raise LookupError(f"{self.number} {label} is repealed: {found.text}")
        return found


@dataclass(slots=True)
class _Draft:
    number: str = ""
    title: str = ""
    lang: str = ""
    first: date | None = None
    last: date | None = None
    enacted: date | None = None
    provisions: dict[str, Provision] = field(default_factory=dict)


def read(path: Path) -> Statute:
    """Read a file.

    Raises:
        StatuteError: it is no XML, no law of Justice Laws, broken off, or an entity bomb.
        OSError: it cannot be opened.
    """
    if path.stat().st_size > LARGEST:
        raise StatuteError(reason(TOO_LARGE, file=path.name, most=LARGEST >> 20))
    with path.open("rb") as stream:
        return parse(stream, path.name)


def parse(stream: BinaryIO, name: str) -> Statute:
    """Read a stream; `name` is for messages. Raises `StatuteError`."""
    draft = _Draft()
    try:
        for found in elements(stream, name, {*_IDENTITY, "Section", "Schedule"}, {"Statute", "Regulation"}):
            if isinstance(found, Fault):
                raise StatuteError(reason(TRUNCATED, file=name, where=found.locator))
            _take_in(draft, found)
    except StatuteError:
        raise
    except FormatError as error:
        raise StatuteError(_why(name, str(error))) from error
    if not draft.number or draft.first is None or draft.last is None or not draft.provisions:
        raise StatuteError(reason(NO_STATUTE, file=name))
    return Statute(
        draft.number, draft.title, draft.lang, draft.first, draft.last, draft.enacted, draft.provisions
    )


def _why(name: str, said: str) -> Reason:
    """Tell what `xml_limits` refused: a document type, no XML at all, another root or too much of it."""
    if "<!DOCTYPE>" in said:
        return reason(DECLARES, file=name)
    return reason(NOT_XML if "is not XML" in said or "is empty" in said else NO_STATUTE, file=name)


def _take_in(draft: _Draft, element: etree._Element) -> None:
    match local(element):
        case "Statute" | "Regulation":
            draft.lang = element.get(LANG, "")[:2]
            draft.first, draft.last = _day(element, "pit-date"), _day(element, "current-date")
            draft.enacted = _day(element, "enacted-date")
        case "ConsolidatedNumber" | "InstrumentNumber":
            draft.number = draft.number or _words(element).replace("DORS/", "SOR/").replace("TR/", "SI/")
        case "ShortTitle" | "LongTitle":
            if local(element) == "ShortTitle" or not draft.title:
                draft.title = _words(element)
        case "Section":
            if label := _label(element):
                _provision(draft, element, label)
        case _ if element.get("id") not in _NOT_OURS:
            heading = _words(_child(_child(element, "ScheduleFormHeading"), "Label"))
            if number := _SCHEDULE.match(heading):
                _provision(draft, element, f"Schedule {number[1]}".rstrip())


def _provision(
    draft: _Draft, element: etree._Element, label: str, lead: str = "", *, in_force: bool = True
) -> None:
    """Take in a provision and all that stands in it. Of two with one label the first is kept."""
    in_force = in_force and element.get("in-force") != "no"
    own = list(_own(element))
    days = [day for one in (element, *own) if (day := _day(one, "inforce-start-date"))]
    later = [day for one in element.iter() if (day := _day(one, "inforce-start-date"))]
    text = _words(element)
    words = " ".join(_words(one) for one in element if local(one) not in LEVELS | _NOTES)
    if label not in draft.provisions:
        draft.provisions[label] = Provision(
            label,
            text,
            words,
            lead,
            max(days) if days and in_force else None,
            max(later) if later and in_force else None,
            element.get(LIMS + "fid", ""),
            bool(_REPEALED.match(text)),
        )
    for child in element:
        if local(child) in LEVELS and (inner := _label(child)):
            _provision(draft, child, label + inner, f"{lead} {words}".strip(), in_force=in_force)


_SCHEDULE: Final = re.compile(r"(?:SCHEDULE|ANNEXE)\s*([IVXLC]+|\d*)\s*$", re.IGNORECASE)
_REPEALED: Final = re.compile(r"\[(?:Repealed|Revoked|Deleted|Abrog|Supprim)", re.IGNORECASE)


def _label(element: etree._Element) -> str:
    """Return a section's number as it stands, any other label within brackets."""
    text = _words(_child(element, "Label"))
    return text if local(element) == "Section" or not text else f"({text.strip('()')})"


def _own(element: etree._Element) -> Iterator[etree._Element]:
    """Yield the elements that hold a provision's own words, definitions among them."""
    for child in element:
        if local(child) not in LEVELS | _NOTES:
            yield child
            yield from _own(child)


def _words(element: etree._Element | None) -> str:
    """Return the words in an element but notes and its own label, white space squeezed."""
    return "" if element is None else " ".join("".join(_texts(element, top=True)).split())


def _texts(element: etree._Element, *, top: bool = False) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        name = local(child)
        if name not in _NOTES or (name == "Label" and not top):
            gap = "" if name in _INLINE else " "
            yield gap
            yield from _texts(child)
            yield gap
        yield child.tail or ""


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    return None if element is None else next((one for one in element if local(one) == name), None)


def _day(element: etree._Element, name: str) -> date | None:
    try:
        return date.fromisoformat(element.get(LIMS + name, "")[:10])
    except ValueError:
        return None
