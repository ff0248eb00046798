"""Privacy zones: areas in which a floor takes no detection of a person, and how many it withheld.

The file is a floor's own, GeoJSON of polygons (RFC 7946); the property `what` says what is there (home,
place-of-worship, school…). What is in a zone is withheld by the feed before it is stored, and counted. A zone
withholds persons and groups of them, and what a sensor could not class, since it may be one; a vehicle, a
vessel or an aircraft is told, and so is an animal.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.reference import polygons

WITHHELD: Final = ("person", "group", "unknown")
"""Classes of a detection that a zone withholds; a class that is null is unknown."""

parse = polygons.parse
"""Zones from the bytes of their file. Raises `watchfloor.reference.polygons.PolygonError`."""


def withheld(
    latitude: npt.ArrayLike,
    longitude: npt.ArrayLike,
    klass: npt.ArrayLike,
    zones: polygons.Polygons,
) -> npt.NDArray[np.bool_]:
    """Which detections are not to be stored.

    Args:
        latitude, longitude: where the object was, degrees; NaN where only its direction is known, and then
            nothing can be withheld.
        klass: name of the class of each, None for unknown.
        zones: the floor's zones.
    """
    names = np.atleast_1d(np.asarray(klass, object))
    persons = np.isin(np.where(names == None, "unknown", names).astype(str), WITHHELD)  # noqa: E711 - by element
    return np.asarray(persons & (polygons.within(zones, latitude, longitude) >= 0))
