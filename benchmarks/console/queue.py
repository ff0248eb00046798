"""The page of the queue with 100,000 leads in the ledger, 50 readers at once, while deliveries come in.

The readers ask for pages of the queue with and without filters, each about once in `--pause` seconds, and
again without any pause. `server` is what the application took, from the first byte of the request to the
first of the answer (the header Server-Timing); `reader` is what a reader waited. Beside the pages `watchfloor
ingest` takes in deliveries of 20,000 rows, one after the other. For comparison: what `watchfloor leads` does
for the same page, which weighs the queue each time.

    ./dev bench console.queue [--leads 100000] [--readers 50] [--seconds 30] [--pause 1]
"""

import argparse
import asyncio
import platform
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.console import floors, readers
from watchfloor.cell.queue import queue
from watchfloor.cell.weighing.weights import load
from watchfloor.desks.registry import declare_messages

PATHS = (
    "/leads",
    "/leads",
    "/leads?hypothesis=laundering",
    "/leads?band=0&band=1",
    "/leads?fresh=7d",
    "/leads?text=00012",
    "/leads?box=-90,42,-60,52",
    "/api/v1/leads?size=50",
)


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench console.queue", description=__doc__.split("\n\n")[0])
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between a reader's questions")
    return parser.parse_args()


class Ingesting(threading.Thread):
    """Deliveries, one after the other, by the command, until it is stopped."""

    def __init__(self, floor, folder):
        super().__init__()
        self._floor, self._folder, self._stop_it = floor, folder, threading.Event()
        self.rows = 0

    def run(self):
        while not self._stop_it.is_set():
            file = floors.parties(self._folder / f"d{self.rows}.csv", 20_000, self.rows)
            command = [sys.executable, "-m", "watchfloor", "ingest", str(file), "--floor", str(self._floor)]
            done = subprocess.run([*command, "--source", "bench"], capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(done.stderr)
            self.rows += 20_000

    def stop(self):
        self._stop_it.set()
        self.join()


def main():
    args = arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        floor = floors.leads(folder / "floor", args.leads)
        officers = readers.tokens(floor.root, args.readers)
        table = Table(
            "",
            "answers",
            "server p50",
            "server p95",
            "reader p50",
            "reader p95",
            "wrong",
            title_justify="left",
        )
        table.title = f"{args.leads:,} leads, {args.readers} readers; milliseconds"
        with readers.serving(floor.root) as (host, port, _):
            started = time.perf_counter()
            asyncio.run(readers.read(host, port, officers[:1], ["/api/v1/leads"], 0.1, 0))  # it waits
            first = time.perf_counter() - started
            for called, pause, busy in (
                (f"a page every {args.pause:g} s each", args.pause, False),
                ("the same, while rows come in", args.pause, True),
                ("no pause, while rows come in", 0.0, True),
            ):
                feeding = Ingesting(floor.root, folder) if busy else None
                if feeding:
                    feeding.start()
                waits = asyncio.run(readers.read(host, port, officers, PATHS, args.seconds, pause))
                if feeding:
                    feeding.stop()
                _row(table, called + (f" ({feeding.rows:,} rows)" if feeding else ""), waits)
        declare_messages()
        started = time.perf_counter()
        queue(floor, floor.reader("bench", floors.PURPOSE), load(), datetime.now(UTC))
        weighed = time.perf_counter() - started
    console = Console(width=140)
    console.print(table)
    console.print(
        f"first page after the start: {first:.1f} s; the queue weighed anew for one page: {weighed:.1f} s"
    )
    console.print(f"Python {platform.python_version()}; {readers.machine()}")


def _row(table, called, waits):
    values = [
        f"{readers.percentile(of, share):.1f}" for of in (waits.server, waits.reader) for share in (0.5, 0.95)
    ]
    table.add_row(called, f"{len(waits.server):,}", *values, str(waits.wrong))


if __name__ == "__main__":
    main()
