"""Stretches of the line that are marked and not asserted: undetermined ones, and Akwesasne.

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
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.desks.surveillance.events.line import BEAUFORT, DIXON, FUCA, HIGH_SEAS, MACHIAS, MAINE
from watchfloor.reference import polygons

Array = npt.NDArray[Any]

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

STRETCHES: Final = {
    MACHIAS: "machias-seal-island",
    MAINE: "gulf-of-maine",
    BEAUFORT: "beaufort-sea",
    DIXON: "dixon-entrance",
    FUCA: "juan-de-fuca",
    HIGH_SEAS: "high-seas",
}
"""The mark of a piece that is not the agreed line on land and inland waters, by its stretch."""


@lru_cache(maxsize=1)
def _areas() -> polygons.Polygons:
    rings = [np.array([*corners, corners[0]]) for corners in AREAS.values()]
    return polygons.of(rings, list(range(len(rings))), tuple({"name": name} for name in AREAS))


def marks(latitude: Array, longitude: Array, stretch: Array | None = None) -> list[tuple[str, ...]]:
    """The marks of each place, and of the stretch of the line there where it is known (-1: not)."""
    number = polygons.within(_areas(), latitude, longitude)
    of_area = [(_areas().properties[n]["name"],) if n >= 0 else () for n in number.tolist()]
    if stretch is None:
        return of_area
    named = [STRETCHES.get(kind) for kind in stretch.tolist()]
    return [
        (*area, name) if name and name not in area else area
        for area, name in zip(of_area, named, strict=True)
    ]
