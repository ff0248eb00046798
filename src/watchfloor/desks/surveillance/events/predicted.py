"""Predicted crossing: the share of where a track may go that meets the line within ten minutes.

A track's place and velocity are a normal distribution. `SAMPLES` of it go straight on for `AHEAD` seconds,
and each is tried against the precise line, with all its bends. To the tracker's own error of the velocity
comes what the class may change of it in that time, see `TURNS`. The event stands from a share of one half;
it is taken back when the share falls below `OFF`, or when the line was not met `AHEAD` seconds after it was
to be. Who crosses has borne it out, and it stands.

The samples are the first points of the Halton sequence in the bases 2, 3, 5 and 7, the same for every track.
"""

from math import inf, isfinite, sqrt
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.events.line import REACH, crossed
from watchfloor.desks.surveillance.events.places import METRES
from watchfloor.desks.surveillance.events.rule_output import noted_point
from watchfloor.desks.surveillance.events.track_history import PointHistory

Array = npt.NDArray[Any]

RULE: Final = "predicted-crossing"
VERSION: Final = "1"

AHEAD: Final = 600.0
"""Seconds."""
STEPS: Final = (0.5, 0.75, 0.9)
"""Shares at which it is told, and told anew."""
OFF: Final = 0.2
TURNS: Final = np.array([0.3, 0.3, 3.0, 1.0, 5.0, 2.0, 0.5, 1.0])
"""m/s, standard deviation of what a class's mean velocity over the time differs from now. Judgement."""
HOLDS: Final = np.array(
    [  # told from STEPS
        (0.1, 0.2, 0.2),  # person: who walks towards the line turns back or along it four times of five
        (0.1, 0.2, 0.2),  # group
        (0.1, 0.2, 0.65),  # vehicle
        (0.45, 0.6, 0.8),  # boat
        (0.15, 0.2, 0.25),  # aircraft
        (0.05, 0.05, 0.05),  # drone
        (0.05, 0.05, 0.05),  # animal: times what is left for one
        (0.1, 0.2, 0.2),  # unknown
    ]
)
"""Share of those of a class that crossed within a quarter of an hour, by the share of where they might have
gone that met the line: measured on exercises of the seeds 1, 11 and 12, see `./dev bench
surveillance.day`."""
SAMPLES: Final = 32
TRIED: Final = 8
"""Samples after which none that met the line settle it."""

PREDICTED: Final = [
    ("since", "<f8"),  # when it was told first
    ("due", "<f8"),  # when the line was to be met, on average, as it was told last
    ("side", "i1"),  # of the line, then
    ("told", "i1"),  # of `STEPS`, 0 nothing
]


def _halton(base: int) -> list[float]:
    """The first points of van der Corput's sequence in a base, as normal deviates."""
    found = []
    for number in range(1, SAMPLES + 1):
        left, share, unit = number, 0.0, 1.0
        while left:
            left, digit = divmod(left, base)
            unit /= base
            share += digit * unit
        found.append(NormalDist().inv_cdf(share))
    return found


DEVIATES: Final = np.array([_halton(base) for base in (2, 3, 5, 7)]).T.copy()


@kernel(error_model="numpy")
def share(
    grid: Any, place: Any, cov: Any, velocity: Any, vcov: Any, turns: float
) -> tuple[float, float, int]:
    """Share of the samples that meet the line, seconds until they do on average, and a piece they meet.

    Args:
        grid: the arrays `coarse`, `touching`, `pieces` and `ends` of the line.
        place: latitude and longitude.
        cov, velocity, vcov: as in `watchfloor.desks.surveillance.events.points.Points`.
        turns: standard deviation to add to both components of the velocity.
    """
    coarse, touching, pieces, ends = grid
    y, x = place
    wide = METRES * np.cos(np.radians(y))
    east = sqrt(max(cov[0], 0.0))
    lean = cov[1] / east if east > 0 else 0.0
    north = sqrt(max(cov[2] - lean * lean, 0.0))
    v_east = sqrt((vcov[0] if vcov[0] > 0 else 0.0) + turns * turns)
    v_north = sqrt((vcov[2] if vcov[2] > 0 else 0.0) + turns * turns)
    hits, seconds, which = 0, 0.0, -1
    for n in range(SAMPLES):
        if n == TRIED and hits == 0:
            break
        z = DEVIATES[n]
        px = x + east * z[0] / wide
        py = y + (lean * z[0] + north * z[1]) / METRES
        qx = px + (velocity[0] + v_east * z[2]) * AHEAD / wide
        qy = py + (velocity[1] + v_north * z[3]) * AHEAD / METRES
        times, first, piece = crossed(coarse, touching, pieces, ends, py, px, qy, qx)
        if times > 0:
            hits += 1
            seconds += first * AHEAD
            if which < 0:
                which = piece
    return hits / SAMPLES, (seconds / hits if hits else inf), which


@kernel
def fold(
    rows: Array, blank: Array, seen: PointHistory, grid: Any, metres: Array, side: Array, out: Array
) -> Any:
    """Notices and how many; `x` is the direction, `y` the piece, `z` seconds until the line, on average.

    `side` is what `watchfloor.desks.surveillance.events.crossing.fold` says of each point.
    """
    points, count = seen.points, 0
    for i in range(len(seen.row)):
        if seen.fresh[i]:
            rows[seen.place[i]] = blank[0]
        if not seen.look[i]:
            continue
        one = rows[seen.place[i]]
        if abs(side[i]) == 2 or side[i] != one.side:
            one.told, one.side = 0, side[i]  # it crosses: what was told is borne out
        if abs(side[i]) == 2:
            continue
        if side[i] == 0 or not points.confirmed[i] or points.ended[i]:
            continue
        t = points.t[i]
        velocity, turns = points.velocity[i], TURNS[points.klass[i]]
        far = (sqrt(velocity[0] ** 2 + velocity[1] ** 2) + 3 * turns) * AHEAD
        chance, seconds, piece = 0.0, inf, -1
        if not seen.fixed[i] and (isfinite(metres[i]) or far > REACH):
            place = points.latitude[i], points.longitude[i]
            chance, seconds, piece = share(grid, place, points.cov[i], velocity, points.vcov[i], turns)
        chance *= points.exists[i]
        if one.told > 0 and (chance < OFF or t > one.due + AHEAD):
            out = noted_point(out, count, seen, i, one.since)
            note = out[count]
            note.retracted, note.chance, note.x = True, 0.0, -side[i]
            count += 1
            one.told = 0
            continue
        level = 0
        for low in STEPS:
            if chance >= low:
                level += 1
        if level > one.told:
            if one.told == 0:
                one.since = t
            one.told, one.due = level, t + seconds
            out = noted_point(out, count, seen, i, one.since)
            note = out[count]
            note.until = t + AHEAD
            note.chance, note.x, note.y, note.z = HOLDS[points.klass[i], level - 1], -side[i], piece, seconds
            note.share = chance
            count += 1
    return out, count
