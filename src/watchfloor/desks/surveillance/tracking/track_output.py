"""The rows in which the tracker says what it believes of a track."""

import math
from typing import Any

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking import stationary
from watchfloor.desks.surveillance.tracking.motion import SIZE, blend
from watchfloor.desks.surveillance.tracking.places import axes, lift, turned
from watchfloor.desks.surveillance.tracking.state import RECENT

STILL = 8.0
"""Metres within which a track has stayed that lies still."""


@kernel(error_model="numpy")
def write_row(track: Any, number: int, sensor: int, knobs: Any, rows: Any, at: int, ended: bool) -> Any:
    """Write one row of what is believed of a track; returns the next row."""
    if not track.confirmed and not knobs.tentative:
        return at
    whole = np.empty(SIZE)
    blend(track.states, track.weights, whole)
    row = rows[at]
    lift(track.anchor, whole[0], whole[2], row.place)
    row.t = track.time
    row.track = track.name
    row.report = number
    row.sensor = sensor
    c, s = axes(track.anchor, row.place)
    row.velocity[0] = c * whole[1] + s * whole[3]
    row.velocity[1] = c * whole[3] - s * whole[1]
    row.cov[0], row.cov[1], row.cov[2] = turned(c, -s, whole[4], whole[6], whole[11])
    row.vcov[0], row.vcov[1], row.vcov[2] = turned(c, -s, whole[8], whole[10], whole[13])
    row.altitude = track.altitude
    row.exists = track.exists
    best = 0
    for k in range(len(track.klass)):
        best = k if track.klass[k] > track.klass[best] else best
    row.klass = best if track.klass[best] > 0 else -1
    row.claimed = track.claimed
    row.stationary = stationary.judge(track, whole, row.place)
    row.ended = ended
    shown = track.confirmed and track.exists * in_sight(track) >= knobs.show and track.time <= fresh(track)
    if knobs.still and track.hits > 4 and track.fine:
        shown = shown and not _lies_still(track, row.place)
    shown = shown and not track.double and not track.echo > 0
    track.shown = shown
    row.confirmed = shown and not ended
    row.late = False
    return at + 1


@kernel(error_model="numpy")
def in_sight(track: Any) -> Any:
    """How probably a track is visible to any of the sensors that looked at it last."""
    hidden = 1.0
    for k in range(RECENT):
        if track.recent[k] >= 0 and track.looked[k] > track.time - 10:
            hidden *= 1 - track.visible[k]
    return 1 - hidden if hidden < 1 else 1.0


@kernel(error_model="numpy")
def _lies_still(track: Any, place: Any) -> Any:
    """Whether a track has never gone anywhere, as what stands or is moored has not."""
    far = math.sqrt(
        (place[0] - track.start[0]) ** 2 + (place[1] - track.start[1]) ** 2 + (place[2] - track.start[2]) ** 2
    )
    if track.roam < 0:
        for k in range(3):
            track.start[k] = place[k]
        far = 0.0
    track.roam = max(track.roam, far)
    age = track.time - track.born
    return age > 10 and track.roam < min(STILL, 0.3 * age)


@kernel(error_model="numpy")
def fresh(track: Any) -> Any:
    """Until when a track is shown without a new report: ten times its usual gap, and ten seconds."""
    return track.seen + 10 + 10 * track.gap


@kernel(error_model="numpy")
def tell_late(track: Any, number: int, sensor: int, knobs: Any, rows: Any, at: int) -> Any:
    """Write a row that a late report made."""
    after = write_row(track, number, sensor, knobs, rows, at, False)
    if after > at:
        rows[at].late = True
    return after


@kernel(error_model="numpy")
def tell_again(track: Any, entry: Any, knobs: Any, rows: Any, at: int) -> Any:
    """Write the row of a past update of a track that was made again; its state stands in the track."""
    if not entry.confirmed:
        return at
    held, track.exists = track.exists, entry.exists
    after = tell_late(track, entry.report.number if entry.hit else -1, entry.name, knobs, rows, at)
    track.exists = held
    rows[at].sensor = -1
    rows[at].confirmed = entry.exists >= knobs.show
    return after
