"""What a person says of files that do not say it all: radars, planes, days; from files, live, in `track`."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from tests.feeds.live.floors import ACTOR, detections, floor_of, logged, of, port, roll, taking, until
from tests.formats import adsb, ais
from tests.formats.test_asterix import NOON, PLOTS, block, plot
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all, tally
from watchfloor.formats.reader_options import FileStatement
from watchfloor.formats.sensors.detections.table import load
from watchfloor.formats.settings import SettingsError
from watchfloor.store import Floor

RUNNER = CliRunner()
RADAR = '.sensors."25/12"]\nname = "Hill"\nlatitude = 45.0\nlongitude = -74.0\nrange_error = 70.0\n'
MIDNIGHT = datetime(2026, 7, 14, tzinfo=UTC)


def described(floor, text):
    (floor.root / "feeds.toml").write_text(text, "utf-8")


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")


def take(floor, path):
    with floor.writer(ACTOR) as writer:
        return tally(ingest_all(writer, [path], config.load(floor.root), Orders()))


def test_radars_and_the_day_of_a_file_are_said_in_the_settings_of_its_feed(floor, tmp_path):
    path = tmp_path / "radar.ast"
    path.write_bytes(block(PLOTS, plot()))
    assert take(floor, path).total.quarantined == 1
    assert "base_time" in floor.quarantine()[0].reason
    described(floor, f'[feeds.radar]\nbase_time = "2026-07-14T00:00:00Z"\n[feeds.radar{RADAR}')
    path.write_bytes(block(PLOTS, plot(NOON + 1)))
    assert take(floor, path).total.accepted == 1, [one.reason for one in floor.quarantine()]
    (row,) = detections(floor).to_pylist()
    assert row["observed_at"] == MIDNIGHT + timedelta(hours=12, seconds=1)
    assert (row["sensor"], row["sensor_latitude"], row["range_error"]) == ("Hill", 45.0, 70.0)


def test_a_live_radar_is_known_from_its_first_message_on_and_as_it_is_rolled(tmp_path):
    number = port(socket.SOCK_DGRAM)
    floor = floor_of(tmp_path / "floor", radar=(f"udp://127.0.0.1:{number}", {"decode": "asterix"}))
    with (floor.root / "feeds.toml").open("a") as file:
        file.write(f"[feeds.radar{RADAR}")
    seconds = (datetime.now(UTC) - datetime.now(UTC).replace(hour=0, minute=0, second=0)).total_seconds()

    async def deliver():
        async with taking(floor) as made:
            counts = of(made, "radar")[1]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(block(PLOTS, plot(seconds)), ("127.0.0.1", number))
                await until(lambda: counts["accepted"] == 1)

    asyncio.run(deliver())
    (row,) = logged(floor)
    roll(floor)
    (kept,) = detections(floor).to_pylist()
    assert (row["sensor"], row["sensor_latitude"], row["range_error"]) == ("Hill", 45.0, 70.0)
    assert kept["record_id"] == row["record_id"]


def test_the_zero_of_a_plane_and_of_a_clock_is_said_in_the_settings(floor, tmp_path):
    text = "t,sensor,x,y,sigma\n0,t1,1000,0,5\n1,t1,0,1000,5\n"
    described(
        floor,
        '[feeds.plane]\npaths = ["plane.*"]\norigin = [45.0, -73.0]\nbase_time = "2026-07-14T00:00:00Z"\n',
    )
    (tmp_path / "plane.csv").write_text(text)
    assert take(floor, tmp_path / "plane.csv").total.accepted == 2
    pq.write_table(pc.read_csv(tmp_path / "plane.csv"), tmp_path / "plane.parquet")
    assert take(floor, tmp_path / "plane.parquet").total == (2, 0, 2, 0, 0)  # the same rows
    east, north = detections(floor).sort_by("observed_at").to_pylist()
    assert (east["observed_at"], north["observed_at"]) == (MIDNIGHT, MIDNIGHT + timedelta(seconds=1))
    assert (east["longitude"] - -73.0) * 111_320 * np.cos(np.radians(45)) == pytest.approx(1000, rel=5e-3)
    assert (north["latitude"] - 45.0) * 111_132 == pytest.approx(1000, rel=5e-3)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[feeds.a]\norigin = [95.0, 0.0]\n", "latitude and longitude"),
        ('[feeds.a.sensors."25"]\nlatitude = 1.0\nlongitude = 1.0\n', "SAC and SIC"),
        ('[feeds.a.sensors."25/1"]\nlatitude = 1.0\n', "needs latitude and longitude"),
        ('[feeds.a.sensors."25/1"]\nheight = 1.0\n', "height"),
    ],
)
def test_settings_that_cannot_be_are_named(floor, text, why):
    described(floor, text)
    with pytest.raises(SettingsError, match=why):
        config.load(floor.root)


def files(folder):
    """Files that do not say when they were, each with how many rows it has."""
    radar, vessels, aircraft, table = (folder / name for name in ("radar.ast", "v.nmea", "a.bin", "t.csv"))
    radar.write_bytes(block(PLOTS, plot(), plot(NOON + 4)))
    vessels.write_bytes(b"".join(line + b"\r\n" for line in bare(30)))
    told = adsb.flight(seconds=3)
    aircraft.write_bytes(b"".join(adsb.encode.beast(data, (at - adsb.TIME) * 12) for at, data, _ in told))
    table.write_text("t,sensor,lat,lon\n0,t1,45.0,-73.0\n60,t1,45.001,-73.0\n")
    return {radar: 2, vessels: None, aircraft: None, table: 2}


def bare(count):
    """AIS sentences without tag blocks."""
    return [line.rpartition(b"\\")[2] for line in ais.log(ais.random_messages(1, count)).split(b"\n") if line]


def test_track_is_told_when_a_file_began(tmp_path):
    for path, count in files(tmp_path).items():
        table = load(path, FileStatement(MIDNIGHT))
        assert table.dated
        first, last = np.nanmin(table.t), np.nanmax(table.t)
        assert MIDNIGHT.timestamp() - 60 <= first <= last < MIDNIGHT.timestamp() + 86_400  # AIS tells seconds
        assert count in (None, len(table))


def test_tracks_are_of_the_day_that_is_said(tmp_path):
    path, out = tmp_path / "t.csv", tmp_path / "out.parquet"
    rows = "".join(f"{n},t1,{45 + n * 4e-5:.6f},-73.0,5\n" for n in range(30))
    path.write_text("t,sensor,lat,lon,sigma\n" + rows)
    for date, zero in (("2026-07-14", MIDNIGHT), ("2026-07-14T09:30Z", MIDNIGHT + timedelta(hours=9.5))):
        said = ["track", str(path), "-o", str(out), "--date", date]
        result = RUNNER.invoke(app, said, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        times = pq.read_table(out)["t"].to_numpy()
        assert len(times)
        assert zero.timestamp() <= times.min() <= times.max() == zero.timestamp() + 29
    result = RUNNER.invoke(app, ["track", str(path), "-o", str(out), "--date", "someday"])
    assert (result.exit_code, "--date someday" in result.stderr) == (2, True)


def test_track_tells_that_a_day_is_missing(tmp_path):
    path = tmp_path / "radar.ast"
    path.write_bytes(block(PLOTS, plot()))
    result = RUNNER.invoke(app, ["track", str(path), "-o", str(tmp_path / "o.csv")])
    assert result.exit_code != 0
    assert "--date" in " ".join(result.stderr.split()) or "--date" in str(result.exception)
