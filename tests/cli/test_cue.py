"""`watchfloor surveillance cue`: what is said, sent, refused and logged."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.planning.world import OPEN, asset, endangered, keep, key, legs
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.store import Actor, Floor

RUNNER = CliRunner()
LAW = ("--authority", "RCMP Act s. 18")


@pytest.fixture
def floor(tmp_path, monkeypatch):
    """A walker who nears the line, seen from one tower, and another far off whose life is at risk."""
    actor = Actor("anna", "watch", "none")
    made = Floor.create(tmp_path / "floor", actor, exercise=True)
    more = 'slew_deg_s = 30\nnode = "tower-7"'
    text = asset("tower", more=more) + asset("drone", "drone", 5000.0, reach=500.0, more="speed_m_s = 20")
    (made.root / "assets.toml").write_text(text + asset("lost", unit="navy"), "utf-8")
    now = datetime.now(UTC)
    rows = legs((1, 0, 900, -1.2, OPEN), (2, 1500, 4000, 0.0, OPEN), now=now)
    keep(made, actor, rows, endangered(2, at=now - timedelta(minutes=5)))
    monkeypatch.setenv("WATCHFLOOR_FLOOR", str(made.root))
    return made


def call(*words, code=0):
    given = [str(word) for word in words]
    result = RUNNER.invoke(app, given, catch_exceptions=False, env={"WATCHFLOOR_USER": "anna"})
    assert result.exit_code == code, result.output
    return result


def lines(*words):
    return [json.loads(line) for line in call(*words, "--json").stdout.splitlines()]


def told(*words, code=2):
    return " ".join(call(*words, code=code).stderr.split())


def test_the_cues_are_told_with_reasons_in_both_languages(floor):
    first, second = lines("surveillance", "cue")
    assert (first["track"], first["life_at_risk"], first["number"]) == (key(2), True, 1)
    assert (second["track"], second["life_at_risk"]) == (key(1), False)
    assert first["bits"] == pytest.approx(first["of_existence"] + first["of_crossing"])
    assert "Look before" in second["why"]
    said = call("surveillance", "cue")
    assert "Life at risk" in said.stdout
    assert "units.toml names no such unit: lost" in said.stderr
    assert "Vie en danger" in " ".join(call("surveillance", "cue", "--lang", "fr").stdout.split())
    acts = floor.acts_of("query")
    assert [act.detail["shown"] for act in acts] == [[key(2), key(1)]] * 3


def test_one_is_sent_under_an_authority_that_its_unit_has(floor, tmp_path):
    assert "cannot be given a task under 'an Act, s. 1'" in told(
        "surveillance", "cue", "--send", "tower", code=3
    )
    first = lines("surveillance", "cue")[0]
    (made,) = lines("surveillance", "cue", "--send", first["asset"], "--track", key(2), *LAW)
    assert (made["asset"], made["flags"], made["subjects"]) == (first["asset"], ["life-at-risk"], [key(2)])
    left = {one["track"]: one["asset"] for one in lines("surveillance", "cue")}
    assert left.keys() == {key(1)}
    assert first["asset"] not in left.values()
    (other,) = lines("surveillance", "cue", "--send", "1", *LAW, "--out", tmp_path / "out")
    files = [one for task in (made, other) for one in task["files"]]
    ends = sorted(one.rpartition(".")[2] for one in files)
    assert ends == ["cot", "cot", "sapient"]
    assert all(str(tmp_path / "out") in one for one in other["files"])
    assert "live/outbox" in made["files"][0].replace("\\", "/")
    nothing = {"cues": 0, "why": "", "unserved": [], "strangers": ["lost"]}
    assert lines("surveillance", "cue")[0] | {"why": ""} == nothing
    assert "every asset has an open task" in call("surveillance", "cue").stdout
    assert "every asset has an open task" in told("surveillance", "cue", "--send", "tower", *LAW, code=3)


def test_a_task_that_is_sent_is_said_with_its_files(floor):
    said = told("surveillance", "cue", "--send", "tower", *LAW, "--lang", "fr", code=0)
    assert "Pointez tower sur" in said
    assert "pour rcmp-operations" in said
    assert said.count("-> ") == 2


def test_what_has_changed_since_it_was_seen_is_not_sent(floor):
    assert "there is no cue 'boat' now; there are 2: 1 (" in told(
        "surveillance", "cue", "--send", "boat", *LAW, code=4
    )
    first = lines("surveillance", "cue")[0]
    assert f"would now look at {key(2)}, not at {key(1)}" in told(
        "surveillance", "cue", "--send", first["asset"], "--track", key(1), *LAW, code=3
    )
    assert lines("cases", "task", "list") == [{"tasks": 0}]


def test_another_moment_is_looked_at_and_nothing_sent_there(floor):
    later = f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%dT%H:%MZ}"
    assert "no track was heard in the last 10 minutes" in " ".join(
        call("surveillance", "cue", "--at", later).stdout.split()
    )
    assert "no track that you may see" in " ".join(call("surveillance", "cue", "--as-of", "1").stdout.split())
    assert lines("surveillance", "cue", "--as-of", str(floor.position))[0]["track"] == key(2)
    assert "a task is given now" in told("surveillance", "cue", "--send", "1", "--at", later, *LAW)


def test_a_life_that_nothing_free_can_look_at_is_said_aloud(floor):
    (floor.root / "assets.toml").write_text(asset("tower", reach=100.0), "utf-8")
    result = call("surveillance", "cue", "--json")
    assert json.loads(result.stdout)["unserved"] == [key(2)]
    assert f"LIFE AT RISK, and nothing that is free can look there in time: {key(2)}" in result.stderr
