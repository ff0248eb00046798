"""A month of hourly pulls: new objects, recalls, connections that are cut, and receipts that are equal."""

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
from tests.exchange.taxii.served import item, made, partner, stix
from tests.thorough import THOROUGH

from watchfloor.exchange.deliveries import Deliveries, hash_of
from watchfloor.exchange.partners import door
from watchfloor.exchange.shelf import Shelves
from watchfloor.exchange.taxii.client import Envelope, Pull, Remote, place_of
from watchfloor.exchange.taxii.routes import Taxii
from watchfloor.store import Floor

BEGAN = datetime(2027, 1, 1, tzinfo=UTC)


class CutError(Exception):
    """The connection was cut."""


class Wire(Remote):
    """A server in the same process, whose connection is cut in every third page after it was sent."""

    def __init__(self, taxii, name, key, drawn):
        super().__init__("http://127.0.0.1/taxii2/partners/collections/shared/", name, key)
        self.taxii, self.drawn, self.got, self.cuts = taxii, drawn, [], 0

    def _get(self, url):
        path, _, query = url.removeprefix("http://127.0.0.1").partition("?")
        headers = [(name.lower().encode(), value.encode()) for name, value in self._headers.items()]
        scope = {"type": "http", "method": "GET", "path": path, "root_path": "/taxii2", "scheme": "http"}
        scope |= {"query_string": query.encode(), "headers": headers, "client": ("127.0.0.1", 1)}
        sent = []

        async def send(message):
            sent.append(message)

        asyncio.run(self.taxii(scope, None, send))
        assert sent[0]["status"] == 200, sent[1]["body"]
        if self.drawn.random() < 0.34:
            self.cuts += 1
            raise CutError
        body = sent[1]["body"]
        self.got += [sha256(bytes(one)).digest() for one in msgspec.json.decode(body, type=Envelope).objects]
        return body, {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_a_month_of_hourly_pulls_ends_with_equal_receipts(tmp_path, monkeypatch):
    clock = [BEGAN]
    monkeypatch.setattr(Floor, "now", lambda _: clock[0])
    monkeypatch.setattr(door, "BURST", 10**6)  # it goes by the clock of the machine: a month lasts seconds
    floor = made(tmp_path)
    who, key = partner(floor, "police-a")
    drawn = random.Random(7)
    shelves, deliveries = Shelves(floor), Deliveries.open(floor)
    taxii = Taxii(floor, door.Door(floor, lambda *_: None), shelves, deliveries, lambda *_: None)
    monkeypatch.setattr("watchfloor.exchange.taxii.routes.run_sync", direct)
    wire, shelf = Wire(taxii, who.name, key, drawn), shelves.shelf(who.shelf)
    place, made_, kept, by_day = place_of(floor, "theirs", wire.url), 0, [], {}
    for hour in range(0, 30 * 24, 1 if THOROUGH else 4):
        clock[0] = BEGAN + timedelta(hours=hour, minutes=drawn.randrange(50))
        fresh = [stix(made_ + n) for n in range(drawn.choice((0, 0, 1, 5, 12)))]
        made_ += len(fresh)
        shelf.put(f"{hour}", map(item, fresh), floor.now)
        if drawn.random() < 0.05 and made_:
            lost = drawn.randrange(made_)
            shelf.withdraw([(f"{n}", stix(lost)["id"]) for n in range(hour + 1)])
        wire.got = []
        for _ in range(20):  # again, at once, where it was cut
            pull = Pull(wire, place, 4)
            try:
                for part in pull.parts():
                    kept += [json.loads(one)["id"] for one in part.objects]
                    place = part.place
            except CutError:
                continue
            break
        by_day.setdefault(clock[0].date(), []).extend(wire.got)
    clock[0] += timedelta(days=1)
    said = {one.day: (one.objects, one.sha256) for one in deliveries.sum_up(floor, floor.now())}
    assert said == {day: (len(set(got)), hash_of(got)) for day, got in by_day.items() if got}
    assert len(said) == 30
    total = deliveries.different(who.shelf, BEGAN.date(), clock[0].date())
    everything = {one for got in by_day.values() for one in got}
    assert total == (len(everything), hash_of(everything))
    assert wire.cuts > 100
    standing = [one.id for one in shelf.page("shared", 0, 100_000, bodies=False).entries]
    assert set(standing) <= set(kept)
    assert len(kept) == len(set(kept))
    shelves.close()
    deliveries.close()


async def direct(call, *given):
    """Call at once, in place of a thread."""
    return call(*given)
