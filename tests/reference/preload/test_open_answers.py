"""Answers to advance data that nobody has lifted."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.kinds import RESPONSE
from watchfloor.formats.tabular.fields import ANSWERS
from watchfloor.reference.preload import answers, unlifted

AT = datetime(2026, 7, 14, 9, 30, tzinfo=UTC)


def responses(*rows):
    """Each a subject, an answer, its code, and minutes after AT."""
    made = [
        {
            "observed_at": AT + timedelta(minutes=at),
            "subject": f"parcel:hawb:{who}",
            "answer": answer,
            "code": code,
        }
        for who, answer, code, at in rows
    ]
    return pa.Table.from_pylist(made, schema=RESPONSE.schema)


def standing(*rows):
    got = unlifted(responses(*rows))
    return [(row["subject"].removeprefix("parcel:hawb:"), row["answer"]) for row in got.rows.to_pylist()]


@pytest.mark.parametrize(
    ("answer", "raised", "held", "lifted"),
    [
        ("refer-information", "7H", "7J", "7I"),
        ("refer-screening", "8H", "8J", "8I"),
        ("do-not-load", "6H", "6J", "6I"),
    ],
)
def test_a_referral_stands_until_its_own_removal(answer, raised, held, lifted):
    assert standing(("a", answer, raised, 0)) == [("a", answer)]
    assert standing(("a", answer, raised, 0), ("a", answer, held, 1)) == [("a", answer)]
    assert standing(("a", answer, raised, 0), ("a", "release", lifted, 1)) == []
    assert standing(("a", answer, raised, 0), ("a", "assessed", "CO", 1)) == []
    assert standing(("a", "assessed", "CO", 0), ("a", answer, raised, 1)) == [("a", answer)]
    assert standing(("a", answer, raised, 0), ("b", "release", lifted, 1)) == [("a", answer)]


def test_the_removal_of_one_referral_lifts_no_other():
    rows = [("a", "refer-information", "7H", 0), ("a", "do-not-load", "6H", 1), ("a", "release", "7I", 2)]
    assert standing(*rows) == [("a", "do-not-load")]


def test_a_receipt_lifts_a_rejection_and_nothing_else():
    rows = [("a", "rejected", "PER", 0), ("a", "refer-screening", "8H", 1), ("a", "accepted", "SR", 2)]
    assert standing(*rows) == [("a", "refer-screening")]


def test_of_answers_at_one_moment_the_later_row_counts():
    assert standing(("a", "hold", None, 0), ("a", "release", None, 0)) == []
    assert standing(("a", "release", None, 0), ("a", "hold", None, 0)) == [("a", "hold")]


def test_rows_may_come_in_any_order_and_the_oldest_is_shown_first():
    rows = [
        ("b", "hold", None, 5),
        ("a", "release", None, 3),
        ("a", "examine", None, 1),
        ("c", "hold", None, 2),
    ]
    assert standing(*rows) == [("c", "hold"), ("b", "hold")]


def test_no_answer_at_all():
    got = unlifted(responses())
    assert (got.rows.num_rows, got.lifted) == (0, 0)


ROWS = st.tuples(
    st.sampled_from("ab"),
    st.sampled_from(ANSWERS),
    st.sampled_from([None, "7H", "7I", "8I", "6I", "CO"]),
    st.integers(0, 3),
)


@settings(max_examples=draws(30))
@given(st.lists(ROWS, max_size=8))
def test_it_is_what_one_gets_by_going_through_the_answers(rows):
    open_, ended = {}, 0
    for at, (who, answer, code, _) in sorted(enumerate(rows), key=lambda one: (one[1][3], one[0])):
        for word, said in answers().items():
            frees = answer in said.lifted and (
                not said.lifted_codes or code is None or code in said.lifted_codes
            )
            if answer == word:
                open_[who, word] = at
            elif frees and (who, word) in open_:
                open_.pop((who, word))
    raised = {(who, answer) for who, answer, _, _ in rows if answer in answers()}
    ended = len(raised) - len(open_)
    got = unlifted(responses(*rows))
    assert set(standing(*rows)) == open_.keys()
    assert got.lifted == ended
