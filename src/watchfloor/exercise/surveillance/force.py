"""The force of the exercise, as a floor's own files: what can be sent (assets.toml), and who looks when.

Cameras count while somebody sits at their console. Those of the woods are left alone for three hours of the
night (`UNSTAFFED`): their coverage records say so, and nobody sees what they show.
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import Final, NamedTuple

from watchfloor.exercise.plots.border_look_alikes import MARINE_UNIT
from watchfloor.exercise.surveillance.paths import Place
from watchfloor.exercise.surveillance.patrols import DRONES, PLANE
from watchfloor.exercise.surveillance.traffic import BASE, SCUDDER
from watchfloor.exercise.surveillance.world import (
    LAKE,
    PRAIRIE,
    STRETCHES,
    WATCHED,
    WOODS,
    Sensor,
    beside,
    moving,
    towers,
)

ZONE: Final = "America/Toronto"
SHIFTS: Final = {LAKE: ("00:00", "00:00"), PRAIRIE: ("00:00", "00:00"), WOODS: ("06:00", "03:00")}
"""Hours in which the console of each stretch's cameras is staffed, local; equal: all day."""
UNSTAFFED: Final = {WOODS: (8.0, 11.0)}
"""The other hours of the exercise's day, UTC."""


class Patrol(NamedTuple):
    """An asset that moves: what it is, whose, from where, how, over which kilometres, and at which hours."""

    name: str
    kind: str
    unit: str
    home: Place
    speed: float
    ready: float
    endurance: float
    km: tuple[float, float]
    hours: tuple[tuple[str, str], ...]


def _drone(stretch: str) -> Patrol:
    km = next(one.km for one in WATCHED if one.stretch == stretch)
    hours = (("02:00", "02:45"), ("17:30", "18:15"))
    home = beside(km, 900)
    return Patrol(DRONES[stretch], "drone", "rcmp-operations", home, 13, 300, 2_700, (km - 4, km + 4), hours)


PATROLS: Final = (
    *map(_drone, DRONES),
    Patrol(PLANE, "aircraft", "rcmp-air", BASE, 72, 900, 14_400, STRETCHES[LAKE][:2], (("19:30", "21:00"),)),
    Patrol(
        MARINE_UNIT,
        *("boat", "marine-security", SCUDDER),
        *(12, 300, 36_000),
        (4_205, 4_225),
        (("11:30", "12:30"),),
    ),
)
CURVES: Final = "curves.toml"
"""What trials of the exercise's sensors found: `python -m benchmarks.planning.reliability --fit` wrote it."""
RESPONDERS: Final = {
    "patrol-morden": (beside(2_050, 8_000), 22, 180),
    "patrol-hemmingford": (beside(5_190, 6_000), 20, 180),
    "marine-unit-scudder": (SCUDDER, 12, 600),
}
"""Place, metres a second, seconds until they go."""
_SENSOR: Final = {"camera": "camera", "drone": "drone", "aircraft": "aircraft", "boat": "vessel"}
_HALF_WIDTH: Final = {"camera": 150, "radar": 150, "drone": 300, "aircraft": 900, "boat": 1_000}


def cameras() -> list[Sensor]:
    """Return the cameras of the towers."""
    return [one for one in towers() if one.kind == "camera"]


def assets() -> str:
    """Return `assets.toml`: radars and cameras of the towers, drones, the plane and the boat."""
    return "\n".join(("# What the exercise has to point and to send. Invented.\n", *_assets()))


def schedule() -> str:
    """Return `coverage.toml`: shifts at the consoles, patrols, and who can be sent to a crossing."""
    head = f'# Who attends to the assets of the exercise, and who can be sent. Invented.\n\nzone = "{ZONE}"\n'
    trials = files(__package__).joinpath(CURVES).read_text("utf-8")
    return "\n".join((head, *_watches(), *_responders(), trials))


def _assets() -> Iterator[str]:
    for one in towers():
        more = "slew_deg_s = 30\nthermal = true\n" if one.kind == "camera" else ""
        yield _asset(one, one.kind, "rcmp-operations", one.place) + f"mast_m = {one.height}\n{more}"
    for each in PATROLS:
        sensor = moving(_SENSOR[each.kind], each.name, LAKE)
        goes = f"speed_m_s = {each.speed}\nready_s = {each.ready}\nendurance_s = {each.endurance}\n"
        yield _asset(sensor, each.kind, each.unit, each.home) + goes


def _asset(sensor: Sensor, kind: str, unit: str, place: Place) -> str:
    return (
        f'[assets.{sensor.name}]\nkind = "{kind}"\nunit = "{unit}"\n'
        f"latitude = {place[0]:.5f}\nlongitude = {place[1]:.5f}\nreach_m = {sensor.farthest}\n"
        f"half_width_m = {_HALF_WIDTH[kind]}\ndetects = {sensor.sure}\nalarms = 0.02\nerror_m = 20\n"
    )


def _watches() -> Iterator[str]:
    for one in towers():  # a radar raises its alarms by itself
        yield _watch(one.name, SHIFTS[one.stretch] if one.kind == "camera" else ("00:00", "00:00"))
    for each in PATROLS:
        for hours in each.hours:
            yield _watch(each.name, hours) + f"km = [{each.km[0]}, {each.km[1]}]\n"


def _watch(asset: str, hours: tuple[str, str]) -> str:
    times = "" if hours[0] == hours[1] else f'from = "{hours[0]}"\nto = "{hours[1]}"\n'
    return f'[[watch]]\nasset = "{asset}"\n{times}'


def _responders() -> Iterator[str]:
    for name, (place, speed, ready) in RESPONDERS.items():
        yield (
            f'[[responder]]\nname = "{name}"\nlatitude = {place[0]:.5f}\nlongitude = {place[1]:.5f}\n'
            f"speed_m_s = {speed}\nready_s = {ready}\n"
        )
