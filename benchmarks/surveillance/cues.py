"""Cues: ours beside two rules of thumb, on the same tracks and things to send, in one process.

    python -m benchmarks.surveillance.cues

The peers are rules that watch rooms use, written here, since no library has them. `nearest` pairs sensors and
tracks by distance, the closest first. `urgent` takes tracks by the time until they may be at the line, and
sends the nearest that comes before. Both may send only what reaches in time and stays on its side, as ours.

Two measures. On 1,000 tracks and 30 things to send: the time of one choice, and the bits that it is expected
to bring, by the measure that ours goes by. In a simulated night of two hours on 60 km of the 49th parallel,
with 240 tracks and 13 things to send: the share of true crossers that a sensor which was sent detected before
the line, and the share of looks that detected nothing. What is believed of a track (whether it is, where, how
fast) is drawn so that it is right as often as it says.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from watchfloor.casework.tasking.assets import Asset
from watchfloor.planning import sensor_tasking
from watchfloor.planning.current_targets import LONGEST
from watchfloor.planning.sensor_tasking import HORIZON, Targets, approach, choose
from watchfloor.reference import border
from watchfloor.reference.border import Border

Floats = npt.NDArray[np.float64]
Numbered = npt.NDArray[np.int64]
Numbers = dict[str, float]

NOW = datetime(2026, 2, 1, 18, tzinfo=UTC)
KM = (1400.0, 1460.0)
"""Kilometres of the line, on the 49th parallel, where it runs east."""
METRE = 1 / 111_200
STEP = 30.0
"""Seconds between two choices in the simulated night."""
STEPS = 240
TURNS = 0.3
"""m/s, as for persons in `predicted.TURNS`."""


def fleet(cameras: int, drones: int, aircraft: int, rng: np.random.Generator) -> dict[str, Asset]:
    """Things to send, along the stretch, on its Canadian side."""
    line = border.load()
    same = {"unit": "rcmp-operations", "alarms": 0.02}
    found = {}
    for number, km in enumerate(np.linspace(*KM, cameras)):
        latitude, longitude = line.at(float(km))
        found[f"camera-{number:02}"] = Asset(
            kind="camera", latitude=latitude + 300 * METRE, longitude=longitude, reach_m=5000.0,
            half_width_m=60.0, detects=0.9, error_m=10.0, slew_deg_s=30.0, azimuth=180.0, **same,
        )  # fmt: skip
    moving = [("drone", 18.0, 60.0, 300.0, 2400.0)] * drones + [
        ("aircraft", 60.0, 600.0, 1500.0, 1e4)
    ] * aircraft
    for number, (kind, speed, ready, reach, endurance) in enumerate(moving):
        latitude, longitude = line.at(float(rng.uniform(*KM)))
        found[f"{kind}-{number:02}"] = Asset(
            kind=kind, latitude=latitude + 4000 * METRE, longitude=longitude, reach_m=reach,
            half_width_m=80.0, detects=0.85, error_m=12.0, speed_m_s=speed, ready_s=ready,
            endurance_s=endurance, **same,
        )  # fmt: skip
    return found


def tracks(count: int, rng: np.random.Generator, line: Border) -> Targets:
    """Tracks of walkers within 4 km north of the line: a third of them head south."""
    at = np.array([line.at(float(km)) for km in rng.uniform(*KM, count)])
    north = rng.uniform(50, 4000, count)
    south = rng.random(count) < 1 / 3
    v_north = np.where(south, rng.normal(-1.2, 0.3, count), rng.normal(0, 0.4, count))
    found = Targets(
        [f"track:surveillance:{number}" for number in range(count)],
        at[:, 0] + north * METRE,
        at[:, 1],
        rng.normal(0, 0.5, count),
        v_north,
        rng.uniform(8, 40, count),
        np.full(count, TURNS),
        np.full(count, TURNS),
        rng.beta(1.2, 1.2, count),
        np.full(count, LONGEST),
        np.zeros(count, np.bool_),
    )
    return found._replace(until=until(found, line))


def until(found: Targets, line: Border) -> Floats:
    """Seconds until each may be at the line."""
    margin, rate = approach(found, line)
    nears = rate > 1e-6
    return np.where(nears, np.minimum(-margin / np.where(nears, rate, 1), LONGEST), LONGEST)


Method = Callable[[dict[str, Asset], Targets, Border], list[tuple[str, str]]]


def ours(assets: dict[str, Asset], targets: Targets, line: Border) -> list[tuple[str, str]]:
    """What Watchfloor gives: assets and tracks."""
    return [(one.asset, one.track) for one in choose(assets, targets, line, NOW)]


def _able(assets: dict[str, Asset], targets: Targets, line: Border) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Metres from each sensor to each track, and whether it may and can look in time."""
    these = list(assets.values())
    delay, place, stand = sensor_tasking._meeting(these, targets)
    far = np.hypot(*sensor_tasking._offset(these, place))
    moves = np.array([one.kind != "camera" for one in these])[:, None]
    side = line.side(stand[..., 1].ravel(), stand[..., 0].ravel()).reshape(delay.shape)
    return far, np.isfinite(delay) & ~(moves & (side == "USA"))


def nearest(assets: dict[str, Asset], targets: Targets, line: Border) -> list[tuple[str, str]]:
    """Pairs by distance, the closest first."""
    far, able = _able(assets, targets, line)
    order = np.argsort(np.where(able, far, np.inf), axis=None, kind="stable")
    return _greedy(assets, targets, able, (divmod(int(one), far.shape[1]) for one in order))


def urgent(assets: dict[str, Asset], targets: Targets, line: Border) -> list[tuple[str, str]]:
    """Tracks by the time until they may be at the line; the nearest that comes before goes."""
    far, able = _able(assets, targets, line)
    first = np.argsort(targets.until, kind="stable")
    pairs = ((int(row), int(column)) for column in first for row in np.argsort(far[:, column], kind="stable"))
    return _greedy(assets, targets, able, pairs)


def _greedy(
    assets: dict[str, Asset], targets: Targets, able: npt.NDArray[np.bool_], pairs: Iterator[tuple[int, int]]
) -> list[tuple[str, str]]:
    names, rows, columns, found = list(assets), set[int](), set[int](), []
    for row, column in pairs:
        if able[row, column] and row not in rows and column not in columns:
            rows.add(row)
            columns.add(column)
            found.append((names[row], targets.track[column]))
        if len(rows) == len(names):
            break
    return found


def bits_alone(assets: dict[str, Asset], targets: Targets, line: Border) -> list[tuple[str, str]]:
    """Ours where a doubt about who stays counts as much as one about who may cross."""
    with patch.object(sensor_tasking, "AWAY", 1.0):
        return ours(assets, targets, line)


METHODS: dict[str, Method] = {
    "ours": ours,
    "bits alone": bits_alone,
    "nearest": nearest,
    "urgent": urgent,
}


def bits_of(pairs: list[tuple[str, str]], assets: dict[str, Asset], targets: Targets, line: Border) -> float:
    """What the pairs are expected to bring, by the measure that ours goes by."""
    found = sensor_tasking._pairs(
        list(assets.values()), targets, line, np.zeros(len(targets.track), np.bool_)
    ).bits
    rows, columns = ({name: n for n, name in enumerate(of)} for of in (assets, targets.track))
    return float(sum(found[rows[a], columns[t]] for a, t in pairs))


@dataclass(frozen=True)
class Night:
    """Tracks of one night, [n], and what is true of them.

    Attributes:
        appears: second at which each begins.
        latitude, longitude: of the line where it is.
        path: metres north of the line at each step, [n, steps].
        real: whether there is something.
        exists: probability of that, as it is believed when the track begins.
        v_north: believed velocity then, m/s.
        spread: standard deviation of its believed place, metres.
    """

    appears: Floats
    latitude: Floats
    longitude: Floats
    path: Floats
    real: npt.NDArray[np.bool_]
    exists: Floats
    v_north: Floats
    spread: Floats

    @property
    def crosses(self) -> Floats:
        """Second at which each is over the line; `inf`: never."""
        over = self.path < 0
        return np.where(over.any(1), over.argmax(1) * STEP, np.inf)


@dataclass
class State:
    """What has come of a night so far.

    Attributes:
        exists: what is believed now of each track.
        seen: when a sensor that was sent detected it; `inf`: not yet.
        asked: until when somebody is on the way to it.
        busy: until when each sensor is.
        looks, empty: how many were given, and detected nothing.
    """

    exists: Floats
    seen: Floats
    asked: Floats
    busy: dict[str, float]
    looks: int = 0
    empty: int = 0


def night(count: int, rng: np.random.Generator, line: Border) -> Night:
    """Tracks that begin through two hours; what moves changes its velocity as white noise does."""
    at = np.array([line.at(float(km)) for km in rng.uniform(*KM, count)])
    appears = np.sort(rng.uniform(0, STEPS * STEP * 0.8, count))
    south = rng.random(count) < 0.3
    v_north = np.where(south, rng.normal(-1.2, 0.3, count), rng.normal(0, 0.4, count))
    noise = np.sqrt(3 * TURNS**2 / HORIZON * STEP)
    speed = v_north[:, None] + np.cumsum(rng.normal(0, noise, (count, STEPS)), 1)
    moving = np.arange(STEPS) * STEP >= appears[:, None]
    path = rng.uniform(100, 2500, count)[:, None] + np.cumsum(np.where(moving, speed * STEP, 0), 1)
    exists = rng.beta(0.8, 1.2, count)
    return Night(
        appears, at[:, 0], at[:, 1], path, rng.random(count) < exists, exists,
        v_north + rng.normal(0, TURNS, count), rng.uniform(8, 30, count),
    )  # fmt: skip


def simulate(method: Method, one: Night, assets: dict[str, Asset], line: Border, seed: int) -> Numbers:
    """A night under a method: who was seen before the line, and how many looks went to nothing."""
    count, crosses = len(one.exists), one.crosses
    state = State(one.exists.copy(), np.full(count, np.inf), np.zeros(count), dict.fromkeys(assets, 0.0))
    for step in range(STEPS):
        t, draw = step * STEP, np.random.default_rng((seed, step))
        open_ = (one.appears <= t) & (one.path[:, step] > 0) & ~np.isfinite(state.seen)
        rows = np.flatnonzero(open_ & (state.asked <= t) & (state.exists > 0.02))
        free = {name: asset for name, asset in assets.items() if state.busy[name] <= t}
        if len(rows) and free:
            targets = _believed(one, state, rows, step, draw, line)
            waits, _, _ = sensor_tasking._meeting(list(free.values()), targets)
            for name, track in method(free, targets, line):
                wait = float(waits[[*free].index(name), targets.track.index(track)])
                _look(one, state, int(track), name, free[name], t, wait, crosses, draw)
    true = one.real & np.isfinite(crosses)
    return {
        "crossers": float(true.sum()),
        "confirmed before the line": float((state.seen[true] < crosses[true]).mean()),
        "looks": float(state.looks),
        "looks at nothing": state.empty / max(state.looks, 1),
    }


def _believed(
    one: Night, state: State, rows: Numbered, step: int, draw: np.random.Generator, line: Border
) -> Targets:
    """What the tracker believes of some tracks: the place and velocity of the last minute, with errors."""
    now = one.path[rows, step]
    young = step * STEP - one.appears[rows] < 2 * STEP
    moved = (now - one.path[rows, max(step - 2, 0)]) / (2 * STEP) + draw.normal(0, TURNS, len(rows))
    north = now + draw.normal(0, one.spread[rows])
    turns = np.full(len(rows), TURNS)
    found = Targets(
        [str(row) for row in rows], one.latitude[rows] + north * METRE, one.longitude[rows],
        np.zeros(len(rows)), np.where(young, one.v_north[rows], moved), one.spread[rows], turns, turns,
        state.exists[rows], np.full(len(rows), LONGEST), np.zeros(len(rows), np.bool_),
    )  # fmt: skip
    return found._replace(until=until(found, line))


def _look(
    one: Night, state: State, row: int, name: str, asset: Asset, t: float, wait: float, crosses: Floats,
    draw: np.random.Generator,
) -> None:  # fmt: skip
    """A sensor that was sent looks; what moves must come back, too."""
    when = t + wait
    state.busy[name] = when + asset.dwell + (0.0 if asset.kind == "camera" else wait)
    state.asked[row] = when + asset.dwell
    state.looks += 1
    off = abs(draw.normal(0, np.hypot(one.spread[row], TURNS * wait)))
    detected = one.real[row] and off <= asset.half_width_m and draw.random() < asset.detects
    if detected and when < crosses[row]:
        state.seen[row] = when
    elif not detected:
        state.empty += 1
        missed = state.exists[row] * (1 - asset.detects)
        state.exists[row] = missed / (missed + 1 - state.exists[row])


def _timed(method: Method, assets: dict[str, Asset], targets: Targets, line: Border, times: int) -> float:
    method(assets, targets, line)
    took = []
    for _ in range(times):
        began = time.perf_counter()
        method(assets, targets, line)
        took.append(time.perf_counter() - began)
    return median(took)


def measure(seeds: Sequence[int], count: int, things: int, times: int) -> dict[str, Numbers]:
    """Medians over seeds, by method."""
    line = border.load()
    found: dict[str, dict[str, list[float]]] = {name: {} for name in METHODS}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        most = things // 10
        assets = fleet(things // 2, things - things // 2 - most, most, rng)
        targets, one, few = tracks(count, rng, line), night(240, rng, line), fleet(8, 4, 1, rng)
        for name, method in METHODS.items():
            pairs = method(assets, targets, line)
            told = {
                "seconds a choice": _timed(method, assets, targets, line, times),
                "cues": float(len(pairs)),
                "expected bits": bits_of(pairs, assets, targets, line),
                **simulate(method, one, few, line, seed),
            }
            for what, value in told.items():
                found[name].setdefault(what, []).append(value)
    return {name: {what: median(values) for what, values in of.items()} for name, of in found.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=100, help="the first; AWAY was chosen on those below 12")
    parser.add_argument("--tracks", type=int, default=1000)
    parser.add_argument("--assets", type=int, default=30)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = measure(range(asked.first, asked.first + asked.seeds), asked.tracks, asked.assets, asked.times)
    if asked.json:
        sys.stdout.write(json.dumps(found) + "\n")
        return
    about = f"{asked.tracks:,} tracks, {asked.assets} to send, medians of {asked.seeds} seeds"
    table = Table(title=f"Cues: {about}; Python {platform.python_version()}, numpy {np.__version__}")
    table.add_column("")
    for name in found:
        table.add_column(name, justify="right")
    for what in found["ours"]:
        table.add_row(what, *(f"{of[what]:.3g}" for of in found.values()))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
