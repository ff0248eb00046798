"""The stream of SAPIENT messages on a connection, and in a log of one: each behind its length.

The length is four bytes, the lowest first, as the middleware of the standard's authors has it. What a
connection must remember is what is known of its nodes (`nodes`); it freezes to bytes.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kernels import kernel
from watchfloor.core.kinds import INSTANT
from watchfloor.core.streams import packed, unpacked
from watchfloor.formats import byte_ranges
from watchfloor.formats.base import Fault
from watchfloor.formats.fault_aggregation import together
from watchfloor.formats.sensors.sapient import nodes
from watchfloor.formats.sensors.sapient.reading import judge
from watchfloor.formats.sensors.sapient.schema import MAX_BYTES, VERSION
from watchfloor.formats.sensors.sapient.taking import Messages, take_apart
from watchfloor.formats.sensors.wires.batch import Heard, Read, ReadResult
from watchfloor.formats.tabular.blocks import MAX_RAW

Array = npt.NDArray[Any]

LENGTH: Final = 4
"""Bytes of a length."""

Network = dict[str, nodes.Node]
"""What is remembered of a connection: its nodes by their ids."""


def whole(data: bytes) -> int:
    """How many of the first bytes are whole messages.

    Raises:
        ValueError: a length that no message has, so that nothing behind it can be found.
    """
    _, ends, lost = _frames(np.frombuffer(data, np.uint8), MAX_BYTES)
    if lost:
        raise ValueError(lost_at(data[int(ends[-1]) if len(ends) else 0 :]))
    return int(ends[-1]) if len(ends) else 0


def lost_at(data: bytes) -> str:
    """Return the fault of a length that no message has."""
    length = int.from_bytes(data[:LENGTH], "little")
    return (
        f"a message of {length:,} bytes is announced here, and {MAX_BYTES:,} are the most: this is no stream "
        "of SAPIENT messages, each behind its length in four bytes with the lowest first, or bytes are lost"
    )


def begin() -> Network:
    """Of a new connection nothing is known."""
    return {}


def freeze(network: Network) -> bytes:
    """Return the state, as bytes."""
    return packed(nodes.freeze(network))


def thaw(data: bytes) -> Network:
    """Read the state back. Raises `ValueError` for other bytes."""
    try:
        table = unpacked(data)
    except (pa.ArrowInvalid, OSError) as error:
        raise ValueError(f"this is no frozen SAPIENT connection: {error}") from error
    if table.schema != nodes.NODES:
        raise ValueError("this is no frozen SAPIENT connection: its columns are others")
    return nodes.thaw(table)


class Framed(NamedTuple):
    """Messages of several pieces of streams.

    Attributes:
        data: the pieces, one behind the other.
        starts: where each message begins in them.
        ends: where it ends.
        of: the piece that it is of.
        offset: where its length stands in that piece.
        rests: of each piece where its last whole message ends.
        begins: where each piece begins.
    """

    data: Array
    starts: Array
    ends: Array
    of: Array
    offset: Array
    rests: Array
    begins: Array


def framed(pieces: Sequence[bytes]) -> Framed:
    """The messages of pieces that begin with one."""
    data = np.frombuffer(b"".join(pieces), np.uint8)
    begins = np.cumsum([0, *map(len, pieces)])
    found = [_frames(data[begins[i] : begins[i + 1]], MAX_BYTES) for i in range(len(pieces))]
    counts = [len(starts) for starts, _, _ in found]
    starts = np.concatenate([starts + begins[i] for i, (starts, _, _) in enumerate(found)] or [begins[:0]])
    ends = np.concatenate([ends + begins[i] for i, (_, ends, _) in enumerate(found)] or [begins[:0]])
    of = np.repeat(np.arange(len(pieces)), counts)
    rests = np.array([int(ends[-1]) if len(ends) else 0 for _, ends, _ in found], np.int64)
    return Framed(data, starts, ends, of, starts - LENGTH - begins[of], rests, begins)


def read(heard: Sequence[Heard]) -> ReadResult:
    """Rows and faults of what was heard on connections, as `stream_readers.Wire` has it."""
    pieces = [b"".join(one.messages) for one in heard]
    frames = framed(pieces)
    taken = take_apart(frames.data, frames.starts, frames.ends)
    numbers = {id(one.state): i for i, one in enumerate(heard)}
    networks = [one.state for one in heard]
    network = np.array([numbers[id(one.state)] for one in heard], np.int64)[frames.of]
    judged = judge(taken, taken.content > 0, network, networks)
    parts = judged.parts(locators(frames), _received(heard, frames))
    faults = together((int(frames.of[m]), fault) for m, fault in faulty(taken, judged.problems, frames))
    for i, rest in enumerate(frames.rests.tolist()):
        if rest < len(pieces[i]):
            faults.append((i, broken(pieces[i][rest:], rest)))
    return ReadResult([Read(part.kind, part.rows, frames.of[part.message]) for part in parts], faults)


def locators(frames: Framed) -> pa.Array:
    """Of each message where it stands in its piece, with its length."""
    ends = frames.offset + LENGTH + frames.ends - frames.starts
    numbers = [pa.array(one).cast(pa.string()) for one in (frames.offset, ends)]
    return pc.binary_join_element_wise("bytes", pc.binary_join_element_wise(*numbers, "-"), " ")


def faulty(taken: Messages, problems: dict[int, list[str]], frames: Framed) -> Iterator[tuple[int, Fault]]:
    """The faults of messages by their numbers: of invalid ones, and of those that say more than was read."""
    for m in sorted({*taken.problems, *problems, *taken.unknown}):
        wrong = [*taken.problems.get(m, ()), *problems.get(m, ())]
        begin, end = int(frames.starts[m]) - LENGTH, int(frames.ends[m])
        where = byte_ranges.locator(int(frames.offset[m]), int(frames.offset[m]) + end - begin)
        said = f"invalid: {'; '.join(wrong)}" if wrong else _more(taken.unknown[m])
        raw = frames.data[begin:end][:MAX_RAW].tobytes()
        yield m, Fault(where, f"this SAPIENT message is {said}", raw, partly=not wrong)


def _more(names: list[str]) -> str:
    return f"read in part: {VERSION} has no fields {', '.join(names)}"


def broken(rest: bytes, at: int) -> Fault:
    """The fault of bytes behind the last whole message."""
    where, length = byte_ranges.locator(at, at + len(rest)), int.from_bytes(rest[:LENGTH], "little")
    if len(rest) >= LENGTH and length > MAX_BYTES:
        return Fault(where, lost_at(rest), rest[:MAX_RAW], rest=True)
    return Fault(where, "the last message is cut short; get the rest of it", rest[:MAX_RAW], rest=True)


def _received(heard: Sequence[Heard], frames: Framed) -> pa.Array:
    """When each message came: when the bytes did that it begins in."""
    sizes = [np.cumsum([0, *map(len, one.messages)]) for one in heard]
    lasts = [np.asarray([*one.received], np.int64) for one in heard]
    if not lasts:
        return pa.array([], INSTANT)
    edges = np.concatenate([size[:-1] + begin for size, begin in zip(sizes, frames.begins, strict=False)])
    stamps = np.concatenate(lasts)
    return pa.array(stamps[np.searchsorted(edges, frames.starts - LENGTH, "right") - 1]).view(INSTANT)


@kernel
def _frames(data: Array, most: int) -> Any:
    """Where the whole messages begin and end, and whether a length is one that no message has."""
    starts, ends = np.empty(len(data) // 4 + 1, np.int64), np.empty(len(data) // 4 + 1, np.int64)
    n, at = 0, np.int64(0)
    while at + 4 <= len(data):
        size: Any = np.int64(data[at]) | np.int64(data[at + 1]) << 8
        size |= np.int64(data[at + 2]) << 16 | np.int64(data[at + 3]) << 24
        if size > most:
            return starts[:n].copy(), ends[:n].copy(), True
        if at + 4 + size > len(data):
            break
        starts[n], ends[n] = at + 4, at + 4 + size
        at += 4 + size
        n += 1
    return starts[:n].copy(), ends[:n].copy(), False
