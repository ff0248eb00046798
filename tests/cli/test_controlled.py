"""`watchfloor controlled`: for people, as JSON, many at once, and what changed."""

import json

import pytest
from typer.testing import CliRunner

from watchfloor.cli import app

RUNNER = CliRunner()
ON = ("--on", "2026-06-10")
FENTANYL_F = "CCC(=O)N(c1ccccc1F)C1CCN(CCc2ccccc2)CC1"


def run(*words, code=0, given=None):
    result = RUNNER.invoke(app, ["controlled", *words], input=given, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def lines(*words, **more):
    return [json.loads(line) for line in run(*words, "--json", **more).stdout.splitlines()]


def test_an_answer_for_people():
    told = run("fentanyl", *ON).stdout
    assert told.startswith("fentanyl [a name] 2026-06-10: LISTED\n")
    assert "Schedule I, item 16(5)" in told
    assert "CAS 437-38-7" in told


def test_an_answer_in_french():
    told = run("CCC(=O)N(c1ccccc1F)C1CCN(CCc2ccccc2)CC1", *ON, "--lang", "fr").stdout
    assert "DANS UNE CATÉGORIE, une personne décide" in told
    assert "atomes 5 6 7 8 9 10 11" in told


def test_an_answer_as_json():
    (row,) = lines("4-piperidone", *ON)
    assert row["outcome"] == "listed"
    assert row["clauses"][0] == {
        "item": "CDSA/VI.1/27",
        "name": "4-Piperidone",
        "citation": "S.C. 1996, c. 19, Schedule VI, Part 1, item 27 (SOR/2024-98, s. 2)",
        "covers": ["analogues", "derivatives", "salts", "salts-of-analogues", "salts-of-derivatives"],
        "since": "2024-09-03",
        "until": None,
        "temporary": False,
        "ended": None,
    }
    assert row["limits"][0]["quantity"] == "0"


def test_several_queries_keep_their_order():
    assert [row["outcome"] for row in lines("naloxone", "fentanyl", "aspirin", *ON)] == [
        "exempt",
        "listed",
        "not found",
    ]


def test_many_queries_of_a_pipe_and_a_file(tmp_path):
    file = tmp_path / "asked.txt"
    file.write_bytes("\ufeffacetone\r\n\r\n437-38-8\r\n哌啶酮\r\n".encode())
    rows = lines("-", "--file", str(file), *ON, given="fentanyl\n\nTHC\n", code=1)
    assert [row["query"] for row in rows] == ["fentanyl", "THC", "acetone", "哌啶酮"]
    assert [row["outcome"] for row in rows] == ["listed", "exempt", "listed", "listed"]


def test_nothing_asked(tmp_path):
    empty = tmp_path / "none.txt"
    empty.write_text("\n\n")
    assert lines("--file", str(empty)) == [{"answers": 0}]
    assert run("--file", str(empty)).stdout == "nothing was asked\n"
    run("--json", code=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("437-38-8",), "check digit"),
        (("fentanyl", "--as", "cas"), "is none"),
        (("fentanyl", "--on", "yesterday"), "--on"),
        (("diff", "2025-01-01"), "two days"),
        (("diff", "2025-01-01", "2024-01-01"), "is after"),
        (("diff", "2025-01-01", "soon"), "TO"),
        (("diff", "2025-01-01", "2026-01-01", "--on", "2026-01-01"), "nothing else"),
    ],
)
def test_what_is_wrong_is_told(words, said):
    assert said in run(*words, code=2).stderr


def test_what_changed():
    changes = {(row["item"], row["what"]): row for row in lines("diff", "2025-03-03", "2026-06-05")}
    assert changes["CDSA/IV/28", "added"]["day"] == "2025-12-19"
    assert changes["CDSA/VI.1/33", "added"]["day"] == "2026-04-12"
    assert "2027-06-04" in changes["CDSA/V.1/1", "added"]["how"]
    (row,) = lines("diff", "2024-09-02", "2024-09-03")[:1]
    assert row["item"] == "CDSA/VI.1/27"
    assert row["how"].startswith("covers analogues, derivatives")


def test_what_changed_for_people():
    told = run("diff", "2025-12-18", "2025-12-19", "--lang", "fr").stdout
    assert "Carisoprodol" in told
    assert "ajout" in told
    assert "rien n'a changé" in run("diff", "2026-06-05", "2026-06-05", "--lang", "fr").stdout


def test_a_substance_called_diff_can_be_asked():
    assert lines("diff", *ON)[0]["outcome"] == "not found"


def test_a_row_has_the_same_fields_whatever_was_asked():
    rows = lines("fentanyl", "2933.39", "C1CC", "CC(C)=O.CC(=O)OC(C)=O", "aspirin", "5F-ADB", *ON)
    fields = [
        *("query", "taken", "on", "outcome", "person", "reason", "clauses", "sites", "near", "spelled"),
        *("tried", "inchikey", "numbers", "lines", "limits", "elsewhere", "parts"),
    ]
    assert all(list(row) == fields for row in rows)
    assert all(list(part) == fields for row in rows for part in row["parts"])


def test_a_query_cannot_steer_a_terminal():
    told = run("fentanyl\nLISTED\x1b[31m\u202e", *ON).stdout
    assert told.splitlines()[0].startswith(
        "fentanyl\N{REPLACEMENT CHARACTER}LISTED\N{REPLACEMENT CHARACTER}[31m"
    )
    assert "\x1b" not in told


def test_bytes_that_are_no_text_are_answered_one_by_one(tmp_path):
    file = tmp_path / "asked.bin"
    file.write_bytes(b"\xff\xfe\x00fentanyl\nfentanyl\n\x80\x81\n")
    assert [row["outcome"] for row in lines("--file", str(file), *ON)] == ["listed", "listed", "not found"]


def test_french_sentences_have_no_english_words():
    told = run("aspirin", "CC(=O)Oc1ccccc1C(O)=O", FENTANYL_F, *ON, "--lang", "fr").stdout
    assert "nom 'aspirin'" in told
    assert "définitions structurales" in told
    assert "0,77 sur 1" in told
    assert "article 16(5) de l'annexe I" in told
    thc = run("CCCCCc1cc(O)c2[C@H]3C=C(C)CC[C@@H]3C(C)(C)Oc2c1", *ON, "--lang", "fr").stdout
    assert "«\u00a0alkyle\u00a0»" in thc
    assert "al. 60.1(4)c)" in run("spirochlorphine", "--on", "2027-06-05", "--lang", "fr").stdout
