"""Crews that move, when they can go, and the tours that each can travel.

A tour goes from the base to a run of stretches, patrols it to and fro and returns, within the duty, the
endurance and one watch of the day. It has one run of stretches and no refuelling.
"""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from watchfloor.casework.tasking.assets import Asset
from watchfloor.core.earth import great_circle
from watchfloor.planning.coverage.axis import Axis
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.detection import detection_probability, exposure
from watchfloor.planning.coverage.estimate import Coverage
from watchfloor.planning.coverage.schedule import CLASS, DETOUR
from watchfloor.planning.cueing import dark
from watchfloor.planning.patrols.risk import LAND, STRETCH, WATCHES, afloat, stretches, watch_of

Floats = npt.NDArray[np.float64]

QUARTERS: Final = 4
"""Steps of an hour in which duty is counted."""
MOST_STRETCHES: Final = 12
"""Stretches that one tour patrols at most: 120 km. Judgement; it keeps the choice small."""
WATCH_S: Final = 24 * 3600.0 / WATCHES


class Duty(NamedTuple):
    """Time in which a crew can be out: day of the plan, watch of the day, its begin and length in seconds."""

    day: int
    watch: int
    begins: datetime
    seconds: float


class Tour(NamedTuple):
    """A tour that a crew can travel.

    Attributes:
        crew: its name.
        watch: of the day.
        first, last: stretches that it patrols, both included.
        seconds: from the order to go to the return.
        seen: probability that a crossing of each of its stretches in that watch is seen.
    """

    crew: str
    watch: int
    first: int
    last: int
    seconds: float
    seen: tuple[float, ...]


class Crew(Struct, frozen=True):
    """A crew with its duties and, by watch and seconds of duty, its tours."""

    name: str
    asset: Asset
    duties: tuple[Duty, ...]
    tours: dict[tuple[int, float], tuple[Tour, ...]]


def duties(found: Coverage, name: str, asset: Asset, zone: ZoneInfo) -> tuple[list[Duty], bool]:
    """Return when a crew can be out, and whether dark or weather keeps it in at other times of its duty.

    Without a watch in coverage.toml it can be out at any hour.
    """
    hours = found.table.shape[1]
    steps = np.zeros(hours * QUARTERS, bool)
    watches = [one for one in found.plan.watch if one.asset == name]
    for one in watches:
        for since, until in one.turns(found.start, hours, zone):
            first = max(math.ceil(since * QUARTERS), 0)
            steps[first : max(math.floor(until * QUARTERS), first)] = True
    if not watches:
        steps[:] = True
    steps[: found.begun * QUARTERS] = False
    apart = great_circle(
        np.asarray(asset.latitude),
        np.asarray(asset.longitude),
        found.where.latitude,
        found.where.longitude,
    )
    near = np.array([int(np.argmin(apart))])
    place = asset.latitude, asset.longitude
    night = np.array([[bool(dark(*place, found.start + timedelta(hours=at + 0.5))) for at in range(hours)]])
    works = np.full(hours, True) if asset.night or asset.thermal else ~night[0]
    if found.conditions.weather:
        works &= found.conditions.weather.goes_out(asset.kind, near, night)[0]
    kept = steps & np.repeat(works, QUARTERS)
    return list(_runs(kept, found.start, zone)), bool((steps & ~kept).any())


def _runs(steps: npt.NDArray[np.bool_], start: datetime, zone: ZoneInfo) -> Iterator[Duty]:
    """Yield the longest run of each watch; one that goes on after it counts where it begins."""
    step = timedelta(hours=1) / QUARTERS
    moments = [start + at * step for at in range(len(steps))]
    day0 = start.astimezone(zone).date()
    cells = [((one.astimezone(zone).date() - day0).days, watch_of(one, zone)) for one in moments]
    best: dict[tuple[int, int], tuple[int, int]] = {}
    edges = np.flatnonzero(np.diff(np.concatenate([[False], steps, [False]]).astype(int)))
    for first, end in edges.reshape(-1, 2).tolist():
        at = first
        while at < end:
            until = end
            if (end - first) * step > timedelta(seconds=WATCH_S):  # a long duty is parted by watches
                until = next((one for one in range(at, end) if cells[one] != cells[at]), end)
            if until - at > best.get(cells[at], (0, 0))[1]:
                best[cells[at]] = at, until - at
            at = until
    for (day, watch), (at, count) in sorted(best.items()):
        yield Duty(day, watch, moments[at], count * step.total_seconds())


def tours(where: Axis, name: str, asset: Asset, watch: int, seconds: float) -> Iterator[Tour]:
    """Yield the tours that a crew can travel in so many seconds of duty."""
    count, water = stretches(where), afloat(where)
    middle = np.minimum(np.arange(count) * STRETCH + STRETCH // 2, len(where) - 1)
    apart = great_circle(
        np.asarray(asset.latitude),
        np.asarray(asset.longitude),
        where.latitude[middle],
        where.longitude[middle],
    )
    way = apart * (DETOUR if asset.kind not in ("aircraft", "drone") else 1.0) / asset.speed_m_s
    most = min(seconds - asset.ready_s, asset.endurance_s, WATCH_S)
    near = np.flatnonzero(way * 2 < most)
    chances = {}
    for first in near.tolist():
        for last in range(first, min(first + MOST_STRETCHES, count)):
            if asset.kind == "boat" and not water[last]:
                break
            length = (last - first + 1) * STRETCH * 1_000.0
            once = length / asset.speed_m_s
            # Out to the nearer end, back from the farther one: never longer than this.
            patrols = most - way[first] - way[last]
            if patrols < once:
                continue
            for ground in (False, True):
                if (length, ground) not in chances:
                    chances[length, ground] = _chance(asset, length, afloat=ground)
            seen = tuple(
                chances[length, bool(water[at])] * min(1.0, patrols / WATCH_S)
                for at in range(first, last + 1)
            )
            yield Tour(name, watch, first, last, asset.ready_s + most, seen)


def _chance(asset: Asset, length: float, *, afloat: bool) -> float:
    """Return how likely a crossing is seen while a crew patrols so many metres, as coverage has it."""
    kinds = ("boat",) if afloat else LAND
    total = 0.0
    for name in kinds:
        kind = CROSSERS[name]
        reach = np.array([asset.reach_m * kind.reach.get(CLASS[asset.kind], 0.0)])
        within = exposure(reach, np.zeros(1), kind.speed) + 2 * reach / asset.speed_m_s
        revisit = np.array([length / asset.speed_m_s])
        total += float(detection_probability(asset.detects, within, revisit)[0]) if reach[0] > 0 else 0.0
    return total / len(kinds)
