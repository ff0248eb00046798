"""Decisions of our policy beside Cedar and Casbin: that they are equal, and how many a second; and the mask.

./dev bench policy                       1,000,000 pairs of reader and marking
./dev bench policy --readers 200         fewer
"""

import argparse
import platform
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from statistics import median

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks.policy.casbins import enforcer
from benchmarks.policy.cedar import POLICY, decisions, entities, requests
from benchmarks.policy.draw import markings, readers
from watchfloor.core.marking import Marking
from watchfloor.policy.policy import Reader, allowed, mask

MARKINGS = 500
ROWS = 1_000_000
CASBIN = 20_000
"""Pairs that Casbin decides: it is too slow for all."""
SINGLE = 300
"""Pairs that Cedar decides one call each, as it parses policy and entities anew."""
REPEATS = 15


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench policy", description=__doc__)
    parser.add_argument("--readers", type=int, default=2_000, help="readers drawn; default: 2000")
    return parser.parse_args()


def main() -> None:
    some, marked, console = readers(arguments().readers), markings(MARKINGS), Console()
    console.print(f"{platform.python_version()}; cedarpy {version('cedarpy')}, casbin {version('casbin')}")
    ours, rate = timed(lambda: [allowed(reader, marking) for reader in some for marking in marked])
    table = Table(
        "who", "decisions", "a second", "ours is", "differ", title="Decisions", title_justify="left"
    )
    table.add_row("watchfloor", f"{len(ours):,}", f"{rate:,.0f}", "", "")
    for name, decide, most in PEERS:
        chosen = some[: max(1, most // MARKINGS)] if most else some
        found, theirs = timed(partial(decide, chosen, marked, most))
        wrong = sum(a != b for a, b in zip(found, ours, strict=False))
        table.add_row(name, f"{len(found):,}", f"{theirs:,.0f}", f"{rate / theirs:,.0f} times", str(wrong))
    console.print(table)
    masks(console, some[0], marked)


def masks(console: Console, reader: Reader, marked: list[Marking]) -> None:
    """A mask over many rows, in each form that a column has."""
    codes = pa.array(np.random.default_rng(1).integers(0, len(marked), ROWS), pa.int32())
    coded = pa.DictionaryArray.from_arrays(codes, pa.array(list(map(str, marked))))
    plain = coded.cast(pa.string())
    sorted_ = plain.take(pa.array(np.argsort(codes.to_numpy(), kind="stable")))
    table = Table("column", "median ms", "least ms", title=f"A mask over {ROWS:,} rows", title_justify="left")
    for name, column in (("dictionary", coded), ("strings, mixed", plain), ("strings, in runs", sorted_)):
        times = [1e3 * _seconds(partial(mask, reader, column)) for _ in range(REPEATS)]
        table.add_row(name, f"{median(times):.1f}", f"{min(times):.1f}")
    console.print(table)


def timed(decide: Callable[[], list[bool]]) -> tuple[list[bool], float]:
    """The decisions, and how many were made a second."""
    start = time.perf_counter()
    found = decide()
    return found, len(found) / (time.perf_counter() - start)


def _seconds(do: Callable[[], object]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def _cedar(some: list[Reader], marked: list[Marking], _: int) -> list[bool]:
    step = 50  # readers a batch: Python holds every request and answer
    return [one for at in range(0, len(some), step) for one in decisions(some[at : at + step], marked)]


def _cedar_single(some: list[Reader], marked: list[Marking], most: int) -> list[bool]:
    import cedarpy

    known = entities(some, marked)
    asked = requests(some, len(marked))[:most]
    return [cedarpy.is_authorized(one, POLICY, known).allowed for one in asked]


def _casbin(some: list[Reader], marked: list[Marking], most: int) -> list[bool]:
    made = enforcer()
    return [made.enforce(reader, marking) for reader in some for marking in marked][:most]


PEERS = (
    ("cedarpy, batched", _cedar, 0),
    ("cedarpy, one call each", _cedar_single, SINGLE),
    ("casbin", _casbin, CASBIN),
)

if __name__ == "__main__":
    main()
