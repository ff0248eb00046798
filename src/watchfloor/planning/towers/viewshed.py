"""Viewsheds: every cell of a grid that one site sees, exactly or fast.

The exact one asks the kernel of `sight` for each centre. The fast one sends rays to the edge of the grid and
keeps the steepest slope so far on each (R2 of Franklin, Ray and Mehta 1994), with two differences: the
horizon of a cell is taken between the two rays that pass it, not from the nearer one, and heights are less
by the Earth's curve, so that lines of sight are straight. The ground counts where a ray crosses rows (or
columns, where it runs more east than north) and not between them; `docs/towers.md` says how often they agree.
"""

from math import ceil, floor

import numpy as np
import numpy.typing as npt

from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.core.kernels import kernel
from watchfloor.formats.terrain import Terrain
from watchfloor.planning.towers.sight import REFRACTION, TOLERANCE, Floats, Ground, Points, locate, look

Mask = npt.NDArray[np.bool_]

RAYS = 0.5
"""Rays for each cell of the edge; twice as many take a half longer and agree in a part in a thousand more."""

STEEP = 1e30
"""A slope above all that there are; its negative lies below all."""

TILE = 16
"""Cells a side of the tiles in whose order the exact viewshed asks: near in order is near on the ground."""


def viewshed(terrain: Terrain, site: Points, target: float, fast: bool = False) -> Mask:
    """Return which centres of a grid the first of `site` sees.

    Args:
        terrain: heights.
        site: a place, its mast, reach and field of view.
        target: metres above ground of what is to be seen.
        fast: an approximation in a tenth of the time, all round.

    Raises:
        OutsideError: the site lies outside of the grid, or on a void.
    """
    at_site = locate(terrain, site)
    if fast:
        return _fast(terrain, at_site, target, float(site.reach[0]))
    ground, known = Ground.prepare(terrain), ~np.isnan(terrain.heights)
    rows, columns = np.indices(terrain.heights.shape, np.float64).reshape(2, -1)
    cells = rows, columns, ground.heights.ravel().astype(np.float64) + target
    bits = look(ground, at_site, site.views()[:1], cells, _tiles(terrain.heights.shape))
    return (
        np.unpackbits(bits[0], count=known.size, bitorder="little").reshape(known.shape).astype(bool) & known
    )


def _tiles(shape: tuple[int, int]) -> npt.NDArray[np.int64]:
    """Return the numbers of a grid's cells, tile by tile."""
    numbers = np.arange(shape[0] * shape[1]).reshape(shape)
    rows, columns = (-(-size // TILE) * TILE for size in shape)
    whole = np.full((rows, columns), -1)
    whole[: shape[0], : shape[1]] = numbers
    order = whole.reshape(rows // TILE, TILE, -1, TILE).swapaxes(1, 2).ravel()
    return order[order >= 0]


def _fast(terrain: Terrain, site: tuple[Floats, Floats, Floats], target: float, reach: float) -> Mask:
    heights = terrain.heights
    row, column, top = (float(part[0]) for part in site)
    east, north = (float(one[0]) for one in terrain.metres(np.array([terrain.north - row * terrain.step_y])))
    visible = np.zeros(heights.shape, np.bool_)
    _sweep(heights, (row, column, top), (north, east), target, reach, visible)
    _sweep(heights.T, (column, row, top), (east, north), target, reach, visible.T)
    return visible


@kernel(error_model="numpy")
def _sweep(
    heights: npt.NDArray[np.float32],
    site: tuple[float, float, float],
    steps: tuple[float, float],
    target: float,
    reach: float,
    visible: Mask,
) -> None:
    """Set the cells that a site sees among those at least as many rows away as columns.

    Args:
        heights: metres; NaN is a void.
        site: row, column and height of its top.
        steps: metres from row to row and from column to column.
        target, reach: metres.
        visible: the answer.
    """
    row, column, top = site
    curve = REFRACTION / (2.0 * MEAN_RADIUS)
    last = heights.shape[1] - 1
    for sign in (-1, 1):
        first = floor(row) + 1 if sign > 0 else ceil(row) - 1
        end = heights.shape[0] if sign > 0 else -1
        far = max(abs(end - sign - row), 1.0)
        rays = ceil(far * RAYS)
        steepest = np.full(2 * rays + 2, -STEEP)
        bends = np.empty(2 * rays + 1)  # by ray: the Earth's curve, as a slope, for each row away
        for m in range(2 * rays + 1):
            bends[m] = curve * (steps[0] ** 2 + ((m - rays) / rays * steps[1]) ** 2)
        for i in range(first, end, sign):
            away = abs(i - row)
            per_cell, apart, inverse = rays / away, away / rays, 1.0 / away
            # 1. Cells of this row, by the horizon of the rows before.
            for j in range(max(0, ceil(column - away)), min(last, floor(column + away)) + 1):
                at = (j - column) * per_cell + rays
                m = int(at)
                horizon = steepest[m] + (at - m) * (steepest[m + 1] - steepest[m])
                south, east = away * steps[0], (j - column) * steps[1]
                square = south * south + east * east
                rise = heights[i, j] + target - top - curve * square
                if rise >= horizon * away - TOLERANCE and square <= reach * reach:
                    visible[i, j] = True
            # 2. The horizon of each ray that is within the grid.
            low = max(0, ceil(rays - column * per_cell))
            high = min(2 * rays, floor(rays + (last - column) * per_cell))
            for m in range(low, high + 1):
                y = column + (m - rays) * apart
                j = min(int(y), last - 1)
                ground = heights[i, j] + (y - j) * (heights[i, j + 1] - heights[i, j])
                slope = (ground - top) * inverse - bends[m] * away
                if not slope <= steepest[m]:  # also where a void makes it NaN, which is a wall
                    steepest[m] = slope if slope == slope else STEEP
    i, j = round(row), round(column)
    if i == row and j == column:
        visible[i, j] = True
