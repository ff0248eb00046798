"""The controls, each against the text of the Act where it is at hand."""

import re
from pathlib import Path

import pytest
from lxml import etree

from watchfloor.records.subjects import subject
from watchfloor.reference import controls

LAW = Path(__file__).parents[3] / "shared/data/law"
ACTS = {"en": LAW / "C-38.8@2026-07-23.xml", "fr": LAW / "fra-C-38.8@2026-07-23.xml"}
ROWS = controls.load().controls


def test_the_reference_has_a_checked_key_of_each():
    table = controls.reference()
    assert table["substance"].to_pylist() == [subject("substance", "cas", one.cas) for one in ROWS]
    assert len(set(table["substance"].to_pylist())) == len(ROWS) > 0


@pytest.fixture(scope="module", params=ACTS)
def act(request):
    """A language, and the text of the Act in it."""
    if not ACTS[request.param].exists():
        pytest.skip(f"needs {ACTS[request.param].name} of ../shared/data")
    return request.param, etree.parse(ACTS[request.param]).getroot()


def items(root):
    """Each item by schedule and number, such as ("I", "16(5)")."""
    found = {}
    for schedule in root.iter("Schedule"):
        label = schedule.findtext("ScheduleFormHeading/Label") or ""
        if name := re.fullmatch(r"(?:SCHEDULE|ANNEXE) ([IVX]+)", label.strip()):
            for item in schedule.iter("Item"):
                labels = [one.findtext("Label") for one in (*item.iterancestors("Item"), item)]
                outer = [label for label in labels if label]
                number = "".join(sorted(outer, key=lambda text: text.startswith("(")))
                found.setdefault((name[1], number), item)  # of Schedule VI, Part 1 comes first
    return found


def names(item, name):
    """Whether the item's own words, without those of its sub-items, hold a name as a word."""
    return name in re.findall(r"\w+", "".join(item.find("Text").itertext()).lower())


@pytest.mark.parametrize("control", ROWS, ids=lambda one: one.name.en)
def test_the_act_names_it_under_that_item_in_both_languages(control, act):
    language, root = act
    assert names(items(root)[control.schedule, control.item], getattr(control.name, language))


def test_the_check_can_fail(act):
    """Another item of the same schedule does not name it."""
    _, root = act
    assert not names(items(root)["I", "16(3)"], "fentanyl")
    assert ("I", "16(99)") not in items(root)


def test_the_day_that_was_read_is_the_file_s(act):
    _, root = act
    assert root.get("{http://justice.gc.ca/lims}current-date") == controls.load().read


def test_a_name_is_said_once_where_both_languages_have_it():
    assert [str(one.name) for one in ROWS if one.cas in ("437-38-7", "50-36-2")] == [
        "cocaine / cocaïne",
        "fentanyl",
    ]
