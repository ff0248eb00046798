"""Repair of grids of heights: voids, spikes and pits, mended or left void, and counted.

A raised spike attracts towers and a pit hides nothing, so both matter more to a plan than their share of the
cells. What is called one here no slope of land explains:

- a patch whose every border is steeper than `CLIFF` (a lost digit makes whole summits such a patch);
- a single cell that stands above, or lies below, all eight neighbours by more than the size of a cell.

Both become voids. A void that is enclosed and small is filled with the smoothest surface between its rim's
heights (Laplace's equation); a larger one, or one at the edge, stays a void, and nothing is seen across it.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.formats.terrain.grid import Heights, Terrain

CLIFF: Final = 10.0
"""Rise over run that no cell of land has against a neighbour: 84 degrees over a whole cell."""

LARGEST_FILLED: Final = 400
"""Cells of a void that is filled; the shape of a larger one is anybody's guess."""

LEAST: Final = 25.0
"""Metres that a single cell must stand out, however small cells are: a fine grid has boulders and towers."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Repairs:
    """Cells of a grid that were not as they should be.

    Attributes:
        spikes, pits: raised and lowered cells that no slope explains; they were taken for voids.
        voids: cells without a height in the file.
        filled: cells of all these that have a height now.
        left: cells that stay void.
    """

    spikes: int
    pits: int
    voids: int
    filled: int
    left: int


def repair(terrain: Terrain) -> tuple[Terrain, Repairs]:
    """Return terrain without spikes and pits, its small voids filled, and what was done."""
    heights = terrain.heights.copy()
    voids = np.isnan(heights)
    x, y = (float(one[0]) for one in terrain.metres(np.array([terrain.north])))
    spikes, pits = _unexplained(heights, min(x, y))
    heights[spikes | pits] = np.nan
    filled = _fill(heights)
    left = int(np.isnan(heights).sum())
    repairs = Repairs(int(spikes.sum()), int(pits.sum()), int(voids.sum()), filled, left)
    return replace(terrain, heights=heights), repairs


def _unexplained(heights: Heights, size: float) -> tuple[Mask, Mask]:
    """Spikes and pits: patches behind cliffs on every side, and single cells."""
    from scipy.ndimage import maximum_filter, minimum_filter  # a fifth of a second, for who repairs a grid

    above = np.where(np.isnan(heights), -np.inf, heights)
    below = np.where(np.isnan(heights), np.inf, heights)
    ring = np.ones((3, 3), bool)
    ring[1, 1] = False
    least = max(size, LEAST)
    with np.errstate(invalid="ignore"):
        spikes = heights - maximum_filter(above, footprint=ring, mode="nearest") > least
        pits = minimum_filter(below, footprint=ring, mode="nearest") - heights > least
    spikes &= np.isfinite(maximum_filter(above, footprint=ring, mode="nearest"))
    pits &= np.isfinite(minimum_filter(below, footprint=ring, mode="nearest"))
    patches = _patches(heights, CLIFF * size)
    if patches is not None:
        land = float(np.nanmedian(heights[~patches]))
        spikes |= patches & (heights > land)
        pits |= patches & (heights <= land)
    return spikes, pits & ~spikes


def _patches(heights: Heights, jump: float) -> Mask | None:
    """Return cells that no path of steps of at most `jump` metres joins to most of the grid, or None."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    with np.errstate(invalid="ignore"):
        down = np.abs(np.diff(heights, axis=0)) <= jump
        across = np.abs(np.diff(heights, axis=1)) <= jump
    whole = ~np.isnan(heights)
    if down.sum() + across.sum() == (whole[1:] & whole[:-1]).sum() + (whole[:, 1:] & whole[:, :-1]).sum():
        return None
    number = np.arange(heights.size).reshape(heights.shape)
    one = np.concatenate([number[:-1][down], number[:, :-1][across]])
    other = np.concatenate([number[1:][down], number[:, 1:][across]])
    links = coo_array((np.ones(one.size, np.int8), (one, other)), (heights.size, heights.size))
    _, of = connected_components(links, directed=False)
    # A piece of land beyond a void is no patch; one whose rim is a cliff all round is.
    steep = np.zeros(heights.shape, bool)
    steep[:-1] |= whole[:-1] & whole[1:] & ~down
    steep[1:] |= whole[:-1] & whole[1:] & ~down
    steep[:, :-1] |= whole[:, :-1] & whole[:, 1:] & ~across
    steep[:, 1:] |= whole[:, :-1] & whole[:, 1:] & ~across
    sizes = np.bincount(of)
    behind = np.unique(of[steep.ravel()])
    most = of[whole.ravel()][np.argmax(sizes[of[whole.ravel()]])]
    small = behind[(behind != most) & (sizes[behind] < max(1, sizes[most] // 10))]
    return np.asarray(np.isin(of, small).reshape(heights.shape) & whole)


def _fill(heights: Heights) -> int:
    """Fill the small enclosed voids in place; give the number of cells."""
    from scipy.ndimage import label
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import spsolve

    numbers, count = label(np.isnan(heights))
    if not count:
        return 0
    sizes = np.bincount(numbers.ravel())
    edge = np.unique(np.concatenate([numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]]))
    fits = sizes <= LARGEST_FILLED
    fits[edge] = False
    fits[0] = False
    cells = np.argwhere(fits[numbers])
    if not len(cells):
        return 0
    at = np.full(heights.shape, -1)
    at[tuple(cells.T)] = np.arange(len(cells))
    rows, columns, values = [np.arange(len(cells))], [np.arange(len(cells))], [np.full(len(cells), 4.0)]
    right = np.zeros(len(cells))
    for step in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        beside = tuple((cells + step).T)  # never beyond the grid: a void at the edge is not filled
        inside = at[beside] >= 0
        rows.append(np.flatnonzero(inside))
        columns.append(at[beside][inside])
        values.append(np.full(int(inside.sum()), -1.0))
        right[~inside] += heights[beside][~inside]
    whole = coo_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))))
    heights[tuple(cells.T)] = spsolve(whole.tocsc(), right)
    return len(cells)
