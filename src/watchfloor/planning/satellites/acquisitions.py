"""Acquisitions: what one pass of a satellite can image of the line in one go, for each place of its swath.

Passes of neighbouring kilometres within `PAUSE` of each other are one flight over. Where a mode images less
than it could see (`scene_km`), its swath can be put at several distances from the track, half a swath apart.
"""

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.planning.satellites.calendar import Calendar, Observer, Passes
from watchfloor.planning.satellites.orbit import GRAVITY

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

PAUSE: Final = 60.0
"""Seconds without a kilometre of the line after which an instrument stops and begins again."""
LEAD: Final = 10.0
"""Seconds before the first and after the last kilometre. Judgement: a scene is longer than a point."""


class Acquisition(NamedTuple):
    """A stretch, or several, imaged by one sensor in one go.

    Attributes:
        observer: number of the satellite and mode.
        start, end: seconds from the beginning of the window.
        revolution: number of the satellite's revolution.
        km: numbers of points, in order.
        incidence: degrees, least and most.
        left, north: whether it looks to its left, and flies north.
        sun: degrees, the mean.
        clear: probability of a clear sky at each kilometre; 1 for radar.
    """

    observer: int
    start: float
    end: float
    revolution: int
    km: Numbers
    incidence: tuple[float, float]
    left: bool
    north: bool
    sun: float
    clear: Floats

    @property
    def seconds(self) -> float:
        """Return how long it takes."""
        return self.end - self.start

    def runs(self) -> list[tuple[int, int]]:
        """Return the runs of neighbouring points: the first, and the one after the last."""
        breaks = [0, *(np.flatnonzero(np.diff(self.km) > 1) + 1).tolist(), len(self.km)]
        return [(int(self.km[first]), int(self.km[last - 1]) + 1) for first, last in pairwise(breaks)]


def acquisitions(made: Calendar, passes: Passes, clear: Floats | None = None) -> list[Acquisition]:
    """Return everything that could be imaged, by observer and time.

    Args:
        made: observers over a window, with times.
        passes: of them over the points.
        clear: probability of a clear sky at each pass; without it 1.
    """
    until = np.array([one.until for one in made.observers])
    keep = passes.usable & (passes.at < until[passes.observer])
    some, chance = passes.where(keep), (np.ones(len(passes.at)) if clear is None else clear)[keep]
    found: list[Acquisition] = []
    for number, observer in enumerate(made.observers):
        own = np.flatnonzero(some.observer == number)
        own = own[np.argsort(some.at[own], kind="stable")]
        # What looks to both sides images both at once; others have one side in a pass.
        breaks = np.flatnonzero(np.diff(some.at[own]) > PAUSE) + 1
        for rows in np.split(own, breaks):
            if rows.size:
                found += _of_flight(number, observer, some.where(rows), chance[rows])
    return found


def _of_flight(number: int, observer: Observer, some: Passes, chance: Floats) -> list[Acquisition]:
    """Return the acquisitions of one flight over, one for each place of the swath."""
    sensor = observer.sensor
    if not sensor.scene_km:
        return [_acquisition(number, observer, some, chance)]
    away = across(some.incidence, observer.track.radius)
    width = sensor.scene_km * 1_000.0
    first, last = float(away.min()), float(away.max())
    offsets = np.arange(first, max(last - width, first) + width / 2, width / 2)
    seen: set[bytes] = set()
    found = []
    for offset in np.minimum(offsets, max(last - width, first)).tolist():
        within = (away >= offset - 1.0) & (away <= offset + width + 1.0)
        if (key := within.tobytes()) not in seen and within.any():
            seen.add(key)
            found.append(_acquisition(number, observer, some.where(within), chance[within]))
    return found


def across(incidence: Floats, radius: float) -> Floats:
    """Return metres on the ground from the track to where the incidence is that, on a sphere."""
    angle = np.radians(incidence)
    return np.asarray(MEAN_RADIUS * (angle - np.arcsin(np.sin(angle) * MEAN_RADIUS / radius)))


def _acquisition(number: int, observer: Observer, some: Passes, chance: Floats) -> Acquisition:
    order = np.argsort(some.point, kind="stable")
    start, end = float(some.at.min()) - LEAD, float(some.at.max()) + LEAD
    period = 2 * np.pi * np.sqrt(observer.track.radius**3 / GRAVITY)
    return Acquisition(
        number,
        start,
        end,
        int(start // period),
        some.point[order],
        (float(some.incidence.min()), float(some.incidence.max())),
        bool(some.left[0]),
        bool(some.north[0]),
        float(some.sun.mean()),
        chance[order],
    )
