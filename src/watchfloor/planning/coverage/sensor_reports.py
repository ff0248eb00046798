"""Parts of the table of past hours, from the records of coverage that sensors sent."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import replace

from watchfloor.casework.tasking.assets import Asset
from watchfloor.planning.coverage import lateral_range
from watchfloor.planning.coverage.axis import BEYOND, Axis, Floats, Numbers, samples_from
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.schedule import CLEAR, Conditions
from watchfloor.planning.coverage.table import Part

Mask = npt.NDArray[np.bool_]
NOBODY: Final[Mapping[str, Asset]] = {}

COLUMNS: Final = (
    *("sensor", "observed_at", "until", "state", "latitude", "longitude", "nearest", "farthest"),
    *("azimuth_from", "azimuth_to", "detects", "class", "marking"),
)
LASTS: Final = timedelta(minutes=10)
"""How long a report without an end holds, unless the sensor reports again."""
DETECTS: Final = 0.8
"""Probability of detection of a sensor that does not say it: judgement."""
SECONDS: Final = 3_600.0
"""Of an hour."""


def parts(
    rows: pa.Table,
    where: Axis,
    start: datetime,
    count: int,
    conditions: Conditions = CLEAR,
    fleet: Mapping[str, Asset] = NOBODY,
) -> dict[str, Part]:
    """Return what each sensor saw, hour by hour.

    A crossing is taken to happen at any moment of its hour alike, so a sensor that looked for a share of the
    hour sees it with that share of its probability of detection.

    Args:
        rows: of the kind coverage, with `COLUMNS`.
        where: the line.
        start: the first hour.
        count: of hours.
        conditions: hills and weather.
        fleet: assets by name: of a sensor of that name its mast, and whether it sees warmth.
    """
    end = start + timedelta(hours=count)
    rows = rows.filter(pc.equal(rows["state"], "looking"))
    reports = rows.sort_by([("sensor", "ascending"), ("observed_at", "ascending")]).to_pylist()
    seen: dict[str, dict[tuple[int, int], Floats]] = {}
    places: dict[tuple[object, ...], tuple[Numbers, Floats, Mask]] = {}
    counted = start  # up to where this sensor's time is counted: two reports may tell of the same minutes
    sensor = None
    for row, after in zip(reports, [*reports[1:], None], strict=False):
        if row["sensor"] != sensor:
            sensor, counted = row["sensor"], start
        if row["class"] is None or None in (row["latitude"], row["longitude"], row["farthest"]):
            continue
        next_at = after["observed_at"] if after and after["sensor"] == row["sensor"] else end
        until = min(row["until"] or min(row["observed_at"] + LASTS, next_at), end)
        since, counted = max(row["observed_at"], counted), max(counted, until)
        if until <= since:
            continue
        view = *(row[name] for name in COLUMNS[4:12]), row["sensor"] if row["sensor"] in fleet else ""
        asset = fleet.get(row["sensor"])
        if view not in places:
            places[view] = _in_view(row, where, asset, conditions, count)
        km, chance, through = places[view]
        cells = seen.setdefault(row["sensor"], {})
        begins, ends = ((one - start).total_seconds() / SECONDS for one in (since, until))
        for hour in range(int(begins), min(count, int(np.ceil(ends)))):
            share = min(ends, hour + 1) - max(begins, hour)
            for cell, each, clear in zip(km.tolist(), chance.T, through[:, hour].tolist(), strict=True):
                if not clear:
                    continue
                cells[cell, hour] = cells.get((cell, hour), np.zeros(len(CROSSERS))) + share * each
    return {name: _part(cells) for name, cells in seen.items() if cells}


def _in_view(
    row: dict[str, Any], where: Axis, asset: Asset | None, conditions: Conditions, count: int
) -> tuple[Numbers, Floats, Mask]:
    """Return the cells that a sensor sees, how likely each kind of crosser there, and in which hours.

    The last is of shape (cells, hours): whether it sees so far through the air.
    """
    farthest = row["farthest"]
    km, metres, bearing = where.near(row["latitude"], row["longitude"], farthest + BEYOND)
    left, right = row["azimuth_from"], row["azimuth_to"]
    within = metres >= (row["nearest"] or 0.0)
    if left is not None and right is not None and left != right:
        within &= (bearing - left) % 360 <= (right - left) % 360
    km, metres = km[within], metres[within]
    detects = DETECTS if row["detects"] is None else row["detects"]
    points = samples_from(row["latitude"], row["longitude"], km)
    chance = np.zeros((len(CROSSERS), len(km)))
    for number, (name, kind) in enumerate(CROSSERS.items()):
        curve = lateral_range.choose(conditions.curves, row["class"], name, farthest)
        reach = kind.reach.get(row["class"], 0.0) * farthest
        chances = curve.chance(points, farthest) if curve else detects * (points <= reach) * (reach > 0)
        chance[number] = chances.mean(1)
    some = (metres <= farthest) | chance.any(0)
    km, metres, chance = km[some], metres[some], chance[:, some]
    clear = np.ones((len(km), count), bool)
    if conditions.weather:
        thermal = asset is not None and asset.thermal
        clear = metres[:, None] <= conditions.weather.reach(str(row["class"]), thermal, km)
    if asset is not None and row["class"] == asset.kind:
        place = {"latitude": row["latitude"], "longitude": row["longitude"], "reach_m": row["farthest"]}
        if (sight := conditions.sight(replace(asset, **place))) is not None:
            chance[:, np.isin(km, sight.km)] *= sight.share[:, np.isin(sight.km, km)]
    return km, chance, clear


def _part(cells: dict[tuple[int, int], Floats]) -> Part:
    keys = sorted(cells)
    numbers = np.array(keys, np.int64).reshape(-1, 2)
    chance = np.minimum(np.array([cells[key] for key in keys]).T, 1.0)
    return Part(numbers[:, 0].copy(), numbers[:, 1].copy(), np.ascontiguousarray(chance))
