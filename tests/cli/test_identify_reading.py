"""`watchfloor identify -o`: what is identified becomes a reading, and the reading a signal."""

import json
from hashlib import sha256

import pytest
from tests.cli.measurers import PEAKS, measured, msp
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.formats.lab import reading_csv

ITEM = "parcel:s10:RR473124829GB"
SAID = ("--subject", ITEM, "--instrument", "DART-2", "--taken", "2026-07-14T09:30:00Z")


def run(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})
    assert result.exit_code == code, result.output
    return result


def readings(path):
    with path.open("rb") as stream:
        return [row for batch in reading_csv.read(stream, path.name) for row in batch.rows.to_pylist()]


@pytest.fixture
def files(tmp_path):
    return measured(tmp_path)


def test_a_mixture_is_one_reading_with_a_result_a_substance(files, tmp_path):
    out = tmp_path / "reading.csv"
    run("identify", files["query"], "--library", files["spectra"], *SAID, "-o", out)
    (row,) = readings(out)
    assert (row["subject"], row["instrument"], row["method"], row["category"]) == (ITEM, "DART-2", "ms", "A")
    assert row["observed_at"].isoformat() == "2026-07-14T09:30:00+00:00"
    assert (row["library"], row["level"], row["substance"]) == ("spectra.msp", None, None)
    assert row["file_hash"] == sha256(files["query"].read_bytes()).hexdigest()
    assert {one["name"]: one["level"] for one in row["results"]} == {
        "Cirquine": "presumptive",
        "Borealine": "presumptive",
    }
    for one in row["results"]:
        assert 0 <= one["share_low"] <= one["share"] <= one["share_high"] <= 1
        assert one["by"] == "signal"


def test_what_is_foreign_is_inconclusive_and_no_negative(files, tmp_path):
    out = tmp_path / "reading.csv"
    run("identify", files["foreign"], "--library", files["spectra"], *SAID, "-o", out)
    (row,) = readings(out)
    assert (row["level"], row["results"]) == ("inconclusive", [])
    assert row["quality"] == ["100% of the signal is unexplained"]


def test_samples_of_one_file_are_readings_of_their_own(files, tmp_path):
    out = tmp_path / "reading.csv"
    run("identify", files["spectra"], "--each", "--library", files["spectra"], *SAID, "-o", out)
    rows = readings(out)
    assert [row["sample"] for row in rows] == list(PEAKS)
    assert len({row["report_key"] for row in rows}) == len({row["results"][0]["name"] for row in rows}) == 3
    assert len({row["file_hash"] for row in rows}) == 1


@pytest.mark.parametrize(
    ("name", "substance", "told"),
    [
        ("Acetylfentanyl", None, "class:fentanyl (Acetylfentanyl)"),
        ("Protonitazene", None, "class:nitazene (Protonitazene)"),
        ("Methamphetamine", None, "Methamphetamine"),
        ("Fentanyl\nCAS#: 437-38-7", "substance:cas:437-38-7", "Fentanyl"),
    ],
)
def test_an_unlisted_member_of_a_family_says_so(tmp_path, name, substance, told):
    library, out = tmp_path / "known.msp", tmp_path / "reading.csv"
    library.write_text(msp(name, PEAKS["Borealine"]), encoding="utf-8")
    run("identify", library, "--library", library, *SAID, "-o", out)
    (one,) = readings(out)[0]["results"]
    assert (one["substance"], one["name"]) == (substance, told)


@pytest.mark.parametrize(
    ("name", "rest", "outcome", "level"),
    [
        ("Fentanyl\nCAS#: 437-38-7", (), "listed", "presumptive"),
        ("Fentanyl\nCAS#: 437-38-7", ((70.1, 30), (201.3, 60)), "withheld", "inconclusive"),
        ("Acetylfentanyl", ((70.1, 30), (201.3, 60)), "class", "inconclusive"),
    ],
)
def test_the_file_says_what_the_screen_says(tmp_path, name, rest, outcome, level):
    """Where the screen withholds what the law says, no reading goes out that asserts the substance."""
    library, query, out = tmp_path / "known.msp", tmp_path / "query.msp", tmp_path / "reading.csv"
    library.write_text(msp(name, PEAKS["Borealine"]), encoding="utf-8")
    query.write_text(msp("exhibit", sorted((*PEAKS["Borealine"], *rest))), encoding="utf-8")
    said = run("identify", query, "--library", library, *SAID, "-o", out, "--json").stdout
    (component,) = json.loads(said.splitlines()[0])["components"]
    (result,) = readings(out)[0]["results"]
    assert component["controlled"]["outcome"] == outcome
    assert (component["level"], result["level"]) == (level, level)
    assert {*json.loads(said.splitlines()[0])["doubts"]} <= {*readings(out)[0]["quality"]}
    assert (result["share"] is None) == (level == "inconclusive")


def test_what_passes_over_the_most_similar_spectrum_is_inconclusive(tmp_path):
    """The likest has one peak too many to be there, so a poorer one is named: a homologue, perhaps."""
    library, query, out = tmp_path / "two.msp", tmp_path / "query.msp", tmp_path / "reading.csv"
    likest = [(50.1, 100), (60.1, 80), (70.1, 60), (80.1, 50), (90.1, 14)]
    library.write_text(msp("Likest", likest) + msp("Poorer", likest[:2]), encoding="utf-8")
    query.write_text(msp("exhibit", likest[:4]), encoding="utf-8")
    said = json.loads(run("identify", query, "--library", library, *SAID, "-o", out, "--json").stdout)
    assert [(one["name"], one["level"]) for one in said["components"]] == [("Poorer", "inconclusive")]
    assert said["nearest"][0]["name"] == "Likest"
    assert any("Likest" in one for one in said["doubts"])
    assert [one["level"] for one in readings(out)[0]["results"]] == ["inconclusive"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (SAID[2:], "nothing says what was measured"),
        ((*SAID[:2], *SAID[4:]), "which instrument"),
        (SAID[:4], "when it was taken"),
        (("--subject", "17", *SAID[2:]), "no parcel number"),
        ((*SAID[:4], "--taken", "soon"), "soon"),
    ],
)
def test_what_a_reading_needs_is_asked_for(files, tmp_path, words, why):
    out = tmp_path / "reading.csv"
    told = run("identify", files["query"], "--library", files["spectra"], *words, "-o", out, code=2)
    assert why in " ".join(told.output.split())
    assert not out.exists()


def test_what_is_said_of_a_reading_that_is_not_written_is_refused(files):
    told = run("identify", files["query"], "--library", files["spectra"], *SAID, code=2)
    assert "say -o FILE too" in told.output


def test_it_feeds_the_cell(tmp_path):
    """From a spectrum to a signal on a floor: acetylfentanyl, which no clause names, asks a person."""
    library, out, floor = tmp_path / "known.msp", tmp_path / "reading.csv", tmp_path / "floor"
    library.write_text(msp("Acetylfentanyl", PEAKS["Borealine"]), encoding="utf-8")
    run("identify", library, "--library", library, *SAID, "-o", out)
    run("init", "--floor", floor, "--exercise")
    run("ingest", out, "--floor", floor)
    run("run", "--floor", floor)
    (lead,) = (json.loads(line) for line in run("leads", "--json", "--floor", floor).stdout.splitlines())
    assert lead["subject"] == ITEM
    assert "a member of the fentanyl family that is none of the listed substances" in lead["reason"]
