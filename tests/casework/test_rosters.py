"""Rosters that were published: their editions, who may see them, and who is on call by them."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.casework.world import KEY, WATCH, Log
from tests.refusals import refused

from watchfloor.casework import rosters
from watchfloor.casework.rosters import Duty, Edition, Shift
from watchfloor.casework.watch import repository, watch
from watchfloor.cell.acts import Conflict, Post
from watchfloor.store import Actor, Floor

DAY = datetime(2099, 3, 2, tzinfo=UTC)
SECRET = "PB//TLP:AMBER//COMP:GAMMA"
POLICY = """[compartments.GAMMA]
en = "operation"
fr = "opération"
[readers.keeper]
protected = "PB"
role = "supervisor"
compartments = ["GAMMA"]
[readers.analyst]
protected = "PB"
[readers.guest]
protected = ""
tlp = "AMBER"
"""


def at(hours):
    return DAY + timedelta(hours=hours)


def edition(*shifts, pool="Emerson", papers=b"papers"):
    made = [Shift(who, "night", post, at(begins), at(ends)) for who, post, begins, ends in shifts]
    return Edition(
        pool,
        date(2099, 3, 2),
        7,
        "UTC",
        "Example, 2098",
        ["ann", "ben"],
        made,
        papers,
        sha256(papers).hexdigest(),
    )


@pytest.fixture
def floor(tmp_path):
    made = Floor.create(
        tmp_path / "floor", Actor("keeper", "testing", "none"), ceiling="PB//TLP:RED//COMP:GAMMA"
    )
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    return made


def publish(floor, made, marking="", name="keeper", **how):
    with floor.writer(Actor(name, "testing", "none")) as writer:
        return rosters.publish(Post(floor, floor.reader(name, "testing"), writer), made, marking, **how)


def shifts_of(floor, name, roster):
    return rosters.shifts_of(floor, floor.reader(name, "testing"), roster)


def seen(floor, name):
    return rosters.Roster.read(floor, floor.reader(name, "testing"))


def test_an_edition_takes_the_place_of_the_last_and_names_who_published_it(floor):
    first = publish(floor, edition(("ann", "console", 0, 8)))
    refused("rosters.stale", publish, floor, edition(), edition=2)
    told = refused("rosters.same-edition", publish, floor, edition(("ann", "console", 0, 8)))
    assert (told["edition"], told["by"], first.item.edition) == (1, "keeper", 1)
    second = publish(floor, edition(("ben", "console", 0, 8), papers=b"new"), edition=1, why="Ann is ill")
    assert (second.item.id, second.item.edition, second.item.why) == (first.item.id, 2, "Ann is ill")
    assert [one.officer for one in shifts_of(floor, "keeper", second.item)] == ["ben"]
    assert second.item.marking == rosters.DUTY
    with pytest.raises(Conflict):
        publish(floor, edition(), edition=1)
    assert [row["edition"] for row in seen(floor, "keeper")[first.item.id].history] == [1, 2]


def test_another_period_is_another_roster_and_no_day_has_two(floor):
    one = publish(floor, edition())
    told = refused("rosters.overlap", publish, floor, edition()._replace(first=date(2099, 3, 8)))
    assert told["pool"] == "Emerson"
    later = publish(floor, edition()._replace(first=date(2099, 3, 9)))
    assert later.item.id != one.item.id
    assert rosters.find(floor, floor.reader("keeper", "testing"), "emerson").id == later.item.id
    assert rosters.find(floor, floor.reader("keeper", "testing"), one.item.id[:8]).id == one.item.id
    on = date(2099, 3, 8)
    assert rosters.find(floor, floor.reader("keeper", "testing"), "emerson", on=on).id == one.item.id


def test_who_is_on_duty_is_for_more_people_than_the_papers(floor):
    made = publish(floor, edition(("ann", "console", 0, 8))).item
    for name in ("keeper", "analyst"):
        assert rosters.papers_of(floor, floor.reader(name, "testing"), made) == b"papers"
    assert seen(floor, "guest")[made.id].last["shifts"] == 1
    assert shifts_of(floor, "guest", made) == edition(("ann", "console", 0, 8)).shifts
    refused("rosters.no-papers", rosters.papers_of, floor, floor.reader("guest", "testing"), made)


def test_who_may_not_see_a_roster_is_told_nothing_of_it_and_publishes_as_if_it_were_not_there(floor):
    hidden = publish(floor, edition(("ann", "console", 0, 8)), SECRET).item
    assert hidden.id not in seen(floor, "analyst")
    assert hidden.id not in seen(floor, "guest")
    refused("rosters.overlap", publish, floor, edition(), rosters.DUTY)
    for name in ("analyst", "guest"):
        refused("rosters.no-right", publish, floor, edition(), name=name)
    policy = POLICY.replace("[readers.guest]", '[readers.guest]\nrole = "supervisor"')
    (floor.root / "policy.toml").write_text(policy.replace('protected = ""', 'protected = "PB"'), "utf-8")
    open_ = publish(floor, edition(("ben", "console", 0, 8)), name="guest").item
    assert open_.id != hidden.id
    on = rosters.duties(floor, floor.reader("guest", "testing"), ["console"], at(0), at(24))
    assert [one.officer for one in on] == ["ben"]
    on = rosters.duties(floor, floor.reader("keeper", "testing"), ["console"], at(0), at(24))
    assert sorted(one.officer for one in on) == ["ann", "ben"]


def test_nothing_is_published_that_its_author_may_not_see_or_the_floor_may_not_hold(floor):
    refused("rosters.above-reader", publish, floor, edition(), "PC//TLP:RED")
    (floor.root / "policy.toml").write_text(POLICY.replace('protected = "PB"', 'protected = "PC"'), "utf-8")
    refused("cell.above-ceiling", publish, floor, edition(), "PC//TLP:RED")
    assert floor.rows() == 0


MOMENTS = st.integers(0, 30)
SPANS = st.lists(st.tuples(st.sampled_from("abc"), MOMENTS, st.integers(1, 12)), max_size=6)


@given(SPANS)
def test_people_are_on_exactly_while_a_shift_of_theirs_is(spans):
    on = sorted(Duty("", "", who, at(begins), at(begins + hours), "U") for who, begins, hours in spans)
    found = list(rosters.people(on))
    for hour in range(45):
        moment = at(hour + 0.5)
        names = {who for who, begins, hours in spans if begins <= hour < begins + hours}
        told = [each for begins, ends, each in found if begins <= moment < ends]
        assert [set(one) for one in told] == ([names] if names else [])


def on_roster(log, person, begins, ends, role="watch officer"):
    log.rows.insert(0, watch.on_roster(role, [person], at(begins), at(ends), rosters.DUTY))


def on_call(log, person, hour, until=None):
    log.add(watch.on_call(WATCH, "watch officer", person, until, "anna", at(hour), KEY, "PB//TLP:AMBER"))


def test_a_person_put_on_call_holds_until_the_roster_s_next_shift_or_as_long_as_was_said():
    log = Log()
    on_roster(log, "ann", 0, 8)
    on_roster(log, "ben", 8, 16)
    assert watch.roster(WATCH, log.rows, at(2))["watch officer"] == "ann"
    on_call(log, "carla", 3)
    told = [watch.roster(WATCH, log.rows, at(hour))["watch officer"] for hour in (4, 8, 15, 16)]
    assert told == ["carla", "ben", "ben", None]
    on_call(log, "dan", 9, at(18))
    told = [watch.roster(WATCH, log.rows, at(hour))["watch officer"] for hour in (9, 17, 18)]
    assert told == ["dan", "dan", None]
    on_call(log, "eve", 10, at(12))
    assert watch.roster(WATCH, log.rows, at(13))["watch officer"] == "ben"
    assert watch.lines(log.rows) == [row for row in log.rows if row["what"] == "on-call"]


ON_CONSOLE = (
    'roles = ["watch officer", "duty inspector"]\n[minutes]\nroutine = 30\n'
    '[roster."watch officer"]\npost = "console"\npool = "Emerson"\n'
)


def test_an_alert_names_nobody_of_a_roster_above_its_marking(floor):
    high = "PB//TLP:RED//COMP:GAMMA"
    by_level = ON_CONSOLE.replace('"watch officer"]\npost', '"duty inspector"]\npost')
    (floor.root / "watch.toml").write_text(by_level, "utf-8")
    hour = (floor.now() - DAY) / timedelta(hours=1)
    publish(floor, edition(("ann", "console", hour - 1, hour + 8))._replace(first=floor.now().date()), high)
    keeper, chain = floor.reader("keeper", "testing"), repository.load(floor.root)
    with floor.writer(Actor("keeper", "testing", "none")) as writer:
        post = repository.Post(floor, keeper, writer)
        low = repository.alert(post, "a boat", repository.About(None, rosters.DUTY)).row
        same = repository.alert(post, "a raft", repository.About(None, high)).row
        risen = repository.escalate(post, low["entry"], "nobody answers").row
    assert (low["to"], same["to"], risen["to"]) == ("watch officer", "ann", "duty inspector")
    seen = {
        name: [
            (one.alert.entry, one.to, one.next, one.unheld)
            for one in watch.due(chain, repository.entries(floor, floor.reader(name, "testing")), floor.now())
            if one.alert.entry == low["entry"]
        ]
        for name in ("keeper", "guest")
    }
    assert seen["keeper"] == seen["guest"] != []


def test_alerts_go_to_who_is_on_by_the_published_roster(floor):
    (floor.root / "watch.toml").write_text(ON_CONSOLE, "utf-8")
    hour = (floor.now() - DAY) / timedelta(hours=1)
    reader = floor.reader("keeper", "testing")
    begun = edition(("ann", "console", hour - 1, hour + 8), ("zoe", "desk", hour - 1, hour + 8))
    other = edition(("ben", "console", hour - 1, hour + 8), pool="Lacolle")
    publish(floor, begun._replace(first=floor.now().date()))
    publish(floor, other._replace(first=floor.now().date()))
    with floor.writer(Actor("keeper", "testing", "none")) as writer:
        post = repository.Post(floor, reader, writer)
        repository.refuse_nobody(post)
        raised = repository.alert(post, "a boat", repository.About(None, rosters.DUTY)).row
        assert raised["to"] == "ann"
        repository.on_call(post, "watch officer", "carla", None)
        assert repository.alert(post, "another", repository.About(None, rosters.DUTY)).row["to"] == "carla"
    held = watch.roster(repository.load(floor.root), repository.entries(floor, reader), floor.now())
    assert held == {"watch officer": "carla", "duty inspector": None}
    publish(
        floor, begun._replace(first=floor.now().date(), shifts=[], papers=b"none", digest="00"), edition=1
    )
    assert [row["to"] for row in repository.entries(floor, reader) if row["what"] == watch.ON_ROSTER] == [
        "ann"
    ]
