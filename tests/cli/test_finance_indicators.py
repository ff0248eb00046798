"""`watchfloor finance indicators`: the list, the hits of a file, and what abstains."""

import json

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.desks.finance.typologies.typology import catalogue

RUNNER = CliRunner()
PAYMENTS = """\
payment_id,at,payer,payee,amount,currency,means,memo,payer_seat,payee_seat
1,2026-01-01T10:00:00Z,,A,9500,CAD,cash,,,
2,2026-01-02T11:00:00Z,,A,9600,CAD,cash,,,
3,2026-01-03T11:00:00Z,A,S,5000,CAD,wire,CAS 21409-26-7 chemical,CA,US
4,2026-01-03T12:00:00Z,B,S,5000,CAD,wire,化工,CA,US
5,2026-01-03T13:00:00Z,C,S,5000,CAD,wire,reagents,CA,US
"""
BAD = "6,2026-01-04T13:00:00Z,C,S,-5,CAD,wire,,CA,US\n"


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "payments.csv"
    path.write_text(PAYMENTS, "utf-8")
    return path


def call(*arguments, code=0):
    found = RUNNER.invoke(app, ["finance", "indicators", *map(str, arguments)], catch_exceptions=False)
    assert found.exit_code == code, found.output
    return found.stdout


def test_the_list_has_every_indicator():
    rows = [json.loads(line) for line in call("--json").splitlines()]
    assert [row["id"] for row in rows] == [one.id for one in catalogue()]
    assert rows[0]["source"][0]["alert"] == "FINTRAC-2018"
    assert "cash-just-below" in call()
    assert "Espèces tout juste sous le seuil" in call("--lang", "fr")


def test_hits_name_payment_account_strength_and_say_why(ledger, tmp_path):
    said = json.loads(call(ledger, "-o", tmp_path / "hits.parquet", "--json"))
    assert said["fired"] == {"cash-just-below": 1, "senders-to-one-supplier": 1, "cas-in-text": 1}
    assert said["abstained"]["shared-device"] == ["device"]
    hits = pq.read_table(tmp_path / "hits.parquet").to_pylist()
    assert [(hit["payment_id"], hit["indicator"], hit["account"], hit["strength"]) for hit in hits] == [
        ("2", "cash-just-below", "A", "moderate"),
        ("3", "cas-in-text", "A", "strong"),
        ("5", "senders-to-one-supplier", "S", "moderate"),
    ]
    assert hits[2]["sentence"].startswith("3 accounts paid S abroad within 30 days")


def test_without_a_file_of_hits_it_is_a_table_and_says_what_abstains(ledger):
    said = call(ledger)
    assert "shared-device abstains: no column device" in said
    assert "Cash just below the threshold" in said


def test_what_is_known_of_accounts_and_lists_wakes_others(ledger, tmp_path):
    (tmp_path / "accounts.csv").write_text("account_id,occupation\nA,plumber\nB,chemist\n", "utf-8")
    (tmp_path / "listed.txt").write_text("B\n", "utf-8")
    (tmp_path / "entries.txt").write_text("C\n", "utf-8")
    options = ("--accounts", tmp_path / "accounts.csv", "--listed", tmp_path / "listed.txt")
    said = json.loads(call(ledger, *options, "--entries", tmp_path / "entries.txt", "--json"))
    assert said["fired"]["occupation-does-not-fit"] == 1
    assert said["fired"]["near-listed-entity"] == 2
    assert said["fired"]["import-without-entry"] == 2
    assert "payer.steps" not in str(said["abstained"])


def test_what_is_left_out_is_told_and_is_an_exit_code(ledger):
    ledger.write_text(PAYMENTS + BAD, "utf-8")
    assert json.loads(call(ledger, "--json", code=1))["refused"] == {"the amount is negative": 1}


def test_a_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", "utf-8")
    assert call(tmp_path / "x.csv", code=2) == ""
    (tmp_path / "p.csv").write_text(PAYMENTS, "utf-8")
    call(tmp_path / "p.csv", "-o", tmp_path / "hits.xls", code=2)
    (tmp_path / "l.txt").write_bytes(b"\xff\xfe\x00")
    call(tmp_path / "p.csv", "--listed", tmp_path / "l.txt", code=2)


def test_definitions_are_written_and_asked_in_place_of_our_own(ledger, tmp_path):
    folder = tmp_path / "defs"
    told = json.loads(call("--export", folder, "--only", "cash-just-below", "--only", "circle", "--json"))
    assert told["definitions"] == 2
    said = json.loads(call(ledger, "--typologies", folder, "--json"))
    assert list(said["fired"]) == ["cash-just-below"]
    assert json.loads(call(ledger, "--typologies", folder, "--only", "circle", "--json"))["fired"] == {}
    call(ledger, "--typologies", folder, "--only", "round-cash", code=2)
    path = folder / "placement.cash-just-below.toml"
    path.write_text(path.read_text("utf-8").replace("9_000", "9_550"), "utf-8")
    assert json.loads(call(ledger, "--typologies", folder, "--json"))["fired"] == {}
    path.write_text('id = "x"', "utf-8")
    result = RUNNER.invoke(app, ["finance", "indicators", str(ledger), "--typologies", str(folder)])
    assert (result.exit_code, "not asked: placement.cash-just-below.toml" in result.stderr) == (0, True)


def test_hits_of_a_changed_definition_say_its_own_sentence(ledger, tmp_path):
    folder, out = tmp_path / "defs", tmp_path / "hits.parquet"
    call("--export", folder, "--only", "cash-just-below")
    path = folder / "placement.cash-just-below.toml"
    path.write_text(path.read_text("utf-8").replace("of little less than $10,000 each ", "near it "), "utf-8")
    call(ledger, "--typologies", folder, "-o", out)
    assert {row["sentence"] for row in pq.read_table(out).to_pylist()} == {
        "2 cash deposits near it came into the account A within 7 days."
    }


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--only", "nope"], 2, "no indicator 'nope'"),
        (["--export", "{here}"], 3, "is there already"),
        (["--typologies", "{here}", "--packs", "{here}"], 2, "not both"),
    ],
)
def test_what_cannot_be_asked_is_said(ledger, tmp_path, arguments, code, said):
    words = [one.format(here=tmp_path) for one in arguments]
    given = [] if words[0] == "--export" else [str(ledger)]
    result = RUNNER.invoke(app, ["finance", "indicators", *given, *words])
    assert result.exit_code == code
    assert said in result.stderr
