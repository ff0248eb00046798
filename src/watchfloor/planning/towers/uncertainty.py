"""Uncertain ground: what is seen when heights err and forest hides, and a plan that stays good then.

A realisation adds to the heights an error that is normal and correlated in space (exponential covariance,
drawn by the fast Fourier transform on a grid twice as large: Dietrich and Newsam 1997), and stands forest on
each cell of a fuel type with the type's probability. A mast stands in a clearing of its own; a target in
standing forest is hidden.

The plan maximises half the mean and half the worst tenth (CVaR; Rockafellar and Uryasev 2000) of its cover
over all realisations: greedy and swaps on the mean, then swaps with the worst tenth counting more, as long as
that helps. The worst tenth of any plan is at most its mean over one fixed tenth, so prices of a Lagrangian
relaxation, with realisations weighted so, bound every other plan.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.formats.terrain import Terrain
from watchfloor.planning.towers.choose import GAP, Limits
from watchfloor.planning.towers.covering import columns, greedy, subgradients, swap
from watchfloor.planning.towers.sight import Floats, Ground, Points, locate, look, z_order

Heights = npt.NDArray[np.float32]
Bits = npt.NDArray[np.uint8]

CANOPY: Final = {
    1: (8.0, 0.4),  # C-1 spruce-lichen woodland
    2: (12.0, 0.9),  # C-2 boreal spruce
    3: (18.0, 0.85),  # C-3 mature jack or lodgepole pine
    4: (10.0, 0.95),  # C-4 immature jack or lodgepole pine
    5: (25.0, 0.8),  # C-5 red and white pine
    6: (14.0, 0.85),  # C-6 conifer plantation
    7: (20.0, 0.6),  # C-7 ponderosa pine, Douglas fir
    11: (15.0, 0.6),  # D-1 leafless aspen
    12: (15.0, 0.9),  # D-2 green aspen
    13: (15.0, 0.8),  # D-1/D-2
}
"""Height of the canopy in metres, and the probability that it stands in a line of sight, by number of the FBP
fuel type. The types and their density in words are those of the Canadian system (Forestry Canada, ST-X-3,
1992); the figures are judgement, a class of height and one of density each. Other numbers below 40: bare."""
MIXED: Final = (15.0, 0.8)
"""Mixed wood, M-1 to M-4: numbers 40 to 99 and from 400 on, in the numbering of the Canadian Wildland Fire
Information System."""
TAIL: Final = 0.1
EFFORT: Final = (150, 1.0, 15)
"""Subgradient steps of the bound; see `choose.ROOT`. Each passes over most pairs of all realisations."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Errors of the ground.

    Attributes:
        rmse: of heights, metres.
        correlation: metres at which the correlation of two errors falls to 1/e.
        fuels: numbers of FBP fuel types by cell of the terrain; None where no forest is known.
        realisations, seed: how many, and from where.
    """

    rmse: float
    correlation: float
    fuels: npt.NDArray[np.int64] | None = None
    realisations: int = 100
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RobustChoice:
    """Sites that are good on average and in the worst tenth of realisations.

    Attributes:
        sites: numbers of the chosen sites, those kept first, then by what each adds on average.
        gains: weight that each adds on average to those before it.
        covered: half of `mean` and half of `worst`.
        bound: no choice within the same limits has more.
        mean, worst: weight covered on average, and on average over the worst tenth.
        shares: of the variance of the cover over realisations, by cell.
    """

    sites: tuple[int, ...]
    gains: tuple[float, ...]
    covered: float
    bound: float
    mean: float
    worst: float
    shares: Floats


def visibility(
    terrain: Terrain,
    sites: Points,
    cells: Points,
    doubt: Doubt,
    progress: Callable[[str], None] = lambda _: None,
) -> Bits:
    """Return what each site sees in each realisation: of shape (realisations, sites, cells / 8 rounded up).

    Raises:
        OutsideError: a place lies outside of the grid, or on a void.
    """
    bits = np.empty((doubt.realisations, len(sites.names), -(-len(cells.names) // 8)), np.uint8)
    order = z_order(*locate(terrain, cells)[:2])
    for number, (bare, forested) in enumerate(realisations(terrain, sites, doubt)):
        progress(f"{number:,} of {doubt.realisations:,} realisations")
        ground = Ground.prepare(replace(terrain, heights=forested))
        surface = replace(terrain, heights=bare)
        bits[number] = look(ground, locate(surface, sites), sites.views(), locate(surface, cells), order)
    return bits


def realisations(terrain: Terrain, sites: Points, doubt: Doubt) -> Iterator[tuple[Heights, Heights]]:
    """Yield heights of the ground, and of the ground with the forest on it."""
    rng = np.random.default_rng(doubt.seed)
    canopy, stands = _forest(terrain, sites, doubt.fuels)
    errors = _errors(terrain, doubt, rng)
    for _ in range(doubt.realisations):
        bare = terrain.heights + np.float32(doubt.rmse) * next(errors)
        stand = rng.random(canopy.shape, np.float32) < stands
        yield bare, bare + canopy * stand.astype(np.float32)


def _forest(terrain: Terrain, sites: Points, fuels: npt.NDArray[np.int64] | None) -> tuple[Heights, Heights]:
    """Return heights of the canopy and probabilities that it stands, none at the centres around a site."""
    canopy, stands = (np.zeros(terrain.heights.shape, np.float32) for _ in range(2))
    if fuels is None:
        return canopy, stands
    mixed = ((fuels >= 40) & (fuels < 100)) | (fuels >= 400)
    canopy[mixed], stands[mixed] = MIXED
    for number, (height, probability) in CANOPY.items():
        canopy[fuels == number], stands[fuels == number] = height, probability
    row, column = (part.astype(np.int64) for part in terrain.index(sites.x, sites.y))
    last_row, last_column = terrain.heights.shape[0] - 1, terrain.heights.shape[1] - 1
    for down in (0, 1):
        for across in (0, 1):
            canopy[np.minimum(row + down, last_row), np.minimum(column + across, last_column)] = 0
    return canopy, stands


def _errors(terrain: Terrain, doubt: Doubt, rng: np.random.Generator) -> Iterator[Heights]:
    """Yield fields of unit variance whose correlation falls exponentially with distance."""
    rows, columns = terrain.heights.shape
    east, north = (float(one[0]) for one in terrain.metres(np.array([terrain.north])))
    # On a torus twice as large the covariance is diagonal in the Fourier basis.
    down = np.minimum(np.arange(2 * rows), 2 * rows - np.arange(2 * rows)) * north
    across = np.minimum(np.arange(2 * columns), 2 * columns - np.arange(2 * columns)) * east
    covariance = np.exp(-np.hypot(down[:, None], across) / max(doubt.correlation, 1e-9))
    spectrum = np.maximum(np.fft.fft2(covariance).real, 0)
    spectrum *= spectrum.size / spectrum.sum()
    scale = np.sqrt(spectrum).astype(np.float32)
    while True:  # real and imaginary part are two independent fields
        noise = rng.standard_normal((2, *scale.shape), np.float32)
        field = np.fft.fft2(scale * (noise[0] + 1j * noise[1])) / np.sqrt(scale.size)
        for part in (field.real, field.imag):
            yield part[:rows, :columns].astype(np.float32)


def probabilities(bits: Bits, cells: int) -> Floats:
    """Return the share of realisations in which each site sees each cell."""
    counts = np.zeros((bits.shape[1], cells), np.int32)
    for one in bits:
        counts += np.unpackbits(one, axis=1, count=cells, bitorder="little")
    return counts / len(bits)


def choose_robust(bits: Bits, weights: Floats, limits: Limits) -> RobustChoice:
    """Choose sites within limits so that half the mean and half the worst tenth of their cover is largest.

    Args:
        bits: see `visibility`.
        weights: of cells.
        limits: see `Limits`.
    """
    count, sites = bits.shape[:2]
    starts, pairs = _stack(bits, len(weights))
    state = np.zeros(sites, np.int8)
    state[list(limits.forbid)] = -1
    state[list(limits.keep)] = 1
    shares = np.full(count, 1 / count)
    worth = np.outer(shares, weights).ravel()
    rest = limits.costs, limits.budget, limits.times, state
    chosen = np.asarray(greedy(starts, pairs, worth, *rest))
    swap(starts, pairs, worth, *rest, chosen)
    tail = max(1, round(count * TAIL))

    def cover(chosen: npt.NDArray[np.bool_]) -> tuple[float, npt.NDArray[np.bool_], Floats]:
        sights = np.zeros((count, len(weights)), np.int16)
        for site in np.flatnonzero(chosen):
            sights += np.unpackbits(bits[:, site], axis=1, count=len(weights), bitorder="little")
        seen = sights >= limits.times
        totals = seen @ weights
        return float(totals.mean() + np.sort(totals)[:tail].mean()) / 2, seen, totals

    best, seen, totals = cover(chosen)
    while True:
        shares = np.full(count, 0.5 / count)
        shares[np.argsort(totals)[:tail]] += 0.5 / tail
        worth = np.outer(shares, weights).ravel()
        other = chosen.copy()
        swap(starts, pairs, worth, *rest, other)
        value, other_seen, other_totals = cover(other)
        if value <= best * (1 + 1e-9):
            break
        chosen, best, seen, totals = other, value, other_seen, other_totals
    bound = max(best, _bound(starts, pairs, worth, limits, state, best))
    deviations = totals - totals.mean()
    variance = float((deviations**2).mean())
    covariance = weights * ((seen - seen.mean(0)) * deviations[:, None]).mean(0)
    order, gains = _in_order(bits, chosen, weights, limits)
    return RobustChoice(
        order,
        gains,
        best,
        bound,
        float(totals.mean()),
        float(np.sort(totals)[:tail].mean()),
        covariance / variance if variance else np.zeros(len(weights)),
    )


def _in_order(
    bits: Bits, chosen: npt.NDArray[np.bool_], weights: Floats, limits: Limits
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Return chosen sites, those kept first, then as each adds most on average; and what each adds."""
    sights = np.zeros((len(bits), len(weights)), np.int16)
    rest = [int(one) for one in np.flatnonzero(chosen) if one not in limits.keep]
    order: list[int] = []
    gains: list[float] = []
    for number in range(len(limits.keep) + len(rest)):
        missing = (sights == limits.times - 1) * weights
        candidates = [limits.keep[number]] if number < len(limits.keep) else rest
        looks = [
            np.unpackbits(bits[:, one], axis=1, count=len(weights), bitorder="little") for one in candidates
        ]
        adds = [float((look * missing).sum()) / len(bits) for look in looks]
        at = int(np.argmax(adds))
        order.append(candidates[at])
        gains.append(adds[at])
        sights += looks[at]
        if number >= len(limits.keep):
            rest.pop(at)
    return tuple(order), tuple(gains)


def _stack(bits: Bits, cells: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Return what sites see, the cells of each realisation behind those of the one before it."""
    sites = bits.shape[1]
    starts = np.zeros(sites + 1, np.int64)
    parts = []
    for site in range(sites):
        seen = np.unpackbits(bits[:, site], axis=1, count=cells, bitorder="little")
        parts.append(np.flatnonzero(seen).astype(np.int32))
        starts[site + 1] = starts[site] + len(parts[-1])
    return starts, np.concatenate(parts)


def _bound(
    starts: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.int32],
    worth: Floats,
    limits: Limits,
    state: npt.NDArray[np.int8],
    known: float,
) -> float:
    """Return a Lagrangian bound of the weighted cover over all realisations."""
    rows, counts = (starts, pairs), np.bincount(pairs, minlength=len(worth))
    prices = worth / (np.maximum(counts, 1) * limits.times)
    rest = limits.times, limits.costs, limits.budget, state, prices, known, EFFORT, GAP
    return float(subgradients(rows, columns(*rows, len(worth)), worth, *rest)[0])
