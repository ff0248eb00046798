"""Tracks: ours and Stone Soup's on the same detections in one run, against what the issue asks for.

Medians over seeds, with the least and the greatest behind them. CPU time; compiling and making the reports
are outside it. The tracker runs with its own defaults unless --config names settings.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean, median

from rich.console import Console
from rich.table import Table

from benchmarks.surveillance import ais, autoferry, ours, peers, scenario
from benchmarks.surveillance.recording import Recording, score
from watchfloor.desks.surveillance.tracking_metrics import Score, reports_f1

CUTOFF = 50.0
"""Metres, of GOSPA in the generated worlds."""

START = 12
"""Scan from which GOSPA is averaged there: the sensors have looked three times each."""

PASSES = 3
"""Of ours over a recording, of which the median time is taken."""


@dataclass(frozen=True)
class Line:
    """One line of the table: a measure of ours, the peer's where there is one, and the goal.

    Attributes:
        ours, peer: a value for each seed or recording.
        reach: of ours the greatest or least that will do, by `way`: "most" or "least"; None: no goal.
        ratio: the goal is of ours over the peer's instead.
    """

    row: str
    what: str
    ours: list[float]
    peer: list[float]
    way: str = "most"
    reach: float | None = None
    ratio: bool = False

    def judged(self) -> float | None:
        """What the goal is about; None where the peer it needs was not run."""
        if not self.ratio:
            return median(self.ours) if self.ours else None
        return self.quotient()

    def quotient(self) -> float | None:
        """Ours over the peer's, on the seeds that both ran."""
        both = list(zip(self.ours, self.peer, strict=False))
        if not both or not median(p for _, p in both):
            return None
        return median(o for o, _ in both) / median(p for _, p in both)

    def met(self) -> bool | None:
        found = self.judged()
        if self.reach is None or found is None:
            return None
        return found <= self.reach if self.way == "most" else found >= self.reach


def read_config(path: Path | None, **changed):
    """The tracker's settings: its defaults, or a file's; `changed` over them."""
    from watchfloor.desks.surveillance.tracking import Config

    return replace(Config() if path is None else Config.load(path), **changed)


def passes(recording: Recording, config) -> tuple[Score | None, float]:
    """Score of ours and reports a second."""
    spent = []
    for _ in range(PASSES):
        tracks, seconds = ours.run(recording, config)
        spent.append(seconds)
    return tracks, len(recording) / median(spent)


def generated(options, row: str, targets: int, clutter: float, polar: bool, method: str) -> Iterator[Line]:
    """Lines of one generated world over the seeds."""
    config = read_config(options.config)
    mine, theirs = [], []
    for number, seed in enumerate(options.seeds):
        world = scenario.synthetic(targets, clutter, seed, polar)
        if number == 0:
            ours.warm(world)
        tracks, rate = passes(world, config)
        mine.append((score(world.truth, tracks, CUTOFF, start=START), rate))
        if options.peer and number < options.peer_seeds:
            options.say(f"{row}: {method}, seed {seed} …")
            tracks, seconds = peers.run(world, method)
            theirs.append((score(world.truth, tracks, CUTOFF, start=START), len(world) / seconds))
    faster, gospa, fewer = GOALS[row]

    def both(name: str) -> tuple[list[float], list[float]]:
        return tuple([getattr(one, name) for one, _ in some] for some in (mine, theirs))

    rates = tuple([rate for _, rate in some] for some in (mine, theirs))
    yield Line(row, "detections/s", *rates, "least", faster, ratio=True)
    yield Line(row, f"GOSPA, c={CUTOFF:.0f} m", *both("gospa"), reach=gospa)
    yield Line(row, "GOSPA over the peer's, worst seed", *worst(*both("gospa")), reach=1.0)
    yield Line(row, "missed", *both("missed"))
    yield Line(row, "false", *both("false"))
    yield Line(row, "RMSE of the matched, m", *both("error"))
    yield Line(row, "id switches", *both("switches"), reach=fewer, ratio=True)
    yield Line(row, "IDF1", *both("idf1"))


def worst(mine: list[float], theirs: list[float]) -> tuple[list[float], list[float]]:
    """The greatest ratio over the seeds that both ran, as a line of its own."""
    both = [one / other for one, other in zip(mine, theirs, strict=False)]
    return ([max(both)] if both else []), []


GOALS = {
    "synthetic100": (300.0, 85.0, 0.7),
    "synthetic500": (500.0, 195.0, None),
    "rangebearing": (None, 72.0, None),
}
"""Of each generated world: how much faster, GOSPA, switches over the peer's."""


def synthetic100(options) -> Iterator[Line]:
    yield from generated(options, "synthetic100", 100, 50.0, False, options.method or "kdgnn")


def synthetic500(options) -> Iterator[Line]:
    yield from generated(options, "synthetic500", 500, 250.0, False, options.method or "kdgnn")


def rangebearing(options) -> Iterator[Line]:
    yield from generated(options, "rangebearing", 100, 50.0, True, "tprgnn")


def late(options) -> Iterator[Line]:
    """A twentieth of the detections late, beside the same ones in order."""
    behind, spent = beside(options, scenario.late)
    yield Line("late", "GOSPA over that in order", behind, [], reach=1.03)
    yield Line("late", "cost over that in order", spent, [], reach=1.5)


def interleaved(options) -> Iterator[Line]:
    """All detections up to 1.5 s late, so that looks of sensors mix, beside the same ones in order."""
    behind, spent = beside(options, scenario.interleaved)
    yield Line("interleaved", "GOSPA over that in order", behind, [])
    yield Line("interleaved", "cost over that in order", spent, [])


def beside(options, changed) -> tuple[list[float], list[float]]:
    """GOSPA and cost of the worlds as they are `changed` over those in order, for each seed."""
    config = read_config(options.config)
    behind, spent = [], []
    for number, seed in enumerate(options.seeds):
        world = scenario.synthetic(seed=seed)
        after = changed(world, seed)
        if number == 0:
            ours.warm(after)
        (before, quick), (since, slow) = passes(world, config), passes(after, config)
        first, second = (score(world.truth, t, CUTOFF, start=START).gospa for t in (before, since))
        behind.append(second / first)
        spent.append(quick / slow)
    return behind, spent


def ferry(options) -> Iterator[Line]:
    """Means of the scenarios that are reported, and, without a goal, of those that were tuned on."""
    config = read_config(options.config)
    for part, numbers in (("reported", autoferry.REPORTED), ("tuned on", autoferry.TUNED_ON)):
        if not all(map(autoferry.there, numbers)):
            options.say(f"autoferry: {autoferry.DATA} is absent.")
            return
        mine = [ours.run(autoferry.load(number), config)[0] for number in numbers]
        theirs = [ferry_peer(number) for number in numbers] if options.peer else []
        for judged, within in (("all tracks", float("inf")), ("near the boats", autoferry.NEAR)):
            found, other = (scores(tracks, numbers, within) for tracks in (mine, theirs))
            for measure, reach in (("gospa", 12.5), ("missed", 0.38), ("false", 0.40), ("idf1", None)):
                what = f"{measure}, {judged}, scenarios {numbers} {part}"
                values = (means(some, measure) for some in (found, other))
                yield Line("autoferry", what, *values, reach=reach if part == "reported" else None)


def scores(tracks: list, numbers: tuple[int, ...], within: float) -> list[Score]:
    """Of each scenario; beyond `within` metres from both boats a track is not judged."""
    return [
        score(autoferry.load(number).truth, one, autoferry.CUTOFF, within=within)
        for number, one in zip(numbers, tracks, strict=False)
    ]


def means(found: list[Score], measure: str) -> list[float]:
    return [fmean(getattr(one, measure) for one in found)] if found else []


def ferry_peer(number: int):
    """Stone Soup's tracks of radar and lidar: it starts none from a bearing."""
    seen = autoferry.load(number, (autoferry.LIDAR, autoferry.RADAR))
    return peers.run(seen, "kdgnn", peers.HARBOUR)[0]


def hidden(options) -> Iterator[Line]:
    """AIS: ours on all that is reported, as it comes and as a recording; the peer on what it can finish."""
    config = read_config(options.config, tell_tentative=True)
    for name, one in ais.reported().items():
        ours.warm(one)
        tracks, rate = passes(one, config)
        live, theirs, speed = reports_f1(one.who, ours.given(tracks, len(one))), [], []
        whole = reports_f1(one.who, recorded(one, config).given)
        if options.peer and name == ais.SUBSET:
            options.say(f"ais: {name}, {len(one):,} reports at Stone Soup's pace …")
            tracks, seconds = peers.run(one, "kdgnn", peers.AIS)
            theirs, speed = [reports_f1(one.who, tracks.report)], [len(one) / seconds]
        best = f"perfect tracks that end after 30 min of silence: {ais.bound(one, 1_800):.3f}"
        yield Line("ais", f"IDF1, {name}\n({best})", [whole], theirs, "least", 0.93)
        yield Line("ais", f"IDF1 as it comes, {name}", [live], theirs)
        yield Line("ais", f"reports/s as they come, {name}", [rate], speed, "least", 50_000.0)


def recorded(one: Recording, config):
    """AIS as `watchfloor track` has it: times and places in a file."""
    import pyarrow as pa

    from watchfloor.desks.surveillance import recording

    lon, lat = one.lonlat.T
    return recording.track(pa.table({"t": one.t, "lon": lon, "lat": lat}), config)


ROWS = {
    "synthetic100": synthetic100,
    "synthetic500": synthetic500,
    "rangebearing": rangebearing,
    "autoferry": ferry,
    "ais": hidden,
    "late": late,
    "interleaved": interleaved,
}


def seeds(text: str) -> list[int]:
    """`1-9`, `101,103`, or both mixed."""
    found = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench surveillance.tracks", description=__doc__)
    add = parser.add_argument
    add("--rows", default=",".join(ROWS), help=f"of {', '.join(ROWS)}; default: all")
    add("--seeds", type=seeds, default=list(scenario.UNSEEN), help="of generated worlds; default: 101-110")
    add("--peer", action=argparse.BooleanOptionalAction, default=True, help="run Stone Soup (slow)")
    add("--peer-seeds", type=int, default=2, metavar="N", help="it runs the first N seeds; default: 2")
    add("--method", choices=("kdgnn", "kdehm2"), help="of Stone Soup, on positions; default: kdgnn")
    add("--config", type=Path, metavar="TOML", help="settings of our tracker; default: its own")
    add("--json", action="store_true", help="print the lines as JSON")
    return parser.parse_args()


def shown(values: list[float]) -> str:
    if not values:
        return "–"
    middle = short(median(values))
    return middle if len(values) == 1 else f"{middle} ({short(min(values))} to {short(max(values))})"


def short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def goal(line: Line) -> str:
    if line.reach is None:
        return ""
    sign = "≤" if line.way == "most" else "≥"
    return f"{sign} {short(line.reach)}{'×' if line.ratio else ''}"


def table(lines: list[Line], peer: str) -> Table:
    made = Table(title="Tracks, ours and the peer's on the same detections", title_justify="left")
    for at, column in enumerate(("row", "measure", "ours", peer, "ours / peer", "goal", "")):
        made.add_column(column, justify="left" if at < 2 else "right")
    for line in lines:
        ratio, met = line.quotient(), line.met()
        made.add_row(
            line.row,
            line.what,
            shown(line.ours),
            shown(line.peer),
            "" if ratio is None else f"{ratio:,.2f}" if ratio < 10 else f"{ratio:,.0f}",
            goal(line),
            "" if met is None else "met" if met else "missed",
        )
    return made


def about(options) -> str:
    """What ran on what, and what was tuned on."""
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}; seeds {options.seeds}, the peer on the first "
        f"{options.peer_seeds if options.peer else 0}.\n"
        f"Tuned on: seeds {scenario.TUNED_ON.start} to {scenario.TUNED_ON.stop - 1}; Autoferry scenarios "
        f"{autoferry.TUNED_ON}; AIS of {ais.source()}: {', '.join(ais.TUNED_ON)}.\n"
        f"Autoferry: means of the scenarios; ours has all four sensors, the peer radar and lidar."
    )


def main() -> int:
    options = arguments()
    console = Console(width=None if sys.stdout.isatty() else 200, stderr=options.json)
    options.say = lambda text: console.print(text, highlight=False, style="dim")
    console.print(about(options), highlight=False)
    lines = [line for row in options.rows.split(",") for line in ROWS[row](options)]
    if options.json:
        print(json.dumps([asdict(line) | {"met": line.met(), "ratio": line.quotient()} for line in lines]))
    else:
        console.print(table(lines, peers.label() if options.peer else "peer"), highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
