"""Payments as a ledger exports them: a CSV whose header names payer, payee, amount and time, and AMLworld's.

    payment_id,at,payer,payee,payer_bank,payee_bank,amount,currency,channel,payer_balance_before

Columns may be called as `payment_columns` knows them. A payer or payee is the key of an account: an IBAN, or
a number at its bank (`account:<bank>:<number>`); numbers without a bank are the ledger's own. An id is a
payment at one paying bank. Numbers `payer_*` and `payee_*` are facts. Labels are never read. A table whose
times are steps of a simulation has no moments: `watchfloor finance` reads it, the floor does not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.lists.countries import country_code
from watchfloor.formats.payments.cells import Mask, amounts, clock, mask, moments, numbers, one, texts
from watchfloor.formats.payments.columns import Columns, columns
from watchfloor.formats.payments.currencies import code_of
from watchfloor.formats.payments.keys import account_keys, person_key
from watchfloor.formats.payments.means import means_of
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular import delimited, mapping
from watchfloor.formats.tabular.measures import FINE, MONEY, WHOLE
from watchfloor.formats.tabular.table import Rows
from watchfloor.formats.tabular.values import by_distinct
from watchfloor.records.kinds import FACT, INSTANT, PAYMENT

NAME: Final = "ledger-csv"
AMLWORLD: Final = "amlworld-csv"

_TEXTS: Final = ("branch", "memo", "payer_bank", "payee_bank", "channel", "purpose", "device", "ip", "handle")
_SIMULATED: Final = ({"orig_acct", "bene_acct", "base_amt"}, {"nameOrig", "nameDest", "amount"})
_AMLWORLD: Final = {"Timestamp", "From Bank", "To Bank", "Amount Paid", "Payment Currency", "Payment Format"}
_CENT: Final = 2


def sniff(head: Head) -> float:
    """Sure where the header has our own words, or those of a simulator of payments."""
    names = set(delimited.header_of(head.data))
    ours = {"payer", "payee", "amount"} <= names and bool({"payment_id", "at"} & names)
    return 0.95 if ours or any(simulated <= names for simulated in _SIMULATED) else 0.0


def sniff_amlworld(head: Head) -> float:
    """Sure where the header is AMLworld's."""
    return 0.98 if set(delimited.header_of(head.data)) >= _AMLWORLD else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Payments and faults. Raises `FormatError` where a needed column is missing."""
    sheet = delimited.read(stream, name)
    found = columns(sheet.names)
    for word in ("payer", "payee", "amount", "currency", "at"):
        if word not in found.used:
            raise FormatError(
                f"{name} has no column {word!r}{nearest(word, found.ignored)}. For a table with columns of"
                " its own: watchfloor map FILE --kind payment"
            )
    for piece in sheet.pieces:
        yield from (piece,) if isinstance(piece, Fault) else payments(found, piece)


def payments(found: Columns, rows: Rows) -> Iterator[Batch | Fault]:
    """Rows of text, of known columns, as payments and faults."""
    block = _Block(found, rows)
    return mapping.kept(PAYMENT.name, block.payments(), block.wrong, rows)


@dataclass
class _Block:
    """Rows of text on the way to payments, and what is wrong with some."""

    found: Columns
    rows: Rows
    wrong: dict[int, str] = field(default_factory=dict)

    def cell(self, word: str) -> pa.Array | None:
        name = self.found.used.get(word)
        return one(self.rows.cells[name]) if name is not None else None

    def fault(self, reason: str, where: Mask) -> None:
        for row in np.flatnonzero(where).tolist():
            self.wrong.setdefault(row, reason)

    def payments(self) -> dict[str, pa.Array]:
        size = self.rows.cells.num_rows
        made: dict[str, pa.Array] = {name: pa.nulls(size, PAYMENT.body.field(name).type) for name in _NAMES}
        made["origins"] = pa.array([[]] * size, pa.list_(pa.string()))
        made |= {word: cells for word in _TEXTS if (cells := self.said(word)) is not None}
        for side in ("payer", "payee"):
            made[side], wrong = account_keys(self.needed(side), self.cell(f"{side}_bank"))
            self.wrong = {row: f"{side}: {why}" for row, why in wrong.items()} | self.wrong
            if (seat := self.cell(f"{side}_seat")) is not None:
                made[f"{side}_seat"] = self.distinct(f"{side}_seat", seat, _country)
        made["observed_at"] = self.moment()
        made |= self.money()
        made["means"] = self.means(made)
        made["report_key"] = self.key(made)
        if (conductor := self.cell("conductor")) is not None:
            made["conductor"] = self.distinct("conductor", conductor, person_key)
        made["facts"] = self.facts(size)
        return made

    def said(self, word: str) -> pa.Array | None:
        cells = self.cell(word)
        return None if cells is None else texts(cells).dictionary_decode()

    def needed(self, word: str) -> pa.Array:
        cells = texts(self.cell(word))
        empty = mask(cells.indices.is_null())
        if word in ("payer", "payee") and (means := self.cell("means")) is not None:
            cash = texts(means, lambda text: "cash" if means_of(text) == "cash" else None)
            other = texts(self.cell("payee" if word == "payer" else "payer"))
            empty &= ~(mask(cash.indices.is_valid()) & mask(other.indices.is_valid()))
        self.fault(f"{word} is empty", empty)
        return cells

    def distinct(self, word: str, cells: pa.Array, read: Callable[[str], str]) -> pa.Array:
        column = by_distinct(texts(cells).dictionary_decode(), read, pa.string())
        for row, why in column.wrong.items():
            self.wrong.setdefault(row, f"{word}: {why}")
        return column.values

    def moment(self) -> pa.Array:
        read = moments(self.cell("at"))
        if read.notes:
            self.fault("the time is a number of steps, and no moment", np.ones(len(read.values), np.bool_))
        for reason, where in read.whys.items():
            self.fault(reason, where)
        if (time := self.cell("time")) is None:
            return read.values
        day = pc.floor_temporal(read.values, unit="day")
        return pc.cast(pc.add(pc.cast(day, pa.int64()), pc.fill_null(clock(time), 0)), INSTANT)

    def money(self) -> dict[str, pa.Array]:
        read = amounts(self.cell("amount"))
        for reason, where in read.whys.items():
            self.fault(reason, where)
        floats = pc.fill_null(pc.cast(read.values, pa.float64()), 1.0).to_numpy()
        self.fault("the amount is zero", floats == 0)
        self.fault("the amount is negative", floats < 0)
        self.fault(
            f"the amount has more than {WHOLE} digits before its decimals", np.abs(floats) >= 10.0**WHOLE
        )
        least = pc.if_else(pa.array(np.abs(floats) >= 10.0**WHOLE), None, read.values)
        rounded = pc.cast(pc.round(least, ndigits=_CENT, round_mode="half_to_even"), MONEY)
        exact = pc.equal(pc.cast(rounded, FINE), read.values)
        currency = self.distinct("currency", self.needed("currency"), _currency)
        return {
            "amount": pc.fill_null(rounded, pa.scalar(0, MONEY)),
            "amount_fine": pc.if_else(exact, None, read.values),
            "currency": currency,
        }

    def means(self, made: dict[str, pa.Array]) -> pa.Array:
        cells = self.cell("means")
        if cells is None:
            return pa.repeat(pa.scalar("other"), self.rows.cells.num_rows)
        coded = texts(cells)
        if "channel" not in self.found.used:
            made["channel"] = coded.dictionary_decode()
        return pc.fill_null(texts(coded, means_of).dictionary_decode(), "other")

    def key(self, made: dict[str, pa.Array]) -> pa.Array:
        """The payment's id, behind its bank where there is one: banks use each other's ids."""
        cells = self.said("payment_id")
        if cells is None:
            return made["report_key"]
        return pc.coalesce(pc.binary_join_element_wise(made["payer_bank"], cells, ":"), cells)

    def facts(self, size: int) -> pa.Array:
        named = [(word, numbers(self.cell(word))[0]) for word in self.found.facts]
        if not named:
            return pa.nulls(size, pa.list_(FACT))
        matrix = np.column_stack([values for _, values in named])
        known = np.isfinite(matrix)
        codes = np.broadcast_to(np.arange(len(named), dtype=np.int32), matrix.shape)[known]
        names = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array([word for word, _ in named]))
        flat = pa.StructArray.from_arrays(
            [names.dictionary_decode(), pa.array(matrix[known])], fields=list(FACT)
        )
        counts = known.sum(axis=1)
        offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        return pa.ListArray.from_arrays(
            pa.array(offsets), flat, type=pa.list_(FACT), mask=pa.array(counts == 0)
        )


def _country(text: str) -> str:
    found = country_code(text)
    if found is None:
        raise ValueError(f"{text!r} is no country or code of ISO 3166-1")
    return found


def _currency(text: str) -> str:
    found = code_of(text)
    if found is None:
        raise ValueError(f"{text!r} is no currency of ISO 4217, and no virtual coin known here")
    return found


_NAMES: Final = tuple(name for name in PAYMENT.body.names if name != "locator")

FORMAT: Final = Format(NAME, (PAYMENT.name,), sniff, read)
AMLWORLD_FORMAT: Final = Format(AMLWORLD, (PAYMENT.name,), sniff_amlworld, read)
