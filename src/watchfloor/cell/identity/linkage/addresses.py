"""Addresses: the parts of one that stands in one column, and streets in one spelling."""

import re
from typing import Final, NamedTuple

from watchfloor.formats.tabular.lexicon import plain

SHORT: Final = {
    long: short
    for line in (
        "street:st str",
        "avenue:ave av avnu",
        "road:rd",
        "drive:dr drv",
        "lane:ln",
        "court:ct crt",
        "place:pl",
        "boulevard:blvd boul bd",
        "circle:cir circ",
        "crescent:cres cr",
        "terrace:ter terr",
        "highway:hwy",
        "parkway:pkwy pky",
        "trail:trl",
        "square:sq",
        "north:n nord",
        "south:s sud",
        "east:e est",
        "west:w o ouest",
        "northeast:ne",
        "northwest:nw",
        "southeast:se",
        "southwest:sw",
        "chemin:ch",
        "route:rte",
        "saint:st",
        "sainte:ste",
        "mount:mt",
        "county:co",
    )
    for first, _, others in [line.partition(":")]
    for short in [others.split()[0]]
    for long in (first, *others.split()[1:])
}
"""The short form of words in street names."""

_BOX: Final = re.compile(
    r"\b(?:p\.?\s*o\.?\s*box|post office box|case postale|c\.?\s*p\.?|b\.?\s*p\.?)\s*#?\s*(\w+)",
    re.IGNORECASE,
)
_UNIT: Final = re.compile(
    r"(?:\b(?:apt|apartment|unit|suite|ste|app|appartement|bureau)\b\.?|#)\s*#?\s*(\w+)", re.IGNORECASE
)
_POSTAL: Final = re.compile(r"\b([a-z]\d[a-z])\s?(\d[a-z]\d)\b|\b(\d{5})(?:-\d{4})?\s*$", re.IGNORECASE)


class Address(NamedTuple):
    """The parts of an address, normalised; empty where it has none."""

    number: str = ""
    street: str = ""
    unit: str = ""
    po_box: str = ""
    city: str = ""
    postal: str = ""


def street_text(text: str) -> str:
    """Normalise the name of a street: words without accents, types and directions in their short form."""
    return " ".join(SHORT.get(word, word) for word in plain(text).split())


def read_address(text: str) -> Address:
    """Part an address that stands in one column."""
    postal = box = unit = ""
    if found := _POSTAL.search(text):
        postal = ((found[1] or "") + (found[2] or "") or found[3] or "").casefold()
        text = text[: found.start()] + text[found.end() :]
    if found := _BOX.search(text):
        box = found[1].casefold()
        text = text[: found.start()] + text[found.end() :]
    if found := _UNIT.search(text):
        unit = found[1].casefold()
        text = text[: found.start()] + text[found.end() :]
    line, _, behind = text.strip(" ,").partition(",")
    number, street = "", line
    if found := re.match(r"\s*(?:(\w+)\s*-\s*)?(\d+\w?)\b\s*,?\s*(.*)", line):
        unit, number, street = unit or (found[1] or "").casefold(), found[2].casefold(), found[3]
        if not street and behind:  # 12, rue Principale
            street, _, behind = behind.strip().partition(",")
    return Address(number, street_text(street), unit, box, plain(behind.split(",")[0]), postal)
