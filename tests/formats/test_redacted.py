"""What is left of messages comes back as it was, and holds no bytes of what could not be read."""

import io
import json

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats import redacted
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.sensors import capture
from watchfloor.formats.sensors.detections import lines as detection_lines
from watchfloor.formats.sensors.frames import REDACTED, Messages, pack, pack_messages
from watchfloor.formats.sensors.wires.batch import Heard

LINE = "2026-11-26T08:00:0{},t1,45.{},-73.25,64,64,0,boat,0.9\n"


def batch(*numbers):
    text = b"".join(LINE.format(f"{n % 10}Z", n).encode() for n in numbers)
    (read,) = detection_lines.read([Heard(detection_lines.Header(), [text], [7])]).read
    return Batch(read.kind, read.rows)


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4), max_size=3),
    st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9), st.booleans(), st.booleans()), max_size=3),
    st.integers(0, 9),
    st.binary(max_size=8),
    st.none() | st.binary(max_size=8),
)
def test_it_is_read_as_it_was_written(parts, wrong, withheld, cursor, state):
    batches = [batch(*numbers) for numbers in parts]
    faults = [Fault(where, why, b"secret", rest, partly) for where, why, rest, partly in wrong]
    payload = redacted.pack(redacted.Left(withheld, [*batches, *faults], 2, 3, cursor, state))
    assert b"secret" not in payload
    back = redacted.unpack(payload)
    assert (back.withheld, back.repeated, back.lost) == (withheld, 2, 3)
    assert (back.cursor, back.state) == (cursor, state)
    rows = [row for one in back.pieces if isinstance(one, Batch) for row in one.rows.to_pylist()]
    places = [row.pop("locator") for row in rows]
    assert places == [f"detection row {at}" for at in range(1, len(rows) + 1)]
    plain = [row for one in batches for row in one.rows.drop_columns(["locator"]).to_pylist()]
    assert rows == plain
    told = [one for one in back.pieces if isinstance(one, Fault)]
    assert [(one.reason, one.rest, one.partly, one.raw) for one in told] == [
        (why, rest, partly, b"") for _, why, rest, partly in wrong
    ]
    for at, row in enumerate(plain, 1):
        assert json.loads(redacted.cells(payload, "detection", at))["latitude"] == row["latitude"]
    assert redacted.cells(payload, "detection", len(plain) + 1) is None


def test_reading_goes_on_with_what_was_remembered():
    columns = ("sensor", "observed_at", "azimuth")
    state = detection_lines.freeze(detection_lines.Header(columns))
    left = redacted.Left(1, [batch(1, 2)], state=state)
    after = pack_messages(3, 1, Messages([b"t9,2026-11-26T08:00:00Z,3\n"], [9]))
    frames = [pack(REDACTED, 3, 1, 0, redacted.pack(left)), after]
    data = b"".join(capture.write("detection-csv", {}, frames))
    rows = [row for one in capture.read(io.BytesIO(data), "x") for row in one.rows.to_pylist()]
    assert [row["locator"] for row in rows] == [
        "frame 1, detection row 1",
        "frame 1, detection row 2",
        "frame 2, line 1",
    ]
    assert rows[2]["azimuth"] == 3
    assert json.loads(capture.piece(io.BytesIO(data), "frame 1, detection row 2"))["latitude"] == 45.2
    assert capture.piece(io.BytesIO(data), "frame 1, detection row 3") is None
    assert capture.withheld(io.BytesIO(data)) == 1
