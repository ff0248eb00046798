"""Pairs of a site and a cell as rows of a table, and what one site sees as a raster."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Reason
from watchfloor.formats.terrain import Terrain
from watchfloor.formats.terrain.raster import VOID
from watchfloor.planning.towers.inputs import (
    Errors,
    Inputs,
    Loaded,
    cautions,
    doubt_of,
    numbers_of,
    read_terrain,
    refuse_infinite,
)
from watchfloor.planning.towers.sight import OutsideError, Points, Sights, obstructions
from watchfloor.planning.towers.tables import read_sites
from watchfloor.planning.towers.uncertainty import probabilities
from watchfloor.planning.towers.uncertainty import visibility as visibility_of_realisations
from watchfloor.planning.towers.viewshed import viewshed

PAIRS: Final = pa.schema([("site", pa.string()), ("cell", pa.string()), ("visible", pa.bool_())])
"""A row a pair of a site and a cell."""
ROWS_AT_ONCE: Final = 2_000_000
"""Pairs of a table that is held in memory."""


def pairs(
    visible: Sights, loaded: Loaded, more: Mapping[str, npt.NDArray[np.float64]] = MappingProxyType({})
) -> Iterator[pa.Table]:
    """Yield each site with every cell, in the order of the tables, in parts.

    Args:
        visible, loaded: sights, and of what.
        more: further columns, a row a site; what is not finite has no value.
    """
    sites, cells = loaded.sites.points.names, pa.array(loaded.cells.points.names)
    step = max(1, ROWS_AT_ONCE // visible.cells)
    for first in range(0, len(sites), step):
        part = slice(first, first + step)
        some = sites[part]
        bits = np.unpackbits(visible.bits[part], axis=1, count=visible.cells, bitorder="little")
        columns = [
            pa.array(some).take(pa.array(np.repeat(np.arange(len(some)), visible.cells))),
            cells.take(pa.array(np.tile(np.arange(visible.cells), len(some)))),
            pa.array(bits.ravel().astype(bool)),
            *(pa.array(one[part].ravel(), mask=~np.isfinite(one[part].ravel())) for one in more.values()),
        ]
        yield pa.table(columns, schema=pairs_schema(more))


def pairs_schema(more: Iterable[str] = ()) -> pa.Schema:
    """Return the columns of pairs."""
    return pa.schema([*PAIRS, *((name, pa.float64()) for name in more)])


def describe_pairs(
    loaded: Loaded,
    obstruction: bool,
    errors: Errors | None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, npt.NDArray[np.float64]]:
    """Return further columns of pairs: what first hides a cell, and the probability that it is seen.

    Raises:
        Unusable: an error of the ground cannot be used.
    """
    sites, cells, more = loaded.sites.points, loaded.cells.points, dict[str, npt.NDArray[np.float64]]()
    if obstruction:
        more["obstruction"], more["above_line"] = obstructions(loaded.terrain, sites, cells, progress)
    if errors:
        doubt = doubt_of(errors, loaded.terrain)
        bits = visibility_of_realisations(loaded.terrain, sites, cells, doubt, progress)
        more["probability"] = probabilities(bits, len(cells.names))
    return more


def viewshed_of(
    inputs: Inputs, name: str, fast: bool
) -> tuple[npt.NDArray[np.uint8], Terrain, tuple[Reason, ...]]:
    """Return what a site sees: by cell of the terrain 1 or 0, or 255 on a void; the terrain; and cautions.

    Raises:
        Unusable: an input cannot be used, or the site lies outside of the terrain or on a void.
    """
    refuse_infinite(mast=inputs.mast, target=inputs.target)
    assert inputs.sites
    points = read_sites(inputs.sites, inputs.mast, inputs.reach).points
    (at,) = numbers_of(points, (name,), "--viewshed")
    site = Points((name,), *(getattr(points, each)[at : at + 1] for each in points.__slots__[1:]))
    x, y, reach = (float(one[0]) for one in (site.x, site.y, site.reach))
    # Of a grid in degrees all is read: a degree of longitude has no one length.
    box = (x - reach, y - reach, x + reach, y + reach)
    terrain, repairs = read_terrain(inputs, box if np.isfinite(reach) and max(abs(x), abs(y)) > 400 else None)
    try:
        visible = viewshed(terrain, site, inputs.target, fast).astype(np.uint8)
    except OutsideError as error:
        raise Unusable(error.reason) from None
    visible[np.isnan(terrain.heights)] = VOID
    return visible, terrain, cautions(terrain, repairs, inputs.as_is)
