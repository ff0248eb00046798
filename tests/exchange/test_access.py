"""Reviewers read what their clearance allows: acts carry the marking of what they are about."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from tests.store.rows import parties

from watchfloor.casework.tasking import deconfliction
from watchfloor.exchange.log.access import About, Access, ActFilter, access, history
from watchfloor.exchange.log.identity_cache import Roll
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor, catalogue, log

POLICY = """
[compartments]
GAMMA = { en = "g", fr = "g" }
[readers.sup]
protected = "PC"
compartments = ["GAMMA"]
role = "supervisor"
[readers.low]
protected = "PA"
tlp = "GREEN"
[readers.rev]
protected = "PA"
tlp = "GREEN"
role = "reviewer"
[readers.all]
protected = "PC"
compartments = ["GAMMA"]
role = "counsel"
[readers.usa]
protected = "PC"
compartments = ["GAMMA"]
country = "USA"
role = "reviewer"
"""
SHUT, OPEN = "PC//TLP:RED//COMP:GAMMA", "PA//TLP:GREEN"


@pytest.fixture
def floor(tmp_path):
    made = Floor.create(tmp_path / "floor", actor("sup"), name="cell", ceiling="PC//TLP:RED//COMP:GAMMA")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    return made


def actor(name):
    return Actor(name, "a test", "an Act")


def deliver(floor, *markings, name="a file", number=1):
    with floor.writer(actor("sup")) as writer, writer.delivery("feed", name, BytesIO(name.encode())) as one:
        for marking in markings:
            one.accept("party", parties([number], marking=marking))
    return one.position


def mine(floor, name):
    return access(floor, name, floor.reader(name, "a test"))


def seen(floor, name, position):
    """What somebody reads of an act: whole, the rest of it, or that it is there."""
    (found,) = [act for _, act in history(floor, mine(floor, name), ActFilter()) if act.position == position]
    (paged,) = [
        act
        for _, act in Roll(floor).page(mine(floor, name), ActFilter(), 500).acts
        if act.position == position
    ]
    assert found == paged
    assert (found.actor is None) == (found.detail is None)
    return found.detail is not None


@pytest.mark.parametrize(
    ("by", "readers"), [("sup", {"all"}), ("low", {"rev", "all"}), ("rev", {"rev", "all"})]
)
def test_a_query_is_as_high_as_who_asked(floor, by, readers):
    at = floor.act(actor(by), "query", {"what": "search", "words": "Hiddenperson"})
    assert {name for name in ("rev", "all", "usa") if seen(floor, name, at)} == readers


@pytest.mark.parametrize(
    ("markings", "readers"), [([OPEN], {"rev", "all"}), ([SHUT], {"all"}), ([OPEN, SHUT], {"all"})]
)
def test_a_delivery_is_as_high_as_all_that_came_in_it(floor, markings, readers):
    at = deliver(floor, *markings)
    assert {name for name in ("rev", "all") if seen(floor, name, at)} == readers


def test_an_act_that_says_its_marking_has_that(floor):
    at = floor.act(actor("sup"), "disclosed", {"marking": OPEN, "to": "bank"})
    assert seen(floor, "rev", at)
    assert not seen(floor, "rev", floor.act(actor("low"), "disclosed", {"held_as": SHUT}))


def test_what_a_person_types_is_no_marking(floor):
    assert not seen(floor, "rev", floor.act(actor("sup"), "query", {"what": "x", "marking": OPEN}))


@pytest.mark.parametrize("subject", ["person:feed:1", "person:feed:2"])
def test_a_question_about_what_is_hidden_leaves_the_same_trace_as_one_about_nothing(floor, subject):
    deliver(floor, SHUT)
    deconfliction.log_hits(floor, floor.reader("rev", "a test"), "an Act", [subject], "search")
    at = floor.position
    assert not seen(floor, "rev", at)
    assert seen(floor, "all", at) == (subject == "person:feed:1")  # whose it is


def test_who_may_not_read_an_act_does_not_find_it_by_what_it_says(floor):
    at = floor.act(actor("sup"), "query", {"what": "lead", "lead": "abcdef012345", "to": "bank"})
    asked = [ActFilter(by="sup"), ActFilter(to="bank"), ActFilter(names=frozenset({"query"}), by="sup")]
    for one in asked:
        for name, there in (("rev", False), ("all", True)):
            found = [act.position for _, act in history(floor, mine(floor, name), one)]
            assert (at in found) is there
            assert Roll(floor).page(mine(floor, name), one, 500).acts[::-1] == list(
                history(floor, mine(floor, name), one)
            )


def test_an_act_without_a_marking_is_for_who_may_see_all(floor):
    database = catalogue.for_writing(floor.root)
    with catalogue.transaction(database):
        (at,) = log.append(database, actor("low"), [("query", {"what": "search"})], None, 1)
    database.close()
    assert floor.acts(at, at)[0].marking is None
    assert [seen(floor, name, at) for name in ("rev", "all")] == [False, True]
    assert not seen(floor, "rev", floor.act(Actor("console", "letting in", "it"), "sign-in-refused", {}))


def test_a_person_reads_their_own(floor):
    at = floor.act(actor("low"), "query", {"what": "search", "words": "x"})
    assert seen(floor, "low", at)
    assert access(floor, "low").sees(floor.acts(at, at)[0])
    other = floor.act(actor("sup"), "query", {"what": "search"})
    assert other not in [act.position for _, act in history(floor, mine(floor, "low"), ActFilter())]


@pytest.mark.parametrize(
    ("about", "by", "to"),
    [(About(positions=frozenset({7})), None, None), (None, "sup", None), (None, None, "RCMP")],
    ids=["what it brought", "who", "to whom"],
)
def test_an_act_that_may_not_be_read_is_found_by_nothing_that_it_says(about, by, to):
    """Where it stands in the log is what a subject is looked for by, and would tell that it names that."""
    said = (7, datetime(2026, 1, 1, tzinfo=UTC), "disclosed", Actor("sup", "work", "an Act"), {"to": "RCMP"})
    act = log.Act(*said, b"leaf", marking=SHUT)
    asked = ActFilter(about=about, by=by, to=to)
    for reader, found in (
        (Reader("rev", protected=1, tlp=1), False),
        (Reader("rev", protected=3, tlp=4, compartments=frozenset({"GAMMA"})), True),
    ):
        mine = Access("rev", everything=True, reader=reader)
        assert (mine.found(asked, act) is not None) is found
        assert mine.found(ActFilter(), act) is not None, (
            "that there is an act, everybody of this role may know"
        )
