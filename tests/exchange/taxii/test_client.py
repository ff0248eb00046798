"""Clients of TAXII over a socket: an unmodified one, and those that read the standard in their own ways."""

import json
import socket
from collections import Counter
from datetime import timedelta

import httpx
import pytest
from taxii2client.v21 import ApiRoot, Collection, Server, as_pages
from tests.exchange.nodes import WHO
from tests.exchange.taxii.served import basic, made, partner, serving, shelve, stix

from watchfloor.exchange.partners import partner as partners
from watchfloor.exchange.shelf import Shelf, micros, moment_of

MANY = 10_000


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """A floor whose partner may pull 10,000 objects that were disclosed in one moment."""
    floor = made(tmp_path_factory.mktemp("taxii"))
    who, key = partner(floor, "police-a")
    shelve(floor, who, map(stix, range(MANY)))
    with serving(floor) as (address, taxii):
        yield floor, who, key, address, taxii


@pytest.fixture
def ask(full):
    """A client that asks for objects: `ask(limit=…, added_after=…)` gives the envelope and the headers."""
    _, who, key, address, _ = full
    with httpx.Client(headers=basic(who.name, key), timeout=30) as client:

        def asked(**parameters):
            answer = client.get(f"{address}/partners/collections/shared/objects/", params=parameters)
            assert answer.status_code == 200, answer.text
            return answer.json(), answer.headers

        yield asked


def ids(envelopes):
    """How often each object came."""
    return Counter(one["id"] for envelope in envelopes for one in envelope.get("objects", ()))


EACH_ONCE = Counter(stix(number)["id"] for number in range(MANY))


def test_taxii2_client_finds_and_pulls_everything_once(full):
    _, who, key, address, _ = full
    server = Server(f"{address}/", user=who.name, password=key)
    assert (server.title, server.default.url) == ("cell", f"{address}/partners/")
    collections = server.api_roots[0].collections
    assert [(one.can_read, one.can_write, one.title) for one in collections] == [
        (True, False, "What was disclosed to you")
    ]
    assert ids(as_pages(collections[0].get_objects, per_request=1_000)) == EACH_ONCE
    manifests = as_pages(collections[0].get_manifest, per_request=3_333)
    assert ids(manifests) == EACH_ONCE
    one = stix(4_711)["id"]
    assert collections[0].get_object(one)["objects"] == [stix(4_711)]
    assert collections[0].object_versions(one)["versions"] == ["2026-01-01T00:00:00.000Z"]
    assert ApiRoot(f"{address}/partners/", user=who.name, password=key).max_content_length == 16 << 20
    for each in (server, collections[0]):
        each.close()


@pytest.mark.parametrize("per_request", [7_000, 10_000, 20_000, 0])
def test_taxii2_client_pulls_by_any_size_of_page(full, per_request):
    _, who, key, address, _ = full
    url = f"{address}/partners/collections/shared/"
    id_ = httpx.get(url, headers=basic(who.name, key)).json()["id"]
    with Collection(url.replace("shared", id_), user=who.name, password=key) as collection:
        assert ids(as_pages(collection.get_objects, per_request=per_request)) == EACH_ONCE


def test_a_connection_that_is_cut_at_every_page_loses_nothing(full):
    """Each page is cut off once in the middle, and asked for again by a new connection."""
    _, who, key, address, _ = full
    host, _, port = address.removeprefix("http://").removesuffix("/taxii2").partition(":")
    got, after, cuts = [], "", 0
    with httpx.Client(headers=basic(who.name, key), timeout=30) as client:
        while True:
            query = f"limit=500{f'&next={after}' if after else ''}"
            with socket.create_connection((host, int(port))) as cut:
                head = "".join(f"{name}: {value}\r\n" for name, value in basic(who.name, key).items())
                path = f"/taxii2/partners/collections/shared/objects/?{query}"
                cut.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{head}\r\n".encode())
                cuts += len(cut.recv(2_000)) > 0
            envelope = client.get(f"{address}/partners/collections/shared/objects/?{query}").json()
            got.append(envelope)
            if not envelope["more"]:
                break
            after = envelope["next"]
    assert (ids(got), cuts) == (EACH_ONCE, 20)


def later(text, **how):
    """A timestamp, so much later."""
    return moment_of(micros(text) + timedelta(**how) // timedelta(microseconds=1))


CLIENTS = {
    "as it stands": lambda last: last,
    "a microsecond later, since it holds it to be inclusive": lambda last: later(last, microseconds=1),
    "a millisecond later": lambda last: later(last, milliseconds=1),
    "cut to milliseconds": lambda last: f"{last[:23]}Z",
    "without needless digits": lambda last: f"{last[:19]}.{last[20:-1].rstrip('0') or '0'}Z",
}


@pytest.mark.parametrize("how", CLIENTS)
def test_clients_that_page_by_time_get_each_object_once(ask, how):
    got, after = [], {}
    for _ in range(MANY):
        envelope, headers = ask(limit=999, **after)
        got.append(envelope)
        if "objects" not in envelope:
            break
        after = {"added_after": CLIENTS[how](headers["x-taxii-date-added-last"])}
    assert (ids(got), len(got)) == (EACH_ONCE, 12)


def test_a_client_that_takes_the_last_date_as_inclusive_and_drops_what_it_has_ends(ask):
    """It goes back by a moment each time, as one does who fears that others have the same date."""
    got, after, seen = [], {}, set()
    for _ in range(MANY):
        envelope, headers = ask(limit=999, **after)
        fresh = [one for one in envelope.get("objects", ()) if one["id"] not in seen]
        got.append({"objects": fresh})
        seen |= {one["id"] for one in fresh}
        if not fresh:
            break
        after = {"added_after": later(headers["x-taxii-date-added-last"], microseconds=-1)}
    assert (ids(got), len(got)) == (EACH_ONCE, 12)


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_a_client_by_its_own_clock_loses_nothing(tmp_path, hours):
    """It remembers when it asked by a clock that is an hour off, and asks each time for what came since."""
    floor = made(tmp_path)
    who, key = partner(floor, "police-a")
    got, since, count = Counter(), {}, 0
    with serving(floor) as (address, _), httpx.Client(headers=basic(who.name, key)) as client:
        for turn in range(5):
            asked = floor.now() + timedelta(hours=hours)
            url, more, token = f"{address}/partners/collections/shared/objects/", True, {}
            while more:
                envelope = client.get(url, params={"limit": 10, **since, **token}).json()
                got += ids([envelope])
                more, token = envelope.get("more"), {"next": envelope.get("next")}
            since = {"added_after": asked.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
            if turn < 4:
                shelve(floor, who, (stix(n) for n in range(count, count + 25)), f"{turn}")
                count += 25
    assert set(got) == {stix(n)["id"] for n in range(count)}
    assert max(got.values()) == 1 or hours < 1  # what is dated ahead comes again until then


def test_a_token_is_good_for_its_partner_collection_and_filters_alone(full, tmp_path):
    floor, who, key, address, _ = full
    other, other_key = partner(floor, "police-b")
    shelve(floor, other, map(stix, range(20)))
    gone, gone_key = partner(floor, "police-c")
    shelve(floor, gone, map(stix, range(20)))
    url = f"{address}/partners/collections/shared/objects/"

    def token(name, of_key, **how):
        return httpx.get(url, headers=basic(name, of_key), params={"limit": 10, **how}).json()["next"]

    def status(text, name=who.name, of_key=key, **how):
        answer = httpx.get(url, headers=basic(name, of_key), params={"limit": 10, "next": text, **how})
        return answer.status_code, answer.json().get("error_code")

    mine, theirs = token(who.name, key), token(other.name, other_key)
    of_gone = token(gone.name, gone_key)
    partners.remove(floor, WHO, gone.name, "the trial is over")
    bad = (400, "taxii.bad-next")
    assert status(mine) == (200, None)
    assert status(mine, limit=3) == (200, None)
    assert status(mine, added_after="2030-01-01T00:00:00Z") == (200, None)  # the token says where it goes on
    assert status(theirs) == bad
    assert status(mine, other.name, other_key) == bad
    assert status(of_gone) == bad
    assert status(of_gone, gone.name, gone_key) == (401, "taxii.no-key")
    assert status(mine, **{"match[type]": "note"}) == bad
    assert status(token(who.name, key, **{"match[type]": "indicator"})) == bad
    one = f"{stix(3)['id']}"
    versions = httpx.get(f"{url}{one}/", headers=basic(who.name, key), params={"next": mine})
    assert (versions.status_code, versions.json()["error_code"]) == bad
    for forged in ("", "x", mine[:-1], mine[1:], f"B{mine[1:]}", f"{mine[:-2]}zz", mine * 2, "é", "0" * 32):
        assert status(forged) == bad, forged
    flipped = {f"{mine[:n]}{'B' if mine[n] == 'A' else 'A'}{mine[n + 1 :]}" for n in range(len(mine) - 1)}
    assert {status(one) for one in flipped} == {bad}


def test_what_is_withdrawn_and_added_between_pages(tmp_path):
    floor = made(tmp_path)
    who, key = partner(floor, "police-a")
    shelve(floor, who, map(stix, range(100)))
    with serving(floor) as (address, taxii), httpx.Client(headers=basic(who.name, key)) as client:
        url, got, token, gone = f"{address}/partners/collections/shared/objects/", [], {}, set()
        for turn in range(20):
            envelope = client.get(url, params={"limit": 10, **token}).json()
            got.append(envelope)
            with Shelf.open(floor, who.shelf) as shelf:
                shelf.withdraw([("a", lost := stix(10 * turn + 15)["id"])])
            if lost not in ids(got):
                gone.add(lost)
            if turn < 5:
                fresh = [stix(1_000 + turn), stix(turn, version="2026-02-01T00:00:00Z")]
                shelve(floor, who, fresh, f"{turn}")
            if not envelope["more"]:
                break
            token = {"next": envelope["next"]}
        assert taxii.deliveries.delivered(who.shelf, [stix(15)["id"], stix(3)["id"]]).objects == 1
    assert len(gone) > 4
    once = {stix(n)["id"] for n in (*range(5, 100), *range(1_000, 1_005))} - gone
    twice = {stix(n)["id"] for n in range(5)}
    assert ids(got) == Counter(dict.fromkeys(once, 1)) + Counter(dict.fromkeys(twice, 2))


def test_an_unmodified_client_is_told_of_a_wrong_key(full):
    _, who, _, address, _ = full
    with pytest.raises(httpx.HTTPStatusError):
        httpx.get(f"{address}/", headers=basic(who.name, "x" * 43)).raise_for_status()
    server = Server(f"{address}/", user=who.name, password="x" * 43)
    with pytest.raises(Exception, match="401"):
        server.refresh()
    server.close()


def test_a_page_says_what_the_journal_says(full, ask):
    import hashlib

    _, who, _, _, taxii = full
    envelope, headers = ask(limit=50)
    hashes = b"".join(
        hashlib.sha256(json.dumps(one, separators=(",", ":")).encode()).digest()
        for one in envelope["objects"]
    )
    assert headers["x-watchfloor-page"] == f"50 {hashlib.sha256(hashes).hexdigest()}"
    assert taxii.deliveries.delivered(who.shelf, [envelope["objects"][0]["id"]]).objects == 1
