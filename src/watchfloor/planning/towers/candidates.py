"""Candidate sites where nobody has named any: proposed from the terrain, and moved to where they see more.

1. The highest cell of each square block (as the observers of ODINv2 have it), and summits that are screened
   by what they see of a sample of the cells.
2. Greedy and swaps choose among them. Then places around each chosen site are tried by exact lines of sight,
   near ones and farther ones, and swaps take what is better; where nothing was found, a few sites are drawn
   anew first (iterated local search; Lourenco, Martin and Stuetzle 2003).

The search starts from no less than what greedy covers on block maxima, and never takes less.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter

from watchfloor.formats.terrain import Terrain
from watchfloor.planning.towers.covering import greedy, rows_of, swap
from watchfloor.planning.towers.sight import Floats, Ground, Points, locate, look, z_order

Cells = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

BLOCKS: Final = 500
"""Block maxima."""
SUMMITS: Final = 3000
"""Summits that are screened."""
SAMPLE: Final = 2000
"""Cells that they are screened by."""
SCREENS: Final = 8
"""Times that the best twice as many summits as towers are taken, each time without those before."""
WINDOW: Final = 5
"""Cells a side of the square whose highest cell is a summit."""
AROUND: Final = 400
"""Places around all chosen sites that a round tries."""
SPREADS: Final = (1.5, 4.0, 12.0)
"""Cells: standard deviations of the distance at which places are tried."""
ROUNDS: Final = 80
IDLE: Final = 30
"""Rounds at most, and rounds that find nothing, after which the search ends."""
STEEPEST: Final = 45.0
"""Degrees of slope above which no tower is proposed."""


def propose(
    terrain: Terrain,
    cells: Points,
    weights: Floats,
    count: int,
    mast: float = 30.0,
    reach: float = np.inf,
    allowed: Mask | None = None,
    steepest: float = STEEPEST,
    progress: Callable[[str], None] = lambda _: None,
) -> Points:
    """Return candidate sites at centres of a grid, named by row and column; those that seem best come first.

    Args:
        terrain: heights.
        cells: what should be seen.
        weights: of cells, none negative.
        count: of towers to be chosen.
        mast, reach: metres, of all sites.
        allowed: centres of the grid where a tower may stand, all where None; never on a void.
        steepest: degrees of slope above which no tower may stand.
        progress: is told how far it is.

    Raises:
        OutsideError: a cell lies outside of the grid, or on a void.
    """
    stands = _open(terrain, steepest) if allowed is None else _open(terrain, steepest) & allowed
    heights = np.where(stands, terrain.heights, np.float32(-np.inf))
    random, masts = np.random.default_rng(26), _Masts(terrain, cells, mast, reach)
    blocks = block_maxima(heights, BLOCKS)
    if not len(blocks):
        return masts.points(blocks)
    summits = np.argwhere((heights == maximum_filter(heights, WINDOW)) & stands)
    summits = random.permutation(summits)[:SUMMITS]
    progress(f"{len(summits):,} summits")
    some = random.permutation(len(weights))[:SAMPLE]
    seen, left = masts.sees(summits, some), np.ones(len(summits), np.bool_)
    for _ in range(SCREENS):
        rest = np.flatnonzero(left)
        left[rest[_best(seen[rest], weights[some], 2 * count)]] = False
    tried = dict.fromkeys(tuple(one) for one in blocks.tolist())
    screened = [one for one in map(tuple, summits[~left].tolist()) if one not in tried]
    tried |= dict.fromkeys(screened)
    places = np.array(list(tried), np.int64)
    cover = masts.sees(places)
    starts = _best(cover, weights, count), _best(cover[: len(blocks)], weights, count)
    best = max(starts, key=lambda one: float(weights[cover[one].any(0)].sum()))
    covered, idle = float(weights[cover[best].any(0)].sum()), 0
    for number in range(ROUNDS):
        progress(f"round {number + 1} of {ROUNDS}: covered {covered:,.6g}")
        first = best
        if idle:
            few = int(random.integers(1, 1 + min(4, len(best))))
            first = _best(cover, weights, count, random.permutation(best)[few:], swaps=False)
        near = _around(places[first], stands, tried, random)
        more = np.concatenate([cover, masts.sees(near)])
        found = _swapped(more, weights, count, first)
        value = float(weights[more[found].any(0)].sum())
        idle += 1
        if value > covered:
            # Those that are not taken are forgotten; those that once were chosen stay candidates.
            new = found[found >= len(places)]
            places, cover = (
                np.concatenate([places, near[new - len(places)]]),
                more[[*range(len(cover)), *new]],
            )
            found[found >= len(cover) - len(new)] = np.arange(len(cover) - len(new), len(cover))
            best, covered, idle = found, value, 0
        if idle > IDLE:
            break
    others = np.setdiff1d(np.arange(len(places)), best)
    return masts.points(places[np.concatenate([best, others])])


def block_maxima(heights: npt.NDArray[np.float32], count: int) -> Cells:
    """Return row and column of the highest cell of each square block, of as many blocks as give `count`.

    A height of minus infinity is no cell. There are fewer where the grid has fewer.
    """
    known = np.isfinite(heights)
    side = max(1, int(np.sqrt(known.sum() / count)))
    while True:
        found = []
        for i in range(0, heights.shape[0], side):
            for j in range(0, heights.shape[1], side):
                block = heights[i : i + side, j : j + side]
                at = np.unravel_index(np.argmax(block), block.shape)
                if np.isfinite(block[at]):
                    found.append((i + int(at[0]), j + int(at[1])))
        if len(found) >= count or side == 1:
            picked = np.array(found, np.int64).reshape(-1, 2)
            highest = np.argsort(-heights[tuple(picked.T)], kind="stable")[:count]
            return np.asarray(picked[np.sort(highest)])
        side -= 1


class _Masts:
    """Lines of sight from masts at centres of a grid to cells."""

    def __init__(self, terrain: Terrain, cells: Points, mast: float, reach: float) -> None:
        self.terrain, self.mast, self.reach = terrain, mast, reach
        self.ground, self.cells = Ground.prepare(terrain), locate(terrain, cells)

    def points(self, places: Cells) -> Points:
        names = tuple(f"R{row}C{column}" for row, column in places.tolist())
        at = places.astype(np.float64)
        x = self.terrain.west + at[:, 1] * self.terrain.step_x
        y = self.terrain.north - at[:, 0] * self.terrain.step_y
        return Points.plain(names, x, y, self.mast, self.reach)

    def sees(self, places: Cells, some: Cells | None = None) -> Mask:
        sites = self.points(places)
        rows, columns, tops = (part if some is None else part[some] for part in self.cells)
        at = places[:, 0].astype(float), places[:, 1].astype(float), self._tops(places)
        bits = look(self.ground, at, sites.views(), (rows, columns, tops), z_order(rows, columns))
        return np.unpackbits(bits, axis=1, count=len(rows), bitorder="little").astype(bool)

    def _tops(self, places: Cells) -> Floats:
        return np.asarray(self.terrain.heights[tuple(places.T)], np.float64) + self.mast


def _open(terrain: Terrain, steepest: float) -> Mask:
    """Centres that are no void, and not too steep: by the mean slope over two cells each way."""
    latitudes = terrain.north - terrain.step_y * np.arange(terrain.heights.shape[0], dtype=np.float64)
    east, north = terrain.metres(latitudes)
    down, across = np.gradient(terrain.heights.astype(np.float64))
    slope = np.hypot(down / north[:, None], across / east[:, None])
    return np.asarray(~np.isnan(terrain.heights) & ~(slope > np.tan(np.radians(steepest))))


def _best(cover: Mask, weights: Floats, count: int, stay: Cells | None = None, swaps: bool = True) -> Cells:
    """Choose by greedy, beside sites that stay, and by swaps."""
    state = np.zeros(len(cover), np.int8)
    if stay is not None:
        state[stay] = 1
    chosen = np.flatnonzero(greedy(*rows_of(cover), weights, np.ones(len(cover)), float(count), 1, state))
    return _swapped(cover, weights, count, chosen) if swaps else chosen


def _swapped(cover: Mask, weights: Floats, count: int, first: Cells) -> Cells:
    """Improve a choice by swaps."""
    chosen = np.zeros(len(cover), np.bool_)
    chosen[first] = True
    swap(
        *rows_of(cover), weights, np.ones(len(cover)), float(count), 1, np.zeros(len(cover), np.int8), chosen
    )
    return np.flatnonzero(chosen)


def _around(
    sites: Cells, stands: Mask, tried: dict[tuple[int, ...], None], random: np.random.Generator
) -> Cells:
    """Draw places around sites that were not tried before; they are added to those tried."""
    each = max(1, AROUND // len(sites))
    spread = np.tile(np.repeat(SPREADS, -(-each // len(SPREADS)))[:each], len(sites))
    near = np.repeat(sites, each, axis=0) + np.rint(
        spread[:, None] * random.standard_normal((len(spread), 2))
    ).astype(np.int64)
    found = []
    for row, column in near.tolist():
        inside = 0 <= row < stands.shape[0] and 0 <= column < stands.shape[1]
        if inside and stands[row, column] and (row, column) not in tried:
            tried[row, column] = None
            found.append((row, column))
    return np.array(found, np.int64).reshape(-1, 2)
