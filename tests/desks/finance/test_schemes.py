"""Pattern instances as a fold: which records are taken, however the stream is cut."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from watchfloor.core.kinds import PAYMENT
from watchfloor.core.messages import Reason
from watchfloor.desks.finance import rates, schemes
from watchfloor.desks.finance.patterns.instances import Instance
from watchfloor.desks.finance.rates import Together
from watchfloor.desks.state import restored, tables

START = datetime(2026, 1, 1, tzinfo=UTC)


def record(number, key, payee="account:core:b", amount=5):
    says = {"record_id": number.to_bytes(16, "big"), "report_key": key, "source": "ledger", "origins": []}
    when = {"observed_at": START + timedelta(hours=number), "marking": "PB//TLP:AMBER", "currency": "CAD"}
    paid = {"payer": "account:core:a", "payee": payee, "amount": Decimal(amount), "means": "transfer"}
    return dict.fromkeys(PAYMENT.schema.names) | says | when | paid


def taken(rows, size):
    """The records in the book, and which of them were put right."""
    state, table = schemes.Schemes(), pa.Table.from_pylist(rows, PAYMENT.schema)
    for start in range(0, len(rows), size):
        schemes.step("finance", bytes(32), state, table.slice(start, size))
    book = state.books["CAD"]
    return [int.from_bytes(one, "big") for one in book.rows["record_id"].to_pylist()], sorted(book.gone)


def test_a_report_that_could_not_be_taken_is_no_earlier_one():
    """Without a payee, or of nothing: what is reported again under its key comes for the first time."""
    rows = [record(1, "k", payee=None), record(2, "k"), record(3, "j", amount=0), record(4, "j")]
    for size in (4, 2, 1):
        assert taken(rows, size) == ([2, 4], [])


def test_what_is_put_right_is_gone_and_does_not_come_anew():
    rows = [record(1, "k"), record(2, "k", amount=6), record(3, "j"), record(4, "k", payee=None)]
    for size in (4, 2, 1):
        assert taken(rows, size) == ([1, 3], [0])


RATES = rates.read(b"date,from,to,rate\n2026-01-20,USD,CAD,1.4\n2026-01-20,XBT,CAD,90000\n", "r")
RING = [  # payer, payee, hours since it began, amount, its currency
    *((0, 1, 0, "1400.00", "CAD"), (1, 2, 9, "980.00", "USD"), (2, 3, 20, "0.0151", "XBT")),
    *((3, 4, 28, "945.00", "USD"), (4, 0, 40, "1300.00", "CAD")),
]


def ledger():
    """Neighbours who pay each other for weeks, then a ring that changes currency, then a day more."""
    draw = np.random.default_rng(1)
    rows = [
        record(number, None, f"account:core:{draw.integers(150)}", 20 + int(draw.integers(9)))
        | {"payer": f"account:core:{draw.integers(150)}"}
        for number in range(1, 600)
    ]
    for number, (payer, payee, hours, amount, currency) in enumerate(RING, 1000):
        fine = Decimal(amount)
        rows.append(
            record(number, None, f"account:ring:{payee}", 0)
            | {"payer": f"account:ring:{payer}", "currency": currency}
            | {"amount": round(fine, 2), "amount_fine": fine if currency == "XBT" else None}
            | {"observed_at": START + timedelta(days=20, hours=hours)}
        )
    rows.append(record(700, None, "account:core:1"))
    return pa.Table.from_pylist(sorted(rows, key=lambda row: row["observed_at"]), PAYMENT.schema)


def told_of(table, held, cuts=()):
    """The signals of rings among accounts of the ring."""
    state, made = schemes.Schemes(rates=held), []
    edges = [0, *cuts, table.num_rows]
    for low, high in pairwise(edges):
        made += schemes.step("finance", bytes(32), state, table.slice(low, high - low))
        state = restored(schemes.Schemes(rates=held), tables(state))
    return [row for row in made if row["rule"] == "pattern-cycle" and "account:ring:0" in row["subjects"]]


@pytest.mark.parametrize("cuts", [(), (100, 480, 482, 484)])
def test_a_ring_that_changes_currency_is_told_with_exact_sums(cuts):
    table = ledger()
    assert told_of(table, None) == []
    *_, signal = told_of(table, RATES, cuts)
    assert len(signal["evidence"]) == 5
    assert signal["reason"]["message"] == "finance.pattern-cycle.converted"
    params = Reason.load(signal["reason"]).params
    assert params["amounts"] == "2700.00 CAD, 1925.00 USD, 0.01510000 XBT"
    assert params["total"] == 2700 + 1925 * 1.4 + 0.0151 * 90000


@pytest.mark.parametrize(
    "total", ["7.10", "90071992547409931.27", "123456789012345678901234567890.50", "7.105"]
)
def test_the_total_of_a_sentence_is_exact(total):
    """The nearest float of 90,071,992,547,409,931.27 was told as the sum; 30 digits ended the desk's run."""
    one = Instance(1, "cycle", (1, 2), (3, 4), 0, 1, 0.9)
    why = schemes._why(one, Together({"CAD": Decimal(total)}, Decimal(total), "CAD"), 0)
    assert f"{total} CAD" in str(why)
