"""The size and shape of the Earth."""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

AXIS: Final = 6_378_137.0
"""Semi-major axis of WGS84 (NGA.STND.0036), metres."""
FLATTENING: Final = 1 / 298.257223563
"""Flattening of WGS84."""
MEAN_RADIUS: Final = 6_371_008.8
"""Mean radius (IUGG), metres: good to 5 parts in 1,000 where the Earth is taken for a sphere."""


def great_circle(latitude: Floats, longitude: Floats, to_latitude: Floats, to_longitude: Floats) -> Floats:
    """Return great-circle distances in metres, by the haversine formula on a sphere of the mean radius.

    Args:
        latitude, longitude, to_latitude, to_longitude: degrees, of shapes that broadcast.
    """
    a, b, turn = (np.radians(one) for one in (latitude, to_latitude, to_longitude - longitude))
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(turn / 2) ** 2
    return np.asarray(2 * MEAN_RADIUS * np.arcsin(np.sqrt(np.minimum(1.0, half))))
