"""Ledgers and accounts as CSV, on their way to records."""

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.formats.ledgers import HEADER, ROW, slowly, text_of
from tests.thorough import draws

from watchfloor.core.kinds import ACCOUNT, PAYMENT
from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.payments import ledger_accounts_csv, ledger_csv
from watchfloor.formats.payments.keys import account_key
from watchfloor.formats.payments.table import load, of_records
from watchfloor.formats.registry import recognise
from watchfloor.formats.tabular.own_csv import TABLES

LEDGER = (
    "payment_id,at,payer,payee,payer_bank,payee_bank,amount,currency,channel,payer_balance_before,payer_nationality\n"
    "1,2026-01-01T00:00:00Z,77,FI2112345600000785,ROYCCAT2,X,0.00012345,BTC,online,5.5,CA\n"
    "2,2026-01-02T00:00:00Z,78,9,003,X,10.5,CAD,online,,\n"
)
AMLWORLD = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,"
    "Payment Currency,Payment Format,Is Laundering\n"
    "2022/09/01 00:06,021174,800737690,012,80011F990,2848.96,Euro,2848.96,Euro,ACH,1\n"
)
ACCOUNTS = (
    "account_id,bank,holder,holder_type,opened,occupation,naics\n"
    "77,ROYCCAT2,C1,company,2020-01-31,,5221\n78,003,P1,person,,baker,\n"
)
AMLWORLD_ACCOUNTS = (
    "Bank Name,Bank ID,Account Number,Entity ID,Entity Name\nA Bank,21174,800737690,2AA,Corporation #82502\n"
)


def found(module, text):
    data = text.encode() if isinstance(text, str) else text
    pieces = list(module.read(BytesIO(data), "ledger.csv"))
    rows = [row for item in pieces if isinstance(item, Batch) for row in item.rows.to_pylist()]
    return rows, [item for item in pieces if isinstance(item, Fault)]


def test_payments_of_a_ledger():
    (first, second), faults = found(ledger_csv, LEDGER)
    assert not faults
    assert first["report_key"] == "ROYCCAT2:1"
    assert first["observed_at"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert (first["payer"], first["payee"]) == ("account:royccat2:77", "account:iban:FI2112345600000785")
    assert (first["amount"], first["amount_fine"]) == (Decimal("0.00"), Decimal("0.00012345"))
    assert (first["currency"], first["means"], first["channel"]) == ("XBT", "other", "online")
    assert first["facts"] == [{"name": "payer_balance_before", "value": 5.5}]
    assert second["payer"] == "account:3:78"
    assert (second["amount"], second["amount_fine"], second["facts"]) == (Decimal("10.50"), None, None)


def test_payments_of_amlworld():
    (row,), faults = found(ledger_csv, AMLWORLD)
    assert not faults
    assert (row["payer"], row["payee"]) == ("account:21174:800737690", "account:12:80011F990")
    assert (row["means"], row["channel"], row["report_key"]) == ("transfer", "ACH", None)


def test_accounts_meet_their_payments():
    payments, _ = found(ledger_csv, LEDGER)
    accounts, faults = found(ledger_accounts_csv, ACCOUNTS)
    assert not faults
    assert [row["subject"] for row in accounts] == [row["payer"] for row in payments]
    assert accounts[0]["holder"] == "company:royccat2:C1"
    assert accounts[1]["holder"] == "person:3:P1"
    assert (accounts[0]["opened"], accounts[0]["naics"]) == (date(2020, 1, 31), "5221")
    assert accounts[0]["observed_at"] == datetime(2020, 1, 31, tzinfo=UTC)
    (row,), _ = found(ledger_accounts_csv, AMLWORLD_ACCOUNTS)
    assert row["subject"] == found(ledger_csv, AMLWORLD)[0][0]["payer"]
    assert (row["holder"], row["holder_type"]) == ("company:21174:2AA", "corporation")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (LEDGER, "ledger-csv"),
        (AMLWORLD, "amlworld-csv"),
        (ACCOUNTS, "ledger-accounts-csv"),
        (AMLWORLD_ACCOUNTS, "ledger-accounts-csv"),
        ("step,type,amount,nameOrig,nameDest,isSAR\n", "ledger-csv"),
        ("report_key,observed_at,payer,payee,amount,currency,means\n", "payment-csv"),
    ],
)
def test_they_are_recognised(text, name):
    assert recognise(Head("x.csv", text.encode())).name == name


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,2026-02-30,A,B,X,X,1,CAD,,,", "the time is none"),
        ("1,2026-01-01,A,,X,X,1,CAD,,,", "payee is empty"),
        ("1,2026-01-01,A,B,X,X,0,CAD,,,", "the amount is zero"),
        ("1,2026-01-01,A,B,X,X,-1,CAD,,,", "the amount is negative"),
        ("1,2026-01-01,A,B,X,X,1e17,CAD,,,", "more than 16 digits"),
        ("1,2026-01-01,A,B,X,X,inf,CAD,,,", "no number"),
        ("1,2026-01-01,A,B,X,X,1,Groats,,,", "currency: 'Groats'"),
        ("1,2026-01-01,A,B,X,X,1,,,,", "currency is empty"),
        ("1,17,A,B,X,X,1,CAD,,,", "number of steps"),
        ("1,2026-01-01,vessel:imo:9074729,B,X,X,1,CAD,,,", "payer: "),
    ],
)
def test_bad_payments_are_faults_with_a_reason(line, reason):
    rows, faults = found(ledger_csv, LEDGER.splitlines()[0] + "\n" + line + "\n")
    assert rows == []
    assert [reason in fault.reason for fault in faults] == [True]
    assert faults[0].locator == "line 2"


def test_bad_accounts_are_faults_with_a_reason():
    rows, faults = found(
        ledger_accounts_csv, ACCOUNTS.splitlines()[0] + "\n,X,,,,,\n7,X,,,2020-02-30,,\nperson:a:1,,,,,,\n"
    )
    assert rows == []
    assert [fault.reason.partition(":")[0] for fault in faults] == [
        "account_id is empty",
        "opened",
        "account_id",
    ]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=draws(100))
@given(rows=st.lists(ROW, min_size=1, max_size=8))
def test_records_and_the_table_say_the_same(tmp_path, rows):
    """What the floor keeps of a ledger is what `payment_table` reads of it, but for ids that come again."""
    rows = [row | {"payment_id": f"{number}"} for number, row in enumerate(rows)]
    text = text_of(HEADER, [row.values() for row in rows])
    (tmp_path / "t.csv").write_text(text)
    table = load(tmp_path / "t.csv").rows
    parts = [
        item.rows for item in ledger_csv.read(BytesIO(text.encode()), "t.csv") if isinstance(item, Batch)
    ]
    kept, _ = slowly(rows)
    if not parts:
        assert (table.num_rows, kept) == (0, [])
        return
    read = parts[0].append_column("record_id", [[b"0" * 16] * parts[0].num_rows])
    again = of_records(read)
    for name in ("at", "amount", "currency"):
        assert again[name].to_pylist() == table[name].to_pylist()
    banks = [one[2][3] or None for one in kept]
    assert again["payer"].to_pylist() == [
        account_key(one[2][1], bank) for one, bank in zip(kept, banks, strict=True)
    ]


def test_records_of_a_ledger_are_written_and_read_back():
    rows, _ = found(ledger_csv, LEDGER)
    out = BytesIO()
    batches = [item for item in ledger_csv.read(BytesIO(LEDGER.encode()), "x") if isinstance(item, Batch)]
    TABLES["payment"].write(batches, out)
    again, faults = found(TABLES["payment"], out.getvalue())
    assert not faults
    assert again == rows


@pytest.mark.parametrize("module", [ledger_csv, ledger_accounts_csv])
@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "payer,payee\n"])
def test_other_files_are_refused_with_what_to_do(module, text):
    with pytest.raises(FormatError):
        found(module, text)


@settings(deadline=None, max_examples=draws(200))
@given(data=st.data())
def test_damage_gives_faults_or_a_format_error(data):
    module, text, kind = data.draw(
        st.sampled_from(
            [
                (ledger_csv, LEDGER, PAYMENT),
                (ledger_csv, AMLWORLD, PAYMENT),
                (ledger_accounts_csv, ACCOUNTS, ACCOUNT),
                (ledger_accounts_csv, AMLWORLD_ACCOUNTS, ACCOUNT),
            ]
        )
    )
    good = text.encode()
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        for item in module.read(BytesIO(bytes(damaged[: data.draw(st.integers(0, len(good)))])), "x"):
            assert item.reason if isinstance(item, Fault) else item.rows.schema.equals(kind.body)
