"""Towers: lines of sight beside GDAL's and GRASS's viewsheds, and the choice of fifteen beside two rules.

    python -m benchmarks.planning.towers

On each terrain below `--data`, `../shared/data/planning/terrain` where it is not given, or with `--made-up`
on three that are made up, which the choice was not tuned on: 500 sites, the highest of square blocks; 20,000
cells at random; masts of 30 m, walkers of 1.7 m. All times are processor time of one thread, of this process
or of its children: a machine may be shared, and a clock would measure that too.

Peers:

- `gdal_viewshed`, a raster a site, read at the cells. Its program starts 500 times, and that is counted.
- `r.viewshed` of GRASS on five sites, a hundred times as much for 500; only where `grass` is installed.
- the siting of ODINv2's observers, written here from its description: greedy over the same block maxima. It
  is also measured against sites that `candidates.propose` finds itself.
- the same choice as a mixed-integer programme, as spopt states it, by HiGHS with a limit of time.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rich.console import Console
from rich.table import Table
from scipy.ndimage import gaussian_filter
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from watchfloor.formats.terrain import Terrain, read, repair
from watchfloor.planning.towers.candidates import block_maxima, propose
from watchfloor.planning.towers.choose import Limits, choose
from watchfloor.planning.towers.sight import Points, sights
from watchfloor.planning.towers.viewshed import viewshed

HERE = Path("../shared/data/planning/terrain")
MAST, TARGET = 30.0, 1.7
Mask = npt.NDArray[np.bool_]


class Spent:
    """Processor seconds, once a block of `spending` has ended."""

    seconds = 0.0


@contextmanager
def spending() -> Iterator[Spent]:
    """Measure processor time of this process and of children that ended."""
    spent, before = Spent(), os.times()
    yield spent
    spent.seconds = sum(b - a for a, b in zip(before[:4], os.times()[:4], strict=True))


def terrains(folder: Path) -> Iterator[tuple[str, Terrain]]:
    """Yield the terrains of a folder, repaired."""
    for one in sorted(folder.iterdir()):
        if (one / "elevation.asc.gz").exists():
            yield one.name, repair(read(one / "elevation.asc.gz"))[0]


def made_up() -> Iterator[tuple[str, Terrain]]:
    """Yield fractal terrains: one as the spectrum gives it, two with ridges and smoothed valleys."""
    for seed, size, slope, relief in (
        (100, 600, 2.0, 800.0),
        (101, 900, 2.4, 2000.0),
        (102, 700, 2.8, 1500.0),
    ):
        rng, waves = np.random.default_rng(seed), np.fft.fftfreq(size)
        length = np.hypot(waves[:, None], waves)
        length[0, 0] = 1
        spectrum = length ** (-slope / 2 - 0.5)
        spectrum[0, 0] = 0
        spectrum[length < 2 / size] *= 0.5
        first, second = (
            np.fft.ifft2(np.fft.fft2(rng.standard_normal((size, size))) * spectrum).real for _ in range(2)
        )
        heights = (first - first.min()) / (first.max() - first.min())
        if slope > 2:
            ridges = np.clip(1 - 3 * np.abs(second) / np.abs(second).max(), 0, 1)
            heights = 0.6 * heights + 0.4 * ridges * heights
            low = np.clip((0.35 - heights) / 0.2, 0, 1)
            heights = low * gaussian_filter(heights, 4) + (1 - low) * heights
        grid = (heights * relief + 400).astype(np.float32)
        yield f"made up {seed}", Terrain(grid, 50.0, 100.0 * size - 50, 100.0, 100.0)


def maxima(terrain: Terrain) -> npt.NDArray[np.int64]:
    """Return row and column of the highest cell of each of 500 square blocks."""
    return block_maxima(np.where(np.isnan(terrain.heights), np.float32(-np.inf), terrain.heights), 500)


def places(terrain: Terrain, cells: npt.NDArray[np.int64], above: float) -> Points:
    """Return centres of cells as places."""
    x = terrain.west + cells[:, 1] * terrain.step_x
    y = terrain.north - cells[:, 0] * terrain.step_y
    return Points.plain(tuple(map(str, range(len(cells)))), x, y, above)


def gdal(path: Path, sites: Points, cells: npt.NDArray[np.int64]) -> Mask:
    """Return what `gdal_viewshed` sees: a raster a site."""
    output = path.with_name("view.tif")
    rows = []
    for x, y in zip(sites.x, sites.y, strict=True):
        place = ["-ox", str(x), "-oy", str(y), "-oz", str(MAST), "-tz", str(TARGET), "-cc", "0.857142857"]
        subprocess.run(["gdal_viewshed", "-q", *place, "-md", "0", str(path), str(output)], check=True)
        with rasterio.open(output) as file:
            rows.append(file.read(1)[tuple(cells.T)] > 0)
    return np.array(rows)


def grass(path: Path, sites: Points, cells: npt.NDArray[np.int64]) -> Mask:
    """Return what `r.viewshed` of GRASS sees."""
    lines = [f"r.in.gdal -o --q input={path} output=dem", "g.region raster=dem"]
    for number, (x, y) in enumerate(zip(sites.x, sites.y, strict=True)):
        options = f"observer_elevation={MAST} target_elevation={TARGET} refraction_coeff=0.142857143"
        lines += [
            f"r.viewshed -bcr --q input=dem output=v{number} coordinates={x},{y} {options} memory=2000",
            f"r.out.gdal --q -c input=v{number} output={path.with_name(f'v{number}.tif')} type=Byte",
        ]
    script = path.with_name("view.sh")
    script.write_text("set -e\n" + "\n".join(lines) + "\n")
    call = ["grass", "--tmp-project", str(path), "--exec", "sh", str(script)]
    subprocess.run(call, check=True, capture_output=True)
    rows = []
    for number in range(len(sites.names)):
        with rasterio.open(path.with_name(f"v{number}.tif")) as file:
            rows.append(file.read(1)[tuple(cells.T)] == 1)
    return np.array(rows)


def greedy(cover: Mask, count: int) -> int:
    """Return the cells that the rule of ODINv2 covers: again and again the site that adds most."""
    covered = np.zeros(cover.shape[1], bool)
    for _ in range(count):
        covered |= cover[np.argmax((cover & ~covered).sum(1))]
    return int(covered.sum())


def highs(cover: Mask, count: int, seconds: float) -> tuple[float, float]:
    """Return what HiGHS covers within a limit of time, and its bound."""
    sites, cells = cover.shape
    seen = hstack([csr_array(cover.T.astype(float)), -eye_array(cells)])
    budget = csr_array(np.concatenate([np.ones(sites), np.zeros(cells)])[None])
    rules = LinearConstraint(
        vstack([seen, budget]).tocsc(),
        np.concatenate([np.zeros(cells), [0]]),
        np.concatenate([np.full(cells, np.inf), [count]]),
    )
    worth = np.concatenate([np.zeros(sites), -np.ones(cells)])
    whole = np.concatenate([np.ones(sites), np.zeros(cells)])
    limit = {"time_limit": seconds}
    answer = milp(worth, constraints=rules, integrality=whole, bounds=Bounds(0, 1), options=limit)
    return (0.0 if answer.fun is None else -answer.fun), -float(answer.mip_dual_bound or -cells)


def measure(name: str, terrain: Terrain, seconds: float, given: float, peers: bool) -> dict[str, Any]:
    """Return every number of one terrain."""
    rng = np.random.default_rng(26)
    known = np.argwhere(~np.isnan(terrain.heights))
    sites = places(terrain, maxima(terrain), MAST)
    cells = known[rng.choice(len(known), 20_000, replace=False)]
    targets = places(terrain, cells, TARGET)
    sights(terrain, sites, places(terrain, cells[:9], TARGET))  # compiled before it is measured
    with spending() as ours:
        visible = sights(terrain, sites, targets)
    cover = visible.matrix()
    result: dict[str, Any] = {"terrain": name, "ours_s": ours.seconds, "visible": float(cover.mean())}
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "dem.tif"
        dem(path, terrain)
        if peers and shutil.which("gdal_viewshed"):
            with spending() as peer:
                theirs = gdal(path, sites, cells)
            result |= {"gdal_s": peer.seconds, "gdal_agrees": float((theirs == cover).mean())}
        if peers and shutil.which("grass"):
            few = places(terrain, maxima(terrain)[::100], MAST)
            with spending() as peer:
                theirs = grass(path, few, cells)
            agrees = float((theirs == cover[::100]).mean())
            result |= {"grass_s": peer.seconds * 100, "grass_agrees": agrees}
    result |= rasters(terrain, known[rng.choice(len(known), 12)])
    limits = Limits(np.ones(500), 15.0)
    choose(visible, np.ones(20_000), limits, seconds=0)
    with spending() as ours:
        choice = choose(visible, np.ones(20_000), limits, seconds=given, clock=time.process_time)
    rule = greedy(cover, 15)
    result |= {"choice_s": ours.seconds, "covered": choice.covered, "gap": choice.gap, "nodes": choice.nodes}
    result |= {"rule": rule, "more": choice.covered / rule - 1}
    with spending() as ours:
        proposed = propose(terrain, targets, np.ones(20_000), 15, MAST)
    view = sights(terrain, proposed, targets)
    limits = Limits(np.ones(len(proposed.names)), 15.0)
    choice = choose(
        view, np.ones(20_000), limits, seconds=given, start=tuple(range(15)), clock=time.process_time
    )
    result |= {"proposed": len(proposed.names), "proposed_s": ours.seconds, "proposed_gap": choice.gap}
    result |= {"proposed_covered": choice.covered, "proposed_more": choice.covered / rule - 1}
    if seconds:
        with spending() as peer:
            covered, bound = highs(cover, 15, seconds)
        result |= {"highs_s": peer.seconds, "highs_covered": covered, "highs_bound": bound}
    return result


def dem(path: Path, terrain: Terrain) -> None:
    """Write heights as GeoTIFF, for peers."""
    at = rasterio.Affine(
        terrain.step_x,
        0.0,
        terrain.west - terrain.step_x / 2,
        0.0,
        -terrain.step_y,
        terrain.north + terrain.step_y / 2,
    )
    rows, columns = terrain.heights.shape
    kind = {"driver": "GTiff", "dtype": "float32", "count": 1, "nodata": -9999, "crs": "EPSG:3005"}
    with rasterio.open(path, "w", transform=at, height=rows, width=columns, **kind) as file:
        file.write(np.nan_to_num(terrain.heights, nan=-9999), 1)


def rasters(terrain: Terrain, cells: npt.NDArray[np.int64]) -> dict[str, float]:
    """Return time and agreement of exact and fast viewsheds."""
    million = terrain.heights.size / 1e6
    exact_s = fast_s = 0.0
    agrees = []
    for number in range(len(cells)):
        site = places(terrain, cells[number : number + 1], MAST)
        with spending() as one:
            exact = viewshed(terrain, site, TARGET)
        with spending() as other:
            for _ in range(10):  # the clock of processes ticks at 10 ms
                fast = viewshed(terrain, site, TARGET, fast=True)
        agrees.append(float((exact == fast).mean()))
        if number:  # the first one compiles
            exact_s, fast_s = exact_s + one.seconds, fast_s + other.seconds / 10
    count = (len(cells) - 1) * million
    return {
        "exact_ms_a_mcell": exact_s / count * 1e3,
        "fast_mcell_a_s": count / max(fast_s, 1e-9),
        "fast_agrees": min(agrees),
    }


def main() -> None:
    """Measure each terrain and print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--highs", type=float, default=60.0, help="seconds for HiGHS; 0 leaves it out")
    parser.add_argument("--seconds", type=float, default=10.0, help="processor seconds for ours")
    parser.add_argument("--data", type=Path, default=HERE, help="a folder a terrain, each elevation.asc.gz")
    parser.add_argument("--made-up", action="store_true", help="terrains that are made up")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="leave GDAL and GRASS out")
    parser.add_argument("--json", action="store_true", help="print one line of JSON a terrain")
    given = parser.parse_args()
    results = []
    for name, terrain in made_up() if given.made_up else terrains(given.data):
        began = time.perf_counter()
        results.append(measure(name, terrain, given.highs, given.seconds, given.peers))
        results[-1]["wall_s"] = time.perf_counter() - began
        if given.json:
            print(json.dumps(results[-1]), flush=True)
    if given.json:
        return
    table = Table("", *(one["terrain"] for one in results))
    for key in results[0]:
        if key != "terrain":
            table.add_row(key, *(f"{one[key]:.4g}" for one in results))
    Console().print(table)
    for program in ("gdal_viewshed", "grass"):
        if given.peers and not shutil.which(program):
            Console().print(f"{program} is not installed: not measured")


if __name__ == "__main__":
    main()
