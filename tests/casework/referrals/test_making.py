"""The life of a referral: what may follow what, whatever is tried in whatever order, and what is never
lost."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.casework.referrals.world import COURIER
from tests.refusals import because

from watchfloor.casework.referrals import life, record_builders
from watchfloor.casework.referrals.life import (
    AFTER,
    REASONS,
    Change,
    ExaminationResult,
    Pick,
    Referral,
    reason_of,
)
from watchfloor.casework.referrals.repository import NOBODY_SAID
from watchfloor.cell.acts import Conflict, Refusal, render
from watchfloor.formats.tabular.fields import CHOSEN_BY, REFERRAL_STATES

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DUE = NOW + timedelta(hours=4)
KEPT = ("subject", "document", "chosen_by", "chance", "scheme", "authority", "marking", "referral")


def begun(**more):
    asked = Pick(COURIER, "x-ray", DUE, "uncertainty", 0.2, "s", "H-77", **more)
    return Referral(
        (record_builders.referred(asked, "Customs Act s. 99(1)(c)", "PA//TLP:AMBER", "anna", NOW, b"k" * 32),)
    )


def test_no_part_of_a_plan_is_told_before_the_end():
    told = {word: Referral((begun().last | {"chosen_by": word},)).chosen_by for word in CHOSEN_BY}
    named = {"lookout", "lead", "officer"}
    assert told == {word: word if word in named else "plan" for word in CHOSEN_BY}


def after(one, row):
    return Referral((*one.history, row))


def tried(make):
    """What an act gives, or None where it is refused, in both languages."""
    try:
        return make()
    except Refusal as error:
        if not all(render(error.reason, language).strip() for language in ("en", "fr")):
            raise
        return None


TRIED = {
    "amended": lambda one, on, at: record_builders.amended(
        one, on, Change("dog" if on % 2 else "trace"), "anna", at, "why"
    ),
    "withdrawn": lambda one, on, at: record_builders.withdrawn(one, on, "anna", at, "why"),
    "examined": lambda one, on, at: record_builders.examined(
        one, on, ExaminationResult("nothing", why="seen"), "anna", at
    ),
    "not-examined": lambda one, on, at: record_builders.not_examined(
        one, on, "anna", at, "no-officer", "two on leave"
    ),
    "expired": lambda one, on, at: record_builders.expired(one, NOBODY_SAID, "anna", at),
}


@given(
    st.lists(st.tuples(st.sampled_from(sorted(TRIED)), st.integers(0, 3), st.integers(-1, 0)), max_size=12)
)
def test_acts_follow_each_other_as_the_table_has_it_and_lose_nothing(tries):
    one, at = begun(), NOW
    for what, hours, behind in tries:
        at += timedelta(hours=hours)
        before = one.standing(at)
        may = what in AFTER[before] and (behind == 0 or what == "expired")
        if what == "expired":
            may = before == "expired" and one.state in life.OPEN
        made = tried(partial(TRIED[what], one, one.edition + behind, at))
        assert (made is not None) == may
        one = after(one, made) if made else one
        assert not made or one.state == what
    assert [row["edition"] for row in one.history] == list(range(1, len(one.history) + 1))
    assert all(row[name] == one.history[0][name] for row in one.history for name in KEPT)
    assert Referral.fold(one.history)[one.id] == one


def test_the_table_has_every_state_and_every_referral_can_end():
    assert AFTER.keys() == set(REFERRAL_STATES)
    assert all(
        {"examined", "not-examined"} <= set(AFTER[state]) for state in ("referred", "amended", "expired")
    )


def test_the_clock_ends_what_is_open_at_its_deadline_and_not_before():
    one = begun()
    assert [one.standing(DUE - timedelta(seconds=1)), one.standing(DUE)] == ["referred", "expired"]
    ended = after(one, record_builders.not_examined(one, 1, "anna", DUE, "departed", "gone"))
    assert ended.standing(DUE + timedelta(days=9)) == "not-examined"
    assert [life.urgent(each, DUE)[0] for each in (one, ended)] == [0, 2]


def test_an_end_is_put_right_with_a_reason_and_the_edition_that_was_seen():
    one = begun()
    ended = after(one, record_builders.examined(one, 1, ExaminationResult("inconclusive"), "anna", NOW))
    with pytest.raises(Refusal, check=because("cell.empty-text", what_words="why")):
        record_builders.examined(ended, 2, ExaminationResult("nothing"), "anna", NOW)
    with pytest.raises(Conflict, check=because("referrals.stale", made_on=1)):
        record_builders.examined(ended, 1, ExaminationResult("nothing", why="laboratory"), "anna", NOW)
    row = record_builders.examined(
        ended, 2, ExaminationResult("finding", found=("precursor",), why="laboratory"), "anna", NOW
    )
    assert (row["edition"], row["result"], row["found"]) == (3, "finding", ["precursor"])


@pytest.mark.parametrize(
    ("what", "message", "params"),
    [
        (ExaminationResult("maybe"), "referrals.no-word", {"what_words": "result", "given": "maybe"}),
        (ExaminationResult("finding"), "referrals.found-without", {}),
        (ExaminationResult("nothing", found=("weapon",)), "referrals.found-without", {}),
        (
            ExaminationResult("finding", found=("gold",)),
            "referrals.no-word",
            {"what_words": "found", "given": "gold"},
        ),
        (
            ExaminationResult("finding", found=("precursor",), substance="person:x:1"),
            "referrals.no-substance",
            {},
        ),
        (ExaminationResult("nothing", substance="substance:cas:437-38-7"), "referrals.no-substance", {}),
        (
            ExaminationResult("nothing", "sieve"),
            "referrals.no-word",
            {"what_words": "means", "given": "sieve"},
        ),
    ],
)
def test_a_result_that_says_two_things_or_nothing_is_refused(what, message, params):
    with pytest.raises(Refusal, check=because(message, **params)):
        record_builders.examined(begun(), 1, what, "anna", NOW)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"subject": "parcel:s10:RR123456784CA"}, "referrals.subject"),
        ({"subject": "vessel:imo:9074729"}, "referrals.no-item"),
        ({"chance": 0.0}, "referrals.chance"),
        ({"chance": 1.5}, "referrals.chance"),
        ({"deadline": NOW}, "referrals.past"),
        ({"deadline": None}, "referrals.no-deadline"),
        ({"chosen_by": "hunch"}, "referrals.no-word"),
    ],
)
def test_a_pick_that_cannot_be_examined_or_counted_is_refused(more, message):
    asked = Pick(COURIER, "x-ray", DUE)._replace(**more)
    with pytest.raises(Refusal, check=because(message)):
        record_builders.referred(asked, "an Act", "PA//TLP:AMBER", "anna", NOW, b"k" * 32)


def test_a_reason_is_a_word_of_the_list_or_other():
    assert [reason_of(f"{word}: seen") for word in REASONS] == list(REASONS)
    assert [reason_of(text) for text in (None, "", "gone", "departed")] == ["other"] * 3 + ["departed"]
    with pytest.raises(Refusal, check=because("referrals.no-word", what_words="reason", given="busy")):
        record_builders.not_examined(begun(), 1, "anna", NOW, "busy", "seen")
