"""Pulling from servers of others: those that page by tokens, by date, badly, or not at all."""

import json
import threading
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.exchange.nodes import READER, WHO
from tests.exchange.taxii.served import MEDIA, made, partner, serving, shelve, stix

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.taxii import client
from watchfloor.exchange.taxii.client import Place, Pull, Remote, checked, keep, place_of

DAY = "2026-02-01T00:00:{:02d}.000000Z"
PATH = "/taxii2/root/collections/c/"


class Peer:
    """A server of 100 objects: 30 with dates of their own, 50 of one date, 20 with dates of their own."""

    def __init__(self, **how):
        self.how = {"cap": 10, "token": None, "inclusive": False, "headers": True, "circle": False} | how
        self.asked, self.broken = [], 0
        dates = (
            [DAY.format(n) for n in range(30)]
            + [DAY.format(30)] * 50
            + [DAY.format(n) for n in range(31, 51)]
        )
        self.rows = list(zip(dates, map(stix, range(100)), strict=True))

    def answer(self, path, headers):
        """Return status, body and headers."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        self.asked.append(query)
        if self.how.get("cut") and len(self.asked) % 2:
            self.broken += 1
            return None
        if self.how.get("busy") and len(self.asked) % 2:
            return 429, {"title": "slowly"}, {"Retry-After": "1"}
        if (key := self.how.get("key")) and headers.get("Authorization") != key:
            return 401, {"title": "who are you"}, {}
        if "/collections/c/" not in path:
            return self.resource(urlsplit(path).path)
        after, limit = query.get("added_after", ""), min(int(query.get("limit", 1_000)), self.how["cap"])
        start = 0
        if token := query.get("next"):
            if self.how.get("forget") or not token.startswith("t"):
                return 400, {"title": "no such page"}, {}
            start = int(token[1:])
        rows = [row for row in self.rows if row[0] > after or (self.how["inclusive"] and row[0] == after)]
        if self.how["circle"]:
            rows = self.rows[:10] * 10
        page = rows[start : start + limit]
        more = start + limit < len(rows)
        body = {"more": more, "objects": [one for _, one in page]}
        if self.how["token"] and more:
            body["next"] = f"t{start + limit}" if self.how["token"] == "place" else "t0"
        dates = {"X-TAXII-Date-Added-Last": page[-1][0]} if page and self.how["headers"] else {}
        return 200, body, dates

    def resource(self, path):
        """Return discovery, API root or collections."""
        root = self.how.get("root", "/taxii2/root/")
        found = {
            "/taxii2/": {"title": "x", "default": root, "api_roots": [root]},
            "/taxii2/root/": {"title": "x", "versions": [MEDIA], "max_content_length": 1},
            "/taxii2/root/collections/": {"collections": self.how.get("collections", ONE)},
            "/moved/": None,
        }.get(path, "none")
        if found is None:
            return 302, {}, {"Location": "/taxii2/"}
        return (404, {}, {}) if found == "none" else (200, found, {})


ONE = [{"id": "c", "title": "the one", "can_read": True}, {"id": "w", "title": "inbox", "can_read": False}]


@contextmanager
def running(peer):
    """Serve a peer; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: the second would wait for the first's receipt

        def do_GET(self):
            found = peer.answer(self.path, self.headers)
            if found is None:  # cut off in the middle
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
                self.wfile.flush()
                self.close_connection = True
                return
            status, body, headers = found
            data = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": MEDIA, "Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
            self.wfile.flush()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def pulled(address, place=None, **how):
    """Ids that came, how many came again, where to go on, and the refusal that ended it."""
    remote = Remote(f"{address}{PATH}", wait=lambda _: None)
    pull = Pull(remote, place or Place(remote.collection()), **how)
    got, repeated, at, why = [], 0, pull.place, ""
    try:
        for part in pull.parts():
            got += [json.loads(one)["id"] for one in part.objects]
            repeated, at = repeated + part.repeated, part.place
    except Refusal as error:
        why = error.reason.message
    return got, repeated, at, why


ALL = [stix(number)["id"] for number in range(100)]
WHOLE = {
    "by tokens": {"token": "place"},
    "by tokens, three objects a page": {"token": "place", "cap": 3},
    "by tokens, without dates": {"token": "place", "headers": False},
    "by date, as many as of one date": {"cap": 60},
    "by date, inclusive": {"cap": 60, "inclusive": True},
    "all at once": {"cap": 1_000},
    "by tokens, cut off each time": {"token": "place", "cut": True},
    "by date, cut off each time": {"cap": 60, "cut": True},
    "by tokens, busy each time": {"token": "place", "busy": True},
}


@pytest.mark.parametrize("name", WHOLE)
def test_each_object_comes_once(name):
    peer = Peer(**WHOLE[name])
    with running(peer) as address:
        got, _, place, why = pulled(address, limit=20 if "date" in name else 5_000)
    assert (sorted(got), why) == (sorted(ALL), "")
    assert (place.collection, place.token) == (f"{address}{PATH}", "")
    assert place.after == (DAY.format(50) if peer.how["headers"] else "")
    assert (peer.broken > 0) == ("cut" in peer.how)


STOPS = {
    "one date that many have, and short pages": ({"cap": 20}, "taxii.pull-one-date", 50),
    "the same page for ever": ({"circle": True, "cap": 10, "token": "same"}, "taxii.pull-circle", 10),
    "the same token for ever": ({"token": "same"}, "taxii.pull-circle", 10),
    "neither tokens nor dates": ({"headers": False}, "taxii.pull-no-place", 0),
    "the same page by date": ({"circle": True, "cap": 10}, "taxii.pull-one-date", 10),
}


@pytest.mark.parametrize("name", STOPS)
def test_a_server_that_cannot_be_paged_is_told_of_and_what_came_is_kept(name):
    how, code, most = STOPS[name]
    with running(Peer(**how)) as address:
        got, _, place, why = pulled(address)
    assert why == code
    assert len(got) == len(set(got)) <= most
    assert len(got) >= most - 10
    assert place.after <= DAY.format(30)


def test_a_pull_goes_on_where_the_last_ended():
    peer = Peer(token="place")
    with running(peer) as address:
        _, _, place, _ = pulled(address)
        assert pulled(address, place)[:2] == ([], 1)  # the last comes again: others may have its date
        late = (DAY.format(50), stix(100))
        peer.rows += [late, (DAY.format(55), stix(101))]
        got = pulled(address, place)[0]
        assert got == [stix(100)["id"], stix(101)["id"]]


def test_a_token_that_is_not_good_any_more_is_left_for_the_date():
    peer = Peer(token="place", cap=20)
    with running(peer) as address:
        url = f"{address}{PATH}"
        assert len(pulled(address, Place(url, DAY.format(19), "t20"))[0]) == 80
        peer.how["forget"] = True
        got, _, _, why = pulled(address, Place(url, DAY.format(19), "t20"), limit=1_000)
        assert (got[0], why) == (ALL[19], "taxii.pull-refused")
        peer.how |= {"token": None, "cap": 200}
        assert sorted(pulled(address, Place(url, DAY.format(19), "t20"))[0]) == ALL[19:]


def test_a_collection_is_found_from_the_discovery_on():
    peer = Peer()
    with running(peer) as address:
        for path in ("/taxii2/", "/taxii2", "/taxii2/root/", PATH, f"{PATH}objects/"):
            assert Remote(f"{address}{path}").collection() == f"{address}{PATH}"
        assert Remote(f"{address}/taxii2/").collection("the one") == f"{address}{PATH}"
        for wanted, ones in (("inbox", ONE), ("", []), ("", [ONE[0], ONE[0] | {"id": "d"}])):
            peer.how["collections"] = ones
            with pytest.raises(Refusal) as refused:
                Remote(f"{address}/taxii2/").collection(wanted)
            assert refused.value.reason.message == "taxii.pull-which"
        for root in ("https://evil.example/root/", "//evil.example/root/"):
            peer.how["root"] = root
            with pytest.raises(Refusal) as refused:
                Remote(f"{address}/taxii2/").collection()
            assert refused.value.reason.message == "taxii.pull-elsewhere"
        with pytest.raises(Refusal) as refused:
            Remote(f"{address}/moved/").collection()
        assert refused.value.reason.message == "taxii.pull-moved"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://taxii.example/taxii2/", "taxii.pull-clear"),
        ("http://10.0.0.1/taxii2/", "taxii.pull-clear"),
        ("http://localhost.example/", "taxii.pull-clear"),
        ("ftp://taxii.example/", "taxii.pull-no-address"),
        ("https://name:key@taxii.example/", "taxii.pull-no-address"),
        ("https:///nothing", "taxii.pull-no-address"),
    ],
)
def test_addresses_that_are_refused(url, code):
    with pytest.raises(Refusal) as refused:
        checked(url)
    assert refused.value.reason.message == code
    assert "key@" not in str(refused.value)


def test_a_key_goes_as_basic_or_bearer():
    for name, sent in (("cell", "Basic Y2VsbDprZXk="), ("", "Bearer key")):
        with running(Peer(key=sent, cap=1_000)) as address:
            remote = Remote(f"{address}{PATH}", name, "key", lambda _: None)
            assert len(remote.page(remote.collection())[0].objects) == 100
            with pytest.raises(Refusal) as refused:
                Remote(f"{address}{PATH}", name, "other").page(remote.url)
            assert refused.value.reason.params["told"] == "who are you"


def test_from_one_floor_onto_another_nothing_is_lost_or_counted_twice(tmp_path, monkeypatch):
    """Interrupted after each part, as by somebody who pulls the plug, and gone on with."""
    from watchfloor.feeds.config import Feeds
    from watchfloor.feeds.intake import Orders, Turns, ingest_each
    from watchfloor.feeds.walk import in_memory

    theirs, ours = made(tmp_path, "theirs"), made(tmp_path, "ours")
    who, key = partner(theirs, "police-a")
    shelve(theirs, who, map(stix, range(250)))
    monkeypatch.setattr(client, "OBJECTS", 60)
    sums = [0, 0]
    with serving(theirs) as (address, taxii):
        remote = Remote(f"{address}/", who.name, key)
        url = remote.collection()
        for _ in range(9):
            pull = Pull(remote, place_of(ours, "partner", url), 50)
            part = next(pull.parts(), None)
            if part is None:
                break
            with Turns(partial(ours.writer, WHO, 1.0)) as turns:
                items = [in_memory("pull", "envelope.json", part.envelope)]
                for one in ingest_each(turns, items, Feeds(), Orders("partner", "stix")):
                    sums = [sums[0] + one.account.accepted, sums[1] + one.account.duplicate]
            keep(ours, "partner", part.place)
        assert taxii.deliveries.delivered(who.shelf, ALL).objects == 100
    assert sums[0] == 250
    rows = ours.read("intelligence-object", READER, columns=["object_id", "source"]).to_pylist()
    assert len({one["object_id"] for one in rows}) == len(rows) == 250
    assert {one["source"] for one in rows} == {"partner"}
    assert (ours.root / "pulls.json").stat().st_mode & 0o077 == 0


def test_a_page_that_is_not_what_was_sent_is_refused(tmp_path, monkeypatch):
    floor = made(tmp_path)
    who, key = partner(floor, "police-a")
    shelve(floor, who, map(stix, range(5)))
    with serving(floor) as (address, _):
        remote = Remote(f"{address}/", who.name, key)
        url = remote.collection()
        assert len(remote.page(url)[0].objects) == 5
        monkeypatch.setattr(client, "_digest", lambda objects: "5 00")
        with pytest.raises(Refusal) as refused:
            remote.page(url)
    assert refused.value.reason.message == "taxii.pull-other-page"
