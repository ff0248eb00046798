"""What stands of a desk's evidence, and what a row that takes another's place changes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.messages import declare
from watchfloor.desks.assertions import number_of, rests_on
from watchfloor.desks.standing import CurrentEvidence, revised, standing_rows
from watchfloor.desks.state import freeze, restored, tables

DAY = datetime(2026, 1, 1, tzinfo=UTC)
BACK = declare("test.standing-back", en="Back on {day}.", fr="De retour le {day}.")


def row(number, key="K", hours=0, **more):
    plain = {"record_id": number.to_bytes(16, "big"), "report_key": key, "source": "s", "origins": []}
    return plain | {"observed_at": DAY + timedelta(hours=hours), "marking": "PA//TLP:AMBER"} | more


def say(thing, rows):
    """One signal about a thing that has two rows."""
    if len(rows) < 2:
        return {}
    return {thing.encode(): {"row_id": thing.encode(), "retracted": False, "reason": {}} | rests_on(rows)}


def put(state, given, thing):
    return list(revised(state, given, thing, say, BACK))


def test_a_row_takes_the_place_of_its_report_and_of_no_other():
    state = CurrentEvidence()
    for number, key in ((1, "A"), (2, "B"), (3, None), (4, None), (5, "A")):
        state.put(row(number, key), "x")
    assert [one["record_id"][-1] for one in state.rows_of("x")] == [3, 4, 5, 2]


def test_a_report_of_another_kind_or_source_keeps_its_place():
    state = CurrentEvidence()
    for number, more in ((1, {}), (2, {"source": "t"}), (3, {"kind": "reading"})):
        state.put(row(number, "A", **more), "x")
    assert len(state.rows_of("x")) == 3


def test_a_row_about_nothing_ends_what_stood():
    state = CurrentEvidence()
    state.put(row(1), "x")
    state.put(row(2), None)
    assert state.rows_of("x") == []
    assert state.rows == {}


def test_what_is_unchanged_is_not_said_again():
    state = CurrentEvidence()
    assert put(state, row(1, "A"), "x") == []
    assert [one["row_id"] for one in put(state, row(2, "B"), "x")] == [b"x"]
    assert put(state, row(3, "C"), "y") == []


def test_a_row_that_moves_takes_back_there_and_asserts_here():
    state = CurrentEvidence()
    for number, key, thing in ((1, "A", "x"), (2, "B", "x"), (3, "C", "y")):
        put(state, row(number, key), thing)
    made = put(state, row(4, "B", hours=1, marking="PB//TLP:RED"), "y")
    assert [(one["row_id"], one["retracted"]) for one in made] == [(b"y", False), (b"x", True)]
    assert made[1]["evidence"][-1] == row(4)["record_id"]
    assert made[1]["marking"] == "PB//TLP:RED"
    assert {one["at"] for one in made} == {DAY + timedelta(hours=1)}


def test_a_subject_is_called_by_its_number_where_the_sentence_says_what_it_is():
    assert number_of("account:iban:FI2112345600000785", "account") == "FI2112345600000785"
    assert number_of("person:bank:7", "account") == "person:bank:7"


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([None, "x", "y"])), max_size=20))
def test_what_stands_is_the_last_of_each_report(told):
    """Oracle: a dictionary."""
    state, last = CurrentEvidence(), {}
    for number, (key, thing) in enumerate(told):
        state.put(row(number, f"{key}"), thing)
        last[key] = (number, thing)
    for thing in ("x", "y"):
        expected = {number for number, about in last.values() if about == thing}
        assert {int.from_bytes(one["record_id"], "big") for one in state.rows_of(thing)} == expected


COLUMNS = {
    "record_id": pa.binary(16),
    "report_key": pa.string(),
    "source": pa.string(),
    "observed_at": pa.timestamp("us", tz="UTC"),
    "subject": pa.string(),
}
KEPT = pa.schema(COLUMNS)


@dataclass
class Read:
    standing: CurrentEvidence = standing_rows(KEPT, lambda one: one["subject"], part="standing")


@dataclass
class Lazy:
    standing: CurrentEvidence = standing_rows(KEPT, "subject", part="standing")


def kept_row(number, key, thing):
    made = row(number, key, hours=-number)
    return {name: made.get(name, thing) for name in COLUMNS}


MOVES = st.lists(
    st.tuples(st.sampled_from(["A", "B", "C", None]), st.sampled_from(["x", "y", None])), max_size=9
)


@given(st.tuples(MOVES, MOVES, MOVES))
def test_rows_of_a_checkpoint_are_the_same_read_when_they_are_asked_for(stretches):
    number, states = 0, [Read(), Lazy()]
    for stretch in stretches:
        for key, thing in stretch:
            number += 1
            for one in states:
                one.standing.put(kept_row(number, key, thing), thing)
            assert states[0].standing.rows_of("x") == states[1].standing.rows_of("x")
        assert states[0].standing.things == states[1].standing.things
        assert freeze(states[0]).equals(freeze(states[1]))
        states = [restored(type(one)(), tables(one)) for one in states]
