"""Line of sight over a grid of heights, exact for the surface that the grid defines.

What is visible is defined in docs/towers.md and by `watchfloor sight --help`, in the same words.

The surface between four centres is bilinear. Along a straight ray it is then a parabola within each cell, and
so is the ray itself once the Earth's curvature is taken off, so the highest point of one above the other is
known in closed form: no samples, no step to choose. Three things make that cheap:

- heights of blocks of 8 by 8 cells: where the ray passes above the highest of a block, no cell of it is
  tried;
- the same for each cell, before its parabola is;
- an obstruction of the last cells hides the next ones nearby: cells come in the order of a Z curve (Morton
  1966), and the last four obstructions are tried first. A point of the ray below the surface is proof in
  any order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import atan2, floor, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.core.kernels import kernel
from watchfloor.core.messages import Message, declare, reason
from watchfloor.formats.terrain import Terrain

Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.uint8]
"""A row a site, a bit a cell, the first cell in the lowest bit of the first byte."""

REFRACTION: Final = 6 / 7
"""Share of the Earth's curvature that refraction leaves (standard atmosphere; GDAL's 0.85714)."""

TOLERANCE: Final = 1e-6
"""Metres by which the surface may be above the ray: rounding, and no more."""

BLOCK: Final = 8
"""Cells a side of a block; 4 and 16 are slower on 100 m terrain."""
RECENT: Final = 4
"""Obstructions that are remembered for the next cells."""
WALL: Final = 1e6
"""Metres: the height of a void, above every line of sight."""
SITES_AT_ONCE: Final = 16
"""Sites between two reports of progress."""

OUTSIDE = declare("towers.outside", "name", "count")
ON_VOID = declare("towers.on-void", "name", "count")


@dataclass(frozen=True, slots=True)
class Points:
    """Places by name, in the grid's own units, each with what stands there.

    Attributes:
        names: of the places, each once.
        x, y: places.
        above: metres above the ground: of a site its mast, of a cell what is to be seen.
        reach: metres that a site sees at most; infinite where only terrain limits it.
        azimuth, width: degrees from north to the middle of a site's field of view, and its whole width.
        lowest, highest: degrees of elevation between which a site sees.
    """

    names: tuple[str, ...]
    x: Floats
    y: Floats
    above: Floats
    reach: Floats
    azimuth: Floats
    width: Floats
    lowest: Floats
    highest: Floats

    @classmethod
    def plain(
        cls, names: tuple[str, ...], x: Floats, y: Floats, above: float, reach: float = np.inf
    ) -> "Points":
        """Places that all have the same height and reach and look all round."""
        whole = np.ones(len(names))
        defaults = (above, reach, 0.0, 360.0, -90.0, 90.0)
        return cls(names, x, y, *(whole * one for one in defaults))

    def views(self) -> Floats:
        """Return reach, azimuth, width, lowest and highest: a row a place."""
        return np.column_stack([self.reach, self.azimuth, self.width, self.lowest, self.highest])


@dataclass(frozen=True, slots=True)
class Sights:
    """Which cells each site sees.

    Attributes:
        bits: of shape (sites, cells / 8 rounded up).
        cells: number of cells.
    """

    bits: Bits
    cells: int

    def matrix(self) -> npt.NDArray[np.bool_]:
        """One truth value a site and cell: eight times the memory."""
        return np.unpackbits(self.bits, axis=1, count=self.cells, bitorder="little").astype(bool)


class OutsideError(ValueError):
    """Places that the terrain does not cover; `reason` names the first."""

    def __init__(self, message: Message, names: tuple[str, ...]) -> None:
        self.reason = reason(message, name=names[0], count=len(names))
        super().__init__(str(self.reason))


@dataclass(frozen=True, slots=True)
class Ground:
    """Terrain made ready for rays.

    Attributes:
        heights: metres; a void is a wall.
        cells: highest corner of each cell, of shape (rows - 1, columns - 1).
        blocks: highest cell of each block.
        east, north: metres of one step, by row.
    """

    heights: npt.NDArray[np.float32]
    cells: npt.NDArray[np.float32]
    blocks: npt.NDArray[np.float32]
    east: Floats
    north: Floats

    @classmethod
    def prepare(cls, terrain: Terrain) -> "Ground":
        """Make terrain ready."""
        z = np.where(np.isnan(terrain.heights), np.float32(WALL), terrain.heights)
        cells = np.maximum(np.maximum(z[:-1, :-1], z[:-1, 1:]), np.maximum(z[1:, :-1], z[1:, 1:]))
        rows, columns = (-(-size // BLOCK) for size in cells.shape)
        whole = np.full((rows * BLOCK, columns * BLOCK), -np.inf, np.float32)
        whole[: cells.shape[0], : cells.shape[1]] = cells
        blocks = whole.reshape(rows, BLOCK, columns, BLOCK).max((1, 3))
        latitudes = terrain.north - terrain.step_y * np.arange(z.shape[0], dtype=np.float64)
        return cls(z, cells, np.ascontiguousarray(blocks), *terrain.metres(latitudes))


def sights(
    terrain: Terrain, sites: Points, cells: Points, progress: Callable[[str], None] = lambda _: None
) -> Sights:
    """Return which cells each site sees.

    Raises:
        OutsideError: a site or cell lies outside of the grid, or on a void.
    """
    ground = Ground.prepare(terrain)
    at_sites, at_cells = locate(terrain, sites), locate(terrain, cells)
    order = z_order(*at_cells[:2])
    return Sights(look(ground, at_sites, sites.views(), at_cells, order, progress), len(cells.names))


def look(
    ground: Ground,
    sites: tuple[Floats, Floats, Floats],
    views: Floats,
    cells: tuple[Floats, Floats, Floats],
    order: npt.NDArray[np.int64],
    progress: Callable[[str], None] = lambda _: None,
) -> Bits:
    """Return which cells each site sees, by rows, columns and heights of their tops; see `_matrix`."""
    bits = np.zeros((len(views), -(-len(cells[0]) // 8)), np.uint8)
    for first in range(0, len(views), SITES_AT_ONCE):
        progress(f"lines of sight of {first:,} of {len(views):,} sites")
        some = slice(first, first + SITES_AT_ONCE)
        _matrix(
            (ground.heights, ground.cells, ground.blocks),
            (ground.east, ground.north),
            (sites[0][some], sites[1][some], sites[2][some]),
            views[some],
            cells,
            order,
            bits[some],
        )
    return bits


def obstructions(
    terrain: Terrain, sites: Points, cells: Points, progress: Callable[[str], None] = lambda _: None
) -> tuple[Floats, Floats]:
    """Return what first hides each cell from each site, whatever their range and field of view.

    Returns:
        Metres from the site to the first place, to a cell, where the ground is above the line, NaN where it
        is nowhere; and metres by which it is, infinite on a void.

    Raises:
        OutsideError: a site or cell lies outside of the grid, or on a void.
    """
    ground = Ground.prepare(terrain)
    grids = (ground.heights, ground.cells, ground.blocks)
    at_sites, at_cells = locate(terrain, sites), locate(terrain, cells)
    far, above = (np.full((len(sites.names), len(cells.names)), np.nan) for _ in range(2))
    for one in range(len(sites.names)):
        progress(f"obstructions from {one:,} of {len(sites.names):,} sites")
        start = float(at_sites[0][one]), float(at_sites[1][one]), float(at_sites[2][one])
        _obstructions(grids, (ground.east, ground.north), start, at_cells, far[one], above[one])
    above[above > WALL / 10] = np.inf
    return far, above


def locate(terrain: Terrain, points: Points) -> tuple[Floats, Floats, Floats]:
    """Return rows, columns and heights of the tops of places.

    Raises:
        OutsideError: a place lies outside of the grid, or on a void.
    """
    inside = terrain.holds(points.x, points.y)
    if not inside.all():
        raise OutsideError(OUTSIDE, _some(points, ~inside))
    top = terrain.at(points.x, points.y) + points.above
    if (void := np.isnan(top)).any():
        raise OutsideError(ON_VOID, _some(points, void))
    return *terrain.index(points.x, points.y), top


def _some(points: Points, which: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(points.names[at] for at in np.flatnonzero(which))


def z_order(rows: Floats, columns: Floats) -> npt.NDArray[np.int64]:
    """Places in the order of a Z curve: near in the order is mostly near on the ground."""
    return np.argsort(_spread(rows) | (_spread(columns) << np.uint64(1)), kind="stable")


def _spread(values: Floats) -> npt.NDArray[np.uint64]:
    """Whole parts with a zero bit after each of their 32 bits."""
    x = values.astype(np.uint64)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        x = (x | (x << np.uint64(shift))) & np.uint64(mask)
    return x


Grids = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Heights, highest of cells, highest of blocks."""
Ray = tuple[float, float, float, float, float, float, float]
"""Row and column of its start, its length in each, height of its start, its climb, and the bulge: four
times the curve of the Earth below its middle. At share t of it the line is at `start + climb * t - bulge *
t * (1 - t)` above a ground that is taken for flat."""


@kernel(inline="always")
def _legs(
    row: float, column: float, row_to: float, column_to: float, east: Floats, north: Floats
) -> tuple[float, float]:
    """Metres south and east from one place to another, by the steps of the row halfway."""
    half = int(0.5 * (row + row_to))
    return (row_to - row) * north[half], (column_to - column) * east[half]


@kernel(inline="always")
def _bulge(south: float, east: float) -> float:
    return REFRACTION * (south * south + east * east) / (2.0 * MEAN_RADIUS)


@kernel
def _matrix(
    grids: Grids,
    steps: tuple[Floats, Floats],
    sites: tuple[Floats, Floats, Floats],
    views: Floats,
    cells: tuple[Floats, Floats, Floats],
    order: npt.NDArray[np.int64],
    bits: Bits,
) -> None:
    """Set the bit of each cell that a site sees.

    Args:
        grids: see `Grids`.
        steps: metres of one step east and north, by row.
        sites, cells: rows, columns and heights of their tops.
        views: by site: reach in metres, azimuth, width, lowest and highest in degrees.
        order: of cells.
        bits: the answer, all 0 before.
    """
    heights = grids[0]
    last_row, last_column = heights.shape[0] - 2, heights.shape[1] - 2
    recent_rows, recent_columns = np.empty(RECENT), np.empty(RECENT)
    for a in range(len(sites[0])):
        row, column, top = sites[0][a], sites[1][a], sites[2][a]
        recent = 0
        for b in order:
            rows, columns = cells[0][b] - row, cells[1][b] - column
            south, east = _legs(row, column, cells[0][b], cells[1][b], steps[0], steps[1])
            far = south * south + east * east
            climb = cells[2][b] - top
            if far > views[a, 0] * views[a, 0] or not _in_view(south, east, far, climb, views[a]):
                continue
            bulge = _bulge(south, east)
            # 1. What hid the last cells, at the point of this ray nearest to it.
            length = rows * rows + columns * columns
            hidden = False
            for k in range(recent if length > 0 else 0):
                t = ((recent_rows[k] - row) * rows + (recent_columns[k] - column) * columns) / length
                if t <= 0.0 or t >= 1.0:
                    continue
                r, c = row + t * rows, column + t * columns
                i, j = min(int(r), last_row), min(int(c), last_column)
                u, v = r - i, c - j
                upper = heights[i, j] * (1.0 - v) + heights[i, j + 1] * v
                lower = heights[i + 1, j] * (1.0 - v) + heights[i + 1, j + 1] * v
                if upper * (1.0 - u) + lower * u - (top + climb * t - bulge * t * (1.0 - t)) > TOLERANCE:
                    hidden = True
                    # The one that hid this cell is the first to be tried for the next.
                    recent_rows[k], recent_rows[0] = recent_rows[0], recent_rows[k]
                    recent_columns[k], recent_columns[0] = recent_columns[0], recent_columns[k]
                    break
            if hidden:
                continue
            # 2. The whole ray.
            t = _first_hidden(grids, (row, column, rows, columns, top, climb, bulge))
            if t < 0.0:
                bits[a, b >> 3] |= np.uint8(1 << (b & 7))
                continue
            recent = min(recent + 1, RECENT)
            for k in range(recent - 1, 0, -1):
                recent_rows[k], recent_columns[k] = recent_rows[k - 1], recent_columns[k - 1]
            recent_rows[0], recent_columns[0] = row + t * rows, column + t * columns


@kernel
def _in_view(south: float, east: float, far: float, climb: float, view: Floats) -> bool:
    """Whether a direction lies within a site's field of view; curvature is left out of its elevation."""
    if view[2] < 360.0:
        turned = np.degrees(atan2(east, -south)) - view[1]
        turned -= 360.0 * floor(turned / 360.0 + 0.5)
        if abs(turned) > 0.5 * view[2]:
            return False
    if view[3] <= -90.0 and view[4] >= 90.0:
        return True
    elevation = np.degrees(atan2(climb, sqrt(far)))
    return bool(view[3] <= elevation <= view[4])


@kernel
def _obstructions(
    grids: Grids,
    steps: tuple[Floats, Floats],
    site: tuple[float, float, float],
    cells: tuple[Floats, Floats, Floats],
    far: Floats,
    above: Floats,
) -> None:
    """Set metres to the first obstruction of each cell, and metres by which it is above the line."""
    row, column, top = site
    heights = grids[0]
    for b in range(len(far)):
        rows, columns, climb = cells[0][b] - row, cells[1][b] - column, cells[2][b] - top
        south, east = _legs(row, column, cells[0][b], cells[1][b], steps[0], steps[1])
        bulge = _bulge(south, east)
        t = _first_hidden(grids, (row, column, rows, columns, top, climb, bulge))
        if t < 0.0:
            continue
        i = min(int(row + t * rows), heights.shape[0] - 2)
        j = min(int(column + t * columns), heights.shape[1] - 2)
        line = top + climb * t - bulge * t * (1.0 - t)
        far[b] = t * sqrt(south * south + east * east)
        above[b] = _ground(heights, i, j, row + t * rows, column + t * columns) - line


@kernel
def _first_hidden(grids: Grids, ray: Ray) -> float:
    """Return the share of a ray at which the ground is first above it, or -1.

    Passes through blocks, and through the cells of those whose highest cell is not below the ray.
    """
    blocks = grids[2]
    row, column, rows, columns, top, climb, bulge = ray
    i = min(int(row / BLOCK), blocks.shape[0] - 1)
    j = min(int(column / BLOCK), blocks.shape[1] - 1)
    # Shares at which the next line between blocks is crossed, and between two lines (2.0: never).
    next_row = ((i + (rows > 0)) * BLOCK - row) / rows if rows != 0.0 else 2.0
    next_column = ((j + (columns > 0)) * BLOCK - column) / columns if columns != 0.0 else 2.0
    each_row = BLOCK / abs(rows) if rows != 0.0 else 2.0
    each_column = BLOCK / abs(columns) if columns != 0.0 else 2.0
    t, line = 0.0, top
    while True:
        to = max(t, min(min(next_row, next_column), 1.0))
        line_to = top + climb * to - bulge * to * (1.0 - to)
        # The line sags between two points, below the lower one by at most a quarter of its bend.
        if not (blocks[i, j] <= min(line, line_to) - 0.25 * bulge * (to - t) * (to - t)):
            hidden = _in_block(grids, ray, i, j, t, to)
            if hidden >= 0.0:
                return hidden
        if to >= 1.0:
            return -1.0
        if next_row <= next_column:
            i += 1 if rows > 0 else -1
            next_row += each_row
        else:
            j += 1 if columns > 0 else -1
            next_column += each_column
        if i < 0 or i >= blocks.shape[0] or j < 0 or j >= blocks.shape[1]:
            return -1.0
        t, line = to, line_to


@kernel
def _in_block(grids: Grids, ray: Ray, block_row: int, block_column: int, t: float, end: float) -> float:
    """Return the share of a ray, from `t` to `end`, at which a block's ground is first above it, or -1."""
    heights, highest = grids[0], grids[1]
    row, column, rows, columns, top, climb, bulge = ray
    first_i, first_j = block_row * BLOCK, block_column * BLOCK
    last_i = min(first_i + BLOCK, highest.shape[0]) - 1
    last_j = min(first_j + BLOCK, highest.shape[1]) - 1
    i = min(max(floor(row + rows * t), first_i), last_i)
    j = min(max(floor(column + columns * t), first_j), last_j)
    next_row = (i + (rows > 0) - row) / rows if rows != 0.0 else 2.0
    next_column = (j + (columns > 0) - column) / columns if columns != 0.0 else 2.0
    each_row = 1.0 / abs(rows) if rows != 0.0 else 2.0
    each_column = 1.0 / abs(columns) if columns != 0.0 else 2.0
    line = top + climb * t - bulge * t * (1.0 - t)
    while True:
        to = max(t, min(min(next_row, next_column), end))
        line_to = top + climb * to - bulge * to * (1.0 - to)
        if not (highest[i, j] <= min(line, line_to) - 0.25 * bulge * (to - t) * (to - t)):
            # The ground above the line is f(t) = a + b s + c s^2, where s goes from 0 to 1 within the cell.
            a = _ground(heights, i, j, row + rows * t, column + columns * t) - line
            if not a <= TOLERANCE:
                return t
            ends = _ground(heights, i, j, row + rows * to, column + columns * to) - line_to
            if not ends <= TOLERANCE:
                return to
            twist = heights[i, j] + np.float64(heights[i + 1, j + 1]) - heights[i, j + 1] - heights[i + 1, j]
            c = (twist * rows * columns - bulge) * (to - t) * (to - t)
            b = ends - a - c
            # Is the highest point within the cell, and above the line?
            if c < 0.0 and 0.0 < b < -2.0 * c and not a - b * b / (4.0 * c) <= TOLERANCE:
                return float(t - (to - t) * b / (2.0 * c))
        if to >= end:
            return -1.0
        if next_row <= next_column:
            i += 1 if rows > 0 else -1
            next_row += each_row
        else:
            j += 1 if columns > 0 else -1
            next_column += each_column
        if i < first_i or i > last_i or j < first_j or j > last_j:
            return -1.0
        t, line = to, line_to


@kernel(inline="always")
def _ground(heights: npt.NDArray[np.float32], i: int, j: int, row: float, column: float) -> float:
    """Height of a place within cell (i, j)."""
    u, v = row - i, column - j
    upper = heights[i, j] * (1.0 - v) + heights[i, j + 1] * v
    lower = heights[i + 1, j] * (1.0 - v) + heights[i + 1, j + 1] * v
    return float(upper * (1.0 - u) + lower * u)
