"""Payments as the typologies remember them: from records of a floor, and from the columns of a file.

No text of a payment is kept: of memo and purpose remain the word lists they have words of, of the countries
whether they differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import PAYMENT, RECORD_ID
from watchfloor.desks.finance.engine.stream import Plan, Stream, stream_rows
from watchfloor.desks.finance.holders import Holder, columns_of
from watchfloor.desks.finance.typologies.columns import FACTS
from watchfloor.desks.finance.typologies.lexicon import bits_of
from watchfloor.desks.state import numbered

Integers = npt.NDArray[np.int64]

_TEXTS: Final = (
    "payer",
    "payee",
    "currency",
    "means",
    "channel",
    "conductor",
    "branch",
    "device",
    "ip",
    "handle",
)
_SIDE: Final[Mapping[str, pa.DataType]] = {
    **dict.fromkeys(("holder", "holder_type", "naics", "marking"), pa.string()),
    "words": pa.int64(),
    "record": RECORD_ID,
    "age": pa.float64(),
}
_BESIDE: Final[Mapping[str, pa.DataType]] = {"steps": pa.float64(), "entry": pa.bool_()}
"""What `surroundings` fills in."""


LEDGER: Final = pa.schema(
    [
        *(PAYMENT.schema.field(name) for name in ("record_id", "report_key", "source", "origins", "marking")),
        pa.field("time", pa.int64()),
        pa.field("cents", pa.int64()),
        *(pa.field(name, pa.string()) for name in _TEXTS),
        pa.field("across", pa.bool_()),
        pa.field("words", pa.int64()),
        *(pa.field(name, pa.float64()) for name in FACTS),
        *(
            pa.field(f"{side}.{name}", of)
            for side in ("payer", "payee")
            for name, of in {**_SIDE, **_BESIDE}.items()
        ),
    ]
)
"""What the desk remembers of a payment, see `columns.COLUMNS` and `frame.Frame`."""

_HUNDRED: Final = pa.scalar(Decimal(100), pa.decimal128(3, 0))


def of_records(
    payments: pa.Table, places: Integers, known: Mapping[str, Holder], said: pa.Table | None
) -> pa.Table:
    """Records of payments, in the order of the fold, as rows of `LEDGER`.

    Args:
        payments: the records.
        places: [n] place of each among all rows of the batch.
        known: accounts as they were before the batch.
        said: records of accounts in the batch, with their `place`.
    """
    rows = payments.combine_chunks()
    time = _one(rows["observed_at"].cast(pa.int64()))
    made: dict[str, Any] = {name: rows[name] for name in LEDGER.names if name in rows.column_names}
    made["time"] = time
    made["cents"] = pc.multiply_checked(rows["amount"], _HUNDRED).cast(pa.int64())
    made["across"] = pc.not_equal(rows["payer_seat"], rows["payee_seat"])
    made["words"] = _words(rows)
    made |= {name: fact(_one(rows["facts"]), name, rows.num_rows) for name in FACTS}
    for side in ("payer", "payee"):
        found = columns_of(_one(rows[side]), places, np.asarray(time.to_numpy(), np.int64), known, said)
        made |= {f"{side}.{name}": column for name, column in found.items()}
        made |= {f"{side}.{name}": pa.nulls(rows.num_rows, of) for name, of in _BESIDE.items()}
    return pa.table([made[name] for name in LEDGER.names], schema=LEDGER)


def of_table(
    rows: pa.Table, accounts: pa.Table | None = None, entries: frozenset[str] | None = None
) -> pa.Table:
    """A file's payments, as `payment_table.load` gives them, with the columns that the file has.

    Args:
        rows: the payments, in the order of time.
        accounts: what is known of accounts, as `account_table.load_accounts` gives it: known from the start.
        entries: accounts, or holders of accounts, that have a customs entry.
    """
    time = _one(rows["at"].cast(pa.int64()))
    made: dict[str, Any] = {"payment_id": rows["payment_id"], "time": time}
    made |= {name: rows[name].cast(pa.string()) for name in _TEXTS if name in rows.column_names}
    made["cents"] = pa.array(np.rint(rows["amount_float"].to_numpy() * 100).astype(np.int64))
    if {"payer_seat", "payee_seat"} <= set(rows.column_names):
        seats = (rows[name].cast(pa.string()) for name in ("payer_seat", "payee_seat"))
        made["across"] = pc.not_equal(*seats)
    if {"memo", "purpose"} & set(rows.column_names):
        made["words"] = _words(rows)
    made |= {name: rows[name] for name in FACTS if name in rows.column_names}
    for side in ("payer", "payee"):
        keys = _one(made[side])
        if accounts is not None:
            made |= _sides(side, keys, np.asarray(time.to_numpy(), np.int64), accounts)
        if entries is not None:
            made[f"{side}.entry"] = _entered(keys, made.get(f"{side}.holder"), entries)
    return pa.table(made)


def _sides(side: str, keys: pa.Array, time: Integers, accounts: pa.Table) -> dict[str, pa.Array]:
    said = accounts.rename_columns(
        ["subject" if name == "account_id" else name for name in accounts.column_names]
    )
    known = said.append_column("place", pa.array(np.full(said.num_rows, -1)))
    places = np.arange(len(keys))
    plain = pa.table(
        {
            name: column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
            for name, column in zip(known.column_names, known.columns, strict=True)
        }
    )
    found = columns_of(keys, places, time, {}, plain)
    of = {"words": "occupation", "age": "opened"}
    there = (name for name in found if of.get(name, name) in accounts.column_names)
    return {f"{side}.{name}": found[name] for name in there}


def _entered(keys: pa.Array, holders: pa.Array | None, entries: frozenset[str]) -> pa.Array:
    known = pa.array(sorted(entries), pa.string())
    mine = pc.is_in(keys, known)
    return mine if holders is None else pc.or_(mine, pc.is_in(holders, known))


def _words(rows: pa.Table) -> pa.Array:
    bits = np.zeros(rows.num_rows, np.int64)
    for name in ("memo", "purpose"):
        if name in rows.column_names:
            bits |= bits_of(_coded(rows[name]))
    return pa.array(bits)


def _coded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    one = _one(column)
    return one if pa.types.is_dictionary(one.type) else one.dictionary_encode()


def _one(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    found = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return found.chunk(0) if isinstance(found, pa.ChunkedArray) else found


def moment(time: int) -> datetime:
    """A time of the ledger (µs since 1970), as records have it."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time)


def micros(time: datetime) -> int:
    """The same the other way."""
    return int(pa.scalar(time, pa.timestamp("us", "UTC")).value)


def fact(lists: pa.Array, name: str, size: int) -> pa.Array:
    """A named number of each row; null where it has none."""
    flat, rows = pc.list_flatten(lists), pc.list_parent_indices(lists)
    mine = pc.equal(flat.field("name"), name)
    made = np.full(size, np.nan)
    made[rows.filter(mine).to_numpy()] = flat.field("value").filter(mine).to_numpy(zero_copy_only=False)
    return pa.array(made, from_pandas=True)


PLAN: Final = Plan(windows=(), groups=("gathers", "cycles", "passing"))
"""What the typologies ask of the engine."""


@dataclass(slots=True)
class Features:
    """The engine over payments as they come, with its numbers of accounts."""

    stream: Stream = stream_rows(PLAN)
    numbers: dict[str, int] = numbered("account")

    def compute(self, rows: pa.Table, wanted: tuple[str, ...]) -> dict[str, npt.NDArray[np.float64]]:
        """[n] each; NaN for a payment that the engine cannot take: without an amount, or with one side."""
        size = rows.num_rows
        told = {name: np.full(size, np.nan) for name in wanted}
        sides = [_one(rows[side]) for side in ("payer", "payee")]
        good = pc.and_(pc.and_(sides[0].is_valid(), sides[1].is_valid()), pc.greater(rows["cents"], 0))
        at = np.flatnonzero(np.asarray(_one(good).to_numpy(zero_copy_only=False), np.bool_))
        if not len(at):
            return told
        payer, payee = (self._numbered(sides, at)).T
        time = np.asarray(rows["time"].to_numpy(), np.int64)[at]
        amount = np.asarray(rows["cents"].to_numpy(), np.int64)[at] / 100.0
        found = self.stream.features(np.ascontiguousarray(payer), np.ascontiguousarray(payee), time, amount)
        names = self.stream.plan.names
        for name in wanted:
            told[name][at] = found[:, names.index(name)]
        return told

    def _numbered(self, sides: list[pa.Array], at: Integers) -> Integers:
        """[n, 2] numbers of the accounts, in the order in which they are first seen."""
        both = pa.concat_arrays([side.take(pa.array(at)) for side in sides])
        turns = np.arange(2 * len(at)).reshape(2, -1).T.ravel()
        coded = both.take(pa.array(turns)).dictionary_encode()
        mine = [self.numbers.setdefault(name, len(self.numbers)) for name in coded.dictionary.to_pylist()]
        numbers: Integers = np.array(mine, np.int64)[coded.indices.to_numpy()].reshape(-1, 2)
        return numbers
