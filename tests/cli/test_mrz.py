"""`watchfloor travel mrz`: text, tables, standard input, and a refusal of each wrong input."""

import json

import pytest
from tests.formats.travel.specimens import SPECIMENS, TD1, TD3, changed
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.core.messages import reason
from watchfloor.formats.travel.mrz import LEFT_OUT

RUNNER = CliRunner()
ON = ("--on", "2026-12-01")


def run(*words, code=0, given=None):
    result = RUNNER.invoke(app, ["travel", "mrz", *map(str, words)], input=given, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def rows(*words, code=0, given=None):
    return [
        json.loads(line) for line in run(*words, *ON, "--json", code=code, given=given).stdout.splitlines()
    ]


@pytest.fixture
def file(tmp_path):
    def written(text, name="zones.txt"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_line_for_each_zone(file):
    text = "\n".join(line for lines in SPECIMENS.values() for line in lines)
    found = rows(file(f"Page 1\n{text}\n"))
    assert [one["layout"] for one in found] == [name.split()[0] for name in SPECIMENS]
    assert all(one["sound"] and one["left_out"] == ["nationality", "sex"] for one in found)
    assert all(check["text"] for one in found for check in one["checks"])
    assert all("1,000" in one["cannot_find"] for one in found)


def test_a_fault_has_a_message_a_place_and_a_suggestion(file):
    (found,) = rows(file("\n".join(changed(TD3, 2, 24, "O"))), code=1)
    assert found["faults"][0] == {
        "message": "mrz.sign",
        "params": {"line": 2, "column": 24, "sign": "O"},
        "text": "O at line 2, column 24 cannot stand there",
    }
    assert (found["suggestion"]["put"], found["suggestion"]["among"]) == ("0", "all")


def test_standard_input_is_read():
    (found,) = rows("-", given="\n".join(TD1))
    assert found["layout"] == "TD1"


@pytest.mark.parametrize("zone", ["\n".join(TD3), "".join(TD3), " ".join(TD3)])
def test_the_column_of_zones_is_found(file, zone):
    path = file(f'id,remarks,mrz\n1,see < below,"{zone}"\n2,,\n', "zones.csv")
    (found,) = rows(path)
    assert (found["layout"], found["locator"], found["sound"]) == ("TD3", "line 2", True)
    assert rows(path, "--column", "mrz") == [found]


def test_a_cell_without_a_zone_is_told(file):
    path = file('id,mrz\n1,"{}"\n2,none here\n'.format("".join(TD3)), "zones.csv")
    result = run(path, *ON, "--json", code=1)
    assert len(result.stdout.splitlines()) == 1
    assert "holds no machine-readable zone" in result.stderr


@pytest.mark.parametrize(
    ("text", "words"), [("id,name\n1,Ann\n", ()), ("id,mrz\n1,x\n", ("--column", "zone")), ("", ())]
)
def test_tables_without_zones_are_refused(file, text, words):
    run(file(text, "zones.csv"), *words, code=2)


def test_wrong_words_are_refused(file, tmp_path):
    for day in ("2026-13-01", "0001-01-01", "9999-12-31"):
        assert day in run(file("\n".join(TD3)), "--on", day, code=2).stderr
    assert "none.txt" in run(tmp_path / "none.txt", code=2).stderr


def test_zones_for_people_in_both_languages(file):
    path = file("\n".join(changed(TD3, 2, 24, "O")))
    for language in ("en", "fr"):
        result = run(path, *ON, "--lang", language, code=1)
        assert "ERIKSSON" in result.stdout
        assert reason(LEFT_OUT).render(language) in result.stderr


def test_top_shows_so_many_and_counts_all(file):
    path = file("\n".join(line for _ in range(5) for line in TD3))
    result = run(path, *ON, "--top", 2)
    assert result.stdout.count("ERIKSSON") == 2
    assert "5" in result.stderr
