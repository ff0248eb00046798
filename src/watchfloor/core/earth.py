"""The size and shape of the Earth."""

from typing import Final

AXIS: Final = 6_378_137.0
"""Semi-major axis of WGS84 (NGA.STND.0036), metres."""
FLATTENING: Final = 1 / 298.257223563
"""Flattening of WGS84."""
MEAN_RADIUS: Final = 6_371_008.8
"""Mean radius (IUGG), metres: good to 5 parts in 1,000 where the Earth is taken for a sphere."""
