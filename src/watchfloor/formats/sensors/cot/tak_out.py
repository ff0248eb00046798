"""Events written as messages of the TAK protocol, version 1, many at once.

A field is its key, for a text its length, and its bytes; so a column of fields is a join of three columns,
and a message is a join of its fields. What `detail` holds and has no message of its own is XML in it.
"""

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.sensors.cot import xml_out
from watchfloor.formats.sensors.cot.tak_in import DATAGRAM, MAGIC, SCHEMA
from watchfloor.formats.sensors.protobuf.codec import varint
from watchfloor.formats.sensors.protobuf.tables import I64, LEN, VARINT

_TEXTS: Final = (
    *((name, name) for name in ("type", "access", "qos", "opex", "uid", "how", "caveat")),
    ("releaseableTo", "releasable"),
)
_TIMES: Final = (("sendTime", "time"), ("startTime", "start"), ("staleTime", "stale"))


def messages(table: pa.Table) -> pa.Array:
    """Each event of a table (`columns.EVENTS`) as a message, without what it stands behind."""
    parts = [_text("CotEvent", name, table.column(column)) for name, column in _TEXTS]
    parts += [_moment("CotEvent", name, table.column(column)) for name, column in _TIMES]
    parts += [_number("CotEvent", name, xml_out.point(table, name)) for name in xml_out.POINT]
    parts.append(_message("CotEvent", "detail", _detail(table)))
    return _message("TakMessage", "cotEvent", _joined(*parts))


def stream(table: pa.Table) -> bytes:
    """The messages behind each other, each behind its length."""
    held = messages(table)
    whole = _joined(pa.scalar(bytes((MAGIC,))), _lengths(held), held).cast(pa.large_binary())
    return whole.buffers()[2].to_pybytes() if len(whole) else b""


def datagrams(table: pa.Table) -> list[bytes]:
    """Each event as a datagram."""
    return _joined(pa.scalar(DATAGRAM), messages(table)).to_pylist()  # type: ignore[no-any-return]


def _detail(table: pa.Table) -> pa.Array:
    """A detail: what has messages of its own, and the rest as XML.

    A track with errors has no message that holds it, so it is XML too; clients prefer that to half of it.
    """
    typed = xml_out.typed(table)
    errors = pc.or_(pc.is_valid(table.column("speed_error")), pc.is_valid(table.column("course_error")))
    both = pc.and_(pc.is_valid(table.column("speed")), pc.is_valid(table.column("course")))
    plain = pc.and_(pc.and_(both, pc.invert(errors)), pc.is_valid(typed["track"]))
    said = _text("Contact", "callsign", table.column("callsign"))
    track = _joined(*(_number("Track", name, table.column(name)) for name in ("speed", "course")))
    return _joined(
        _text("Detail", "xmlDetail", _joined(pc.if_else(plain, None, typed["track"]), xml_out.rest(table))),
        _message("Detail", "contact", pc.if_else(pc.is_valid(typed["contact"]), said, None)),
        _message("Detail", "track", pc.if_else(plain, track, None)),
    )


def _key(message: str, field: str, wire: int) -> bytes:
    return varint(SCHEMA.named[message][field].number << 3 | wire)


def _text(message: str, field: str, values: Any) -> pa.Array:
    """Fields of texts; nothing for a text that is missing or empty, as the protocol has it."""
    held = _filled(values)
    return _where(pc.greater(pc.binary_length(held), 0), _key(message, field, LEN), _lengths(held), held)


def _message(message: str, field: str, values: Any) -> pa.Array:
    """Fields of messages; nothing where there is none, and an empty message where it says only zeros."""
    held = _filled(values)
    return _where(pc.is_valid(values), _key(message, field, LEN), _lengths(held), held)


def _number(message: str, field: str, values: Any) -> pa.Array:
    """Fields of floating numbers; nothing for zero."""
    numbers = xml_out.numbers(values)
    bits = np.nan_to_num(numbers).astype("<f8")
    raw = pa.FixedSizeBinaryArray.from_buffers(pa.binary(8), len(bits), [None, pa.py_buffer(bits.tobytes())])
    there = pa.array(~np.isnan(numbers) & (numbers != 0))
    return _where(there, _key(message, field, I64), raw.cast(pa.binary()))


def _moment(message: str, field: str, values: Any) -> pa.Array:
    """Fields of moments, in milliseconds."""
    micros = pc.fill_null(xml_out.plain(values).cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    return _where(pc.is_valid(values), _key(message, field, VARINT), _varints(np.maximum(micros // 1000, 0)))


def _varints(numbers: Any) -> pa.Array:
    """Integers that are not negative, seven bits a byte."""
    shifts = np.arange(0, 63, 7, dtype=np.int64)
    groups = numbers[:, None] >> shifts
    used = groups > 0
    used[:, 0] = True
    more = np.zeros_like(used)
    more[:, :-1] = used[:, 1:]
    data = ((groups & 0x7F) | (more * 0x80)).astype(np.uint8)[used]
    offsets = np.concatenate([[0], np.cumsum(used.sum(axis=1))]).astype(np.int32)
    return pa.Array.from_buffers(pa.binary(), len(numbers), [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def _lengths(held: pa.Array) -> pa.Array:
    """How long each is, as it stands before it."""
    return _varints(pc.binary_length(held).to_numpy(zero_copy_only=False).astype(np.int64))


def _where(there: Any, key: bytes, *parts: pa.Array) -> pa.Array:
    """A field where it is there, else no bytes."""
    whole = pc.binary_join_element_wise(pa.scalar(key), *parts, pa.scalar(b""))
    return pc.if_else(xml_out.plain(there), whole, pa.scalar(b""))


def _filled(values: Any) -> pa.Array:
    return pc.fill_null(xml_out.plain(values).cast(pa.binary()), b"")


def _joined(*parts: Any) -> pa.Array:
    raw = [part if isinstance(part, pa.Scalar) else _filled(part) for part in parts]
    return pc.binary_join_element_wise(*raw, pa.scalar(b""))
