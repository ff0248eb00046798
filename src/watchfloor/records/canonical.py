"""Rows as bytes: one unambiguous encoding of an Arrow row, which identities and leaves are hashes of.

Each column that is not null contributes its ordinal (two bytes, little endian) and its value. A value of
fixed width stands as its little-endian bytes; text and bytes stand behind their length (four bytes); a list
behind its count; a struct as its fields. Inside lists and structs a first byte says null (0) or present (1).
Two different rows never share an encoding, and a new nullable column changes no older row's bytes.

The work is columnar: a row costs tens of nanoseconds a column.
"""

from collections.abc import Collection, Iterator
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

import numba
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
    columns = []
    for name, ordinal in ordinals.items():
        array = _single(table.column(name))
        columns.append(_tag(_encode(array), _valid(array), ordinal))
    return _join(columns, table.num_rows)


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


def row_bytes(encoded: Encoded) -> Iterator[bytes]:
    """Each row's bytes in turn; faster over many rows than views, which the garbage collector visits."""
    data = encoded.data.tobytes()
    ends = encoded.offsets.tolist()
    return (data[a:b] for a, b in pairwise(ends))


def behind(head: Bytes, rows: Encoded) -> Encoded:
    """Each row behind its own head, such as a salt; `head` has one row of bytes for each of `rows`."""
    return _gather(rows.offsets, rows.data, head, np.ones(len(rows), np.bool_))


def _single(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # zero chunks, or too large for one
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    return column


def _valid(array: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)


def _encode(array: pa.Array) -> Encoded:
    """Each value behind its presence byte."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _encode(array.dictionary_decode())
    if pa.types.is_struct(kind):
        fields = [_encode(_single(array.field(i))) for i in range(kind.num_fields)]
        return _present(_join(fields, len(array)), _valid(array))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _encode_list(array)
    if _is_text(kind):
        return _encode_text(array)
    return _encode_fixed(array)


def _is_text(kind: pa.DataType) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(test(kind) for test in tests)


def _encode_text(array: pa.Array) -> Encoded:
    array = pc.cast(array, pa.large_binary())
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    content = np.frombuffer(data, np.uint8) if data is not None and data.size else np.empty(0, np.uint8)
    valid = _valid(array)
    return _present(_prefixed(ends, content, np.diff(ends)), valid)


def _encode_list(array: pa.Array) -> Encoded:
    array = pc.cast(array, pa.large_list(array.type.value_type))
    ends = np.asarray(array.offsets.to_numpy(), dtype=np.int64)
    values = _encode(_single(array.values))
    return _present(_prefixed(values.offsets[ends], values.data, np.diff(ends)), _valid(array))


def _encode_fixed(array: pa.Array) -> Encoded:
    valid = _valid(array)
    raw = _fixed_bytes(array)
    width = raw.shape[1]
    ends = np.arange(len(array) + 1, dtype=np.int64) * width
    return _present(Encoded(ends, np.ascontiguousarray(raw).reshape(-1)), valid)


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
        numbers = np.array(pc.fill_null(pc.cast(array, pa.float64()), 0.0).to_numpy(zero_copy_only=False))
        numbers[numbers == 0] = 0.0
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


def _prefixed(starts: Offsets, data: Bytes, counts: Offsets) -> Encoded:
    """Each stretch of `data` behind a four-byte count."""
    return _gather(
        starts, data, counts.astype("<u4").view(np.uint8).reshape(-1, 4), np.ones(len(counts), np.bool_)
    )


def _present(values: Encoded, valid: npt.NDArray[np.bool_]) -> Encoded:
    """Each value behind a presence byte; the bytes of a null are dropped."""
    return _gather(values.offsets, values.data, valid.astype(np.uint8).reshape(-1, 1), valid)


def _tag(values: Encoded, valid: npt.NDArray[np.bool_], ordinal: int) -> Encoded:
    """Each present value behind its column's ordinal in place of the presence byte; a null leaves nothing."""
    head = np.where(valid[:, None], np.array([ordinal], "<u2").view(np.uint8)[None, :], np.uint8(0))
    bare = Encoded(values.offsets, values.data)
    out_lengths = np.where(valid, np.diff(bare.offsets) + 1, 0)
    offsets = np.concatenate(([0], np.cumsum(out_lengths)))
    out = np.empty(int(offsets[-1]), np.uint8)
    _copy_tagged(out, offsets, bare.offsets, bare.data, np.ascontiguousarray(head), valid)
    return Encoded(offsets, out)


def _gather(starts: Offsets, data: Bytes, head: Bytes, keep: npt.NDArray[np.bool_]) -> Encoded:
    lengths = np.where(keep, np.diff(starts), 0) + head.shape[1]
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    out = np.empty(int(offsets[-1]), np.uint8)
    _copy(out, offsets, starts, data, np.ascontiguousarray(head), keep)
    return Encoded(offsets, out)


def _join(columns: list[Encoded], rows: int) -> Encoded:
    """Concatenate the columns' values row by row."""
    lengths = np.zeros(rows, np.int64)
    for column in columns:
        lengths += np.diff(column.offsets)
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    out = np.empty(int(offsets[-1]), np.uint8)
    at = offsets[:-1].copy()
    for column in columns:
        _append(out, at, column.offsets, column.data)
    return Encoded(offsets, out)


@numba.njit(cache=True, nogil=True)
def _copy(
    out: Bytes, offsets: Offsets, starts: Offsets, data: Bytes, head: Bytes, keep: npt.NDArray[np.bool_]
) -> None:
    width = head.shape[1]
    for i in range(len(offsets) - 1):
        at = offsets[i]
        for j in range(width):
            out[at + j] = head[i, j]
        if keep[i]:
            at += width
            for k in range(starts[i], starts[i + 1]):
                out[at] = data[k]
                at += 1


@numba.njit(cache=True, nogil=True)
def _copy_tagged(
    out: Bytes, offsets: Offsets, starts: Offsets, data: Bytes, head: Bytes, keep: npt.NDArray[np.bool_]
) -> None:
    for i in range(len(offsets) - 1):
        if not keep[i]:
            continue
        at = offsets[i]
        out[at] = head[i, 0]
        out[at + 1] = head[i, 1]
        at += 2
        for k in range(starts[i] + 1, starts[i + 1]):  # the presence byte gives way to the ordinal
            out[at] = data[k]
            at += 1


@numba.njit(cache=True, nogil=True)
def _append(out: Bytes, at: Offsets, starts: Offsets, data: Bytes) -> None:
    for i in range(len(starts) - 1):
        to = at[i]
        for k in range(starts[i], starts[i + 1]):
            out[to] = data[k]
            to += 1
        at[i] = to
