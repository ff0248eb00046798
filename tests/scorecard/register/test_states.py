"""States of commitments, against a plain telling of the rules, and what quantities say by themselves."""

from datetime import date, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.scorecard.bilingual import Text, same
from watchfloor.scorecard.findings import Line
from watchfloor.scorecard.register import Cited, Entry, known, late, line, quantity_sentences, state

START = date(2025, 1, 1)
DAYS = st.integers(0, 40).map(lambda n: START + timedelta(n))
COUNTS = st.integers(0, 6).map(float)
WHAT = same("what it says")


def cited(bears, day, value=None, **more):
    return Cited(WHAT, "Publisher", "Title", day, bears, value, **more)


def commitment(**fields):
    usual = {
        "announced": 4.0,
        "announced_on": START,
        "unit": Text("towers", "tours"),
        "data_call": same("all"),
    }
    return Entry("1", "commitment", same("says"), "RCMP", **(usual | fields))


EVIDENCE = st.lists(
    st.builds(
        cited,
        st.sampled_from(["announced", "delivered", "in-service", "context", "contradicts"]),
        DAYS,
        st.none() | COUNTS,
    ),
    max_size=6,
).map(tuple)


@given(
    EVIDENCE, st.none() | COUNTS, st.none() | DAYS, st.booleans(), st.none() | COUNTS, DAYS, DAYS,
)  # fmt: skip
def test_the_state_is_what_the_rules_say(evidence, announced, due, done, own, since, on):
    one = commitment(
        evidence=evidence, announced=announced, due=due, said_done=done, delivered=own, announced_on=since
    )

    def newest(bearing, fallback):
        numbered, spoken = None, False
        for it in sorted(evidence, key=lambda it: it.day):
            if it.day <= on and it.bears in bearing:
                spoken = True
                numbered = it.value if it.value is not None else numbered
        return spoken, fallback if spoken and numbered is None else numbered

    service, service_value = newest({"in-service"}, None)
    delivery, delivery_value = newest({"in-service", "delivered"}, own)

    def reached(spoken, value):
        return spoken and (announced is None or (value is not None and value >= announced))

    if on < since:
        expected = ""
    elif reached(service, service_value):
        expected = "in-service"
    elif reached(delivery, delivery_value):
        expected = "delivered"
    elif due is not None and due < on:
        expected = "late"
    elif (done and delivery_value is None) or (done and not delivery):
        expected = "no-evidence"
    else:
        expected = "announced"
    assert state(one, on) == expected
    assert late(one, on) == (expected == "late")


@given(EVIDENCE, DAYS)
def test_documents_of_later_days_change_nothing(evidence, on):
    whole = commitment(evidence=evidence)
    then = commitment(evidence=tuple(it for it in evidence if it.day <= on))
    assert line(whole, on) == line(then, on)


@given(EVIDENCE, DAYS)
def test_a_line_goes_through_json_unchanged(evidence, on):
    shown = line(commitment(evidence=evidence), on)
    assert msgspec.json.decode(msgspec.json.encode(shown), type=Line) == shown


def test_only_commitments_have_a_state():
    for kind in ("figure", "statement", "context", "uncheckable"):
        assert state(msgspec.structs.replace(commitment(), kind=kind), START) == ""


def test_what_is_in_service_has_been_delivered():
    one = commitment(evidence=(cited("in-service", START, 4.0),))
    assert known(one, "delivered", START).value == 4
    assert state(one, START) == "in-service"


def test_the_newest_number_counts_also_where_it_is_less():
    one = commitment(
        evidence=(cited("in-service", START, 4.0), cited("in-service", START + timedelta(9), 2.0))
    )
    assert state(one, START + timedelta(8)) == "in-service"
    assert state(one, START + timedelta(9)) == "announced"


def test_of_two_documents_of_one_day_the_one_written_last_counts():
    one = commitment(evidence=(cited("delivered", START, 1.0), cited("delivered", START, 3.0)))
    assert known(one, "delivered", START).value == 3


def test_more_than_announced_is_told_and_not_refused():
    more = quantity_sentences(commitment(evidence=(cited("delivered", START, 5.0),)), START)
    assert more == (Text("More than announced: 5 for 4 towers.", "Plus qu’annoncé\u00a0: 5 pour 4 tours."),)


def test_a_part_is_told():
    (part,) = quantity_sentences(commitment(evidence=(cited("delivered", START, 1.5),)), START)
    assert part == Text("1.5 of 4 towers, as far as is known.", "1,5 sur 4 tours, d’après ce qu’on en sait.")


def test_a_delivery_without_a_number_is_no_evidence_of_the_number():
    one = commitment(evidence=(cited("delivered", START),))
    assert state(one, START) == "no-evidence"
    assert "none says how many" in line(one, START).found.en


def test_what_is_from_memory_says_so_to_the_reader():
    one = commitment(evidence=(cited("context", START, checked=False),))
    (shown,) = line(one, START).evidence
    assert shown.what.en == "what it says (from memory; the document was not read)"
    assert shown.what.fr.endswith("(de mémoire; le document n’a pas été lu)")
