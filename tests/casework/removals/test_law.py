"""The provisions of the register against the stored text of the Act."""

from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from watchfloor.casework.removals.law import AMENDED, provision_of, provisions, under
from watchfloor.casework.removals.steps import GROUNDS, STEPS
from watchfloor.reference.law import wordings

DATA = Path(__file__).parents[4] / "shared" / "data" / "law" / "gateways"
SINCE = "{http://justice.gc.ca/lims}inforce-start-date"
PARTS = ("Subsection", "Paragraph", "Subparagraph")


def texts(name):
    """By label: from when a provision's words are in force, and all its words."""
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is not here: the stored text of the Act is material beside the project")
    found = {}

    def walk(element, label):
        label += element.findtext("Label") or ""
        found[label] = element.get(SINCE), " ".join("".join(element.itertext()).split())
        for child in element:
            if child.tag in PARTS:
                walk(child, label)

    for section in etree.parse(DATA / name).getroot().find("Body").iter("Section"):
        walk(section, "")
    return found


def test_each_provision_says_what_the_table_has_and_since_when():
    now = texts("I-2.5.xml")
    for one in provisions().values():
        if not one.read:
            since, said = now[one.label]
            assert one.says in said, one.label
            assert one.wording is None or since == one.wording.isoformat(), one.label


def test_words_that_were_changed_stood_before_and_stand_no_more():
    before, now = texts("I-2.5@2026-01-27.xml"), texts("I-2.5.xml")
    changed = [one for one in provisions().values() if one.was]
    assert {one.label for one in changed} == {"49(1)(b)", "49(2)(b)", "49(2)(c)", "49(2)(d)"}
    for one in changed:
        assert one.was in before[one.label][1], one.label
        assert one.was not in now[one.label][1], one.label
        assert one.wording == AMENDED


def test_what_came_in_2026_was_not_there_in_january():
    before = texts("I-2.5@2026-01-27.xml")
    new = {one.label for one in provisions().values() if one.since == AMENDED}
    assert new == {"49(2)(f)", "49(2)(g)", "101(1)(b.1)", "101(1)(b.2)"}
    assert not new & before.keys()


def test_every_section_that_a_step_may_rest_on_is_a_provision():
    labels = {label for step in STEPS.values() for label in step.sections} | set(GROUNDS)
    assert not {label for label in labels if provision_of(label) is None}


def test_each_regulation_says_where_it_was_read():
    assert all(bool(one.read) == one.label.startswith("R") for one in provisions().values())


@pytest.mark.parametrize(
    ("section", "found"),
    [("41(a)", "41"), ("35.1(1)(b)", "35.1"), ("101(1)(b.1)", "101(1)(b.1)"), ("101(1)(d)", "101(1)")],
)
def test_a_part_falls_under_the_narrowest_provision(section, found):
    assert provision_of(section).label == found


def test_no_section_falls_under_one_that_only_begins_alike():
    assert provision_of("410") is None
    assert not under("35.1", ("35",))
    assert under("35(1)(a)", ("35",))


def test_a_provision_is_in_force_from_its_day():
    new = provisions()["101(1)(b.1)"]
    assert not new.in_force(date(2026, 3, 25))
    assert new.in_force(date(2026, 3, 26))


@pytest.mark.parametrize("day", [date(2026, 1, 27), date(2026, 3, 25), date(2026, 3, 26), date(2026, 7, 23)])
def test_what_is_in_force_agrees_with_the_table_of_wordings(day):
    for one in provisions().values():
        if ("I-2.5", one.label) in wordings.wordings():
            told = wordings.in_force("I-2.5", one.label, day)
            assert told is None or told == one.in_force(day), one.label
