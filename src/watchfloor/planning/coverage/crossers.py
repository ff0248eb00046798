"""Who may cross, and how well each kind of sensor sees them.

The figures are judgement, to be replaced by those of trials: they are in one table so that they can be.
"""

from typing import Final, NamedTuple


class Crosser(NamedTuple):
    """A kind of crosser.

    Attributes:
        speed: metres a second while it crosses.
        height: metres above the ground of what is seen of it.
        reach: share of a sensor's reach within which it is seen, by class of sensor; none: it is not.
    """

    speed: float
    height: float
    reach: dict[str, float]


CROSSERS: Final = {
    "walker": Crosser(
        1.2, 1.7, {"camera": 0.6, "radar": 0.6, "ground-sensor": 1.0, "drone": 0.8, "aircraft": 0.6}
    ),
    "vehicle": Crosser(
        8.0, 1.7, {"camera": 1.0, "radar": 1.0, "ground-sensor": 1.0, "drone": 1.0, "aircraft": 1.0}
    ),
    "boat": Crosser(7.0, 1.5, {"camera": 1.0, "radar": 0.8, "drone": 1.0, "aircraft": 1.0, "vessel": 1.0}),
    "aircraft": Crosser(40.0, 100.0, {"camera": 0.8, "radar": 1.0}),
}
"""By name. A receiver of AIS or ADS-B sees only who wants to be seen, and so nobody here."""

AFLOAT: Final = frozenset({"boat"})
"""Kinds that cross on water only. Who walks or drives may cross a lake or river on its ice."""
