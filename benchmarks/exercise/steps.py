"""Storylines over scale: how many stand in the first 20 of the queue, where the others are, and behind what.

The planted storylines are the same at every scale; what grows is the everyday around them.

    ./dev bench exercise.steps [--seeds 1 2 3] [--scales 1 10] [--no-sensors] [--missing] [--keep FOLDER]

With `--keep` the floors stay, and are weighed again the next time without being played. `--rates` tries what
the product does not do: weights that agree with how often the floor's tracks show a signal, see `by_rates`.
"""

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import log2
from pathlib import Path
from typing import NamedTuple

import pyarrow.compute as pc
from rich.console import Console
from rich.table import Table

from watchfloor.cell.leads import Lead
from watchfloor.cell.learning.calibration import CAPACITY, jeffreys
from watchfloor.cell.queue import queue
from watchfloor.cell.weighing.weights import Hypothesis, Weights, load
from watchfloor.cli.common import reader
from watchfloor.cli.demo.exercise_floor import fill
from watchfloor.core.derived import net
from watchfloor.exercise.following import followed_on
from watchfloor.exercise.key import Key
from watchfloor.exercise.make import found as made
from watchfloor.exercise.make import make
from watchfloor.exercise.score import Judged, judged, place
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor


class Step(NamedTuple):
    """One exercise of a seed and scale: its key, its queue, and that held against the key."""

    seed: int
    scale: float
    key: Key
    found: Sequence[Lead]
    leads: Sequence[Judged]

    @property
    def ranks(self) -> dict[str, int | None]:
        """The rank of each planted storyline."""
        return {one.name: place(one, self.leads).rank for one in self.key.true}

    @property
    def first_ten(self) -> float:
        """Precision of the first ten leads."""
        return sum(one.true for one in self.leads[:10]) / 10


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench exercise.steps", description=__doc__.split("\n\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--scales", type=float, nargs="+", default=[1, 10], help="1000 is a Canadian day")
    parser.add_argument("--no-sensors", action="store_true", help="leave the sensors out")
    parser.add_argument("--missing", action="store_true", help="tell what storylines beyond 20 rest on")
    parser.add_argument("--rates", action="store_true", help="try weights that agree with the floor's rates")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where floors stay for another time")
    return parser.parse_args()


def step(seed: int, scale: float, sensors: bool, rates: bool, folder: Path) -> Step:
    """Weigh the floor in a folder, which is made and played where it is not there yet."""
    if not folder.exists():
        begun = folder.with_name(f"{folder.name}.begun")
        fill(make(begun / "exercise", seed=seed, scale=scale, sensors=sensors), begun / "floor")
        begun.rename(folder)
    key, floor = made(folder / "exercise").answers, Floor.open(folder / "floor")
    who = reader(floor, "benchmark")
    weights = by_rates(load(), floor, who) if rates else load()
    found = queue(floor, who, weights, datetime.now(UTC))
    return Step(seed, scale, key, found, list(judged(found, key, followed_on(floor, who, key))))


def by_rates(weights: Weights, floor: Floor, who: Reader) -> Weights:
    """Lower the rows of a rule until they agree with how often tracks of the floor show it.

    A row says that its hypothesis makes a signal 2**bits times likelier, so its chance there is 2**bits times
    the rate among all tracks that were followed. Strengths of one rule exclude each other: such chances add
    up to one at most, and where they add up to more, each is too large by the same factor. Rates are the
    lower ends of 95 % intervals, so that little is taken for common where few were followed.
    """
    tracks = floor.read("track", who, columns=["subjects"])["subjects"]
    followed = len(pc.list_element(tracks, 0).unique())
    showing: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in net(floor.signals(who)).to_pylist():
        showing[row["rule"], row["strength"]].update(
            one for one in row["subjects"] if one.startswith("track:")
        )
    rates = {at: jeffreys(len(on), followed).low or 0.0 for at, on in showing.items() if on}
    return replace(
        weights, hypotheses={name: _lowered(one, rates) for name, one in weights.hypotheses.items()}
    )


def _lowered(one: Hypothesis, rates: Mapping[tuple[str, str], float]) -> Hypothesis:
    chances: defaultdict[str, float] = defaultdict(float)
    for at, rate in rates.items():
        if one.bits.get(at, 0.0) > 0:
            chances[at[0]] += 2 ** one.bits[at] * rate
    over = {rule: log2(chance) for rule, chance in chances.items() if chance > 1}
    bits = {at: max(0.0, b - over.get(at[0], 0.0)) if b > 0 else b for at, b in one.bits.items()}
    return replace(one, bits=bits)


def told(steps: Sequence[Step]) -> Table:
    """A row for each exercise: storylines in the first 20, those that are not with their ranks, precision."""
    table = Table(title=f"Storylines in the first {CAPACITY} over scale", title_justify="left")
    for head in ("seed", "scale", "leads", f"in {CAPACITY}", "beyond", "first ten"):
        table.add_column(head, justify="left" if head == "beyond" else "right")
    for one in steps:
        ranks = one.ranks
        beyond = {name: rank for name, rank in ranks.items() if rank is None or rank > CAPACITY}
        table.add_row(
            str(one.seed),
            f"{one.scale:g}",
            f"{len(one.leads):,}",
            f"{len(ranks) - len(beyond)} of {len(ranks)}",
            ", ".join(f"{name} {rank or 'none'}" for name, rank in beyond.items()),
            f"{one.first_ten:.2f}",
        )
    return table


def missing(console: Console, one: Step) -> None:
    """What leads beyond the first 20 rest on that are of a storyline, and what false ones stand before."""
    for name, rank in one.ranks.items():
        if rank and rank > CAPACITY:
            console.print(
                f"seed {one.seed}, scale {one.scale:g}: {name} at {rank}: {_rests(one.found[rank - 1])}"
            )
    false = [lead for lead, at in zip(one.found, one.leads, strict=True) if not at.true]
    first = [lead for lead, at in zip(one.found[:CAPACITY], one.leads, strict=False) if not at.true]
    for name, leads in (("false in the first 20", first), ("false in the queue", false)):
        kinds = Counter(_rests(lead, bits=False) for lead in leads)
        for kind, many in kinds.most_common(12):
            console.print(f"  {name}: {many} of {kind}")


def _rests(lead: Lead, bits: bool = True) -> str:
    said = sorted(f"{c.rule}.{c.strength}" + (f" {c.bits:+.1f}" if bits else "") for c in lead.contributions)
    return f"{lead.hypothesis}{f' {lead.bits:+.1f}' if bits else ''} ({', '.join(said)})"


def main() -> int:
    options = arguments()
    console = Console(width=None if sys.stdout.isatty() else 160)
    steps = []
    with tempfile.TemporaryDirectory() as passing:
        for scale in options.scales:
            for seed in options.seeds:
                folder = (options.keep or Path(passing)) / f"{seed}@{scale:g}"
                steps.append(step(seed, scale, not options.no_sensors, options.rates, folder))
                if options.missing:
                    missing(console, steps[-1])
    console.print(told(steps))
    return 0


if __name__ == "__main__":
    sys.exit(main())
