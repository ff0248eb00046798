"""The map shows what the live floor says now, and the past from what is kept."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pyarrow.compute as pc
import pytest
from tests.feeds.live.toys import TOY
from tests.run.detections import rows

from watchfloor.cell import tracks
from watchfloor.console.map import layers
from watchfloor.console.map.layers import Look
from watchfloor.core.derived import net
from watchfloor.desks.base import Refs
from watchfloor.run import published
from watchfloor.run.published import Header
from watchfloor.run.runner import run
from watchfloor.store import Actor, Floor

ACTOR = Actor("keeper", "watch", "an Act, s. 1")
NOW = datetime(2026, 11, 26, 8, 1, tzinfo=UTC)


@pytest.fixture
def floor(tmp_path):
    made = Floor.create(tmp_path / "floor", ACTOR)
    made_of = run(TOY, {"detection": rows(20)}, Refs(made.key))
    for kind in TOY.yields:
        published.write(made.root, "", f"toy.{kind}", made_of[kind], Header(NOW.timestamp(), 1, 20))
    published.index(made.root, ["U//TLP:CLEAR"], [""])
    return made


def look(floor, now):
    said = SimpleNamespace(said=b"queue", table=layers.POINT.empty_table().append_column)
    return Look(floor, floor.reader("keeper", "watch"), said, floor.position, NOW, now)


@pytest.fixture(autouse=True)
def no_queue(monkeypatch):
    monkeypatch.setattr(layers, "of_queue", lambda _: layers.POINT.empty_table())


def test_tracks_and_signals_of_now_are_on_the_map(floor):
    tracks = layers.tracks(look(floor, NOW + timedelta(seconds=1)))
    assert tracks["subject"].to_pylist() == [f"track:toy:t{n}" for n in range(5)]
    assert tracks.schema.equals(layers.POINT)
    (signal,) = layers.signals(look(floor, NOW + timedelta(seconds=1))).to_pylist()
    standing = net(published.load(floor.root / published.FOLDER / "whole" / "toy.signal.live")[0])
    assert signal["key"] == standing["row_id"][0].as_py().hex()
    assert (signal["layer"], signal["latitude"], signal["lead"]) == ("signal", 65.0, None)


def test_what_was_published_while_the_map_was_made_is_on_it(floor):
    assert layers.tracks(look(floor, NOW - timedelta(milliseconds=300))).num_rows == 5


def test_the_past_and_what_is_no_longer_fresh_come_from_what_is_kept(floor):
    for now in (None, NOW + timedelta(seconds=10), NOW - timedelta(seconds=10)):
        assert layers.tracks(look(floor, now)) is None
        assert layers.signals(look(floor, now)).num_rows == 0


def test_a_look_at_the_live_tracks_is_remembered_for_their_trails(floor):
    reader, moment = floor.reader("keeper", "watch"), NOW + timedelta(seconds=1)
    layers.tracks(look(floor, moment))
    layers.tracks(look(floor, moment + timedelta(seconds=1)))  # no half minute later: not looked at again
    asked = floor, reader, floor.position, moment, timedelta(days=1)
    trails = tracks.trails(*asked, ["track:toy:t1", "track:toy:t3", "track:toy:none"])
    assert trails["track"].to_pylist() == ["track:toy:t1", "track:toy:t3"]
    assert trails.schema.equals(tracks.TRAIL)
    (last,) = layers.tracks(look(floor, moment)).filter(pc.field("key") == "track:toy:t3").to_pylist()
    assert trails["latitude"][1].as_py() == last["latitude"]
    assert (
        tracks.trails(floor, reader, floor.position, moment, timedelta(seconds=1), ["track:toy:t1"]).num_rows
        == 0
    )
