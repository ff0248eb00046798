"""ADS-B in Beast's binary frames, as receivers send it on port 30005 (see `mode_s`).

A frame has the receiver's counter and no time of day: a file of frames is placed in time only where a person
says when it began (`base_time`). Replies that are no extended squitter, and the receiver's status, are only
counted. Frames that fail their check and bytes outside of frames are faults.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import DETECTION
from watchfloor.formats import byte_ranges
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.sensors.adsb import rows
from watchfloor.formats.sensors.adsb.avr import NOTES, REASONS, begun, untimed
from watchfloor.formats.sensors.adsb.decode import decode
from watchfloor.formats.sensors.adsb.mode_s import DAMAGED, TORN, Cut, of_beast
from watchfloor.formats.sensors.log_times import NEVER
from watchfloor.formats.sensors.wires.faults import faults
from watchfloor.formats.sensors.wires.lines import CHUNK, Bytes, Ints, Lines
from watchfloor.formats.sensors.wires.notes import Notes

_SNIFFED: Final = 4096


def pieces_of(data: Bytes, cut: Cut, before: int) -> Lines:
    """The frames of a buffer, before which so many bytes of the stream came."""
    never = np.full(len(cut.starts), NEVER)
    return Lines(data, cut.starts, cut.ends, cut.starts + before, never, binary=True)


def sniff(head: Head) -> float:
    """Sure where nearly all of the first bytes are whole frames, one of them checked."""
    if not head.data.startswith(b"\x1a"):
        return 0.0
    data = np.frombuffer(head.data[:_SNIFFED], np.uint8)
    cut = of_beast(data)
    codes = cut.frames.codes
    torn = int((cut.ends - cut.starts)[codes == TORN].sum())
    good = len(codes) - np.count_nonzero((codes == TORN) | (codes == DAMAGED))
    return 0.95 if good and 4 * torn < len(data) and 2 * good >= np.count_nonzero(codes != TORN) else 0.0


def read(
    stream: BinaryIO,
    name: str,
    base_time: datetime | None = None,
    receiver: tuple[float, float] | None = None,
    size: int = CHUNK,
) -> Iterator[Batch | Fault]:
    """Rows of `detection`. Raises `FormatError` without `base_time`. Arguments as of `adsb_avr.read`."""
    remembered, notes, rest = begun(base_time, receiver), Notes(NOTES), b""
    while True:
        chunk = stream.read(size)
        data = np.frombuffer(rest + chunk, np.uint8)
        cut = of_beast(data, final=not chunk)
        if len(cut.frames.at) and remembered.now == NEVER:
            raise FormatError(untimed(name, "frames"))
        told = pieces_of(data, cut, remembered.count)
        remembered.count += cut.used
        rest = data[cut.used :].tobytes()
        time = remembered.times(cut.frames, np.full(len(cut.frames.at), NEVER))
        if len(time):
            decoded = decode(cut.frames, time, remembered.traffic, remembered.receiver)
            where = locators(told, cut.frames.at)
            yield Batch(DETECTION, rows.rows(decoded, np.full(len(decoded), NEVER), where))
        notes.count(told, cut.frames.codes)
        yield from faults(told, cut.frames.codes, REASONS)
        if not chunk:
            break
    yield from notes.faults()


def locators(told: Lines, at: Ints) -> pa.Array:
    """`bytes 120-143` for each of some frames."""
    start = told.numbers[at]
    end = start + told.ends[at] - told.starts[at]
    texts = (pc.cast(pa.array(column), pa.string()) for column in (start, end))
    return pc.binary_join_element_wise("bytes ", pc.binary_join_element_wise(*texts, "-"), "")


def whole(data: bytes) -> int:
    """How many bytes of a stream are whole frames. Raises `ValueError` where there are none in sight."""
    cut = of_beast(np.frombuffer(data, np.uint8))
    if cut.used > _SNIFFED and (cut.frames.codes == TORN).all():
        raise ValueError(f"no frame within {_SNIFFED:,} bytes: this is no Beast stream")
    return cut.used


FORMAT: Final = Format("adsb-beast", ("detection",), sniff, read, piece=byte_ranges.piece)
