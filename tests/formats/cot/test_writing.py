"""Rows as events, in both encodings."""

import json
from datetime import timedelta
from io import BytesIO

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.formats.cot.made import TIME, batch, event, rows
from tests.thorough import draws

from watchfloor.core.kinds import COVERAGE, TASK
from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.sensors.cot import columns, file, stream, tak_in, tak_out, xml_out
from watchfloor.formats.sensors.cot.file import FORMAT, write_tak
from watchfloor.formats.sensors.protobuf import codec


def _read(data: bytes) -> list[Batch]:
    pieces = list(FORMAT.read(BytesIO(data), "the file"))
    assert not [piece for piece in pieces if isinstance(piece, Fault)]
    return pieces


def _written(*batches: Batch, write=FORMAT.write) -> bytes:
    out = BytesIO()
    write(batches, out)
    return out.getvalue()


def _rows(data: bytes) -> list[dict]:
    found = [row for one in _read(data) for row in one.rows.to_pylist()]
    return sorted(found, key=lambda row: int(row["locator"].removeprefix("bytes ").partition("-")[0]))


@settings(max_examples=draws(60))
@given(st.lists(rows(), min_size=1, max_size=4))
def test_rows_of_other_formats_read_back(given_):
    """Places within a millimetre; errors rounded up by no more than a millimetre and its square."""
    for write in (FORMAT.write, write_tak):
        for ours, theirs in zip(given_, _rows(_written(batch(*given_), write=write)), strict=True):
            for name in ("object", "name", "sensor", "authority", "claimed", "marking", "observed_at"):
                assert theirs.get(name) == ours.get(name), name
            for name in ("latitude", "longitude", "altitude", "speed", "course", "climb"):
                _close(ours.get(name), theirs[name], 1e-3 if name == "altitude" else 6e-9)
            for name in ("confidence", "class_confidence"):
                _close(ours.get(name), theirs[name], 1e-6)
            if ours.get("class") != "unknown":
                assert theirs["class"] == ours.get("class")
            if "var_east" in ours:
                assert _matrix(theirs)[0] > 0
                slack = 2e-3 * (1 + np.sqrt(max(ours["var_east"], ours["var_north"])))
                for name in ("var_east", "var_north"):
                    assert ours[name] - 1e-9 * ours[name] <= theirs[name] <= ours[name] + slack
                assert abs((theirs["cov_east_north"] or 0) - ours["cov_east_north"]) <= slack


def _close(ours: float | None, theirs: float | None, within: float) -> None:
    assert (ours is None) == (theirs is None)
    assert ours is None or abs(ours - theirs) <= within


def _matrix(row: dict) -> np.ndarray:
    both = row["cov_east_north"] or 0.0
    return np.linalg.eigvalsh([[row["var_east"], both], [both, row["var_north"]]])


@settings(max_examples=draws(40))
@given(st.lists(rows(), min_size=1, max_size=3))
def test_what_was_read_and_is_written_reads_the_same(given_):
    once = _read(_written(batch(*given_)))
    again = _read(_written(*once))
    for one, other in zip(once, again, strict=True):
        assert _plain(one) == _plain(other)
        for name in _COVARIANCE:  # a radius is rounded up to a millimetre
            left, right = (of.rows.column(name).to_numpy() for of in (one, other))
            np.testing.assert_allclose(left, right, rtol=2e-3, atol=1e-3)


_COVARIANCE = ("var_east", "var_north", "cov_east_north")


def _plain(one: Batch) -> list[dict]:
    return [
        {name: round(value, 6) if isinstance(value, float) else value for name, value in row.items()}
        for row in one.rows.drop_columns(["locator", *_COVARIANCE]).to_pylist()
    ]


def test_an_event_of_a_client_goes_through_unchanged():
    detail = (
        '<contact callsign="ALPHA" endpoint="*:-1:stcp"/><track speed="3" course="90" slope="2"/>'
        '<link relation="p-p" uid="T" type="a-f-G" parent_callsign="X"/>'
        '<remarks source="B">a &amp; b</remarks>'
    )
    more = 'how="h-e" access="Secret" qos="1-r-c" opex="e-X" caveat="FOUO" releaseableTo="CAN"'
    first = _read(event(detail, "a-f-S-X-L", more=more))
    for write in (FORMAT.write, write_tak):
        (again,) = _read(_written(*first, write=write))
        ours, theirs = first[0].rows.to_pylist()[0], again.rows.to_pylist()[0]
        assert ours | {"locator": 0} == theirs | {"locator": 0}


def test_a_marking_goes_along_in_the_fields_of_the_protocol_and_exactly():
    marking = "PB//TLP:AMBER//REL:CAN,USA//CAVEAT:NO-COPY"
    data = _written(batch({"object": "x", "latitude": 1.0, "longitude": 2.0, "marking": marking}))
    root = etree.fromstring(data)
    assert (root.get("access"), root.get("caveat")) == ("Protected B", "TLP:AMBER,NO-COPY")
    assert root.get("releaseableTo") == "CAN,USA"
    assert root.find("detail/watchfloor").get("marking") == marking


@pytest.mark.parametrize(
    ("marking", "access"),
    [("U//TLP:CLEAR", "Unclassified"), ("PA", "Protected A"), ("S", "Secret"), ("TS//TLP:RED", "Top Secret")],
)
def test_levels_in_words(marking, access):
    data = _written(batch({"object": "x", "latitude": 1.0, "longitude": 2.0, "marking": marking}))
    assert etree.fromstring(data).get("access") == access


def test_texts_that_xml_cannot_hold():
    name = 'a<b>&"c"\n\t\x00\x1f\ufffe'
    (row,) = _rows(_written(batch({"object": "x", "latitude": 1.0, "longitude": 2.0, "name": name})))
    assert row["name"] == 'a<b>&"c"\n\t\ufffd\ufffd\ufffd'


def test_numbers_have_no_exponent():
    place = {
        "object": "x",
        "latitude": 1e-7,
        "longitude": -3e-5,
        "altitude": 1.5e7,
        "speed": 1e-9,
        "course": 0.0,
    }
    data = _written(batch(place))
    root = etree.fromstring(data)
    assert (root.find("point").get("lat"), root.find("point").get("lon")) == ("0.0000001", "-0.00003")
    assert root.find("point").get("hae") == "15000000"
    assert b"e-" not in b"".join(value.encode() for value in root.find("point").attrib.values())


def test_a_place_that_is_not_known_is_sent_as_clients_send_it():
    data = _written(batch({"object": "x"}))
    point = etree.fromstring(data).find("point")
    assert dict(point.attrib) == {"lat": "0", "lon": "0", "hae": "9999999", "ce": "9999999", "le": "9999999"}
    assert _rows(data)[0]["latitude"] is None


TRACKS = pa.table(
    {
        "track": [17, 18],
        "until": pa.array([TIME, TIME + timedelta(seconds=1)], pa.timestamp("us", "UTC")),
        "latitude": [45.0, 45.1],
        "longitude": [-74.7, -74.8],
        "var_east": [16.0, 25.0],
        "var_north": [16.0, 9.0],
        "cov_east_north": [0.0, 4.0],
        "speed": [3.0, None],
        "course": [90.0, None],
        "class": ["boat", None],
        "exists": [0.93, 0.5],
        "marking": ["PB//TLP:AMBER", "PB//TLP:AMBER"],
    }
)


def test_tracks_are_events_that_assert_no_side():
    data = xml_out.stream(columns.of_tracks(TRACKS))
    bare = [part.partition(b"<?xml")[0] for part in data.split(b"<event")[1:]]
    one, two = (etree.fromstring(b"<event" + part) for part in bare)
    assert (one.get("uid"), one.get("type"), one.get("how")) == ("watchfloor.track.17", "a-u-S-X", "m-f")
    assert two.get("type") == "a-u-G"
    assert one.get("stale") == "2026-11-20T14:05:00.250000Z"
    assert one.find("point").get("ce") == "4"
    assert "var_east" not in one.find("detail/watchfloor").attrib
    assert two.find("detail/watchfloor").get("cov_east_north") == "4"
    assert (one.find("detail/contact").get("callsign"), two.find("detail/track")) == ("T17", None)
    boat, other = _rows(data)
    assert (boat["class"], boat["confidence"], boat["var_east"]) == ("boat", 0.93, 16.0)
    assert (other["var_east"], other["var_north"], other["cov_east_north"]) == (25.0, 9.0, 4.0)


def _task(**fields) -> pa.Table:
    row = {
        "observed_at": TIME,
        "locator": "x",
        "task": "T-5",
        "form": "task",
        "state": "issued",
        "subjects": [],
        "unit": "Boat 2",
        "instruction": "Go & look",
        "authority": "Customs Act, s. 99",
        "flags": [],
        "by": "B",
        "latitude": 45.0,
        "longitude": -74.0,
        "radius": 200.0,
        "deadline": TIME + timedelta(hours=2),
    }
    return pa.Table.from_pylist([row | fields], TASK.body)


def test_tasks_are_points_to_go_to():
    root = etree.fromstring(_written(Batch(TASK, _task())))
    assert (root.get("type"), root.get("stale")) == ("b-m-p-w-GOTO", "2026-11-20T16:03:00.250000Z")
    assert root.find("detail/remarks").text == "Go & look"
    assert root.find("detail/contact").get("callsign") == "T-5"
    assert root.find("point").get("ce") == "200"


def test_what_has_no_event_is_refused():
    with pytest.raises(ValueError, match="task T-5 has no place"):
        _written(Batch(TASK, _task(latitude=None)))
    with pytest.raises(ValueError, match="no event for coverage rows"):
        _written(Batch(COVERAGE, COVERAGE.body.empty_table()))


def test_no_rows_are_no_bytes():
    empty = columns.of_tracks(TRACKS.slice(0, 0))
    assert xml_out.stream(empty) == tak_out.stream(empty) == b""
    assert tak_out.datagrams(empty) == []


def test_another_implementation_reads_what_we_write():
    """`takproto` reads our stream and our datagrams; the typed parts of `detail` are in their messages."""
    takproto = pytest.importorskip("takproto")
    events = columns.of_tracks(TRACKS)
    (mesh, _), message = tak_out.datagrams(events), tak_out.messages(events)[0].as_py()
    streamed = b"\xbf" + codec.varint(len(message)) + message
    for data in (mesh, streamed):
        held = takproto.parse_proto(bytearray(data)).cotEvent
        assert (held.uid, held.type, held.lat, held.ce) == ("watchfloor.track.17", "a-u-S-X", 45.0, 4.0)
        assert held.sendTime == int(TIME.timestamp() * 1000)
        assert (held.detail.contact.callsign, held.detail.track.speed) == ("T17", 3.0)
        assert 'marking="PB//TLP:AMBER"' in held.detail.xmlDetail
        assert held.SerializeToString()


def test_the_columnar_encoder_writes_what_the_codec_writes():
    for message in tak_out.messages(columns.of_tracks(TRACKS)).to_pylist():
        held = codec.decode(tak_in.SCHEMA, message)
        assert codec.decode(tak_in.SCHEMA, codec.encode(tak_in.SCHEMA, held)) == held
        assert len(codec.encode(tak_in.SCHEMA, held)) == len(message)


@pytest.mark.parametrize(
    "data",
    [
        event(),
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<events>\n" + event() + b"\n" + event() + b"</events>",
        tak_out.stream(columns.of_tracks(TRACKS)),
        tak_out.datagrams(columns.of_tracks(TRACKS))[0],
    ],
)
def test_it_knows_its_own(data):
    assert FORMAT.sniff(Head("x", data)) == 0.9
    assert _read(data)


@pytest.mark.parametrize(
    "data", [b"", b"<html></html>", b"<event>", b"\xbf\x01", b"\xbf\x03abc", b"{}", b"a,b"]
)
def test_it_does_not_take_what_is_none(data):
    assert FORMAT.sniff(Head("x", data)) == 0.0


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"hello", "cut short"),
        (b"hello <event>", "no Cursor on Target event; what follows"),
        (b"<html><body/></html>", "cut short"),
        (b"<?xml version='1.0'?><!-- nothing -->", "holds no Cursor on Target event"),
    ],
)
def test_a_file_that_is_none(data, wrong):
    with pytest.raises(FormatError, match=wrong):
        list(FORMAT.read(BytesIO(data), "the file"))


def test_a_file_longer_than_what_is_read_at_once(monkeypatch):
    data = b"<?xml version='1.0'?><events>" + event() * 5 + b"</events>" + event()[:-2]
    whole = list(FORMAT.read(BytesIO(data), "x"))
    monkeypatch.setattr(file, "CHUNK", 700)
    parts = list(FORMAT.read(BytesIO(data), "x"))
    told = [
        [row for piece in of if isinstance(piece, Batch) for row in piece.rows.to_pylist()]
        for of in (whole, parts)
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 5
    faults = [[piece for piece in of if isinstance(piece, Fault)] for of in (whole, parts)]
    assert faults[0] == faults[1]
    assert faults[0][0].rest


def test_a_locator_leads_back_to_the_event():
    data = event(uid="A") + event(uid="B")
    for row in _rows(data):
        assert FORMAT.piece(BytesIO(data), row["locator"]) == event(uid=row["object"])
    assert json.loads(_rows(data)[0]["says"])["type"] == "a-f-G-U-C"
    assert stream.XML == 0
