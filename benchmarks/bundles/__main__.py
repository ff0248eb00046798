"""Signals between two nodes: what packing takes, and what checking, storing and the receipt take.

./dev bench bundles                 100,000 signals, three times; medians
./dev bench bundles --rows 10000    fewer
"""

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, TypeVar
from unittest import mock

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks.bundles.peers import PEERS
from benchmarks.bundles.rows import GATEWAY, NOW, WHO, nodes, signals
from watchfloor.exchange.bundles import offers, peers, receipts, receiving, sending, signed_notices
from watchfloor.policy.gateways import Statement
from watchfloor.policy.policy import Reader
from watchfloor.store.index.following import Follower

READER = Reader("officer", purpose="a benchmark")
STATED = Statement("for the figures", "officer", "a benchmark")
GOAL = 5.0
T = TypeVar("T")
CLOCK = time.perf_counter


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench bundles", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--peer-rows", type=int, default=20_000, help="of the peers, which take longer")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--cpu", action="store_true", help="processor time, where the machine is shared")
    return parser.parse_args()


def timed(call: Callable[[], T]) -> tuple[float, T]:
    start = CLOCK()
    made = call()
    return CLOCK() - start, made


def ours(rows: pa.Table, folder: Path) -> dict[str, float]:
    """Seconds of each step between two new floors; the receipt must agree."""
    bank, cell = nodes(folder)
    with bank.writer(WHO) as writer:
        writer.keep_run("listings", "1", bank.position, {}, {"signal": rows})
    peer = peers.standing(bank)["cell"]

    def pack() -> Any:
        given = offers.offer(bank, READER, signals=bank.signals(READER))
        packed = sending.make(bank, READER, peer, GATEWAY, STATED, given, NOW)
        with bank.writer(WHO) as writer:
            sending.log(writer, packed, peer)
        return packed

    def take() -> Any:
        with cell.writer(WHO) as writer:
            got = receiving.receive(cell, writer, packed.data, "bench", {"bench": GATEWAY}, NOW)
            return got, receipts.give(cell, writer, got, NOW)

    def compare() -> Any:
        with bank.writer(WHO) as writer:
            return receipts.receive(bank, writer, signed_notices.read(bank, receipt.encode(), "receipt"))

    packing, packed = timed(pack)
    with indexing() as spent:
        taking, (got, receipt) = timed(take)
    comparing, compared = timed(compare)
    assert got.accepted == rows.num_rows == compared.stored
    assert compared.agrees
    size = len(packed.data) / rows.num_rows
    return {"pack": packing, "take": taking, "index": sum(spent), "compare": comparing, "bytes": size}


@contextmanager
def indexing() -> Iterator[list[float]]:
    """The seconds that the floor's search index takes within the block; peers have none."""
    spent: list[float] = []
    plain = Follower.index

    def index(self: Follower, pieces: Any) -> None:
        spent.append(timed(lambda: plain(self, pieces))[0])

    with mock.patch.object(Follower, "index", index):
        yield spent


def theirs(name: str, rows: pa.Table, folder: Path) -> dict[str, float]:
    pack, take = PEERS[name]
    packing, data = timed(lambda: pack(rows))
    taking, kept = timed(lambda: take(data, folder / "rows.sqlite"))
    assert kept >= rows.num_rows
    return {"pack": packing, "take": taking, "bytes": len(data) / rows.num_rows}


def measured(times: int, once: Callable[[Path], dict[str, float]]) -> dict[str, float]:
    found = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            found.append(once(Path(folder)))
    return {step: median(one[step] for one in found) for step in found[0]}


def main() -> None:
    global CLOCK
    options = arguments()
    CLOCK = time.process_time if options.cpu else time.perf_counter
    console = Console(width=110)
    names = ("watchfloor", "stix2", "pyarrow", "cryptography")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    console.print(f"{versions}, Python {platform.python_version()}", highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        ours(signals(200, 1), Path(folder))  # loads what is compiled
    rows = signals(options.rows, 7)
    few = rows.slice(0, options.peer_rows)
    mine = measured(options.times, lambda folder: ours(rows, folder))
    clock = "processor time" if options.cpu else "time"
    table = Table(title=f"Signals, {clock}; medians of {options.times}", title_justify="left")
    for column in ("", "rows", "pack, s", "rows/s", "check, store, receipt, s", "rows/s", "bytes a row"):
        table.add_column(column, justify="right" if column else "left")
    found = {"watchfloor": (options.rows, mine)}
    for name in PEERS:
        found[name] = (
            few.num_rows,
            measured(options.times, lambda folder, name=name: theirs(name, few, folder)),
        )
    for name, (count, one) in found.items():
        table.add_row(
            name,
            f"{count:,}",
            f"{one['pack']:.2f}",
            f"{count / one['pack']:,.0f}",
            f"{one['take']:.2f}",
            f"{count / one['take']:,.0f}",
            f"{one['bytes']:.0f}",
        )
    console.print(table)
    without = mine["take"] - mine["index"]
    console.print(
        f"of taking in, the floor's search index: {mine['index']:.2f} s; without it {without:.2f} s, "
        f"{options.rows / without:,.0f} rows/s"
    )
    console.print(f"the receipt held against what was sent: {mine['compare']:.2f} s; all receipts agree")
    for name, (count, one) in list(found.items())[1:]:
        packs, takes = (count / one[step] / (options.rows / mine[step]) for step in ("pack", "take"))
        console.print(f"beside {name}: packing {1 / packs:.2f} x, taking in {1 / takes:.2f} x its rows/s")
    late = [step for step in ("pack", "take") if mine[step] > GOAL]
    if options.rows >= 100_000 and late:
        console.print(f"over {GOAL} s: {', '.join(late)}")
        sys.exit(1)


if __name__ == "__main__":
    main()
