"""Sensors of our own that move: drones over the land, an infrared plane over the lake."""

from collections.abc import Iterator
from random import Random
from typing import Final

from watchfloor.exercise.acts import Passage, Radio
from watchfloor.exercise.plots.border_look_alikes import MARINE_UNIT
from watchfloor.exercise.surveillance.paths import Way, moment
from watchfloor.exercise.surveillance.traffic import BASE
from watchfloor.exercise.surveillance.world import LAKE, PRAIRIE, WATCHED, WOODS, Sensor, beside, moving

HOUR: Final = 3_600.0
DRONES: Final = {PRAIRIE: "drone-prairie", WOODS: "drone-woods"}
PLANE: Final = "plane-infrared"
FLIGHTS: Final = (7.2, 22.4)
"""Hours UTC at which a drone takes off."""
OFTEN: Final = (1.2, 4.2, 7.2, 10.2, 13.2, 16.2, 19.2, 22.4)
"""The same on a day of true numbers: every third hour, our choice."""
OWN: Final = {PRAIRIE: "c03f01", WOODS: "c03f02"}
"""What our drones tell of themselves: whoever flies them shows the floor where they are."""
ENDURANCE: Final = 2_700.0


def sensors() -> list[Sensor]:
    """Return the patrols' sensors, and those of the marine unit's boat."""
    drones = [moving("drone", name, stretch) for stretch, name in DRONES.items()]
    return [*drones, moving("aircraft", PLANE, LAKE), moving("vessel", MARINE_UNIT, LAKE)]


def flights(random: Random, *, often: bool = False) -> Iterator[Passage]:
    """Every flight of the day; `often` on one of true numbers."""
    for stretch, name in DRONES.items():
        for hour in OFTEN if often else FLIGHTS:
            yield _drone(random, stretch, name, hour * HOUR + random.uniform(-600, 600))
    yield _plane(random)


def _drone(random: Random, stretch: str, name: str, start: float) -> Passage:
    """To and fro along the line, a few kilometres around the watched trail."""
    km = next(one.km for one in WATCHED if one.stretch == stretch) + random.uniform(-1.5, 1.5)
    way, side = Way(beside(km, 900), start, 120.0), 1
    while way.now - start < ENDURANCE:
        way.to(beside(km + side * random.uniform(1.5, 3.0), random.uniform(150, 500)), 13.0)
        side = -side
    way.to(beside(km, 900), 13.0)
    claimed = ("icao24", OWN[stretch])
    radio = Radio(start, way.now, claimed, name.upper(), 10, "S")
    return Passage(moment(start), "drone", way.path(), (radio,), 1.5, "our drone", name)


def _plane(random: Random) -> Passage:
    """Lines over the lake north of the border."""
    start = random.uniform(0.3, 0.6) * HOUR
    way = Way(BASE, start).to((41.95, -82.90), 60.0, 1_800.0)
    for number in range(4):
        ends = ((41.80, -82.98), (41.77, -82.20)) if number % 2 else ((41.77, -82.20), (41.80, -82.98))
        for latitude, longitude in ends:
            way.to((latitude + 0.03 * random.uniform(0, 1), longitude), 72.0)
    way.to((41.95, -82.90), 72.0).to(BASE, 50.0, 0.0)
    radio = Radio(start, way.now, ("icao24", f"c0{random.randrange(0x7000, 0x7FFF):04x}"), "POLAR 3", 10, "S")
    return Passage(moment(start), "aircraft", way.path(), (radio,), 16.0, "our plane", PLANE)
