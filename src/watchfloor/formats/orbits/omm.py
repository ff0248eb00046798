"""Orbit mean-elements messages (OMM, CCSDS 502.0-B-3) as XML, KVN, JSON and CSV.

JSON and CSV have the keywords of the standard as names, as CelesTrak and Space-Track give them. What SGP4
does not understand is a fault: another theory (SGP4-XP), centre, frame or time system than its own.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from lxml import etree

from watchfloor.formats import xml_limits
from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.orbits.elements import Elements, problem

KEYWORD: Final = re.compile(r"\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*(?:\[[^\]]*\])?\s*")
MOMENT: Final = re.compile(r"(\d{4})-(?:(\d{3})|(\d{2})-(\d{2}))T(\d{2}):(\d{2}):(\d{2})(\.\d*)?Z?")
FIRST_YEAR, LAST_YEAR = 1957, 2200
"""Since the first satellite, and far from the last day that a moment can be of."""
EXPECTED: Final = {
    "CENTER_NAME": ("EARTH",),
    "REF_FRAME": ("TEME",),
    "TIME_SYSTEM": ("UTC",),
    "MEAN_ELEMENT_THEORY": ("SGP4", "SGP/SGP4", "SGP"),
}
"""What the elements must be of; where a message does not say, they are taken to be."""
NUMBERS: Final = {
    "mean_motion": "MEAN_MOTION",
    "eccentricity": "ECCENTRICITY",
    "inclination": "INCLINATION",
    "node": "RA_OF_ASC_NODE",
    "perigee": "ARG_OF_PERICENTER",
    "anomaly": "MEAN_ANOMALY",
}
"""Numbers that each message has."""
OTHERS: Final = {"drag": "BSTAR", "motion_dot": "MEAN_MOTION_DOT", "motion_ddot": "MEAN_MOTION_DDOT"}
"""Numbers that are nought where a message does not have them. The standard's derivatives are those of a TLE,
which are a half and a sixth of what they are called."""


def read_json(data: bytes) -> Iterator[Elements | Fault]:
    """Yield the elements of a JSON array, or of one object. Raises `FormatError`."""
    try:
        plain = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise FormatError(f"it is no JSON that can be read: {error}") from None
    for number, one in enumerate(plain if isinstance(plain, list) else [plain], 1):
        if isinstance(one, dict):
            yield _elements({str(key).upper(): value for key, value in one.items()}, f"item {number}")
        else:
            yield Fault(f"item {number}", "it is no object with the keywords of an OMM", str(one).encode())


def read_csv(text: str) -> Iterator[Elements | Fault]:
    """Yield the elements of a CSV whose first line has the keywords."""
    rows = csv.reader(io.StringIO(text, newline=""))
    try:
        names = [one.strip().upper() for one in next(rows)]
        for row in rows:
            if not any(row):
                continue
            found = _elements(dict(zip(names, row, strict=False)), f"line {rows.line_num}")
            if isinstance(found, Fault) and len(row) < len(names):
                why = f"it ends after {len(row)} of {len(names)} columns: get a complete copy"
                found = Fault(found.locator, why, found.raw)
            yield found
    except csv.Error as error:
        yield Fault(f"line {rows.line_num}", f"the table is damaged here: {error}", b"", rest=True)


def read_kvn(lines: list[str]) -> Iterator[Elements | Fault]:
    """Yield the elements of messages as lines of KEYWORD = value; several may follow each other."""
    values: dict[str, object] = {}
    at = 0
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("COMMENT"):
            continue
        if not (found := KEYWORD.fullmatch(line.rstrip("\r\n"))):
            yield Fault(f"line {number}", "it is no line of KEYWORD = value", line.encode(errors="replace"))
            continue
        if found[1] == "CCSDS_OMM_VERS" or (found[1] == "OBJECT_NAME" and "OBJECT_NAME" in values):
            if len(values) > 1:
                yield _elements(values, f"line {at}")
            values, at = {}, number
        at = at or number
        values[found[1]] = found[2]
    if len(values) > 1:
        yield _elements(values, f"line {at}")


def read_xml(data: bytes, name: str) -> Iterator[Elements | Fault]:
    """Yield the elements of each `omm` of an XML document. Raises `FormatError`."""
    stream = io.BytesIO(data)
    for one in xml_limits.elements(stream, name, {"omm"}, {"ndm", "omm"}):
        if isinstance(one, Fault):
            yield one
        elif xml_limits.local(one) == "omm" and len(one):
            values = {
                xml_limits.local(each): str(each.text)
                for each in one.iter()
                if isinstance(each, etree._Element) and not len(each) and each.text
            }
            yield _elements(values, f"line {one.sourceline}")


def moment(text: str) -> datetime:
    """Return a moment of the CCSDS, by month or by day of the year. Raises `ValueError`."""
    if not (found := MOMENT.fullmatch(text.strip())):
        raise ValueError(f"{text[:40]!r} is no moment such as 2026-05-30T12:00:00.5 or 2026-150T12:00:00")
    year, of_year, month, day, hour, minute, second = (int(one or 0) for one in found.groups()[:7])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"{year} is no year of a satellite's orbit: {FIRST_YEAR} to {LAST_YEAR}")
    if of_year:
        start = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=of_year - 1)
        if start.year != year:
            raise ValueError(f"{year} has no day {of_year}")
    else:
        start = datetime(year, month, day, tzinfo=UTC)
    if hour > 23 or minute > 59 or second > 60:  # 60 is a leap second
        raise ValueError(f"{text[:40]!r} is no time of day")
    return start + timedelta(hours=hour, minutes=minute, seconds=second + float(found[8] or 0))


def _elements(values: Mapping[str, object], locator: str) -> Elements | Fault:
    try:
        for keyword, allowed in EXPECTED.items():
            stated = str(values.get(keyword) or allowed[0]).strip().upper()
            if stated not in allowed:
                raise ValueError(f"{keyword} is {stated}, where SGP4 needs {allowed[0]}")
        number = str(values.get("NORAD_CAT_ID", "")).strip()
        if not (number.isascii() and number.isdigit()):
            raise ValueError("NORAD_CAT_ID is missing or no number")
        found = Elements(
            name=str(values.get("OBJECT_NAME") or "").strip(),
            norad=int(number),
            designator=str(values.get("OBJECT_ID") or "").strip(),
            epoch=moment(str(values.get("EPOCH") or "")),
            locator=locator,
            **{name: _number(values, keyword) for name, keyword in NUMBERS.items()},
            **{name: _number(values, keyword, 0.0) for name, keyword in OTHERS.items()},
        )
        if why := problem(found):
            raise ValueError(why)
    except (ValueError, OverflowError) as error:
        piece = "\n".join(f"{name} = {value}" for name, value in values.items())
        return Fault(locator, str(error), piece.encode(errors="replace")[:4096])
    return found


def _number(values: Mapping[str, object], keyword: str, default: float | None = None) -> float:
    value = values.get(keyword)
    if value in (None, ""):
        if default is None:
            raise ValueError(f"{keyword} is missing")
        return default
    try:
        return float(value)  # type: ignore[arg-type] # what is no number is refused here
    except (TypeError, ValueError):
        raise ValueError(f"{keyword} is {str(value)[:40]!r}, which is no number") from None
