"""Strategies of inspection over simulated years, beside greedy XGBoost, a hybrid, and one who knows.

    ./dev bench cargo.year                                        two years: a quick look
    ./dev bench cargo.year --first 111 --seeds 10 --jobs 2 --minutes 30
    ./dev bench cargo.year --worlds restless --strategies ours,xgboost,oracle
    ./dev bench cargo.year --strategies ours,greedy --peer greedy --budget 0.0025,0.01,0.04

Settings were frozen on the world and the seeds that `frozen.toml` and `year_peers.toml` name. All strategies
get the same evidence, the same budget and a fit a week. Each year is told as it ends, strategy by strategy in
the order asked, so that a run that is cut says how it compares those it came to.
"""

import argparse
import hashlib
import time
from dataclasses import replace
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.console import Console

from benchmarks.cargo.year_tables import Year, compared, rated
from watchfloor.exercise.cargo_year import measure, strategies, year
from watchfloor.exercise.cargo_year.strategies import frozen
from watchfloor.exercise.cargo_year.world import WORLDS, World

PEERS = Path(__file__).with_name("year_peers.toml")
PEER = "xgboost"
FIRST = (PEER, "ours", strategies.ORACLE, "rules", "hybrid")
ALL = (*FIRST, *(name for name in strategies.MAKERS if name not in FIRST))


class Job(NamedTuple):
    """One year of one strategy, begun no later than `until`, a time of the clock."""

    world: World
    seed: int
    strategy: str
    budget: float
    until: float


def maker(name: str, seed: int):
    if name in (PEER, "hybrid"):
        from benchmarks.cargo.year_peers import GreedyXgboost, Hybrid, Peers

        peers = msgspec.toml.decode(PEERS.read_bytes(), type=Peers)
        kind = {PEER: GreedyXgboost, "hybrid": Hybrid}[name]
        return lambda: kind(peers, seed)
    return strategies.maker(name, frozen.read(), seed)


def lived(job: Job) -> Year | None:
    """The year, or None where it is too late to begin it."""
    if time.time() > job.until:
        return None
    start = time.perf_counter()
    knowing = job.strategy == strategies.ORACLE
    days = year.run(job.world, maker(job.strategy, job.seed), job.seed, job.budget, knowing=knowing)
    rates = {span: measure.rates(days, length) for span, length in measure.SPANS.items()}
    return Year(job.strategy, job.seed, measure.summary(days), rates, time.perf_counter() - start)


def years(jobs: list[Job], processes: int) -> list[Year]:
    """Those that were begun in time, each told as it ends."""
    done = []
    with get_context("spawn").Pool(processes) as pool:
        for one in filter(None, pool.imap_unordered(lived, jobs)):
            of = one.summary
            print(f"{jobs[0].world.name} {one.seed} {one.strategy}: {of.finds} finds of {of.best},", end=" ")
            print(f"{one.seconds:.0f} s", flush=True)
            done.append(one)
    return sorted(done, key=lambda one: one.seed)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first", type=int, default=101)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--budget", default="0.01", help="shares of a day's items, each by itself")
    parser.add_argument("--peer", default=PEER, help="the strategy that the others are held against")
    parser.add_argument("--worlds", default="plain", help=f"of {', '.join(WORLDS)}")
    parser.add_argument("--strategies", default=",".join(ALL))
    parser.add_argument("--jobs", type=int, default=1, help="years at once, each on one core")
    parser.add_argument("--minutes", type=float, default=1e6, help="after which no year of a world is begun")
    asked = parser.parse_args()
    console = Console(width=150)
    peers = hashlib.sha256(PEERS.read_bytes()).hexdigest()
    print(f"settings {frozen.digest()[:16]}, of the peers {peers[:16]}", flush=True)
    for name, budget in product(asked.worlds.split(","), map(float, asked.budget.split(","))):
        print(f"{name}, {100 * budget:g} % of the items, {asked.days} days", flush=True)
        world = replace(WORLDS[name], days=asked.days, items=asked.items)
        until = time.time() + 60 * asked.minutes
        jobs = [
            Job(world, seed, strategy, budget, until)
            for strategy in asked.strategies.split(",")
            for seed in range(asked.first, asked.first + asked.seeds)
        ]
        done = years(jobs, asked.jobs)
        console.print(compared(world, done, asked.peer))
        console.print(rated(done))


if __name__ == "__main__":
    main()
