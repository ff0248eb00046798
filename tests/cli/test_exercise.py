"""Making an exercise and scoring a queue, as they are typed."""

import json

import pytest
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.cli.demo.exercise_floor import fill
from watchfloor.exercise.make import make

RUNNER = CliRunner()


def call(*arguments, code=0):
    result = RUNNER.invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    home = tmp_path_factory.mktemp("played")
    made = make(home / "exercise", seed=2, scale=0.1, sensors=False)
    fill(made, home / "floor")
    return made, home / "floor"


def test_making_one_says_where_everything_is_and_what_to_do_next(tmp_path):
    told = call("admin", "exercise", "make", tmp_path / "x", "--scale", "0.05").stderr
    for word in ("answer-key.json", "feeds.toml", "parcels", "watchfloor admin exercise score"):
        assert word in told


def test_a_score_in_json_has_every_storyline_and_measure(played):
    made, floor = played
    found = json.loads(call("admin", "exercise", "score", floor, "--key", made.key, "--json").stdout)
    assert [one["name"] for one in found["storylines"]] == [one.name for one in made.answers.storylines]
    assert {"precision", "recall_at_20", "brier", "ece", "minutes_to_lead"} <= set(found)
    assert found["minutes_per_lead"] == 15
    assert found["precision"]["20"]["low"] <= found["precision"]["20"]["value"]


def test_a_score_as_a_table_names_each_storyline(played):
    made, floor = played
    told = call("admin", "exercise", "score", floor, "--key", made.key, "--minutes", "30").stdout
    for one in made.answers.storylines:
        assert one.name.split("-")[0] in told
    assert "30 minutes each" in told


def test_a_score_is_in_the_log(played):
    from watchfloor.store import Floor

    made, floor = played
    before = Floor.open(floor).position
    call("admin", "exercise", "score", floor, "--key", made.key)
    assert [act.act for act in Floor.open(floor).acts(before + 1)] == ["query"]


def test_what_is_wrong_is_said_in_a_sentence(played, tmp_path):
    made, floor = played
    call("init", "--floor", tmp_path / "bare")
    assert "ingest" in call("admin", "exercise", "score", tmp_path / "bare", "--key", made.key, code=2).stderr
    told = call("admin", "exercise", "score", floor, "--key", made.settings, code=2).stderr
    assert "no answer key" in told
    assert "not positive" in call("admin", "exercise", "make", tmp_path / "y", "--scale", "-1", code=2).stderr
    assert "not empty" in call("admin", "exercise", "make", floor, code=2).stderr


def test_a_floor_that_lacks_a_part_of_the_exercise_is_scored_with_a_note(played, tmp_path):
    made, _ = played
    call("init", "--floor", tmp_path / "part", "--feeds", made.settings)
    call("ingest", made.feeds / "travellers.csv", "--floor", tmp_path / "part")
    result = call("admin", "exercise", "score", tmp_path / "part", "--key", made.key)
    assert "are not on this floor" in result.stderr
    assert "none" in result.stdout


def test_a_parcels_reading_its_declaration_and_its_payment_meet_in_one_lead(played):
    _, floor = played
    for line in call("leads", "--floor", floor, "--json", "--top", "50").stdout.splitlines():
        found = json.loads(call("lead", json.loads(line)["lead_id"], "--floor", floor, "--json").stdout)
        kinds = {one["kind"] for one in found["records"]}
        if {"reading", "declaration", "payment"} <= kinds:
            assert {"controlled-precursor", "euphemism-goods", "precursor-in-text"} <= {
                one["rule"] for one in found["contributions"]
            }
            return
    pytest.fail("no lead rests on a reading, a declaration and a payment")


def test_a_review_says_when_each_storyline_was_noticed_tasked_and_closed(played, monkeypatch):
    made, floor = played
    monkeypatch.setenv("WATCHFLOOR_USER", "trainee")
    scored = json.loads(call("admin", "exercise", "score", floor, "--key", made.key, "--json").stdout)
    looked, acted = [one for one in scored["storylines"] if one["to_find"] and one["lead_id"]][:2]
    shut = [one for one in scored["storylines"] if one["to_find"] and one["lead_id"]][2]
    call("lead", looked["lead_id"], "--floor", floor)
    asked = ("--unit", "border-operations", "--instruction", "look", "--authority", "Customs Act s. 99")
    call("cases", "task", "issue", acted["lead_id"], *asked, "--floor", floor)
    call("leads", "outcome", acted["lead_id"], "unfounded", "--why", "seen", "--floor", floor)
    call("leads", "close", shut["lead_id"], "acted-on", "--why", "done", "--floor", floor)
    found = call("admin", "exercise", "review", made.key, "--floor", floor, "--json").stdout
    rows = {row["storyline"]: row for row in map(json.loads, found.splitlines())}
    assert list(rows) == [one.name for one in made.answers.storylines]
    first, second = rows[looked["name"]], rows[acted["name"]]
    assert (first["by"], first["tasked"], first["closed"]) == ("trainee", None, None)
    assert 0 <= first["noticed"] <= second["noticed"] <= second["tasked"] <= second["closed"]
    closed = rows[shut["name"]]
    assert 0 <= closed["noticed"] <= closed["closed"]
    others = [row for name, row in rows.items() if name not in (looked["name"], acted["name"], shut["name"])]
    assert {(row["tasked"], row["closed"]) for row in others} == {(None, None)}


def test_a_review_wants_an_answer_key(played, tmp_path):
    (tmp_path / "key.json").write_text("{}")
    result = call("admin", "exercise", "review", tmp_path / "key.json", "--floor", played[1], code=2)
    assert "no answer key" in result.stderr
