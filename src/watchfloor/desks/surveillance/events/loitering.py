"""Loitering: one track stays slow in one small place near the line.

Global Fishing Watch calls it loitering when a vessel is on average slower than 2 knots, hour by hour, and 20
nautical miles or more from shore; Starboard Maritime Intelligence asks for 4 hours below 2 knots. Inland
waters and land have no such offing, so the rule keeps the speed and asks for a place instead: all points
within `PARAMETERS` metres of the first, within `watchfloor.desks.surveillance.events.line.REACH` of the
line, for minutes (a stay point: Li and others, 2008, "Mining user similarity based on location history"). It
is told when it has lasted long enough, each time it has doubled, and once it is over: when the track is
faster on average, leaves the place, is silent for `SILENT` seconds, or ends. Of what may be fixed it is told
once that moves.
"""

from math import isfinite, sqrt
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.places import Places, apart, inside
from watchfloor.desks.surveillance.events.rule_output import noted_point
from watchfloor.desks.surveillance.events.track_history import PointHistory

Array = npt.NDArray[Any]

RULE: Final = "loitering"
VERSION: Final = "1"

PARAMETERS: Final = np.array(
    [  # metres, m/s on average, seconds
        (100.0, 0.7, 900.0),  # person: half a walking pace, a quarter of an hour
        (100.0, 0.7, 900.0),  # group
        (100.0, 1.0, 900.0),  # vehicle: it stands
        (300.0, 1.03, 1800.0),  # boat: 2 knots; 300 m for the swing and the drift
        (0.0, 0.0, 0.0),  # aircraft: none, a helicopter that hovers is low and slow
        (150.0, 2.0, 300.0),  # drone: it watches
        (0.0, 0.0, 0.0),  # animal: none
        (150.0, 1.0, 1800.0),  # unknown
    ]
)
"""Of each class. Judgement: below the time that a stop for other reasons takes nothing is said."""

HARBOUR: Final = 300.0
"""Metres from an anchorage or a port within which it is none."""
SILENT: Final = 600.0
FIRST: Final = 0.5
"""What the shortest stay falls short of a certain one; one ten times as long by a tenth of it. Judgement."""

LOITER: Final = [
    ("since", "<f8"),
    ("last", "<f8"),
    ("latitude", "<f8"),
    ("longitude", "<f8"),
    ("moved", "<f8"),  # metres, speed times time
    ("exists", "<f8"),  # times seconds
    ("told", "<f8"),  # seconds it had lasted when it was told last
    ("on", "?"),
]


@kernel
def fold(rows: Array, blank: Array, seen: PointHistory, metres: Array, harbours: Places, out: Array) -> Any:
    """Notices and how many; `x` is the mean speed in m/s, `y` metres from the line."""
    points, count = seen.points, 0
    for i in range(len(seen.row)):
        one = rows[seen.place[i]]
        if seen.fresh[i]:
            rows[seen.place[i]] = blank[0]
        if not seen.look[i]:
            continue
        t, y, x = points.t[i], points.latitude[i], points.longitude[i]
        reach, pace, needs = PARAMETERS[points.klass[i]]
        speed = sqrt(points.velocity[i, 0] ** 2 + points.velocity[i, 1] ** 2)
        near = isfinite(metres[i]) and points.confirmed[i]
        if one.on:
            step = t - one.last
            lasted = t - one.since
            stays = near and step <= SILENT and apart(one.latitude, one.longitude, y, x) <= reach
            if stays and one.moved + speed * step <= pace * lasted:
                one.moved += speed * step
                one.exists += points.exists[i] * step
                one.last = t
            else:
                if one.told > 0:
                    out, count = _told(one, i, seen, needs, metres[i], out, count)
                one.on, one.told = False, 0.0
        if not one.on and near and speed < pace and not points.ended[i]:
            one.on, one.since, one.last, one.moved, one.exists, one.told = True, t, t, 0.0, 0.0, 0.0
            one.latitude, one.longitude = y, x
        if one.on:
            lasted = one.last - one.since
            ends = points.ended[i] and one.told > 0
            due = not seen.fixed[i] and (ends or lasted >= max(needs, 2 * one.told, 1.0))
            if due and (one.told > 0 or inside(harbours, y, x, HARBOUR) < 0):
                one.told = max(lasted, 1.0)
                out, count = _told(one, i, seen, needs, metres[i], out, count)
    return out, count


@kernel
def _told(one: Any, i: int, seen: PointHistory, needs: float, metres: float, out: Array, count: int) -> Any:
    out = noted_point(out, count, seen, i, one.since)
    note = out[count]
    lasted = max(one.last - one.since, 1.0)
    note.until = one.last
    note.latitude, note.longitude = one.latitude, one.longitude
    note.chance = one.exists / lasted * (1 - FIRST * min(1.0, needs / lasted))
    note.x, note.y = one.moved / lasted, abs(metres)
    return out, count + 1
