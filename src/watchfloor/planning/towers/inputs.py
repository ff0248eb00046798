"""Inputs of lines of sight and of plans of towers: read, repaired, and what is to be known of them."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.formats.terrain import Repairs, Terrain, TerrainError, read, repair
from watchfloor.formats.terrain.systems import to_earth
from watchfloor.planning.towers.sight import OutsideError, Points, Sights, sights
from watchfloor.planning.towers.tables import CellTable, SiteTable, read_cells, read_sites
from watchfloor.planning.towers.uncertainty import Doubt
from watchfloor.reference import border

MOSTLY_VOID = declare("towers.mostly-void", "file", "share")
REPAIRED = declare("towers.repaired", "count")
NOT_REPAIRED = declare("towers.not-repaired", "count")
FILLED = declare("towers.filled", "count")
VOIDS_LEFT = declare("towers.voids-left", "count")
ACROSS_LINE = declare("towers.across-line", "count", "name")
SAME_PLACE = declare("towers.same-place", "count", "name")
BAD_FUELS = declare("towers.bad-fuels", "file")
BAD_OPTION = declare("towers.bad-option", "option", "value")
UNKNOWN_SITE = declare("towers.unknown-site", "name", "option")
MARGIN: Final = 10_000.0
"""Metres around the cells within which sites are proposed, where a site sees so far."""
VOID_SHARE: Final = 0.5
"""Share of voids above which terrain is refused."""


class Inputs(Struct, frozen=True):
    """Inputs of lines of sight and of plans.

    Attributes:
        terrain: a grid of heights.
        sites, cells: tables; see `tables`. A viewshed has no cells, and a plan without sites proposes some.
        mast, target, reach: metres, where a table does not say.
        heights: `metre` or `foot`, where the grid does not say.
        as_is: spikes, pits and voids stay as the grid has them.
    """

    terrain: Path
    sites: Path | None
    cells: Path | None
    mast: float = 30.0
    target: float = 1.7
    reach: float = np.inf
    heights: str = ""
    as_is: bool = False


class Loaded(Struct, frozen=True):
    """Inputs as they were read; without a table of sites there are none."""

    terrain: Terrain
    repairs: Repairs
    sites: SiteTable
    cells: CellTable


class Errors(Struct, frozen=True):
    """Errors of the ground that a plan should bear.

    Attributes:
        rmse: of heights, metres.
        correlation: metres at which the correlation of two errors falls to 1/e.
        fuels: a grid of numbers of FBP fuel types; without one there is no forest.
        realisations, seed: how many, and from where.
    """

    rmse: float
    correlation: float = 500.0
    fuels: Path | None = None
    realisations: int = 100
    seed: int = 0


def load(inputs: Inputs, weight: str = "") -> Loaded:
    """Read tables and the part of the terrain that they need.

    Args:
        inputs: files, and what stands where they do not say.
        weight: the column of cells that has their weights, where it has another name.

    Raises:
        Unusable: an input cannot be used; the reason says which and why.
    """
    assert inputs.cells
    refuse_infinite(mast=inputs.mast, target=inputs.target)
    if np.isnan(inputs.reach):
        raise Unusable(reason(BAD_OPTION, option="--range", value="nan"))
    cells = read_cells(inputs.cells, inputs.target, weight)
    if inputs.sites is None:
        sites = SiteTable(Points.plain((), np.empty(0), np.empty(0), 0.0), np.empty(0), priced=False)
    else:
        sites = read_sites(inputs.sites, inputs.mast, inputs.reach)
    x, y = (
        np.concatenate([getattr(one, name) for one in (sites.points, cells.points)]) for name in ("x", "y")
    )
    box = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    if inputs.sites is None:
        margin = min(inputs.reach, MARGIN) / (1 if max(map(abs, box)) > 400 else 111_000)
        box = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
    terrain, repairs = read_terrain(inputs, box)
    return Loaded(terrain, repairs, sites, cells)


def refuse_infinite(**options: float) -> None:
    """Refuse what a person may type for a number and is none that can be planned with: nan, inf."""
    for name, value in options.items():
        if not np.isfinite(value):
            raise Unusable(reason(BAD_OPTION, option=f"--{name}", value=str(value)))


def read_terrain(inputs: Inputs, box: tuple[float, float, float, float] | None) -> tuple[Terrain, Repairs]:
    """Read the window of the terrain around a box, repaired unless it is to stay as it is.

    Raises:
        Unusable: it cannot be used, or more than half of it is void.
    """
    try:
        terrain = read(inputs.terrain, box, inputs.heights)
    except TerrainError as error:
        raise Unusable(error.reason) from None
    share = float(np.isnan(terrain.heights).mean())
    if share > VOID_SHARE and not inputs.as_is:
        raise Unusable(reason(MOSTLY_VOID, file=inputs.terrain.name, share=round(100 * share)))
    whole, repairs = repair(terrain)
    return terrain if inputs.as_is else whole, repairs


def cautions(terrain: Terrain, repairs: Repairs, as_is: bool) -> tuple[Reason, ...]:
    """Return what a reader should know of the terrain: of its file, and of repairs."""
    wrong = repairs.spikes + repairs.pits
    left = int(np.isnan(terrain.heights).sum())
    counts = {
        NOT_REPAIRED if as_is else REPAIRED: wrong,
        FILLED: 0 if as_is else repairs.filled,
        VOIDS_LEFT: left,
    }
    return (*terrain.notes, *(reason(one, count=count) for one, count in counts.items() if count))


def notes_of_sites(loaded: Loaded) -> tuple[Reason, ...]:
    """Return what is to be known of sites: that some share a place, or lie on both sides of the line."""
    points, notes = loaded.sites.points, []
    places = dict[tuple[float, float], str]()
    again = [
        name
        for name, x, y in zip(points.names, points.x.tolist(), points.y.tolist(), strict=True)
        if places.setdefault((x, y), name) != name
    ]
    if again:
        notes.append(reason(SAME_PLACE, count=len(again), name=again[0]))
    with suppress(TerrainError, ValueError):  # it is nowhere on Earth, or beyond a pole
        longitude, latitude = to_earth(loaded.terrain, points.x, points.y)
        side = border.load().side(latitude, longitude)
        if "CAN" in side and (beyond := np.flatnonzero(side == "USA")).size:
            notes.append(reason(ACROSS_LINE, count=len(beyond), name=points.names[beyond[0]]))
    return tuple(notes)


def visibility(loaded: Loaded, progress: Callable[[str], None] = lambda _: None) -> Sights:
    """Return which cells each site sees.

    Raises:
        Unusable: a site or cell is outside of the terrain or on a void.
    """
    try:
        return sights(loaded.terrain, loaded.sites.points, loaded.cells.points, progress)
    except OutsideError as error:
        raise Unusable(error.reason) from None


def numbers_of(points: Points, names: tuple[str, ...], option: str) -> list[int]:
    """Return numbers of sites by their names, each once; refuse a name that an option has wrong."""
    at = {name: number for number, name in enumerate(points.names)}
    for name in names:
        if name not in at:
            raise Unusable(reason(UNKNOWN_SITE, name=name, option=option))
    return [at[name] for name in dict.fromkeys(names)]


def _fuels(path: Path, terrain: Terrain) -> npt.NDArray[np.int64]:
    """Read fuel types at the centres of terrain; where the grid has none there is no forest."""
    rows, columns = terrain.heights.shape
    x = terrain.west + terrain.step_x * np.arange(columns)
    y = terrain.north - terrain.step_y * np.arange(rows)
    try:
        grid = read(path, (float(x[0]), float(y[-1]), float(x[-1]), float(y[0])))
    except TerrainError as error:
        raise Unusable(error.reason) from None
    column = np.round((x - grid.west) / grid.step_x).astype(np.int64)
    row = np.round((grid.north - y) / grid.step_y).astype(np.int64)
    inside = ((row >= 0) & (row < grid.heights.shape[0]))[:, None] & (
        (column >= 0) & (column < grid.heights.shape[1])
    )
    types = np.nan_to_num(grid.heights, nan=0).astype(np.int64)
    if (types != np.nan_to_num(grid.heights, nan=0)).any():
        raise Unusable(reason(BAD_FUELS, file=path.name))
    found = types[np.clip(row, 0, len(types) - 1)[:, None], np.clip(column, 0, types.shape[1] - 1)]
    return np.where(inside, found, 0)


def doubt_of(errors: Errors, terrain: Terrain) -> Doubt:
    """Return errors of the ground with the fuel types of the terrain; raises `Unusable`."""
    refuse_infinite(rmse=errors.rmse, correlation=errors.correlation)
    fuels = _fuels(errors.fuels, terrain) if errors.fuels else None
    return Doubt(errors.rmse, errors.correlation, fuels, errors.realisations, errors.seed)
