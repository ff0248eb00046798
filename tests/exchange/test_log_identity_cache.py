"""The roll against `access.history`, which reads the whole log: the same acts, the newest first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.exchange.log.access import About, Access, ActFilter, history
from watchfloor.exchange.log.identity_cache import Roll
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

PEOPLE = ("roy", "singh", "kim")
NAMES = ("query", "checkpoint", "hit")
IDS = ("5f0c9a12", "77aa00ff", "0badcafe")
LONG_AGO, AHEAD = datetime(2000, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    """A floor of 200 acts of three people, several of them in each commit."""
    floor = Floor.create(tmp_path_factory.mktemp("roll") / "floor", Actor("roy", "a purpose", "an Act"))
    acts = [
        (
            Actor(PEOPLE[n % 7 % 3], "a purpose", "an Act"),
            NAMES[n % 5 % 3],
            {"what": "lead", "shown": [IDS[n % 3], f'"{IDS[n % 4 % 3]}"'], "to": f"Bank {n % 6}"},
        )
        for n in range(200)
    ]
    for start in range(0, 200, 9):
        floor.acts_by(acts[start : start + 9])
    return floor


asked = st.builds(
    ActFilter,
    st.frozensets(st.sampled_from((*NAMES, "created", "none"))),
    st.none() | st.sampled_from((*PEOPLE, "nobody")),
    st.none()
    | st.builds(
        About, st.frozensets(st.sampled_from((*IDS, f'"{IDS[0]}"'))), st.sampled_from(("", "5f0c", "77"))
    ),
    st.none() | st.integers(0, 200),
    st.none() | st.integers(0, 200),
    st.none() | st.sampled_from(("bank 3", "BANK", "elsewhere")),
)
access = st.builds(
    Access,
    st.sampled_from((*PEOPLE, "nobody")),
    st.booleans(),
    st.booleans(),
    st.sampled_from((None, Reader("low", protected=1), Reader("high"))),
    st.just("PB//TLP:RED"),
).map(lambda one: replace(one, keeper=one.keeper or one.everything))


@given(access, asked, st.integers(5, 60), st.sampled_from((40, 1_000)))
@settings(max_examples=draws(50), deadline=None)
def test_its_pages_are_the_history(floor, mine, want, size, bound):
    times = [act.at for act in floor.acts()]
    want = want._replace(
        since=None if want.since is None else times[want.since],
        until=None if want.until is None else times[want.until],
    )
    roll, found, before = Roll(floor), [], 0
    while True:
        page = roll.page(mine, want, size, before, bound)
        assert len(page.acts) <= size
        found += page.acts
        before = page.next
        if not before:
            break
    assert found == list(history(floor, mine, want))[::-1]


def test_it_grows_with_the_log_and_says_where_looking_ended(floor):
    roll, mine = Roll(floor), Access("roy", everything=True)
    before = sum(roll.names(mine).values())
    floor.act(Actor("roy", "a purpose", "an Act"), "query", {"what": "feedbeef"})
    assert sum(roll.names(mine).values()) == before + 1
    page = roll.page(mine, ActFilter(about=About(start="feedbeef")), 5, bound=10)
    assert ([act.detail for _, act in page.acts], page.bounded) == ([{"what": "feedbeef"}], True)
    assert page.next == floor.position - 9
    beyond = roll.page(mine, ActFilter(about=About(start="0000")), 5, bound=1_000)
    assert beyond == ([], 0, False)


def test_a_number_among_own_acts_does_not_tell_of_others(floor):
    mine = Access("singh", keeper=False)
    before = Roll(floor).page(mine, ActFilter(), 500)
    floor.act(Actor("kim", "a purpose", "an Act"), "query", {"what": "lead"})
    assert Roll(floor).page(mine, ActFilter(), 500) == before
    assert [number for number, _ in before.acts] == list(range(len(before.acts), 0, -1))


def test_a_moment_bounds_to_the_microsecond(floor):
    mine, at = Access("roy", everything=True), floor.acts(50, 50)[0].at
    roll = Roll(floor)
    on = [act.at for _, act in roll.page(mine, ActFilter(since=at, until=at), 500).acts]
    assert set(on) == {at}
    after = roll.page(mine, ActFilter(since=at + timedelta(microseconds=1), until=AHEAD), 500).acts
    assert (
        len(on) + len(after) + len(roll.page(mine, ActFilter(until=at - timedelta(microseconds=1)), 500).acts)
        == floor.position
    )
    assert roll.page(mine, ActFilter(until=LONG_AGO), 5) == ([], 0, False)
