"""The engine's groups of features beside snapml's GraphFeaturePreprocessor, on one stream in one process.

./dev bench finance.graph                    200,000 payments, windows of a day
./dev bench finance.graph --payments 500000  more of them
./dev bench finance.graph --each 30          thrice as many for each account
./dev bench finance.graph --equal 20000      rows that are compared value by value

Both run one thread and get batches of 4,096, as the peer's makers use it; figures are processor time, medians
of interleaved runs. For equality the peer gets one payment at a time, since it looks ahead within a batch.
What else it does otherwise is put right in the input or here: payments to oneself are left out (it counts
them), times are distinct (it has no order within one), and 3 is taken off its kurtosis. Rows that still
differ are computed otherwise. Either its window is another: of statistics it begins a day before the payment
before this one, of the others it holds a payment of exactly a day ago; then its row must be that of brute
force, or of ours, over that window. Or its variance, skewness or kurtosis are wrong: it takes a variance
below 1e-5 of the square of the mean for 0, and what it lost so, or when a large amount left, is missing from
then on: then ours must be that of brute force. What is neither is unexplained.
"""

import argparse
import time
from collections import Counter
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
    "fan and degree": {
        "fan": True,
        "fan_tw": WIDTH,
        "fan_bins": list(BINS),
        "degree": True,
        "degree_tw": WIDTH,
        "degree_bins": list(BINS),
    },
    "gathers": {"scatter-gather": True, "scatter-gather_tw": WIDTH, "scatter-gather_bins": list(BINS)},
    "cycles": {"temp-cycle": True, "temp-cycle_tw": WIDTH, "temp-cycle_bins": list(BINS)},
}
OURS = {"fan and degree": "statistics"}
"""Groups of the peer that another of ours tells."""
KURTOSIS = (7, 15, 23, 31)
"""Columns of statistics that hold it."""
SIDES = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Of the four parts of statistics: payer's or payee's, what it pays or is paid."""
BATCH = 4096

Columns = tuple[Any, Any, Any, Any]


def drawn(count: int, seed: int, each: int = 10, days: int = 10) -> Columns:
    """Payers, payees, seconds and amounts: `each` payments an account, a few of them very busy, bills and
    friends."""
    random = np.random.default_rng(seed)
    accounts = max(count // each, 100)
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


def batches(columns: Columns, size: int) -> list[Columns]:
    return [
        tuple(column[start : start + size] for column in columns) for start in range(0, len(columns[0]), size)
    ]


def ours(columns: Columns, groups: tuple[str, ...], size: int = BATCH, width: int = DAY) -> Any:
    """Features of the last batch."""
    stream = Stream(Plan(width, (), groups, BINS, BINS, 64, 10**9))
    for payer, payee, seconds, amount in batches(columns, size):
        found = stream.features(payer, payee, seconds * 1_000_000, amount)
    return found


def preprocessor(group: str) -> Any:
    settings = {"num_threads": 1, "time_window": WIDTH, "vertex_stats": False, "fan": False, "degree": False}
    off = {"scatter-gather": False, "temp-cycle": False, "lc-cycle": False}
    made = GraphFeaturePreprocessor()
    made.set_params(settings | off | GROUPS[group])
    return made


def peer(columns: Columns, group: str) -> None:
    made = preprocessor(group)
    rows = np.column_stack((np.arange(len(columns[0])), *columns)).astype(np.float64)
    for start in range(0, len(rows), BATCH):
        made.transform(rows[start : start + BATCH])


def one_by_one(columns: Columns, group: str) -> Any:
    """The peer's features, of payments it got one at a time."""
    made = preprocessor(group)
    rows = np.column_stack((np.arange(len(columns[0])), *columns)).astype(np.float64)
    return np.concatenate([made.transform(rows[k : k + 1]) for k in range(len(rows))])[:, 5:]


def classed(values: Any) -> Any:
    """[n, len(BINS)] a 1 in the class of each value."""
    made = np.zeros((len(values), len(BINS) + BINS[0]))
    made[np.arange(len(values)), np.minimum(values.astype(np.int64), BINS[-1])] = 1
    return made[:, BINS[0] :]


def shown(found: Any, group: str, columns: int) -> Any:
    """Our features as the peer has them: of fan and degree a 1 in the class of payee's in and payer's out."""
    if group == "fan and degree":
        return np.hstack([classed(found[:, column]) for column in (24, 0, 25, 1)])
    return found[:, :columns]


def compared(columns: Columns, group: str) -> Counter[str]:
    """How many rows are the peer's in every value, and why others are not."""
    found, theirs = ours(columns, (OURS.get(group, group),), len(columns[0])), one_by_one(columns, group)
    if group == "statistics":
        spread = theirs[:, [column - 2 for column in KURTOSIS]] != 0
        theirs[:, KURTOSIS] -= 3.0 * spread
    told = shown(found, group, theirs.shape[1])
    equal = near(told, theirs).all(axis=1)
    counted = Counter(equal=int(equal.sum()))
    if group == "statistics":
        counted.update(cause(columns, row, told[row], theirs[row]) for row in np.flatnonzero(~equal))
    elif not equal.all():
        wider = ours(columns, (OURS.get(group, group),), len(columns[0]), DAY + 1_000_000)
        edge = ~equal & near(shown(wider, group, theirs.shape[1]), theirs).all(axis=1)
        counted.update({"another window": int(edge.sum()), "unexplained": int((~equal & ~edge).sum())})
    return counted


def near(one: Any, other: Any) -> Any:
    return np.isclose(one, other, rtol=1e-4, atol=1e-3)


def by_hand(columns: Columns, row: int, late: bool) -> Any:
    """[4, 8] the statistics of a row by brute force; `late`: of the window of the payment before it."""
    payer, payee, seconds, amount = (column[: row + 1] for column in columns)
    seen = seconds >= seconds[row - 1] - WIDTH if late else seconds > seconds[row] - WIDTH
    told = np.zeros((4, 8))
    for part, (side, way) in enumerate(SIDES):
        mine = seen & ((payer, payee)[way] == (payer, payee)[side][row])
        told[part] = moments(amount[mine], len(np.unique((payee, payer)[way][mine])))
    return told


def moments(amounts: Any, fan: int) -> list[float]:
    count = len(amounts)
    if not count:
        return [0.0] * 8
    mean = float(np.mean(amounts))
    m2, m3, m4 = (float(np.mean((amounts - mean) ** k)) for k in (2, 3, 4))
    shape = [m2, m3 / m2**1.5, m4 / m2**2 - 3.0] if m2 > 1e-12 * mean * mean else [0.0] * 3
    return [fan, count, count / fan, mean, mean * count, *shape]


def cause(columns: Columns, row: int, mine: Any, theirs: Any) -> str:
    """Why a row of statistics is not the peer's."""
    right, late = by_hand(columns, row, False), by_hand(columns, row, True)
    mine, theirs = mine.reshape(4, 8), theirs.reshape(4, 8)
    if not near(mine, right).all():
        return "unexplained"
    if near(late, theirs).all():
        return "another window"
    return "wrong spread" if near(late, theirs)[:, :5].all() else "unexplained"


def timed(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--payments", type=int, default=200_000)
    words.add_argument("--each", type=int, default=10)
    words.add_argument("--equal", type=int, default=20_000)
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--seed", type=int, default=11)
    args = words.parse_args()
    columns = drawn(args.payments, args.seed, args.each)
    size = len(columns[0])
    few = tuple(column[: args.equal] for column in drawn(args.equal, args.seed + 1, args.each))
    title = f"{size:,} payments of a drawn stream, a day's window, snapml {version('snapml')}"
    table, why = Table(title=title), {}
    for head in ("group", "ours /s", "peer /s", "ratio", "rows equal", "and explained"):
        table.add_column(head, justify="left" if head == "group" else "right")
    for group in GROUPS:
        wanted = (OURS.get(group, group),)
        ours(tuple(column[:500] for column in columns), wanted)
        runs = [
            (timed(lambda g=wanted: ours(columns, g)), timed(lambda g=group: peer(columns, g)))
            for _ in range(args.runs)
        ]
        mine, theirs = median(one for one, _ in runs), median(other for _, other in runs)
        ratio = median(other / one for one, other in runs)
        why[group] = compared(few, group)
        rows = why[group].total()
        known = f"{1 - why[group]['unexplained'] / rows:.2%}"
        share = f"{why[group]['equal'] / rows:.2%}"
        table.add_row(group, f"{size / mine:,.0f}", f"{size / theirs:,.0f}", f"{ratio:.1f}", share, known)
    together = median(
        timed(lambda: ours(columns, ("statistics", "gathers", "cycles"))) for _ in range(args.runs)
    )
    table.add_row("these together", f"{size / together:,.0f}")
    every = median(timed(lambda: ours(columns, Plan().groups)) for _ in range(args.runs))
    table.add_row("all seven groups", f"{size / every:,.0f}")
    console = Console(width=110)
    console.print(table)
    for group, counted in why.items():
        console.print(f"{group}: " + ", ".join(f"{count:,} {name}" for name, count in counted.most_common()))


if __name__ == "__main__":
    main()
