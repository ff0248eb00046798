"""Instances of a whole table of payments, as rows with the payments' own ids."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.finance.patterns.fold import Plan
from watchfloor.desks.finance.patterns.instances import PART, THRESHOLD, Instance, Patterns
from watchfloor.desks.finance.patterns.naming import TYPOLOGIES
from watchfloor.desks.finance.rates import Rates, Together, compared, together

__all__ = ["INSTANCES", "THRESHOLD", "FoundInstances", "find"]

MOMENT: Final = pa.timestamp("us", tz="UTC")
INSTANCES: Final = pa.schema(
    [
        pa.field("instance_id", pa.string()),
        pa.field("typology", pa.string()),
        pa.field("payment_ids", pa.list_(pa.string())),
        pa.field("accounts", pa.list_(pa.string())),
        pa.field("from", MOMENT),
        pa.field("to", MOMENT),
        pa.field("amount", pa.float64()),
        pa.field("currency", pa.string()),
        pa.field("amounts", pa.list_(pa.string())),
        pa.field("score", pa.float64()),
    ]
)
"""Payments in the order of time, accounts in the order in which they come in. `amounts` are the exact sums by
currency, `amount` is the sum of all: of several currencies, what they were worth in one."""


@dataclass(frozen=True, slots=True)
class FoundInstances:
    """Instances found in a file.

    Attributes:
        rows: instances (`INSTANCES`).
        cut: searches that a budget ended.
        apart: payments that were compared only with those of their own currency, by currency: all, where
            there are no rates, else those for which no rate holds.
    """

    rows: pa.Table
    cut: int
    apart: dict[str, int]

    @property
    def typologies(self) -> dict[str, int]:
        """How many there are of each typology that there is."""
        stated = self.rows["typology"].to_pylist()
        return {name: stated.count(name) for name in TYPOLOGIES if name in stated}


def find(
    rows: pa.Table,
    threshold: float = THRESHOLD,
    say: Callable[[str], None] = lambda _: None,
    *,
    rates: Rates | None = None,
    plan: Plan | None = None,
) -> FoundInstances:
    """Return the instances among payments (columns of `payment_table`, in the order of time).

    Amounts of two currencies cannot be compared as they stand: with rates each payment is compared by what
    it was worth on its day, and those that no rate holds for are looked at apart, a currency at a time. A
    payment without an account on one side is of no pattern.
    """
    rows = rows.filter(pc.and_(rows["payer"].is_valid(), rows["payee"].is_valid()))
    sides = [_codes(rows[name]) for name in ("payer", "payee")]
    currency, time = _codes(rows["currency"]), _micros(rows["at"])
    names = _plain(rows["currency"]).dictionary.to_pylist()
    amount, held = compared(rates, names, currency, time, rows["amount_float"].to_numpy())
    left = {code: np.flatnonzero(~held & (currency == code)) for code in np.unique(currency[~held]).tolist()}
    apart = {names[code]: of for code, of in left.items()}
    common = {rates.base: np.flatnonzero(held)} if rates is not None else {}
    made, cut, done = [], 0, 0
    for name, of in (common | apart).items():
        patterns, part = Patterns(plan), rows.take(pa.array(of))
        columns = [column[of] for column in (*sides, time, amount)]
        for start in range(0, len(of), PART):
            patterns.fold(*(column[start : start + PART] for column in columns))
            done += len(columns[0][start : start + PART])
            say(f"looking for patterns: {done:,} of {rows.num_rows:,} payments")
        made.append(_table(patterns.instances(threshold), part, name, rates))
        cut += patterns.cut
    found = pa.concat_tables([INSTANCES.empty_table(), *made])
    ordered = found.sort_by([("from", "ascending"), ("instance_id", "ascending")])
    return FoundInstances(ordered, cut, {name: len(of) for name, of in sorted(apart.items())})


def _plain(column: pa.ChunkedArray) -> pa.DictionaryArray:
    return column.unify_dictionaries().combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _codes(column: pa.ChunkedArray) -> Any:
    indices = pc.cast(_plain(column).indices, pa.int64())
    return pc.fill_null(indices, -1).to_numpy(zero_copy_only=False)


def _micros(at: pa.ChunkedArray) -> Any:
    return pc.cast(pc.cast(at, MOMENT), pa.int64()).to_numpy()


def _table(found: list[Instance], part: pa.Table, name: str, rates: Rates | None) -> pa.Table:
    ids = pc.cast(part["payment_id"], pa.string())
    names = _plain(part["payer"]).dictionary
    money = [_together(part.take(pa.array(one.rows, pa.int64())), rates) for one in found]
    columns = [
        [f"{name}-{one.number}" for one in found],
        [one.typology for one in found],
        [ids.take(pa.array(one.rows, pa.int64())).to_pylist() for one in found],
        [names.take(pa.array(one.accounts, pa.int64())).to_pylist() for one in found],
        [one.since for one in found],
        [one.until for one in found],
        [float(one.total) for one in money],
        [one.currency for one in money],
        [one.stated for one in money],
        [one.score for one in found],
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, INSTANCES, strict=True)]
    return pa.Table.from_arrays(arrays, schema=INSTANCES)


def _together(rows: pa.Table, rates: Rates | None) -> Together:
    currencies = pc.cast(rows["currency"], pa.string()).to_pylist()
    return together(rows["amount"].to_pylist(), currencies, _micros(rows["at"]).tolist(), rates)
