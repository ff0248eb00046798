"""The engine's groups of features beside snapml's GraphFeaturePreprocessor, on one stream in one process.

./dev bench finance.graph                    200,000 payments, windows of a day
./dev bench finance.graph --payments 500000  more of them
./dev bench finance.graph --equal 20000      rows that are compared value by value

Both run one thread; figures are processor time, medians of interleaved runs. For speed the peer gets batches
of 4,096, as its makers do: it looks ahead within a batch. For equality it gets one payment at a time. What
else it does otherwise is put right in the input or here: payments to oneself are left out (it counts them),
times are distinct (it has no order within one), and 3 is taken off its kurtosis. What stays: it keeps a
payment now and then that has left its window, and its variance and kurtosis of a few like amounts are
rounding.
"""

import argparse
import time
from collections.abc import Callable
from importlib.metadata import version
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from snapml import GraphFeaturePreprocessor

from watchfloor.desks.finance.engine.stream import DAY, Plan, Stream

BINS = tuple(range(2, 31))
WIDTH = 86_400
"""Seconds, for the peer."""
GROUPS: dict[str, dict[str, Any]] = {
    "statistics": {
        "vertex_stats": True,
        "vertex_stats_tw": WIDTH,
        "vertex_stats_cols": [4],
        "vertex_stats_feats": [0, 1, 2, 3, 4, 8, 9, 10],
    },
    "gathers": {"scatter-gather": True, "scatter-gather_tw": WIDTH, "scatter-gather_bins": list(BINS)},
    "cycles": {"temp-cycle": True, "temp-cycle_tw": WIDTH, "temp-cycle_bins": list(BINS)},
}
KURTOSIS = (7, 15, 23, 31)
"""Columns of statistics that hold it."""

Columns = tuple[Any, Any, Any, Any]


def drawn(count: int, seed: int, days: int = 10) -> Columns:
    """Payers, payees, seconds and amounts: a tenth as many accounts, a few of them very busy, bills and
    friends."""
    random = np.random.default_rng(seed)
    accounts = max(count // 10, 100)
    busy = random.pareto(1.5, accounts) + 0.2
    payer = random.choice(accounts, count, p=busy / busy.sum())
    firms = random.pareto(1.2, accounts // 20) + 0.2
    bill = random.choice(accounts // 20, count, p=firms / firms.sum())
    friend = (payer + random.integers(1, 12, count)) % accounts
    other = random.choice(accounts, count, p=busy / busy.sum())
    payee = np.choose(random.choice(3, count, p=[0.5, 0.3, 0.2]), [bill, friend, other])
    kept = payer != payee
    seconds = np.sort(random.choice(days * WIDTH, int(kept.sum()), replace=False))
    amount = np.round(random.lognormal(5, 1.3, int(kept.sum())) + 0.01, 2)
    return payer[kept], payee[kept], seconds, amount


def ours(columns: Columns, groups: tuple[str, ...]) -> Any:
    payer, payee, seconds, amount = columns
    plan = Plan(DAY, (), groups, BINS, BINS, 64, 10**9)
    return Stream(plan).take(payer, payee, seconds * 1_000_000, amount)


def peer(columns: Columns, group: str, batch: int) -> Any:
    settings = {"num_threads": 1, "time_window": WIDTH, "vertex_stats": False, "fan": False, "degree": False}
    off = {"scatter-gather": False, "temp-cycle": False, "lc-cycle": False}
    made = GraphFeaturePreprocessor()
    made.set_params(settings | off | GROUPS[group])
    rows = np.column_stack((np.arange(len(columns[0])), *columns)).astype(np.float64)
    parts = [made.transform(rows[start : start + batch]) for start in range(0, len(rows), batch)]
    return np.concatenate(parts)[:, 5:]


def equal(columns: Columns, group: str) -> float:
    """Share of rows on which every value is the peer's."""
    found, theirs = ours(columns, (group,)), peer(columns, group, 1)
    found = found[:, : theirs.shape[1]]
    if group == "statistics":
        spread = theirs[:, [column - 2 for column in KURTOSIS]] > 0
        theirs[:, KURTOSIS] -= 3.0 * spread
    return float(np.isclose(found, theirs, rtol=1e-4, atol=1e-3).all(axis=1).mean())


def timed(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--payments", type=int, default=200_000)
    words.add_argument("--equal", type=int, default=20_000)
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--seed", type=int, default=11)
    args = words.parse_args()
    columns = drawn(args.payments, args.seed)
    size = len(columns[0])
    few = tuple(column[: args.equal] for column in drawn(args.equal, args.seed + 1))
    table = Table(title=f"{size:,} payments of a drawn stream, a day's window, snapml {version('snapml')}")
    for head in ("group", "ours /s", "peer /s", "ratio", "rows equal"):
        table.add_column(head, justify="left" if head == "group" else "right")
    for group in GROUPS:
        ours(tuple(column[:500] for column in columns), (group,))
        runs = [
            (timed(lambda g=group: ours(columns, (g,))), timed(lambda g=group: peer(columns, g, 4096)))
            for _ in range(args.runs)
        ]
        mine, theirs = median(one for one, _ in runs), median(other for _, other in runs)
        ratio = median(other / one for one, other in runs)
        share = f"{equal(few, group):.2%}"
        table.add_row(group, f"{size / mine:,.0f}", f"{size / theirs:,.0f}", f"{ratio:.1f}", share)
    together = median(timed(lambda: ours(columns, tuple(GROUPS))) for _ in range(args.runs))
    table.add_row("these together", f"{size / together:,.0f}", "", "", "")
    every = median(timed(lambda: ours(columns, Plan().groups)) for _ in range(args.runs))
    table.add_row("all seven groups", f"{size / every:,.0f}", "", "", "")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
