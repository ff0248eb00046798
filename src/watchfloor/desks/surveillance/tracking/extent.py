"""Extended objects: a ship longer than what a sensor errs is found now at its bow, now at its stern.

How far along and across its course an object's reports lie from where it is taken to be, beyond what the
sensor errs and the track is uncertain of, is learned for each track: the extent of a random matrix whose axes
are those of the course (M. Feldmann, D. Fränken and W. Koch, Tracking of extended objects and group targets
using random matrices, IEEE Trans. Signal Processing 59, 2011). It widens the error of what the track is
given. Where one look finds two places of a ship, the second begins a track. One that has grown beside an
older track, no farther than a ship is long, and moves as that one does, is part of it: the older takes it in
when it would be shown, with its extent. Two that were established apart and come together stay two.
"""

import math
from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking.measurements import innovation
from watchfloor.desks.surveillance.tracking.motion import SIZE, blend
from watchfloor.desks.surveillance.tracking.places import across, lift
from watchfloor.desks.surveillance.tracking.sensors import GROWN

FORGET: Final = 1 / 30
"""Share of what was learned that each report takes away."""
MARGIN: Final = 0.5
"""Part of a sensor's error that is taken off an extent: what thirty reports leave in doubt."""
LONGEST: Final = np.array([15.0, 6.0])
"""Metres, greatest standard deviation along and across: half of what a ship of 50 m shows."""
FINE: Final = 6.5
"""Metres that a sensor may err and still find parts of one ship: a sixth of its length."""
LENGTH: Final = 40.0
"""Metres along the course within which a track may be part of another."""
BEAM: Final = 12.0
"""The same across it; of what lies still, in any direction."""
MOVES: Final = 0.5
"""Metres a second from which a velocity has a course."""
GATE: Final = 9.2
"""Squared difference over the variance within which two velocities are one: 99 % of chi-square."""
STAYED: Final = 50
"""Reports after which what has not left a ship is part of it, however it seems to move."""
APART: Final = 0.7
"""Metres a second by which parts of one ship may seem to move otherwise."""


@kernel(error_model="numpy")
def course(whole: Any) -> Any:
    """East and north of the unit vector along a state's course; (0, 0) where it has none."""
    speed = math.sqrt(whole[1] ** 2 + whole[3] ** 2)
    if speed < MOVES or speed * speed < whole[8] + whole[13]:
        return 0.0, 0.0
    return whole[1] / speed, whole[3] / speed


@kernel(error_model="numpy")
def resolves(sensor: Any) -> Any:
    """Whether a sensor tells the parts of a ship apart."""
    return sensor.error <= FINE * FINE and not sensor.pointing


@kernel(error_model="numpy")
def spread(one: Any, track: Any, sensor: Any) -> None:
    """Write the covariance of a candidate's extent, m² east, both, north, as a sensor finds it."""
    error = sensor.error if resolves(sensor) else np.inf
    along, beam = max(track.size[0] - MARGIN * error, 0.0), max(track.size[1] - MARGIN * error, 0.0)
    e, n = course(one.whole)
    if e == 0 and n == 0:
        along = beam = min(along, beam)
        e = 1.0
    one.size[0] = along * e * e + beam * n * n
    one.size[1] = (along - beam) * e * n
    one.size[2] = along * n * n + beam * e * e


@kernel(error_model="numpy")
def learn(report: Any, noise: Any, one: Any, anchor: Any, track: Any) -> None:
    """Note how far from where a candidate is taken to be a report of it lies, along and across."""
    e, n = course(one.whole)
    if e == 0 and n == 0:
        return
    east, north = across(anchor, report.place)
    de, dn, s00, s01, s11 = innovation(
        one.whole, report.t - one.time, east, north, noise[0], noise[1], noise[2]
    )
    first = (de * e + dn * n) ** 2 - (e * e * s00 + 2 * e * n * s01 + n * n * s11)
    second = (dn * e - de * n) ** 2 - (n * n * s00 - 2 * e * n * s01 + e * e * s11)
    track.size[0] += FORGET * (min(first, 4 * LONGEST[0] ** 2) - track.size[0])
    track.size[1] += FORGET * (min(second, 4 * LONGEST[1] ** 2) - track.size[1])
    for k in range(2):
        track.size[k] = min(track.size[k], LONGEST[k] ** 2)


@kernel(error_model="numpy")
def whole_of(track: Any, fresh: bool, tracks: Any, sensor: Any, clock: Any) -> Any:
    """The slot of the older track that a track is part of, -1 for none.

    It is asked when the track is confirmed, and again every `GROWN` reports of one that lay within another's
    ship then, and has since: until it moves as the ship does, or has not left it in `STAYED` reports.
    """
    if not (fresh or (track.beside and track.hits % GROWN == 0)):
        return -1
    track.beside = 0
    if not resolves(sensor):
        return -1
    one, two, spot = np.empty(SIZE), np.empty(SIZE), np.empty(3)
    blend(track.states, track.weights, one)
    for k in range(clock.live):
        slot = tracks[k].live
        other = tracks[slot]
        if other.name >= track.name:
            break
        if not other.confirmed or other.double or other.echo > 0 or other.exists < 0.5:
            continue
        if track.claimed >= 0 and other.claimed >= 0 and track.claimed != other.claimed:
            continue
        blend(other.states, other.weights, two)
        late = track.time - other.time
        lift(other.anchor, two[0] + two[1] * late, two[2] + two[3] * late, spot)
        e, n = across(track.anchor, spot)
        if _within(two, one[0] - e, one[2] - n):
            track.beside = 1
            if other.hits >= GROWN and (track.hits >= STAYED or _as_fast(one, two)):
                return slot
    return -1


@kernel(error_model="numpy")
def _within(ship: Any, e: float, n: float) -> Any:
    """Whether what is (`e`, `n`) metres from a state lies within its ship."""
    if e * e + n * n > LENGTH * LENGTH:
        return False
    along, beam = course(ship)
    if along == 0 and beam == 0:
        return e * e + n * n < BEAM * BEAM
    return abs(n * along - e * beam) < BEAM


@kernel(error_model="numpy")
def _as_fast(one: Any, two: Any) -> Any:
    """Whether two states have one velocity."""
    other = (one[1] - two[1]) ** 2 + (one[3] - two[3]) ** 2
    return other < GATE * (0.5 * (one[8] + one[13] + two[8] + two[13]) + APART * APART)


@kernel(error_model="numpy")
def join(track: Any, older: Any) -> None:
    """Take a track into an older one, of which it is part: the extent now holds both, and where the older was
    not seen since, it goes on from the younger's place."""
    one, two, spot = np.empty(SIZE), np.empty(SIZE), np.empty(3)
    blend(track.states, track.weights, one)
    blend(older.states, older.weights, two)
    late = track.time - older.time
    lift(track.anchor, one[0], one[2], spot)
    e, n = across(older.anchor, spot)
    e -= two[0] + two[1] * late
    n -= two[2] + two[3] * late
    along, beam = course(two)
    if along != 0 or beam != 0:
        far = e * along + n * beam
        older.size[0] = min(max(older.size[0], 0.25 * far * far), LONGEST[0] ** 2)
    if track.seen > older.seen + 2.0:
        take_state(older, track)
        older.exists = max(older.exists, track.exists)
    track.exists = 0.0


@kernel(error_model="numpy")
def take_state(older: Any, track: Any) -> None:
    """Put an older track where a younger is, with its motion; its past is another's from then on."""
    for k in range(9):
        older.anchor[k] = track.anchor[k]
    for m in range(len(track.weights)):
        for k in range(SIZE):
            older.states[m, k] = track.states[m, k]
        older.weights[m] = track.weights[m]
    older.time, older.seen = track.time, track.seen
    older.past = -1
