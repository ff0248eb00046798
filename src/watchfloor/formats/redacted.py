"""Redacted messages or files: the rows that may be kept, as they were read.

It takes the place of the bytes that came, as a frame (`sensors.frames`) of a capture. How many rows were
withheld is told, and nothing that would let one be found again: neither their bytes nor a digest of them, nor
the bytes of what could not be read beside them.

The payload: four bytes, little endian, how long a JSON object is; that object; an Arrow stream for each
`part` that it names.
"""

import json
import struct
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Final

import msgspec
import pyarrow as pa

from watchfloor.core.kinds import KINDS
from watchfloor.core.streams import packed, unpacked
from watchfloor.formats.base import Batch, Fault

_SIZE: Final = struct.Struct("<I")


class Part(msgspec.Struct, frozen=True):
    """Rows of one kind: its name, and how many bytes their stream has."""

    kind: str
    size: int


class Wrong(msgspec.Struct, frozen=True):
    """A piece that could not be read, without its bytes."""

    locator: str
    reason: str
    rest: bool = False
    partly: bool = False


class Header(msgspec.Struct, frozen=True):
    """Head of a payload, before the rows.

    Attributes:
        withheld: how many rows are not there.
        parts: the rows that are.
        wrong: what could not be read.
        repeated, lost, cursor: as of the messages that it takes the place of (`frames.Messages`).
        state: what the wire's reader remembered after them, in base64; None where a file was read.
    """

    withheld: int
    parts: list[Part]
    wrong: list[Wrong] = []
    repeated: int = 0
    lost: int = 0
    cursor: str = ""
    state: str | None = None


class Left(msgspec.Struct, frozen=True):
    """A payload unpacked: as its head, with the rows themselves and the wire's state in bytes."""

    withheld: int
    pieces: list[Batch | Fault]
    repeated: int = 0
    lost: int = 0
    cursor: bytes = b""
    state: bytes | None = None


def pack(left: Left) -> bytes:
    """The payload of a frame."""
    batches = [one for one in left.pieces if isinstance(one, Batch) and one.rows.num_rows]
    streams = [packed(one.rows.drop_columns(["locator"]).combine_chunks()) for one in batches]
    said = Header(
        left.withheld,
        [Part(one.kind.name, len(data)) for one, data in zip(batches, streams, strict=True)],
        [
            Wrong(one.locator, one.reason, one.rest, one.partly)
            for one in left.pieces
            if isinstance(one, Fault)
        ],
        left.repeated,
        left.lost,
        b64encode(left.cursor).decode(),
        None if left.state is None else b64encode(left.state).decode(),
    )
    head = msgspec.json.encode(said)
    return b"".join((_SIZE.pack(len(head)), head, *streams))


def header(payload: memoryview | bytes) -> Header:
    """Read the head of a payload. Raises `ValueError` where it is none."""
    (size,) = _SIZE.unpack_from(payload)
    return msgspec.json.decode(bytes(payload[_SIZE.size : _SIZE.size + size]), type=Header)


def unpack(payload: memoryview | bytes) -> Left:
    """Unpack a payload, each row with its place in the frame: `detection row 3`. Raises `ValueError`."""
    told = header(payload)
    at = _SIZE.size + _SIZE.unpack_from(payload)[0]
    found: list[Batch | Fault] = []
    counts: dict[str, int] = {}
    for part in told.parts:
        rows = unpacked(bytes(payload[at : at + part.size]))
        at += part.size
        first = counts.get(part.kind, 0) + 1
        counts[part.kind] = first + rows.num_rows - 1
        found.append(Batch(KINDS[part.kind], _placed(rows, part.kind, first)))
    found += [Fault(f"before redaction {w.locator}", w.reason, b"", w.rest, w.partly) for w in told.wrong]
    state = None if told.state is None else b64decode(told.state)
    return Left(told.withheld, found, told.repeated, told.lost, b64decode(told.cursor), state)


def cells(payload: memoryview | bytes, kind: str, row: int) -> bytes | None:
    """The cells of a row as JSON, without those that are empty; None where there is no such row."""
    for one in unpack(payload).pieces:
        if isinstance(one, Batch) and one.kind.name == kind:
            if 0 < row <= one.rows.num_rows:
                found = one.rows.slice(row - 1, 1).drop_columns(["locator"]).to_pylist()[0]
                full = {name: value for name, value in found.items() if value not in (None, [])}
                return json.dumps(full, default=str, ensure_ascii=False).encode()
            row -= one.rows.num_rows
    return None


def withheld(payloads: Iterable[memoryview | bytes]) -> int:
    """How many rows are not there, of several payloads."""
    return sum(header(one).withheld for one in payloads)


def _placed(rows: pa.Table, kind: str, first: int) -> pa.Table:
    """The rows behind a column of their locators."""
    numbers = pa.array(range(first, first + rows.num_rows), pa.int64()).cast(pa.string())
    where = pa.compute.binary_join_element_wise(f"{kind} row", numbers, " ")
    return rows.add_column(0, "locator", where)
