"""The axis: the land border without Alaska, a cell a kilometre, with what the line runs through.

`STRETCHES` are the land, lakes and rivers of the line, from the kilometre nearest to where each begins:
parallels and river mouths, as the treaties of 1842, 1846 and 1908 name them. Small lakes and rivers that the
line crosses within a stretch are not told apart.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.earth import MEAN_RADIUS, great_circle
from watchfloor.reference.border import load

BEYOND: Final = 1_000.0
"""Metres beyond its middle that a kilometre does not reach."""
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


class Stretch(NamedTuple):
    """A stretch of the line: the kilometre where it begins, land, lake, river or sea, and its names."""

    km: int
    ground: str
    en: str
    fr: str


SAMPLES: Final = 10
"""Points of a kilometre: every 100 m, as fine as the heights that are to be had for the whole line."""
STRETCHES: Final = tuple(
    Stretch(*one)
    for one in (
        (0, "sea", "Juan de Fuca to Boundary Bay", "Juan de Fuca à la baie Boundary"),
        (266, "land", "49th parallel", "49e parallèle"),
        (2_286, "lake", "Lake of the Woods", "lac des Bois"),
        (2_411, "river", "Rainy River", "rivière à la Pluie"),
        (2_545, "lake", "Rainy Lake to Pigeon River", "lac à la Pluie à la rivière Pigeon"),
        (3_014, "lake", "Lake Superior", "lac Supérieur"),
        (3_472, "river", "St. Marys River", "rivière Sainte-Marie"),
        (3_578, "lake", "Lake Huron", "lac Huron"),
        (4_014, "river", "St. Clair River", "rivière Sainte-Claire"),
        (4_068, "lake", "Lake St. Clair", "lac Sainte-Claire"),
        (4_108, "river", "Detroit River", "rivière Détroit"),
        (4_152, "lake", "Lake Erie", "lac Érié"),
        (4_557, "river", "Niagara River", "rivière Niagara"),
        (4_613, "lake", "Lake Ontario", "lac Ontario"),
        (4_904, "river", "St. Lawrence River", "fleuve Saint-Laurent"),
        (5_086, "land", "45th parallel", "45e parallèle"),
        (5_338, "land", "Highlands of New Hampshire and Maine", "hautes terres du New Hampshire et du Maine"),
        (5_724, "river", "St. John and St. Francis rivers", "fleuve Saint-Jean et rivière Saint-François"),
        (6_043, "land", "North line of Maine", "ligne nord du Maine"),
        (
            6_168,
            "river",
            "Chiputneticook Lakes and St. Croix River",
            "lacs Chiputneticook et rivière Sainte-Croix",
        ),
        (6_364, "sea", "Passamaquoddy Bay to the Gulf of Maine", "baie Passamaquoddy au golfe du Maine"),
    )
)


class Jurisdiction(NamedTuple):
    """A run of the line: its first kilometre, the province and state on its sides, and the Canadian clock."""

    km: int
    canada: str
    united_states: str
    zone: str


JURISDICTIONS: Final = tuple(
    Jurisdiction(*one)
    for one in (
        (0, "BC", "WA", "America/Vancouver"),
        (685, "BC", "ID", "America/Vancouver"),
        (702, "BC", "ID", "America/Creston"),
        (746, "BC", "ID", "America/Edmonton"),
        (757, "BC", "MT", "America/Edmonton"),
        (902, "AB", "MT", "America/Edmonton"),
        (1_199, "SK", "MT", "America/Regina"),
        (1_635, "SK", "ND", "America/Regina"),
        (1_831, "MB", "ND", "America/Winnipeg"),
        (2_134, "MB", "MN", "America/Winnipeg"),
        (2_329, "ON", "MN", "America/Winnipeg"),
        (2_957, "ON", "MN", "America/Toronto"),
        (3_014, "ON", "MI", "America/Toronto"),
        (4_162, "ON", "OH", "America/Toronto"),
        (4_409, "ON", "PA", "America/Toronto"),
        (4_476, "ON", "NY", "America/Toronto"),
        (5_086, "QC", "NY", "America/Toronto"),
        (5_193, "QC", "VT", "America/Toronto"),
        (5_338, "QC", "NH", "America/Toronto"),
        (5_433, "QC", "ME", "America/Toronto"),
        (5_880, "NB", "ME", "America/Moncton"),
    )
)
"""From the kilometres nearest to where provinces and states meet at the line: the Northwest Angle for
Manitoba, the mouth of the Pigeon River for Michigan, 90° west for the hour of Ontario (Time Act, R.S.O. 1990,
c. T.9)."""


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

    def stretch(self, km: int) -> Stretch:
        """Return the stretch that a kilometre belongs to."""
        return STRETCHES[bisect_right(STRETCHES, km, key=lambda one: one.km) - 1]

    def jurisdiction(self, km: int) -> Jurisdiction:
        """Return the province, the state and the clock of a kilometre."""
        return JURISDICTIONS[bisect_right(JURISDICTIONS, km, key=lambda one: one.km) - 1]

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
    return Axis(*line.places(np.minimum(np.arange(int(np.ceil(length))) + 0.5, length)))


@lru_cache(maxsize=1)
def samples() -> tuple[Floats, Floats]:
    """Return latitude and longitude of the points of each kilometre, of shape (kilometres, `SAMPLES`)."""
    line = load()
    along = np.arange(len(axis()) * SAMPLES) / SAMPLES + 0.5 / SAMPLES
    latitude, longitude = line.places(np.minimum(along, line.length()))
    return latitude.reshape(-1, SAMPLES), longitude.reshape(-1, SAMPLES)


def samples_from(latitude: float, longitude: float, km: Numbers) -> Floats:
    """Return the metres from a place to the points of some kilometres, of shape (kilometres, `SAMPLES`)."""
    there = (one[km] for one in samples())
    return great_circle(np.asarray(latitude), np.asarray(longitude), *there)


def _from(latitude: float, longitude: float, latitudes: Floats, longitudes: Floats) -> tuple[Floats, Floats]:
    """Return the distance of other places from one, in metres, and their initial bearing, on a sphere."""
    here, there, across = np.radians(latitude), np.radians(latitudes), np.radians(longitudes - longitude)
    east = np.sin(across) * np.cos(there)
    north = np.cos(here) * np.sin(there) - np.sin(here) * np.cos(there) * np.cos(across)
    metres = great_circle(np.asarray(latitude), np.asarray(longitude), latitudes, longitudes)
    return metres, np.degrees(np.arctan2(east, north)) % 360.0
