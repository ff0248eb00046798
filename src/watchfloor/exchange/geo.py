"""Things with a place as files that maps read: GeoJSON (RFC 7946), KML 2.2 (OGC 07-147r2) and CSV (RFC 4180).

Every file says its marking at the head and that of each thing beside it: who opens it alone still sees both.
"""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

from watchfloor.core.tables import FORMULAS

Form = Literal["csv", "geojson", "kml"]
TYPES: Final[Mapping[Form, str]] = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "kml": "application/vnd.google-earth.kml+xml",
}
"""Media types."""
NAMESPACE: Final = "http://www.opengis.net/kml/2.2"
UNPRINTABLE: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Feature(NamedTuple):
    """One thing.

    Attributes:
        id: its own, in the file and on the floor.
        title: what it is called.
        text: a sentence about it.
        latitude, longitude: degrees (WGS 84, east positive); None: it has no place.
        at: when it was so.
        marking: who may see it.
        more: further values by name.
    """

    id: str
    title: str
    text: str
    latitude: float | None
    longitude: float | None
    at: datetime
    marking: str
    more: Mapping[str, str | float | None] = {}


def written(form: Form, name: str, marking: str, features: Sequence[Feature]) -> str:
    """Return a file of things; a GeoJSON feature and a KML placemark without a place have no geometry."""
    return {"csv": _csv, "geojson": _geojson, "kml": _kml}[form](name, marking, features)


def _values(one: Feature) -> dict[str, str | float | None]:
    return {
        "title": one.title,
        "text": one.text,
        "at": one.at.isoformat(),
        **one.more,
        "marking": one.marking,
    }


def _csv(name: str, marking: str, features: Sequence[Feature]) -> str:
    file = io.StringIO()
    rows = [
        {"id": one.id, "latitude": one.latitude, "longitude": one.longitude, **_values(one)}
        for one in features
    ]
    heads = dict.fromkeys(head for row in rows for head in row) or dict.fromkeys(("id", "marking"))
    writer = csv.DictWriter(file, list(heads), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(
        {head: cell(value) if isinstance(value, str) else value for head, value in row.items()}
        for row in rows
    )
    if not rows:  # the marking stands in each row; a file without rows says it all the same
        writer.writerow({"id": name, "marking": marking})
    return file.getvalue()


def cell(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def _geojson(name: str, marking: str, features: Sequence[Feature]) -> str:
    made = [
        {
            "type": "Feature",
            "id": one.id,
            "geometry": None
            if one.latitude is None
            else {"type": "Point", "coordinates": [one.longitude, one.latitude]},
            "properties": _values(one),
        }
        for one in features
    ]
    whole = {"type": "FeatureCollection", "name": name, "marking": marking, "features": made}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _kml(name: str, marking: str, features: Sequence[Feature]) -> str:
    from lxml import etree

    root = etree.Element("kml", {"xmlns": NAMESPACE})

    def child(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
        element = etree.SubElement(parent, tag, attributes)
        element.text = None if text is None else printable(text)
        return element

    document = child(root, "Document")
    child(document, "name", f"{marking} {name}".strip())
    for one in features:
        place = child(document, "Placemark", id=f"w{one.id}")
        child(place, "name", one.title)
        child(place, "description", f"{one.marking}\n{one.text}")
        child(child(place, "TimeStamp"), "when", one.at.isoformat())
        data = child(place, "ExtendedData")
        for key, value in {**one.more, "marking": one.marking}.items():
            child(child(data, "Data", name=key), "value", "" if value is None else str(value))
        if one.latitude is not None:
            child(child(place, "Point"), "coordinates", f"{one.longitude},{one.latitude}")
    text: str = etree.tostring(root, encoding="unicode", pretty_print=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'


def printable(text: str) -> str:
    """Return a text without the characters that XML 1.0 cannot hold."""
    return UNPRINTABLE.sub("", text)
