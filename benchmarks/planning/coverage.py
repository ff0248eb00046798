"""Coverage of the whole line for a week, and after one change: seconds of processor time.

    python -m benchmarks.planning.coverage

A made-up force: 15 towers, 25 drones and 60 boats that patrol, spread along the line, in three shifts. Nobody
else states coverage by kilometre and hour; the goals are 20 s for the whole and 1 s after a change.
"""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from watchfloor.casework.tasking.assets import Asset
from watchfloor.planning.coverage import schedule
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.table import Table

HOURS = 168
START = datetime(2026, 12, 7, tzinfo=UTC)
COMMON = {"unit": "border-operations", "half_width_m": 200.0, "detects": 0.8, "alarms": 0.02, "error_m": 20.0}


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
            yield (
                f"{kind}-{number}",
                Asset(kind=kind, reach_m=reach, speed_m_s=speed, **COMMON, **place),
                (watch,),
            )


def main():
    """Time the whole, and the largest change."""
    zone, where = ZoneInfo("UTC"), axis()
    began = time.process_time()
    parts = {
        name: schedule.part(asset, watches, where, START, HOURS, zone) for name, asset, watches in force()
    }
    table = Table.build(tuple(CROSSERS), len(where), HOURS, parts)
    whole = time.process_time() - began
    takes = []
    for name, part in list(parts.items()):
        began = time.process_time()
        table.replace(name, None)
        takes.append(time.process_time() - began)
        table.replace(name, part)
    seen = table.probability
    print(f"{len(parts)} assets, {len(where):,} km x {HOURS} h, {seen.size:,} cells: {whole:.2f} s (goal 20)")
    print(f"one asset less: median {np.median(takes):.3f} s, longest {max(takes):.3f} s (goal 1)")
    for number, kind in enumerate(CROSSERS):
        hours = f"{seen[number].sum():,.0f} of {seen[number].size:,} kilometre-hours"
        print(f"{kind}: {hours} ({seen[number].mean():.2%})")


if __name__ == "__main__":
    main()
