"""Lists without dates, delivered again and again: who stands, and what is written."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.lists import UN
from tests.thorough import draws

from watchfloor.core.derived import net
from watchfloor.core.kinds import PARTY
from watchfloor.desks.base import Refs
from watchfloor.desks.listings.desk import CORROBORATE, DESK, Query, _by_name
from watchfloor.desks.listings.screener import Screener
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all, tally
from watchfloor.feeds.rereading import retry
from watchfloor.policy.policy import Reader
from watchfloor.reference import listings
from watchfloor.run.runner import run
from watchfloor.store import Actor, Floor

ACTOR = Actor("clerk", "test", "none needed")
READER = Reader("clerk")
REFS = Refs(
    bytes(32), {"screening": pa.table({"source": ["parcels"], "necessity": ["x"], "authority": ["x"]})}
)
HEAD = "id,name,aliases,in_force\n"
NAMES = ("Tavish Okonedo-Marr", "Lucero Baldwin Quispe", "Saltmarsh Tolliver", "Oren Hrastnik")
DATES = ("", "2026-01-10", "2026-05-20", "2099-01-01")
SEEN = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))

items = st.tuples(
    st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=1), st.sampled_from(DATES)
)
editions = st.dictionaries(st.sampled_from("123456"), items, max_size=5)


def written(edition):
    rows = (f"{id_},{name},{';'.join(aliases)},{day}\n" for id_, (name, aliases, day) in edition.items())
    return HEAD + "".join(rows)


def deliver(floor, path, text, **orders):
    path.write_text(text, encoding="utf-8")
    feeds = config.load(floor.root)
    with floor.writer(ACTOR) as writer:
        return tally(ingest_all(writer, [path], feeds, Orders(format="listing-csv", **orders)))


def again(floor, **orders):
    with floor.writer(ACTOR) as writer:
        waiting = floor.quarantine()
        feeds = config.load(floor.root)
        return tally(retry(floor, writer, feeds, Orders(format="listing-csv", **orders), waiting))


def parties():
    """Each name once before every delivery and once after all of them."""
    rows = [
        dict.fromkeys(PARTY.schema.names)
        | {
            "record_id": bytes([n, m]) + bytes(14),
            "source": "parcels",
            "observed_at": at,
            "marking": "U//TLP:CLEAR",
            "delivery": bytes(32),
            "locator": "x",
            "subject": f"person:parcels:{n}-{m}",
            "role": "consignee",
            "name": name,
        }
        for n, name in enumerate(NAMES)
        for m, at in enumerate(SEEN)
    ]
    return pa.Table.from_pylist(rows, PARTY.schema)


def standing(floor):
    """Subject and listed entity of each signal that stands on the floor."""
    rows = floor.read("listing", READER)
    entities = dict(zip(rows["record_id"].to_pylist(), rows["entity_id"].to_pylist(), strict=True))
    kinds = {kind: floor.read(kind, READER) for kind in DESK.reads}
    signals = net(run(DESK, kinds | {"party": parties()}, REFS)["signal"]).to_pylist()
    return {(s["subjects"][0], next(entities[e] for e in s["evidence"] if e in entities)) for s in signals}


def screened(path):
    """The same of a screener that was built from the file alone."""
    screener = Screener.build(listings.read([path]))
    return {
        (party["subject"], hit.entity_id)
        for party in parties().to_pylist()
        for hit in screener.screen(Query("x", party["name"], None, None, None), 1 << 30)
        if _by_name(hit) >= CORROBORATE
    }


@settings(deadline=None, max_examples=draws(25))
@given(st.lists(editions, min_size=1, max_size=4))
def test_what_stands_is_what_a_screener_of_the_last_delivery_says(delivered):
    with TemporaryDirectory() as folder:
        floor, path = Floor.create(Path(folder) / "floor", ACTOR), Path(folder) / "toy.csv"
        for edition in delivered:
            deliver(floor, path, written(edition), whole=True)
            assert standing(floor) == screened(path)
            assert deliver(floor, path, written(edition), whole=True).total.accepted == 0


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", ACTOR)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "toy.csv"


def listed(floor):
    return {entity for _, entity in standing(floor)}


def toy(*ids):
    return HEAD + "".join(f"{id_},{NAMES[int(id_) - 1]},,\n" for id_ in ids)


def test_a_first_edition_keeps_its_dates_and_a_later_one_is_of_its_delivery(floor, path):
    deliver(floor, path, HEAD + f"1,{NAMES[0]},,2026-01-10\n2,{NAMES[1]},,\n")
    before = datetime.now(UTC)
    deliver(floor, path, HEAD + f"1,{NAMES[0]},,2026-01-10\n2,{NAMES[1]},,\n3,{NAMES[2]},,\n")
    rows = floor.read("listing", READER).to_pylist()
    first, second, third = (row["observed_at"] for row in rows)
    assert (str(first.date()), str(second.date())) == ("2026-01-10", "1970-01-01")
    assert before <= third <= datetime.now(UTC)


def test_a_delivery_with_a_fault_adds_and_takes_nothing_away(floor, path):
    deliver(floor, path, toy(1, 2))
    deliver(floor, path, toy(3) + ",nobody,,\n")
    assert listed(floor) == {"1", "2", "3"}
    deliver(floor, path, toy(1, 2))
    assert listed(floor) == {"1", "2"}, "the next whole one holds nothing of the other"


@pytest.mark.parametrize("cut", [1, 20])
def test_a_packed_file_that_was_cut_takes_nothing_away(floor, tmp_path, cut):
    path = tmp_path / "toy.csv"
    deliver(floor, path, toy(1, 2, 3, 4))
    packed = tmp_path / "toy.csv.gz"
    packed.write_bytes(gzip.compress(toy(1, 2, 3).encode())[:-cut])
    with floor.writer(ACTOR) as writer:
        tally(ingest_all(writer, [packed], config.load(floor.root), Orders(format="listing-csv")))
    assert listed(floor) == {"1", "2", "3", "4"}


def test_a_doubtful_edition_waits_and_is_confirmed_as_of_its_delivery(floor, path):
    deliver(floor, path, toy(1, 2, 3))
    deliver(floor, path, toy(1))
    came = floor.acts()[-1].at
    assert listed(floor) == {"1", "2", "3"}
    again(floor, whole=True)
    assert listed(floor) == {"1"}
    assert not floor.quarantine()
    assert floor.read("consolidation", READER)["observed_at"].to_pylist()[-1] == came


def test_a_doubtful_edition_that_was_delivered_again_since_takes_nobody_away(floor, path):
    deliver(floor, path, toy(1, 2, 3))
    deliver(floor, path, toy(1))
    deliver(floor, path, toy(1, 2, 3, 4))
    again(floor, whole=True)
    assert listed(floor) == {"1", "2", "3", "4"}
    assert not floor.quarantine()


def test_a_doubtful_edition_that_came_twice_is_confirmed_once(floor, path):
    deliver(floor, path, toy(1, 2, 3))
    deliver(floor, path, toy(1))
    deliver(floor, path, toy(1, 2, 3))
    deliver(floor, path, toy(1))
    came = floor.acts()[-1].at
    again(floor, whole=True)
    assert listed(floor) == {"1"}
    assert not floor.quarantine()
    assert max(floor.read("consolidation", READER)["observed_at"].to_pylist()) == came


def test_half_of_a_list_may_leave_without_a_word(floor, path):
    deliver(floor, path, toy(1, 2))
    assert not deliver(floor, path, toy(1)).total.quarantined
    assert listed(floor) == {"1"}


def test_the_person_who_delivers_is_told_who_left_and_that_the_file_is_an_old_one(floor, path):
    deliver(floor, path, toy(1, 2, 3, 4))
    (note,) = deliver(floor, path, toy(3, 4)).taken[0].notes
    assert note == "2 items have left toy: 1, 2"
    (note,) = deliver(floor, path, toy(1, 2, 3, 4)).taken[0].notes
    assert note.endswith("the same bytes came at position 2")


def test_of_an_id_given_twice_the_last_stands_and_so_it_does_when_only_the_first_is_left(floor, path):
    first, second = f"1,{NAMES[0]},,\n", f"1,{NAMES[1]},,\n"
    for rows, stands in ((first + second, 1), (first, 0), (first + second, 1), (second + first, 0)):
        deliver(floor, path, HEAD + rows)
        assert {subject.split(":")[-1][0] for subject, _ in standing(floor)} == {str(stands)}


def test_a_date_that_does_not_exist_is_told_and_keeps_nobody_on_or_off_the_list(floor, path):
    deliver(floor, path, toy(1, 2))
    born = f"id,name,aliases,in_force,birth_date\n1,{NAMES[0]},,,1970-02-30\n"
    assert deliver(floor, path, born).total.quarantined == 1
    assert listed(floor) == {"1"}, "2 has left"
    (piece,) = floor.quarantine()
    assert (piece.locator, piece.raw) == ("column birth_date", b"line 2: 1970-02-30")
    assert floor.read("listing", READER)["remarks"].to_pylist()[-1] == "birth_date: 1970-02-30"
    (aside,) = again(floor).aside
    assert aside.reason == "1 piece of it still cannot be read"


def test_a_publishers_list_that_is_empty_takes_nobody_away(floor, tmp_path):
    path, feeds = tmp_path / "un.xml", config.load(floor.root)
    for text in (UN, '<CONSOLIDATED_LIST dateGenerated="2026-06-01"/>'):
        path.write_text(text, encoding="utf-8")
        with floor.writer(ACTOR) as writer:
            (taken,) = tally(ingest_all(writer, [path], feeds)).taken
    assert (taken.account.received, taken.account.quarantined) == (1, 1)
    (piece,) = floor.quarantine()
    assert "it is empty, nothing was taken in, and nobody has left" in piece.reason
    assert floor.read("consolidation", READER).num_rows == 1


def test_one_list_takes_nothing_from_another(floor, tmp_path):
    deliver(floor, tmp_path / "toy.csv", toy(1, 2))
    deliver(floor, tmp_path / "other.csv", toy(3))
    deliver(floor, tmp_path / "other.csv", toy(3, 4))
    assert listed(floor) == {"1", "2", "3", "4"}
