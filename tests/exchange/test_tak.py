"""Tracks live to a TAK server: who is sent what, over which connection, and what the log says of it."""

import asyncio
import os
import ssl
import subprocess
import sys
import time
import warnings
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace

import pyarrow as pa
import pytest
from tests.exchange.certificates import authority, certificate
from tests.formats.cot.made import read
from tests.formats.cot.test_interop import BOOT, FOLDER

from watchfloor.cell.acts import Refusal
from watchfloor.desks.surveillance.track_rows import TRACK
from watchfloor.exchange import tak
from watchfloor.run import published
from watchfloor.run.published import Header
from watchfloor.store import Actor, Floor
from watchfloor.store.readers import NotPermitted

KEEPER = Actor("keeper", "watch", "an Act, s. 1")
OPEN, HIDDEN = "PA//TLP:GREEN", "PB//TLP:AMBER"
POLICY = """
[readers.keeper]
protected = "PB"
role = "supervisor"
[readers.tak]
protected = "PA"
tlp = "GREEN"
"""
NEEDED = {"retracted": False, "revision": 0, "exists": 0.99, "reports": 9, "sensors": [], "evidence": []}


@pytest.fixture
def floor(tmp_path):
    made = Floor.create(tmp_path / "floor", KEEPER, ceiling="PB//TLP:RED")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    show(made, {1: OPEN, 2: HIDDEN, 3: OPEN})
    return made


def show(floor, markings, step=0):
    """Publish tracks as the live floor does: where they are after so many seconds."""
    now = floor.now()
    rows = [
        NEEDED
        | {"row_id": bytes([n] * 16), "track": n, "subjects": [f"track:surveillance:{n}"], "marking": one}
        | {"at": now, "since": now, "until": now + timedelta(milliseconds=step), "origins": []}
        | {"latitude": 45.0 + n, "longitude": -74.0, "var_east": 25.0, "var_north": 25.0, "class": "boat"}
        for n, one in markings.items()
    ]
    table = pa.Table.from_pylist(
        [dict.fromkeys(TRACK.names) | {k: v for k, v in row.items() if k in TRACK.names} for row in rows],
        TRACK,
    )
    published.write(floor.root, "", "surveillance.track", table, Header(now.timestamp(), 1, 1))
    published.index(floor.root, [OPEN, HIDDEN], [""])


class Server:
    """A server that keeps what it is sent, and ends each connection when it is told to."""

    def __init__(self):
        self.came, self.security, self._writers = [], None, []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0, ssl=self.security)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.hang_up()
        self._server.close()

    def hang_up(self):
        for one in self._writers:
            one.close()

    async def _take(self, reader, writer):
        self._writers.append(writer)
        self.came.append(b"")
        at = len(self.came) - 1
        writer.write(b"<event>what others have sent</event>")
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                self.came[at] += data

    def seen(self, at=-1):
        return [row["name"] for row in read(self.came[at])[0]] if self.came else []


async def until(true, seconds=30):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


def streamed(floor, talk, server=None, target=None):
    """Run a stream beside a conversation; gives what it told."""
    told = []

    async def both():
        async with server or Server() as one:
            to = target(one) if target else tak.server(f"tcp://127.0.0.1:{one.port}", None, None, None)
            stop = asyncio.Event()
            running = asyncio.ensure_future(tak.TakStream(floor, KEEPER, "tak", to, told.append).run(stop))
            try:
                await talk(one, told)
            finally:
                stop.set()
                await running

    asyncio.run(both())
    return told


@pytest.fixture(autouse=True)
def in_haste(monkeypatch):
    monkeypatch.setattr(tak, "EVERY", 0.05)
    monkeypatch.setattr(tak, "pause", lambda _: 0.05)


def test_what_both_may_see_is_sent_once_and_again_when_it_has_moved(floor):
    kept = Server()

    async def talk(server, _):
        await until(lambda: server.seen() == ["T1", "T3"])
        await asyncio.sleep(0.3)
        show(floor, {1: OPEN, 2: HIDDEN, 3: OPEN, 4: HIDDEN, 5: OPEN})
        await until(lambda: server.seen() == ["T1", "T3", "T1", "T3", "T5"])

    told = streamed(floor, talk, kept)
    (receipt,) = (one for one in told if isinstance(one, tak.Receipt))
    assert (receipt.events, receipt.bytes, receipt.connections) == (5, len(kept.came[0]), 1)
    assert receipt.sha256 == sha256(kept.came[0]).hexdigest()
    acts = [one for one in floor.acts(1, floor.position) if one.act == "query"]
    assert [one.detail["what"] for one in acts] == ["tak", "tak", "tak receipt"]
    assert [one.detail["shown"] for one in acts] == [
        ["track:surveillance:1", "track:surveillance:3"],
        ["track:surveillance:5"],
        [f"track:surveillance:{n}" for n in (1, 3, 5)],
    ]
    assert (acts[2].position, acts[2].detail["sha256"]) == (receipt.position, receipt.sha256)
    rows, faults = read(kept.came[0])
    assert faults == []
    assert {row["marking"] for row in rows} == {OPEN}
    assert b'"T2"' not in kept.came[0]


def test_a_connection_that_breaks_is_made_anew_and_each_track_sent_again(floor):
    async def talk(server, told):
        await until(lambda: server.seen() == ["T1", "T3"])
        server.hang_up()
        await until(lambda: len(server.came) == 2 and server.seen() == ["T1", "T3"])
        await until(lambda: told[-1] == "")

    told = streamed(floor, talk)
    assert told[:3] == ["", "the server has ended the connection", ""]
    assert (told[-1].events, told[-1].connections, told[-1].problem) == (4, 2, "")


def test_a_receipt_names_what_went_before_the_connection_broke_and_no_more(floor):
    class Breaking:
        transport = SimpleNamespace(set_write_buffer_limits=lambda high, low: None)
        sent = ()

        def write(self, data):
            self.sent += (data,)

        async def drain(self):
            if len(self.sent) == 2:
                raise ConnectionResetError

    told = []
    stream = tak.TakStream(
        floor, KEEPER, "tak", tak.server("tcp://127.0.0.1:9", None, None, None), told.append
    )
    one, other = stream._next()
    wire = Breaking()
    with pytest.raises(ConnectionResetError):
        asyncio.run(stream._send(wire, [one, other]))
    assert [event.track for event in stream._next()] == [other.track], "it is sent again"
    stream._receipt()
    (receipt,) = told
    assert (receipt.events, receipt.tracks, receipt.bytes) == (1, [one.track], len(one.data))
    assert receipt.sha256 == sha256(wire.sent[0]).hexdigest()


def test_a_narrowed_policy_counts_at_once_and_one_that_forgets_the_reader_ends_it(floor):
    async def talk(server, _):
        await until(lambda: server.seen() == ["T1", "T3"])
        (floor.root / "policy.toml").write_text(POLICY.replace("GREEN", "CLEAR"), "utf-8")
        await asyncio.sleep(0.2)
        show(floor, {1: OPEN, 6: OPEN, 7: "U//TLP:CLEAR"})
        await until(lambda: "T7" in server.seen())
        assert server.seen() == ["T1", "T3", "T7"]
        (floor.root / "policy.toml").write_text(POLICY.partition("[readers.tak]")[0], "utf-8")
        await asyncio.sleep(0.5)

    with pytest.raises(NotPermitted):
        streamed(floor, talk)


def over_tls(folder, name="tak.example", mine="us"):
    """A server that wants certificates of its authority, and the address of it for us."""
    signs = authority(folder)
    server = Server()
    server.security = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=signs[2])
    server.security.verify_mode = ssl.CERT_REQUIRED
    server.security.load_cert_chain(*certificate(folder, "server", signs, "tak.example"))
    other = authority(folder, "another")
    ours = certificate(folder, mine, signs if mine == "us" else other)
    return server, lambda one: tak.server(f"tls://127.0.0.1:{one.port}", signs[2], *ours, name)


def test_over_tls_both_show_their_certificates(floor, tmp_path):
    server, target = over_tls(tmp_path)

    async def talk(one, _):
        await until(lambda: one.seen() == ["T1", "T3"])

    streamed(floor, talk, server, target)


@pytest.mark.parametrize("wrong", [{"name": "other.example"}, {"mine": "stranger"}])
def test_a_server_or_a_client_with_another_certificate_is_sent_nothing(floor, tmp_path, wrong):
    server, target = over_tls(tmp_path, **wrong)

    async def talk(one, told):
        await until(lambda: any(told))
        await asyncio.sleep(0.2)
        assert one.seen() == []

    told = streamed(floor, talk, server, target)
    assert not any(isinstance(one, tak.Receipt) for one in told)
    # a server that refuses ours says so by ending the connection
    assert any(("certificate" in one.lower()) == ("name" in wrong) for one in told if one)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("tcp://tak.example:8087", "exchange.tak-plain"),
        ("https://tak.example", "exchange.tak-address"),
        ("tls://tak.example", "exchange.tak-address"),
        ("tls://[::1:8089", "exchange.tak-address"),
        ("tls://us:secret@tak.example:8089", "exchange.tak-address"),
        ("tls://tak.example:8089?token=secret", "exchange.tak-address"),
        ("tls://tak.example:8089#secret", "exchange.tak-address"),
    ],
)
def test_an_address_that_will_not_do_is_told(url, message):
    with pytest.raises(Refusal) as refused:
        tak.server(url, None, None, None)
    assert refused.value.reason.message == message


def test_a_certificate_that_is_none_is_told(tmp_path):
    (tmp_path / "no.pem").write_text("none", "utf-8")
    with pytest.raises(Refusal) as refused:
        tak.server("tls://tak.example:8089", None, tmp_path / "no.pem", None)
    assert refused.value.reason.message == "exchange.tak-certificate"


def test_a_key_without_its_certificate_is_told(tmp_path):
    (tmp_path / "us.key").write_text("any", "utf-8")
    with pytest.raises(Refusal) as refused:
        tak.server("tls://tak.example:8089", None, None, tmp_path / "us.key")
    assert refused.value.reason.message == "exchange.tak-certificate"


CONFIG = """
[taky]
hostname = localhost
bind_ip = 127.0.0.1
root_dir = {folder}
[cot_server]
port = {port}
[ssl]
enabled = true
client_cert_required = true
ca = {ca}
cert = {cert}
key = {key}
"""


@pytest.mark.thorough
def test_tracks_reach_pytak_through_taky_over_tls_also_after_its_restart(floor, tmp_path):
    """A TAK server and a TAK client of others, with certificates of both sides."""
    if not (FOLDER / "taky").is_dir():
        pytest.skip(f"taky is not in {FOLDER}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytak = pytest.importorskip("pytak")
    signs = authority(tmp_path)
    papers = [certificate(tmp_path, name, signs) for name in ("server", "us", "them")]
    port = 20_000 + os.getpid() % 20_000
    text = CONFIG.format(folder=tmp_path, port=port, ca=signs[2], cert=papers[0][0], key=papers[0][1])
    (tmp_path / "taky.conf").write_text(text, "utf-8")
    security = ssl.create_default_context(cafile=signs[2])
    security.load_cert_chain(*papers[2])

    async def reads(count):
        """Callsigns that a client of pytak's gets."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=security, server_hostname="localhost"
        )
        worker = pytak.RXWorker(asyncio.Queue(), {}, reader)
        found = []
        while len(found) < count:
            event = await asyncio.wait_for(worker.readcot(), 30)
            if event and b"watchfloor.track" in event:
                found += [row["name"] for row in read(event)[0]]
        writer.close()
        return found

    async def talk():
        stop, told = asyncio.Event(), []
        to = tak.server(f"tls://127.0.0.1:{port}", signs[2], *papers[1], "localhost")
        running = asyncio.ensure_future(tak.TakStream(floor, KEEPER, "tak", to, told.append).run(stop))
        try:
            for turn in range(2):
                before = len(told)
                with (tmp_path / f"log-{turn}").open("w") as log, taky(tmp_path / "taky.conf", log) as server:
                    await until(lambda at=before: "" in told[at:])
                    moving = asyncio.ensure_future(_moving(floor))
                    assert set(await reads(6)) == {"T1", "T3"}
                    moving.cancel()
                    server.kill()
                await until(lambda: told[-1])
        finally:
            stop.set()
            await running
        return told

    told = asyncio.run(talk())
    assert (told[-1].connections >= 2, told[-1].tracks) == (
        True,
        ["track:surveillance:1", "track:surveillance:3"],
    )


async def _moving(floor):
    while True:
        show(floor, {1: OPEN, 2: HIDDEN, 3: OPEN})
        await asyncio.sleep(0.1)


def taky(config, log):
    environment = os.environ | {"PYTHONPATH": str(FOLDER)}
    return subprocess.Popen([sys.executable, "-c", BOOT, "-c", str(config)], env=environment, stderr=log)
