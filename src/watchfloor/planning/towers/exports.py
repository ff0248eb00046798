"""A plan of towers as a file: its record, or its sites as GeoJSON, KML, GeoPackage or CSV.

GeoJSON (RFC 7946), KML (OGC 12-007r2) and GeoPackage (OGC 12-128r18) have longitudes and latitudes, WGS 84,
wherever the terrain lies on Earth. Terrain in metres without a system is drawn in its own coordinates, which
KML has no way to say: there it is refused.
"""

import csv
import io
import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree as ET

import shapely

from watchfloor.cell.acts import Unusable
from watchfloor.formats.geography.package import CARTESIAN, GEOGRAPHIC, Layer, write
from watchfloor.formats.terrain import TerrainError
from watchfloor.formats.terrain.systems import to_earth
from watchfloor.planning.towers.inputs import Loaded

KML: Final = "http://www.opengis.net/kml/2.2"


class Drawing(NamedTuple):
    """Sites of a plan as they are drawn.

    Attributes:
        rows: of each site its name, x and y in the terrain's coordinates, adds, mast and cost.
        places: longitude and latitude of each, or x and y where `on_earth` is false.
    """

    rows: list[dict[str, Any]]
    places: list[tuple[float, float]]
    on_earth: bool


def export(ending: str, plan: dict[str, Any], loaded: Loaded) -> bytes:
    """Return a plan as the content of a file.

    Args:
        ending: one of `EXPORTS`.
        plan: the record, as it is printed.
        loaded: its inputs.

    Raises:
        Unusable: KML is asked for of terrain that is nowhere on Earth.
    """
    return EXPORTS[ending](plan, loaded)


def _drawing(plan: dict[str, Any], loaded: Loaded, on_earth: bool = False) -> Drawing:
    points, costs = loaded.sites.points, loaded.sites.costs
    at = [points.names.index(name) for name in plan["sites"]]
    rows = [
        {
            "site": points.names[one],
            "x": float(points.x[one]),
            "y": float(points.y[one]),
            "adds": adds,
            "mast": float(points.above[one]),
            "cost": float(costs[one]),
        }
        for one, adds in zip(at, plan["gains"], strict=True)
    ]
    try:
        x, y = to_earth(loaded.terrain, points.x[at], points.y[at])
    except TerrainError as error:
        if on_earth:
            raise Unusable(error.reason) from None
        return Drawing(rows, [(row["x"], row["y"]) for row in rows], on_earth=False)
    return Drawing(rows, list(zip(x.tolist(), y.tolist(), strict=True)), on_earth=True)


def _json(plan: dict[str, Any], _: Loaded) -> bytes:
    return (json.dumps(plan, indent=1, ensure_ascii=False) + "\n").encode()


def _geojson(plan: dict[str, Any], loaded: Loaded) -> bytes:
    drawn = _drawing(plan, loaded)
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": row}
        for row, place in zip(drawn.rows, drawn.places, strict=True)
    ]
    at = {row["site"]: place for row, place in zip(drawn.rows, drawn.places, strict=True)}
    for hop in plan["relay"]["hops"] if plan["relay"] else ():
        line = {"type": "LineString", "coordinates": [at[site] for site in hop["sites"]]}
        features.append({"type": "Feature", "geometry": line, "properties": hop})
    whole = {"type": "FeatureCollection", "features": features, "plan": plan}
    return (json.dumps(whole, ensure_ascii=False) + "\n").encode()


def _csv(plan: dict[str, Any], loaded: Loaded) -> bytes:
    drawn, file = _drawing(plan, loaded), io.StringIO()
    names = [*("site", "x", "y", "adds", "mast", "cost"), "longitude", "latitude"]
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(names)
    for row, place in zip(drawn.rows, drawn.places, strict=True):
        rows.writerow([*row.values(), *(place if drawn.on_earth else ("", ""))])
    return file.getvalue().encode()


def _kml(plan: dict[str, Any], loaded: Loaded) -> bytes:
    drawn = _drawing(plan, loaded, on_earth=True)
    root = ET.Element("kml", xmlns=KML)
    document = ET.SubElement(root, "Document")
    ET.SubElement(document, "name").text = "Watchfloor: plan towers"
    _data(document, {name: plan[name] for name in ("covered", "bound", "gap", "weight", "version")})
    for row, (longitude, latitude) in zip(drawn.rows, drawn.places, strict=True):
        mark = ET.SubElement(document, "Placemark")
        ET.SubElement(mark, "name").text = _printable(row["site"])
        _data(mark, row)
        point = ET.SubElement(mark, "Point")
        ET.SubElement(point, "extrude").text = "1"
        ET.SubElement(point, "altitudeMode").text = "relativeToGround"
        ET.SubElement(point, "coordinates").text = f"{longitude!r},{latitude!r},{row['mast']!r}"
    at = {row["site"]: place for row, place in zip(drawn.rows, drawn.places, strict=True)}
    for hop in plan["relay"]["hops"] if plan["relay"] else ():
        mark = ET.SubElement(document, "Placemark")
        ET.SubElement(mark, "name").text = _printable(" - ".join(hop["sites"]))
        _data(mark, {name: hop[name] for name in ("metres", "loss")})
        line = ET.SubElement(mark, "LineString")
        ET.SubElement(line, "coordinates").text = " ".join(
            "{!r},{!r}".format(*at[site]) for site in hop["sites"]
        )
    ET.indent(root)
    return bytes(ET.tostring(root, "utf-8", xml_declaration=True)) + b"\n"


def _data(parent: ET.Element, values: dict[str, Any]) -> None:
    extended = ET.SubElement(parent, "ExtendedData")
    for name, value in values.items():
        ET.SubElement(ET.SubElement(extended, "Data", name=name), "value").text = _printable(str(value))


def _printable(text: str) -> str:
    """Leave out what XML cannot hold: control characters."""
    return "".join(one for one in text if one.isprintable())


def _geopackage(plan: dict[str, Any], loaded: Loaded) -> bytes:
    drawn = _drawing(plan, loaded)
    system = GEOGRAPHIC if drawn.on_earth else CARTESIAN
    numbers = dict.fromkeys(("x", "y", "adds", "mast", "cost"), "DOUBLE")
    towers = [
        (shapely.Point(place), list(row.values()))
        for row, place in zip(drawn.rows, drawn.places, strict=True)
    ]
    values = [(None, (name, json.dumps(value, ensure_ascii=False))) for name, value in plan.items()]
    file = io.BytesIO()
    write(
        [
            Layer("towers", {"site": "TEXT"} | numbers, towers, system, "POINT"),
            Layer("plan", {"name": "TEXT", "value": "TEXT"}, values, None),
        ],
        file,
    )
    return file.getvalue()


EXPORTS: Final[dict[str, Callable[[dict[str, Any], Loaded], bytes]]] = {
    ".json": _json,
    ".geojson": _geojson,
    ".kml": _kml,
    ".gpkg": _geopackage,
    ".csv": _csv,
}
"""How a plan is written, by the ending of the file."""
