"""Small pictures of a place in a scene, as PNG: true colour where the bands are there, else grey.

What is masked is grey before anything is stretched. Two pictures of one place can have one stretch, so that a
change of light is not taken for a change of ground.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from watchfloor.core.messages import declare
from watchfloor.formats.imagery.alignment import bands_of
from watchfloor.formats.imagery.folders import OpenScene, open_any
from watchfloor.formats.imagery.scenes import Box, Floats, Mask, moved, projected, refuse

MASKED: Final = 96
"""Grey of what is masked or was not measured."""
MOST_PIXELS: Final = 4_000_000
"""Pixels of a scene that a picture is made of."""
STRETCH: Final = (1.0, 99.0)
"""Percentiles, of all colours together, that become black and white: one by one, a wood would be grey."""
DARK, BRIGHT = 0.7, 2.0
"""Shares of the darkest that is black, and of the span above it that is white: of even ground nothing but
noise would be seen otherwise. Between them shades go by the root, as screens do."""

ELSEWHERE = declare("scene.picture-elsewhere", "scene")

Edges = tuple[float, float, float, float]
"""West, south, east and north in degrees."""


def picture(
    path: Path,
    edges: Edges,
    pixels: int = 256,
    *,
    masked: Sequence[Mapping[str, Any]] = (),
    like: Path | None = None,
) -> bytes:
    """Return a picture of a place as PNG.

    Args:
        path: the scene: a file, or a folder with its item.
        edges: of the place.
        pixels: on the longer side.
        masked: GeoJSON geometries in WGS84 that are not shown.
        like: another scene, whose stretch it has.

    Raises:
        SceneError: the scene has no projection, or does not show the place.
    """
    with open_any(path) as one:
        colours, seen = _read(one, edges, masked)
    stretched = colours, seen
    if like is not None:
        with open_any(like) as other:
            stretched = _read(other, edges, masked)
    low, high = _stretch(*stretched)
    if len(low) != len(colours):
        low, high = _stretch(colours, seen)
    scaled = (colours - low[:, None, None]) / np.maximum(high - low, 1e-9)[:, None, None]
    shown = np.where(seen, np.sqrt(np.clip(scaled, 0, 1)) * 255, MASKED).astype(np.uint8)
    return _png(_sized(shown, pixels))


def _read(one: OpenScene, edges: Edges, masked: Sequence[Mapping[str, Any]]) -> tuple[Floats, Mask]:
    from rasterio.features import geometry_mask
    from rasterio.warp import transform_bounds

    scene = one.scene
    if scene.crs is None:
        refuse(ELSEWHERE, scene=scene.name)
    west, south, east, north = transform_bounds("EPSG:4326", scene.crs, *edges)
    at = scene.transform
    left, right = (west - at.c) / at.a, (east - at.c) / at.a
    top, bottom = (north - at.f) / at.e, (south - at.f) / at.e
    rows = max(0, int(min(top, bottom))), min(scene.rows, int(np.ceil(max(top, bottom))))
    columns = max(0, int(min(left, right))), min(scene.columns, int(np.ceil(max(left, right))))
    box = Box(rows[0], columns[0], rows[1] - rows[0], columns[1] - columns[0])
    if box.rows < 1 or box.columns < 1 or box.rows * box.columns > MOST_PIXELS:
        refuse(ELSEWHERE, scene=scene.name)
    bands = bands_of(scene, ("red", "green", "blue")) or [0]
    pixels, seen = scene.read(box, bands)
    closed = projected(scene.crs, scene.transform, scene.rows, scene.columns, masked)
    if closed:
        there = moved(scene.transform, box.row, box.column)
        hidden = geometry_mask(closed, (box.rows, box.columns), there, all_touched=True, invert=True)
        seen &= ~hidden
    if one.radar:
        pixels = np.log(np.maximum(pixels, 1e-9))  # speckle is multiplied
    return np.where(seen, pixels, 0.0), seen


def _stretch(colours: Floats, seen: Mask) -> tuple[Floats, Floats]:
    if not seen.any():
        return np.zeros(len(colours)), np.ones(len(colours))
    low, high = np.percentile(colours[:, seen], STRETCH)
    if low > 0:  # light; the logarithms of radars may be below
        low *= DARK
        high = low + BRIGHT * (high - low)
    return np.full(len(colours), low), np.full(len(colours), high)


def _sized(shown: Any, pixels: int) -> Any:
    """Return a picture of so many pixels on its longer side, each that of the nearest place."""
    rows, columns = shown.shape[1:]
    scale = pixels / max(rows, columns)
    high, wide = max(1, round(rows * scale)), max(1, round(columns * scale))
    at = (np.arange(high) * rows // high)[:, None], (np.arange(wide) * columns // wide)[None, :]
    return shown[:, at[0], at[1]]


def _png(shown: Any) -> bytes:
    import warnings

    from rasterio.errors import NotGeoreferencedWarning
    from rasterio.io import MemoryFile

    count, rows, columns = shown.shape
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # a PNG is on no ground
        with MemoryFile() as memory:
            with memory.open(driver="PNG", width=columns, height=rows, count=count, dtype="uint8") as file:
                file.write(shown)
            return bytes(memory.read())
