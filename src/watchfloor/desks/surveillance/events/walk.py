"""The last point of each track: what is late, what is new, and when a track is looked at.

A point that is not after the last one of its track is late and is no input of the rules; the tracker has
already made use of it. A track that was silent for `KEPT` seconds, or had ended, begins anew with its next
point, so what the state holds is bounded and does not depend on when it was swept.
"""

from typing import Any, Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from watchfloor.desks.surveillance.events.points import Points, of_rows

Array = npt.NDArray[Any]

KEPT: Final = 6 * 3600.0
"""Seconds after which a silent track is forgotten. Judgement: a tracker ends a track in minutes, and a vessel
that reports itself comes every three."""

LOOK: Final = 10.0
"""Seconds between two looks at one track by the rules that need not see every point."""

WALK: Final = [
    ("t", "<f8"),  # of the last point
    ("latitude", "<f8"),
    ("longitude", "<f8"),
    ("born", "<f8"),  # of the first point
    ("born_latitude", "<f8"),
    ("born_longitude", "<f8"),
    ("seen", "<i8"),  # points
    ("claimed", "<i4"),  # the last identity
    ("ended", "?"),
]


class Seen(NamedTuple):
    """Points that are not late, with what was before each.

    Attributes:
        points: their columns.
        row: number of each in the batch.
        place: row of its track in the state.
        fresh: whether its track begins with it.
        clock: the latest time of all points up to and with it.
        look: whether its track is looked at now.
        claimed: the identity that its track claimed last, -1 for none.
        before: latitude, longitude and time of the point before it, NaN where fresh [n, 3].
        born: latitude and longitude of the first point of its track [n, 2].
        late: how many points of the batch were not used.
    """

    points: Points
    row: Array
    place: Array
    fresh: Array
    clock: Array
    look: Array
    claimed: Array
    before: Array
    born: Array
    late: int


@numba.njit(cache=True)
def _walk(rows: Array, place: Array, now: float, points: Points, sane: Array) -> Any:
    t, y, x, ended = points.t, points.latitude, points.longitude, points.ended
    count = len(t)
    used = np.zeros(count, np.bool_)
    fresh = np.zeros(count, np.bool_)
    look = np.zeros(count, np.bool_)
    clock = np.empty(count)
    claimed = np.empty(count, np.int32)
    before = np.empty((count, 3))
    born = np.empty((count, 2))
    for i in range(count):
        if sane[i]:
            now = max(now, t[i])
        clock[i] = now
        one = rows[place[i]]
        new = one.seen == 0 or one.ended or one.t + KEPT < now
        if not sane[i] or not (new or t[i] > one.t):
            continue
        used[i], fresh[i] = True, new
        look[i] = new or ended[i] or np.floor(t[i] / LOOK) > np.floor(one.t / LOOK)
        if new:
            before[i, 0] = before[i, 1] = before[i, 2] = np.nan
            one.born, one.born_latitude, one.born_longitude, one.seen = t[i], y[i], x[i], 0
            one.claimed = -1
        else:
            before[i, 0], before[i, 1], before[i, 2] = one.latitude, one.longitude, one.t
        one.t, one.latitude, one.longitude, one.ended = t[i], y[i], x[i], ended[i]
        one.seen += 1
        if points.claimed[i] >= 0:
            one.claimed = points.claimed[i]
        claimed[i] = one.claimed
        born[i, 0], born[i, 1] = one.born_latitude, one.born_longitude
    return used, fresh, clock, look, claimed, before, born


def walk(rows: Array, place: Array, now: float, points: Points) -> Seen:
    """Take points to the tracks' rows, whose own fields are `WALK`; `now` is the clock before them."""
    sane = np.isfinite(points.t) & (np.abs(points.latitude) <= 90) & np.isfinite(points.longitude)
    sane &= np.isfinite(points.velocity).all(1)
    used, fresh, clock, look, claimed, before, born = _walk(rows, place, now, points, sane)
    row = np.flatnonzero(used)
    late = len(used) - len(row)
    if not late:
        return Seen(points, row, place, fresh, clock, look, claimed, before, born, 0)
    place, fresh, clock, look = (each[row] for each in (place, fresh, clock, look))
    kept = of_rows(points, row)
    return Seen(kept, row, place, fresh, clock, look, claimed[row], before[row], born[row], late)


def forgotten(rows: Array, now: float) -> npt.NDArray[np.bool_]:
    """Which tracks the next point of would begin anew."""
    return np.asarray(rows["walk"]["ended"] | (rows["walk"]["t"] + KEPT < now) | (rows["walk"]["seen"] == 0))
