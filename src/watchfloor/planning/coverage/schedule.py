"""Who looks when: `coverage.toml` of a floor.

zone = "America/Winnipeg"          # of the times below; without it, UTC

[[watch]]                          # an asset looks only while somebody attends to it
asset = "camera-3"                 # a key of assets.toml
days = ["mon", "tue"]              # every day, if they are left out
from = "18:00"                     # the whole day, if both are left out; over midnight where `to` is earlier
to = "06:00"
# km = [2050, 2075]                # the stretch that it patrols; else it looks from where it is
# post = "radar console"           # only while a published roster has somebody on that post,
# pool = "operations centre"       # of that pool; without it, of any

[[terrain]]                        # what a file of heights in the folder terrain/ does not say
file = "kootenay.asc"
zone = "11N"                       # of UTM; degrees need none
unit = "metre"                     # of heights: metre or foot

[[pass]]                           # of a satellite, see `passes`
name = "RCM-2 spotlight"
at = 2026-12-07T11:42:10Z
km = [4152, 4300]
width_m = 14000
detects = 0.7

[[satellite]]                      # that images what it passes over; its passes are computed
elements = "sentinel.tle"          # of the floor's folder
width_m = 2000
detects = 0.3

[[curve]]                          # what trials found (lateral_range): how likely a class of sensor detects
sensor = "camera"
crosser = "walker"
share = [0.2, 0.3]                 # at these shares of its reach
detects = [1.0, 0.1]

[[station]]                        # where a weather station is whose reports do not say it, such as METAR
name = "CYWG"
latitude = 49.91
longitude = -97.24

[[section]]                        # a part of the line that is reported on as one
name = "red-river"
en = "Red River"
fr = "rivière Rouge"
km = [2120, 2160]
jurisdiction = "RCMP D Division"
marking = "PB//TLP:AMBER"

[[responder]]                      # who can be sent to a crossing
name = "patrol-west"
latitude = 49.01
longitude = -97.2
speed_m_s = 15
ready_s = 120
marking = "PB//TLP:AMBER"
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import numpy as np

from watchfloor.casework.tasking.assets import KINDS, MARKING, SENT, Asset
from watchfloor.casework.tasking.units import DAYS
from watchfloor.core.marking import MarkingError, parse
from watchfloor.formats.sensors import utm
from watchfloor.formats.settings import Settings, nearest, read_text
from watchfloor.planning.coverage import lateral_range, terrain
from watchfloor.planning.coverage.axis import BEYOND, Axis, Floats, samples_from
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.detection import detection_probability, exposure
from watchfloor.planning.coverage.lateral_range import Curve
from watchfloor.planning.coverage.passes import Overflight, Pass
from watchfloor.planning.coverage.table import Numbers, Part
from watchfloor.planning.coverage.weather import Weather
from watchfloor.planning.cueing import dark
from watchfloor.policy.policy import Reader, allowed

NAME: Final = "coverage.toml"
HOUR: Final = timedelta(hours=1)
CLASS: Final = {kind: kind for kind in KINDS} | {"boat": "vessel"}
"""Class of sensor of each kind of asset, as coverage records name them."""
TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
"""A time of day."""
EYES: Final = ("camera", "radar")
"""Kinds of asset that look from a mast, over hills."""
DETOUR: Final = 1.4
"""Length of the way to a place, over the straight line to it (roads: 1.417, Boscoe, Henry and Zdeb 2012)."""


class Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"begins": "from", "ends": "to"}):
    """Hours in which an asset is attended to."""

    asset: str
    days: tuple[str, ...] = DAYS
    begins: str = "00:00"
    ends: str = "00:00"
    km: tuple[float, float] | None = None
    post: str = ""
    pool: str = ""

    def turns(self, start: datetime, count: int, zone: ZoneInfo) -> Iterator[tuple[float, float]]:
        """Yield when each begins and ends that may meet so many hours, in hours since `start` (UTC).

        Of a post of a roster there are none: `Schedule.attended` says when somebody is on it.
        """
        if self.post:
            return
        first = start.astimezone(zone).date() - timedelta(days=1)
        for after in range(count // 24 + 3):
            day = first + timedelta(days=after)
            if DAYS[day.weekday()] not in self.days:
                continue
            first_time, last_time = time.fromisoformat(self.begins), time.fromisoformat(self.ends)
            begins = datetime.combine(day, first_time, zone)
            ends = datetime.combine(day + timedelta(days=last_time <= first_time), last_time, zone)
            # Elapsed time, not the clock's: a night in which clocks are changed is 23 or 25 hours long.
            yield (begins.astimezone(UTC) - start) / HOUR, (ends.astimezone(UTC) - start) / HOUR

    def hours(self, start: datetime, count: int, zone: ZoneInfo) -> Floats:
        """Return the share of each hour in which it looks, from an hour in UTC on."""
        shares, hours = np.zeros(count), np.arange(count)
        for since, until in self.turns(start, count, zone):
            shares += np.clip(np.minimum(hours + 1, until) - np.maximum(hours, since), 0, 1)
        return np.minimum(shares, 1.0)


class RosteredWatch(Watch, frozen=True, forbid_unknown_fields=True):
    """Hours in which an asset is attended to by whoever is on a post of a published roster.

    Attributes:
        on: when somebody is, none of them overlapping.
    """

    on: tuple[tuple[datetime, datetime], ...] = ()

    def turns(self, start: datetime, count: int, zone: ZoneInfo) -> Iterator[tuple[float, float]]:
        """Yield when each begins and ends at which somebody is on the post; else as `Watch.turns`."""
        spans = [((begins - start) / HOUR, (ends - start) / HOUR) for begins, ends in self.on]
        for since, until in super().turns(start, count, zone):
            for begins, ends in spans:
                if max(since, begins) < min(until, ends):
                    yield max(since, begins), min(until, ends)


class TerrainFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Facts that a file of heights in `terrain/` does not state: its zone of UTM, and `metre` or `foot`."""

    file: str
    zone: str = ""
    unit: str = ""


class Responder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who can be sent; metres a second, and seconds until they go."""

    name: str
    latitude: float
    longitude: float
    speed_m_s: float
    ready_s: float = 0.0
    marking: str = MARKING


class Station(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Place of a weather station whose reports do not say it."""

    name: str
    latitude: float
    longitude: float


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section of the line (Regulation (EU) 2019/1896, article 30), from a kilometre to another."""

    name: str
    en: str
    km: tuple[float, float]
    fr: str = ""
    jurisdiction: str = ""
    marking: str = MARKING

    def called(self, language: str) -> str:
        """Return its name in a language."""
        return self.fr or self.en if language == "fr" else self.en


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True, rename={"passes": "pass"}):
    """Watches, responders, sections, passes, curves of trials, stations, facts of terrain files."""

    zone: str = "UTC"
    watch: tuple[Watch, ...] = ()
    responder: tuple[Responder, ...] = ()
    terrain: tuple[TerrainFile, ...] = ()
    section: tuple[Section, ...] = ()
    passes: tuple[Pass, ...] = ()
    satellite: tuple[Overflight, ...] = ()
    curve: tuple[Curve, ...] = ()
    station: tuple[Station, ...] = ()

    @cached_property
    def zoneinfo(self) -> ZoneInfo:
        """Return the zone of its times."""
        return ZoneInfo(self.zone)

    def attended(self, on: Mapping[Watch, tuple[tuple[datetime, datetime], ...]]) -> "Schedule":
        """Return it with watches by a post of a roster only while somebody is on that, as `on` has it."""
        watches = tuple(
            RosteredWatch(**msgspec.structs.asdict(one) | {"post": "", "pool": ""}, on=on[one])
            if one in on
            else one
            for one in self.watch
        )
        return msgspec.structs.replace(self, watch=watches)

    def visible(self, reader: Reader) -> "Schedule":
        """Return it with the responders, sections, passes and satellites that a reader may know of."""
        known = {
            name: tuple(one for one in getattr(self, name) if allowed(reader, parse(one.marking)))
            for name in ("responder", "section", "passes", "satellite")
        }
        return msgspec.structs.replace(self, **known)


def load(floor: Path) -> Schedule:
    """Read a floor's schedule; without one nobody looks. Raises `SettingsError`."""
    path = floor / NAME
    return read(read_text(path), str(path)) if path.exists() else Schedule()


def read(text: str, name: str) -> Schedule:
    """Read a schedule from its text. Raises `SettingsError`, which names the line."""
    file = Settings(text, name)
    return checked(file, file.values)


def checked(file: Settings, values: object) -> Schedule:
    """A schedule from values of a file that may hold more. Raises `SettingsError`, which names the line."""
    found = file.convert(values, Schedule)
    for keys, problem in _problems(found):
        raise file.wrong(keys, problem)
    return found


def _problems(found: Schedule) -> Iterator[tuple[tuple[str, ...], str]]:
    try:
        ZoneInfo(found.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield ("zone",), f"{found.zone!r} is no time zone, such as America/Winnipeg"
    tables: tuple[tuple[str, tuple[Any, ...], Callable[[Any], Iterator[tuple[str, str]]]], ...] = (
        ("watch", found.watch, _of_watch),
        ("terrain", found.terrain, _of_terrain),
        ("responder", found.responder, _of_responder),
        ("section", found.section, _of_section),
        ("pass", found.passes, _of_pass),
        ("satellite", found.satellite, _of_overflight),
        ("curve", found.curve, lateral_range.problems),
        ("station", found.station, _of_place),
    )
    for table, rows, problems in tables:
        for one in rows:
            for key, problem in problems(one):
                yield (table, key), problem
            try:
                parse(getattr(one, "marking", MARKING))
            except MarkingError as error:
                yield (table, "marking"), str(error)
            if getattr(one, "km", None) and not 0 <= one.km[0] < one.km[1] < math.inf:
                yield (table, "km"), "a stretch goes from a kilometre to a later one"
    for table, rows in (
        ("responder", found.responder),
        ("section", found.section),
        ("station", found.station),
        ("curve", found.curve),
    ):
        names = [one.name for one in rows]
        if twice := next((name for name in names if names.count(name) > 1), None):
            yield (table, "name"), f"{twice} is there twice; give each its own name"


def _of_watch(one: Watch) -> Iterator[tuple[str, str]]:
    for day in one.days:
        if day not in DAYS:
            yield "days", f"{day!r} is no day{nearest(day, DAYS)}"
    for key, text in (("from", one.begins), ("to", one.ends)):
        if not TIME.fullmatch(text):
            yield key, f"{text!r} is no time of day, such as 18:00"
    if one.pool and not one.post:
        yield "pool", f"{one.asset} needs the post of that pool's roster too"


def _of_terrain(one: TerrainFile) -> Iterator[tuple[str, str]]:
    if one.zone and utm.zone(one.zone) is None:
        yield "zone", f"{one.zone!r} is no zone of UTM, such as 11N"
    if one.unit not in ("", "metre", "foot"):
        yield "unit", f"{one.unit!r} is no unit of heights: metre or foot"


def _of_responder(one: Responder) -> Iterator[tuple[str, str]]:
    if not 0 < one.speed_m_s < math.inf:
        yield "speed_m_s", f"{one.name} needs a speed of more than 0"
    if not 0 <= one.ready_s < math.inf:
        yield "ready_s", f"{one.name} needs 0 seconds or more until they go"
    yield from _of_place(one)


def _of_place(one: Responder | Station) -> Iterator[tuple[str, str]]:
    for key, value, most in (("latitude", one.latitude, 90), ("longitude", one.longitude, 180)):
        if not abs(value) <= most:
            yield key, f"{one.name} needs degrees from -{most} to {most}"


def _of_section(one: Section) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", one.name):
        yield "name", f"{one.name!r} is no name: lower-case letters, digits, '.', '_', '-'"


def _of_pass(one: Pass) -> Iterator[tuple[str, str]]:
    if one.at.tzinfo is None:
        yield "at", f"{one.name} needs a time zone, such as 2026-12-07T11:42:10Z"
    if not 0 <= one.seconds < math.inf:
        yield "seconds", "is a number, 0 or more"
    yield from _of_overflight(one)


def _of_overflight(one: Pass | Overflight) -> Iterator[tuple[str, str]]:
    if not 0 <= one.detects <= 1:
        yield "detects", "is a probability, 0 to 1"
    if not 0 <= one.width_m < math.inf:
        yield "width_m", "is a number, 0 or more"
    for crosser in sorted(set(one.sees) - set(CROSSERS)):
        yield "sees", f"{crosser!r} is no kind of crosser{nearest(crosser, tuple(CROSSERS))}"


@dataclass(frozen=True)
class Conditions:
    """Limits of sight: hills, the weather of the hours that are asked for, and what trials found."""

    files: tuple[terrain.File, ...] = ()
    weather: Weather | None = None
    curves: tuple[Curve, ...] = ()

    def sight(self, asset: Asset) -> terrain.Sight | None:
        """Return what hills let an asset see of the line; None where that is not known."""
        if asset.kind not in EYES or not asset.mast_m or not self.files:
            return None
        return terrain.sight(self.files, asset)


CLEAR: Final = Conditions()
"""No hills and no weather."""


def part(
    asset: Asset,
    watches: tuple[Watch, ...],
    where: Axis,
    start: datetime,
    count: int,
    zone: ZoneInfo,
    conditions: Conditions = CLEAR,
    begun: int = 0,
) -> Part:
    """Return what an asset sees while somebody attends to it, in the hours after those that have begun."""
    stretches = [_stretch(asset, watch, where) for watch in watches]
    every = np.unique(np.concatenate([np.zeros(0, np.int64), *(one[0] for one in stretches)]))
    chance = np.zeros((len(CROSSERS), len(every), count))
    place = where.latitude[every], where.longitude[every]
    night = np.array([dark(*place, start + (hour + 0.5) * HOUR) for hour in range(count)]).T
    works = np.full(night.shape, True) if asset.night or asset.thermal else ~night
    through = np.full(night.shape, np.inf)
    if weather := conditions.weather:
        through = weather.reach(CLASS[asset.kind], asset.thermal, every)
        works &= weather.goes_out(asset.kind, every, night)
    share = np.ones((len(CROSSERS), len(every)))
    if (sight := conditions.sight(asset)) is not None:
        share[:, np.isin(every, sight.km)] = sight.share[:, np.isin(sight.km, every)]
    for watch, (km, metres) in zip(watches, stretches, strict=True):
        hours = watch.hours(start, count, zone)
        hours[:begun] = 0.0
        at = np.searchsorted(every, km)
        for number, (name, kind) in enumerate(CROSSERS.items()):
            reach = asset.reach_m * kind.reach.get(CLASS[asset.kind], 0.0)
            curve = lateral_range.choose(conditions.curves, CLASS[asset.kind], name, asset.reach_m)
            if curve and not watch.km:
                points = samples_from(asset.latitude, asset.longitude, km)
                clear = curve.chance(points, asset.reach_m).mean(1) * share[number, at]
                seen = clear[:, None] * (metres[:, None] <= through[at])
                chance[number, at] = np.maximum(chance[number, at], seen * hours)
            elif reach > 0:
                limits = np.minimum(reach, through[at]), share[number, at, None]
                seen = _chance(asset, kind.speed, metres, reach, *limits, patrols=watch.km is not None)
                chance[number, at] = np.maximum(chance[number, at], seen * hours)
    chance *= works
    row, hour = np.nonzero(chance.any(0))
    return Part(every[row], hour, np.ascontiguousarray(chance[:, row, hour]))


def _stretch(asset: Asset, watch: Watch, where: Axis) -> tuple[Numbers, Floats]:
    """Return the kilometres that an asset can see in a watch, and how far they are from it."""
    if watch.km:
        first, last = (int(min(one, len(where))) for one in (np.floor(watch.km[0]), np.ceil(watch.km[1])))
        return np.arange(first, last), np.zeros(last - first)
    km, metres, bearing = where.near(asset.latitude, asset.longitude, asset.reach_m + BEYOND)
    within = np.abs((bearing - asset.azimuth + 180.0) % 360.0 - 180.0) <= asset.field_deg / 2
    return km[within], metres[within]


def _chance(
    asset: Asset, speed: float, metres: Floats, reach: float, through: Floats, share: Floats, *, patrols: bool
) -> Floats:
    """Return how likely a crossing is seen while the asset looks, of shape (kilometres, hours).

    Args:
        asset: that looks.
        speed: of the crosser, m/s.
        metres: to each kilometre.
        reach: within which such a crosser is seen in clear weather.
        through: the same in the weather of each hour.
        share: of each kilometre that hills do not hide.
        patrols: whether it goes along the kilometres.
    """
    if patrols:
        # It passes a place twice a round, and each has it in sight while the crosser is, and while it passes.
        own = max(asset.speed_m_s, 0.1)
        within = exposure(through, np.zeros_like(through), speed) + 2 * through / own
        return detection_probability(asset.detects, within, np.full_like(within, len(metres) * 1_000.0 / own))
    near = metres <= reach
    clear = exposure(np.asarray(reach), metres, speed)[:, None]
    within = exposure(through, metres[:, None], speed) * share
    # It turns from one look to the next, and comes back to a place when it has seen all of the line in its
    # sight. Where one look has all of it, or it need not turn, a crossing is one chance, however long it
    # takes.
    looks = share[near].sum() * 1_000.0 / (2 * asset.half_width_m)
    turns = asset.kind in SENT and looks > 1
    revisit = looks * asset.dwell if turns else np.maximum(clear, 1.0)
    return detection_probability(asset.detects, within, np.broadcast_to(revisit, within.shape))


def joined(before: Part | None, after: Part) -> Part:
    """Join what an asset saw with what it will see in later hours."""
    if before is None:
        return after
    return Part(
        *(np.concatenate([getattr(one, name) for one in (before, after)], -1) for name in Part.__slots__)
    )


def minutes(responders: tuple[Responder, ...], where: Axis) -> tuple[Floats, list[str]]:
    """Return the minutes until somebody is at each cell, infinite where nobody is sent, and who that is."""
    best, who = np.full(len(where), np.inf), [""] * len(where)
    for one in sorted(responders, key=lambda one: one.name):
        km, metres, _ = where.near(one.latitude, one.longitude, np.pi * 6.4e6)
        takes = (one.ready_s + DETOUR * metres / one.speed_m_s) / 60.0
        for at in np.flatnonzero(takes < best[km]):
            best[km[at]], who[km[at]] = takes[at], one.name
    return best, who
