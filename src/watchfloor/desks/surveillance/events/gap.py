"""Gap in transmission: an object that reported itself regularly, and was under way, is silent.

Global Fishing Watch (Welch and others, 2022, "Hot spots of unseen fishing vessels", Science Advances 8,
eabq2109) calls it a gap when a vessel is silent for 12 hours or more, 50 nautical miles or more from shore,
having sent at least 14 positions in the 12 hours before. Inland a vessel is out of sight in minutes and
shore is always near, so here silence is measured against what the class sends: ITU-R M.1371-5, annex 1,
table 1 (class A: 2 to 10 s under way, 3 min moored) and annex 8 (class B: 30 s above 2 knots, 3 min below);
aircraft send their position twice a second (DO-260B). Since a point does not say which class of transponder
sent it, a vessel is taken for class B, which sends less.

A gap begins `MISSED` expected intervals after the last report, at least `LEAST` seconds. Only an identity
that came through before it speaks: `REGULAR` reports or more, on average not more than `PATCHY` times the
expected interval apart; not in a harbour, and not where its course takes it out of all receivers' reach by
the time it would be a gap. And only while others are heard: with no self-report in the `ALIVE` seconds
before it is one, it is the receiver that is silent, whoever is heard first once it is back. It is closed by
the next report; who comes back where he was had moored. An aircraft must have been above `CRUISE` metres,
since one that lands is lost below the horizon.

The chance is the share of expected messages that came through before.
"""

from math import hypot, inf
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.places import METRES, Places, inside
from watchfloor.desks.surveillance.events.points import AIRCRAFT, DRONE, Points
from watchfloor.desks.surveillance.events.rule_output import first_from, noted

Array = npt.NDArray[Any]

RULE: Final = "transmission-gap"
VERSION: Final = "2"

UNDER_WAY: Final = 2 * 1852 / 3600
"""m/s, 2 knots: below it ITU-R M.1371 lets a class B vessel send every 3 minutes, and a moored one be off."""
VESSEL: Final = 30.0
"""Seconds between the reports of a class B vessel under way."""
AIR: Final = 1.0
"""Seconds between the positions of an aircraft, one of two taken for lost."""
MISSED: Final = 30.0
"""Reports missed in a row. Judgement: half of them are lost in a crowded AIS cell, 30 in a row are not."""
LEAST: Final = 300.0
"""Seconds of silence at least. Judgement: a lock, a bridge or a high bank hides a vessel for less."""
REGULAR: Final = 10
PATCHY: Final = 4.0
ALIVE: Final = 120.0
CRUISE: Final = 600.0
STAYED: Final = 300.0
HARBOUR: Final = 300.0
"""Metres around a harbour within which a vessel that falls silent has moored."""
MOORED: Final = 0.3
"""What is left of the chance when it is heard again within `STAYED` metres: it was moored. Judgement."""
FORGET: Final = 0.9
"""Weight of the past in the running mean of the intervals."""
KEPT: Final = 48 * 3600.0
"""Seconds after which an identity is forgotten."""

GAP: Final = [
    ("claimed", "<i4"),
    ("t", "<f8"),
    ("latitude", "<f8"),
    ("longitude", "<f8"),
    ("east", "<f8"),  # m/s
    ("north", "<f8"),
    ("interval", "<f8"),  # running mean of seconds between reports
    ("limit", "<f8"),  # seconds of silence after which it is a gap; infinite where it would tell nothing
    ("expected", "<f8"),
    ("track", "<i8"),
    ("klass", "i1"),
    ("seen", "<i4"),
    ("state", "i1"),  # HEARD, TOLD, MUTE
]
HEARD, TOLD, MUTE = 0, 1, 2  # MUTE: it fell silent with all others, or where one does


@kernel
def heard(last: float, clock: Array, self_reported: Array) -> Any:
    """The latest self-report of anybody before each row, and after all of them; `last` is that before all."""
    latest = np.empty(len(clock) + 1)
    latest[0] = last
    for i in range(len(clock)):
        latest[i + 1] = max(latest[i], clock[i]) if self_reported[i] else latest[i]
    return latest


@kernel
def fold(
    rows: Array,
    place: Array,
    mine: Array,
    points: Points,
    clock: Array,
    latest: Array,
    receivers: Places,
    harbours: Places,
    out: Array,
) -> Any:
    """Take the self-reports with an identity, `mine` their rows in the batch, `place` their identities'.

    Returns:
        Notices and how many. Of one `x` is the expected interval in seconds, `y` how far apart the places
        before and after are, in metres, once it is heard again.
    """
    count = 0
    for k in range(len(mine)):
        i = mine[k]
        one = rows[place[k]]
        t = points.t[i]
        if one.t + KEPT < clock[i]:
            one.seen, one.state, one.limit = 0, HEARD, inf
        silent = t - one.t
        if one.state != HEARD or silent > one.limit:
            out, count = _returned(one, i, points, clock, latest, receivers, harbours, out, count)
        if silent <= 0:
            continue
        if one.seen < 2:
            one.interval = silent
        elif silent <= one.limit:  # a gap says nothing of the rate
            one.interval = FORGET * one.interval + (1 - FORGET) * silent
        one.seen += 1
        one.t, one.latitude, one.longitude = t, points.latitude[i], points.longitude[i]
        one.east, one.north = points.velocity[i, 0], points.velocity[i, 1]
        one.track, one.klass, one.claimed = points.track[i], points.klass[i], points.claimed[i]
        air = points.klass[i] == AIRCRAFT or points.klass[i] == DRONE
        one.expected = AIR if air else VESSEL
        moves = one.east * one.east + one.north * one.north >= UNDER_WAY * UNDER_WAY
        speaks = points.height[i] >= CRUISE if air else moves
        regular = one.seen > REGULAR and one.interval <= PATCHY * one.expected
        one.limit = max(LEAST, MISSED * max(one.interval, one.expected)) if speaks and regular else inf
    return out, count


@kernel
def _returned(
    one: Any,
    i: int,
    points: Points,
    clock: Array,
    latest: Array,
    receivers: Places,
    harbours: Places,
    out: Array,
    count: int,
) -> Any:
    """An identity is heard again after a gap, or as one."""
    if one.state == HEARD and one.seen:
        out, count = _silent(one, clock, latest, receivers, harbours, out, count)
    if one.state == TOLD:
        out = noted(out, count, i, one.t)
        note = out[count]
        _filled(note, one)
        north = points.latitude[i] - one.latitude
        east = (points.longitude[i] - one.longitude + 180) % 360 - 180
        note.until = points.t[i]
        note.y = 111_195 * hypot(north, east * np.cos(np.radians(one.latitude)))
        if note.y < STAYED:
            note.chance *= MOORED
        count += 1
    one.state = HEARD
    return out, count


@kernel
def _filled(note: Any, one: Any) -> None:
    note.track, note.klass, note.claimed = one.track, one.klass, one.claimed
    note.since, note.until = one.t, np.nan
    note.latitude, note.longitude = one.latitude, one.longitude
    note.chance = min(1.0, one.expected / one.interval)
    note.x = one.expected


@kernel
def _may_be_silent(one: Any, receivers: Places, harbours: Places) -> bool:
    """Whether it was in a harbour, or on its course is out of all receivers' reach by the time it is a
    gap."""
    if inside(harbours, one.latitude, one.longitude, HARBOUR) >= 0:
        return True
    if len(receivers.radius) == 0:
        return False
    y = one.latitude + one.north * one.limit / METRES
    x = one.longitude + one.east * one.limit / METRES / np.cos(np.radians(one.latitude))
    return bool(inside(receivers, y, x, 0.0) < 0)


@kernel
def _silent(
    one: Any, clock: Array, latest: Array, receivers: Places, harbours: Places, out: Array, count: int
) -> Any:
    """The clock passed an identity's limit: it is told at that row, unless nobody was heard, or it may be."""
    due = one.t + one.limit
    row = first_from(clock, due)
    if row == len(clock):
        return out, count
    if latest[row] < due - ALIVE or _may_be_silent(one, receivers, harbours):
        one.state = MUTE
        return out, count
    one.state = TOLD
    out = noted(out, count, row, one.t)
    note = out[count]
    _filled(note, one)
    return out, count + 1


@kernel
def sweep(
    rows: Array, clock: Array, latest: Array, receivers: Places, harbours: Places, out: Array, count: int
) -> Any:
    """Identities that are silent at the end of the batch."""
    if len(clock):
        for k in range(len(rows)):
            if rows[k].seen > 0 and rows[k].state == HEARD and rows[k].t + rows[k].limit <= clock[-1]:
                out, count = _silent(rows[k], clock, latest, receivers, harbours, out, count)
    return out, count
