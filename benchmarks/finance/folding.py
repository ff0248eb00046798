"""How many payments the finance desk folds a second of one core: intake, indicators, evidence, freezing.

./dev bench finance.folding                                  # a made-up bank of our own, in batches of 10,000
./dev bench finance.folding --parts cash watch --profile     # of some of its folds, and where the time goes
./dev bench finance.folding --payments /work/worlds/amlsim-1/payments.csv

The records are made beforehand; the first batch, which loads kernels, is not counted.
"""

import argparse
import cProfile
import pstats
import time
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.finance.behaviours import Bank, background
from watchfloor.core.kinds import KINDS, PAYMENT
from watchfloor.desks.finance import cash, schemes
from watchfloor.desks.finance.desk import DESK
from watchfloor.desks.finance.typologies import watch
from watchfloor.formats.payments.table import load
from watchfloor.run.order import arranged

PLAIN = ("currency", "means", "channel", "conductor", "branch", "device", "ip", "handle", "memo")
SEATS = ("payer_seat", "payee_seat")


def _texts(table: pa.Table, name: str) -> Any:
    return (
        table[name].cast(pa.string()) if name in table.column_names else pa.nulls(table.num_rows, pa.string())
    )


def records(table: pa.Table) -> pa.Table:
    """Payments of a file as records."""
    size = table.num_rows
    ids = pa.array([at.to_bytes(16, "big") for at in range(size)], pa.binary(16))
    amounts = [Decimal(round(100 * one)) / 100 for one in table["amount_float"].to_pylist()]
    made: dict[str, Any] = {name: _texts(table, name) for name in (*PLAIN, *SEATS)}
    made |= {
        side: pc.binary_join_element_wise("account:bank", table[side].cast(pa.string()), ":")
        for side in ("payer", "payee")
    }
    made |= {
        "record_id": ids,
        "report_key": pc.cast(pa.array(range(size)), pa.string()),
        "source": pa.array(["core"] * size),
        "observed_at": table["at"],
        "marking": pa.array(["PB//TLP:AMBER"] * size),
        "delivery": pa.array([bytes(32)] * size, pa.binary(32)),
        "locator": pa.array(["1"] * size),
        "amount": pa.array(amounts, pa.decimal128(18, 2)),
        "means": pc.fill_null(made["means"], "other"),
        "currency": pc.fill_null(made["currency"], "XXX"),
        "origins": pa.array([[]] * size, pa.list_(pa.string())),
    }
    return pa.table([made.get(f.name, pa.nulls(size, f.type)) for f in PAYMENT.schema], schema=PAYMENT.schema)


PARTS: Final = ("cash", "watch", "schemes")
"""The folds that the desk has side by side: the rule of cash, the indicators, the pattern instances."""


def fold(rows: pa.Table, batch: int, parts: Sequence[str]) -> tuple[dict[str, float], int]:
    """Seconds of the processor of each part for all batches but the first, and how many signals were made."""
    spent, signals = dict.fromkeys(parts, 0.0), 0
    states = {"cash": cash.Accounts(), "watch": watch.Watch(), "schemes": schemes.Schemes()}
    steps = {"cash": cash.step, "watch": watch.step, "schemes": partial(schemes.step, "finance")}
    for start in range(0, rows.num_rows, batch):
        part = rows.slice(start, batch)
        for name in parts:
            begin = time.process_time()
            signals += len(steps[name](bytes(32), states[name], part))
            spent[name] += time.process_time() - begin if start else 0.0
    return spent, signals


def main() -> None:
    """Fold and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--payments", type=Path)
    parser.add_argument("--people", type=int, default=4_000)
    parser.add_argument("--batch", type=int, default=10_000)
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    if options.payments:
        table = load(options.payments).rows
    else:
        bank = Bank(people=options.people)
        background(bank)
        table = bank.table()
    given = {kind: KINDS[kind].schema.empty_table() for kind in DESK.reads} | {"payment": records(table)}
    rows = arranged(DESK, given)
    profile = cProfile.Profile()
    if options.profile:
        profile.enable()
    spent, signals = fold(rows, options.batch, options.parts)
    profile.disable()
    if options.profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)
    counted = rows.num_rows - options.batch
    print(f"{rows.num_rows:,} payments in batches of {options.batch:,}: {signals:,} signals,", end=" ")
    print(f"{counted / sum(spent.values()):,.0f} payments/s of one core")
    for name, seconds in spent.items():
        print(f"  {name}: {counted / max(seconds, 1e-9):,.0f} payments/s")


if __name__ == "__main__":
    main()
