"""The register of removals from the command line: days that it has, and days that it has not."""

import pytest
from tests.cli.removers import removed
from tests.exchange.nodes import floor
from typer.testing import CliRunner

from watchfloor.actions.removal_tables import NO_DAY
from watchfloor.cli import app


@pytest.mark.parametrize(
    ("words", "day", "last"),
    [
        (["inventory", "--on", "0001-01-01"], "0001-01-01", None),
        (["inventory", "--on", "2026-01-01", "--from", "0001-01-01"], "0001-01-01", "2026-01-01"),
        (["inventory", "--on", "2026-01-01", "--from", "2026-01-02"], "2026-01-02", "2026-01-01"),
        (["report", "--month", "9999-12"], "9999-12-01", None),
        (["table", "--on", "0001-01-01"], "0001-01-01", None),
        (["list", "--on", "9999-12-31"], "9999-12-31", None),
        (["list", "--on", "2002-06-27"], "2002-06-27", None),
    ],
)
def test_a_day_that_the_register_has_not_is_refused(words, day, last, tmp_path):
    floor(tmp_path, "floor")
    root = tmp_path / "floor"
    removed(root)
    given = [*words, "--floor", str(root), "--purpose", "tests", "--authority", "an Act"]
    result = CliRunner().invoke(app, ["travel", "removals", *given])
    assert result.exit_code == 3, result.output
    assert day in result.stderr
    assert "2002-06-28" in result.stderr
    assert last is None or last in result.stderr
    assert NO_DAY.id == "removals.no-day"
