"""Exports of Interac e-Transfers."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.kinds import PAYMENT
from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.payments.interac_csv import FORMAT, read, sniff
from watchfloor.formats.registry import recognise

HEADER = "reference number,date,status,sender,sender account,recipient,recipient account,handle,amount,memo\n"
GOOD = HEADER + "CA1,2026-01-02T03:04:05Z,Deposited,Ann Roe,12345,Bob,,Bob@Example.ca,50.25,rent\n"


def found(text):
    data = text.encode() if isinstance(text, str) else text
    pieces = list(read(BytesIO(data), "etransfers.csv"))
    rows = [row for item in pieces if isinstance(item, Batch) for row in item.rows.to_pylist()]
    return rows, [item for item in pieces if isinstance(item, Fault)]


def one(**said):
    cells = {
        "reference number": "CA1",
        "date": "2026-01-02",
        "status": "Deposited",
        "sender": "",
        "sender account": "12345",
        "recipient": "",
        "handle": "bob@example.ca",
        "amount": "50.25",
    } | said
    return found(",".join(cells) + "\n" + ",".join(f'"{cell}"' for cell in cells.values()) + "\n")


def test_a_transfer():
    rows, faults = found(GOOD)
    assert not faults
    (row,) = rows
    assert row["report_key"] == "CA1"
    assert row["observed_at"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (row["payer"], row["payee"]) == ("account:interac:12345", "account:interac:bob@example.ca")
    assert (row["amount"], row["currency"], row["means"]) == (Decimal("50.25"), "CAD", "transfer")
    assert (row["channel"], row["handle"], row["memo"]) == ("e-transfer", "Bob@Example.ca", "rent")


def test_a_handle_is_one_however_it_is_written():
    numbers = {
        one(handle=text)[0][0]["payee"] for text in ("+1 (613) 555-0100", "1 613 555 0100", "16135550100")
    }
    assert numbers == {"account:interac:16135550100"}


def test_a_name_is_no_identity():
    rows, faults = one(**{"sender": "Ann Roe", "sender account": ""})
    assert rows[0]["payer"] is None
    assert [fault.partly for fault in faults] == [True]
    assert "no identity" in faults[0].reason


def test_two_names_are_no_payment():
    rows, faults = one(**{"sender": "Ann Roe", "sender account": "", "recipient": "Bob Roe", "handle": ""})
    assert rows == []
    assert [fault.partly for fault in faults] == [False]


@pytest.mark.parametrize(
    "status", ["Pending", "Cancelled", "Declined", "expired", "sent", "Annulé", "Not deposited", "", "??"]
)
def test_money_that_has_not_moved_is_no_payment(status):
    rows, faults = one(status=status)
    assert rows == []
    assert "status" in faults[0].reason


@pytest.mark.parametrize(
    "status", ["Deposited", "AUTODEPOSIT COMPLETED", "completed", "Déposé", "Auto-Deposited"]
)
def test_money_that_has_moved_is(status):
    assert len(one(status=status)[0]) == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "x"}, "amount"),
        ({"date": "2026-02-30"}, "time"),
        ({"date": "17"}, "number"),
        ({"currency": "ZZZ"}, "currency"),
    ],
)
def test_what_is_wrong_is_said(said, reason):
    rows, faults = one(**said)
    assert rows == []
    assert reason in faults[0].reason


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "reference number,date,status,amount\n"])
def test_what_is_no_such_export_is_refused(text):
    with pytest.raises(FormatError):
        found(text)


def test_it_is_recognised():
    assert recognise(Head("x.csv", GOOD.encode())) is FORMAT
    assert sniff(Head("x.csv", b"reference,date,status,amount\n")) == 0.0


@settings(deadline=None, max_examples=draws(200))
@given(data=st.data())
def test_damage_gives_faults_or_a_format_error(data):
    good = (GOOD * 2).encode()
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(0, 5))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        for item in read(BytesIO(bytes(damaged[: data.draw(st.integers(0, len(good)))])), "x"):
            assert item.reason if isinstance(item, Fault) else item.rows.schema.equals(PAYMENT.body)
