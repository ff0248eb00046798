"""Two-line elements (TLE), with or without a line of the name above.

The columns are those of NORAD's format (Vallado, *Fundamentals of Astrodynamics and Applications*, 4th ed.,
section 2.4.2): a checksum at the end of each line, an implied point before eccentricity and exponents, years
of two digits (57 to 99 are 19xx), and a letter for the first digits of catalogue numbers above 99,999
(Alpha-5, without I and O). Between columns real files lack blanks or have tabs: what stands in the wrong
column is a fault, and never a satellite elsewhere.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from watchfloor.formats.base import Fault
from watchfloor.formats.orbits.elements import Elements, problem

LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Alpha-5: A is 10 (ten-thousands), Z is 33."""
LENGTH: Final = 69
PIVOT: Final = 57
"""Years from here on are of the twentieth century: Sputnik 1 flew in 1957."""
LINE: Final = re.compile(r"[12] [0-9A-Z ]{5}")
FIRST: Final = re.compile(r"^1 [0-9A-Z ]{5}(?:.*\r?\n2 [0-9A-Z ]{5}|[UCS ] .{8} \d{5}\.\d{8})", re.MULTILINE)
EXPONENT: Final = re.compile(r"([ +-]?)\s*(\d{1,5})([+-]\d)")


def looks_like(text: str) -> bool:
    """Return whether a text has two lines that begin as those of a TLE, or a first one to the epoch."""
    return bool(FIRST.search(text))


def read(lines: Iterable[str]) -> Iterator[Elements | Fault]:
    """Yield elements, and a fault for each pair of lines, or line, that is none."""
    name, first, at = "", "", 0
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip()
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        kind = line[0] if LINE.match(line) else ""
        if kind == "2" and first:
            yield _elements(name, first, line, at)
            name, first = "", ""
            continue
        if first:
            yield _fault(at, first, "line 1 of a satellite without its line 2 below")
            first = ""
        if kind == "1":
            first, at = line, number
        elif kind == "2":
            yield _fault(number, line, "line 2 of a satellite without its line 1 above")
            name = ""
        else:
            if name:
                yield _fault(number - 1, name, "a name without two lines of elements below")
            name = line
    if first:
        yield _fault(at, first, "the file ends after line 1 of a satellite: get a complete copy")
    elif name:
        yield _fault(number, name, "the file ends after a name: get a complete copy")


def _fault(number: int, text: str, why: str) -> Fault:
    return Fault(f"line {number}", why, text.encode(errors="replace"))


def _elements(name: str, first: str, second: str, at: int) -> Elements | Fault:
    try:
        for number, line in ((at, first), (at + 1, second)):
            _check(line, number)
        if first[2:7] != second[2:7]:
            raise ValueError(f"its lines are of two satellites, {first[2:7]} and {second[2:7]}")
        year = int(first[18:20])
        found = Elements(
            name=name.removeprefix("0 ").strip(),  # Space-Track numbers this line too
            norad=catalogue_number(first[2:7]),
            designator=_designator(first[9:17].strip()),
            epoch=epoch(year + (1900 if year >= PIVOT else 2000), _decimal(first[20:32], "the epoch's day")),
            motion_dot=_decimal(first[33:43], "the mean motion's derivative"),
            motion_ddot=_exponent(first[44:52], "the mean motion's second derivative"),
            drag=_exponent(first[53:61], "B*"),
            inclination=_decimal(second[8:16], "the inclination"),
            node=_decimal(second[17:25], "the right ascension of the node"),
            eccentricity=int(_digits(second[26:33], "the eccentricity")) / 1e7,
            perigee=_decimal(second[34:42], "the argument of perigee"),
            anomaly=_decimal(second[43:51], "the mean anomaly"),
            mean_motion=_decimal(second[52:63], "the mean motion"),
            locator=f"line {at}",
        )
        if why := problem(found):
            raise ValueError(why)
    except (ValueError, OverflowError) as error:
        return _fault(at, f"{first}\n{second}", str(error))
    return found


def _check(line: str, number: int) -> None:
    """Refuse a line of another length, with other signs than ASCII's, or whose checksum is another."""
    if line[LENGTH : LENGTH + 1] == " ":
        line = line[:LENGTH]  # files of test cases go on with their times
    if not line.isascii():
        raise ValueError(f"line {number} holds a sign that no TLE has")
    if len(line) not in (LENGTH - 1, LENGTH):
        raise ValueError(f"line {number} has {len(line)} characters, where a TLE has {LENGTH}")
    stated = line[LENGTH - 1 :]
    if stated and (not stated.isdigit() or int(stated) != checksum(line)):
        raise ValueError(f"the checksum of line {number} is {checksum(line)}, and the line says {stated}")


def checksum(line: str) -> int:
    """Return the sum of the first 68 characters modulo 10: a digit counts itself, a minus 1, all else 0."""
    return sum(int(one) if one.isdigit() else one == "-" for one in line[: LENGTH - 1]) % 10


def catalogue_number(text: str) -> int:
    """Return the number that five characters are. Raises `ValueError`."""
    stripped = text.strip()
    if stripped[:1] in LETTERS and len(stripped) == 5 and stripped[1:].isdigit():
        return (LETTERS.index(stripped[0]) + 10) * 10_000 + int(stripped[1:])
    if not (stripped.isascii() and stripped.isdigit()):
        raise ValueError(f"{text!r} is no catalogue number")
    return int(stripped)


def epoch(year: int, day: float) -> datetime:
    """Return the moment of a day of a year, 1.0 its first midnight. Raises `ValueError`."""
    if not 1 <= day < 367:
        raise ValueError(f"day {day:g} of a year: it must be from 1 to 366")
    return datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day - 1)


def _designator(text: str) -> str:
    """Return 1993-009B for 93009B."""
    if not re.fullmatch(r"\d{5}[A-Z]{1,3}", text):
        return text
    year = int(text[:2])
    return f"{year + (1900 if year >= PIVOT else 2000)}-{text[2:]}"


def _digits(text: str, what: str) -> str:
    stripped = text.strip()
    if not stripped.isdigit():
        raise ValueError(f"{text!r} is not {what}")
    return stripped


def _decimal(text: str, what: str) -> float:
    if not re.fullmatch(r"[+-]?\d*\.\d*|[+-]?\d+", text.strip()) or not any(map(str.isdigit, text)):
        raise ValueError(f"{text!r} is not {what}")
    return float(text)


def _exponent(text: str, what: str) -> float:
    """Return the number that ` 12345-4` is: .12345e-4."""
    if not (found := EXPONENT.fullmatch(text.strip())):
        raise ValueError(f"{text!r} is not {what}")
    return float(f"{found[1].strip()}.{found[2]}e{found[3]}")
