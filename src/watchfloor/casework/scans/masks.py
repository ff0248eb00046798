"""Masks of a scan: ground whose pixels are not analysed. `space.toml` of a floor.

    corridor_m = 10000            # how far from the line a scan looks
    retain_days = 365             # how long a change is kept, where nobody says it

    [other_side]
    masked = true                 # what lies beyond the line; false needs a reason

    [[masked]]
    file = "homes.geojson"        # beside this file: a FeatureCollection of Polygons (RFC 7946)
    reason = "homes and private land"

    [[traffic]]
    file = "roads.geojson"        # beside this file: a FeatureCollection of LineStrings, roads and tracks

Without the file the other side of the line is masked, and so are the privacy zones of `privacy.geojson`
always. A mask is applied before pixels are looked at, and is told as an area, never by its name or place.
"""

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.feeds import privacy
from watchfloor.formats.settings import Settings, read_text
from watchfloor.reference import border, polygons

if TYPE_CHECKING:
    import shapely

NAME: Final = "space.toml"
WIDEST: Final = 50_000.0
"""Metres from the line beyond which no scan looks, whatever the floor says."""


class OtherSide(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the ground beyond the line is masked; `reason` is needed where it is not."""

    masked: bool = True
    reason: str = ""


class Masked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Areas of a file beside `space.toml`, and why their pixels are not looked at."""

    file: str
    reason: str


class Traffic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Roads and tracks of a file beside `space.toml`, which whoever may see a change may know of."""

    file: str


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of a floor: where a scan may look, and for how long a change is kept."""

    corridor_m: float = 10_000.0
    retain_days: int | None = None
    other_side: OtherSide = OtherSide()
    masked: tuple[Masked, ...] = ()
    traffic: tuple[Traffic, ...] = ()


def load(root: Path) -> Rules:
    """Return the rules of the floor in that folder. Raises `SettingsError`."""
    path = root / NAME
    if not path.exists():
        return Rules()
    file = Settings(read_text(path), str(path))
    rules = file.convert(file.values, Rules)
    for keys, problem in _problems(rules, root):
        raise file.wrong(keys, problem)
    return rules


def _problems(rules: Rules, root: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    if not 0 < rules.corridor_m <= WIDEST:
        yield ("corridor_m",), f"is metres from the line, more than 0 and at most {WIDEST:g}"
    if rules.retain_days is not None and rules.retain_days < 1:
        yield ("retain_days",), "is a number of days, 1 or more"
    if not rules.other_side.masked and not rules.other_side.reason.strip():
        yield ("other_side", "reason"), "is needed where the other side of the line is looked at"
    for one in rules.masked:
        if not one.reason.strip():
            yield ("masked", "reason"), f"is needed: why is what lies in {one.file} not looked at?"
        for problem in _unread(root, one.file, polygons.parse):
            yield ("masked", "file"), problem
    for way in rules.traffic:
        for problem in _unread(root, way.file, polygons.lines):
            yield ("traffic", "file"), problem


def _unread(root: Path, name: str, parse: Callable[[bytes], Any]) -> Iterator[str]:
    """Yield what is wrong with a file beside `space.toml`."""
    if PurePosixPath(name).name != name:
        yield "is a file beside this one: its name, without folders"
    try:
        parse((root / name).read_bytes())
    except OSError as error:
        yield f"{name} cannot be read: {error.strerror or error}"
    except polygons.PolygonError as error:
        yield f"{name}: {error}"


class Ground(NamedTuple):
    """Where a scan looks: a corridor around a part of the line, and what of it is masked.

    Attributes:
        corridor: shape in degrees, WGS84.
        masked: shapes in degrees that are not looked at, cut to the corridor.
        roads: lines in degrees of known traffic.
    """

    corridor: "shapely.Geometry"
    masked: "tuple[shapely.Geometry, ...]"
    roads: "tuple[shapely.STRtree, ...]" = ()

    @property
    def within(self) -> dict[str, Any]:
        """Return the corridor as GeoJSON."""
        return geojson(self.corridor)

    @property
    def hidden(self) -> list[dict[str, Any]]:
        """Return what is masked as GeoJSON."""
        return [geojson(one) for one in self.masked]

    def hides(self, shape: "shapely.Geometry") -> bool:
        """Return whether any of a shape is masked, or outside the corridor."""
        return not self.corridor.covers(shape) or any(one.intersects(shape) for one in self.masked)

    def seen(self, shape: "shapely.Geometry") -> "shapely.Geometry":
        """Return what of a shape is in the corridor and not masked."""
        import shapely

        return shapely.difference(shapely.intersection(shape, self.corridor), shapely.union_all(self.masked))

    def traffic(self, shape: "shapely.Geometry") -> float | None:
        """Return metres from a shape to the nearest known road or track; None where the floor names none."""
        found = [metres for one in self.roads if (metres := _metres(shape, one)) is not None]
        return min(found, default=None)

    def km2(self) -> tuple[float, float]:
        """Return the area that is looked at and that is masked, square kilometres."""
        import shapely

        hidden = shapely.union_all(self.masked) if self.masked else shapely.Polygon()
        masked = square_metres(hidden) / 1e6
        return square_metres(self.corridor) / 1e6 - masked, masked


def ground(root: Path, km: tuple[float, float], seen: "shapely.Geometry") -> Ground:
    """Return the ground of a scan.

    Args:
        root: folder of the floor.
        km: kilometres of the line, from and to.
        seen: footprint of what was seen, degrees.

    Raises:
        SettingsError: a file of masks cannot be read.
    """
    import shapely

    rules = load(root)
    around = shapely.intersection(_corridor(km, rules.corridor_m), seen)
    shapes: list[shapely.Geometry] = []
    if rules.other_side.masked:
        shapes += _beyond(around)
    if (zones := privacy.load(root)) is not None:
        shapes += list(zones.tree.geometries)
    for one in rules.masked:
        shapes += list(polygons.parse((root / one.file).read_bytes()).tree.geometries)
    cut = (part for one in shapes for part in shapely.get_parts(shapely.intersection(one, around)))
    roads = tuple(polygons.lines((root / one.file).read_bytes()) for one in rules.traffic)
    return Ground(around, tuple(part for part in cut if part.area > 0), roads)


BESIDE: Final = 0.5
"""Degrees around a shape in which a road is looked for first: in so small a part the earth is flat."""


def _metres(shape: "shapely.Geometry", roads: "shapely.STRtree") -> float | None:
    """Return how far the nearest of lines is from a shape; None where there are no lines."""
    import shapely

    west, south, east, north = shape.bounds
    near = roads.query(shapely.box(west - BESIDE, south - BESIDE, east + BESIDE, north + BESIDE))
    lines = roads.geometries[near] if len(near) else roads.geometries
    if not len(lines):
        return None
    scale = np.radians([np.cos(np.radians((south + north) / 2)), 1.0]) * MEAN_RADIUS
    flat, ways = (shapely.transform(one, lambda xy: xy * scale) for one in (shape, lines))
    return float(shapely.distance(ways, flat).min())


STEP: Final = 0.1
"""Kilometres between two points of the line that a corridor goes through."""
PIECE: Final = 50.0
"""Kilometres of the line that are taken to lie in one plane."""


def _corridor(km: tuple[float, float], metres: float) -> "shapely.Geometry":
    """Return what is within so many metres of a part of the line, in degrees."""
    import shapely

    parts, degrees = [], np.degrees(metres / MEAN_RADIUS)
    for first in np.arange(km[0], km[1], PIECE):
        along = np.append(np.arange(first, min(first + PIECE, km[1]), STEP), min(first + PIECE, km[1]))
        latitude, longitude = border.load().places(along)
        across = float(np.cos(np.radians(latitude.mean())))
        flat = shapely.LineString(np.column_stack([longitude * across, latitude])).buffer(degrees)
        parts.append(shapely.transform(flat, lambda xy, across=across: xy / (across, 1.0)))
    return shapely.union_all(parts)


def _beyond(around: "shapely.Geometry") -> "list[shapely.Geometry]":
    """Return the parts of an area that are not known to be on the Canadian side of the line."""
    import shapely

    line = border.load()
    cut = shapely.clip_by_rect(shapely.LineString(line.ring), *around.buffer(0.01).bounds)
    edges = shapely.union_all([around.boundary, cut])  # noded where the ring leaves the area
    whole = shapely.polygonize(getattr(edges, "geoms", [edges])).geoms
    pieces = [one for one in whole if around.intersects(one.representative_point())]
    points = shapely.get_coordinates([one.representative_point() for one in pieces])
    sides = line.side(points[:, 1], points[:, 0])
    return [one for one, side in zip(pieces, sides, strict=True) if side != "CAN"]


def square_metres(shape: "shapely.Geometry") -> float:
    """Return the area of a shape in degrees, on a sphere: in Lambert's cylindrical projection it is true."""
    import shapely

    def flat(points: Any) -> Any:
        east, north = np.radians(points).T
        return MEAN_RADIUS * np.column_stack([east, np.sin(north)])

    return float(shapely.transform(shape, flat).area)


def geojson(shape: "shapely.Geometry") -> dict[str, Any]:
    """Return a shape as GeoJSON."""
    import shapely

    found: dict[str, Any] = msgspec.json.decode(shapely.to_geojson(shape))
    return found
