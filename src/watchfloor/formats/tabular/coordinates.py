"""Latitudes and longitudes as people write them: degrees, minutes and seconds, hemispheres, pairs, UTM.

A text may hold both, `49.0031, -97.238` or `14U 631234 5429876`; a field takes its own. A letter says the
hemisphere, `N S E W` or French `O`; where the texts have none, that of the column's name counts: under
`Long (W)`, 97.238 is west. Without either, what is not negative is north or east.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.sensors import utm
from watchfloor.formats.tabular.values import Column, by_distinct

Axis = Literal["latitude", "longitude"]
MOST: Final[dict[Axis, float]] = {"latitude": 90.0, "longitude": 180.0}
FIELDS: Final = frozenset({"latitude", "longitude", "sensor_latitude", "sensor_longitude"})
"""Fields of every kind that hold one of the two."""
UNITS: Final = ("", "deg", "rad", "west", "south")
"""What a mapping may say of their numbers; `west` and `south`: of those that state no hemisphere."""
HEADERS: Final = ("", "deg", "degs", "degree", "degrees", "degré", "degrés", "°", "rad", "radian", "radians")
"""Units that the name of their column may state."""
_RADIANS: Final = 57.295779513082320877

_LETTERS: Final = {"N": "latitude", "S": "latitude", "E": "longitude", "W": "longitude", "O": "longitude"}
_PART: Final = re.compile(
    r"\s*(?P<before>[NSEWO])?\s*(?P<sign>[-+−])?\s*(?P<degrees>\d{1,3}(?:[.,]\d*)?)\s*(?:[°ºd*:]|deg\b\.?)?"
    r"(?:\s*(?P<minutes>\d{1,2}(?:[.,]\d*)?)\s*(?:['′’´m:]|min\b\.?)?"
    r"(?:\s*(?P<seconds>\d{1,2}(?:[.,]\d*)?)\s*(?:[\"″”s]|''|′′|’’)?)?)?\s*(?P<after>[NSEWO])?\s*",
    re.IGNORECASE,
)
_PARTED: Final = (r"\s*[;/|]\s*", r",\s+", r",(?=[^,]*$)", r"(?<=[NSEWOnsewo])\s*,?\s*", r"\s+(?=[-+−\d])")
"""What may stand between the two of a pair, the surest first."""
_UTM: Final = re.compile(
    r"\s*(?:zone\s*)?(\d{1,2}\s*[A-HJ-NP-Z]?)[\s,;]+(\d{6}(?:[.,]\d+)?)\s*m?\s*E?[\s,;]+(\d{6,8}(?:[.,]\d+)?)\s*m?\s*N?\s*",
    re.IGNORECASE,
)
_POINT: Final = re.compile(r"\s*POINT\s*\(\s*(\S+)\s+([^\s)]+)\s*\)\s*", re.IGNORECASE)


class Part(NamedTuple):
    """One number of a text: its value, and the axis where a letter says it."""

    value: float
    axis: str
    signed: bool


def reader(axis: Axis) -> Callable[..., Column]:
    """Return a reader of texts and their `Source` to degrees; fast where all texts are plain numbers."""

    def read(texts: pa.Array, how: object) -> Column:
        away, factor = _said(axis, how)
        if not away and factor == 1.0:
            try:
                values = pc.cast(texts, pa.float64())
            except pa.ArrowInvalid:  # some text is more than a number
                values = None
            some = values.drop_null().to_numpy() if values is not None else None
            if some is not None and (not len(some) or (np.abs(some) <= MOST[axis]).all()):
                return Column(values, {})
        return by_distinct(texts, partial(degrees, axis=axis, away=away, factor=factor), pa.float64())

    return read


def degrees(text: str, axis: Axis, *, away: bool = False, factor: float = 1.0) -> float:
    """Return the latitude or longitude of a text, in degrees. Raises `ValueError` where it has none.

    Args:
        text: of one place.
        axis: which of the two.
        away: whether a number without a sign or letter is south, or west.
        factor: from the text's numbers to degrees.
    """
    one = _one(text, axis)
    value = -one.value if away and not one.axis and not one.signed else one.value
    value *= factor
    if not abs(value) <= MOST[axis]:
        raise ValueError(f"{text!r} is out of range (-{MOST[axis]:g} to {MOST[axis]:g})")
    return value


def hemisphere(name: str) -> str:
    """Return the hemisphere that a column's name states, of N, S, E and W; empty where it states none."""
    found = re.search(
        r"[(\[\s_.](N|S|E|W|O|north|south|east|west|nord|sud|est|ouest)[)\]]?$", name, re.IGNORECASE
    )
    return {"O": "W"}.get(found[1][0].upper(), found[1][0].upper()) if found else ""


def is_pair(text: str) -> bool:
    """Return whether a text holds both."""
    return bool(_UTM.fullmatch(text)) or (not _part(text) and next(_pairs(text), None) is not None)


def is_utm(text: str) -> bool:
    """Return whether a text is a zone, an easting and a northing."""
    return bool(_UTM.fullmatch(text))


def _said(axis: Axis, how: object) -> tuple[bool, float]:
    unit: str = getattr(how, "unit", "")
    names: tuple[str, ...] = getattr(how, "names", ())
    if not unit and names and re.search(r"\brad(?:ians?)?\b", names[0], re.IGNORECASE):
        unit = "rad"
    away = "W" if axis == "longitude" else "S"
    stated = hemisphere(names[0]) if len(names) == 1 else ""
    return unit in ("west", "south") or (not unit and stated == away), _RADIANS if unit == "rad" else 1.0


def _one(text: str, axis: Axis) -> Part:
    if len(text) > LONGEST:
        raise ValueError(f"{text[:20]!r}… is no {axis} such as 49.0031 or 49°00'11\"N")
    if found := _UTM.fullmatch(text):
        return Part(_of_utm(found, axis), axis, signed=True)
    if one := _part(text):
        if one.axis not in ("", axis):
            raise ValueError(f"{text!r} is a {one.axis} and no {axis}")
        return one
    if pair := next(_pairs(text), None):
        return pair[0] if axis == "latitude" else pair[1]
    raise ValueError(f"{text!r} is no {axis} such as 49.0031 or 49°00'11\"N")


LONGEST: Final = 100
"""Characters of a place; a longer text is none."""


def _part(text: str) -> Part | None:
    if len(text) > LONGEST or not (found := _PART.fullmatch(text)) or (found["before"] and found["after"]):
        return None
    number = [float((found[name] or "0").replace(",", ".")) for name in ("degrees", "minutes", "seconds")]
    if found["minutes"] and ("." in found["degrees"] or "," in found["degrees"]):
        return None
    if found["seconds"] and ("." in found["minutes"] or "," in found["minutes"]):
        return None
    if max(number[1:]) >= 60:
        return None
    value = number[0] + number[1] / 60 + number[2] / 3600
    letter = (found["before"] or found["after"] or "").upper()
    if letter in ("S", "W", "O") or found["sign"] in ("-", "−"):
        value = -value
    return Part(value, _LETTERS.get(letter, ""), bool(found["sign"]))


def _pairs(text: str) -> Iterator[tuple[Part, Part]]:
    """Yield latitude and longitude of a text, in each way that it can be parted."""
    if point := _POINT.fullmatch(text):
        east, north = _part(point[1]), _part(point[2])
        if east and north:
            yield north, east
    bare = text.strip().strip("()[]")
    for sign in _PARTED:
        halves = re.split(sign, bare)
        if len(halves) != 2:
            continue
        one, other = map(_part, halves)
        if one is None or other is None or (one.axis and one.axis == other.axis):
            continue
        yield (other, one) if one.axis == "longitude" or other.axis == "latitude" else (one, other)


def _of_utm(found: re.Match[str], axis: Axis) -> float:
    zone = utm.zone(found[1])
    if zone is None:
        raise ValueError(f"{found[1]!r} is no zone of UTM such as 14U")
    east, north = (float(found[at].replace(",", ".")) for at in (2, 3))
    latitude, longitude = utm.geographic(np.array([zone]), np.array([east]), np.array([north]))
    return float((latitude if axis == "latitude" else longitude)[0])
