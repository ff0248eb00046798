"""How many connections there may be, and how long a client may keep one waiting."""

import asyncio
import resource
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from types import SimpleNamespace

import httpx
import pytest
import uvicorn
from tests.console.served import served
from tests.exchange import certificates
from uvicorn.server import ServerState

from watchfloor.console import serving
from watchfloor.console.live import connections
from watchfloor.console.live.connections import GRACE, MOST, MOST_HEAD, Connections, most
from watchfloor.console.serving import Where
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"  # a body of another type is answered unread
HALF = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n" + FORM + b"Content-Length: 100\r\n\r\nname="
GET = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """The certificate of an authority, and of localhost with its key."""
    folder = tmp_path_factory.mktemp("tls")
    by = certificates.authority(folder)
    return by[2], *certificates.certificate(folder, "cell", by)


@pytest.fixture
def few_by_tls(tmp_path, monkeypatch, tls):
    """A console with TLS, eight handshakes of an address and short deadlines."""
    monkeypatch.setattr(connections, "HANDSHAKES_OF_ONE", 8)
    monkeypatch.setattr(connections, "LOOKS", 0.05)
    floor = Floor.create(tmp_path / "floor", Actor("roy", "tests", "an Act"), name="cell", ceiling="PB")
    with served(floor, Where(port=0, cert=tls[1], key=tls[2])) as console:
        yield console


def looked_at(console, authority):
    """Whether somebody who sends a whole request is answered."""
    context = ssl.create_default_context(cafile=str(authority))
    with httpx.Client(verify=context, timeout=30) as visitor:
        return visitor.get(f"https://localhost:{console.port}/sign-in").status_code == 200


def test_handshakes_that_do_not_go_on_keep_nobody_out(few_by_tls, tls, monkeypatch):
    monkeypatch.setattr(connections, "GRACE", 0.0)
    with ExitStack() as held:
        begun = [held.enter_context(opened(few_by_tls, b"\x16\x03")) for _ in range(40)]
        assert looked_at(few_by_tls, tls[0])
        assert ended(begun[0]) == b"", "the one that began first gave way"


def test_too_many_handshakes_at_once_are_refused(few_by_tls, tls):
    with ExitStack() as held:
        begun = [held.enter_context(opened(few_by_tls, b"\x16\x03")) for _ in range(9)]
        assert ended(begun[-1]) == b"", "nobody has been waited for so long that they give way"
    answered = False
    for _ in range(200):  # until the server has heard that they are gone
        with suppress(httpx.ConnectError):
            answered = answered or looked_at(few_by_tls, tls[0])
    assert answered


def test_a_handshake_has_a_deadline(few_by_tls, monkeypatch):
    monkeypatch.setattr(connections, "HEAD", 0.2)
    with opened(few_by_tls, b"") as wire:
        assert ended(wire) == b""


@pytest.fixture
def few(tmp_path, monkeypatch):
    """A console with eight connections an address and short deadlines."""
    monkeypatch.setattr(serving, "PER_ADDRESS", 8)
    monkeypatch.setattr(connections, "LOOKS", 0.05)
    floor = Floor.create(tmp_path / "floor", Actor("roy", "tests", "an Act"), name="cell", ceiling="PB")
    with served(floor) as console:
        yield console


@pytest.mark.parametrize("secure", [False, True])
def test_a_body_does_not_wait_until_its_headers_are_acknowledged(tmp_path, monkeypatch, tls, secure):
    waits, add = [], Connections.add

    def added(self, one):
        wire = one.transport.get_extra_info("socket")
        waits.append(not wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        add(self, one)

    monkeypatch.setattr(Connections, "add", added)
    floor = Floor.create(tmp_path / "floor", Actor("roy", "tests", "an Act"), name="cell", ceiling="PB")
    where = Where(port=0, cert=tls[1], key=tls[2]) if secure else Where(port=0)
    with served(floor, where) as console:
        if secure:
            assert looked_at(console, tls[0])
        else:
            httpx.get(f"http://localhost:{console.port}/healthz")
    assert waits == [False]


def test_a_wave_of_connections_without_tls_is_answered(tmp_path):
    floor = Floor.create(tmp_path / "floor", Actor("roy", "tests", "an Act"), name="cell", ceiling="PB")
    with served(floor) as console, ExitStack() as held:
        wave = [held.enter_context(opened(console, b"")) for _ in range(150)]
        for wire in wave:
            wire.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert wire.recv(8) == b"HTTP/1.1"


class Wire:
    """A transport that keeps what is written."""

    def __init__(self, plain):
        self.writes, self.closed, self._plain = [], False, plain
        self.write = self.writes.append
        self.pause_reading = self.resume_reading = lambda: None

    def get_extra_info(self, name):
        return self._plain if name == "socket" else None

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True


@pytest.mark.parametrize("bytes_", [GET, GET * 3, GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")])
@pytest.mark.parametrize("pause", [False, True])
def test_an_answer_is_written_at_once_but_for_a_body_that_comes_later(bytes_, pause):
    async def app(scope, receive, send):
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        if pause:
            await asyncio.sleep(0)
            assert not wire.writes[-1].endswith(b"body"), "the head goes alone: nobody knows how long it is"
            heads.append(wire.writes[-1])
        await send({"type": "http.response.body", "body": b"body"})

    async def talk():
        config = uvicorn.Config(app, http=all_.protocol, lifespan="off", log_config=None)
        config.load()
        one = all_.protocol(config=config, server_state=ServerState(), app_state={})
        one.connection_made(wire)
        one.data_received(bytes_)
        for _ in range(50):  # turns of the loop
            await asyncio.sleep(0)
        assert wire.closed == (b"close" in bytes_)
        one.connection_lost(None)

    all_, heads = Connections(most=9, per_address=9), []
    with socket.socket() as plain, ThreadPoolExecutor(1) as thread:  # a browser has this one's loop
        wire = Wire(plain)
        thread.submit(asyncio.run, talk()).result(30)
    asked = bytes_.count(b"GET")
    assert len(wire.writes) == (1 + pause) * asked
    assert len(heads) == pause * asked
    assert b"".join(wire.writes).count(b"\r\n\r\nbody") == asked


def opened(console, data, source="127.0.0.1"):
    """A connection on which something was sent; asyncio itself ends a handshake after 60 seconds."""
    wire = socket.create_connection(("127.0.0.1", console.port), timeout=30, source_address=(source, 0))
    wire.sendall(data)
    return wire


def ended(wire):
    """Wait until the other side closes; gives what came before."""
    came = b""
    try:
        while piece := wire.recv(1 << 16):
            came += piece
    except ConnectionResetError:
        pass
    return came


def refuses(wire, size):
    """Whether the other side ends the connection when more than so much is sent, and not much more."""
    try:
        for _ in range(256 + 2 * size // (1 << 16)):
            wire.sendall(b"x" * (1 << 16))
    except OSError:
        return True
    return False


def test_who_sends_half_requests_keeps_nobody_out(few, monkeypatch):
    monkeypatch.setattr(connections, "GRACE", -60.0)  # a busy machine reads halves after the whole one came
    with ExitStack() as held:
        halves = [held.enter_context(opened(few, HALF)) for _ in range(40)]
        for _ in range(12):
            assert httpx.get(f"{few.home}/sign-in").status_code == 200
        assert ended(halves[0]) == b"", "the one that was waited for longest gave way"


@pytest.mark.parametrize("begun", [b"", b"GET /sign-in HTTP/1.1\r\nHost: loc"], ids=["nothing", "half"])
def test_a_head_that_does_not_come_is_not_waited_for(few, monkeypatch, begun):
    monkeypatch.setattr(connections, "HEAD", 0.2)
    with opened(few, begun) as wire:
        assert ended(wire) == b""


def test_a_head_that_drips_is_not_waited_for(few, monkeypatch):
    monkeypatch.setattr(connections, "HEAD", 0.2)
    with opened(few, b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX-Long: ") as wire:
        wire.settimeout(0.02)
        assert any(closed_after(wire, b"x") for _ in range(400))


def closed_after(wire, data):
    """Whether the other side has closed a connection on which this is sent."""
    try:
        wire.sendall(data)
        return wire.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_the_head_of_a_second_request_has_its_own_time(few, monkeypatch):
    with opened(few, GET) as wire:
        assert b" 200 " in wire.recv(1 << 20)
        monkeypatch.setattr(connections, "HEAD", 0.2)
        wire.sendall(b"GET /")
        assert b" 200 " not in ended(wire)


def test_a_head_is_not_endless(few):
    with opened(few, b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX-Long: ") as wire:
        assert refuses(wire, MOST_HEAD)


def test_a_body_that_stops_is_not_waited_for_after_its_answer(few, monkeypatch):
    monkeypatch.setattr(connections, "SILENT", 0.2)
    with opened(few, HALF.replace(b"/sign-in", b"/nothing")) as wire:
        assert b" 404 " in ended(wire)


def test_a_body_is_read_on_after_its_answer_but_not_without_end(few, monkeypatch):
    monkeypatch.setattr(connections, "MOST_REST", 1 << 20)
    with opened(few, HALF.replace(b": 100", b": 99999999")) as wire:
        assert b" 413 " in wire.recv(1 << 16)
        assert refuses(wire, 1 << 20)


def fake(network, *, waiting, heard=0.0):
    gone = []
    transport = SimpleNamespace(abort=lambda: gone.append(True))
    loop = SimpleNamespace(call_later=lambda *_: None)
    said = {"network": network, "waiting": waiting, "heard": heard, "transport": transport}
    made = type("Fake", (), {})()
    vars(made).update(said, loop=loop, gone=gone)
    return made


def test_who_is_being_answered_does_not_give_way():
    all_ = Connections(most=9, per_address=2)
    answered, late = fake("a", waiting=False, heard=0), fake("a", waiting=True, heard=2)
    other = fake("b", waiting=True, heard=1)
    for one in (answered, late, other):
        all_.add(one)
    third = fake("a", waiting=True, heard=2 + GRACE)
    all_.add(third)
    assert (answered.gone, late.gone, other.gone, third.gone) == ([], [True], [], [])
    soon = fake("a", waiting=True, heard=third.heard + GRACE / 2)
    all_.add(soon)
    assert (third.gone, soon.gone) == ([], [True]), "nobody has been waited for that long"
    third.waiting = False
    refused = fake("a", waiting=True, heard=99)
    all_.add(refused)
    assert refused.gone, "all of the address are being answered"
    assert len(all_) == 3


def test_the_address_with_most_connections_gives_way_to_others():
    all_ = Connections(most=5, per_address=4)
    many = [fake("a", waiting=True, heard=n) for n in range(4)]
    one, new = fake("b", waiting=True, heard=-1), fake("c", waiting=True, heard=9)
    for each in (*many, one, new):
        all_.add(each)
    assert [each.gone for each in (*many, one, new)] == [[True], [], [], [], [], []]
    for each in (*many, one, new):
        all_.drop(each)
    assert len(all_) == 0


@pytest.mark.parametrize(
    ("limits", "count", "raised"),
    [
        ((1024, 1024), 512, None),
        ((1024, 524288), MOST, 2 * MOST),
        ((256, 600), 300, 600),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), MOST, None),
        ((4096, resource.RLIM_INFINITY), MOST, None),
    ],
)
def test_there_are_no_more_connections_than_files_may_be_opened(monkeypatch, limits, count, raised):
    made = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, wished: made.append(wished[0]))
    assert most() == count
    assert made == ([raised] if raised else [])
