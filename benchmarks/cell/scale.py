"""Linking and weighing alone, and end to end through `watchfloor weigh`, from 10^5 to 10^6 signals."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.cell.manners import MANNERS

SIZES = (100_000, 300_000, 1_000_000)


class Scale(NamedTuple):
    """CPU seconds of linking and weighing alone, CPU and wall seconds of the whole command; what it found.

    On one core CPU time is what a machine with nothing else to do would take.
    """

    signals: int
    core: float
    whole: float
    wall: float
    leads: int
    hubs: int
    largest: int
    megabytes: float


def signals(count: int, seed: int = 7) -> pa.Table:
    """Reports about people with telephones, addresses and places; echoes; and a bank that everybody names."""
    rng = np.random.default_rng(seed)
    firsts = int(count * 0.7)
    of = np.concatenate([np.arange(firsts), rng.integers(0, firsts, count - firsts)])
    echo = np.arange(count) >= firsts
    person = rng.integers(0, max(count // 4, 1), firsts)[of]
    at = rng.random(firsts)[of] * 30 * 86_400e6 + np.where(echo, rng.exponential(2e10, count), 0)
    latitude = (45 + 4 * rng.random(count // 4 + 1))[person] + rng.normal(0, 0.2, firsts)[of]
    longitude = (-80 + 15 * rng.random(count // 4 + 1))[person] + rng.normal(0, 0.2, firsts)[of]
    ids = np.char.add("s", np.arange(count).astype(str))
    lost = rng.random(count) < 0.3
    source = rng.integers(0, 12, count)
    return pa.table(
        {
            "signal_id": pa.array(ids),
            "desk": pa.array(np.array(["finance", "cargo", "surveillance"])[source % 3]),
            "subjects": subjects(rng, person),
            "bits": pa.array(rng.normal(0.5, 2, firsts)[of]),
            "origin": pa.array(ids[of], mask=~echo | lost),
            "source": pa.array(np.char.add("source-", source.astype(str))),
            "at": pa.array((at + datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1e6).astype(np.int64)).cast(
                pa.timestamp("us", "UTC")
            ),
            "text": pa.array(MANNERS["paraphrase"](rng, person, source, of, echo, np.ones(count, bool))),
            "latitude": pa.array(latitude),
            "longitude": pa.array(longitude),
            "radius": pa.array(np.full(count, 200.0)),
        }
    )


def subjects(rng: np.random.Generator, person: np.ndarray) -> pa.Array:
    """The person; at times a telephone that a second person shares, and a bank with one of 20 addresses."""
    rows = zip(
        person.tolist(),
        rng.random(len(person)).tolist(),
        rng.integers(0, 20, len(person)).tolist(),
        strict=True,
    )
    return pa.array(
        [
            [f"person:case:{who}"]
            + ([f"phone:e164:{who // 2}"] if chance < 0.3 else [])
            + ([f"address:bank:{bank}"] if chance > 0.8 else [])
            for who, chance, bank in rows
        ]
    )


def core_seconds(table: pa.Table) -> float:
    """Linking and weighing alone: arrays in, shares out."""
    from watchfloor.cell.bulk.input_signals import read, with_types
    from watchfloor.cell.linking import link
    from watchfloor.cell.weighing.counting import Members, chances, count_once, strongest_first, summed

    given = read(with_types(table, "signals"))

    def once() -> None:
        links = link(given.named, len(given.keys), given.caps)
        members = strongest_first(Members(links.start, links.signals), given.bits, given.at)
        counted = count_once(members, given.bits, given.rests, given.group, given.rho)
        summed(members.start, counted.share * given.bits[members.signals], chances(links.size))

    once()
    started = process_time()
    once()
    return process_time() - started


def at_scale(count: int) -> Scale:
    """One size, the command in a process of its own on one core."""
    table = signals(count)
    core = core_seconds(table)
    with TemporaryDirectory() as folder:
        given, leads = Path(folder) / "signals.parquet", Path(folder) / "leads.parquet"
        pq.write_table(table, given)
        started = perf_counter()
        done = run(
            [sys.executable, "-c", ONE_CORE, "weigh", str(given), "-o", str(leads), "--json"],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"},
        )
        wall = perf_counter() - started
        cpu, megabytes = map(float, done.stderr.split()[-2:])
        said = json.loads(done.stdout)
        largest = max(map(len, pq.read_table(leads, columns=["subjects"])["subjects"].to_pylist()))
        return Scale(count, core, cpu, wall, said["leads"], said["hubs"], largest, megabytes)


ONE_CORE = """
import os, resource, sys
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
import pyarrow as pa
pa.set_cpu_count(1)
from watchfloor.cli import app
try:
    app()
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)
"""
"""The command, kept to one core; its last words are CPU seconds and peak memory, MB."""
