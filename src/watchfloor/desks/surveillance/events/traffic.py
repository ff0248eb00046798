"""Local traffic, learned: how often a class passes a place at an hour of the week.

Trains, ferries, school buses and farm roads cross the line, and pass near it, as a rule. The rule counts,
per cell of `CELL` metres, class and hour of the week, the tracks that left the cell in it, and forgets them
by half in `HALF` seconds; and the same for all hours together. The rate of a cell is the count of all hours
over the hours watched and `UNSEEN` more, and that of an hour of the week its own count over the weeks
watched, drawn to the former by `KAPPA` weeks' worth. Passes of the hour that is not over do not count yet,
and what a track left behind itself is not counted against it. Only cells within the reach of the line are
learned.

Where tracks stand as a rule, in a marina, at a ferry's dock, on a car park, others stand too: so the cells in
which tracks of a class stood are counted as well, anywhere. A signal about somebody who stands keeps
`1 / (1 + others / STOOD)`, and every signal `1 / (1 + rate / USUAL)`, whichever is less, `FLOOR` at least:
whoever moves with the traffic is not shown to be part of it. There are `MOST` counts at most.
"""

from itertools import pairwise
from math import cos, exp2, floor, isfinite, log
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.places import METRES
from watchfloor.desks.surveillance.events.track_history import PointHistory

Array = npt.NDArray[Any]

CELL: Final = 250.0
HALF: Final = 28 * 86_400.0
WEEK: Final = 7 * 86_400.0
HOUR: Final = 3600.0
ALL: Final = 168
"""Number of "all hours", after those of the week; the week begins on a Thursday, as 1970 did, in UTC."""
STOPS: Final = 169
"""Number of "stood here"."""
KAPPA: Final = 1.0
UNSEEN: Final = 24.0
"""Hours without a pass that are added to those watched: nothing is usual on the first day. Judgement."""
USUAL: Final = 0.5
"""Passes an hour at which a signal is worth half. Judgement."""
STOOD: Final = 3.0
"""Others that stood in a cell at which a signal about one that stands is worth half. Judgement."""
STILL: Final = 0.5
"""m/s below which a track stands."""
FLOOR: Final = 0.15
GONE: Final = 0.05
"""Count below which a cell is forgotten."""
MOST: Final = 1 << 20
LAST: Final = 8
"""Cells of a track that are remembered as its own."""

PASSED: Final = [
    ("cell", "<i8"),
    ("klass", "i1"),
    ("own", "<i8", (LAST,)),  # cells that it passed
    ("at", "i1"),
    ("stood", "<i8", (LAST,)),  # cells that it stood in
    ("stood_at", "i1"),
]

CELLS: Final = np.dtype(
    [
        ("id", "<i8"),
        ("count", "<f8"),  # before the last hour, as it was at `t`
        ("t", "<f8"),
        ("hour", "<i8"),  # the last hour with a pass, since 1970
        ("now", "<f8"),  # passes in it
    ]
)


class Traffic:
    """Counts by cell, class and hour.

    Attributes:
        rows: the counts, with room at the end.
        count: how many there are.
        index: where a count is, by the hash of its id.
        began: time of the first point, NaN before it.
        day: of the last sweep.
    """

    def __init__(self, rows: Array, began: float, day: float) -> None:
        """Counts as they were."""
        self.rows, self.count, self.began, self.day = rows, len(rows), began, day
        self.index: Array = np.zeros(0, np.int32)
        self._room(0)

    @property
    def live(self) -> Array:
        """The counts there are, a view."""
        return self.rows[: self.count]

    def _room(self, more: int) -> None:
        wanted = min(self.count + more, MOST)
        if len(self.rows) < wanted or len(self.index) < max(2 * wanted, 1):
            rows = np.zeros(max(1024, 2 * wanted), CELLS)
            rows[: self.count] = self.live
            self.rows = rows
            self.index = np.full(1 << (2 * len(rows)).bit_length(), -1, np.int32)
            _fill(self.rows, self.count, self.index)

    def learn(self, tracks: Array, blank: Array, seen: PointHistory, metres: Array, asked: Array) -> Array:
        """Learn from points; and the factor at each of `ASKED`, in the order of their points.

        Of these `stand` is how many tracks the signal says to stand there, 0 where it says nothing of it.
        """
        factor = np.ones(len(asked))
        if not len(seen.row):
            return factor
        if not isfinite(self.began):
            self.began = float(seen.points.t[0])
            self.day = floor(seen.clock[0] / 86_400)
        day = np.floor(seen.clock / 86_400)
        cuts = np.flatnonzero(np.diff(day, prepend=self.day))
        edges = [0, *cuts.tolist(), len(day)]
        done = 0
        for first, last in pairwise(edges):
            if first in cuts:
                self._sweep(float(day[first]) * 86_400)
            self._room(3 * (last - first))
            self.count, done = _take(
                self.rows,
                self.index,
                self.count,
                tracks,
                blank,
                seen,
                metres,
                first,
                last,
                asked,
                done,
                self.began,
                factor,
            )
        self.day = float(day[-1])
        return factor

    def _sweep(self, now: float) -> None:
        live = self.live
        self.rows = live[(live["count"] + live["now"]) * np.exp2((live["t"] - now) / HALF) >= GONE].copy()
        self.count = len(self.rows)
        self.index = np.zeros(0, np.int32)
        self._room(0)


ASKED: Final = np.dtype(
    [
        ("row", "<i8"),
        ("place", "<i4"),
        ("klass", "i1"),
        ("stand", "i1"),
        ("latitude", "<f8"),
        ("longitude", "<f8"),
    ]
)


@kernel
def _key(y: float, x: float) -> int:
    """The cell at a place, with room for a class and an hour below it."""
    band = floor(y * METRES / CELL)
    around = max(1.0, floor(360 * METRES / CELL * cos((band + 0.5) * CELL / METRES * np.pi / 180)))
    column = floor((x + 180.0) % 360.0 / 360.0 * around)
    return int((np.int64(band + (1 << 17)) << 32 | np.int64(column) << 11) + 1)


@kernel
def _where(rows: Array, index: Array, key: int) -> Any:
    mask = np.uint64(len(index) - 1)
    at = (np.uint64(key) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(31)) & mask
    while index[at] >= 0 and rows[index[at]].id != key:
        at = (at + np.uint64(1)) & mask
    return np.int64(at)


@kernel
def _fill(rows: Array, count: int, index: Array) -> None:
    for k in range(count):
        index[_where(rows, index, rows[k].id)] = k


@kernel
def _add(rows: Array, index: Array, count: int, key: int, t: float) -> int:
    at = _where(rows, index, key)
    if index[at] < 0:
        if count >= MOST:
            return count
        index[at] = count
        one = rows[count]
        one.id, one.count, one.t, one.hour, one.now = key, 0.0, t, np.int64(t // HOUR), 0.0
        count += 1
    one = rows[index[at]]
    if t // HOUR > one.hour:
        one.count = (one.count + one.now) * exp2(-(t - one.t) / HALF)
        one.t, one.hour, one.now = t, np.int64(t // HOUR), 0.0
    one.now += 1
    return count


@kernel
def _counted(rows: Array, index: Array, key: int, t: float) -> float:
    at = _where(rows, index, key)
    if index[at] < 0:
        return 0.0
    one = rows[index[at]]
    past = one.count + one.now if t // HOUR > one.hour else one.count
    return float(past * exp2(-max(t - one.t, 0.0) / HALF))


@kernel
def _hour(t: float) -> int:
    return int(floor(t / HOUR) % ALL)


@kernel
def _take(
    rows: Array,
    index: Array,
    count: int,
    tracks: Array,
    blank: Array,
    seen: PointHistory,
    metres: Array,
    first: int,
    last: int,
    asked: Array,
    done: int,
    began: float,
    factor: Array,
) -> Any:
    points = seen.points
    for i in range(first, last):
        one = tracks[seen.place[i]]
        if seen.fresh[i]:
            tracks[seen.place[i]] = blank[0]
        if seen.of[i] >= 0:
            tracks[seen.place[i]] = tracks[seen.of[i]]
        if seen.look[i] and points.confirmed[i]:
            cell = _key(points.latitude[i], points.longitude[i]) if isfinite(metres[i]) else 0
            if cell != one.cell:
                if one.cell != 0 and not _has(one.own, one.cell):
                    key = one.cell + np.int64(one.klass) * 256
                    count = _add(rows, index, count, key + _hour(points.t[i]), points.t[i])
                    count = _add(rows, index, count, key + ALL, points.t[i])
                    one.own[one.at] = one.cell
                    one.at = (one.at + 1) % LAST
                one.cell = cell
            one.klass = points.klass[i]
            if points.velocity[i, 0] ** 2 + points.velocity[i, 1] ** 2 < STILL * STILL:
                here = _key(points.latitude[i], points.longitude[i])
                if not _has(one.stood, here):
                    key = here + int(one.klass) * 256 + STOPS
                    count = _add(rows, index, count, key, points.t[i])
                    one.stood[one.stood_at] = here
                    one.stood_at = (one.stood_at + 1) % LAST
        while done < len(asked) and asked[done].row == i:
            ask = asked[done]
            cell = _key(ask.latitude, ask.longitude)
            key = cell + int(ask.klass) * 256
            weeks = _weeks(points.t[i] - began)
            own = 1.0 if ask.place >= 0 and _has(tracks[ask.place].own, cell) else 0.0
            every = max(_counted(rows, index, key + ALL, points.t[i]) - own, 0.0) / (ALL * weeks + UNSEEN)
            hour = _counted(rows, index, key + _hour(points.t[i]), points.t[i])
            rate = (hour + KAPPA * every) / (weeks + KAPPA)
            left = 1 / (1 + rate / USUAL)
            if ask.stand > 0:
                others = max(_counted(rows, index, key + STOPS, points.t[i]) - ask.stand, 0.0)
                left = min(left, 1 / (1 + others / STOOD))
            factor[done] = max(FLOOR, left)
            done += 1
    return count, done


@kernel
def _weeks(age: float) -> float:
    """Weeks watched, those long ago forgotten as the counts are."""
    return (1 - exp2(-max(age, 0.0) / HALF)) * HALF / WEEK / log(2.0)


@kernel
def _has(own: Array, cell: int) -> bool:
    found = False
    for k in range(len(own)):
        found = found or own[k] == cell
    return found
