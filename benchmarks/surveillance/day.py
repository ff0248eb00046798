"""A day along the line: every alert of the surveillance desk held against what truly happened.

    ./dev bench surveillance.day                 # seeds that nothing was chosen on; with --tuned those that
    were

Each seed is a day of an exercise (`docs/exercise.md`): fifteen towers, 200 ground sensors of which nine
reports of ten are wind, frost and animals, drones, a plane, a patrol boat, AIS and ADS-B, taken in from files
as a floor does. An alert is a signal that was at least `possible` at some time, also one that was taken back;
two of one matter, such as that a track will cross and that it did, are one (`exercise/raised.py`). It is
right where it is of a happening of its own, so a repeat is false (`exercise/alerts.py`).

How many officers hold the watch is an assumption, see `OFFICERS`. The peer is what there is today: a US audit
of such systems found over 90 % of alert responses false.
"""

import argparse
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from watchfloor.cell.learning.calibration import Share, jeffreys
from watchfloor.cell.queue import queue
from watchfloor.cell.rerun import rerun
from watchfloor.cell.weighing.weights import load
from watchfloor.cli.common import acting, reader
from watchfloor.cli.demo.exercise_floor import begin
from watchfloor.desks.surveillance.desk import DESK
from watchfloor.exercise.alerts import FORETOLD, Paths, pairs, paths_of
from watchfloor.exercise.following import followed_on
from watchfloor.exercise.key import Key
from watchfloor.exercise.make import make
from watchfloor.exercise.raised import BANDS, Raised, matter_of, matters, raised
from watchfloor.exercise.score import Judged, judged
from watchfloor.exercise.surveillance.feeds import WIRES
from watchfloor.exercise.surveillance.truth import Happening
from watchfloor.feeds.config import load as settings
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.feeds.references import references
from watchfloor.run.floor import history_of
from watchfloor.store.floor import Floor

TUNED: Final = (1, 11, 12)
"""Seeds on which rules, parameters and chances were chosen."""
UNSEEN: Final = (21, 22, 23, 24, 25)
STRINGS: Final = 48
"""Strings of four ground sensors; with the two that are always there, 200 sensors."""
OFFICERS: Final = 1
"""Who answers the alerts of all three stretches, 150 km of the line, by day and by night: the fewest there
can be."""
HOURS: Final = 24.0
FIRST: Final = 10
"""Leads of the queue that are shown."""
PERSON: Final = "benchmark"


class Day(NamedTuple):
    """A day and what came of it.

    Attributes:
        seed: of the exercise.
        rows: of detections.
        nuisance: share of the reports of ground sensors that a person or a vehicle did not set off.
        seconds: that the desk took for the day.
        told: alerts, those of one matter together.
        happenings: what a desk could say rightly.
        own: the happening of each that was told and has one, by their numbers in its matter.
        repeats: how many of each matter were told before.
        leads: of the queue, its first ones.
        called, paths: what each object is, and where it went.
        watched: whether each storyline that something moves in is to be found; a look-alike is not.
    """

    seed: int
    rows: int
    nuisance: float
    seconds: float
    told: dict[str, list[tuple[Raised, ...]]]
    happenings: dict[str, list[Happening]]
    own: dict[str, dict[int, int]]
    repeats: Counter[str]
    leads: list[Judged]
    called: dict[int, str]
    paths: Paths
    watched: dict[str, bool]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev bench surveillance.day", description=__doc__.split("\n\n")[0]
    )
    parser.add_argument(
        "--seeds", type=int, nargs="+", help="days; those that nothing was chosen on if not given"
    )
    parser.add_argument("--tuned", action="store_true", help="the seeds on which the rules were chosen")
    parser.add_argument("--scale", type=float, default=1.0, help="of the traffic; 1 is that of the demo")
    parser.add_argument("--missed", action="store_true", help="name every happening that nothing told")
    return parser.parse_args()


def lived(seed: int, scale: float, folder: Path) -> Day:
    """A day, taken in and folded."""
    made = make(folder / "exercise", seed=seed, scale=scale, strings=STRINGS)
    floor = begin(folder / "floor", made)
    who = reader(floor, PERSON)
    with floor.writer(acting(PERSON, PERSON)) as writer:
        files = sorted(made.feeds / wire.file for wire in WIRES.values())
        for _ in ingest_all(writer, files, settings(floor.root), Orders()):
            pass
        rerun(floor, writer, who, only=(DESK.name,))
    began = time.process_time()
    history = history_of(floor, DESK, references(floor), who, floor.position, {})
    seconds = time.process_time() - began
    told = _by_matter(raised(history["signal"]))
    key = made.key.parent
    table, objects = pq.read_table(key / "paths.parquet"), pq.read_table(key / "rows.parquet")
    paths = paths_of(table)
    happened = _of_matters(made.answers.happenings)
    found = {
        name: pairs(
            [[one.alert for one in each] for each in told.get(name, [])], happened.get(name, []), paths
        )
        for name in {*told, *happened}
    }
    return Day(
        seed,
        sum(made.rows[name] for name in WIRES if name not in ("coverage", "weather")),
        _nuisance(objects, table),
        seconds,
        told,
        happened,
        {name: own for name, (own, _) in found.items()},
        Counter({name: len(repeats) for name, (_, repeats) in found.items()}),
        _first(floor, made.answers),
        dict(zip(table["object"].to_pylist(), table["called"].to_pylist(), strict=True)),
        paths,
        {one.name: one.true for one in made.answers.storylines if one.traces},
    )


def _by_matter(alerts: Sequence[Raised]) -> dict[str, list[tuple[Raised, ...]]]:
    found: dict[str, list[tuple[Raised, ...]]] = {}
    for each in matters(alerts):
        found.setdefault(matter_of(each[0].alert.rule), []).append(each)
    return found


def _of_matters(happenings: Sequence[Happening]) -> dict[str, list[Happening]]:
    found: dict[str, list[Happening]] = {}
    for one in happenings:
        found.setdefault(matter_of(one.rule), []).append(one)
    return found


def _nuisance(objects: pa.Table, paths: pa.Table) -> float:
    """Share of the reports of ground sensors that nobody or an animal set off."""
    what = dict(zip(paths["object"].to_pylist(), paths["class"].to_pylist(), strict=True))
    rows = zip(objects["feed"].to_pylist(), objects["object"].to_pylist(), strict=True)
    ground = [object_ for feed, object_ in rows if feed == "ground"]
    return sum(one is None or what[one] == "animal" for one in ground) / len(ground)


def _first(floor: Floor, key: Key) -> list[Judged]:
    who = reader(floor, PERSON)
    found = queue(floor, who, load(), datetime.now(UTC))
    return list(judged(found, key, followed_on(floor, who, key)))


class Line(NamedTuple):
    """One row of the table: what, alerts by band, and how many of them were right."""

    name: str
    bands: str
    alerts: int
    right: int
    repeats: int
    taken_back: int
    happenings: int
    found: int


def by_matter(days: Sequence[Day]) -> Iterator[Line]:
    """What the alerts of each matter are worth."""
    for name in sorted({name for day in days for name in (*day.told, *day.happenings)}):
        told = [each for day in days for each in day.told.get(name, [])]
        right = sum(len(day.own[name]) for day in days if name in day.own)
        bands = Counter(min(each, key=lambda one: BANDS.index(one.strength)).strength for each in told)
        yield Line(
            name,
            " ".join(f"{bands[band]}" for band in BANDS),
            len(told),
            right,
            sum(day.repeats[name] for day in days),
            sum(each[-1].taken_back for each in told),
            sum(len(day.happenings.get(name, [])) for day in days),
            right,
        )


def by_rule(days: Sequence[Day]) -> Iterator[Line]:
    """The same of the rules of a matter that has several, each by itself."""
    for name in sorted({one.alert.rule for day in days for each in _all(day) for one in each}):
        if matter_of(name) == name:
            continue
        told = [one for day in days for each in _all(day) for one in each if one.alert.rule == name]
        found = list(map(partial(_of_rule, name), days))
        bands = Counter(one.strength for one in told)
        right = sum(len(own) for own, _, _ in found)
        yield Line(
            f"  {name}",
            " ".join(f"{bands[band]}" for band in BANDS),
            len(told),
            right,
            sum(len(repeats) for _, repeats, _ in found),
            sum(one.taken_back for one in told),
            sum(size for _, _, size in found),
            right,
        )


def _of_rule(name: str, day: Day) -> tuple[dict[int, int], set[int], int]:
    told = [[one.alert] for each in _all(day) for one in each if one.alert.rule == name]
    rule = FORETOLD.get(name, (name,))[0]
    happened = [one for one in day.happenings.get(matter_of(name), []) if one.rule == rule]
    return *pairs(told, happened, day.paths), len(happened)


def _all(day: Day) -> Iterator[tuple[Raised, ...]]:
    for each in day.told.values():
        yield from each


def table(days: Sequence[Day]) -> Table:
    """What the alerts are worth, with 95 % intervals."""
    found = Table(title="Alerts, those of one matter as one", title_justify="left")
    for head in ("matter", "certain likely possible", "alerts", "right", "repeats", "taken back"):
        found.add_column(head, justify="left" if head == "matter" else "right")
    for head in ("precision", "happened", "told", "recall"):
        found.add_column(head, justify="right")
    lines = [*by_matter(days)]
    alerts, right = sum(one.alerts for one in lines), sum(one.right for one in lines)
    whole = Line(
        "all",
        "",
        alerts,
        right,
        sum(one.repeats for one in lines),
        sum(one.taken_back for one in lines),
        sum(one.happenings for one in lines),
        right,
    )
    for one in (*lines, whole, *by_rule(days)):
        found.add_row(
            one.name,
            one.bands,
            str(one.alerts),
            str(one.right),
            str(one.repeats),
            str(one.taken_back),
            _written(jeffreys(one.right, one.alerts)),
            str(one.happenings),
            str(one.found),
            _written(jeffreys(one.found, one.happenings)),
        )
    return found


def _written(share: Share) -> str:
    return "" if share.value is None else f"{share.value:.2f} ({share.low:.2f} to {share.high:.2f})"


def first_leads(day: Day) -> Table:
    """What the queue shows first."""
    found = Table(title=f"First {FIRST} of {len(day.leads)} leads, seed {day.seed}", title_justify="left")
    for head in ("rank", "chance", "hypothesis", "leads to", "to find"):
        found.add_column(head)
    for one in day.leads[:FIRST]:
        name = one.storyline.name if one.storyline else "everyday traffic"
        to_find = "yes" if one.storyline and one.storyline.true else "no"
        chance = f"{one.lead.probability:.0%}"
        found.add_row(str(one.rank), chance, one.lead.hypothesis, name, to_find)
    return found


def ranks(days: Sequence[Day]) -> Table:
    """The best rank of each storyline and look-alike that sensors see, in the queue of their signals
    alone."""
    found = Table(title="Rank in the queue", title_justify="left")
    found.add_column("storyline")
    for day in days:
        found.add_column(f"seed {day.seed}", justify="right")
    for name, true in sorted(days[0].watched.items(), key=lambda one: (not one[1], one[0])):
        best = [min((each.rank for each in day.leads if name in each.met), default=None) for day in days]
        found.add_row(name if true else f"({name}: a look-alike)", *(str(one or "none") for one in best))
    return found


def missed(day: Day) -> Iterator[str]:
    """Every happening that nothing told."""
    for name, happened in sorted(day.happenings.items()):
        told = set(day.own[name].values())
        for n, one in enumerate(happened):
            if n not in told:
                who = ", ".join(sorted({day.called[object_] for object_ in one.objects}))
                where = f"{one.latitude:.4f} {one.longitude:.4f}"
                yield f"seed {day.seed}: {name}, {one.since:%H:%M:%S}, {where}: {who}"


def main() -> None:
    options = arguments()
    seeds = options.seeds or (TUNED if options.tuned else UNSEEN)
    console = Console(width=200)
    days = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            days.append(lived(seed, options.scale, Path(folder)))
    console.print(table(days))
    console.print(first_leads(days[0]))
    console.print(ranks(days))
    count = sum(1 for day in days for _ in _all(day))
    console.print(
        f"seeds {', '.join(map(str, seeds))}"
        f"{' (tuned on)' if set(seeds) & set(TUNED) else ''}; {sum(day.rows for day in days):,} detections; "
        f"{4 * (STRINGS + 2)} ground sensors, {sum(day.nuisance for day in days) / len(days):.0%} nuisance\n"
        f"{count / HOURS / len(days) / OFFICERS:.1f} alerts an officer-hour with {OFFICERS} officer for all; "
        f"the desk takes {sum(day.seconds for day in days) / len(days):.1f} s of processor time a day; "
        f"{platform.machine()}, Python {sys.version.split()[0]}",
        highlight=False,
    )
    if options.missed:
        for day in days:
            for line in missed(day):
                console.print(line, highlight=False, markup=False)


if __name__ == "__main__":
    main()
