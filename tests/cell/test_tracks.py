"""Tracks of a reader's view: from the run that was kept, or made for him now, and never through a mask."""

from datetime import timedelta

import pytest
from tests.feeds.live.toys import TOY
from tests.run.detections import START, rows

from watchfloor.cell import tracks
from watchfloor.core.kinds import DETECTION
from watchfloor.desks.base import Refs
from watchfloor.run.floor import run_desks
from watchfloor.store import Actor, Floor

ACTOR = Actor("keeper", "watch", "an Act, s. 1")
NOW = START + timedelta(minutes=1)
POLICY = '[readers.keeper]\nprotected = "PC"\n[readers.officer]\nprotected = "PB"\n'


@pytest.fixture
def floor(tmp_path, monkeypatch):
    """Detections of sensors t0 to t4 that an officer may see, and later ones that he may not."""
    monkeypatch.setattr(tracks, "_following", lambda: {"toy": TOY})
    monkeypatch.setattr(tracks, "references", lambda floor: Refs(floor.key))
    made = Floor.create(tmp_path / "floor", ACTOR, ceiling="PC")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    with made.writer(ACTOR) as writer:
        for start, marking in ((0, "PB//TLP:AMBER"), (10, "PC//TLP:AMBER")):
            table = rows(10, start, marking=marking).drop_columns(["record_id", "delivery"])
            writer.append(DETECTION, table, source="towers")
    return made


def run(floor, *names):
    with floor.writer(ACTOR) as writer:
        readers = [floor.reader(name, "watch") for name in names]
        list(run_desks(floor, writer, [TOY], Refs(floor.key), readers))


def seen(floor, name, moment=NOW):
    return tracks.last(floor, floor.reader(name, "watch"), floor.position, moment)


def test_a_reader_whose_view_was_not_kept_is_told_what_is_made_of_his_rows(floor):
    run(floor, "keeper")
    assert seen(floor, "keeper")["until"].to_pylist() == [START + timedelta(seconds=n) for n in range(15, 20)]
    made = seen(floor, "officer")
    assert made["until"].to_pylist() == [START + timedelta(seconds=n) for n in range(5, 10)]
    run(floor, "keeper", "officer")
    assert seen(floor, "officer").equals(made)


def test_what_is_to_come_and_what_is_two_days_old_is_not_told(floor):
    run(floor, "keeper")
    assert seen(floor, "keeper", START + timedelta(seconds=17)).num_rows == 3
    assert seen(floor, "keeper", START + timedelta(hours=49)).num_rows == 0


def test_where_no_desk_ran_or_nothing_may_be_known_there_is_none(floor):
    assert seen(floor, "keeper") is None
    run(floor, "keeper")
    (floor.root / "policy.toml").write_text(POLICY.replace("PB", "PA"), "utf-8")
    assert seen(Floor.open(floor.root), "officer") is None
