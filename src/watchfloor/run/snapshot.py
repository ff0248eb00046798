"""Points to rewind to, and states as bytes."""

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BEGINNING: Final = -(1 << 62)
"""Before every moment, in microseconds since 1970."""


class Place(NamedTuple):
    """A row's place in the order of the fold: its moment, its kind in the order of `reads`, its arrival."""

    at: int
    kind: int
    number: int


PLACE: Final = ("_at", "_kind", "_number")
"""The columns that hold a row's place."""


@dataclass
class Snapshot:
    """What had been folded at one moment of a live run, to rewind to.

    Attributes:
        place: of the last row folded.
        watermark: microseconds since 1970; everything before it had been folded.
        states: frozen states by key.
        lengths: rows of history by (key, derived kind).
    """

    place: Place
    watermark: int
    states: dict[Any, pa.Table] = field(default_factory=dict)
    lengths: dict[tuple[Any, str], int] = field(default_factory=dict)


def covered(rows: pa.Table, place: Place, watermark: int) -> npt.NDArray[np.bool_]:
    """Which rows belong before a point: up to its place, or before its watermark."""
    at, kind, number = (rows.column(name).to_numpy() for name in PLACE)
    same_moment = (at == place.at) & ((kind < place.kind) | ((kind == place.kind) & (number <= place.number)))
    mask: npt.NDArray[np.bool_] = (at < max(place.at, watermark)) | same_moment
    return mask


def place_of(rows: pa.Table, index: int) -> Place:
    """The place of one row."""
    return Place(*(int(rows.column(name)[index].as_py()) for name in PLACE))


def packed(table: pa.Table) -> bytes:
    """A table as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def unpacked(data: bytes) -> pa.Table:
    """The table back from `packed`."""
    return pa.ipc.open_stream(data).read_all()
