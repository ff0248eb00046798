"""The order of a fold, beside plain sorting."""

import itertools
from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks import toys
from tests.thorough import draws

from watchfloor.desks.base import DeskError
from watchfloor.run.order import arranged, arrivals, micros, moment, up_to

MINUTES = st.lists(st.integers(0, 9), max_size=30)


def parties(minutes, **more):
    return toys.records(toys.PARTY, [{"observed_at": toys.at(m), **more} for m in minutes])


@settings(max_examples=draws(60), deadline=None)
@given(MINUTES, MINUTES)
def test_rows_are_ordered_by_moment_then_kind_then_as_delivered(first, second):
    judgements = toys.records(toys.JUDGEMENT, [{"observed_at": toys.at(m)} for m in second])
    rows = arranged(toys.JUDGED, {"party": parties(first), "judgement": judgements})
    expected = [(m, "party", i) for i, m in enumerate(first)] + [
        (m, "judgement", i) for i, m in enumerate(second)
    ]
    expected.sort(
        key=lambda row: row[0]
    )  # Python's sort is stable, and the kinds stand in the order of reads
    numbers = [int.from_bytes(record[2:], "big") for record in rows["record_id"].to_pylist()]
    moments = [(at - toys.START) // timedelta(minutes=1) for at in rows["observed_at"].to_pylist()]
    assert list(zip(moments, rows["kind"].to_pylist(), numbers, strict=True)) == expected


def test_rows_without_a_moment_are_refused():
    with pytest.raises(DeskError, match="1 rows say no moment"):
        up_to(toys.KEYED, pa.table({"at": pa.array([None, 5], pa.timestamp("us", "UTC"))}), 9)
    with pytest.raises(DeskError, match="no place in time"):
        up_to(toys.KEYED, pa.table({"n": [1]}), 9)


def test_moments_are_aware():
    with pytest.raises(ValueError, match="no time zone"):
        micros(datetime(2026, 1, 1))  # noqa: DTZ001
    eastern = datetime(2026, 1, 1, 7, tzinfo=timezone(timedelta(hours=-5)))
    assert moment(micros(eastern)) == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_missing_kind_and_a_wrong_column_are_named():
    with pytest.raises(DeskError, match="desk 'judged' reads 'judgement', which was not given; given: party"):
        arranged(toys.JUDGED, {"party": parties([1])})
    wrong = parties([1]).set_column(0, "record_id", pa.array(["text"]))
    with pytest.raises(DeskError, match=r"record_id of 'party' is fixed_size_binary.16., but got string"):
        arranged(toys.STATELESS, {"party": wrong})
    with pytest.raises(DeskError, match="but got no such column"):
        arranged(toys.STATELESS, {"party": parties([1]).drop_columns(["name"])})


def test_a_desk_that_is_no_identity_desk_sees_no_country():
    assert "country" not in arranged(toys.STATELESS, {"party": parties([1], country="XX")}).column_names


@settings(max_examples=draws(60), deadline=None)
@given(MINUTES, MINUTES)
def test_rows_in_the_order_of_arrival_keep_the_order_of_the_log(first, second):
    judgements = toys.records(toys.JUDGEMENT, [{"observed_at": toys.at(m)} for m in second])
    inputs = {"party": parties(first), "judgement": judgements}
    rows = arranged(toys.AS_IT_CAME, inputs)
    for kind, given_rows in inputs.items():
        mine = rows.filter(pc.equal(rows["kind"], kind))
        assert mine["record_id"].to_pylist() == given_rows["record_id"].to_pylist()
    clocks = [*itertools.accumulate(first, max), *itertools.accumulate(second, max)]
    assert [(at - micros(toys.START)) // 60_000_000 for at in arrivals(rows).tolist()] == sorted(clocks)


def test_a_row_that_says_when_it_was_received_arrives_then():
    at = pa.array([50, 10, 20], pa.timestamp("us", "UTC"))
    received = pa.array([None, 60, 55], pa.timestamp("us", "UTC"))
    assert arrivals(pa.table({"observed_at": at, "received_at": received})).tolist() == [50, 60, 60]
