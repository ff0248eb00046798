"""Aircraft that are low and slow near the line, and aircraft that land off an aerodrome.

*Low and slow.* The Canadian Aviation Regulations, s. 602.14, keep an aeroplane 500 feet from persons and
buildings and 1,000 feet above the highest obstacle of a built-up area; who flies below that for a while,
slower than `SLOW`, within the reach of the line and away from aerodromes, is seldom there for the view.
Where the height is not known, slow alone is told, and worth less; and less again where the aircraft reports
itself.

*Landing.* An aircraft that flew is `STANDS` seconds below `TAXI`, and where its height is known below
`GROUND`, farther than an aerodrome's radius and `FIELD` from each of the floor's aerodromes. Without that
reference the rule is silent.
"""

from math import isfinite, sqrt
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.places import Places, inside
from watchfloor.desks.surveillance.events.points import AIRCRAFT
from watchfloor.desks.surveillance.events.rule_output import noted_point
from watchfloor.desks.surveillance.events.track_history import PointHistory

Array = npt.NDArray[Any]

LOW: Final = "low-slow-aircraft"
LANDED: Final = "off-aerodrome-landing"
VERSION: Final = "1"

FEET: Final = 0.3048
BELOW: Final = 500 * FEET
SLOW: Final = 120 * 1852 / 3600
"""m/s: light aeroplanes, ultralights and helicopters."""
FLIES: Final = 20.0
"""m/s above which it flies, whatever its height."""
TAXI: Final = 8.0
GROUND: Final = 15.0
LASTS: Final = 60.0
STANDS: Final = 30.0
FIELD: Final = 3_000.0
"""Metres around an aerodrome: its circuit."""
SILENT: Final = 120.0
AGAIN: Final = 600.0
KNOWN: Final = 0.7
UNKNOWN: Final = 0.65
SELF: Final = 0.4
"""Chances with and without a height, and what is left for one that reports itself. Without a height six of
eight were right on the exercise's seeds 1, 11 and 12; the others are judgement."""
LANDS: Final = 0.8
HOVERS: Final = 0.7
"""Chance of a landing with and without a height: without, it may hover. Judgement; three of three were right
on the same seeds."""

FLIGHT: Final = [
    ("low", "<f8"),  # since when, 0 not
    ("low_told", "<f8"),
    ("last", "<f8"),
    ("stands", "<f8"),
    ("flew", "?"),
    ("landed", "?"),
]


@kernel
def fold(
    rows: Array, blank: Array, seen: PointHistory, metres: Array, fields: Places, low: Array, landed: Array
) -> Any:
    """Notices of both rules with how many; `x` is the speed in m/s, `y` the height in metres or NaN."""
    points, lows, landings = seen.points, 0, 0
    for i in range(len(seen.row)):
        if seen.fresh[i]:
            rows[seen.place[i]] = blank[0]
        if seen.of[i] >= 0:
            rows[seen.place[i]] = rows[seen.of[i]]
        if not seen.look[i] or points.klass[i] != AIRCRAFT:
            continue
        one = rows[seen.place[i]]
        t, height = points.t[i], points.height[i]
        speed = sqrt(points.velocity[i, 0] ** 2 + points.velocity[i, 1] ** 2)
        broken = t - one.last > SILENT
        one.last = t
        away = inside(fields, points.latitude[i], points.longitude[i], FIELD) < 0
        known = isfinite(height)
        if speed >= FLIES or (known and height >= 2 * GROUND):
            one.flew, one.landed, one.stands = True, False, 0.0
        slow = TAXI <= speed <= SLOW and not height > BELOW
        if not (slow and away and isfinite(metres[i])):
            one.low = 0.0
        elif one.low == 0 or broken:
            one.low, one.low_told = t, -np.inf
        if one.low > 0 and points.confirmed[i] and t - one.low >= LASTS and t - one.low_told >= AGAIN:
            one.low_told = t
            low = noted_point(low, lows, seen, i, one.low)
            note = low[lows]
            note.chance = (
                (KNOWN if known else UNKNOWN) * (SELF if seen.claimed[i] >= 0 else 1.0) * points.exists[i]
            )
            note.x, note.y = speed, height
            lows += 1
        if not (one.flew and speed < TAXI and not height > GROUND and away and len(fields.radius) > 0):
            one.stands = 0.0
        elif one.stands == 0:
            one.stands = t
        if one.stands > 0 and not one.landed and t - one.stands >= STANDS and points.confirmed[i]:
            one.landed = True
            landed = noted_point(landed, landings, seen, i, one.stands)
            note = landed[landings]
            note.chance = (LANDS if known else HOVERS) * points.exists[i]
            note.x, note.y = speed, height
            landings += 1
    return low, lows, landed, landings
