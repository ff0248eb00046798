"""STIX: reading, taking in and writing of ATT&CK, beside `stix2` on the same objects.

./dev bench exchange.stix                       ATT&CK of ../shared/data, eight times over (198,168 objects)
./dev bench exchange.stix --copies 1 FILE       another file of objects in lines
./dev bench exchange.stix --stix2 PYTHON        the interpreter that has stix2, where it is another

Rates are of processor time: of this process, and of the one that reads. Taking in is reading, checking,
normalising, identities, leaves of the log, segments, the index and the commit. A peer parses, and no more.
"""

import argparse
import gzip
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

from rich.console import Console
from rich.table import Table

from watchfloor.exchange import files
from watchfloor.exchange.stix import write
from watchfloor.feeds import config, isolation
from watchfloor.feeds.intake import ingest_all, tally
from watchfloor.formats.base import Batch
from watchfloor.formats.intelligence import stix
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

DATA = Path(__file__).parents[2].parent / "shared/data/exchange/stix/attack_enterprise.jsonl.gz"
GOAL = 20_000
WHO = Actor("benchmark", "benchmark", "none needed")
READER = Reader("benchmark", purpose="benchmark", tlp=4)

PEER = """
import json, sys, time
import stix2
lines = open(sys.argv[1], "rb").read().split(b"\\n")
start = time.process_time()
for line in lines: stix2.parse(line, allow_custom=True)
print(len(lines) / (time.process_time() - start))
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench exchange.stix", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=DATA)
    parser.add_argument("--copies", type=int, default=8, help="of the file, with other ids")
    parser.add_argument("--peer-objects", type=int, default=3_000)
    parser.add_argument("--stix2", help="an interpreter that has stix2")
    chosen = parser.parse_args()
    if not chosen.file.exists():
        sys.exit(f"{chosen.file} is not there: name a file with an object of STIX a line")
    data = chosen.file.read_bytes()
    lines = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).splitlines()
    table = Table("what", "objects", "processor s", "objects/s", "most memory, MiB")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle = folder / "bundle.json"
        count = bundled(bundle, lines, chosen.copies)
        row(table, "read", count, lambda: sum(read(bundle)))
        floor = Floor.create(folder / "floor", WHO, ceiling="PB//TLP:RED", exercise=True)
        for what in ("taken in", "taken in again"):
            taken(table, what, floor, bundle)
        written(table, floor)
        peer(table, chosen, folder, lines)
    Console().print(table)
    Console().print(f"goal: {GOAL:,} objects/s taken in; the second time nothing is written")


def bundled(path: Path, lines: list[bytes], copies: int) -> int:
    """Write a bundle of all objects some times over, each copy under ids of its own; gives how many."""
    pattern = re.compile(rb'("id": ?"[a-z-]+--)[0-9a-f]{4}')
    with path.open("wb") as out:
        out.write(b'{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000","objects":[\n')
        for copy in range(copies):
            named = [pattern.sub(rb"\g<1>%04x" % copy, line, count=1) for line in lines] if copy else lines
            out.write((b",\n" if copy else b"") + b",\n".join(named))
        out.write(b"]}\n")
    return len(lines) * copies


def read(path: Path) -> Iterator[int]:
    with path.open("rb") as stream:
        for piece in stix.read(stream, path.name):
            yield piece.rows.num_rows if isinstance(piece, Batch) else 0


def row(table: Table, what: str, count: int, work: Callable[[], int]) -> None:
    start = time.process_time()
    found = work()
    spent = time.process_time() - start
    assert found == count, (found, count)
    table.add_row(what, f"{found:,}", f"{spent:.2f}", f"{found / spent:,.0f}", "")


def taken(table: Table, what: str, floor: Floor, path: Path) -> None:
    start = time.process_time()
    with floor.writer(WHO) as writer:
        total = tally(ingest_all(writer, [path], config.load(floor.root))).total
    usage = isolation.last()
    spent = time.process_time() - start + usage.seconds
    said = f"{what}: {total.accepted:,} accepted, {total.duplicate:,} duplicate, {total.quarantined:,} apart"
    rate = f"{total.received / spent:,.0f}"
    table.add_row(said, f"{total.received:,}", f"{spent:.2f}", rate, f"{usage.memory >> 20:,}")


def written(table: Table, floor: Floor) -> None:
    given = files.all_of(floor, READER, files.FORMATS["stix"]._replace(kinds=("intelligence-object",)))
    shared = files.own(floor, given, (), floor.now(), "en")
    row(table, "written", given.count, lambda: write.write(shared, BytesIO()))


def peer(table: Table, chosen: argparse.Namespace, folder: Path, lines: list[bytes]) -> None:
    step = max(1, len(lines) // chosen.peer_objects)
    few = folder / "peer.jsonl"
    few.write_bytes(b"\n".join(lines[::step]))
    asked = [chosen.stix2 or sys.executable, "-c", PEER, str(few)]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    if found.returncode:
        table.add_row("stix2.parse: not installed", "", "", "", "")
        return
    count = len(lines[::step])
    rate = json.loads(found.stdout)
    table.add_row("stix2.parse", f"{count:,}", f"{count / rate:.2f}", f"{rate:,.0f}", "")


if __name__ == "__main__":
    main()
