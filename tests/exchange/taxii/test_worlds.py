"""Answers of TAXII in two worlds that differ only in what the partner may not see, and one way through."""

import shutil
from datetime import UTC, datetime
from functools import partial

import httpx
import pytest
from taxii2client.v21 import Collection, as_pages
from tests.exchange.nodes import WHO, keep, party
from tests.exchange.partners import add, agency
from tests.exchange.taxii.served import basic, envelope_of, serving, stix

from watchfloor.core.marking import parse
from watchfloor.exchange.partners import partner as partners
from watchfloor.exchange.partners import publish, publisher
from watchfloor.exchange.taxii.routes import added
from watchfloor.exchange.taxii.submissions import Submissions
from watchfloor.feeds.config import Feeds
from watchfloor.feeds.intake import Orders, Turns, ingest_each
from watchfloor.feeds.walk import in_memory
from watchfloor.store import Floor

STILL = datetime(2027, 1, 5, 12, tzinfo=UTC)
HIDDEN = "PB//TLP:RED"


def take(floor, objects, marking="PA"):
    """Take in objects of STIX that somebody else sent."""
    with Turns(partial(floor.writer, WHO)) as turns:
        items = [in_memory("theirs.json", "theirs.json", envelope_of(objects))]
        orders = Orders("others", "stix", None, parse(marking))
        assert all(one.account.accepted for one in ingest_each(turns, items, Feeds(), orders))


def answers(floor, who, key):
    """Every answer that a partner can get, with its headers."""
    found = {}
    publish.publish(floor, who, floor.now())
    with (
        serving(floor, partial(publisher.settle, floor), Submissions(floor)) as (address, _),
        httpx.Client(headers=basic(who.name, key)) as client,
    ):

        def ask(path, **parameters):
            answer = client.get(f"{address}/{path}", params=parameters)
            told = {name: value for name, value in answer.headers.items() if name not in ("date", "server")}
            found[path, *sorted(parameters.items())] = (
                answer.status_code,
                told,
                answer.content.replace(address.encode(), b""),
            )
            return answer

        for path in ("", "partners/", "partners/collections/", "nothing/", "partners/status/x/"):
            ask(path)
        for name in ("shared", "submitted"):
            for what in ("objects", "manifest"):
                path = f"partners/collections/{name}/{what}/"
                for filters in ({}, {"match[version]": "all"}, {"match[type]": "indicator"}, {"limit": 3}):
                    first = ask(path, **filters).json()
                    if token := first.get("next"):
                        ask(path, **filters, next=token)
                ask(path, added_after="2027-01-05T12:00:00.500Z")
                ask(path, added_after="2027-01-05T13:00:00Z")
        for number in range(12):
            ask(f"partners/collections/shared/objects/{stix(number)['id']}/")
            ask(f"partners/collections/shared/objects/{stix(number)['id']}/versions/")
    return found


def test_two_worlds_that_differ_in_what_is_hidden_answer_alike(tmp_path, monkeypatch):
    monkeypatch.setattr(Floor, "now", lambda _: STILL)
    one = agency(tmp_path, "one")
    who, key = add(one, ceiling="PA", writes=True)
    shutil.copytree(one.root, tmp_path / "other")
    other = Floor.open(tmp_path / "other")
    take(other, map(stix, range(6, 12)), HIDDEN)
    keep(other, [party(number, marking=HIDDEN) for number in range(3)])
    for floor in (one, other):
        take(floor, [stix(number) for number in range(6)])
    take(other, [stix(number, version="2026-02-01T00:00:00.000Z") for number in range(6)], HIDDEN)
    same, others = answers(one, who, key), answers(other, who, key)
    assert one.position != other.position
    assert same == others
    shown = same["partners/collections/shared/objects/",][2]
    assert [stix(n)["id"].encode() in shown for n in range(12)] == [True] * 6 + [False] * 6


def test_an_unmodified_client_gets_what_the_statement_lets_go_and_nothing_else(tmp_path):
    """From a file of others onto a floor, out to a partner by a real client, and back when it is recalled."""
    floor = agency(tmp_path)
    take(floor, map(stix, range(250)))
    take(floor, map(stix, range(250, 300)), HIDDEN)
    who, key = add(floor, ceiling="PA")
    publisher.publish_all(floor)
    with serving(floor, partial(publisher.settle, floor)) as (address, taxii):
        url = f"{address}/partners/collections/shared/"
        id_ = httpx.get(url, headers=basic(who.name, key)).json()["id"]
        with Collection(url.replace("shared", id_), user=who.name, password=key) as collection:
            pages = as_pages(collection.get_objects, per_request=40, type="indicator")
            got = [one for page in pages for one in page["objects"]]
            assert [one["id"] for one in got] == [stix(number)["id"] for number in range(250)]
            assert got == [stix(number) for number in range(250)]
            before = taxii.shelves.shelf(who.shelf).last
            take(floor, [stix(300)])
            publisher.publish_all(floor, patient=True)
            fresh = collection.get_objects(type="indicator", added_after=added(before))
            assert fresh["objects"] == [stix(300)]
            partners.remove(floor, WHO, who.name, "the trial is over")
            with pytest.raises(httpx.HTTPStatusError):
                httpx.get(url, headers=basic(who.name, key)).raise_for_status()
