"""Public alerts: the Common Alerting Protocol 1.2 and 1.1 (OASIS), as Alert Ready and IPAWS carry it.

One row for each `info` of a message, that is for each language or event, and one for a message without any,
as a cancellation or an acknowledgement may be. What a later message says of an earlier one stands in
`replaces`; which alerts stand is worked out where they are shown (`casework.watch.public_alerts`). A digital
signature is not verified, and `signed` says no more than that there is one. Resources are not read: they are
pictures and sounds of the same words.

The Canadian profile (CAP-CP 0.4) and the layers of Alert Ready add event codes, geocodes and parameters,
which are kept as they are written.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
from lxml import etree

from watchfloor.core.earth import MEAN_RADIUS, great_circle
from watchfloor.core.kinds import PUBLIC_ALERT
from watchfloor.formats.base import WHOLE_FILE, Batch, Fault, Format, FormatError, Head
from watchfloor.formats.lists.xml_items import fault
from watchfloor.formats.xml_limits import RAW_BYTES, elements, head_text, local, text_of

NAME: Final = "cap"
NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
NAMESPACES: Final = (NAMESPACE, "urn:oasis:names:tc:emergency:cap:1.1")
MOST: Final = 1 << 25
"""Bytes of a message; the largest, with pictures inside, have some 5,000,000."""

LIMITED: Final = "PB//TLP:AMBER"
"""Marking of what a sender gives to some only, where its feed has none that is stricter."""

STATUSES: Final = ("actual", "exercise", "system", "test", "draft")
TYPES: Final = ("alert", "update", "cancel", "ack", "error")
SCOPES: Final = ("public", "restricted", "private")
SCALES: Final[Mapping[str, tuple[str, ...]]] = {
    "urgency": ("immediate", "expected", "future", "past", "unknown"),
    "severity": ("extreme", "severe", "moderate", "minor", "unknown"),
    "certainty": ("observed", "likely", "possible", "unlikely", "unknown"),
}
"""Words of each scale, the gravest first."""

_HEADER: Final = frozenset(
    "identifier sender sent status msgType scope restriction addresses code note references".split()
)
_TEXTS: Final = {
    "event": "event",
    "issuer": "senderName",
    "headline": "headline",
    "description": "description",
    "instruction": "instruction",
    "web": "web",
    "contact": "contact",
}
_FIRST: Final = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_NUMBER: Final = r"[+-]?\d{1,3}(?:\.\d{0,20})?"
_PAIR: Final = re.compile(rf"({_NUMBER}),({_NUMBER})", re.ASCII)
_CIRCLE: Final = re.compile(rf"({_NUMBER}),({_NUMBER}) (\d{{1,5}}(?:\.\d{{0,20}})?)", re.ASCII)


def sniff(head: Head) -> float:
    """Sure of a document whose root is an alert of CAP 1.1 or 1.2."""
    text = head_text(head)
    root = _FIRST.search(text)
    named = root is not None and root[1] == "alert"
    return 0.95 if named and any(name in text for name in NAMESPACES) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `public-alert`. Raises `FormatError` where it is no alert of CAP 1.1 or 1.2."""
    data = stream.read(MOST + 1)
    if len(data) > MOST:
        raise FormatError(f"{name} is larger than {MOST >> 20} MiB, which no public alert is; ask its sender")
    header: dict[str, list[str]] = {}
    infos: list[tuple[dict[str, Any], list[Fault]]] = []
    last: Fault | None = None
    signed = False
    for found in _elements(BytesIO(data), name):
        if isinstance(found, Fault):
            last = found
        elif local(found) == "info":
            infos.append(_info(found, f"info {len(infos) + 1}"))
        elif local(found) == "Signature":
            signed = True
        elif local(found) != "alert":
            header.setdefault(local(found), []).append(text_of(found))
    try:
        said = _header(header) | {"signed": signed}
    except ValueError as error:
        yield Fault(WHOLE_FILE, f"{error}. Nothing of the alert was taken in", data[:RAW_BYTES])
    else:
        rows = [_joined(said, info, number) for number, (info, _) in enumerate(infos, 1)]
        if not infos and last is None:
            rows = [_joined(said, {"locator": "alert"}, 0)]
        if rows:
            yield Batch(PUBLIC_ALERT, _table(rows, said["scope"]))
        for _, faults in infos:
            yield from faults
    if last is not None:
        yield last


def _table(rows: list[dict[str, Any]], scope: str | None) -> pa.Table:
    """Return the rows, marked themselves where their sender does not give them to everybody."""
    table = pa.Table.from_pylist(rows, PUBLIC_ALERT.body)
    if scope == "public":
        return table
    return table.append_column("marking", pa.array([LIMITED] * len(rows), pa.string()))


def piece(stream: BinaryIO, locator: str) -> bytes | None:
    """The `info` that a row was read from."""
    number = 0
    for found in _elements(BytesIO(stream.read(MOST)), "the delivery"):
        if not isinstance(found, Fault) and local(found) == "info":
            number += 1
            if locator == f"info {number}":
                return etree.tostring(found, encoding="utf-8", with_tail=False)
    return None


def _elements(stream: BinaryIO, name: str) -> Iterator[etree._Element | Fault]:
    for number, found in enumerate(elements(stream, name, {*_HEADER, "info", "Signature"}, {"alert"})):
        if number == 0 and not isinstance(found, Fault):
            space = etree.QName(found).namespace
            if space not in NAMESPACES:
                raise FormatError(
                    f"{name} is an alert of {space or 'no namespace'}; CAP 1.2 and 1.1 are read"
                )
        yield found


def _header(found: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the columns of the message itself. Raises `ValueError` where one that all need is not there."""
    header = {name: texts[0] for name, texts in found.items()}
    for name in ("identifier", "sender", "sent", "status", "msgType"):
        if not header.get(name):
            raise ValueError(f"the alert has no {name}, which CAP requires")
    sent = moment("sent", header["sent"])
    scope = header.get("scope", "").lower()
    return {
        "observed_at": sent,
        "origins": [],
        "message": message_of(header["sender"], header["identifier"], sent),
        "sender": header["sender"],
        "identifier": header["identifier"],
        "status": _word("status", header["status"], STATUSES),
        "message_type": _word("msgType", header["msgType"], TYPES),
        "scope": scope if scope in SCOPES else None,
        "restriction": header.get("restriction") or header.get("addresses") or None,
        "note": header.get("note") or None,
        "replaces": [_reference(text) for text in header.get("references", "").split()],
        "codes": [text for text in found.get("code", ()) if text],
    }


def message_of(sender: str, identifier: str, sent: datetime) -> str:
    """Return how other messages refer to one: CAP's own three parts, the time in UTC."""
    return f"{sender},{identifier},{sent.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _reference(text: str) -> str:
    start, _, sent = text.rpartition(",")
    sender, _, identifier = start.partition(",")
    try:
        return message_of(sender, identifier, moment("references", sent))
    except ValueError:
        return text


def _word(name: str, text: str, words: Iterable[str]) -> str:
    if text.lower() not in words:
        raise ValueError(f"{name} is {text[:40]!r}; CAP has {', '.join(words)}")
    return text.lower()


def moment(name: str, text: str) -> datetime:
    """Return a time of CAP, in UTC. Raises `ValueError` where it has no offset: nobody knows when it is."""
    try:
        found = datetime.fromisoformat(text)
        if found.utcoffset() is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"{name} {text[:40]!r} is no time with an offset, such as 2026-12-01T08:00:00-06:00")


def _joined(header: Mapping[str, Any], info: Mapping[str, Any], number: int) -> dict[str, Any]:
    row = {**header, **info}
    row["report_key"] = f"{row['message']} {number}" if number else row["message"]
    row["since"] = info.get("onset") or info.get("effective") or header["observed_at"]
    row.pop("onset", None)
    return row


def _info(element: etree._Element, where: str) -> tuple[dict[str, Any], list[Fault]]:
    """Return the columns that an info fills, and a fault for each value that it was read without."""
    faults: list[Fault] = []

    def wrong(reason: str) -> None:
        faults.append(Fault(where, reason, fault(element, where, "").raw, partly=True))

    row: dict[str, Any] = {
        "locator": where,
        "language": _text(element, "language") or "en-US",
        "categories": [text.lower() for text in _texts(element, "category")],
        "responses": [text.lower() for text in _texts(element, "responseType")],
        "event_codes": _pairs(element, "eventCode"),
        "parameters": _pairs(element, "parameter"),
        **{column: _prose(element, tag) for column, tag in _TEXTS.items()},
    }
    for name, words in SCALES.items():
        said = _text(element, name).lower().replace("very likely", "likely")  # CAP 1.0, deprecated since
        row[name] = said if said in words else "unknown"
        if said not in words:
            wrong(f"{name} is {said[:40]!r}, read as unknown; CAP has {', '.join(words)}")
    for column, tag in (("effective", "effective"), ("onset", "onset"), ("until", "expires")):
        text = _text(element, tag)
        try:
            row[column] = moment(tag, text) if text else None
        except ValueError as error:
            row[column] = None
            wrong(f"{error}; it was read without")
    areas = [_area(area, wrong) for area in element if local(area) == "area"]
    return row | {"areas": areas} | dict(zip(_PLACE, around(areas), strict=True)), faults


_PLACE: Final = ("latitude", "longitude", "radius")


def _area(area: etree._Element, wrong: Any) -> dict[str, Any]:
    polygons, circles = [], []
    for text in _texts(area, "polygon"):
        try:
            ring(text)
            polygons.append(text)
        except ValueError as error:
            wrong(f"a polygon {error}; the area was read without it")
    for text in _texts(area, "circle"):
        try:
            disc(text)
            circles.append(text)
        except ValueError as error:
            wrong(f"a circle {error}; the area was read without it")
    return {
        "description": _text(area, "areaDesc"),
        "polygons": polygons,
        "circles": circles,
        "geocodes": _pairs(area, "geocode"),
    }


def ring(text: str) -> list[tuple[float, float]]:
    """Return the corners of a polygon of CAP, latitude first. Raises `ValueError`."""
    points = [_point(_PAIR.fullmatch(pair)) for pair in text.split()]
    if len(points) < 4 or points[0] != points[-1]:
        raise ValueError("has fewer than four corners or does not end where it begins")
    return points


def disc(text: str) -> tuple[float, float, float]:
    """Return latitude, longitude and radius in metres of a circle of CAP. Raises `ValueError`."""
    found = _CIRCLE.fullmatch(text)
    latitude, longitude = _point(found)
    return latitude, longitude, 1_000 * float(found[3]) if found else 0.0


def _point(found: re.Match[str] | None) -> tuple[float, float]:
    if found is None:
        raise ValueError("is not written as CAP has it: latitude,longitude in degrees")
    latitude, longitude = float(found[1]), float(found[2])
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise ValueError("has a latitude beyond 90 or a longitude beyond 180 degrees")
    return latitude, longitude


def around(areas: Iterable[Mapping[str, Any]]) -> tuple[float | None, float | None, float | None]:
    """Return centre and radius of a circle around areas; None of each where they have no shape.

    The centre is the mean direction of all corners, so an area across the antimeridian has it there too.
    """
    corners = [(*point, 0.0) for area in areas for text in area["polygons"] for point in ring(text)]
    corners += [disc(text) for area in areas for text in area["circles"]]
    if not corners:
        return None, None, None
    latitude, longitude, radius = np.array(corners).T
    north, east = np.radians(latitude), np.radians(longitude)
    x, y, z = (np.cos(north) * np.cos(east)).sum(), (np.cos(north) * np.sin(east)).sum(), np.sin(north).sum()
    middle = float(np.degrees(np.arctan2(z, np.hypot(x, y)))), float(np.degrees(np.arctan2(y, x)))
    far = great_circle(latitude, longitude, np.array(middle[0]), np.array(middle[1])) + radius
    return *middle, min(float(far.max()), np.pi * MEAN_RADIUS)


def _texts(element: etree._Element, tag: str) -> list[str]:
    return [text for child in element if local(child) == tag and (text := text_of(child))]


def _text(element: etree._Element, tag: str) -> str:
    return next(iter(_texts(element, tag)), "")


def _prose(element: etree._Element, tag: str) -> str | None:
    """Return a text with its line breaks."""
    found = next((child for child in element if local(child) == tag), None)
    lines = "".join(map(str, found.itertext())).splitlines() if found is not None else []
    return "\n".join(" ".join(line.split()) for line in lines).strip() or None


def _pairs(element: etree._Element, tag: str) -> list[str]:
    return [
        f"{_text(child, 'valueName')}={_text(child, 'value')}" for child in element if local(child) == tag
    ]


FORMAT: Final = Format(NAME, (PUBLIC_ALERT.name,), sniff, read, piece=piece)
