"""Which crews can go out on some days, and who cannot and why: fuel, runway, ice, hours."""

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from watchfloor.casework.tasking.assets import Asset
from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Message, Reason, declare, reason
from watchfloor.planning.coverage.estimate import Coverage
from watchfloor.planning.coverage.weather import MINIMA
from watchfloor.planning.patrols.crews import Crew, duties, tours
from watchfloor.planning.patrols.operations import Operations
from watchfloor.planning.patrols.schedules import WEEK, outings_a_week
from watchfloor.planning.readiness import UNKNOWN, Readiness, strictest

NO_CREW: Final = declare("patrols.no-crew")
NO_FUEL: Final = declare("patrols.no-fuel", "names")
NO_RUNWAY: Final = declare("patrols.no-runway", "names")
OVER_LIMIT: Final = declare("patrols.over-limit", "names", "hours")
NO_TOUR: Final = declare("patrols.no-tour", "names")
NO_DUTY: Final = declare("patrols.no-duty", "names")
KEPT_IN: Final = declare("patrols.kept-in", "names")
FROZEN: Final = declare("patrols.frozen", "names", "sources")
FEWER_DAYS: Final = declare("patrols.fewer-days", "names", "hours")
UNSTATED: Final = declare("patrols.readiness-unstated", "names")
REPORTED: Final = "-"
"""Source of ice that no line of patrols.toml has: weather reports."""


def available(
    found: Coverage, ground: Operations, ready: Mapping[str, Readiness], days: int, most_hours: float
) -> tuple[list[Crew], list[Reason]]:
    """Return the crews that can go out, and who cannot or less than all the time, and why.

    Args:
        found: coverage of the days, from the first midnight on.
        ground: bases, ice and crews.
        ready: what is known of assets and crews by name.
        days: how many.
        most_hours: of duty of a crew in a week.

    Raises:
        Unusable: nothing moves.
    """
    most = most_hours * 3600.0
    moving = {name: one for name, one in sorted(found.fleet.items()) if one.speed_m_s > 0}
    if not moving:
        raise Unusable(reason(NO_CREW))
    first, ends = found.start, found.start + timedelta(hours=found.table.shape[1])
    day = first.astimezone(found.plan.zoneinfo).date()
    season = ground.frozen(found.where, day, days)
    reported = _reported_ice(found)
    frozen = season | reported
    crews: list[Crew] = []
    told: list[Reason] = []
    about: dict[Message, list[str]] = {
        one: []
        for one in (NO_FUEL, NO_RUNWAY, OVER_LIMIT, NO_TOUR, NO_DUTY, KEPT_IN, FROZEN, FEWER_DAYS, UNSTATED)
    }
    attended = {one.asset for one in found.plan.watch}
    for name, asset in moving.items():
        teams = ground.crews(name)
        mine = [ready[one] for one in dict.fromkeys((name, *teams)) if one in ready]
        state = strictest(mine)
        told += state.within(first, ends)
        base = ground.base_of(asset)
        if not math.isfinite(asset.endurance_s):
            about[NO_FUEL].append(name)
            continue
        if asset.runway_m and not (base and base.takes(asset)):
            about[NO_RUNWAY].append(name)
            continue
        if not mine:
            about[UNSTATED].append(name)
        if base is None or asset.kind not in base.fuel:  # else it fills its tanks there
            asset = replace(asset, endurance_s=min(asset.endurance_s, state.endurance_s))
        if name not in attended:
            about[NO_DUTY].append(name)
        crew, kept_in, less = _crew(found, name, asset, ground, state, frozen)
        crew = replace(crew, teams=tuple((one, min(most, _week(ready, name, one))) for one in teams))
        if kept_in:
            about[KEPT_IN].append(name)
        if less:
            about[FROZEN].append(name)
        able = {duty: tuple(one for one in each if one.seconds <= most) for duty, each in crew.tours.items()}
        if not any(able.values()):
            # Who is not ready was named with the reason; that they have no tour follows from it.
            if not state.within(first, ends):
                about[OVER_LIMIT if any(crew.tours.values()) else NO_TOUR].append(name)
            continue
        crew = replace(crew, tours=able)
        week = list(range(min(days, WEEK)))
        if outings_a_week(crew, week, most) < len(week):
            about[FEWER_DAYS].append(name)
        crews.append(crew)
    sources = {one.source for one in ground.ice if about[FROZEN]}
    more: dict[Message, dict[str, str | float]] = {
        OVER_LIMIT: {"hours": most_hours},
        FEWER_DAYS: {"hours": most_hours},
        FROZEN: {"sources": "; ".join(sorted(sources)) or REPORTED},
    }
    return crews, told + [
        reason(message, names=", ".join(names), **more.get(message, {}))
        for message, names in about.items()
        if names
    ]


def _week(ready: Mapping[str, Readiness], asset: str, team: str) -> float:
    """Return the seconds of duty that a team has left in a week; those said of an asset are of each."""
    return min(ready.get(one, UNKNOWN).week_s for one in (asset, team))


def _crew(
    found: Coverage,
    name: str,
    asset: Asset,
    ground: Operations,
    state: Readiness,
    frozen: npt.NDArray[np.bool_],
) -> tuple[Crew, bool, bool]:
    """Return a crew with its tours, whether dark or weather keeps it in, and whether ice takes any."""
    mine, kept_in = duties(found, name, asset, found.plan.zoneinfo, state)
    base = ground.base_of(asset)
    stops = [one for one in ground.base if one != base and asset.kind in one.fuel and one.takes(asset)]
    every, less = {}, False
    for duty in {(duty.watch, duty.seconds): duty for duty in mine}.values():
        given = found.where, name, asset, duty.watch, duty.seconds, stops
        every[duty.watch, duty.seconds] = tuple(tours(*given, frozen))
        if asset.kind == "boat" and frozen.any():
            less |= len(tuple(tours(*given))) > len(every[duty.watch, duty.seconds])
    return Crew(name, asset, tuple(mine), every), kept_in, less


def _reported_ice(found: Coverage) -> npt.NDArray[np.bool_]:
    """Return the kilometres that reports of weather say are frozen at any hour."""
    weather = found.conditions.weather
    if weather is None:
        return np.zeros(len(found.where), bool)
    return np.asarray((weather.ice > MINIMA["boat"].ice).any(1))
