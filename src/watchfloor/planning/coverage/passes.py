"""Passes of satellites over the line: what a moment of looking is worth in its hour.

A crossing happens at any moment of its hour alike, and a crosser is in the swath while they go from one edge
of it to the other. So a pass that looks for some seconds meets a crossing of its hour with probability
(width / speed + seconds) / 3600, at most 1, and sees it then with probability `detects`. What sees by light
sees nothing at night, nor where a ceiling is known: more than half of the sky is covered there.

Whoever knows orbits yields `Pass`es; until a desk does, they stand in `coverage.toml`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec
import numpy as np

from watchfloor.casework.tasking.assets import MARKING
from watchfloor.planning.coverage.axis import Axis
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.table import Part
from watchfloor.planning.coverage.weather import Weather
from watchfloor.planning.cueing import dark

HOUR: Final = timedelta(hours=1)


class Pass(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One pass of a satellite over the line.

    Attributes:
        name: of the satellite and its mode.
        at: when, with a time zone.
        km: the stretch in its footprint.
        width_m: of the footprint, across the line.
        detects: probability that it detects what is in the footprint while it looks.
        sees: kinds of crosser that it can detect.
        seconds: for which it looks at a place.
        optical: whether it sees by light.
        marking: who may know of it.
    """

    name: str
    at: datetime
    km: tuple[float, float]
    width_m: float
    detects: float
    sees: tuple[str, ...] = ("vehicle", "boat")
    seconds: float = 0.0
    optical: bool = False
    marking: str = MARKING


def part(
    passes: Iterable[Pass], where: Axis, start: datetime, count: int, begun: int, weather: Weather | None
) -> Part:
    """Return what the passes of one satellite see in the hours that have not begun."""
    missed = np.ones((len(CROSSERS), len(where), count))
    for one in passes:
        hour = (one.at - start) // HOUR
        if not begun <= hour < count:
            continue
        km = np.arange(int(one.km[0]), min(int(np.ceil(one.km[1])), len(where)))
        clear = np.ones(len(km), bool)
        if one.optical:
            clear &= ~dark(where.latitude[km], where.longitude[km], one.at)
            if weather is not None:
                clear &= np.isnan(weather.ceiling[km, hour])
        for number, (name, kind) in enumerate(CROSSERS.items()):
            if name in one.sees:
                meets = min((one.width_m / kind.speed + one.seconds) / HOUR.total_seconds(), 1.0)
                missed[number, km, hour] *= 1.0 - one.detects * meets * clear
    at_km, at_hour = np.nonzero((missed < 1).any(0))
    return Part(at_km, at_hour, np.ascontiguousarray(1.0 - missed[:, at_km, at_hour]))
