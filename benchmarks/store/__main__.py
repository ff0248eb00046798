"""Ingest, re-ingest, reads and log appends, each beside a peer that promises less.

The peers: the same rows into a plain SQLite table (WAL, synchronous=FULL, one transaction a batch; no leaves,
no proofs, no original), the SHA-256 of the delivered file (tamper evidence for the whole only), and
pymerkle's SQLite tree (one leaf an act).
"""

import hashlib
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from watchfloor.core.kinds import PARTY
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

BATCH = 1 << 16
ACTOR = Actor("benchmark", "measuring", "none")
READER = Reader("benchmark")


def parties(start, count):
    """Generated payees, all different, of about 200 bytes each."""
    numbers = np.arange(start, start + count)
    texts = {
        "report_key": "PX-{:09d}",
        "subject": "person:remittances:{:09d}",
        "name": "Person {:09d} of Somewhere",
        "locator": "line {}",
        "context": "transfer {:09d}, 250.00 CAD",
    }
    columns = {field.name: pa.nulls(count, field.type) for field in PARTY.body}
    columns |= {name: pa.array([text.format(n) for n in numbers]) for name, text in texts.items()}
    columns["observed_at"] = pa.array(numbers * 1_000_000).cast(pa.timestamp("us", "UTC"))
    columns["role"] = pa.array(["payee"] * count)
    columns["birth_date"] = pa.array([f"19{n % 90 + 10}-0{n % 9 + 1}-1{n % 10}" for n in numbers])
    columns["marking"] = pa.array(["PB//TLP:AMBER"] * count)
    return pa.table(columns)


def delivered(batches):
    """The rows as the CSV file that a feed would have sent."""
    sink = BytesIO()
    for batch in batches:
        flat = batch.drop_columns(["origins", "identifiers"])
        pyarrow.csv.write_csv(flat, sink, pyarrow.csv.WriteOptions(include_header=False))
    return sink.getvalue()


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def ingest(floor, batches, raw):
    with floor.writer(ACTOR) as writer, writer.delivery("bench", "bench.csv", BytesIO(raw)) as intake:
        for batch in batches:
            intake.accept("party", batch)
    return intake.account


def plain_sqlite(path, batches):
    names = [name for name in batches[0].column_names if name not in ("origins", "identifiers")]
    with sqlite3.connect(path, isolation_level=None) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute(f"CREATE TABLE party ({', '.join(names)}, UNIQUE (report_key))")
        for batch in batches:
            flat = batch.select(names)
            at = names.index("observed_at")
            flat = flat.set_column(at, "observed_at", flat["observed_at"].cast(pa.int64()))
            database.execute("BEGIN")
            marks = ", ".join("?" * len(names))
            rows = zip(*(column.to_pylist() for column in flat.columns), strict=True)
            database.executemany(f"INSERT INTO party VALUES ({marks})", rows)
            database.execute("COMMIT")
    database.close()


def log_appends(floor, count, batch):
    with floor.writer(ACTOR) as writer:
        for start in range(0, count, batch):
            writer.acts([("query", {"n": n}) for n in range(start, start + batch)])


def pymerkle_appends(path, count):
    from pymerkle import SqliteTree

    with SqliteTree(str(path), algorithm="sha256") as tree:
        tree.append_entries([f"query {n}".encode() for n in range(count)], chunksize=1000)


def live(floor, count, size):
    """Live rows, each append durable on return."""
    batches = [parties(10**8 + n, size) for n in range(0, count, size)]
    with floor.writer(ACTOR) as writer:
        return timed(lambda: [writer.append("party", batch) for batch in batches])[0]


def main(rows, repeats=3):
    print(
        f"{rows:,} generated party rows, {platform.machine()}, Python {platform.python_version()}, "
        f"pyarrow {pa.__version__}, SQLite {sqlite3.sqlite_version}; medians of {repeats}"
    )
    batches = [parties(n, min(BATCH, rows - n)) for n in range(0, rows, BATCH)]
    raw = delivered(batches)
    found = [once(rows, batches, raw) for _ in range(repeats)]
    median = {name: statistics.median(each[name] for each in found) for name in found[0]}
    for name, seconds in median.items():
        ratio = median["plain SQLite"] / seconds
        print(f"{name:26} {seconds:8.2f} s {rows / seconds:14,.0f} rows/s   {ratio:6.2f}x plain SQLite")
    acts(min(rows, 100_000))


def once(rows, batches, raw):
    """Seconds of each work, over the same rows."""
    with tempfile.TemporaryDirectory() as folder:
        floor = Floor.create(Path(folder) / "floor", ACTOR)
        ingest(floor, [parties(10**9, 10)], b"warm")
        works = {
            "ingest": lambda: ingest(floor, batches, raw),
            "re-ingest": lambda: ingest(floor, batches, raw),
            "plain SQLite": lambda: plain_sqlite(Path(folder) / "plain", batches),
            "file hash": lambda: hashlib.sha256(raw).digest(),
            "read all": lambda: floor.read("party", READER),
            "read two columns as of": lambda: floor.read("party", READER, 3, ["name", "position"]),
            "verify": lambda: list(floor.verify()),
        }
        seconds = {name: timed(work)[0] for name, work in works.items()}
        assert floor.accounting()["bench"].accepted == rows + 10
        for size, count in ((100, 10_000), (1, 500)):
            seconds[f"live, {size} an append"] = live(floor, count, size) / count * rows
    return seconds


def acts(count):
    with tempfile.TemporaryDirectory() as folder:
        floor = Floor.create(Path(folder) / "floor", ACTOR)
        ours = {size: timed(lambda size=size: log_appends(floor, count, size))[0] for size in (100, 1000)}
        for size, seconds in ours.items():
            print(f"acts, {size} a commit {count / seconds:28,.0f} acts/s")
        try:
            peer = version("pymerkle")
        except PackageNotFoundError:
            print("pymerkle is not installed (./dev bench store installs it)")
            return
        seconds = timed(lambda: pymerkle_appends(Path(folder) / "pymerkle.db", count))[0]
        print(f"pymerkle {peer}, 1000 a commit {count / seconds:18,.0f} entries/s", end="")
        print(f"   ours {seconds / ours[1000]:.2f}x")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
