"""Drop and pick-up: a track stops near the line and leaves; within an hour another stops at the same place.

A stop is `STOPS` seconds below a pace within `SPOT` metres of its class, by a track that moved before.
Another track that stops within `SAME` metres, after the first has left and not more than `WITHIN` seconds
after, may pick up what was dropped. The second must have begun elsewhere: who got out of a vehicle and comes
back to it is none. It is likelier when the two began on different sides of the line. No published definition
is known to us; these numbers are judgement.

The last `KEPT` stops within the reach of the line are remembered.
"""

from math import isfinite, sqrt
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.places import METRES, Places, apart, inside
from watchfloor.desks.surveillance.events.rule_output import noted_point
from watchfloor.desks.surveillance.events.track_history import PointHistory

Array = npt.NDArray[Any]

RULE: Final = "drop-and-pick-up"
VERSION: Final = "1"

PACE: Final = np.array([0.5, 0.5, 1.0, 1.0, 5.0, 2.0, 0.0, 0.5])
"""m/s of each class below which it stops; an animal never does."""
STOPS: Final = 20.0
SPOT: Final = np.array([30.0, 30.0, 30.0, 150.0, 30.0, 30.0, 30.0, 30.0])
"""Metres of each class within which it stays: a boat drifts, and a radar far away errs by so much."""
SAME: Final = 50.0
WITHIN: Final = 3_600.0
ELSEWHERE: Final = 300.0
"""Metres from the place at which the second must have begun."""
HARBOUR: Final = 300.0
KEPT: Final = 4_096
SIDES: Final = 0.5
ONE_SIDE: Final = 0.25
"""Chance where the two began on different sides of the line, and on one. Judgement: in three days of exercise
none was planted, and the rule told some of boats that lay together and of people whom a van fetched."""

STOPPED: Final = [
    ("since", "<f8"),  # 0: it goes
    ("latitude", "<f8"),
    ("longitude", "<f8"),
    ("number", "<i8"),  # of its stop, -1 none
    ("born_side", "i1"),
    ("moved", "?"),
]

STOP: Final = np.dtype(
    [
        ("number", "<i8"),  # counted from 1; 0: none yet
        ("since", "<f8"),
        ("left", "<f8"),  # 0: still there
        ("latitude", "<f8"),
        ("longitude", "<f8"),
        ("track", "<i8"),
        ("claimed", "<i4"),
        ("born_side", "i1"),
    ]
)


@kernel
def fold(
    rows: Array,
    blank: Array,
    stops: Array,
    number: int,
    seen: PointHistory,
    metres: Array,
    harbours: Places,
    out: Array,
) -> Any:
    """The number of the last stop, notices and how many; `x` is seconds between leaving and coming."""
    points, count = seen.points, 0
    for i in range(len(seen.row)):
        if seen.fresh[i]:
            rows[seen.place[i]] = blank[0]
            rows[seen.place[i]].number = -1
            rows[seen.place[i]].born_side = 1 if metres[i] > 0 else -1 if metres[i] < 0 else 0
        if seen.of[i] >= 0:
            rows[seen.place[i]].born_side = rows[seen.of[i]].born_side
        if not seen.look[i]:
            continue
        one = rows[seen.place[i]]
        t, y, x = points.t[i], points.latitude[i], points.longitude[i]
        speed = sqrt(points.velocity[i, 0] ** 2 + points.velocity[i, 1] ** 2)
        stays = speed < PACE[points.klass[i]] and isfinite(metres[i]) and points.confirmed[i]
        if one.since > 0 and (
            not stays or points.ended[i] or apart(one.latitude, one.longitude, y, x) > SPOT[points.klass[i]]
        ):
            mine = stops[one.number % KEPT]
            if one.number >= 0 and mine.number == one.number:
                mine.left = t
            one.since, one.number = 0.0, -1
        if not stays:
            one.moved = one.moved or speed >= PACE[points.klass[i]]
            continue
        if one.since == 0:
            one.since, one.latitude, one.longitude, one.number = t, y, x, -1
        if one.number >= 0 or not one.moved or t - one.since < STOPS or points.ended[i]:
            continue
        if inside(harbours, y, x, HARBOUR) >= 0:
            continue
        found = _before(stops, points.track[i], seen.claimed[i], seen.born[i], one)
        if found >= 0:
            first = stops[found]
            out = noted_point(out, count, seen, i, one.since)
            note = out[count]
            note.since, note.other, note.also, note.x = (
                first.since,
                first.track,
                first.claimed,
                one.since - first.left,
            )
            differ = first.born_side * one.born_side < 0
            note.chance = (SIDES if differ else ONE_SIDE) * points.exists[i]
            note.latitude, note.longitude, note.radius = one.latitude, one.longitude, SAME
            count += 1
        number += 1
        one.number = number
        new = stops[number % KEPT]
        new.number, new.since, new.left = number, one.since, 0.0
        new.latitude, new.longitude, new.born_side = one.latitude, one.longitude, one.born_side
        new.track, new.claimed = points.track[i], seen.claimed[i]
    return number, out, count


@kernel
def _before(stops: Array, track: int, claimed: int, born: Array, one: Any) -> int:
    """Where the latest stop of another track at the same place is, left within the hour; -1 for none."""
    best, found = 0, -1
    if apart(born[0], born[1], one.latitude, one.longitude) < ELSEWHERE:
        return found
    for k in range(len(stops)):
        stop = stops[k]
        if stop.number <= best or stop.track == track or stop.left == 0 or stop.left > one.since:
            continue
        if one.since - stop.left > WITHIN or (claimed >= 0 and stop.claimed == claimed):
            continue
        if abs(stop.latitude - one.latitude) * METRES > SAME:
            continue
        if apart(stop.latitude, stop.longitude, one.latitude, one.longitude) <= SAME:
            best, found = stop.number, k
    return found
