"""Rows of `detection` and `coverage` as SAPIENT messages; reading them gives the rows again.

What a row keeps of a message in `says` goes back to where it stood. A column that the message cannot hold is
written as an extension (`extensions`): to find out which, a message is read as a receiver would read it. A
row needs a place or a direction, for the standard has no report without. What has no ULID or UUID gets one
that stands for its name (`ids`).
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from watchfloor.core.kinds import COVERAGE, DETECTION, INSTANT
from watchfloor.formats.base import Batch
from watchfloor.formats.sensors.protobuf import lines
from watchfloor.formats.sensors.protobuf.codec import WireError
from watchfloor.formats.sensors.sapient import extensions, messages, stream
from watchfloor.formats.sensors.sapient.ids import is_ulid, node_of, ulid_of
from watchfloor.formats.sensors.sapient.reading import judge
from watchfloor.formats.sensors.sapient.schema import SCHEMA
from watchfloor.formats.sensors.sapient.taking import take_apart

Row = Mapping[str, Any]
Message = dict[str, Any]

CLASSES: Final = {
    "person": "Human",
    "group": "Group",
    "vehicle": "Vehicle",
    "boat": "Boat",
    "aircraft": "Air Vehicle",
    "drone": "UAV",
    "animal": "Animal",
    "unknown": "Unknown",
}
"""Our classes in the standard's words."""

SYSTEMS: Final = {
    "looking": ("SYSTEM_OK", None, None),
    "degraded": ("SYSTEM_WARNING", None, None),
    "fault": ("SYSTEM_ERROR", None, None),
    "off": ("SYSTEM_OK", "STATUS_TYPE_NOT_DETECTING", None),
    "tampered": ("SYSTEM_WARNING", "STATUS_TYPE_OTHER", "tampered"),
    "gone": ("SYSTEM_GOODBYE", None, None),
}
"""Our states as system, and the type and value of a status."""

UNNAMED: Final = "unknown sensor"
"""Whose node id a row has that names no sensor."""

_CLOSE: Final = 1e-9
"""Two numbers that differ by less, relatively, say the same."""


def messages_of(batch: Batch) -> Iterator[Message]:
    """Messages of the rows of a batch, in their order.

    Raises:
        ValueError: rows of another kind, or one that no message can say.
    """
    if batch.kind is COVERAGE:
        yield from map(_status, batch.rows.to_pylist())
        return
    if batch.kind is not DETECTION:
        raise ValueError(f"SAPIENT has no message for {batch.kind.name} rows; it has detections and coverage")
    rows = batch.rows.to_pylist()
    made = [_detection(row) for row in rows]
    for row, message, understood in zip(rows, made, _understood(made), strict=True):
        if "detection_report" in message:
            _extend(message["detection_report"], row, understood)
        yield message


def write(batches: Iterable[Batch]) -> Iterator[bytes]:
    """Messages of rows, each behind its length. Raises `ValueError` as `messages_of` does."""
    for batch in batches:
        for message in messages_of(batch):
            yield messages.checked(message)


def _detection(row: Row) -> Message:
    sensor = row["sensor"] or UNNAMED
    node, at = node_of(sensor), row["observed_at"]
    held, _ = _kept(row["says"])
    if "alert" in held:
        return messages.wrapped(node, None, at, alert=held["alert"])
    report: Message = {
        "report_id": _report_id(node, row),
        "object_id": _object_id(row),
        "state": row["status"],
        "detection_confidence": row["confidence"],
        "id": row["name"],
        "classification": _classes(row),
        "enu_velocity": _velocity(row),
    }
    if not held.keys() & {"location", "range_bearing"}:
        report |= _where(row)
    return messages.wrapped(node, None, at, detection_report=report | held)


def _kept(says: str | None) -> tuple[Message, bool]:
    """Return a message's fields besides columns; false where `says` is of another format."""
    if not says:
        return {}, True
    try:
        held = msgspec.json.decode(says)
        if "alert" in held:
            return {"alert": lines.message(SCHEMA, held["alert"], "Alert")}, True
        return lines.message(SCHEMA, held, "DetectionReport"), True
    except (WireError, msgspec.DecodeError, TypeError):
        return {}, False


def _report_id(node: str, row: Row) -> str:
    """The id of the report that the row is of, or one that stands for its key, or for what it says."""
    key = row["report_key"]
    if key is None:
        key = "\n".join(
            str(row[name]) for name in ("sensor", "observed_at", "received_at", "object", "locator")
        )
    owner, _, id_ = key.rpartition("/")
    return id_ if owner == node and is_ulid(id_) else ulid_of(key)


def _object_id(row: Row) -> str:
    object_ = row["object"]
    if object_ is None:
        return ulid_of(
            "\n".join(str(row[name]) for name in ("sensor", "observed_at", "report_key", "locator"))
        )
    return object_ if is_ulid(object_) else ulid_of(object_)


def _classes(row: Row) -> list[Message]:
    if row["class"] is None:
        return []
    return [{"type": CLASSES.get(row["class"], row["class"]), "confidence": row["class_confidence"]}]


def _velocity(row: Row) -> Message | None:
    if row["speed"] is None or row["course"] is None:
        return None
    course = math.radians(row["course"])
    east, north = row["speed"] * math.sin(course), row["speed"] * math.cos(course)
    return {"east_rate": east, "north_rate": north, "up_rate": row["climb"]}


def _where(row: Row) -> Message:
    if row["latitude"] is not None and row["longitude"] is not None:
        errors = {
            f"{axis}_error": math.sqrt(row[name]) if row[name] else None
            for axis, name in (("x", "var_east"), ("y", "var_north"))
        }
        return {"location": messages.place(row["latitude"], row["longitude"], row["altitude"]) | errors}
    if row["azimuth"] is None and row["range"] is None:
        where = row["locator"]
        raise ValueError(f"the row at {where} has neither place nor direction; SAPIENT has no report without")
    return {
        "range_bearing": {
            **{name: row[name] for name in _POLAR},
            "coordinate_system": "RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_M",
            "datum": "RANGE_BEARING_DATUM_TRUE",
        }
    }


_POLAR: Final = ("azimuth", "elevation", "range", "azimuth_error", "range_error")


def _understood(made: list[Message]) -> Iterator[Row]:
    """The row that a receiver makes of each message."""
    frames = stream.framed([b"".join(map(messages.framed, made))])
    taken = take_apart(frames.data, frames.starts, frames.ends)
    nothing = pa.nulls(len(made), INSTANT)
    network = np.zeros(len(made), np.int64)
    judged = judge(taken, taken.content > 0, network, [{}])
    found: dict[int, Row] = {}
    for part in judged.parts(stream.locators(frames), nothing):
        found |= dict(zip(part.message.tolist(), part.rows.to_pylist(), strict=True))
    wrong = taken.problems | judged.problems
    for number in range(len(made)):
        if number in wrong:
            raise ValueError(f"row {number + 1} cannot be said in SAPIENT: {'; '.join(wrong[number])}")
        yield found[number]


def _extend(report: Message, row: Row, understood: Row) -> None:
    """Add what a receiver would not see, or see otherwise."""
    infos = [
        {"type": extensions.PREFIX + name, "value": extensions.text(row[name])}
        for name in extensions.TYPES
        if row.get(name) is not None and not _same(row[name], understood.get(name))
    ]
    if infos:
        report["object_info"] = [*report.get("object_info", ()), *infos]


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=_CLOSE, abs_tol=1e-300)
    return bool(ours == theirs)


def _status(row: Row) -> Message:
    node, at = node_of(row["sensor"]), row["observed_at"]
    held = _content(row["says"])
    if held:
        return messages.wrapped(node, None, at, **held)
    system, kind, value = SYSTEMS[row["state"]]
    detects = None if row["detects"] is None else str(row["detects"])
    said = [(kind, value)] if kind else []
    said += [("STATUS_TYPE_PD", detects)] if detects else []
    said += [("STATUS_TYPE_WEATHER", row["weather"])] if row["weather"] else []
    report: Message = {
        "report_id": ulid_of(f"{row['sensor']}\n{row['report_key']}\n{at}\n{row['locator']}"),
        "system": system,
        "info": "INFO_NEW",
        "mode": row["mode"] or "Default",
        "field_of_view": _cone(row),
        "status": [{"status_type": type_, "status_value": text} for type_, text in said],
    }
    if row["latitude"] is not None and row["longitude"] is not None:
        report["node_location"] = messages.place(row["latitude"], row["longitude"], row["altitude"])
    return messages.wrapped(node, None, at, status_report=report)


_WHOLE: Final = (("registration", "Registration"), ("status_report", "StatusReport"), ("alert", "Alert"))


def _content(says: str | None) -> Message:
    """The message that a row keeps whole, if it does."""
    try:
        held = msgspec.json.decode(says or "{}")
        return {
            name: lines.message(SCHEMA, held[name], of)
            for name, of in (
                ("registration", "Registration"),
                ("status_report", "StatusReport"),
                ("alert", "Alert"),
            )
            if name in held
        }
    except (WireError, msgspec.DecodeError, TypeError):
        return {}


def _cone(row: Row) -> Message | None:
    left, right = row["azimuth_from"], row["azimuth_to"]
    if left is None or right is None:
        return None
    extent = (right - left) % 360.0 or 360.0
    cone = {
        "azimuth": (left + extent / 2) % 360.0,
        "horizontal_extent": extent,
        "range": row["farthest"],
        "coordinate_system": "RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_M",
        "datum": "RANGE_BEARING_DATUM_TRUE",
    }
    return {"range_bearing": cone}
