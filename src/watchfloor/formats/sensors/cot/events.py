"""One Cursor on Target event, whichever encoding it came in, as a row of `detection`.

| of the event | column |
|---|---|
| `uid` and `time` | `report_key`; the uid is `object` too |
| `time` | `observed_at` |
| `point`: `lat`, `lon`, `hae` | `latitude`, `longitude`, `altitude`; 9999999 is unknown |
| `point`: `ce` | `var_east` and `var_north`, both `ce` squared |
| `type` | `class` |
| `contact`: `callsign` | `name` |
| `track`: `speed`, `course`, `eSpeed`, `eCourse` | `speed`, `course` and their errors |
| `link` to who produced it (`p-p`) | `sensor` |
| a uid of an AIS or ADS-B gateway (`MMSI-…`, `ICAO-…`) | `claimed` |
| `emergency` | `status` |
| `watchfloor` | marking, covariance, probabilities: what we add when we send, see `xml_out` |

All else is in `says`: `type`, `how`, `start`, `stale`, `le`, what it is marked with, and the rest of `detail`
as XML.

`ce` is "the one sigma point for a zero mean normal distribution", says the schema (MITRE, Event-PUBLIC.xsd).
Some clients write the 90 % radius into it; read as one sigma it makes the variance larger than it is, never
smaller.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from lxml import etree

from watchfloor.core.marking import MarkingError, parse
from watchfloor.core.subjects import SubjectError, subject
from watchfloor.formats.sensors.cot import kinds

UNKNOWN: Final = 9_999_999.0
"""What stands for a height or an error that is not known."""

OURS: Final = "watchfloor"
"""Element of `detail` with what we add."""

SENSOR: Final = "a-f-G-E-S"
"""Type of who produced an event: a sensor of ours."""

_NUMBERS: Final = {
    "class_confidence": (0.0, 1.0),
    "confidence": (0.0, 1.0),
    "var_east": (0.0, math.inf),
    "var_north": (0.0, math.inf),
    "cov_east_north": (-math.inf, math.inf),
    "climb": (-math.inf, math.inf),
    "heading": (0.0, 360.0),
}
_TEXTS: Final = ("class", "authority", "marking", "claimed")
CARRIED: Final = (*_NUMBERS, *_TEXTS)
"""Columns that the element `watchfloor` can carry."""

_GATEWAYS: Final = (
    (re.compile(r"MMSI[-.](\d{9})"), "vessel", "mmsi"),
    (re.compile(r"ICAO[-.]([0-9A-Fa-f]{6})"), "aircraft", "icao24"),
)
_ATTRIBUTES: Final = ("how", "access", "qos", "opex", "caveat", "releaseableTo")

Row = dict[str, Any]


class EventError(ValueError):
    """An event that cannot be; the message says which part and why."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it came.

    Attributes:
        uid: of what it is about.
        type: what it is, see `kinds`.
        time: when it was made.
        start: from when it holds.
        stale: until when it holds.
        point: latitude, longitude, height, circular and linear error, as numbers.
        attributes: others of the event, by name.
        detail: its elements, in their order.
    """

    uid: str
    type: str
    time: datetime
    start: datetime | None
    stale: datetime | None
    point: tuple[float, float, float, float, float]
    attributes: Mapping[str, str] = field(default_factory=dict)
    detail: tuple[etree._Element, ...] = ()


def moment(text: str | None, name: str) -> datetime:
    """A time of an event. Raises `EventError`."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError as error:
        raise EventError(f"{name} is {text!r:.60}, which is no time") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def row(event: Event) -> Row:
    """The row of an event about something that is seen, without locator. Raises `EventError`."""
    latitude, longitude, altitude, radius, height = event.point
    says: Row = {"type": event.type}
    out: Row = {
        "report_key": f"{event.uid}@{_iso(event.time)}",
        "observed_at": event.time,
        "object": event.uid,
        "class": kinds.klass(event.type),
        "claimed": _claimed(event.uid),
        **_place(latitude, longitude, altitude, radius),
    }
    says |= {name: event.attributes[name] for name in _ATTRIBUTES if event.attributes.get(name)}
    says |= {"start": event.start and _iso(event.start), "stale": event.stale and _iso(event.stale)}
    says["le"] = height if height != UNKNOWN else None
    rest = [one for one in event.detail if not _take(out, one)]
    if rest:
        says["detail"] = "".join(etree.tostring(one, encoding="unicode", with_tail=False) for one in rest)
    if event.type.startswith(kinds.EMERGENCY):
        out["status"] = "emergency cancelled" if event.type == kinds.CANCELLED else "emergency"
    kept = {name: value for name, value in says.items() if value is not None}
    out["says"] = msgspec.json.encode(kept, order="sorted").decode()
    return out


def _place(latitude: float, longitude: float, altitude: float, radius: float) -> Row:
    """Where it is. A place at 0, 0 whose error is unknown is what clients send that know none."""
    if not abs(latitude) <= 90:
        raise EventError(f"point.lat is {latitude:g}, outside -90 to 90")
    if not abs(longitude) <= 180:
        raise EventError(f"point.lon is {longitude:g}, outside -180 to 180")
    if not radius >= 0:
        raise EventError(f"point.ce is {radius:g}, which no error can be")
    if latitude == longitude == 0 and radius >= UNKNOWN:
        return {}
    variance = radius * radius if 0 < radius < UNKNOWN else None
    return {
        "latitude": latitude,
        "longitude": longitude,
        "altitude": altitude if abs(altitude) < UNKNOWN else None,
        "var_east": variance,
        "var_north": variance,
        "cov_east_north": None if variance is None else 0.0,
    }


def _take(out: Row, element: etree._Element) -> bool:
    """Put what an element of `detail` says into columns; false where it says more than they hold."""
    tag = element.tag
    if tag == OURS:
        out.update(_ours(element))
        return True
    if tag == "contact" and "callsign" in element.attrib:
        out["name"] = element.get("callsign")
        return set(element.attrib) == {"callsign"}
    if tag == "track":
        return _motion(out, element)
    if tag == "link" and element.get("relation") == "p-p" and element.get("uid"):
        out["sensor"] = element.get("uid")
        return set(element.attrib) <= {"relation", "uid", "type"} and element.get("type") == SENSOR
    return False


def _motion(out: Row, element: etree._Element) -> bool:
    known = {
        name: number
        for name, most in (("speed", 1e5), ("course", 360.0), ("eSpeed", 1e5), ("eCourse", 360.0))
        if (number := _number(element.get(name))) is not None and 0 <= number <= most
    }
    out["speed"], out["course"] = known.get("speed"), known.get("course")
    out["speed_error"], out["course_error"] = known.get("eSpeed") or None, known.get("eCourse") or None
    return set(element.attrib) <= known.keys() and not len(element)


def _ours(element: etree._Element) -> Row:
    """Return the attributes that a Watchfloor adds to its events. Raises `EventError`."""
    found: Row = {}
    for name, text in element.attrib.items():
        if name in _TEXTS:
            found[str(name)] = text
        elif name in _NUMBERS:
            low, high = _NUMBERS[str(name)]
            number = _number(str(text))
            if number is None or not low <= number <= high:
                raise EventError(f"{OURS}.{name} is {text!r:.60}, which is not from {low:g} to {high:g}")
            found[str(name)] = number
    _fits(found)
    return found


def _fits(found: Row) -> None:
    east, north, both = (found.get(name) for name in ("var_east", "var_north", "cov_east_north"))
    if both is not None and not (east and north and abs(both) <= math.sqrt(east * north) * (1 + 1e-9)):
        raise EventError(f"{OURS}.cov_east_north is {both:g}, beyond what the two variances allow")
    try:
        parse(found.get("marking", "U//TLP:CLEAR"))
    except MarkingError as error:
        raise EventError(f"{OURS}.marking is no marking: {error}") from error


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _claimed(uid: str) -> str | None:
    if not uid.startswith(("MMSI", "ICAO")):
        return None
    for form, type_, system in _GATEWAYS:
        if found := form.fullmatch(uid):
            try:
                return subject(type_, system, found[1])
            except SubjectError:
                return None
    return None


def _iso(value: datetime) -> str:
    return value.isoformat(timespec="microseconds")[:-6] + "Z"


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
