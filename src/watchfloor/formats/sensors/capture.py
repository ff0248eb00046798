"""Captures: what a live source brought in a while, as one delivery: each message with when it was received.

A line `WFCAPTURE1`, a line of JSON (`decode`: the wire; `states`: what its reader remembered of each
connection at the start, in base64), then frames (`formats.sensors.frames`). The live floor rolls its log into
captures. Reading one gives the rows that were read when the messages came, byte for byte.

A locator is `frame 12, line 3`: the third line of the messages of the twelfth frame, joined.

Of messages of which some rows may not be kept the other rows stand there (`formats.redacted`), and a locator
is `frame 12, detection row 3`; so it is for rows that no message holds. A file of which rows may not be kept
becomes a capture too, of no wire.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats import redacted
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.sensors import receipt
from watchfloor.formats.sensors.frames import (
    CLOSED,
    HEAD,
    MESSAGES,
    MOST,
    REDACTED,
    REFUSED,
    TOLD,
    Frame,
    unpack,
    unpack_messages,
)
from watchfloor.formats.sensors.wires.batch import Heard, Numbers, ReadResult
from watchfloor.formats.sensors.wires.readers import WIRES, Wire
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular.blocks import MAX_RAW

MAGIC: Final = b"WFCAPTURE1\n"
_MOST_HEAD: Final = 1 << 26
_AT_ONCE: Final = 1 << 22
"""Bytes of frames that are read together."""
_PLACE: Final = re.compile(
    r"frame (?P<frame>\d+)(?:, (?:refusal (?P<refusal>\d+)|line (?P<line>\d+)"
    r"|bytes? (?P<start>\d+)(?:-(?P<end>\d+))?|(?P<kind>[a-z]+) row (?P<row>\d+)))?"
)


class Start(msgspec.Struct, frozen=True):
    """The head of a capture: the wire, and the frozen states of its connections in base64.

    `decode` is empty where it takes the place of a file. `begin` is what a new connection begins with, where
    a person has said something of it.
    """

    decode: str
    states: dict[str, str] = {}
    begin: str | msgspec.UnsetType = msgspec.UNSET


class Numbered(NamedTuple):
    """A frame and its number, from 1."""

    number: int
    frame: Frame


def write(
    decode: str, states: Mapping[int, bytes], frames: Iterable[bytes], begin: bytes = b""
) -> Iterator[bytes]:
    """The bytes of a capture, piece by piece.

    Args:
        decode: the wire; empty for a file of which only rows are kept.
        states: of each connection that was open at its start, frozen.
        frames: packed, of one source, in their order.
        begin: what a new connection begins with, frozen; empty: as its wire has it.
    """
    told = {str(channel): b64encode(state).decode() for channel, state in sorted(states.items())}
    start = Start(decode, told, b64encode(begin).decode() if begin else msgspec.UNSET)
    yield MAGIC + msgspec.json.encode(start) + b"\n"
    yield from frames


def sniff(head: Head) -> float:
    """Sure where it begins as a capture does."""
    return 1.0 if head.data.startswith(MAGIC) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """The rows of a capture. Raises `FormatError` where it is none, or of a wire that is not known here."""
    wire, states, rest = _opened(stream, name)
    for part in _together(_frames(stream, rest)):
        if isinstance(part, Fault):
            yield part
        else:
            yield from _read(wire, states, part)


def piece(stream: BinaryIO, locator: str) -> bytes | None:
    """The message, or the line of one, that a locator names."""
    match = _PLACE.fullmatch(locator)
    if not match:
        return None
    wire, _, rest = _opened(stream, "the delivery")
    for one in _frames(stream, rest):
        if isinstance(one, Fault) or one.number > int(match["frame"]):
            return None
        if one.number == int(match["frame"]):
            return _of_frame(wire, one.frame, match)
    return None


def withheld(stream: BinaryIO) -> int:
    """How many rows a capture is kept without."""
    _, _, rest = _opened(stream, "the delivery")
    found = (one.frame for one in _frames(stream, rest) if isinstance(one, Numbered))
    return redacted.withheld(frame.payload for frame in found if frame.what == REDACTED)


def _of_frame(wire: Wire | None, frame: Frame, match: re.Match[str]) -> bytes | None:
    if frame.what in (REDACTED, TOLD) and match["kind"]:
        return redacted.cells(frame.payload, match["kind"], int(match["row"]))
    if frame.what == CLOSED:
        return bytes(frame.payload)
    if frame.what == REFUSED:
        told = refusals(frame.payload)
        at = int(match["refusal"] or 0)
        return told[at - 1][1] if 0 < at <= len(told) else None
    if frame.what != MESSAGES or wire is None:
        return None
    return _cut(_joined(wire, unpack_messages(frame.payload).messages), match)


def _cut(joined: bytes, match: re.Match[str]) -> bytes | None:
    line, start, end = match["line"], match["start"], match["end"]
    if line:
        lines = joined.splitlines()
        return lines[int(line) - 1] if int(line) <= len(lines) else None
    if start is None:
        return joined[:MAX_RAW]
    return joined[int(start) : int(end) if end else int(start) + MAX_RAW]


def _opened(stream: BinaryIO, name: str) -> tuple[Wire | None, dict[int, Any], bytes]:
    """The wire, the states to begin with, and what was read of the frames already."""
    data = stream.read(1 << 16)
    if not data.startswith(MAGIC):
        raise FormatError(f"{name} is no capture of a live source: it does not begin with WFCAPTURE1")
    data = data[len(MAGIC) :]
    while b"\n" not in data and len(data) < _MOST_HEAD and (more := stream.read(1 << 20)):
        data += more
    line, _, rest = data.partition(b"\n")
    try:
        start = msgspec.json.decode(line, type=Start)
        if not start.decode:
            return None, {}, rest
        wire = WIRES[start.decode]
        states = {int(channel): wire.thaw(b64decode(state)) for channel, state in start.states.items()}
        if start.begin is not msgspec.UNSET:
            wire = replace(wire, begin=partial(wire.thaw, b64decode(start.begin)))
    except KeyError:
        near = nearest(start.decode, WIRES)
        raise FormatError(f"{name} was read as {start.decode!r}, which is no wire{near}") from None
    except ValueError as error:
        raise FormatError(f"{name} is a capture whose head cannot be used: {error}") from error
    return wire, states, rest


def _frames(stream: BinaryIO, data: bytes) -> Iterator[Numbered | Fault]:
    """Frames one by one; where one is torn, a fault, and no more."""
    number, place, at = 1, 0, 0
    while True:
        while (frame := unpack(memoryview(data), at)) is None:
            more = stream.read(max(1 << 20, _missing(data, at)))
            if not more:
                break
            data, at = data[at:] + more, 0
        if frame is None:
            if at < len(data):
                reason = "the capture is torn or damaged here; what follows cannot be read"
                yield Fault(f"frame {number}", reason, data[at : at + MAX_RAW], rest=True)
            return
        yield Numbered(number, frame)
        number, place, at = number + 1, place + 1, frame.end


def _missing(data: bytes, at: int) -> int:
    """Bytes that the frame lacks, as far as its head says."""
    if len(data) - at < HEAD.size:
        return 0
    size = int(HEAD.unpack_from(data, at)[0])
    return 0 if size > MOST else HEAD.size + size - (len(data) - at)


def _together(frames: Iterator[Numbered | Fault]) -> Iterator[list[Numbered] | Fault]:
    """Frames of messages that can be read in one call: up to the end of a connection."""
    part: list[Numbered] = []
    size = 0
    for one in frames:
        if part and (isinstance(one, Fault) or one.frame.what != MESSAGES or size > _AT_ONCE):
            yield part
            part, size = [], 0
        if isinstance(one, Fault):
            yield one
        elif one.frame.what in (CLOSED, REFUSED, REDACTED, TOLD):
            yield [one]
        elif one.frame.what == MESSAGES:
            part.append(one)
            size += len(one.frame.payload)
    if part:
        yield part


def _read(wire: Wire | None, states: dict[int, Any], part: list[Numbered]) -> Iterator[Batch | Fault]:
    if part[0].frame.what in (REDACTED, TOLD):
        yield from _left(wire, states, part[0])
        return
    if wire is None:
        yield Fault(f"frame {part[0].number}", "there are messages in it, and no wire to read them by", b"")
        return
    if part[0].frame.what == REFUSED:
        number, frame = part[0]
        for at, (reason, raw) in enumerate(refusals(frame.payload), 1):
            yield Fault(f"frame {number}, refusal {at}", reason, raw[:MAX_RAW])
        return
    if part[0].frame.what == CLOSED:
        number, frame = part[0]
        states.pop(frame.channel, None)
        if fault := unfinished(wire, bytes(frame.payload)):
            yield replace(fault, locator=f"frame {number}")
        return
    heard, limits = [], []
    for _, frame in part:
        if frame.channel not in states:
            states[frame.channel] = wire.begin()
        told = unpack_messages(frame.payload)
        heard.append(Heard(states[frame.channel], told.messages, told.received))
        limits.append(told.ahead)
    numbers = np.array([one.number for one in part], np.int64)
    found = wire.read(heard)
    if any(limit is not None for limit in limits):
        judged = receipt.apart(found, limits)
        refused = judged.faults[len(found.faults) :]
        faults = [(of, _with_bytes(fault, _joined(wire, heard[of].messages))) for of, fault in refused]
        found = ReadResult(judged.read, found.faults + faults)
    yield from _placed(found, numbers)


def _with_bytes(fault: Fault, joined: bytes) -> Fault:
    """A fault with the piece of the messages that its locator names."""
    match = _PLACE.fullmatch(f"frame 0, {fault.locator}")
    return replace(fault, raw=(_cut(joined, match) or b"")[:MAX_RAW]) if match else fault


def _joined(wire: Wire, messages: Iterable[bytes]) -> bytes:
    """Messages as the locators of their rows count in them."""
    return b"".join(one if one.endswith(wire.ending) else one + wire.ending for one in messages)


def _left(wire: Wire | None, states: dict[int, Any], one: Numbered) -> Iterator[Batch | Fault]:
    """Yield redacted messages, or a redacted file; reading goes on with the state after them."""
    number, frame = one
    left = redacted.unpack(frame.payload)
    if wire is not None and left.state is not None:
        states[frame.channel] = wire.thaw(left.state)
    for piece in left.pieces:
        if isinstance(piece, Fault):
            yield replace(piece, locator=f"frame {number}, {piece.locator}")
        else:
            at = piece.rows.schema.get_field_index("locator")
            told = pc.binary_join_element_wise(f"frame {number}", piece.rows.column(at), ", ")
            yield Batch(piece.kind, piece.rows.set_column(at, piece.rows.schema.field(at), told))


def refusals(payload: memoryview | bytes) -> list[tuple[str, bytes]]:
    """Why each message of a frame was refused, and the message."""
    return msgspec.json.decode(payload, type=list[tuple[str, bytes]])


def unfinished(wire: Wire, rest: bytes) -> Fault | None:
    """Return the fault of bytes that a connection left at its end; None if it left none."""
    if not rest:
        return None
    try:
        wire.whole(rest)
        reason = "the connection ended in the middle of a message; what is here of it is not read"
    except ValueError as error:
        reason = f"the connection was ended here: {error}"
    return Fault("", reason, rest[:MAX_RAW])


def _placed(found: ReadResult, numbers: Numbers) -> Iterator[Batch | Fault]:
    """Yield the rows and faults, with the number of the frame in each locator."""
    for kind, rows, of in found.read:
        at = rows.schema.get_field_index("locator")
        frame = pc.binary_join_element_wise("frame", pa.array(numbers[of]).cast(pa.string()), " ")
        told = pc.binary_join_element_wise(frame, rows.column(at), ", ")
        yield Batch(kind, rows.set_column(at, rows.schema.field(at), told))
    for of_, fault in found.faults:
        yield Fault(f"frame {numbers[of_]}, {fault.locator}", fault.reason, fault.raw, partly=fault.partly)


_KINDS: Final = tuple(dict.fromkeys(kind for wire in WIRES.values() for kind in wire.kinds))

FORMAT: Final = Format("capture", _KINDS, sniff, read, piece=piece)
