"""Events: crossings, encounters and gaps beside plainer ways to find them, on the same points in one run.

The pipelines of Global Fishing Watch (pipe-encounters, pipe-gaps) are not on PyPI. Their place is taken by
what they are inside: loops over positions in plain Python, with a grid in a dictionary, and one dictionary of
the last message of each vessel; and by pandas, where it can say the same. CPU time; compiling, and making the
points, are outside it. Medians over passes, with the least and the greatest behind them.
"""

import argparse
import json
import math
import os
import platform
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import shapely
from rich.console import Console
from rich.table import Table

from watchfloor.desks.surveillance import events
from watchfloor.desks.surveillance.events import (
    fold,
    gap,
    keyed,
    line,
    rendezvous,
    rule_output,
    stitching,
    track_history,
)

METRES = 111_195.0
START = 1_767_225_600.0


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        ours, peer: units a second, of each pass.
        goal: of ours, in the same unit; None: none.
        same: what both found, in words.
    """

    row: str
    unit: str
    peer_name: str
    ours: list[float]
    peer: list[float]
    goal: float | None
    same: str

    def ratio(self) -> float | None:
        return median(self.ours) / median(self.peer) if self.peer else None


def timed(work: Callable[[], Any], count: int, passes: int) -> tuple[list[float], Any]:
    """Units a second of each pass, and what the last gave."""
    rates, found = [], None
    for _ in range(passes):
        began = time.process_time()
        found = work()
        rates.append(count / (time.process_time() - began))
    return rates, found


def near_the_line(grid: line.Line, count: int, seed: int = 1):
    """Steps of some 40 m, begun within some 400 m of the agreed line, evenly along it."""
    random = np.random.default_rng(seed)
    long = np.hypot(*(grid.ends[:, 2:] - grid.ends[:, :2]).T) * (grid.stretch == line.AGREED)
    piece = np.searchsorted(np.cumsum(long) / long.sum(), random.random(count))
    share = random.random(count)[:, None]
    at = grid.ends[piece, :2] + share * (grid.ends[piece, 2:] - grid.ends[piece, :2])
    wide = np.cos(np.radians(at[:, 1]))
    y = at[:, 1] + random.normal(0, 400, count) / METRES
    x = at[:, 0] + random.normal(0, 400, count) / METRES / wide
    to = y + random.normal(0, 40, count) / METRES, x + random.normal(0, 40, count) / METRES / wide
    return (y, x), to


def crossings(options) -> Iterator[Row]:
    """Ours gives place, piece and direction; shapely the pairs that intersect."""
    grid = line.load()
    from_, to = near_the_line(grid, options.steps)
    tree = shapely.STRtree(shapely.linestrings(grid.ends.reshape(-1, 2, 2)))
    line.crossings(grid, from_, to)

    def theirs():
        corners = np.stack([from_[1], from_[0], to[1], to[0]], 1).reshape(-1, 2, 2)
        return np.unique(tree.query(shapely.linestrings(corners), predicate="intersects")[0])

    ours, found = timed(lambda: line.crossings(grid, from_, to), options.steps, options.passes)
    peer, other = timed(theirs, options.steps, options.passes) if options.peer else ([], found.row)
    both = len(np.intersect1d(found.row, other))
    same = f"{len(found.row):,} steps cross; {both:,} in both"
    name = f"shapely {shapely.__version__} STRtree"
    yield Row("crossings", "segments/s", name, ours, peer, 15e6, same)


def vessels(count: int, minutes: int, step: float, seed: int = 1) -> events.Points:
    """Vessels that report themselves; three in ten lie still, one in ten meets another."""
    random = np.random.default_rng(seed)
    wide, steps = 200_000.0, int(minutes * 60 / step)
    place, velocity = random.uniform(0, wide, (count, 2)), random.normal(0, 4, (count, 2))
    goes = random.random(count) < 0.7
    places, speeds = np.empty((steps, count, 2)), np.empty((steps, count, 2))
    for n in range(steps):
        turns = random.random(count) < step / 3600
        goes = np.where(turns, random.random(count) < 0.7, goes)
        places[n], speeds[n] = place, velocity * goes[:, None] + random.normal(0, 0.1, (count, 2))
        place = np.clip(place + velocity * goes[:, None] * step, 0, wide)
        velocity = np.where((place <= 0) | (place >= wide), -velocity, velocity)
    for a, b in random.permutation(count)[: count // 10 // 2 * 2].reshape(-1, 2):
        first = random.integers(1, steps - int(1200 / step))
        last = first + random.integers(int(700 / step), int(1200 / step))
        places[first:last, [a, b]] = places[first, a] + np.stack([np.zeros(2), random.normal(0, 60, 2)])
        speeds[first:last, [a, b]] = 0
    total = steps * count
    y = 48 + places[..., 1].ravel() / METRES
    return events.points(
        t=np.repeat(START + step * np.arange(steps), count),
        track=np.tile(np.arange(count), steps),
        latitude=y,
        longitude=-88 + places[..., 0].ravel() / METRES / np.cos(np.radians(y)),
        velocity=speeds.reshape(-1, 2),
        cov=np.tile([25.0, 0.0, 25.0], (total, 1)),
        klass=np.full(total, 3, np.int8),
        claimed=np.tile(np.arange(count), steps),
        self_reported=np.ones(total, bool),
    )


def pairs_by_loops(points: events.Points) -> set[tuple[int, int]]:
    """The rule's encounters in plain Python: the last slow report of each vessel in each minute, a grid."""
    reach, pace, needs = rendezvous.PARAMETERS[3]
    born: dict[int, tuple[float, float]] = {}
    minutes: dict[float, dict[int, tuple[float, float]]] = defaultdict(dict)
    columns = points.t, points.track, points.latitude, points.longitude, *points.velocity.T
    for t, track, y, x, east, north in zip(*(each.tolist() for each in columns), strict=True):
        born.setdefault(track, (y, x))
        slow = minutes[t // rendezvous.EVERY]
        if east * east + north * north < pace * pace:
            slow[track] = (y, x)
        else:
            slow.pop(track, None)
    running: dict[tuple[int, int], float] = {}
    found = set()
    for minute, slow in sorted(minutes.items()):
        cells = defaultdict(list)
        for track, (y, x) in slow.items():
            cells[int(y * METRES // 400), int(x * METRES * 0.65 // 400)].append(track)
        close = set()
        for track, (y, x) in slow.items():
            row, column = int(y * METRES // 400), int(x * METRES * 0.65 // 400)
            for near in ((row + a, column + b) for a in (-1, 0, 1) for b in (-1, 0, 1)):
                for other in cells.get(near, ()):
                    if other > track and _apart((y, x), slow[other]) <= reach:
                        close.add((track, other))
        running = {pair: running.get(pair, minute) for pair in close}
        for pair, since in running.items():
            if (minute - since) * rendezvous.EVERY >= needs:
                found.add(pair)
    return {(a, b) for a, b in found if _apart(born[a], born[b]) >= rendezvous.APART * reach}


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    wide = math.cos(math.radians((one[0] + other[0]) / 2))
    return METRES * math.hypot((other[1] - one[1]) * wide, other[0] - one[0])


def meetings(seen: track_history.PointHistory, rows: np.ndarray):
    """The rule alone, over points whose tracks are known."""
    pairs = rendezvous.Pairs(np.zeros(0, rendezvous.PAIR), len(rows))
    rows["slow"]["slow"] = False
    kept = rendezvous.fold(
        rows["id"],
        rows["slow"],
        pairs.heads,
        pairs.rows,
        pairs.index,
        0,
        seen,
        events.NOWHERE,
        rule_output.empty(),
        0,
    )
    *_, out, count = kept
    return {(int(one["track"]), int(one["other"])) for one in out[:count]}


def encounters(options) -> Iterator[Row]:
    points = vessels(options.vessels, options.minutes, 30.0)
    count = len(points.t)
    tracks = keyed.Keyed(np.zeros(0, fold.TRACK))
    place = tracks.places(points.track)
    seen = track_history.walk(tracks.rows["walk"], place, -np.inf, points, np.zeros(1, stitching.BUDGET))
    meetings(seen, tracks.rows)
    ours, found = timed(lambda: meetings(seen, tracks.rows), count, options.passes)
    peer, other = timed(lambda: pairs_by_loops(points), count, 1) if options.peer else ([], found)
    same = f"{len(found):,} pairs; {len(found & other):,} of the peer's {len(other):,}"
    yield Row("encounters", "points/s", "plain Python, a grid in a dictionary", ours, peer, 20e6, same)


def messages(count: int, who: int, seed: int = 1) -> events.Points:
    """Reports of vessels under way every 30 s; some fall silent for 20 minutes to 2 hours."""
    random = np.random.default_rng(seed)
    each = count // who
    t = START + 30.0 * np.repeat(np.arange(each), who) + random.uniform(0, 10, each * who)
    vessel = np.tile(np.arange(who), each)
    for silent in random.integers(0, who, who // 4):
        began = START + random.uniform(600, 30.0 * each)
        kept = (vessel != silent) | (t < began) | (t > began + random.uniform(1200, 7200))
        t, vessel = t[kept], vessel[kept]
    order = np.argsort(t, kind="stable")
    t, vessel = t[order], vessel[order]
    return events.points(
        t=t,
        track=vessel,
        latitude=np.full(len(t), 48.0),
        longitude=np.full(len(t), -88.0),
        velocity=np.tile([4.0, 0.0], (len(t), 1)),
        cov=np.tile([25.0, 0.0, 25.0], (len(t), 1)),
        klass=np.full(len(t), 3, np.int8),
        claimed=vessel,
        self_reported=np.ones(len(t), bool),
    )


def silences(points: events.Points, rows: np.ndarray, place: np.ndarray, mine: np.ndarray):
    """The rule alone, over messages whose identities are known: the gaps that were closed."""
    rows["gap"] = np.zeros(1, gap.GAP)
    latest = gap.heard(-np.inf, points.t, points.self_reported)
    out, count = gap.fold(
        rows["gap"],
        place,
        mine,
        points,
        points.t,
        latest,
        events.NOWHERE,
        events.NOWHERE,
        rule_output.empty(),
    )
    out, count = gap.sweep(rows["gap"], points.t, latest, events.NOWHERE, events.NOWHERE, out, count)
    closed = out[:count][~np.isnan(out["until"][:count])]
    return {(int(one["claimed"]), float(one["since"])) for one in closed}


def gaps_by_loops(points: events.Points) -> set[tuple[int, float]]:
    """Pairs of one vessel's messages farther apart than the limit: a dictionary of its last one."""
    limit = max(gap.LEAST, gap.MISSED * gap.VESSEL)
    last: dict[int, float] = {}
    found = set()
    for t, vessel in zip(points.t.tolist(), points.claimed.tolist(), strict=True):
        before = last.get(vessel)
        if before is not None and t - before > limit:
            found.add((vessel, before))
        last[vessel] = t
    return found


def gaps_by_pandas(points: events.Points) -> set[tuple[int, float]]:
    limit = max(gap.LEAST, gap.MISSED * gap.VESSEL)
    frame = pd.DataFrame({"vessel": points.claimed, "t": points.t})
    before = frame.groupby("vessel", sort=False)["t"].shift()
    late = frame["t"] - before > limit
    return set(zip(frame["vessel"][late].tolist(), before[late].tolist(), strict=True))


def gaps(options) -> Iterator[Row]:
    points = messages(options.messages, 2_000)
    count = len(points.t)
    known = keyed.Keyed(np.zeros(0, fold.IDENTITY))
    mine, ids = np.arange(count), points.claimed.astype(np.int64)
    place = known.places(ids)
    silences(points, known.rows, place, mine)
    ours, found = timed(lambda: silences(points, known.rows, place, mine), count, options.passes)
    whole, _ = timed(lambda: silences(points, known.rows, known.places(ids), mine), count, options.passes)
    for name, peer_of in (
        ("plain Python, a dictionary", gaps_by_loops),
        (f"pandas {version('pandas')}, groupby and shift", gaps_by_pandas),
    ):
        peer, other = timed(lambda one=peer_of: one(points), count, 3) if options.peer else ([], found)
        same = f"{len(found):,} gaps; {len(found & other):,} of the peer's {len(other):,}"
        yield Row("gaps", "messages/s", name, ours, peer, 50e6, same)
    yield Row("gaps, with the look-up of identities", "messages/s", "", whole, [], None, "the same")


def everything(options) -> Iterator[Row]:
    """All rules over points near the line, in batches of 3,000: what the desk calls."""
    references = events.References(line.load())
    points = vessels(1_000, 30, 2.0)
    shift = np.array([line.load().ends[line.load().stretch == line.AGREED][2000]])[0]
    points.latitude[:] += shift[1] - 48.9
    points.longitude[:] += shift[0] + 88 - 1.3
    parts = [
        events.Points(*(each[at : at + 3_000] for each in points)) for at in range(0, len(points.t), 3_000)
    ]

    def work():
        state = events.begin(references)
        return sum(len(events.fold_points(state, part)) for part in parts)

    work()
    ours, found = timed(work, len(points.t), options.passes)
    yield Row("all rules", "points/s", "", ours, [], None, f"{found:,} events")


ROWS = {"crossings": crossings, "encounters": encounters, "gaps": gaps, "all": everything}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench surveillance.events", description=__doc__)
    add = parser.add_argument
    add("--rows", default=",".join(ROWS), help=f"of {', '.join(ROWS)}; default: all")
    add("--passes", type=int, default=7, help="of ours; default: 7")
    add("--peer", action=argparse.BooleanOptionalAction, default=True, help="run the peers")
    add("--steps", type=int, default=1_000_000, help="of tracks, for crossings")
    add("--vessels", type=int, default=3_000, help="for encounters")
    add("--minutes", type=int, default=120, help="of their reports")
    add("--messages", type=int, default=3_000_000, help="for gaps")
    add("--json", action="store_true", help="print the lines as JSON")
    return parser.parse_args()


def shown(rates: list[float]) -> str:
    if not rates:
        return "–"
    middle = f"{median(rates):,.0f}"
    return middle if len(rates) == 1 else f"{middle} ({min(rates):,.0f} to {max(rates):,.0f})"


def table(rows: list[Row]) -> Table:
    made = Table(title="Events, ours and the peer's on the same points", title_justify="left")
    for at, column in enumerate(("row", "unit", "ours", "peer", "", "ours / peer", "goal", "", "found")):
        made.add_column(column, justify="left" if at in (0, 1, 4, 8) else "right")
    for one in rows:
        ratio = one.ratio()
        met = "" if one.goal is None else "met" if median(one.ours) >= one.goal else "missed"
        goal = "" if one.goal is None else f"≥ {one.goal:,.0f}"
        quotient = "" if ratio is None else f"{ratio:,.0f}"
        made.add_row(
            one.row, one.unit, shown(one.ours), shown(one.peer), one.peer_name, quotient, goal, met, one.same
        )
    return made


def main() -> int:
    options = arguments()
    console = Console(width=None if sys.stdout.isatty() else 250, stderr=options.json)
    about = (
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}"
    )
    console.print(about, highlight=False)
    rows = [row for name in options.rows.split(",") for row in ROWS[name](options)]
    if options.json:
        print(json.dumps([asdict(one) | {"ratio": one.ratio()} for one in rows]))
    else:
        console.print(table(rows), highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
