import asyncio
import socket
from datetime import UTC, datetime

from tests.feeds.live.floors import ACTOR, floor_of, line, port, roll, taking, until
from tests.feeds.live.toys import TOY

from watchfloor.cell.live.folding import Folding, load
from watchfloor.core.derived import net
from watchfloor.core.marking import parse
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.feeds.live import log, status
from watchfloor.feeds.live.rollover import needed
from watchfloor.feeds.references import references
from watchfloor.policy.policy import Reader
from watchfloor.run import published
from watchfloor.run.floor import history_of

TABLES = {"toy": TOY}


def brought(floor, number, messages):
    """Messages over UDP, each in a commit of its own or nearly."""

    async def deliver():
        async with taking(floor) as made:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for message, to in zip(messages, number, strict=True):
                    sender.sendto(message, ("127.0.0.1", to))
                    await asyncio.sleep(0.002)
            await until(lambda: sum(counts.total() for counts in made.counts.values()) == len(messages))
            return made.end

    return asyncio.run(deliver())


def two_feeds(tmp_path, **settings):
    numbers = port(socket.SOCK_DGRAM), port(socket.SOCK_DGRAM)
    feeds = {
        name: (f"udp://127.0.0.1:{one}", dict(settings)) for name, one in zip("ab", numbers, strict=True)
    }
    return floor_of(tmp_path / "floor", **feeds), numbers


def test_what_was_folded_live_is_what_a_run_over_the_floor_says(tmp_path):
    floor, (one, other) = two_feeds(tmp_path)
    messages = [line(at, f"t{at % 3}", 65.0 if at == 7 else 45.0 + at / 100) for at in range(30)]
    end = brought(floor, [one if at % 2 else other for at in range(30)], messages)
    folding = Folding(floor.root, ACTOR, TABLES)
    folding.follow(end)
    roll(floor)
    reader = floor.reader("keeper", "watch")
    whole = history_of(floor, TOY, references(floor), reader, floor.position, {})
    live = folding.folds.folds[0].runs["toy"].standing
    for kind in TOY.yields:
        assert net(live[kind]).drop_columns(["revision"]).equals(net(whole[kind]).drop_columns(["revision"]))
    said = published.read(floor.root, reader, "track", datetime.now(UTC))
    assert said.select(["track", "evidence"]).equals(net(live["track"]).select(["track", "evidence"]))
    assert status.read(floor.root).folding.rows == 30


def test_a_fold_goes_on_from_what_it_wrote_down_and_the_log_is_kept_until_then(tmp_path):
    floor, (one, _) = two_feeds(tmp_path)
    first = brought(floor, [one] * 10, [line(at, f"t{at % 3}") for at in range(10)])
    folding = Folding(floor.root, ACTOR, TABLES)
    roll(floor)
    assert needed(floor.root) == first.segment
    assert log.clean(floor.root, needed(floor.root)) == 0
    folding.follow(first)
    folding.save()
    second = brought(floor, [one] * 10, [line(at, f"t{at % 4}") for at in range(10, 20)])
    again = Folding(floor.root, ACTOR, TABLES)
    again.follow(second)
    standing = again.folds.folds[0].runs["toy"].standing["track"]
    subjects = [one[0] for one in standing["subjects"].to_pylist()]
    tracks = dict(zip(subjects, standing["track"].to_pylist(), strict=True))
    assert tracks == {"track:toy:t0": 1, "track:toy:t1": 2, "track:toy:t2": 3, "track:toy:t3": 4}
    assert sum(standing["reports"].to_pylist()) == 20
    again.save()
    assert log.clean(floor.root, needed(floor.root)) == 1


def test_a_snapshot_that_is_torn_is_none_and_all_that_is_there_is_folded(tmp_path):
    floor, (one, _) = two_feeds(tmp_path)
    end = brought(floor, [one] * 5, [line(at) for at in range(5)])
    Folding(floor.root, ACTOR, TABLES).save()
    (floor.root / "live" / "folds").write_bytes(b"torn")
    assert load(floor.root) is None
    folding = Folding(floor.root, ACTOR, TABLES)
    folding.follow(end)
    assert folding.folds.folds[0].runs["toy"].standing["track"]["reports"].to_pylist() == [5]


def test_each_view_has_files_of_its_own(tmp_path):
    floor, numbers = two_feeds(tmp_path)
    (floor.root / "feeds.toml").write_text(
        (floor.root / "feeds.toml").read_text().replace("[feeds.b]\n", '[feeds.b]\nmarking = "PB//TLP:RED"\n')
    )
    (floor.root / "policy.toml").write_text(
        '[readers.keeper]\nprotected = "PB"\n[readers.guest]\nprotected = "PB"\ntlp = "AMBER"\n',
        encoding="utf-8",
    )
    end = brought(floor, numbers, [line(1, "t1"), line(2, "t2")])
    folding = Folding(floor.root, ACTOR, TABLES)
    folding.follow(end)
    now = datetime.now(UTC)

    def seen(name):
        rows = published.read(floor.root, floor.reader(name, "watch"), "track", now)
        return [one[0] for one in rows["subjects"].to_pylist()]

    assert sorted(seen("keeper")) == ["track:toy:t1", "track:toy:t2"]
    assert seen("guest") == ["track:toy:t1"]
    assert len(list((floor.root / published.FOLDER).glob("*/"))) == 2


WEATHER = """station,observed_at,latitude,longitude,temperature,wind_speed,until
Emerson,2025-11-26T07:00Z,45.0,-73.0,-5,1,
Emerson,2025-11-26T08:00Z,45.0,-73.0,-32,8,
Emerson,2025-11-26T20:00Z,45.0,-73.0,-5,1,
"""


def on_foot(minute, second):
    return (
        f"2025-11-26T08:{minute:02}:{second:02}Z,mast,{45.0 + (60 * minute + second) * 1e-5:.5f},-73,"
        f"4,4,0,person,0.9\n"
    ).encode()


def test_weather_that_arrives_as_a_file_is_folded_live(tmp_path):
    floor, (one, _) = two_feeds(tmp_path)
    (tmp_path / "weather.csv").write_text(WEATHER)
    with floor.writer(ACTOR) as writer:
        list(ingest_all(writer, [tmp_path / "weather.csv"], config.load(floor.root), Orders()))
    walk = [on_foot(minute, second) for minute in range(16) for second in range(0, 60, 10)]
    end = brought(floor, [one] * len(walk), walk)
    folding = Folding(floor.root, ACTOR)
    folding.follow(end)
    signals = folding.folds.folds[0].runs["surveillance"].standing["signal"]
    assert "cold-exposure" in signals["rule"].to_pylist()
    folding.save()
    assert load(floor.root).filed == floor.position


def test_of_much_weather_each_station_has_its_latest_and_corrections_last(tmp_path, monkeypatch):
    floor, _ = two_feeds(tmp_path)
    row = "{},2025-11-26T{:02}:00Z,45.0,-73.0,{},1,\n".format
    hours = [row(station, hour, -5) for station in ("Emerson", "Gretna") for hour in range(24)]
    for marking, rows in (("U//TLP:CLEAR", hours), ("PB", [row("Gretna", 23, -32)])):
        file = tmp_path / f"{len(rows)}.csv"
        file.write_text("".join(WEATHER.splitlines(keepends=True)[:1] + rows))
        with floor.writer(ACTOR) as writer:
            list(ingest_all(writer, [file], config.load(floor.root), Orders(marking=parse(marking))))
    monkeypatch.setattr("watchfloor.cell.live.folding.AT_ONCE", 5)
    folding = Folding(floor.root, ACTOR)
    readers = [Reader("all", purpose="test"), Reader("few", purpose="test", protected=0)]
    monkeypatch.setattr(folding, "_readers", lambda: readers)
    rows = folding._came("weather", floor.position).to_pylist()
    assert [(row["station"], row["observed_at"].hour, row["temperature"]) for row in rows] == [
        *(("Emerson", 22, -5), ("Gretna", 22, -5), ("Emerson", 23, -5), ("Gretna", 23, -5)),
        ("Gretna", 23, -32),
    ]


def test_a_view_that_is_new_has_the_weather_that_was_there(tmp_path, monkeypatch):
    floor, _ = two_feeds(tmp_path)
    row = WEATHER.splitlines(keepends=True)
    for marking, text in (("U//TLP:CLEAR", row[1]), ("PB", row[2])):
        file = tmp_path / f"{row.index(text)}.csv"
        file.write_text(row[0] + text)
        with floor.writer(ACTOR) as writer:
            list(ingest_all(writer, [file], config.load(floor.root), Orders(marking=parse(marking))))
    folding = Folding(floor.root, ACTOR)
    readers = [Reader("all", purpose="test")]
    monkeypatch.setattr(folding, "_readers", lambda: readers)
    folding.folds.admit(readers)
    folding.follow(folding.position)
    readers.append(Reader("few", purpose="test", protected=0))
    for _ in range(2):
        folding._looked = folding._filed_at = -1e9
        folding.follow(folding.position)
    stations = {
        fold.readers[0].name: len(fold.runs["surveillance"]._fold._state.events.stations)
        for fold in folding.folds.folds
    }
    assert stations == {"all": 2, "few": 1}
