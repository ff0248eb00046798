"""Planted trails of 3 to 10 m in real Sentinel-2 scenes: how many are seen, by width and contrast.

    ./dev bench change.trails

The scenes are those inside the wheel of nrt 0.2.1: a square kilometre of forest and fields in Romania at 10 m
(bands 2, 3, 4, 8 and SCL), 140 dates. A pair is a date of June to September and the next one within 20 days
that is as clear. A trail is a straight line of 600 m through ground with an NDVI above 0.6, at random angles.
Its pixels mix: the share of a pixel that it covers, after a point spread of half a pixel (the modulation of
the sensor at the frequency of Nyquist is 0.15 to 0.3), is bare soil at full contrast, or lies that part of
the way between what was there and soil. A trail is seen if half of its line is on the map of changes, and
named if a shape on it is called a trail. False alarms are shapes called trails in the same pairs with nothing
planted.
"""

import tempfile
import warnings
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import rasterio
from scipy import ndimage

from watchfloor.desks.space.change.scanning import scan_pair

WIDTHS = (3, 4, 5, 6, 8, 10)
CONTRASTS = (0.25, 0.5, 1.0)
SOIL = np.array([900.0, 1200.0, 1600.0, 2600.0])
"""Reflectance of dry bare soil in ten-thousandths, bands 2, 3, 4, 8."""
LENGTH, PIXEL, FINE = 600.0, 10.0, 20
CLEAR = (4, 5, 6, 7)
PLANTED = 12
"""Pairs into which trails are planted."""


def cube():
    """Return days, pixels (days, bands, rows, columns), and where SCL is clear."""
    import nrt.data
    import xarray

    path = Path(nrt.data.__file__).parent / "sentinel2_cube_subset_romania_10m.nc"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = xarray.open_dataset(path)
        days = data.time.values.astype("datetime64[D]").tolist()
        pixels = np.stack([data[name].values for name in ("B2", "B3", "B4", "B8")], 1)
        return days, pixels, np.isin(data.SCL.values, CLEAR)


def close_pairs(days, pixels, clear):
    """Return pairs of dates of one season."""
    good = [
        at
        for at, day in enumerate(days)
        if 6 <= day.month <= 9 and clear[at].mean() > 0.97 and np.isfinite(pixels[at]).all()
    ]
    return [(a, b) for a, b in pairwise(good) if days[b] - days[a] <= timedelta(20)]


def covered(line, width, shape):
    """Return the share of each pixel that a line covers, as the sensor sees it."""
    rows, columns = shape
    (y, x), (to_y, to_x) = line
    fine = (np.arange(max(shape) * FINE) + 0.5) / FINE
    down, across = fine[: rows * FINE, None], fine[None, : columns * FINE]
    length = np.hypot(to_y - y, to_x - x)
    along = ((down - y) * (to_y - y) + (across - x) * (to_x - x)) / length
    off = np.abs((down - y) * (to_x - x) - (across - x) * (to_y - y)) / length
    inside = (off <= width / PIXEL / 2) & (along >= 0) & (along <= length)
    share = inside.reshape(rows, FINE, columns, FINE).mean((1, 3))
    return ndimage.gaussian_filter(share, 0.5)


def line_through(forest, rng):
    """Return a line whose middle part lies in forest."""
    for _ in range(500):
        y, x = rng.uniform(5, np.array(forest.shape) - 5)
        angle = rng.uniform(0, np.pi)
        to = y + LENGTH / PIXEL * np.sin(angle), x + LENGTH / PIXEL * np.cos(angle)
        if not (5 <= to[0] < forest.shape[0] - 5 and 5 <= to[1] < forest.shape[1] - 5):
            continue
        steps = np.linspace(0, 1, 60)
        on = forest[(y + steps * (to[0] - y)).astype(int), (x + steps * (to[1] - x)).astype(int)]
        if on.mean() > 0.9:
            return (y, x), to
    raise RuntimeError("no line lies in forest")


def written(path, pixels):
    profile = {"driver": "GTiff", "dtype": "float32", "count": 4, "crs": "EPSG:3035"}
    at = rasterio.Affine(PIXEL, 0, 5_272_000, 0, -PIXEL, 2_533_000)
    size = {"height": pixels.shape[1], "width": pixels.shape[2]}
    with rasterio.open(path, "w", transform=at, **profile, **size) as file:
        file.write(pixels.astype(np.float32))
        file.descriptions = ("blue", "green", "red", "nir")
    return path


def scanned(folder, before, after):
    """Return the map of changes, and a mask of shapes called trails."""
    out = folder / "map.tif"
    out.unlink(missing_ok=True)
    found = scan_pair(written(folder / "a.tif", before), written(folder / "b.tif", after), out=out)
    change = np.zeros(before.shape[1:], bool)
    with rasterio.open(out) as file, rasterio.open(folder / "a.tif") as whole:
        part = file.read(1) == 1
        row, column = whole.index(*file.xy(0, 0))  # the overlap, where the later scene was shifted
        change[row : row + part.shape[0], column : column + part.shape[1]] = part
    labels, _ = ndimage.label(change, np.ones((3, 3)))
    trails = [one for one in found.shapes if one.what == "trail"]
    named = {labels[row + one.row, column + one.column] for one in trails}
    return change, np.isin(labels, [*named]) & change, len(trails)


def main():
    warnings.simplefilter("ignore")
    days, pixels, clear = cube()
    pairs = close_pairs(days, pixels, clear)
    red, nir = (np.median(pixels[[a for a, _ in pairs], band], 0) for band in (2, 3))
    forest = ndimage.median_filter((nir - red) / (nir + red), 3) > 0.6
    rng = np.random.default_rng(20261201)
    kilometres = forest.size * (PIXEL / 1000) ** 2
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        quiet, changed = 0, 0.0
        for a, b in pairs:
            change, _, trails = scanned(folder, pixels[a], pixels[b])
            quiet += trails
            changed += change.mean()
        area = kilometres * len(pairs)
        print(f"{len(pairs)} pairs, {area:.0f} km² times dates; {changed / len(pairs):.2%} of pixels changed")
        print(f"false alarms: {quiet} trails, {quiet / area * 1000:.0f} per 1,000 km² and date")
        print(f"{'width m':>8} " + " ".join(f"{f'contrast {one}':>22}" for one in CONTRASTS))
        print(f"{'':>8} " + " ".join(f"{'seen, named of ' + str(PLANTED):>22}" for _ in CONTRASTS))
        chosen = pairs[:: max(1, len(pairs) // PLANTED)][:PLANTED]
        lines = [line_through(forest, rng) for _ in chosen]
        by_chance = 0
        for (a, b), line in zip(chosen, lines, strict=True):
            share = covered(line, 5, forest.shape)
            by_chance += scanned(folder, pixels[a], pixels[b])[0][share > 0.5 * share.max()].mean() >= 0.5
        print(f"with nothing planted, {by_chance} of {len(lines)} lines would count as seen", flush=True)
        for width in WIDTHS:
            cells = []
            for contrast in CONTRASTS:
                seen = named = 0
                for (a, b), line in zip(chosen, lines, strict=True):
                    share = covered(line, width, forest.shape)
                    part = share * contrast
                    after = pixels[b] * (1 - part) + SOIL[:, None, None] * part
                    change, trails, _ = scanned(folder, pixels[a], after)
                    core = share > 0.5 * share.max()
                    seen += change[core].mean() >= 0.5
                    named += trails[core].mean() >= 0.3
                cells.append(f"{seen:>14} {named:>7}")
            print(f"{width:>8} " + " ".join(cells), flush=True)


if __name__ == "__main__":
    main()
