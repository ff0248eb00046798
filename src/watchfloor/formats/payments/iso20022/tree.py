"""Texts of a transaction that is there as elements: what `scan` finds in bytes, found the slow way."""

import re
from typing import Final

from lxml import etree

from watchfloor.formats.payments.iso20022.slots import JOINED, MACHINE, NUMBER, SLOTS
from watchfloor.formats.xml_limits import local

PART: Final = "\x1f"
"""Between number, scheme and issuer of an identifier in the slot `more`; no XML can hold it."""
NEXT: Final = "\x1e"
"""Behind each of them."""

_SPACE: Final = re.compile(r"[ \t\r\n]+")
Texts = dict[int, str]
"""Texts by slot number; none is empty."""


def squeezed(text: str | None) -> str:
    """A text with single spaces for white space, as XML means it, and none around it."""
    return _SPACE.sub(" ", text).strip(" ") if text else ""


def texts(element: etree._Element, state: int, stop: etree._Element | None = None) -> Texts:
    """The texts of a transaction or a level in that state, without those of levels and transactions in it.

    What is in it from `stop` on does not count.
    """
    found: Texts = {}
    _walk(element, state, found, set(), stop)
    return found


def _walk(
    element: etree._Element, state: int, found: Texts, seen: set[int], stop: etree._Element | None = None
) -> None:
    if MACHINE.repeats[state]:
        if state in seen:
            _more(element, state, found)
            return
        seen.add(state)
    _take(element, state, found)
    steps = MACHINE.inner[state]
    if not steps:
        return
    for inner in element:
        if inner is stop:
            break
        tag = str(inner.tag)
        if after := steps.get(tag[tag.rfind("}") + 1 :]):
            _walk(inner, after, found, seen)


def _take(element: etree._Element, state: int, found: Texts) -> None:
    """Note the text of an element, if its state takes it and it has any."""
    slot = MACHINE.slot[state]
    if slot < 0 or not (text := squeezed(element.text)):
        return
    if slot not in found:
        found[slot] = text
        if (currency := MACHINE.currency[state]) >= 0 and (code := squeezed(element.get("Ccy"))):
            found[currency] = code
    elif slot in JOINED:
        found[slot] += f" {text}"


def _more(element: etree._Element, state: int, found: Texts) -> None:
    """A further identifier: it goes behind those that are in `more`."""
    own: Texts = {}
    slots = []
    for inner, after in ((i, MACHINE.step[state].get(local(i), 0)) for i in element):
        _walk(inner, after, own, set())
    for name in ("Id", "SchmeNm", "Issr"):
        after = MACHINE.step[state][name]
        slots.append(MACHINE.slot[MACHINE.step[after]["Cd"] if name == "SchmeNm" else after])
    if number := own.get(slots[0]):
        party = SLOTS[slots[0]].partition(".")[0]
        place = NUMBER[f"{party}.more"]
        said = PART.join((number, own.get(slots[1], ""), own.get(slots[2], "")))
        found[place] = found.get(place, "") + said + NEXT
