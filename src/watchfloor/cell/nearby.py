"""Place and time: signals that could be about one thing because it could have been at both.

Two signals are candidates when what they are about could have gone from one place to the other in the time
between: their distance is no more than both radii and speed times time. What such a nearness is worth falls
with how many unrelated signals would be as near by chance: bits = -log2(that number). It is reckoned like a
radar's constant false alarm rate, from the surroundings and not from the pair itself, as the product of

- how many signals the area within that distance holds at any time: of the density of the wider surroundings,
  or of that very position where signals are always reported from it (a camera, a port);
- the share of all signals that came within that time, which is higher in busy hours.

What changed on the ground stays there (`LASTS`): a trail is near what is seen beside it weeks later. Its
pairs are worth -log2 of how many such changes that area would hold by chance, less log2(d - 1) for the others
that it might have joined instead, as a shared subject is (`cell.linking`): at a busy place it joins nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.cell.linking import Floats, Numbers, Pairs
from watchfloor.core.earth import MEAN_RADIUS

NEAREST: Final = 8
"""Neighbours looked at; where more are as near, nearness is worth nothing anyway."""

SAMPLE: Final = 8_000
"""Signals that stand for all when the density of the surroundings is reckoned."""

FEW: Final = 512
"""Signals whose distances are all computed: loading scipy's trees takes 0.2 s."""

SURE: Final = 1e-9
"""Share of a distance by which two computations of it may differ."""

LASTS: Final[Mapping[str, timedelta]] = {
    "trail-appeared": timedelta(days=60),
    "clearing-appeared": timedelta(days=60),
    "bridge-appeared": timedelta(days=60),
    "vehicles-on-ice": timedelta(days=2),
}
"""Rules whose signals speak of what stays on the ground, and how long after a scene showed it. Judgement."""

GAP: Final = 200.0
"""Metres between two pieces of one change: trees hide what lies between them. Judgement."""

PIECES: Final = 20.0
"""Bits that two pieces of one change are worth as a link, as those of one record."""

BESIDE: Final = 1_000.0
"""Metres from what lies on the ground within which something is beside it."""

SECOND: Final = 1e6
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far apart signals may be.

    Attributes:
        speed: metres a second; a car on a road.
        window: longest time between two signals, seconds.
        broad: signals with a larger radius have no place to speak of, metres.
        around, around_time: the surroundings whose density counts, metres and seconds to each side.
        least_distance, least_time: nearer and sooner than this cannot be told, metres and seconds.
        least: bits that a pair must be worth.
    """

    speed: float = 30.0
    window: float = 1_800.0
    broad: float = 5_000.0
    around: float = 50_000.0
    around_time: float = 14_400.0
    least_distance: float = 50.0
    least_time: float = 30.0
    least: float = 10.0


def near(latitude: Floats, longitude: Floats, radius: Floats, at: Numbers, reach: Reach = Reach()) -> Pairs:
    """Pairs of signals, by number, that are nearer than chance would have it.

    Args:
        latitude, longitude: degrees; NaN where a signal has no place or no time.
        radius: within which it is, metres; NaN counts as 0.
        at: moments, microseconds.
        reach: how far apart they may be.
    """
    radius = np.nan_to_num(radius)
    placed = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude) & (radius <= reach.broad))
    if len(placed) < 2:
        return Pairs(placed[:0], placed[:0], np.empty(0))
    points = _points(latitude[placed], longitude[placed])
    time = at[placed] / SECOND
    i, j, distance, apart = _candidates(points, time, radius[placed], reach)
    span = np.maximum(distance, np.maximum(radius[placed][i] + radius[placed][j], reach.least_distance))
    delay = np.maximum(apart, reach.least_time)
    where = latitude[placed] + 1j * longitude[placed]
    by_chance = _held(points, where, i, j, span, reach.around) * _share(time, i, delay, reach.around_time)
    bits = -np.log2(by_chance)
    kept = bits >= reach.least
    return Pairs(placed[i[kept]], placed[j[kept]], bits[kept])


def beside(
    latitude: Floats,
    longitude: Floats,
    radius: Floats,
    since: Numbers,
    until: Numbers,
    subject: Numbers,
    reach: Reach = Reach(),
) -> Pairs:
    """Pairs of a signal of what lies on the ground and one of what came by, nearer than chance would have it.

    What lies there in pieces, `GAP` metres apart at most, is one: its pieces are pairs too.

    Args:
        latitude, longitude: degrees; NaN where a signal has no place.
        radius: within which it is, metres; NaN counts as 0.
        since: moments of the signals, microseconds; of what lies there, when it was not there yet.
        until: of what lies there, until when it counts; of all others -1.
        subject: number of whom each is about: what one did many times it did as one.
        reach: what is broad, and the surroundings.
    """
    radius = np.nan_to_num(radius)
    placed = np.isfinite(latitude) & np.isfinite(longitude) & (radius <= reach.broad)
    ground, passing = np.flatnonzero(placed & (until >= 0)), np.flatnonzero(placed & (until < 0))
    if not len(ground):
        return Pairs(ground[:0], ground[:0], np.empty(0))
    lying, others = (
        _points(latitude[ground], longitude[ground]),
        _points(latitude[passing], longitude[passing]),
    )
    one, other, whole = _pieces(lying, radius[ground])
    found = [(ground[one], ground[other], np.full(len(one), PIECES))]
    for at, mine in zip(ground.tolist(), lying, strict=True):
        around = len(np.unique(whole[((lying - mine) ** 2).sum(1) <= reach.around**2]))
        within = np.flatnonzero((since[passing] >= since[at]) & (since[passing] <= until[at]))
        metres = np.linalg.norm(others[within] - mine, axis=1)
        slack = radius[passing[within]] + radius[at]
        close = metres <= slack + BESIDE
        span = np.maximum(np.maximum(metres, slack), reach.least_distance)[close]
        bits = -np.log2(around * np.minimum((span / reach.around) ** 2, 1))
        bits -= np.log2(max(len(np.unique(subject[passing[within[close]]])) - 1, 1))
        kept = bits >= reach.least
        found.append((np.full(np.count_nonzero(kept), at), passing[within[close][kept]], bits[kept]))
    one, other, worth = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Pairs(np.minimum(one, other), np.maximum(one, other), worth)


def _pieces(points: Floats, radius: Floats) -> tuple[Numbers, Numbers, Numbers]:
    """Return the pairs of circles at most `GAP` apart, and the number of what each is a piece of."""
    whole, pairs = np.arange(len(points)), []
    for at in range(1, len(points)):
        metres = np.linalg.norm(points[:at] - points[at], axis=1)
        for other in np.flatnonzero(metres <= radius[:at] + radius[at] + GAP).tolist():
            pairs.append((other, at))
            whole[whole == whole[at]] = whole[other]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1], whole


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two places, latitude and longitude in degrees."""
    places = _points(*np.array([one, other]).T)
    return float(np.linalg.norm(places[0] - places[1]))


def _points(latitude: Floats, longitude: Floats) -> Floats:
    """Places as metres from the Earth's centre: chords stand for distances, exact to 1 in 10^6 at 30 km."""
    a, b = np.radians(latitude), np.radians(longitude)
    return MEAN_RADIUS * np.column_stack([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)])


def _candidates(
    points: Floats, time: Floats, radius: Floats, reach: Reach
) -> tuple[Numbers, Numbers, Floats, Floats]:
    """Pairs within reach among the nearest neighbours, with metres and seconds between them."""
    ways = reach.speed * (time - np.min(time))
    farthest = reach.speed * reach.window
    bound = float(np.hypot(farthest + 2 * np.max(radius), farthest))
    one, other = _nearest(np.column_stack([points, ways]), bound)
    low, high = np.minimum(one, other), np.maximum(one, other)
    keys = np.sort(low * len(points) + high)
    i, j = np.divmod(keys[np.diff(keys, prepend=-1) > 0], len(points))
    distance = np.linalg.norm(points[i] - points[j], axis=1)
    apart = np.abs(time[i] - time[j])
    within = (distance <= radius[i] + radius[j] + reach.speed * apart) & (apart <= reach.window)
    return i[within], j[within], distance[within], apart[within]


def _nearest(points: Floats, bound: float) -> tuple[Numbers, Numbers]:
    """Each point with the nearest others below a distance, `NEAREST` at most, in any order."""
    count = min(NEAREST + 1, len(points))  # a point is its own nearest
    if len(points) <= FEW:
        squares = _squares(points, points)
        farthest = np.partition(squares, count - 1)[:, count - 1 :]
        # Where one more is as near, or one is just at the bound, the tree's choice stands.
        tied = count < len(points) and (farthest[:, 1:].min(axis=1) <= farthest[:, 0] * (1 + SURE))
        if not (np.any(tied & (farthest[:, 0] < bound**2)) or _at(squares, bound)):
            one, other = np.nonzero((squares <= farthest[:, :1]) & (squares < bound**2))
            return one[one != other], other[one != other]
    tree = _tree(points)
    asked = np.asarray(tree.indices)  # neighbours one after the other stay in the processor's cache
    _, found = tree.query(tree.data[asked], k=count, distance_upper_bound=bound)
    one, other = np.repeat(asked, found.shape[1]), found.ravel()
    real = (other < len(points)) & (other != one)
    return one[real], other[real]


def _within(points: Floats, asked: Floats, distance: float) -> Numbers:
    """How many points are within a distance of each that is asked about."""
    if len(points) <= FEW and len(asked) <= FEW:
        squares = _squares(asked, points)
        if not _at(squares, distance):
            return np.asarray(np.count_nonzero(squares <= distance**2, axis=1))
    return np.asarray(_tree(points).query_ball_point(asked, distance, return_length=True))


def _squares(one: Floats, other: Floats) -> Floats:
    return np.asarray(((one[:, None] - other) ** 2).sum(axis=2))


def _at(squares: Floats, distance: float) -> bool:
    """Whether a distance is so close to a bound that rounding decides on which side it is."""
    return bool((abs(squares - distance**2) <= SURE * distance**2).any())


def _tree(points: Floats) -> Any:
    from scipy.spatial import cKDTree  # loads for half a second; a queue without places need not wait

    return cKDTree(points)


def _held(
    points: Floats, where: npt.NDArray[np.complex128], i: Numbers, j: Numbers, span: Floats, around: float
) -> Floats:
    """How many signals the area within `span` holds at any time, apart from the two."""
    _, place, often = np.unique(where, return_inverse=True, return_counts=True)
    same_position = np.maximum(often[place[i]], often[place[j]]) - 2
    some = points[np.unique(np.linspace(0, len(points) - 1, min(SAMPLE, len(points))).astype(np.int64))]
    asked, back = np.unique(i, return_inverse=True)
    counted = _within(some, points[asked], around)
    density = (counted[back] * len(points) / len(some) + 1) * np.minimum((span / around) ** 2, 1)
    return np.asarray(np.maximum(same_position, density))


def _share(time: Floats, i: Numbers, delay: Floats, around: float) -> npt.NDArray[np.float64]:
    """The share of all signals within `delay` of each one's moment, by how busy the hours around it are."""
    ordered = np.sort(time)
    busy = np.searchsorted(ordered, time[i] + around, "right") - np.searchsorted(ordered, time[i] - around)
    return np.asarray(np.maximum(busy - 1, 1) / len(time) * np.minimum(delay / around, 1))
