"""`watchfloor plan game` and `plan tours`: what is no number, and sentences in both languages."""

import pytest
from tests.cli.planners import patrolled
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
