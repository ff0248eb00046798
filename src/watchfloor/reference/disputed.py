"""Areas where no side of the line is asserted: waters that both countries claim, and Akwesasne.

The areas are drawn by hand, a little generously, from public descriptions; they are no claim of anybody.

- Machias Seal Island and North Rock: both countries claim the waters between the seaward end of the boundary
  of 1925 and point A, 44°11'12" N 67°16'46" W, where the International Court of Justice was asked to begin
  (Gulf of Maine, Judgment of 12 October 1984, Special Agreement, article II).
- Beaufort Sea: Canada holds to the meridian of 141° W, the United States to equidistance, which runs east of
  it (D. H. Gray, 1997, "Canada's unresolved maritime boundaries", IBRU Boundary and Security Bulletin 5(3)).
- Dixon Entrance: Canada holds the "A-B" line of the Alaska award of 1903 (Cape Muzon to Portland Canal) to be
  the boundary, the United States equidistance (the same).
- Juan de Fuca: seaward of the strait the fishing zones of 1977 differ by base points (the same).
- Akwesasne: the Mohawk community whose land lies on both sides at St. Regis, in Ontario, Quebec and New York.
  Its people cross the line to go about their day. The box holds Akwesasne 59 and 15 and the St. Regis Mohawk
  Reservation as the Geographical Names Board of Canada and the US Census Bureau place them.
"""

from functools import lru_cache
from typing import Final

import numpy as np

from watchfloor.reference import polygons

AREAS: Final = {
    "machias-seal-island": (
        (-66.88, 44.80),
        (-66.75, 44.45),
        (-67.10, 44.10),
        (-67.50, 44.18),
        (-67.35, 44.62),
    ),
    "beaufort-sea": (
        (-141.1, 69.60),
        (-141.1, 76.0),
        (-136.0, 76.0),
        (-136.5, 72.9),
        (-138.6, 70.8),
        (-140.3, 69.60),
    ),
    "dixon-entrance": ((-130.50, 54.78), (-133.30, 54.78), (-133.30, 54.30), (-130.50, 54.40)),
    "juan-de-fuca": (
        (-124.70, 48.42),
        (-124.70, 48.58),
        (-126.60, 48.30),
        (-129.60, 46.75),
        (-129.30, 46.20),
        (-126.10, 47.85),
    ),
    "akwesasne": ((-74.82, 44.93), (-74.40, 44.93), (-74.40, 45.09), (-74.82, 45.09)),
}
"""Longitude and latitude of the corners of each area."""

WATERS: Final = frozenset(AREAS) - {"akwesasne"}
"""Those that are waters which both countries claim."""

METRES: Final = 111_195.0
"""Of a degree on a sphere of the Earth's mean radius: what an area drawn by hand needs."""


@lru_cache(maxsize=1)
def areas() -> polygons.Polygons:
    """All of them, each with its name."""
    import shapely

    shapes = [shapely.Polygon(corners) for corners in AREAS.values()]
    return polygons.from_shapes(shapes, tuple({"name": name} for name in AREAS))


def touched(latitude: float, longitude: float, radius: float = 0.0) -> tuple[str, ...]:
    """Names of the areas that lie, in part or whole, within so many metres of a place."""
    import shapely

    scale = METRES * np.array([np.cos(np.radians(latitude)), 1.0])
    flat = shapely.transform(areas().tree.geometries, lambda corner: (corner - (longitude, latitude)) * scale)
    apart = shapely.distance(shapely.Point(0, 0), flat)
    return tuple(name for name, metres in zip(AREAS, apart, strict=True) if metres <= radius)
