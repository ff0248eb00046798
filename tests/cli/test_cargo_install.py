"""`watchfloor cargo install`: a model on a floor, in the log, and in what the cargo desk says."""

import json

import pyarrow as pa
import pytest
from tests.cli import modellers
from tests.desks.cargo.cases import REFS
from tests.desks.cargo.model.worlds import world
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.core.derived import net
from watchfloor.core.kinds import KINDS
from watchfloor.core.messages import Reason
from watchfloor.desks.base import Refs
from watchfloor.desks.cargo.desk import DESK
from watchfloor.desks.cargo.installed import install, of_reference
from watchfloor.desks.cargo.model import FitError, load, score
from watchfloor.feeds.references import references
from watchfloor.run import run
from watchfloor.store import Floor

RUNNER = CliRunner()


def call(*words, code=0):
    found = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert found.exit_code == code, found.output
    return found.output


@pytest.fixture(scope="module")
def goods(tmp_path_factory):
    home = tmp_path_factory.mktemp("goods")
    return modellers.fitted(home, lambda words: call(*words))["goodsmodel"]


def test_a_model_is_installed_logged_and_taken_away(goods, tmp_path):
    floor = tmp_path / "floor"
    call("init", "--floor", floor)
    said = json.loads(call("cargo", "install", goods, "--floor", floor, "--level", "0.2", "--json"))
    here = of_reference(references(Floor.open(floor))["cargo-model"])
    assert (here.fitted.digest, here.level, here.strong) == (said["model"], 0.2, 0.7)
    (act,) = Floor.open(floor).acts_of("model-installed")
    assert act.detail["model"] == said["model"]
    call("cargo", "install", "--remove", "--floor", floor)
    assert of_reference(references(Floor.open(floor))["cargo-model"]) is None
    assert "no model of goods" in call("cargo", "install", "--remove", "--floor", floor, code=2)


def test_what_may_not_be_installed_is_refused(goods, tmp_path):
    floor = tmp_path / "floor"
    call("init", "--floor", floor)
    assert "name the model" in call("cargo", "install", "--floor", floor, code=2)
    assert "0 < level" in call("cargo", "install", goods, "--floor", floor, "--level", "2", code=2)
    (tmp_path / "no.json").write_text("{}")
    assert "no.json" in call("cargo", "install", tmp_path / "no.json", "--floor", floor, code=2)
    with pytest.raises(FitError, match="install it anew"):
        of_reference(b"{}")


def test_the_desk_tells_each_line_that_reaches_the_level_and_no_other(goods):
    """Oracle: the model's own score."""
    rows, _ = world(60)
    chance = score(load(goods.read_bytes()), rows).chance
    level = float(sorted(chance)[len(chance) // 2])
    refs = Refs(
        bytes(32), {**REFS.contents, "cargo-model": install(goods.read_bytes(), level, 0.999).stored()}
    )
    inputs = {kind: KINDS[kind].schema.empty_table() for kind in DESK.reads} | {"declaration": rows}
    found = [one for one in net(run(DESK, inputs, refs)["signal"]).to_pylist() if one["rule"] == "like-found"]
    reached = rows.filter(pa.array(chance >= level))["record_id"].to_pylist()
    assert {one["evidence"][0] for one in found} <= set(reached)
    assert len(found) >= len(set(reached)) / 2
    assert all("invitation to look" in Reason.load(one["reason"]).render() for one in found)
    assert all(level <= one["score"] <= 1 for one in found)
