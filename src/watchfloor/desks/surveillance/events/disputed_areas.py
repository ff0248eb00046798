"""Stretches of the line that are marked and not asserted: those of `reference.disputed`, and others.

The areas, and what they rest on, are in `reference.disputed`; the stretches are those of the line itself.
"""

from typing import Any, Final

import numpy.typing as npt

from watchfloor.desks.surveillance.events.line import BEAUFORT, DIXON, FUCA, HIGH_SEAS, MACHIAS, MAINE
from watchfloor.reference import disputed, polygons

Array = npt.NDArray[Any]

STRETCHES: Final = {
    MACHIAS: "machias-seal-island",
    MAINE: "gulf-of-maine",
    BEAUFORT: "beaufort-sea",
    DIXON: "dixon-entrance",
    FUCA: "juan-de-fuca",
    HIGH_SEAS: "high-seas",
}
"""The mark of a piece that is not the agreed line on land and inland waters, by its stretch."""


def marks(latitude: Array, longitude: Array, stretch: Array | None = None) -> list[tuple[str, ...]]:
    """The marks of each place, and of the stretch of the line there where it is known (-1: not)."""
    areas = disputed.areas()
    number = polygons.within(areas, latitude, longitude)
    of_area: list[tuple[str, ...]] = [
        (areas.properties[n]["name"],) if n >= 0 else () for n in number.tolist()
    ]
    if stretch is None:
        return of_area
    named = [STRETCHES.get(kind) for kind in stretch.tolist()]
    return [
        (*area, name) if name and name not in area else area
        for area, name in zip(of_area, named, strict=True)
    ]
