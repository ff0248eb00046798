"""Cost of roads and power to a site: a sum for each kilometre to the nearest of each."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.formats.terrain import Terrain
from watchfloor.planning.towers.shapes import read_shapes
from watchfloor.planning.towers.sight import Points

Floats = npt.NDArray[np.float64]

NO_LINES = declare("towers.no-lines", "file")


class Access(NamedTuple):
    """Files of roads and power lines (GeoJSON), and dollars for each kilometre to the nearest of each."""

    roads: Path | None
    power: Path | None
    per_km: float


class Distances(NamedTuple):
    """Metres from each site to the nearest road and power line; None where no file was given."""

    roads: Floats | None
    power: Floats | None

    def costs(self, per_km: float) -> Floats | float:
        """Return dollars of each site."""
        return sum((metres * per_km / 1_000 for metres in self if metres is not None), start=0.0)


def distances_to(access: Access, terrain: Terrain, sites: Points) -> Distances:
    """Measure, as the crow flies, from sites to what they need; in degrees by those of the middle latitude.

    Raises:
        Unusable: a file has no shapes.
    """
    return Distances(*(_nearest(path, terrain, sites) if path else None for path in access[:2]))


def _nearest(path: Path, terrain: Terrain, sites: Points) -> Floats:
    shapes = [shape for shape, _ in read_shapes(path, terrain) if not shape.is_empty]
    if not shapes:
        raise Unusable(reason(NO_LINES, file=path.name))
    east, north = terrain.metres(np.array([0.5 * (sites.y.min() + sites.y.max())]))
    scale = np.array([east[0] / terrain.step_x, north[0] / terrain.step_y])
    tree = shapely.STRtree(shapely.transform(shapes, lambda places: places * scale))
    places = shapely.points(sites.x * scale[0], sites.y * scale[1])
    (at, _), metres = tree.query_nearest(places, return_distance=True, all_matches=False)
    return np.asarray(metres[np.argsort(at)], np.float64)
