"""Pairs of made-up scenes with changes in known places."""

import numpy as np
from tests.formats.imagery.made import raster

NAMES = ("blue", "green", "red", "nir", "swir16", "swir22")
FOREST = np.array([300, 500, 300, 3500, 1500, 700])
SOIL = np.array([900, 1200, 1600, 2300, 3000, 2400])
FIELD = np.array([500, 900, 700, 3900, 2100, 1200])


def ground(seed, rows=256, columns=256):
    """Return a landscape of forest and fields (bands, rows, columns), with texture that stays."""
    rng = np.random.default_rng(seed)
    blocks = rng.random((rows // 32 + 1, columns // 32 + 1)).repeat(32, 0).repeat(32, 1)[:rows, :columns]
    cover = np.where(blocks > 0.7, FIELD[:, None, None], FOREST[:, None, None])
    return cover * (
        1 + 0.08 * rng.standard_normal((1, rows, columns)) + 0.04 * rng.standard_normal(cover.shape)
    )


def seen(place, seed, *, gain=1.0, offset=0.0, noise=25.0):
    """Return what a sensor gives of a landscape on a day."""
    rng = np.random.default_rng(seed)
    return np.clip(place * gain + offset + noise * rng.standard_normal(place.shape), 1, 65_000).astype(
        np.uint16
    )


def planted(place, mask):
    """Return a landscape that is bare soil where a mask is."""
    return np.where(mask, SOIL[:, None, None] * 1.0, place)


def pair(folder, change=None, *, seed=0, rows=256, columns=256, **options):
    """Write a pair of scenes, the later one brighter, with bare soil where `change` is; return both paths."""
    place = ground(seed, rows, columns)
    later = place if change is None else planted(place, change)
    before = raster(folder / "before.tif", seen(place, seed + 1), names=NAMES, **options)
    after = raster(folder / "after.tif", seen(later, seed + 2, gain=1.15, offset=80), names=NAMES, **options)
    return before, after


def mask(rows, columns, *boxes):
    """Return a mask of boxes: first row and column, rows, columns."""
    made = np.zeros((rows, columns), bool)
    for row, column, high, wide in boxes:
        made[row : row + high, column : column + wide] = True
    return made
