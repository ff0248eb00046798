"""Lateral range curves: how likely a sensor detects who crosses, by how far from it they cross.

Koopman's notion (*Search and Screening*, 1946), measured by trials: somebody crosses at known distances, and
the share that the sensor reported is noted. A curve is given over shares of a sensor's reach, so that one
serves all sensors of a class, whatever the reach of each:

[[curve]]
sensor = "radar"                   # class of the sensor
crosser = "walker"
share = [0.2, 0.3, 0.35]           # of its reach; nearer than the first as there, beyond 1 nothing
detects = [1.0, 0.6, 0.0]
# reach_m = 15000                  # only of those with that reach, such as one model
"""

from collections.abc import Iterator

import msgspec
import numpy as np

from watchfloor.planning.coverage.axis import Floats
from watchfloor.planning.coverage.crossers import CROSSERS


class Curve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A curve of one class of sensor for one kind of crosser: probabilities at shares of the reach.

    With `reach_m` it is of the sensors of that class with that reach alone, and goes before one without.
    """

    sensor: str
    crosser: str
    share: tuple[float, ...]
    detects: tuple[float, ...]
    reach_m: float | None = None

    @property
    def name(self) -> str:
        """Sensor, crosser and reach: there is one curve of each."""
        reach = "" if self.reach_m is None else f" at {self.reach_m:g} m"
        return f"{self.sensor} and {self.crosser}{reach}"

    def chance(self, metres: Floats, reach: float) -> Floats:
        """Return the probability of detection of who crosses so far from a sensor."""
        return np.interp(metres / reach, self.share, self.detects) * (metres <= reach)


def choose(curves: tuple[Curve, ...], sensor: str, crosser: str, reach: float) -> Curve | None:
    """Return the curve of a sensor of a class and reach for a kind of crosser, where trials gave one."""
    mine = [one for one in curves if (one.sensor, one.crosser) == (sensor, crosser)]
    for wanted in (reach, None):
        for one in mine:
            if one.reach_m == wanted:
                return one
    return None


def problems(one: Curve) -> Iterator[tuple[str, str]]:
    """Yield each field that cannot be used, and why."""
    if one.crosser not in CROSSERS:
        yield "crosser", f"{one.crosser!r} is no kind of crosser: {', '.join(CROSSERS)}"
    if not one.share or len(one.share) != len(one.detects):
        yield "detects", "give as many probabilities as shares of the reach, one at least"
    rises = all(before < after for before, after in zip(one.share, one.share[1:], strict=False))
    if not rises or not all(0 <= each <= 1 for each in one.share):
        yield "share", "shares of the reach rise, from 0 to 1"
    if not all(0 <= each <= 1 for each in one.detects):
        yield "detects", "a probability goes from 0 to 1"
