"""The axis: the land border without Alaska, a cell a kilometre, and what lies within sight of each."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.reference.border import load

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Axis:
    """Cells of one kilometre, from the Pacific to the Atlantic; the last one is shorter.

    Attributes:
        latitude, longitude: of the middle of each, degrees.
    """

    latitude: Floats
    longitude: Floats

    def __len__(self) -> int:
        return len(self.latitude)

    def near(self, latitude: float, longitude: float, reach: float) -> tuple[Numbers, Floats, Floats]:
        """Return the cells within so many metres of a place, their distance, and their bearing from it."""
        band = np.degrees(reach / MEAN_RADIUS) * 1.01
        some = np.flatnonzero(np.abs(self.latitude - latitude) <= band)
        metres, bearing = _from(latitude, longitude, self.latitude[some], self.longitude[some])
        within = metres <= reach
        return some[within], metres[within], bearing[within]


@lru_cache(maxsize=1)
def axis() -> Axis:
    """Return the axis of the packaged line."""
    line = load()
    length = line.length()
    middles = np.minimum(np.arange(int(np.ceil(length))) + 0.5, length)
    places = np.array([line.at(float(km)) for km in middles])
    return Axis(places[:, 0].copy(), places[:, 1].copy())


def _from(latitude: float, longitude: float, latitudes: Floats, longitudes: Floats) -> tuple[Floats, Floats]:
    """Metres and initial bearing from a place to others, on a sphere (haversine)."""
    here, there = np.radians(latitude), np.radians(latitudes)
    across = np.radians(longitudes - longitude)
    half = np.sin((there - here) / 2) ** 2 + np.cos(here) * np.cos(there) * np.sin(across / 2) ** 2
    metres = 2 * MEAN_RADIUS * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    east = np.sin(across) * np.cos(there)
    north = np.cos(here) * np.sin(there) - np.sin(here) * np.cos(there) * np.cos(across)
    return metres, np.degrees(np.arctan2(east, north)) % 360.0
