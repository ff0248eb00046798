"""Public alerts as messages of the Common Alerting Protocol 1.2 (OASIS), and the act of giving one out.

What is written is what `formats.alerts.cap` reads: the rows of one message, one for each language, become one
alert with an `info` each, its elements in the order of the standard's schema. No signature is made.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from lxml import etree

from watchfloor.casework.releasing import why_not
from watchfloor.cell.acts import Row
from watchfloor.core.marking import parse
from watchfloor.core.messages import Reason
from watchfloor.exchange.geo.kml import printable
from watchfloor.formats.alerts.cap import NAMESPACE
from watchfloor.policy.policy import Reader

MARKING: Final = "U//TLP:CLEAR"
"""Marking of what everybody may read."""
GATEWAY: Final = "public-alert"
"""What the act `disclosed` of an alert names in the place of a gateway: it goes to everybody."""
EVERYBODY: Final = Reader("the public", country="", organisation="", protected=0, classified=0, tlp=0)

WRITTEN: Final = {"allclear": "AllClear", "cbrne": "CBRNE"}
"""Words of CAP that have more than their first letter in capitals."""


def why_not_public(marking: str) -> Reason | None:
    """Return why what is so marked may not be told to everybody; None where it may."""
    return why_not(EVERYBODY, parse(marking))


def alert(rows: Sequence[Row]) -> bytes:
    """Return a message as CAP 1.2; `rows` are those of one message, of kind public-alert, in their order."""
    first = rows[0]
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    header = {
        "identifier": first["identifier"],
        "sender": first["sender"],
        "sent": _time(first["observed_at"]),
        "status": _word(first["status"]),
        "msgType": _word(first["message_type"]),
        "scope": _word(first["scope"]),
        "restriction" if first["scope"] == "restricted" else "addresses": first["restriction"],
    }
    for tag, text in header.items():
        _child(root, tag, text)
    for code in first["codes"] or ():
        _child(root, "code", code)
    _child(root, "note", first["note"])
    _child(root, "references", " ".join(map(_reference, first["replaces"] or ())))
    for row in rows:
        if row["event"]:
            _info(root, row)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _info(root: etree._Element, row: Row) -> None:
    info = _sub(root, "info")
    _child(info, "language", row["language"])
    for category in row["categories"] or ():
        _child(info, "category", _word(category))
    _child(info, "event", row["event"])
    for response in row["responses"] or ():
        _child(info, "responseType", _word(response))
    for name in ("urgency", "severity", "certainty"):
        _child(info, name, _word(row[name]))
    _pairs(info, "eventCode", row["event_codes"])
    _child(info, "effective", _time(row["effective"]))
    _child(info, "onset", _time(row["since"]))
    _child(info, "expires", _time(row["until"]))
    _child(info, "senderName", row["issuer"])
    for name in ("headline", "description", "instruction", "web", "contact"):
        _child(info, name, row[name])
    _pairs(info, "parameter", row["parameters"])
    for area in row["areas"] or ():
        _area(info, area)


def _area(info: etree._Element, area: Mapping[str, Any]) -> None:
    one = _sub(info, "area")
    _child(one, "areaDesc", area["description"])
    for tag in ("polygon", "circle"):
        for text in area[f"{tag}s"] or ():
            _child(one, tag, text)
    _pairs(one, "geocode", area["geocodes"])


def _sub(parent: etree._Element, tag: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}")


def _child(parent: etree._Element, tag: str, text: str | None) -> None:
    if text:
        _sub(parent, tag).text = printable(text)


def _pairs(parent: etree._Element, tag: str, pairs: Sequence[str] | None) -> None:
    for pair in pairs or ():
        name, _, value = pair.partition("=")
        one = _sub(parent, tag)
        _child(one, "valueName", name)
        _sub(one, "value").text = printable(value)


def _word(text: str | None) -> str | None:
    return text and WRITTEN.get(text, text.capitalize())


def _time(moment: datetime | None) -> str | None:
    """Return a time as CAP wants it: whole seconds, and UTC as -00:00, never Z."""
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def _reference(message: str) -> str:
    return re.sub(r"Z$", "-00:00", message)


def disclosed(rows: Sequence[Row], data: bytes, released: str, by: str, purpose: str, law: str) -> Row:
    """Return the act as every disclosure has it: an alert goes to everybody, on what a person states."""
    first = rows[0]
    return {
        "bundle": first["identifier"],
        "gateway": GATEWAY,
        "law": law,
        "section": "",
        "to": EVERYBODY.name,
        "recipient": {"name": EVERYBODY.name, "institution": EVERYBODY.name, "country": ""},
        "purpose": purpose,
        "test": released,
        "stated_by": by,
        "accuracy": "",
        "basis": "",
        "description": f"public alert {first['message']}: {first['message_type']}, {first['status']}",
        "forms": {GATEWAY: 1},
        "kinds": {GATEWAY: len(rows)},
        "fields": [],
        "offered": len(rows),
        "rows": len(rows),
        "withheld": [],
        "root": sha256(data).hexdigest(),
        "marking": MARKING,
        "caveats": [],
    }
