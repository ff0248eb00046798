"""An identity that cannot be true: in two places at once, too fast to be one craft, or a vessel on land.

An MMSI or an ICAO address is what its sender says. A report that its identity could not have reached from
the one before, at `FASTEST`, is a jump; when later reports go on from both places in turn, two senders share
the identity. Both are well-known faults of AIS: numbers typed wrong, cloned, or made up (Harati-Mokhtari and
others, 2007, "Automatic Identification System: data reliability and human error implications", Journal of
Navigation 60, 373; Androjna and others, 2021, "AIS data vulnerability indicated by a spoofing case-study",
Applied Sciences 11, 5015). A vessel is on land where the floor's reference of land says so, and it is under
way.
"""

from math import sqrt
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.places import apart
from watchfloor.desks.surveillance.events.points import AIRCRAFT, BOAT, DRONE
from watchfloor.desks.surveillance.events.rule_output import noted_point
from watchfloor.desks.surveillance.events.track_history import PointHistory

Array = npt.NDArray[Any]

JUMPED: Final = "identity-jump"
SHARED: Final = "identity-shared"
ASHORE: Final = "vessel-on-land"
VERSION: Final = "1"

FASTEST: Final = (36.0, 350.0)
"""m/s of a vessel (70 knots) and of an aircraft (680 knots). Judgement: the fastest of those that report."""
SLACK: Final = (1_000.0, 5_000.0)
"""Metres that are never a jump: errors of place and time stamps."""
SIGMAS: Final = 4.0
TURNS: Final = 3
"""Changes between two places after which the identity is shared."""
JUMP: Final = 0.6
"""Chance that one jump is a false place or identity, and no error of the receiver. Judgement."""
WITHIN: Final = 3_600.0
"""Seconds that the place left behind is remembered."""
AGAIN: Final = 3_600.0
"""Seconds after which what goes on is told again."""
UNDER_WAY: Final = 1.03
LAND: Final = 0.7
"""Chance, where a reference says land. Judgement: references of land are older than the water's level."""

TWICE: Final = [
    ("t", "<f8"),
    ("latitude", "<f8"),
    ("longitude", "<f8"),
    ("sigma", "<f8"),
    ("track", "<i8"),
    ("other_t", "<f8"),  # the place left behind by a jump, 0 for none
    ("other_latitude", "<f8"),
    ("other_longitude", "<f8"),
    ("other_sigma", "<f8"),
    ("other_track", "<i8"),
    ("jumped", "<f8"),  # when it was told
    ("shared", "<f8"),  # since when
    ("shared_told", "<f8"),
    ("turns", "<i4"),
]


@kernel
def _reached(
    t: float, y: float, x: float, sigma: float, seen: PointHistory, i: int, air: int
) -> tuple[bool, float]:
    """Whether a point can be reached from a place and time before it; and metres between them."""
    points = seen.points
    metres = apart(y, x, points.latitude[i], points.longitude[i])
    spread = SIGMAS * (sigma + _sigma(seen, i))
    return metres <= FASTEST[air] * max(points.t[i] - t, 0.0) + max(SLACK[air], spread), metres


@kernel
def _sigma(seen: PointHistory, i: int) -> float:
    return sqrt(max(seen.points.cov[i, 0] + seen.points.cov[i, 2], 0.0))


@kernel
def fold(rows: Array, seen: PointHistory, mine: Array, place: Array, out: Array, shared: Array) -> Any:
    """Take the self-reports with an identity, as `watchfloor.desks.surveillance.events.gap.fold` does.

    Returns:
        Notices of jumps and of shared identities, with how many of each. Of one, `x` is metres between the
        two places and `y` seconds between the reports.
    """
    points, jumps, shares = seen.points, 0, 0
    for k in range(len(mine)):
        i = mine[k]
        one = rows[place[k]]
        t = points.t[i]
        air = 1 if points.klass[i] == AIRCRAFT or points.klass[i] == DRONE else 0
        if one.t > 0 and t - one.t < WITHIN:
            near, metres = _reached(one.t, one.latitude, one.longitude, one.sigma, seen, i, air)
            if not near:
                back = False
                if one.other_t > 0 and t - one.other_t < WITHIN:
                    back, _ = _reached(
                        one.other_t, one.other_latitude, one.other_longitude, one.other_sigma, seen, i, air
                    )
                if one.turns == 0 or t - one.other_t >= WITHIN:
                    one.turns, one.shared, one.shared_told = 0, one.t, -np.inf
                if not back and (one.jumped == 0 or t - one.jumped >= AGAIN):
                    one.jumped = t
                    out = noted_point(out, jumps, seen, i, t)
                    note = out[jumps]
                    note.since, note.x, note.y, note.chance = (
                        one.t,
                        metres,
                        t - one.t,
                        JUMP * points.exists[i],
                    )
                    if one.track != points.track[i]:
                        note.other = one.track
                    jumps += 1
                one.turns += 1
                if one.turns >= TURNS and back and t - one.shared_told >= AGAIN:
                    one.shared_told = t
                    shared = noted_point(shared, shares, seen, i, one.shared)
                    note = shared[shares]
                    note.x, note.y, note.chance = metres, t - one.t, 1 - 0.5**one.turns
                    if one.track != points.track[i]:
                        note.other = one.track
                    shares += 1
                one.other_t, one.other_latitude, one.other_longitude = one.t, one.latitude, one.longitude
                one.other_sigma, one.other_track = one.sigma, one.track
        else:
            one.turns = 0
        one.t, one.latitude, one.longitude = t, points.latitude[i], points.longitude[i]
        one.sigma, one.track = _sigma(seen, i), points.track[i]
    return out, jumps, shared, shares


ASHORE_STATE: Final = [("told", "<f8"), ("since", "<f8")]


def may_be_ashore(seen: PointHistory) -> npt.NDArray[np.int64]:
    """Looks at vessels that report themselves and are under way."""
    points = seen.points
    speed = np.hypot(points.velocity[:, 0], points.velocity[:, 1])
    asked = seen.look & points.self_reported & (points.klass == BOAT) & (speed >= UNDER_WAY)
    return np.flatnonzero(asked)


@kernel
def ashore(rows: Array, blank: Array, seen: PointHistory, land: Array, out: Array) -> Any:
    """Notices of vessels on land, and how many; `land` says of each point whether it is on land."""
    points, count = seen.points, 0
    for i in range(len(seen.row)):
        if seen.fresh[i]:
            rows[seen.place[i]] = blank[0]
        if land[i]:
            one = rows[seen.place[i]]
            t = points.t[i]
            if one.told == 0 or t - one.told >= AGAIN:
                if one.told == 0:
                    one.since = t
                one.told = t
                out = noted_point(out, count, seen, i, one.since)
                out[count].chance = LAND * points.exists[i]
                count += 1
    return out, count
