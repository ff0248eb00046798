"""Radio relay between towers: the loss of each hop over terrain, and sites that reach one another.

Loss: free space (ITU-R P.525) and diffraction by the delta-Bullington method of ITU-R P.526-15, 4.5, over the
profile between two antennas, for average ground, horizontal polarisation (the greater loss of the two below
some 300 MHz, the same above) and the median radius of the Earth. Ground is bare; no rain, no multipath.

Choice: maximal covering by a connected network is harder than without the rule, so it is grown and not
proved: again and again the path to a site that adds most for its cost, then each site, and each pair, is
taken out and the network grown anew. The bound is that of a choice without the rule among sites that can be
reached from the hub for the budget at all; so the gap holds for the rule too, and is wider than it may be.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from math import acos, cos, exp, log10, pi, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree

from watchfloor.core.kernels import kernel
from watchfloor.formats.terrain import Terrain
from watchfloor.planning.towers.choose import Limits
from watchfloor.planning.towers.sight import Points

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LIGHT: Final = 299_792_458.0
RADIUS: Final = 8_500.0
"""Kilometres: the median effective radius of the Earth (P.526)."""
PERMITTIVITY, CONDUCTIVITY = 22.0, 0.003
"""Average ground (P.526): relative permittivity, siemens a metre."""
HOP: Final = 60_000.0
LOSS: Final = 140.0
"""Decibels between isotropic antennas: dishes of 30 dBi, 27 dBm sent, -75 dBm needed, 22 dB for fading."""
STARTS: Final = 8
"""Sites from which a network without a hub is grown."""


@dataclass(frozen=True, slots=True)
class Radio:
    """Limits of a hop.

    Attributes:
        frequency: megahertz.
        antenna: metres above the ground; None where it stands on the top of the mast.
        hop: metres at most.
        loss: decibels of basic transmission loss at most.
    """

    frequency: float
    antenna: float | None = None
    hop: float = HOP
    loss: float = LOSS


def losses(
    terrain: Terrain, sites: Points, radio: Radio, progress: Callable[[str], None] = lambda _: None
) -> Floats:
    """Return the basic transmission loss in decibels of each pair of sites; infinite beyond a hop."""
    rows, columns = terrain.index(sites.x, sites.y)
    above = sites.above if radio.antenna is None else np.full(len(rows), radio.antenna)
    metres = distances(terrain, sites)
    answer = np.full(metres.shape, np.inf)
    for one in range(len(rows)):
        progress(f"radio from {one:,} of {len(rows):,} sites")
        _losses_from(
            one, terrain.heights, metres, rows, columns, above, radio.frequency / 1_000, radio.hop, answer
        )
    return np.asarray(np.minimum(answer, answer.T))


def distances(terrain: Terrain, sites: Points) -> Floats:
    """Return metres between each pair of sites, by the steps of the row halfway."""
    rows, columns = terrain.index(sites.x, sites.y)
    half = np.floor(0.5 * (rows[:, None] + rows)).astype(np.int64)
    latitudes = terrain.north - terrain.step_y * np.arange(len(terrain.heights), dtype=np.float64)
    east, north = terrain.metres(latitudes)
    return np.asarray(
        np.hypot((rows[:, None] - rows) * north[half], (columns[:, None] - columns) * east[half])
    )


@kernel
def _losses_from(
    one: int,
    heights: npt.NDArray[np.float32],
    metres: Floats,
    rows: Floats,
    columns: Floats,
    above: Floats,
    frequency: float,
    reach: float,
    answer: Floats,
) -> None:
    last_row, last_column = heights.shape[0] - 2, heights.shape[1] - 2
    for other in range(one + 1, len(rows)):
        far = metres[one, other]
        if far > reach or far == 0.0:
            continue
        down, across = rows[other] - rows[one], columns[other] - columns[one]
        # A point a cell: between two of them the surface is bilinear.
        steps = max(2, int(max(abs(down), abs(across))) + 1)
        profile, along = np.empty(steps + 1), np.empty(steps + 1)
        for k in range(steps + 1):
            t = k / steps
            r, c = rows[one] + t * down, columns[one] + t * across
            i, j = min(int(r), last_row), min(int(c), last_column)
            u, v = r - i, c - j
            upper = heights[i, j] * (1.0 - v) + heights[i, j + 1] * v
            lower = heights[i + 1, j] * (1.0 - v) + heights[i + 1, j + 1] * v
            profile[k] = upper * (1.0 - u) + lower * u
            along[k] = far / 1_000 * t
        free = 20.0 * log10(4.0 * pi * far * frequency * 1e9 / LIGHT)
        loss = free + diffraction(along, profile, above[one], above[other], frequency)
        if loss == loss:  # a void has no height, and what is beyond it no loss
            answer[one, other] = loss


@kernel
def diffraction(distances: Floats, heights: Floats, mast: float, mast_to: float, frequency: float) -> float:
    """Return the delta-Bullington loss in decibels (P.526-15, 4.5).

    Args:
        distances: kilometres from the first antenna, from 0.
        heights: metres of the ground.
        mast, mast_to: metres of both antennas above the ground.
        frequency: gigahertz.
    """
    top, top_to = heights[0] + mast, heights[-1] + mast_to
    smooth, smooth_to = smooth_earth(distances, heights, top, top_to)
    actual = bullington(distances, heights, top, top_to, frequency)
    over_smooth = bullington(distances, np.zeros(len(heights)), top - smooth, top_to - smooth_to, frequency)
    sphere = spherical_earth(distances[-1], top - smooth, top_to - smooth_to, frequency)
    return float(actual + max(sphere - over_smooth, 0.0))


@kernel
def bullington(distances: Floats, heights: Floats, top: float, top_to: float, frequency: float) -> float:
    """Return the loss of the single edge that stands for all, in decibels."""
    far, wave = distances[-1], LIGHT / frequency / 1e9
    direct = (top_to - top) / far
    steepest, steepest_to, edge = -np.inf, -np.inf, -np.inf
    for k in range(1, len(distances) - 1):
        d, rest = distances[k], far - distances[k]
        ground = heights[k] + 500.0 / RADIUS * d * rest
        steepest = max(steepest, (ground - top) / d)
        steepest_to = max(steepest_to, (ground - top_to) / rest)
        edge = max(edge, (ground - (top * rest + top_to * d) / far) * sqrt(0.002 * far / (wave * d * rest)))
    if steepest >= direct:  # beyond the horizon: the edge is where both horizons meet
        d = (top_to - top + steepest_to * far) / (steepest + steepest_to)
        rest = far - d
        edge = (top + steepest * d - (top * rest + top_to * d) / far) * sqrt(0.002 * far / (wave * d * rest))
    knife = 0.0
    if edge > -0.78:
        knife = 6.9 + 20.0 * log10(sqrt((edge - 0.1) ** 2 + 1.0) + edge - 0.1)
    return float(knife + (1.0 - exp(-knife / 6.0)) * (10.0 + 0.02 * far))


@kernel
def smooth_earth(distances: Floats, heights: Floats, top: float, top_to: float) -> tuple[float, float]:
    """Return heights at both ends of a smooth surface that stands for the profile, none above the ground."""
    far = distances[-1]
    area, moment = 0.0, 0.0
    for k in range(1, len(distances)):
        d, before, h, h_before = distances[k], distances[k - 1], heights[k], heights[k - 1]
        area += (d - before) * (h + h_before)
        moment += (d - before) * (h * (2.0 * d + before) + h_before * (d + 2.0 * before))
    start, end = (2.0 * area * far - moment) / far**2, (moment - area * far) / far**2
    highest, angle, angle_to = -np.inf, -np.inf, -np.inf
    for k in range(1, len(distances) - 1):
        d, rest = distances[k], far - distances[k]
        over = heights[k] - (top * rest + top_to * d) / far
        highest, angle, angle_to = max(highest, over), max(angle, over / d), max(angle_to, over / rest)
    if highest > 0.0:  # lower it at both ends, more at the one nearer to the obstruction
        start -= highest * angle / (angle + angle_to)
        end -= highest * angle_to / (angle + angle_to)
    return min(start, heights[0]), min(end, heights[-1])


@kernel
def spherical_earth(far: float, top: float, top_to: float, frequency: float) -> float:
    """Return the loss over a smooth sphere, in decibels, of antennas so many metres above it."""
    if far >= sqrt(2.0 * RADIUS) * (sqrt(0.001 * top) + sqrt(0.001 * top_to)):
        return _first_term(far, top, top_to, RADIUS, frequency)
    # Within sight: the least clearance over the bulge, beside the one that suffices.
    wave = LIGHT / frequency / 1e9
    c = (top - top_to) / (top + top_to)
    m = 250.0 * far * far / (RADIUS * (top + top_to))
    b = (
        2.0
        * sqrt((m + 1.0) / (3.0 * m))
        * cos(pi / 3.0 + acos(1.5 * c * sqrt(3.0 * m / (m + 1.0) ** 3)) / 3.0)
    )
    d = 0.5 * far * (1.0 + b)
    rest = far - d
    clear = ((top - 500.0 * d * d / RADIUS) * rest + (top_to - 500.0 * rest * rest / RADIUS) * d) / far
    enough = 17.456 * sqrt(d * rest * wave / far)
    if clear > enough:
        return 0.0
    radius = 500.0 * (far / (sqrt(top) + sqrt(top_to))) ** 2
    return float((1.0 - clear / enough) * max(_first_term(far, top, top_to, radius, frequency), 0.0))


@kernel
def _first_term(far: float, top: float, top_to: float, radius: float, frequency: float) -> float:
    """Return the first term of the residue series of a sphere, in decibels."""
    loss_factor = 18.0 * CONDUCTIVITY / frequency
    k = 0.036 * (radius * frequency) ** (-1 / 3) * ((PERMITTIVITY - 1.0) ** 2 + loss_factor**2) ** -0.25
    beta = (1.0 + 1.6 * k**2 + 0.67 * k**4) / (1.0 + 4.5 * k**2 + 1.53 * k**4)
    x = 21.88 * beta * (frequency / radius**2) ** (1 / 3) * far
    loss = -(11.0 + 10.0 * log10(x) - 17.6 * x) if x >= 1.6 else 20.0 * log10(x) + 5.6488 * x**1.425
    for height in (top, top_to):
        b = beta * 0.9575 * beta * (frequency**2 / radius) ** (1 / 3) * height
        if b > 2.0:
            gain = 17.6 * sqrt(b - 1.1) - 5.0 * log10(b - 1.1) - 8.0
        else:
            gain = 20.0 * log10(b + 0.1 * b**3)
        loss -= max(gain, 2.0 + 20.0 * log10(k))
    return float(loss)


@dataclass(frozen=True, slots=True)
class Network:
    """Sites of which each reaches every other one over hops between them.

    Attributes:
        sites: numbers, those kept first, then by what each adds.
        gains: weight that each adds to those before it.
        covered: weight of the cells that enough of them see.
        hops: pairs of numbers that hold it together with the least loss.
        seconds: it took.
    """

    sites: tuple[int, ...]
    gains: tuple[float, ...]
    covered: float
    hops: tuple[tuple[int, int], ...]
    seconds: float


def unreachable(linked: Mask, hub: int, limits: Limits) -> Mask:
    """Return sites that no path within the budget joins to the hub: no network has them."""
    costs = _path_costs(linked, limits.costs, np.array([hub]), limits.forbid)[0]
    return np.asarray(costs + limits.costs[hub] > limits.budget * (1 + 1e-9))


def connect(
    cover: Mask,
    weights: Floats,
    limits: Limits,
    loss: Floats,
    most: float,
    seconds: float,
    known: tuple[int, ...] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Network | None:
    """Choose a connected network, or return None where those that are kept cannot be joined for the budget.

    Args:
        cover: which cells each site sees.
        weights: of cells.
        limits: see `Limits`; the hub is one of those kept.
        loss: decibels of each pair of sites, and `most` that a hop may have.
        seconds: when to stop improving.
        known: a good choice without the rule, of which a piece may be a beginning.
    """
    began = time.perf_counter()
    linked = loss <= most
    problem = _Problem(cover[:, weights > 0], weights[weights > 0], limits, linked)
    starts = [frozenset(limits.keep[:1])]
    if not limits.keep:
        alone = np.argsort(-problem.gains(frozenset(), [[one] for one in problem.free]), kind="stable")
        starts = [frozenset([problem.free[at]]) for at in alone[:STARTS]]
    if known:
        starts.append(problem.without(frozenset(known), ()))
    grown = [problem.grow(one) for one in starts if problem.cost(one) <= problem.budget]
    best = max(filter(None, grown), key=problem.value, default=None)
    if best is None:
        return None
    improved = True
    while improved and time.perf_counter() - began < seconds:
        improved = False
        for out in chain(combinations(sorted(best), 1), combinations(sorted(best), 2)):
            progress(f"network of {len(best):,} sites covers {problem.value(best):,.6g}")
            if time.perf_counter() - began >= seconds:
                break
            rest = problem.without(best, out)
            other = problem.grow(rest, barred=out) if rest else None
            if other and problem.value(other) > problem.value(best) * (1 + 1e-12):
                best, improved = other, True
                break
    sites, gains = problem.in_order(best)
    part = np.where(linked, loss, 0.0)[np.ix_(sites, sites)]
    tree = minimum_spanning_tree(csr_array(part)).tocoo()
    hops = sorted((sites[a], sites[b]) for a, b in zip(tree.row, tree.col, strict=True))
    return Network(sites, gains, problem.value(best), tuple(hops), time.perf_counter() - began)


def _path_costs(
    linked: Mask, costs: Floats, starts: npt.NDArray[np.int64], forbid: tuple[int, ...]
) -> tuple[Floats, npt.NDArray[np.int32]]:
    """Return what the cheapest path from the starts to each site costs, and the site before it on it.

    A start costs nothing; a path may not have a forbidden site.
    """
    steps = np.broadcast_to(costs, linked.shape).copy()
    steps[:, starts] = 1e-9  # a step of nothing would be no step
    possible = linked.copy()
    possible[:, list(forbid)] = False
    to = possible.nonzero()
    graph = csr_array((steps[to], to), linked.shape)
    far, before = dijkstra(graph, indices=starts[:1], return_predecessors=True)
    return far[0], before[0]


class _Problem:
    """The search's view of sites: what they see, cost and reach."""

    def __init__(self, cover: Mask, weights: Floats, limits: Limits, linked: Mask) -> None:
        self.cover, self.weights, self.limits, self.linked = cover, weights, limits, linked
        self.budget = limits.budget * (1 + 1e-9)
        self.free = [one for one in range(len(cover)) if one not in limits.forbid]

    def cost(self, sites: frozenset[int]) -> float:
        return float(self.limits.costs[list(sites)].sum())

    def value(self, sites: frozenset[int]) -> float:
        counts = self.cover[list(sites)].sum(0)
        return float(self.weights[counts >= self.limits.times].sum())

    def gains(self, sites: frozenset[int], paths: list[list[int]]) -> Floats:
        """Return what each path adds; where a cell must be seen several times each sight has its share."""
        times = self.limits.times
        before = np.minimum(self.cover[list(sites)].sum(0), times)
        useful = before < times
        cover, worth, missing = self.cover[:, useful], self.weights[useful], (times - before)[useful]
        return np.array([np.minimum(cover[path].sum(0), missing) @ worth / times for path in paths])

    def grow(self, start: frozenset[int], barred: tuple[int, ...] = ()) -> frozenset[int] | None:
        """Join what is kept, then add the path that adds most for its cost until none fits or none adds."""
        forbid = (*self.limits.forbid, *(one for one in barred if one not in self.limits.keep))
        sites = start
        while missing := [one for one in self.limits.keep if one not in sites]:
            far, before = _path_costs(self.linked, self.limits.costs, np.array(sorted(sites)), forbid)
            nearest = min(missing, key=lambda one: far[one])
            if self.cost(sites) + far[nearest] > self.budget:
                return None
            sites |= set(_path(before, nearest, sites))
        while True:
            far, before = _path_costs(self.linked, self.limits.costs, np.array(sorted(sites)), forbid)
            left = self.budget - self.cost(sites)
            paths = [_path(before, one, sites) for one in self.free if one not in sites and far[one] <= left]
            gains = self.gains(sites, paths)
            ratios = gains / [self.limits.costs[path].sum() for path in paths] if paths else gains
            if not paths or gains.max() <= 0:
                return sites
            sites |= set(paths[int(np.argmax(ratios))])

    def without(self, sites: frozenset[int], out: tuple[int, ...]) -> frozenset[int]:
        """Return what is left in one piece: that with the kept ones, or else the one that sees most."""
        rest = sorted(sites - (set(out) - set(self.limits.keep)))
        if not rest:
            return frozenset()
        _, number = connected_components(csr_array(self.linked[np.ix_(rest, rest)]), directed=False)
        pieces = [frozenset(np.array(rest)[number == one].tolist()) for one in range(number.max() + 1)]
        if self.limits.keep:
            return next(one for one in pieces if self.limits.keep[0] in one)
        return max(pieces, key=self.value)

    def in_order(self, sites: frozenset[int]) -> tuple[tuple[int, ...], tuple[float, ...]]:
        order, gains = list[int](), list[float]()
        rest = [*self.limits.keep, *sorted(sites - set(self.limits.keep))]
        while rest:
            values = [self.value(frozenset([*order, one])) for one in rest]
            at = 0 if len(order) < len(self.limits.keep) else int(np.argmax(values))
            gains.append(values[at] - self.value(frozenset(order)))
            order.append(rest.pop(at))
        return tuple(order), tuple(gains)


def _path(before: npt.NDArray[np.int32], to: int, sites: frozenset[int]) -> list[int]:
    return list(_back(before, to, sites))


def _back(before: npt.NDArray[np.int32], to: int, sites: frozenset[int]) -> Iterator[int]:
    while to not in sites:
        yield to
        to = int(before[to])
