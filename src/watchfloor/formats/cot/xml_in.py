"""Cursor on Target events in XML, from outside: bounded, without document types, entities or network."""

import re
from typing import Final

from lxml import etree

from watchfloor.formats.cot.events import Event, EventError, moment
from watchfloor.formats.xml_limits import SAFE

MAX_BYTES: Final = 1 << 18
"""The longest event that is read. Real ones have some hundred bytes, drawings some ten thousand."""

END: Final = re.compile(rb"</event\s*>")
"""What ends an event in a stream, by the protocol of TAK clients."""

_WRAPPING: Final = re.compile(
    rb"(?:\s|<\?xml[^>]{0,200}\?>|</?(?:events|cot|root|log)(?:\s[^>]{0,200})?>|<!--.{0,1000}?-->)*",
    re.DOTALL,
)
_BEGIN: Final = re.compile(rb"<event(?=[\s>])")
_PARSER: Final = etree.XMLParser(**SAFE)


def event(piece: bytes) -> Event:
    """The event of a piece that ends with one. Raises `EventError`."""
    if declares(piece):
        raise EventError(_DECLARES)
    try:
        root = etree.fromstring(piece, _PARSER)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise EventError(f"its XML is damaged: {error!s:.200}") from error
    if root.tag != "event":
        raise EventError(f"it is XML with the root <{root.tag!s:.60}>, where <event> belongs")
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise EventError(_DECLARES)
    return _of(root)


def declares(piece: bytes) -> bool:
    """Whether a piece declares a document type or an entity, which nothing in it can make good."""
    return b"<!DOCTYPE" in piece or b"<!ENTITY" in piece


_DECLARES: Final = "it declares a document type, as entity bombs do; no event has one"


def begins(piece: bytes) -> int:
    """Where the last event of a piece begins, if what stands before it is only wrapping, else 0.

    A file may hold its events in one element, and a sender may leave an event unfinished and begin anew.
    """
    found = list(_BEGIN.finditer(piece))
    return found[-1].start() if found else 0


def is_wrapping(piece: bytes) -> bool:
    """Whether bytes are only declarations, comments, white space and elements around events."""
    return _WRAPPING.fullmatch(piece) is not None


def _of(root: etree._Element) -> Event:
    uid, type_ = root.get("uid"), root.get("type")
    if not uid:
        raise EventError("event.uid is missing, which says what it is about")
    if not type_:
        raise EventError("event.type is missing, which says what it is")
    found = root.find("point")
    if found is None:
        raise EventError("event.point is missing, which says where it is")
    lat, lon, hae, ce, le = (_number(found, name) for name in ("lat", "lon", "hae", "ce", "le"))
    details = root.find("detail")
    return Event(
        uid,
        type_,
        moment(root.get("time"), "event.time"),
        moment(root.get("start"), "event.start") if root.get("start") else None,
        moment(root.get("stale"), "event.stale") if root.get("stale") else None,
        (lat, lon, hae, ce, le),
        dict(root.attrib),  # type: ignore[arg-type]
        tuple(details) if details is not None else (),
    )


def _number(point: etree._Element, name: str) -> float:
    """A number of a point. Heights and errors may be missing or no number, which is unknown."""
    text = point.get(name)
    try:
        number = float(text or "")
    except ValueError as error:
        if name in ("lat", "lon"):
            raise EventError(f"point.{name} is {text!r:.60}, which is no number") from error
        return 9_999_999.0
    return number if name in ("lat", "lon") or abs(number) < float("inf") else 9_999_999.0
