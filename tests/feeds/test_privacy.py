"""Persons in privacy zones: withheld and counted, and nothing under the floor's folder holds them."""

import asyncio
import gzip
import json
import socket
import sqlite3
import struct
import zipfile
from contextlib import closing

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from tests.feeds.live.floors import ACTOR, detections, floor_of, logged, of, port, roll, taking, until
from tests.formats.sapient.made import PLACE, frame, registration
from tests.formats.sapient.made import detection as sapient_detection

from watchfloor.core.kinds import DETECTION
from watchfloor.feeds import config, privacy
from watchfloor.feeds.intake import Orders, ingest_all, tally
from watchfloor.feeds.original import original
from watchfloor.feeds.rereading import retry
from watchfloor.formats.sensors.detections.table import load
from watchfloor.formats.settings import SettingsError
from watchfloor.formats.tabular.mapping import load as mapping
from watchfloor.policy.policy import Reader
from watchfloor.store import Floor

HOME = [-73.02, 44.99, -73.01, 45.0]
"""West, south, east, north of the zone."""
INSIDE = ("44.9954321", "-73.0154321")
"""A place in it, as it is written."""
HEAD = "t,sensor,lat,lon,class,confidence\n"
PERSON = f"2026-11-24T08:00:01Z,t1,{INSIDE[0]},{INSIDE[1]},person,0.9\n"
OUTSIDE = "2026-11-24T08:00:02Z,t1,45.3,-73.0154,person,0.8\n"
CAR = f"2026-11-24T08:00:03Z,t1,44.9951,{INSIDE[1][:-2]},vehicle,0.7\n"


def zones(floor, *boxes):
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]},
            "properties": {"what": "home"},
        }
        for w, s, e, n in boxes or [HOME]
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (floor.root / privacy.NAME).write_text(text, encoding="utf-8")


@pytest.fixture
def floor(tmp_path):
    made = Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")
    zones(made)
    return made


def take(floor, *paths, **orders):
    with floor.writer(ACTOR) as writer:
        return tally(ingest_all(writer, paths, config.load(floor.root), Orders(**orders)))


def everything(root):
    """All bytes under a folder, also as they are when unpacked: files and blobs of the catalogue."""
    found = []
    for path in sorted(root.rglob("*")):
        if not path.is_file() or path.name == privacy.NAME:
            continue
        found.append(path.read_bytes())
        if path.suffix == ".parquet":
            chunks = [part for one in pq.read_table(path).columns for part in one.chunks]
            found += [bytes(buffer) for part in chunks for buffer in part.buffers() if buffer]
        if path.suffix == ".zst":
            found.append(pa.input_stream(str(path), compression="zstd").read())
    for path in root.rglob("*.sqlite*"):
        if path.suffix == ".sqlite":
            found += cells(path)
    return b"\n".join(found)


def cells(path):
    """Every value of every table of a database, unpacked where it is packed."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in base.execute(f'SELECT * FROM "{name}"').fetchall():
                for value in row:
                    data = value if isinstance(value, bytes) else str(value).encode()
                    yield data
                    if data.startswith(b"\x28\xb5\x2f\xfd"):
                        yield pa.input_stream(pa.py_buffer(data), compression="zstd").read()


def holds(root, latitude, longitude):
    """Whether a place stands anywhere under a folder, as text or as the bytes of a number."""
    data = everything(root)
    wanted = [latitude.encode(), longitude.encode()]
    wanted += [struct.pack(order, float(one)) for one in (latitude, longitude) for order in ("<d", ">d")]
    return [one for one in wanted if one in data]


def test_the_search_finds_what_is_there(tmp_path):
    """The oracle of the tests below: without zones the place is found, in the rows and in the bytes."""
    made = Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")
    (tmp_path / "night.csv").write_text(HEAD + PERSON)
    assert take(made, tmp_path / "night.csv").total == (1, 1, 0, 0, 0)
    found = holds(made.root, *INSIDE)
    assert INSIDE[0].encode() in found
    assert struct.pack("<d", float(INSIDE[0])) in found


@pytest.mark.parametrize("packed", [False, True])
def test_a_person_in_a_zone_is_nowhere_and_counted(floor, tmp_path, packed):
    text = (HEAD + OUTSIDE + PERSON + CAR).encode()
    path = tmp_path / ("night.csv.gz" if packed else "night.csv")
    path.write_bytes(gzip.compress(text) if packed else text)
    sums = take(floor, path)
    assert sums.total == (3, 2, 0, 0, 1)
    assert sums.withheld == {privacy.REASON: 1}
    (taken,) = sums.taken
    assert taken.name.endswith("(redacted)")
    assert privacy.NOTE in taken.notes
    assert holds(floor.root, *INSIDE) == []
    rows = detections(floor).sort_by("observed_at").to_pylist()
    assert [(row["latitude"], row["class"]) for row in rows] == [(45.3, "person"), (44.9951, "vehicle")]
    assert floor.accounting() == {"night": (3, 2, 0, 0, 1)}
    assert not list(floor.verify())


def _mapped(folder):
    (folder / "odd.toml").write_text(
        'kind = "detection"\n[fields]\nobserved_at = "wann"\nlatitude = "y"\nlongitude = "x"\nclass = "was"\n'
    )
    car = "2026-11-24T08:00:00Z,45.3,-73.1,vehicle"
    path = folder / "odd.csv"
    path.write_text(f"wann,y,x,was\n2026-11-24T08:00:00Z,{','.join(INSIDE)},person\n{car}\n")
    return path, {"mapping": mapping(folder / "odd.toml")}


def _parquet(folder):
    (folder / "a.csv").write_text(HEAD + PERSON + CAR)
    pq.write_table(pc.read_csv(folder / "a.csv"), folder / "a.parquet")
    return folder / "a.parquet", {}


def _zip(folder):
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("night/a.csv", HEAD + PERSON + CAR)
    return folder / "a.zip", {}


def _sapient(folder):
    there = PLACE | {"y": float(INSIDE[0]), "x": float(INSIDE[1])}
    human = [{"type": "Human", "confidence": 0.9}]
    seen = sapient_detection(location=there, classification=human)
    (folder / "a.sapient").write_bytes(frame(registration()) + frame(seen))
    return folder / "a.sapient", {}


def _cot(folder):
    event = (
        '<event version="2.0" uid="{}" type="{}" how="m-g" time="2026-11-24T08:00:00Z" '
        'start="2026-11-24T08:00:00Z" stale="2026-11-24T08:05:00Z">'
        '<point lat="{}" lon="{}" hae="10" ce="5" le="5"/></event>'
    )
    text = event.format("p", "a-h-G-U-C-I", *INSIDE) + event.format("v", "a-h-G-E-V", "45.3", "-73.1")
    (folder / "a.cot").write_text(f"<?xml version='1.0'?>{text}")
    return folder / "a.cot", {}


@pytest.mark.parametrize("make", [_mapped, _parquet, _zip, _sapient, _cot])
def test_whatever_the_format_the_person_is_nowhere(floor, tmp_path, make):
    path, orders = make(tmp_path)
    sums = take(floor, path, **orders)
    assert sums.total == (2, 1, 0, 0, 1)
    assert holds(floor.root, *INSIDE) == []
    other = Floor.create(tmp_path / "other", ACTOR, ceiling="PB//TLP:RED")
    assert take(other, path, **orders).total == (2, 2, 0, 0, 0)
    assert holds(other.root, *INSIDE)  # what is searched for would be found


def test_what_is_left_is_the_original_and_a_repeated_delivery_writes_nothing(floor, tmp_path):
    path = tmp_path / "night.csv"
    path.write_text(HEAD + OUTSIDE + PERSON + CAR)
    take(floor, path)
    (row,) = (one for one in detections(floor).to_pylist() if one["class"] == "vehicle")
    found = original(floor, row["record_id"], Reader("keeper"))
    assert json.loads(found.piece)["latitude"] == 44.9951
    assert take(floor, path).total == (3, 0, 2, 0, 1)


def test_rows_are_those_that_a_floor_without_zones_reads(floor, tmp_path):
    other = Floor.create(tmp_path / "other", ACTOR, ceiling="PB//TLP:RED")
    generator = np.random.default_rng(7)
    place = generator.uniform([44.97, -73.04], [45.02, -72.99], (500, 2)).round(6)
    kinds = generator.choice(["person", "group", "", "unknown", "vehicle", "boat", "animal"], 500)
    lines = [
        f"2026-11-24T08:{k // 60:02}:{k % 60:02}Z,t{k % 4},{y},{x},{kind},0.5\n"
        for k, ((y, x), kind) in enumerate(zip(place.tolist(), kinds.tolist(), strict=True))
    ]
    path = tmp_path / "night.csv"
    path.write_text(HEAD + "".join(lines))
    take(other, path)
    west, south, east, north = HOME
    kept = [
        row
        for row in detections(other).to_pylist()
        if not (
            south < row["latitude"] < north
            and west < row["longitude"] < east
            and row["class"] in (None, "person", "group", "unknown")
        )
    ]
    assert 300 < len(kept) < 495
    sums = take(floor, path)
    assert sums.total == (500, len(kept), 0, 0, 500 - len(kept))
    unsaid = {"record_id", "delivery", "locator"}
    plain = [{k: v for k, v in row.items() if k not in unsaid} for row in detections(floor).to_pylist()]
    assert plain == [{k: v for k, v in row.items() if k not in unsaid} for row in kept]


def test_without_a_person_in_a_zone_the_bytes_are_kept_as_they_came(floor, tmp_path):
    path = tmp_path / "night.csv"
    path.write_text(HEAD + OUTSIDE + CAR)
    (taken,) = take(floor, path).taken
    assert taken.name == path.as_posix()
    (delivery,) = floor.deliveries()
    with floor.delivered(delivery.digest) as stream:
        assert stream.read() == path.read_bytes()


def test_what_could_not_be_read_beside_a_person_leaves_no_bytes(floor, tmp_path):
    wrong = PERSON.replace("2026-11-24T08:00:01Z", "yesterday")
    doubtful = PERSON.replace("0.9", "9")
    path = tmp_path / "night.csv"
    path.write_text(HEAD + OUTSIDE + wrong + doubtful)
    sums = take(floor, path)
    assert (sums.total.accepted, sums.total.withheld) == (1, 1)
    assert sums.total.quarantined >= 1
    assert holds(floor.root, *INSIDE) == []
    assert all("before redaction" in piece.locator for piece in floor.quarantine())
    with floor.writer(ACTOR) as writer:
        again = tally(retry(floor, writer, config.load(floor.root), Orders(), floor.quarantine()))
    assert "still cannot be read" in again.aside[0].reason


def test_a_retry_takes_no_person_in_either(floor, tmp_path):
    (floor.root / privacy.NAME).rename(tmp_path / "zones")
    path = tmp_path / "night.csv"
    path.write_text("when,sensor,lat,lon,class\n" + PERSON.rsplit(",", 1)[0] + "\n")
    assert take(floor, path, format="detection-csv").total.quarantined == 1
    (tmp_path / "zones").rename(floor.root / privacy.NAME)
    described = tmp_path / "night.toml"
    described.write_text(
        'kind = "detection"\n[fields]\nobserved_at = "when"\nsensor = "sensor"\n'
        'latitude = "lat"\nlongitude = "lon"\nclass = "class"\n'
    )
    with floor.writer(ACTOR) as writer:
        orders = Orders(mapping=mapping(described))
        sums = tally(retry(floor, writer, config.load(floor.root), orders, floor.quarantine()))
    assert sums.total.withheld == 1
    assert not detections(floor).num_rows


def test_a_range_and_an_azimuth_are_a_place(floor, tmp_path):
    head = "t,sensor,sensor_lat,sensor_lon,azimuth,range,class\n"
    at = "2026-11-24T08:00:01Z,t1,44.9,-73.015"
    path = tmp_path / "radar.csv"
    path.write_text(f"{head}{at},0.0,10600,person\n{at},180.0,10600,person\n{at},0.0,,person\n")
    assert take(floor, path).total == (3, 2, 0, 0, 1)
    assert sorted(detections(floor)["azimuth"].to_pylist()) == [0.0, 180.0]


def test_who_says_that_it_is_a_vessel_is_told_and_a_beacon_of_a_person_is_not(floor):
    base = dict.fromkeys(DETECTION.body.names) | {"latitude": 44.995, "longitude": -73.015}
    told = [("unknown", "vessel:mmsi:316001234"), ("person", "person:mmsi:972000001"), (None, None)]
    rows = [base | {"class": klass, "claimed": claimed} for klass, claimed in told]
    schema = pa.schema([pa.field(one.name, one.type) for one in DETECTION.body])
    found = privacy.withheld(pa.Table.from_pylist(rows, schema), privacy.load(floor.root))
    assert found.tolist() == [False, True, True]


def test_a_file_of_zones_that_cannot_be_read_lets_nothing_in(floor, tmp_path):
    (floor.root / privacy.NAME).write_text("{}")
    path = tmp_path / "night.csv"
    path.write_text(HEAD + PERSON)
    with pytest.raises(SettingsError, match="nothing is taken in"):
        take(floor, path)
    assert not floor.deliveries()


def test_a_tracker_is_told_of_what_is_not_in_the_file(floor, tmp_path):
    path = tmp_path / "night.csv"
    path.write_text(HEAD + OUTSIDE + PERSON + CAR)
    take(floor, path)
    (delivery,) = floor.deliveries()
    kept = tmp_path / "kept.capture"
    with floor.delivered(delivery.digest) as stream:
        kept.write_bytes(stream.read())
    table = load(kept)
    assert len(table) == 2
    assert "1 detections of persons in privacy zones are not in it" in table.account.broken


def live_line(latitude, longitude, klass, second):
    return f"2026-11-26T08:00:{second:02}Z,t1,{latitude},{longitude},64,64,0,{klass},0.9\n".encode()


def test_a_person_in_a_zone_never_reaches_the_log_of_a_live_source(tmp_path):
    number = port(socket.SOCK_DGRAM)
    floor = floor_of(tmp_path / "floor", towers=f"udp://127.0.0.1:{number}")
    zones(floor)
    header = b"observed_at,sensor,latitude,longitude,class\n"

    async def deliver():
        async with taking(floor) as made:
            counts = of(made, "towers")[1]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tower:
                tower.connect(("127.0.0.1", number))
                tower.send(live_line(*INSIDE, "person", 1) + live_line("44.9952", "-73.0151", "vehicle", 2))
                await until(lambda: counts["accepted"] == 1)
                tower.send(
                    header + f"2026-11-26T08:00:03Z,t2,{INSIDE[0]},{INSIDE[1]},group\nnonsense\n".encode()
                )
                await until(lambda: counts["withheld"] == 2)
                tower.send(b"2026-11-26T08:00:04Z,t2,45.3,-73.2,person\n")
                await until(lambda: counts["accepted"] == 2)
            return dict(counts)

    counts = asyncio.run(deliver())
    assert {**counts, "duplicate": 0} == {"accepted": 2, "duplicate": 0, "quarantined": 1, "withheld": 2}
    assert holds(floor.root, *INSIDE) == []
    assert b"45.3" in holds(floor.root, "45.3", "-73.2")
    live = logged(floor)
    roll(floor)
    assert holds(floor.root, *INSIDE) == []
    assert floor.accounting() == {"towers": (5, 2, 0, 1, 2)}
    kept = detections(floor).to_pylist()
    assert [row["record_id"] for row in kept] == [row["record_id"] for row in live]
    assert [row["latitude"] for row in kept] == [44.9952, 45.3]  # the header still held
    assert json.loads(original(floor, kept[0]["record_id"], Reader("keeper")).piece)["class"] == "vehicle"
    assert b"45.3" in original(floor, kept[1]["record_id"], Reader("keeper")).piece


def test_a_person_whom_a_sapient_node_reports_is_withheld_and_its_node_is_kept(tmp_path):
    number = port()
    floor = floor_of(tmp_path / "floor", towers=(f"tcp-listen://127.0.0.1:{number}", {"decode": "sapient"}))
    zones(floor, [-180, -90, 180, 90])

    async def deliver():
        async with taking(floor) as made:
            counts = of(made, "towers")[1]
            _, writer = await asyncio.open_connection("127.0.0.1", number)
            writer.write(frame(registration()) + frame(sapient_detection()))
            await until(lambda: counts["withheld"] == 1)
            writer.close()
            await until(lambda: of(made, "towers")[0].connections == 0)
            await until(lambda: counts["accepted"] == 2)  # it has registered, and is gone
            return dict(counts)

    counts = asyncio.run(deliver())
    roll(floor)
    (account,) = floor.accounting().values()
    assert (account.accepted, account.withheld) == (counts["accepted"], 1)
    assert not detections(floor).num_rows
    assert floor.read("coverage", Reader("keeper")).num_rows == counts["accepted"]
