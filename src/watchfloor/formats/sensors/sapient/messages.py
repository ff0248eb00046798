"""SAPIENT messages that a fusion node sends: acknowledgements, errors and tasks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np

from watchfloor.formats.sensors.protobuf import codec
from watchfloor.formats.sensors.sapient.schema import MAX_BYTES, SCHEMA
from watchfloor.formats.sensors.sapient.taking import take_apart

MOST_PACKET: Final = 1 << 16
"""Bytes of a wrong message that an error gives back."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Message = dict[str, Any]


def timestamp(moment: datetime) -> dict[str, int]:
    """A moment as the wire has it."""
    micros = (moment - _EPOCH) // timedelta(microseconds=1)
    return {"seconds": micros // 1_000_000, "nanos": micros % 1_000_000 * 1000}


def framed(message: Mapping[str, Any]) -> bytes:
    """A message behind its length. Raises `codec.WireError` for a field that it cannot hold."""
    raw = codec.encode(SCHEMA, message)
    return len(raw).to_bytes(4, "little") + raw


def checked(message: Mapping[str, Any]) -> bytes:
    """The same for a message that others have made: every rule of the standard is held against it.

    Raises:
        ValueError: what is wrong with it, beginning with the field.
    """
    out = framed(message)
    if len(out) > MAX_BYTES:
        raise ValueError(f"the message has {len(out):,} bytes, and {MAX_BYTES:,} are the most")
    data = np.frombuffer(out, np.uint8)
    taken = take_apart(data, np.array([4]), np.array([len(out)]))
    if taken.problems:
        raise ValueError("; ".join(taken.problems[0]))
    return out


def wrapped(node: str, to: str | None, at: datetime, **content: Any) -> Message:
    """A message of a node, with one content."""
    return {"timestamp": timestamp(at), "node_id": node, "destination_id": to, **content}


def error(node: str, to: str | None, at: datetime, packet: bytes, wrong: Sequence[str]) -> Message:
    """Return the message that tells a node what was wrong with one of its own."""
    return wrapped(node, to, at, error={"packet": packet[:MOST_PACKET], "error_message": list(wrong)})


def registration_ack(node: str, to: str, at: datetime, reasons: Sequence[str]) -> Message:
    """A registration is accepted, or refused for reasons."""
    content = {"acceptance": not reasons, "ack_response_reason": list(reasons)}
    return wrapped(node, to, at, registration_ack=content)


def alert_ack(node: str, to: str, at: datetime, alert: str) -> Message:
    """An alert was taken in."""
    return wrapped(
        node, to, at, alert_ack={"alert_id": alert, "alert_ack_status": "ALERT_ACK_STATUS_ACCEPTED"}
    )


def place(latitude: float, longitude: float, altitude: float | None = None) -> Message:
    """A place in degrees and metres above the ellipsoid."""
    return {
        "x": longitude,
        "y": latitude,
        "z": altitude,
        "coordinate_system": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M",
        "datum": "LOCATION_DATUM_WGS84_E",
    }


def look_at(latitude: float, longitude: float, altitude: float | None = None) -> Message:
    """The command to point at a place."""
    return {"look_at": {"location_list": {"locations": [place(latitude, longitude, altitude)]}}}


def look_along(
    azimuth: float, extent: float, distance: float | None = None, elevation: float = 0.0
) -> Message:
    """The command to point along a direction.

    Args:
        azimuth: clockwise from true north, degrees.
        extent: whole angle that the view is to hold, degrees.
        distance: metres to see to.
        elevation: above the horizon, degrees.
    """
    cone = {
        "azimuth": azimuth,
        "elevation": elevation,
        "range": distance,
        "horizontal_extent": extent,
        "coordinate_system": "RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_M",
        "datum": "RANGE_BEARING_DATUM_TRUE",
    }
    return {"look_at": {"range_bearing": cone}}


def move_to(places: Sequence[Message]) -> Message:
    """The command to go to a place, by others."""
    return {"move_to": {"locations": list(places)}}


def patrol(places: Sequence[Message]) -> Message:
    """The command to go round between places."""
    return {"patrol": {"locations": list(places)}}


def follow(object_: str) -> Message:
    """The command to follow an object that the node, or another, has reported."""
    return {"follow": {"follow_object_id": object_}}


COMMANDS: Final[Mapping[str, str]] = {
    name: f"COMMAND_TYPE_{name.upper()}"
    for name, field in SCHEMA.named["Task.Command"].items()
    if field.group
}
"""Commands of a task, and what a node registers that takes them."""
