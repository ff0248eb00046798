"""Payments as a ledger exports them: a CSV whose header names payer, payee, amount and time, and AMLworld's.

    payment_id,at,payer,payee,payer_bank,payee_bank,amount,currency,channel,payer_balance_before

Columns may be called as `payment_columns` knows them. A payer or payee is the key of an account: an IBAN, or
a number at its bank (`account:<bank>:<number>`); numbers without a bank are the ledger's own. An id is a
payment at one paying bank. Numbers `payer_*` and `payee_*` are facts. Labels are never read. A table whose
times are steps of a simulation has no moments: `watchfloor finance` reads it, the floor does not.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import FACT, INSTANT, PAYMENT
from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.payments.block import PaymentBlock
from watchfloor.formats.payments.cells import amounts, clock, mask, moments, numbers, texts
from watchfloor.formats.payments.columns import columns, is_fact
from watchfloor.formats.payments.currencies import code_of
from watchfloor.formats.payments.keys import account_keys, person_key
from watchfloor.formats.payments.means import means_of
from watchfloor.formats.tabular import delimited
from watchfloor.formats.tabular.measures import FINE, MONEY, WHOLE
from watchfloor.formats.tabular.table import Rows, each
from watchfloor.formats.tabular.values import by_distinct, country

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
    found.require(("payer", "payee", "amount", "currency", "at"), name, PAYMENT.name)
    yield from each(sheet.pieces, partial(_payments, found.used))


def _payments(found: Mapping[str, str], rows: Rows) -> Iterator[Batch | Fault]:
    block = _Ledger(found, rows)
    return block.batches(PAYMENT.name, block.payments())


class _Ledger(PaymentBlock):
    """Rows of a ledger."""

    def payments(self) -> dict[str, pa.Array]:
        made = self.unfilled(PAYMENT) | {word: self.text(word) for word in _TEXTS}
        for side in ("payer", "payee"):
            made[side] = self.checked(side, account_keys(self.needed(side), self.coded(f"{side}_bank")))
            made[f"{side}_seat"] = self.checked(f"{side}_seat", country(self.text(f"{side}_seat")))
        made["observed_at"] = self.moment()
        made |= self.money() | self.means()
        # the payment's id, behind its bank where there is one: banks use each other's ids
        ids = self.text("payment_id")
        made["report_key"] = pc.coalesce(pc.binary_join_element_wise(made["payer_bank"], ids, ":"), ids)
        made["conductor"] = self.distinct("conductor", person_key)
        made["facts"] = self.facts()
        return made

    def needed(self, word: str) -> pa.DictionaryArray:
        cells = self.coded(word)
        missing = mask(cells.indices.is_null())
        if word in ("payer", "payee") and "means" in self.found:
            cash = texts(self.coded("means"), lambda text: "cash" if means_of(text) == "cash" else None)
            other = self.coded("payee" if word == "payer" else "payer")
            missing &= ~(mask(cash.indices.is_valid()) & mask(other.indices.is_valid()))
        self.refuse(f"{word} is empty", missing)
        return cells

    def distinct(self, word: str, read: Callable[[str], str]) -> pa.Array:
        return self.checked(word, by_distinct(self.text(word), read, pa.string()))

    def moment(self) -> pa.Array:
        read = moments(self.cell("at"))
        if read.notes:
            self.refuse("the time is a number of steps, and no moment", np.ones(self.size, np.bool_))
        at = self.usable(read)
        if (time := self.cell("time")) is None:
            return at
        day = pc.floor_temporal(at, unit="day")
        return pc.cast(pc.add(pc.cast(day, pa.int64()), pc.fill_null(clock(time), 0)), INSTANT)

    def money(self) -> dict[str, pa.Array]:
        found = self.usable(amounts(self.cell("amount")))
        floats = pc.fill_null(pc.cast(found, pa.float64()), 1.0).to_numpy()
        long = np.abs(floats) >= 10.0**WHOLE
        self.refuse("the amount is zero", floats == 0)
        self.refuse("the amount is negative", floats < 0)
        self.refuse(f"the amount has more than {WHOLE} digits before its decimals", long)
        least = pc.if_else(pa.array(long), None, found)
        rounded = pc.cast(pc.round(least, ndigits=_CENT, round_mode="half_to_even"), MONEY)
        exact = pc.equal(pc.cast(rounded, FINE), found)
        self.needed("currency")
        return {
            "amount": pc.fill_null(rounded, pa.scalar(0, MONEY)),
            "amount_fine": pc.if_else(exact, None, found),
            "currency": self.distinct("currency", _currency),
        }

    def means(self) -> dict[str, pa.Array]:
        cells = self.coded("means")
        means = pc.fill_null(texts(cells, means_of).dictionary_decode(), "other")
        return {"means": means} | ({} if "channel" in self.found else {"channel": cells.dictionary_decode()})

    def facts(self) -> pa.Array:
        named = [(word, numbers(self.cell(word))[0]) for word in self.found if is_fact(word)]
        if not named:
            return pa.nulls(self.size, pa.list_(FACT))
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


def _currency(text: str) -> str:
    found = code_of(text)
    if found is None:
        raise ValueError(f"{text!r} is no currency of ISO 4217, and no virtual coin known here")
    return found


FORMAT: Final = Format(NAME, (PAYMENT.name,), sniff, read)
AMLWORLD_FORMAT: Final = Format(AMLWORLD, (PAYMENT.name,), sniff_amlworld, read)
