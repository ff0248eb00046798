"""The last point of each track: what is late, what is new, and when a track is looked at.

A point that is not after the last one of its track is late and is no input of the rules; the tracker has
already made use of it. A track that was silent for `KEPT` seconds, or had ended, begins anew with its next
point, so what the state holds is bounded and does not depend on when it was swept.

A tracker keeps a track that nobody reports for a long time, and what it then takes may be a wave or a branch:
of the alerts that an exercise's day first gave, most were of tracks that lived on such reports, one in some
minutes. So a point counts as of a confirmed track only where it is borne out: the object said it itself, or
it is at least the `BORNE`th of a run of reports that follow one another within `SOON`, and its place is known
within `VAGUE`. The first such point of a run may take up another track, see `stitching`.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.places import METRES
from watchfloor.desks.surveillance.events.points import UNKNOWN, Points, of_rows
from watchfloor.desks.surveillance.events.stitching import TRIES, WENT, lost, note, taken_up

Array = npt.NDArray[Any]

KEPT: Final = 6 * 3600.0
"""Seconds after which a silent track is forgotten. Judgement: a tracker ends a track in minutes, and a vessel
that reports itself comes every three."""

LOOK: Final = 10.0
"""Seconds between two looks at one track by the rules that need not see every point."""

BORNE: Final = 3
"""Reports in a run that bear a point out: a second may be chance."""
SOON: Final = 180.0
"""Seconds between two reports of a run: five turns of a slow radar, a class B vessel that hardly moves."""
VAGUE: Final = 250.0
"""Metres: a place whose standard deviation is more says too little to tell anything of it."""
HERE: Final = 100.0
"""Metres from where a track began within which it is there still: a coarse radar errs by so much."""

WALK: Final = [
    ("t", "<f8"),  # of the last point
    ("latitude", "<f8"),
    ("longitude", "<f8"),
    ("born", "<f8"),  # of the first point
    ("born_latitude", "<f8"),
    ("born_longitude", "<f8"),
    ("seen", "<i8"),  # points
    ("run", "<i4"),  # reports up to the last one that followed one another within `SOON`
    ("began", "<f8"),  # time of the first of them
    ("start", "<f8"),  # of the first of them whose place is known within `VAGUE`; 0 none yet
    ("start_latitude", "<f8"),
    ("start_longitude", "<f8"),
    ("claimed", "<i4"),  # the last identity
    ("ended", "?"),
    ("last", "<f8"),  # of the last point that was borne out; 0 none
    ("last_latitude", "<f8"),
    ("last_longitude", "<f8"),
    ("east", "<f8"),  # m/s, then
    ("north", "<f8"),
    ("klass", "i1"),
    ("track", "<i8"),  # its number
    ("was", "<i8"),  # number of the track that it took up, -1 for none
    ("settled", "?"),  # whether it has asked what it takes up
    ("heir", "?"),  # whether another took it up
]


class PointHistory(NamedTuple):
    """Points that are not late, with what was before each.

    Attributes:
        points: their columns; of a confirmed track only where it is borne out.
        row: number of each in the batch.
        place: row of its track in the state.
        fresh: whether its track begins with it.
        clock: the latest time of all points up to and with it.
        look: whether its track is looked at now.
        claimed: the identity that its track claimed last, -1 for none.
        before: latitude, longitude and time of the point before it, NaN where fresh [n, 3].
        born: latitude and longitude of the first point of its track [n, 2].
        run: which point of its run each is, from 1, see `SOON`.
        began: when that run began; of one that takes up another track, when that one's did.
        of: row of the track that its track takes up with it, -1 for none.
        was: number of the track that its track took up, -1 for none.
        fixed: whether it may be a pier or a rock: it is stationary where it was first seen, of no class.
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
    run: Array
    began: Array
    of: Array
    was: Array
    fixed: Array
    late: int


@kernel
def _walk(
    rows: Array,
    place: Array,
    now: float,
    points: Points,
    sane: Array,
    budget: Array,
    tracks: Array,
    at: Array,
    many: int,
) -> Any:
    t, y, x, ended = points.t, points.latitude, points.longitude, points.ended
    count = len(t)
    borne = np.zeros(count, np.bool_)
    run = np.zeros(count, np.int32)
    began = np.empty(count)
    of = np.full(count, -1, np.int32)
    was = np.full(count, -1, np.int64)
    used = np.zeros(count, np.bool_)
    fresh = np.zeros(count, np.bool_)
    look = np.zeros(count, np.bool_)
    clock = np.empty(count)
    claimed = np.empty(count, np.int32)
    before = np.empty((count, 3))
    born = np.empty((count, 2))
    for i in range(count):
        if sane[i]:
            now = min(max(now, t[i]), points.clock[i])
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
            one.claimed, one.run, one.last, one.track = -1, 0, 0.0, points.track[i]
            if at[place[i]] >= 0:
                tracks[at[place[i]]].last = 0.0
        else:
            before[i, 0], before[i, 1], before[i, 2] = one.latitude, one.longitude, one.t
        one.run = one.run + 1 if new or t[i] - one.t <= SOON else 1
        run[i] = one.run
        if one.run == 1:
            one.began, one.start, one.settled, one.heir, one.was = t[i], 0.0, False, False, -1
            if one.last != 0:
                many = note(rows, place[i], tracks, at, many)
        clear = points.cov[i, 0] + points.cov[i, 2] <= VAGUE * VAGUE
        if clear and one.start == 0:
            one.start, one.start_latitude, one.start_longitude = t[i], y[i], x[i]
        borne[i] = points.confirmed[i] and clear and (one.run >= BORNE or points.self_reported[i])
        one.t, one.latitude, one.longitude, one.ended = t[i], y[i], x[i], ended[i]
        one.seen += 1
        if points.claimed[i] >= 0:
            one.claimed = points.claimed[i]
        claimed[i] = one.claimed
        if borne[i]:
            if not one.settled:
                of[i] = taken_up(rows, place[i], points.klass[i], now, budget[0], tracks, at, many)
                one.settled = of[i] >= 0 or one.run >= BORNE + TRIES
                if of[i] >= 0:
                    look[i], one.began, one.was = True, rows[of[i]].began, rows[of[i]].track
            one.last, one.last_latitude, one.last_longitude = t[i], y[i], x[i]
            if not one.heir:
                many = note(rows, place[i], tracks, at, many)
            one.east, one.north, one.klass = points.velocity[i, 0], points.velocity[i, 1], points.klass[i]
        began[i], was[i] = one.began, one.was
        born[i, 0], born[i, 1] = one.born_latitude, one.born_longitude
    return used, fresh, clock, look, claimed, before, born, run, began, of, was, borne


def walk(rows: Array, place: Array, now: float, points: Points, budget: Array) -> PointHistory:
    """Take points to the tracks' rows, whose own fields are `WALK`; `now` is the clock before them.

    `budget` is a row of `stitching.BUDGET`, which is written.
    """
    sane = np.isfinite(points.t) & (np.abs(points.latitude) <= 90) & np.isfinite(points.longitude)
    sane &= np.isfinite(points.velocity).all(1)
    # A clock that is put back goes no further than the receipt of the points.
    tracks, at, many = lost(rows, float(np.min(points.clock, initial=now)), len(place))
    walked = _walk(rows, place, now, points, sane, budget, tracks, at, many)
    used, fresh, clock, look, claimed, before, born, run, began, of, was, borne = walked
    points = points._replace(confirmed=borne)
    row = np.flatnonzero(used)
    late = len(used) - len(row)
    if not late:
        fixed = _fixed(points, born)
        return PointHistory(
            points, row, place, fresh, clock, look, claimed, before, born, run, began, of, was, fixed, 0
        )
    place, fresh, clock, look = (each[row] for each in (place, fresh, clock, look))
    kept = of_rows(points, row)
    claimed, before, born = (each[row] for each in (claimed, before, born))
    run, began, of, was = (each[row] for each in (run, began, of, was))
    fixed = _fixed(kept, born)
    return PointHistory(
        kept, row, place, fresh, clock, look, claimed, before, born, run, began, of, was, fixed, late
    )


def _fixed(points: Points, born: Array) -> npt.NDArray[np.bool_]:
    """Return which points are of something that may be fixed; `born` is where their tracks began."""
    north = points.latitude - born[:, 0]
    east = (points.longitude - born[:, 1] + 180) % 360 - 180
    here = METRES * np.hypot(east * np.cos(np.radians(points.latitude)), north) <= HERE
    return np.asarray(points.stationary & (points.klass == UNKNOWN) & here)


def forgotten(rows: Array, now: float) -> npt.NDArray[np.bool_]:
    """Which tracks the next point of would begin anew, and no other can take up."""
    mine = rows["walk"]
    over = mine["ended"] & ((mine["last"] == 0) | mine["heir"] | (mine["last"] + WENT < now))
    return np.asarray(over | (mine["t"] + KEPT < now) | (mine["seen"] == 0))
