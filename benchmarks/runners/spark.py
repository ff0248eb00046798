"""Desks on a Spark cluster of this machine beside the same desks in one process, and what more would take.

    ./dev bench runners.spark [--rows 100000 1000000 10000000] [--desks listings substances] [--workers 2]
    ./dev bench runners.spark --floor FLOOR [FLOOR ...]

Without a floor, an exercise's declarations and parties are drawn anew with other names, subjects and reports
until there are as many rows as asked for; the list is the exercise's. Each desk runs in a process of its own,
then on a master, workers of one core and a Connect server, after a run that warms them. Elapsed time says
something only on a quiet machine; processor time is of everything: client, server, executors, their Pythons.

The model is least squares over processor time: a start for each run of a desk, and a rate a row. Its error is
that of the measurement that was left out. A cluster takes the start, and the rest divided by its cores.
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tests.run import cluster as programs

from watchfloor.core.kinds import KINDS
from watchfloor.desks.registry import desks
from watchfloor.feeds.references import references
from watchfloor.policy.policy import Reader
from watchfloor.run import INLINE, Connect
from watchfloor.run.digest import digests
from watchfloor.run.floor import history_of
from watchfloor.store import Actor, Floor
from watchfloor.store.writer import Writer

ACTOR, READER = Actor("bench", "exercise", "a benchmark"), Reader("bench", purpose="exercise")
DAYS = 100
"""National days of the extrapolation."""
DAY = {"listings": 610_000, "substances": 226_000}
"""Rows of a national day without sensors that a desk reads: ten times those of an exercise of scale 100."""
BATCH = 1 << 17


@dataclass
class Measured:
    """One desk over some rows in one way."""

    rows: int
    elapsed: float
    processor: float
    peak: float
    tasks: int
    digest: str


def grown(home: Path, seed: Path, rows: int) -> Path:
    """A floor with about so many rows of bulk, drawn from a seed: an exercise of scale 100."""
    floor = home / f"floor-{rows}"
    if not seed.exists():
        for words in (
            f"admin exercise make {home}/ex --seed 1 --scale 100 --no-sensors",
            f"init --floor {seed} --exercise --feeds {home}/ex/feeds.toml",
            f"ingest {home}/ex/lists/exercise-list.csv {home}/ex/feeds --floor {seed}",
        ):
            subprocess.run(
                [sys.executable, "-m", "watchfloor", *words.split()], check=True, stdout=subprocess.DEVNULL
            )
    opened = Floor.open(seed)
    made = Floor.create(floor, ACTOR, exercise=True)
    (floor / "feeds.toml").write_bytes((seed / "feeds.toml").read_bytes())
    tables = {kind: opened.whole(kind, KINDS[kind].schema.names) for kind in ("party", "declaration")}
    lists = {kind: opened.whole(kind, KINDS[kind].schema.names) for kind in ("listing",)}
    each, rng = sum(table.num_rows for table in tables.values()), np.random.default_rng(7)
    with made.writer(ACTOR) as writer:
        for kind, table in lists.items():
            taken(writer, kind, table)
        for copy in range(max(1, round(rows / each))):
            for kind, table in tables.items():
                taken(writer, kind, again(table, copy, rng))
    return floor


def again(table: pa.Table, copy: int, rng: np.random.Generator) -> pa.Table:
    """The rows of another day: other subjects and reports, given names and family names paired anew."""
    for name in ("subject", "report_key"):
        if name in table.column_names:
            column = pc.binary_join_element_wise(table[name], f"{copy}", "-")
            table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), column)
    if "name" in table.column_names:
        words = [(one or "").split(" ", 1) for one in table["name"].to_pylist()]
        given = [words[at][0] for at in rng.permutation(len(words))]
        names = [" ".join([first, *mine[1:]]) for first, mine in zip(given, words, strict=True)]
        index = table.schema.get_field_index("name")
        table = table.set_column(index, table.schema.field("name"), pa.array(names))
    return table


def taken(writer: Writer, kind: str, table: pa.Table) -> None:
    """Take rows in as a delivery."""
    plain = table.drop_columns([name for name in ("record_id", "delivery") if name in table.column_names])
    with writer.delivery("bench", kind, io.BytesIO(os.urandom(16))) as intake:
        for start in range(0, plain.num_rows, BATCH):
            intake.accept(kind, plain.slice(start, BATCH))


def inline(floor: Path, desk: str) -> Measured:
    """Measure a desk in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.runners.spark", "--one", desk, "--floor", str(floor)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def one(floor: Path, desk: str) -> None:
    """Run one desk here and print what it took."""
    opened = Floor.open(floor)
    refs, runs = references(opened), desks()[desk]
    history_of(opened, runs, refs, READER, 1, {})  # what is compiled or loaded at a first call
    began, before = perf_counter(), _own()
    history = history_of(opened, runs, refs, READER, opened.position, {}, INLINE)
    took = perf_counter() - began, _own() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = sum(opened.whole(kind, ["marking"]).num_rows for kind in runs.reads if kind in KINDS)
    print(json.dumps(vars(Measured(rows, *took, peak, 1, said(history)))))


def said(history: dict[str, pa.Table]) -> str:
    """The digests of what was derived, as one text."""
    return " ".join(digests(history).values())


def clustered(on: Connect, made: programs.Cluster, floor: Path, desk: str) -> Measured:
    """Measure a desk on the cluster, all processes together."""
    opened = Floor.open(floor)
    refs, runs = references(opened), desks()[desk]
    count, began, before = len(on.tasks), perf_counter(), _own() + _of(made)
    history = on.over_floor(opened, runs, refs, READER, opened.position, {})
    took = perf_counter() - began, _own() + _of(made) - before
    tasks = on.tasks[count:]
    rows = sum(opened.whole(kind, ["marking"]).num_rows for kind in runs.reads if kind in KINDS)
    peak = max((task.peak for task in tasks), default=0) / 1024
    return Measured(rows, *took, peak, len(tasks), said(history))


def _own() -> float:
    """Seconds of processor time of this process."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def _of(made: programs.Cluster) -> float:
    """Seconds of processor time of a cluster's programs, and of all that they started."""
    sessions, total = {program.pid for program in made.programs.values()}, 0
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            words = place.read_text().rpartition(")")[2].split()
            if int(words[3]) in sessions:
                total += sum(map(int, words[11:15]))
    return total / os.sysconf("SC_CLK_TCK")


def fitted(found: list[Measured]) -> tuple[float, float]:
    """Start and seconds a row, by least squares over processor time relative to itself."""
    rows = np.array([one.rows for one in found], float)
    spent = np.array([one.processor for one in found])
    (start, rate), *_ = np.linalg.lstsq(
        np.stack([1 / spent, rows / spent], axis=1), np.ones(len(spent)), rcond=None
    )
    return float(start), float(rate)


def left_out(found: list[Measured]) -> float:
    """The greatest error of the model about a measurement that it was not fitted to."""
    errors = []
    for at in range(len(found)):
        start, rate = fitted(found[:at] + found[at + 1 :])
        errors.append(abs(start + rate * found[at].rows - found[at].processor) / found[at].processor)
    return max(errors)


def sizing(desk: str, found: list[Measured]) -> None:
    """Print what a hundred days would take."""
    if len({one.rows for one in found}) < 3:
        print(f"{desk}: a model needs three sizes")
        return
    start, rate = fitted(found)
    rows = DAYS * DAY.get(desk, found[-1].rows)
    print(f"{desk}: {start:.1f} s + {rate * 1e6:.2f} us a row of processor time; error {left_out(found):.0%}")
    for cores in (2, 16, 64, 256):
        print(f"  {rows:,} rows on {cores:3} cores: {(start + rate * rows / cores) / 60:8.1f} min")


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench runners.spark", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="*", default=[80_000, 320_000, 1_300_000])
    parser.add_argument("--floor", type=Path, nargs="*", default=[])
    parser.add_argument("--seed", type=Path, help="a floor of an exercise to draw from, instead of a new one")
    parser.add_argument("--desks", nargs="*", default=["listings", "substances"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", type=int, default=1024, help="megabytes of an executor's Java")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.floor[0], options.one)
        return
    if why := programs.missing():
        sys.exit(why)
    with tempfile.TemporaryDirectory(prefix="watchfloor-", dir="/var/tmp") as folder:
        home = Path(folder)
        floors = options.floor or [grown(home, options.seed or home / "seed", rows) for rows in options.rows]
        (home / "shared").mkdir()
        with (
            programs.cluster(home / "cluster", workers=options.workers, memory=options.memory) as made,
            Connect(made.url, f"file://{home}/shared", parts=4 * options.workers, few=0) as on,
        ):
            measure(on, made, floors, options.desks)


def measure(on: Connect, made: programs.Cluster, floors: list[Path], names: list[str]) -> None:
    """Print the table, and the models."""
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; seconds elapsed / of processor time")
    print(
        f"{'desk':12} {'rows':>10} {'inline':>15} {'MB':>6} {'copy':>8} {'cluster':>15} {'MB':>6} tasks  by"
    )
    for name in names:
        clustered(on, made, floors[0], name)  # what is loaded and compiled at a first run
        found = []
        for floor in floors:
            here = inline(floor, name)
            first = clustered(on, made, floor, name)  # which copies
            there = clustered(on, made, floor, name)
            found.append(there)
            same = "" if {first.digest, there.digest} == {here.digest} else "  ANOTHER DIGEST"
            print(
                f"{name:12} {here.rows:10,} {here.elapsed:7.1f}/{here.processor:7.1f} {here.peak:6.0f} "
                f"{first.elapsed - there.elapsed:8.1f} {there.elapsed:7.1f}/{there.processor:7.1f} "
                f"{there.peak:6.0f} {there.tasks:5} {here.elapsed / there.elapsed:5.2f}x{same}",
                flush=True,
            )
        sizing(name, found)


if __name__ == "__main__":
    main()
