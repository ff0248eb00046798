"""AIS messages from lines, as columns: the decoder that files and the live floor share.

`decode` takes whole lines and what is remembered of their stream; it gives messages in the order in which
they became whole, and says of each line what became of it. It does not matter how a stream is cut into calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.formats.sensors.ais.bits import Raw, unpack
from watchfloor.formats.sensors.ais.groups import (
    FIRST,
    NAMED,
    NAMED_END,
    OURS,
    RADIO,
    STATED,
    WHOLE,
    about,
    join,
)
from watchfloor.formats.sensors.ais.sentences import INCOMPLETE, LINE, MESSAGE, WAITING, sentences
from watchfloor.formats.sensors.ais.tables import FAR, NEAR, NONE, SCALES, TEXTS
from watchfloor.formats.sensors.wires.arrow_columns import columns_of, moments, slices, texts
from watchfloor.formats.sensors.wires.lines import Ints, Lines, Small, lines

HELD: Final = pa.schema([pa.field("number", pa.int64(), nullable=False), pa.field("line", pa.binary())])
"""A frozen `Stream`: its count of lines in the first row, then the lines that wait for others."""


@dataclass(slots=True)
class Stream:
    """State of a stream of lines between calls.

    Attributes:
        count: how many lines there were.
        waiting: lines of messages that are not whole yet, each with its number.
    """

    count: int = 0
    waiting: list[tuple[int, bytes]] = field(default_factory=list)

    def freeze(self) -> pa.Table:
        """As a table of `HELD`."""
        numbers_, held = zip((self.count, None), *self.waiting, strict=True)
        return pa.table([numbers_, held], schema=HELD)

    @classmethod
    def thaw(cls, table: pa.Table) -> "Stream":
        """Back from a table. Raises `ValueError` where it is no frozen stream."""
        if not table.schema.equals(HELD) or not table.num_rows or table.column("line")[1:].null_count:
            raise ValueError("is no remembered stream of AIS lines")
        rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
        return cls(rows[0][0], rows[1:])


@dataclass(frozen=True, slots=True)
class Decoded:
    """Messages, and what became of the lines.

    Attributes:
        lines: the lines, those that waited before this call first.
        codes: of each line, by `ais_sentences`: `MESSAGE` for a part of a message, `WAITING` for one of a
            message that is not whole yet, from `FAULT` on what is wrong.
        broken: whether a line's tag block fails its checksum; such a block is not used.
        raw: the messages' fields.
        line: for each message the line that made it whole, as an index of `lines`.
        first: the first line of its parts.
        time: microseconds since 1970 that the tag block or the logger states, or `NEVER`.
        received: when its last line was received, or `NEVER`.
        own: whether the receiver's own ship says it (VDO).
        channel: letter of the radio channel, or 0.
        source: first and last byte of the receiver's name in `lines.data`, one row each; -1 is none.
    """

    lines: Lines
    codes: npt.NDArray[np.uint8]
    broken: npt.NDArray[np.bool_]
    raw: Raw
    line: Ints
    first: Ints
    time: Ints
    received: Ints
    own: npt.NDArray[np.bool_]
    channel: npt.NDArray[np.uint8]
    source: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.line)


def decode(buffer: bytes, received: int | Sequence[int] | Ints | None, stream: Stream) -> Decoded:
    """Decode whole lines.

    Args:
        buffer: lines, each with its end.
        received: when they were received, microseconds since 1970: one time, or one a line; None: unknown.
        stream: what is remembered; it is brought up to date.
    """
    fresh = lines(buffer, stream.count + 1, received)
    told = fresh.after(stream.waiting) if stream.waiting else fresh
    codes, broken, found = sentences(told.data, told.starts, told.ends)
    numbers_ = told.numbers[found[:, LINE]]
    rows, starts, joined = join(told.data, found, numbers_, stream.count + len(fresh))
    codes[found[:, LINE]] = joined
    stream.count += len(fresh)
    stream.waiting = [(int(told.numbers[i]), told.raw(i)) for i in np.flatnonzero(codes == WAITING).tolist()]
    return _messages(told, codes, broken, found, rows, starts)


def _messages(
    told: Lines,
    codes: npt.NDArray[np.uint8],
    broken: npt.NDArray[np.bool_],
    found: Ints,
    rows: Small,
    starts: Small,
) -> Decoded:
    raw = unpack(told.data, found, rows, starts)
    bad = np.flatnonzero(raw.code != MESSAGE)
    for k in bad:
        codes[found[rows[starts[k] : starts[k + 1]], LINE]] = raw.code[k]
    said = about(found, rows, starts)
    line = said[WHOLE]
    decoded = Decoded(
        told,
        codes,
        broken,
        raw,
        line,
        said[FIRST],
        said[STATED],
        told.received[line],
        said[OURS] == 1,
        ((said[RADIO] + 48) * (said[RADIO] >= 0)).astype(np.uint8),
        said[[NAMED, NAMED_END]],
    )
    return _without(decoded, bad) if len(bad) else decoded


def _without(decoded: Decoded, bad: npt.NDArray[np.intp]) -> Decoded:
    """Without the messages that could not be read; they have no row in `far`.

    `take` keeps rows together in memory, which an index does not: kernels are compiled for that alone.
    """
    kept = np.delete(np.arange(len(decoded)), bad)
    raw = decoded.raw
    row = np.searchsorted(kept, raw.row)
    of_each = ("line", "first", "time", "received", "own", "channel", "source")
    return replace(
        decoded,
        raw=Raw(raw.type[kept], raw.code[kept], raw.near.take(kept, 1), row, raw.far, raw.texts),
        **{name: getattr(decoded, name).take(kept, -1) for name in of_each},
    )


def finish(stream: Stream) -> Decoded:
    """Give up what still waits, at the end of a stream: its lines are faults."""
    decoded = decode(b"", None, stream)
    codes = np.where(decoded.codes == WAITING, INCOMPLETE, decoded.codes)
    stream.waiting = []
    return replace(decoded, codes=codes)


def messages(decoded: Decoded) -> pa.Table:
    """Return the fields that every message may have, one row a message, in the units of the standard.

    `time` and `received` are null where unknown, `line` is the number in the stream of the line that made it
    whole. Longitude, latitude, course and heading are degrees, speed is knots, `turn` the rate-of-turn
    indicator as sent, `flags` bits 141 to 146 of type 18, `radio` the communication state as sent.
    """
    raw = decoded.raw
    columns = {
        "line": pa.array(decoded.lines.numbers[decoded.line]),
        "time": moments(decoded.time),
        "received": moments(decoded.received),
        "type": pa.array(raw.type),
        "own": pa.array(decoded.own),
        "channel": texts(decoded.channel.reshape(-1, 1)),
        "source": slices(decoded.lines.data, decoded.source),
    }
    near = columns_of(raw.near, NONE, [SCALES.get(name) for name in NEAR])
    return pa.Table.from_arrays([*columns.values(), *near], names=[*columns, *NEAR])


def details(decoded: Decoded) -> pa.Table:
    """Return the rare fields: `message` is the row in `messages`; draught is metres, others are as sent."""
    raw = decoded.raw
    far = columns_of(raw.far, NONE, [SCALES.get(name) for name in FAR])
    told = [pa.array(raw.row), *far, *(texts(cells) for cells in raw.texts)]
    return pa.Table.from_arrays(told, names=["message", *FAR, *TEXTS])
