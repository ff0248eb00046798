"""`watchfloor identify` and `watchfloor lab library`, as somebody at a laboratory types them."""

import json
from datetime import date

import pytest
from tests.cli.measurers import PEAKS, measured, msp
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.core.extras import MissingExtraError
from watchfloor.desks.lab.identify.compounds import Compound
from watchfloor.desks.lab.identify.law import cell, control
from watchfloor.formats.base import FormatError
from watchfloor.reference.substances import answer


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
    (made,) = rows("lab", "library", "build", files["spectra"], "-o", library)
    assert (made["spectra"], made["substances"]) == (3, 3)
    assert (
        "3 spectra of 3 substances" in run("lab", "library", "build", files["spectra"], "-o", library).stdout
    )
    one = rows("identify", files["query"], "--library", library)
    assert one == rows("identify", files["query"], "--library", files["spectra"])
    assert [each["name"] for each in rows("lab", "library", "show", library)] == list(PEAKS)
    assert "Cirquine" in run("lab", "library", "show", library).stdout
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
    told = run("lab", "library", "show", folder, "--json")
    assert json.loads(told.stdout)["name"] == "Formaldehyde"
    assert json.loads(told.stdout)["cas"] == "50-00-0"
    assert "of no one substance: 1 (Mixture1_30V)" in told.stderr


def test_a_library_with_wrong_labels_is_told(tmp_path):
    library = tmp_path / "wrong.msp"
    peaks = tuple((50.0 + 13 * at, 10.0 + at) for at in range(9))
    library.write_text(msp("Left", peaks) + msp("Right", peaks) + msp("Left", peaks), encoding="utf-8")
    found = rows("lab", "library", "check", library, code=1)
    assert [one["finding"] for one in found] == ["duplicate", "same", "same"]
    assert {found[1]["first"]["name"], found[1]["second"]["name"]} == {"Left", "Right"}
    assert "mislabelled" in run("lab", "library", "check", library, code=1).stdout


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


BLANK = ((61.1, 100), (201.3, 90), (240.2, 60), (301.9, 80))
FLUOROBUTYRYL = "CCCC(=O)N(c1ccc(F)cc1)C1CCN(CCc2ccccc2)CC1"
PATTERN = {245: 100, 189: 38, 146: 67, 96: 13, 202: 9, 158: 6, 57: 22, 91: 16, 105: 23, 77: 20, 42: 28}


def controlled(files, tmp_path, *lines, peaks=PEAKS["Borealine"], query=None):
    """The components of a sample that a library of one substance, stated with more lines, is asked about."""
    library, sample = tmp_path / "one.msp", tmp_path / "sample.msp"
    name, *rest = lines
    library.write_text(msp("\n".join([name, *rest]), peaks), encoding="utf-8")
    sample.write_text(msp("exhibit 9", query or peaks), encoding="utf-8")
    (one,) = rows("identify", sample, "--library", library, "--on", "2026-06-10")
    return one["components"], run("identify", sample, "--library", library, "--on", "2026-06-10")


def test_the_law_is_looked_up_by_structure(files, tmp_path):
    """A name that no table has, the structure beside it: the class of item 16, by its text or its column."""
    ((one,), told) = controlled(files, tmp_path, "XYZ-1", f"SMILES: {FLUOROBUTYRYL}")
    assert (one["controlled"]["outcome"], one["controlled"]["clauses"]) == ("class", ["CDSA/I/16"])
    assert "CDSA/I/16" in told.stdout
    ((one,), _) = controlled(files, tmp_path, "XYZ-1", f"SMILES: {FLUOROBUTYRYL}.Cl", "CAS#: 6640-24-0")
    assert one["controlled"]["clauses"] == ["CDSA/I/16"]
    folder, library = tmp_path / "lib", tmp_path / "a.lib"
    folder.mkdir()
    (folder / "P01_30V.txt").write_text("".join(f"{x}\t{y}\n" for x, y in PEAKS["Arctine"]), "utf-8")
    (folder / "master.csv").write_text(f"Code,Name,Canonical SMILES\nP01,XYZ-1,{FLUOROBUTYRYL}\n", "utf-8")
    rows("lab", "library", "build", folder, "-o", library, "--technique", "dart-ms")
    (one,) = rows("identify", folder / "P01_30V.txt", "--library", library, "--technique", "dart-ms")
    assert one["components"][0]["controlled"]["clauses"] == ["CDSA/I/16"]


def test_a_structure_that_could_not_be_compared_is_no_plain_not_found(monkeypatch):
    def without_rdkit(*_):
        raise MissingExtraError("rdkit")

    monkeypatch.setattr(answer, "ask", without_rdkit)
    law = control(Compound("", "Unheard-of", smiles="CCC(=O)N(c1ccccc1)C1CCN(C)CC1"), date(2026, 11, 26))
    assert (law["outcome"], law["uncompared"]) == ("not found", True)
    assert "rdkit" in cell(law)


def test_a_structure_with_a_fault_is_no_plain_not_found(files, tmp_path):
    ((one,), told) = controlled(files, tmp_path, "XYZ-1", f"SMILES: {FLUOROBUTYRYL}(")
    assert (one["controlled"]["outcome"], one["controlled"]["uncompared"]) == ("not found", True)
    assert "its structure was not compared" in " ".join(told.stdout.split())


def test_a_name_that_holds_one_of_the_law_is_for_a_person(files, tmp_path):
    ((one,), told) = controlled(files, tmp_path, "ortho-methylfentanyl")
    assert (one["controlled"]["outcome"], one["controlled"]["person"]) == ("not found", True)
    assert "a person decides" in " ".join(told.stdout.split())
    ((one,), _) = controlled(files, tmp_path, "ortho-caffeine")
    assert one["controlled"] is None


def test_a_member_of_the_family_that_no_table_knows_is_for_a_person(files, tmp_path):
    pattern = tuple((float(x), y) for x, y in sorted(PATTERN.items()))
    ((one,), told) = controlled(files, tmp_path, "XYZ-2", peaks=pattern)
    assert one["controlled"] == {
        "outcome": "analogue",
        "clauses": ["CDSA/I/16"],
        "said": "its spectrum is of the fentanyl family: a person decides under item 16 of Schedule I",
    }
    assert "analogue (CDSA/I/16)" in told.stdout


def test_listed_is_withheld_where_much_is_unexplained(files, tmp_path):
    query = (*PEAKS["Borealine"], *BLANK)
    ((one,), told) = controlled(files, tmp_path, "Methamphetamine", query=query)
    law = one["controlled"]
    assert (law["outcome"], law["if_named"], law["clauses"]) == ("withheld", "listed", ["CDSA/I/18"])
    assert "unexplained" in law["why"][0]
    assert "withheld: listed (CDSA/I/18) if it is this" in " ".join(told.stdout.split())
    ((one,), _) = controlled(files, tmp_path, "Methamphetamine")
    assert one["controlled"]["outcome"] == "listed"


@pytest.mark.parametrize("names", [("Methamphetamine", "XYZ-3"), ("XYZ-3", "Methamphetamine")])
def test_the_law_of_each_that_spectra_do_not_tell_apart_is_said(tmp_path, names):
    library = tmp_path / "two.msp"
    library.write_text("".join(msp(name, PEAKS["Borealine"]) for name in names), encoding="utf-8")
    query = tmp_path / "query.msp"
    query.write_text(msp("exhibit 9", PEAKS["Borealine"]), encoding="utf-8")
    (one,) = rows("identify", query, "--library", library, "--on", "2026-06-10")[0]["components"]
    law = one["controlled"]
    assert len(one["alternatives"]) == 1
    assert law["outcome"] == ("withheld" if one["name"] == "Methamphetamine" else "not found")
    (other,) = law["or"]
    assert other["name"] == one["alternatives"][0]["name"]
    assert {law.get("if_named", law["outcome"]), other["outcome"]} == {"listed", "not found"}
    assert cell(law).endswith(f"; if {other['name']}: {cell({**other, 'or': ()})}")


def test_one_voltage_alone_withholds_listed_and_says_what_it_is_worth(tmp_path):
    lines = "".join(f"{x}\t{y}\n" for x, y in PEAKS["Arctine"])
    for volts in (30, 60):
        (tmp_path / f"methamphetamine_{volts}V.txt").write_text(lines, encoding="utf-8")
    one, two = (tmp_path / f"methamphetamine_{volts}V.txt" for volts in (30, 60))
    folder = ("--library", tmp_path, "--technique", "dart-ms", "--on", "2026-06-10")
    (alone,), (both,) = rows("identify", one, *folder), rows("identify", one, two, *folder)
    assert alone["components"][0]["controlled"]["outcome"] == "withheld"
    assert any("one voltage" in each for each in alone["doubts"])
    assert both["components"][0]["controlled"]["outcome"] == "listed"
    assert not any("one voltage" in each for each in both["doubts"])


def test_a_library_without_isomers_of_what_is_listed_is_told(files, tmp_path):
    lines = ("4-fluorofentanyl", "Formula: C22H27FN2O")
    _, told = controlled(files, tmp_path, *lines)
    assert "the library holds no isomer of 4-fluorofentanyl (C22H27FN2O)" in " ".join(told.stderr.split())
    _, told = controlled(files, tmp_path, "4-fluorofentanyl")
    assert "states no formula of 4-fluorofentanyl" in " ".join(told.stderr.split())
    library = tmp_path / "two.msp"
    other = "3-fluorofentanyl", "Formula: C22H27FN2O"
    records = msp("\n".join(lines), PEAKS["Borealine"]) + msp("\n".join(other), PEAKS["Cirquine"])
    library.write_text(records, encoding="utf-8")
    told = run("identify", tmp_path / "sample.msp", "--library", library)
    assert "isomer of" not in told.stderr


def test_replicates_of_one_name_are_samples_of_their_own(files, tmp_path):
    """A poor replicate made the answer of a good one unknown."""
    poor = tuple((x, 1 + 99 * (at == 1)) for at, (x, _) in enumerate((*PEAKS["Cirquine"], *BLANK)))
    query = tmp_path / "replicates.msp"
    query.write_text(msp("exhibit 7", PEAKS["Cirquine"]) + msp("exhibit 7", poor), encoding="utf-8")
    first, second = rows("identify", query, "--each", "--library", files["spectra"])
    assert (first["sample"], second["sample"]) == ("exhibit 7", "exhibit 7 (2)")
    assert [each["name"] for each in first["components"]] == ["Cirquine"]
    assert (first["unknown"], second["unknown"]) == (False, True)


def test_replicates_at_several_voltages_stay_together(tmp_path):
    lines = "".join(f"{x}\t{y}\n" for x, y in PEAKS["Arctine"])
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for volts in (30, 60):
            (tmp_path / folder / f"x_{volts}V.txt").write_text(lines, encoding="utf-8")
    queries = [tmp_path / folder / f"x_{volts}V.txt" for folder in "ab" for volts in (30, 60)]
    found = rows("identify", *queries, "--each", "--library", tmp_path / "a", "--technique", "dart-ms")
    assert [(one["sample"], len(one["compared"])) for one in found] == [("x", 2), ("x (2)", 2)]
