"""Sensors, and units that can be sent, from a floor's `assets.toml`.

[assets.tower-7-camera]
kind = "camera"              # camera, radar, ground-sensor, drone, aircraft or boat
unit = "rcmp-operations"     # who is given the task
latitude = 45.02
longitude = -73.34
reach_m = 8000               # how far it sees from where it is
half_width_m = 60            # what one look covers, to each side of where it points
detects = 0.9                # probability that it detects something that is there
alarms = 0.02                # probability that it reports something where nothing is
error_m = 12                 # standard deviation of a place that it reports
slew_deg_s = 30              # of a camera; what moves has speed_m_s, ready_s, endurance_s
runway_m = 0                 # length of runway that it needs; 0: none
mast_m = 30                  # of a camera or radar: height of its eye above the ground
field_deg = 180              # whole width of what it can turn to, around `azimuth`; else all round
thermal = true               # it sees warmth: in the dark, and further in haze and thin fog
node = "8f6c…"               # its SAPIENT node, where it takes tasks that way
dollars_hour = 140           # what an hour of it costs, crew and purchase included, if that is known
marking = "PB//TLP:AMBER"    # who may know of it; this where nothing is said
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from watchfloor.core.marking import MarkingError, parse
from watchfloor.formats.settings import Settings, nearest, read_text
from watchfloor.policy.policy import Reader, allowed

NAME: Final = "assets.toml"
SENT: Final = ("camera", "drone", "aircraft", "boat")
"""Kinds that can be pointed or sent at something."""
FIXED: Final = ("camera", "radar", "ground-sensor")
"""Kinds that stay where they are."""
KINDS: Final = ("camera", "radar", "ground-sensor", "drone", "aircraft", "boat")
DWELLS: Final = {"camera": 300.0, "drone": 120.0, "aircraft": 60.0, "boat": 120.0}
"""Seconds that each kind stays on what it looks at. Judgement: a camera's time is cheap, others' is not."""
MARKING: Final = "PB//TLP:AMBER"
"""Of an asset whose marking nobody has said: where a patrol is, is not for everybody."""


class Asset(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One sensor. Degrees, metres, seconds.

    Attributes:
        kind: camera, radar, ground-sensor, drone, aircraft or boat; the second and third are never sent.
        unit: who is given the task, a key of `units.toml`.
        latitude, longitude: where it is now, WGS84.
        reach_m: how far it sees from where it is.
        half_width_m: what one look covers, to each side of where it points.
        detects: probability that it detects something that is there.
        alarms: probability that it reports something where nothing is.
        error_m: standard deviation of a place that it reports.
        azimuth: where a camera points now, clockwise from true north.
        slew_deg_s: how fast a camera turns.
        mast_m: height of a camera's or radar's eye above the ground; 0: nobody said, so hills are
            left out.
        field_deg: whole width of what it can turn to, around `azimuth`; 360: all round.
        thermal: whether it sees warmth.
        speed_m_s: how fast it gets there; 0 for what stays where it is.
        ready_s: until it starts.
        endurance_s: how long it can be out, there and back.
        runway_m: length of runway that it needs to land; 0: none.
        dwell_s: how long it stays on what it looks at, and so sees how fast that goes; 0: as `DWELLS` has it.
        night: whether it sees without daylight.
        node: its SAPIENT node id.
        joint: a vessel crewed jointly by designated officers of both countries (Shiprider).
        dollars_hour: what an hour costs in which somebody attends to it; None: nobody has said.
        marking: who may know of it, as `core.marking` writes it.
    """

    kind: str
    unit: str
    latitude: float
    longitude: float
    reach_m: float
    half_width_m: float
    detects: float
    alarms: float
    error_m: float
    azimuth: float = 0.0
    slew_deg_s: float = 0.0
    mast_m: float = 0.0
    field_deg: float = 360.0
    thermal: bool = False
    speed_m_s: float = 0.0
    ready_s: float = 0.0
    endurance_s: float = float("inf")
    runway_m: float = 0.0
    dwell_s: float = 0.0
    night: bool = True
    node: str = ""
    joint: bool = False
    dollars_hour: float | None = None
    marking: str = MARKING

    @property
    def dwell(self) -> float:
        """Seconds that it stays on what it looks at."""
        return self.dwell_s or DWELLS.get(self.kind, 0.0)


class Assets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of them by name."""

    assets: Mapping[str, Asset] = {}


def load(floor: Path) -> Assets:
    """The floor's table; without one, nothing can be sent. Raises `SettingsError`."""
    path = floor / NAME
    return read(read_text(path), str(path)) if path.exists() else Assets()


def visible(floor: Path, reader: Reader) -> dict[str, Asset]:
    """Those that a reader may know of, by name. Raises `SettingsError`."""
    return {name: one for name, one in load(floor).assets.items() if allowed(reader, parse(one.marking))}


def read(text: str, name: str) -> Assets:
    """A table from its text. Raises `SettingsError`, which names the line."""
    file = Settings(text, name)
    return checked(file, file.values)


def checked(file: Settings, values: object) -> Assets:
    """A table from the values of a file that may hold more. Raises `SettingsError`, which names the line."""
    assets = file.convert(values, Assets)
    for key, one in assets.assets.items():
        for field, problem in _problems(one):
            raise file.wrong(("assets", key, field), problem)
    return assets


def _problems(one: Asset) -> Iterator[tuple[str, str]]:
    if one.kind not in KINDS:
        yield "kind", f"{one.kind!r} is no kind of asset{nearest(one.kind, KINDS)}"
    if not abs(one.latitude) <= 90:
        yield "latitude", "goes from -90 to 90"
    if not abs(one.longitude) <= 180:
        yield "longitude", "goes from -180 to 180"
    for name in ("reach_m", "half_width_m", "error_m"):
        if not getattr(one, name) > 0:
            yield name, "is a number of metres above 0"
    for name in ("detects", "alarms"):
        if not 0 <= getattr(one, name) <= 1:
            yield name, "is a probability, 0 to 1"
    if not 0 < one.field_deg <= 360:
        yield "field_deg", "is a width in degrees, above 0 and up to 360"
    if not 0 <= one.mast_m < float("inf"):
        yield "mast_m", "is a number of metres, 0 or more"
    for name in ("slew_deg_s", "speed_m_s", "ready_s", "endurance_s", "runway_m", "dwell_s"):
        if not getattr(one, name) >= 0:
            yield name, "is a number, 0 or more"
    if one.dollars_hour is not None and not 0 <= one.dollars_hour < float("inf"):
        yield "dollars_hour", "is a number of dollars, 0 or more"
    if one.kind in KINDS and one.kind not in FIXED and not one.speed_m_s:
        yield "speed_m_s", f"a {one.kind} moves: give its speed"
    if one.joint and one.kind != "boat":
        yield "joint", f"a {one.kind} is no vessel; an aircraft supports one"
    try:
        parse(one.marking)
    except MarkingError as error:
        yield "marking", str(error)
