"""Health of feeds: sums are right for who keeps the floor; to anybody else nothing tells of the hidden."""

import pytest

from watchfloor.core.marking import parse
from watchfloor.feeds import config
from watchfloor.feeds.health import came, health
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.store import Actor, Floor

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
