"""Border crossing: a track that was on one side of the line is on the other.

Where a track is, is a normal distribution; the line near it is taken for straight, at the distance of its
nearest point, so the share of the distribution on the Canadian side is Φ(d / σ), σ across the line. A track
belongs to a side from the first of `TWICE` points that have `SURE` of its share there, once it is confirmed.
It may have crossed when the share falls to one half, at `TWICE` points; from then on the event stands with
the product of the largest share before, the share on the other side now (both taken for independent) and the
probability that there is an object. It is taken back when the track is surely on its first side again, and
closed when `SETTLED` of it is on the other, or `SURE` of it for `SETTLES` seconds.

Since: the last point surely on the first side. Until: the first point surely on the other one.

A boat or an aircraft that crosses and leaves again without landing, anchoring, mooring or touching another
need not report (Customs Act, s. 11, as amended by S.C. 2017, c. 11; navigation of boundary waters is free by
the treaty of 1909, article I), and along the rivers ships cross the line at every bend. So while it only
passes, `PASSES` is left of its strength; it has the whole once it stood for `STANDS` seconds on the side it
came to, unless that is at a port of entry or a known harbour, and then the event is told again.

Who crosses by land at a port of entry while it is open does what one does there: `LAWFUL` is left at most.

There is no published definition of a crossing with uncertainty; these numbers are ours. `SURE`: one in ten
tracks that stand still on one side by a σ of 1.3 would otherwise be given the wrong side.
"""

from math import erfc, hypot, inf, sqrt
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events import line as border_line
from watchfloor.desks.surveillance.events.line import Line
from watchfloor.desks.surveillance.events.places import Places, inside
from watchfloor.desks.surveillance.events.points import AIRCRAFT, BOAT
from watchfloor.desks.surveillance.events.rule_output import noted_point
from watchfloor.desks.surveillance.events.stitching import stood
from watchfloor.desks.surveillance.events.track_history import PointHistory

Array = npt.NDArray[Any]

RULE: Final = "border-crossing"
VERSION: Final = "1"

SURE: Final = 0.9
"""Share of a track's place on a side from which it belongs there."""
SETTLED: Final = 0.99
SETTLES: Final = 60.0
EVEN: Final = 0.5
"""Share on its side at which it may have crossed."""
PASSES: Final = 0.4
"""What is left of the strength for a boat or an aircraft that has not stood since. Judgement."""
AT_PORT: Final = 2.0
"""What a notice says of who crossed by land at a port of entry while it is open."""
LAWFUL: Final = 0.4
"""What is left of its strength at most: that is where and when one crosses. Judgement."""
STILL: Final = 0.5
"""m/s below which it stands."""
STANDS: Final = 120.0
OPEN: Final = 900.0
SAID: Final = 0.5
"""What is left for one that stands and said who it is within `OPEN` seconds: a patrol, a tug, a yacht on its
way to a harbour that no file has. Judgement."""
HARBOUR: Final = 300.0
"""Metres around a harbour or a port of entry where standing is what everybody does."""
TWICE: Final = 2
"""Points on each side that a crossing rests on, but of what says itself where it is: one may be a wave, which
the tracker took to be the object because nothing else was there yet."""
STEPS: Final = (0.0, 0.6, 0.75, 0.9, 0.97)
"""Chances at which an open event is told anew."""

CROSSING: Final = [
    ("side", "i1"),  # 1 Canada, -1 United States, 0 not known yet
    ("first", "i1"),  # the side that it was surely on first, before it belonged to one
    ("firsts", "i1"),  # points that were surely there
    ("beyond", "i1"),  # points beyond the line since it opened
    ("open", "?"),
    ("told", "i1"),  # of `STEPS`, 0 nothing
    ("sure", "<f8"),  # time of the last point surely on its side
    ("share", "<f8"),  # on its side, the largest
    ("over", "<f8"),  # when it was surely on the other side first, 0 not yet
    ("hit", "<f8"),  # when it met the line last
    ("hit_latitude", "<f8"),
    ("hit_longitude", "<f8"),
    ("hit_piece", "<i4"),
    ("came", "<f8"),  # window of the crossing after which it only passes, 0 none
    ("came_until", "<f8"),
    ("came_chance", "<f8"),
    ("came_latitude", "<f8"),
    ("came_longitude", "<f8"),
    ("came_piece", "<i4"),
    ("still", "<f8"),  # since when it stands, 0 not
    ("lit", "<f8"),  # when it reported itself last
]


def offsets(line: Line, seen: PointHistory) -> tuple[Array, Array]:
    """Metres from the line and the nearest piece of each point."""
    metres, piece = border_line.offsets(line, seen.points.latitude, seen.points.longitude)
    return metres, piece


def shares(line: Line, metres: Array, piece: Array, seen: PointHistory) -> npt.NDArray[np.float64]:
    """Share of each point's place on the Canadian side; NaN where neither country is near."""
    return _shares(line.ends, metres, piece, seen.points.latitude, seen.points.cov)


@kernel(error_model="numpy")
def _shares(ends: Array, metres: Array, piece: Array, y: Array, cov: Array) -> Array:
    share = np.empty(len(metres))
    for i in range(len(metres)):
        if piece[i] < 0:
            share[i] = 1.0 if metres[i] == inf else 0.0 if metres[i] == -inf else np.nan
            continue
        end = ends[piece[i]]
        dx, dy = (end[2] - end[0]) * np.cos(np.radians(y[i])), end[3] - end[1]
        long = hypot(dx, dy)
        e, n = -dy / long, dx / long
        var = e * e * cov[i, 0] + 2 * e * n * cov[i, 1] + n * n * cov[i, 2]
        sigma = sqrt(var) if var > 0 else 0.0
        share[i] = (
            0.5 * erfc(-metres[i] / (sigma * sqrt(2.0))) if sigma > 0 else (1.0 if metres[i] >= 0 else 0.0)
        )
    return share


def crossings(line: Line, seen: PointHistory) -> tuple[Array, Array]:
    """Of each point the share of the step to it before it meets the line (2: it does not), and the piece."""
    points, count = seen.points, len(seen.row)
    met = border_line.crossings(
        line, (seen.before[:, 0], seen.before[:, 1]), (points.latitude, points.longitude)
    )
    share, piece = np.full(count, 2.0), np.full(count, -1, np.int32)
    share[met.row], piece[met.row] = met.share, met.piece
    return share, piece


@kernel
def _step(chance: float) -> int:
    """The number of the band that a chance is in, 1 for the lowest."""
    band = 0
    for low in STEPS:
        if chance >= low:
            band += 1
    return band


@kernel
def fold(
    rows: Array,
    blank: Array,
    seen: PointHistory,
    share: Array,
    met: Array,
    met_piece: Array,
    nearest: Array,
    harbours: Places,
    ports: Places,
    out: Array,
) -> Any:
    """Notices, how many, and the side of each point then: 1, -1, 0 unknown, doubled while it is open.

    Of a notice, `x` is the direction (1 into Canada), `y` the piece of the line that it met, else the
    `nearest`, and `z` whether it is a boat or an aircraft that only passes.
    """
    points, place, before = seen.points, seen.place, seen.before
    t, y, x = points.t, points.latitude, points.longitude
    count = 0
    side = np.zeros(len(t), np.int8)
    for i in range(len(t)):
        if seen.fresh[i]:
            rows[place[i]] = blank[0]
            rows[place[i]].hit_piece, rows[place[i]].lit = -1, -inf
        one = rows[place[i]]
        if points.self_reported[i]:
            one.lit = t[i]
        if seen.of[i] >= 0:
            _taken_up(rows[seen.of[i]], one)
        if not share[i] >= 0:
            side[i] = one.side * (1 + one.open)
            continue
        if met[i] <= 1:
            one.hit = before[i, 2] + met[i] * (t[i] - before[i, 2])
            one.hit_latitude = before[i, 0] + met[i] * (y[i] - before[i, 0])
            one.hit_longitude = before[i, 1] + met[i] * (x[i] - before[i, 1])
            one.hit_piece = met_piece[i]
        told_itself = points.self_reported[i] and seen.claimed[i] >= 0
        if seen.run[i] == 1 and not told_itself and not stood(before[i], t[i], y[i], x[i], points.klass[i]):
            one.side, one.first, one.firsts = 0, 0, 0
            one.open, one.told, one.over, one.beyond = False, 0, 0.0, 0
        if one.side == 0:
            on = 1 if share[i] >= SURE else -1 if share[i] <= 1 - SURE else 0
            if on != 0 and (one.firsts < TWICE or one.first == on):
                one.firsts = one.firsts + 1 if one.first == on else 1
                one.first, one.sure, one.share = on, t[i], max(share[i], 1 - share[i])
            if points.confirmed[i] and (one.firsts >= TWICE or told_itself):
                one.side, one.firsts = one.first, 0
        if one.side == 0 or not points.confirmed[i]:
            side[i] = one.side * (1 + one.open)
            continue
        here = share[i] if one.side > 0 else 1 - share[i]
        passes = points.klass[i] in (BOAT, AIRCRAFT)
        if one.came > 0 and here >= SURE:
            out, count = _stands(one, seen, i, harbours, ports, out, count)
        if here >= SURE:
            if one.told:
                out = noted_point(out, count, seen, i, one.sure)
                note = out[count]
                note.retracted = True
                note.chance, note.x, note.y = 0.0, -one.side, one.hit_piece
                count += 1
            one.open, one.told, one.over, one.beyond = False, 0, 0.0, 0
            one.sure, one.share, one.hit_piece = t[i], max(one.share, here), -1
        elif (here <= EVEN or one.open) and not seen.fixed[i]:
            one.open, one.came = True, 0.0
            one.beyond = min(one.beyond + 1, TWICE)
            if one.beyond < TWICE and not told_itself:
                side[i] = one.side * 2
                continue
            chance = one.share * (1 - here) * points.exists[i]
            if 1 - here < SURE:
                one.over = 0.0
            elif one.over == 0:
                one.over = t[i]
            settled = 1 - here >= SETTLED or (one.over > 0 and t[i] - one.over >= SETTLES)
            band = _step(chance)
            if band > one.told or settled:
                out = noted_point(out, count, seen, i, one.sure)
                note = out[count]
                if one.hit_piece >= 0:
                    note.latitude, note.longitude = one.hit_latitude, one.hit_longitude
                note.chance, note.x, note.z = chance, -one.side, passes
                note.y = one.hit_piece if one.hit_piece >= 0 else nearest[i]
                if one.over > 0:
                    note.until = one.over
                if settled and passes:
                    one.came, one.came_until, one.came_chance, one.still = one.sure, note.until, chance, 0.0
                    one.came_latitude, one.came_longitude = note.latitude, note.longitude
                    one.came_piece = np.int32(note.y)
                count += 1
                one.told = band
            if settled:
                one.side, one.open, one.told, one.over, one.beyond = -one.side, False, 0, 0.0, 0
                one.sure, one.share, one.hit_piece = t[i], 1 - here, -1
        side[i] = one.side * (1 + one.open)
    return out, count, side


@kernel
def _taken_up(before: Any, one: Any) -> None:
    """A track goes on as another: from the side on which that was, unless it was on its way over."""
    if before.side != 0 and not before.open:
        one.side, one.sure, one.share, one.hit_piece = before.side, before.sure, before.share, -1
        one.open, one.told, one.over, one.beyond, one.came = False, 0, 0.0, 1, 0.0


@kernel
def _stands(
    one: Any, seen: PointHistory, i: int, harbours: Places, ports: Places, out: Array, count: int
) -> Any:
    """Whether what crossed stands now: then the crossing is told again, as one that did not only pass."""
    points = seen.points
    t, y, x = points.t[i], points.latitude[i], points.longitude[i]
    if points.velocity[i, 0] ** 2 + points.velocity[i, 1] ** 2 >= STILL * STILL:
        one.still = 0.0
    elif one.still == 0:
        one.still = t
    if one.still > 0 and t - one.still >= STANDS:
        if max(inside(harbours, y, x, HARBOUR), inside(ports, y, x, HARBOUR)) < 0:
            out = noted_point(out, count, seen, i, one.came)
            note = out[count]
            note.until, note.latitude, note.longitude = one.came_until, one.came_latitude, one.came_longitude
            said = SAID if t - one.lit <= OPEN else 1.0
            note.chance, note.x, note.y, note.z = one.came_chance * said, one.side, one.came_piece, 0.0
            count += 1
        one.came = 0.0
    return out, count
