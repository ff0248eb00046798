"""KML 2.2 and 2.3 (OGC 07-147r2, 12-007r2): its placemarks. A KMZ is unpacked before, as every archive is.

Nothing is fetched: a link to another file is told. Styles and images laid over the ground are left.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, Final

import shapely
from lxml import etree

from watchfloor.core.kinds import MAP_FEATURE
from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.geography.map_features import FileFeature, MapFeatures, moment
from watchfloor.formats.xml_limits import elements, head_text, local, text_of

NAME: Final = "kml"
NOT_READ: Final = {
    "NetworkLink": "a link to another file is never followed: fetch {0} yourself and deliver it",
    "GroundOverlay": "an image laid over the ground is no feature and was not read",
}
_SPACES: Final = re.compile(r"\s*,\s*")


def sniff(head: Head) -> float:
    """Be sure of a root `kml`."""
    return 0.95 if re.search(r"<(?:\w+:)?kml[\s>]", head_text(head)) else 0.0


def read(stream: BinaryIO, name: str, base_time: datetime | None = None) -> Iterator[Batch | Fault]:
    """Rows and faults; see `Format.read`."""
    features = MapFeatures(name, base_time)
    for element in elements(stream, name, ("Placemark", "name", *NOT_READ), ("kml",)):
        if isinstance(element, Fault):
            yield from features.rest()
            yield element
            return
        tag, parent = local(element), element.getparent()
        if tag == "name" and parent is not None:
            parent.set("layer", text_of(element)[:200])
        elif tag in NOT_READ:
            where = next((text_of(one) for one in element.iter() if local(one) == "href"), "it")[:500]
            yield Fault(_line(element), NOT_READ[tag].format(where), _raw(element))
        elif tag == "Placemark":
            layer = "" if parent is None else parent.get("layer", "")
            yield from features.add(_feature(element), layer)
    yield from features.rest()


def _line(element: etree._Element) -> str:
    return f"line {element.sourceline}"


def _raw(element: etree._Element) -> bytes:
    return etree.tostring(element, with_tail=False)[:4096]


def _feature(placemark: etree._Element) -> FileFeature:
    said: dict[str, Any] = {}
    shapes: list[shapely.Geometry] = []
    since = until = None
    name, wrong = None, None
    for child in placemark:
        tag = local(child)
        if tag == "name":
            name = text_of(child)
        elif tag in ("description", "address", "phoneNumber", "Snippet"):
            said[tag] = text_of(child)
        elif tag == "TimeStamp":
            since = _time(child, "when")
        elif tag == "TimeSpan":
            since, until = _time(child, "begin"), _time(child, "end")
        elif tag == "ExtendedData":
            said |= _data(child)
        elif tag in _SHAPES:
            try:
                shapes.append(_shape(child))
            except (ValueError, shapely.errors.ShapelyError) as error:
                wrong = error
            if tag in ("Track", "MultiTrack"):
                found = [
                    at for one in child.iter() if local(one) == "when" and (at := moment(text_of(one), False))
                ]
                since, until = (min(found), max(found)) if found else (since, until)
                said["coordTimes"] = [at.isoformat() for at in found]
    shape = (
        None if wrong or not shapes else shapes[0] if len(shapes) == 1 else shapely.GeometryCollection(shapes)
    )
    return FileFeature(
        placemark.get("id"), name, shape, said, _line(placemark), since, until, _raw(placemark)
    )


def _time(parent: etree._Element, tag: str) -> datetime | None:
    return next((moment(text_of(one), zone=False) for one in parent if local(one) == tag), None)


def _data(extended: etree._Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in extended.iter():
        tag, name = local(one), one.get("name")
        if name and tag == "SimpleData":
            found[name] = text_of(one)
        elif name and tag == "Data":
            found[name] = next((text_of(value) for value in one if local(value) == "value"), "")
    return found


def _shape(element: etree._Element) -> shapely.Geometry:
    return _SHAPES[local(element)](element)


def _places(element: etree._Element) -> list[tuple[float, ...]]:
    texts = (text_of(one) for one in element if local(one) == "coordinates")
    triples = _SPACES.sub(",", " ".join(texts)).split()
    made = [tuple(float(one) for one in triple.split(",")[:3] if one) for triple in triples]
    if any(len(one) < 2 for one in made):
        raise ValueError("a place has a longitude and a latitude")
    size = min(map(len, made), default=2)
    return [one[:size] for one in made]


def _ring(boundary: etree._Element) -> list[tuple[float, ...]]:
    return next((_places(one) for one in boundary if local(one) == "LinearRing"), [])


def _polygon(element: etree._Element) -> shapely.Geometry:
    outer = next((_ring(one) for one in element if local(one) == "outerBoundaryIs"), [])
    inner = [_ring(one) for one in element if local(one) == "innerBoundaryIs"]
    return shapely.Polygon(outer, [one for one in inner if one])


def _several(element: etree._Element) -> shapely.Geometry:
    if sum(1 for one in element.iterancestors() if local(one) == "MultiGeometry") > 20:
        raise ValueError("geometries lie more than 20 deep in each other")
    parts = [_shape(one) for one in element if local(one) in _SHAPES]
    kinds = {one.geom_type for one in parts}
    if kinds == {"Polygon"}:
        return shapely.MultiPolygon(parts)
    if kinds == {"LineString"}:
        return shapely.MultiLineString(parts)
    return shapely.MultiPoint(parts) if kinds == {"Point"} else shapely.GeometryCollection(parts)


def _track(element: etree._Element) -> shapely.Geometry:
    places = [[float(x) for x in text_of(one).split()[:3]] for one in element if local(one) == "coord"]
    size = min(map(len, places), default=0)
    made = [one[:size] for one in places]
    return shapely.LineString(made) if len(made) > 1 else shapely.Point(*made)


_SHAPES: Final[dict[str, Any]] = {
    "Point": lambda one: shapely.Point(*_places(one)[:1]),
    "LineString": lambda one: shapely.LineString(_places(one)),
    "LinearRing": lambda one: shapely.LineString(_places(one)),
    "Polygon": _polygon,
    "MultiGeometry": _several,
    "Track": _track,
    "MultiTrack": _several,
}

FORMAT: Final = Format(NAME, (MAP_FEATURE.name,), sniff, read)
