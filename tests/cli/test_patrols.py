"""`watchfloor plan game` and `plan tours`: what is no number, and sentences in both languages."""

import pytest
from tests.cli.planners import FULL, patrolled, sited
from typer.testing import CliRunner

from watchfloor.cli import app

RUNNER = CliRunner()


@pytest.mark.parametrize(
    ("command", "of", "options"),
    [
        ("game", "payoffs", ["--resources", "nan"]),
        ("game", "payoffs", ["--resources", "1", "--rationality", "nan"]),
        ("tours", "stops", ["--seconds", "nan"]),
    ],
)
def test_what_is_no_number_is_refused(tmp_path, command, of, options):
    result = RUNNER.invoke(app, ["plan", command, str(patrolled(tmp_path)[of]), *options])
    assert result.exit_code == 2
    assert "nan is no number" in result.stderr


@pytest.mark.parametrize("command", ["game", "tours", "towers"])
def test_what_is_printed_is_of_the_language_that_was_asked_for(tmp_path, command):
    files = {**patrolled(tmp_path), **sited(tmp_path)}
    words = [one.format(new=tmp_path / command, **files) for one in FULL["plan", command]]
    printed = []
    for language in ("en", "fr"):
        call = [one.replace(".geojson", f"-{language}.geojson") for one in words]
        result = RUNNER.invoke(app, ["plan", command, *call, "--lang", language], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        printed.append([line for line in result.output.splitlines() if any(map(str.isalpha, line))])
    english, french = ({line for line in one if "│" not in line} for one in printed)
    assert len(english) == len(french) > 0
    assert not english & french
