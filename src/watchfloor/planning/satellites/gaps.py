"""Gaps: for how long nobody looks at a point, between one pass and the next.

A gap is from the end of a look to the start of the next one; passes that overlap are one look. Mean, median
and the 95th per cent are of gaps that begin and end in the window. The longest one may also be what the
window cuts off at its beginning or end: nobody looked then either.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.planning.satellites.calendar import CHUNK, Calendar, Passes
from watchfloor.planning.satellites.clouds import Climatology

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

HOUR: Final = 3_600.0


class Gaps(NamedTuple):
    """Gaps of each point, one after another.

    Attributes:
        hours: of each gap between two looks.
        bounds: where the gaps of each point begin, and their end; of shape (points + 1,).
        looks: of each point.
        longest: hours, of each point, those at the edges of the window too.
    """

    hours: Floats
    bounds: Numbers
    looks: Numbers
    longest: Floats

    def summary(self, points: Iterable[int] | None = None) -> Floats:
        """Return mean, median, 95th per cent and longest of each point; of some points, of all together.

        Not a number where there is no gap between two looks.
        """
        if points is not None:
            some = [*points]
            mine = np.concatenate(
                [np.zeros(0), *(self.hours[self.bounds[at] : self.bounds[at + 1]] for at in some)]
            )
            bounds = np.array([0, len(mine)])
            longest = np.array([self.longest[some].max() if some else np.nan])
            return np.asarray(_summary(mine, bounds, longest)[0])
        return _summary(self.hours, self.bounds, self.longest)


def joined(parts: Sequence[Gaps]) -> Gaps:
    """Return the gaps of some points after those of others."""
    ends = np.cumsum([0, *(len(one.hours) for one in parts)])
    bounds = [one.bounds[:-1] + end for one, end in zip(parts, ends, strict=False)]
    return Gaps(
        np.concatenate([one.hours for one in parts]),
        np.concatenate([*bounds, ends[-1:]]),
        np.concatenate([one.looks for one in parts]),
        np.concatenate([one.longest for one in parts]),
    )


def gaps(passes: Passes, keep: Mask, first: int, points: int, seconds: float) -> Gaps:
    """Return the gaps of some points between the passes that count.

    Args:
        passes: in order of points and times.
        keep: which of them count.
        first, points: the points, from one on.
        seconds: length of the window.
    """
    some = passes.where(keep)
    begins = np.searchsorted(some.point, np.arange(first, first + points + 1)).astype(np.int64)
    return Gaps(*_gaps(begins, some.start, some.end, seconds))


class PassCounts(NamedTuple):
    """Passes of a calendar, counted by point.

    Attributes:
        passes, lit, expected: how many, with the light they need, and with a clear sky.
        usable, by_day: gaps between those with the light they need, and between those by daylight.
        looked: in which hours a usable one is, of shape (points, hours); the hours that were asked for.
    """

    passes: Floats
    lit: Floats
    expected: Floats
    usable: Gaps
    by_day: Gaps
    looked: npt.NDArray[np.bool_]


def measured(of: Calendar, sky: Climatology | None = None, hours: int = 0) -> PassCounts:
    """Count passes, some points after others, so that memory is bounded; and the first so many hours."""
    count = len(of.points)
    sums = np.zeros((3, count))
    looked = np.zeros((count, hours), np.bool_)
    usable: list[Gaps] = []
    by_day: list[Gaps] = []
    optical = np.array([one.sensor.daylight for one in of.observers], np.bool_)
    for first, some in zip(range(0, max(count, 1), CHUNK), of.chunks(), strict=True):
        points_here = min(CHUNK, count - first)
        clear = np.ones(len(some.at))
        if sky:
            clear = np.where(optical[some.observer], sky.probability(some.point, of.begin, some.at), 1.0)
        for row, weight in enumerate((np.ones(len(some.at)), some.usable, some.usable * clear)):
            sums[row] += np.bincount(some.point, weight.astype(np.float64), minlength=count)
        hour = (some.at // 3_600).astype(np.int64)
        within = some.usable & (hour >= 0) & (hour < hours)
        looked[some.point[within], hour[within]] = True
        for keep, parts in ((some.usable, usable), (some.sun > 0, by_day)):
            parts.append(gaps(some, keep, first, points_here, of.seconds))
    return PassCounts(sums[0], sums[1], sums[2], joined(usable), joined(by_day), looked)


@kernel
def _gaps(
    begins: Numbers, start: Floats, end: Floats, seconds: float
) -> tuple[Floats, Numbers, Numbers, Floats]:
    points = len(begins) - 1
    hours, count = np.empty(len(start)), 0
    bounds, looks = np.zeros(points + 1, np.int64), np.zeros(points, np.int64)
    longest = np.empty(points)
    for point in range(points):
        last, greatest = 0.0, 0.0
        for at in range(begins[point], begins[point + 1]):
            gap = start[at] - last
            if gap > 0 or looks[point] == 0:
                greatest = max(greatest, gap)
                if looks[point] > 0:
                    hours[count] = gap / HOUR
                    count += 1
                looks[point] += 1
            last = max(last, end[at])
        longest[point] = max(greatest, seconds - last) / HOUR
        bounds[point + 1] = count
    return hours[:count].copy(), bounds, looks, longest


@kernel
def _summary(hours: Floats, bounds: Numbers, longest: Floats) -> Floats:
    found = np.full((len(bounds) - 1, 4), np.nan)
    for point in range(len(bounds) - 1):
        mine = np.sort(hours[bounds[point] : bounds[point + 1]])
        count = len(mine)
        found[point, 3] = longest[point]
        if count:
            found[point, 0] = mine.mean()
            for column, share in ((1, 0.5), (2, 0.95)):
                # Between two values of the sorted ones in proportion, as NumPy's own percentile.
                at = share * (count - 1)
                low = int(at)
                high = min(low + 1, count - 1)
                found[point, column] = mine[low] + (at - low) * (mine[high] - mine[low])
    return found
