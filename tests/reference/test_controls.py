"""The controls, each against the text of the Act where it is at hand."""

import re
from pathlib import Path

import pytest
from lxml import etree

from watchfloor.records.subjects import subject
from watchfloor.reference import controls

ACT = Path(__file__).parents[3] / "shared/data/law/C-38.8@2026-07-23.xml"
ROWS = controls.load().controls


def test_the_reference_has_a_checked_key_of_each():
    table = controls.reference()
    assert table["substance"].to_pylist() == [subject("substance", "cas", one.cas) for one in ROWS]
    assert len(set(table["substance"].to_pylist())) == len(ROWS) > 0


@pytest.fixture(scope="module")
def schedules():
    """Text of each item by schedule and number, such as ("I", "16(5)")."""
    if not ACT.exists():
        pytest.skip(f"needs {ACT.name} of ../shared/data")
    found = {}
    for schedule in etree.parse(ACT).getroot().iter("Schedule"):
        label = schedule.findtext("ScheduleFormHeading/Label") or ""
        if name := re.fullmatch(r"SCHEDULE ([IVX]+)", label.strip()):
            for item in schedule.iter("Item"):
                labels = [one.findtext("Label") for one in (*item.iterancestors("Item"), item)]
                outer = [label for label in labels if label]
                number = "".join(sorted(outer, key=lambda text: text.startswith("(")))
                found.setdefault((name[1], number), item)  # of Schedule VI, Part 1 comes first
    return found


@pytest.mark.parametrize("control", ROWS, ids=lambda one: one.name)
def test_the_act_names_it_under_that_item(control, schedules):
    assert names(schedules[control.schedule, control.item], control.name)


def test_the_check_can_fail(schedules):
    """Another item of the same schedule does not name it."""
    assert not names(schedules["I", "16(3)"], "fentanyl")
    assert ("I", "16(99)") not in schedules


def names(item, name):
    """Whether the item's own words, without those of its sub-items, hold a name as a word."""
    return name in re.findall(r"\w+", "".join(item.find("Text").itertext()).lower())


def test_the_day_that_was_read_is_the_file_s(schedules):
    lims = "{http://justice.gc.ca/lims}current-date"
    assert etree.parse(ACT).getroot().get(lims) == controls.load().read
