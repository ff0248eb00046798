"""`watchfloor finance install`: a model on a floor, in the log and in the references of the desk."""

import json

import pytest
from tests.desks.finance.worlds import world, written
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.desks.finance.models.installed import of_reference
from watchfloor.feeds.references import references
from watchfloor.store import Floor

RUNNER = CliRunner()


def call(*words, code=0):
    found = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert found.exit_code == code, found.output
    return found.output


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    home = tmp_path_factory.mktemp("models")
    payments, labels = written(home, *world())
    fit = ["finance", "fit", payments, "--labels", labels, "--until", "2026-01-15", "-o"]
    call(*fit, home / "good.json", "--origin", "a generator")
    call(*fit, home / "nobody.json")
    return home


def reference(floor):
    return of_reference(references(Floor.open(floor))["payment-model"])


@pytest.mark.thorough
def test_a_model_is_installed_logged_and_taken_away(models, tmp_path):
    floor = tmp_path / "floor"
    call("init", "--floor", floor)
    assert reference(floor) is None
    said = json.loads(call("finance", "install", models / "good.json", "--floor", floor, "--json"))
    here = reference(floor)
    assert (here.digest, here.level, here.strong) == (said["model"], 0.5, 0.9)
    (act,) = Floor.open(floor).acts_of("model-installed")
    assert act.detail["model"] == here.digest
    assert act.detail["origin"] == "a generator"
    assert act.detail["until"] == here.fitted.until
    call("finance", "install", models / "good.json", "--floor", floor, "--level", "0.3")
    assert reference(floor).level == 0.3
    call("finance", "install", "--remove", "--floor", floor)
    assert reference(floor) is None
    assert len(Floor.open(floor).acts_of("model-removed")) == 1
    assert "no model is installed" in call("finance", "install", "--remove", "--floor", floor, code=2)


def test_what_may_not_be_installed_is_refused_and_changes_nothing(models, tmp_path):
    floor = tmp_path / "floor"
    call("init", "--floor", floor)
    said = call("finance", "install", models / "nobody.json", "--floor", floor, code=2)
    assert "names no origin" in said
    said = call("finance", "install", models / "good.json", "--floor", floor, "--level", "2", code=2)
    assert "level" in said
    (tmp_path / "none.json").write_text("{}")
    assert "no model" in call("finance", "install", tmp_path / "none.json", "--floor", floor, code=2)
    filed = (models / "good.json").read_text().replace("a generator", "STRs filed in 2025")
    (tmp_path / "filed.json").write_text(filed)
    assert "never a label" in call("finance", "install", tmp_path / "filed.json", "--floor", floor, code=2)
    call("finance", "install", "--floor", floor, code=2)
    assert reference(floor) is None
    assert not Floor.open(floor).acts_of("model-installed")
