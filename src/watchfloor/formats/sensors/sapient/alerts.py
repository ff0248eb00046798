"""Alerts as rows.

An alert about something that was seen, with a place or with the detections it follows from, is a row of
`detection`; any other is about the node and a row of `coverage`. One that follows from detections has no
place of its own in the row (it stays in `says`): it repeats what they say, and must not be counted again as
one more sighting. Its `object` is that of the first of them.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from watchfloor.formats.sensors.sapient import places
from watchfloor.formats.sensors.sapient.nodes import Node
from watchfloor.formats.sensors.sapient.schema import SCHEMA

Row = dict[str, Any]


def is_seen(alert: Mapping[str, Any]) -> bool:
    """Whether an alert is about something that was seen."""
    return bool(alert.keys() & {"location", "range_bearing"} or alert.get("associated_detection"))


def row(node: Node, sensor: str, alert: Mapping[str, Any]) -> Row | str:
    """The row of `detection` of such an alert, or a sentence on a place that cannot be."""
    follows = alert.get("associated_detection", ())
    out: Row = {
        "report_key": f"{sensor}/{alert['alert_id']}",
        "sensor": sensor,
        "object": follows[0]["object_id"] if follows else None,
        "status": _status(alert),
        "confidence": alert.get("confidence"),
        "says": msgspec.json.encode({"alert": alert}, order="sorted").decode(),
    }
    if "location" in alert:
        place = places.point(alert["location"], node.zone)
        if isinstance(place, str):
            return f"alert.location.{place}"
        return out if follows else out | place._asdict()
    return out if follows or "range_bearing" not in alert else out | _direction(node, alert["range_bearing"])


def _direction(node: Node, held: Mapping[str, Any]) -> Row:
    numbers = SCHEMA.numbers
    by = places.units(np.array(numbers["RangeBearingCoordinateSystem"][held["coordinate_system"]]))
    datum = np.array([numbers["RangeBearingDatum"][held["datum"]]])
    latitude, longitude = (
        np.array([np.nan if value is None else value]) for value in (node.latitude, node.longitude)
    )
    azimuth = np.array([float(held.get("azimuth", "nan"))]) * by.angle
    true = float(places.north(azimuth, datum, latitude, longitude, places.zones([node.zone]))[0])
    return {
        "sensor_latitude": node.latitude,
        "sensor_longitude": node.longitude,
        "sensor_altitude": node.altitude,
        "azimuth": None if np.isnan(true) else true,
        "range": float(held["range"]) * float(by.length) if held.get("range", -1) >= 0 else None,
    }


def _status(alert: Mapping[str, Any]) -> str:
    words = [alert.get(name, "").partition(mark)[2] for name, mark in _MARKS.items()]
    return "alert " + " ".join(word.replace("_", " ").lower() for word in words if word)


_MARKS = {"alert_type": "ALERT_TYPE_", "status": "ALERT_STATUS_", "priority": "DISCRETE_PRIORITY_"}
