"""Rows as bytes: MessagePack of a row's values in the order of its kind's columns.

A kind only gets new columns at its end, so a body that is older than a column is shorter, and reads as null.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import msgspec
import pyarrow as pa

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = date(1970, 1, 1)
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list)


def plain(rows: pa.Table, schema: pa.Schema) -> dict[str, list[Any]]:
    """Python values of each column of a schema as they are kept.

    Moments and days are numbers, amounts are text; a column that the rows do not have is null.
    """
    return {
        field.name: _plain(rows.column(field.name).combine_chunks()).to_pylist()
        if field.name in rows.column_names
        else [None] * rows.num_rows
        for field in schema
    }


def encode(columns: Mapping[str, Sequence[Any]]) -> list[bytes]:
    """The body of each row."""
    return [_ENCODER.encode(row) for row in zip(*columns.values(), strict=True)]


def decode(body: bytes, schema: pa.Schema) -> dict[str, Any]:
    """The row, as `pyarrow.Table.to_pylist` would give it."""
    row = raw(body, schema)
    for name, read in _readers(schema):
        if row[name] is not None:
            row[name] = read(row[name])
    return row


def raw(body: bytes, schema: pa.Schema) -> dict[str, Any]:
    """The row as it is kept, see `plain`."""
    values = _DECODER.decode(body)
    values += [None] * (len(schema) - len(values))
    return dict(zip(schema.names, values, strict=True))


class _Head(msgspec.Struct, array_like=True, frozen=True):
    """The first values of a derived row, in the order of `core.derived.DERIVED`."""

    row_id: bytes
    revision: int
    at: int
    since: int | None
    until: int | None
    retracted: bool


_HEAD: Final = msgspec.msgpack.Decoder(_Head)


def retracted(body: bytes) -> bool:
    """Whether a derived row takes back, without reading the rest of it."""
    return _HEAD.decode(body).retracted


def _plain(array: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(array.type):
        return array.cast(pa.int64())
    if pa.types.is_date32(array.type):
        return array.cast(pa.int32())
    return array.cast(pa.string()) if pa.types.is_decimal(array.type) else array


@lru_cache(64)
def _readers(schema: pa.Schema) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """How to read back the columns whose values are kept as something else."""
    found = ((field.name, _reader(field.type)) for field in schema)
    return tuple((name, read) for name, read in found if read is not None)


def _reader(of: pa.DataType) -> Callable[[Any], Any] | None:
    if pa.types.is_timestamp(of):
        return moment
    if pa.types.is_date32(of):
        return lambda days: _DAY + timedelta(days)
    return Decimal if pa.types.is_decimal(of) else None


def moment(micros: int) -> datetime:
    """A moment from microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros)


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of a moment with a time zone."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
