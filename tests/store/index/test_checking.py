"""An index that says something else than the evidence is found out; one that is behind is no finding."""

from contextlib import closing

import pytest
from tests.store.index.world import ACTOR, HIDDEN, SUBJECTS, Row, deliver, floor_of, signal, signals
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.store import catalogue
from watchfloor.store.index import checking, current, file

OPEN = "PB//TLP:AMBER"


def rows(*numbers, kind="party", marking=OPEN):
    return [Row(kind, n, marking, ("van", "grey"), SUBJECTS[0], n, 1, 50.0 + n, 10.0, 5.0) for n in numbers]


@pytest.fixture
def floor(tmp_path):
    mixed = [*rows(4, 5, kind="disclosure"), *rows(6, kind="report"), *rows(7, marking=HIDDEN)]
    return floor_of(tmp_path / "floor", [rows(1, 2), mixed, rows(8)])


def wrong(floor, sample=None):
    with catalogue.snapshot(floor.root) as database:
        return list(checking.check(floor.root, floor.key, database, sample))


FORGERIES = [
    "UPDATE rows SET body = x'90' WHERE id = (SELECT min(id) FROM rows)",
    "UPDATE rows SET report = 1 WHERE id = (SELECT min(id) FROM rows)",
    "UPDATE rows SET marking = 3 - marking WHERE id = (SELECT min(id) FROM rows)",
    "UPDATE rows SET until = until + 1 WHERE id = (SELECT max(id) FROM rows)",
    "UPDATE rows SET north = 89 WHERE west IS NOT NULL",
    "UPDATE rows SET record_id = zeroblob(16) WHERE id = (SELECT max(id) FROM rows)",
    "DELETE FROM rows WHERE id = (SELECT min(id) FROM rows)",
    "DELETE FROM recent WHERE id = (SELECT max(id) FROM rows)",
    "DELETE FROM recent WHERE (key, id) = (SELECT report, id FROM rows WHERE report IS NOT NULL)",
    "DELETE FROM places",
    "INSERT INTO texts (texts) VALUES ('delete-all')",
    "UPDATE rows SET id = id + 1 WHERE id = (SELECT max(id) FROM rows)",
]


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_index_is_found_out(floor, forgery):
    assert wrong(floor) == wrong(floor, 2) == []
    with closing(file.open_(floor.root)) as index:
        index.execute(forgery)
    assert any("is not as in the evidence" in found for found in wrong(floor))
    assert any("floor index rebuild" in str(found) for found in floor.verify())
    with catalogue.snapshot(floor.root) as database:
        current.rebuild(floor.root, floor.key, database)
    assert wrong(floor) == []
    assert not list(floor.verify())


def test_signals_are_compared_too(floor):
    from tests.store.index.world import READER

    from watchfloor.store.index.search import about

    with floor.writer(ACTOR) as writer:
        writer.keep_run(
            "toy",
            "1",
            floor.position,
            {},
            signals(signal(1, SUBJECTS[0], [])),
            floor.view(READER, floor.position),
        )
    assert "signal" in {one.kind for one in about(floor, SUBJECTS[0], READER)}
    assert wrong(floor) == []
    with closing(file.open_(floor.root)) as index:
        index.execute("UPDATE rows SET revision = 9 WHERE record_id = ?", ((1).to_bytes(16, "big"),))
    assert [found for found in wrong(floor) if "(signal)" in found]


def test_one_that_is_behind_or_absent_is_no_finding(floor, monkeypatch):
    with monkeypatch.context() as patch, floor.writer(ACTOR) as writer:
        patch.setattr("watchfloor.store.index.following.Follower.index", lambda *_: None)
        deliver(writer, rows(9), "more")
    assert wrong(floor) == []
    file.delete(floor.root)
    assert wrong(floor) == []
    assert not file.path(floor.root).exists()


@pytest.mark.parametrize("at", [0, 20, 4096])
def test_a_broken_file_is_found_out(floor, at):
    with closing(file.open_(floor.root)) as index:
        index.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.path(floor.root).open("r+b") as broken:
        broken.seek(at)
        broken.write(b"\xff" * 600)
    assert wrong(floor)


def test_the_commands(floor, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()
    call = ["--floor", str(floor.root)]
    assert "agrees with the evidence" in runner.invoke(app, ["floor", "index", "check", *call]).output
    with closing(file.open_(floor.root)) as index:
        index.execute("DELETE FROM recent")
    found = runner.invoke(app, ["floor", "index", "check", *call])
    assert found.exit_code == 5
    assert "watchfloor floor index rebuild" in found.output
    assert "indexed: " in runner.invoke(app, ["floor", "index", "rebuild", *call]).output
    assert runner.invoke(app, ["floor", "index", "check", *call]).exit_code == 0
    file.delete(floor.root)
    assert "there is no index" in runner.invoke(app, ["floor", "index", "check", *call]).output
