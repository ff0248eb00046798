"""What the desk says of several results, doubts, rates, days of the law, negatives and families."""

from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks.lab.benches import (
    CAFFEINE,
    COCAINE,
    DAY,
    EPHEDRINE,
    FENTANYL,
    PARCEL,
    checked,
    history,
    reading,
    result,
    standing,
    told,
    why,
)
from tests.thorough import draws

from watchfloor.cell.weighing.weights import load
from watchfloor.core.messages import MESSAGES
from watchfloor.desks.lab.messages import DOUBTS, FIRST
from watchfloor.desks.lab.outcomes import STRENGTHS
from watchfloor.desks.lab.quality import EFFECTS, doubts
from watchfloor.formats.lab.reading_quality import QUALITY
from watchfloor.messages import typeset


def test_each_result_of_a_reading_speaks():
    results = [
        result("presumptive", FENTANYL),
        result("presumptive", EPHEDRINE),
        result("not-detected", COCAINE),
    ]
    row = reading(1, None, "dart-ms", substance=None, results=results)
    assert told(row) == [("controlled-precursor", "presumptive"), ("controlled-substance", "presumptive")]


def test_masses_and_shares_are_told_with_their_uncertainty():
    share = {"share": 0.041, "share_low": 0.021, "share_high": 0.073, "by": "weight"}
    results = [result("identified", FENTANYL, **share)]
    (one,) = standing(reading(1, "identified", results=results, mass=12.504, mass_error=0.021))
    assert "[m = 12.5 g ± 0.042 g (k = 2); w = 0.041 (0.021–0.073)]" in why(one)
    assert "(k = 2)" in why(one, "fr")
    (one,) = standing(reading(1, "identified", results=[results[0] | {"by": "signal"}]))
    assert "[signal = 0.041 (0.021–0.073)]" in why(one)


@pytest.mark.parametrize(
    ("minutes", "days", "rules"),
    [(1, 0, ["controlled-substance"]), (1, 1, []), (1, -1, [])],
)
def test_a_reading_is_judged_by_the_law_of_its_day(minutes, days, rules):
    """Cocaine is controlled on 1 January 2026 alone in this law."""
    row = reading(minutes, "identified", substance=COCAINE, observed_at=DAY + timedelta(days=days))
    assert [one["rule"] for one in standing(row)] == rules


@pytest.mark.parametrize(
    ("schedule", "part", "item", "rule", "cited"),
    [
        (
            "VI",
            "2",
            "7",
            "controlled-precursor",
            "class B precursor, Controlled Drugs and Substances Act, Schedule VI, Part 2, item 7",
        ),
        ("V", None, "2", "controlled-precursor", "Schedule V, item 2."),
        ("V", "2.1", "", "controlled-precursor", "Schedule V.2.1, item —."),
        ("V", "1", "1", "controlled-substance", "Schedule V.1, item 1."),
        ("IV", None, "28", "controlled-substance", "Schedule IV, item 28."),
    ],
)
def test_precursors_are_of_schedule_vi_and_of_v_but_for_its_first_part(schedule, part, item, rule, cited):
    controls = pa.table(
        {
            "substance": [FENTANYL],
            "name": ["x"],
            "schedule": [schedule],
            "item": [item],
            "part": pa.array([part], pa.string()),
        }
    )
    (one,) = standing(reading(1, "identified"), controls=controls)
    assert one["rule"] == rule
    assert cited in why(one)


def test_an_inchikey_is_the_substance_that_it_names():
    key = "substance:inchikey:PJMPHNIQZUBGLI-UHFFFAOYSA-N"
    (one,) = standing(reading(1, "identified", substance=key), reading(2, "identified"))
    assert one["subjects"] == [PARCEL, FENTANYL]
    assert len(one["evidence"]) == 2


def test_one_technique_alone_does_not_identify():
    (one,) = standing(reading(1, "identified", "ftir"))
    assert one["strength"] == "presumptive-strong"
    assert "One technique alone" in why(one)
    (two,) = standing(reading(1, "identified", "ftir"), reading(2, "presumptive", "colour-test"))
    assert two["strength"] == "identified"


def test_a_doubtful_second_technique_is_none():
    rows = [
        reading(1, "identified", "ftir"),
        reading(2, "presumptive", "immunoassay", quality=["strip-expired"]),
    ]
    assert told(*rows) == [("controlled-substance", "presumptive-strong")]


def test_methods_are_named_in_both_languages():
    (one,) = standing(reading(1, "presumptive", "immunoassay"))
    assert "par immunoassay / immunodosage indique fentanyl" in why(one, "fr")


def test_a_strip_or_a_dog_that_says_identified_presumes():
    for method in ("immunoassay", "dog", "ims"):
        strip = reading(1, "identified", method)
        assert told(strip) == [("controlled-substance", "presumptive")]
        assert told(strip, reading(2, "presumptive", "ftir")) == [("controlled-substance", "presumptive")]
        assert told(strip, reading(2, "not-detected")) == []
    three = [reading(n, "identified", one) for n, one in enumerate(("uv-vis", "ims", "immunoassay"))]
    assert told(*three) == [("controlled-substance", "identified")]


def test_a_substance_that_is_only_named_is_that_of_the_law():
    row = reading(1, None, "immunoassay", substance=None, results=[result("presumptive", name="Cocaïne")])
    (one,) = standing(row)
    assert one["subjects"] == [PARCEL, COCAINE]
    assert standing(row | {"results": [result("presumptive", name="cocaine base")]}) == []


def test_one_reading_is_one_piece_of_evidence():
    row = reading(1, "presumptive", "ims", results=[result("presumptive", FENTANYL) for _ in range(3)])
    (one,) = standing(row)
    assert one["evidence"] == [row["record_id"]]


def test_first_tests_alone_never_identify():
    rows = [
        reading(1, "presumptive", "ftir"),
        reading(2, "presumptive", "raman"),
        reading(3, "presumptive", "ims"),
    ]
    assert told(*rows) == [("controlled-substance", "presumptive")]


@pytest.mark.parametrize(
    ("right", "wrong", "worth"),
    [(6, 0, "presumptive-strong"), (2, 1, "presumptive"), (0, 3, "presumptive-weak")],
)
def test_an_alarm_is_as_strong_as_its_device_has_been_right(right, wrong, worth):
    before = list(checked("7", right, wrong))
    rows = [*before, reading(100, "presumptive", "ims", serial="7")]
    (one,) = [signal for signal in standing(*rows) if signal["subjects"][0] == PARCEL]
    assert one["strength"] == worth
    assert f"Earlier alarms of this device that were checked: {right + wrong}, confirmed: {right}." in why(
        one
    )
    assert why(one, "fr")


def test_another_device_s_record_is_no_measure_and_no_serial_number_none():
    before = list(checked("7", 0, 3))
    for serial in ("8", None):
        rows = [*before, reading(100, "presumptive", "ims", serial=serial)]
        assert ("controlled-substance", "presumptive") in told(*rows)


def test_what_came_of_it_later_does_not_change_how_strong_it_was():
    alarm = reading(1, "presumptive", "ims", serial="7")
    later = [row | {"observed_at": row["observed_at"] + timedelta(hours=1)} for row in checked("7", 0, 3)]
    later = [
        row | {"record_id": bytes([9]) * 15 + bytes([n]), "report_key": f"B-{n}"}
        for n, row in enumerate(later)
    ]
    mine = [one for one in standing(alarm, *later) if one["subjects"][0] == PARCEL]
    assert [one["strength"] for one in mine] == ["presumptive"]


def test_a_check_that_is_put_right_no_longer_counts():
    before = list(checked("7", 0, 2))
    put_right = [
        row
        | {
            "record_id": bytes([7]) * 15 + bytes([n]),
            "level": "inconclusive",
            "observed_at": DAY + timedelta(minutes=50 + n),
        }
        for n, row in enumerate(before)
        if row["method"] == "gc-ms"
    ]
    alarm = reading(100, "presumptive", "ims", serial="7")
    (one,) = [one for one in standing(*before, *put_right, alarm) if one["subjects"][0] == PARCEL]
    assert one["strength"] == "presumptive"
    assert "Earlier alarms" not in why(one)


@pytest.mark.parametrize("flag", [flag for flag, effect in EFFECTS.items() if effect == "lower"])
def test_a_doubt_lowers_and_is_said(flag):
    (one,) = standing(reading(1, "presumptive", "ims", quality=[flag, "a remark"]))
    assert one["strength"] == "presumptive-weak"
    assert DOUBTS[flag].en in why(one)
    assert typeset(DOUBTS[flag].fr) in why(one, "fr")


@pytest.mark.parametrize("flag", [flag for flag, effect in EFFECTS.items() if effect == "set aside"])
def test_a_reading_set_aside_says_why_and_counts_for_nothing(flag):
    (one,) = standing(reading(1, "presumptive", "ims", quality=[flag]))
    assert (one["rule"], one["strength"]) == ("reading-set-aside", "set aside")
    assert "is set aside" in why(one)
    assert DOUBTS[flag].en in why(one)
    assert told(reading(1, "presumptive", "ims", quality=[flag]), reading(2, "identified")) == [
        ("controlled-substance", "identified")
    ]


def test_a_calibration_from_the_future_or_overdue_lowers():
    for dates, word in (
        ({"calibrated_at": DAY + timedelta(days=1)}, "dated after"),
        ({"calibrated_until": DAY - timedelta(days=1)}, "run out"),
    ):
        (one,) = standing(reading(1, "presumptive", "raman", **dates))
        assert one["strength"] == "presumptive-weak"
        assert word in why(one)
    assert doubts(reading(1, "presumptive", calibrated_at=DAY, calibrated_until=DAY - timedelta(days=2))) == [
        "calibration-overdue"
    ]


def test_an_identification_under_doubt_is_none():
    (one,) = standing(reading(1, "identified", quality=["calibration-overdue"]))
    assert one["strength"] == "presumptive"


def test_a_doubtful_negative_takes_nothing_back():
    rows = (reading(1, "presumptive", "ims"), reading(2, "not-detected", quality=["calibration-overdue"]))
    assert told(*rows) == [("controlled-substance", "presumptive")]


@pytest.mark.parametrize(
    ("method", "matrix", "strength"),
    [
        ("gc-ms", "powder", "strong"),
        ("immunoassay", "powder", "strong"),
        ("dart-ms", "powder", "moderate"),
        ("ims", "powder", "moderate"),
    ],
)
def test_a_negative_speaks_against_as_much_as_it_is_worth(method, matrix, strength):
    (one,) = standing(reading(1, "not-detected", method, matrix=matrix))
    assert (one["rule"], one["strength"], one["subjects"]) == ("controlled-not-found", strength, [PARCEL])
    assert "does not rule it out" in why(one)
    assert "sans l’exclure" in why(one, "fr")


@pytest.mark.parametrize(
    "row",
    [
        reading(1, "not-detected"),
        reading(1, "not-detected", matrix="plant", method="ims"),
        reading(1, "not-detected", matrix="powder", method="immunoassay", substance=EPHEDRINE),
        reading(1, "not-detected", matrix="powder", method="ftir", substance=COCAINE),
        reading(1, "not-detected", matrix="swab", method="dart-ms"),
        reading(1, "not-detected", matrix="swab", method="ims"),
        reading(1, "not-detected", matrix="powder", method="raman"),
        reading(1, "not-detected", matrix="powder", method="ftir"),
        reading(1, "not-detected", matrix="powder", substance=CAFFEINE),
        reading(1, "not-detected", matrix="powder", quality=["calibrant-missing"]),
        reading(1, "not-detected", matrix="blank"),
        reading(1, "inconclusive", matrix="powder"),
    ],
)
def test_a_negative_that_is_worth_little_or_of_unknown_worth_says_nothing(row):
    assert standing(row) == []


def test_that_no_precursor_was_found_is_another_matter():
    results = [result("not-detected", substance) for substance in (FENTANYL, EPHEDRINE)]
    row = reading(1, None, substance=None, matrix="powder", results=results)
    assert told(row) == [("controlled-not-found", "strong"), ("precursor-not-found", "strong")]
    assert told(row | {"results": results[1:]}) == [("precursor-not-found", "strong")]


def test_negatives_are_not_added_up():
    one, two = (reading(n, "not-detected", "ims", matrix="powder") for n in (1, 2))
    assert told(one, two) == told(one) == [("controlled-not-found", "moderate")]


def test_a_negative_is_silent_beside_a_find():
    rows = (reading(1, "identified"), reading(2, "not-detected", matrix="powder", substance=EPHEDRINE))
    assert told(*rows) == [("controlled-substance", "identified")]


def test_a_dog_alerts_to_drugs_and_to_nothing_else_here():
    def dog(target):
        return reading(
            1, "presumptive", "dog", substance=None, results=[result("presumptive", name=f"target:{target}")]
        )

    assert told(dog("drugs")) == [("dog-alert", "presumptive")]
    assert told(dog("currency")) == told(dog("explosives")) == []
    assert told(dog("drugs") | {"quality": ["handler-knew"]}) == [("dog-alert", "presumptive-weak")]
    assert told(dog("drugs") | {"level": None}) == [("dog-alert", "presumptive")]
    assert told(dog("drugs") | {"level": "not-detected"}) == []


def test_a_dog_that_does_not_alert_speaks_against():
    row = reading(
        1,
        "not-detected",
        "dog",
        substance=None,
        matrix="parcel",
        results=[result("not-detected", name="target:drugs")],
    )
    (one,) = standing(row)
    assert (one["rule"], one["strength"]) == ("controlled-not-found", "moderate")
    assert why(one).startswith(f"A detector dog did not alert to drugs at {PARCEL[11:]}. It misses about 12")
    assert "n’a pas signalé de stupéfiants" in why(one, "fr")


def test_an_image_alarms_where_its_report_does():
    objects = [result("presumptive", name=f"threat:contraband object {n}") for n in (1, 2)]
    row = reading(1, "presumptive", "x-ray", substance=None, results=objects)
    (one,) = standing(row)
    assert (one["rule"], one["strength"]) == ("image-alarm", "presumptive")
    assert "(objects: 2)" in why(one)
    assert told(row | {"level": "not-detected"}) == []
    assert told(row | {"results": [result("presumptive", name="threat:laptop object 1")]}) == []
    radiation = [result("presumptive", name=name) for name in ("nuclide:Cs-137", "radiation:gamma")]
    assert told(row | {"method": "radiation", "results": radiation}) == []
    profile = [result("inconclusive", name="peak:A", share=0.9, score=1000.0)]
    assert told(row | {"method": "gc", "level": None, "results": profile}) == []


def test_an_unlisted_member_of_a_family_asks_a_person():
    row = reading(
        1, None, "ms", substance=None, results=[result("presumptive", name="class:fentanyl (amide)")]
    )
    (one,) = standing(row)
    assert (one["rule"], one["strength"], one["subjects"]) == ("new-substance", "presumptive", [PARCEL])
    assert "the fentanyl family" in why(one)
    assert "A person decides" in why(one)
    listed = row | {"results": [result("presumptive", FENTANYL, name="class:fentanyl")]}
    assert told(listed) == [("controlled-substance", "presumptive")]
    unlisted = row | {"results": [result("presumptive", CAFFEINE, name="class:fentanyl")]}
    assert told(unlisted) == [("new-substance", "presumptive")]


def test_a_new_substance_that_chromatography_does_not_find_is_taken_back():
    row = reading(1, None, "ms", substance=None, results=[result("presumptive", name="class:nitazene (x)")])
    not_there = reading(2, None, substance=None, results=[result("not-detected", name="class:nitazene")])
    assert standing(row, not_there) == []


def test_a_new_substance_put_right_is_taken_back():
    row = reading(1, None, "ms", substance=None, results=[result("presumptive", name="class:nitazene")])
    right = reading(2, "identified", substance=CAFFEINE, report_key="A-1")
    assert standing(row, right) == []
    assert history(row, right).num_rows == 2


def test_every_rule_and_strength_that_may_be_weighed_has_a_weight():
    bits = {pair for one in load().hypotheses.values() for pair in one.bits}
    for rule in ("controlled-substance", "controlled-precursor"):
        assert {strength for named, strength in bits if named == rule} == {*STRENGTHS, "identified"}
    for rule in ("dog-alert", "image-alarm", "new-substance"):
        assert {strength for named, strength in bits if named == rule} == set(STRENGTHS)
    for rule in ("controlled-not-found", "precursor-not-found"):
        assert {strength for named, strength in bits if named == rule} == {"strong", "moderate"}
    assert not any(rule == "reading-set-aside" for rule, _ in bits)


def test_each_flag_has_an_effect_and_each_effect_a_sentence():
    assert set(EFFECTS) == set(QUALITY)
    assert {flag for flag, effect in EFFECTS.items() if effect != "none"} < set(DOUBTS)
    assert all(message.id in MESSAGES for message in FIRST.values())


@settings(max_examples=draws(60), deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["identified", "presumptive", "not-detected", None]),
            st.sampled_from(["gc-ms", "ftir", "ims", "dog"]),
            st.sampled_from([None, "7"]),
            st.sampled_from([[], ["blank-failed"], ["strip-expired"]]),
            st.sampled_from([None, "powder"]),
        ),
        max_size=8,
    )
)
def test_nothing_is_said_for_and_against_at_once(drawn):
    rows = [
        reading(n, level, method, serial=serial, quality=quality, matrix=matrix)
        for n, (level, method, serial, quality, matrix) in enumerate(drawn)
    ]
    rules = {rule for rule, _ in told(*rows)} if rows else set()
    assert not {"controlled-substance", "controlled-not-found"} <= rules
    assert not {"controlled-substance", "reading-set-aside"} <= rules
