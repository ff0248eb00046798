"""Events in XML and as TAK messages, as rows."""

import json
from datetime import timedelta

import pytest
from tests.formats.cot.made import POINT, TIME, event, read, said

from watchfloor.formats.sensors.cot import kinds, tak_in
from watchfloor.formats.sensors.protobuf import codec


def test_a_client_that_says_where_it_is():
    detail = (
        '<contact callsign="ALPHA" endpoint="*:-1:stcp"/><__group name="Cyan" role="HQ"/>'
        '<track speed="3.5" course="271.5"/><status battery="80"/>'
    )
    ((row,), faults) = read(event(detail))
    assert faults == []
    assert said(row) | {"says": 0} == {
        "report_key": "ANDROID-1@2026-11-20T14:03:00.250000Z",
        "observed_at": TIME,
        "received_at": row["received_at"],
        "locator": f"bytes 0-{len(event(detail))}",
        "latitude": 45.015,
        "longitude": -74.73,
        "altitude": 60.5,
        "var_east": 144.0,
        "var_north": 144.0,
        "cov_east_north": 0.0,
        "speed": 3.5,
        "course": 271.5,
        "class": "person",
        "object": "ANDROID-1",
        "name": "ALPHA",
        "says": 0,
    }
    assert json.loads(row["says"]) == {
        "type": "a-f-G-U-C",
        "how": "m-g",
        "start": "2026-11-20T14:03:00.250000Z",
        "stale": "2026-11-20T14:08:00.250000Z",
        "le": 20.0,
        "detail": (
            '<contact callsign="ALPHA" endpoint="*:-1:stcp"/><__group name="Cyan" role="HQ"/>'
            '<status battery="80"/>'
        ),
    }


@pytest.mark.parametrize(
    ("type_", "klass"),
    [
        ("a-f-G-U-C", "person"),
        ("a-h-G-E-V-A-T", "vehicle"),
        ("a-n-S-X-M", "boat"),
        ("a-u-U-S", "boat"),
        ("a-n-A-C-F", "aircraft"),
        ("a-f-A-M-H", "aircraft"),
        ("a-f-A-M-F-Q", "drone"),
        ("a-f-A-M-F-Q-r", "drone"),
        ("a-u-G", None),
        ("a-u", None),
        ("b-a-o-tbl", None),
    ],
)
def test_types(type_, klass):
    assert kinds.klass(type_) == klass
    assert read(event(type_=type_))[0][0]["class"] == klass


@pytest.mark.parametrize("name", kinds.TYPES)
def test_our_types_say_our_classes_or_less(name):
    assert kinds.klass(f"a-u-{kinds.TYPES[name]}") in (name, None)


def test_a_task_of_ours_is_no_strike():
    """`t-k` is one in the catalogue of types."""
    assert kinds.TASK == "b-m-p-w-GOTO"


@pytest.mark.parametrize(
    ("point", "place"),
    [
        ('<point lat="1" lon="2" hae="9999999.0" ce="9999999" le="9999999"/>', (1, 2, None, None)),
        ('<point lat="0" lon="0" hae="9999999" ce="9999999" le="9999999"/>', (None, None, None, None)),
        ('<point lat="0" lon="0" hae="0" ce="5" le="5"/>', (0, 0, 0, 25)),
        ('<point lat="1" lon="2" hae="" ce="0" le="x"/>', (1, 2, None, None)),
        ('<point lat="1" lon="2"/>', (1, 2, None, None)),
        ('<point lat="1" lon="2" hae="NaN" ce="INF" le="NaN"/>', (1, 2, None, None)),
    ],
)
def test_what_is_not_known_of_a_place(point, place):
    ((row,), faults) = read(event(point=point))
    assert (row["latitude"], row["longitude"], row["altitude"], row["var_east"]) == place
    assert faults == []


def test_an_emergency_and_its_end():
    call = event('<emergency type="911 Alert">ALPHA</emergency>', "b-a-o-tbl")
    (one, two), _ = read(call, event('<emergency cancel="true"/>', "b-a-o-can"))
    assert (one["status"], two["status"]) == ("emergency", "emergency cancelled")
    assert "911 Alert" in json.loads(one["says"])["detail"]


@pytest.mark.parametrize(
    ("uid", "claimed"),
    [
        ("MMSI-316001234", "vessel:mmsi:316001234"),
        ("ICAO-C0FFEE", "aircraft:icao24:c0ffee"),
        ("ICAO-C0FF", None),
        ("MMSI-000000000", None),
    ],
)
def test_gateways_say_who_a_vessel_or_aircraft_claims_to_be(uid, claimed):
    assert read(event(uid=uid))[0][0]["claimed"] == claimed


def test_who_produced_it_is_its_sensor():
    (row,), _ = read(event('<link relation="p-p" uid="TOWER-3" type="a-f-G-E-S"/>'))
    assert (row["sensor"], "detail" in json.loads(row["says"])) == ("TOWER-3", False)
    (row,), _ = read(event('<link relation="p-p" uid="T" type="a-f-G" parent_callsign="X"/>'))
    assert (row["sensor"], "parent_callsign" in row["says"]) == ("T", True)


def test_what_we_add_fills_columns():
    numbers = 'confidence="0.5" var_east="4" var_north="9" cov_east_north="-5.5"'
    (row,), faults = read(event(f'<watchfloor marking="PB" class="group" {numbers}/>'))
    assert faults == []
    assert (row["marking"], row["class"], row["confidence"]) == ("PB", "group", 0.5)
    assert (row["var_east"], row["var_north"], row["cov_east_north"]) == (4, 9, -5.5)


def test_a_marking_of_the_protocol_is_kept_as_it_is():
    more = 'how="m-g" access="Secret" caveat="FOUO" releaseableTo="CAN,USA" qos="1-r-c" opex="e-X"'
    (row,), _ = read(event(more=more))
    assert "marking" not in row
    kept = json.loads(row["says"])
    assert (kept["access"], kept["caveat"], kept["releaseableTo"]) == ("Secret", "FOUO", "CAN,USA")
    assert (kept["qos"], kept["opex"]) == ("1-r-c", "e-X")


@pytest.mark.parametrize(
    ("piece", "wrong"),
    [
        (event(uid=""), "event.uid is missing"),
        (event(type_=""), "event.type is missing"),
        (event(point=""), "event.point is missing"),
        (event(point='<point lat="x" lon="2"/>'), "point.lat is 'x', which is no number"),
        (event(point='<point lon="2"/>'), "point.lat is None"),
        (event(point='<point lat="91" lon="2"/>'), "point.lat is 91, outside -90 to 90"),
        (event(point='<point lat="nan" lon="2"/>'), "point.lat is nan"),
        (event(point='<point lat="1" lon="-181"/>'), "point.lon is -181"),
        (event(point='<point lat="1" lon="2" ce="-5"/>'), "point.ce is -5"),
        (event().replace(b"14:03:00.25Z", b"yesterday", 1), "event.time is '2026-11-20Tyesterday'"),
        (event('<watchfloor confidence="7"/>'), "watchfloor.confidence is '7', which is not from 0 to 1"),
        (event('<watchfloor cov_east_north="3"/>'), "beyond what the two variances allow"),
        (event('<watchfloor marking="??"/>'), "watchfloor.marking is no marking"),
        (event("<a><b></a>"), "its XML is damaged"),
        (event("&lol;"), "its XML is damaged"),
        (event("<a x='1' x='2'/>"), "its XML is damaged"),
        (b"<event><a>" + b"<a>" * 300 + b"</event>", "its XML is damaged"),
        (b'<thing><point/></thing><evil uid="x"/></event>', "its XML is damaged"),
        (b'<!DOCTYPE event [<!ENTITY a "b">]>' + event("&a;"), "declares a document type"),
        (b'<!DOCTYPE event SYSTEM "file:///etc/passwd">' + event(), "declares a document type"),
        (event("\x00"), "its XML is damaged"),
        (event(type_="b-t-f"), "an event of the type 'b-t-f' is about nothing that is somewhere"),
        (event(type_="u-d-f"), "is about nothing that is somewhere"),
    ],
)
def test_what_cannot_be_is_a_fault(piece, wrong):
    rows, faults = read(piece)
    assert rows == []
    assert wrong in faults[-1]


@pytest.mark.parametrize("type_", ["t-x-c-t", "t-x-c-t-r", "t-x-d-d", "t-x-takp-v"])
def test_what_machines_say_to_each_other_is_passed_over(type_):
    assert read(event(type_=type_)) == ([], [])


def test_an_entity_does_not_read_a_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("TOP", encoding="utf-8")
    bomb = f'<?xml version="1.0"?><!DOCTYPE e [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode() + event(
        "&x;"
    )
    utf16 = bomb.decode().encode("utf-16")
    for piece in (bomb, utf16):
        rows, faults = read(piece)
        assert rows == []
        assert faults
        assert "TOP" not in str(faults)


def _message(**fields) -> bytes:
    millis = int(TIME.timestamp() * 1000)
    held = {
        "type": "a-f-G-U-C",
        "uid": "ANDROID-1",
        "how": "m-g",
        "sendTime": millis,
        "startTime": millis,
        "staleTime": millis + 300_000,
        "lat": 45.015,
        "lon": -74.73,
        "hae": 60.5,
        "ce": 12.0,
        "le": 20.0,
    }
    return codec.encode(tak_in.SCHEMA, {"cotEvent": held | fields})


def test_both_encodings_read_the_same():
    typed = {
        "contact": {"callsign": "ALPHA"},
        "track": {"speed": 3.5, "course": 271.5},
        "status": {"battery": 80},
        "group": {"name": "Cyan", "role": "HQ"},
        "xmlDetail": "<remarks>x &amp; y</remarks>",
    }
    inside = (
        '<contact callsign="ALPHA"/><__group name="Cyan" role="HQ"/><status battery="80"/>'
        '<track course="271.5" speed="3.5"/><remarks>x &amp; y</remarks>'
    )
    message = _message(detail=typed)
    for data in (b"\xbf" + codec.varint(len(message)) + message, b"\xbf\x01\xbf" + message):
        (ours,), faults = read(data)
        (theirs,), _ = read(event(inside))
        assert faults == []
        assert ours | {"locator": 0} == theirs | {"locator": 0}


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        (_message(lat=float("nan")), "cotEvent.lat is nan"),
        (_message(lat=95.0), "point.lat is 95"),
        (_message(uid=""), "cotEvent.uid is missing"),
        (_message(type=""), "cotEvent.type is missing"),
        (_message(sendTime=2**63), "cotEvent.sendTime is"),
        (_message(detail={"xmlDetail": "<a>"}), "the XML of xmlDetail is damaged"),
        (
            _message(detail={"xmlDetail": '<!DOCTYPE a [<!ENTITY b "c">]>'}),
            "xmlDetail declares a document type",
        ),
        (
            _message(detail={"contact": {"callsign": "\x00"}}),
            "detail.contact has a text that XML cannot hold",
        ),
        (b"\x12\x05abc", "this TAK message is damaged: cotEvent: it is cut short"),
        (b"\x12\x03\x0a\x01\xff", "cotEvent.type is no UTF-8 text"),
    ],
)
def test_a_message_that_cannot_be_is_a_fault(message, wrong):
    rows, faults = read(b"\xbf\x01\xbf" + message)
    assert rows == []
    assert wrong in faults[0]


def test_a_message_without_an_event_is_passed_over():
    assert read(b"\xbf\x01\xbf" + codec.encode(tak_in.SCHEMA, {"takControl": {"maxProtoVersion": 1}})) == (
        [],
        [],
    )


def test_another_implementation_writes_what_we_read():
    """`takproto` turns XML into both forms of the protocol."""
    takproto = pytest.importorskip("takproto")
    xml = event('<contact callsign="ALPHA"/><track speed="3.5" course="271.5"/><remarks>hi</remarks>')
    xml = xml.replace(b"00.25Z", b"00.250000Z")
    (expected,), _ = read(xml)
    for version in (takproto.TAKProtoVer.STREAM, takproto.TAKProtoVer.MESH):
        (row,), faults = read(bytes(takproto.xml2proto(xml, version)))
        assert faults == []
        assert _without_detail(row) == _without_detail(expected)


def _without_detail(row: dict) -> dict:
    kept = json.loads(row["says"])
    kept["detail"] = "hi" in kept["detail"]
    return row | {"locator": 0, "says": kept, "observed_at": row["observed_at"].replace(microsecond=0)}


def test_times_with_another_zone_and_without_one():
    for text in (b"2026-11-20T09:03:00.25-05:00", b"2026-11-20T14:03:00.25"):
        (row,), _ = read(event().replace(b"2026-11-20T14:03:00.25Z", text, 1))
        assert row["observed_at"] == TIME
    assert timedelta(0) == row["observed_at"].utcoffset()
    assert POINT
