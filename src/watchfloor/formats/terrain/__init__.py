"""Terrain: grids of heights, as ESRI ASCII, SRTM HGT and GeoTIFF give them, with what was mended in them."""

from watchfloor.formats.terrain.grid import Terrain, TerrainError
from watchfloor.formats.terrain.readers import read
from watchfloor.formats.terrain.repair import Repairs, repair

__all__ = ["Repairs", "Terrain", "TerrainError", "read", "repair"]
