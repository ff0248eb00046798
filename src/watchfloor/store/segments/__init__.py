"""Segments: rows of one kind that one act brought, each under a salted leaf, all under one Merkle root.

The leaf of a row is SHA-256(0x00 || salt || row bytes), the row bytes being `core.canonical` over the
columns that the manifest lists. Payload (rows and salts) and leaves are kept apart: an erasure rewrites the
payload without the row and its salt, and leaves the leaf, so that every proof still holds and nothing can
be guessed from it.
"""

import os
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from typing import Any, Final
from zlib import crc32

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from watchfloor.core.canonical import behind, encode_rows, row_bytes, stretch
from watchfloor.core.identity import Content
from watchfloor.core.kinds import PROVENANCE
from watchfloor.store import files
from watchfloor.store.errors import Damaged
from watchfloor.store.log import SALT_SIZE, encode, merkle
from watchfloor.store.segments.index import LEAF, SEGMENT

# The types of columns in words that a segment's manifest keeps and `verify_rows.py` reads row bytes by.


Type = str | dict[str, Any]
"""`text`, `bytes`, a name with its width in bytes such as `moment:8`, `{"list": …}` or `{"struct": …}`."""


@cache
def type_of(kind: pa.DataType) -> Type:
    """How `core.canonical` writes values of an Arrow type."""
    if pa.types.is_dictionary(kind):
        return type_of(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return {"list": type_of(kind.value_type)}
    if pa.types.is_struct(kind):
        return {"struct": [[kind.field(i).name, type_of(kind.field(i).type)] for i in range(kind.num_fields)]}
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return "bytes"
    if pa.types.is_boolean(kind):
        return "bool:1"
    if pa.types.is_floating(kind):
        return "float:8"
    return f"{_named(kind)}:{kind.bit_width // 8}"


def _named(kind: pa.DataType) -> str:
    if pa.types.is_fixed_size_binary(kind) and not pa.types.is_decimal(kind):
        return "binary"
    if pa.types.is_timestamp(kind) and kind.unit == "us":
        return "moment"
    if pa.types.is_date32(kind):
        return "day"
    if pa.types.is_decimal(kind):
        return f"decimal.{kind.scale}"
    if pa.types.is_integer(kind):
        return "unsigned" if pa.types.is_unsigned_integer(kind) else "signed"
    raise TypeError(f"a proof has no way to show {kind}")


SALT: Final = "_salt"
PROOF_COLUMNS: Final = (SEGMENT, LEAF, SALT)
"""What a payload holds beside the kind's own columns: which segment and leaf a row is, and its salt."""

_ROW_GROUP: Final = 1 << 16
_STRETCH: Final = 1 << 20
"""Bytes of rows that are hashed at a time: they stay in the cache, in memory that is there already."""
_FEWEST: Final = 512
"""Rows at least that are hashed at a time."""
_FEW: Final = 64
_PLAIN: Final = ("record_id", "row_id", LEAF, SALT)
"""Columns whose values hardly repeat: a dictionary would only cost time."""


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Content of a segment, as the log commits to it.

    Attributes:
        segment: its number.
        kind: of its rows.
        rows: how many.
        columns: their names, by ordinal.
        root: over the rows' leaves.
        types: of the columns, so that nobody can choose later as what the bytes are read; None in segments
            from before types were kept.
    """

    segment: int
    kind: str
    rows: int
    columns: tuple[str, ...]
    root: str
    types: tuple[Type, ...] | None = None


def salted(number: int, first: int, rows: pa.Table) -> pa.Table:
    """Rows of a new segment from its leaf `first` on, each with its place and a salt."""
    count = rows.num_rows
    salts = pa.py_buffer(os.urandom(SALT_SIZE * count))
    return (
        rows.append_column(SEGMENT, pa.array(np.full(count, number, np.int32)))
        .append_column(LEAF, pa.array(np.arange(first, first + count, dtype=np.int32)))
        .append_column(SALT, pa.FixedSizeBinaryArray.from_buffers(pa.binary(SALT_SIZE), count, [None, salts]))
    )


def columns_of(payload: pa.Table) -> tuple[str, ...]:
    """Return the columns of a payload that its leaves are of."""
    return tuple(name for name in payload.column_names if name not in PROOF_COLUMNS)


def manifest_for(number: int, kind: str, payload: pa.Table, leaves: bytes) -> Manifest:
    """Return the manifest of a new segment with these leaf hashes, joined."""
    columns = columns_of(payload)
    types = tuple(type_of(payload.schema.field(name).type) for name in columns)
    return Manifest(number, kind, payload.num_rows, columns, merkle.root_of(leaves).hex(), types)


def leaf_hashes(
    rows: pa.Table, columns: tuple[str, ...], salts: pa.Array, content: Content | None = None
) -> list[bytes]:
    """Leaf of each row; the place of a column in `columns` is its ordinal in the row bytes.

    What the rows of a kind say is not encoded again where it is given as `content`.
    """
    ordinals = {name: ordinal for ordinal, name in enumerate(columns)}
    heads = np.zeros((rows.num_rows, 1 + SALT_SIZE), np.uint8)
    salted = np.frombuffer(salts.buffers()[1] or b"", np.uint8)[SALT_SIZE * salts.offset :]
    heads[:, 1:] = salted[: SALT_SIZE * rows.num_rows].reshape(-1, SALT_SIZE)
    hashes: list[bytes] = []
    for part in _stretches(rows):
        start, end = len(hashes), len(hashes) + part.num_rows
        if content is None:
            found = [encode_rows(part, ordinals)]
        else:
            common, own = (stretch(one, start, end) for one in content)
            id_, *between = PROVENANCE
            first = encode_rows(part, {id_: ordinals[id_]})
            found = [first, common, encode_rows(part, {name: ordinals[name] for name in between}), own]
        hashes += [sha256(row).digest() for row in row_bytes(behind(heads[start:end], *found))]
    return hashes


def _stretches(rows: pa.Table) -> Iterator[pa.Table]:
    """Yield the rows some at a time, along the batches that they came in, so that nothing is copied."""
    step = max(_FEWEST, _STRETCH * rows.num_rows // max(rows.nbytes, 1))
    for batch in rows.to_batches():
        for start in range(0, batch.num_rows, step):
            yield pa.Table.from_batches([batch.slice(start, step)])


def to_parquet(payload: pa.Table) -> pa.Buffer:
    """A payload as a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        payload,
        sink,
        compression="zstd",
        compression_level=1,
        row_group_size=_ROW_GROUP,
        use_dictionary=[path for path in _leaf_paths(payload.schema) if path not in _PLAIN],
        store_schema=True,
    )
    return sink.getvalue()


def to_stream(payload: pa.Table) -> bytes:
    """A small payload: an Arrow stream, then its CRC-32 (little endian), so that its buffers are aligned."""
    sink = pa.BufferOutputStream()
    worthwhile = payload.num_rows > _FEW  # a compressor's set-up costs more than a few rows do
    options = pa.ipc.IpcWriteOptions(compression="zstd" if worthwhile else None)
    with pa.ipc.new_stream(sink, payload.schema, options=options) as stream:
        stream.write_table(payload)
    data = bytes(sink.getvalue())
    return data + crc32(data).to_bytes(4, "little")


def from_stream(data: bytes) -> pa.Table:
    """A small payload back. Raises `Damaged` when it is not what was written."""
    if broken := find_break(data):
        what = f"a small segment in catalogue.sqlite is not what was written, {broken.what}"
        raise Damaged(f"{what}. Run `watchfloor floor verify`.")
    return pa.ipc.open_stream(memoryview(data)[:-4]).read_all()


def find_break(data: bytes) -> files.Break | None:
    """Return where a small payload differs from what was written, or None.

    A flipped bit of the CRC-32 itself changes one bit of it; one of what it checks changes many.
    """
    stream, check = data[:-4], int.from_bytes(data[-4:], "little")
    wrong = crc32(stream) ^ check
    if len(data) > 4 and not wrong:
        return None
    bit = 8 * len(stream) + wrong.bit_length() - 1 if wrong.bit_count() == 1 else None
    if bit is None:
        bit = files.flipped_bit(stream, check)
    if bit is None or len(data) <= 4:
        return files.Break(0, len(data), "in more than one bit")
    return files.Break(bit // 8, bit // 8 + 1, f"in one bit of byte {bit // 8}")


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as it is hashed and kept."""
    return encode(manifest)


def manifest_of(data: bytes) -> Manifest:
    """A kept manifest. Raises `msgspec.MsgspecError` for anything else."""
    return msgspec.json.decode(data, type=Manifest)


def _leaf_paths(schema: pa.Schema) -> list[str]:
    """Names of the Parquet columns of a schema, nested ones with dots."""
    empty = pa.BufferOutputStream()
    pq.write_table(schema.empty_table(), empty)
    found: Any = pq.read_metadata(pa.BufferReader(empty.getvalue())).schema
    return [found.column(i).path for i in range(len(found))]
