"""Risk along the line: crossings that were detected, corrected for where and when somebody looked.

Crossings of a cell (a stretch of the line at a watch of the day) are Poisson with an unknown rate per
kilometre and hour, and are counted only while something looks. So the count has the mean rate x exposure,
exposure being the kilometre-hours of the cell, each weighted by the chance that a crossing then and there is
seen. With a gamma prior of the line's own mean rate the posterior is gamma again (A. Gelman and others,
Bayesian Data Analysis, 3rd ed., section 2.6): where nobody looked it is the prior, and each hour in which
nothing was found lowers it.
"""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from msgspec import Struct

from watchfloor.cell.current_signals import signals
from watchfloor.core.marking import joined
from watchfloor.desks.surveillance.events.crossing import RULE
from watchfloor.planning.coverage.axis import BEYOND, Axis
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.estimate import LONGEST, Coverage, coverage_of
from watchfloor.policy.policy import Reader
from watchfloor.reference import border
from watchfloor.store.floor import Floor

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

STRETCH: Final = 10
"""Kilometres of a cell: what a drone patrols in one flight."""
WATCHES: Final = 4
"""Watches of a day, from midnight on, by the clock of coverage.toml."""
WEIGHT: Final = 1.0
"""Crossings that the prior counts for. Judgement: one where nobody looked before doubles the rate."""
LAND: Final = ("walker", "vehicle")
"""Kinds of crosser whose mean chance of being seen holds for land; on water it is that of a boat."""


class Risk(Struct, frozen=True):
    """Rates of the cells, each of shape (watches, stretches).

    Attributes:
        crossings: that were detected, each counted by its probability.
        exposure: kilometre-hours, each weighted by the chance that a crossing is seen.
        rate: posterior mean, crossings a kilometre and hour.
        prior: the mean of the line, where nobody looked; 0: no crossing was detected.
        signals: how many signals it rests on.
        marking: of the signals and of the coverage.
    """

    crossings: Floats
    exposure: Floats
    rate: Floats
    prior: float
    signals: int
    marking: str


def stretches(where: Axis) -> int:
    """Return how many stretches the line has."""
    return -(-len(where) // STRETCH)


def afloat(where: Axis) -> npt.NDArray[np.bool_]:
    """Return which stretches are water, by their middle."""
    middles = (min(at * STRETCH + STRETCH // 2, len(where) - 1) for at in range(stretches(where)))
    return np.array([where.stretch(km).ground != "land" for km in middles])


def watch_of(moment: datetime, zone: ZoneInfo) -> int:
    """Return the watch of the day in which a moment lies."""
    return moment.astimezone(zone).hour * WATCHES // 24


def chance(found: Coverage, missed: Floats) -> Floats:
    """Return the chance that a crossing is seen, of shape (kilometres, hours), from what each kind misses."""
    kinds = list(CROSSERS)
    land = 1.0 - missed[[kinds.index(kind) for kind in LAND]].mean(0)
    water = [found.where.stretch(km).ground != "land" for km in range(len(found.where))]
    return np.asarray(np.where(np.array(water)[:, None], 1.0 - missed[kinds.index("boat")], land))


def by_cell(values: Floats, watch: Numbers) -> Floats:
    """Sum values of kilometres and hours by watch of the day and stretch."""
    starts = np.arange(0, len(values), STRETCH)
    by_stretch = np.add.reduceat(values, starts, axis=0)
    return np.stack([by_stretch[:, watch == one].sum(1) for one in range(WATCHES)])


def posterior(crossings: Floats, exposure: Floats) -> tuple[Floats, float]:
    """Return the posterior mean rate of each cell, and the prior one.

    A crossing that was detected was looked at, whatever coverage says: it counts one kilometre-hour at least.
    """
    looked = np.maximum(exposure, crossings)
    total = float(crossings.sum())
    if total <= 0:
        return np.zeros_like(crossings), 0.0
    prior = total / float(looked.sum())
    return (WEIGHT + crossings) / (WEIGHT / prior + looked), prior


def risk_of(
    floor: Floor, reader: Reader, as_of: int | datetime | None = None, now: datetime | None = None
) -> Risk:
    """Compute the risk from the fourteen days before a moment, else before now, of what a reader may see."""
    now = now or floor.now()
    since = now - timedelta(hours=LONGEST - 1)
    found = coverage_of(floor, reader, since, LONGEST, as_of=as_of, now=now)
    zone = found.plan.zoneinfo
    hours = [found.start + timedelta(hours=hour) for hour in range(LONGEST)]
    watch = np.array([watch_of(one, zone) for one in hours])
    exposure = by_cell(chance(found, found.table.missed), watch)
    rows = signals(floor, reader, as_of)
    rows = rows.filter(pc.and_(pc.equal(rows["rule"], RULE), pc.is_valid(rows["latitude"])))
    crossings, markings, count = np.zeros_like(exposure), {found.marking}, 0
    columns = ["since", "at", "latitude", "longitude", "score", "marking"]
    for row in rows.select(columns).to_pylist():
        at = row["since"] or row["at"]
        near = border.load().nearest(row["latitude"], row["longitude"])
        if not found.start <= at <= now or near.alaska[0] or near.metres[0] > BEYOND:
            continue
        cell = watch_of(at, zone), int(near.km[0]) // STRETCH
        crossings[cell] += 1.0 if row["score"] is None else row["score"]
        markings.add(row["marking"])
        count += 1
    rate, prior = posterior(crossings, exposure)
    return Risk(crossings, exposure, rate, prior, count, joined(markings - {""}))
