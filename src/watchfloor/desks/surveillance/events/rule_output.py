"""Output of the rules' kernels: rows of numbers, which become events once they are all there."""

from math import nan
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.track_history import PointHistory

Array = npt.NDArray[Any]

NOTICE: Final = np.dtype(
    [
        ("row", "<i8"),  # number of the point that made it known
        ("place", "<i4"),  # row of the foremost track in the state, -1 where it is not at hand
        ("track", "<i8"),
        ("other", "<i8"),  # number of the second track, -1 for none
        ("was", "<i8"),  # number of the track that the foremost took up, -1 for none
        ("claimed", "<i4"),  # identity of the foremost track, -1 for none
        ("also", "<i4"),  # of the second
        ("klass", "i1"),  # of the foremost
        ("retracted", "?"),
        ("window", "<f8"),  # time that sets it apart from others of the rule and the tracks
        ("since", "<f8"),
        ("until", "<f8"),
        ("chance", "<f8"),
        ("latitude", "<f8"),
        ("longitude", "<f8"),
        ("radius", "<f8"),
        ("x", "<f8"),  # what else the rule says
        ("y", "<f8"),
        ("z", "<f8"),
        ("share", "<f8"),  # of a prediction: of where it may go
    ]
)


def empty() -> Array:
    """Room for a few notices."""
    return np.zeros(64, NOTICE)


@kernel
def grown(rows: Array) -> Array:
    """The same rows with as much room again, of anything."""
    more = np.empty(2 * len(rows), rows.dtype)
    for k in range(len(rows)):
        more[k] = rows[k]
    return more


@kernel
def first_from(clock: Array, t: float) -> int:
    """The first row at which a clock that never goes back has come to a time; past the last if it has not."""
    low, high = 0, len(clock)
    while low < high:
        middle = (low + high) // 2
        if clock[middle] < t:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def noted(out: Array, count: int, row: int, window: float) -> Any:
    """The outbox, grown where it is full; the notice at `count` is blank but for its row and window."""
    if count == len(out):
        out = grown(out)
    one = out[count]
    one.row, one.window = row, window
    one.place = one.track = one.other = one.claimed = one.also = one.was = -1
    one.retracted = False
    one.chance = one.radius = one.x = one.y = one.z = one.share = nan
    return out


@kernel
def noted_point(out: Array, count: int, seen: PointHistory, i: int, window: float) -> Any:
    """The same, about the track of a point and where that is, from `window` until now."""
    out = noted(out, count, i, window)
    one = out[count]
    points = seen.points
    one.place, one.track, one.klass, one.claimed = (
        seen.place[i],
        points.track[i],
        points.klass[i],
        seen.claimed[i],
    )
    one.was, one.since, one.until = seen.was[i], window, points.t[i]
    one.latitude, one.longitude = points.latitude[i], points.longitude[i]
    return out
