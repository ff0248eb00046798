"""Crews that move, when they can go, and the tours that each can travel.

A tour goes from the base to a run of stretches, patrols it to and fro and returns, within the duty, the
endurance and one watch of the day. It has one run of stretches. Where a base with fuel is nearer to it, it
may refuel there on the way out and on the way back.
"""

import math
from collections.abc import Iterator, Sequence
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
from watchfloor.planning.patrols.operations import Base
from watchfloor.planning.patrols.risk import LAND, STRETCH, WATCHES, afloat, stretches, watch_of
from watchfloor.planning.readiness import UNKNOWN, Readiness

Floats = npt.NDArray[np.float64]

QUARTERS: Final = 4
"""Steps of an hour in which duty is counted."""
MOST_STRETCHES: Final = 12
"""Stretches that one tour patrols at most: 120 km. Judgement; it keeps the choice small."""
WATCH_S: Final = 24 * 3600.0 / WATCHES
REFUELLING_S: Final = 1800.0
"""From landing to take-off with full tanks. Judgement."""


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
        stop: base at which it refuels on the way out and on the way back; None: nowhere.
    """

    crew: str
    watch: int
    first: int
    last: int
    seconds: float
    seen: tuple[float, ...]
    stop: Base | None = None


class Crew(Struct, frozen=True):
    """An asset that goes out, with its duties and, by watch and seconds of duty, its tours.

    Attributes:
        teams: who crew it, each with the seconds of duty that they have in a week; none: one of its own name.
    """

    name: str
    asset: Asset
    duties: tuple[Duty, ...]
    tours: dict[tuple[int, float], tuple[Tour, ...]]
    teams: tuple[tuple[str, float], ...] = ()

    def outings(self, most_seconds: float) -> list[tuple[str, int]]:
        """Return how often in a week each team can make the longest tour, where each has so many seconds."""
        longest = max((one.seconds for each in self.tours.values() for one in each), default=0.0)
        teams = self.teams or ((self.name, most_seconds),)
        return [(name, int(min(left, most_seconds) // longest) if longest else 0) for name, left in teams]


def duties(
    found: Coverage, name: str, asset: Asset, zone: ZoneInfo, ready: Readiness = UNKNOWN
) -> tuple[list[Duty], bool]:
    """Return when a crew can be out, and whether dark or weather keeps it in at other times of its duty.

    Without a watch in coverage.toml it can be out at any hour at which it is ready.
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
    moments = [found.start + at * timedelta(hours=1) / QUARTERS for at in range(len(steps))]
    steps &= [ready.begins <= one < ready.ends for one in moments]
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


def tours(
    where: Axis,
    name: str,
    asset: Asset,
    watch: int,
    seconds: float,
    stops: Sequence[Base] = (),
    frozen: npt.NDArray[np.bool_] | None = None,
) -> Iterator[Tour]:
    """Yield the tours that a crew can travel in so many seconds of duty, with most time for the patrol.

    Args:
        where: the line.
        name: of the crew.
        asset: that it goes out with.
        watch: of the day.
        seconds: of duty.
        stops: bases where it can refuel on the way.
        frozen: kilometres where no boat can go.
    """
    count, wet = stretches(where), afloat(where)
    water = wet.copy()
    if frozen is not None:
        water &= ~np.maximum.reduceat(frozen, np.arange(0, len(where), STRETCH))
    middle = np.minimum(np.arange(count) * STRETCH + STRETCH // 2, len(where) - 1)
    detour = DETOUR if asset.kind not in ("aircraft", "drone") else 1.0

    def takes(place: Asset | Base, latitude: Floats, longitude: Floats) -> Floats:
        apart = great_circle(np.asarray(place.latitude), np.asarray(place.longitude), latitude, longitude)
        return np.asarray(apart * detour / asset.speed_m_s)

    most = min(seconds - asset.ready_s, WATCH_S)
    # Each way to the line: the time to each stretch from where the tanks were filled last, the time that is
    # left from there and back, and the time before and after that.
    ways: list[tuple[Base | None, Floats, float, float]] = [
        (
            None,
            takes(asset, where.latitude[middle], where.longitude[middle]),
            min(most, asset.endurance_s),
            0.0,
        )
    ]
    for stop in stops:
        there = float(takes(asset, np.asarray(stop.latitude), np.asarray(stop.longitude)))
        spent = 2 * (there + REFUELLING_S)
        left = min(most - spent, asset.endurance_s)
        if there <= asset.endurance_s and left > 0:
            ways.append((stop, takes(stop, where.latitude[middle], where.longitude[middle]), left, spent))
    near = np.flatnonzero(np.any([way * 2 < left for _, way, left, _ in ways], axis=0))
    chances = {}
    for first in near.tolist():
        for last in range(first, min(first + MOST_STRETCHES, count)):
            if asset.kind == "boat" and not water[last]:
                break
            length = (last - first + 1) * STRETCH * 1_000.0
            once = length / asset.speed_m_s
            # Out to the nearer end, back from the farther one: never longer than this.
            patrols, at = max(
                (float(left - way[first] - way[last]), -number)
                for number, (_, way, left, _) in enumerate(ways)
            )
            if patrols < once:
                continue
            stop_at, _, left, spent = ways[-at]
            for ground in (False, True):
                if (length, ground) not in chances:
                    chances[length, ground] = _chance(asset, length, afloat=ground)
            seen = tuple(
                chances[length, bool(wet[at])] * min(1.0, patrols / WATCH_S) for at in range(first, last + 1)
            )
            yield Tour(name, watch, first, last, asset.ready_s + left + spent, seen, stop_at)


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
