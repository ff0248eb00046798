"""Payments of a whole file as columns: what `watchfloor finance` reads, without a floor.

Plain tables (CSV of any delimiter and encoding, Parquet) may call their columns as they like
(`payment_columns`); the outputs of the simulators AMLworld, AMLSim, AMLGentex and PaySim are such tables.
What a table says of the answer (labels, alerts, which pattern a payment is of) is never a column here.

Rows are in the order of time, ties in the file's order. A row that is no payment is refused, counted by its
reason, and the first of each reason is shown: received = rows + refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import INSTANT, RECORD_ID
from watchfloor.core.tables import is_table
from watchfloor.formats.base import FormatError
from watchfloor.formats.payments.accounts import apart, numbered, shared
from watchfloor.formats.payments.cells import (
    BAD_AMOUNT,
    EPOCH,
    MOST,
    Mask,
    Read,
    Steps,
    amounts,
    clock,
    ids,
    mask,
    moments,
    numbers,
    plain,
    texts,
)
from watchfloor.formats.payments.columns import TEXTS, spaced
from watchfloor.formats.payments.currencies import UNSTATED, code_of
from watchfloor.formats.payments.files import PaymentFile, RefusedRows, open_file
from watchfloor.formats.payments.means import means_of
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular.measures import FINE
from watchfloor.formats.tabular.table import single

OPTIONAL: Final = tuple(word for word in TEXTS if word not in ("payer", "payee", "currency"))
"""Columns that are there where the file has them."""

NO_PARTY: Final = {"payer": "no payer", "payee": "no payee"}
NOT_POSITIVE: Final = {"zero": "the amount is zero", "negative": "the amount is negative"}
NO_CURRENCY: Final = "no currency"
BAD_CURRENCY: Final = "the currency is unknown"
FUTURE: Final = "the time is later than now"
REPEAT: Final = "an exact repeat of an earlier row"
CLASH: Final = "the id of an earlier payment, with another content"
OPENING: Final = "an opening balance is no payment"


@dataclass(frozen=True, slots=True)
class PaymentTable:
    """Payments of one file.

    Attributes:
        rows: `payment_id` (text; the row's number from 1 where the file has none), `at` (UTC, microseconds),
            `payer`, `payee` (numbered texts under one dictionary), `amount` (decimal, eighteen places) and
            `amount_float`, `currency` (ISO 4217, a coin's code, `XXX` where the file has no such column),
            `to_self`, `sequence` (row in the file from 0); `payer_bank`, `payee_bank` and others of
            `OPTIONAL` where the file has them; facts `payer_*` and `payee_*` as float64, NaN where unknown.
        refused: what is no payment, by reason.
        notes: what a person should know of how the file was read, as sentences.
        received: rows and lines of the file: `len(rows)` and all that were refused.
    """

    rows: pa.Table
    refused: tuple[RefusedRows, ...]
    notes: tuple[str, ...]
    received: int

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows were refused, by reason."""
        return {one.reason: one.number for one in self.refused}

    def has(self, *names: str) -> bool:
        """Whether the file has all of these columns."""
        return set(names) <= set(self.rows.column_names)


def load(
    source: Any, *, now: datetime | None = None, steps: Steps | None = None, currency: str = UNSTATED
) -> PaymentTable:
    """Read a file of payments whole, or a table of them.

    Args:
        source: the file; or a table of Arrow, pandas or polars, whose columns are named as in one.
        now: payments of later moments are refused; None: none is.
        steps: where times are numbers of steps, when step 0 was and how long a step is.
        currency: of all payments, where the file has no column of it.

    Raises:
        FormatError: it is empty, no table, or has no column of a payer, payee, amount or time; the message
            says what is wrong and what to do.
        OSError: it cannot be opened.
    """
    opened = open_file(source)
    check(opened, "the table" if is_table(source) else Path(source).name)
    return build(opened, now, steps, currency)


def build(
    opened: PaymentFile, now: datetime | None = None, steps: Steps | None = None, currency: str = UNSTATED
) -> PaymentTable:
    """The payments of an opened file that `check` lets through."""
    return _Build(opened, now, steps, currency).table()


def check(opened: PaymentFile, name: str) -> None:
    """Raises `FormatError` where a needed column is not there."""
    used = opened.columns.used
    for word in ("payer", "payee", "amount"):
        if word not in used:
            like = nearest(word, opened.columns.ignored)
            raise FormatError(f"{name} has no column of the {word}{like}. Call it {word!r} in the header")
    if not {"at", "time", "step"} & set(used):
        raise FormatError(
            f"{name} has no column of times. Call it 'at', or 'step' where it counts days or hours"
        )


class _Build:
    """A table of payments in the making: a check marks rows that it refuses; the first reason stays."""

    def __init__(self, opened: PaymentFile, now: datetime | None, steps: Steps | None, currency: str) -> None:
        self.opened, self.now, self.steps, self.currency = opened, now, steps, currency
        self.size = opened.table.num_rows
        self.why = np.zeros(self.size, np.int8)
        self.reasons: list[str] = [""]
        self.notes: list[str] = []
        self.made: dict[str, pa.Array] = {}

    def table(self) -> PaymentTable:
        self.parties()
        self.money()
        self.times()
        self.others()
        self.again()
        refused, notes = self.account(), (*self.opened.columns.notes(), *self.notes)
        return PaymentTable(self.rows(), refused, notes, self.size + len(self.opened.skipped))

    def refuse(self, reason: str, rows: Mask) -> None:
        fresh = rows & (self.why == 0)
        if fresh.any():
            if reason not in self.reasons:
                self.reasons.append(reason)
            self.why[fresh] = self.reasons.index(reason)

    def column(self, word: str) -> pa.Array | None:
        return single(self.opened.table[word]) if word in self.opened.table.column_names else None

    def parties(self) -> None:
        if (means := self.column("means")) is not None:
            coded = texts(means)
            opening = texts(coded, lambda text: text if text.upper() in _OPENING else None)
            self.refuse(OPENING, mask(opening.indices.is_valid()))
            self.made["means"] = texts(coded, means_of)
            if "channel" not in self.opened.columns.used:
                self.made["channel"] = coded
        banks = {word: column for word in _BANKS if (column := self.column(word)) is not None}
        name = self.party if self.simulated else None
        sides = numbered([self.opened.table[word] for word in ("payer", "payee")], name)
        kept = shared([texts(column) for column in banks.values()])
        outside = self._cash() | self._outside(kept)
        for word, side in zip(("payer", "payee"), sides, strict=True):
            self.refuse(NO_PARTY[word], mask(side.indices.is_null()) & ~outside)
        self.refuse(NO_PARTY["payee"], mask(sides[0].indices.is_null()) & mask(sides[1].indices.is_null()))
        self.made |= dict(zip(banks, kept, strict=True))
        if len(kept) == 2 and not self.simulated:
            sides, several = apart(sides, kept, self.why == 0)
            if several:
                word = "number stands" if several == 1 else "numbers stand"
                self.notes.append(
                    f"{several:,} account {word} at more than one bank: each is an account for each bank,"
                    " written number@bank"
                )
        self.made |= dict(zip(("payer", "payee"), sides, strict=True))
        self.made["to_self"] = pc.fill_null(pc.equal(sides[0].indices, sides[1].indices), False)

    @property
    def simulated(self) -> bool:
        """Whether it is of AMLGentex or its kin, where an account keeps its number when it moves bank."""
        return spaced(self.opened.columns.used["payer"]) == "name orig"

    def party(self, text: str) -> str | None:
        """A party's name; None for the source and the sink of AMLGentex, which are nobody's account."""
        return None if text in _OUTSIDE else text

    def _outside(self, banks: list[pa.DictionaryArray]) -> Mask:
        """Rows from the source or into the sink of AMLGentex: one side is the world outside."""
        found = np.zeros(self.size, np.bool_)
        for bank in banks if self.simulated else ():
            found |= mask(texts(bank, lambda text: text if text in ("source", "sink") else None).is_valid())
        if found.any():
            self.notes.append(
                f"{int(found.sum()):,} payments come from the source or go to the sink: nobody's account"
            )
        return found

    def _cash(self) -> Mask:
        """Rows of cash: over a counter one side has no account."""
        if "means" not in self.made:
            return np.zeros(self.size, np.bool_)
        cash = texts(self.made["means"], lambda text: text if text == "cash" else None)
        return mask(cash.indices.is_valid())

    def money(self) -> None:
        read = self.read(amounts(self.column("amount")))
        floats = pc.cast(read, pa.float64())
        self.refuse(BAD_AMOUNT, mask(pc.greater_equal(pc.abs(floats), MOST)))
        self.refuse(NOT_POSITIVE["zero"], mask(pc.equal(floats, 0.0)))
        self.refuse(NOT_POSITIVE["negative"], mask(pc.less(floats, 0.0)))
        self.made |= {"amount": read, "amount_float": floats}
        stated = self.column("currency")
        if stated is None:
            coded = pa.array(np.zeros(self.size, np.int32))
            self.made["currency"] = pa.DictionaryArray.from_arrays(coded, pa.array([self.currency]))
            if self.currency == UNSTATED:
                self.notes.append("no column says the currency: XXX is put in its place")
        else:
            coded = texts(stated)
            self.refuse(NO_CURRENCY, mask(coded.indices.is_null()))
            self.made["currency"] = texts(coded, code_of)
            self.refuse(BAD_CURRENCY, mask(self.made["currency"].indices.is_null()))
        if (received := self.column("amount_received")) is not None:
            self.made["amount_received"] = amounts(received).values
        if (received := self.column("currency_received")) is not None:
            self.made["currency_received"] = texts(received, code_of)

    def read(self, found: Read) -> pa.Array:
        for reason, rows in found.whys.items():
            self.refuse(reason, rows)
        self.notes += found.notes
        return found.values

    def times(self) -> None:
        stated = next(word for word in ("at", "step", "time") if word in self.opened.table.column_names)
        steps = self.steps
        if stated == "step" and steps is None and _PAYSIM in self.opened.columns.labels.values():
            steps = Steps(EPOCH, timedelta(hours=1))
            self.notes.append("steps are read as hours from 1970-01-01, as PaySim counts them")
        at = self.read(moments(self.column(stated), steps, counted=stated == "step"))
        if stated == "at" and (time := self.column("time")) is not None:
            day = pc.floor_temporal(at, unit="day")
            of_day = clock(time)
            if pc.all(pc.equal(day, at), min_count=0).as_py() and of_day.null_count < self.size:
                whole = pc.add(pc.cast(day, pa.int64()), of_day)
                self.read(Read(whole, {"the time of day is none": mask(whole.is_null())}))
                at = pc.cast(whole, INSTANT)
        if self.now is not None:
            self.refuse(FUTURE, mask(pc.greater(at, pa.scalar(self.now, INSTANT))))
        self.made["at"] = at

    def others(self) -> None:
        for word in OPTIONAL:
            if word not in self.made and (column := self.column(word)) is not None:
                self.made[word] = texts(column)
        for word in self.opened.columns.facts:
            column = single(self.opened.table[word])
            values, bad = numbers(column)
            if bad and bad >= self.size - column.null_count:
                self.notes.append(f"{self.opened.columns.used[word]!r} holds no numbers and is no fact")
                continue
            if bad:
                cells = "cell is no number" if bad == 1 else "cells are no numbers"
                self.notes.append(f"{bad:,} {cells} in {self.opened.columns.used[word]!r} and left out")
            self.made[word] = pa.array(values)

    def again(self) -> None:
        row = pc.cast(pa.array(np.arange(1, self.size + 1)), pa.string())
        stated = self.column("payment_id")
        if stated is None:
            self.made["payment_id"] = row
            return
        named = ids(stated)
        empty = mask(pc.or_kleene(named.is_null(), pc.equal(named, "")))
        if empty.any():
            named = pc.if_else(pa.array(empty), pc.binary_join_element_wise("row", row, " "), named)
        self.made["payment_id"] = named
        same, other = repeats(self.made, self.why == 0)
        self.refuse(REPEAT, same)
        self.refuse(CLASH, other)

    def account(self) -> tuple[RefusedRows, ...]:
        return self.opened.refused((reason, self.why == at) for at, reason in enumerate(self.reasons) if at)

    def rows(self) -> pa.Table:
        order = in_time(self.made["at"], self.why == 0)
        self.made["sequence"] = pa.array(np.arange(self.size))
        table = pa.table({word: self.made[word] for word in sorted(self.made, key=_place)})
        return table if len(order) == self.size and _rising(order) else table.take(pa.array(order))


_BANKS: Final = ("payer_bank", "payee_bank")
_OPENING: Final = frozenset({"INITALBALANCE", "INITIALBALANCE"})
_OUTSIDE: Final = ("-1", "-2")
_PAYSIM: Final = "isFlaggedFraud"
_ORDER: Final = (
    *("payment_id", "at", "payer", "payee", "payer_bank", "payee_bank", "amount", "amount_float", "currency"),
    *("to_self", "sequence"),
)


def _place(word: str) -> tuple[int, str]:
    return (_ORDER.index(word), word) if word in _ORDER else (len(_ORDER), word)


def _rising(order: npt.NDArray[np.int64]) -> bool:
    return bool((order[1:] > order[:-1]).all())


def in_time(at: pa.Array, good: Mask) -> npt.NDArray[np.int64]:
    """The good rows in the order of time, ties as they stand."""
    micros = pc.fill_null(pc.cast(at, pa.int64()), 0).to_numpy()
    kept = np.flatnonzero(good)
    times = micros[kept]
    if (times[1:] >= times[:-1]).all():
        return kept
    return kept[np.argsort(times, kind="stable")]


def of_records(records: pa.Table) -> pa.Table:
    """Records of the kind `payment` as the same columns, in the order of time; no row is left out.

    `sequence` is the row in `records`. A payment's id is its report key, else its record id in hexadecimal. A
    side without an account is null. A fact that one record has and another has not is NaN there.
    """
    size = records.num_rows
    keys = plain(single(records["report_key"]))
    if keys.null_count:
        keys = pc.coalesce(keys, _hex(single(records["record_id"])))
    sides = shared([texts(single(records[word])) for word in ("payer", "payee")])
    banks = shared([texts(single(records[word])) for word in _BANKS])
    fine = pc.coalesce(single(records["amount_fine"]), pc.cast(single(records["amount"]), FINE))
    made = {
        "payment_id": keys,
        "at": single(records["observed_at"]),
        **dict(zip(("payer", "payee"), sides, strict=True)),
        **dict(zip(_BANKS, banks, strict=True)),
        "amount": fine,
        "amount_float": pc.cast(fine, pa.float64()),
        "currency": texts(single(records["currency"])),
        "to_self": pc.fill_null(pc.equal(sides[0].indices, sides[1].indices), False),
        "sequence": pa.array(np.arange(size)),
    }
    for word in OPTIONAL:
        if word in records.column_names and word not in made and records[word].null_count < size:
            made[word] = texts(single(records[word]))
    made |= _facts(single(records["facts"]), size)
    order = in_time(made["at"], np.ones(size, np.bool_))
    return pa.table(made).take(pa.array(order))


def _hex(digests: pa.Array) -> pa.Array:
    """Record ids in hexadecimal, each of two digits a byte."""
    fixed = pc.cast(digests, RECORD_ID)
    size, width = len(fixed), RECORD_ID.byte_width
    start = fixed.offset * width
    raw = fixed.buffers()[1].slice(start, size * width).to_pybytes() if size else b""
    offsets = pa.array(np.arange(size + 1) * 2 * width, pa.int32())
    return pa.StringArray.from_buffers(size, offsets.buffers()[1], pa.py_buffer(raw.hex().encode()))


def _facts(lists: pa.Array, size: int) -> dict[str, pa.Array]:
    """Named numbers of each row as columns; of two of one name in one row, the last."""
    rows = np.asarray(pc.list_parent_indices(lists).to_numpy(), np.int64)
    flat = pc.list_flatten(lists)
    names = pc.dictionary_encode(flat.field("name"))
    codes = names.indices.to_numpy()
    values = flat.field("value").to_numpy(zero_copy_only=False)
    made: dict[str, pa.Array] = {}
    for code, name in enumerate(names.dictionary.to_pylist()):
        column = np.full(size, np.nan)
        column[rows[codes == code]] = values[codes == code]
        made[name] = pa.array(column)
    return dict(sorted(made.items()))


# Payments that a file holds twice: repeats of an earlier row, and other payments under its id.


_SAID: Final = ("amount_float", "sequence")
"""Columns that say nothing that others do not."""


def repeats(made: Mapping[str, pa.Array], good: Mask) -> tuple[Mask, Mask]:
    """Of the good rows: those that repeat an earlier one exactly, and those that only bear its id.

    An id is one payment at one paying bank: two banks that use the same number mean two payments.
    """
    size = len(good)
    none = np.zeros(size, np.bool_)
    named = made["payment_id"]
    if size < 2 or pc.all(pc.less(named.slice(0, size - 1), named.slice(1))).as_py():
        return none, none  # ids that rise, as most ledgers' do, are all different
    coded = pc.dictionary_encode(named)
    if len(coded.dictionary) == size:
        return none, none
    key = coded.indices.to_numpy().astype(np.int64)
    if "payer_bank" in made:
        bank = made["payer_bank"]
        codes = pc.fill_null(bank.indices, len(bank.dictionary)).to_numpy().astype(np.int64)
        key = key * (len(bank.dictionary) + 1) + codes
    first = _first(key, good)
    later = np.flatnonzero(good & (first != np.arange(size)))
    same = np.ones(len(later), np.bool_)
    for word, column in made.items():
        if word not in _SAID:
            same &= _equal(column, first[later], later)
    repeated, clashing = none.copy(), none
    repeated[later[same]] = True
    clashing = none.copy()
    clashing[later[~same]] = True
    return repeated, clashing


def _first(key: npt.NDArray[np.int64], good: Mask) -> npt.NDArray[np.int64]:
    """For each row the first good row of its key."""
    rows = np.flatnonzero(good)
    _, at, back = np.unique(key[rows], return_index=True, return_inverse=True)
    first = np.arange(len(key))
    first[rows] = rows[at][back]
    return first


def _equal(column: pa.Array, ones: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> Mask:
    if pa.types.is_dictionary(column.type):
        column = column.indices
    if pa.types.is_floating(column.type):
        values = column.to_numpy(zero_copy_only=False)
        alike: Mask = (values[ones] == values[others]) | (np.isnan(values[ones]) & np.isnan(values[others]))
        return alike
    left, right = column.take(pa.array(ones)), column.take(pa.array(others))
    same = pc.or_kleene(pc.equal(left, right), pc.and_(left.is_null(), right.is_null()))
    return np.asarray(pc.fill_null(same, False).to_numpy(zero_copy_only=False), np.bool_)
