"""Two tracks of one object: each sensor's reports feed another one.

A radar finds the middle of a ship, a lidar the side that it sees: eight metres apart, and each of two tracks
takes the reports of one sensor and counts as hidden from the other. That two objects go side by side, within
what single reports err, each hidden from the sensor that sees the other, is far less likely than that there
is one. The test is that of tracks for a common origin (Y. Bar-Shalom, On the track-to-track correlation
problem, IEEE TAC 26, 1981), with the errors of reports, which do not shrink, in place of those of states,
which do. The younger is followed and not shown.
"""

import math
from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking.motion import SIZE, blend
from watchfloor.desks.surveillance.tracking.places import across, lift
from watchfloor.desks.surveillance.tracking.state import RECENT

SEEN: Final = 0.8
"""From here on a track is visible to a sensor, and below one less this, hidden from it."""
LATELY: Final = 10.0
"""Seconds for which it counts what a sensor saw."""
GATE: Final = 9.2
"""Squared distance over the variance within which two places are one: 99 % of two numbers (chi-square)."""
APART: Final = 0.5
"""Metres a second by which parts of one body, or what is made of it, may move otherwise."""


@kernel(error_model="numpy")
def mark(time: float, tracks: Any, sensors: Any, clock: Any) -> None:
    """Note of each confirmed track whether it is the double of an older one."""
    for k in range(clock.live):
        track = tracks[tracks[k].live]
        track.double = False
        if not (track.confirmed and _divided(track, time, sensors)):
            continue
        for o in range(k):
            other = tracks[tracks[o].live]
            if other.confirmed and not other.double and _is_double(track, other, time, sensors):
                track.double = True
                break


@kernel(error_model="numpy")
def _known(track: Any, k: int, time: float, sensors: Any) -> Any:
    """Whether a track remembers, in a place, what a sensor saw of it lately that sweeps."""
    at = track.recent[k]
    return at >= 0 and sensors[at].sweeps and not sensors[at].pointing and track.looked[k] > time - LATELY


@kernel(error_model="numpy")
def _divided(track: Any, time: float, sensors: Any) -> Any:
    """Whether one sensor sees a track from which another finds it hidden."""
    seen, hidden = False, False
    for k in range(RECENT):
        if _known(track, k, time, sensors):
            seen |= track.visible[k] > SEEN
            hidden |= track.visible[k] < 1 - SEEN
    return seen and hidden


@kernel(error_model="numpy")
def _is_double(track: Any, other: Any, time: float, sensors: Any) -> Any:
    """Whether each of two tracks is hidden from the sensor that sees the other, and they go together."""
    mine, theirs = -1, -1
    for k in range(RECENT):
        if track.recent[k] != other.recent[k] or not _known(track, k, time, sensors):
            continue
        if not _known(other, k, time, sensors):
            continue
        if track.visible[k] > 1 - SEEN and other.visible[k] > 1 - SEEN:
            return False
        if track.visible[k] > SEEN:
            mine = track.recent[k]
        if other.visible[k] > SEEN:
            theirs = track.recent[k]
    if mine < 0 or theirs < 0:
        return False
    return _together(track, other, time, sensors[mine].error + sensors[theirs].error)


@kernel(error_model="numpy")
def _together(track: Any, other: Any, time: float, error: float) -> Any:
    """Whether two tracks are within an `error` (m² per axis) of each other at a time, and as fast."""
    one, two, spot = np.empty(SIZE), np.empty(SIZE), np.empty(3)
    blend(track.states, track.weights, one)
    blend(other.states, other.weights, two)
    lift(other.anchor, two[0] + two[1] * (time - other.time), two[2] + two[3] * (time - other.time), spot)
    e, n = across(track.anchor, spot)
    e -= one[0] + one[1] * (time - track.time)
    n -= one[2] + one[3] * (time - track.time)
    if e * e + n * n > GATE * error:
        return False
    faster = math.sqrt((one[1] - two[1]) ** 2 + (one[3] - two[3]) ** 2)
    spread = 0.5 * (one[8] + one[13] + two[8] + two[13]) + APART * APART
    return faster * faster < GATE * spread
