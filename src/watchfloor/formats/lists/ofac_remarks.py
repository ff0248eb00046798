"""Remarks of an OFAC entry: births, countries, numbers, and names in quotes.

Remarks are phrases between semicolons: `DOB 24 Aug 1951; alt. DOB circa 1950; POB Cali, Colombia; Passport
J2870 (Colombia); a.k.a. 'PACHO'.` Names in single quotes are those OFAC calls weak.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from watchfloor.core.partial_date import MONTHS, NoSuchDateError, exact
from watchfloor.formats.lists.listing_rows import Identifier, Name, Role

MAX_SPAN: Final = 30
"""Years of a birth range; a longer one says nothing about a person."""

_DAY: Final = re.compile(r"(?:(?:(\d{1,2}) )?([A-Za-z]{3}) )?(\d{4})")
_SYSTEMS: Final = {
    "Passport": "passport",
    "Vessel Registration Identification IMO": "imo",
    "Identification Number IMO": "imo",
    "Company Number IMO": "imo-company",
    "MMSI": "mmsi",
    "Aircraft Tail Number": "tail number",
    "SWIFT/BIC": "bic",
}
_NUMBERED: Final = (
    "National ID No.",
    "Cedula No.",
    "NIT #",
    "RUC #",
    "RIF #",
    "Tax ID No.",
    "Registration Number",
    "Registration ID",
    "Identification Number",
    "Company Number",
    "Commercial Registry Number",
    "Business Registration Number",
    "Trade License No.",
    "Folio Mercantil No.",
    "Matricula Mercantil No",
    "Electoral Registry No.",
    "Driver's License No.",
    "D-U-N-S Number",
    "D.N.I.",
    "C.U.R.P.",
    "R.F.C.",
    "C.R. No.",
    "V.A.T. Number",
    "Italian Fiscal Code",
    "Aircraft Manufacturer's Serial Number (MSN)",
)
_ANY_SYSTEM: Final = "|".join(map(re.escape, sorted((*_SYSTEMS, *_NUMBERED), key=len, reverse=True)))
_NUMBER: Final = re.compile(
    rf"(?:alt\. )?({_ANY_SYSTEM}) ([^()]+?)(?: \(([^()]+)\))?(?: (?:issued|expires) .*)?"
)
_NAME: Final = re.compile(r"(?:alt\. )?([afn])\.k\.a\. '(.+)'")
_COUNTRY: Final = re.compile(r"(?:alt\. )?(?:nationality|citizen) (.+)")
_PLACE: Final = re.compile(r"(?:alt\. )?POB (.+)")
_BIRTH: Final = re.compile(r"(?:alt\. )?DOB (.+)")


@dataclass(slots=True)
class Remarks:
    """Facts read from remarks; the prose itself stays with the entry."""

    births: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    identifiers: list[Identifier] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)


def read_remarks(text: str) -> Remarks:
    """The births, countries, numbers and weak names of an entry's remarks."""
    remarks = Remarks()
    for phrase in (part.strip() for part in text.strip().removesuffix(".").split("; ")):
        if match := _NAME.fullmatch(phrase):
            role: Role = "former" if match[1] == "f" else "alias"
            remarks.names.append(Name(match[2], role, "weak"))
        elif match := _BIRTH.fullmatch(phrase):
            remarks.births.extend(day for day in births(match[1]) if day not in remarks.births)
        elif match := _COUNTRY.fullmatch(phrase):
            remarks.countries.append(match[1])
        elif match := _PLACE.fullmatch(phrase):
            remarks.countries.append(match[1].rpartition(", ")[2])
        elif match := _NUMBER.fullmatch(phrase):
            remarks.identifiers.append(system_of(*match.groups()))
    return remarks


def system_of(kind: str, number: str, owner: str | None) -> Identifier:
    """A number in the system that OFAC's words for it mean; unknown words stand for themselves."""
    if number.startswith("IMO ") and f"{kind} IMO" in _SYSTEMS:
        kind, number = f"{kind} IMO", number.removeprefix("IMO ")
    return Identifier(_SYSTEMS.get(kind, kind.rstrip(" .#")), number.strip(), owner)


def births(text: str) -> list[str]:
    """ISO 8601 dates of "24 Aug 1951", "Aug 1951", "circa 1951", "1950 to 1955": of a span, each year."""
    text = text.strip().removeprefix("circa ")
    first, _, last = text.partition(" to ") if " to " in text else text.partition("-")
    begin = _iso(first)
    if not last:
        return list(begin)
    return list(_span(begin, _iso(last.strip().removeprefix("circa "))))


def _iso(text: str) -> tuple[str, ...]:
    match = _DAY.fullmatch(text.strip())
    if match is None:
        return ()
    day, month, year = match.groups()
    parts = [year, *([MONTHS.get(month.lower(), 0)] if month else []), *([day] if day else [])]
    try:
        return (str(exact(text, *parts)),)
    except NoSuchDateError:
        return ()


def _span(begin: tuple[str, ...], end: tuple[str, ...]) -> Iterator[str]:
    if begin and end:
        first, last = int(begin[0][:4]), int(end[0][:4])
        if 0 <= last - first <= MAX_SPAN:
            yield from (str(year) for year in range(first, last + 1))
