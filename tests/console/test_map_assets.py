"""The map shows towers and patrols of assets.toml, to who may know of them, from when it was written."""

import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from watchfloor.console.map import layers
from watchfloor.console.map.layers import Look
from watchfloor.core.messages import Reason
from watchfloor.store import Actor, Floor

ACTOR = Actor("keeper", "watch", "an Act, s. 1")
WRITTEN = datetime(2026, 11, 26, 8, tzinfo=UTC)
ASSET = """[assets.{name}]
kind = "{kind}"
unit = "rcmp-operations"
latitude = 45.0
longitude = -74.5
reach_m = 8000.0
half_width_m = 60.0
detects = 0.9
alarms = 0.02
error_m = 12.0
{more}
"""
FLEET = (
    ASSET.format(name="tower", kind="camera", more="slew_deg_s = 30\nazimuth = 181.5")
    + ASSET.format(name="boat", kind="boat", more="speed_m_s = 12\nnight = false")
    + ASSET.format(name="hidden", kind="drone", more='speed_m_s = 12\nmarking = "S//TLP:RED"')
)


@pytest.fixture
def floor(tmp_path):
    made = Floor.create(tmp_path / "floor", ACTOR)
    (made.root / "assets.toml").write_text(FLEET, "utf-8")
    os.utime(made.root / "assets.toml", (WRITTEN.timestamp(),) * 2)
    (made.root / "policy.toml").write_text('[readers.clerk]\nprotected = "PB"\ntlp = "AMBER"\n', "utf-8")
    return made


def look(floor, moment, name="clerk"):
    said = SimpleNamespace(said=b"queue")
    return Look(floor, floor.reader(name, "watch"), said, floor.position, moment)


def test_towers_and_patrols_have_their_layers_and_say_what_they_are(floor):
    now = look(floor, WRITTEN + timedelta(hours=1))
    (tower,), (boat,) = layers.towers(now).to_pylist(), layers.patrols(now).to_pylist()
    assert (tower["layer"], tower["key"], tower["course"]) == ("tower", "tower", 181.5)
    assert tower["major"] == 8000.0
    assert (boat["layer"], boat["key"], boat["course"], boat["at"]) == ("patrol", "boat", None, WRITTEN)
    assert Reason.load(boat["reason"]).render("fr").endswith("il voit jusqu’à 8000 m; de nuit\u00a0: non.")
    assert boat["marking"] == "PB//TLP:AMBER"


def test_a_moment_before_it_was_written_shows_none_of_it(floor):
    before = look(floor, WRITTEN - timedelta(seconds=1))
    assert (layers.towers(before), layers.patrols(before)) == (None, None)


def test_a_file_that_cannot_be_read_shows_nothing(floor):
    (floor.root / "assets.toml").write_text("[assets", "utf-8")
    assert layers.towers(look(floor, datetime.now(UTC) + timedelta(hours=1))) is None


def test_the_page_of_the_map_lists_them_with_what_they_are(own, client):
    (own.floor.root / "assets.toml").write_text(FLEET, "utf-8")
    answer = client(own).get("/api/v1/map")
    assert answer.status_code == 200, answer.text
    things = {one["title"]: one for one in answer.json()["things"] if one["layer"] in ("tower", "patrol")}
    assert things["tower"]["text"].startswith("Camera of rcmp-operations: it sees up to 8000 m")
    assert things["boat"]["stale"] is False
    assert "hidden" not in things
