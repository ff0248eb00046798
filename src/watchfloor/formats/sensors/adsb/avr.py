"""ADS-B as receivers log and send it in lines of hexadecimal digits (AVR): `*8D4840D6202CC371C32CE0576098;`.

A message was at the time that stands beside it on its line; else, where a person says when the file began
(`base_time`), as long after that as the receiver's counter says (`@` lines). A file without any time is
refused. Replies that are no extended squitter (downlink formats 17, 18) say no place and are only counted. A
message that fails its check is a fault: none is corrected.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Final

import numpy as np

from watchfloor.core.kinds import DETECTION
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.sensors.adsb import rows
from watchfloor.formats.sensors.adsb.decode import decode
from watchfloor.formats.sensors.adsb.mode_s import DAMAGED, DIGITS, LONG, NO_MESSAGE, OTHER, TORN, of_lines
from watchfloor.formats.sensors.adsb.stream import Stream
from watchfloor.formats.sensors.log_times import NEVER
from watchfloor.formats.sensors.wires.faults import faults
from watchfloor.formats.sensors.wires.lines import CHUNK, LONGEST, chunks, lines
from watchfloor.formats.sensors.wires.notes import Notes
from watchfloor.formats.sensors.wires.rows import locators

NO_TIME: Final = 19
"""Code of a line whose message is read, but cannot be put anywhere in time."""

REASONS: Final = {
    NO_MESSAGE: "holds no Mode S message, such as *8D4840D6202CC371C32CE0576098;",
    LONG: f"is longer than {LONGEST:,} bytes, and so is no message",
    DIGITS: "has no 14 or 28 hexadecimal digits, as a Mode S message has",
    DAMAGED: "has a message that fails its check: it was damaged on its way",
    TORN: "is no whole frame",
    NO_TIME: "does not say when it was received, and nothing before it does",
}
NOTES: Final = {
    OTHER: "replies to radars and other messages that are no extended squitter (downlink formats 17 and 18)"
}

_LINE: Final = re.compile(
    rb"(?:[^*@<]{0,64}[*]|.{0,64}@[0-9A-Fa-f]{12}|.{0,64}<[0-9A-Fa-f]{14})(?:[0-9A-Fa-f]{14}){1,2};"
    rb"|[0-9.:TZ/ -]{10,40}[,; \t]+\"?[0-9A-Fa-f]{28}\"?(?:[,; \t]|$)"
)
_SNIFFED: Final = 40


def sniff(head: Head) -> float:
    """Sure where a third of the first lines hold a message."""
    found = [line.strip() for line in head.data.split(b"\n")[:_SNIFFED] if line.strip()]
    hits = sum(bool(_LINE.match(line[:LONGEST])) for line in found)
    return 0.95 if hits and 3 * hits >= len(found) else 0.0


def read(
    stream: BinaryIO,
    name: str,
    base_time: datetime | None = None,
    receiver: tuple[float, float] | None = None,
    size: int = CHUNK,
) -> Iterator[Batch | Fault]:
    """Rows of `detection`. Raises `FormatError` for a file in which nothing tells the time.

    Args:
        stream: the file.
        name: of the file, for messages.
        base_time: when a file whose lines state no times began.
        receiver: latitude and longitude of the receiver, for aircraft that are only heard on the ground.
        size: bytes that are decoded together; it changes nothing.
    """
    remembered, notes = begun(base_time, receiver), Notes(NOTES)
    for buffer in chunks(stream, size):
        told = lines(buffer, remembered.count + 1, None)
        frames = of_lines(told.data, told.starts, told.ends)
        if len(frames.at) and remembered.now == NEVER and (frames.time == NEVER).all():
            raise FormatError(untimed(name, "lines"))
        remembered.count += len(told)
        time = remembered.times(frames, np.full(len(frames.at), NEVER))
        codes = frames.codes.copy()
        codes[frames.at[time == NEVER]] = NO_TIME
        if (time != NEVER).any():
            timed = frames.select(time != NEVER)
            decoded = decode(timed, time[time != NEVER], remembered.traffic, remembered.receiver)
            where = locators(told.numbers[timed.at])
            yield Batch(DETECTION, rows.rows(decoded, np.full(len(decoded), NEVER), where))
        notes.count(told, codes)
        yield from faults(told, codes, REASONS)
    yield from notes.faults()


def begun(base_time: datetime | None, receiver: tuple[float, float] | None) -> Stream:
    """Return the state at the start of a file."""
    now = round(base_time.timestamp() * 1_000_000) if base_time else NEVER
    return Stream(now=now, receiver=receiver)


def untimed(name: str, what: str) -> str:
    """The sentence about a file without times."""
    return (
        f"{name} does not say when its messages were received: {what} have at most the receiver's counter."
        " Record it with the time before each message, or state when it began:"
        ' base_time = "2026-07-14T09:30:00Z" under its feed in feeds.toml'
        " (watchfloor track: --date)"
    )


FORMAT: Final = Format("adsb-avr", ("detection",), sniff, read)
