"""Pattern instances as a fold: which records are taken, however the stream is cut."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa

from watchfloor.desks.finance import schemes
from watchfloor.records.kinds import PAYMENT

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
