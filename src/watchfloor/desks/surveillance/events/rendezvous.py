"""Rendezvous: two slow tracks that came from different places stay close together.

Global Fishing Watch calls it an encounter when two vessels are within 500 m of one another for at least 2
hours, at a median speed below 2 knots, at least 10 km from an anchorage (Miller and others, 2018,
"Identifying global patterns of transshipment behavior", Frontiers in Marine Science 5, 240); its pipeline
looks at one day at a time, from positions of every 10 minutes. Inland two boats change a load in minutes,
the width of a river is a few hundred metres, and marinas are kilometres apart, so the parameters of each
class are shorter, see `PARAMETERS`. Walkers in a group and vehicles from one yard are no rendezvous: the
places where both tracks began must be `APART` radii from each other.

The rule looks at each slow track once in `EVERY` seconds, and compares it with what was last seen of the
other slow tracks near it, up to `STALE` seconds old. There are no days in it, so a meeting across midnight
is one. The meeting ends when one of the two is not slow, is farther away, or has not been seen for `STALE`
seconds. It is told when it has lasted long enough, each time it has doubled, and once it is over.

Who joins two that were told to lie together makes no meeting of its own; often it is one of them, tracked
twice. Two that both said who they are within `OPEN` seconds hide nothing, and `SAID` of the chance is left:
tugs at their nets, patrols, a tow. Where one may be fixed, `FIXED` of it is left.
"""

from math import erfc
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.places import METRES, Places, apart, inside
from watchfloor.desks.surveillance.events.rule_output import first_from, grown, noted
from watchfloor.desks.surveillance.events.track_history import PointHistory

Array = npt.NDArray[Any]

RULE: Final = "rendezvous"
VERSION: Final = "1"

PARAMETERS: Final = np.array(
    [  # metres apart, m/s, seconds
        (50.0, 0.7, 300.0),  # person: two who talk; 0.7 m/s is half a walking pace
        (50.0, 0.7, 300.0),  # group
        (60.0, 2.0, 300.0),  # vehicle: side by side on a shoulder
        (200.0, 1.03, 600.0),  # boat: 2 knots; 200 m since a radar's error is of that order
        (0.0, 0.0, 0.0),  # aircraft: none
        (0.0, 0.0, 0.0),  # drone: none
        (0.0, 0.0, 0.0),  # animal: none
        (100.0, 1.03, 600.0),  # unknown
    ]
)
"""Of each class. Of two classes the smaller distance and the longer time count. Judgement."""

EVERY: Final = 60.0
"""Seconds between two looks at one slow track; it is seen to go at once."""
STALE: Final = 200.0
"""Seconds: a class B vessel that hardly moves reports every 180 (ITU-R M.1371-5, annex 8)."""
APART: Final = 4.0
"""Radii between the places where the two tracks began."""
HARBOUR: Final = 1_000.0
"""Metres from an anchorage within which a meeting is none (GFW: 10 km)."""
FORGET: Final = 0.9
"""Weight of the past in the running mean of the chance that both are there and within the distance."""
FIRST: Final = 0.3
"""What the shortest meeting falls short of a certain one; ten times as long, a tenth of it. Judgement."""
OPEN: Final = 900.0
SAID: Final = 0.5
FIXED: Final = 0.25
"""What is left where one of the two may be a pier. Judgement, as the two above."""
CELL: Final = 400.0
"""Metres to a side of a cell of the grid: twice the largest distance of `PARAMETERS`, so that whoever is near
is in the cell or in one of the three on its nearer sides."""
BANDS: Final = int(180 * METRES / CELL) + 1
_SOUTH: Final = np.arange(BANDS) * CELL / METRES - 90
_EDGE: Final = np.maximum(np.abs(_SOUTH), np.abs(_SOUTH + CELL / METRES))
AROUND: Final = np.maximum(
    1, np.floor(360 * METRES / CELL * np.cos(np.radians(np.minimum(_EDGE, 90))))
).astype(np.int32)
"""Cells around the Earth in each band of latitude, from the south; at its edge nearer a pole they are no
narrower than `CELL`."""

SLOW: Final = [
    ("slow", "?"),  # and so in the grid
    ("klass", "i1"),
    ("next", "<i4"),  # in its bucket, the tracks in the order of their numbers
    ("cell", "<i8"),
    ("seen", "<f8"),
    ("latitude", "<f8"),
    ("longitude", "<f8"),
    ("variance", "<f8"),
    ("exists", "<f8"),
    ("claimed", "<i4"),
    ("born_latitude", "<f8"),
    ("born_longitude", "<f8"),
    ("lit", "<f8"),  # when it reported itself last
    ("fixed", "?"),  # it may be a pier
]

PAIR: Final = np.dtype(
    [
        ("first", "<i8"),  # the smaller number of the two tracks
        ("second", "<i8"),
        ("since", "<f8"),
        ("last", "<f8"),
        ("told", "<f8"),  # seconds it had lasted when it was told last, 0 never
        ("latitude", "<f8"),  # between the two
        ("longitude", "<f8"),
        ("nearest", "<f8"),
        ("chance", "<f8"),
        ("needs", "<f8"),  # seconds
        ("klass", "i1"),  # of the first
        ("claimed", "<i4"),
        ("also", "<i4"),  # claimed by the second
        ("open", "?"),  # both reported themselves not long ago
        ("fixed", "?"),  # one may be a pier
        ("part", "?"),  # of another meeting, and never told
    ]
)


class Pairs:
    """Pairs of tracks that are close now, and the grid of slow tracks.

    Attributes:
        rows: the pairs, with room at the end.
        count: how many there are.
        index: where a pair is, by the hash of its tracks' numbers.
        heads: the first track of each bucket of cells, -1 for none.
    """

    def __init__(self, rows: Array, tracks: int) -> None:
        """Pairs, and room for the slow ones among so many tracks."""
        self.rows, self.count = np.concatenate([rows, np.zeros(64, PAIR)]), len(rows)
        self.index = indexed(self.rows, self.count)
        self.heads = np.full(max(1024, 1 << (2 * tracks).bit_length()), -1, np.int32)

    @property
    def live(self) -> Array:
        """The pairs there are, a view."""
        return self.rows[: self.count]

    def keep(self, kept: Array) -> None:
        """Only those pairs whose number is true in a mask."""
        live = self.live[kept]
        self.rows, self.count = np.concatenate([live, np.zeros(64, PAIR)]), len(live)
        self.index = indexed(self.rows, self.count)


@kernel
def _mixed(a: int, b: int, mask: int) -> Any:
    mixed = np.uint64(a) * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(b) * np.uint64(0xC2B2AE3D27D4EB4F)
    return np.int64((mixed >> np.uint64(29)) & np.uint64(mask))


@kernel
def indexed(rows: Array, count: int) -> Array:
    """Where each pair is, by hash; as large as all rows want."""
    size = 128
    while size < 2 * len(rows):
        size *= 2
    index = np.full(size, -1, np.int32)
    for k in range(count):
        index[_found(rows, index, rows[k].first, rows[k].second)] = k
    return index


@kernel
def _found(rows: Array, index: Array, first: int, second: int) -> Any:
    """Where in the index a pair is, or would be."""
    mask = len(index) - 1
    at = _mixed(first, second, mask)
    while index[at] >= 0 and (rows[index[at]].first != first or rows[index[at]].second != second):
        at = (at + 1) & mask
    return at


@kernel(error_model="numpy")
def _cells(y: float, x: float, up: int) -> tuple[int, int]:
    """Numbers of the cell of a place and of the one on its nearer side; -1 where there is none.

    With `up` the two of the band of latitudes on its nearer side.
    """
    row = (y + 90.0) * (METRES / CELL)
    band = min(int(row), BANDS - 1)
    if up:
        band += 1 if row - band >= 0.5 else -1
        if band < 0 or band >= BANDS:
            return -1, -1
    around = int(AROUND[band])
    column = (x + 180.0) * (1 / 360.0) * around
    cell = min(int(column), around - 1)
    other = cell + (1 if column - cell >= 0.5 else -1)
    if other < 0 or other == around:
        other = -1 if around == 1 else around - 1 if other < 0 else 0
    return (band << 32) + cell, ((band << 32) + other if other >= 0 else -1)


@kernel
def _bucket(cell: int, size: int) -> Any:
    return _mixed(cell, 0, size - 1)


@kernel
def _out(slow: Array, heads: Array, me: int) -> None:
    """A track leaves the grid."""
    one = slow[me]
    bucket = _bucket(one.cell, len(heads))
    if heads[bucket] == me:
        heads[bucket] = one.next
    else:
        at = heads[bucket]
        while slow[at].next != me:
            at = slow[at].next
        slow[at].next = one.next
    one.slow = False


@kernel
def _into(ids: Array, slow: Array, heads: Array, me: int) -> None:
    """A track enters the grid at its place, in the order of numbers, so that answers have one order."""
    one = slow[me]
    one.slow = True
    bucket = _bucket(one.cell, len(heads))
    at, before = heads[bucket], -1
    while at >= 0 and ids[at] < ids[me]:
        at, before = slow[at].next, at
    one.next = at
    if before < 0:
        heads[bucket] = me
    else:
        slow[before].next = me


@kernel
def fill(ids: Array, slow: Array, heads: Array) -> None:
    """Put the slow tracks into an empty grid."""
    for me in range(len(ids)):
        if slow[me].slow:
            _into(ids, slow, heads, me)


@kernel
def fold(
    ids: Array,
    slow: Array,
    heads: Array,
    rows: Array,
    index: Array,
    count: int,
    seen: PointHistory,
    harbours: Places,
    out: Array,
    noticed: int,
) -> Any:
    """Look at tracks; gives the pairs, their index and count, and the notices and theirs.

    Of a notice `x` is the nearest that the two came to each other, in metres, and `y` whether it is over.
    """
    points = seen.points
    for i in range(len(seen.row)):
        me = seen.place[i]
        one = slow[me]
        if seen.fresh[i]:
            one.lit = -np.inf
            if one.slow:
                _out(slow, heads, me)
        if seen.of[i] >= 0:
            one.lit = slow[seen.of[i]].lit
        if points.self_reported[i]:
            one.lit = points.t[i]
        if not seen.look[i]:
            continue
        klass = points.klass[i]
        east, north = points.velocity[i, 0], points.velocity[i, 1]
        fast = east * east + north * north >= PARAMETERS[klass, 1] * PARAMETERS[klass, 1]
        if one.slow and not fast and points.t[i] < one.seen + EVERY and not points.ended[i]:
            continue
        if fast or points.ended[i] or not points.confirmed[i]:
            if one.slow:
                _out(slow, heads, me)
            continue
        one.klass, one.seen, one.exists, one.claimed = klass, points.t[i], points.exists[i], seen.claimed[i]
        one.latitude, one.longitude = points.latitude[i], points.longitude[i]
        one.born_latitude, one.born_longitude = seen.born[i, 0], seen.born[i, 1]
        one.fixed = seen.fixed[i]
        one.variance = (points.cov[i, 0] + points.cov[i, 2]) / 2
        cell, _ = _cells(one.latitude, one.longitude, 0)
        if one.slow and cell != one.cell:
            _out(slow, heads, me)
        if not one.slow:
            one.cell = cell
            _into(ids, slow, heads, me)
        upper, lower = _cells(one.latitude, one.longitude, 1), _cells(one.latitude, one.longitude, 0)
        for side in range(4):
            cell = (upper if side & 1 else lower)[side >> 1]
            at = heads[_bucket(cell, len(heads))] if cell >= 0 else -1
            while at >= 0:
                near, metres = _near(slow, me, at, cell, seen.clock[i])
                if near > 0:
                    if 2 * (count + 1) > len(rows):
                        rows = grown(rows)
                        index = indexed(rows, count)
                    first, second = min(ids[me], ids[at]), max(ids[me], ids[at])
                    where = _found(rows, index, first, second)
                    if index[where] < 0:
                        index[where] = count
                        rows[count].first, rows[count].second, rows[count].last = first, second, -np.inf
                        rows[count].told = 0.0
                        count += 1
                    pair = rows[index[where]]
                    every = rows[:count]
                    out, noticed = _met(
                        pair, every, one, slow[at], metres, near, i, seen, harbours, out, noticed
                    )
                at = slow[at].next
    return rows, index, count, out, noticed


@kernel
def _joins(every: Array, pair: Any, now: float) -> bool:
    """Whether one track of a pair is in a meeting that was told and goes on."""
    for k in range(len(every)):
        other = every[k]
        if other.told == 0 or other.part or other.last + STALE < now:
            continue
        mine = (other.first == pair.first) + (other.second == pair.second)
        mine += (other.first == pair.second) + (other.second == pair.first)
        if mine == 1:
            return True
    return False


@kernel
def _near(slow: Array, me: int, other: int, cell: int, now: float) -> tuple[float, float]:
    """The distance that two tracks must keep to be close, 0 where they are not; and their distance."""
    mine, its = slow[me], slow[other]
    reach = min(PARAMETERS[mine.klass, 0], PARAMETERS[its.klass, 0])
    if me == other or its.cell != cell or abs(mine.latitude - its.latitude) * METRES > reach:
        return 0.0, 0.0
    metres = apart(mine.latitude, mine.longitude, its.latitude, its.longitude)
    if metres > reach or its.seen + STALE < now:
        return 0.0, metres
    born = apart(mine.born_latitude, mine.born_longitude, its.born_latitude, its.born_longitude)
    if born < APART * reach:
        return 0.0, metres
    return reach, metres


@kernel
def _met(
    pair: Any,
    every: Array,
    mine: Any,
    its: Any,
    metres: float,
    reach: float,
    i: int,
    seen: PointHistory,
    harbours: Places,
    out: Array,
    noticed: int,
) -> Any:
    """Two tracks are close at a look."""
    t = seen.points.t[i]
    if pair.last + STALE < seen.clock[i]:
        out, noticed = _over(pair, seen.clock, out, noticed)
        pair.since, pair.nearest, pair.chance, pair.told, pair.part = t, metres, 1.0, 0.0, False
        pair.needs = max(PARAMETERS[mine.klass, 2], PARAMETERS[its.klass, 2])
    pair.last, pair.nearest = t, min(pair.nearest, metres)
    first, second = (mine, its) if seen.points.track[i] == pair.first else (its, mine)
    pair.klass, pair.claimed, pair.also = first.klass, first.claimed, second.claimed
    pair.latitude = (mine.latitude + its.latitude) / 2
    pair.longitude = mine.longitude + ((its.longitude - mine.longitude + 180.0) % 360.0 - 180.0) / 2
    spread = np.sqrt(2 * (mine.variance + its.variance))
    pair.open = min(mine.lit, its.lit) + OPEN >= t
    pair.fixed = mine.fixed or its.fixed
    close = 0.5 * erfc((metres - reach) / spread) if spread > 0 else 1.0
    pair.chance = FORGET * pair.chance + (1 - FORGET) * close * mine.exists * its.exists
    lasted = t - pair.since
    due = lasted >= max(pair.needs, 2 * pair.told)
    if (
        due
        and not pair.part
        and (pair.told > 0 or inside(harbours, pair.latitude, pair.longitude, HARBOUR) < 0)
    ):
        pair.part = pair.told == 0 and _joins(every, pair, seen.clock[i])
        if not pair.part:
            pair.told = lasted
            out, noticed = _told(pair, i, 0.0, out, noticed)
    return out, noticed


@kernel
def _told(pair: Any, row: int, over: float, out: Array, noticed: int) -> Any:
    out = noted(out, noticed, row, pair.since)
    note = out[noticed]
    note.track, note.other, note.klass = pair.first, pair.second, pair.klass
    note.claimed, note.also = pair.claimed, pair.also
    note.since, note.until = pair.since, pair.last
    note.latitude, note.longitude = pair.latitude, pair.longitude
    note.chance = pair.chance * (1 - FIRST * pair.needs / max(pair.last - pair.since, pair.needs))
    if pair.open:
        note.chance *= SAID
    if pair.fixed:
        note.chance *= FIXED
    note.x, note.y = pair.nearest, over
    return out, noticed + 1


@kernel
def _over(pair: Any, clock: Array, out: Array, noticed: int) -> Any:
    """A meeting that was told is over: told once more, at the row at which that became known."""
    if pair.told > 0:
        row = first_from(clock, np.nextafter(pair.last + STALE, np.inf))
        out, noticed = _told(pair, row, 1.0, out, noticed)
        pair.told = 0.0
    return out, noticed


@kernel
def sweep(rows: Array, count: int, clock: Array, out: Array, noticed: int) -> Any:
    """Meetings that are over at the end of the batch: notices, and which pairs are to be kept."""
    kept = np.ones(count, np.bool_)
    if len(clock):
        for k in range(count):
            if rows[k].last + STALE < clock[-1]:
                out, noticed = _over(rows[k], clock, out, noticed)
                kept[k] = False
    return out, noticed, kept
