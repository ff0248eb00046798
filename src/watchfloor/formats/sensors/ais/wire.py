"""AIS as it comes: sentences from connections that stay open, each with when it was received.

A message was when its tag block or line says, else when it was received. Lines without a message are left
out; the delivery that the live floor keeps has them.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from watchfloor.core.kinds import DETECTION
from watchfloor.core.streams import packed
from watchfloor.formats.sensors.ais import rows as ais_rows
from watchfloor.formats.sensors.ais.bits import Raw
from watchfloor.formats.sensors.ais.decode import Decoded, Stream, decode
from watchfloor.formats.sensors.ais.nmea import REASONS
from watchfloor.formats.sensors.log_times import NEVER
from watchfloor.formats.sensors.wires.batch import Heard, Read, ReadResult
from watchfloor.formats.sensors.wires.faults import placed
from watchfloor.formats.sensors.wires.heard import Connection, connections, thawed
from watchfloor.formats.sensors.wires.lines import Ints, Lines
from watchfloor.formats.sensors.wires.rows import locators


def freeze(stream: Stream) -> bytes:
    """Return the state of a connection, as bytes."""
    return packed(stream.freeze())


def thaw(data: bytes) -> Stream:
    """Back from bytes. Raises `ValueError` where they are of something else."""
    return Stream.thaw(thawed(data))


def read(heard: Sequence[Heard]) -> ReadResult:
    """Detections of several connections, in the order of what was heard."""
    found = ReadResult([], [])
    told = list(connections(heard))
    parts = [decode(one.buffer, one.received, one.state) for one in told]
    if not parts:
        return found
    decoded = together(parts)
    of, number = _places(told, parts)
    for at, fault in placed(replace(decoded.lines, numbers=number), decoded.codes, REASONS):
        found.faults.append((int(of[at]), fault if number[at] else replace(fault, locator="an earlier line")))
    if len(decoded):
        observed = np.where(decoded.time == NEVER, decoded.received, decoded.time)
        rows = ais_rows.rows(decoded, observed, locators(number[decoded.line]))
        order = np.argsort(of[decoded.line], kind="stable")
        if len(told) > 1:
            rows = rows.take(order)
        found.read.append(Read(DETECTION, rows, of[decoded.line][order]))
    return found


def _places(told: Sequence[Connection], parts: Sequence[Decoded]) -> tuple[Ints, Ints]:
    """Of each line which `Heard` and its number there; one that waited is of the first, with number 0."""
    of, number = [], []
    for one, part in zip(told, parts, strict=True):
        waited = len(part.lines) - len(one.of)
        of += [np.repeat(one.of[:1], waited), one.of]
        number += [np.zeros(waited, np.int64), one.number]
    return np.concatenate(of), np.concatenate(number)


def together(parts: Sequence[Decoded]) -> Decoded:
    """Join several streams, one behind the other, so that one table holds them."""
    if len(parts) == 1:
        return parts[0]
    before = np.cumsum([0] + [len(part.lines) for part in parts])
    offset = np.cumsum([0] + [len(part.lines.data) for part in parts])
    rows = np.cumsum([0] + [len(part) for part in parts])
    lines = Lines(
        np.concatenate([part.lines.data for part in parts]),
        np.concatenate([part.lines.starts + at for part, at in zip(parts, offset, strict=False)]),
        np.concatenate([part.lines.ends + at for part, at in zip(parts, offset, strict=False)]),
        np.concatenate([part.lines.numbers for part in parts]),
        np.concatenate([part.lines.received for part in parts]),
    )
    raw = Raw(
        np.concatenate([part.raw.type for part in parts]),
        np.concatenate([part.raw.code for part in parts]),
        np.concatenate([part.raw.near for part in parts], axis=1),
        np.concatenate([part.raw.row + at for part, at in zip(parts, rows, strict=False)]),
        np.concatenate([part.raw.far for part in parts], axis=1),
        np.concatenate([part.raw.texts for part in parts], axis=1),
    )
    spans = [part.source + at * (part.source >= 0) for part, at in zip(parts, offset, strict=False)]
    return Decoded(
        lines,
        np.concatenate([part.codes for part in parts]),
        np.concatenate([part.broken for part in parts]),
        raw,
        line=np.concatenate([part.line + at for part, at in zip(parts, before, strict=False)]),
        first=np.concatenate([part.first + at for part, at in zip(parts, before, strict=False)]),
        time=np.concatenate([part.time for part in parts]),
        received=np.concatenate([part.received for part in parts]),
        own=np.concatenate([part.own for part in parts]),
        channel=np.concatenate([part.channel for part in parts]),
        source=np.concatenate(spans, axis=1),
    )
