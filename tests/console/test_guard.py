"""What every request passes, and what every answer carries, at every endpoint."""

import asyncio
import gzip
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers
from tests.thorough import THOROUGH

from watchfloor.console import guard as guards
from watchfloor.console.endpoints.browser import gzip_of
from watchfloor.console.endpoints.openapi import PREFIX
from watchfloor.console.guard import HEADERS, Guard, cookie_of, from_elsewhere, name_of, same
from watchfloor.console.registry import ENDPOINTS
from watchfloor.console.services import Listening
from watchfloor.core.limits import Rate, network_of


def filled(path):
    """A path with something in its parameters."""
    return re.sub(r"\{[^}]*\}", "0", path)


PATHS = sorted({filled(one.path) for one in ENDPOINTS} | {PREFIX + filled(one.path) for one in ENDPOINTS})
ELSEWHERE = [
    f"{PREFIX}/openapi.json",
    "/healthz",
    "/metrics",
    "/",
    "/nothing",
    f"{PREFIX}/nothing",
    "/assets/0/css/base.css",
    "/leads/",
]


@pytest.mark.parametrize("signed_in", [False, True])
def test_every_answer_has_the_headers(console, signed_in):
    cookies = {"watchfloor": console.token()} if signed_in else {}
    lacking = {}
    with httpx.Client(base_url=console.home, cookies=cookies, timeout=60) as visitor:
        for path in (*PATHS, *ELSEWHERE, console.services.assets.url("css/base.css")):
            for method in ("GET", "POST", "DELETE") if THOROUGH or path in ELSEWHERE else ("GET", "POST"):
                if method == "POST" and path.startswith("/sign-out"):
                    continue
                with visitor.stream(method, path) as answer:
                    if wrong := lacks(answer):
                        lacking[method, path] = wrong
    assert lacking == {}


def lacks(answer):
    """Which headers an answer lacks."""
    wrong = [name for name, value in HEADERS.items() if answer.headers.get(name) != value]
    policy = answer.headers.get("content-security-policy", "")
    parts = dict(part.split(" ", 1) for part in policy.split("; ") if " " in part)
    if "default-src 'none'" not in policy or "unsafe-inline" in parts.get("script-src", ""):
        wrong.append(f"policy {policy}")
    if any(one.startswith(("http", "*")) for part in parts.values() for one in part.split()):
        wrong.append(f"another host in {policy}")
    kept = answer.headers.get("cache-control")
    asset = answer.request.url.path.startswith("/assets/") and answer.status_code == 200
    if kept != ("public, max-age=31536000, immutable" if asset else "no-store"):
        wrong.append(f"cache-control {kept}")
    wrong += [name for name in ("server", "server-timing") if name in answer.headers]
    return wrong


def test_a_host_that_is_not_ours_gets_nothing(console):
    for host, status in (
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("LOCALHOST:1", 303),
        ("127.0.0.1:1@evil.example", 421),
        ("localhost:18765.evil.example", 421),
        ("", 421),
    ):
        answer = httpx.get(console.home, headers={"Host": host})
        assert answer.status_code == status
        assert lacks(answer) == []
    told = httpx.get(f"{console.home}{PREFIX}/session", headers={"Host": "evil.example"})
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["type"] == "urn:watchfloor:problem:other-name"


@pytest.mark.parametrize("hosts", [[], ["localhost", "evil.example"]], ids=["none", "two"])
def test_a_request_names_one_host(console, hosts):
    lines = [b"GET /sign-in HTTP/1.1", *(f"Host: {one}".encode() for one in hosts), b"Connection: close"]
    host, port = console.home.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as wire:
        wire.sendall(b"\r\n".join(lines) + b"\r\n\r\n")
        assert b" 400 " in wire.recv(1 << 16).split(b"\r\n")[0]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        *(("cell.example:8765", "cell.example"), ("Cell.Example.", "cell.example"), ("[::1]:80", "[::1]")),
        *(("[::1]", "[::1]"), ("localhost", "localhost"), ("::1", ""), ("a@localhost:1", "")),
        *(("127.0.0.1:1@evil.example", ""), ("localhost:18765.evil.example", ""), ("localhost:", "")),
        *(("localhost:1:2", ""), ("localhost:port", ""), ("localhost:１", ""), ("a b", ""), ("[::1]x", "")),
        *(("localhost/x", ""), ("localhost\n", ""), ("localhost:123456", ""), ("..", "")),
    ],
)
def test_the_name_in_a_host(host, name):
    assert name_of(host) == name


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({}, False),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost:8765"}, True),
        ({"origin": "http://localhost:8765"}, False),
        ({"origin": "http://LOCALHOST:8765"}, False),
        ({"origin": "http://localhost:3000"}, True),
        ({"origin": "http://localhost"}, True),
        ({"origin": "null"}, True),
        ({"origin": ""}, True),
    ],
    ids=str,
)
def test_what_another_sites_page_sends_is_known(headers, elsewhere):
    assert from_elsewhere(Headers({"host": "localhost:8765", **headers})) is elsewhere


def run(going):
    """Run a coroutine in a thread of its own: the one of the tests has the browser's loop."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, going).result(30)


async def passed(listening, **request):
    """Whether the guard passes a request on, and the status that it answers with itself."""
    sent, went = [], []

    async def app(scope, receive, send):
        went.append(scope)

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "scheme": "http", "client": ("10.0.0.9", 1)}
    headers = [(b"host", b"localhost"), *request.pop("headers", [])]
    await Guard(app, listening)(scope | {"headers": headers} | request, receive, send)
    return bool(went), sent[0].get("status", sent[0].get("code")) if sent else None


def test_a_socket_that_another_sites_page_opens_is_closed():
    there = [(b"origin", b"https://evil.example")]
    here = [(b"origin", b"http://localhost")]
    opened = {"type": "websocket", "scheme": "ws"}
    assert run(passed(Listening(), headers=there, **opened)) == (False, 1008)
    assert run(passed(Listening(), headers=here, **opened)) == (True, None)


def test_behind_a_proxy_only_what_came_to_it_by_tls_is_answered():
    listening = Listening(tls=True, proxied=True)
    assert run(passed(listening)) == (False, 403)
    assert run(passed(listening, scheme="https")) == (True, None)


def test_under_tls_no_other_host_can_set_the_cookie():
    assert cookie_of(Listening(tls=True)) == "__Host-watchfloor"
    assert cookie_of(Listening()) == "watchfloor"


def test_an_address_that_asks_for_too_much_is_held_then_refused_and_others_are_not(monkeypatch):
    held, sent = [], []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def send(message):
        sent.append(message)

    async def sleep(seconds):
        held.append(seconds)

    monkeypatch.setattr(guards, "asyncio", SimpleNamespace(sleep=sleep))

    async def flood():
        guard = Guard(app, Listening())
        guard._rate = Rate(4, 2, Clock())
        for client in (*(f"2001:db8::{n}" for n in range(8)), "2001:db8:0:1::1"):
            scope = {"type": "http", "method": "GET", "path": "/api/v1/x", "scheme": "http"}
            scope |= {"headers": [(b"host", b"localhost")], "client": (client, 1)}
            await guard(scope, None, send)

    run(flood())
    answers = [one for one in sent if one["type"] == "http.response.start"]
    assert [one["status"] for one in answers] == [204] * 6 + [429, 429, 204]
    assert held == [0.5, 1.0]  # 1.5 s were too long
    refused = dict(answers[6]["headers"])
    assert refused[b"content-type"] == b"application/problem+json"
    assert int(refused[b"retry-after"]) >= 1


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/assets/{digest}/../../accounts.py",
            "/assets/{digest}/%2e%2e/%2e%2e/guard.py",
            "/assets/{digest}/",
        ),
        *("/assets/{digest}//etc/passwd", "/assets/{digest}/..%2f..%2fguard.py", "/assets//css/base.css"),
        *("/assets/{digest}/css/base.css%00", "/assets/../css/base.css", "/assets/{digest}/css\\base.css"),
    ],
)
def test_assets_are_those_of_the_list_and_no_files(console, path):
    host, port = console.home.removeprefix("http://").split(":")
    line = f"GET {path.format(digest=console.services.assets.digest)} HTTP/1.1\r\n"
    with socket.create_connection((host, int(port))) as wire:
        wire.sendall(f"{line}Host: localhost\r\nConnection: close\r\n\r\n".encode())
        assert b" 404 " in wire.recv(1 << 16).split(b"\r\n")[0]


def test_a_page_tells_by_which_methods_it_may_be_asked(console):
    answer = httpx.put(f"{console.home}/purpose")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert "text/html" in answer.headers["content-type"]


@given(st.text(), st.text())
def test_two_secrets_are_one_only_where_they_are_equal(one, other):
    same_bytes = one.encode("utf-8", "replace") == other.encode("utf-8", "replace")
    assert same(one, other) is (bool(one) and same_bytes)
    assert same(one, one) is bool(one)


def test_no_token_is_no_token_that_fits():
    assert not same("", "")


# --- rates


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@settings(deadline=None)
@given(
    st.integers(1, 6),
    st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 5), st.none() | st.floats(0, 8)), max_size=60),
)
def test_a_rate_is_a_bucket_of_tries(tries, steps):
    """Held against the bucket itself: so many tries, filled evenly, each key by itself; some in advance."""
    clock, span = Clock(), 10.0
    rate = Rate(tries, span, clock)
    buckets = {key: SimpleNamespace(left=float(tries), at=clock.now) for key in "ab"}
    for key, passing, most in steps:
        clock.now += passing
        bucket = buckets[key]
        bucket.left = min(tries, bucket.left + (clock.now - bucket.at) * tries / span)
        bucket.at = clock.now
        if abs(bucket.left - 1) < 1e-6:
            return  # by a rounding on either side
        need = max(0.0, (1 - bucket.left) * span / tries)
        if most is None:
            wait = rate.spend(key)
            assert (wait == 0.0) is (bucket.left >= 1)
            done = wait == 0.0
        elif abs(need - most) < 1e-6:
            return
        else:
            wait = rate.reserve(key, most)
            done = wait is not None
            assert done is (need < most)
        if done:
            bucket.left -= 1
        if wait is not None:
            assert wait == pytest.approx(need, abs=1e-6)


def test_a_rate_forgets_who_made_up_names_and_not_who_has_to_wait():
    clock = Clock()
    rate = Rate(5, 900, clock, keys=100)
    for _ in range(5):
        rate.spend("victim")
    for n in range(10_000):
        rate.spend(f"made up {n}")
    assert len(rate) <= 100
    assert rate.spend("victim") > 0


def test_a_try_that_is_given_back_was_none():
    clock = Clock()
    rate = Rate(2, 10, clock)
    for _ in range(20):
        assert rate.spend("a") == 0
        rate.give_back("a")
    rate.spend("a")
    rate.spend("a")
    assert rate.wait("a") > 0
    rate.forgive("a")
    assert rate.wait("a") == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        *(
            ("10.0.0.1", "10.0.0.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("fe80::1%eth0", "fe80::/64"),
        ),
        *(("::ffff:10.0.0.1", "10.0.0.1"), ("unknown", "unknown"), ("x" * 900, "x" * 64), ("", "")),
    ],
)
def test_what_of_an_address_one_person_has(address, network):
    assert network_of(address) == network


def test_the_length_of_a_packed_page_tells_little_of_what_is_in_it():
    """A page that another site opened asks for itself again with the query that the site chose."""
    content = b"<!doctype html>" * 200
    made = [gzip_of(content) for _ in range(60)]
    assert len({len(one) for one in made}) > 10
    assert {gzip.decompress(one) for one in made} == {content}


def test_a_page_is_packed_for_us_and_not_where_another_site_may_have_chosen_what_is_in_it(console):
    """Lengths on the wire would tell that site what else is in the page (the BREACH attack)."""
    cookie = {"watchfloor": console.token()}
    told = {}
    with httpx.Client(base_url=console.home, cookies=cookie, timeout=60) as browser:
        for site in ("same-origin", "none", "same-site", "cross-site", ""):
            headers = {"sec-fetch-site": site} if site else {}
            answer = browser.get("/help", headers=headers)
            told[site] = answer.headers.get("content-encoding")
            assert int(answer.headers["content-length"]) == answer.num_bytes_downloaded
            assert "Sec-Fetch-Site" in answer.headers["vary"]
            assert answer.text.startswith("<!doctype html>")
        plain = browser.get("/help", headers={"accept-encoding": "identity", "sec-fetch-site": "same-origin"})
        assert "content-encoding" not in plain.headers
    assert told == {"same-origin": "gzip", "none": "gzip", "same-site": None, "cross-site": None, "": None}
