"""A clutter map: places from which a scanning sensor gets returns again and again, though nothing goes there.

Piers, buoys, a bridge, and the side of the ship that carries the sensor. Places are cells of ten metres of
the ground, and rings about the sensor's own place; a return is sought in the four cells nearest to it, for
returns of one thing jitter. Those that no vessel explains which has moved are counted over the scans since
the first, as in the clutter maps of surveillance radars (M. Skolnik, Introduction to Radar Systems, 3rd ed.
2001, 7.8). A cell counts once its returns have come on `VISITS` occasions: who passes is there once. It is a
density of stray reports: a boat beside a pier is followed, on more evidence. The map is part of the tracker's
state and is kept where that is.
"""

import math
from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking.places import across
from watchfloor.desks.surveillance.tracking.reports import POSITION
from watchfloor.desks.surveillance.tracking.sensors import GROWN
from watchfloor.desks.surveillance.tracking.track_output import STILL

SIDE: Final = 10.0
"""Metres of a cell's side."""
RING: Final = 8.0
"""Metres from ring to ring about the sensor."""
ABOARD: Final = 48.0
"""Metres from the sensor within which returns may be of the ship that carries it."""
OCCASION: Final = 8.0
"""Seconds without a return after which the next one is another occasion."""
VISITS: Final = 3
"""Occasions from which on a place is known for its returns."""
FADE: Final = 400
"""Scans since its first return after which half of what a cell has counted is forgotten."""
CELLS: Final = 1 << 14
"""Cells that are remembered; where two fall on one place, what was not met with for long gives way."""
STALE: Final = 120.0
"""Seconds after which one that is no known place gives way."""
KIND: Final = np.dtype(
    [("key", "u8"), ("since", "i8"), ("last", "f8"), ("hits", "f8"), ("visits", "f8")], align=True
)
"""A cell: the scan of its sensor that its count begins with, when it was met with `last` (s), in how many
scans since, and on how many occasions."""
AROUND: Final = 1 << 40
"""Row of the rings."""


@kernel(error_model="numpy")
def _key(sensor: int, column: int, row: int) -> Any:
    """Hash of a cell of a sensor, never 0."""
    h = np.uint64(sensor + 1) * np.uint64(0x9E3779B97F4A7C15)
    for part in (column, row):
        h = (h ^ np.uint64(part)) * np.uint64(0xD6E8FEB86659FD93)
        h ^= h >> np.uint64(32)
    return h | np.uint64(1)


@kernel(error_model="numpy")
def _rate(table: Any, key: Any, frames: int) -> Any:
    """Returns a scan from a cell, 0 where it is no known place."""
    cell = table[key & np.uint64(len(table) - 1)]
    if cell.key != key or cell.visits < VISITS:
        return 0.0
    return cell.hits / max(frames - cell.since + 1, 1)


@kernel(error_model="numpy")
def _ring(report: Any, e: float, n: float, sensor: Any) -> Any:
    """The ring about the sensor's own place, -1 for none."""
    if report.sensor_place[0] != report.sensor_place[0]:
        return -1
    oe, on = across(sensor.anchor, report.sensor_place)
    far = math.hypot(e - oe, n - on)
    return int(far / RING) if far < ABOARD else -1


@kernel(error_model="numpy")
def densities(feed: Any, sensor: Any, number: int, table: Any, density: Any, share: Any) -> None:
    """Raise the density of stray reports to that of known places; `share` becomes the part that these are."""
    for j in range(len(feed)):
        if feed[j].measure != POSITION:
            continue
        e, n = across(sensor.anchor, feed[j].place)
        column, row = math.floor(e / SIDE - 0.5), math.floor(n / SIDE - 0.5)
        known = 0.0
        for a in range(2):
            for b in range(2):
                known += _rate(table, _key(number, column + a, row + b), sensor.frames)
        known /= 4 * SIDE * SIDE
        ring = _ring(feed[j], e, n, sensor)
        if ring >= 0:
            about = _rate(table, _key(number, ring, AROUND), sensor.frames)
            known = max(known, about / (math.pi * RING * RING * (2 * ring + 1)))
        if known > 0:
            share[j] = known / (density[j] + known)
            density[j] += known


@kernel(error_model="numpy")
def learn(
    feed: Any,
    time: float,
    tracks: Any,
    scratch: Any,
    start: Any,
    report: Any,
    given: Any,
    sensor: Any,
    number: int,
    table: Any,
) -> None:
    """Count the returns of a scan that no vessel explains which has moved."""
    left = np.ones(len(feed))
    for c in range(len(start) - 1):
        track = tracks[scratch[c].slot]
        if track.hits >= GROWN and track.roam >= STILL:
            for p in range(start[c], start[c + 1]):
                left[report[p]] -= given[p]
    for j in range(len(feed)):
        if feed[j].measure != POSITION or left[j] < 0.5:
            continue
        e, n = across(sensor.anchor, feed[j].place)
        key = _key(number, math.floor(e / SIDE), math.floor(n / SIDE))
        _count(table[key & np.uint64(len(table) - 1)], key, time, sensor.frames)
        ring = _ring(feed[j], e, n, sensor)
        if ring >= 0:
            key = _key(number, ring, AROUND)
            _count(table[key & np.uint64(len(table) - 1)], key, time, sensor.frames)


@kernel(error_model="numpy")
def _count(cell: Any, key: Any, time: float, frames: int) -> None:
    """Count a return from a cell."""
    if cell.key != key:
        if cell.key != 0 and cell.visits >= VISITS and time < cell.last + 10 * STALE:
            return
        if cell.key != 0 and time < cell.last + STALE / 10:
            return
        cell.key, cell.since, cell.hits, cell.visits, cell.last = key, frames, 0.0, 0.0, -np.inf
    if time > cell.last + OCCASION:
        cell.visits += 1
    cell.hits += 1
    cell.last = max(cell.last, time)
    if frames - cell.since > FADE:
        cell.hits *= 0.5
        cell.since = frames - FADE // 2
