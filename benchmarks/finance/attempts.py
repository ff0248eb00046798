"""Published laundering attempts among other people's payments: how many are found again, by family.

    ./dev bench finance.attempts                  # ../shared/data/finance/amlworld_attempts.csv
    ./dev bench finance.attempts --window 7       # with another longest time from first to last payment

The attempts are half of the 370 of AMLworld HI-Small (E. Altman et al., NeurIPS 2023; CDLA-Sharing-1.0), the
background is that of `planted`, which knows nothing of AMLworld; each account of an attempt is one of the
background. Found: an instance whose payments have a Jaccard index of at least .8 with the attempt's, whatever
it is called. Counted are attempts of at least `LEAST` payments of the families that are looked for; random
walks are not. No weight or limit was chosen on them.
"""

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from benchmarks.finance import planted
from watchfloor.desks.finance.patterns import tables
from watchfloor.desks.finance.patterns.fold import DAY, Plan
from watchfloor.desks.finance.rates import Rates, read
from watchfloor.formats.payments.currencies import code_of

FOLDER: Final = Path(__file__).parents[3] / "shared" / "data" / "finance"
LEAST: Final = 3
"""Payments of an attempt that counts: the parts of fewer that the publication has are no shapes."""
ENOUGH: Final = 0.8
START: Final = datetime(2022, 8, 31, tzinfo=UTC)
"""A day before the first attempt."""

PER_DOLLAR: Final = {
    "EUR": "0.8534",
    "SAR": "3.7511",
    "INR": "73.444",
    "CHF": "0.915",
    "JPY": "105.4",
    "CNY": "6.6976",
    "GBP": "0.7742",
    "CAD": "1.3193",
    "MXN": "21.1431",
    "AUD": "1.4128",
    "RUB": "77.804",
    "ILS": "3.377",
    "BRL": "5.6465",
}
"""What AMLworld pays for a dollar, the same on every day: in the attempts, an account that passes on what it
got in another currency pays these ratios to four digits. No such payment shows the rate of bitcoin."""


def rates() -> Rates:
    """Return the rates that the attempts are converted by: one every week, as they hold for a week."""
    days = [START + timedelta(days=7 * week) for week in range(8)]
    lines = [
        f"{day:%Y-%m-%d},{code},USD,{1 / float(per):.10f}" for day in days for code, per in PER_DOLLAR.items()
    ]
    return read("\n".join(["date,from,to,rate", *lines]).encode(), "rates of AMLworld")


@dataclass(frozen=True)
class Attempt:
    """An attempt: its family as we call it, and the ids of its payments."""

    family: str
    payments: frozenset[str]


def load(folder: Path = FOLDER) -> tuple[list[list[str]], dict[str, Attempt]]:
    """Return the payments as published, and the attempts by name; a payment's id is its row from 1."""
    with (folder / "amlworld_attempts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    of: dict[tuple[str, str], set[str]] = defaultdict(set)
    with (folder / "amlworld_attempts_truth.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            of[row["attempt"], row["family"].lower()].add(f"attempt-{row['row']}")
    return rows, {name: Attempt(family, frozenset(ids)) for (name, family), ids in of.items()}


def mixed(rows: Sequence[Sequence[str]], payments: int, accounts: int, seed: int = 7) -> pa.Table:
    """Return the attempts among a background of `planted`, as columns of `formats.payments.table`.

    Args:
        rows: as `load` gives them.
        payments: of the background, in dollars, over 21 days from a day before the first attempt.
        accounts: of the background, more than the attempts have.
        seed: of the background and of which of its accounts the attempts' are.
    """
    maker = planted._Maker(planted.World("", payments=payments, accounts=accounts, days=21), seed)
    maker.background()
    payer, payee, second, amount, _ = (np.concatenate(column) for column in zip(*maker.parts, strict=True))
    numbers = {key: at for at, key in enumerate(sorted({key for row in rows for key in ends(row)}))}
    who = np.random.default_rng(seed).choice(accounts, len(numbers), replace=False)
    sides_of = np.array([[who[numbers[key]] for key in ends(row)] for row in rows])
    when = [datetime.strptime(row[0], "%Y/%m/%d %H:%M").replace(tzinfo=UTC) - START for row in rows]
    whole = np.concatenate([second.astype(np.int64), [int(one.total_seconds()) for one in when]])
    cents = [f"{max(one, 0.01):.2f}" for one in amount] + [row[7] for row in rows]
    sides = pa.array(
        [f"a{n}" for n in np.concatenate([payer, sides_of[:, 0], payee, sides_of[:, 1]]).astype(int)]
    )
    coded = sides.dictionary_encode()
    half = len(coded) // 2
    exact = pa.array(cents).cast(pa.decimal128(38, 18))
    currency = pa.array(["USD"] * len(amount) + [code_of(row[8]) for row in rows])
    table = pa.table(
        {
            "payment_id": [f"licit-{n}" for n in range(len(amount))]
            + [f"attempt-{n + 1}" for n in range(len(rows))],
            "at": pa.array(whole * 1_000_000 + int(START.timestamp() * 1e6)).cast(pa.timestamp("us", "UTC")),
            "payer": coded[:half],
            "payee": coded[half:],
            "amount": exact,
            "amount_float": exact.cast(pa.float64()),
            "currency": currency.dictionary_encode(),
        }
    )
    return table.take(np.argsort(whole, kind="stable"))


def ends(row: Sequence[str]) -> tuple[tuple[int, str], tuple[int, str]]:
    """Return payer and payee, each by bank and number; banks without leading zeros."""
    return (int(row[1]), row[2]), (int(row[3]), row[4])


def recalled(found: pa.Table, attempts: Mapping[str, Attempt]) -> tuple[Counter[str], Counter[str], int]:
    """Return attempts found and in all, by family, and instances that share less than half with any."""
    of = {payment: name for name, one in attempts.items() for payment in one.payments}
    best: dict[str, float] = defaultdict(float)
    false = 0
    for ids in found["payment_ids"].to_pylist():
        shares = {}
        for name in {of[one] for one in ids if one in of}:
            members = attempts[name].payments
            shares[name] = len(members & set(ids)) / len(members | set(ids))
            best[name] = max(best[name], shares[name])
        false += max(shares.values(), default=0.0) < 0.5
    counted = {n: one for n, one in attempts.items() if one.family != "random" and len(one.payments) >= LEAST}
    every = Counter(one.family for one in counted.values())
    return Counter(one.family for name, one in counted.items() if best[name] >= ENOUGH), every, false


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--payments", type=int, default=60_000)
    parser.add_argument("--accounts", type=int, default=8_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8, 9])
    parser.add_argument("--window", type=int, default=14, help="days")
    asked = parser.parse_args()
    rows, attempts = load()
    families = sorted({one.family for one in attempts.values()} - {"random"})
    print(f"{'':16}" + "".join(f"{name:>16}" for name in families) + f"{'all':>12}{'false':>8}")
    for seed in asked.seeds:
        table = mixed(rows, asked.payments, asked.accounts, seed)
        for label, by in (("currencies apart", None), ("converted", rates())):
            told: Any = tables.find(table, rates=by, plan=Plan(width=asked.window * DAY))
            found, every, false = recalled(told.rows, attempts)
            cells = "".join(f"{f'{found[name]}/{every[name]}':>16}" for name in families)
            share = f"{found.total()}/{every.total()}"
            print(f"{label:16}{cells}{share:>12}{false:8}  seed {seed}", flush=True)


if __name__ == "__main__":
    main()
