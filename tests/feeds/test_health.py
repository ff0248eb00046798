"""Health of feeds: sums are right for who keeps the floor; to anybody else nothing tells of the hidden."""

from collections import Counter
from io import BytesIO

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.store.rows import parties
from tests.thorough import draws

from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import parse
from watchfloor.feeds import config
from watchfloor.feeds.health import came, health, seen
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.formats.base import Fault
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor
from watchfloor.store.segments import reading

CLERK = Actor("clerk", "test", "none needed")
HEAD = "report_key,role,name,birth_date,observed_at,marking\n"
OPEN = HEAD + "1,payee,Ann Roy,1971,2026-11-24,PB\n2,payee,Bo,1971-02-30,2026-11-24,PB\n"
HIDDEN = HEAD + "9,payee,Cy Fox,1960,2026-11-25,S\n"
POLICY = """
[readers.okafor]
protected = "PB"
role = "analyst"
[readers.chief]
protected = "PB"
role = "supervisor"
[readers.clerk]
protected = "PC"
classified = "S"
role = "supervisor"
"""
FEEDS = """
[feeds.open]
paths = ["open*.csv"]
format = "party-csv"
marking = "PB"
retain_days = 100000
[feeds.silent]
marking = "PB"
[feeds.secret]
marking = "S"
"""


def made(home, *deliveries):
    """A floor to which files of these texts were delivered, each under a marking."""
    floor = Floor.create(home / "floor", CLERK, ceiling="PC//S")
    (floor.root / "policy.toml").write_text(POLICY, encoding="utf-8")
    (floor.root / "feeds.toml").write_text(FEEDS, encoding="utf-8")
    with floor.writer(CLERK) as writer:
        for at, (name, text, marking) in enumerate(deliveries):
            path = home / str(at) / name
            path.parent.mkdir()
            path.write_text(text, encoding="utf-8")
            orders = Orders(marking=parse(marking))
            list(ingest_all(writer, [path], config.load(floor.root), orders))
    return floor


def lines(floor, name, *, keeper):
    found = health(floor, floor.reader(name, "test"), config.load(floor.root), keeper=keeper)
    return {one.source: one for one in found}


@pytest.fixture
def floor(tmp_path):
    text = OPEN.replace(",marking", "").replace(",PB", "")
    hidden = HIDDEN.replace(",marking", "").replace(",S", "")
    again = ("open.csv", text, "PB")
    return made(
        tmp_path, again, ("open-2.csv", hidden, "S"), again, ("dark.csv", hidden.replace("9,", "8,"), "S")
    )


def test_the_sums_of_who_keeps_the_floor_are_the_floors(floor):
    found = lines(floor, "clerk", keeper=True)
    sums = floor.accounting()
    assert {name: tuple(one.sum) for name, one in found.items() if name in sums} == sums
    assert found["open"].sum.received == sum(found["open"].sum[1:])
    assert found["open"].deliveries == 3
    assert found["open"].error.reason.startswith("birth_date")


def test_a_feed_that_is_configured_and_silent_is_told_and_a_hidden_one_is_not(floor):
    found = lines(floor, "okafor", keeper=False)
    assert set(found) == {"open", "silent"}
    assert found["silent"].last is None
    assert set(lines(floor, "clerk", keeper=True)) == {"open", "silent", "secret", "dark"}


def test_an_analyst_counts_what_is_open_and_nothing_tells_of_the_rest(floor, tmp_path):
    text = OPEN.replace(",marking", "").replace(",PB", "")
    (tmp_path / "bare").mkdir()
    bare = made(tmp_path / "bare", ("open.csv", text, "PB"), ("open.csv", text, "PB"))
    mine, without = (lines(each, "okafor", keeper=False) for each in (floor, bare))
    assert {name: told(one) for name, one in mine.items()} == {
        name: told(one) for name, one in without.items()
    }
    for each in (floor, bare):
        found = came(each, each.reader("okafor", "test"), "open", keeper=False)
        assert [(one.name.rpartition("/")[2], tuple(one.sum)) for one in found] == [
            ("open.csv", (0, 0, None, 0, None)),
            ("open.csv", (2, 1, None, 1, None)),
        ]
        assert all(one.position is None and one.size is None for one in found)


def test_a_keeper_without_clearance_gets_sums_and_no_name_of_what_is_hidden(floor):
    found = lines(floor, "chief", keeper=True)
    assert set(found) == {"open", "silent", ""}
    assert found[""].sum == (1, 1, 0, 0, 0)
    names = [one.name for one in came(floor, floor.reader("chief", "test"), "open", keeper=True)]
    assert [name.rpartition("/")[2] for name in names] == ["open.csv", "", "open.csv"]
    assert came(floor, floor.reader("chief", "test"), "dark", keeper=True) == []


def told(one):
    """What is told of a feed, but for moments of this machine."""
    error = one.error and (one.error.reason, one.error.locator)
    return one.source, one.sum, one.deliveries, one.newest, error, one.reasons, one.settings, one.markings


READERS = (Reader("low", protected=1, tlp=1), Reader("middle", tlp=2), Reader("high", tlp=4))
MARKINGS = ("PA//TLP:GREEN", "PB//TLP:AMBER", "PB//TLP:RED")
AFTER_AN_ERASURE = [
    ("deliver", "a", MARKINGS[2]),
    ("append", "a", MARKINGS[0]),
    ("look",),
    ("erase",),
    ("look",),
]
AFTER_AN_ERASURE += [("append", "b", MARKINGS[1]), ("compact",), ("append", "a", MARKINGS[1])]
STEPS = st.one_of(
    st.tuples(st.just("append"), st.sampled_from("ab"), st.sampled_from(MARKINGS)),
    st.tuples(st.just("deliver"), st.sampled_from("ab"), st.sampled_from(MARKINGS)),
    st.sampled_from([("erase",), ("compact",), ("look",), ("look",)]),
)


def bring(writer, number, step):
    """Append two rows, or deliver one with the piece of another, which cannot be read."""
    what, feed, marking = step
    if what == "append":
        writer.append("party", parties([3 * number, 3 * number + 1], marking=marking), source=feed)
        return
    with writer.delivery(feed, "a file", BytesIO(b"%d" % number)) as intake:
        intake.accept("party", parties([3 * number], marking=marking))
        other = MARKINGS[(MARKINGS.index(marking) + number) % len(MARKINGS)]
        intake.quarantine([Fault("line 2", "is no row", b"a secret")], parse(other))


def by_every_row(floor, reader):
    """What is told of each feed, from all rows that the reader may see."""
    columns = ["source", "position", "marking", "observed_at"]
    rows = [one for kind in KINDS for one in floor.read(kind, reader, columns=columns).to_pylist()]
    found = seen(floor, reader, {one["position"] for one in rows})
    for feed, deliveries in found.known.items():
        mine = [one for one in rows if one["source"] == feed]
        held = [one for one in found.pieces if one.source == feed]
        sum_ = (len(mine) + len(held), len(mine), None, len(held), None)
        newest = max((one["observed_at"] for one in mine), default=None)
        last = max(one.at for one in deliveries)
        markings = {one["marking"] for one in mine} | {one.marking for one in held}
        yield feed, (sum_, len(deliveries), last, newest, markings)
        counts = Counter(one["position"] for one in mine)
        assert [one.sum.accepted for one in came(floor, reader, feed)] == [
            counts[one.position] for one in reversed(deliveries)
        ]


@settings(max_examples=draws(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=1, max_size=12))
@example(AFTER_AN_ERASURE)
def test_what_is_told_of_feeds_is_told_by_every_row(tmp_path_factory, steps):
    floor = Floor.create(tmp_path_factory.mktemp("floors") / "floor", CLERK, ceiling=MARKINGS[-1])
    with floor.writer(CLERK) as writer:
        for number, step in enumerate([*steps, ("look",)]):
            if step[0] == "compact":
                writer.compact()
            elif step[0] == "erase":
                rows = floor.read("party", READERS[-1], columns=["record_id"])["record_id"].to_pylist()
                if rows:
                    writer.erase(rows[len(rows) // 2 :][:2], "a court ordered it")
            elif step[0] != "look":
                bring(writer, number, step)
            for reader in READERS if step[0] == "look" else ():
                found = health(floor, reader, config.Feeds({}), keeper=False)
                assert {
                    one.source: (tuple(one.sum), one.deliveries, one.last, one.newest, one.markings)
                    for one in found
                } == dict(by_every_row(floor, reader))


def test_a_row_is_read_once_however_often_feeds_are_looked_at(floor, monkeypatch):
    mine = floor.reader("okafor", "test")
    first = lines(floor, "okafor", keeper=False)
    loads, load = [], reading.load
    monkeypatch.setattr(reading, "load", lambda *a: loads.append(a[1]) or load(*a))
    for _ in range(3):
        assert lines(floor, "okafor", keeper=False) == first
    assert not loads
    with floor.writer(CLERK) as writer:
        writer.append("party", parties([77], marking="PB"), source="open")
    found = health(floor, mine, config.load(floor.root), keeper=False)
    assert sum(one.sum.accepted for one in found) == sum(one.sum.accepted for one in first.values()) + 1
    assert {len(part.segments) for part in loads} == {1}
    assert len(loads) == 2  # once for the sums, once for who may see what came
