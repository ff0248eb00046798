"""Waybills a second against every pre-load rule, beside the same rules written row by row.

./dev bench cargo.waybills                     # 200,000 waybills, one in ten of them spoiled
./dev bench cargo.waybills --rows 2000000 --own # ours alone

Both must find the same, finding by finding; the peer runs on the first --peer rows, since it is slow.
"""

import argparse
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from rich.console import Console

from benchmarks.cargo.waybills_by_row import findings
from watchfloor.core.kinds import DECLARATION
from watchfloor.reference.preload import check, rules
from watchfloor.reference.preload.vague_words import phrases

AT = datetime(2026, 7, 14, 9, 30, tzinfo=UTC)
STUFF = "COTTON STEEL PLASTIC WOODEN RUBBER GLASS LEATHER ALUMINIUM CERAMIC PAPER".split()
THINGS = "SHIRTS BOLTS BOTTLES CHAIRS HOSES LAMPS BELTS PROFILES TILES FILTERS PUMPS VALVES GEARS".split()
FIRMS = "NORD SUED OST WEST BERG TAL SEE WALD FELD HOF BRUCK STEIN".split()
TOWNS = ("FRANKFURT, DE", "LYON, FRANCE", "MILANO, ITALY", "OSAKA, JP", "PUNE, INDIA", "LIMA, PE")
HERE = ("TORONTO ON M5V 0A0, CA", "MONTREAL QC H3B 0A0, CANADA", "CALGARY AB T2P 0A0, CA")


def waybills(count: int, seed: int) -> pa.Table:
    """Made-up house waybills, ten to a master; one in ten spoiled in one of the ways of the rules."""
    rng = np.random.default_rng(seed)
    serial = np.arange(count) // 10 + 1_000_000
    number = [f"H{at:08d}" for at in range(count)]
    masters = [f"014-{one:07d}{one % 7}" for one in serial.tolist()]
    pick = {name: rng.integers(0, 1 << 30, count).tolist() for name in ("a", "b", "c", "d", "e", "f")}
    columns = {
        "observed_at": [AT] * count,
        "expected_at": [AT + timedelta(hours=20)] * count,
        "subject": [f"parcel:hawb:{m}-{n}" for m, n in zip(masters, number, strict=True)],
        "document": number,
        "master": masters,
        "goods": [
            f"{STUFF[a % 10]} {THINGS[b % 13]} MODEL {c % 400}"
            for a, b, c in zip(pick["a"], pick["b"], pick["c"], strict=True)
        ],
        "pieces": rng.integers(1, 40, count).tolist(),
        "mass": rng.gamma(2.0, 30.0, count).round(1).clip(1).tolist(),
        "mode": ["air-cargo"] * count,
        "direction": ["inbound"] * count,
        "route": [["FRA", "YYZ"]] * count,
        "shipper_name": [
            f"{FIRMS[a % 12]}{FIRMS[d % 12]} {d % 3000} GMBH"
            for a, d in zip(pick["a"], pick["d"], strict=True)
        ],
        "shipper_address": [f"MUSTERWEG {d % 900}, {TOWNS[d % 6]}" for d in pick["d"]],
        "consignee_name": [f"EXAMPLE {FIRMS[e % 12]} {e % 50_000} LTD" for e in pick["e"]],
        "consignee_address": [f"{f % 9000} SAMPLE STREET, {HERE[f % 3]}" for f in pick["f"]],
    }
    _spoil(columns, rng, count)
    fill = {field.name: [None] * count for field in DECLARATION.schema if field.name not in columns}
    return pa.table({**columns, **fill}, schema=DECLARATION.schema)


def _spoil(columns: dict[str, list], rng: np.random.Generator, count: int) -> None:
    vague = phrases("unacceptable")
    ways = (
        ("goods", lambda: vague[rng.integers(len(vague))].upper()),
        ("goods", lambda: "SAID TO CONTAIN COTTON SHIRTS"),
        ("goods", lambda: "棉衬衫 COTTON"),
        ("goods", lambda: "COTTОN SHIRTS " * int(rng.integers(1, 120))),
        ("goods", lambda: "XXX"),
        ("pieces", lambda: 0),
        ("mass", lambda: 1e9),
        ("mass", lambda: 0.0),
        ("master", lambda: "014-12345671"),
        ("consignee_name", lambda: "TO ORDER"),
        ("consignee_address", lambda: "PO BOX 12, TORONTO, CA"),
        ("shipper_address", lambda: "GERMANY"),
        ("shipper_address", lambda: "MUSTERWEG 12"),
        ("shipper_name", lambda: None),
        ("route", lambda: ["FRA", "JFK"]),
        ("document", lambda: "H00000001"),
    )
    for at in rng.choice(count, count // 10, replace=False).tolist():
        name, wrong = ways[rng.integers(len(ways))]
        columns[name][at] = wrong()


def plain(findings_: pa.Table) -> list[tuple[int, str, str]]:
    """Findings as the peer gives them."""
    return sorted(zip(*(findings_[name].to_pylist() for name in ("row", "rule", "field")), strict=True))


def main() -> None:
    """Print waybills a second of both, and that they agree."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--peer", type=int, default=5_000, help="rows that the peer checks")
    options.add_argument("--own", action="store_true", help="ours alone")
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--seed", type=int, default=9)
    given = options.parse_args()
    console = Console(highlight=False)
    table = waybills(given.rows, given.seed)
    check(table.slice(0, 1000))
    took = []
    for _ in range(given.repeats):
        started = time.perf_counter()
        got = check(table)
        took.append(time.perf_counter() - started)
    rate = given.rows / min(took)
    console.print(f"{given.rows:,} waybills, {len(rules())} rules, {got.findings.num_rows:,} findings")
    console.print(f"columns: {rate:,.0f} waybills/s (best of {given.repeats}; {max(took):.2f} s the slowest)")
    if given.own:
        return
    few = table.slice(0, given.peer)
    rows = few.to_pylist()
    started = time.perf_counter()
    theirs = findings(rows)
    slow = len(rows) / (time.perf_counter() - started)
    console.print(f"row by row: {slow:,.0f} waybills/s on {len(rows):,}")
    ours = plain(check(few).findings)
    if ours != theirs:
        console.print(f"they differ: {(Counter(ours) - Counter(theirs)).most_common(5)} only by columns,")
        console.print(f"{(Counter(theirs) - Counter(ours)).most_common(5)} only row by row")
        raise SystemExit(1)
    console.print(f"same {len(ours):,} findings; ratio {rate / slow:.1f}")


if __name__ == "__main__":
    main()
