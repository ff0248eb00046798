"""The stream of a connection: cut anywhere, frozen, damaged."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.sapient.made import (
    NODE,
    OTHER,
    PLACE,
    POLAR,
    ULID,
    detection,
    drawn,
    frame,
    frames,
    message,
    registration,
    status,
)
from tests.thorough import draws

from watchfloor.formats.sensors.sapient import stream
from watchfloor.formats.sensors.sapient.schema import MAX_BYTES
from watchfloor.formats.sensors.wires.batch import Heard

BEARING = POLAR | {"azimuth": 10.0, "range": 900.0}
SAID = [
    registration(),
    status(node_location=PLACE),
    detection(location=None, range_bearing=BEARING),
    detection(report="x"),
    status(OTHER, node_location=PLACE | {"y": 10.0}),
    detection(OTHER, location=None, range_bearing=BEARING),
    message(alert={"alert_id": ULID, "location": PLACE}),
    detection(classification=[{"type": "Human", "confidence": 0.5}], colour="é"),
    status(node_location=PLACE | {"y": 46.0}, system="SYSTEM_GOODBYE"),
    detection(location=None, range_bearing=BEARING),
]
PARTS = [frame(one) for one in SAID]


def _told(found: list) -> tuple[dict[str, list[dict]], list[str]]:
    rows: dict[str, list[dict]] = {}
    for one in found:
        for read in one.read:
            rows.setdefault(read.kind.name, []).extend(read.rows.drop_columns(["locator"]).to_pylist())
    return rows, [fault.reason for one in found for _, fault in one.faults]


WHOLE = _told([stream.read([Heard({}, [b"".join(PARTS)], [5])])])


@settings(max_examples=draws(40))
@given(st.lists(st.booleans(), min_size=len(PARTS) - 1, max_size=len(PARTS) - 1), st.booleans())
def test_how_a_stream_is_cut_does_not_matter_nor_that_it_is_frozen(cuts, together):
    groups = [[PARTS[0]]]
    for cut, part in zip(cuts, PARTS[1:], strict=True):
        if cut:
            groups.append([])
        groups[-1].append(part)
    if together:
        state = stream.begin()
        found = [stream.read([Heard(state, group, [5] * len(group)) for group in groups])]
    else:
        state, found = stream.begin(), []
        for group in groups:
            state = stream.thaw(stream.freeze(state))
            found.append(stream.read([Heard(state, group, [5] * len(group))]))
    assert _told(found) == WHOLE


def test_connections_know_nothing_of_each_other():
    bearing = frames(detection(location=None, range_bearing=BEARING))
    heard = [Heard({}, [frames(status(node_location=PLACE))], [1]), Heard({}, [bearing], [2])]
    found = stream.read(heard)
    (rows,) = [read for read in found.read if read.kind.name == "detection"]
    assert rows.rows.column("sensor_latitude").to_pylist() == [None]
    assert rows.of.tolist() == [1]
    assert rows.rows.column("received_at").cast(pa.int64()).to_pylist() == [2]


def test_each_message_was_received_with_the_bytes_it_begins_in():
    found = stream.read([Heard({}, [PARTS[2], PARTS[2] + PARTS[2]], [7, 9])])
    assert found.read[0].rows.column("received_at").cast(pa.int64()).to_pylist() == [7, 9, 9]


@given(st.integers(0, len(b"".join(PARTS))))
def test_whole_messages_of_a_part_of_a_stream(size):
    data = b"".join(PARTS)[:size]
    edges = np.cumsum([0, *map(len, PARTS)])
    assert stream.whole(data) == edges[edges <= size].max()


def test_a_length_that_no_message_has_ends_the_stream():
    data = PARTS[0] + (MAX_BYTES + 1).to_bytes(4, "little") + b"rest"
    with pytest.raises(ValueError, match=r"1,048,577 bytes is announced here, and 1,048,576 are the most"):
        stream.whole(data)
    found = stream.read([Heard({}, [data], [0])])
    assert len(found.read) == 1
    assert found.faults[0][1].rest
    assert found.faults[0][1].locator == f"bytes {len(PARTS[0])}-{len(data)}"


def test_a_message_that_is_cut_short():
    found = stream.read([Heard({}, [PARTS[0] + PARTS[1][:-1]], [0])])
    assert "cut short" in found.faults[0][1].reason


@settings(max_examples=draws(60))
@given(st.lists(drawn(depth=2), max_size=3), st.data())
def test_no_damage_stops_the_reader(messages, data):
    """Every message gives a row, a fault or, among nodes, nothing; and reading again gives the same."""
    raw = bytearray(frames(*messages))
    for _ in range(data.draw(st.integers(0, 4))):
        if raw:
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    once, again = (stream.read([Heard({}, [bytes(raw)], [0])]) for _ in range(2))
    assert _told([once]) == _told([again])
    for read in once.read:
        for name in ("latitude", "longitude", "azimuth", "range", "var_east"):
            if name in read.rows.column_names:
                values = read.rows.column(name).to_numpy()
                assert not np.isinf(values).any()


@pytest.mark.parametrize("data", [b"", b"junk", stream.freeze({})[:-20]])
def test_other_bytes_are_no_frozen_connection(data):
    with pytest.raises(ValueError, match="no frozen SAPIENT connection"):
        stream.thaw(data)


def test_another_table_is_no_frozen_connection():
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, pa.schema([("x", pa.int64())])):
        pass
    with pytest.raises(ValueError, match="its columns are others"):
        stream.thaw(bytes(sink.getvalue()))


def test_a_state_is_the_same_bytes_whoever_registered_first():
    one, other = {}, {}
    stream.read([Heard(one, [frames(status(NODE), status(OTHER))], [0])])
    stream.read([Heard(other, [frames(status(OTHER), status(NODE))], [0])])
    assert stream.freeze(one) == stream.freeze(other)
