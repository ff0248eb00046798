"""Detection reports as rows."""

import json
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.sapient.made import (
    MOMENT,
    NODE,
    OBJECT,
    OTHER,
    PLACE,
    POLAR,
    ULID,
    detection,
    frames,
    message,
    registration,
    status,
)

from watchfloor.core.kinds import DETECTION
from watchfloor.formats.sensors.sapient import stream
from watchfloor.formats.sensors.sapient.ids import node_of, ulid_of
from watchfloor.formats.sensors.wires.batch import Heard

UTM = {"coordinate_system": "LOCATION_COORDINATE_SYSTEM_UTM_M", "datum": "LOCATION_DATUM_WGS84_E"}


def _read(*said: dict):
    return stream.read([Heard({}, [frames(*said)], [1_795_183_381_000_000])])


def _rows(*said: dict) -> list[dict]:
    found = _read(*said)
    assert found.faults == []
    return [row for read in found.read if read.kind is DETECTION for row in read.rows.to_pylist()]


def _fault(*said: dict) -> str:
    found = _read(*said)
    assert not any(read.kind is DETECTION for read in found.read)
    return found.faults[0][1].reason


def _said(row: dict) -> dict:
    return {name: value for name, value in row.items() if value is not None}


def test_a_place_with_errors():
    errors = {"x_error": 5.0, "y_error": 8.0, "z": 12.0}
    said = detection(location=PLACE | errors, detection_confidence=0.9, id="C-FABC", state="lost")
    (row,) = _rows(said)
    assert _said(row) == {
        "report_key": f"{NODE}/{ULID}",
        "observed_at": MOMENT,
        "received_at": MOMENT.replace(second=1, microsecond=0),
        "locator": f"bytes 0-{len(frames(said))}",
        "sensor": NODE,
        "latitude": 45.015,
        "longitude": -74.73,
        "altitude": 12.0,
        "var_east": 25.0,
        "var_north": 64.0,
        "confidence": 0.9,
        "object": OBJECT,
        "name": "C-FABC",
        "status": "lost",
    }


def test_rows_have_the_columns_of_their_kind():
    (read,) = _read(detection()).read
    assert read.rows.schema.names == DETECTION.body.names
    assert [field.type for field in read.rows.schema] == [field.type for field in DETECTION.body]


def test_radians_and_utm_are_degrees():
    """The UTM place is PROJ's of 45.0153 N 74.7303 W in zone 18."""
    radians = {"x": math.radians(-74.73), "y": math.radians(45.015)}
    system = {"coordinate_system": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_RAD_M"}
    grid = {"x": 521250.82758497691, "y": 4984685.414417752, "utm_zone": "18N", "x_error": 3.0, **UTM}
    found = _rows(detection(location=PLACE | radians | system), detection(report=OBJECT, location=grid))
    places = [(row["latitude"], row["longitude"]) for row in found]
    np.testing.assert_allclose(places, [(45.015, -74.73), (45.0153, -74.7303)], atol=1e-9)
    assert found[1]["var_east"] == 9.0


def test_a_zone_of_utm_may_be_the_registered_one():
    place = {"location_units": "LOCATION_COORDINATE_SYSTEM_UTM_M", "location_datum": "LOCATION_DATUM_WGS84_E"}
    grid = {"x": 521250.82758497691, "y": 4984685.414417752, **UTM}
    (row,) = _rows(
        registration(definition={"location_type": place | {"zone": "18N"}}), detection(location=grid)
    )
    np.testing.assert_allclose((row["latitude"], row["longitude"]), (45.0153, -74.7303), atol=1e-9)
    assert "utm_zone" in _fault(detection(location=grid))


@pytest.mark.parametrize(
    ("error", "units", "metres"),
    [
        (5.0, None, 5.0),  # nobody says: metres
        (5.0, "metres", 5.0),
        (0.004, "metres", 0.004),
        (1e-4, None, 7.882626),  # below a centimetre: of the coordinates
        (1e-4, "decimal degrees", 7.882626),
        (1e-6, "radians", 4.516412),
        (0.0, None, None),
    ],
)
def test_errors_are_metres_whatever_they_came_in(error, units, metres):
    """A degree of longitude at 45.015 N has 78,826.3 m (PROJ 9.5, geodesic of 0.01 degrees)."""
    told = {"geometric_error": {"type": "Standard Deviation", "units": units, "variation_type": "None"}}
    before = [registration(definition=told)] if units else []
    (row,) = _rows(*before, detection(location=PLACE | {"x_error": error}))
    if metres is None:
        assert row["var_east"] is None
    else:
        np.testing.assert_allclose(math.sqrt(row["var_east"]), metres, rtol=1e-5)


def test_a_height_above_the_geoid_stays_in_says():
    (row,) = _rows(detection(location=PLACE | {"z": 50.0, "datum": "LOCATION_DATUM_WGS84_G"}))
    assert row["altitude"] is None
    assert json.loads(row["says"])["location"]["z"] == 50


def test_a_direction_has_the_place_of_its_node():
    """What a status report says of the node's place holds from then on, for that node."""
    polar = {"azimuth": -10.0, "elevation": 2.0, "range": 1500.0, "azimuth_error": 0.5, "range_error": 20.0}
    bearing = detection(location=None, range_bearing=POLAR | polar)
    other = detection(OTHER, location=None, range_bearing=POLAR | polar)
    rows = _rows(bearing, status(node_location=PLACE | {"z": 90.0}), bearing, other)
    assert [row["sensor_latitude"] for row in rows] == [None, 45.015, None]
    assert rows[1] | {"sensor_longitude": -74.73, "sensor_altitude": 90.0} == rows[1]
    numbers = ("azimuth", "elevation", "range", "azimuth_error", "range_error")
    assert [rows[1][name] for name in numbers] == [350.0, 2.0, 1500.0, 0.5, 20.0]
    assert rows[1]["latitude"] is None


def test_kilometres_and_radians():
    polar = {"azimuth": math.radians(30), "range": 1.5, "range_error": 0.02}
    system = {"coordinate_system": "RANGE_BEARING_COORDINATE_SYSTEM_RADIANS_KM"}
    (row,) = _rows(detection(location=None, range_bearing=POLAR | polar | system))
    np.testing.assert_allclose((row["azimuth"], row["range"], row["range_error"]), (30, 1500, 20))


def test_grid_north_is_turned_and_magnetic_north_is_not():
    """The convergence at 45.015 N 74.73 W is 0.19097 degrees (PROJ 9.5)."""
    node = status(node_location=PLACE)
    grid = POLAR | {"azimuth": 10.0, "datum": "RANGE_BEARING_DATUM_GRID"}
    magnetic = POLAR | {"azimuth": 10.0, "azimuth_error": 1.0, "datum": "RANGE_BEARING_DATUM_MAGNETIC"}
    turned, kept = _rows(
        node,
        detection(location=None, range_bearing=grid),
        detection(location=None, range_bearing=magnetic, report=OBJECT),
    )
    np.testing.assert_allclose(turned["azimuth"], 10.19097, atol=1e-5)
    assert (kept["azimuth"], kept["azimuth_error"]) == (None, None)
    assert json.loads(kept["says"])["range_bearing"]["azimuth"] == 10


def test_a_distance_that_stands_for_none_is_unknown():
    """A bearing without a distance is sent with half the longest one, and an error as large."""
    (row,) = _rows(
        detection(location=None, range_bearing=POLAR | {"azimuth": 5.0, "range": 500.0, "range_error": 500.0})
    )
    assert (row["azimuth"], row["range"], row["range_error"]) == (5.0, None, None)
    assert json.loads(row["says"])["range_bearing"]["range"] == 500


def test_speed_and_course_with_their_errors():
    """To the east at 3 m/s and north at 4: the errors are of the rates along and across the way."""
    rates = {
        "east_rate": 3.0,
        "north_rate": 4.0,
        "up_rate": -1.0,
        "east_rate_error": 0.5,
        "north_rate_error": 0.5,
    }
    (row,) = _rows(detection(enu_velocity=rates))
    assert (row["speed"], row["climb"]) == (5.0, -1.0)
    np.testing.assert_allclose(row["course"], math.degrees(math.atan2(3, 4)))
    np.testing.assert_allclose((row["speed_error"], row["course_error"]), (0.5, math.degrees(0.1)))
    (row,) = _rows(detection(enu_velocity={"east_rate": 0.0, "north_rate": 0.0}))
    assert (row["speed"], row["course"], row["says"]) == (0.0, None, None)


def test_kilometres_an_hour_where_the_node_registered_them():
    units = {
        "enu_velocity_units": {"east_north_rate_units": "SPEED_UNITS_KPH", "up_rate_units": "SPEED_UNITS_MS"}
    }
    velocity = {"velocity_type": units | {"location_datum": "LOCATION_DATUM_WGS84_E"}}
    rates = {"east_rate": 36.0, "north_rate": 0.0, "up_rate": 2.0}
    (row,) = _rows(registration(definition=velocity), detection(enu_velocity=rates))
    np.testing.assert_allclose((row["speed"], row["course"], row["climb"]), (10.0, 90.0, 2.0))


@pytest.mark.parametrize(
    ("classes", "found", "confidence"),
    [
        ([("Human", 0.7, ()), ("Vehicle", 0.2, ())], "person", 0.7),
        ([("Vehicle", 0.2, ()), ("Human", 0.7, ())], "person", 0.7),
        ([("Air Vehicle", 0.9, (("Fixed Wing", 0.1), ("UAV Rotary Wing", 0.8)))], "drone", 0.9),
        ([("Air Vehicle", 0.9, (("Fixed Wing", 0.1),))], "aircraft", 0.9),
        ([("Vehicle", 0.4, ()), ("Animal", 0.4, ())], "vehicle", 0.4),
        ([("Teapot", 0.4, ())], "unknown", 0.4),
        ([("human ", None, ())], "person", None),
        ([], None, None),
    ],
)
def test_the_likeliest_class(classes, found, confidence):
    told = [
        {
            "type": name,
            "sub_class": [{"type": sub, "confidence": share, "level": 1} for sub, share in finer],
        }
        | ({} if share is None else {"confidence": share})
        for name, share, finer in classes
    ]
    (row,) = _rows(detection(classification=told))
    assert (row["class"], row["class_confidence"]) == (found, confidence)
    if classes:
        assert [one["type"] for one in json.loads(row["says"])["classification"]] == [
            one[0] for one in classes
        ]


def test_what_has_no_column_is_in_says():
    (row,) = _rows(
        detection(
            colour="red",
            task_id=OBJECT,
            behaviour=[{"type": "Walking", "confidence": 0.5}],
            object_info=[{"type": "height", "value": "1.8", "error": 0.25}],
            associated_detection=[{"node_id": OTHER, "object_id": OBJECT}],
        )
    )
    assert json.loads(row["says"]) == {
        "associated_detection": [{"node_id": OTHER, "object_id": OBJECT}],
        "behaviour": [{"type": "Walking", "confidence": 0.5}],
        "colour": "red",
        "object_info": [{"type": "height", "value": "1.8", "error": 0.25}],
        "task_id": OBJECT,
    }


def _info(**columns) -> list[dict]:
    return [{"type": f"watchfloor.{name}", "value": json.dumps(value)} for name, value in columns.items()]


def test_extensions_fill_columns():
    infos = _info(
        cov_east_north=12.0,
        observed_at="2026-11-20T14:02:59.5+00:00",
        authority="Customs Act, s. 99",
        range_rate=-3.5,
        claimed="vessel:mmsi:316001234",
        scan=7,
    )
    place = PLACE | {"x_error": 5.0, "y_error": 8.0}
    (row,) = _rows(detection(location=place, object_info=[*infos, {"type": "height", "value": "2"}]))
    assert (row["cov_east_north"], row["authority"], row["range_rate"]) == (12.0, "Customs Act, s. 99", -3.5)
    assert (row["claimed"], row["scan"]) == ("vessel:mmsi:316001234", 7)
    assert row["observed_at"] == MOMENT.replace(minute=2, second=59, microsecond=500_000)
    assert json.loads(row["says"]) == {"object_info": [{"type": "height", "value": "2"}]}


def test_rows_with_a_marking_of_their_own_stand_apart():
    marked = detection(report=OBJECT, object_info=_info(marking="PB//TLP:AMBER"))
    plain, own = _read(detection(), marked).read
    assert plain.rows.column_names == DETECTION.body.names
    assert own.rows.column("marking").to_pylist() == ["PB//TLP:AMBER"]


def test_a_node_speaks_for_a_name_only_with_the_id_that_stands_for_it():
    named = detection(
        node_of("Tower 3"),
        report=ulid_of("T3-0001"),
        object_info=_info(sensor="Tower 3", report_key="T3-0001"),
    )
    (row,) = _rows(named)
    assert (row["sensor"], row["report_key"]) == ("Tower 3", "T3-0001")
    assert "for which node_id" in _fault(detection(object_info=_info(sensor="Tower 3")))
    assert "for which report_id" in _fault(detection(object_info=_info(report_key="T3-0001")))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"location": PLACE | {"y": 91.0}}, "location.y is 91, outside -90 to 90 degrees"),
        ({"location": PLACE | {"x": 181.0}}, "location.x is 181, outside -180 to 180 degrees"),
        ({"location": PLACE | {"x": math.inf}}, "location.x is inf, which is no number"),
        ({"location": PLACE | {"y": math.nan}}, "location.y is nan, which is no number"),
        ({"location": PLACE | {"x_error": -1.0}}, "location.x_error is -1"),
        ({"location": PLACE | {"x_error": math.nan}}, "location.x_error is nan, which is no number"),
        (
            {"location": PLACE | {"coordinate_system": "LOCATION_COORDINATE_SYSTEM_UNSPECIFIED"}},
            "coordinate_system is 0",
        ),
        (
            {"location": PLACE | {"coordinate_system": 3}},
            "coordinate_system is 3, which LocationCoordinateSystem does",
        ),
        (
            {"location": {"x": 1e6 + 1, "y": 5e6, "utm_zone": "18N", **UTM}},
            "location.x is 1e+06, outside 0 to",
        ),
        ({"location": {"x": 5e5, "y": 5e6, "utm_zone": "99N", **UTM}}, "utm_zone is 0, no zone of UTM"),
        ({"location": None}, "location_oneof is missing"),
        ({"location": None, "range_bearing": POLAR | {"range": -5.0}}, "range_bearing.range is -5"),
        ({"location": None, "range_bearing": POLAR | {"azimuth": 400.0}}, "azimuth is 400, outside"),
        ({"location": None, "range_bearing": POLAR | {"elevation": 91.0}}, "elevation is 91, outside"),
        ({"detection_confidence": 1.5}, "detection_confidence is 1.5, outside 0 to 1"),
        (
            {"classification": [{"type": "Human", "confidence": 1.5}]},
            "classification.confidence is 1.5, outside",
        ),
        (
            {"behaviour": [{"type": "Walking", "confidence": -0.5}]},
            "behaviour.confidence is -0.5, outside 0 to 1",
        ),
        ({"report_id": "x"}, "report_id is 'x', which is no ULID"),
        ({"object_id": "8" + ULID[1:]}, "object_id is '8"),
        ({"object_id": "I" * 26}, "which is no ULID"),
        (
            {"enu_velocity": {"east_rate": 1e200, "north_rate": 0.0}},
            "east_rate is 1e+200, outside what a rate",
        ),
        ({"location": PLACE | {"z": -2e9}}, "location.z is -2e+09, outside what a height can be"),
        ({"location": None, "range_bearing": POLAR | {"range": 1e300}}, "range_bearing.range is 1e+300"),
        ({"enu_velocity": {"east_rate": 1.0}}, "enu_velocity.north_rate is missing, which is mandatory"),
        ({"classification": [{"confidence": 0.5}]}, "classification.type is missing, which is mandatory"),
        ({"object_info": _info(cov_east_north=5.0)}, None),
        (
            {"object_info": _info(cov_east_north=50.0, var_east=4.0, var_north=4.0)},
            "beyond what the errors",
        ),
        ({"object_info": _info(colour=1)}, "watchfloor.colour names no column"),
        ({"object_info": _info(scan="x")}, "which is no int64"),
        ({"object_info": _info(latitude=1e3)}, "is 1000, outside -90 to 90"),
        ({"object_info": _info(marking="SECRET-ISH")}, "is no marking"),
        ({"object_info": [{"type": "watchfloor.scan", "value": "{"}]}, "which is no JSON"),
        ({"object_info": _info(observed_at="yesterday")}, "which is no timestamp"),
    ],
)
def test_what_cannot_be_is_a_fault_that_names_the_field(fields, wrong):
    if wrong is None:
        assert _rows(detection(**fields))
    else:
        reason = _fault(detection(**fields))
        assert reason.startswith("this SAPIENT message is invalid: detection_report.")
        assert wrong in reason


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (message("not-a-uuid", detection_report={}), "node_id is 'not-a-uuid', which is no UUID"),
        (detection() | {"timestamp": {"seconds": 10**15}}, "timestamp is no moment of the years 1 to 9999"),
        (detection() | {"timestamp": {"seconds": 1, "nanos": -1}}, "timestamp is no moment"),
        ({"node_id": NODE, "detection_report": detection()["detection_report"]}, "timestamp is missing"),
        (
            {"timestamp": {"seconds": 1}, "node_id": NODE},
            "content is missing: one of its fields is mandatory",
        ),
    ],
)
def test_a_message_that_is_wrong_around_its_report(said, wrong):
    assert wrong in _fault(said)


def test_one_wrong_message_costs_no_other():
    found = _read(detection(), detection(report="x"), detection(report=OBJECT))
    assert [row["report_key"][-26:] for row in found.read[0].rows.to_pylist()] == [ULID, OBJECT]
    start, size = len(frames(detection())), len(frames(detection(report="x")))
    assert [fault.locator for _, fault in found.faults] == [f"bytes {start}-{start + size}"]


def test_a_flood_of_what_is_wrong_in_one_way_is_few_faults_with_all_bytes():
    wrong = [detection(location=PLACE | {"y": 91.0 + i}) for i in range(3000)]
    found = _read(*wrong, detection(report="x"))
    assert len(found.faults) < 10
    assert b"".join(fault.raw for _, fault in found.faults) == frames(*wrong, detection(report="x"))
    first = found.faults[0][1].reason
    assert "pieces from here to bytes" in first
    assert (
        "all wrong in this way: this SAPIENT message is invalid: detection_report.location.y is 91" in first
    )


def test_fields_that_the_standard_has_not_are_told_and_the_rest_is_read():
    from tests.formats.sapient.made import frame, raw

    found = stream.read([Heard({}, [frame(raw(detection()) + b"\xf8\x01\x01")], [0])])
    assert found.read[0].rows.num_rows == 1
    assert found.faults[0][1].partly
    assert "BSI Flex 335 v2.0 has no fields 31" in found.faults[0][1].reason


@given(st.lists(st.sampled_from(["a", "b"]), max_size=12), st.data())
def test_a_node_is_where_it_last_said_it_was(order, data):
    """Beside a reader that goes message by message."""
    nodes = {"a": NODE, "b": OTHER}
    said, where, expected = [], {}, []
    for i, who in enumerate(order):
        if data.draw(st.booleans()):
            where[who] = float(i)
            said.append(status(nodes[who], node_location=PLACE | {"y": float(i)}))
        else:
            said.append(detection(nodes[who], location=None, range_bearing=POLAR | {"azimuth": 1.0}))
            expected.append(where.get(who))
    assert [row["sensor_latitude"] for row in _rows(*said)] == expected


def test_an_alert_about_something_seen_is_a_detection():
    alert = {
        "alert_id": ULID,
        "alert_type": "ALERT_TYPE_WARNING",
        "status": "ALERT_STATUS_ACTIVE",
        "confidence": 0.5,
    }
    (row,) = _rows(message(alert=alert | {"location": PLACE, "description": "two walkers"}))
    assert (row["latitude"], row["status"], row["confidence"]) == (45.015, "alert warning active", 0.5)
    assert json.loads(row["says"])["alert"]["description"] == "two walkers"


def test_an_alert_that_follows_from_detections_is_no_second_sighting():
    follows = [{"node_id": NODE, "object_id": OBJECT}]
    (row,) = _rows(message(alert={"alert_id": ULID, "location": PLACE, "associated_detection": follows}))
    assert (row["latitude"], row["object"]) == (None, OBJECT)
    assert json.loads(row["says"])["alert"]["location"]["y"] == 45.015


def test_an_alert_by_direction():
    (row,) = _rows(
        status(node_location=PLACE),
        message(alert={"alert_id": ULID, "range_bearing": POLAR | {"azimuth": 30.0, "range": 5.0}}),
    )
    assert (row["azimuth"], row["range"], row["sensor_latitude"]) == (30.0, 5.0, 45.015)


def test_types_survive_an_empty_batch():
    assert _read().read == []
    assert pa.types.is_timestamp(DETECTION.body.field("observed_at").type)
