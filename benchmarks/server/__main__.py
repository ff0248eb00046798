"""Ingest and reads of a floor on PostgreSQL, beside one in a folder and beside one plain table.

The same generated rows for all. The peers keep no leaves, no proofs and no original: COPY into one table, and
INSERT in batches, each in one transaction, with a unique key as the store has one. The server is one of our
own with the defaults of its version (fsync on) on the same disk; what a network costs is not measured here.

Then what a command costs to start, on a floor in a folder and on one on the server.
"""

import platform
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import psycopg
import pyarrow as pa

from benchmarks.server.cluster import cluster
from benchmarks.store.__main__ import ACTOR, BATCH, READER, delivered, ingest, live, parties, timed
from watchfloor.store import Floor

REPOSITORY = Path(__file__).parents[2]


def flat(batch):
    """Rows of a batch as a plain table takes them."""
    table = batch.drop_columns(["origins", "identifiers"])
    return [table.column_names, list(zip(*(column.to_pylist() for column in table.columns), strict=True))]


def plain(dsn, batches, how):
    """Rows into one table with a unique key."""
    with psycopg.connect(dsn) as database:
        names, _ = flat(batches[0].slice(0, 1))
        columns = ", ".join(f"{name} {'timestamptz' if name == 'observed_at' else 'text'}" for name in names)
        database.execute("DROP TABLE IF EXISTS party")
        database.execute(f"CREATE TABLE party ({columns}, UNIQUE (report_key))")
        database.commit()

        def work():
            for batch in batches:
                how(database.cursor(), names, flat(batch)[1])
                database.commit()

        return timed(work)[0]


def copied(cursor, names, rows):
    with cursor.copy(f"COPY party ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def inserted(cursor, names, rows):
    cursor.executemany(
        f"INSERT INTO party ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})", rows
    )


def floors(rows, batches, raw, address):
    """Seconds of each work, on a floor in a folder or on a server."""
    with tempfile.TemporaryDirectory() as folder:
        floor = Floor.create(Path(folder) / "floor", ACTOR, server=address)
        ingest(floor, [parties(10**9, 10)], b"warm")
        works = {
            "ingest": lambda: ingest(floor, batches, raw),
            "the same again": lambda: ingest(floor, batches, raw),
            "read all": lambda: floor.read("party", READER),
        }
        seconds = {name: timed(work)[0] for name, work in works.items()}
        assert floor.accounting()["bench"].accepted == rows + 10
        for size, count in ((100, 5_000), (1, 300)):
            seconds[f"live, {size} an append"] = live(floor, count, size) / count * rows
        return seconds


def started(floor):
    """Seconds of processor time of a whole process that opens a floor and reads its log's head."""
    code = "import sys; from watchfloor.store import Floor; print(Floor.open(sys.argv[1]).position)"
    command = [sys.executable, "-c", code, str(floor.root)]
    before = _of_children()
    subprocess.run(command, check=True, capture_output=True, cwd=REPOSITORY)
    return _of_children() - before


def _of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def starts(address, repeats):
    with tempfile.TemporaryDirectory() as folder:
        made = {
            "folder": Floor.create(Path(folder) / "a", ACTOR),
            "server": Floor.create(Path(folder) / "b", ACTOR, server=address),
        }
        for name, floor in made.items():
            started(floor)
            seconds = statistics.median(started(floor) for _ in range(repeats))
            print(f"open a floor, {name:38} {seconds:8.2f} s of processor time (median of {repeats})")


def main(rows, repeats=3):
    with cluster() as address:
        dsn = address.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(dsn) as database:
            (served,) = database.execute("SHOW server_version").fetchone()
        print(
            f"{rows:,} generated party rows, {platform.machine()}, Python {platform.python_version()}, "
            f"pyarrow {pa.__version__}, PostgreSQL {served}, psycopg {version('psycopg')}, "
            f"SQLite {sqlite3.sqlite_version}; medians of {repeats}, "
            f"{time.strftime('%Y-%m-%d')}"
        )
        batches = [parties(n, min(BATCH, rows - n)) for n in range(0, rows, BATCH)]
        raw = delivered(batches)
        found = [once(rows, batches, raw, address, dsn) for _ in range(repeats)]
        median = {name: statistics.median(each[name] for each in found) for name in found[0]}
        peer = median["COPY into one plain table"]
        for name, seconds in median.items():
            print(f"{name:50} {seconds:8.2f} s {rows / seconds:12,.0f} rows/s   {peer / seconds:6.3f}x COPY")
        starts(address, 5)


def once(rows, batches, raw, address, dsn):
    seconds = {"COPY into one plain table": plain(dsn, batches, copied)}
    seconds["INSERT into one plain table"] = plain(dsn, batches, inserted)
    for name, where in (("server", address), ("folder", "")):
        seconds |= {f"{name}: {work}": took for work, took in floors(rows, batches, raw, where).items()}
    return seconds


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
