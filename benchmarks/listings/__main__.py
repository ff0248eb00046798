"""Screening beside its peers on the public lists: speed, memory, recall, false positives."""

import argparse
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from benchmarks.listings import failures
from benchmarks.listings.measure import fresh, run
from benchmarks.listings.peers import PEERS
from benchmarks.listings.questions import HALVES, latin_only, questions
from benchmarks.listings.report import by_question, endurance, many, show

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
QUICK = {"each": 20, "latin": 200, "other": 40}
FULL = {"each": 150, "latin": 2_000, "other": 1_000}
QUICK_PEERS = ("watchfloor", "logic-v2", "token_sort_ratio")
FULL_PEERS = (*QUICK_PEERS, "logic-v1", "logic-v2, own index")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench listings", description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="fewer questions, two peers: under two minutes")
    add("--list", action="append", type=Path, metavar="PATH", help="lists; default: the public ones")
    add("--peer", action="append", choices=PEERS, help="only these screeners")
    add("--half", choices=HALVES, default="test", help="which half's rates are shown; default: test")
    add("--failures", type=Path, metavar="CSV", help="write our failing development questions there")
    add("--rates-only", action="store_true", help="leave out hostile names, list change and many names")
    return parser.parse_args()


def public_lists() -> list[Path]:
    """UN, OFAC and the newest English text of the Canadian regulations, from the shared data."""
    law = (
        path for path in sorted((DATA / "law").glob("SOR-*@2026-07-23.xml")) if "2002-359" not in path.name
    )
    return [*sorted((DATA / "lists").glob("*")), *law]


def load(paths: list[Path]) -> pa.Table:
    """Listings of any format, or of a Parquet file that was written from them."""
    if all(path.suffix == ".parquet" for path in paths):
        return pa.concat_tables(map(pq.read_table, paths))
    from watchfloor.reference.listings import read

    return read(paths)


def described(listings: pa.Table, asked: int) -> str:
    entities = len(set(listings["entity_id"].to_pylist()))
    names = sum(map(len, listings["names"].to_pylist()))
    return (
        f"{entities:,} entities, {names:,} names in Latin letters; {asked:,} questions. "
        f"Python {platform.python_version()}, pyicu-wheels {version('pyicu-wheels')}."
    )


def main() -> int:
    options = arguments()
    console = Console(width=None if sys.stdout.isatty() else 220)
    paths = options.list or public_lists()
    if not paths:
        console.print(f"No lists: {DATA} is absent. Name some with --list PATH.")
        return 2
    if absent := [path for path in paths if not path.exists()]:
        console.print(f"No such list: {', '.join(map(str, absent))}.")
        return 2
    published = load(paths)
    asked = questions(published, **(QUICK if options.quick else FULL))
    listings = latin_only(published)
    console.print(described(listings, len(asked)), highlight=False)
    runs = []
    peers = options.peer or (QUICK_PEERS if options.quick else FULL_PEERS)
    for peer in peers:
        console.print(f"asking {peer} …", highlight=False)
        runs.append(fresh(run, peer, listings, asked))
    show(console, runs, asked, options.half)
    if "watchfloor" in peers and not options.rates_only:
        console.print(*endurance(listings))
        if not options.quick:
            console.print(many(listings, asked))
    if options.failures:
        failures.write(options.failures, by_question(runs[0], asked))
    return 0


if __name__ == "__main__":
    sys.exit(main())
