"""Health of feeds: sums are right for who keeps the floor; to anybody else nothing tells of the hidden."""

from collections import Counter
from datetime import UTC, datetime
from functools import partial
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.store.rows import parties
from tests.thorough import draws

from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import parse
from watchfloor.feeds import config
from watchfloor.feeds.health import Cursor, came, health, newest
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.formats.base import Fault
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor
from watchfloor.store.clock import begin
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
        found, _ = came(each, each.reader("okafor", "test"), "open", keeper=False)
        assert [(one.name.rpartition("/")[2], tuple(one.sum)) for one in found] == [
            ("open.csv", (0, 0, None, 0, None)),
            ("open.csv", (2, 1, None, 1, None)),
        ]
        assert all(one.position is None and one.size is None for one in found)


def test_a_keeper_without_clearance_gets_sums_and_no_name_of_what_is_hidden(floor):
    found = lines(floor, "chief", keeper=True)
    assert set(found) == {"open", "silent", ""}
    assert found[""].sum == (1, 1, 0, 0, 0)
    names = [one.name for one in came(floor, floor.reader("chief", "test"), "open", keeper=True)[0]]
    assert [name.rpartition("/")[2] for name in names] == ["open.csv", "", "open.csv"]
    assert came(floor, floor.reader("chief", "test"), "dark", keeper=True) == ([], None)


def told(one):
    """What is told of a feed, but for moments of this machine."""
    error = one.error and (one.error.reason, one.error.locator)
    return one.source, one.sum, one.deliveries, one.newest, error, one.reasons, one.settings, one.markings


READERS = (Reader("low", protected=1, tlp=1), Reader("middle", tlp=2), Reader("high", tlp=4))
MARKINGS = ("PA//TLP:GREEN", "PB//TLP:AMBER", "PB//TLP:RED")
LOW, MIDDLE, HIGH = MARKINGS
BYTES = (b"some", b"others")
AFTER_AN_ERASURE = [
    ("deliver", "a", HIGH, b"some", ""),
    ("append", "a", LOW),
    ("look",),
    ("erase",),
    ("look",),
    ("append", "b", MIDDLE),
    ("compact",),
    ("append", "a", MIDDLE),
]
FIRST_EMPTY = [
    ("repeat", "a", b"some", ""),
    ("repeat", "a", b"some", HIGH),
    ("look",),
    ("deliver", "a", HIGH, b"some", HIGH),
    ("look",),
    ("deliver", "a", LOW, b"some", ""),
    ("repeat", "a", b"some", ""),
]
"""Bytes of which nothing was kept at first are known once something of them is."""
FEED, MARKING, RAW = (st.sampled_from(of) for of in ("ab", MARKINGS, BYTES))
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
STATED = st.sampled_from(("", HIGH))
STEPS = st.one_of(
    st.tuples(st.just("append"), FEED, MARKING),
    st.tuples(st.just("others"), FEED, MARKING),
    st.tuples(st.just("deliver"), FEED, MARKING, RAW, STATED),
    st.tuples(st.just("repeat"), FEED, RAW, STATED),
    st.sampled_from([("erase",), ("compact",), ("look",), ("look",)]),
)


def bring(writer, number, what, feed, *step):
    """Append rows, some of the other feed or not; or deliver a row and a piece, or nothing new."""
    if what in ("append", "others"):
        rows = parties([3 * number, 3 * number + 1], marking=step[0])
        if what == "others":
            rows = rows.append_column("source", pa.array(["b" if feed == "a" else "a", feed]))
        writer.append("party", rows, source=feed)
        return
    *marking, raw, stated = step
    with writer.delivery(feed, f"file {number}", BytesIO(raw)) as intake:
        intake.stated = parse(stated) if stated else None
        intake.withhold(1, "is too old")
        for one in marking:
            intake.accept("party", parties([3 * number], marking=one))
            other = MARKINGS[(MARKINGS.index(one) + number) % len(MARKINGS)]
            intake.quarantine([Fault("line 2", f"is no row {number}", b"a secret")], parse(other))


def known(floor, reader, rows):
    """Deliveries of which a reader knows, from all of their rows."""
    seen = {one["position"] for one in rows}
    seen |= {one.position for one in floor.quarantine(unresolved=False, reader=reader)}
    stated = {act.position: act.detail.get("marking_stated") for act in floor.acts_of("ingest")}
    every = [(one, (one.source, one.digest, stated[one.position])) for one in floor.deliveries()]
    like = {key for one, key in every if one.size and one.position in seen}
    return [
        one
        for one, key in every
        if one.position in seen
        or (one.size and key in like and not one.account.accepted + one.account.quarantined)
    ]


def walked(page, most):
    """All pages of a list, the newest first."""
    found, start = [], None
    for _ in range(50):
        shown, start = page(start=start, most=most)
        found += shown
        if start is None:
            return found
        assert len(shown) == most
    raise AssertionError(f"{most} a page, and 50 pages are not the end: {found}")


def check(floor, reader):
    """Hold what is told of each feed against all rows that the reader may see."""
    columns = ["record_id", "source", "position", "marking", "observed_at", *reading.PLACE]
    rows = [one for kind in KINDS for one in floor.read(kind, reader, columns=columns).to_pylist()]
    deliveries = known(floor, reader, rows)
    pieces = floor.quarantine(unresolved=False, reader=reader)
    told, every = (
        {},
        [one for one in floor.deliveries() if one.source in {each.source for each in deliveries}],
    )
    for feed in {one.source for one in deliveries}:
        mine = [one for one in rows if one["source"] == feed]
        held = [one for one in pieces if one.source == feed]
        came_ = [one for one in deliveries if one.source == feed]
        sum_ = (len(mine) + len(held), len(mine), None, len(held), None)
        markings = {one["marking"] for one in mine} | {one.marking for one in held}
        newest_ = max((one["observed_at"] for one in mine), default=None)
        told[feed] = (sum_, len(came_), came_[-1].at, newest_, markings)
        counts = Counter(one["position"] for one in mine)
        faults = Counter(one.position for one in held)
        lines = walked(partial(came, floor, reader, feed), 2)
        assert [(one.name, one.sum.accepted, one.sum.quarantined) for one in lines] == [
            (one.name, counts[one.position], faults[one.position]) for one in reversed(came_)
        ]
        lines = walked(partial(came, floor, reader, feed, keeper=True), 2)
        assert [one.position for one in lines] == [
            one.position for one in reversed(every) if one.source == feed
        ]
        last = sorted(mine, key=lambda one: [one[name] for name in ("position", *reading.PLACE)])
        lines = walked(partial(newest, floor, reader, feed, ["record_id"]), 3)
        assert [one["record_id"] for one in lines] == [one["record_id"] for one in reversed(last)]
    found = health(floor, reader, config.Feeds({}), keeper=False)
    assert told == {
        one.source: (tuple(one.sum), one.deliveries, one.last, one.newest, one.markings) for one in found
    }
    sums = {one.source: tuple(one.sum) for one in health(floor, reader, config.Feeds({}), keeper=True)}
    assert {feed: sums[feed] for feed in told} == {feed: tuple(floor.accounting()[feed]) for feed in told}


@settings(max_examples=draws(12), deadline=None, suppress_health_check=SLOW)
@given(st.lists(STEPS, min_size=1, max_size=12), st.booleans())
@example(AFTER_AN_ERASURE, False)
@example(FIRST_EMPTY, False)
@example(FIRST_EMPTY, True)
def test_what_is_told_of_feeds_is_told_by_every_row(tmp_path_factory, steps, stands):
    """Also where the clock stands, so that much came at one moment."""
    clock = begin(datetime(2026, 12, 3, tzinfo=UTC)) if stands else None
    root = tmp_path_factory.mktemp("floors") / "floor"
    floor = Floor.create(root, CLERK, ceiling=HIGH, exercise=stands, clock=clock)
    with floor.writer(CLERK) as writer:
        for number, step in enumerate([*steps, ("look",)]):
            if step[0] == "compact":
                writer.compact()
            elif step[0] == "erase":
                rows = floor.read("party", READERS[-1], columns=["record_id"])["record_id"].to_pylist()
                if rows:
                    writer.erase(rows[len(rows) // 2 :][:2], "a court ordered it")
            elif step[0] != "look":
                bring(writer, number, *step)
            for reader in READERS if step[0] == "look" else ():
                check(floor, reader)


def test_a_page_of_a_feed_reads_no_more_segments_than_it_shows(floor, monkeypatch):
    with floor.writer(CLERK) as writer:
        for number in range(30):
            writer.append(
                "party", parties([2 * number + 100, 2 * number + 101], marking="PB"), source="towers"
            )
            writer.append("party", parties([number + 900], marking="S"), source="towers")
    mine = floor.reader("okafor", "test")
    floor.seen(mine)
    loads, load = [], reading.load
    monkeypatch.setattr(reading, "load", lambda *a: loads.append(a[1]) or load(*a))
    for keeper in (False, True):
        shown, start = came(floor, mine, "towers", keeper=keeper, most=10)
        assert len(shown) == 10
        assert start
    assert not loads
    rows, start = newest(floor, mine, "towers", ["locator"], most=5)
    assert len(rows) == 5
    assert len({number for part in loads for number in part.segments}) == 3
    loads.clear()
    newest(floor, mine, "towers", ["locator"], start=start, most=5)
    assert len({number for part in loads for number in part.segments}) == 3
    loads.clear()
    assert newest(floor, mine, "towers", [], start=Cursor(floor.now(), 60), most=5) == ([], None)
    assert came(floor, mine, "towers", start=Cursor(floor.now(), 30), most=5) == ([], None)
    assert not loads


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
    assert len(loads) == 1
