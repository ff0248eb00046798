"""Instances of a whole table of payments, as rows with the payments' own ids."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.finance.patterns.instances import PART, THRESHOLD, Instance, Patterns
from watchfloor.desks.finance.patterns.naming import TYPOLOGIES

__all__ = ["INSTANCES", "THRESHOLD", "Found", "find"]

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
        pa.field("score", pa.float64()),
    ]
)
"""Payments in the order of time, accounts in the order in which they come in; `amount` is the sum of all."""


@dataclass(frozen=True, slots=True)
class Found:
    """Instances (`INSTANCES`) and how many searches a budget ended."""

    rows: pa.Table
    cut: int

    @property
    def typologies(self) -> dict[str, int]:
        """How many there are of each typology that there is."""
        stated = self.rows["typology"].to_pylist()
        return {name: stated.count(name) for name in TYPOLOGIES if name in stated}


def find(rows: pa.Table, threshold: float = THRESHOLD, say: Callable[[str], None] = lambda _: None) -> Found:
    """Instances among payments (columns of `payment_table`, in the order of time).

    Each currency is looked at apart: amounts of two are not alike. A payment without an account on one side
    is of no pattern.
    """
    sides = [_codes(rows[name]) for name in ("payer", "payee")]
    whole = (sides[0] >= 0) & (sides[1] >= 0)
    currency = _codes(rows["currency"])
    names = _plain(rows["currency"]).dictionary
    made, cut, done = [], 0, 0
    for code in np.unique(currency[whole]).tolist():
        of = np.flatnonzero(whole & (currency == code))
        patterns, part = Patterns(), rows.take(pa.array(of))
        columns = [sides[0][of], sides[1][of], _micros(part["at"]), part["amount_float"].to_numpy()]
        for start in range(0, len(of), PART):
            patterns.take(*(column[start : start + PART] for column in columns))
            done += len(columns[0][start : start + PART])
            say(f"looking for patterns: {done:,} of {rows.num_rows:,} payments")
        found = patterns.instances(threshold)
        made.append(_table(found, part, names[code].as_py()))
        cut += patterns.cut
    told = pa.concat_tables([INSTANCES.empty_table(), *made])
    return Found(told.sort_by([("from", "ascending"), ("instance_id", "ascending")]), cut)


def _plain(column: pa.ChunkedArray) -> pa.DictionaryArray:
    return column.unify_dictionaries().combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _codes(column: pa.ChunkedArray) -> Any:
    indices = pc.cast(_plain(column).indices, pa.int64())
    return pc.fill_null(indices, -1).to_numpy(zero_copy_only=False)


def _micros(at: pa.ChunkedArray) -> Any:
    return pc.cast(pc.cast(at, MOMENT), pa.int64()).to_numpy()


def _table(found: list[Instance], part: pa.Table, currency: str) -> pa.Table:
    ids = pc.cast(part["payment_id"], pa.string())
    names = _plain(part["payer"]).dictionary
    columns = [
        [f"{currency}-{one.number}" for one in found],
        [one.typology for one in found],
        [ids.take(pa.array(one.rows, pa.int64())).to_pylist() for one in found],
        [names.take(pa.array(one.accounts, pa.int64())).to_pylist() for one in found],
        [one.since for one in found],
        [one.until for one in found],
        [round(one.amount, 2) for one in found],
        [currency] * len(found),
        [one.score for one in found],
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, INSTANCES, strict=True)]
    return pa.Table.from_arrays(arrays, schema=INSTANCES)
