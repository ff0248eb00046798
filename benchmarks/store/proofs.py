"""The log alone, beside pymerkle: durable appends, proofs at a million acts, forged checkpoints.

`python -m benchmarks.store.proofs [ACTS]`, a million unless told. Ours commits each batch with an fsync, as
`Writer.acts` does; pymerkle's SqliteTree commits each chunk, its InmemoryTree keeps nothing.
"""

import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from watchfloor.store import Actor, Floor
from watchfloor.store.log import checkpoints, merkle, standalone, witnesses
from watchfloor.store.log.notes import NoteError, Signer

ACTOR = Actor("benchmark", "measuring", "none")
PROOFS = 2_000


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def append(floor, count, batch):
    with floor.writer(ACTOR) as writer:
        for start in range(0, count, batch):
            writer.acts([("query", {"what": "record", "n": n}) for n in range(start, start + batch)])


def peers(count):
    """Entries a second of pymerkle, by what was done; empty where it is not installed."""
    try:
        from pymerkle import InmemoryTree, SqliteTree
    except ImportError:
        return {}
    entries = [b"query %d" % n for n in range(count)]
    with (
        tempfile.TemporaryDirectory() as folder,
        SqliteTree(str(Path(folder) / "one.db"), algorithm="sha256") as tree,
    ):
        single = 100 / timed(lambda: [tree.append_entry(each) for each in entries[:100]])[0]
    with (
        tempfile.TemporaryDirectory() as folder,
        SqliteTree(str(Path(folder) / "many.db"), algorithm="sha256") as tree,
    ):
        batched = count / timed(lambda: tree.append_entries(entries, chunksize=1000))[0]
    memory = InmemoryTree(algorithm="sha256")
    kept = count / timed(lambda: [memory.append_entry(each) for each in entries])[0]
    prove = timed(lambda: [memory.prove_inclusion(n + 1) for n in range(0, count, max(1, count // 200))])
    return {
        "SqliteTree, one an append": single,
        "SqliteTree, 1000 a chunk": batched,
        "InmemoryTree, one an append, nothing kept": kept,
        "InmemoryTree, inclusion proofs": len(prove[1]) / prove[0],
    }


def spread(seconds):
    """Median and 95th percentile, in milliseconds."""
    ordered = sorted(seconds)
    return 1000 * statistics.median(ordered), 1000 * ordered[int(0.95 * (len(ordered) - 1))]


def processor(work):
    """As `timed`, with the seconds of the processor beside, which other programs do not change."""
    start = time.thread_time()
    seconds, result = timed(work)
    return (seconds, time.thread_time() - start), result


def proofs(floor, size):
    """Seconds of each proof of inclusion and of growth, by the clock and of the processor, each checked."""
    root = floor.log_root(size)
    leaves = {act.position: act.leaf for act in floor.acts(1, 1)} | {
        position: floor.acts(position, position)[0].leaf for position in places(size)
    }
    found = {"inclusion": [], "consistency": []}
    for position in places(size):
        seconds, proof = processor(lambda at=position: floor.inclusion(at, size))
        assert merkle.verify_inclusion(leaves[position], position - 1, size, proof, root)
        found["inclusion"].append(seconds)
    for position in places(size)[: PROOFS // 10]:
        seconds, proof = processor(lambda at=position: floor.consistency(at, size))
        assert merkle.verify_consistency(position, size, proof, floor.log_root(position), root)
        found["consistency"].append(seconds)
    return found


def places(size):
    return [1 + n * (size - 1) // (PROOFS - 1) for n in range(PROOFS)]


def forged(size):
    """How many of a checkpoint's forgeries are taken: every bit of it flipped, and other signers."""
    signer, other = Signer("cell", b"s" * 32), Signer("cell", b"t" * 32)
    note = witnesses.cosigned(
        checkpoints.signed(signer, size, bytes(32)), Signer("w", b"w" * 32), datetime.now(UTC)
    )
    data, taken, tried = note.encode(), 0, 0
    said = checkpoints.opened(note, [signer.verifier])[0]
    for at in range(8 * len(data)):
        changed = bytearray(data)
        changed[at // 8] ^= 1 << at % 8
        tried += 1
        try:
            found, _ = checkpoints.opened(bytes(changed).decode(), [signer.verifier])
            taken += found != said
        except (NoteError, UnicodeDecodeError):
            continue
    for made in (checkpoints.signed(other, size, bytes(32)), note.replace("cell", "bank")):
        tried += 1
        try:
            checkpoints.opened(made, [signer.verifier])
            taken += 1
        except NoteError:
            continue
    return taken, tried


def main(count):
    print(
        f"{count:,} acts, {platform.machine()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, pymerkle {_version('pymerkle')}"
    )
    with tempfile.TemporaryDirectory() as folder:
        floor = Floor.create(Path(folder) / "floor", ACTOR)
        rates = {}
        for batch in (1, 100, 1000):
            some = {1: 200, 100: 20_000, 1000: count}[batch]
            rates[batch] = some / timed(lambda b=batch, n=some: append(floor, n, b))[0]
            print(f"acts, {batch} a commit, durable {rates[batch]:24,.0f} acts/s")
        size = floor.position
        for name, seconds in proofs(floor, size).items():
            for by, taken in zip(("clock", "processor"), zip(*seconds, strict=True), strict=True):
                half, most = spread(taken)
                print(f"{name} proof at {size:,} acts, {by}: p50 {half:.2f} ms, p95 {most:.2f} ms")
        root = floor.log_root(size)
        proof = floor.inclusion(size // 2, size)
        (act,) = floor.acts(size // 2, size // 2)
        for name, check in (("merkle.py", merkle.verify_inclusion), ("verify.py", standalone.included)):
            asked = (act.leaf, size // 2 - 1, size, proof, root)
            seconds = [timed(lambda c=check, a=asked: c(*a))[0] for _ in range(1000)]
            print(f"check of one proof, {name}: p50 {spread(seconds)[0] * 1000:.0f} µs")
    taken, tried = forged(count)
    print(f"forged checkpoints taken: {taken} of {tried:,}")
    for name, rate in peers(min(count, 100_000)).items():
        print(f"pymerkle {name} {rate:,.0f}/s")


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
