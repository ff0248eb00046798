"""The engine on small random graphs beside brute force: every feature of every payment, and every cut.

./dev bench finance.exactness                     10^5 graphs
./dev bench finance.exactness --graphs 2000       fewer of them
./dev bench finance.exactness --first 50000       graphs from the 50,000th on (a long run in slices)

A graph has up to 20 payments among 3 to 7 accounts, with payments to oneself, equal times and amounts, and
amounts from cents to millions. The oracle is that of the tests: each feature from all payments before it,
with nothing remembered. Cuts: the same payments in batches of random sizes, frozen and thawed between some,
must give the same bytes for all groups of features. A difference ends the run with its graph's number.
"""

import argparse
import time

import numpy as np
from rich.console import Console
from rich.progress import track
from tests.desks.finance.engine import oracle

from watchfloor.desks.finance.engine.stream import Plan, Stream

WIDTH, WINDOWS = 20, (("short", 5), ("long", 50))
SIZES, LENGTHS, LONGEST = (2, 3, 4), (2, 3, 4, 5), 6
AMOUNTS = (0.01, 5.0, 9.99, 10.01, 100.0, 9_900.0, 1e6)
GROUPS = ("statistics", "gathers", "cycles")

Rows = list[tuple[int, int, int, float]]


def plan(*groups: str) -> Plan:
    return Plan(WIDTH, WINDOWS, groups or Plan().groups, SIZES, LENGTHS, LONGEST, 10**9)


def drawn(number: int) -> Rows:
    """The graph of a number: payer, payee, time, amount."""
    random = np.random.default_rng((20261126, number))
    accounts, size = int(random.integers(3, 8)), int(random.integers(1, 21))
    time = np.cumsum(random.integers(0, int(random.integers(2, 9)), size))
    ends = random.integers(0, accounts, (size, 2))
    amounts = random.choice(AMOUNTS, size)
    return [(int(u), int(v), int(t), float(a)) for (u, v), t, a in zip(ends, time, amounts, strict=True)]


def expected(rows: Rows, group: str, i: int) -> list[float]:
    """What brute force says of a payment, as many columns as it knows."""
    if group == "statistics":
        widths = (WIDTH, *(width for _, width in WINDOWS))
        return [value for width in widths for value in oracle.statistics(rows, i, width)]
    if group == "gathers":
        return list(oracle.gathers(rows, i, WIDTH, SIZES))
    return list(oracle.cycles(rows, i, WIDTH, LENGTHS, LONGEST))


def wrong(rows: Rows) -> str | None:
    """The first payment and group in which the engine is not brute force; none where it is.

    Sums and shapes are compared to four digits (the oracle's own are doubles), counts to the last.
    """
    columns = oracle.table(rows)
    for group in GROUPS:
        want = np.array([expected(rows, group, i) for i in range(len(rows))])
        found = Stream(plan(group)).features(*columns)[:, : want.shape[1]]
        same = np.isclose(found, want, rtol=1e-4, atol=1e-4) if group == "statistics" else found == want
        if not same.all():
            return f"payment {int(np.argmin(same.all(axis=1)))}, {group}"
    return None


def cut_matters(rows: Rows, number: int) -> bool:
    """Whether some way to cut the stream gives other bytes."""
    random = np.random.default_rng((7, number))
    columns = oracle.table(rows)
    stream, parts, done = Stream(plan()), [], 0
    while done < len(rows):
        end = done + int(random.integers(1, 8))
        parts.append(stream.features(*(column[done:end] for column in columns)))
        if random.random() < 0.2:
            stream = Stream(plan()).thaw(stream.freeze())
        done = end
    return bool(np.concatenate(parts).tobytes() != Stream(plan()).features(*columns).tobytes())


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--graphs", type=int, default=100_000)
    words.add_argument("--first", type=int, default=0)
    args = words.parse_args()
    payments, start, console = 0, time.monotonic(), Console(width=110, stderr=True)
    for number in track(range(args.first, args.first + args.graphs), "graphs", console=console):
        rows = drawn(number)
        payments += len(rows)
        if (where := wrong(rows)) is not None:
            raise SystemExit(f"graph {number}: {where} is not what brute force says")
        if cut_matters(rows, number):
            raise SystemExit(f"graph {number}: a cut gives other bytes")
    seconds = time.monotonic() - start
    Console(width=110).print(
        f"{args.graphs:,} graphs from number {args.first:,} on, {payments:,} payments: all equal to brute "
        f"force in {', '.join(GROUPS)}, and the same bytes however cut ({seconds:,.0f} s)"
    )


if __name__ == "__main__":
    main()
