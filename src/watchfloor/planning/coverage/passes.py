"""Passes of satellites over the line: what a moment of looking is worth in its hour.

A crossing happens at any moment of its hour alike, and a crosser is in the swath while they go from one edge
of it to the other. So a pass that looks for some seconds meets a crossing of its hour with probability
(width / speed + seconds) / 3600, at most 1, and sees it then with probability `detects`. What sees by light
sees nothing at night, nor where a ceiling is known: more than half of the sky is covered there.

Passes stand in `coverage.toml`, or follow from orbits and orders (`planning.satellites`). In hours that have
begun it is scenes that say what was looked at, and through which clouds: a pass without a scene saw nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import inf
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from watchfloor.casework.tasking.assets import MARKING
from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.planning.coverage.axis import Axis, Floats, Numbers
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.table import Part
from watchfloor.planning.coverage.weather import Weather
from watchfloor.planning.cueing import dark

HOUR: Final = timedelta(hours=1)

SCENES: Final = (
    *("platform", "started", "footprint", "west", "south", "east", "north", "cloud", "resolution", "bands"),
    "marking",
)
"""Columns of a scene that coverage reads."""
FINDS: Final = {"vehicle": 2.5, "boat": 10.0}
"""Metres of a pixel up to which a kind of crosser is found in a scene: half its length. Judgement."""
DETECTS: Final = 0.5
"""Probability that a scene without cloud shows who crosses within it, to who looks it through. Judgement."""
UNKNOWN: Final = 0.5
"""Share under cloud of an optical scene that does not say it. Judgement."""
RADAR: Final = frozenset({"vv", "vh", "hh", "hv", "rh", "rv"})
"""Bands of radars, which see through clouds."""


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


class Overflight(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Satellites that image what they pass over, whose passes are computed.

    Attributes:
        elements: file of their elements, from the floor's folder.
        sensors: file of sensors; empty: those of the package.
        satellites: names; none: all of the file that carry one of the sensors.
        mode: modes of sensors; none: the usual ones.
        width_m, detects, sees, marking: of each pass, see `Pass`.
    """

    elements: str
    sensors: str = ""
    satellites: tuple[str, ...] = ()
    mode: tuple[str, ...] = ()
    width_m: float
    detects: float
    sees: tuple[str, ...] = ("vehicle", "boat")
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
    return _part_of(missed)


def _part_of(missed: Floats) -> Part:
    at_km, at_hour = np.nonzero((missed < 1).any(0))
    return Part(at_km, at_hour, np.ascontiguousarray(1.0 - missed[:, at_km, at_hour]))


def taken(rows: pa.Table, where: Axis, start: datetime, count: int, begun: int) -> dict[str, Part]:
    """Return what scenes showed of the line in the hours that have begun, by platform.

    Args:
        rows: of the kind scene, with `SCENES`.
        where: the line.
        start: the first hour.
        count: how many hours.
        begun: how many of them have begun.
    """
    seen: dict[str, Floats] = {}
    for row in rows.to_pylist():
        hour = (row["started"] - start) // HOUR
        sees = [name for name, finest in FINDS.items() if (row["resolution"] or inf) <= finest]
        if not (0 <= hour < min(begun, count) and sees):
            continue
        km, width = _shown(row, where)
        radar = bool(row["bands"]) and RADAR.issuperset(one.lower() for one in row["bands"])
        cloud = 0.0 if radar else UNKNOWN if row["cloud"] is None else row["cloud"]
        missed = seen.setdefault(row["platform"], np.ones((len(CROSSERS), len(where), count)))
        for number, (name, kind) in enumerate(CROSSERS.items()):
            if name in sees:
                meets = min(width / kind.speed / HOUR.total_seconds(), 1.0)
                missed[number, km, hour] *= 1.0 - DETECTS * (1.0 - min(max(cloud, 0.0), 1.0)) * meets
    return {name: _part_of(missed) for name, missed in sorted(seen.items())}


def _shown(row: Mapping[str, Any], where: Axis) -> tuple[Numbers, float]:
    """Return the cells in the footprint of a scene, and how wide it is: the side of its square, in metres."""
    import shapely  # takes 0.3 s, and most floors have no scenes

    some = np.flatnonzero((where.latitude >= row["south"]) & (where.latitude <= row["north"]))
    shape = shapely.from_geojson(row["footprint"])
    inside = some[shapely.contains_xy(shape, where.longitude[some], where.latitude[some])]
    metres = MEAN_RADIUS * np.radians(1.0)
    across = np.cos(np.radians((row["south"] + row["north"]) / 2))
    return inside, float(np.sqrt(max(shape.area, 0.0) * across) * metres)
