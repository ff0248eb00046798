"""The monitor of change beside its peers: COLD of pyxccd for breaks, nrt for one new date over many pixels.

./dev bench change.monitor                 # all but the corridor
./dev bench change.monitor speed simulator
./dev bench change.monitor corridor --folder /tmp/corridor   # 7 GB of files

Figures are of processor time of one thread. Settings were chosen on seeds 1 to 6 of nrt's simulator; others
are shown.
"""

import argparse
import resource
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

from watchfloor.desks.space.change import harmonic, online, pixel_state
from watchfloor.desks.space.change.monitor import monitor
from watchfloor.formats.imagery import quality
from watchfloor.formats.imagery.series import Series, read_series

USGS = Path(__file__).parents[3] / "shared" / "data" / "space" / "landsat_series"
BANDS = ("blue", "green", "red", "nir", "swir1", "swir2", "thermal")
HISTORY = 120
MATLAB = 366
EPOCH = 719_163
"""Ordinal day of 1970-01-01."""
CORRIDOR = 643_700_000
"""Pixels of 10 m in 6,437 km × 10 km."""


def spent(function, times=1):
    """Processor seconds of a call, the least of three."""
    best = np.inf
    for _ in range(3):
        start = time.process_time()
        for _ in range(times):
            function()
        best = min(best, (time.process_time() - start) / times)
    return best


def cold():
    """Breaks of the USGS series and of made-up ones, beside pyxccd's COLD with its defaults."""
    from pyxccd import cold_detect

    def peer(one):
        keep = one.quality != quality.FILL
        columns = [one.days[keep], *np.nan_to_num(one.values[:, keep], nan=-9999), one.quality[keep]]
        columns[7] = (columns[7] + 27_315) / 10
        found = cold_detect(*(np.asarray(each).round().astype(np.int64) for each in columns))
        return [
            tuple(int(row[name]) for name in ("t_start", "t_end", "t_break", "category")) for row in found
        ]

    def ours(one):
        return [(each.start, each.end, each.broken, each.category) for each in monitor(one).segments]

    print("\nbreaks beside COLD: start, end, break, category of each segment")
    for path in sorted(USGS.glob("*")):
        if "coefficients" not in path.name:
            one = read_series(path)
            print(f"  {path.name:42} {'same' if ours(one) == peer(one) else 'OTHER'}  {breaks(ours(one))}")
    same = within = theirs = extra = 0
    for seed in range(400):
        one = made_up(seed)
        mine, other = ours(one), peer(one)
        same += mine == other
        days = one.days[one.usable]
        theirs += len(breaks(other))
        within += sum(near(day, breaks(mine), days) for day in breaks(other))
        extra += sum(not near(day, breaks(other), days) for day in breaks(mine))
    print(f"  made up: {same} of 400 series the same;", end=" ")
    print(f"{within} of {theirs} breaks within one observation; {extra} more")
    still = [made_up(seed, jumps=0) for seed in range(400, 800)]
    years = sum(np.ptp(one.days) for one in still) / 365.25
    false = sum(len(breaks(ours(one))) for one in still)
    print(
        f"  400 series without a jump: {false} breaks in {years:,.0f} years of a pixel, normal errors",
        end=" ",
    )
    print("and 3 % of clouds that no mask found")
    one = made_up(7)
    print(f"  a series of {len(one.days)} dates: {1e3 * spent(lambda: ours(one), 20):.1f} ms; ", end="")
    print(f"pyxccd {1e3 * spent(lambda: peer(one), 20):.1f} ms")


def breaks(rows):
    return [row[2] for row in rows if row[2]]


def near(day, others, days):
    return any(abs(np.searchsorted(days, day) - np.searchsorted(days, one)) <= 1 for one in others)


def made_up(seed, jumps=3):
    """A series with seasons, up to so many jumps, clouds marked and unmarked."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(100, 500))
    days = np.sort(rng.choice(np.arange(724_000, 724_000 + rng.integers(1500, 9000)), count, replace=False))
    middle, turn = rng.uniform(200, 3000, 6), 2 * np.pi / 365.25 * days
    size, phase = middle * rng.uniform(0.05, 0.4, 6), rng.uniform(0, 6.28, 6)
    values = middle[:, None] + size[:, None] * np.cos(turn + phase[:, None])
    for _ in range(rng.integers(0, jumps + 1)):
        values[:, days >= rng.choice(days)] += (middle * rng.normal(0, 0.5, 6))[:, None]
    values += (middle * rng.uniform(0.02, 0.15))[:, None] * rng.normal(size=values.shape)
    values[:, rng.random(count) < 0.03] += rng.uniform(500, 4000)
    marks = rng.choice([0, 1, 2, 3, 4], count, p=[0.6, 0.05, 0.1, 0.05, 0.2]).astype(np.uint8)
    whole = np.vstack([np.round(values), np.full(count, 1500.0)])
    return Series(days, BANDS, whole, marks)


def coefficients():
    """Stored coefficients of a series, fitted again to the observations that they can have come from."""
    stored = np.loadtxt(USGS / "test_3657_3610_coefficients.csv", delimiter=",")
    one = read_series(USGS / "test_3657_3610_observations.csv")
    days, values = one.days[one.usable] + MATLAB, one.values[:, one.usable].copy()
    print("\nstored coefficients of test_3657_3610; which observations were left out was searched for")
    for row in range(0, len(stored), 8):
        first, last = stored[row, :2].astype(int)
        if first == last:
            continue
        wanted = stored[row : row + 8, 2:].T
        found = searched(days, values, int(first), int(last), wanted)
        ours, fitted, left_out = found
        known = np.abs(wanted[:6]) > 0
        off = np.abs(ours[:6] - wanted[:6])[known] / np.abs(wanted[:6])[known]
        same = ((ours[:6] == 0) == ~known).all()
        print(f"  {first} to {last}: {fitted} fitted, {left_out} left out, coefficients within", end=" ")
        print(f"{off.max():.2%} (median {np.median(off):.3%}), zeros the same: {same}")


def searched(days, values, first, last, wanted):
    """The fit nearest to coefficients among beginnings of a segment with up to two observations left out."""
    from itertools import combinations

    low, high = np.searchsorted(days, first), np.searchsorted(days, last) + 1
    columns = 4 if not wanted[:, 4:].any() else 6 if not wanted[:, 6:].any() else 8
    x, whole = harmonic.design(days, float(days[0]), 365.25), harmonic.design(days, 0.0, 365.25)
    away = np.abs(values - wanted[:, :1] - wanted[:, 1:] @ whole)[:6]
    off = (away / np.median(away[:, low:high], 1)[:, None]).max(0)
    expected = wanted[3, 0] + wanted[3, 1:] @ whole[:, low:high]
    model, residuals, rmse = np.zeros((7, 8)), np.zeros((7, len(days))), np.zeros(7)
    best = (np.inf, 0, ())
    for end in range(low + 12, high + 1):
        worst = low + np.argsort(-off[low:end])[:8]
        for left in ((), *combinations(worst, 1), *combinations(worst, 2)):
            at = np.setdiff1d(np.arange(low, end), left)
            part, y = np.ascontiguousarray(x[:, at]), np.ascontiguousarray(values[3:4, at])
            harmonic.fit(part, y, 0, len(at), columns, 20.0, model[:1], residuals[:1], rmse[:1])
            gap = np.abs(model[0, 0] + model[0, 1:] @ x[:, low:high] - expected).max()
            best = min(best, (float(gap), end, tuple(map(int, left))))
    at = np.setdiff1d(np.arange(low, best[1]), best[2])
    part, y = np.ascontiguousarray(x[:, at]), np.ascontiguousarray(values[:, at])
    harmonic.fit(part, y, 0, len(at), columns, 20.0, model, residuals, rmse)
    model[:, 0] -= model[:, 1] * days[0]
    return model, len(at), len(best[2])


def simulated(seed, side=60):
    """A cube of nrt's simulator and its break of each pixel; and its dates."""
    from nrt import data

    dates = np.arange("2018-01-01", "2022-06-15", dtype="datetime64[W]").astype("datetime64[D]")
    np.random.seed(seed)  # the simulator draws from it
    between = (HISTORY + 20, len(dates) - 20)
    parameters = data.make_cube_parameters(shape=(side, side), break_idx_interval=between)
    cube = data.make_cube(dates=dates.astype("datetime64[ns]"), params_ds=parameters)
    return cube, parameters.break_idx.values.ravel(), dates


def ours_on(values, days, history=HISTORY):
    """Index of the date at which each pixel alarms, -1 for none."""
    flat = values.reshape(len(days), -1)
    small = np.where(np.isfinite(flat), np.round(10_000 * np.nan_to_num(flat)), online.VOID).astype(np.int16)
    models, statistic = online.fit(days[:history], small[:history])
    found = np.full(flat.shape[1], -1)
    for at in range(history, len(days)):
        found[online.advance(models, statistic, int(days[at]), small[at])] = at
    return found


def peers():
    """Monitors of nrt with settings of theirs: their defaults, and others that do better on the simulator."""
    from nrt.monitor.ccdc import CCDC
    from nrt.monitor.cusum import CuSum
    from nrt.monitor.ewma import EWMA
    from nrt.monitor.mosum import MoSum

    shewhart = {"method": "OLS", "screen_outliers": "Shewhart", "L": 5}
    yield "EWMA", EWMA, {}, {}
    yield "EWMA, sensitivity 6", EWMA, {"sensitivity": 6}, {}
    yield "EWMA, sensitivity 8", EWMA, {"sensitivity": 8}, {}
    yield "CUSUM", CuSum, {}, {}
    yield "CUSUM, alpha .0001", CuSum, {"sensitivity": 0.0001}, {}
    yield "MOSUM", MoSum, {}, {}
    yield "CCDC, 3 in a row", CCDC, {}, shewhart
    yield "CCDC, stable fit", CCDC, {}, {"method": "CCDC-stable", "screen_outliers": "Shewhart", "L": 5}
    yield "CCDC, 2 in a row", CCDC, {"boundary": 2}, shewhart
    yield "CCDC, 2 beyond 5", CCDC, {"boundary": 2, "sensitivity": 5}, shewhart


def theirs_on(cube, dates, of, settings, fitting):
    import pandas as pd

    one = of(**settings)
    one.fit(dataarray=cube.isel(time=slice(0, HISTORY)), **fitting)
    for at in range(HISTORY, len(dates)):
        one.monitor(array=cube.values[at], date=pd.Timestamp(dates[at]).to_pydatetime())
    days = (dates - np.datetime64("1970-01-01")).astype(int)
    return np.where(one.mask == 3, np.searchsorted(days, one.detection_date), -1).ravel()


def scored(found, broken):
    """Shares of unchanged pixels that alarm, of changed ones before and after; mean dates until then."""
    stable, hit = broken < 0, (found > broken) & (broken >= 0)
    early = ((found >= 0) & (found <= broken)).sum() / (~stable).sum()
    return (found[stable] >= 0).mean(), early, hit.sum() / (~stable).sum(), (found - broken)[hit].mean()


def simulator():
    """Delays and false alarms on nrt's simulator: one seed was tuned on, three others are shown."""
    cubes = [simulated(seed) for seed in (11, 12, 13)]
    print("\nnrt's simulator, seeds 11 to 13, 10,800 pixels of 232 weeks, history of 120")
    print(f"  {'':24} false alarms   early    found   delay")

    def line(name, results):
        parts = np.mean(results, 0)
        print(f"  {name:24} {parts[0]:12.3%} {parts[1]:7.3%} {parts[2]:8.2%} {parts[3]:7.2f}")

    days = [(dates - np.datetime64("1970-01-01")).astype(int) + EPOCH for *_, dates in cubes]
    line("ours", [scored(ours_on(c.values, d), b) for (c, b, _), d in zip(cubes, days, strict=True)])
    usual = online.LIMIT
    online.LIMIT = 4.0
    line(
        "ours, sum of 4", [scored(ours_on(c.values, d), b) for (c, b, _), d in zip(cubes, days, strict=True)]
    )
    online.LIMIT = usual
    for name, *settings in peers():
        line(name, [scored(theirs_on(c, dates, *settings), b) for c, b, dates in cubes])
    alarms, delays = online.run_lengths([3, 4, 6, 8], 0.017)
    print(
        f"  by the chain, with 1.7 % of outliers: {alarms:.1e} a pixel and date; delays of 3, 4, 6 and 8",
        end=" ",
    )
    print("standard deviations:", ", ".join(f"{one:.2f}" for one in delays))


def speed():
    """One new date over one cube, ours and nrt's, in one process."""
    import pandas as pd

    cube, _, dates = simulated(3, 100)
    days = (dates - np.datetime64("1970-01-01")).astype(int) + EPOCH
    wide = np.tile(cube.values, (1, 5, 5)).astype(np.float32)
    pixels = wide[0].size
    small = np.where(np.isfinite(wide), np.round(10_000 * np.nan_to_num(wide)), online.VOID).astype(np.int16)
    models, statistic = online.fit(days[:HISTORY], small[:HISTORY].reshape(HISTORY, -1))
    print(f"\none new date over {pixels:,} pixels, million pixel-dates a second of processor time")
    rates = {}
    for name, new in (("ours, int16", small), ("ours, float32", wide)):
        image = new[HISTORY].ravel()
        if image.dtype == np.float32:
            image = image * np.float32(10_000)
        rates[name] = (
            pixels
            / 1e6
            / spent(lambda image=image: online.advance(models, statistic, int(days[HISTORY]), image), 20)
        )
    many = online.PixelModels(
        np.tile(models.intercept, 64),
        np.tile(models.slopes, (1, 64)),
        np.tile(models.precision, 64),
        models.units,
        models.middle,
    )
    state, image = np.tile(statistic, 64), np.tile(small[HISTORY].ravel(), 64)
    took = spent(lambda: online.advance(many, state, int(days[HISTORY]), image))
    rates["ours, 16 million pixels"] = len(image) / 1e6 / took
    import xarray

    coordinates = {"time": dates.astype("datetime64[ns]"), "y": range(500), "x": range(500)}
    whole = xarray.DataArray(wide, dims=("time", "y", "x"), coords=coordinates)
    for name, of, settings, fitting in peers():
        if "," in name and "3 in" not in name:
            continue
        one = of(**settings)
        one.fit(dataarray=whole.isel(time=slice(0, HISTORY)), **fitting)
        date = pd.Timestamp(dates[HISTORY]).to_pydatetime()
        rates[f"nrt {name}"] = (
            pixels / 1e6 / spent(lambda one=one, date=date: one.monitor(array=wide[HISTORY], date=date))
        )
    best = max(rate for name, rate in rates.items() if name.startswith("nrt"))
    for name, rate in rates.items():
        print(f"  {name:24} {rate:8.1f}   {rate / best:6.1f} × the fastest of nrt")
    flat = small[:HISTORY].reshape(HISTORY, -1)[:, :20_000]
    took = spent(lambda: online.fit(days[:HISTORY], flat))
    print(f"  fitting a history of {HISTORY}: {20_000 / took:,.0f} pixels/s")


def cubes():
    """The Sentinel-2 cubes of forest in Romania that nrt brings: what either monitor raises there."""
    from nrt import data
    from nrt.monitor.ccdc import CCDC

    print("\nSentinel-2 cubes of nrt 0.2.1 (Romania, NDVI, SCL 4, 5 and 7, history until 2018)")
    for name, load, near in (("10 m", data.romania_10m, "B8"), ("20 m", data.romania_20m, "B8A")):
        cube = load()
        red, infrared = cube.B4.astype(float), cube[near].astype(float)
        index = (infrared - red) / (infrared + red)
        if "SCL" in cube:
            index = index.where(cube.SCL.isin([4, 5, 7]))
        dates = cube.time.values.astype("datetime64[D]")
        days = (dates - np.datetime64("1970-01-01")).astype(int) + EPOCH
        history = int((dates < np.datetime64("2019-01-01")).sum())
        start = time.process_time()
        found = ours_on(index.values, days, history)
        ours = time.process_time() - start
        start = time.process_time()
        one = CCDC()
        one.fit(dataarray=index.isel(time=slice(0, history)), method="OLS", screen_outliers="Shewhart", L=5)
        import pandas as pd

        for at in range(history, len(dates)):
            one.monitor(array=index.values[at], date=pd.Timestamp(dates[at]).to_pydatetime())
        theirs = time.process_time() - start
        both = ((found >= 0) & (one.mask.ravel() == 3)).sum()
        print(f"  {name}: {index.shape[1]} × {index.shape[2]} pixels, {len(dates)} dates:", end=" ")
        print(f"ours {(found >= 0).mean():.2%} in {ours:.1f} s;", end=" ")
        print(f"CCDC of nrt {(one.mask == 3).mean():.2%} in {theirs:.1f} s; both {both / found.size:.2%}")


def corridor(folder, pixels):
    """A corridor of 10 km at 10 m, one new date, state and scene on disk."""
    block, rng = pixel_state.BLOCK, np.random.default_rng(0)
    made = np.zeros((6, block))
    made[0], made[1:] = rng.uniform(4000, 8000, block), rng.normal(0, 300, (5, block))
    spread = rng.uniform(150, 400, block)
    models, statistic = online.quantised(made, spread, 737_000.0)

    def blocks():
        for first in range(0, pixels, block):
            k = min(block, pixels - first)
            part = (
                models.intercept[:k],
                models.slopes[:, :k],
                models.precision[:k],
                models.units,
                models.middle,
            )
            yield online.PixelModels(*part), statistic[:k]

    state, scene = folder / "state", folder / "scene.bin"
    if not state.exists():
        pixel_state.create(state, blocks(), 737_500)
        expected = models.expected(737_516)
        with scene.open("wb") as file:
            for first in range(0, pixels, block):
                new = expected + spread * rng.normal(size=block)
                file.write(new.astype("<i2")[: min(block, pixels - first)].data)
    size = sum(path.stat().st_size for path in state.iterdir()) + scene.stat().st_size
    print(f"\n{pixels:,} pixels, state and scene {size / 1e9:.2f} GB on disk")
    online.advance(models, statistic.copy(), 737_501, np.zeros(block, np.int16))  # compiled before
    for _ in range(2):
        day = pixel_state.read(state).day + 16
        before, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        with scene.open("rb", buffering=0) as file:
            taken = pixel_state.update(state, day, pixel_state.raw_blocks(file))
            alarms = sum(len(one.alarms) for one in taken)
        wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_SELF)
        user, kernel = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
        read = (after.ru_inblock - before.ru_inblock) * 512 / 1e9
        print(
            f"  processor {user + kernel:.1f} s, of which the system's {kernel:.1f}; wall {wall:.1f} s with",
            end=" ",
        )
        print(f"fsync; {read:.1f} GB from disk, the rest from the page cache;", end=" ")
        print(f"peak {after.ru_maxrss / 1024:.0f} MB; {alarms} alarms")


def main():
    """Run the parts that are asked for."""
    parts = {one.__name__: one for one in (cold, coefficients, simulator, speed, cubes)}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "parts", nargs="*", choices=[*parts, "corridor", []], help="which; all but the corridor by default"
    )
    parser.add_argument("--folder", type=Path, help="of the corridor's files")
    parser.add_argument("--pixels", type=int, default=CORRIDOR)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    for name in asked.parts or parts:
        if name == "corridor":
            with tempfile.TemporaryDirectory() as made:
                corridor(asked.folder or Path(made), asked.pixels)
        else:
            parts[name]()


if __name__ == "__main__":
    main()
