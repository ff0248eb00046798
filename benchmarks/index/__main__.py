"""Indexed ingest while two processes read, and what they and a reader alone wait for; beside plain stores.

Deliveries of 1,000 generated rows (half parties with a name and a context, a quarter reports of 44 words, a
quarter disclosures with a place), a commit each, three in ten of a marking that the readers may not see, one
in fifty an amendment. Two reader processes ask in turn as of a position, by words and by box and window, with
a pause of 20 ms between questions. Afterwards one reader asks alone. The peers keep no leaves, proofs or
originals, and give the newest rows where we rank. `processor` is what the asking process computed, without
what a server computed for it.

    python -m benchmarks.index [--rows 1000000] [--repeat 1] [--only watchfloor]
"""

import argparse
import importlib
import multiprocessing
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.index import plain_postgres, rows
from benchmarks.index.readers import COUNT, questions, read

STORES = {"watchfloor": "ours", "SQLite": "plain_sqlite", "PostgreSQL": "plain_postgres"}


WIDTHS = (10, 8, 10, 8, 11, 8)
"""Of the printed columns."""


def once(name, count, folder):
    """One store: rows a second, processor seconds of the writing process, and what readers waited."""
    module = f"benchmarks.index.{STORES[name]}"
    store = importlib.import_module(module)
    context = multiprocessing.get_context("spawn")
    with store.served(folder) as address:
        writing = store.Writing(address)
        writing.deliver(0, rows.delivery(0))  # warm
        ready, stop, told = context.Barrier(3), context.Event(), context.Queue()
        beside = [
            context.Process(target=read, args=(module, address, seed, ready, stop, told)) for seed in (1, 2)
        ]
        for process in beside:
            process.start()
        ready.wait()
        wall = processor = 0.0
        for number in range(1, count // rows.DELIVERY):
            made = rows.delivery(number)
            before, used = time.perf_counter(), time.process_time()
            writing.deliver(number, made)
            wall += time.perf_counter() - before
            processor += time.process_time() - used
        writing.close()
        stop.set()
        shared = [told.get(timeout=120) for _ in beside]
        for process in beside:
            process.join()
        reading = store.Reading(address)
        asks = questions(reading, rows.questions(3, COUNT, 365), 3)
        alone = {question: _alone(ask, time.perf_counter) for question, ask in asks.items()}
        used = {question: _alone(ask, time.process_time) for question, ask in asks.items()}
        reading.close()
    together = {question: [s for each in shared for s in each[question]] for question in shared[0]}
    done = count - rows.DELIVERY
    return {
        "rows/s": done / wall,
        "processor": processor / done * 1e6,
        "beside": together,
        "alone": alone,
        "used": used,
    }


def _alone(ask, clock):
    spent = []
    for number in range(COUNT):
        start = clock()
        ask(number)
        spent.append(clock() - start)
    return spent


def share(seconds, part):
    """Milliseconds that this part of the questions took at most."""
    return 1e3 * sorted(seconds)[min(int(part * len(seconds)), len(seconds) - 1)]


def report(name, found, peer):
    speed = statistics.median(one["rows/s"] for one in found)
    used = statistics.median(one["processor"] for one in found)
    ratio = speed / statistics.median(one["rows/s"] for one in peer)
    print(f"\n{name}: indexed ingest {speed:,.0f} rows/s ({ratio:.2f}x plain SQLite)")
    print(f"  {used:.0f} processor seconds of the writing process a million rows")
    heads = ("alone p50", "p95", "processor", "p95", "beside p50", "p95")
    print(f"  {'question, ms':16}", *(f"{head:>{width}}" for head, width in zip(heads, WIDTHS, strict=True)))
    for question in found[0]["alone"]:
        cells = [
            statistics.median(share(one[when][question], part) for one in found)
            for when in ("alone", "used", "beside")
            for part in (0.5, 0.95)
        ]
        numbers = zip(cells, WIDTHS, strict=True)
        print(f"  {question:16}", *(f"{cell:{width}.2f}" for cell, width in numbers))


def versions():
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    if plain_postgres.programs() is None:
        print("PostgreSQL is left out: it is not installed (initdb and pg_ctl)")
    else:
        print(plain_postgres.version())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--only", choices=STORES, action="append")
    chosen = parser.parse_args()
    versions()
    names = [name for name in chosen.only or STORES if name != "PostgreSQL" or plain_postgres.programs()]
    found = {name: [] for name in names}
    for _ in range(chosen.repeat):
        for name in names:
            with tempfile.TemporaryDirectory() as folder:
                found[name].append(once(name, chosen.rows, Path(folder)))
            print(
                f"{name}: {found[name][-1]['rows/s']:,.0f} rows/s, load {os.getloadavg()[0]:.1f}", flush=True
            )
    print(f"\n{chosen.rows:,} rows, medians of {chosen.repeat}")
    for name in names:
        report(name, found[name], found.get("SQLite", found[name]))


if __name__ == "__main__":
    main()
