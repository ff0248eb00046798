import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.registry import recognise
from watchfloor.formats.sensors import capture
from watchfloor.formats.sensors.detections import lines as detection_lines
from watchfloor.formats.sensors.frames import (
    CLOSED,
    MARK,
    Messages,
    pack,
    pack_messages,
    unpack,
    unpack_messages,
)

ROW = b"2026-11-26T08:00:00Z,t1,45.5,-73.25,64,64,0,boat,0.9"


def made(*messages, states=None, last=()):
    packed = [pack_messages(3, 1, Messages([one], [10 * at])) for at, one in enumerate(messages, 1)]
    return b"".join(capture.write("detection-csv", states or {}, [*packed, *last]))


def read(data):
    found = list(capture.read(io.BytesIO(data), "x"))
    rows = [row for one in found if isinstance(one, Batch) for row in one.rows.to_pylist()]
    return rows, [one for one in found if isinstance(one, Fault)]


def test_a_capture_is_read_as_the_stream_was_with_the_places_of_its_rows():
    header = detection_lines.freeze(detection_lines.Header(("sensor", "observed_at", "azimuth")))
    data = made(b"t9,2026-11-26T08:00:00Z,3", b"nonsense\n", states={1: header})
    assert recognise(Head("a.capture", data)).name == "capture"
    (row,), (fault,) = read(data)
    assert (row["sensor"], row["locator"], row["received_at"].microsecond) == ("t9", "frame 1, line 1", 10)
    assert fault.locator == "frame 2, line 1"
    assert capture.piece(io.BytesIO(data), row["locator"]) == b"t9,2026-11-26T08:00:00Z,3"
    assert capture.piece(io.BytesIO(data), fault.locator) == b"nonsense"
    assert capture.piece(io.BytesIO(data), "frame 9, line 1") is None
    assert capture.piece(io.BytesIO(data), "whole file") is None


def test_what_a_connection_leaves_unfinished_is_quarantined_and_its_state_is_forgotten():
    head = b"sensor,observed_at,azimuth\n"
    data = made(head, last=[pack(CLOSED, 3, 1, 0, b"t9,2026-11"), pack_messages(3, 1, Messages([ROW], [99]))])
    rows, (fault,) = read(data)
    assert [row["sensor"] for row in rows] == ["t1"]
    assert fault.locator == "frame 2"
    assert "in the middle of a message" in fault.reason
    assert capture.piece(io.BytesIO(data), "frame 2") == b"t9,2026-11"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"nothing", "no capture"),
        (capture.MAGIC + b'{"decode": "detection-cvs"}\n', "did you mean 'detection-csv'"),
        (capture.MAGIC + b'{"decode": 3}\n', "head cannot be used"),
        (capture.MAGIC + b'{"decode": "detection-csv", "states": {"1": "e30="}}\n', "head cannot be used"),
    ],
)
def test_what_is_none_says_so(data, why):
    with pytest.raises(FormatError, match=why):
        list(capture.read(io.BytesIO(data), "x"))


DATA = made(ROW, ROW + b"\n" + ROW, b"x")


@settings(max_examples=draws(60))
@given(st.integers(0, len(DATA) - 1), st.integers(0, 255))
def test_a_flipped_or_missing_byte_loses_no_row_before_it_and_is_told(at, byte):
    whole, _ = read(DATA)
    for data in (DATA[:at], DATA[:at] + bytes([byte]) + DATA[at + 1 :]):
        try:
            rows, faults = read(data)
        except FormatError:
            continue
        assert rows == whole[: len(rows)]
        assert (
            len(rows) == len(whole) or faults or at >= len(data) or data.endswith(b"\n") or _at_a_frame(data)
        )


def _at_a_frame(data):
    """A capture that ends behind a frame is a whole one."""
    at = data.find(b"\n", len(capture.MAGIC)) + 1
    while frame := unpack(memoryview(data), at):
        at = frame.end
    return at == len(data)


@settings(max_examples=draws(40))
@given(
    st.lists(st.binary(max_size=30), max_size=5), st.integers(0, 9), st.integers(0, 9), st.binary(max_size=9)
)
def test_messages_come_back_from_their_frame(messages, repeated, lost, cursor):
    told = Messages(messages, list(range(len(messages))), repeated, lost, cursor)
    data = memoryview(pack_messages(7, 9, told) + pack(MARK, 0, 0, 5, b""))
    frame = unpack(data)
    assert (frame.source, frame.channel) == (7, 9)
    assert unpack_messages(frame.payload) == told
    assert unpack(data, frame.end).stamp == 5
    assert unpack(data[:-1], frame.end) is None
