"""Features as files of text: GeoJSON (RFC 7946), GPX 1.1 and CSV (RFC 4180); and the table of all writers.

Every file says its marking at the head and that of each feature beside it: who opens it alone sees both.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, BinaryIO, Final

import msgspec
import shapely
from lxml import etree

from watchfloor.core.tables import cell
from watchfloor.exchange.geo.feature import Feature, FileHead, Form
from watchfloor.exchange.geo.features import features
from watchfloor.exchange.geo.kml import printable, write_kml
from watchfloor.exchange.geo.tables import write_geopackage, write_geoparquet
from watchfloor.exchange.geo.tiles import write_pmtiles
from watchfloor.exchange.sharing import Shared
from watchfloor.formats.geography.antimeridian import cut

GPX: Final = "http://www.topografix.com/GPX/1/1"
_NAMES: Final[Any] = {None: GPX}

_json: Final = msgspec.json.Encoder()


def write_geojson(head: FileHead, some: Iterable[Feature], file: BinaryIO) -> int:
    """Write features and return how many; one without a place has no geometry.

    Geometries are cut at the antimeridian, and their outer rings go anticlockwise.
    """
    opening = _json.encode({"type": "FeatureCollection", "name": head.name, "marking": head.marking})
    file.write(opening[:-1] + b',"features":[')
    count = 0
    for count, one in enumerate(some, 1):
        file.write((b"\n" if count == 1 else b",\n") + encoded(one))
    file.write(b"\n]}\n")
    return count


def encoded(one: Feature) -> bytes:
    """Return a feature as the bytes of a GeoJSON object."""
    return _json.encode(rendered(one))


def rendered(one: Feature) -> dict[str, Any]:
    """Return a feature as GeoJSON has it."""
    geometry = None if one.geometry is None or one.geometry.is_empty else cut(one.geometry)
    whole = geometry is not None and geometry.geom_type == "LineString"  # not cut in two at the antimeridian
    times = {"coordTimes": [at.isoformat() for at in one.times]} if whole and one.times else {}
    made = None if geometry is None else msgspec.Raw(shapely.to_geojson(geometry).encode())
    return {"type": "Feature", "id": one.id, "geometry": made, "properties": {**one.values, **times}}


def write_gpx(head: FileHead, some: Iterable[Feature], file: BinaryIO) -> int:
    """Write points as waypoints, and lines and outlines as tracks; return how many features.

    The standard has waypoints first, so tracks wait until the end.
    """
    at = head.at.astimezone(UTC) if head.at else None
    count, tracks = 0, []
    with etree.xmlfile(file, encoding="UTF-8") as xml:
        xml.write_declaration()
        with xml.element("gpx", {"version": "1.1", "creator": "Watchfloor"}, nsmap=_NAMES):
            described = _element("metadata")
            _child(described, "name", f"{head.marking} {head.name}".strip())
            _child(described, "desc", head.marking)
            if at:
                _child(described, "time", _moment(at))
            xml.write(described)
            for one in some:
                lines, points = _lines(one.geometry)
                count += bool(lines or points)
                for place in points:
                    xml.write(_waypoint("wpt", place, one.at, one))
                if lines:
                    tracks.append((one, lines))
            for one, lines in tracks:
                track = _element("trk")
                _about(track, one)
                for line in lines:
                    segment = etree.SubElement(track, f"{{{GPX}}}trkseg")
                    times = one.times if len(one.times) == len(line) else [None] * len(line)
                    for place, moment in zip(line, times, strict=True):
                        segment.append(_waypoint("trkpt", place, moment))
                xml.write(track)
    return count


def _lines(geometry: shapely.Geometry | None) -> tuple[list[Any], list[Any]]:
    """Return the places of each line or outline, and of each point, without wrapping anything."""
    lines: list[Any] = []
    points: list[Any] = []
    for one in [] if geometry is None else shapely.get_parts(geometry).tolist():
        if hasattr(one, "geoms"):
            more, others = _lines(one)
            lines += more
            points += others
        elif one.geom_type == "Point":
            points += shapely.get_coordinates(one, include_z=one.has_z).tolist()
        elif not one.is_empty:
            rings = [one.exterior, *one.interiors] if one.geom_type == "Polygon" else [one]
            lines += [shapely.get_coordinates(ring, include_z=one.has_z).tolist() for ring in rings]
    return lines, points


def _waypoint(
    tag: str, place: Sequence[float], at: datetime | None, one: Feature | None = None
) -> etree._Element:
    longitude = (place[0] + 180) % 360 - 180
    made = _element(tag, lat=repr(place[1]), lon=repr(longitude))
    if len(place) > 2:
        _child(made, "ele", repr(place[2]))
    if at:
        _child(made, "time", _moment(at))
    if one:
        _about(made, one)
    return made


def _about(element: etree._Element, one: Feature) -> None:
    _child(element, "name", one.title)
    _child(element, "desc", f"{one.marking}\n{one.text}")
    _child(element, "src", one.id)
    _child(element, "type", one.collection)


def _element(tag: str, **attributes: str) -> etree._Element:
    return etree.Element(f"{{{GPX}}}{tag}", attributes, nsmap=_NAMES)


def _child(parent: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(parent, f"{{{GPX}}}{tag}").text = printable(text)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def write_csv(head: FileHead, some: Iterable[Feature], file: BinaryIO) -> int:
    """Write a row a feature and return how many; what is no point has the place of a point on it."""
    text = io.StringIO()
    rows = [_row(one) for one in some]
    heads = dict.fromkeys(name for row in rows for name in row) or dict.fromkeys(("id", "marking"))
    writer = csv.DictWriter(text, list(heads), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(
        {name: cell(value) if isinstance(value, str) else value for name, value in row.items()}
        for row in rows
    )
    if not rows:  # the marking stands in each row; a file without rows says it all the same
        writer.writerow({"id": head.name, "marking": head.marking})
    file.write(text.getvalue().encode())
    return len(rows)


def _row(one: Feature) -> dict[str, Any]:
    placed = one.geometry is not None and not one.geometry.is_empty
    on = shapely.point_on_surface(one.geometry) if placed else None
    place = {"latitude": on.y if on else None, "longitude": on.x if on else None}
    return {"id": one.id, **place, **one.values}


Write = Callable[[FileHead, Iterable[Feature], BinaryIO], int]

WRITERS: Final[Mapping[str, Write]] = {
    "csv": write_csv,
    "geojson": write_geojson,
    "kml": write_kml,
    "gpx": write_gpx,
    "gpkg": write_geopackage,
    "geoparquet": write_geoparquet,
    "pmtiles": write_pmtiles,
}
"""How features become a file, by the name of the form."""


def written(form: Form, name: str, marking: str, some: Iterable[Feature]) -> str:
    """Return features as a file of text."""
    file = io.BytesIO()
    WRITERS[form](FileHead(name, marking), some, file)
    return file.getvalue().decode()


def _share(form: str, shared: Shared, stream: BinaryIO) -> int:
    head = FileHead(shared.node.name, shared.marking, shared.at)
    return WRITERS[form](head, (one for _, _, one in features(shared)), stream)


geojson, kml, gpkg, geoparquet, gpx, pmtiles = (
    partial(_share, form) for form in ("geojson", "kml", "gpkg", "geoparquet", "gpx", "pmtiles")
)
"""Writers of shared rows, see `exchange.sharing.Writer`."""
