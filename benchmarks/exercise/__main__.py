"""Five exercises, each taken in, run and scored: where the storylines stand, and what the queue is worth.

Beside it, on the same signals, the queue as it would be without the cell: one lead a signal, likeliest first.

    ./dev bench exercise [--seeds 1 2 3 4 5] [--scale 1]
"""

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.exercise.alone import one_lead_a_signal
from watchfloor.cell.learning.calibration import Share, jeffreys
from watchfloor.cell.queue import queue
from watchfloor.cell.weighing.weights import load
from watchfloor.cli.common import reader
from watchfloor.cli.demo.exercise_floor import fill
from watchfloor.exercise.following import followed_on
from watchfloor.exercise.key import Key
from watchfloor.exercise.make import make
from watchfloor.exercise.score import (
    CAPACITY,
    Judged,
    bootstrap,
    brier,
    calibration_error,
    judged,
    place,
    precision,
    stated,
    stated_here,
)


class Played(NamedTuple):
    """One exercise: its key, the queue held against it, the queue without the cell, and what it took."""

    seed: int
    key: Key
    leads: list[Judged]
    alone: list[Judged]
    rows: int
    seconds: float


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench exercise", description=__doc__.split("\n\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--scale", type=float, default=1.0, help="1 is a thousandth of a Canadian day")
    return parser.parse_args()


def played(seed: int, scale: float, folder: Path) -> Played:
    start = time.perf_counter()
    made = make(folder / "exercise", seed=seed, scale=scale)
    floor = fill(made, folder / "floor")
    weights, who = load(), reader(floor, "benchmark")
    found = queue(floor, who, weights, datetime.now(UTC))
    seconds = time.perf_counter() - start
    alone = one_lead_a_signal(floor.signals(who), weights)
    key = made.answers
    rows = sum(made.rows.values())
    tracks = followed_on(floor, who, key)
    judged_both = (list(judged(each, key, tracks)) for each in (found, alone))
    return Played(seed, key, *judged_both, rows, seconds)


def ranks(runs: Sequence[Played]) -> Table:
    """The rank of every storyline, a column a seed."""
    table = Table(title="Rank of each storyline, with the cell (and without it)", title_justify="left")
    table.add_column("storyline")
    for run in runs:
        table.add_column(f"seed {run.seed}", justify="right")
    for at, one in enumerate(runs[0].key.storylines):
        name = one.name if one.true else f"({one.name}: a look-alike)"
        table.add_row(name, *(_rank(run, at) for run in runs))
    return table


def _rank(run: Played, at: int) -> str:
    one = run.key.storylines[at]
    ours, theirs = (place(one, leads).rank for leads in (run.leads, run.alone))
    return f"{ours or 'none'} ({theirs or 'none'})"


def pooled(runs: Sequence[Played]) -> Table:
    """Measures over all seeds, with the cell and without it."""
    table = Table(title="All seeds, with 95 % intervals", title_justify="left")
    for head in ("measure", "with the cell", "one lead a signal"):
        table.add_column(head)
    for name, ours, theirs in _measures(runs):
        table.add_row(name, _written(ours), _written(theirs))
    return table


def _measures(runs: Sequence[Played]) -> list[tuple[str, Share, Share]]:
    sides = [[(run.leads, run.key) for run in runs], [(run.alone, run.key) for run in runs]]
    named: list[tuple[str, Any]] = [
        *((f"precision of the first {k}", lambda side, k=k: _precision(side, k)) for k in (3, 10, CAPACITY)),
        ("storylines in several feeds among the first 20", lambda side: _recall(side, 20, crossing=True)),
        ("all storylines among the first 20", lambda side: _recall(side, 20, crossing=False)),
        ("all storylines among the first 10", lambda side: _recall(side, 10, crossing=False)),
        ("Brier score", lambda side: bootstrap(brier, _stated(side))),
        ("calibration error", lambda side: bootstrap(calibration_error, _stated(side))),
        ("Brier score at the day's base rates", lambda side: bootstrap(brier, _here(side))),
        ("calibration error at the day's base rates", lambda side: bootstrap(calibration_error, _here(side))),
    ]
    return [(name, measure(sides[0]), measure(sides[1])) for name, measure in named]


Side = Sequence[tuple[list[Judged], Key]]


def _precision(side: Side, k: int) -> Share:
    return precision([one for leads, _ in side for one in leads[:k]])


def _recall(side: Side, k: int, *, crossing: bool) -> Share:
    """Share of storylines with a lead among the first k; `crossing`: of those with rows in several feeds."""
    found = [
        place(one, leads).rank
        for leads, key in side
        for one in key.true
        if not crossing or len({record.rpartition("-")[0] for record in one.records}) > 1
    ]
    return jeffreys(sum(rank is not None and rank <= k for rank in found), len(found))


def _stated(side: Side) -> list[tuple[float, float]]:
    return [one for leads, _ in side for one in stated(leads)]


def _here(side: Side) -> list[tuple[float, float]]:
    return [one for leads, key in side for one in stated_here(leads, key)]


def _written(one: Share) -> str:
    if one.value is None:
        return "none"
    return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f}; {one.cases:,})"


def main() -> int:
    options = arguments()
    console = Console(width=None if sys.stdout.isatty() else 140)
    runs = []
    for seed in options.seeds:
        console.print(f"playing seed {seed} …", highlight=False)
        with tempfile.TemporaryDirectory() as folder:
            runs.append(played(seed, options.scale, Path(folder)))
    console.print(ranks(runs))
    console.print(pooled(runs))
    rows, seconds = sum(run.rows for run in runs), sum(run.seconds for run in runs)
    console.print(
        f"{rows:,} rows in {seconds:.1f} s from nothing to the queue, Python {platform.python_version()}",
        highlight=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
