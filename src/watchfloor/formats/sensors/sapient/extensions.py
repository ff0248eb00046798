"""Extensions for columns that the standard has no field for: `object_info` of the type `watchfloor.COLUMN`.

The standard leaves the types of `object_info` to the node that registers them, so this needs no change of it,
and a node that does not know them passes them on. The value is JSON. So covariance (`cov_east_north`), the
time of the event where it is not the time of sending (`observed_at`), the time of receipt (`received_at`),
`marking` and `authority` travel, and any other column that a message does not hold.

Nothing here lets one node speak for another: a `sensor`, a `report_key` or an `object` that is a name is
believed only where the node id, `report_id` or `object_id` is the one that stands for that name (`ids`).
"""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import pyarrow as pa

from watchfloor.core.kinds import DETECTION, INSTANT
from watchfloor.core.marking import MarkingError, parse
from watchfloor.formats.sensors.sapient.ids import node_of, ulid_of

PREFIX: Final = "watchfloor."

TYPES: Final[Mapping[str, pa.DataType]] = {
    field.name: field.type for field in DETECTION.body if field.name not in ("locator", "origins")
} | {"marking": pa.string()}
"""Columns that can be said so."""

RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "latitude": (-90, 90),
    "sensor_latitude": (-90, 90),
    "longitude": (-180, 180),
    "sensor_longitude": (-180, 180),
    "azimuth": (0, 360),
    "course": (0, 360),
    "heading": (0, 360),
    "elevation": (-90, 90),
    "confidence": (0, 1),
    "class_confidence": (0, 1),
} | dict.fromkeys(
    (
        *("var_east", "var_north", "azimuth_error", "range", "range_error", "range_rate_error"),
        *("speed", "speed_error", "course_error"),
    ),
    (0, math.inf),
)
"""Numbers that a column can hold."""

_STANDS: Final[Mapping[str, tuple[str, Callable[[str], str]]]] = {
    "sensor": ("node_id", node_of),
    "report_key": ("report_id", ulid_of),
    "object": ("object_id", ulid_of),
}


class ExtensionError(ValueError):
    """An extension that says nothing, or for whom it may not; the message goes on after its type."""


def value(column: str, text: str, ids: Mapping[str, str]) -> Any:
    """The value of a column as its extension says it.

    Args:
        column: the type without its prefix.
        text: the value, as sent.
        ids: `node_id`, `report_id` and `object_id` of the message.

    Raises:
        ExtensionError: no such column, or a value that it cannot hold.
    """
    kind = TYPES.get(column)
    if kind is None:
        raise ExtensionError("names no column of a detection")
    try:
        held = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ExtensionError(f"is {text!r:.80}, which is no JSON: {error}") from error
    if not _fits(held, kind):
        raise ExtensionError(f"is {text!r:.80}, which is no {kind}")
    low, high = RANGES.get(column, (-math.inf, math.inf))
    if kind == pa.float64() and not low <= held <= high:
        raise ExtensionError(f"is {held:g}, outside {low:g} to {high:g}")
    if column in _STANDS:
        id_, stands = _STANDS[column]
        if stands(held) != ids[id_].lower() and stands(held) != ids[id_].upper():
            raise ExtensionError(f"is {held!r:.80}, for which {id_} {ids[id_]} does not stand")
    if column == "marking":
        _parsed(held)
    return _moment(held) if kind == INSTANT else held


def text(held: Any) -> str:
    """The value of an extension."""
    said = held.astimezone(UTC).isoformat() if isinstance(held, datetime) else held
    return msgspec.json.encode(said).decode()


def _fits(held: Any, kind: pa.DataType) -> bool:
    if kind == pa.float64():
        return isinstance(held, int | float) and not isinstance(held, bool) and math.isfinite(held)
    if kind == pa.int64():
        return isinstance(held, int) and not isinstance(held, bool) and -(2**63) <= held < 2**63
    return isinstance(held, str) and (kind != INSTANT or _moment(held) is not None)


def _parsed(marking: str) -> None:
    try:
        parse(marking)
    except MarkingError as error:
        raise ExtensionError(f"is no marking: {error}") from error


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
