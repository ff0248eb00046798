"""What came of alarms: confirmed, refuted, waiting; missed and cleared; and how strong a device becomes."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desks.lab.benches import COCAINE, FENTANYL, reading, result

from watchfloor.desks.lab.law import Law
from watchfloor.desks.lab.outcomes import STRENGTHS, lowered, outcomes, strength, strongest
from watchfloor.desks.lab.sample import CONTROLS

CONTROLLED = Law(CONTROLS).controlled


def came(*rows):
    return [one.came for one in outcomes(rows, CONTROLLED)]


ALARM = reading(1, "presumptive", "ims", serial="7")
DOG = reading(1, "presumptive", "dog", substance=None, results=[result("presumptive", name="target:drugs")])


@pytest.mark.parametrize(
    ("after", "what"),
    [
        ([], "waiting"),
        ([reading(2, "identified")], "confirmed"),
        ([reading(0, "identified")], "confirmed"),
        ([reading(2, "identified", "ftir")], "confirmed"),
        ([reading(2, "identified", "ims")], "waiting"),
        ([reading(2, "presumptive", "raman")], "waiting"),
        ([reading(2, "identified", substance=COCAINE)], "waiting"),
        ([reading(2, "not-detected")], "refuted"),
        ([reading(0, "not-detected")], "waiting"),
        ([reading(2, "not-detected", "raman")], "waiting"),
        ([reading(2, "not-detected", substance=COCAINE)], "waiting"),
        ([reading(2, "not-detected"), reading(3, "identified")], "confirmed"),
        ([reading(2, "identified", quality=["calibrant-failed"])], "waiting"),
    ],
)
def test_an_alarm(after, what):
    assert came(ALARM, *after)[0] == what


@pytest.mark.parametrize(
    ("after", "what"),
    [
        ([reading(2, "identified", substance=COCAINE)], "confirmed"),
        ([reading(2, "identified", substance="substance:cas:58-08-2")], "waiting"),
        ([reading(2, "not-detected", substance=None)], "refuted"),
        ([reading(2, "not-detected")], "waiting"),
    ],
)
def test_an_alert_for_drugs_as_such(after, what):
    assert came(DOG, *after)[0] == what


def test_negatives_are_missed_or_cleared():
    silent = reading(1, "not-detected", "ims", serial="7")
    assert came(silent, reading(2, "identified"))[0] == "missed"
    assert came(silent, reading(2, "not-detected"))[0] == "cleared"
    assert came(silent) == ["silent"]


def test_one_device_says_one_thing_at_one_time_once():
    objects = [result("presumptive", name=f"threat:contraband object {n}") for n in range(5)]
    image = reading(1, "presumptive", "x-ray", serial="X", substance=None, results=objects)
    relayed = ALARM | {"record_id": bytes(16), "source": "partner"}
    both = ALARM | {"results": [result("not-detected", FENTANYL), result("presumptive", FENTANYL)]}
    assert came(image) == came(ALARM, relayed) == came(both) == ["waiting"]
    again = ALARM | {"observed_at": reading(3, None)["observed_at"]}
    assert came(ALARM, again) == ["waiting"] * 2


def test_what_is_doubted_confirms_and_refutes_nothing():
    for level in ("identified", "not-detected"):
        assert came(ALARM, reading(2, level, quality=["calibration-overdue"]))[0] == "waiting"


def test_a_family_that_is_not_there_does_not_refute_a_dog():
    row = reading(2, None, substance=None, results=[result("not-detected", name="class:fentanyl")])
    assert came(DOG, row)[0] == "waiting"


def test_a_strip_that_says_identified_is_a_first_test():
    assert came(reading(1, "identified", "immunoassay"), reading(2, "identified")) == ["confirmed"]


def test_a_reading_set_aside_is_no_alarm():
    assert came(ALARM | {"quality": ["blank-failed"]}, reading(2, "identified")) == []


@pytest.mark.parametrize(
    ("right", "checked", "worth"),
    [
        (0, 0, "presumptive"),
        (5, 5, "presumptive"),
        (6, 6, "presumptive-strong"),
        (0, 1, "presumptive"),
        (0, 2, "presumptive-weak"),
        (90, 100, "presumptive"),
        (97, 100, "presumptive-strong"),
        (50, 100, "presumptive-weak"),
    ],
)
def test_strengths(right, checked, worth):
    assert strength(right, checked) == worth


@given(st.integers(0, 500), st.integers(0, 500))
def test_one_more_confirmed_never_weakens_and_one_more_refuted_never_strengthens(right, wrong):
    rank = STRENGTHS.index
    now = rank(strength(right, right + wrong))
    assert rank(strength(right + 1, right + wrong + 1)) >= now >= rank(strength(right, right + wrong + 1))


def test_steps():
    assert [lowered(one) for one in STRENGTHS] == [STRENGTHS[0], *STRENGTHS[:-1]]
    assert all(strongest(pair) == max(pair, key=STRENGTHS.index) for pair in product(STRENGTHS, repeat=2))


def test_findings_leave_the_instrument_s_own_readings_out():
    assert came(ALARM | {"matrix": "blank"}, reading(2, "identified")) == []
    assert FENTANYL in CONTROLS["substance"].to_pylist()
