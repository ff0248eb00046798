"""Which track takes up another: a tracker numbers anew what it has lost and finds again.

It loses what stands where a radar sees only what moves, and what is out of reach. The first point of a run
that is borne out (`track_history`) asks where that run began: there another may have stood last, or would
have come to by its velocity, not long before. Of several the nearest is taken up, once. One of another class
is none, and neither is one that claims another identity. What the rules knew of it goes on: its side of the
line, how long it is out in the cold, that it was told.

**Misled by:** who stops at the line while another sets off there, within `STOOD` metres and `STANDS` seconds.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.places import METRES, apart
from watchfloor.desks.surveillance.events.points import (
    AIRCRAFT,
    ANIMAL,
    BOAT,
    DRONE,
    GROUP,
    PERSON,
    UNKNOWN,
)

Array = npt.NDArray[Any]

STOOD: Final = np.array([60.0, 60.0, 500.0, 500.0, 0.0, 100.0, 60.0, 100.0])
"""Metres of each class from where a track was seen last to where the next one began, of what stood between
them: some seconds of its way. Judgement."""
STANDS: Final = 300.0
"""Seconds that it may have stood."""
WENT: Final = 900.0
"""Seconds that a boat may have gone on unseen, from the last receiver to the next radar."""
FLEW: Final = 120.0
"""The same of an aircraft."""
ASTRAY: Final = 0.25
"""Share of its way by which what went on may be off its course. Judgement."""
ABOUT: Final = 300.0
"""Metres by which it may be off in any case."""
FASTEST: Final = 30.0
"""m/s beyond which nothing is looked for."""
TRIES: Final = 3
"""Points of a run after the first that ask again: at first its class is that of a wave."""
EVERY: Final = 10.0
SOUGHT: Final = 64
"""Searches in `EVERY` seconds of the clock: a flood of tracks that begin is no reason to stand still."""
FOOT: Final = (PERSON, GROUP, ANIMAL)
BUDGET: Final = np.dtype([("look", "<f8"), ("left", "<i8")])
"""Searches that are left until the clock's next `EVERY` seconds."""


LOST: Final = np.dtype([("row", "<i8"), ("last", "<f8"), ("latitude", "<f8")])
"""A track that may be taken up: its row, when it was borne out last (0: it may not be), and where."""


def lost(rows: Array, now: float, more: int) -> tuple[Array, Array, int]:
    """Return the tracks that may be taken up from a moment on, with room for `more`; of each row its place
    among them, -1 for none; and how many there are."""
    found = np.flatnonzero((rows["last"] > 0) & (rows["last"] + WENT >= now) & ~rows["heir"])
    tracks, place = np.zeros(len(found) + more, LOST), np.full(len(rows), -1, np.int32)
    place[found] = np.arange(len(found))
    tracks["row"][: len(found)] = found
    for name, of in (("last", "last"), ("latitude", "last_latitude")):
        tracks[name][: len(found)] = rows[of][found]
    return tracks, place, len(found)


@kernel
def note(rows: Array, row: int, tracks: Array, place: Array, count: int) -> int:
    """Note that a track may be taken up where it was borne out last; returns how many there are."""
    if place[row] < 0:
        place[row] = count
        tracks[count].row = row
        count += 1
    tracks[place[row]].last, tracks[place[row]].latitude = rows[row].last, rows[row].last_latitude
    return count


@kernel
def taken_up(
    rows: Array, me: int, klass: int, now: float, budget: Any, tracks: Array, place: Array, count: int
) -> int:
    """The row of the track that this one takes up, with where that began; -1 for none.

    Of `rows` the fields of `track_history.WALK` are used; `tracks` to `count` are of `lost` and `note`.
    """
    one = rows[me]
    if np.floor(now / EVERY) != budget.look:
        budget.look, budget.left = np.floor(now / EVERY), SOUGHT
    if budget.left == 0:
        return -1
    budget.left -= 1
    best, found = np.inf, -1
    for n in range(count):
        k, last = tracks[n].row, tracks[n].last
        if k == me or last == 0 or last >= one.start or last + WENT < now:
            continue
        if abs(tracks[n].latitude - one.start_latitude) * METRES > FASTEST * (one.start - last) + ABOUT:
            continue
        metres = _astray(rows[k], one, klass)
        if metres > best or metres == np.inf:
            continue
        if metres < best or last > rows[found].last or (last == rows[found].last and k < found):
            best, found = metres, k
    if found >= 0:
        other = rows[found]
        other.heir = True
        tracks[place[found]].last = 0.0
        one.born, one.born_latitude = other.born, other.born_latitude
        one.born_longitude = other.born_longitude
    return found


@kernel
def _astray(other: Any, one: Any, klass: int) -> float:
    """Metres from where a track would be to where another began; infinite where it cannot be that one."""
    if one.claimed >= 0 and other.claimed >= 0 and one.claimed != other.claimed:
        return np.inf
    if not _alike(klass, other.klass):
        return np.inf
    gap = one.start - other.last
    y, x = other.last_latitude, other.last_longitude
    metres = apart(y, x, one.start_latitude, one.start_longitude)
    best = metres if gap <= STANDS and metres <= max(STOOD[klass], STOOD[other.klass]) else np.inf
    goes_on = klass == other.klass and (klass == BOAT or (klass == AIRCRAFT and gap <= FLEW))
    if goes_on:
        x += other.east * gap / METRES / np.cos(np.radians(y))
        y += other.north * gap / METRES
        off = apart(y, x, one.start_latitude, one.start_longitude)
        if off <= ABOUT + ASTRAY * gap * np.hypot(other.east, other.north):
            best = min(best, off)
    return best


@kernel
def _alike(klass: int, other: int) -> bool:
    """Whether two classes may be one thing: those on foot, and those that fly, are mistaken for each
    other."""
    if klass == other or UNKNOWN in (klass, other):
        return True
    flies = klass in (AIRCRAFT, DRONE) and other in (AIRCRAFT, DRONE)
    return flies or (klass in FOOT and other in FOOT)


@kernel
def stood(before: Any, t: float, y: float, x: float, klass: int) -> bool:
    """Whether a track may have stood since its point before: latitude, longitude and time, NaN for none."""
    return bool(t - before[2] <= STANDS and apart(before[0], before[1], y, x) <= STOOD[klass])
