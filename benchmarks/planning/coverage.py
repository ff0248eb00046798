"""Coverage of the whole line for a week, and after one change: seconds of processor time.

    python -m benchmarks.planning.coverage

A made-up force: 15 towers, 25 drones and 60 boats that patrol, spread along the line, in three shifts;
made-up hills in tiles of one degree with posts of 3 seconds of arc, as SRTM has them, around each tower; and
weather of 50 stations, hour by hour. Nobody else states coverage by kilometre and hour; the goals are 20 s
for the whole and 1 s after a change. Kernels are compiled before.
"""

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from watchfloor.casework.tasking.assets import Asset
from watchfloor.core.kinds import WEATHER
from watchfloor.planning.coverage import schedule, terrain, weather
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.schedule import Conditions
from watchfloor.planning.coverage.table import Table

HOURS = 168
START = datetime(2026, 12, 7, tzinfo=UTC)
COMMON = {"unit": "border-operations", "half_width_m": 200.0, "detects": 0.8, "alarms": 0.02, "error_m": 20.0}
POSTS = 1_201
STATIONS = 50


def force():
    """Yield the name of each asset, the asset, and its watches."""
    random, where = np.random.default_rng(1), axis()
    for kind, count, reach, speed in (
        ("camera", 15, 15_000.0, 0.0),
        ("drone", 25, 3_000.0, 20.0),
        ("boat", 60, 2_000.0, 8.0),
    ):
        for number in range(count):
            km = int(random.integers(0, len(where) - 60))
            place = {"latitude": float(where.latitude[km]), "longitude": float(where.longitude[km])}
            hours = [("00:00", "08:00"), ("08:00", "16:00"), ("16:00", "00:00")][number % 3]
            stretch = None if kind == "camera" else (float(km), float(km + 50))
            watch = schedule.Watch(asset="", begins=hours[0], ends=hours[1], km=stretch)
            mast = 30.0 if kind == "camera" else 0.0
            one = Asset(kind=kind, reach_m=reach, speed_m_s=speed, mast_m=mast, **COMMON, **place)
            yield f"{kind}-{number}", one, (watch,)


def hills(folder, assets):
    """Write the tiles around each tower: hills of some 100 m and some 3 km."""
    folder.mkdir()
    corners = {
        (int(np.floor(one.latitude + down)), int(np.floor(one.longitude + across)))
        for one in assets
        if one.mast_m
        for down in (-0.2, 0.2)
        for across in (-0.3, 0.3)
    }
    for south, west in sorted(corners):
        latitude = south + 1 - np.arange(POSTS)[:, None] / (POSTS - 1)
        longitude = west + np.arange(POSTS)[None, :] / (POSTS - 1)
        wave = np.sin(220 * latitude) * np.sin(150 * longitude) + np.sin(61 * latitude + 47 * longitude)
        (folder / f"N{south:02}W{-west:03}.hgt").write_bytes((300 + 50 * wave).astype(">i2").tobytes())
    return len(corners)


def stations():
    """Return reports of every hour, of stations spread along the line."""
    random, where = np.random.default_rng(2), axis()
    schema = pa.schema([WEATHER.schema.field(name) for name in weather.COLUMNS])
    rows = [
        dict.fromkeys(weather.COLUMNS)
        | {
            "station": f"S{number}",
            "observed_at": START + timedelta(hours=hour),
            "latitude": float(where.latitude[number * len(where) // STATIONS]),
            "longitude": float(where.longitude[number * len(where) // STATIONS]),
            "visibility": float(random.choice([800.0, 3_000.0, 16_000.0, 24_000.0])),
            "wind_speed": float(random.gamma(3.0, 2.0)),
            "radius": 80_000.0,
            "marking": "UNMARKED",
        }
        for number in range(STATIONS)
        for hour in range(HOURS)
    ]
    return pa.Table.from_pylist(rows, schema)


def main():
    """Time the whole, and the largest change."""
    zone, where, every = ZoneInfo("UTC"), axis(), tuple(force())
    with tempfile.TemporaryDirectory() as home:
        tiles = hills(Path(home) / terrain.FOLDER, [asset for _, asset, _ in every])
        terrain.sight(terrain.files(Path(home), {}), replace(every[0][1], reach_m=3_000.0))  # compiles
        terrain._lattice.cache_clear()
        terrain._read.cache_clear()
        rows = stations()
        began = time.process_time()
        files, _ = terrain.usable(terrain.files(Path(home), {}))
        conditions = Conditions(files, weather.read(rows, where, START, HOURS))
        known = time.process_time() - began

        def part(asset, watches):
            return schedule.part(asset, watches, where, START, HOURS, zone, conditions)

        parts = {name: part(asset, watches) for name, asset, watches in every}
        table = Table.build(tuple(CROSSERS), len(where), HOURS, parts)
        whole = time.process_time() - began
        takes, moves = [], []
        for name, asset, watches in every:
            began = time.process_time()
            table.replace(name, None)
            takes.append(time.process_time() - began)
            began = time.process_time()
            table.replace(name, part(replace(asset, latitude=asset.latitude + 0.02), watches))
            moves.append(time.process_time() - began)
            table.replace(name, parts[name])
    seen = table.probability
    size = f"{len(parts)} assets, {tiles} tiles, {STATIONS} stations, {len(where):,} km x {HOURS} h"
    print(
        f"{size}, {seen.size:,} cells: {whole:.2f} s (goal 20), {known:.2f} s of it to read hills and weather"
    )
    print(f"one asset less: median {np.median(takes):.3f} s, longest {max(takes):.3f} s (goal 1)")
    print(f"one asset moved: median {np.median(moves):.3f} s, longest {max(moves):.3f} s (goal 1)")
    for number, kind in enumerate(CROSSERS):
        hours = f"{seen[number].sum():,.0f} of {seen[number].size:,} kilometre-hours"
        print(f"{kind}: {hours} ({seen[number].mean():.2%})")


if __name__ == "__main__":
    main()
