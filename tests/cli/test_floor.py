"""The commands an officer and an operator use, one after the other, on one exercise."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from watchfloor.cli import app, main
from watchfloor.store import Actor, Floor

RUNNER = CliRunner()


def call(*arguments, code=0):
    result = RUNNER.invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def lines(*arguments, code=0):
    return [json.loads(line) for line in call(*arguments, "--json", code=code).stdout.splitlines()]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "here"
    found = lines("demo", folder, "--scale", "0.2", "--no-sensors", "--no-browser", "--top", "50")
    return folder, found


@pytest.fixture
def floor(demo, tmp_path):
    """A floor of its own, from a backup of the demo's."""
    backup, copy = tmp_path / "backup", tmp_path / "floor"
    call("floor", "backup", "--unencrypted", backup, "--floor", demo[0] / "floor")
    call("floor", "restore", backup, "--floor", copy)
    return copy


def test_the_demo_puts_what_was_planted_at_the_head_of_the_queue(demo):
    folder, found = demo
    key = folder / "exercise" / "key" / "answer-key.json"
    (score,) = lines("admin", "exercise", "score", folder / "floor", "--key", key)
    to_find = [one for one in score["storylines"] if one["to_find"]]
    assert len(to_find) == 12
    assert all(one["rank"] <= 20 for one in to_find)
    listed = [one for one in to_find if one["name"].startswith("listed")]
    by_id = {lead["lead_id"]: lead for lead in found}
    for one in listed:
        assert "Exercise List" in by_id[one["lead_id"]]["reason"]
        assert "2026-06-01" in by_id[one["lead_id"]]["reason"]


def test_a_demo_replaces_a_demo_and_nothing_else(demo, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    result = call("demo", tmp_path / "mine", code=3)
    assert "no demo" in result.stderr
    assert (tmp_path / "mine" / "notes.txt").exists()


def test_a_lead_adds_up_and_leads_to_the_original_bytes(demo, floor):
    lead_id = demo[1][0]["lead_id"]
    (lead,) = lines("lead", lead_id, "--floor", floor)
    total = lead["prior_bits"]
    for one in lead["contributions"]:
        total += one["bits"]
    assert lead["bits"] == total
    record_id = lead["contributions"][0]["evidence"][0]
    original = call("record", record_id, "--floor", floor, "--original").stdout
    assert lead["subject"] in original


def test_a_decision_is_remembered_undone_and_replayed(demo, floor):
    first, position = demo[1][0], Floor.open(floor).position
    call("leads", "decide", first["lead_id"], "different", "--why", "passport seen", "--floor", floor)
    by_id = {lead["lead_id"]: lead for lead in lines("leads", "--floor", floor, "--top", 50)}
    assert by_id[first["lead_id"]]["strength"] == "cleared"
    assert "passport seen" in by_id[first["lead_id"]]["reason"]
    before = lines("leads", "--floor", floor, "--top", 50, "--as-of", position)
    assert before[0]["strength"] == first["strength"]
    call("leads", "decide", first["lead_id"], "undo", "--why", "wrong passport", "--floor", floor)
    again = lines("leads", "--floor", floor, "--top", 50)
    assert again == demo[1]
    assert {one["same"] for one in lines("floor", "replay", "--floor", floor)} == {True}


def test_every_question_is_in_the_log(floor):
    before = Floor.open(floor).position
    call("leads", "--floor", floor, "--purpose", "night watch", "--authority", "RCMP Act s. 18")
    (act,) = Floor.open(floor).acts(before + 1)
    assert act.act == "query"
    assert (act.actor.purpose, act.actor.authority) == ("night watch", "RCMP Act s. 18")


def test_erasing_a_record_takes_its_lead_and_leaves_every_proof(demo, floor):
    lead_id = demo[1][0]["lead_id"]
    (lead,) = lines("lead", lead_id, "--floor", floor)
    record_id = lead["contributions"][0]["evidence"][0]
    call(
        "floor",
        "erase",
        record_id,
        "--why",
        "request A-77",
        "--authority",
        "Privacy Act s. 12",
        "--floor",
        floor,
    )
    call("run", "--floor", floor)
    assert lead_id not in {one["lead_id"] for one in lines("leads", "--floor", floor, "--top", 50)}
    assert lines("floor", "verify", "--floor", floor)[-1]["whole"] is True


def test_a_delivery_repeated_writes_nothing(demo, floor):
    accounts = lines("ingest", demo[0] / "exercise" / "feeds", "--floor", floor)
    assert sum(one.get("accepted", 0) for one in accounts) == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["leads", "--floor", "nowhere"], 4, "watchfloor init"),
        (["run", "--floor", "{floor}", "--desk", "astrology"], 4, "the desks are cargo, "),
        (["run", "--floor", "{floor}", "--on", "moon"], 2, "inline, pool, sail"),
        (["lead", "zzzz", "--floor", "{floor}"], 4, "watchfloor leads"),
        (["leads", "--floor", "{floor}", "--as-of", "2026-02-30"], 2, "2026-11-24"),
        (["leads", "decide", "{lead}", "different", "--why", " ", "--floor", "{floor}"], 3, "why is empty"),
        (
            [
                "leads",
                "decide",
                "{lead}",
                "different",
                "--why",
                "x",
                "--until",
                "2001-01-01",
                "--floor",
                "{floor}",
            ],
            3,
            "past",
        ),
        (["init", "--floor", "{floor}"], 3, "not empty"),
        (["init", "--floor", "new", "--ceiling", "SECRET-ISH"], 2, "SECRET-ISH"),
        (["admin", "exercise", "make", "{floor}"], 2, "not empty"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    demo, floor, arguments, code, says, monkeypatch, capsys, tmp_path
):
    monkeypatch.chdir(tmp_path)
    known = {"floor": floor, "lead": demo[1][0]["lead_id"]}
    monkeypatch.setattr(sys, "argv", ["watchfloor", *(a.format(**known) for a in arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert ended.value.code == code, told
    assert says in told
    assert "Traceback" not in told


def test_a_second_process_that_writes_is_told_who_writes(floor, demo):
    with Floor.open(floor).writer(Actor("first", "test", "test")):
        command = [
            sys.executable,
            "-m",
            "watchfloor",
            "ingest",
            str(demo[0] / "exercise" / "feeds"),
            "--floor",
            str(floor),
        ]
        second = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
        )
    assert second.returncode == 3
    assert "process" in second.stderr
    assert "Traceback" not in second.stderr


def test_another_key_is_noticed_before_anything_is_taken_in_twice(demo, floor):
    key = floor / "key"
    key.chmod(0o600)
    key.write_bytes(bytes([key.read_bytes()[0] ^ 1]) + key.read_bytes()[1:])
    found = lines("floor", "verify", "--floor", floor, code=5)
    assert any(one.get("damage", {}).get("file") == "key" for one in found)
