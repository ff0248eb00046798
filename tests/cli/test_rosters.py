import json

import pytest
from tests.planning.rosters.small import RULES, folder
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.core.messages import Message

pytest.importorskip("highspy")


def run(*words):
    done = CliRunner().invoke(app, ["roster", *map(str, words)], catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def files(path):
    return [path / name for name in ("rules.toml", "staff.csv", "demand.csv")]


@pytest.mark.parametrize("name", ["roster.csv", "roster.xlsx"])
def test_what_is_made_is_lawful_and_costs_what_the_check_says(tmp_path, name):
    path = folder(tmp_path / "f")
    code, out, _ = run("make", *files(path), "-o", tmp_path / name, "--seconds", 2, "--threads", 1, "--json")
    made = json.loads(out)
    assert (code, made["feasible"]) == (0, True)
    assert {one["clause"]: one["breaches"] for one in made["clauses"]}["25.01 rest"] == 0
    assert made["bound"] <= made["cost"]
    code, out, _ = run("check", path, tmp_path / name, "--json")
    whole, *short = map(json.loads, out.splitlines())
    assert (code, whole["cost"]) == (0, made["cost"])
    assert [(one["what"], one["cost"]) for one in short if not one["person"]] == [
        (one["what"], one["cost"]) for one in made["short"]
    ]


def test_what_is_short_is_listed_in_the_language_asked_for(tmp_path):
    demand = "date,shift,post,qualification,least,price\n2026-11-03,D,kennel,dog,1,50\n"
    path = folder(tmp_path / "f", demand=demand)
    code, out, err = run("make", *files(path), "-o", tmp_path / "r.csv", "--seconds", 1, "--lang", "fr")
    assert code == 0
    assert "2026-11-03 D kennel/dog" in out
    assert Message("rosters.head-short", frozenset()).fr in out
    assert "kennel/dog" in err  # nobody may work it


def test_an_output_without_a_folder_is_refused_before_the_search(tmp_path):
    path = folder(tmp_path / "f")
    code, _, err = run("make", *files(path), "-o", tmp_path / "no" / "r.csv")
    assert (code, str(tmp_path / "no") in err.replace("\n", "")) == (4, True)


def test_a_roster_that_breaks_a_rule_ends_with_1_and_names_the_clause(tmp_path):
    rules = RULES + "\n[posting]\ndays = 14\nclause = '9.1 posting'\n"
    path = folder(tmp_path / "f", rules)
    made = tmp_path / "r.csv"
    rows = "Ann,2026-11-02,N,primary\nAnn,2026-11-03,D,primary\nBob,,,\nCy,,,\n"
    made.write_text("officer,date,shift,post\n" + rows, "utf-8")
    code, out, _ = run("check", path, made, "--at", "2026-10-01")
    assert code == 1
    assert "25.01 rest" in out
    assert "9.1 posting" not in out
    assert "9.1 posting" in run("check", path, made, "--at", "2026-11-01")[1]
    assert run("check", path, made, "--published", made)[0] == 2  # of when?
