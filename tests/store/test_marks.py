"""A mark outside of the floor: a floor rolled back as a whole is noticed where it was seen before."""

import shutil
from pathlib import Path

import pytest
from tests.cli.worlds import in_, run

from watchfloor.store.floor import Floor
from watchfloor.store.marks import FOLDER, keep, mark_of
from watchfloor.store.verify import Witness


@pytest.fixture
def marked(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path / "marks"))
    with in_(tmp_path, "anybody"):
        run("init", "--name", "cell", "--exercise")
        shutil.copytree("floor", "older")
        run("share", "node", "show")
        yield tmp_path


def test_a_floor_rolled_back_to_an_older_copy_is_noticed_until_it_is_restored(marked):
    run("floor", "verify", code=(0,))
    floor = Floor.open("floor")
    assert mark_of(floor.root) == Witness(floor.position, floor.log_root(floor.position))
    run("floor", "backup", "b.tar", "--unencrypted", code=(0,))
    shutil.rmtree("floor")
    shutil.copytree("older", "floor")
    assert "acts are gone" in run("floor", "verify", code=(5,)).stdout
    assert keep(Floor.open("floor"))
    run("floor", "verify", code=(5,))
    shutil.rmtree("floor")
    run("floor", "restore", "b.tar", code=(0,))
    run("floor", "verify", code=(0,))


def test_a_log_that_went_another_way_is_noticed(marked):
    run("floor", "verify", code=(0,))
    shutil.rmtree("floor")
    shutil.copytree("older", "floor")
    run("share", "node", "show")
    run("share", "node", "show")
    run("floor", "backup", "b.tar", "--unencrypted", code=(0,))
    assert "not the ones that were witnessed" in run("floor", "verify", code=(5,)).stdout


def test_a_copy_elsewhere_has_a_mark_of_its_own(marked):
    run("floor", "verify", code=(0,))
    run("floor", "verify", "--floor", "older", code=(0,))
    assert len(list((marked / "marks").iterdir())) == 2


def test_what_cannot_be_kept_is_told(marked, monkeypatch):
    (marked / "file").write_text("x", "utf-8")
    monkeypatch.setenv(FOLDER, str(marked / "file" / "marks"))
    assert "WATCHFLOOR_MARKS" in run("floor", "verify", code=(0,)).output
    assert mark_of(Path("floor")) is None
