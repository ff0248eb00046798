"""State of a receiver of extended squitters: its aircraft, its clock, how much it has sent.

A receiver's counter (12 MHz, 48 bits) tells how far apart messages are, and not when they were. Of a live
source it is set by the clock of receipt, and set anew where it says that a message came later than it did, or
more than a second before. Of a file it begins when a person says that the file began.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa

from watchfloor.core.kernels import kernel
from watchfloor.formats.sensors.adsb.mode_s import Frames
from watchfloor.formats.sensors.adsb.traffic import Traffic
from watchfloor.formats.sensors.log_times import NEVER
from watchfloor.formats.sensors.wires.lines import Ints

TICKS: Final = 12
"""Of the counter in a microsecond."""
SLACK: Final = 1_000_000
"""Microseconds that the counter may be behind the clock of receipt."""
_NUMBERS: Final = ("count", "offset", "now", "closed")


@dataclass(slots=True)
class Stream:
    """State of a receiver.

    Attributes:
        traffic: the aircraft.
        count: lines or bytes so far.
        offset: what is added to the counter to give microseconds since 1970, or `NEVER`.
        now: the time of the last message, or `NEVER`.
        receiver: latitude and longitude of the receiver, where they are known: they place aircraft that are
            only heard on the ground.
    """

    traffic: Traffic = field(default_factory=Traffic)
    count: int = 0
    offset: int = NEVER
    now: int = NEVER
    receiver: tuple[float, float] | None = None

    def freeze(self) -> pa.Table:
        """As the table of aircraft, with the other numbers in its metadata."""
        told = (self.count, self.offset, self.now, self.traffic.closed)
        metadata = dict(zip(_NUMBERS, map(str, told), strict=True))
        if self.receiver:
            metadata |= {"latitude": repr(self.receiver[0]), "longitude": repr(self.receiver[1])}
        return self.traffic.freeze().replace_schema_metadata(metadata)

    @classmethod
    def thaw(cls, table: pa.Table) -> "Stream":
        """Back from a table. Raises `ValueError` where it is no frozen stream."""
        metadata = table.schema.metadata or {}
        try:
            count, offset, now, closed = (int(metadata[name.encode()]) for name in _NUMBERS)
        except KeyError as error:
            raise ValueError("is no remembered stream of extended squitters") from error
        receiver = (
            (float(metadata[b"latitude"]), float(metadata[b"longitude"])) if b"latitude" in metadata else None
        )
        return cls(Traffic.thaw(table, closed), count, offset, now, receiver)

    def times(self, frames: Frames, received: Ints) -> Ints:
        """When each message was, by its line, its counter, its receipt or the message before; else `NEVER`.

        Args:
            frames: the messages.
            received: when each came, microseconds since 1970, or `NEVER`.
        """
        told, self.offset, self.now = _times(frames.time, frames.ticks, received, self.offset, self.now)
        return np.asarray(told)


@kernel
def _times(stated: Ints, ticks: Ints, received: Ints, offset: int, now: int) -> Any:
    told = stated.copy()
    for i in range(stated.shape[0]):
        if told[i] == NEVER and ticks[i] >= 0:
            counted, came = ticks[i] // TICKS, received[i]
            if offset == NEVER and now != NEVER and came == NEVER:
                offset = now - counted
            if came != NEVER and (offset == NEVER or not came - SLACK <= counted + offset <= came):
                offset = came - counted
            if offset != NEVER:
                told[i] = counted + offset
        elif told[i] == NEVER:
            told[i] = received[i] if received[i] != NEVER else now
        if told[i] != NEVER:
            now = told[i]
    return told, offset, now
