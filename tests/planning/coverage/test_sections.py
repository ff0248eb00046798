"""Sections of the line: levels that persons set, what evidence is worth, and what is asked."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.coverage.test_shown import KEEPER, POLICY
from tests.planning.world import HIDDEN, OPEN, asset
from tests.refusals import refused

import watchfloor
from watchfloor.formats.settings import SettingsError
from watchfloor.planning.coverage import schedule, sections
from watchfloor.planning.coverage.estimate import coverage_of
from watchfloor.store import Floor

SECTIONS = f"""[[watch]]
asset = "tower"

[[section]]
name = "west"
en = "West bank"
fr = "rive ouest"
km = [1400, 1490]
jurisdiction = "RCMP D Division"
marking = "{OPEN}"

[[section]]
name = "tower-side"
en = "Around the tower"
km = [1498, 1503]
marking = "{HIDDEN}"
"""
LATER = {"since": "2099-01-01T00:00Z", "hours": 2}


@pytest.fixture
def root(tmp_path):
    made = Floor.create(tmp_path / "floor", KEEPER, ceiling="PC")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    (made.root / "assets.toml").write_text(asset("tower"), "utf-8")
    (made.root / "coverage.toml").write_text(SECTIONS, "utf-8")
    return made.root


def face(root, user="keeper", language="en"):
    floor = watchfloor.open(root, purpose="watch", authority=KEEPER.authority, user=user, language=language)
    return floor.sections


def listed(root, user="keeper", **asked):
    return {one.section: one for one in face(root, user).sections(**(LATER | asked)).sections}


def test_a_level_is_set_with_a_reason_on_what_was_looked_at_and_can_be_taken_back(root):
    assert (listed(root)["west"].impact, listed(root)["west"].edition) == ("none", 0)
    refused("coverage.never-set", face(root).restore, section="west", why="wrong river")
    first = face(root).impact(section="west", level="high", why="three groups in two nights")
    assert (first.impact, first.edition, first.by) == ("high", 1, "keeper")
    refused("coverage.impact-same", face(root).impact, section="west", level="high", why="again")
    refused("cell.empty-text", face(root).impact, section="west", level="low", why=" ")
    face(root).impact(section="west", level="critical", why="a raft", edition=1)
    stale = refused(
        "coverage.impact-stale", face(root).impact, section="west", level="low", why="x", edition=1
    )
    assert stale["edition"] == 2
    back = face(root).restore(section="west", why="the report was of another river", edition=2)
    assert (back.impact, back.edition) == ("high", 3)
    assert face(root).restore(section="west", why="it was this one").impact == "critical"
    assert listed(root)["west"].why == "it was this one"
    acts = [entry.act for entry in Floor.open(root).acts() if entry.act in ("ingest", "query")]
    assert acts.count("ingest") == 4, "each act is in the log"


def test_who_may_not_know_of_a_section_is_told_nothing_of_it(root):
    face(root).impact(section="tower-side", level="critical", why="seen")
    assert set(listed(root)) == {"west", "tower-side"}
    before = face(root, "officer").sections(**LATER)
    assert [one.section for one in before.sections] == ["west"]
    unknown = refused(
        "coverage.no-section", face(root, "officer").impact, section="tower-side", level="low", why="x"
    )
    assert unknown["names"] == "west"
    (root / "coverage.toml").write_text(SECTIONS.rpartition("[[section]]")[0], "utf-8")
    assert face(root, "officer").sections(**LATER) == before, "as if there were none"


def test_a_level_keeps_the_marking_that_it_was_set_under(root):
    face(root).impact(section="tower-side", level="critical", why="seen")
    (root / "coverage.toml").write_text(SECTIONS.replace(HIDDEN, OPEN), "utf-8")
    assert listed(root, "officer")["tower-side"].impact == "none"
    assert listed(root)["tower-side"].marking == HIDDEN


def test_a_request_for_information_has_a_deadline_and_an_answer(root):
    law = "Customs Act s. 99"
    asked = face(root).request(
        section="west", unit="border-operations", question="Who looks at night?", deadline="2099-01-01",
        task_authority=law,
    )  # fmt: skip
    assert (asked.subjects, asked.marking) == (["place:section:west"], OPEN)
    (one,) = listed(root)["west"].requests
    assert (one.task, one.state, one.answer) == (asked.task, "issued", None)
    assert one.deadline == asked.deadline
    tasks = watchfloor.open(root, purpose="watch", authority=law, user="keeper").tasks
    tasks.accept(task=asked.task)
    tasks.done(task=asked.task, why="Nobody, from 22:00 on.")
    (one,) = listed(root)["west"].requests
    assert (one.state, one.answer) == ("done", "Nobody, from 22:00 on.")
    refused(
        "cell.task-past", face(root).request, section="west", unit="border-operations", question="?",
        deadline="2020-01-01", task_authority=law,
    )  # fmt: skip


def test_confidence_is_what_is_seen_and_quality_what_is_known(root):
    floor = Floor.open(root)
    reader = floor.reader("keeper", "watch")
    found = coverage_of(floor, reader, datetime(2099, 1, 1, tzinfo=UTC), 2)
    near, far = listed(root)["tower-side"], listed(root)["west"]
    walkers = found.table.probability[0, 1_498:1_503].mean()
    assert near.seen == pytest.approx(walkers, abs=1e-4)
    assert (far.seen, far.confidence, far.known, far.quality) == (0.0, "low", 0.0, "low")
    assert (near.known, near.quality) == (0.0, "low"), "neither weather nor ground is known"


@given(st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=50)
def test_more_is_never_a_lower_level(one, other):
    order = ("low", "medium", "high")
    for table in (sections.CONFIDENCE, sections.QUALITY):
        levels = [order.index(sections._level(value, table)) for value in sorted((one, other))]
        assert levels == sorted(levels)


@pytest.mark.parametrize(
    ("wrong", "key"),
    [("km = [20, 10]", "km"), ('name = "West Bank"', "name"), ('marking = "X"', "marking")],
)
def test_a_section_that_cannot_be_meant_is_refused(wrong, key):
    right = {"name": '"west"', "en": '"West"', "km": "[10, 20]"}
    name, _, value = wrong.partition(" = ")
    text = "".join(f"{name} = {each}\n" for name, each in (right | {name: value}).items())
    with pytest.raises(SettingsError, match=f"section.{key}"):
        schedule.read(f"[[section]]\n{text}", "coverage.toml")
    with pytest.raises(SettingsError, match="twice"):
        schedule.read(f"{SECTIONS}\n[[section]]\nname = 'west'\nen = 'W'\nkm = [1, 2]\n", "coverage.toml")
