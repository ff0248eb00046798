"""Attacks of a partner on what is no longer theirs, and on who else asks."""

import asyncio
import socket
from functools import partial
from queue import Queue
from urllib.parse import urlsplit

import httpx
import pytest
from tests.exchange.nodes import NOW, WHO, keep, party
from tests.exchange.partners import add, agency
from tests.exchange.taxii.served import MEDIA, basic, envelope_of, serving, stix
from tests.exchange.test_partners import told

from watchfloor.core.kinds import INTELLIGENCE_OBJECT
from watchfloor.exchange import deliveries
from watchfloor.exchange.bundles import recalls
from watchfloor.exchange.partners import partner, publication, publish, publisher, shelving
from watchfloor.exchange.shelf import path_of
from watchfloor.exchange.taxii import routes
from watchfloor.exchange.taxii.submissions import Submissions

SHARED = "partners/collections/shared/objects/"
SUBMITTED = "partners/collections/submitted/objects/"
NARROW = """
[fields.names]
party = ["subject", "role", "name"]
[gateway.customs-107-5-a]
fields = ["signals", "names"]
"""


@pytest.fixture
def here(tmp_path):
    return agency(tmp_path)


def serve(floor):
    publisher.publish_all(floor)
    return serving(floor, partial(publisher.settle, floor), Submissions(floor))


def client(home, name, key):
    return httpx.Client(base_url=home, headers=basic(name, key) | {"Content-Type": MEDIA}, timeout=60)


def test_a_token_opens_nothing_that_was_erased_since(here):
    _, key = add(here)
    ids = keep(here, [party(number) for number in range(4)])
    with serve(here) as (home, _), client(home, "rcmp", key) as ask:
        page = ask.get(SHARED, params={"limit": 2}).json()
        assert "Zarbek" in ask.get(SHARED, params={"limit": 99, "next": page["next"]}).text
        with here.writer(WHO) as writer:
            writer.erase(ids, "asked for", category="consent")
        assert "Zarbek" not in ask.get(SHARED, params={"limit": 99, "next": page["next"]}).text


@pytest.mark.parametrize("again", [0.0, 3600.0])
def test_what_was_marked_above_the_partner_goes_with_the_next_publication(here, monkeypatch, again):
    monkeypatch.setattr(publisher, "AGAIN", again)
    _, key = add(here, ceiling="PA")
    keep(here, [party(number, marking="PA") for number in range(4)])
    with serve(here) as (home, _), client(home, "rcmp", key) as ask:
        page = ask.get(SHARED, params={"limit": 2}).json()
        keep(here, [party(number, marking="PB") for number in range(4)])
        assert (publisher.publish_all(here) is not None) is bool(again)  # looked at again later
        rest = ask.get(SHARED, params={"limit": 99, "next": page["next"]}).text
        assert ("Zarbek" in rest) is bool(again)
        publisher.publish_all(here, patient=True)
        assert "Zarbek" not in ask.get(SHARED).text


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_gateway_that_is_narrowed_is_so_at_once(here, goes_on):
    _, key = add(here, kinds=("party",))
    keep(here, [party(number, birth_date="1970-01-01") for number in range(3)])
    with serve(here) as (home, _), client(home, "rcmp", key) as ask:
        page = ask.get(SHARED, params={"limit": 2}).json()
        assert "1970-01-01" in ask.get(SHARED, params={"limit": 99, "next": page["next"]}).text
        here.root.joinpath("gateways.toml").write_text(NARROW)
        asked = {"limit": 99} | ({"next": page["next"]} if goes_on else {})
        early = ask.get(SHARED, params=asked)
        assert (early.status_code, early.json()["error_code"]) == (503, "taxii.behind")
        assert int(early.headers["Retry-After"]) == publisher.SECONDS
        publisher.publish_all(here)
        rest = ask.get(SHARED, params=asked)
        assert (rest.status_code, "1970-01-01" in rest.text) == (200, False)


def test_a_rule_that_says_the_same_to_a_partner_keeps_no_page_from_them(here):
    _, key = add(here, kinds=("party",))
    keep(here, [party(0)])
    with serve(here) as (home, _), client(home, "rcmp", key) as ask:
        here.root.joinpath("gateways.toml").write_text("[gateway.customs-107-5-k]\nexpires = 2027-06-01\n")
        assert ask.get(SHARED).status_code == 200


def test_a_page_publishes_nothing_and_hides_what_was_taken_back(here, monkeypatch):
    """Pages come while a publication is at work, and while nobody publishes at all."""
    who, key = add(here, writes=True)
    ids = keep(here, [party(number) for number in range(4)])
    keep(here, [told(number) for number in range(4)], INTELLIGENCE_OBJECT)
    with serve(here) as (home, _), client(home, "rcmp", key) as ask:
        whole = ask.get(SHARED).text
        assert whole.count("indicator--") >= 4
        monkeypatch.setattr(publisher, "publish", lambda *_: pytest.fail("a page published"))
        with publication.alone(here, who, here.now()):
            keep(here, [party(7)])
            assert ask.get(SHARED).text == whole
            with here.writer(WHO) as writer:
                writer.erase(ids[:2], "asked for", category="consent")
            text = ask.get(SHARED).text
            assert [f"Tolunay {number}" in text for number in range(4)] == [False, False, True, True]
            bundle = here.acts_of("disclosed")[-1].detail["bundle"]
            with here.writer(WHO) as writer:
                recalls.recall(here, writer, bundle, (), "mixed up", recalls.due_in(7, NOW), here.now())
            assert "indicator--" not in ask.get(SHARED).text


def test_a_recall_that_was_cut_off_before_the_shelf_is_hidden_by_the_next_page(here, monkeypatch):
    _, key = add(here)
    keep(here, [told(number) for number in range(4)], INTELLIGENCE_OBJECT)
    with serve(here) as (home, _), client(home, "rcmp", key) as ask:
        assert "indicator--" in ask.get(SHARED).text
        monkeypatch.setattr("watchfloor.exchange.partners.shelving.take_off", lambda *_: None)
        bundle = here.acts_of("disclosed")[0].detail["bundle"]
        with here.writer(WHO) as writer:
            recalls.recall(here, writer, bundle, (), "mixed up", recalls.due_in(7, NOW), here.now())
        assert "indicator--" not in ask.get(SHARED).text
        monkeypatch.undo()
        publisher.publish_all(here)
        assert "indicator--" not in ask.get(SHARED, params={"match[version]": "all"}).text


@pytest.mark.parametrize("when", ["before it is logged", "before it is shown"])
def test_what_is_erased_while_it_is_published_is_never_shown(here, monkeypatch, when):
    who, key = add(here)
    ids = keep(here, [party(number) for number in range(4)])
    named = {"before it is logged": (publish.sending, "packed"), "before it is shown": (shelving, "put")}[
        when
    ]
    call, erased = getattr(*named), []

    def then(*given, **named_):
        if not erased:
            erased.append(1)
            with here.writer(WHO) as writer:
                writer.erase(ids[:2], "asked for", category="consent")
        return call(*given, **named_)

    monkeypatch.setattr(*named, then)
    with serve(here) as (home, _), client(home, "rcmp", key) as ask:
        text = ask.get(SHARED).text
        assert [f"Tolunay {number}" in text for number in range(4)] == [False, False, True, True]
    assert erased
    assert publication.last(here, who).ended is not None


def test_who_gets_the_name_of_a_partner_before_them_reads_nothing_of_theirs(here):
    _, key = add(here, writes=True)
    with serve(here) as (home, _):
        with client(home, "rcmp", key) as ask:
            assert ask.post(SUBMITTED, content=envelope_of([stix(1, name="of the first")])).status_code == 202
            assert "of the first" in ask.get(SUBMITTED).text
        partner.remove(here, WHO, "rcmp", "the file is closed")
        _, other = add(here, writes=True)
        with client(home, "rcmp", other) as ask:
            assert "of the first" not in ask.get(SUBMITTED).text


def test_requests_that_wait_together_share_a_look_at_access_and_later_ones_none_of_it(here, monkeypatch):
    _, key = add(here)
    headers = [(name.lower().encode(), value.encode()) for name, value in basic("rcmp", key).items()]
    path = f"/taxii2/{SHARED}"
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "/taxii2", "scheme": "http"}

    async def ask(taxii):
        said = []

        async def send(message):
            said.append(message)

        await taxii({**scope, "headers": headers}, None, send)
        return said[0]["status"]

    async def together(taxii):
        return await asyncio.gather(*[ask(taxii) for _ in range(20)])

    async def removed_between(taxii):
        first = await together(taxii)
        looks.clear()
        second = await together(taxii)
        assert looks == [None], "one look for all that were there"
        await asyncio.to_thread(partner.remove, here, WHO, "rcmp", "the file is closed")
        return {*first, *second}, set(await together(taxii))

    with serve(here) as (_, taxii):
        looks, look = [], taxii.door.state
        monkeypatch.setattr(taxii.door, "state", lambda: looks.append(None) or look())
        assert asyncio.run(removed_between(taxii)) == ({200}, {401})


def test_who_sends_a_byte_at_a_time_keeps_nobody_waiting(here):
    _, slow = add(here, "slow", writes=True)
    _, key = add(here, writes=True)
    with serve(here) as (home, _):
        at, head = urlsplit(home), basic("slow", slow) | {"Content-Type": MEDIA, "Content-Length": "1000000"}
        lines = [f"POST {at.path}/{SUBMITTED} HTTP/1.1", f"Host: {at.netloc}"]
        lines += [f"{name}: {value}" for name, value in head.items()]
        begun = [socket.create_connection((at.hostname, at.port)) for _ in range(3)]
        for one in begun:
            one.sendall("\r\n".join([*lines, "", "{"]).encode())
        with client(home, "rcmp", key) as ask:
            assert ask.get(SHARED).status_code == 200
            assert ask.post(SUBMITTED, content=envelope_of([stix(1)])).status_code == 202
        for one in begun:
            one.close()


def test_a_body_that_does_not_come_is_given_up(here, monkeypatch):
    _, key = add(here, writes=True)
    waits = Queue()

    def timeout(seconds):
        """Time out when the test says so, and not by a clock."""
        waits.put((wait := asyncio.timeout(None), asyncio.get_running_loop(), seconds))
        return wait

    def bytes_():
        yield b'{"objects":['
        wait, loop, seconds = waits.get(timeout=60)
        with client(home, "rcmp", key) as ask:  # meanwhile a whole request, that waits for its turn
            assert ask.get(SHARED).status_code == 200
            loop.call_soon_threadsafe(wait.reschedule, 0)
            assert ask.post(SUBMITTED, content=envelope_of([stix(1)])).status_code == 202
        assert seconds == routes.IN_TIME
        yield b"]}"

    monkeypatch.setattr(routes, "timeout", timeout)
    with serve(here) as (home, _), client(home, "rcmp", key) as ask:
        answer = ask.post(SUBMITTED, content=bytes_())
        assert (answer.status_code, answer.json()["error_code"]) == (408, "taxii.too-slow")


def test_more_parameters_than_are_read_are_refused(here):
    _, key = add(here)
    with serve(here) as (home, _), client(home, "rcmp", key) as ask:
        answer = ask.get(f"{SHARED}?" + "&".join(f"a{number}=1" for number in range(150)))
        assert (answer.status_code, answer.json()["error_code"]) == (400, "taxii.many-values")


def test_what_a_partner_added_and_was_erased_is_read_back_by_nobody(here):
    who, key = add(here, writes=True)
    with serve(here) as (home, _), client(home, "rcmp", key) as ask:
        for number in (1, 2):
            envelope = envelope_of([stix(number, name=f"number {number}")])
            assert ask.post(SUBMITTED, content=envelope).status_code == 202
        rows = here.read("intelligence-object", here.reader(WHO.name, WHO.purpose)).to_pylist()
        ids = [row["record_id"] for row in rows if row["name"] == "number 1"]
        with here.writer(WHO) as writer:
            writer.erase(ids, "asked for", category="consent")
        publisher.cleanse(here, here.now())
        text = ask.get(SUBMITTED).text
        assert ("number 1" in text, "number 2" in text) == (False, True)
    assert b"number 1" not in path_of(here, who.shelf).read_bytes()


def test_a_partner_who_asks_all_day_is_told_how_much_it_was(here, monkeypatch):
    _, key = add(here)
    keep(here, [told(number) for number in range(4)], INTELLIGENCE_OBJECT)
    with serve(here) as (home, _), client(home, "rcmp", key) as ask:
        given = len(ask.get(SHARED).json()["objects"])
        monkeypatch.setattr(deliveries, "MOST_A_DAY", 0)
        answer = ask.get(SHARED)
        assert (answer.status_code, answer.json()["error_code"]) == (429, "taxii.day-full")
        assert f"{given} objects" in answer.json()["title"]
        assert 0 < int(answer.headers["Retry-After"]) <= 86_400
        assert ask.get("partners/collections/").status_code == 200
