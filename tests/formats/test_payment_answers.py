"""Labels and patterns of simulated ledgers, which stay apart from their payments."""

import pyarrow as pa
import pytest
from pyarrow import parquet

from watchfloor.formats.base import FormatError
from watchfloor.formats.payments.answers import labels, patterns
from watchfloor.formats.payments.table import load

AMLWORLD = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,"
    "Payment Currency,Payment Format,Is Laundering\n"
)
LINES = (
    "2022/09/01 00:20,010,8000EBD30,010,8000EBD30,3697.34,US Dollar,3697.34,US Dollar,Reinvestment,0",
    "2022/09/01 00:06,021174,800737690,012,80011F990,2848.96,Euro,2848.96,Euro,ACH,1",
    "2022/09/01 00:06,021174,800737690,012,80011F990,2848.96,Euro,2848.96,Euro,ACH,1",
    "2022/09/02 00:00,012,80011F990,021174,800737690,0.5,Bitcoin,17000,Yuan,Wire,1",
    "2022/09/02 00:00,012,8000EBD30,021174,800737690,5,Shekel,5,Shekel,Credit Card,0",
)
PATTERNS = f"""BEGIN LAUNDERING ATTEMPT - FAN-OUT:  Max 16-degree Fan-Out
{LINES[2]}
{LINES[1].replace("021174", "21174")}
END LAUNDERING ATTEMPT - FAN-OUT

BEGIN LAUNDERING ATTEMPT - CYCLE:  Max 2 hops
{LINES[3]}
2022/09/03 00:00,012,80011F990,021174,800737690,1,Euro,1,Euro,ACH,1
END LAUNDERING ATTEMPT - CYCLE
"""
GENTEX = {
    "step": pa.array([0, 3, 3, 4], pa.int32()),
    "type": ["INITALBALANCE", "TRANSFER", "CASH", "TRANSFER"],
    "amount": [100.0, 12.345678901234567, 5.0, 7.0],
    "nameOrig": pa.array([-2, 1, 2, 1], pa.int32()),
    "nameDest": pa.array([1, 2, -1, 2], pa.int32()),
    "bankOrig": ["source", "swed", "hand", "hand"],
    "bankDest": ["swed", "hand", "sink", "hand"],
    "daysInBankOrig": pa.array([0, 3, 3, 0], pa.int32()),
    "phoneChangesOrig": pa.array([0, 1, 0, 0], pa.int16()),
    "oldbalanceOrig": [0.0, 100.0, 50.0, 80.0],
    "newbalanceOrig": [0.0, 87.0, 45.0, 73.0],
    "daysInBankDest": pa.array([0, 3, 0, 4], pa.int32()),
    "phoneChangesDest": pa.array([0, 0, 0, 0], pa.int16()),
    "oldbalanceDest": [100.0, 40.0, 0.0, 1.0],
    "newbalanceDest": [200.0, 52.0, 0.0, 8.0],
    "isSAR": pa.array([0, 1, 0, 0], pa.int8()),
    "patternID": pa.array([-1, 6, -1, -1], pa.int32()),
    "modelType": pa.array([0, 3, 0, 11], pa.int16()),
}


@pytest.fixture
def amlworld(tmp_path):
    path = tmp_path / "HI-Small_Trans.csv"
    path.write_text(AMLWORLD + "\n".join(LINES) + "\n")
    return path


def test_amlworld(amlworld):
    table = load(amlworld)
    assert not table.refused
    assert table.rows["sequence"].to_pylist() == [1, 2, 0, 3, 4]
    assert table.rows["payment_id"].to_pylist() == ["2", "3", "1", "4", "5"]
    assert table.rows["currency"].to_pylist() == ["EUR", "EUR", "USD", "CNY", "ILS"]
    assert table.rows["currency_received"].to_pylist() == ["EUR", "EUR", "USD", "XBT", "ILS"]
    assert table.rows["amount_float"].to_pylist()[3] == 17000
    assert table.rows["means"].to_pylist() == ["transfer", "transfer", "transfer", "wire", "card"]
    assert table.rows["channel"].to_pylist() == ["ACH", "ACH", "Reinvestment", "Wire", "Credit Card"]
    assert table.rows["payer"].to_pylist()[2:] == ["8000EBD30@10", "80011F990", "8000EBD30@12"]
    assert not {"Is Laundering", "label", "is_laundering"} & set(table.rows.column_names)
    assert "Is Laundering: kept apart, as it is the answer" in table.notes


def test_labels_of_amlworld_join_by_sequence(amlworld):
    found = labels(amlworld)
    assert found["label"].to_pylist() == [False, True, True, True, False]
    assert found["payment_id"].to_pylist() == ["1", "2", "3", "4", "5"]
    assert found["sequence"].to_pylist() == [0, 1, 2, 3, 4]


def test_patterns_of_amlworld_are_its_payments_each_once(amlworld, tmp_path):
    path = tmp_path / "HI-Small_Patterns.txt"
    path.write_text(PATTERNS)
    found = patterns(path, amlworld)
    assert found.unmatched == 1
    assert found.rows.to_pylist() == [
        {"instance": 0, "typology": "FAN-OUT", "sequence": 1, "payment_id": "2"},
        {"instance": 0, "typology": "FAN-OUT", "sequence": 2, "payment_id": "3"},
        {"instance": 1, "typology": "CYCLE", "sequence": 3, "payment_id": "4"},
    ]


def test_a_file_without_attempts_is_none(amlworld, tmp_path):
    (tmp_path / "p.txt").write_text("nothing\n")
    with pytest.raises(FormatError, match="BEGIN LAUNDERING ATTEMPT"):
        patterns(tmp_path / "p.txt", amlworld)


def test_amlgentex(tmp_path):
    path = tmp_path / "tx_log.parquet"
    parquet.write_table(pa.table(GENTEX), path)
    table = load(path)
    assert {reason: number for reason, number, _ in table.refused} == {"an opening balance is no payment": 1}
    rows = table.rows
    assert rows["payer"].to_pylist() == ["1", "2", "1"]
    assert rows["payee"].to_pylist() == ["2", None, "2"]
    assert rows["payer_bank"].to_pylist() == ["swed", "hand", "hand"]
    assert rows["payee_bank"].to_pylist() == ["hand", "sink", "hand"]
    assert rows["currency"].to_pylist() == ["XXX"] * 3
    assert rows["at"].to_pylist()[0].isoformat() == "1970-01-04T00:00:00+00:00"
    assert [n for n in rows.column_names if n.startswith("paye") and n not in ("payer", "payee")] == [
        *("payer_bank", "payee_bank", "payee_balance_before", "payee_phone_changes", "payee_tenure_days"),
        *("payer_balance_before", "payer_phone_changes", "payer_tenure_days"),
    ]
    assert rows["payer_balance_before"].to_pylist() == [100.0, 50.0, 80.0]
    assert rows["payer_phone_changes"].to_pylist() == [1.0, 0.0, 0.0]
    found = labels(path)
    assert found["label"].to_pylist() == [False, True, False, False]
    assert found["instance"].to_pylist() == [None, "6", None, None]
    assert found["typology"].to_pylist() == ["0", "3", "0", "11"]


def test_amlsim(tmp_path):
    path = tmp_path / "transactions.csv"
    path.write_text(
        "tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id\n"
        "1,6456,9069,TRANSFER,465.05,2017-01-01T00:00:00Z,False,-1\n"
        "2,7516,9543,TRANSFER,564.64,2017-01-02T00:00:00Z,True,193\n"
    )
    table = load(path)
    assert table.rows["payment_id"].to_pylist() == ["1", "2"]
    assert table.rows["payer"].to_pylist() == ["6456", "7516"]
    assert labels(path)["label"].to_pylist() == [False, True]
    assert labels(path)["instance"].to_pylist() == [None, "193"]


def test_older_amlsim_and_its_raw_log(tmp_path):
    path = tmp_path / "tx.csv"
    path.write_text(
        "TX_ID,SENDER_ACCOUNT_ID,RECEIVER_ACCOUNT_ID,TX_TYPE,TX_AMOUNT,TIMESTAMP,IS_FRAUD,ALERT_ID\n"
        "1,6456,9069,TRANSFER,465.05,0,False,-1\n2,4282,5009,TRANSFER,570258.25,101,True,1\n"
    )
    table = load(path)
    assert [moment.day for moment in table.rows["at"].to_pylist()] == [1, 12]
    assert labels(path)["label"].to_pylist() == [False, True]
    path.write_text(
        "step,type,amount,nameOrig,oldbalanceOrig,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isSAR,alertID\n"
        "3,TRANSFER,5.5,1,10.0,4.5,2,1.0,6.5,0,-1\n"
    )
    assert load(path).rows["payee_balance_before"].to_pylist() == [1.0]


def test_steps_of_paysim_are_hours(tmp_path):
    path = tmp_path / "paysim.csv"
    path.write_text(
        "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,"
        "isFlaggedFraud\n25,CASH_OUT,5,C1,10,5,C2,0,5,1,0\n"
    )
    table = load(path)
    assert table.rows["at"].to_pylist()[0].isoformat() == "1970-01-02T01:00:00+00:00"
    assert table.rows["payer_balance_before"].to_pylist() == [10.0]
    assert labels(path)["label"].to_pylist() == [True]


def test_a_file_of_labels_alone(tmp_path):
    (tmp_path / "l.csv").write_text("payment_id,label\n007,1\n8,0\n9,true\n")
    found = labels(tmp_path / "l.csv")
    assert found["payment_id"].to_pylist() == ["007", "8", "9"]
    assert found["label"].to_pylist() == [True, False, True]


def test_a_file_without_labels_says_so(tmp_path):
    (tmp_path / "l.csv").write_text("payment_id\n1\n")
    with pytest.raises(FormatError, match="no column of labels"):
        labels(tmp_path / "l.csv")
