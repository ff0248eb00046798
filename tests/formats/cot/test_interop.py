"""The real thing: events from pytak through a taky server to us, and from us through it to pytak.

taky is installed apart, since its package brings a module `tests`: into `.dev/taky`, or where
`WATCHFLOOR_TAKY` says (`uv pip install --no-deps --target .dev/taky taky redis dateutils`).
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from tests.formats.cot.made import read

from watchfloor.formats.sensors.cot import columns, stream, xml_out

FOLDER = Path(os.environ.get("WATCHFLOOR_TAKY", Path(__file__).parents[3] / ".dev" / "taky"))
BOOT = """
import importlib.metadata, sys, types
resources = types.ModuleType("pkg_resources")  # newer setuptools have it no more
resources.get_distribution = importlib.metadata.distribution
resources.DistributionNotFound = importlib.metadata.PackageNotFoundError
sys.modules["pkg_resources"] = resources
from taky.cot.__main__ import main
main()
"""
CONFIG = """
[taky]
hostname = localhost
bind_ip = 127.0.0.1
root_dir = {folder}
[cot_server]
port = {port}
[ssl]
enabled = false
"""
NOW = datetime.now(UTC)


def _pytak():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants aiohttp for what is not used here
        return pytest.importorskip("pytak")


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """A taky server on this machine."""
    if not (FOLDER / "taky").is_dir():
        if "taky" in os.environ.get("WATCHFLOOR_REQUIRE", "").split(","):
            pytest.fail(f"WATCHFLOOR_REQUIRE names taky, and it is not in {FOLDER}")
        pytest.skip(f"taky is not in {FOLDER}; see the top of this file")
    pytest.importorskip("dateutil")
    folder = tmp_path_factory.mktemp("taky")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    config = folder / "taky.conf"
    config.write_text(CONFIG.format(folder=folder, port=number), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(FOLDER)}
    command = [sys.executable, "-c", BOOT, "-c", str(config)]
    with (folder / "log").open("w") as log, subprocess.Popen(command, env=environment, stderr=log) as server:
        try:
            yield _answering(server, number, folder / "log")
        finally:
            server.kill()  # it looks up once a second


def _answering(server: subprocess.Popen, number: int, log: Path) -> int:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", number), 1):
            return number
        assert server.poll() is None, log.read_text(encoding="utf-8")
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(0.05)
    raise AssertionError("taky did not start")


async def _until(reader: asyncio.StreamReader, count: int, mark: bytes) -> bytes:
    """So many whole events with a mark; taky also sends what others have sent before."""
    data = b""
    found: list[bytes] = []
    while len(found) < count:
        data += await asyncio.wait_for(reader.read(1 << 16), 10)
        events = [data[piece.start : piece.end] for piece in stream.pieces(data) if piece.what == stream.XML]
        found = [event for event in events if mark in event]
    return b"".join(found)


def test_from_pytak_through_taky_to_us(port):
    pytak = _pytak()

    async def talk() -> bytes:
        reader, ours = await asyncio.open_connection("127.0.0.1", port)
        config = {"COT_URL": f"tcp://127.0.0.1:{port}", "PYTAK_NO_HELLO": "1"}
        _, writer = await pytak.protocol_factory(config)
        await asyncio.sleep(0.1)  # until taky has both
        queue: asyncio.Queue = asyncio.Queue()
        worker = pytak.TXWorker(queue, config, writer)
        for i in range(20):
            event = pytak.cot_event(
                45.5 + i / 100, -74.25, 12, 60, 8, f"BOAT-{i}", 300, "a-f-S-X-L", callsign=f"B{i}"
            )
            await queue.put(pytak.serialize_cot(event))
            await worker.run_once()
        data = await _until(reader, 20, b"BOAT-")
        for one in (writer, ours):
            one.close()
        return data

    rows, faults = read(asyncio.run(talk()))
    assert faults == []
    assert [(row["object"], row["name"], row["class"]) for row in rows] == [
        (f"BOAT-{i}", f"B{i}", "boat") for i in range(20)
    ]
    for i, row in enumerate(rows):
        assert abs(row["latitude"] - (45.5 + i / 100)) < 1e-6
        assert (row["longitude"], row["altitude"], row["var_east"]) == (-74.25, 60.0, 144.0)
        assert abs(row["observed_at"] - datetime.now(UTC)) < timedelta(minutes=5)


def test_from_us_through_taky_to_pytak(port):
    pytak = _pytak()
    count = 50
    tracks = pa.table(
        {
            "track": list(range(count)),
            "until": pa.array([NOW] * count, pa.timestamp("us", "UTC")),
            "latitude": [45.0 + i / 100 for i in range(count)],
            "longitude": [-74.5] * count,
            "var_east": [25.0] * count,
            "var_north": [25.0] * count,
            "class": ["boat"] * count,
            "exists": [0.93] * count,
            "marking": ["PB//TLP:AMBER//REL:CAN,USA"] * count,
        }
    )

    async def talk() -> list[bytes]:
        config = {"COT_URL": f"tcp://127.0.0.1:{port}", "PYTAK_NO_HELLO": "1"}
        reader, theirs = await pytak.protocol_factory(config)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.1)
        worker = pytak.RXWorker(asyncio.Queue(), config, reader)
        writer.write(xml_out.stream(columns.of_tracks(tracks)))
        await writer.drain()
        found: list[bytes] = []
        while len(found) < count:
            event = await asyncio.wait_for(worker.readcot(), 10)
            if event and b"watchfloor.track" in event:
                found.append(event)
        for one in (writer, theirs):
            one.close()
        return found

    found = asyncio.run(talk())
    for i, event in enumerate(found):
        root = ET.fromstring(event)
        assert (root.get("uid"), root.get("type")) == (f"watchfloor.track.{i}", "a-u-S-X")
        assert abs(float(root.find("point").get("lat")) - (45.0 + i / 100)) < 1e-6
        assert float(root.find("point").get("ce")) == 5.0
        assert root.find("detail/contact").get("callsign") == f"T{i}"
        assert root.find("detail/watchfloor").get("marking") == "PB//TLP:AMBER//REL:CAN,USA"
    rows, faults = read(b"".join(found))
    assert faults == []
    assert {row["marking"] for row in rows} == {"PB//TLP:AMBER//REL:CAN,USA"}
    assert {row["confidence"] for row in rows} == {0.93}
