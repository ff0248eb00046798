"""In which unit a table states speeds that it names no unit of: found from how far its objects moved.

Receivers of self-reports write speed over ground in knots and often do not say so. Where the rows claim
identities, an object's path between two of its rows over the time between them is its speed, a little less
where it turned. The middle of the quotients of that and of what is stated is then near the size of the unit.
"""

from typing import Final

import numpy as np

from watchfloor.formats.detection_cells import F8, Coded

UNITS: Final = {"m/s": 1.0, "kn": 1852 / 3600, "km/h": 1 / 3.6}
"""Units that are told apart, in metres a second."""
LEAST_PAIRS: Final = 20
"""Pairs of rows; fewer tell nothing."""
LEAST_SPEED: Final = 2.0
"""Stated speed of a pair, in its unit: of slow objects the errors of places tell more than motion."""
LONGEST: Final = 600.0
"""Seconds between two rows of a pair."""
WITHIN: Final = 1.15
"""How far, as a factor, the middle may be off a unit."""
_DEGREE: Final = 111_194.9
"""Metres of a degree of a great circle of the mean radius."""


def unit(t: F8, place: F8, of: Coded, speed: F8, *, geographic: bool) -> str | None:
    """The unit of some speeds; None where motion does not tell.

    Args:
        t: times, s.
        place: x and y, m, or longitude and latitude, degree; shape [n, 2].
        of: whose row each is.
        speed: as stated.
        geographic: whether places are longitude and latitude.
    """
    good = np.flatnonzero((of.codes >= 0) & np.isfinite(t + speed + place[:, 0] + place[:, 1]))
    rows = good[np.lexsort((t[good], of.codes[good]))]
    first, second = rows[:-1], rows[1:]
    apart = t[second] - t[first]
    stated = (speed[first] + speed[second]) / 2
    pair = (of.codes[first] == of.codes[second]) & (apart > 0) & (apart <= LONGEST) & (stated >= LEAST_SPEED)
    if np.count_nonzero(pair) < LEAST_PAIRS:
        return None
    moved = _between(place[first[pair]], place[second[pair]], geographic=geographic)
    middle = float(np.median(moved / apart[pair] / stated[pair]))
    return next((name for name, size in UNITS.items() if size / WITHIN <= middle <= size * WITHIN), None)


def _between(one: F8, other: F8, *, geographic: bool) -> F8:
    """Metres between places that are near each other."""
    east, north = (other - one).T
    if geographic:
        east = ((east + 180) % 360 - 180) * np.cos(np.radians((one[:, 1] + other[:, 1]) / 2)) * _DEGREE
        north = north * _DEGREE
    return np.asarray(np.hypot(east, north))
