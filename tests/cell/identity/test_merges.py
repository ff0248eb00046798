from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.cell.identity.merges import judge_pair, standing
from watchfloor.cell.judgements import Judgement
from watchfloor.core.kinds import JUDGEMENT
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

START = datetime(2026, 11, 24, tzinfo=UTC)
A, B, C = "person:a:1", "person:b:2", "phone:phone:16135550114"
OFFICER = Actor("officer", "test", "test")
READER = Reader("officer", "test")


def row(number, pair, verdict, *, expires=None):
    return {
        "record_id": number.to_bytes(16, "big"),
        "report_key": str(number),
        "source": "decisions",
        "origins": [],
        "observed_at": START + timedelta(minutes=number),
        "marking": "PB",
        "delivery": bytes(32),
        "locator": "typed in",
        "subject": pair[0],
        "about": pair[1],
        "verdict": verdict,
        "basis": "",
        "why": "seen",
        "decided_by": "officer",
        "expires_at": expires,
    }


def table(*rows):
    return pa.Table.from_pylist(list(rows), schema=JUDGEMENT.schema)


def says(*rows, now=START + timedelta(days=1)):
    return [(pair.one, pair.other, pair.verdict) for pair in standing(table(*rows), now)]


def test_the_last_judgement_about_a_pair_stands_whichever_way_round():
    assert says(row(1, (A, B), "same"), row(2, (B, A), "different")) == [(A, B, "different")]


def test_a_merge_undone_leaves_nothing():
    assert says(row(1, (A, B), "same"), row(2, (B, A), "withdrawn")) == []


def test_what_expires_stands_until_then():
    rows = [row(1, (A, B), "same", expires=START + timedelta(days=2))]
    assert says(*rows) == [(A, B, "same")]
    assert says(*rows, now=START + timedelta(days=2)) == []


def test_a_judgement_about_a_listed_entity_is_no_merge():
    assert says(row(1, (A, "SOR/2002-284:17"), "same"), row(2, (A, "UN:x"), "different")) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from([(A, B), (B, C), (C, A)]), st.sampled_from(["same", "different", "withdrawn"])
        ),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_rows_does_not_matter(acts, random):
    rows = [row(number, pair, verdict) for number, (pair, verdict) in enumerate(acts, 1)]
    last = {}
    for pair, verdict in acts:
        last[tuple(sorted(pair))] = verdict
    expected = sorted((*pair, verdict) for pair, verdict in last.items() if verdict != "withdrawn")
    random.shuffle(rows)
    assert says(*rows) == expected


def test_a_merge_is_written_read_and_undone(tmp_path):
    floor = Floor.create(tmp_path / "floor", OFFICER)
    with floor.writer(OFFICER) as writer:
        judge_pair(writer, (B, A), ["PA", "PB"], Judgement("same", "one telephone", "officer", START))
    (pair,) = standing(floor.read("judgement", READER), START)
    assert (pair.one, pair.other, pair.why, pair.marking) == (A, B, "one telephone", "PB//TLP:CLEAR")
    with floor.writer(OFFICER) as writer:
        later = START + timedelta(hours=1)
        judge_pair(
            writer, (A, B), [pair.marking], Judgement("withdrawn", "two of that name", "second", later)
        )
    judgements = floor.read("judgement", READER)
    assert judgements.num_rows == 2
    assert standing(judgements, later) == []


def test_one_subject_is_not_merged_with_itself(tmp_path):
    floor = Floor.create(tmp_path / "floor", OFFICER)
    with floor.writer(OFFICER) as writer, pytest.raises(ValueError, match="a merge needs two"):
        judge_pair(writer, (A, A), ["PB"], Judgement("same", "why", "officer", START))
