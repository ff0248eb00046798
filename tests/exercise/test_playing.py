"""The sensors of an exercise are heard again: in their order, as they spoke, and what moves is found live."""

import asyncio
import re
import socket
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from tests.feeds.live.floors import ACTOR, logged, of, taking, until
from tests.feeds.live.toys import TOY
from tests.run.detections import rows as toy_rows

from watchfloor.casework import live_worker
from watchfloor.casework.live_worker import Worker
from watchfloor.casework.watch import orders
from watchfloor.cell import tracks
from watchfloor.cell.queue import queue
from watchfloor.cell.rerun import rerun
from watchfloor.cell.weighing.weights import load
from watchfloor.cli.common import who
from watchfloor.cli.demo import exercise_floor
from watchfloor.cli.demo import floor as demo
from watchfloor.cli.demo.exercise_floor import free_ports
from watchfloor.desks.base import Refs
from watchfloor.exercise import playing
from watchfloor.exercise.cast import DAY
from watchfloor.exercise.following import COLUMNS, followed
from watchfloor.exercise.make import make
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.feeds.live.ingestion import Rolls
from watchfloor.formats.sensors.detections import csv_file as detection_csv
from watchfloor.run import published
from watchfloor.run.published import Header
from watchfloor.run.runner import run
from watchfloor.store import Floor, clock
from watchfloor.store.errors import WrongCall

MEETING = ("rendezvous", "courier-boat")


def played_floor(root, at, feeds):
    """A floor of an exercise whose clock stands at a second of its day, with a source for each feed."""
    clocked = clock.begin(playing.moment_of_day(at))
    floor = Floor.create(root, ACTOR, ceiling="PB//TLP:RED", exercise=True, clock=clocked)
    text = playing.settings(
        feeds, dict(zip(feeds, free_ports(len(feeds)), strict=True)), dict.fromkeys(feeds, "PB//TLP:AMBER")
    )
    (floor.root / "feeds.toml").write_text(text)
    return floor


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


def test_scenes_begin_before_what_can_be_seen_of_them(made):
    scenes = playing.scenes(made.answers)
    assert [one.begins for one in scenes] == sorted(one.begins for one in scenes)
    boats, walkers = (one for one in scenes if "courier boat" in one.title or "walk over" in one.title)
    (met,) = (one for one in made.answers.happenings if (one.rule, one.storyline) == MEETING)
    assert playing.moment_of_day(boats.begins) == met.since - timedelta(seconds=playing.BEFORE)
    (night,) = (one for one in made.answers.true if one.name == "night-walkers")
    assert playing.moment_of_day(walkers.begins) == night.first_evidence - timedelta(seconds=playing.UNSEEN)
    for west, south, east, north in (one.box for one in scenes):
        assert (west < east, south < north) == (True, True)


def test_what_is_played_is_what_the_feed_says(made, tmp_path):
    feeds = {name: path for name, path in playing.played(made.feeds).items() if name in ("towers", "ais")}
    start = 4_000.0
    floor = played_floor(tmp_path / "floor", start, feeds)
    assert config.load(floor.root).by_name.keys() == {"exercise-towers", "exercise-ais"}

    first = next(playing.lines({"towers": feeds["towers"]}, start)).data
    unplanned = re.sub(rb"towers-\d+", b"unplanned-1", first)

    async def deliver():
        async with taking(floor) as source:
            player = playing.Player(floor, feeds, playing.ports(floor, feeds))
            floor.set_clock(ACTOR, rate=600)
            counts = of(source, "exercise-towers")[1]
            await until(lambda: counts["accepted"] > 200)
            await asyncio.to_thread(player.stop)
            where, before = playing.listening(floor, "exercise-towers"), counts["accepted"]
            await asyncio.to_thread(playing.inject, where, playing.header(feeds["towers"]) + unplanned)
            await until(lambda: counts["accepted"] > before)

    asyncio.run(deliver())
    *rows, injected = [row for row in logged(floor) if row["source"] == "exercise-towers"]
    assert injected["report_key"] == "unplanned-1"
    with feeds["towers"].open("rb") as file:
        told = pa.concat_tables(one.rows for one in detection_csv.read(file, "towers.csv")).to_pylist()
    told = [row for row in told if row["received_at"] >= DAY + timedelta(seconds=start)][: len(rows)]
    late = [row["received_at"] - one["received_at"] for row, one in zip(rows, told, strict=True)]
    assert timedelta(0) <= min(late)  # nothing comes before it was: a clock that is wrong would be told of
    assert max(row["received_at"] for row in rows) <= floor.now()  # by the floor's clock, not the machine's
    unsaid = {"record_id", "delivery", "locator", "received_at", "source", "marking"}
    assert [{k: v for k, v in row.items() if k not in unsaid} for row in rows] == [
        {k: v for k, v in row.items() if k not in unsaid} for row in told
    ]


@pytest.mark.parametrize(
    ("name", "rule", "hypothesis"),
    [
        pytest.param("courier-boat", "rendezvous", "", marks=pytest.mark.thorough),
        ("night-walkers", "cold-exposure", "life-at-risk"),
    ],
)
def test_a_storyline_that_is_played_is_followed_live_and_becomes_a_lead(
    made, tmp_path, name, rule, hypothesis
):
    """A busy machine says too seldom, at a high speed, what it follows; at a low one each can say enough."""
    floors = ((tmp_path / f"floor-{speed}", speed) for speed in (300, 100, 30))
    floor = next(filter(None, (_followed_live(made, root, name, rule, speed) for root, speed in floors)))
    if hypothesis:
        with floor.writer(ACTOR) as writer:
            rerun(floor, writer, floor.reader(ACTOR.name, ACTOR.purpose), only={"surveillance"})
        found = queue(floor, floor.reader(ACTOR.name, ACTOR.purpose), load(), floor.now())
        tracks_of = followed(floor.derived("track", floor.reader(ACTOR.name, ACTOR.purpose)), made.answers)
        first = found[0]
        assert (first.hypothesis, tracks_of.get(first.subject)) == (hypothesis, name)


def _followed_live(made, folder, name, rule, speed):
    """The floor, once a storyline was followed while it was played, and a rule spoke; None if it was not.

    Weather comes as a file, before anything is heard.
    """
    feeds = playing.played(made.feeds)
    (story,) = (one for one in made.answers.true if one.name == name)
    start = (story.first_evidence - DAY).total_seconds() - playing.UNSEEN
    past = max(trace.path[-1][0] for trace in story.traces) + 20 * speed
    floor = played_floor(folder, start, feeds)
    with floor.writer(ACTOR) as writer:
        list(ingest_all(writer, [made.feeds / "weather.csv"], config.load(floor.root), Orders()))
    worker = Worker(live_worker.Orders(floor.root, ACTOR, Rolls(seconds=60)))
    player = playing.Player(floor, feeds, playing.ports(floor, feeds))
    seen, spoke, end = [], set(), time.monotonic() + 240
    try:
        player.connected.wait(60)
        floor.set_clock(ACTOR, rate=speed)
        reader = floor.reader(ACTOR.name, ACTOR.purpose)
        while name not in (found := _followed(seen, made.answers)).values() or rule not in spoke:
            assert time.monotonic() < end, (found, spoke)
            if player.at > past:
                return None
            time.sleep(0.1)
            rows = published.read(floor.root, reader, "track", floor.now())
            seen += [] if rows is None else [rows.select(COLUMNS)]
            signals = published.read(floor.root, reader, "signal", floor.now())
            spoke.update([] if signals is None else signals["rule"].to_pylist())
        live = tracks.live(floor, reader, floor.now())
        assert start < (max(live["until"].to_pylist()) - DAY).total_seconds() <= player.at + 60
    finally:
        floor.set_clock(ACTOR, rate=0)
        player.stop()
        worker.stop()
    return floor


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
        published.write(floor.root, "", "toy.track", rows, Header(now.timestamp(), 1, 2))
        published.index(floor.root, ["U//TLP:CLEAR"], [""])
        found = sorted(tracks.live(floor, floor.reader("keeper", "watch"), now)["until"].to_pylist())
        assert found == ([] if age is None else [now - timedelta(minutes=3), now])


def _tracks(*moments):
    found = run(TOY, {"detection": toy_rows(20)}, Refs(b"k" * 32))["track"].slice(0, len(moments))
    at = found.schema.get_field_index("until")
    return found.set_column(at, found.schema.field(at), pa.array(moments, found.schema.field(at).type))


def test_ports_are_free_and_differ():
    found = free_ports(3)
    assert len(set(found)) == 3
    for one in found:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", one))


def test_what_cannot_be_injected_or_played_is_refused(tmp_path):
    floor = played_floor(tmp_path / "floor", 0, {"towers": tmp_path / "towers.csv"})
    with pytest.raises(WrongCall, match="listens on no port"):
        playing.listening(floor, "exercise-ais")
    with pytest.raises(WrongCall, match=r"nobody listens on tcp-listen://127"):
        playing.inject(playing.listening(floor, "exercise-towers"), b"")
    with pytest.raises(WrongCall, match=r"has no live source exercise-ais: .* admin exercise prepare"):
        playing.ports(floor, {"ais": tmp_path / "ais.nmea"})


def test_a_demo_stands_still_until_somebody_came_in_and_has_them_on_call(made, tmp_path):
    feeds = playing.played(made.feeds)
    opened = exercise_floor.begin(tmp_path / "floor", made, playing.moment_of_day(6_600))
    exercise_floor.describe(opened, feeds)
    with ExitStack() as stack:
        for port in playing.ports(opened, feeds).values():
            stack.enter_context(socket.create_server(("127.0.0.1", port)))
        entrance = stack.enter_context(demo.entrance_to(made, opened, 30.0))
        assert (entrance.account, entrance.purpose) == (who(), "exercise")
        assert (opened.now(), clock.rate(opened.root)) == (playing.moment_of_day(6_600), 0)
        entrance.entered()
        end = time.monotonic() + 30
        while clock.rate(opened.root) != 30:
            assert time.monotonic() < end
            time.sleep(0.05)
    assert clock.rate(opened.root) == 0
    held = [row["text"] for row in opened.read("watch-entry", opened.reader(who(), "exercise")).to_pylist()]
    assert len(held) >= len(orders.load(opened.root).roles)
