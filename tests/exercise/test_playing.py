"""The sensors of an exercise are heard again: in their order, as they spoke, and what moves is found live."""

import asyncio
import socket
import time
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from tests.feeds.live.floors import ACTOR, floor_of, logged, of, taking, until
from tests.feeds.live.toys import TOY
from tests.run.detections import rows as toy_rows

from watchfloor.casework.live_worker import Orders, Worker
from watchfloor.cell import tracks
from watchfloor.cli.demo.floor import _free
from watchfloor.desks.base import Refs
from watchfloor.exercise import playing
from watchfloor.exercise.cast import DAY
from watchfloor.exercise.following import COLUMNS, followed
from watchfloor.exercise.make import make
from watchfloor.feeds import config
from watchfloor.feeds.live.ingestion import Rolls
from watchfloor.formats.sensors.detections import csv_file as detection_csv
from watchfloor.run import published
from watchfloor.run.published import Said
from watchfloor.run.runner import run
from watchfloor.store import Floor


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(tmp_path_factory.mktemp("exercise") / "made", seed=3, scale=0.2)


def test_reports_come_in_the_order_in_which_they_came_and_none_is_left_out(made):
    feeds = playing.played(made.feeds)
    assert feeds.keys() == {"towers", "ground", "patrols", "adsb", "ais"}
    found = list(playing.lines(feeds))
    times = [one.at for one in found]
    assert times == sorted(times)
    for name, path in feeds.items():
        data = playing.header(path) + b"".join(one.data for one in found if one.feed == name)
        assert data == path.read_bytes()
    assert [one for one in found if one.at >= 40_000] == list(playing.lines(feeds, 40_000))


def test_the_play_begins_before_the_first_that_can_be_seen_and_says_where_to_look(made):
    scenes = playing.scenes(made.answers, 60)
    assert scenes[0].after * 60 == pytest.approx(playing.BEFORE)
    assert [one.after for one in scenes] == sorted(one.after for one in scenes)
    titles = [one.title for one in scenes]
    assert any("courier boat" in one for one in titles)
    assert any("walk over the line" in one for one in titles)
    for west, south, east, north in (one.box for one in scenes):
        assert (west < east, south < north) == (True, True)


def test_what_is_played_is_what_the_feed_says(made, tmp_path):
    feeds = {name: path for name, path in playing.played(made.feeds).items() if name in ("towers", "ais")}
    ports = dict(zip(feeds, _free(2), strict=True))
    floor = floor_of(tmp_path / "floor", ceiling="PB")
    text = playing.settings(feeds, ports, dict.fromkeys(feeds, "PB//TLP:AMBER"))
    (floor.root / "feeds.toml").write_text(text)
    assert config.load(floor.root).by_name.keys() == {"exercise-towers", "exercise-ais"}
    start = playing.starts(made.answers)

    async def deliver():
        async with taking(floor) as source:
            player = playing.Player(feeds, ports, start, speed=600)
            counts = of(source, "exercise-towers")[1]
            await until(lambda: counts["accepted"] > 200)
            await asyncio.to_thread(player.stop)

    asyncio.run(deliver())
    rows = [row for row in logged(floor) if row["source"] == "exercise-towers"]
    with feeds["towers"].open("rb") as file:
        told = pa.concat_tables(one.rows for one in detection_csv.read(file, "towers.csv")).to_pylist()
    told = [row for row in told if row["received_at"] >= DAY + timedelta(seconds=start)][: len(rows)]
    unsaid = {"record_id", "delivery", "locator", "received_at", "source", "marking"}
    assert [{k: v for k, v in row.items() if k not in unsaid} for row in rows] == [
        {k: v for k, v in row.items() if k not in unsaid} for row in told
    ]


@pytest.mark.parametrize("name", [pytest.param("courier-boat", marks=pytest.mark.thorough), "night-walkers"])
def test_the_boats_and_the_walkers_of_the_storylines_are_followed_live(made, tmp_path, name):
    """A busy machine says too seldom, at a high speed, what it follows; at a low one each can say enough."""
    assert any(_followed_live(made, tmp_path / f"floor-{speed}", name, speed) for speed in (300, 100, 30))


def _followed_live(made, folder, name, speed):
    """Whether a storyline is followed while it is played."""
    feeds = playing.played(made.feeds)
    ports = dict(zip(feeds, _free(len(feeds)), strict=True))
    floor = Floor.create(folder, ACTOR, ceiling="PB//TLP:RED", exercise=True)
    text = playing.settings(feeds, ports, dict.fromkeys(feeds, "PB//TLP:AMBER"))
    (floor.root / "feeds.toml").write_text(text)
    worker = Worker(Orders(floor.root, ACTOR, Rolls(seconds=60)))
    (story,) = (one for one in made.answers.true if one.name == name)
    start = min(trace.path[0][0] for trace in story.traces) - playing.BEFORE
    past = max(trace.path[-1][0] for trace in story.traces) + 20 * speed
    player = playing.Player(feeds, ports, start, speed=speed)
    seen, end = [], time.monotonic() + 240
    try:
        reader = floor.reader(ACTOR.name, ACTOR.purpose)
        while name not in (found := _followed(seen, made.answers)).values():
            assert time.monotonic() < end, found
            if player.at > past:
                return False
            time.sleep(0.1)
            rows = published.read(floor.root, reader, "track", datetime.now(UTC))
            seen += [] if rows is None else [rows.select(COLUMNS)]
        now = datetime.now(UTC)
        live = tracks.live(floor, reader, now)
        assert abs(max(live["until"].to_pylist()) - now) < timedelta(seconds=1)  # of a day that is long over
        return True
    finally:
        player.stop()
        worker.stop()


def _followed(seen, answers):
    if not seen:
        return {}
    rows = pa.concat_tables(seen)
    once = {(one["subjects"][0], one["until"]): one for one in rows.to_pylist()}
    return followed(pa.Table.from_pylist(list(once.values()), rows.schema), answers)


def test_the_clock_of_an_exercise_is_that_of_its_newest_report(tmp_path):
    now = datetime(2026, 11, 26, 8, tzinfo=UTC)
    for exercise, age in ((True, timedelta(0)), (False, None)):
        floor = Floor.create(tmp_path / f"floor-{exercise}", ACTOR, exercise=exercise)
        rows = _tracks(DAY, DAY + timedelta(minutes=3))
        published.write(floor.root, "", "toy.track", rows, Said(now.timestamp(), 1, 2))
        published.index(floor.root, ["U//TLP:CLEAR"], [""])
        found = sorted(tracks.live(floor, floor.reader("keeper", "watch"), now)["until"].to_pylist())
        assert found == ([] if age is None else [now - timedelta(minutes=3), now])


def _tracks(*moments):
    found = run(TOY, {"detection": toy_rows(20)}, Refs(b"k" * 32))["track"].slice(0, len(moments))
    at = found.schema.get_field_index("until")
    return found.set_column(at, found.schema.field(at), pa.array(moments, found.schema.field(at).type))


def test_ports_are_free_and_differ():
    found = _free(3)
    assert len(set(found)) == 3
    for one in found:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", one))
