"""A track whose object turned or stopped sharper than the motion models know goes on under its number.

A sharp manoeuvre takes an object out of its track's gate, and its next report begins another track. That a
new object appears within reach of one that fell silent at that moment is far less likely than that it is the
same: once the new track is confirmed, the older goes on from its place (S. Zhang and Y. Bar-Shalom, Track
segment association with target maneuver, IEEE T-AES 47(1), 2011; here at once, not afterwards). Nothing is
confirmed sooner for it: an object that is gone is not carried on by the clutter about its last place.
"""

import math
from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking import extent
from watchfloor.desks.surveillance.tracking.motion import SIZE, blend
from watchfloor.desks.surveillance.tracking.places import across
from watchfloor.desks.surveillance.tracking.reports import POSITION
from watchfloor.desks.surveillance.tracking.sensors import GROWN
from watchfloor.desks.surveillance.tracking.state import RECENT

LONGEST: Final = 6.0
"""Seconds without a report after which a track is not gone on with."""
GATE: Final = 9.0
"""Squared distance over the variance by which a place may lie beyond what the speed reaches."""


@kernel(error_model="numpy")
def parents(
    feed: Any, noise: Any, taken: Any, speed_var: float, tracks: Any, clock: Any, parent: Any
) -> None:
    """Fill `parent` [reports] with the slot of the silent track that an unexplained position may be of.

    Of several it is the one within whose reach the position lies deepest: where its object was last seen, and
    as far as it could have gone since at its speed, in any direction. Others stay as they are.
    """
    whole = np.empty(SIZE)
    time = feed[len(feed) - 1].t
    nearest = np.ones(len(feed))
    for k in range(clock.live):
        slot = tracks[k].live
        track = tracks[slot]
        if not (track.confirmed and track.hits >= GROWN and 0 < time - track.seen < LONGEST):
            continue
        if track.double or track.echo > 0:
            continue
        blend(track.states, track.weights, whole)
        back = track.time - track.seen
        speed = math.sqrt(max(whole[1] ** 2 + whole[3] ** 2, speed_var))
        for j in range(len(feed)):
            if feed[j].measure != POSITION or taken[j] > 0.5 or feed[j].t <= track.seen:
                continue
            e, n = across(track.anchor, feed[j].place)
            e -= whole[0] - whole[1] * back
            n -= whole[2] - whole[3] * back
            reach = speed * (feed[j].t - track.seen) + math.sqrt(GATE * (noise[j, 0] + noise[j, 2]))
            depth = (e * e + n * n) / (reach * reach)
            if depth < nearest[j]:
                nearest[j] = depth
                parent[j] = slot


@kernel(error_model="numpy")
def inherits(track: Any, tracks: Any) -> Any:
    """Whether the track that this one may be of is still there, and silent since this one began."""
    older = tracks[track.parent]
    return older.name == track.parent_name and older.confirmed and older.seen < track.born


@kernel(error_model="numpy")
def go_on(track: Any, older: Any) -> None:
    """Let an older track go on as the younger, under its own number; the younger is gone."""
    extent.take_state(older, track)
    older.exists = track.exists
    older.hits = track.hits
    for k in range(RECENT):
        older.recent[k] = track.recent[k]
        older.frames[k] = track.frames[k]
        older.looked[k] = track.looked[k]
        older.gaps[k] = track.gaps[k]
        older.visible[k] = track.visible[k]
        older.charged[k] = track.charged[k]
        older.ask[k] = track.ask[k]
        older.met[k] = track.met[k]
    track.exists = 0.0
    track.confirmed = False
