"""How many declarations the cargo desk folds a second of one core, and what a day of post takes.

    ./dev bench cargo.rules                            # 200,000 declarations, and a hub with 20,000 parcels
    ./dev bench cargo.rules --items 2000000            # a national day of post
    ./dev bench cargo.rules --amended .1 --examined .01 --profile
    ./dev bench cargo.rules --model cargo-model.json   # scored besides, by an installed model

The declarations are made up: parties of few and of many parcels, goods of two hundred headings, values and
masses as goods have them, a share of them declared again and a share examined. The hub is one address to
which every parcel of a second stream goes. The first batch loads the kernels and is not counted. CPU time.
"""

import argparse
import cProfile
import pstats
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import DECLARATION, INSPECTION, KINDS
from watchfloor.desks.base import Refs
from watchfloor.desks.cargo import goods_norms, margins
from watchfloor.desks.cargo.desk import DESK
from watchfloor.run.order import arranged

DAY = 86_400_000_000
START = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp()) * 1_000_000
BATCH = 50_000


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=200_000)
    parser.add_argument("--days", type=float, default=10, help="over which they are declared")
    parser.add_argument("--hub", type=int, default=20_000, help="parcels to one address")
    parser.add_argument("--amended", type=float, default=0.02, help="share declared again")
    parser.add_argument(
        "--examined", type=float, default=0.002, help="share examined, one in ten with a finding"
    )
    parser.add_argument("--model", type=Path, help="a floor's cargo-model.json")
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    model = chosen.model.read_bytes() if chosen.model else b""
    norms = goods_norms.reference()
    refs = Refs(bytes(32), {"margins": margins.reference(), "goods-norms": norms, "cargo-model": model})
    rng = np.random.default_rng(9)
    stream = declarations(rng, chosen.items, chosen.days, chosen.amended)
    told("a stream", refs, stream, examinations(rng, stream, chosen.examined), chosen.profile)
    hub = declarations(rng, chosen.hub, chosen.days, 0.0, hub=True)
    told("a hub", refs, hub, examinations(rng, hub, chosen.examined), chosen.profile)


def told(name: str, refs: Refs, declared: pa.Table, examined: pa.Table, profile: bool) -> None:
    """Fold, and print a line."""
    rows = arranged(
        DESK,
        {kind: KINDS[kind].schema.empty_table() for kind in DESK.reads}
        | {"declaration": declared, "inspection": examined},
    )
    end = rows["observed_at"][-1].as_py()
    DESK.step(refs, DESK.begin(refs), rows.slice(0, 2000), end)
    state, said, watched = DESK.begin(refs), Counter[str](), cProfile.Profile()
    if profile:
        watched.enable()
    begun = time.process_time()
    for start in range(0, rows.num_rows, BATCH):
        signals = DESK.step(refs, state, rows.slice(start, BATCH), end).get("signal")
        said.update(signals["rule"].to_pylist() if signals else ())
    spent = time.process_time() - begun
    watched.disable()
    begun = time.process_time()
    kept = DESK.freeze(state)
    frozen = time.process_time() - begun
    print(
        f"{name}: {declared.num_rows:,} declarations, {examined.num_rows:,} examinations: {spent:.2f} s,"
        f" {declared.num_rows / spent:,.0f} declarations/s"
    )
    size = kept.nbytes / max(1, declared.num_rows)
    print(f"    state {size:,.0f} bytes a declaration, frozen in {frozen:.2f} s")
    print(f"    signals, revisions and what was taken back: {dict(sorted(said.items()))}")
    if profile:
        pstats.Stats(watched).sort_stats("tottime").print_stats(25)


def declarations(
    rng: np.random.Generator, count: int, days: float, amended: float, hub: bool = False
) -> pa.Table:
    """Made-up declarations: consignees by a power law, shippers too, goods with their own price and mass."""
    at = np.sort(rng.integers(0, int(days * DAY), count)) + START
    consignee = np.zeros(count, np.int64) if hub else drawn(rng, count, count // 2 + 1)
    shipper = drawn(rng, count, count // 20 + 1)
    goods = drawn(rng, count, 200)
    price = 10 ** (0.3 + goods % 17 / 10 + rng.normal(0, 0.25, count))
    mass = 10 ** (-1 + goods % 23 / 15 + rng.normal(0, 0.2, count))
    item = np.arange(count)
    again = np.flatnonzero(rng.random(count) < amended)
    again = again[again > 0]
    item[again] = item[again - 1]
    number = rng.integers(0, count, count) if hub else consignee
    columns: dict[str, Any] = {
        "record_id": pa.array([one.to_bytes(16, "big") for one in range(count)], pa.binary(16)),
        "report_key": texts("D{}", item),
        "source": pa.array(["post"] * count),
        "observed_at": pa.array(at).cast(pa.timestamp("us", "UTC")),
        "marking": pa.array(["PB//TLP:AMBER"] * count),
        "delivery": pa.array([bytes(32)] * count, pa.binary(32)),
        "locator": pa.array(["1"] * count),
        "subject": texts("parcel:post:{}", item),
        "shipper": texts("company:post:{}", shipper),
        "goods": texts("goods of sort {}, assorted", goods),
        "hs": texts("{}", 610000 + goods * 100 + 10),
        "value": pa.array(np.round(price * mass, 2)).cast(pa.decimal128(18, 2)),
        "currency": pa.array(np.array(["CAD", "USD", "EUR"])[shipper % 3]),
        "mass": pa.array(np.round(mass, 3)),
        "direction": pa.array(["inbound"] * count),
        "mode": pa.array(["post"] * count),
        "departure": pa.array(np.array(["USA", "FRA", "CHN", "GBR"])[shipper % 4]),
        "handler": texts("office {}", shipper % 50),
        "consignee_name": texts("Name {}", number),
        "consignee_address": texts("{} Heron Street, Unit 4, Ottawa ON K1A 0B1", consignee),
        "consignee_phone": texts("+1 613 5{}", 550_000_000 + number),
        "shipper_name": texts("Seller {} Ltd.", shipper),
        "shipper_address": texts("{} Mill Lane, Northtown", shipper),
        "shipper_phone": texts("+44 20 {}", 79_460_000 + shipper),
    }
    return filled(DECLARATION.schema, columns, count)


def examinations(rng: np.random.Generator, declared: pa.Table, share: float) -> pa.Table:
    """Examinations an hour after the declaration, one in ten with a finding."""
    rows = declared.take(pa.array(np.flatnonzero(rng.random(declared.num_rows) < share)))
    count = rows.num_rows
    found = rng.random(count) < 0.1
    columns = {name: rows[name] for name in ("source", "marking", "delivery", "locator", "subject")}
    columns |= {
        "record_id": pa.array([(1 << 80 | one).to_bytes(16, "big") for one in range(count)], pa.binary(16)),
        "report_key": texts("R{}", np.arange(count)),
        "observed_at": pc.add(rows["observed_at"], pa.scalar(3600_000_000, pa.duration("us"))),
        "state": pa.array(["examined"] * count),
        "result": pa.array(np.where(found, "finding", "nothing")),
        "found": pa.array([["controlled-substance"] if one else [] for one in found], pa.list_(pa.string())),
    }
    return filled(INSPECTION.schema, columns, count)


def drawn(rng: np.random.Generator, count: int, many: int) -> Any:
    """Numbers of parties: some have many parcels, most have one or two."""
    return np.minimum((many * rng.random(count) ** 2).astype(np.int64), many - 1)


def texts(pattern: str, numbers: Any) -> pa.Array:
    """A text a number."""
    before, after = pattern.split("{}")
    return pc.binary_join_element_wise(before, pa.array(numbers).cast(pa.string()), after, "")


def filled(schema: pa.Schema, columns: dict[str, Any], count: int) -> pa.Table:
    """Columns under a schema, the others empty."""
    made = [columns.get(one.name, pa.nulls(count, one.type)) for one in schema]
    return pa.table([one.cast(field.type) for one, field in zip(made, schema, strict=True)], schema=schema)


if __name__ == "__main__":
    main()
