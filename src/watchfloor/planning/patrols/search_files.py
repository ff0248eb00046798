"""Maps of probability of area as files: GeoJSON (RFC 7946), and shapes for TAK (Cursor on Target).

A feature is an area, with `poa` (the probability that the object is there), and of a plan `swept_m2`,
`pod` (probability of detection, if it is there), `hours` and `assets`. A shape is a drawing (type `u-d-f`)
whose vertices are links and whose remarks say "POA 12.3 %"; so it can be read back from any client of TAK,
which keeps remarks and drops what it does not know.
"""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
import numpy as np
import shapely
from lxml import etree
from msgspec.structs import replace

from watchfloor.cell.acts import Unusable
from watchfloor.core.marking import MarkingError, parse
from watchfloor.core.messages import declare, reason
from watchfloor.formats.xml_limits import SAFE
from watchfloor.planning.patrols import searching
from watchfloor.planning.patrols.search_areas import MOST_CELLS, Areas, Floats, Grid, area_of, of_grid

NOT_READ = declare("patrols.search-not-read", "file", "why")
NO_POA = declare("patrols.search-no-poa", "file", "number")
OVERLAP = declare("patrols.search-overlap", "file", "first", "second")
LARGEST: Final = 1 << 26
"""Bytes of a map that is read."""
LASTS: Final = timedelta(hours=12)
"""How long a shape stays on a client's map."""
POA: Final = re.compile(r"\bPOA\s*[:=]?\s*(\d+(?:[.,]\d+)?)\s*%", re.IGNORECASE)
NOT_MADE: Final = (etree.XMLSyntaxError, shapely.errors.ShapelyError, msgspec.MsgspecError, IndexError)
ROUNDED: Final = 1e-5
"""Degrees by which a cell may be elsewhere than its grid says: programs that keep a map round it."""
TOUCHING: Final = 1e-6
"""Share of an area that another may cover, by rounding."""


class PolygonGeometry(msgspec.Struct, frozen=True):
    """A polygon of GeoJSON: rings of longitude and latitude, the outer one first."""

    type: Literal["Polygon"]
    coordinates: Annotated[
        list[list[Annotated[list[float], msgspec.Meta(min_length=2)]]], msgspec.Meta(min_length=1)
    ]

    def polygon(self) -> shapely.Polygon:
        """Return it, without heights."""
        outer, *holes = [[(one[0], one[1]) for one in ring] for ring in self.coordinates]
        return shapely.Polygon(outer, holes)


class AreaProperties(msgspec.Struct, frozen=True):
    """Properties of an area; some programs write `poa` as `probability`."""

    poa: float | None = None
    probability: float | None = None
    swept_m2: float = 0.0


class AreaFeature(msgspec.Struct, frozen=True):
    """An area of a map."""

    geometry: PolygonGeometry
    properties: AreaProperties | None = None


class MapFile(msgspec.Struct, frozen=True):
    """A map as GeoJSON has it; `at`, `grid`, `outside` and `marking` are ours."""

    type: Literal["FeatureCollection"]
    features: list[AreaFeature] = []
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    grid: Grid | None = None
    outside: float | None = None
    marking: str | None = None


class DrawnArea(NamedTuple):
    """An area, its weight, and the square metres that were to be swept there."""

    polygon: shapely.Polygon
    weight: float
    swept: float


def geojson(areas: Areas, swept: Floats, names: Sequence[str], hours: Floats, marking: str) -> bytes:
    """Return a map as GeoJSON, each area with its probability and the effort that is planned there.

    Args:
        areas: of the map.
        swept: square metres that each asset sweeps in each area, of shape (assets, areas).
        names: of the assets.
        hours: that each asset spends in each area, of the same shape.
        marking: of the map and of each area.
    """
    total = swept.sum(0)
    features = []
    for number, polygon in enumerate(areas.polygons):
        there = np.flatnonzero(swept[:, number] > 0).tolist()
        features.append(
            {
                "type": "Feature",
                "id": number,
                "geometry": shapely.geometry.mapping(polygon),
                "properties": {
                    "poa": float(areas.chances.inside[number]),
                    "swept_m2": float(total[number]),
                    "pod": float(-np.expm1(-total[number] / areas.area[number])),
                    "hours": round(float(hours[:, number].sum()), 4),
                    "assets": [names[one] for one in there],
                    "marking": marking,
                },
            }
        )
    head = {
        "type": "FeatureCollection",
        "marking": marking,
        "at": areas.at.astimezone(UTC).isoformat(),
        "outside": areas.chances.outside,
        "grid": None if areas.grid is None else msgspec.to_builtins(areas.grid),
        "features": features,
    }
    return json.dumps(head, ensure_ascii=False).encode()


def shapes(areas: Areas, swept: Floats, names: Sequence[str], hours: Floats, marking: str) -> bytes:
    """Return what each asset searches as shapes for TAK: its areas joined, with POA, hours and POD.

    An area that two share is drawn for the one that sweeps more of it.
    """
    root = etree.Element("events")
    at = areas.at.astimezone(UTC)
    total = swept.sum(0)
    pod = -np.expm1(-total / areas.area)
    most = np.where(total > 0, swept.argmax(0), -1)
    for number, name in enumerate(names):
        mine = np.flatnonzero(most == number)
        joined = shapely.unary_union([areas.polygons[one] for one in mine])
        middles = [areas.polygons[one].centroid for one in mine]
        for part_number, part in enumerate(getattr(joined, "geoms", [joined] if mine.size else [])):
            rows = mine[[part.covers(one) for one in middles]]
            if not rows.size:
                continue
            chance = float(areas.chances.inside[rows].sum())
            found = float((areas.chances.inside * pod)[rows].sum())
            told = (
                f"{marking}. POA {100 * chance:.2f} %, POD {100 * found / chance if chance else 0:.1f} %, "
                f"{float(hours[:, rows].sum()):.2f} h"
            )
            _shape(root, f"watchfloor-search-{name}-{part_number}", name, part, told, at)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _shape(root: Any, uid: str, name: str, part: shapely.Polygon, remarks: str, at: datetime) -> None:
    stamps = {"time": at, "start": at, "stale": at + LASTS}
    event = etree.SubElement(root, "event", version="2.0", uid=uid, type="u-d-f", how="h-e")
    for key, moment in stamps.items():
        event.set(key, f"{moment:%Y-%m-%dT%H:%M:%SZ}")
    unknown = {"hae": "9999999.0", "ce": "9999999.0", "le": "9999999.0"}
    middle = part.representative_point()
    place = {"lat": f"{middle.y:.6f}", "lon": f"{middle.x:.6f}"} | unknown
    etree.SubElement(event, "point", place)
    detail = etree.SubElement(event, "detail")
    for longitude, latitude in part.exterior.coords:  # the last repeats the first: a closed shape
        etree.SubElement(detail, "link", point=f"{latitude:.6f},{longitude:.6f}")
    etree.SubElement(detail, "strokeColor", value="-256")
    etree.SubElement(detail, "fillColor", value=str(0x40FFFF00))
    etree.SubElement(detail, "contact", callsign=name)
    etree.SubElement(detail, "remarks").text = remarks


def read(path: Path, now: datetime) -> Areas:
    """Read a map: GeoJSON, or shapes for TAK.

    What the probabilities sum to less than 1 is outside; beyond 1 they are weights.

    Raises:
        Unusable: it is none, an area has no probability, or two overlap.
    """
    name = path.name
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"it is larger than {LARGEST} bytes")
        data = path.read_bytes()
        if data.lstrip()[:1] == b"<":
            head, drawn = MapFile("FeatureCollection"), list(_cot(data, name))
        else:
            head = msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8), type=MapFile)
            drawn = list(_features(head, name))
        if not 0 < len(drawn) <= MOST_CELLS:
            raise ValueError(f"it has {len(drawn)} areas, not 1 to {MOST_CELLS}")
        polygons = [one.polygon for one in drawn]
        if head.grid is not None:
            _see_grid(head.grid, polygons)
        marking = str(parse(head.marking)) if head.marking else ""
    except (OSError, ValueError, RecursionError, MarkingError, *NOT_MADE) as error:
        why = (str(error).splitlines() or ["-"])[0][:200]
        raise Unusable(reason(NOT_READ, file=name, why=why)) from None
    at = head.at or now
    weights, swept = np.array([one.weight for one in drawn]), np.array([one.swept for one in drawn])
    total = float(weights.sum()) if np.isfinite(weights).all() else 0.0
    left = max(0.0, 1.0 - total) if head.outside is None else head.outside
    chances = searching.prior(weights, left if total < 1 else 0.0)
    if head.grid is not None:
        return replace(of_grid(head.grid, chances, at), swept=swept, marking=marking)
    _see_apart(polygons, name)
    area = np.array([area_of(one) for one in polygons])
    return Areas(polygons, area, chances, at, None, swept, marking)


def _features(head: MapFile, name: str) -> Iterator[DrawnArea]:
    for number, one in enumerate(head.features, 1):
        known = one.properties or AreaProperties()
        chance = known.probability if known.poa is None else known.poa
        if chance is None:
            raise Unusable(reason(NO_POA, file=name, number=number))
        yield DrawnArea(_polygon(one.geometry.polygon(), number), chance, known.swept_m2)


def _cot(data: bytes, name: str) -> Iterator[DrawnArea]:
    root = etree.fromstring(data, etree.XMLParser(**SAFE))
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("it declares a document type")
    for number, event in enumerate(root.iter("event"), 1):
        links = [point.split(",") for one in event.iter("link") if (point := one.get("point"))]
        if len(links) < 3:
            continue
        said = " ".join(one.text or "" for one in event.iter("remarks"))
        said += " " + " ".join(one.get("callsign", "") for one in event.iter("contact"))
        found = POA.search(said)
        if not found:
            raise Unusable(reason(NO_POA, file=name, number=number))
        shape = shapely.Polygon([(float(one[1]), float(one[0])) for one in links])
        yield DrawnArea(_polygon(shape, number), float(found[1].replace(",", ".")) / 100, 0.0)


def _see_grid(grid: Grid, polygons: Sequence[shapely.Polygon]) -> None:
    """See that the areas are the cells of the grid, of which alone the drift is computed."""
    if grid.rows * grid.columns != len(polygons):
        raise ValueError(f"its grid has {grid.rows * grid.columns} cells, and it has {len(polygons)} areas")
    apart = shapely.bounds(grid.polygons()) - shapely.bounds(polygons)
    if not np.abs(apart).max() < ROUNDED:
        raise ValueError("its areas are not the cells of its grid")


def _polygon(shape: Any, number: int) -> shapely.Polygon:
    if shape.geom_type != "Polygon" or shape.is_empty or not shape.is_valid or not shape.area > 0:
        raise ValueError(f"area {number} is no simple polygon")
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 < south <= north < 90):
        raise ValueError(f"area {number} lies beyond the degrees of a map")
    return shape


def _see_apart(polygons: Sequence[shapely.Polygon], name: str) -> None:
    """See that no two areas overlap: the object would be counted in both."""
    tree = shapely.STRtree(polygons)
    for first, polygon in enumerate(polygons):  # one at a time: all pairs of many would not fit into memory
        for second in tree.query(polygon, predicate="intersects").tolist():
            if first < second:
                both = polygon.intersection(polygons[second]).area
                if both > TOUCHING * min(polygon.area, polygons[second].area):
                    raise Unusable(reason(OVERLAP, file=name, first=first + 1, second=second + 1))
