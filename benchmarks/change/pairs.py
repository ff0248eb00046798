"""Pairs of labelled scenes: `change pair` beside iteratively reweighted MAD with Otsu's threshold.

    ./dev bench change.pairs [FOLDER]

Each folder below FOLDER (by default ../shared/data/space/landsat) holds two ENVI scenes and the labels
`change.bmp` and `unchanged.bmp`. Labels are for scoring alone. The peer is written here from Nielsen (2007)
and Otsu (1979), since no package of it is on PyPI; kappa, F1, false alarms and misses are of labelled pixels.

Views and rule of threshold were chosen on Taizhou and Nanjing, so their figures are not of kept-back data.
Rows "shifted" move the later scene by a spline, to the right and half as far down. From which shift on it is
put right was decided on Taizhou.

The other rows of each pair are made from its earlier scene: nothing changed but light, noise and 0.3 pixels
of shift, with 0 and 1 % of the pixels taken from elsewhere in the scene.
"""

import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from scipy import ndimage, stats

from watchfloor.desks.space.change import pairs
from watchfloor.formats.imagery.alignment import align
from watchfloor.formats.imagery.scenes import open_scene

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "space" / "landsat"
ROUNDS = 60
SHIFTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.3, 1.5)


def ours(before, after):
    """Return the map of `change pair`."""
    with open_scene(before) as first, open_scene(after) as second:
        pair = align(first, second)
        made = np.zeros((first.rows, first.columns), bool)
        row, column = pair.origins[0]

        def keep(box, _statistic, change):
            top, left = row + box.row, column + box.column
            made[top : top + box.rows, left : left + box.columns] = change

        pairs.compare(pair, keep)
        return made


def ir_mad(before, after):
    """Return the chi-square statistic of IR-MAD: Nielsen 2007, weights by the chi-square distribution."""
    x, y = (one.reshape(len(one), -1).astype(float) for one in (before, after))
    weights, last = np.ones(x.shape[1]), 0.0
    for _ in range(ROUNDS):
        total = weights.sum()
        a, b = (one - (one @ weights / total)[:, None] for one in (x, y))
        xx, yy, xy = ((u * weights) @ v.T / total for u, v in ((a, a), (b, b), (a, b)))
        root = np.linalg.inv(np.linalg.cholesky(xx))
        values, vectors = np.linalg.eigh(root @ xy @ np.linalg.inv(yy) @ xy.T @ root.T)
        rho = np.sqrt(np.clip(values, 0, 1))
        first = root.T @ vectors
        second = np.linalg.inv(yy) @ xy.T @ first / rho
        square = ((first.T @ a - second.T @ b) ** 2 / (2 * (1 - rho))[:, None]).sum(0)
        weights = stats.chi2.sf(square, len(x))
        if np.abs(rho - last).max() < 1e-6:
            break
        last = rho
    return square.reshape(before.shape[1:])


def otsu(values, bins=256):
    """Return Otsu's threshold (1979)."""
    counts, edges = np.histogram(values, bins)
    middle = (edges[1:] + edges[:-1]) / 2
    low, total = np.cumsum(counts), np.cumsum(counts * middle)
    with np.errstate(all="ignore"):
        between = (total[-1] * low / low[-1] - total) ** 2 / (low * (low[-1] - low))
    return middle[np.nanargmax(between)]


def read(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path) as file:
            return file.read()


def scores(found, changed, unchanged):
    """Return kappa, F1, and the shares of unchanged pixels found and of changed pixels missed."""
    hit, false = np.count_nonzero(found & changed), np.count_nonzero(found & unchanged)
    missed, right = np.count_nonzero(changed) - hit, np.count_nonzero(unchanged) - false
    total = hit + false + missed + right
    chance = ((hit + false) * (hit + missed) + (missed + right) * (false + right)) / total**2
    kappa = ((hit + right) / total - chance) / (1 - chance) if chance < 1 else 1.0
    f1 = 2 * hit / max(2 * hit + false + missed, 1)
    return kappa, f1, false / max(false + right, 1), missed / max(hit + missed, 1)


def row(name, how, found, changed, unchanged, seconds):
    kappa, f1, false, missed = scores(found, changed, unchanged)
    print(f"{name:28} {how:22} {kappa:7.3f} {f1:7.3f} {false:9.5f} {missed:9.4f} {seconds:8.1f}", flush=True)


def timed(function, *args):
    begun = time.process_time()
    made = function(*args)
    return made, time.process_time() - begun


def peer(before, after):
    root = np.sqrt(ir_mad(read(before), read(after)))
    return root > otsu(root)


def made_up(path, folder, share, seed):
    """Write a scene as if it were taken again; return its path, and where pixels are from elsewhere."""
    rng = np.random.default_rng(seed)
    with rasterio.open(path) as file:
        profile, pixels, names = file.profile, file.read().astype(float), file.descriptions
    later = np.stack([ndimage.shift(band, (0.3, -0.3), order=1, mode="nearest") for band in pixels])
    later = np.round(later * 0.8 + 10 + rng.normal(0, 1.5, later.shape))
    rows, columns = later.shape[1:]
    moved, changed = later.copy(), np.zeros((rows, columns), bool)
    while changed.mean() < share:
        high, wide = rng.integers(3, 20, 2)
        (row, other), (column, there) = rng.integers(0, rows - high, 2), rng.integers(0, columns - wide, 2)
        moved[:, row : row + high, column : column + wide] = later[
            :, other : other + high, there : there + wide
        ]
        changed[row : row + high, column : column + wide] = True
    with rasterio.open(folder / "again.tif", "w", **profile | {"driver": "GTiff"}) as file:
        file.write(np.clip(moved, 0, 255).astype(np.uint8))
        file.descriptions = names
    return folder / "again.tif", changed


def shifted(path, folder, shift):
    """Write a scene that is moved by a part of a pixel, rounded as it was; return its path."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path) as file:
            profile, pixels, names = file.profile, file.read().astype(float), file.descriptions
        later = [ndimage.shift(band, (shift / 2, shift), order=3, mode="nearest") for band in pixels]
        with rasterio.open(folder / "shifted.tif", "w", **profile | {"driver": "GTiff"}) as file:
            file.write(np.clip(np.round(later), 0, 255).astype(np.uint8))
            file.descriptions = names
    return folder / "shifted.tif"


def main(folder=DATA):
    print(f"{'pair':28} {'how':22} {'kappa':>7} {'F1':>7} {'false':>9} {'missed':>9} {'cpu s':>8}")
    for place in sorted(one for one in folder.iterdir() if (one / "change.bmp").exists()):
        headers = sorted(one for one in place.iterdir() if one.suffix.lower() == ".hdr")
        before, after = (one.with_suffix("") for one in headers)
        changed, unchanged = read(place / "change.bmp")[0] > 0, read(place / "unchanged.bmp")[0] > 0
        row(place.name, "change pair", *_labelled(timed(ours, before, after), changed, unchanged))
        row(place.name, "IR-MAD + Otsu", *_labelled(timed(peer, before, after), changed, unchanged))
        for shift in SHIFTS:
            with tempfile.TemporaryDirectory() as made:
                moved = shifted(after, Path(made), shift)
                row(
                    f"{place.name} shifted {shift}",
                    "change pair",
                    *_labelled(timed(ours, before, moved), changed, unchanged),
                )
        for share in (0.0, 0.01):
            with tempfile.TemporaryDirectory() as made:
                again, planted = made_up(before, Path(made), share, seed=7)
                away = ~ndimage.binary_dilation(planted, iterations=2)
                name = f"{place.name} again, {share:.0%} moved"
                row(name, "change pair", *_labelled(timed(ours, before, again), planted, away))
                row(name, "IR-MAD + Otsu", *_labelled(timed(peer, before, again), planted, away))


def _labelled(timed_map, changed, unchanged):
    found, seconds = timed_map
    return found, changed, unchanged, seconds


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
