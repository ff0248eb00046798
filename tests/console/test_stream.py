"""The stream, as a program hears it."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
from tests.console.served import AUTHORITY, PURPOSE, served

from watchfloor.casework.watch import repository
from watchfloor.casework.watch.repository import About, Post
from watchfloor.console.live import stream
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

POLICY = """
[purposes.tests]
en = "tests"
fr = "essais"
[purposes.other]
en = "other"
fr = "autre"
[readers.okafor]
protected = "{okafor}"
[readers.tremblay]
protected = "PB"
"""


@pytest.fixture
def console(tmp_path, monkeypatch):
    """A console on an empty floor, whose stream beats fast."""
    monkeypatch.setattr(stream, "BEAT", 0.2)
    monkeypatch.setattr(stream, "CHECK", 0.05)
    floor = Floor.create(tmp_path / "floor", Actor("tremblay", PURPOSE, AUTHORITY), ceiling="PB//TLP:RED")
    name(floor, okafor="PB")
    with served(floor) as one:
        yield one


def name(floor, okafor):
    (floor.root / "policy.toml").write_text(POLICY.format(okafor=okafor), encoding="utf-8")


def write(console, text, marking="PA//TLP:AMBER", what=repository.note):
    floor = console.floor
    with floor.writer(Actor("tremblay", PURPOSE, AUTHORITY)) as writer:
        post = Post(floor, floor.reader("tremblay", PURPOSE), writer)
        return what(post, text, About(None, marking)).row["entry"]


class Heard:
    """A stream that is open: `next` gives an event, `until` the first of a kind."""

    def __init__(self, answer):
        self._lines, self.beats = answer.iter_lines(), 0

    def next(self):
        said = {}
        for line in self._lines:
            field, _, value = line.partition(": ")
            if field:
                said[field] = json.loads(value) if field == "data" else value
            elif "event" in said:
                return said
        return None

    def until(self, *kinds):
        while (said := self.next()) is not None:
            if said["event"] in kinds:
                return said
        raise AssertionError(f"the stream ended without {kinds}")

    def rest(self):
        """What comes, without beats, until it ends."""
        return [said for said in iter(self.next, None) if said["event"] != "beat"]


@contextmanager
def listening(console, token, **how):
    headers = {"Authorization": f"Bearer {token}"} | how.pop("headers", {})
    url = f"{console.home}/api/v1/stream"
    with httpx.Client(timeout=20) as client, client.stream("GET", url, headers=headers, **how) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Heard(answer)


def test_who_names_nothing_gets_a_snapshot_and_then_what_comes(console):
    token = console.token()
    with listening(console, token) as heard:
        first = heard.until("snapshot")
        assert first["data"]["fresh"] is True
        assert first["data"]["last"]["alerts"] == {"open": 0, "late": 0, "alerts": [], "nobody": True}
        entry = write(console, "one")
        said = heard.until("watch")
        assert said["data"] == {"ids": [entry], "count": 1}
        run, _, number = said["id"].rpartition("-")
        assert first["id"] == f"{run}-{int(number) - 1}"


def test_who_comes_back_gets_exactly_what_was_missed(console):
    token = console.token()
    with listening(console, token) as heard:
        last = heard.until("snapshot")["id"]
    entries = [write(console, text) for text in ("one", "two")]
    alert = write(console, "three", what=repository.alert)
    with listening(console, token, headers={"Last-Event-ID": last}) as heard:
        found = []
        while not found or found[-1]["event"] != "alerts":
            found.append(heard.until("snapshot", "watch", "alerts"))
    assert {id_ for one in found if one["event"] == "watch" for id_ in one["data"]["ids"]} == {
        *entries,
        alert,
    }
    run, number = last.rpartition("-")[0], int(last.rpartition("-")[2])
    assert [one["id"] for one in found] == [f"{run}-{number + n + 1}" for n in range(len(found))]
    with listening(console, token, params={"after": found[-2]["id"]}) as heard:
        assert heard.until("snapshot", "watch", "alerts") == found[-1]


@pytest.mark.parametrize("last", ["0123456789ab-7", "nonsense", "{run}-999"])
def test_a_number_of_another_run_is_told_to_begin_anew(console, last):
    token = console.token()
    with listening(console, token) as heard:
        run = heard.until("snapshot")["id"].rpartition("-")[0]
    with listening(console, token, params={"after": last.format(run=run)}) as heard:
        assert heard.until("snapshot", "watch")["data"]["fresh"] is True


def test_nothing_hidden_is_heard_and_numbers_do_not_tell_of_it(console):
    name(console.floor, okafor="PA")
    with listening(console, console.token()) as low, listening(console, console.token("tremblay")) as high:
        last = low.until("snapshot")["id"]
        write(console, "hidden", marking="PB//TLP:AMBER")
        high.until("watch")
        entry = write(console, "open")
        said = low.until("watch")
        assert said["data"] == {"ids": [entry], "count": 1}
        assert int(said["id"].rpartition("-")[2]) == int(last.rpartition("-")[2]) + 1


@pytest.mark.parametrize("way", ["signed out", "closed account", "no purpose", "not in the policy"])
def test_the_end_of_a_session_ends_its_stream(console, way):
    token = console.token()
    with listening(console, token) as heard:
        heard.until("snapshot")
        key = console.session(token).key
        if way == "signed out":
            console.services.sessions.end(key)
        elif way == "closed account":
            console.services.file.database.execute("UPDATE accounts SET disabled = 1 WHERE name = 'okafor'")
        elif way == "no purpose":
            console.services.sessions.state(key, "", "")
        else:
            (console.floor.root / "policy.toml").write_text('[readers.tremblay]\nprotected = "PB"\n')
        write(console, "after the end")
        assert [(one["event"], one["data"]) for one in heard.rest()] == [("end", {"why": "session"})]


def test_a_reader_whom_the_policy_gives_another_clearance_begins_anew(console):
    token = console.token()
    with listening(console, token) as heard:
        before = heard.until("snapshot")["id"].rpartition("-")[0]
        name(console.floor, okafor="PA")
        said = heard.until("snapshot")
        assert said["data"]["fresh"] is True
        assert said["id"].rpartition("-")[0] != before
        write(console, "hidden", marking="PB//TLP:AMBER")
        entry = write(console, "open")
        assert heard.until("watch")["data"]["ids"] == [entry]


def test_a_purpose_that_is_stated_anew_counts_at_once(console):
    token = console.token()
    with listening(console, token) as heard:
        heard.until("snapshot")
        console.services.sessions.state(console.session(token).key, "other", AUTHORITY)
        assert heard.until("snapshot")["data"]["fresh"] is True


def test_a_session_has_so_many_streams_and_one_that_left_is_not_counted(console, monkeypatch):
    monkeypatch.setattr(stream, "MOST", 1)
    token = console.token()
    url, headers = f"{console.home}/api/v1/stream", {"Authorization": f"Bearer {token}"}
    with listening(console, token) as heard:
        heard.until("snapshot")
        said = httpx.get(url, headers=headers)
        assert (said.status_code, said.json()["type"]) == (429, "urn:watchfloor:problem:too-many")
        assert said.headers["retry-after"]
    for _ in range(200):
        with httpx.stream("GET", url, headers=headers) as answer:
            if answer.status_code == 200:
                return
    raise AssertionError("the stream that was left is still counted")


@pytest.mark.parametrize(("token", "status"), [("", 401), ("wrong", 401), ("unstated", 403)])
def test_nobody_hears_without_a_session_and_a_purpose(console, token, status):
    token = console.token(purpose="") if token == "unstated" else token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    said = httpx.get(f"{console.home}/api/v1/stream", headers=headers)
    assert said.status_code == status
    assert said.headers["content-type"].startswith("application/problem+json")


def test_a_head_request_does_not_wait_for_news(console):
    said = httpx.head(f"{console.home}/api/v1/stream", headers={"Authorization": f"Bearer {console.token()}"})
    assert said.status_code == 200


def test_the_head_tells_a_page_that_slept_what_it_missed(console, client):
    okafor = client(console)
    first = okafor.get("/api/v1/stream/head").json()
    assert (first["fresh"], first["events"]) == (True, [])
    entry = write(console, "one")
    with listening(console, console.token(), params={"after": first["id"]}) as heard:
        heard.until("watch")
    then = okafor.get("/api/v1/stream/head", params={"after": first["id"]}).json()
    assert then["fresh"] is False
    assert [(one["what"], one["said"]) for one in then["events"]] == [("watch", {"ids": [entry], "count": 1})]
    assert then["id"] == then["events"][-1]["id"]
    assert datetime.fromisoformat(then["now"]) <= datetime.now(UTC)


def test_a_console_that_stops_ends_its_streams_first(tmp_path):
    floor = Floor.create(tmp_path / "floor", Actor("tremblay", PURPOSE, AUTHORITY), ceiling="PB//TLP:RED")
    heard, opened = [], threading.Event()

    def hear(console, token):
        with listening(console, token) as one:
            one.until("snapshot")
            opened.set()
            heard.extend(one.rest())

    with served(floor) as console:
        listener = threading.Thread(target=hear, args=(console, console.token()))
        listener.start()
        assert opened.wait(10)
    listener.join(10)
    assert [(one["event"], one["data"]) for one in heard] == [("end", {"why": "stopping"})]


def test_a_client_that_reads_nothing_is_let_go_of_and_nothing_is_held_for_it(console, monkeypatch):
    monkeypatch.setattr(stream, "STALLED", 0.05)
    streams = stream.Streams(console.services)
    token = console.token()
    sent = []

    async def send(message):
        sent.append(message)
        if len(sent) > 2:
            await asyncio.Event().wait()

    async def receive():
        await asyncio.Event().wait()

    async def hear():
        session, channel = streams.who(token)
        one = stream._Stream(streams, token, session.key, channel, "")
        await one({}, receive, send)
        return streams._running[session.key]

    for _ in range(30):
        console.services.events.publish(streams.who(token)[1], "queue", {"much": "x" * 1000})
    with ThreadPoolExecutor(1) as apart:  # a browser's own loop may run in this thread
        assert apart.submit(asyncio.run, hear()).result() == 0
    assert len(sent) == 3
