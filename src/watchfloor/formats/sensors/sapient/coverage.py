"""SAPIENT nodes' reports on themselves as rows of `coverage`: registrations, status reports, alerts.

| it says | state |
|---|---|
| a registration | off: it has not said yet that it looks |
| system OK | looking |
| system WARNING, or an internal or external fault below the level of an error | degraded |
| system ERROR, or such a fault at the level of an error | fault |
| status NOT_DETECTING | off |
| system TAMPER (withdrawn, still heard), or a status value with "tamper" | tampered |
| system GOODBYE | gone |

What it sees is its field of view, else the first area of its coverage. A cone about true north fills the
columns; any other area stays in `says`. A status report speaks until the next one is due, by the interval of
the registration.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from watchfloor.formats.sensors.sapient.nodes import Node
from watchfloor.formats.sensors.sapient.places import Point, cone, point

_SYSTEMS: Final = {
    "SYSTEM_OK": "looking",
    "SYSTEM_WARNING": "degraded",
    "SYSTEM_ERROR": "fault",
    "SYSTEM_TAMPER": "tampered",
    "SYSTEM_GOODBYE": "gone",
}
_ALERTS: Final = {"ALERT_TYPE_ERROR": "degraded", "ALERT_TYPE_FATAL": "fault"}
_RANK: Final = ("looking", "degraded", "fault", "off", "tampered", "gone")
"""States from the one that any other overrules to the one that overrules all."""

_FAULTS: Final = ("STATUS_TYPE_INTERNAL_FAULT", "STATUS_TYPE_EXTERNAL_FAULT")

Row = dict[str, Any]


def state(report: Mapping[str, Any]) -> str:
    """State of a node by its status report."""
    said = [_SYSTEMS.get(report["system"], "degraded")]
    for one in report.get("status", ()):
        kind, level = one["status_type"], one.get("status_level")
        if "tamper" in one.get("status_value", "").lower():
            said.append("tampered")
        elif kind == "STATUS_TYPE_NOT_DETECTING":
            said.append("off")
        elif kind in _FAULTS:
            said.append("fault" if level == "STATUS_LEVEL_ERROR_STATUS" else "degraded")
    return max(said, key=_RANK.index)


def moved(node: Node, report: Mapping[str, Any]) -> Node | str:
    """The node after a status report, or a sentence on a place that cannot be."""
    location = report.get("node_location")
    place = (
        Point(node.latitude, node.longitude, node.altitude)
        if location is None
        else point(location, node.zone)
    )
    if isinstance(place, str):
        return f"status_report.node_location.{place}"
    return replace(node, state=state(report), mode=report["mode"], **place._asdict())


def of_registration(node: Node, sensor: str, message: Mapping[str, Any]) -> Row:
    """The row of a registration."""
    return {
        **_who(node, sensor, f"{sensor}/registration"),
        "state": "off",
        "says": _says({"registration": message}),
    }


def of_status(node: Node, sensor: str, report: Mapping[str, Any]) -> Row:
    """The row of a status report, of the node as it is after it."""
    areas = [report["field_of_view"]] if "field_of_view" in report else report.get("coverage", [])
    said = {one["status_type"]: one.get("status_value") for one in report.get("status", ())}
    return {
        **_who(node, sensor, f"{sensor}/{report['report_id']}"),
        **(cone(areas[0]) or {} if areas else {}),
        "interval": node.interval,
        "state": node.state,
        "detects": _share(said.get("STATUS_TYPE_PD")),
        "weather": said.get("STATUS_TYPE_WEATHER"),
        "says": _says({"status_report": report}),
    }


def of_alert(node: Node, sensor: str, alert: Mapping[str, Any]) -> Row:
    """The row of an alert that is about the node and not about what it saw."""
    return {
        **_who(node, sensor, f"{sensor}/{alert['alert_id']}"),
        "state": _ALERTS.get(alert.get("alert_type", ""), node.state),
        "says": _says({"alert": alert}),
    }


def of_silence(node: Node, sensor: str, why: str) -> Row:
    """The row of a node that has said nothing for too long, or whose connection has ended."""
    return {**_who(node, sensor, None), "state": "gone", "says": _says({"silence": why})}


def _who(node: Node, sensor: str, key: str | None) -> Row:
    return {
        "report_key": key,
        "sensor": sensor,
        "mode": node.mode,
        "latitude": node.latitude,
        "longitude": node.longitude,
        "altitude": node.altitude,
        "class": node.kind,
    }


def _share(text: str | None) -> float | None:
    """A probability that a node gives as a text, also in per cent."""
    try:
        value = float(text.rstrip("% ")) / (100 if "%" in text else 1) if text else -1.0
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _says(held: Mapping[str, Any]) -> str:
    return msgspec.json.encode(held, order="sorted").decode()
