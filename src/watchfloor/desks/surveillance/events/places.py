"""Places with a radius that rules know of: anchorages and marinas, aerodromes, ports of entry, receivers."""

from math import cos, hypot
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kernels import kernel

Array = npt.NDArray[Any]

METRES = 111_194.926644
"""Metres to a degree of latitude, on the sphere of mean radius."""


class Places(NamedTuple):
    """Circles on the ground.

    Attributes:
        latitude, longitude: of the middles, degrees.
        radius: metres.
    """

    latitude: npt.NDArray[np.float64]
    longitude: npt.NDArray[np.float64]
    radius: npt.NDArray[np.float64]


NOWHERE = Places(np.zeros(0), np.zeros(0), np.zeros(0))
"""No places at all."""


def places(table: pa.Table | None, radius: float) -> Places:
    """Places from a table with `latitude`, `longitude` and, where they differ, `radius` in metres."""
    if table is None:
        return NOWHERE
    # Arrow's columns are read-only, another type to a kernel: all rules would be compiled a second time.
    y, x = (np.require(table[name], np.float64, ("C", "W")) for name in ("latitude", "longitude"))
    size = (
        np.asarray(table["radius"], np.float64) if "radius" in table.column_names else np.full(len(y), radius)
    )
    return Places(y, x, np.where(np.isnan(size), radius, size))


@kernel
def apart(y: float, x: float, other_y: float, other_x: float) -> float:
    """Metres between two places that are near each other, in the plane at their mean latitude."""
    east = (other_x - x + 180.0) % 360.0 - 180.0
    return METRES * hypot(east * cos((y + other_y) / 2 * np.pi / 180), other_y - y)


@kernel
def inside(all_: Places, y: float, x: float, margin: float) -> int:
    """The first place that is within its radius and a margin in metres; -1 for none."""
    for k in range(len(all_.latitude)):
        reach = all_.radius[k] + margin
        if (
            abs(all_.latitude[k] - y) * METRES <= reach
            and apart(y, x, all_.latitude[k], all_.longitude[k]) <= reach
        ):
            return k
    return -1
