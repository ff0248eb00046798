import csv
import json

import pytest
from typer.testing import CliRunner

from watchfloor.cli import app

RUNNER = CliRunner()
ON = ["--on", "2026-11-01"]
HEADER = (
    "FY,Month (abbv),Component,Region,Land Filter,Area of Responsibility,Drug Type,Count of Event,"
    "Sum Qty (lbs)\n"
)
CELL = "Office of Field Operations,{region},Land Only,{area},Fentanyl,{events},{weight}\n"


def call(*words, code=0):
    result = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def rows(*words, code=0):
    return [json.loads(line) for line in call(*words, "--json", code=code).stdout.splitlines()]


def table(path, *months, header=HEADER):
    cells = [("Northern Border", "A", 1, 2.0), ("Southwest Border", "B", 3, 98.0)]
    lines = [
        f"{year},{month}," + CELL.format(region=region, area=area, events=events, weight=weight)
        for year, month in months
        for region, area, events, weight in cells
    ]
    path.write_text(header + "".join(lines), "utf-8")
    return path


MONTHS = [(2024, one) for one in "OCT NOV DEC JAN FEB MAR APR MAY JUN JUL AUG SEP".split()]


def test_every_sentence_has_a_verdict_in_both_languages():
    for lang, words in (("en", ("Verdict: depends on the definition", "cannot be checked")), ("fr", (
        "Verdict\u00a0: dépend de la définition", "invérifiable"
    ))):  # fmt: skip
        told = call("claims", "check", "--lang", lang, *ON).stdout
        assert all(word in told for word in words)
    found = rows("claims", "check", *ON)
    verdicts = {one.get("claim") or one["id"]: one["verdict"] for one in found}
    assert verdicts["fentanyl-north"] == "ill-formed"
    assert verdicts["4"] == "uncheckable"
    assert verdicts["14a"] == "no-evidence"
    assert verdicts["10a"] == "in-service"
    assert len(verdicts) == len(found)


def test_one_claim_and_one_line_alone():
    found = rows("claims", "check", "crossings-share", "15b", *ON)
    assert [one.get("id") or one["claim"] for one in found] == ["crossings-share", "15b"]
    assert "there is no claim and no line 14z" in call("claims", "check", "14z", code=4).stderr


def test_a_floor_s_records_are_what_is_computed(tmp_path):
    floor = tmp_path / "floor"
    call("init", "--floor", floor, "--exercise")
    file = table(tmp_path / "drugs@2024-11-20.csv", *MONTHS)
    call("ingest", file, "--floor", floor)
    (found,) = rows("claims", "check", "fentanyl-north", "--on", "2024-12-01", "--floor", floor, code=1)
    weight = found["figures"][0]
    assert weight["shown"]["en"] == "24.00 of 1,200.00 lb = 2.00 %"
    assert weight["vintages"] == ["2024-11-20"]
    every = rows("claims", "rows", "fentanyl-north", "weight-fy2024", "--floor", floor)
    assert len(every) == 24
    assert {one["source"] for one in every} == {"drugs"}
    assert all(len(one["record"]) == 32 for one in every)
    acts = rows("floor", "log", "show", "--act", "query", "--floor", floor)
    assert {act["detail"]["what"] for act in acts} >= {"claims", "rows of a claim"}


def test_a_file_s_numbers_are_as_it_was_known_that_day(tmp_path):
    table(tmp_path / "early@2024-01-20.csv", *MONTHS[:3])
    table(tmp_path / "late@2024-11-20.csv", *MONTHS)
    told = call("scorecard", "statistics", "list", "--statistics", tmp_path, "--on", "2024-10-01").stdout
    assert "2024-01-20" in told
    assert "2024-11-20" not in told
    (found,) = rows(
        "claims", "check", "fentanyl-north", "--statistics", tmp_path, "--on", "2024-10-01", code=1
    )
    assert "not held here: 2024-01 of cbp-drug-seizures" in found["figures"][0]["shown"]["en"]


def test_two_files_of_one_vintage_that_differ_leave_no_firm_verdict(tmp_path):
    table(tmp_path / "a@2024-11-20.csv", *MONTHS)
    other = table(tmp_path / "b@2024-11-20.csv", *MONTHS)
    other.write_text(other.read_text("utf-8").replace("98.0", "97.0", 1), "utf-8")
    (found,) = rows(
        "claims", "check", "fentanyl-north", "--statistics", tmp_path, "--on", "2024-12-01", code=1
    )
    conflict = [one for one in found["warnings"] if one["kind"] == "conflict"]
    assert "Two files of one vintage differ in" in conflict[0]["text"]["en"]
    disputed = rows("claims", "rows", "fentanyl-north", "weight-fy2024", "--statistics", tmp_path)
    assert sum(one["disputed"] for one in disputed) == 1


def test_rows_are_written_whole_to_a_csv(tmp_path):
    path = tmp_path / "rows.csv"
    told = call("claims", "rows", "fentanyl-north", "weight-fy2024", "-o", path, *ON).output
    with path.open(encoding="utf-8", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert f"{len(written)} rows written" in told
    north = sum(float(one["value"]) for one in written if one["region"] == "Northern Border")
    assert round(north, 2) == 43.04
    assert round(sum(float(one["value"]) for one in written), 2) == 21889.21


OWN_CLAIM = """
title = { en = "By post", fr = "Par la poste" }
department = "PS"
said = { on = 2025-03-04, by = { en = "B", fr = "B" }, words = { en = "W", fr = "W" } }
claimed = { below = 0.5 }
ask = { measure = "total", series = "CBSA seizures", of = "events", period = "2025-01" }
definitions = { events = {} }
"""
OWN_TABLE = (
    "observed_at,until,series,published,cell,measure,value\n"
    "2025-01-01,2025-02-01,CBSA seizures,2026-10-01,drug:fentanyl,events,7413\n"
    "2025-01-01,2025-02-01,CBSA seizures,2026-10-20,drug:fentanyl,events,7415\n"
)


def test_no_number_of_a_departments_own_comes_out_before_it_agreed(tmp_path):
    """Neither as a figure, nor as its rows, nor as what was revised, of files or on a floor."""
    (tmp_path / "own.toml").write_text(OWN_CLAIM, "utf-8")
    (tmp_path / "own.csv").write_text(OWN_TABLE, "utf-8")
    floor = tmp_path / "floor"
    call("init", "--floor", floor)
    call("ingest", tmp_path / "own.csv", "--floor", floor)
    for where in (["--statistics", tmp_path / "own.csv"], ["--floor", floor]):
        told = [
            call("claims", "check", "own", "--claims", tmp_path / "own.toml", *where, code=1),
            call("claims", "rows", "own", "events", "--claims", tmp_path / "own.toml", *where, code=3),
            call("scorecard", "statistics", "revisions", "CBSA seizures", *where, code=3),
        ]
        assert not any(number in one.output for one in told for number in ("7413", "7415", "7,41"))
        assert "CBSA’s agreement" in told[0].output
        assert "`watchfloor scorecard register show`" in told[1].stderr
        assert "a series of CBSA’s own" in " ".join(told[2].stderr.split())


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        (["claims", "check", "--on", "soon"], "on 'soon': there is no such day", 2),
        (["claims", "check", "--statistics", "nowhere"], "'nowhere' does not exist", 4),
        (["claims", "list", "--claims", "nowhere"], "'nowhere' does not exist", 4),
        (["claims", "check", "--claims", "nowhere"], "'--claims': Path 'nowhere' does not exist", 4),
        (["claims", "rows", "fentanyl-nort", "x"], "did you mean 'fentanyl-north'?", 4),
        (["claims", "rows", "fentanyl-north", "weight-fy2042"], "has no definition 'weight-fy2042'", 4),
        (["scorecard", "statistics", "revisions", "cbp-drugs"], "not held here: the series cbp-drugs", 4),
        ("scorecard statistics revisions cbp-encounters --from 2020-01-01".split(), "no vintage of 2020", 4),
        (["scorecard", "statistics", "revisions", "usbp-encounters"], "nothing can have been revised", 2),
    ],
)  # fmt: skip
def test_a_wrong_call_says_what_would_be_right(words, message, code):
    assert message in " ".join(call(*words, code=code).stderr.split())


def test_revisions_between_the_editions_of_the_package():
    told = call("scorecard", "statistics", "revisions", "cbp-drug-seizures").stdout
    assert "2026-01-31 to 2026-05-31" in told
    found = rows("scorecard", "statistics", "revisions", "cbp-drug-seizures")
    assert all(one["was"] != one["is"] for one in found)
    assert {one["month"] for one in found} <= {"2025-10", "2025-11", "2025-12"}
    french = call("scorecard", "statistics", "revisions", "cbp-drug-seizures", "--lang", "fr").stdout
    assert "528,42" in french
    assert "528.42" not in french


def test_rows_that_could_not_be_read_are_a_caution_and_not_only_a_word_on_the_way(tmp_path):
    file = table(tmp_path / "drugs@2024-11-20.csv", *MONTHS)
    file.write_text(file.read_text("utf-8").replace("98.0", "12O", 1), "utf-8")
    floor = tmp_path / "floor"
    call("init", "--floor", floor, "--exercise")
    call("ingest", file, "--floor", floor, code=1)
    asked = ("claims", "check", "fentanyl-north", "--on", "2024-12-01")
    for place in (("--statistics", tmp_path / file.name), ("--floor", floor)):
        found = next(one for one in rows(*asked, *place, code=1) if "claim" in one and "warnings" in one)
        assert any(
            "could not be read and is counted in no total" in one["text"]["en"] for one in found["warnings"]
        )
