"""Coverage of the whole line for some hours, as one reader may know it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from watchfloor.casework import rosters
from watchfloor.casework.tasking import assets
from watchfloor.casework.tasking.assets import Asset
from watchfloor.cell.acts import Unusable
from watchfloor.core.marking import joined
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.planning.coverage import passes, schedule, sensor_reports, terrain, weather
from watchfloor.planning.coverage.axis import Axis, Floats, axis
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.schedule import CLEAR, EYES, Conditions, Schedule, Watch
from watchfloor.planning.coverage.table import Part, Table
from watchfloor.planning.satellites import adoption
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store.floor import Floor

NO_ASSET: Final = declare("coverage.no-asset", "name", "names")
BAD_HOURS: Final = declare("coverage.bad-hours", "longest")
NO_MAST: Final = declare("coverage.no-mast", "names")
NO_TERRAIN: Final = declare("coverage.no-terrain", "names")
PARTLY_TERRAIN: Final = declare("coverage.partly-terrain", "names")
NO_WEATHER: Final = declare("coverage.no-weather", "percent")
NOBODY_ON: Final = declare("coverage.nobody-on", "posts")
NOBODYS_WATCH: Final = declare("coverage.no-such-asset", "names")

LONGEST: Final = 24 * 14
"""Hours that one question covers at most."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who sees what, and who is there when.

    Attributes:
        table: cells of kilometre and hour, with the part of each asset.
        where: the line.
        start: the first hour.
        begun: how many of the hours have begun: they rest on what was reported.
        fleet: the assets that the reader may know of, by name.
        plan: watches of all assets, and the responders that the reader may know of.
        minutes: until the nearest responder is at each kilometre; infinite: nobody can be sent.
        responder: who that is.
        marking: of all that went into it.
        conditions: hills and weather.
        remarks: what is not in the answer, and why.
    """

    table: Table
    where: Axis
    start: datetime
    begun: int
    fleet: Mapping[str, Asset]
    plan: Schedule
    minutes: Floats
    responder: list[str]
    marking: str
    conditions: Conditions = CLEAR
    remarks: tuple[Reason, ...] = ()

    def part(self, asset: Asset, watches: tuple[Watch, ...]) -> Part:
        """Return what an asset will see in the hours to come, under the same conditions as the others."""
        hours, zone = self.table.shape[1], self.plan.zoneinfo
        return schedule.part(asset, watches, self.where, self.start, hours, zone, self.conditions, self.begun)


def coverage_of(
    floor: Floor,
    reader: Reader,
    since: datetime,
    hours: int,
    *,
    as_of: int | datetime | None = None,
    without: tuple[str, ...] = (),
    now: datetime | None = None,
) -> Coverage:
    """Compute coverage from the records, assets and responders that a reader may see.

    Args:
        floor: whose records and settings.
        reader: who asks.
        since: a moment in the first hour.
        hours: how many.
        as_of: a position or moment of the log, for the records.
        without: assets that are taken not to look.
        now: moment before which hours rest on reports; None: by the clock of the floor.

    Raises:
        SettingsError: a file of the floor cannot be read.
        Unusable: an asset of `without` does not look, or so many hours are not computed.
    """
    if not 1 <= hours <= LONGEST:  # also where a program asks, which knows no limits of options
        raise Unusable(reason(BAD_HOURS, longest=LONGEST))
    where = axis()
    start = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    begun = min(max(-((start - (now or floor.now())) // timedelta(hours=1)), 0), hours)
    rows = floor.read("coverage", reader, as_of, columns=sensor_reports.COLUMNS, latest=True)
    skies = floor.read("weather", reader, as_of, columns=weather.COLUMNS, latest=True)
    fleet, plan = assets.visible(floor.root, reader), schedule.load(floor.root).visible(reader)
    plan, rostered, unmanned = _attended(floor, reader, plan, start, hours, as_of)
    places = {one.name: (one.latitude, one.longitude) for one in plan.station}
    sky = weather.read(skies, where, start, hours, places)
    conditions = Conditions((), sky, plan.curve)
    eyes = {name: one for name, one in fleet.items() if one.kind in EYES}
    remarks: list[Reason] = []
    if eyes:
        says = {one.file: (one.zone, one.unit) for one in plan.terrain}
        files, remarks = terrain.usable(terrain.files(floor.root, says))
        conditions = Conditions(files, sky, plan.curve)
    parts = sensor_reports.parts(rows, where, start, begun, conditions, fleet)
    scenes = floor.read("scene", reader, as_of, columns=passes.SCENES, latest=True)
    parts |= {f"pass:{name}": one for name, one in passes.taken(scenes, where, start, hours, begun).items()}
    for name, asset in fleet.items():
        watches = tuple(one for one in plan.watch if one.asset == name)
        if watches and begun < hours:
            zone = plan.zoneinfo
            made = schedule.part(asset, watches, where, start, hours, zone, conditions, begun)
            parts[name] = schedule.joined(parts.get(name), made)
    overhead = list(plan.passes)
    if begun < hours:
        for each in adoption.placed(floor, reader, as_of):
            overhead += adoption.passes_of(each.book.orders)
        ahead = start + timedelta(hours=begun)
        computed, unknown_passes = adoption.overflights(floor.root, plan.satellite, ahead, hours - begun)
        overhead += computed
        remarks += unknown_passes
    for name in sorted({one.name for one in overhead}):
        mine = tuple(one for one in overhead if one.name == name)
        seen = passes.part(mine, where, start, hours, begun, sky)
        if len(seen.km):
            parts[f"pass:{name}"] = schedule.joined(parts.get(f"pass:{name}"), seen)
    if absent := [name for name in without if name not in parts]:
        raise Unusable(reason(NO_ASSET, name=absent[0], names=", ".join(sorted(parts)) or "–"))
    table = Table.build(tuple(CROSSERS), len(where), hours, parts)
    for name in without:
        table.replace(name, None)
    if unmanned and begun < hours:
        remarks.append(reason(NOBODY_ON, posts=", ".join(unmanned)))
    remarks += _about_ground({name: eyes[name] for name in eyes.keys() & parts.keys()}, conditions)
    remarks += _about_weather(table, sky)
    unknown = sorted({one.asset for one in plan.watch} - fleet.keys())
    # Only who may know of every asset is told: to others it may be one that they may not know of. A ceiling
    # has no compartments, so whoever may see all that it allows may still not know of an asset.
    every = len(fleet) == len(assets.load(floor.root).assets)
    if unknown and every and allowed(reader, floor.ceiling):
        remarks.append(reason(NOBODYS_WATCH, names=", ".join(unknown)))
    markings = {*rows["marking"].unique().to_pylist(), *(one.marking for one in fleet.values())}
    markings |= {one for rows in (skies, scenes) for one in rows["marking"].unique().to_pylist()}
    markings |= rostered | {one.marking for one in plan.responder} | {one.marking for one in overhead}
    marking = joined(markings)
    takes, who = schedule.minutes(plan.responder, where)
    return Coverage(table, where, start, begun, fleet, plan, takes, who, marking, conditions, tuple(remarks))


def _attended(
    floor: Floor, reader: Reader, plan: Schedule, start: datetime, hours: int, as_of: int | datetime | None
) -> tuple[Schedule, set[str], list[str]]:
    """Return a schedule with the hours in which rosters have somebody on its posts, the rosters' markings,
    and the posts on which nobody is.
    """
    wanted = [one for one in plan.watch if one.post]
    if not wanted:
        return plan, set(), []
    posts, until = {one.post for one in wanted}, start + timedelta(hours=hours)
    on = rosters.duties(floor, reader, posts, start, until, as_of)
    mine = {
        each: [one for one in on if one.post == each.post and each.pool in ("", one.pool)] for each in wanted
    }
    spans = {
        each: tuple((begins, ends) for begins, ends, _ in rosters.people(found))
        for each, found in mine.items()
    }
    empty = sorted({each.post for each, found in mine.items() if not found})
    return plan.attended(spans), {one.marking for found in mine.values() for one in found}, empty


def _about_ground(eyes: Mapping[str, Asset], conditions: Conditions) -> list[Reason]:
    """Return what hills are not known to hide from whom."""
    none, bare, partly = [], [], []
    for name, asset in sorted(eyes.items()):
        sight = conditions.sight(asset)
        if conditions.files and not asset.mast_m:
            bare.append(name)
        elif sight is None:
            none.append(name)
        elif sight.known < 1:
            partly.append(name)
    each = (NO_MAST, bare), (NO_TERRAIN, none), (PARTLY_TERRAIN, partly)
    return [reason(message, names=", ".join(names)) for message, names in each if names]


def _about_weather(table: Table, sky: weather.Weather) -> list[Reason]:
    """Return for what share of the cells that something looks at no weather is known."""
    served = (table.missed < 1).any(0)
    unknown = int(np.count_nonzero(np.isnan(sky.visibility) & served))
    return (
        [reason(NO_WEATHER, percent=math.ceil(100 * unknown / np.count_nonzero(served)))] if unknown else []
    )
