"""The JSON form of the Protocol Buffers wire format, one message a line.

After <https://protobuf.dev/programming-guides/json>: keys are in lower camel case (the names of the field
tables are read too), moments are RFC 3339, bytes are base 64, integers of 64 bits are texts, enums are names
(numbers are read too), and numbers that JSON lacks are `"NaN"`, `"Infinity"` and `"-Infinity"`.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import numpy as np

from watchfloor.formats.sensors.protobuf.codec import DEPTH, WireError
from watchfloor.formats.sensors.protobuf.tables import FIXED, TEXTS, Field, Schema, camel

TIMESTAMP: Final = "Timestamp"
"""Message that JSON writes as a moment."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")
_UNUSUAL: Final = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_WORDS: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def dump(schema: Schema, message: Mapping[str, Any]) -> bytes:
    """One message, as `codec.decode` gives it, as JSON without white space."""
    return msgspec.json.encode(_plain(schema, message, schema.root))


def load(schema: Schema, line: bytes | str) -> dict[str, Any]:
    """One message as `codec.encode` takes it. Raises `WireError` for what is no JSON or no such message."""
    try:
        held = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"this is no JSON: {error}") from error
    return message(schema, held, schema.root)


def message(schema: Schema, held: Any, of: str, depth: int = DEPTH) -> dict[str, Any]:
    """A JSON object as a message. Raises `WireError`."""
    if not isinstance(held, dict):
        raise WireError(f"{held!r:.80} stands where an object belongs")
    if not depth:
        raise WireError(f"there are more than {DEPTH} messages within each other")
    out: dict[str, Any] = {}
    for key, value in held.items():
        field = _named(schema, of, key)
        if value is None:
            continue
        try:
            out[field.name] = _field(schema, field, value, depth)
        except WireError as error:
            raise WireError(error.wrong, (field.name, *error.path)) from None
    return out


def _named(schema: Schema, of: str, key: str) -> Field:
    fields = schema.named[of]
    field = fields.get(key) or fields.get(schema.camels[of].get(key, ""))
    if field is None:
        raise WireError(f"{of} has no field {key!r:.80}")
    return field


def _field(schema: Schema, field: Field, value: Any, depth: int) -> Any:
    if not field.repeated:
        return _value(schema, field, value, depth)
    if not isinstance(value, list):
        raise WireError(f"{value!r:.80} stands where a list belongs")
    return [_value(schema, field, one, depth) for one in value]


def _value(schema: Schema, field: Field, value: Any, depth: int) -> Any:
    of = field.of
    if of == TIMESTAMP and isinstance(value, str):
        return timestamp(value)
    if of in schema.messages:
        return message(schema, value, of, depth - 1)
    if of in TEXTS or of in schema.enums:
        return value
    if of == "bytes":
        return _bytes(value)
    if of in FIXED:
        return _number(_UNUSUAL.get(value, value) if isinstance(value, str) else value, float)
    if of == "bool":
        if not isinstance(value, bool):
            raise WireError(f"{value!r:.80} is neither true nor false")
        return value
    return _number(value, int)


def _bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(value.replace("-", "+").replace("_", "/"), validate=True)
    except (AttributeError, ValueError, binascii.Error) as error:
        raise WireError(f"{value!r:.80} is not base 64") from error


def _number(value: Any, kind: type[float] | type[int]) -> float | int:
    try:
        if isinstance(value, bool) or (kind is int and isinstance(value, float) and value != int(value)):
            raise ValueError
        return kind(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise WireError(f"{value!r:.80} is no number that belongs here") from error


def timestamp(text: str) -> dict[str, int]:
    """A moment of RFC 3339 as seconds and nanoseconds. Raises `WireError`."""
    found = _MOMENT.fullmatch(text)
    try:
        if not found:
            raise ValueError
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{'+00:00' if found[4] == 'Z' else found[4]}")
    except ValueError as error:
        raise WireError(f"{text!r:.80} is no moment; one looks like 2026-11-20T14:03:00.25Z") from error
    nanos = int((found[3] or "").ljust(9, "0") or 0)
    return {"seconds": (moment - _EPOCH) // timedelta(seconds=1), "nanos": nanos}


def moment(value: Mapping[str, int]) -> str:
    """Seconds and nanoseconds as RFC 3339. Raises `WireError` outside the years 1 to 9999."""
    seconds, nanos = value.get("seconds", 0), value.get("nanos", 0)
    try:
        if not 0 <= nanos < 1_000_000_000:
            raise OverflowError
        text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    except OverflowError as error:
        raise WireError(f"{seconds} seconds and {nanos} nanoseconds are no moment of a year") from error
    fraction = f".{nanos:09}".rstrip("0").rstrip(".")
    return f"{text.rjust(19, '0')}{fraction}Z"


def _plain(schema: Schema, value: Mapping[str, Any], of: str) -> dict[str, Any]:
    fields = schema.named[of]
    return {
        camel(name): [_said(schema, fields[name], one) for one in held]
        if fields[name].repeated
        else _said(schema, fields[name], held)
        for name, held in value.items()
    }


def _said(schema: Schema, field: Field, value: Any) -> Any:
    if field.of == TIMESTAMP:
        return moment(value)
    if field.of in schema.messages:
        return _plain(schema, value, field.of)
    if field.of in FIXED:
        if not abs(value) < float("inf"):
            return _WORDS[str(float(value))]
        return value if field.of == "double" else float(str(np.float32(value)))
    if field.of == "bytes":
        return base64.b64encode(value).decode()
    return str(value) if field.of.endswith("64") else value
