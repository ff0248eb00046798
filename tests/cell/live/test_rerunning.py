"""Desks are run again by themselves: when evidence came, not too often, and never over what was erased."""

import socket
import time
from datetime import UTC, datetime

import pytest
from tests.feeds.live.floors import ACTOR, floor_of, line, port

from watchfloor.casework.live_worker import Orders, Worker
from watchfloor.cell.live import rerunning
from watchfloor.cell.live.rerunning import Rerunner
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders as Asked
from watchfloor.feeds.intake import ingest_all
from watchfloor.feeds.live import status
from watchfloor.feeds.live.ingestion import Rolls
from watchfloor.store import Floor


def deliver(floor, path, *numbers):
    path.write_bytes(
        b"observed_at,sensor,latitude,longitude,var_east,var_north,cov_east_north,class,confidence\n"
        + b"".join(map(line, numbers))
    )
    with floor.writer(ACTOR) as writer:
        list(ingest_all(writer, [path], config.load(floor.root), Asked()))


@pytest.fixture
def floor(tmp_path):
    made = Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")
    (made.root / status.FOLDER).mkdir()
    return made


def ran(floor):
    return [one.desk for one in floor.runs()]


def test_what_has_not_read_all_is_run_once_and_not_before_it_is_time(floor, tmp_path):
    deliver(floor, tmp_path / "a.csv", 1, 2, 3)
    early = Rerunner(floor.root, ACTOR, every=1000)
    assert not early.look()
    assert ran(floor) == []
    again = Rerunner(floor.root, ACTOR, every=0)
    assert again.look()
    assert "surveillance" in ran(floor)
    count = len(ran(floor))
    assert again.runs == count
    again._next = 0
    assert not again.look()
    deliver(floor, tmp_path / "b.csv", 4, 5)
    again._next = 0
    assert again.look()
    assert ran(floor)[count:] == ["surveillance"]  # the others had nothing new to read
    assert status.read(floor.root).rerunning.runs == again.runs


def test_it_rests_longer_than_it_worked(floor, tmp_path, monkeypatch):
    deliver(floor, tmp_path / "a.csv", 1)
    again = Rerunner(floor.root, ACTOR, every=0)
    ticks = iter([5.0, 5.0, 9.0])
    monkeypatch.setattr(rerunning.time, "monotonic", lambda: next(ticks, 9.0))
    again._next = 0
    assert again.look()
    assert again._next == 9.0 + 4 * 4.0


def test_an_erasure_in_between_is_not_undone(floor, tmp_path, monkeypatch):
    deliver(floor, tmp_path / "a.csv", 1, 2, 3)
    gone = floor.read("detection", floor.reader("keeper", "watch"))["record_id"][0].as_py()
    kept = rerunning._Keeper.keep_run

    def meanwhile(self, *given):
        with floor.writer(ACTOR) as writer:
            writer.erase([gone], "a test of what comes in between")
        return kept(self, *given)

    monkeypatch.setattr(rerunning._Keeper, "keep_run", meanwhile)
    again = Rerunner(floor.root, ACTOR, every=0)
    assert not again.look()
    assert ran(floor) == []
    monkeypatch.setattr(rerunning._Keeper, "keep_run", kept)
    again._next = 0
    assert again.look()
    assert "surveillance" in ran(floor)


def test_a_floor_that_is_too_large_is_left_to_a_person(floor, tmp_path, monkeypatch):
    deliver(floor, tmp_path / "a.csv", 1, 2, 3)
    monkeypatch.setattr(rerunning, "MOST", 2)
    again = Rerunner(floor.root, ACTOR, every=0)
    assert not again.look()
    assert "3 rows of evidence, more than 2" in status.read(floor.root).rerunning.problem
    assert ran(floor) == []


def test_a_desk_that_fails_is_told_of_and_tried_again_later(floor, tmp_path, monkeypatch):
    deliver(floor, tmp_path / "a.csv", 1)

    def broken(*_):
        raise ValueError("this desk has no legs")

    monkeypatch.setattr(rerunning, "run_desks", broken)
    again = Rerunner(floor.root, ACTOR, every=100)
    again._next = 0
    assert not again.look()
    assert "this desk has no legs" in status.read(floor.root).rerunning.problem
    assert again._next > time.monotonic() + 50


def test_a_wrong_line_of_the_floors_rates_is_told_and_the_desks_run(floor, tmp_path):
    deliver(floor, tmp_path / "a.csv", 1)
    (floor.root / "exchange-rates.csv").write_text("date,from,to,rate\nx,USD,CAD,1.4\n")
    again = Rerunner(floor.root, ACTOR, every=0)
    assert (again.look(), again.look()) == (True, False)
    assert "exchange-rates.csv, line 2" in status.read(floor.root).rerunning.problem


@pytest.mark.thorough
def test_a_live_floor_runs_its_desks_after_it_has_rolled(tmp_path):
    number = port(socket.SOCK_DGRAM)
    floor = floor_of(tmp_path / "floor", towers=f"udp://127.0.0.1:{number}")
    worker = Worker(Orders(floor.root, ACTOR, Rolls(seconds=1), {}, rerun=0.5))
    try:
        end = time.monotonic() + 100
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while "surveillance" not in ran(floor):
                assert time.monotonic() < end
                sender.sendto(line(datetime.now(UTC).second), ("127.0.0.1", number))
                time.sleep(0.2)
    finally:
        worker.stop()
