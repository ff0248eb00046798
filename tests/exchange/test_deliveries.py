"""The journal of what partners pulled, and the acts that sum it up."""

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from tests.exchange.nodes import floor as made
from tests.exchange.taxii.served import item, stix

from watchfloor.exchange import deliveries as journal
from watchfloor.exchange.deliveries import DayFull, Deliveries, Sending, millis, noted
from watchfloor.exchange.shelf import Shelf, path_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEXT_DAY = NOON + timedelta(days=1)


@pytest.fixture
def world(tmp_path):
    """A floor, a shelf of 30 objects, and the journal."""
    floor = made(tmp_path, "cell")
    with Shelf.open(floor, "police@7") as shelf, Deliveries.open(floor) as deliveries:
        shelf.put("a", map(item, map(stix, range(30))), lambda: NOON)
        yield floor, shelf, deliveries


def hashed(*pieces):
    """SHA-256 over some bytes, in hexadecimal."""
    return sha256(b"".join(pieces)).hexdigest()


def test_a_day_is_one_act_that_its_partner_can_reckon_too(world):
    floor, shelf, deliveries = world
    first = shelf.page("shared", 0, 20)
    rest = shelf.page("shared", first.entries[-1].added, 20)
    digests = [hashed(*(sha256(one.body).digest() for one in page.entries)) for page in (first, rest)]
    for page, digest in ((first, digests[0]), (first, digests[0]), (rest, digests[1])):  # one went twice
        assert deliveries.served("police@7", "shared", noted(page.entries), NOON) == digest
    assert deliveries.sum_up(floor, NOON) == []
    (day,) = deliveries.sum_up(floor, NEXT_DAY)
    assert (day.pages, day.objects) == (3, 30)
    assert deliveries.sum_up(floor, NEXT_DAY) == []
    with Deliveries.open(floor) as again:
        assert again.sum_up(floor, NEXT_DAY) == []
    (act,) = floor.acts_of("delivered")
    assert act.detail == {
        "to": "police",
        "partner": 7,
        "day": "2026-03-01",
        "pages": 3,
        "objects": 30,
        "sha256": hashed(*sorted(sha256(one.body).digest()[:8] for one in (*first.entries, *rest.entries))),
        "last": rest.entries[-1].added,
    }


def test_what_is_noted_comes_to_the_file_beside_who_notes_it(world, monkeypatch, tmp_path):
    floor, shelf, deliveries = world
    page = noted(shelf.page("shared", 0, 20).entries)
    at = floor.root / journal.NAME

    def in_file():
        """Pages in the file alone, without SQLite's log of what is not in it yet."""
        alone = tmp_path / "alone.sqlite"
        alone.write_bytes(at.read_bytes())
        with closing(sqlite3.connect(alone)) as database:
            has = database.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'pages'").fetchone()[0]
            return has and database.execute("SELECT count(*) FROM pages").fetchone()[0]

    deliveries.served("police@7", "shared", page, NOON)
    assert not in_file()
    monkeypatch.setattr(journal, "CHECKPOINT", 1)
    deliveries.served("police@7", "shared", page, NOON)
    for thread in threading.enumerate():
        if thread.name == "deliveries-checkpoint":
            thread.join()
    assert in_file() == 2
    deliveries.served("police@7", "shared", page, NOON)
    deliveries.close()
    assert not [one for one in threading.enumerate() if one.name == "deliveries-checkpoint"]


def test_a_day_that_is_summed_up_takes_no_more_room_than_its_objects(world):
    floor, shelf, deliveries = world
    page = shelf.page("shared", 0, 30).entries
    for minute in range(200):  # who asks all day
        deliveries.served("police@7", "shared", noted(page[minute % 3 :]), NOON + timedelta(minutes=minute))
    deliveries.served("police@7", "other", noted(page[:2]), NOON)
    asked = [stix(n)["id"] for n in (1, 4, 99)]

    def told():
        with Deliveries.open(floor) as journal:
            day = NOON.date()
            return (
                journal.different("police@7", day, day),
                journal.delivered("police@7", asked),
                [journal.last("police@7", one) for one in ("", "shared", "other")],
            )

    before = told()
    (day,) = deliveries.sum_up(floor, NEXT_DAY)
    assert (day.pages, day.objects) == (201, 30)
    assert told() == before
    with closing(sqlite3.connect(floor.root / "deliveries.sqlite")) as database:
        rows = database.execute("SELECT collection, objects, length(ids) FROM pages ORDER BY 1").fetchall()
    assert rows == [("other", 2, 16), ("shared", 30, 240)]


def test_each_partner_and_day_has_its_own(world):
    floor, shelf, deliveries = world
    page = shelf.page("shared", 0, 5).entries
    for who in ("police@7", "police-b@9"):
        for days in (0, 1, 2):
            deliveries.served(who, "shared", noted(page), NOON + timedelta(days=days))
    found = [(one.shelf, f"{one.day:%d}") for one in deliveries.sum_up(floor, NOON + timedelta(days=2))]
    assert found == [(who, day) for day in ("01", "02") for who in ("police-b@9", "police@7")]


def test_what_went_is_known_by_the_ids_of_objects(world):
    _, shelf, deliveries = world
    assert deliveries.delivered("police@7", [stix(3)["id"]]) == (0, None)
    deliveries.served("police@7", "shared", noted(shelf.page("shared", 0, 5).entries), NOON)
    deliveries.served("police@7", "shared", noted(shelf.page("shared", 0, 3).entries), NEXT_DAY)
    asked = [stix(n)["id"] for n in (1, 4, 9)]
    assert deliveries.delivered("police@7", asked) == (2, NEXT_DAY)
    assert deliveries.delivered("police@7", asked[1:]) == (1, NOON)
    assert deliveries.delivered("police-b@9", asked) == (0, None)


def test_a_shelf_that_was_lost_dates_behind_what_went(world):
    floor, shelf, deliveries = world
    page = shelf.page("shared", 0, 30).entries
    deliveries.served("police@7", "shared", noted(page), NOON)
    shelf.close()
    path_of(floor, "police@7").unlink()
    with Shelf.open(floor, "police@7") as fresh:
        fresh.put("a", map(item, map(stix, range(30))), lambda: NOON - timedelta(hours=1))
        again = fresh.page("shared", page[-1].added, 30).entries
    assert [one.id for one in again] == [one.id for one in page]
    assert page[-1].added > millis(NOON)


def test_nothing_is_written_for_who_never_pulls(world):
    floor, _, deliveries = world
    assert deliveries.last("police@7") == 0
    assert deliveries.sum_up(floor, NEXT_DAY) == deliveries.days(NEXT_DAY.date()) == []
    assert deliveries.delivered("police@7", ["x"]).objects == 0
    assert deliveries.status("police@7", "x") is None
    assert not (floor.root / "deliveries.sqlite").exists()


def test_a_partner_takes_so_much_room_a_day_and_no_more(world, monkeypatch):
    floor, shelf, deliveries = world
    monkeypatch.setattr(journal, "MOST_A_DAY", 2 * (journal.PAGE + 16 * 30))
    page = shelf.page("shared", 0, 30).entries
    deliveries.served("police@7", "shared", noted(page), NOON)
    with Deliveries.open(floor) as again:  # after a restart, what went before counts
        again.served("police@7", "shared", noted(page), NOON)
        with pytest.raises(DayFull) as full:
            again.served("police@7", "shared", noted(page[:1]), NOON)
        assert (full.value.why.params["objects"], full.value.wait) == (60, 12 * 3600 + 1)
        again.served("customs@9", "shared", noted(page), NOON)
        again.served("police@7", "shared", noted(page), NEXT_DAY)


def test_statuses_go_after_a_month_and_the_oldest_of_too_many_before(world, monkeypatch):
    _, _, deliveries = world
    monkeypatch.setattr(journal, "KEPT_STATUSES", 3)
    for number in range(5):
        deliveries.submit("police@7", f"s{number}", b"{}", NOON + timedelta(hours=number))
    deliveries.submit("customs@9", "other", b"{}", NOON)
    left = [deliveries.status("police@7", f"s{number}") is not None for number in range(5)]
    assert left == [False, False, True, True, True]
    deliveries.submit("police@7", "late", b"{}", NOON + timedelta(days=30, hours=4))
    left = [deliveries.status("police@7", f"s{number}") is not None for number in range(5)]
    assert left == [False, False, False, False, True]
    assert deliveries.status("customs@9", "other") == b"{}"


def test_pages_that_are_noted_together_are_refused_each_for_itself(world, monkeypatch):
    _, shelf, deliveries = world
    monkeypatch.setattr(journal, "MOST_A_DAY", journal.PAGE + 16 * 30)
    page = shelf.joined("shared", 0, 30)
    who = ("police@7", "police@7", "police-b@9")
    first, full, other = deliveries.all_served([Sending(one, "shared", page) for one in who], NOON)
    assert first == other == sha256(page.sha256).hexdigest()
    assert isinstance(full, DayFull)
    assert {one.shelf: one.pages for one in deliveries.days(NEXT_DAY.date())} == {
        "police@7": 1,
        "police-b@9": 1,
    }
