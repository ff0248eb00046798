"""Logs of SAPIENT messages, and rows written as such."""

import math
from datetime import timedelta
from io import BytesIO

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.sapient.made import (
    MOMENT,
    NODE,
    PLACE,
    POLAR,
    ULID,
    detection,
    frame,
    frames,
    message,
    plausible,
    raw,
    registration,
    status,
)
from tests.thorough import draws

from watchfloor.core.kinds import COVERAGE, DETECTION, WEATHER
from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.sensors.protobuf import codec, lines
from watchfloor.formats.sensors.sapient import file, taking
from watchfloor.formats.sensors.sapient.file import FORMAT
from watchfloor.formats.sensors.sapient.schema import MAX_BYTES, SCHEMA

SAID = [
    registration(),
    status(node_location=PLACE),
    detection(location=None, range_bearing=POLAR | {"azimuth": 10.0, "range": 5.0}),
    detection(report=ULID[:-1] + "0", classification=[{"type": "Human", "confidence": 0.5}], colour="é"),
    message(alert={"alert_id": ULID, "location": PLACE}),
    message(alert={"alert_id": ULID, "description": "disk"}),
]


def _read(data: bytes) -> tuple[dict[str, list[dict]], list[Fault]]:
    rows: dict[str, list[dict]] = {}
    faults = []
    for piece in FORMAT.read(BytesIO(data), "the log"):
        if isinstance(piece, Fault):
            faults.append(piece)
        else:
            rows.setdefault(piece.kind.name, []).extend(piece.rows.to_pylist())
    return rows, faults


def _json(*said: dict) -> bytes:
    return b"".join(lines.dump(SCHEMA, codec.decode(SCHEMA, raw(one))) + b"\n" for one in said)


def _without(rows: dict[str, list[dict]], *names: str) -> dict[str, list[dict]]:
    return {
        kind: [{k: v for k, v in row.items() if k not in names} for row in of] for kind, of in rows.items()
    }


def test_both_forms_read_the_same():
    binary, faults = _read(frames(*SAID))
    text, more = _read(_json(*SAID))
    assert faults == more == []
    assert _without(binary, "locator") == _without(text, "locator")
    assert [row["locator"] for row in text["detection"]] == ["line 3", "line 4", "line 5"]
    assert [len(rows) for rows in binary.values()] == [3, 3]


@pytest.mark.parametrize("data", [frames(*SAID), _json(*SAID), b"\xef\xbb\xbf\n" + _json(SAID[2])])
def test_it_knows_its_own(data):
    assert FORMAT.sniff(Head("x", data[:65536])) >= 0.9


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"id":"x","schema":"Person","properties":{}}',
        b"a,b\n1,2\n",
        b"\x00" * 40,
        b"\x05\x00\x00\x00hello",
    ],
)
def test_it_does_not_take_what_is_none(data):
    assert FORMAT.sniff(Head("x", data)) == 0.0


def test_a_long_first_message_is_a_guess():
    big = frame(detection(colour="x" * 100_000))
    assert 0 < FORMAT.sniff(Head("x", big[:65536])) < 0.5
    assert len(_read(big)[0]["detection"]) == 1


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"", "is empty"),
        (b"\xff\xff\xff\xff rest", "4,294,967,295 bytes is announced here"),
        (b"\x05\x00\x00\x00hello", "the first is none"),
        (b"\x00\x00\x00\x00", "0 bytes is announced"),
        (b'{"timestamp": 1}\n', "line 1: timestamp: 1 stands where an object belongs"),
        (b"{nonsense", "line 1: this is no JSON"),
    ],
)
def test_a_file_that_is_none(data, wrong):
    with pytest.raises(FormatError, match=wrong):
        list(FORMAT.read(BytesIO(data), "the log"))


def test_what_is_wrong_with_a_line_is_told_with_the_line():
    text = _json(SAID[3]) + b"{bad\n\n" + _json(detection(report="x")) + b'{"node": 1}\n' + _json(SAID[3])
    rows, faults = _read(text)
    assert [row["locator"] for row in rows["detection"]] == ["line 1", "line 6"]
    assert [(one.locator, one.raw[:4]) for one in faults] == [
        ("line 2", b"{bad"),
        ("line 5", b'{"no'),
        ("line 4", b'{"no'),
    ]
    assert "SapientMessage has no field 'node'" in faults[1].reason


def test_a_torn_end_costs_no_message_before_it():
    data = frames(*SAID)
    rows, faults = _read(data[:-3])
    assert len(rows["detection"]) == 3
    assert "cut short" in faults[0].reason
    assert faults[0].rest
    _, faults = _read(data + b"\xff\xff\xff\x7f" + data)
    assert faults[0].locator.startswith(f"bytes {len(data)}-")


def test_a_locator_leads_back_to_the_message():
    data = frames(*SAID)
    for row in _read(data)[0]["detection"]:
        found = FORMAT.piece(BytesIO(data), row["locator"])
        assert codec.decode(SCHEMA, found[4:])["node_id"] == NODE
    assert FORMAT.piece(BytesIO(data), "line 3") is None
    assert FORMAT.piece(BytesIO(data), "bytes 999999-9999999") is None


def test_a_log_longer_than_what_is_read_at_once(monkeypatch):
    data, text = frames(*SAID) * 3, _json(*SAID) * 3
    whole = _read(data), _read(text)
    monkeypatch.setattr(file, "CHUNK", 700)
    monkeypatch.setattr(file, "LINES", 2)
    assert (_read(data), _read(text)) == whole


def test_a_line_without_end():
    head = _json(SAID[3])
    rows, faults = _read(head + b"{" + b" " * (4 * MAX_BYTES + 2_000_000))
    assert len(rows["detection"]) == 1
    assert faults[0].rest
    assert "longer than 4,194,304 bytes" in faults[0].reason


def _written(*batches: Batch, write=FORMAT.write) -> bytes:
    out = BytesIO()
    write(batches, out)
    return out.getvalue()


def _batches(data: bytes) -> list[Batch]:
    return [piece for piece in FORMAT.read(BytesIO(data), "the log") if isinstance(piece, Batch)]


@settings(max_examples=draws(30))
@given(st.lists(plausible(), min_size=1, max_size=4))
def test_what_was_read_and_is_written_reads_the_same(messages):
    """Places within a nanodegree, all else exactly."""
    pieces = list(_pieces(frames(*messages)))
    batches = [piece for piece in pieces if isinstance(piece, Batch)]
    assert not [piece for piece in pieces if isinstance(piece, Fault)]
    _same(batches, _batches(_written(*batches)))
    _same(batches, _batches(_written(*batches, write=file.write_lines)))


def _pieces(data: bytes):
    return FORMAT.read(BytesIO(data), "the log")


def _same(ours: list[Batch], theirs: list[Batch]) -> None:
    for one in (DETECTION, COVERAGE):
        rows, others = _table(ours, one), _table(theirs, one)
        assert rows.num_rows == others.num_rows
        for name in rows.column_names:
            left, right = rows.column(name), others.column(name)
            if pa.types.is_floating(left.type):
                np.testing.assert_allclose(
                    left.to_numpy(), right.to_numpy(), rtol=1e-9, atol=1e-9, err_msg=name
                )
            elif name not in ("locator", "says", "until", "class"):
                assert left.to_pylist() == right.to_pylist(), name


def _table(batches: list[Batch], kind) -> pa.Table:
    found = [b.rows.select(kind.body.names) for b in batches if b.kind is kind]
    return pa.concat_tables(found) if found else kind.body.empty_table()


FULL = {
    "report_key": "T3-17",
    "observed_at": MOMENT,
    "locator": "row 1",
    "sensor": "Tower 3",
    "received_at": MOMENT + timedelta(seconds=1),
    "scan": 5,
    "latitude": 45.015,
    "longitude": -74.73,
    "altitude": 30.0,
    "var_east": 25.0,
    "var_north": 1e-6,
    "cov_east_north": 0.001,
    "sensor_latitude": 45.0,
    "sensor_longitude": -74.7,
    "sensor_altitude": 90.0,
    "azimuth": 350.0,
    "azimuth_error": 0.5,
    "elevation": -1.0,
    "range": 2000.0,
    "range_error": 5.0,
    "range_rate": -2.0,
    "range_rate_error": 0.25,
    "speed": 3.0,
    "speed_error": 0.5,
    "course": 90.0,
    "course_error": 5.0,
    "climb": 0.5,
    "heading": 91.0,
    "class": "boat",
    "class_confidence": 0.8,
    "confidence": 0.9,
    "object": "17",
    "claimed": "vessel:mmsi:316001234",
    "name": "MINNOW",
    "status": "moored",
    "says": '{"ais":{"type":18}}',
    "authority": "Customs Act, s. 99",
}


def test_a_row_of_another_format_reads_back_whole():
    table = pa.Table.from_pylist([FULL], DETECTION.body)
    marked = table.append_column("marking", pa.array(["PB//TLP:AMBER"]))
    (batch,) = _batches(_written(Batch(DETECTION, marked)))
    (row,) = batch.rows.to_pylist()
    assert row.pop("marking") == "PB//TLP:AMBER"
    for name, value in FULL.items():
        if isinstance(value, float):
            assert math.isclose(row[name], value, rel_tol=1e-9), name
        elif name != "locator":
            assert row[name] == value, name


@settings(max_examples=draws(40))
@given(st.sets(st.sampled_from([name for name in FULL if name not in ("observed_at", "locator")])))
def test_a_row_with_gaps_reads_back_but_for_ids_that_the_standard_needs(missing):
    row = {name: None if name in missing else value for name, value in FULL.items()}
    if {"latitude", "longitude"} & missing:
        row |= {"azimuth": 350.0}
    (batch,) = _batches(_written(Batch(DETECTION, pa.Table.from_pylist([row], DETECTION.body))))
    (found,) = batch.rows.to_pylist()
    for name, value in row.items():
        if isinstance(value, float):
            assert math.isclose(found[name], value, rel_tol=1e-9), name
        elif value is not None and name != "locator":
            assert found[name] == value, name


@pytest.mark.parametrize("state", ["looking", "degraded", "fault", "off", "tampered", "gone"])
def test_coverage_of_another_format(state):
    row = {
        "observed_at": MOMENT,
        "locator": "row 1",
        "sensor": NODE,
        "state": state,
        "mode": "Scan",
        "latitude": 45.0,
        "longitude": -74.0,
        "farthest": 5000.0,
        "azimuth_from": 330.0,
        "azimuth_to": 10.0,
        "detects": 0.9,
        "weather": "Snow",
    }
    table = pa.Table.from_pylist([row], COVERAGE.body)
    (batch,) = _batches(_written(Batch(COVERAGE, table)))
    (found,) = batch.rows.to_pylist()
    assert row.pop("locator")
    assert found | row == found


def test_what_cannot_be_said_is_refused():
    nowhere = pa.Table.from_pylist(
        [FULL | {"latitude": None, "azimuth": None, "range": None}], DETECTION.body
    )
    with pytest.raises(ValueError, match="neither place nor direction"):
        _written(Batch(DETECTION, nowhere))
    with pytest.raises(ValueError, match="no message for weather rows"):
        _written(Batch(WEATHER, WEATHER.body.empty_table()))
    far = pa.Table.from_pylist([FULL | {"latitude": 95.0}], DETECTION.body)
    with pytest.raises(ValueError, match=r"row 1 cannot be said in SAPIENT: .*location.y is 95"):
        _written(Batch(DETECTION, far))


def test_what_is_written_is_valid():
    table = pa.Table.from_pylist([FULL], DETECTION.body)
    data = np.frombuffer(_written(Batch(DETECTION, table)), np.uint8)
    assert taking.take_apart(data, np.array([4]), np.array([len(data)])).problems == {}
