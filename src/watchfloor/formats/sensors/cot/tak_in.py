"""Messages of the TAK protocol, version 1, as events."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from lxml import etree

from watchfloor.formats.sensors.cot.events import EPOCH, MILLISECOND, Event, EventError
from watchfloor.formats.sensors.protobuf import tables
from watchfloor.formats.sensors.protobuf.emit import Words
from watchfloor.formats.sensors.protobuf.layout import layout
from watchfloor.formats.xml_limits import SAFE

SCHEMA: Final = tables.read(files(__package__).joinpath("fields.txt").read_text("utf-8"))
"""The messages of the protocol."""

LAYOUT: Final = layout(SCHEMA)
WORDS: Final = Words(LAYOUT)

MAGIC: Final = 0xBF
"""First byte of a message of the protocol, in a stream and in a datagram."""

DATAGRAM: Final = bytes((MAGIC, 1, MAGIC))
"""What a datagram of version 1 begins with; the rest of it is one message."""

TAGS: Final = {
    "contact": "contact",
    "group": "__group",
    "precisionLocation": "precisionlocation",
    "status": "status",
    "takv": "takv",
    "track": "track",
}
"""Messages of `Detail`, and the elements of `detail` that they stand for."""

_ZEROS: Final[Mapping[str, Mapping[str, float]]] = {"track": {"speed": 0.0, "course": 0.0}}
"""What a message says that lacks them: numbers that are zero are not sent."""

_WRAPPED: Final = etree.XMLParser(**SAFE)
_TIMES: Final = 253_402_300_799_999
"""Milliseconds: the end of the year 9999."""


def event(message: Mapping[str, Any]) -> Event | None:
    """The event of a message; None where it holds none. Raises `EventError`."""
    held = message.get("cotEvent")
    if held is None:
        return None
    if not held.get("uid"):
        raise EventError("cotEvent.uid is missing, which says what it is about")
    if not held.get("type"):
        raise EventError("cotEvent.type is missing, which says what it is")
    lat, lon, hae, ce, le = (_number(held, name) for name in ("lat", "lon", "hae", "ce", "le"))
    return Event(
        held["uid"],
        held["type"],
        _moment(held, "sendTime"),
        _moment(held, "startTime") if "startTime" in held else None,
        _moment(held, "staleTime") if "staleTime" in held else None,
        (lat, lon, hae, ce, le),
        {name: value for name, value in held.items() if isinstance(value, str)},
        tuple(_detail(held.get("detail", {}))),
    )


def _moment(held: Mapping[str, Any], name: str) -> datetime:
    value = held.get(name, 0)
    if not 0 <= value <= _TIMES:
        raise EventError(f"cotEvent.{name} is {value}, which is no time in milliseconds")
    return EPOCH + int(value) * MILLISECOND


def _number(held: Mapping[str, Any], name: str) -> float:
    value = held.get(name, 0.0)
    if isinstance(value, str):  # NaN or infinity
        if name in ("lat", "lon"):
            raise EventError(f"cotEvent.{name} is {value}, which is no number")
        return 9_999_999.0
    return float(value)


def _detail(held: Mapping[str, Any]) -> Iterator[etree._Element]:
    """The elements of a detail: those that have messages of their own, then the others."""
    for name, tag in TAGS.items():
        if name in held:
            try:
                said = {**_ZEROS.get(name, {}), **held[name]}
                yield etree.Element(tag, {key: _text(value) for key, value in sorted(said.items())})
            except ValueError as error:
                raise EventError(f"detail.{name} has a text that XML cannot hold: {error}") from error
    if text := held.get("xmlDetail"):
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise EventError("xmlDetail declares a document type, as entity bombs do; no event has one")
        try:
            yield from etree.fromstring(f"<detail>{text}</detail>".encode(), _WRAPPED)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise EventError(f"the XML of xmlDetail is damaged: {error!s:.200}") from error


def _text(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)
