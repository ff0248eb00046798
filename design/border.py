"""Makes the border line from the time zones of both countries: `./dev basemap border`.

Time zones end at the border and share their edges along it, so an edge that a Canadian and an American zone
both have is a piece of the border. Prints the length beside the official one.
"""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from pyproj import Geod
from shapely import LineString, MultiLineString, line_merge
from timezonefinder import TimezoneFinder

HERE = Path(__file__).parent
OUT = HERE.parent / "src/watchfloor/reference/border.geojson.gz"
CANADA = (
    "Vancouver Creston Edmonton Regina Winnipeg Toronto Halifax Moncton Cambridge_Bay Fort_Nelson "
    "Dawson_Creek Swift_Current Atikokan Blanc-Sablon Glace_Bay Whitehorse Dawson Inuvik Iqaluit "
    "Rankin_Inlet Resolute Goose_Bay St_Johns"
)
STATES = (
    "Los_Angeles Boise Denver Chicago Detroit New_York Menominee North_Dakota/Beulah North_Dakota/Center "
    "North_Dakota/New_Salem"
)
ALASKA = "Anchorage Juneau Sitka Metlakatla Nome Yakutat Adak"
OFFICIAL = {"main": 6416, "alaska": 2475}
"""Kilometres, International Boundary Commission."""

Edge = tuple[int, int, int, int]


def edges(zones: TimezoneFinder, names: str) -> set[Edge]:
    """Every edge of these zones, in millionths of a degree, its western end first."""
    found = [
        _edges(np.asarray(ring, float))
        for name in names.split()
        for polygon in zones.get_geometry(tz_name=f"America/{name}", coords_as_pairs=True)
        for ring in polygon
    ]
    return set(map(tuple, np.unique(np.concatenate(found), axis=0).tolist()))


def _edges(ring: np.ndarray) -> np.ndarray:
    points = np.round(ring * 1e6).astype(np.int64)
    a, b = points, np.roll(points, -1, axis=0)
    swap = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    return np.where(swap[:, None], np.hstack([b, a]), np.hstack([a, b]))


def lines(shared: Iterable[Edge]) -> list[np.ndarray]:
    """Edges joined end to end, the longest line first."""
    pieces = [LineString([(a / 1e6, b / 1e6), (c / 1e6, d / 1e6)]) for a, b, c, d in sorted(shared)]
    merged = line_merge(MultiLineString(pieces))
    return sorted((np.array(one.coords) for one in getattr(merged, "geoms", [merged])), key=len, reverse=True)


def ordered(chain: str, found: list[np.ndarray]) -> list[np.ndarray]:
    """The lines from the chain's stated end on: the Pacific; in Alaska the Beaufort Sea."""
    first, *others = found
    begins = first[0, 1] > first[-1, 1] if chain == "alaska" else first[0, 0] < first[-1, 0]
    made = [first if begins else first[::-1]]
    for one in others:
        near, far = (np.hypot(*(one[end] - made[-1][-1])) for end in (0, -1))
        made.append(one if near < far else one[::-1])
    return made


def main() -> None:
    """Make the file and say how long the line is."""
    zones, earth = TimezoneFinder(), Geod(ellps="WGS84")
    canada, features = edges(zones, CANADA), []
    for chain, names in (("main", STATES), ("alaska", ALASKA)):
        found = ordered(chain, lines(canada & edges(zones, names)))
        length = sum(earth.line_length(*one.T) for one in found) / 1000
        print(f"{chain}: {length:,.1f} km in {len(found)} lines; official {OFFICIAL[chain]:,} km")
        features += [
            {
                "type": "Feature",
                "properties": {"chain": chain},
                "geometry": {"type": "LineString", "coordinates": np.round(one, 6).tolist()},
            }
            for one in found
        ]
    said = {
        "type": "FeatureCollection",
        "attribution": "© OpenStreetMap contributors, Open Database Licence 1.0; see border-LICENSE.txt",
        "features": features,
    }
    OUT.write_bytes(
        gzip.compress(json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode(), 9, mtime=0)
    )
    print(f"{OUT.name}: {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
