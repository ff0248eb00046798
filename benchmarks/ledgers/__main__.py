"""Payments of a whole file, beside pandas: rows a second, in time that passed and in time of the processor.

Ours reads exact amounts, judges every row, tells ids that come again and accounts of several banks apart, and
sorts. The peer is `pandas.read_csv` with categories for texts, amounts as floats, parsed times, rows dropped
that lack a side or an amount above 0, ids dropped that come again at a bank, and a stable sort: what a person
writes who has an hour. Both read the same file (seed 1) with a warm page cache, in turn; the best of the
repeats counts. Our rows must be as many as the peer's.

    python -m benchmarks.ledgers [--rows 2000000] [--repeat 3]
"""

import argparse
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from watchfloor.formats.payments.table import load

PLAIN = ("payment_id", "at", "payer", "payee", "payer_bank", "payee_bank", "amount", "currency")
AMLWORLD = (
    *("Timestamp", "From Bank", "Account", "To Bank", "Account", "Amount Received", "Receiving Currency"),
    *("Amount Paid", "Payment Currency", "Payment Format", "Is Laundering"),
)
Loader = Callable[[Path], int]


def drawn(rows: int, accounts: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(1)
    payer, payee = draw.integers(0, accounts, rows), draw.integers(0, accounts, rows)
    return {
        "seconds": np.sort(draw.integers(0, 18 * 86_400, rows)),
        "payer": payer,
        "payee": payee,
        "amount": np.maximum(1, (100 * draw.lognormal(6, 2, rows)).astype(np.int64)),
        "currency": draw.integers(0, 3, rows),
    }


def texts(prefix: str, numbers: np.ndarray, width: int) -> pa.Array:
    return pa.array([f"{prefix}{number:0{width}}" for number in numbers])


def write(path: Path, rows: int, amlworld: bool) -> None:
    made = drawn(rows, 500_000 if amlworld else 50_000)
    money = pa.array([f"{cents // 100}.{cents % 100:02}" for cents in made["amount"]])
    moment = np.datetime64("2022-09-01T00:00:00") + made["seconds"].astype("timedelta64[s]")
    sides = [texts("8", made[side], 8) for side in ("payer", "payee")]
    banks = [texts("0", made[side] % 3000, 1) for side in ("payer", "payee")]
    if amlworld:
        minutes = pa.array(
            [t.replace("-", "/").replace("T", " ") for t in np.datetime_as_string(moment, "m")]
        )
        named = pa.array(["US Dollar", "Euro", "Bitcoin"]).take(pa.array(made["currency"]))
        form = pa.array(["ACH", "Wire", "Cheque"]).take(pa.array(made["payer"] % 3))
        columns = [minutes, banks[0], sides[0], banks[1], sides[1], money, named, money, named, form]
        columns.append(pa.array(["0"] * rows))
    else:
        times = pa.array([f"{t}Z" for t in np.datetime_as_string(moment, "s")])
        named = pa.array(["CAD", "USD", "EUR"]).take(pa.array(made["currency"]))
        columns = [texts("P", np.arange(rows), 9), times, *sides, *banks, money, named]
    body = pa.table(columns, names=[f"c{i}" for i in range(len(columns))])
    with path.open("wb") as file:
        file.write((",".join(AMLWORLD if amlworld else PLAIN) + "\n").encode())
        csv.write_csv(body, file, csv.WriteOptions(include_header=False, quoting_style="none"))


def ours(path: Path) -> int:
    return load(path).rows.num_rows


def pandas_plain(path: Path) -> int:
    kinds = dict.fromkeys(("payer", "payee", "payer_bank", "payee_bank", "currency"), "category")
    table = pd.read_csv(path, dtype={"payment_id": "string", **kinds}, parse_dates=["at"])
    table = table[table["payer"].notna() & table["payee"].notna() & (table["amount"] > 0)]
    table = table.drop_duplicates(["payer_bank", "payment_id"])
    return len(table.sort_values("at", kind="stable"))


def pandas_amlworld(path: Path) -> int:
    kinds = dict.fromkeys(("From Bank", "Account", "To Bank", "Account.1", "Payment Currency"), "category")
    table = pd.read_csv(path, dtype=kinds)
    table["Timestamp"] = pd.to_datetime(table["Timestamp"], format="%Y/%m/%d %H:%M")
    table = table[table["Account"].notna() & table["Account.1"].notna() & (table["Amount Paid"] > 0)]
    return len(table.sort_values("Timestamp", kind="stable"))


def timed(read: Loader, path: Path) -> tuple[float, float, int]:
    wall, cpu = time.perf_counter(), time.process_time()
    rows = read(path)
    return time.perf_counter() - wall, time.process_time() - cpu, rows


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--rows", type=int, default=2_000_000)
    options.add_argument("--repeat", type=int, default=3)
    given = options.parse_args()
    print(f"{platform.processor() or platform.machine()}, pyarrow {pa.__version__}, pandas {pd.__version__}")
    print(
        f"{given.rows:,} rows, best of {given.repeat}; millions of rows a second, passed time and processor's"
    )
    for name, amlworld, peer in (("plain", False, pandas_plain), ("AMLworld", True, pandas_amlworld)):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ledger.csv"
            write(path, given.rows, amlworld)
            size = path.stat().st_size / 1e6
            runs = [(timed(ours, path), timed(peer, path)) for _ in range(given.repeat)]
        if any(mine[2] != theirs[2] for mine, theirs in runs):
            raise SystemExit(f"{name}: ours has {runs[0][0][2]:,} rows, the peer {runs[0][1][2]:,}")
        best = [[min(run[who][what] for run in runs) for what in (0, 1)] for who in (0, 1)]
        (wall, cpu), (their_wall, their_cpu) = best
        rate = given.rows / 1e6
        print(f"{name:9} {size:6.0f} MB  ours {rate / wall:5.2f} {rate / cpu:5.2f}", end="  ")
        print(f"pandas {rate / their_wall:5.2f} {rate / their_cpu:5.2f}", end="  ")
        print(f"ratio {their_wall / wall:4.1f} {their_cpu / cpu:4.1f}")


if __name__ == "__main__":
    main()
