"""`watchfloor plan detectors`: what it prints, and a refusal in both languages."""

import json

import pytest
from tests.cli.planners import recounted
from typer.testing import CliRunner

from watchfloor.cli import app, command_log

RUNNER = CliRunner()


def run(path, *words, code=0):
    call = ["plan", "detectors", path, "--season", "FY2021", *words]
    result = RUNNER.invoke(app, [*map(str, call)], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def finds(tmp_path):
    return recounted(tmp_path)["finds"]


def test_a_placement_has_a_reason_for_each_port_in_both_languages(finds):
    plans = [json.loads(run(finds, "--teams", 3, "--json", "--lang", one).stdout) for one in ("en", "fr")]
    english, french = plans
    assert english["placement"] == french["placement"]
    assert sum(english["placement"].values()) == 3
    assert english["read"] == ["FY2019", "FY2020"]
    for one, other in zip(english["ports"], french["ports"], strict=True):
        assert len(one["why"]) == len(other["why"]) >= 2
        assert one["why"] != other["why"]


def test_a_table_names_each_port_with_a_team_and_what_is_left_out(finds):
    shown = run(finds, "--teams", 1, "--explore", 0)
    assert "Lacolle" in shown.stdout
    assert "Emerson" in shown.stderr


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_refusal_has_its_message_and_prints_nothing(finds, language, monkeypatch):
    noted = []
    monkeypatch.setattr(command_log, "note_message", noted.append)
    refused = run(finds, "--teams", 0, "--json", "--lang", language, code=2)
    assert noted[-1] == "detectors.no-teams"
    assert refused.stdout == ""
