"""What nodes say of themselves as rows of `coverage`."""

import json
from datetime import timedelta

import pytest
from tests.formats.sapient.made import (
    MOMENT,
    NODE,
    OBJECT,
    PLACE,
    POLAR,
    ULID,
    frames,
    message,
    registration,
    status,
)

from watchfloor.core.kinds import COVERAGE
from watchfloor.formats.sensors.sapient import stream
from watchfloor.formats.sensors.wires.batch import Heard


def _rows(*said: dict) -> list[dict]:
    found = stream.read([Heard({}, [frames(*said)], [0])])
    assert found.faults == []
    return [row for read in found.read if read.kind is COVERAGE for row in read.rows.to_pylist()]


def _one(kind: str, value: str | None = None, level: str | None = None) -> dict:
    said = {"status_type": f"STATUS_TYPE_{kind}", "status_value": value, "status_level": level}
    return {name: held for name, held in said.items() if held is not None}


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "looking"),
        ({"system": "SYSTEM_WARNING"}, "degraded"),
        ({"system": "SYSTEM_UNSPECIFIED"}, "degraded"),
        ({"system": "SYSTEM_ERROR"}, "fault"),
        ({"system": "SYSTEM_GOODBYE"}, "gone"),
        ({"system": "SYSTEM_TAMPER"}, "tampered"),
        ({"status": [_one("OTHER", "Tamper switch open")]}, "tampered"),
        ({"status": [_one("NOT_DETECTING")]}, "off"),
        ({"status": [_one("EXTERNAL_FAULT", "rain", "STATUS_LEVEL_WARNING_STATUS")]}, "degraded"),
        ({"status": [_one("INTERNAL_FAULT", "x", "STATUS_LEVEL_ERROR_STATUS")]}, "fault"),
        ({"status": [_one("WEATHER", "Rain", "STATUS_LEVEL_INFORMATION_STATUS")]}, "looking"),
        ({"system": "SYSTEM_GOODBYE", "status": [_one("OTHER", "tamper")]}, "gone"),
    ],
)
def test_states(fields, state):
    assert _rows(status(**fields))[0]["state"] == state


def test_a_status_report():
    view = {"range_bearing": POLAR | {"azimuth": 350.0, "horizontal_extent": 40.0, "range": 5000.0}}
    said = status(
        mode="Scan",
        node_location=PLACE | {"z": 90.0},
        field_of_view=view,
        status=[_one("PD", "90%"), _one("WEATHER", "Snow")],
        power={"level": 40, "source": "POWERSOURCE_SOLAR_PV"},
    )
    registered, row = _rows(registration(), said)
    assert (
        row
        | {
            "report_key": f"{NODE}/{ULID}",
            "sensor": NODE,
            "observed_at": MOMENT,
            "until": MOMENT + timedelta(seconds=10),
            "mode": "Scan",
            "latitude": 45.015,
            "altitude": 90.0,
            "azimuth_from": 330.0,
            "azimuth_to": 10.0,
            "farthest": 5000.0,
            "detects": 0.9,
            "weather": "Snow",
            "class": "radar",
        }
        == row
    )
    assert json.loads(row["says"])["status_report"]["power"] == {
        "level": 40,
        "source": "POWERSOURCE_SOLAR_PV",
    }
    assert (registered["state"], registered["report_key"]) == ("off", f"{NODE}/registration")
    assert json.loads(registered["says"])["registration"]["name"] == "Tower 3"


@pytest.mark.parametrize(
    ("area", "columns"),
    [
        ({"azimuth": 5.0, "horizontal_extent": 360.0, "range": 2.0}, (185.0, 185.0, 2.0)),
        ({"azimuth": 5.0, "range": 2.0}, (None, None, 2.0)),
        (
            {"azimuth": 5.0, "horizontal_extent": 10.0, "datum": "RANGE_BEARING_DATUM_PLATFORM"},
            (None, None, None),
        ),
        ({"azimuth": 5.0, "horizontal_extent": 10.0, "range": -2.0}, (None, None, None)),
    ],
)
def test_what_it_sees(area, columns):
    (row,) = _rows(status(coverage=[{"range_bearing": POLAR | area}]))
    assert (row["azimuth_from"], row["azimuth_to"], row["farthest"]) == columns


def test_an_area_of_corners_stays_in_says():
    (row,) = _rows(status(field_of_view={"location_list": {"locations": [PLACE, PLACE, PLACE]}}))
    assert row["azimuth_from"] is None
    assert len(json.loads(row["says"])["status_report"]["field_of_view"]["location_list"]["locations"]) == 3


def test_a_node_keeps_its_place_when_it_registers_again():
    rows = _rows(status(node_location=PLACE), registration(), status(report_id=OBJECT))
    assert [row["latitude"] for row in rows] == [45.015] * 3


def test_a_place_that_cannot_be_is_a_fault():
    found = stream.read([Heard({}, [frames(status(node_location=PLACE | {"y": 95.0}))], [0])])
    assert "status_report.node_location.y is 95, outside" in found.faults[0][1].reason


@pytest.mark.parametrize(
    ("kind", "state"), [("FATAL", "fault"), ("ERROR", "degraded"), ("MODE_CHANGE", "off")]
)
def test_an_alert_about_the_node_itself(kind, state):
    (row,) = _rows(
        message(alert={"alert_id": ULID, "alert_type": f"ALERT_TYPE_{kind}", "description": "disk"})
    )
    assert (row["state"], json.loads(row["says"])["alert"]["description"]) == (state, "disk")


def test_what_nodes_say_to_each_other_gives_no_row():
    ack = {"task_id": ULID, "task_status": "TASK_STATUS_ACCEPTED"}
    assert _rows(message(task_ack=ack), message(error={"packet": b"x", "error_message": ["y"]})) == []
