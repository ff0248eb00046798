"""Payments of a whole file: what is read, what is refused and why, and that a slow plain reader agrees."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from tests.formats.ledgers import HEADER, OTHER, ROW, WORDS, slowly, text_of
from tests.thorough import draws

from watchfloor.core.kinds import INSTANT, PAYMENT
from watchfloor.desks.finance.sample import sample
from watchfloor.formats.base import FormatError
from watchfloor.formats.payments.cells import Steps
from watchfloor.formats.payments.table import load, of_records

SLOW = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=draws(150)
)
PLAIN = "payment_id,at,payer,payee,amount,currency\n"
CODED = pa.dictionary(pa.int32(), pa.string())


def loaded(path, text, **how):
    file = path / "payments.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return load(file, **how)


def one(path, **cells):
    row = {
        "payment_id": "1",
        "at": "2026-01-01",
        "payer": "A",
        "payee": "B",
        "amount": "5",
        "currency": "CAD",
    }
    row |= cells
    return loaded(path, text_of(row, [row.values()]))


def reasons(table):
    return {reason: number for reason, number, _ in table.refused}


@SLOW
@given(rows=st.lists(ROW, max_size=12), other=st.booleans(), delimiter=st.sampled_from(",;\t|"))
def test_a_slow_reader_agrees(tmp_path, rows, other, delimiter):
    header = [OTHER[name] for name in HEADER] if other else HEADER
    table = loaded(tmp_path, text_of(header, [row.values() for row in rows], delimiter))
    kept, refused = slowly(rows)
    assert table.received == len(rows) == table.rows.num_rows + sum(number for _, number, _ in table.refused)
    assert table.rows["payment_id"].to_pylist() == [named for named, _, _ in kept]
    assert table.rows["sequence"].to_pylist() == [number for _, number, _ in kept]
    found = [table.rows[name].to_pylist() for name in ("at", "amount", "currency")]
    assert list(zip(*found, strict=True)) == [(made[0], made[5], made[6]) for _, _, made in kept]
    for side, bank, at in (("payer", "payer_bank", 1), ("payee", "payee_bank", 2)):
        names = [name.partition("@")[0] for name in table.rows[side].to_pylist()]
        assert names == [made[at] for _, _, made in kept]
        assert table.rows[bank].to_pylist() == [made[at + 2] or None for _, _, made in kept]
    counted = Counter(reason for reason in refused.values())
    for reason, number in counted.items():
        assert sum(reasons(table).get(word, 0) for word in WORDS[reason]) == number


@SLOW
@given(rows=st.lists(ROW, min_size=1, max_size=4), data=st.data())
def test_damage_gives_a_table_or_a_format_error(tmp_path, rows, data):
    good = text_of(HEADER, [row.values() for row in rows]).encode()
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        table = loaded(tmp_path, bytes(damaged[: data.draw(st.integers(0, len(good)))]))
        assert table.received == table.rows.num_rows + sum(number for _, number, _ in table.refused)


@SLOW
@given(data=st.binary(max_size=200))
def test_any_bytes_give_a_table_or_a_format_error(tmp_path, data):
    for start in (b"", PLAIN.encode(), b"PAR1"):
        with suppress(FormatError):
            loaded(tmp_path, start + data)


CELLS = {
    "text": st.text(max_size=4),
    "whole": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(),
    "truth": st.booleans(),
    "bytes": st.binary(max_size=3),
    "moment": st.datetimes(),
    "day": st.dates(),
    "clock": st.times(),
    "list": st.lists(st.text(max_size=2), max_size=2),
    "struct": st.fixed_dictionaries({"a": st.integers(0, 3)}),
    "decimal": st.decimals(-(10**9), 10**9, places=3),
    "none": st.none(),
}


@SLOW
@given(data=st.data())
def test_parquet_of_any_types_gives_a_table_or_a_format_error(tmp_path, data):
    columns = {}
    for name in (*HEADER, "step", "time", "payer_tenure_days", "means"):
        if sort := data.draw(st.sampled_from(["", *CELLS]), name):
            cells = data.draw(st.lists(st.none() | CELLS[sort], min_size=2, max_size=2))
            columns[name] = pa.array(cells) if sort != "text" else pa.array(cells, pa.string())
    if not columns:
        return
    parquet.write_table(pa.table(columns), tmp_path / "t.parquet")
    with suppress(FormatError):
        table = load(tmp_path / "t.parquet")
        assert table.received == 2 == table.rows.num_rows + sum(number for _, number, _ in table.refused)


def test_no_step_comes_before_the_first(tmp_path):
    table = loaded(tmp_path, "step,payer,payee,amount,currency\n-1,A,B,1,CAD\n0,A,B,1,CAD\n")
    assert table.rows["sequence"].to_pylist() == [1]


def test_a_country_is_no_fact(tmp_path):
    table = one(tmp_path, payer_country="CA", payee_citizenship_code="4", payer_country_risk="0.5")
    assert not [name for name in table.rows.column_names if name.startswith(("payer_", "payee_"))]
    assert "payer_country, payee_citizenship_code, payer_country_risk: never read" in table.notes


def test_the_columns_are_what_the_engine_is_promised(tmp_path):
    rows = one(tmp_path, payer_bank="X", payee_bank="Y", memo="rent", payer_tenure_days="4").rows
    assert dict(zip(rows.schema.names, rows.schema.types, strict=True)) == {
        "payment_id": pa.string(),
        "at": INSTANT,
        **dict.fromkeys(("payer", "payee", "payer_bank", "payee_bank", "currency", "memo"), CODED),
        "amount": pa.decimal128(38, 18),
        "amount_float": pa.float64(),
        "to_self": pa.bool_(),
        "sequence": pa.int64(),
        "payer_tenure_days": pa.float64(),
    }
    payer, payee = (rows[side].combine_chunks().dictionary for side in ("payer", "payee"))
    assert payer.equals(payee)


def test_amounts_are_exact(tmp_path):
    for text in ("0.1", "12345678901234567890.123456789012345678", "0.000000000000000001", "1e-5"):
        assert one(tmp_path, amount=text).rows["amount"].to_pylist() == [Decimal(text)]


def test_an_amount_that_is_too_long_is_refused(tmp_path):
    assert reasons(one(tmp_path, amount="1" * 21)) == {"the amount is no number": 1}


def test_rows_come_in_the_order_of_time_and_ties_as_they_stand(tmp_path):
    times = [3, 1, 2, 1, 3, 1]
    lines = [f"{i},2026-01-0{t},A,B,1,CAD" for i, t in enumerate(times)]
    rows = loaded(tmp_path, PLAIN + "\n".join(lines)).rows
    assert rows["sequence"].to_pylist() == [1, 3, 5, 2, 0, 4]
    assert all(a <= b for a, b in pairwise(rows["at"].to_pylist()))


def test_without_ids_rows_are_numbered_from_one(tmp_path):
    rows = loaded(tmp_path, "at,payer,payee,amount,currency\n" + "2026-01-01,A,B,1,CAD\n" * 2).rows
    assert rows["payment_id"].to_pylist() == ["1", "2"]


def test_one_id_at_two_banks_is_two_payments(tmp_path):
    text = "payment_id,at,payer,payer_bank,payee,amount,currency\n"
    table = loaded(
        tmp_path, text + "1,2026-01-01,A,X,B,1,CAD\n1,2026-01-01,A,Y,B,1,CAD\n1,2026-01-01,A,X,B,2,CAD\n"
    )
    assert table.rows.num_rows == 2
    assert reasons(table) == {"the id of an earlier payment, with another content": 1}


def test_one_account_number_at_two_banks_is_two_accounts(tmp_path):
    text = "payment_id,at,payer,payer_bank,payee,payee_bank,amount,currency\n"
    rows = ["1,2026-01-01,A,X,B,Y,1,CAD", "2,2026-01-02,A,Y,B,Y,1,CAD", "3,2026-01-03,A,,B,Y,1,CAD"]
    table = loaded(tmp_path, text + "\n".join(rows))
    assert table.rows["payer"].to_pylist() == ["A@X", "A@Y", "A"]
    assert table.rows["payee"].to_pylist() == ["B", "B", "B"]
    assert any("1 account number stands at more than one bank" in note for note in table.notes)


def test_an_iban_is_one_account_wherever_it_stands(tmp_path):
    text = "payment_id,at,payer,payer_bank,payee,payee_bank,amount,currency\n"
    rows = ["1,2026-01-01,FI2112345600000785,X,B,Y,1,CAD", "2,2026-01-02,FI2112345600000785,Z,B,Y,1,CAD"]
    assert set(loaded(tmp_path, text + "\n".join(rows)).rows["payer"].to_pylist()) == {"FI2112345600000785"}


def test_a_payment_to_oneself_is_kept_and_flagged(tmp_path):
    assert one(tmp_path, payee="A").rows["to_self"].to_pylist() == [True]
    assert one(tmp_path).rows["to_self"].to_pylist() == [False]


def test_cash_may_have_one_side(tmp_path):
    table = one(tmp_path, payer="", means="Cash Deposit")
    assert table.rows["payer"].to_pylist() == [None]
    assert table.rows["means"].to_pylist() == ["cash"]
    assert reasons(one(tmp_path, payer="", payee="", means="cash")) == {"no payee": 1}
    assert reasons(one(tmp_path, payer="", means="wire")) == {"no payer": 1}


def test_a_future_payment_is_refused_where_now_is_said(tmp_path):
    text = PLAIN + "1,2026-01-01,A,B,1,CAD\n2,2026-01-03,A,B,1,CAD\n"
    assert loaded(tmp_path, text).rows.num_rows == 2
    table = loaded(tmp_path, text, now=datetime(2026, 1, 2, tzinfo=UTC))
    assert reasons(table) == {"the time is later than now": 1}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.123456-05:00", datetime(2026, 1, 2, 8, 4, 5, 123456, tzinfo=UTC)),
        ("2026/01/02 03:04", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
        ("20260102", datetime(2026, 1, 2, tzinfo=UTC)),
        ("25/01/2026", datetime(2026, 1, 25, tzinfo=UTC)),
        ("01/25/2026", datetime(2026, 1, 25, tzinfo=UTC)),
        ("1767323045", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("1767323045.5", datetime(2026, 1, 2, 3, 4, 5, 500000, tzinfo=UTC)),
        ("1767323045123", datetime(2026, 1, 2, 3, 4, 5, 123000, tzinfo=UTC)),
        ("1767323045123456", datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)),
    ],
)
def test_times(tmp_path, text, moment):
    assert one(tmp_path, at=text).rows["at"].to_pylist() == [moment]


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026/02/30 01:00", "31/04/2026", "0199-01-01", "noon", "1e300"]
)
def test_no_times(tmp_path, text):
    table = one(tmp_path, at=text)
    assert table.rows.num_rows == 0
    assert reasons(table) == {"the time is none that a calendar has": 1}


def test_a_date_that_reads_in_two_ways_is_refused(tmp_path):
    assert reasons(one(tmp_path, at="03/04/2026")) == {
        "the date reads in two ways: write year, month, day": 1
    }


def test_the_days_of_a_column_say_which_way_it_reads(tmp_path):
    rows = loaded(tmp_path, PLAIN + "1,03/04/2026,A,B,1,CAD\n2,25/04/2026,A,B,1,CAD\n").rows
    assert [moment.month for moment in rows["at"].to_pylist()] == [4, 4]


def test_a_time_of_day_of_its_own(tmp_path):
    rows = one(tmp_path, at="2026-01-02", Time="03:04:05").rows
    assert rows["at"].to_pylist() == [datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)]


def test_steps_are_days_unless_it_is_said_what_they_are(tmp_path):
    text = "step,payer,payee,amount,currency\n0,A,B,1,CAD\n31,A,B,1,CAD\n"
    table = loaded(tmp_path, text)
    assert table.rows["at"].to_pylist()[1] == datetime(1970, 2, 1, tzinfo=UTC)
    assert any("days from 1970-01-01" in note for note in table.notes)
    how = Steps(datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1))
    table = loaded(tmp_path, text, steps=how)
    assert table.rows["at"].to_pylist()[1] == datetime(2026, 1, 2, 7, tzinfo=UTC)
    assert not table.notes


def test_protected_columns_answers_and_what_came_later_are_not_read(tmp_path):
    never = {"payer_nationality": "CA", "Religion": "x", "payee_birth_country": "FR"}
    answers = {"is_laundering": "1", "alertID": "7", "laundering_type": "cycle", "payee_reports_filed": "2"}
    later = {"payer_balance_after": "5", "newbalanceOrig": "5"}
    hints = {"payer_sar_count": "1", "payee_is_fraud": "0", "payer_prior_alerts": "2"}
    table = one(tmp_path, **never, **answers, **later, **hints, payer_balance_before="9.5")
    assert [name for name in table.rows.column_names if name.startswith(("payer_", "payee_"))] == [
        "payer_balance_before"
    ]
    said = " ".join(table.notes)
    assert all(name in said for name in (*never, *answers, *later, *hints))


def test_facts_are_numbers_and_nothing_else(tmp_path):
    text = "at,payer,payee,amount,currency,payer_age_days,payee_mood,payer_is_new\n"
    table = loaded(tmp_path, text + "2026-01-01,A,B,1,CAD,3,good,true\n2026-01-01,A,B,1,CAD,,bad,false\n")
    assert np.array_equal(table.rows["payer_age_days"].to_numpy(), [3.0, np.nan], equal_nan=True)
    assert "payee_mood" not in table.rows.column_names
    assert any("payee_mood" in note for note in table.notes)


def test_a_refused_row_is_shown_with_its_line(tmp_path):
    text = (
        PLAIN + '1,2026-01-01,A,B,1,CAD\n\nshort,row\n2,2026-01-01,"A\nB",C,1,CAD\n3,2026-01-01,A,B,0,CAD\n'
    )
    table = loaded(tmp_path, text)
    assert table.refused[0] == ("the amount is zero", 1, table.refused[0].example)
    assert table.refused[0].example.startswith("line 7: payment_id=3, at=2026-01-01")
    assert table.refused[1][:2] == ("the line is no row of the table", 1)
    assert table.received == 4


def test_parquet_reads_as_csv_does(tmp_path):
    text = PLAIN + "7,2026-01-01T00:00:00Z,A,B,0.1,CAD\n8,2026-01-02T00:00:00Z,12,B,1000000.25,USD\n"
    plain = loaded(tmp_path, text).rows
    stored = pa.table(
        {
            "payment_id": pa.array([7, 8]),
            "at": pa.array([datetime(2026, 1, 1), datetime(2026, 1, 2)], pa.timestamp("ns")),  # noqa: DTZ001
            "payer": pa.array(["A", "12"], pa.large_string()),
            "payee": pa.array(["B", "B"]).dictionary_encode(),
            "amount": pa.array([0.1, 1000000.25]),
            "currency": ["CAD", "USD"],
        }
    )
    parquet.write_table(stored, tmp_path / "t.parquet")
    assert load(tmp_path / "t.parquet").rows.to_pylist() == plain.to_pylist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path, encoding):
    text = PLAIN + "1,2026-01-01,Société,B,1,CAD\n"
    assert loaded(tmp_path, text.encode(encoding)).rows["payer"].to_pylist() == ["Société"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "no column of the payer"),
        ("payer,payee,amount\nA,B,1\n", "no column of times"),
        ("{}", "no table of payments"),
        ("PAR1 and no more", "no whole Parquet file"),
    ],
)
def test_other_files_are_refused_with_what_to_do(tmp_path, text, says):
    with pytest.raises(FormatError, match=says):
        loaded(tmp_path, text)


def test_a_file_without_rows_is_a_table_without_rows(tmp_path):
    table = loaded(tmp_path, PLAIN)
    assert (table.rows.num_rows, table.refused, table.received) == (0, (), 0)


def test_records_have_the_same_columns():
    records = sample(1)[0]["payment"]
    rows = of_records(records)
    assert rows.num_rows == records.num_rows
    assert sorted(rows["sequence"].to_pylist()) == list(range(records.num_rows))
    assert rows["at"].to_pylist() == sorted(records["observed_at"].to_pylist())
    assert rows.schema.field("amount").type == pa.decimal128(38, 18)
    again = records["amount"].take(rows["sequence"].combine_chunks()).to_pylist()
    assert rows["amount"].to_pylist() == again


def test_records_without_a_report_key_are_called_by_their_id():
    records = sample(1)[0]["payment"].slice(7, 50)
    rows = of_records(records)
    keys = zip(records["report_key"].to_pylist(), records["record_id"].to_pylist(), strict=True)
    named = [key or digest.hex() for key, digest in keys]
    assert rows["payment_id"].to_pylist() == [named[at] for at in rows["sequence"].to_pylist()]


def test_facts_of_records_are_columns():
    base = dict.fromkeys(PAYMENT.schema.names) | sample(1)[0]["payment"].slice(0, 1).to_pylist()[0]
    facts = [
        [{"name": "payer_x", "value": 2.0}, {"name": "payee_y", "value": 1.0}],
        None,
        [{"name": "payer_x", "value": 3.0}],
    ]
    records = pa.Table.from_pylist([base | {"facts": one} for one in facts], PAYMENT.schema)
    rows = of_records(records)
    assert np.array_equal(rows["payer_x"].to_numpy(), [2.0, np.nan, 3.0], equal_nan=True)
    assert np.array_equal(rows["payee_y"].to_numpy(), [1.0, np.nan, np.nan], equal_nan=True)


def test_no_records_are_no_rows():
    assert of_records(PAYMENT.schema.empty_table()).num_rows == 0
