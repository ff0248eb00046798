"""Shapes of a GeoJSON file in the coordinates of a terrain: areas where no tower may stand, roads, lines."""

import json
from pathlib import Path

import numpy as np
import shapely

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.formats.terrain import Terrain, TerrainError
from watchfloor.formats.terrain.systems import from_earth

BAD_AREAS = declare("towers.bad-areas", "file", "why")


def read_shapes(path: Path, terrain: Terrain) -> list[tuple[shapely.Geometry, str]]:
    """Read shapes, each with the `reason` or `name` of its properties, else the name of the file.

    GeoJSON has longitudes and latitudes (RFC 7946). In a file for terrain in metres coordinates that all
    can be such are taken for them and moved to the terrain's system; others are taken as the terrain's own.

    Raises:
        Unusable: the file has no shapes, or they cannot be moved.
    """
    try:
        features = json.loads(path.read_text("utf-8-sig"))["features"]
        shapes = [shapely.from_geojson(json.dumps(one["geometry"])) for one in features]
        names = [_name(one.get("properties") or {}, path.name) for one in features]
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError) as error:
        raise Unusable(reason(BAD_AREAS, file=path.name, why=str(error)[:120])) from None
    except shapely.errors.ShapelyError as error:
        raise Unusable(reason(BAD_AREAS, file=path.name, why=str(error)[:120])) from None
    places = shapely.get_coordinates(shapes)
    if not terrain.degrees and len(places) and (np.abs(places) <= (180, 90)).all():
        try:
            moved = np.column_stack(from_earth(terrain, *places.T))
            shapes = list(shapely.set_coordinates(np.array(shapes), moved))
        except TerrainError as error:
            raise Unusable(error.reason) from None
    return list(zip(shapes, names, strict=True))


def _name(properties: dict[str, object], otherwise: str) -> str:
    return str(properties.get("reason") or properties.get("name") or otherwise)
