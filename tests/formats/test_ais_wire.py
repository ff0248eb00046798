"""AIS from connections that stay open: as a file of the same lines is read, however it comes."""

from datetime import UTC, datetime
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.ais import TIME, random_messages, random_payload, sentence
from tests.thorough import draws

from watchfloor.core.kinds import DETECTION
from watchfloor.formats.sensors.ais.decode import Stream
from watchfloor.formats.sensors.ais.encode import lines
from watchfloor.formats.sensors.ais.wire import freeze, read, thaw
from watchfloor.formats.sensors.wires.batch import Heard, ReadResult


def _rows(found: ReadResult) -> pa.Table:
    tables = [one.rows for one in found.read]
    return pa.concat_tables(tables).combine_chunks() if tables else DETECTION.body.empty_table()


def test_a_message_without_a_time_was_when_it_came():
    messages = [(sentence(1, longitude=1, latitude=1) + "\r\n").encode() for _ in range(2)]
    found = read([Heard(Stream(), messages, [TIME, TIME + 1])])
    rows = _rows(found).to_pylist()
    moments = [datetime.fromtimestamp(TIME // 10**6, UTC).replace(microsecond=i) for i in range(2)]
    assert [row["observed_at"] for row in rows] == [row["received_at"] for row in rows] == moments
    assert [row["locator"] for row in rows] == ["line 1", "line 2"]


def test_a_stated_time_counts_and_the_receipt_is_kept():
    (line,) = lines(*random_payload(1, Random(1)), TIME, "tower 3")
    (row,) = _rows(read([Heard(Stream(), [line.encode()], [TIME + 2_000_000])])).to_pylist()
    assert (row["received_at"] - row["observed_at"]).total_seconds() == 2
    assert row["sensor"] == "tower 3"


def test_faults_say_of_which_connection_they_are():
    first, second = Stream(), Stream()
    parts = list(lines(*random_payload(5, Random(1)), sequence=1))
    found = read([Heard(first, [b"noise\n"], [1]), Heard(second, [parts[0].encode()], [2])])
    assert [(of, fault.locator, fault.raw) for of, fault in found.faults] == [(0, "line 1", b"noise")]
    found = read([Heard(second, [b"x\n" * 300], [3]), Heard(first, [parts[1].encode()], [4])])
    assert {(of, fault.locator) for of, fault in found.faults} == {(0, "line 1"), (0, "an earlier line")}
    assert found.read == []


@settings(max_examples=draws(20), deadline=None)
@given(st.integers(0, 1000), st.data())
def test_it_does_not_matter_how_messages_come(seed, data):
    given = [line.encode() for message in random_messages(seed, 25, None) for line in message]
    received = [TIME + i for i in range(len(given))]
    whole = _rows(read([Heard(Stream(), given, received)]))
    stream, parts, at = Stream(), [], 0
    while at < len(given):
        step = data.draw(st.integers(1, 9))
        state = thaw(freeze(stream))
        heard = [Heard(state, given[at + i : at + i + 1], received[at + i : at + i + 1]) for i in range(step)]
        found = read([one for one in heard if one.messages])
        assert all(len(one.of) == one.rows.num_rows for one in found.read)
        parts.append(_rows(found))
        stream, at = state, at + step
    assert pa.concat_tables(parts).drop_columns(["locator"]).combine_chunks() == whole.drop_columns(
        ["locator"]
    )


def test_two_connections_are_two_streams():
    one, two = (list(lines(*random_payload(5, Random(seed)), sequence=1)) for seed in (1, 2))
    a, b = Stream(), Stream()
    heard = [Heard(s, [m.encode()], [i]) for i, (s, m) in enumerate([(a, one[0]), (b, two[0]), (a, one[1])])]
    found = read([*heard, Heard(b, [two[1].encode()], [4])])
    assert found.read[0].of.tolist() == [2, 3]
    assert found.faults == []


@pytest.mark.parametrize("data", [b"", b"nothing", freeze(Stream())[:40]])
def test_a_state_that_is_none_is_refused(data):
    with pytest.raises(ValueError, match="is no"):
        thaw(data)


def test_nothing_heard_is_nothing_read():
    assert read([]) == ReadResult([], [])
