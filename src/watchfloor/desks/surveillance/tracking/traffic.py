"""Where objects are met with: a histogram of places on four scales, learned of sensors that do not scan.

A new object appears where others do, in a harbour rather than on the open sea. Each object counts once in
each cell that it comes into, so one that lies at its berth all day counts as one.
"""

import math
from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel

SIDES: Final = np.array([1e3, 4e3, 1.6e4, 6.4e4])
"""Metres, of the cells of each scale."""
WEIGHTS: Final = np.array([0.3, 0.3, 0.2, 0.1])
"""How far each scale is believed; the rest is for the whole area."""
CELLS: Final = 1 << 14
"""Cells that are remembered; of two that fall on one place the less counted gives way."""
KIND: Final = np.dtype([("key", "u8"), ("count", "f8")], align=True)


@kernel(error_model="numpy")
def _key(place: Any, scale: int, sensor: int) -> Any:
    """Hash of the cell of a place, never 0."""
    h = np.uint64(sensor * 4 + scale + 1) * np.uint64(0x9E3779B97F4A7C15)
    for k in range(3):
        h = (h ^ np.uint64(np.int64(math.floor(place[k] / SIDES[scale])))) * np.uint64(0xD6E8FEB86659FD93)
        h ^= h >> np.uint64(32)
    return h | np.uint64(1)


@kernel(error_model="numpy")
def note(table: Any, totals: Any, sensor: int, place: Any, before: Any) -> None:
    """Count an object at `place`, on each scale on which it was in another cell `before` (NaN: nowhere)."""
    for scale in range(len(SIDES)):
        key = _key(place, scale, sensor)
        if before[0] == before[0] and _key(before, scale, sensor) == key:
            continue
        cell = table[key & np.uint64(len(table) - 1)]
        totals[scale] += 1
        if cell.key == key:
            cell.count += 1
        elif cell.count < 1:
            cell.key, cell.count = key, 1.0
        else:
            cell.count -= 1


@kernel(error_model="numpy")
def share(table: Any, totals: Any, sensor: int, place: Any, area: float) -> Any:
    """Probability density, per m², of a new object's place; `area` is that of the whole view."""
    density = 0.1 / area
    for scale in range(len(SIDES)):
        key = _key(place, scale, sensor)
        cell = table[key & np.uint64(len(table) - 1)]
        count = cell.count if cell.key == key else 0.0
        side = SIDES[scale]
        density += WEIGHTS[scale] * (count / (side * side) + 10 / area) / (totals[scale] + 10)
    return density
