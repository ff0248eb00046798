"""The exercise's sensors: where they stand along the line, how far they see, and how well.

Three stretches of the precise border line: western Lake Erie around Pelee Island, the prairie of southern
Manitoba, and woods and fields of southern Quebec. Fifteen towers with a radar and a camera each, strings of
ground sensors across trails, receivers of what vessels and aircraft tell of themselves. Errors and reach are
our choice, of the order that makers of such sensors state. The ground and the water are at height 0.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Final, NamedTuple

from watchfloor.exercise.surveillance.geometry import beyond
from watchfloor.exercise.surveillance.paths import Place
from watchfloor.reference import border

LAKE, PRAIRIE, WOODS = "lake", "prairie", "woods"


class Stretch(NamedTuple):
    """A piece of the line: its first and last kilometre, and that of its port of entry (0 for none)."""

    first: float
    last: float
    port: float


STRETCHES: Final = {
    LAKE: Stretch(4185, 4255, 0),
    PRAIRIE: Stretch(2040, 2080, 2058.2),
    WOODS: Stretch(5175, 5215, 5195.3),
}


def beside(km: float, metres: float) -> Place:
    """The place so far north of a kilometre of the main line, where the line goes east and west."""
    return beyond(*border.load().at(km), 0.0 if metres >= 0 else 180.0, abs(metres))


@dataclass(frozen=True, slots=True)
class Sensor:
    """A sensor and how it sees.

    Attributes:
        name: as its feed names it.
        kind: class of the kind `coverage`: radar, camera, ground-sensor, drone, aircraft, vessel, receiver.
        stretch: where it stands.
        place: latitude and longitude; of one that moves where it is at home.
        height: metres above the ellipsoid.
        reach: metres to which it sees something of a size of one metre; farther by the root of the size.
        farthest: metres, whatever the size.
        every: seconds between two looks.
        phase: seconds after the day began of the first look.
        sigma_range: metres.
        sigma_azimuth: degrees; NaN where it gives a place.
        slowest: metres a second below which it does not see what moves.
        sure: probability that it sees what is near.
    """

    name: str
    kind: str
    stretch: str
    place: Place
    height: float
    reach: float
    farthest: float
    every: float
    phase: float
    sigma_range: float
    sigma_azimuth: float
    slowest: float
    sure: float

    def sees(self, size: float) -> float:
        """Metres to which it sees something of so many metres."""
        return min(self.reach * sqrt(size), self.farthest)


SHORE: Final = (
    ("colchester", (41.9855, -82.9330)),
    ("kingsville", (42.0275, -82.7340)),
    ("point-pelee", (41.9165, -82.5095)),
    ("pelee-north", (41.8235, -82.6420)),
    ("pelee-south", (41.7385, -82.6735)),
)
"""Towers on the lake."""
INLAND: Final = {
    PRAIRIE: ((2043.5, 900), (2051.5, 1_200), (2059.0, 700), (2067.5, 1_100), (2076.0, 900)),
    WOODS: ((5178.5, 700), (5186.5, 1_000), (5194.5, 600), (5202.5, 900), (5211.0, 800)),
}
"""Kilometre, and metres north of the line, of the others."""


def towers() -> list[Sensor]:
    """Radar and camera of each of the fifteen towers."""
    found = [(LAKE, name, place) for name, place in SHORE]
    for stretch, places in INLAND.items():
        found += [(stretch, f"{stretch}-{n}", beside(*place)) for n, place in enumerate(places, 1)]
    return [made for n, one in enumerate(found) for made in _tower(n, *one)]


def _tower(number: int, stretch: str, name: str, place: Place) -> tuple[Sensor, Sensor]:
    water = stretch == LAKE
    height = 45.0 if water else 30.0
    radar = Sensor(
        f"{name}-radar",
        "radar",
        stretch,
        place,
        height,
        reach=7_500 if water else 4_500,
        farthest=32_000 if water else 15_000,
        every=32 if water else 12,
        phase=1.7 * number,
        sigma_range=20 if water else 6,
        sigma_azimuth=0.25 if water else 0.4,
        slowest=0.0 if water else 0.35,
        sure=0.93,
    )
    camera = Sensor(
        f"{name}-camera",
        "camera",
        stretch,
        place,
        height,
        reach=2_200,
        farthest=9_000,
        every=40,
        phase=2.3 * number,
        sigma_range=float("nan"),
        sigma_azimuth=0.12,
        slowest=0.0,
        sure=0.7,
    )
    return radar, camera


class Trail(NamedTuple):
    """Where a string of ground sensors lies: kilometre of the line and metres north of it."""

    stretch: str
    km: float
    north: float


WATCHED: Final = (Trail(PRAIRIE, 2064.0, 250), Trail(WOODS, 5190.0, 200))
"""Strings that are always there."""
STRINGS: Final = 8
"""Strings at scale 1 beside the watched ones."""
TRUE_STRINGS: Final = 48
"""Strings beside the watched ones beyond the scale at which the stretches see no more: 200 sensors in all."""
A_STRING: Final = 4
SPACING: Final = 55.0
"""Metres between two sensors of a string, which lies along the line."""


def trails(count: int) -> list[Trail]:
    """The watched trails, and as many others, spread over both stretches on land."""
    found = list(WATCHED)
    for number in range(count):
        stretch = (PRAIRIE, WOODS)[number % 2]
        first, last, _ = STRETCHES[stretch]
        share = ((number // 2) * 0.618034 + 0.21) % 1
        found.append(Trail(stretch, first + share * (last - first), 120 + 90.0 * (number % 5)))
    return found


def ground(strings: int) -> list[Sensor]:
    """Ground sensors of the watched trails and of so many others."""
    return [
        Sensor(
            f"ground-{number:03}-{n}",
            "ground-sensor",
            trail.stretch,
            beside(trail.km + (n - (A_STRING - 1) / 2) * SPACING / 1_000, trail.north),
            0.0,
            reach=30,
            farthest=80,
            every=8,
            phase=0,
            sigma_range=18,
            sigma_azimuth=float("nan"),
            slowest=0.2,
            sure=0.9,
        )
        for number, trail in enumerate(trails(strings), 1)
        for n in range(A_STRING)
    ]


def moving(kind: str, name: str, stretch: str) -> Sensor:
    """Return the sensor that a drone, an aircraft or a patrol boat carries."""
    reach, farthest, every, metres, degrees = {
        "drone": (1_100, 2_500, 5, 10, float("nan")),
        "aircraft": (2_600, 9_000, 10, 35, float("nan")),
        "vessel": (4_000, 16_000, 20, 25, 0.7),
    }[kind]
    return Sensor(
        name, kind, stretch, SHORE[0][1], 0.0, reach, farthest, every, 0.0, metres, degrees, 0.0, 0.88
    )


RECEIVERS: Final = (("ais-point-pelee", SHORE[2][1]), ("ais-pelee-south", SHORE[4][1]))
"""Receivers of self-reports of vessels."""
HEARD: Final = 48_000.0
"""Metres to which they hear."""
