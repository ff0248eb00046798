"""`watchfloor identify` and `watchfloor library`, as somebody at a laboratory types them."""

import json

import pytest
from tests.cli.measurers import PEAKS, measured, msp
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.formats.base import FormatError


def run(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})
    if isinstance(result.exception, FormatError):  # `main` says it and ends with 2
        assert code == 2
        return str(result.exception)
    assert result.exit_code == code, result.output
    return result


def rows(*words, code=0):
    return [json.loads(line) for line in run(*words, "--json", code=code).stdout.splitlines()]


@pytest.fixture
def files(tmp_path):
    return measured(tmp_path)


def test_a_mixture_is_named_with_shares_law_and_what_it_is_worth(files):
    (one,) = rows("identify", files["query"], "--library", files["spectra"])
    assert {each["name"] for each in one["components"]} == {"Cirquine", "Borealine"}
    for each in one["components"]:
        assert each["low"] <= each["share"] <= each["high"]
        assert 0 < each["limit"] < 1
    assert one["components"][0]["name"] == "Cirquine"
    assert one["components"][0]["controlled"] is None
    assert (one["unknown"], one["presumptive"]) == (False, True)
    told = run("identify", files["query"], "--library", files["spectra"], "--on", "2026-11-26")
    assert "law on 2026-11-26" in told.stdout
    assert "ASTM E2329, ms: A category: presumptive" in told.stderr


def test_what_the_law_names_is_said(files, tmp_path):
    library = tmp_path / "known.msp"
    library.write_text(msp("Methamphetamine", PEAKS["Borealine"]), encoding="utf-8")
    (one,) = rows("identify", library, "--library", library, "--on", "2026-11-26")
    assert one["components"][0]["controlled"]["clauses"] == ["CDSA/I/18"]
    assert one["components"][0]["controlled"]["outcome"] == "listed"


def test_what_is_foreign_is_unknown(files):
    (one,) = rows("identify", files["foreign"], "--library", files["spectra"])
    assert (one["components"], one["unknown"]) == ([], True)
    told = run("identify", files["foreign"], "--library", files["spectra"])
    assert "exhibit 8: unknown. None of the 3 substances of the library is in it" in told.stdout


def test_voltages_of_one_sample_are_one_answer_and_samples_are_not_mixed(tmp_path):
    for name, key in (("x", "Arctine"), ("y", "Cirquine")):
        for volts in (30, 60):
            lines = "".join(f"{x}\t{y}\n" for x, y in PEAKS[key])
            (tmp_path / f"{name}_{volts}V.txt").write_text(lines, encoding="utf-8")
    folder = ("--library", tmp_path, "--technique", "dart-ms")
    (one,) = rows("identify", tmp_path / "x_30V.txt", tmp_path / "x_60V.txt", *folder)
    assert one["sample"] == "x"
    assert one["compared"] == ["dart-ms 30 V, 4 peaks", "dart-ms 60 V, 4 peaks"]
    assert [each["name"] for each in one["components"]] == ["x"]
    assert "look like 2 samples" in run("identify", tmp_path, *folder, code=2).stderr
    assert [each["sample"] for each in rows("identify", tmp_path, *folder, "--each")] == ["x", "y"]


def test_an_index_answers_as_its_files_do(files, tmp_path):
    library = tmp_path / "a.lib"
    (made,) = rows("library", "build", files["spectra"], "-o", library)
    assert (made["spectra"], made["substances"]) == (3, 3)
    assert "3 spectra of 3 substances" in run("library", "build", files["spectra"], "-o", library).stdout
    one = rows("identify", files["query"], "--library", library)
    assert one == rows("identify", files["query"], "--library", files["spectra"])
    assert [each["name"] for each in rows("library", "show", library)] == list(PEAKS)
    assert "Cirquine" in run("library", "show", library).stdout
    assert "give it alone" in run(
        "identify", files["query"], "--library", library, "--library", files["spectra"], code=2
    )


def test_codes_are_named_by_a_table_beside_them_and_mixtures_are_left_out(tmp_path):
    folder = tmp_path / "lib"
    folder.mkdir()
    for name, key in (("P01", "Arctine"), ("Mixture1", "Cirquine")):
        lines = "".join(f"{x}\t{y}\n" for x, y in PEAKS[key])
        (folder / f"{name}_30V.txt").write_text(lines, encoding="utf-8")
    table = "Code,Name,CAS #,InChi Key\nP01,Formaldehyde,50-00-0,WSFSSNUMVMOOMR-UHFFFAOYSA-N\n"
    (folder / "master.csv").write_text(table, encoding="utf-8")
    told = run("library", "show", folder, "--json")
    assert json.loads(told.stdout)["name"] == "Formaldehyde"
    assert json.loads(told.stdout)["cas"] == "50-00-0"
    assert "of no one substance: 1 (Mixture1_30V)" in told.stderr


def test_a_library_with_wrong_labels_is_told(tmp_path):
    library = tmp_path / "wrong.msp"
    peaks = tuple((50.0 + 13 * at, 10.0 + at) for at in range(9))
    library.write_text(msp("Left", peaks) + msp("Right", peaks) + msp("Left", peaks), encoding="utf-8")
    found = rows("library", "check", library, code=1)
    assert [one["finding"] for one in found] == ["duplicate", "same", "same"]
    assert {found[1]["first"]["name"], found[1]["second"]["name"]} == {"Left", "Right"}
    assert "mislabelled" in run("library", "check", library, code=1).stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "bad.txt: it is empty"),
        ("hello\n", "no spectrum"),
        ("Name: a\nNum Peaks: 0\n", "no point"),
        ("Name: a\nNum Peaks: 2\n50 0; 60 0\n", "zero"),
        ("Name: a\nNum Peaks: 2\n50 nan; 60 nan\n", ""),
        ("x\n50\t1\n", "no spectrum"),
        ("\n".join(f"{400 + 2 * at}\t{(at % 50) / 50 + 1}" for at in range(300)), "--technique"),
    ],
)
def test_a_spectrum_that_cannot_be_used_is_named(files, tmp_path, text, said):
    bad = tmp_path / "bad.txt"
    bad.write_text(text, encoding="utf-8")
    told = run("identify", bad, "--library", files["spectra"], code=2)
    assert "bad.txt" in told
    assert said in told


@pytest.mark.parametrize("words", [["--technique", "smell"], ["--tolerance", "0"], ["--on", "soon"]])
def test_options_that_make_no_sense_are_refused(files, words):
    run("identify", files["query"], "--library", files["spectra"], *words, code=2)
