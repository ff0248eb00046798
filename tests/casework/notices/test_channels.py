"""Channels against real servers of this machine: what they get, what they may say, and what is refused."""

import hmac
import json
import socket
import socketserver
import ssl
import threading
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer

import msgspec
import pytest
from tests.exchange.certificates import authority, certificate
from tests.feeds.live.floors import port
from tests.feeds.live.test_brokers import mosquitto

from watchfloor.casework.notices.channels import (
    KEY,
    MOMENT,
    SIGNATURE,
    Channels,
    Email,
    Mqtt,
    NotSent,
    Webhook,
)

SAID = {
    "key": "k1",
    "link": "https://here/notices",
    "said": "Zoë took the lead",
    "called": "A van",
    "marking": "PA",
}


class Mailbox(socketserver.StreamRequestHandler):
    """A mail server of one conversation that takes what it is given."""

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line[:4].upper().strip()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                mail = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.got.append(message_from_bytes(mail))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 taken\r\n")
            if word == b"QUIT":
                return


class Hook(BaseHTTPRequestHandler):
    """A webhook that answers as its server is told."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def serving(server):
    server.got = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def email(number, **more):
    return Email(host="127.0.0.1", port=number, tls="none", sender="w@here", to={"ann": "ann@here"}, **more)


def test_a_mail_has_what_is_new_and_its_marking_and_is_known_by_its_key():
    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox)) as server:
        email(server.server_address[1]).send("ann", SAID)
        (mail,) = server.got
    assert (mail["To"], mail["Subject"], mail["Message-ID"]) == (
        "ann@here",
        "Watchfloor [PA]",
        "<k1@watchfloor>",
    )
    assert "Zoë took the lead" in mail.get_payload(decode=True).decode()


def test_a_mail_server_under_tls_whose_certificate_nobody_vouches_for_gets_nothing(tmp_path):
    signer = authority(tmp_path)
    chain, key = certificate(tmp_path, "mail", signer)
    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox)) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        with pytest.raises(NotSent, match="certificate"):
            Email(
                host="localhost",
                port=server.server_address[1],
                tls="tls",
                sender="w@here",
                to={"ann": "ann@here"},
            ).send("ann", SAID)
    assert server.got == []


def test_a_mail_server_that_is_not_there_is_told():
    with pytest.raises(NotSent, match=r"127\.0\.0\.1"):
        email(port()).send("ann", SAID)


@pytest.fixture(scope="module")
def hook(tmp_path_factory):
    """A webhook under TLS, and the file of the authority of its certificate."""
    home = tmp_path_factory.mktemp("hook")
    signer = authority(home)
    chain, key = certificate(home, "hook", signer)
    with serving(HTTPServer(("127.0.0.1", 0), Hook)) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.status, server.ca = 200, str(signer[2])
        yield server


@pytest.fixture
def made(hook, monkeypatch):
    monkeypatch.setenv("HOOK_SECRET", "s3cret")
    hook.got.clear()
    hook.status = 200

    def make(**more):
        url = f"https://localhost:{hook.server_address[1]}/in?of=us"
        return Webhook(**({"url": url, "secret_env": "HOOK_SECRET", "private": True, "ca": hook.ca} | more))

    return make


def test_a_webhook_gets_what_is_new_signed(hook, made):
    made().send("ann", SAID)
    ((path, headers, body),) = hook.got
    signed = hmac.new(b"s3cret", headers[MOMENT].encode() + b"." + body, "sha256").hexdigest()
    assert (path, headers[SIGNATURE], headers[KEY]) == ("/in?of=us", f"sha256={signed}", "k1")
    assert json.loads(body) == {"person": "ann", **SAID}


@pytest.mark.parametrize("status", [301, 307, 404, 500])
def test_a_webhook_that_leads_elsewhere_or_fails_is_not_followed(hook, made, status):
    hook.status = status
    with pytest.raises(NotSent, match=str(status)):
        made().send("ann", SAID)
    assert len(hook.got) == 1


def test_no_private_address_no_other_name_and_no_unsigned_body(hook, made, monkeypatch):
    with pytest.raises(NotSent, match="not public"):
        made(private=False).send("ann", SAID)
    with pytest.raises(NotSent):
        made(url=f"https://127.0.0.1:{hook.server_address[1]}/in").send("ann", SAID)
    with pytest.raises(NotSent):
        made(ca="").send("ann", SAID)
    monkeypatch.delenv("HOOK_SECRET")
    with pytest.raises(NotSent, match="HOOK_SECRET"):
        made().send("ann", SAID)
    assert hook.got == []


def test_the_address_that_was_looked_at_is_the_one_that_is_asked(made, monkeypatch):
    """A name that says something else at the second look leads nowhere."""
    real, asked = socket.getaddrinfo, []

    def told(host, *more, **named):
        asked.append(host)
        return real("localhost" if host == "localhost" and len(asked) == 1 else "192.0.2.1", *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", told)
    with pytest.raises(NotSent, match="not public"):
        made(private=False).send("ann", SAID)
    assert asked == ["localhost"]


def test_a_broker_gets_what_is_new(tmp_path):
    paho = pytest.importorskip("paho.mqtt.client", reason="not installed: paho-mqtt (the extra 'mqtt')")
    from paho.mqtt.enums import CallbackAPIVersion

    number, got, there = port(), [], threading.Event()
    with mosquitto(tmp_path, number):
        one = paho.Client(CallbackAPIVersion.VERSION2)
        one.on_connect = lambda client, *_: client.subscribe("notices", 1)
        one.on_subscribe = lambda *_: there.set()
        one.on_message = lambda _, __, message: (got.append(json.loads(message.payload)), there.set())
        for _ in range(100):
            try:
                one.connect("127.0.0.1", number)
                break
            except OSError:
                there.wait(0.05)
        one.loop_start()
        assert there.wait(10)
        there.clear()
        Mqtt(url=f"mqtt://127.0.0.1:{number}/notices").send("ann", SAID)
        assert there.wait(10)
        one.disconnect()
        one.loop_stop()
    assert got == [{"person": "ann", **SAID}]


def test_a_broker_that_is_not_there_is_told():
    pytest.importorskip("paho.mqtt.client", reason="not installed: paho-mqtt (the extra 'mqtt')")
    with pytest.raises(NotSent, match=r"127\.0\.0\.1"):
        Mqtt(url=f"mqtt://127.0.0.1:{port()}/notices").send("ann", SAID)


def test_a_channel_says_what_its_ceiling_allows_and_by_itself_only_what_is_public():
    plain, raised = email(25), email(25, ceiling="PA//TLP:AMBER")
    assert [plain.may_say(one) for one in ("U//TLP:CLEAR", "PA//TLP:GREEN")] == [True, False]
    assert [raised.may_say(one) for one in ("PA//TLP:GREEN", "PB//TLP:GREEN", "PA//TLP:GREEN//COMP:X")] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"webhook": {"url": "http://a.example/", "secret_env": "S"}},
        {"webhook": {"url": "https://ann@a.example/", "secret_env": "S"}},
        {"webhook": {"url": "https://a.example:99999/", "secret_env": "S"}},
        {"webhook": {"url": "https://a.example:0/", "secret_env": "S"}},
        {"webhook": {"url": "https://a.example/é", "secret_env": "S"}},
        {"mqtt": {"url": "nats://a.example/s/t"}},
        {"mqtt": {"url": "mqtt://a.example"}},
        {"email": {"host": "a", "sender": "b", "to": {}, "ceiling": "P9"}},
        {"email": {"host": "a", "sender": "b", "to": {}, "password": "lies open"}},
    ],
)
def test_a_channel_that_could_not_be_used_is_refused(given):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(given, Channels)


def test_none_is_on_by_itself():
    assert Channels().all == {}
