"""`watchfloor finance patterns`: what it writes, what it says of bad rows, and of nothing."""

import json

import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from tests.cli.commanded import RUNNER

from watchfloor.cli import app

HEAD = "payment_id,at,payer,payee,payer_bank,payee_bank,amount,currency\n"
RING = [("a", "b", 1, 900), ("b", "c", 2, 890), ("c", "d", 3, 880), ("d", "e", 4, 870), ("e", "a", 5, 860)]


def line(number, payer, payee, day, amount):
    bank = {"a": "north"}
    banks = f"{bank.get(payer, 'south')},{bank.get(payee, 'south')}"
    return f"p{number},2026-03-{day:02}T10:00:00Z,{payer},{payee},{banks},{amount},CAD\n"


@pytest.fixture
def payments(tmp_path):
    """Neighbours who pay each other, and a ring."""
    rows = [line(f"n{k}", f"x{k % 40}", f"x{(k * 7 + 1) % 40}", 1 + k % 28, 20 + k % 9) for k in range(400)]
    rows += [line(k, *leg[:2], 10 + leg[2], leg[3]) for k, leg in enumerate(RING)]
    path = tmp_path / "payments.csv"
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return path


def call(*words, code=0):
    result = RUNNER.invoke(app, ["finance", "patterns", *map(str, words)])
    assert result.exit_code == code, result.output
    return result


def test_a_ring_is_written_with_its_payments(payments, tmp_path):
    told = json.loads(call(payments, "-o", tmp_path / "found.parquet", "--json").stdout)
    rows = pq.read_table(tmp_path / "found.parquet").to_pylist()
    assert told["instances"] == len(rows)
    (ring,) = [row for row in rows if row["typology"] == "cycle" and "a" in row["accounts"]]
    assert ring["payment_ids"] == ["p0", "p1", "p2", "p3", "p4"]
    assert ring["accounts"] == ["a", "b", "c", "d", "e"]
    assert (ring["amount"], ring["currency"]) == (4400.0, "CAD")
    assert ring["from"].day == 11
    assert ring["to"].day == 15


def test_a_csv_parts_ids_by_semicolons(payments, tmp_path):
    call(payments, "-o", tmp_path / "found.csv")
    rows = pyarrow.csv.read_csv(tmp_path / "found.csv").to_pylist()
    assert "p0;p1;p2;p3;p4" in [row["payment_ids"] for row in rows]


def test_one_bank_sees_its_part(payments, tmp_path):
    told = json.loads(call(payments, "-o", tmp_path / "f.csv", "--view", "north", "--json").stdout)
    assert (told["payments"], told["instances"]) == (2, 0)


def test_refused_rows_are_told_and_nothing_is_said_of_nothing(payments, tmp_path):
    with payments.open("a", encoding="utf-8") as file:
        file.write(line("bad", "a", "b", 9, -5))
    result = call(payments, "-o", tmp_path / "found.csv", "--score", "1", code=1)
    said = " ".join(result.stderr.split())
    assert "no pattern was found" in said
    assert "left out 1: the amount is negative" in said


def test_a_file_of_another_kind_is_refused(payments, tmp_path):
    assert "written to .parquet or .csv" in call(payments, "-o", tmp_path / "found.txt", code=2).stderr


RATES = "date,from,to,rate\n2026-03-08,USD,CAD,1.4\n2026-03-08,JPY,CAD,0.0091\n2026-03-08,EUR,CAD,1.5\n"
ABROAD = {1: ("USD", "642.86"), 2: ("CAD", "890"), 3: ("JPY", "96703"), 4: ("EUR", "580"), 5: ("CAD", "860")}


def abroad(payments, day=0):
    """The ring, each payment in another currency, some days later."""
    text = payments.read_text(encoding="utf-8")
    for k, (payer, payee, number, amount) in enumerate(RING):
        code, paid = ABROAD[number]
        text = text.replace(
            line(k, payer, payee, 10 + number, amount),
            line(k, payer, payee, 10 + number + day, amount).replace(f",{amount},CAD", f",{paid},{code}"),
        )
    payments.write_text(text, encoding="utf-8")
    rates = payments.with_name("rates.csv")
    rates.write_text(RATES, encoding="utf-8")
    return rates


def test_a_ring_that_changes_currency_is_found_by_rates_and_its_sums_stay_exact(payments, tmp_path):
    rates = abroad(payments)
    told = json.loads(call(payments, "-o", tmp_path / "apart.parquet", "--json").stdout)
    assert told["apart"] == {"CAD": 402, "EUR": 1, "JPY": 1, "USD": 1}
    assert "p1" not in str(pq.read_table(tmp_path / "apart.parquet")["payment_ids"].to_pylist())
    assert "--rates" in call(payments, "-o", tmp_path / "apart.parquet").stderr
    with_rates = (payments, "--rates", rates, "-o", tmp_path / "found.parquet", "--json")
    told = json.loads(call(*with_rates).stdout)
    assert (told["apart"], told["rates"]) == ({}, "CAD")
    rows = pq.read_table(tmp_path / "found.parquet").to_pylist()
    (ring,) = [row for row in rows if row["typology"] == "cycle" and "a" in row["accounts"]]
    assert ring["payment_ids"] == ["p0", "p1", "p2", "p3", "p4"]
    assert ring["amounts"] == ["1750.00 CAD", "580.00 EUR", "96703 JPY", "642.86 USD"]
    assert (ring["amount"], ring["currency"]) == (4400.0, "CAD")


def test_payments_that_no_rate_holds_for_are_told(payments, tmp_path):
    rates = abroad(payments, day=3)  # the ring ends ten days after the rates, which hold for seven
    told = json.loads(call(payments, "--rates", rates, "-o", tmp_path / "found.parquet", "--json").stdout)
    assert told["apart"] == {"EUR": 1, "JPY": 1}
    assert "1 in EUR, 1 in JPY" in call(payments, "--rates", rates, "-o", tmp_path / "f.parquet").stderr


def test_bad_rates_are_refused_before_anything_is_written(payments, tmp_path):
    rates = tmp_path / "rates.csv"
    rates.write_text("date,from,to,rate\n2026-03-08,USD,CAD,0\n", encoding="utf-8")
    assert "line 2" in call(payments, "--rates", rates, "-o", tmp_path / "f.parquet", code=2).stderr
    assert not (tmp_path / "f.parquet").exists()


def test_a_scheme_longer_than_the_window_is_found_by_a_longer_one(payments, tmp_path):
    found = tmp_path / "found.parquet"
    told = [
        json.loads(call(payments, "-o", found, "--window", days, "--json").stdout) for days in (3, 4)
    ]  # the ring takes four days
    assert [one["window_days"] for one in told] == [3, 4]
    assert [one["typologies"].get("cycle", 0) for one in told] == [0, 1]
