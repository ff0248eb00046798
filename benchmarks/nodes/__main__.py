"""Ten exercises of ten nodes, each played from end to end: what is found, does the ring close, what leaks?

./dev bench nodes [--seeds 1 2 … 10] [--scale 1]
"""

import argparse
import platform
import statistics
import tempfile
import time
from functools import reduce
from operator import or_
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from watchfloor.cell.leads import Lead
from watchfloor.cell.wording.estimative_language import probability
from watchfloor.cli.demo.nodes import Played, play
from watchfloor.exercise.leaks import needles, search
from watchfloor.exercise.nodes import CELL, NODES, NodeExerciseFiles, make
from watchfloor.exercise.plots.hidden_load import NAME
from watchfloor.exercise.plots.proceeds_ring import CIRCLE

TELLING = ("bank-a", "laboratory", "targeting")
"""Nodes that have a part of the hidden load, beside the cell."""


class Run(NamedTuple):
    """One seed: the storyline's rank (0 for none), its chance, also without each node, the next lead's.

    Of the ring: the share of its accounts that the banks find alone, how many of the three banks of the
    circle close it, how many banks the supplier is known to be paid from, and payments in the cell's store.
    """

    seed: int
    rank: int
    chance: float
    without: dict[str, float]
    next_chance: float
    nodes: int
    private: int
    at_home: int
    leaked: int
    alone: float
    closed: int
    shared: int
    payments: int
    seconds: float


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench nodes", description=__doc__.split("\n\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 11)))
    parser.add_argument("--scale", type=float, default=1.0, help="1 is a thousandth of a day")
    return parser.parse_args()


def run(seed: int, scale: float, folder: Path) -> Run:
    start = time.perf_counter()
    made = make(folder / "exercise", seed=seed, scale=scale)
    played = play(made, folder)
    seconds = time.perf_counter() - start
    return measured(seed, made, played, folder, seconds)


def measured(seed: int, made: NodeExerciseFiles, played: Played, folder: Path, seconds: float) -> Run:
    (line,) = [one for one in made.answers.storylines if one.name == NAME]
    ranks = [rank for rank, one in enumerate(played.leads, 1) if set(one.subjects) & set(line.subjects)]
    lead = played.leads[ranks[0] - 1] if ranks else None
    others = [one.probability for one in played.leads if one is not lead]
    nodes = played.nodes_of(lead) if lead else {}
    speaking = {nodes[c.evidence[0]] for c in lead.contributions if c.bits > 0} if lead else set()
    wanted = {node.name: needles(made, node.name) for node in NODES if node.name != CELL}
    return Run(
        seed,
        ranks[0] if ranks else 0,
        lead.probability if lead else 0.0,
        {node: chance_without(lead, nodes, node) for node in (*TELLING, CELL)} if lead else {},
        max(others, default=0.0),
        len(speaking - {CELL}),
        sum(one.count for one in wanted.values()),
        sum(len(search(folder / node, one).hits) for node, one in wanted.items()),
        len(search(folder / CELL, reduce(or_, wanted.values())).hits),
        *ring(played),
        seconds,
    )


def ring(played: Played) -> tuple[float, int, int, int]:
    """What the banks find of the ring alone and together, and how many payments the cell's store holds."""
    told = [one.told for one in played.together.alone.values()]
    closed = sum(bool(played.together.rings[bank]) for bank in CIRCLE)
    cell = played.floors[CELL]
    payments = cell.read("payment", cell.reader("keeper", "exercise"), columns=["record_id"]).num_rows
    alone = sum(found for found, _ in told) / sum(of for _, of in told)
    return alone, closed, max(played.together.shared.values(), default=0), payments


def chance_without(lead: Lead, nodes: dict[bytes, str], silent: str) -> float:
    """The lead's chance had a node said nothing: its contributions taken off the sum."""
    return probability(lead.bits - sum(c.bits for c in lead.contributions if nodes[c.evidence[0]] == silent))


def table(runs: list[Run]) -> Table:
    made = Table(title="The hidden load and the ring, seed by seed", title_justify="left")
    heads = ("seed", "rank", "chance", "next lead", "nodes", "private values", "at home", "in the cell")
    heads += ("ring alone", "closed at", "supplier known to", "payments in the cell", "s")
    for head in heads:
        made.add_column(head, justify="right")
    for one in runs:
        made.add_row(
            f"{one.seed}",
            f"{one.rank or 'none'}",
            f"{one.chance:.3f}",
            f"{one.next_chance:.3f}",
            f"{one.nodes}",
            f"{one.private:,}",
            f"{one.at_home:,}",
            f"{one.leaked}",
            f"{one.alone:.0%}",
            f"{one.closed}",
            f"{one.shared}",
            f"{one.payments}",
            f"{one.seconds:.1f}",
        )
    return made


def main() -> None:
    asked = arguments()
    runs = []
    for seed in asked.seeds:
        with tempfile.TemporaryDirectory() as folder:
            runs.append(run(seed, asked.scale, Path(folder)))
    console = Console()
    console.print(table(runs))
    for node in runs[0].without:
        chances = [one.without[node] for one in runs if one.without]
        console.print(f"Had {node} said nothing: median chance {statistics.median(chances):.3f}")
    first = sum(one.rank == 1 for one in runs)
    whole = sum(one.nodes == len(TELLING) for one in runs)
    leaked = sum(one.leaked for one in runs)
    missed = sum(one.private - one.at_home for one in runs)
    closed = f"{sum(one.closed for one in runs)} of {len(runs) * len(CIRCLE)} banks"
    alone = f"{statistics.mean(one.alone for one in runs):.0%}"
    console.print(
        f"First in {first} of {len(runs)} seeds, with a part from all three nodes in {whole}; {leaked} of"
        f" {sum(one.private for one in runs):,} private values in the cell; {missed} not found where they"
        f" belong. The ring closed at {closed};"
        f" {alone} of its accounts were found by their banks alone;"
        f" {sum(one.payments for one in runs)} payments in the cell. Median"
        f" {statistics.median(one.seconds for one in runs):.1f} s without the search,"
        f" scale {asked.scale:g}, Python {platform.python_version()}.",
        highlight=False,
    )


if __name__ == "__main__":
    main()
