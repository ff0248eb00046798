"""Areas of a search: a probability each, drift, effort shared over assets, and what finding nothing leaves.

The map of one object is a grid about the place where it was last known, or polygons that another program
drew. A place is normal, and so is what is not known of the drift since (the spread of its velocity, alike in
all directions, times the time): the map is their sum. Effort is area swept: width of sweep (both sides of the
asset, times its chance to detect) by speed by time, and is shared by Koopman's rule (`searching`).
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from msgspec import Meta, Struct
from msgspec.structs import replace
from scipy.special import ndtr

from watchfloor.casework.tasking.assets import Asset
from watchfloor.casework.tasking.spots import metres
from watchfloor.cell.acts import Unusable
from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.core.messages import declare, reason
from watchfloor.planning.coverage.schedule import DETOUR
from watchfloor.planning.patrols import searching
from watchfloor.planning.patrols.searching import Map

Floats = npt.NDArray[np.float64]

NO_GRID = declare("patrols.search-no-grid")
TOO_FINE = declare("patrols.search-too-fine", "cells", "most", "cell")

WITHIN_95: Final = math.sqrt(5.991)
"""Standard deviations of the radius that holds 95 % of a normal place in two dimensions (chi-square)."""
DEGREE: Final = math.radians(1) * MEAN_RADIUS
"""Metres of a degree of latitude."""
REACH: Final = 4.0
"""Standard deviations that a grid reaches to: 3 in 10,000 lie beyond."""
ACROSS: Final = 60
"""Cells across a grid whose cells nobody sized."""
LEAST_CELL: Final = 25.0
"""Metres of a cell that nobody sized, at least."""
MOST_CELLS: Final = 40_000


class Grid(Struct, frozen=True):
    """A grid of square cells: latitude and longitude of its middle, metres a cell, rows and columns."""

    latitude: Annotated[float, Meta(gt=-90, lt=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    cell: Annotated[float, Meta(gt=0)]
    rows: Annotated[int, Meta(ge=1, le=MOST_CELLS)]
    columns: Annotated[int, Meta(ge=1, le=MOST_CELLS)]

    def latitudes(self, north: Floats) -> Floats:
        """Return the latitudes of metres north of the middle."""
        return np.asarray(self.latitude + north / DEGREE)

    def longitudes(self, east: Floats) -> Floats:
        """Return the longitudes of metres east of the middle."""
        return np.asarray(self.longitude + east / (DEGREE * math.cos(math.radians(self.latitude))))

    def moved(self, north: float, east: float) -> tuple[float, float]:
        """Return latitude and longitude so many metres from the middle."""
        return float(self.latitudes(np.array(north))), float(self.longitudes(np.array(east)))

    def edges(self) -> tuple[Floats, Floats]:
        """Return the edges of rows from south to north, and of columns from west to east, in metres."""
        return _edges(self.rows, self.cell), _edges(self.columns, self.cell)

    def polygons(self) -> list[shapely.Polygon]:
        """Return the cells, row by row from the south-west."""
        north, east = self.edges()
        latitude, longitude = self.latitudes(north), self.longitudes(east)
        south, west = np.meshgrid(latitude[:-1], longitude[:-1], indexing="ij")
        top, right = np.meshgrid(latitude[1:], longitude[1:], indexing="ij")
        return list(shapely.box(west.ravel(), south.ravel(), right.ravel(), top.ravel()))


def _edges(count: int, cell: float) -> Floats:
    return np.asarray((np.arange(count + 1) - count / 2) * cell)


class Areas(Struct, frozen=True):
    """Areas with their probabilities.

    Attributes:
        polygons: of longitude and latitude; area: of each, square metres.
        chances: that the object is in each, and outside of all.
        at: when that holds.
        grid: of which they are the cells; None of polygons that somebody drew.
        swept: square metres that were to be swept in each, at the last plan.
        marking: that its file has, if it comes from one.
    """

    polygons: list[shapely.Polygon]
    area: Floats
    chances: Map
    at: datetime
    grid: Grid | None
    swept: Floats
    marking: str = ""


class Searcher(NamedTuple):
    """An asset that searches.

    Attributes:
        name: of the asset.
        width: of its sweep, metres; speed: metres a second.
        seconds: that it searches, there.
        transit: seconds there, and as many back.
    """

    name: str
    width: float
    speed: float
    seconds: float
    transit: float

    @property
    def swept(self) -> float:
        """Return the square metres that it sweeps in all."""
        return self.width * self.speed * self.seconds


class Datum(NamedTuple):
    """A place that is known so far.

    Attributes:
        latitude, longitude: degrees.
        north, east, joint: variances and covariance, square metres.
        v_north, v_east: metres a second that it drifts.
        at: when.
    """

    latitude: float
    longitude: float
    north: float
    east: float
    joint: float
    v_north: float
    v_east: float
    at: datetime


def area_of(polygon: shapely.Polygon) -> float:
    """Return the square metres of a polygon of longitude and latitude, about its middle."""
    middle = math.radians(polygon.centroid.y)
    return float(polygon.area * (math.pi / 180 * MEAN_RADIUS) ** 2 * math.cos(middle))


def around(datum: Datum, at: datetime, spread: float, cell: float = 0.0) -> Areas:
    """Return the map of an object at a moment, from where it was known to be.

    Args:
        datum: its place then, and how it drifts.
        at: the moment.
        spread: standard deviation of its velocity, metres a second in each direction.
        cell: metres; 0: sixty cells across.

    Raises:
        Unusable: there would be more cells than are computed.
    """
    seconds = max(0.0, (at - datum.at).total_seconds())
    covariance = np.array([[datum.north, datum.joint], [datum.joint, datum.east]])
    covariance += np.eye(2) * (spread * seconds) ** 2
    deviations = np.sqrt(np.maximum(np.diag(covariance), 1.0))
    wide = 2 * REACH * float(deviations.max())
    size = cell or max(LEAST_CELL, wide / ACROSS)
    rows, columns = (max(1, math.ceil(2 * REACH * float(one) / size)) for one in deviations)
    _see_size(rows, columns, size)
    middle = Grid(datum.latitude, datum.longitude, size, rows, columns)
    grid = Grid(*middle.moved(datum.v_north * seconds, datum.v_east * seconds), size, rows, columns)
    inside = _normal(grid, covariance)
    outside = max(0.0, 1.0 - float(inside.sum()))
    total = float(inside.sum()) + outside
    chances = Map(inside.ravel() / total, outside / total)
    return of_grid(grid, chances, at)


def of_grid(grid: Grid, chances: Map, at: datetime) -> Areas:
    """Return the cells of a grid with their probabilities."""
    polygons = grid.polygons()
    area = np.full(len(polygons), grid.cell**2)
    return Areas(polygons, area, chances, at, grid, np.zeros(len(polygons)))


def _normal(grid: Grid, covariance: Floats) -> Floats:
    """Return the probability of each cell: exact along the rows, by the middle of each row across them.

    North is normal with its variance; east, given north, is normal about a mean that goes with north. Each
    row takes the mean of its middle, in nine parts of the row.
    """
    _, east = grid.edges()
    parts = 9
    fine = (np.arange(grid.rows * parts + 1) / parts - grid.rows / 2) * grid.cell
    variance = max(float(covariance[0, 0]), 1.0)
    weight = np.diff(ndtr(fine / math.sqrt(variance)))
    middle = (fine[1:] + fine[:-1]) / 2
    slope = float(covariance[0, 1]) / variance
    rest = max(float(covariance[1, 1]) - slope * float(covariance[0, 1]), 1.0)
    across = np.diff(ndtr((east[None, :] - slope * middle[:, None]) / math.sqrt(rest)), axis=1)
    return np.asarray((weight[:, None] * across).reshape(grid.rows, parts, grid.columns).sum(1))


def drifted(areas: Areas, at: datetime, v_north: float, v_east: float, spread: float) -> Areas:
    """Return the map at a later moment: the grid goes with the drift, and grows by what is not known of it.

    Raises:
        Unusable: polygons that somebody drew cannot drift, or there would be too many cells.
    """
    if not (v_north or v_east or spread):
        return areas
    grid = areas.grid
    if grid is None:
        raise Unusable(reason(NO_GRID))
    seconds = max(0.0, (at - areas.at).total_seconds())
    blur = spread * seconds / grid.cell
    margin = math.ceil(REACH * blur)
    rows, columns = grid.rows + 2 * margin, grid.columns + 2 * margin
    _see_size(rows, columns, grid.cell)
    inside = np.pad(areas.chances.inside.reshape(grid.rows, grid.columns), margin)
    moved = searching.drift(Map(inside, areas.chances.outside), 0.0, 0.0, blur)
    wide = Grid(*grid.moved(v_north * seconds, v_east * seconds), grid.cell, rows, columns)
    return replace(of_grid(wide, Map(moved.inside.ravel(), moved.outside), at), marking=areas.marking)


def _see_size(rows: int, columns: int, cell: float) -> None:
    if rows * columns > MOST_CELLS:
        least = math.ceil(cell * math.sqrt(rows * columns / MOST_CELLS))
        raise Unusable(reason(TOO_FINE, cells=rows * columns, most=MOST_CELLS, cell=least))


def searchers(
    fleet: Mapping[str, Asset], place: tuple[float, float], hours: float
) -> tuple[list[Searcher], list[str]]:
    """Return the assets that can search about a place, and the names of those that are too far away."""
    found, far = [], []
    for name, asset in sorted(fleet.items()):
        detour = 1.0 if asset.kind in ("aircraft", "drone") else DETOUR
        transit = detour * metres(asset.latitude, asset.longitude, *place) / asset.speed_m_s
        seconds = min(hours * 3600.0, asset.endurance_s - 2 * transit)
        if seconds <= 0:
            far.append(name)
            continue
        width = 2 * asset.half_width_m * asset.detects
        found.append(Searcher(name, width, asset.speed_m_s, seconds, asset.ready_s + transit))
    return found, far


def allocation(areas: Areas, by: Sequence[Searcher]) -> Floats:
    """Return the square metres that each asset sweeps in each area, of shape (assets, areas).

    Areas are walked row by row, to and fro, and each asset takes the next of them until its effort is used,
    so that assets search next to each other.
    """
    total = sum(one.swept for one in by)
    swept = searching.allocate(areas.chances, 1.0 / areas.area, total)
    order = _walk(areas)
    ends = np.cumsum(swept[order])
    shares = np.zeros((len(by), len(swept)))
    done = 0.0
    for number, one in enumerate(by):
        until = done + one.swept if number + 1 < len(by) else math.inf
        begins = np.concatenate([[0.0], ends[:-1]])
        shares[number, order] = np.maximum(0.0, np.minimum(ends, until) - np.maximum(begins, done))
        done = until
    return shares


def _walk(areas: Areas) -> npt.NDArray[np.int64]:
    """Return the areas in the order in which they are searched."""
    if areas.grid is None:
        north = np.array([-one.centroid.y for one in areas.polygons])
        return np.argsort(north, kind="stable")
    numbers = np.arange(areas.grid.rows * areas.grid.columns).reshape(areas.grid.rows, -1)
    numbers[1::2] = numbers[1::2, ::-1]
    return numbers.ravel()


def found_nothing(areas: Areas) -> Areas:
    """Return the map after what was planned was swept in vain, by Bayes' rule."""
    chances = searching.update(areas.chances, 1.0 / areas.area, areas.swept)
    return replace(areas, chances=chances, swept=np.zeros_like(areas.swept))
