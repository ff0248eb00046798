"""Features as KML (OGC 07-147r2, which readers of 2.3 take as it is), with times.

A line that says when it was at each place is a `gx:Track`, as KML 2.3 (OGC 12-007r2) took it over.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import shapely
from lxml import etree

from watchfloor.core.tables import UNPRINTABLE
from watchfloor.exchange.geo.feature import Feature, FileHead

NAMESPACE: Final = "http://www.opengis.net/kml/2.2"
TRACKS: Final = "http://www.google.com/kml/ext/2.2"
_NAMES: Final[Any] = {None: NAMESPACE}
"""Without a prefix, which some readers ask for."""
NOT_NAMES: Final = re.compile(r"[^\w.-]")


def printable(text: str) -> str:
    """Return a text without the characters that XML 1.0 cannot hold."""
    return UNPRINTABLE.sub("", text)


def write_kml(head: FileHead, features: Iterable[Feature], file: BinaryIO) -> int:
    """Write a placemark a feature and return how many; one without a place has no geometry."""
    count = 0
    with etree.xmlfile(file, encoding="UTF-8") as xml:
        xml.write_declaration()
        with (
            xml.element(_tag("kml"), nsmap=_NAMES | {"gx": TRACKS}),
            xml.element(_tag("Document")),
        ):
            for tag, text in (("name", f"{head.marking} {head.name}".strip()), ("description", head.marking)):
                element = etree.Element(_tag(tag), nsmap=_NAMES)
                element.text = printable(text)
                xml.write(element)
            for one in features:
                xml.write(_placemark(one), pretty_print=True)
                count += 1
    return count


def _placemark(one: Feature) -> etree._Element:
    place = etree.Element(_tag("Placemark"), {"id": "w" + NOT_NAMES.sub("_", one.id)}, nsmap=_NAMES)
    _child(place, "name", one.title)
    _child(place, "description", f"{one.marking}\n{one.text}")
    tracked = bool(one.times) and one.geometry is not None and one.geometry.geom_type == "LineString"
    if one.at and one.until and not tracked:
        span = _child(place, "TimeSpan")
        _child(span, "begin", _moment(one.at))
        _child(span, "end", _moment(one.until))
    elif one.at and not tracked:
        _child(_child(place, "TimeStamp"), "when", _moment(one.at))
    data = _child(place, "ExtendedData")
    for name, value in {
        "id": one.id,
        "collection": one.collection,
        **one.more,
        "marking": one.marking,
    }.items():
        _child(_child(data, "Data", name=printable(name)), "value", "" if value is None else str(value))
    if one.geometry is not None and not one.geometry.is_empty:
        if tracked:
            _track(place, one)
        else:
            _geometry(place, one.geometry)
    return place


def _track(parent: etree._Element, one: Feature) -> None:
    track = etree.SubElement(parent, f"{{{TRACKS}}}Track", nsmap={"gx": TRACKS})
    for at in one.times:
        _child(track, "when", _moment(at))
    for place in shapely.get_coordinates(one.geometry, include_z=one.geometry.has_z).tolist():  # type: ignore[union-attr]
        values = " ".join(map(repr, [*place, *([0.0] if len(place) == 2 else [])]))
        etree.SubElement(track, f"{{{TRACKS}}}coord").text = values


def _geometry(parent: etree._Element, geometry: Any) -> None:
    if hasattr(geometry, "geoms"):
        several = _child(parent, "MultiGeometry")
        for one in geometry.geoms:
            if not one.is_empty:
                _geometry(several, one)
        return
    if geometry.geom_type == "Polygon":
        polygon = _child(parent, "Polygon")
        turned = shapely.orient_polygons(geometry)
        for tag, rings in (("outerBoundaryIs", [turned.exterior]), ("innerBoundaryIs", turned.interiors)):
            for ring in rings:
                _places(_child(_child(polygon, tag), "LinearRing"), ring)
        return
    _places(
        _child(parent, "LineString" if geometry.geom_type == "LinearRing" else geometry.geom_type), geometry
    )


def _places(parent: etree._Element, line: Any) -> None:
    if line.has_z:
        _child(parent, "altitudeMode", "absolute")
    places = shapely.get_coordinates(line, include_z=line.has_z).tolist()
    _child(parent, "coordinates", " ".join(",".join(map(repr, place)) for place in places))


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _child(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, _tag(tag), attributes)
    element.text = None if text is None else printable(text)
    return element


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
