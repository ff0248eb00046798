"""Strategies of inspection over simulated years, beside greedy XGBoost, a hybrid, and one who knows.

    ./dev bench cargo.year                                        two years: a quick look
    ./dev bench cargo.year --seeds 10 --worlds plain,restless,copying
    ./dev bench cargo.year --days 120 --strategies ours,xgboost

Settings were frozen on the worlds and seeds that `frozen.toml` and `year_peers.toml` name; the table says for
each world whether it was developed on. All strategies get the same evidence, the same budget and a fit a
week. Intervals are of 95 %, of seeds drawn again; a ratio's is of the same seeds on both sides.
"""

import argparse
import hashlib
import sys
import time
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.cargo.year_peers import GreedyXgboost, Hybrid, Peers
from watchfloor.exercise.cargo_year import measure, strategies, year
from watchfloor.exercise.cargo_year.measure import SPANS, Rated, Summary
from watchfloor.exercise.cargo_year.strategies import frozen
from watchfloor.exercise.cargo_year.world import DEVELOPED, WORLDS
from watchfloor.exercise.intervals import bootstrap

PEERS = Path(__file__).with_name("year_peers.toml")
PEER = "xgboost"
ALL = (PEER, "hybrid", *strategies.MAKERS, strategies.ORACLE)


def maker(name: str, seed: int):
    peers = msgspec.toml.decode(PEERS.read_bytes(), type=Peers)
    if kind := {PEER: GreedyXgboost, "hybrid": Hybrid}.get(name):
        return lambda: kind(peers, seed)
    return strategies.maker(name, frozen.read(), seed)


def summaries(world, names, seeds, budget):
    """Each strategy's years, and the estimates of those that can make some, by span."""
    years: dict[str, list[Summary]] = {}
    rated: dict[str, dict[str, list[Rated]]] = {}
    for name in names:
        for seed in seeds:
            start = time.perf_counter()
            days = year.run(world, maker(name, seed), seed, budget, knowing=name == strategies.ORACLE)
            of = measure.summary(days)
            years.setdefault(name, []).append(of)
            spent = time.perf_counter() - start
            print(
                f"{world.name} {name} {seed}: {of.finds} of {of.best}, {spent:.0f} s",
                file=sys.stderr,
                flush=True,
            )
            for span, length in SPANS.items():
                rated.setdefault(name, {}).setdefault(span, []).extend(measure.rates(days, length))
    return years, rated


def ratio(ours: list[int], theirs: list[int]) -> str:
    share = bootstrap(lambda rows: rows[:, 0].sum() / rows[:, 1].sum(), list(zip(ours, theirs, strict=True)))
    return f"{share.value:.2f} ({share.low:.2f} to {share.high:.2f})"


def shown(world, years: dict[str, list[Summary]]) -> Table:
    developed = "developed on" if world.name in DEVELOPED else "not developed on"
    table = Table(title=f"{world.name} ({developed}), means of a year", title_justify="left")
    for head in (
        "strategy",
        "finds",
        "least to most",
        "fentanyl",
        "over greedy XGBoost",
        "regret",
        "found of findable",
        "got through",
    ):
        table.add_column(head, justify="left" if head == "strategy" else "right")
    for name, of in years.items():
        finds = [one.finds for one in of]
        peer = [one.finds for one in years[PEER]] if PEER in years else None
        table.add_row(
            name,
            f"{np.mean(finds):.0f}",
            f"{min(finds)} to {max(finds)}",
            f"{np.mean([one.fentanyl for one in of]):.1f}",
            ratio(finds, peer) if peer and sum(peer) else "",
            f"{np.mean([one.regret for one in of]):.0f}",
            f"{sum(finds) / max(1, sum(one.best for one in of)):.0%}",
            f"{np.mean([one.through for one in of]):.0f}",
        )
    return table


def estimated(world, rated: dict[str, dict[str, list[Rated]]]) -> Table:
    table = Table(title=f"{world.name}: rates from picks, nominal 95 %", title_justify="left")
    for head in ("strategy", "span", "estimates", "held the truth", "bias", "width over truth"):
        table.add_column(head, justify="right")
    for name, spans in rated.items():
        for span, told in spans.items():
            of = measure.coverage(told)
            if of.share is not None:
                table.add_row(
                    name, span, f"{of.estimates:,}", f"{of.share:.1%}", f"{of.bias:+.1%}", f"{of.width:.1f}"
                )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first", type=int, default=101)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--budget", type=float, default=0.01)
    parser.add_argument("--worlds", default="plain", help=f"of {', '.join(WORLDS)}")
    parser.add_argument("--strategies", default=",".join(ALL))
    asked = parser.parse_args()
    console = Console(width=150)
    digest = hashlib.sha256(PEERS.read_bytes()).hexdigest()
    print(f"settings {frozen.digest()[:16]}, of the peers {digest[:16]}")
    for name in asked.worlds.split(","):
        world = replace(WORLDS[name], days=asked.days, items=asked.items)
        seeds = range(asked.first, asked.first + asked.seeds)
        years, rated = summaries(world, asked.strategies.split(","), seeds, asked.budget)
        console.print(shown(world, years))
        console.print(estimated(world, rated))


if __name__ == "__main__":
    main()
