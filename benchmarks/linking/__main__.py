"""Our rules and Splink on made-up persons whose truth is known: precision, recall, F1, time.

./dev bench linking                 the seeds that nothing was chosen on
./dev bench linking --tuned         the seed that constants were chosen on
"""

import argparse
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from statistics import mean

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks.linking.persons import Drawn, draw
from watchfloor.cell.identity.likeness import likely_by_rules
from watchfloor.cell.identity.proposals import Proposal
from watchfloor.cell.identity.splinked import likely_by_splink

TUNED = 1
TESTED = (21, 22, 23)
PEOPLE = 1_500
THRESHOLDS = (0.5, 0.8, 0.95)
LINKERS: dict[str, Callable[[pa.Table, float], list[Proposal]]] = {
    "watchfloor": likely_by_rules,
    "splink": likely_by_splink,
}


@dataclass(frozen=True)
class Measured:
    precision: float
    recall: float
    household: int
    others: int

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench linking", description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"persons drawn; default: {PEOPLE}")
    parser.add_argument("--tuned", action="store_true", help="the seed that constants were chosen on")
    return parser.parse_args()


def measure(found: list[Proposal], drawn: Drawn, threshold: float) -> Measured:
    pairs = {(one.one, one.other) for one in found if one.probability >= threshold}
    right, wrong = len(pairs & drawn.same), pairs - drawn.same
    living = len(wrong & drawn.household)
    return Measured(
        right / len(pairs) if pairs else 1.0, right / len(drawn.same), living, len(wrong) - living
    )


def show(console: Console, name: str, seconds: list[float], found: dict[float, list[Measured]]) -> None:
    table = Table(title=f"{name}: {mean(seconds):.1f} s a run", title_justify="left")
    for column in (
        "probability",
        "precision",
        "recall",
        "F1",
        "F1 by seed",
        "wrong: one household",
        "others",
    ):
        table.add_column(column)
    for threshold, measured in found.items():
        figures = (mean(one.precision for one in measured), mean(one.recall for one in measured))
        table.add_row(
            f">= {threshold}",
            *(f"{figure:.3f}" for figure in figures),
            f"{mean(one.f1 for one in measured):.3f}",
            " ".join(f"{one.f1:.3f}" for one in measured),
            f"{mean(one.household for one in measured):.0f}",
            f"{mean(one.others for one in measured):.0f}",
        )
    console.print(table)


def main() -> None:
    options = arguments()
    console = Console(width=110)
    seeds = (TUNED,) if options.tuned else TESTED
    drawn = [draw(options.people, seed) for seed in seeds]
    versions = ", ".join(f"{name} {version(name)}" for name in ("watchfloor", "splink", "duckdb", "pyarrow"))
    console.print(f"{versions}, Python {platform.python_version()}", highlight=False)
    subjects, same = (
        mean(counts) for counts in zip(*((d.parties.num_rows, len(d.same)) for d in drawn), strict=True)
    )
    console.print(
        f"{options.people:,} persons as {subjects:,.0f} subjects, {same:,.0f} pairs are one; seeds {seeds}",
        highlight=False,
    )
    likely_by_rules(draw(50, 0).parties, 0.5)  # loads what is compiled
    for name, linker in LINKERS.items():
        seconds: list[float] = []
        found: dict[float, list[Measured]] = {threshold: [] for threshold in THRESHOLDS}
        for one in drawn:
            start = time.perf_counter()
            proposals = linker(one.parties, min(THRESHOLDS))
            seconds.append(time.perf_counter() - start)
            for threshold in THRESHOLDS:
                found[threshold].append(measure(proposals, one, threshold))
        show(console, name, seconds, found)


if __name__ == "__main__":
    main()
