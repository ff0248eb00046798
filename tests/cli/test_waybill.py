"""Waybills checked, rules listed, and streams without data, from files."""

import csv
import gzip
import json

import pyarrow.parquet as pq
import pytest
from tests.cli.carriers import HEADER, carried
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.reference.preload import FINDINGS, rules


@pytest.fixture
def places(tmp_path):
    return carried(tmp_path)


def run(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def rows(*words, code=0):
    return [json.loads(line) for line in run(*words, "--json", code=code).stdout.splitlines()]


def test_a_finding_has_its_place_its_clause_and_what_is_right(places):
    (found,) = rows("cargo", "waybill", "check", places["waybills"], code=1)
    assert (found["rule"], found["severity"], found["document"]) == ("goods-unacceptable", "must", "ABC78")
    assert (found["answer"], found["message"], found["value"]) == ("rejected", "MISSING_CARGO_DESC", "Gifts")
    assert found["clauses"][0]["section"] == "6.2"
    assert found["clauses"][0]["checked"] == "text"
    assert (found["file"], found["locator"]) == (str(places["waybills"]), "line 3")


def test_a_good_waybill_ends_well_and_says_so(places):
    told = run("cargo", "waybill", "check", places["well"])
    assert "No rule is broken." in told.stdout
    assert "waybills: 1 in 1 declarations; with a must broken: 0; findings: 0" in told.stderr
    assert "Aucune règle" in run("cargo", "waybill", "check", places["well"], "--lang", "fr").stdout


def test_no_waybill_at_all_says_so(places):
    assert (
        "No waybill that the guidance is about"
        in run("cargo", "waybill", "check", places["nowaybills"]).stdout
    )


@pytest.mark.parametrize("name", ["out.parquet", "out.csv"])
def test_findings_are_written(places, tmp_path, name):
    run("cargo", "waybill", "check", places["waybills"], "-o", tmp_path / name, code=1)
    if name.endswith("csv"):
        (found,) = csv.DictReader((tmp_path / name).read_text(encoding="utf-8").splitlines())
    else:
        (found,) = pq.read_table(tmp_path / name).to_pylist()
    assert found.keys() == {*FINDINGS.names, "file", "locator"}
    assert found["rule"] == "goods-unacceptable"


def test_mail_is_left_and_counted_unless_all_is_asked(places, tmp_path):
    text = (
        places["well"]
        .read_text(encoding="utf-8")
        .replace("air-cargo", "post")
        .replace("COTTON SHIRTS", "Gifts")
    )
    (tmp_path / "mail.csv").write_text(text, encoding="utf-8")
    assert "lines of flight manifests: 1" in run("cargo", "waybill", "check", tmp_path / "mail.csv").stderr
    assert (
        rows("cargo", "waybill", "check", tmp_path / "mail.csv", "--all", code=1)[0]["rule"]
        == "goods-unacceptable"
    )


def test_a_referral_that_nobody_lifted_is_shown_with_what_it_requires(tmp_path):
    (tmp_path / "answers.csv").write_text(
        "observed_at,subject,document,answer,code\n"
        "2026-11-24T09:30Z,parcel:hawb:1,ABC77,refer-screening,8H\n"
        "2026-11-24T09:31Z,parcel:hawb:2,ABC78,do-not-load,6H\n"
        "2026-11-24T09:32Z,parcel:hawb:1,ABC77,assessed,8I\n",
        encoding="utf-8",
    )
    (found,) = rows("cargo", "waybill", "check", tmp_path / "answers.csv")
    assert (found["document"], found["answer"]) == ("ABC78", "do-not-load")
    assert "743(c)" in found["clauses"][0]["section"]
    assert "Do not load" in run("cargo", "waybill", "check", tmp_path / "answers.csv").stdout


def test_what_cannot_be_read_is_told_and_is_no_success(places, tmp_path):
    (tmp_path / "bad.csv").write_text(HEADER + "yesterday" + "," * 13 + "\n", encoding="utf-8")
    (tmp_path / "note.bin").write_bytes(b"\x00\x01\x02")
    told = run(
        "cargo", "waybill", "check", places["well"], tmp_path / "bad.csv", tmp_path / "note.bin", code=1
    ).stderr
    assert "bad.csv, line 2" in told
    assert "note.bin: is of no format" in told


def test_a_packed_file_that_is_cut_is_told(places, tmp_path):
    text = places["well"].read_text(encoding="utf-8").splitlines()
    long = "\n".join([text[0], *(text[1].replace("ABC77", f"A{at * 7919 % 10_007}") for at in range(4000))])
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(long.encode())[:-2000])
    told = run("cargo", "waybill", "check", tmp_path / "cut.csv.gz", code=1)
    assert "cut.csv.gz: " in told.stderr
    assert "waybills: 0" not in told.stderr


@pytest.mark.parametrize(("words", "code"), [(["-o", "out.txt"], 2), (["missing.csv"], 4)])
def test_a_wrong_call_is_refused(places, words, code):
    run("cargo", "waybill", "check", places["well"], *words, code=code)


def test_every_rule_is_listed_with_its_clause():
    found = rows("cargo", "waybill", "rules")
    assert [one["rule"] for one in found] == list(rules())
    assert all(one["clauses"] for one in found)
    assert "do-not-load" in run("cargo", "waybill", "rules").stdout


def test_the_share_without_data_of_files(places):
    (share,) = rows("cargo", "blind", places["waybills"], places["counts"])
    assert (share["state"], share["counted"], share["declared"]) == ("seen", 5, 1)
    assert "80 %" in run("cargo", "blind", places["waybills"], places["counts"]).stdout
    (unknown,) = rows("cargo", "blind", places["waybills"])
    assert (unknown["state"], unknown["high"]) == ("not-known", None)


@pytest.mark.parametrize(
    ("words", "code"), [(["--by", "year"], 2), (["--zone", "Nowhere/At"], 2), (["missing.csv"], 4)]
)
def test_a_wrong_call_for_shares_is_refused(places, words, code):
    run("cargo", "blind", places["counts"], *words, code=code)
