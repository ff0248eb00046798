"""Rows as bytes: one unambiguous encoding of an Arrow row, which identities and leaves are hashes of.

Each column that is not null contributes its ordinal (two bytes, little endian) and its value. A value of
fixed width stands as its little-endian bytes; text and bytes stand behind their length (four bytes); a list
behind its count; a struct as its fields. Inside lists and structs a first byte says null (0) or present (1).
Two different rows never share an encoding, and a new nullable column changes no older row's bytes.

The work is columnar: a row costs tens of nanoseconds a column. A few rows, such as those of one report, are
written value by value: the columns of one alone cost a hundred times that.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import pairwise
from math import nan
from struct import pack
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]


class Encoded(NamedTuple):
    """Encoded values: value *i* is `data[offsets[i]:offsets[i + 1]]`."""

    offsets: Offsets
    data: Bytes

    def __len__(self) -> int:
        return len(self.offsets) - 1


def encode_rows(table: pa.Table, ordinals: dict[str, int]) -> Encoded:
    """Encode every row over the columns in `ordinals` (column name to its stable number, below 65,536)."""
    if 0 < table.num_rows <= FEW and (few := _few(table, ordinals)) is not None:
        return few
    marked = [(table.column(name), ordinal) for name, ordinal in ordinals.items()]
    columns = [
        (_values(_single(column)), ordinal) for column, ordinal in marked if column.null_count < len(column)
    ]
    return _join(columns, table.num_rows)


FEW: Final = 4
"""Rows up to which they are written value by value."""


def _few(table: pa.Table, ordinals: dict[str, int]) -> Encoded | None:
    """Encode rows value by value; None where a column is of a seldom type, or holds what Python cannot."""
    rows: list[list[bytes]] = [[] for _ in range(table.num_rows)]
    try:
        for name, ordinal in ordinals.items():
            column = table.column(name)
            if column.null_count == len(column):
                continue
            write, head = _writer(column.type), ordinal.to_bytes(2, "little")
            for row, value in zip(rows, column.to_pylist(), strict=True):
                if value is not None:
                    row += (head, write(value))
    except (TypeError, ValueError, OverflowError):
        return None
    joined = [b"".join(row) for row in rows]
    offsets = np.cumsum([0, *map(len, joined)], dtype=np.int64)
    return Encoded(offsets, np.frombuffer(b"".join(joined), np.uint8))


_Writer = Callable[[Any], bytes]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = date(1970, 1, 1)
_US: Final = timedelta(microseconds=1)


@cache
def _writer(kind: pa.DataType) -> _Writer:
    """Return what writes a value of a type as `_values` does. Raises `TypeError` for one that is seldom."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return lambda value: _counted(value.encode())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _counted
    if pa.types.is_fixed_size_binary(kind) and not pa.types.is_decimal(kind):
        return bytes
    if pa.types.is_boolean(kind):
        return lambda value: b"\1" if value else b"\0"
    if pa.types.is_float64(kind):
        return lambda value: pack("<d", value + 0.0 if value == value else nan)
    if pa.types.is_integer(kind):
        width, signed = kind.bit_width // 8, pa.types.is_signed_integer(kind)
        return lambda value: value.to_bytes(width, "little", signed=signed)
    if kind.equals(pa.timestamp("us", "UTC")):
        return lambda value: ((value - _EPOCH) // _US).to_bytes(8, "little", signed=True)
    if pa.types.is_date32(kind):
        return lambda value: (value - _DAY).days.to_bytes(4, "little", signed=True)
    if pa.types.is_list(kind):
        one = _writer(kind.value_type)
        return lambda value: len(value).to_bytes(4, "little") + b"".join([_present(one, of) for of in value])
    if pa.types.is_struct(kind):
        fields = [(kind.field(at).name, _writer(kind.field(at).type)) for at in range(kind.num_fields)]
        return lambda value: b"".join([_present(write, value[name]) for name, write in fields])
    raise TypeError(kind)


def _counted(value: bytes) -> bytes:
    return len(value).to_bytes(4, "little") + value


def _present(write: _Writer, value: Any) -> bytes:
    return b"\0" if value is None else b"\1" + write(value)


def row_views(encoded: Encoded) -> list[memoryview]:
    """One memory view a row, ready to be hashed."""
    view = memoryview(np.ascontiguousarray(encoded.data).data)
    ends = encoded.offsets.tolist()
    return [view[a:b] for a, b in pairwise(ends)]


def table_digest(table: pa.Table, without: Collection[str] = ()) -> bytes:
    """SHA-256 of a table's columns and rows in their order; how it is cut into chunks does not matter."""
    names = [name for name in table.column_names if name not in without]
    encoded = encode_rows(table, {name: i for i, name in enumerate(names)})
    head = "\n".join(f"{name} {table.schema.field(name).type}" for name in names)
    digest = sha256(f"{head}\n{len(encoded)}\n".encode())
    digest.update(np.ascontiguousarray(encoded.offsets, "<i8").tobytes())
    digest.update(np.ascontiguousarray(encoded.data).tobytes())
    return digest.digest()


def row_bytes(encoded: Encoded) -> Iterator[memoryview]:
    """Each row's bytes in turn, to be hashed and let go: nothing is copied, and no list of views is kept."""
    data = memoryview(np.ascontiguousarray(encoded.data).data)
    return (data[a:b] for a, b in pairwise(encoded.offsets.tolist()))


def behind(head: Bytes, *parts: Encoded) -> Encoded:
    """Join the parts of each row behind its own head, such as a salt; `head` has a row of bytes for each."""
    count = len(parts[0])
    if not count:
        return parts[0]
    heads = _fields(np.ascontiguousarray(head).reshape(-1), count)
    bodies = (_stretches(count, *part) for part in parts)
    return _encoded(pc.binary_join_element_wise(heads, *bodies, _NOTHING))


def stretch(encoded: Encoded, start: int, end: int) -> Encoded:
    """Return the values from one place up to another; nothing is copied."""
    return Encoded(encoded.offsets[start : end + 1], encoded.data)


def _single(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # zero chunks, or too large for one
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    return column


class _Values(NamedTuple):
    """Values before they are marked: stretches of `data`, behind their counts where there are any.

    Value *i* is `data[starts[i]:starts[i + 1]]`; where it is not valid these bytes are to be dropped.
    """

    starts: Offsets
    data: Bytes
    counts: Offsets
    valid: npt.NDArray[np.bool_]


_UNCOUNTED: Final[Offsets] = np.empty(0, np.int64)
_PRESENCE: Final = -1
"""In place of a column's ordinal: each value stands behind its presence byte, a null too."""


def _valid(array: pa.Array) -> npt.NDArray[np.bool_]:
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)


def _values(array: pa.Array) -> _Values:
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _values(array.dictionary_decode())
    if pa.types.is_struct(kind):
        fields = [(_values(_single(array.field(i))), _PRESENCE) for i in range(kind.num_fields)]
        return _Values(*_join(fields, len(array)), _UNCOUNTED, _valid(array))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _lists(array)
    if _is_text(kind):
        return _texts(array)
    return _fixed(array)


def _is_text(kind: pa.DataType) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(test(kind) for test in tests)


def _texts(array: pa.Array) -> _Values:
    valid = _valid(array)
    if not len(array):
        return _Values(np.zeros(1, np.int64), np.empty(0, np.uint8), _UNCOUNTED, valid)
    _, offsets, data = array.buffers()
    wide = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    told = np.frombuffer(offsets, np.int64 if wide else np.int32)
    starts: Offsets = told[array.offset : array.offset + len(array) + 1].astype(np.int64, copy=False)
    content = np.frombuffer(data, np.uint8) if data is not None and data.size else np.empty(0, np.uint8)
    return _Values(starts, content, np.diff(starts), valid)


def _lists(array: pa.Array) -> _Values:
    valid = _valid(array)
    ends = np.asarray(array.offsets.to_numpy(), dtype=np.int64)
    first, last = int(ends[0]), int(ends[-1])
    items = _single(array.values).slice(first, last - first)
    values = _join([(_values(items), _PRESENCE)], len(items))
    return _Values(values.offsets[ends - first], values.data, np.diff(ends), valid)


def _fixed(array: pa.Array) -> _Values:
    raw = _fixed_bytes(array)
    starts = np.arange(len(array) + 1, dtype=np.int64) * raw.shape[1]
    return _Values(starts, np.ascontiguousarray(raw).reshape(-1), _UNCOUNTED, _valid(array))


def _fixed_bytes(array: pa.Array) -> Bytes:
    """(rows, width) bytes, zero where null; -0.0 and the many NaNs become one each."""
    kind = array.type
    count = len(array)
    if pa.types.is_null(kind):
        return np.zeros((count, 0), np.uint8)
    if pa.types.is_boolean(kind):
        return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), np.uint8).reshape(
            count, 1
        )
    if pa.types.is_floating(kind):
        if array.null_count or not pa.types.is_float64(kind):
            array = pc.fill_null(pc.cast(array, pa.float64()), 0.0)
        numbers: npt.NDArray[np.float64] = array.to_numpy() + 0.0  # of -0.0 it makes 0.0
        numbers[np.isnan(numbers)] = np.nan
        return numbers.view(np.uint8).reshape(count, 8)
    width = kind.bit_width // 8
    data = array.buffers()[1]
    if count == 0 or data is None:
        return np.zeros((count, width), np.uint8)
    raw = np.frombuffer(data, np.uint8)[array.offset * width : (array.offset + count) * width].reshape(
        count, width
    )
    return np.where(_valid(array)[:, None], raw, np.uint8(0)) if array.null_count else raw


def _join(columns: list[tuple[_Values, int]], rows: int) -> Encoded:
    """The columns' values row by row, each behind the ordinal given with it, or its presence byte."""
    if not rows or not columns:
        return Encoded(np.zeros(rows + 1, np.int64), np.empty(0, np.uint8))
    pieces: list[pa.Array | pa.Scalar] = []
    for values, ordinal in columns:
        counts = np.ascontiguousarray(values.counts, "<u4").view(np.uint8)
        found = [_head(ordinal), *([_fields(counts, rows)] if len(counts) else ())]
        if values.valid.all():
            pieces += (*found, _stretches(rows, values.starts, values.data))
        else:
            valid = pa.py_buffer(np.packbits(values.valid, bitorder="little"))
            found.append(_stretches(rows, values.starts, values.data, valid))
            whole = pc.binary_join_element_wise(*found, _NOTHING)  # null where the value is
            pieces.append(whole.fill_null(_ABSENT if ordinal == _PRESENCE else _NOTHING))
    return _encoded(pc.binary_join_element_wise(*pieces, _NOTHING))


_BYTES: Final = pa.large_binary()
_NOTHING: Final = pa.scalar(b"", _BYTES)


_ABSENT: Final = pa.scalar(b"\0", _BYTES)


@cache
def _head(ordinal: int) -> pa.Scalar:
    """Return the byte prefix of each value that is there."""
    return pa.scalar(b"\1" if ordinal == _PRESENCE else ordinal.to_bytes(2, "little"), _BYTES)


def _stretches(rows: int, starts: Offsets, data: Bytes, valid: pa.Buffer | None = None) -> pa.Array:
    """Stretches of `data` as Arrow's bytes; nothing is copied."""
    return pa.Array.from_buffers(_BYTES, rows, [valid, pa.py_buffer(starts), pa.py_buffer(data)])


def _fields(data: Bytes, rows: int) -> pa.Array:
    """As many bytes for each row, as Arrow's bytes."""
    return _stretches(rows, np.arange(rows + 1, dtype=np.int64) * (len(data) // rows), data)


def _encoded(joined: pa.Array) -> Encoded:
    _, offsets, data = joined.buffers()
    return Encoded(np.frombuffer(offsets, np.int64)[: len(joined) + 1], np.frombuffer(data, np.uint8))
