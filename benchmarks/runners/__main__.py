"""What a runner costs beside a hand call of the same fold.

    python -m benchmarks.runners [--rows 1000000] [--keys 1000] [--rounds 5]

The hand call is what somebody would write without a runner: sort by moment, call the fold, keep the last row
of each id. The bare call is the same without sorting. Medians; the start of workers and servers stands apart.
"""

import argparse
import platform
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from statistics import median
from time import perf_counter

import numpy as np
import pyarrow as pa

from benchmarks.runners.desk import desk, heavy, light
from watchfloor.core.derived import net
from watchfloor.core.kinds import PARTY
from watchfloor.core.marking import PUBLIC
from watchfloor.desks.base import Desk, Refs
from watchfloor.run import INLINE, Pool, run, sail
from watchfloor.run.digest import net_digest
from watchfloor.run.order import moment

REFS = Refs(b"a key of no floor, for benchmarks")


def rows(count: int, keys: int) -> pa.Table:
    """Party records of `keys` people over a month, in the order of their delivery, one in twenty late."""
    rng = np.random.default_rng(20261124)
    at = np.sort(rng.integers(0, 30 * 86_400 * 10**6, count))
    at = at[
        np.argsort(
            np.arange(count) + (rng.random(count) < 0.05) * rng.integers(0, 5000, count), kind="stable"
        )
    ]
    ids = np.zeros((count, 16), np.uint8)
    ids[:, :8] = np.arange(count, dtype=np.uint64).view(np.uint8).reshape(-1, 8)
    who = pa.array([f"person:bench:{i}" for i in range(keys)]).take(pa.array(rng.integers(0, keys, count)))
    columns = {
        "record_id": pa.Array.from_buffers(pa.binary(16), count, [None, pa.py_buffer(ids.tobytes())]),
        "observed_at": pa.array(at + 1_700_000_000 * 10**6).cast(pa.timestamp("us", "UTC")),
        "subject": who,
        "marking": pa.repeat(str(PUBLIC), count),
        "delivery": pa.repeat(pa.scalar(bytes(32), pa.binary(32)), count),
    }
    plain = [pa.nulls(count, f.type) if f.nullable else pa.repeat("-", count) for f in PARTY.schema]
    arrays = [columns.get(f.name, values) for f, values in zip(PARTY.schema, plain, strict=True)]
    return pa.table(arrays, schema=PARTY.schema)


def by_hand(of: Desk, table: pa.Table) -> pa.Table:
    """The fold without a runner."""
    return bare(of, *in_order(table))


def in_order(table: pa.Table) -> tuple[pa.Table, datetime]:
    """The rows by moment, and the moment to run up to."""
    table = table.drop_columns(["country"]).sort_by("observed_at")
    return table, moment(table["observed_at"].cast(pa.int64())[-1].as_py())


def bare(of: Desk, table: pa.Table, until: datetime) -> pa.Table:
    """The call of the fold, and what it gives."""
    return net(pa.concat_tables(of.step(REFS, of.begin(REFS), table, until).values()))


def timed(work: Callable[[], pa.Table], rounds: int) -> tuple[float, str]:
    """Median seconds, and the digest of the answer."""
    work()
    seconds = []
    for _ in range(rounds):
        start = perf_counter()
        answer = work()
        seconds.append(perf_counter() - start)
    return median(seconds), net_digest(answer)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runners", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keys", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    table = rows(options.rows, options.keys)
    print(f"{options.rows:,} generated party records, {options.keys:,} keys, median of {options.rounds}")
    print(
        f"Python {platform.python_version()}, pyarrow {pa.__version__}, pysail {version('pysail')}, "
        f"pyspark-client {version('pyspark-client')}"
    )
    start = perf_counter()
    with Pool(2) as pool:
        pool_start = perf_counter() - start
        start = perf_counter()
        with sail(parts=4) as connect:
            print(f"start: pool {pool_start:.2f} s, Sail {perf_counter() - start:.2f} s")
            runners = {"inline": INLINE, "pool of 2": pool, "Sail": connect}
            for name, step in (("light", light), ("heavy", heavy)):
                compare(name, desk(step), table, runners, options.rounds)


def compare(name: str, of: Desk, table: pa.Table, runners: dict, rounds: int) -> None:
    hand, digest = timed(lambda: by_hand(of, table), rounds)
    sorted_rows = in_order(table)
    calls, _ = timed(lambda: bare(of, *sorted_rows), rounds)
    print(f"{name} fold: by hand {hand:.2f} s, the bare call {calls:.2f} s")
    inline = 0.0
    for runner_name, runner in runners.items():
        seconds, other = timed(lambda r=runner: net(run(of, {"party": table}, REFS, r)["signal"]), rounds)
        inline = inline or seconds
        same = "same digest" if other == digest else "ANOTHER DIGEST"
        ratios = (
            f"{seconds / hand:5.2f} x hand  {seconds / calls:5.2f} x bare  {seconds / inline:5.2f} x inline"
        )
        print(f"  {runner_name:10} {seconds:6.2f} s  {ratios}  {same}")


if __name__ == "__main__":
    main()
