"""Ingest of party rows from a CSV file, beside a plain loader: the csv module, a SHA-256 a row, SQLite.

Ours reads, checks and marks each row, gives it a keyed identity, keeps it under a salted leaf with the bytes
it came from, and commits with fsync. The peer parses, hashes the text of a row and inserts it, in one
transaction with synchronous=FULL. Both start from the same file (seed 1) with a warm page cache.

    python -m benchmarks.ingest [--rows 1000000] [--repeat 3]
"""

import argparse
import csv
import hashlib
import platform
import random
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from watchfloor.feeds.config import Feeds
from watchfloor.feeds.intake import Tally, ingest_all, tally
from watchfloor.store import Actor, Floor

ACTOR = Actor("benchmark", "benchmark", "none needed")
GIVEN = "Ava Noah Liam Emma Olivia Louis Jade Alice Léo Félix Amir Mei Ana Omar Ivan Zoé".split()
FAMILY = "Tremblay Roy Smith Nguyen Gagnon Côté Singh Chen Brown Martin Okafor Haddad Silva Kowalski".split()
HEADER = "report_key,observed_at,role,name,schema,birth_date,country,context"


def write(path: Path, rows: int, seed: int = 1) -> None:
    draw = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER + "\n")
        for number in range(rows):
            name = f"{draw.choice(GIVEN)} {draw.choice(FAMILY)}"
            born = f"{draw.randrange(1940, 2006)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
            at = f"2026-11-{draw.randrange(1, 21):02}T{draw.randrange(24):02}:{draw.randrange(60):02}:00Z"
            file.write(f'P{number:08},{at},consignee,{name},Person,{born},CA,"parcel, {number % 97} kg"\n')


def ours(path: Path, folder: Path) -> tuple[float, Tally]:
    floor = Floor.create(folder, ACTOR)
    start = time.perf_counter()
    sums = take_in(floor, path)
    return time.perf_counter() - start, sums


def take_in(floor: Floor, path: Path) -> Tally:
    with floor.writer(ACTOR) as writer:
        return tally(ingest_all(writer, [path], Feeds()))


def peer(path: Path, database: Path) -> float:
    start = time.perf_counter()
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"CREATE TABLE party (id BLOB PRIMARY KEY, {HEADER}) WITHOUT ROWID")
    with path.open(encoding="utf-8", newline="") as file, connection:
        rows = csv.reader(file)
        next(rows)
        hashed = ((hashlib.sha256("\x1f".join(row).encode()).digest(), *row) for row in rows)
        connection.executemany("INSERT OR IGNORE INTO party VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", hashed)
    connection.close()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "warm.csv", 1_000)
        ours(folder / "warm.csv", folder / "warm")  # compiles what is compiled once
        path = folder / "parties.csv"
        write(path, chosen.rows)
        mine, theirs, again = [], [], []
        for number in range(chosen.repeat):
            seconds, sums = ours(path, folder / f"floor{number}")
            assert sums.total.accepted == chosen.rows, sums
            mine.append(seconds)
            theirs.append(peer(path, folder / f"peer{number}.sqlite"))
            start = time.perf_counter()
            repeated = take_in(Floor.open(folder / f"floor{number}"), path)
            again.append(time.perf_counter() - start)
            assert (repeated.total.accepted, repeated.total.duplicate) == (0, chosen.rows), repeated
        report(chosen.rows, path.stat().st_size, *(statistics.median(one) for one in (mine, theirs, again)))


def report(rows: int, size: int, mine: float, theirs: float, again: float) -> None:
    print(f"{rows:,} generated party rows (seed 1), {size / 1e6:.0f} MB of CSV; medians")
    print(f"watchfloor ingest          {rows / mine:>12,.0f} rows/s")
    print(f"  the same file again      {rows / again:>12,.0f} rows/s, 0 new rows")
    print(f"csv + sha256 + SQLite      {rows / theirs:>12,.0f} rows/s")
    print(f"ratio to the peer          {theirs / mine:>12.2f}")
    print(f"pyarrow {pa.__version__}, SQLite {sqlite3.sqlite_version}, Python {platform.python_version()}")


if __name__ == "__main__":
    main()
