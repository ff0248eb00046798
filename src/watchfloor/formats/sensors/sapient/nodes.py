"""Nodes of a SAPIENT network: where each is, and what its numbers mean.

A node says it in its registration and in its status reports; a detection by direction and distance means
nothing without it. It is all that reading a stream has to remember, so it freezes to a table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import pyarrow as pa

TOLD: Final = {"metre": 1, "degree": 2, "radian": 3}
"""Units in which a node can say that the errors of its places are."""

SECONDS: Final = {
    "TIME_UNITS_NANOSECONDS": 1e-9,
    "TIME_UNITS_MICROSECONDS": 1e-6,
    "TIME_UNITS_MILLISECONDS": 1e-3,
    "TIME_UNITS_SECONDS": 1.0,
    "TIME_UNITS_MINUTES": 60.0,
    "TIME_UNITS_HOURS": 3600.0,
    "TIME_UNITS_DAYS": 86400.0,
}

CLASSES: Final = {
    "NODE_TYPE_RADAR": "radar",
    "NODE_TYPE_LIDAR": "camera",
    "NODE_TYPE_CAMERA": "camera",
    "NODE_TYPE_SEISMIC": "ground-sensor",
    "NODE_TYPE_ACOUSTIC": "ground-sensor",
    "NODE_TYPE_PROXIMITY_SENSOR": "ground-sensor",
    "NODE_TYPE_PASSIVE_RF": "receiver",
}
"""Types of a node, and classes of `coverage`. The first of its types that has one is taken."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node, as it has described itself.

    Attributes:
        latitude: degrees, WGS84.
        longitude: degrees, east positive.
        altitude: metres above the ellipsoid.
        interval: seconds between two status reports.
        state: as `coverage` has it.
        mode: in the node's words.
        kind: its class, as `coverage` has it.
        name: as it registered.
        error_unit: number in `TOLD` of the unit of its errors of places; 0 where it does not say.
        speed: metres a second in its unit of speed over ground.
        climb: the same of vertical speed.
        zone: of UTM, where its places are in that.
    """

    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    interval: float | None = None
    state: str = "off"
    mode: str | None = None
    kind: str | None = None
    name: str | None = None
    error_unit: int = 0
    speed: float = 1.0
    climb: float = 1.0
    zone: str | None = None


NODES: Final = pa.schema(
    [
        pa.field("node", pa.string(), nullable=False),
        *(pa.field(name, pa.float64()) for name in ("latitude", "longitude", "altitude", "interval")),
        *(pa.field(name, pa.string()) for name in ("state", "mode", "kind", "name")),
        pa.field("error_unit", pa.int8()),
        *(pa.field(name, pa.float64()) for name in ("speed", "climb")),
        pa.field("zone", pa.string()),
    ]
)
"""Nodes as a table."""


def freeze(nodes: Mapping[str, Node]) -> pa.Table:
    """Nodes as a table, by their ids."""
    rows = [{"node": key, **asdict(node)} for key, node in sorted(nodes.items())]
    return pa.Table.from_pylist(rows, NODES)


def thaw(table: pa.Table) -> dict[str, Node]:
    """Nodes of such a table."""
    return {row.pop("node"): Node(**row) for row in table.to_pylist()}


def registered(message: Mapping[str, Any]) -> Node:
    """The node of a valid registration. It does not say where it is, nor whether it looks."""
    definitions = list(_definitions(message))
    types = [one["node_type"] for one in message["node_definition"]]
    units = [one.get("velocity_type", {}).get("enu_velocity_units", {}) for one in definitions]
    status = message["status_definition"]
    places = [status.get("location_definition", {}), *(one["location_type"] for one in definitions)]
    return Node(
        interval=seconds(status["status_interval"]),
        kind=next((CLASSES[one] for one in types if one in CLASSES), None),
        name=message.get("name") or message.get("short_name"),
        error_unit=next(filter(None, (_unit(one.get("geometric_error")) for one in definitions)), 0),
        speed=_speed(one.get("east_north_rate_units") for one in units),
        climb=_speed(one.get("up_rate_units") for one in units),
        zone=next((one["zone"] for one in places if "zone" in one), None),
    )


def seconds(duration: Mapping[str, Any]) -> float | None:
    """A duration in seconds; None where its unit is not said or it is no length of time."""
    value = float(duration["value"])
    unit = SECONDS.get(duration["units"])
    return unit * value if unit and 0 < value < float("inf") else None


def _definitions(message: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Return the definitions of detections in its modes, the permanent and default modes first."""
    modes = sorted(message["mode_definition"], key=lambda one: one["mode_type"] == "MODE_TYPE_TEMPORARY")
    return (one for mode in modes for one in mode.get("detection_definition", ()))


def _unit(error: Mapping[str, Any] | None) -> int:
    """The unit of a geometric error, from a text that the standard leaves free."""
    text = (error or {}).get("units", "").strip().lower()
    if text.startswith("deg"):
        return TOLD["degree"]
    if text.startswith("rad"):
        return TOLD["radian"]
    return TOLD["metre"] if text in _METRES else 0


_METRES: Final = ("m", "metre", "metres", "meter", "meters")


def _speed(units: Iterable[str | None]) -> float:
    return 1 / 3.6 if "SPEED_UNITS_KPH" in units else 1.0
