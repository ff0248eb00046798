import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import because

from watchfloor.casework.flags import FLAGS, HAZARDOUS, inherited, ordered, rank
from watchfloor.cell.acts import Refusal
from watchfloor.core.subjects import parts, subject


def task(id_, lead, subjects, flags):
    return {"task": id_, "lead": lead, "subjects": subjects, "flags": flags}


def entry(about, *flags):
    return {"about": about, "flags": list(flags)}


def test_flags_come_from_the_lead_from_earlier_tasks_and_from_the_watch_log():
    earlier = [
        task("t1", "lead1", ["person:f:1"], ["officer-safety"]),
        task("t2", "other", ["person:f:2"], ["fentanyl-hazard"]),
    ]
    assert inherited("lead9", ["person:f:1"], earlier, []) == ["officer-safety"]
    assert inherited("lead1", ["person:f:9"], earlier, []) == ["officer-safety"]
    assert inherited("lead9", ["person:f:9"], earlier, []) == []
    assert inherited("lead9", ["person:f:1"], earlier, [entry("t1", "fentanyl-hazard")]) == [
        "officer-safety",
        "fentanyl-hazard",
    ]
    assert inherited("lead9", [], [], [entry("lead9", "officer-safety")]) == ["officer-safety"]
    assert inherited(None, [], [], [entry(None, "officer-safety")]) == []


def test_a_life_at_risk_is_an_event_and_not_inherited():
    assert inherited("a", [], [task("t", "a", [], ["life-at-risk"])], [entry("a", "life-at-risk")]) == []


def test_a_substance_that_is_dangerous_by_itself_brings_its_flag():
    for key in HAZARDOUS:
        assert subject(*parts(key)) == key  # a checked CAS number
        assert inherited(None, [key], [], []) == ["fentanyl-hazard"]


@given(st.lists(st.sampled_from(FLAGS)))
def test_flags_stand_once_in_their_order(flags):
    found = ordered(flags)
    assert found == [flag for flag in FLAGS if flag in flags]
    assert rank(found) == min((FLAGS.index(flag) for flag in flags), default=len(FLAGS))


def test_an_unknown_flag_is_said():
    with pytest.raises(
        Refusal, check=because("cell.unknown-flag", flags="life-at-risk, officer-safety, fentanyl-hazard")
    ):
        ordered(["oficer-safety"])
