"""AIS as receivers log and send it: NMEA 0183 sentences `!AIVDM`, a message or a part of one a line.

Types 1 to 3, 4, 5, 9, 11, 18, 19, 21, 24 and 27 are read whole (ITU-R M.1371-5); of the others type and
sender. A message was at the time that its tag block states, else that which stands beside it on its line,
else that which the file's base stations tell (`ais_clock`), or a person (`base_time`); a file without any of
these is refused. A sentence whose checksum is wrong is a fault; one whose tag block is, is read without it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kernels import kernel
from watchfloor.core.kinds import DETECTION
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.sensors.ais import rows
from watchfloor.formats.sensors.ais.decode import Decoded, Stream, decode, finish
from watchfloor.formats.sensors.ais.sentences import (
    CHECKSUM,
    EMPTY,
    INCOMPLETE,
    LETTERS,
    LONG,
    MALFORMED,
    NO_CHECKSUM,
    NO_SENTENCE,
    OTHER,
    SHORT,
    UNKNOWN,
    WAITING,
)
from watchfloor.formats.sensors.ais.tables import FAR, NEAR, NONE
from watchfloor.formats.sensors.ais.write import write
from watchfloor.formats.sensors.log_times import NEVER, days
from watchfloor.formats.sensors.wires.faults import faults
from watchfloor.formats.sensors.wires.lines import CHUNK, LONGEST, chunks
from watchfloor.formats.sensors.wires.notes import Notes
from watchfloor.formats.sensors.wires.rows import locators, wording

# Times of AIS messages in a file whose lines state none.
#
# A base station tells date and time every ten seconds (type 4), and a position report the second of the
# minute in which its place was found. So a file tells the time itself: the clock goes with the base stations,
# and with seconds that are up to `STEP` ahead; a report was at the moment nearest to the clock that has its
# second. That holds while lines are in their order and no gap without a base station is longer than half a
# minute.


STEP: Final = 5_000_000
"""Microseconds that one report may put the clock forward; a stale report is further off."""
STATED, NEIGHBOURS, STATIONS, BASE_TIME, UNTIMED = range(5)
"""What a message's time was taken from: its line, lines before it, base stations, a person, nothing."""
SOURCES: Final = {NEIGHBOURS: "lines before", STATIONS: "base stations", BASE_TIME: "base_time"}
"""In words, for `says`."""

_MINUTE: Final = 60_000_000


@dataclass(slots=True)
class Clock:
    """The clock of a file: microseconds since 1970, or `NEVER`, and what it was taken from."""

    now: int = NEVER
    source: int = UNTIMED


def date_messages(decoded: Decoded, clock: Clock) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """When each message was, or `NEVER`, and what says so; the clock goes on."""
    second = decoded.raw.near[NEAR.index("second")]
    told, sources, clock.now, clock.source = _tell(
        decoded.time, second, _stations(decoded), clock.now, clock.source
    )
    return told, sources


def start(decoded: Decoded) -> Clock:
    """The clock at the first message, put back from the first that tells the time."""
    second = decoded.raw.near[NEAR.index("second")]
    for source, times in ((NEIGHBOURS, decoded.time), (STATIONS, _stations(decoded))):
        known = np.flatnonzero(times != NEVER)
        if len(known):
            return Clock(int(_back(second[: known[0]], times[known[0]])), source)
    return Clock()


def _stations(decoded: Decoded) -> npt.NDArray[np.int64]:
    """The times that base stations tell."""
    told = np.full(len(decoded), NEVER)
    far = decoded.raw.far
    year = far[FAR.index("year")]
    at = np.flatnonzero((year != NONE) & (decoded.raw.type[decoded.raw.row] == 4))
    if len(at):
        fields = [far[FAR.index(name), at] for name in ("year", "month", "day", "hour", "minute")]
        row = decoded.raw.row[at]
        instants: Any = _instants  # what stubs of numba make of a star is no signature
        told[row] = instants(*fields, decoded.raw.near[NEAR.index("second"), row])
    return told


@kernel
def _instants(year: Any, month: Any, day: Any, hour: Any, minute: Any, second: Any) -> Any:
    """Microseconds since 1970 of dates and times; `NEVER` where a part is missing or impossible."""
    told = np.empty(len(year), np.int64)
    for i in range(len(year)):
        told[i] = NEVER
        date = days(year[i], month[i], day[i])
        if date != NEVER and hour[i] >= 0 and minute[i] >= 0 and 0 <= second[i] < 60:
            told[i] = (date * 86_400 + hour[i] * 3_600 + minute[i] * 60 + second[i]) * 1_000_000
    return told


@kernel
def _tell(stated: Any, second: Any, stations: Any, now: int, source: int) -> Any:
    told = stated.copy()
    sources = np.zeros(len(stated), np.uint8)
    for i in range(len(stated)):
        if stated[i] != NEVER:
            now, source = stated[i], NEIGHBOURS
            continue
        if stations[i] != NEVER and source >= STATIONS and source != BASE_TIME:
            now, source = stations[i], STATIONS
        sources[i] = source
        told[i] = now
        if now != NEVER and 0 <= second[i] < 60:
            told[i] = _nearest(now, second[i])
            if 0 < told[i] - now <= STEP:
                now = told[i]
    return told, sources, now, source


@kernel
def _back(second: Any, now: int) -> Any:
    """The clock before reports that came before `now`."""
    for i in range(len(second) - 1, -1, -1):
        if 0 <= second[i] < 60:
            told = _nearest(now, second[i])
            if 0 < now - told <= STEP:
                now = told
    return now


@kernel
def _nearest(now: int, second: int) -> Any:
    """The moment nearest to `now` that has this second."""
    told = now - now % _MINUTE + second * 1_000_000
    if told - now > _MINUTE // 2:
        return told - _MINUTE
    return told + _MINUTE if now - told > _MINUTE // 2 else told


NO_TIME: Final = 19
"""Code of a line whose message is read, but cannot be put anywhere in time."""

REASONS: Final = {
    NO_SENTENCE: "is no sentence of an AIS receiver, such as !AIVDM,1,1,,A,…,0*5C",
    LONG: f"is longer than {LONGEST:,} bytes, and so is no sentence",
    NO_CHECKSUM: "ends without a checksum: the sentence is cut off",
    CHECKSUM: "has a checksum that does not fit: the sentence was damaged on its way",
    MALFORMED: "has fields that no AIS sentence has",
    LETTERS: "has a payload with characters that stand for no bits",
    UNKNOWN: "has a message of a type that does not exist; there are types 1 to 27",
    SHORT: "has a message that ends before its sender is named",
    INCOMPLETE: "is one part of a message whose other parts did not come in time",
    NO_TIME: "does not say when it was received, and nothing before it does",
}
"""What is wrong with a line."""

NOTES: Final = {
    EMPTY: "sentences without a payload, when the receiver had nothing to say",
    OTHER: "lines that are no AIS messages, such as the receiver's own place and comments",
}
BROKEN_TAG: Final = "sentences read without their tag block, since its checksum does not fit"

_SENTENCE: Final = re.compile(rb"![A-Z][A-Z0-9]VD[MO],[1-9],[1-9],")
_OTHER: Final = re.compile(rb"[!$][A-Z]{2,4}[A-Z0-9]{1,3},[^*]{0,90}\*[0-9A-Fa-f]{2}")
_SNIFFED: Final = 40
_LINES: Final = re.compile(r"lines? (\d+)(?:-(\d+))?")


def sniff(head: Head) -> float:
    """Sure where one of the first lines holds an AIS sentence, and half of them one of NMEA."""
    found = [line for line in head.data.split(b"\n")[:_SNIFFED] if line.strip()]
    hits = sum(bool(_SENTENCE.search(line[:LONGEST])) for line in found)
    others = sum(bool(_OTHER.search(line[:LONGEST])) for line in found)
    return 0.96 if hits and 2 * others >= len(found) else 0.0


def read(
    stream: BinaryIO, name: str, base_time: datetime | None = None, size: int = CHUNK
) -> Iterator[Batch | Fault]:
    """Rows of `detection`. Raises `FormatError` for a file in which nothing tells the time.

    Args:
        stream: the file.
        name: of the file, for messages.
        base_time: when a file whose lines state no times began; base stations are then not asked.
        size: bytes that are decoded together; it changes nothing.
    """
    remembered, notes = Stream(), Notes(NOTES)
    clock = Clock(int(base_time.timestamp() * 1_000_000), BASE_TIME) if base_time else None
    for buffer in chunks(stream, size):
        decoded = decode(buffer, None, remembered)
        if clock is None and len(decoded):
            clock = start(decoded)
            if clock.now == NEVER:
                raise FormatError(_untimed(name))
        yield from _pieces(decoded, clock or Clock(), notes)
    yield from _pieces(finish(remembered), clock or Clock(), notes)
    yield from notes.faults()


def _untimed(name: str) -> str:
    return (
        f"{name} does not say when its messages were received, and no base station in its first messages"
        " tells the time. Record it with tag blocks (\\c:1790000000*5A\\!AIVDM…) or with the time before each"
        ' line, or state when it began: base_time = "2026-07-14T09:30:00Z" under its feed in feeds.toml'
        " (watchfloor track: --date)"
    )


def _pieces(decoded: Decoded, clock: Clock, notes: Notes) -> Iterator[Batch | Fault]:
    observed, sources = date_messages(decoded, clock)
    codes = decoded.codes.copy()
    timed = observed != NEVER
    codes[decoded.line[~timed]] = NO_TIME
    settled = codes != WAITING
    notes.count(decoded.lines, np.where(settled, codes, 0))
    notes.add(decoded.lines, decoded.broken & settled, BROKEN_TAG)
    if timed.any():
        where = _locators(decoded)
        clocks = wording(pa.array(sources), SOURCES) if sources.any() else None
        table = rows.rows(decoded, observed, where, clocks)
        yield Batch(DETECTION, table if timed.all() else table.filter(pa.array(timed)))
    yield from faults(decoded.lines, codes, REASONS)


def _locators(decoded: Decoded) -> pa.Array:
    """`line 7`, or `lines 7-9` of a message in several sentences."""
    first, last = decoded.lines.numbers[decoded.first], decoded.lines.numbers[decoded.line]
    one = locators(last)
    if (first == last).all():
        return one
    two = pc.binary_join_element_wise(locators(first, "lines"), pc.cast(pa.array(last), pa.string()), "-")
    return pc.if_else(first == last, one, two)


def piece(stream: BinaryIO, locator: str) -> bytes | None:
    """The lines of a message in several sentences, with those that came between them."""
    match = _LINES.fullmatch(locator)
    if not match:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    number, kept = 0, []
    for buffer in chunks(stream):
        for line in buffer.splitlines():
            number += 1
            if first <= number <= last:
                kept.append(line)
        if number >= last:
            break
    return b"\n".join(kept) or None


FORMAT: Final = Format("ais-nmea", ("detection",), sniff, read, write, piece)
