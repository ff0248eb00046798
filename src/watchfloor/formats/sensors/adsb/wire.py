"""ADS-B as it comes: lines or Beast frames from connections that stay open, each with when it was received.

A message was when its line says; else when the receiver's counter says, which the clock of receipt sets (see
`adsb_stream`); else when it was received. What is no extended squitter is left out; the delivery that the
live floor keeps has it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from watchfloor.core.kinds import DETECTION
from watchfloor.core.streams import packed
from watchfloor.formats.sensors.adsb import beast, sbs
from watchfloor.formats.sensors.adsb import rows as adsb_rows
from watchfloor.formats.sensors.adsb.avr import REASONS
from watchfloor.formats.sensors.adsb.decode import decode
from watchfloor.formats.sensors.adsb.mode_s import Frames, of_beast, of_lines
from watchfloor.formats.sensors.adsb.stream import Stream
from watchfloor.formats.sensors.wires.batch import Heard, Read, ReadResult, numbers
from watchfloor.formats.sensors.wires.faults import placed
from watchfloor.formats.sensors.wires.heard import Connection, connections, thawed
from watchfloor.formats.sensors.wires.lines import Ints, Lines, lines
from watchfloor.formats.sensors.wires.rows import locators


def freeze(stream: Stream) -> bytes:
    """Return the state of a connection, as bytes."""
    return packed(stream.freeze())


def thaw(data: bytes) -> Stream:
    """Back from bytes. Raises `ValueError` where they are of something else."""
    return Stream.thaw(thawed(data))


def read_avr(heard: Sequence[Heard]) -> ReadResult:
    """Detections of lines of several connections."""
    found = ReadResult([], [])
    for one in connections(heard):
        told = replace(lines(one.buffer, 1, one.received), numbers=one.number)
        frames = of_lines(told.data, told.starts, told.ends)
        _read(found, one.state, told, frames, one.of, locators(told.numbers[frames.at]))
    return found


def read_beast(heard: Sequence[Heard]) -> ReadResult:
    """Detections of Beast frames of several connections."""
    found = ReadResult([], [])
    for one in _frames(heard):
        data = np.frombuffer(one.buffer, np.uint8)
        cut = of_beast(data, final=True)
        at = np.searchsorted(one.number, cut.starts, side="right") - 1
        told = beast.pieces_of(data, cut, 0)
        first = one.number[np.searchsorted(one.of, one.of[at])]
        told = replace(told, numbers=cut.starts - first, received=one.received[at])
        _read(found, one.state, told, cut.frames, one.of[at], beast.locators(told, cut.frames.at))
    return found


def _frames(heard: Sequence[Heard]) -> Iterator[Connection]:
    """Each connection once; `received`, `of` and `number`, its first byte, are of each of its messages."""
    by_state: dict[int, list[int]] = {}
    for at, one in enumerate(heard):
        by_state.setdefault(id(one.state), []).append(at)
    for members in by_state.values():
        messages = [message for at in members for message in heard[at].messages]
        counts = numbers((len(heard[at].messages) for at in members), len(members))
        ends = np.cumsum(numbers(map(len, messages), len(messages)))
        yield Connection(
            heard[members[0]].state,
            b"".join(messages),
            np.concatenate([numbers(heard[at].received) for at in members]),
            np.repeat(np.array(members, np.int64), counts),
            np.concatenate((np.zeros(min(1, len(ends)), np.int64), ends[:-1])),
        )


def read_sbs(heard: Sequence[Heard]) -> ReadResult:
    """Detections of BaseStation text of several connections."""
    found = ReadResult([], [])
    for one in connections(heard):
        told = replace(lines(one.buffer, 1, one.received), numbers=one.number)
        codes, rows, of = sbs.decode(told)
        for line, fault in placed(told, codes, sbs.REASONS):
            found.faults.append((int(one.of[line]), fault))
        if rows.num_rows:
            found.read.append(Read(DETECTION, sbs.located(rows, told, of), one.of[of]))
    return found


def _read(found: ReadResult, stream: Stream, told: Lines, frames: Frames, of: Ints, where: pa.Array) -> None:
    """Put rows and faults of one connection's messages to what was found."""
    for at, fault in placed(told, frames.codes, REASONS):
        found.faults.append((int(of[at]), fault))
    if len(frames.at):
        received = told.received[frames.at]
        decoded = decode(frames, stream.times(frames, received), stream.traffic, stream.receiver)
        found.read.append(Read(DETECTION, adsb_rows.rows(decoded, received, where), of[frames.at]))
