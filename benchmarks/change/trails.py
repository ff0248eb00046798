"""Planted trails of 3 to 10 m in real Sentinel-2 scenes: how many are seen, by width and contrast.

    ./dev bench change.trails

The scenes are those inside the wheel of nrt 0.2.1: a square kilometre of forest and fields in Romania at
10 m (bands 2, 3, 4, 8 and SCL), 140 dates. A pair is two dates of June to September of one year at most 30
days apart of which SCL calls 97 % clear, in either order. What a trail must have was chosen on the pairs of
`TUNED` years; every figure of a planted trail is of the other years.

A trail is a line of 600 m through ground with an NDVI above 0.6, at random angles: whole, or in pieces of 60
to 140 m with 20 to 60 m under trees between them. Its pixels mix: the share of a pixel that it covers, after
a point spread of half a pixel (the modulation of the sensor at the frequency of Nyquist is 0.15 to 0.3), is
bare soil at full contrast, or lies that part of the way between what was there and soil. A trail is seen if
half of its line is on the map of changes, and named if shapes called trails hold three tenths of it; each
record beyond the first is a piece that was not linked. False alarms are shapes called trails with nothing
planted.
"""

import tempfile
import warnings
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import numpy as np
import rasterio
from rasterio.features import geometry_mask
from rasterio.warp import transform_geom
from scipy import ndimage

from watchfloor.desks.space.change import trails
from watchfloor.desks.space.change.scanning import scan_pair

WIDTHS = (3, 5, 8, 10)
CONTRASTS = (0.25, 0.5, 1.0)
SOIL = np.array([900.0, 1200.0, 1600.0, 2600.0])
"""Reflectance of dry bare soil in ten-thousandths, bands 2, 3, 4, 8."""
LENGTH, PIXEL, FINE = 600.0, 10.0, 20
CLEAR = (4, 5, 6, 7)
PLANTED = 12
"""Pairs into which trails are planted."""
TUNED = (2018, 2020)
SUPPORTS = (10.0, 15.0, 20.0, 25.0, 30.0)
PIECE, GAP = (6, 14), (2, 6)
"""Pixels of a piece between trees, and under them."""


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


def close_pairs(days, pixels, clear, *, tuned):
    """Return pairs of dates of one season, of the years that the rule was chosen on or of the others."""
    good = [
        at
        for at, day in enumerate(days)
        if 6 <= day.month <= 9
        and (day.year in TUNED) == tuned
        and clear[at].mean() > 0.97
        and np.isfinite(pixels[at]).all()
    ]
    return [(a, b) for a, b in permutations(good, 2) if abs(days[b] - days[a]) <= timedelta(30)]


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


def pieces_of(line, rng):
    """Return the parts of a line that trees leave."""
    (y, x), (to_y, to_x) = line
    length, at, made = np.hypot(to_y - y, to_x - x), 0.0, []
    while at < length:
        end = min(length, at + rng.uniform(*PIECE))
        made.append([(y + (to_y - y) * part, x + (to_x - x) * part) for part in (at / length, end / length)])
        at = end + rng.uniform(*GAP)
    return made


def written(path, pixels):
    profile = {"driver": "GTiff", "dtype": "float32", "count": 4, "crs": "EPSG:3035"}
    at = rasterio.Affine(PIXEL, 0, 5_272_000, 0, -PIXEL, 2_533_000)
    size = {"height": pixels.shape[1], "width": pixels.shape[2]}
    with rasterio.open(path, "w", transform=at, **profile, **size) as file:
        file.write(pixels.astype(np.float32))
        file.descriptions = ("blue", "green", "red", "nir")
    return path


def scanned(folder, before, after):
    """Return the map of changes, of which shape called a trail each pixel is, and how many there are."""
    out = folder / "map.tif"
    out.unlink(missing_ok=True)
    found = scan_pair(written(folder / "a.tif", before), written(folder / "b.tif", after), out=out)
    change, numbers = np.zeros(before.shape[1:], bool), np.zeros(before.shape[1:], int)
    with rasterio.open(out) as file, rasterio.open(folder / "a.tif") as whole:
        part = file.read(1) == 1
        row, column = whole.index(*file.xy(0, 0))  # the overlap, where the later scene was shifted
        change[row : row + part.shape[0], column : column + part.shape[1]] = part
        named = [one for one in found.shapes if one.what == "trail"]
        for number, one in enumerate(named, 1):
            there = transform_geom("EPSG:4326", whole.crs, one.geometry)
            numbers[~geometry_mask([there], numbers.shape, whole.transform)] = number
    return change, numbers, len(named)


def planted(pixels, parts, width, contrast):
    """Return a scene with a trail of such parts, and the share of it in each pixel."""
    share = sum(covered(one, width, pixels.shape[1:]) for one in parts)
    part = np.minimum(share, 1.0) * contrast
    return pixels * (1 - part) + SOIL[:, None, None] * part, share


def counted(folder, scenes, chosen, lines, width, contrast):
    """Return how many of the trails were seen and named, and how many records those have."""
    seen = named = records = 0
    for (a, b), parts in zip(chosen, lines, strict=True):
        after, share = planted(scenes[b], parts, width, contrast)
        change, of_trails, _ = scanned(folder, scenes[a], after)
        core = share > 0.5 * share.max()
        seen += change[core].mean() >= 0.5
        if (of_trails[core] > 0).mean() >= 0.3:
            named += 1
            records += np.unique(of_trails[core & (of_trails > 0)]).size
    return seen, named, records


def main():
    warnings.simplefilter("ignore")
    days, pixels, clear = cube()
    pairs = {tuned: close_pairs(days, pixels, clear, tuned=tuned) for tuned in (True, False)}
    forward = [(a, b) for a, b in pairs[False] if a < b]
    red, nir = (np.median(pixels[[a for a, _ in forward], band], 0) for band in (2, 3))
    forest = ndimage.median_filter((nir - red) / (nir + red), 3) > 0.6
    rng = np.random.default_rng(20261202)
    chosen = forward[:: max(1, len(forward) // PLANTED)][:PLANTED]
    whole = [line_through(forest, rng) for _ in chosen]
    lines = {"whole": [[one] for one in whole], "in pieces": [pieces_of(one, rng) for one in whole]}
    kilometres = forest.size * (PIXEL / 1000) ** 2
    usual = trails.SUPPORT
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        print("false alarms per 1,000 km² and date, and trails of 5 m at half contrast named, by `SUPPORT`")
        for trails.SUPPORT in SUPPORTS:
            cells = []
            for tuned, some in pairs.items():
                count = sum(scanned(folder, pixels[a], pixels[b])[2] for a, b in some)
                name = "years it was chosen on" if tuned else "other years"
                cells.append(f"{name} {count} in {len(some)}: {count / kilometres / len(some) * 1000:.0f}")
            for name, parts in lines.items():
                _, named, records = counted(folder, pixels, chosen, parts, 5, 0.5)
                cells.append(f"{name} {named} of {len(chosen)} in {records} records")
            print(f"{trails.SUPPORT:>4.0f}  " + "; ".join(cells), flush=True)
        trails.SUPPORT = usual
        for name, parts in lines.items():
            print(f"trails {name}: seen, named of {len(chosen)}, records")
            print(f"{'width m':>8} " + " ".join(f"{f'contrast {one}':>14}" for one in CONTRASTS))
            for width in WIDTHS:
                cells = [counted(folder, pixels, chosen, parts, width, one) for one in CONTRASTS]
                print(
                    f"{width:>8} " + " ".join(f"{'{:>3} {:>3} {:>3}'.format(*one):>14}" for one in cells),
                    flush=True,
                )


if __name__ == "__main__":
    main()
