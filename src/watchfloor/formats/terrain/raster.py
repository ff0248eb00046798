"""Rasters on the cells of a terrain, written as ESRI ASCII grid or GeoTIFF."""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.extras import optional
from watchfloor.formats.terrain.grid import Terrain

ENDINGS: Final = (".asc", ".tif", ".tiff")
VOID: Final = 255
"""Value of a cell without a height."""


def write(path: Path, terrain: Terrain, values: npt.NDArray[np.uint8]) -> None:
    """Write a value a cell, to a file beside it that takes its name when it is whole.

    Raises:
        FileExistsError: there is one beside it already.
        MissingExtraError: a GeoTIFF is asked for and rasterio is not installed.
    """
    beside = path.with_name(f"{path.name}.part")
    beside.touch(exist_ok=False)
    west, north = terrain.west - terrain.step_x / 2, terrain.north + terrain.step_y / 2
    rows, columns = values.shape
    if path.suffix.lower() == ".asc":
        south = north - rows * terrain.step_y
        sizes = f"dx {terrain.step_x!r}\ndy {terrain.step_y!r}\n"
        if abs(terrain.step_x - terrain.step_y) < 1e-9 * terrain.step_x:
            sizes = f"cellsize {terrain.step_x!r}\n"
        head = f"ncols {columns}\nnrows {rows}\nxllcorner {west!r}\nyllcorner {south!r}\n{sizes}"
        text = "\n".join(" ".join(map(str, row)) for row in values.tolist())
        beside.write_text(f"{head}NODATA_value {VOID}\n{text}\n", "ascii")
        beside.rename(path)
        return
    with optional():
        import rasterio
    kind = {"driver": "GTiff", "dtype": "uint8", "count": 1, "nodata": VOID, "compress": "deflate"}
    at = rasterio.Affine(terrain.step_x, 0.0, west, 0.0, -terrain.step_y, north)
    size = {"height": rows, "width": columns}
    with rasterio.open(beside, "w", crs=terrain.crs or None, transform=at, **size, **kind) as file:
        file.write(values, 1)
    beside.rename(path)
