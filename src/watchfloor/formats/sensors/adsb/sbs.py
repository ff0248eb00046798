"""ADS-B as BaseStation text (SBS-1, port 30003): a line of 22 cells a message, places already resolved.

Lines `MSG` are read, those of the program's own doings (`SEL`, `ID`, `AIR`, `STA`, `CLK`) only counted. A
message was when its line says it was made, which is read as UTC: set the receiver's computer to that.
Altitude is pressure altitude. How exact a place is the text does not say.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from watchfloor.core.kernels import kernel
from watchfloor.core.kinds import DETECTION
from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.sensors.adsb.rows import FOOT_A_MINUTE
from watchfloor.formats.sensors.adsb.tables import ALARM, ON_GROUND
from watchfloor.formats.sensors.log_times import NEVER, find_time
from watchfloor.formats.sensors.wires.arrow_columns import moments
from watchfloor.formats.sensors.wires.faults import faults
from watchfloor.formats.sensors.wires.lines import CHUNK, LONGEST, Bytes, Ints, Lines, chunks, lines
from watchfloor.formats.sensors.wires.notes import Notes
from watchfloor.formats.sensors.wires.rows import FOOT, KNOT, detections, locators, only, says

CELLS: Final = (
    *("line", "message", "session", "aircraft", "address", "flight", "made_on", "made_at", "logged_on"),
    *("logged_at", "callsign", "altitude", "speed", "course", "latitude", "longitude", "climb", "squawk"),
    *("alert", "emergency", "ident", "ground"),
)
"""What the cells of a line are."""

BLANK, MESSAGE, OTHER = 0, 1, 2
FAULT: Final = 10
NO_MESSAGE, CELL_COUNT, CELL, NO_TIME = range(FAULT, 14)
REASONS: Final = {
    NO_MESSAGE: "is no line of BaseStation text, such as MSG,3,1,1,C0FFEE,1,2026/07/14,09:30:00.000,…",
    CELL_COUNT: f"is a MSG line without {len(CELLS)} cells",
    CELL: "has a cell that cannot be read: an address, a number, or a place that is nowhere on Earth",
    NO_TIME: "does not say when its message was made",
}
NOTES: Final = {OTHER: "lines about the receiving program's own doings (SEL, ID, AIR, STA, CLK)"}

_OTHERS: Final = (b"SEL,", b"ID,", b"AIR,", b"STA,", b"CLK,")
_NUMBERS: Final = ("altitude", "speed", "course", "latitude", "longitude", "climb")
_NUMBER: Final = r"^[+-]?\d{1,9}(\.\d{1,9})?$"
_ADDRESS: Final = r"^~?[0-9A-Fa-f]{6}$"
_SNIFFED: Final = 40
_NEWLINE: Final = 10


def sniff(head: Head) -> float:
    """Sure where most of the first lines are MSG lines of 22 cells, or of the program's own doings."""
    found = [line for line in head.data.split(b"\n")[:_SNIFFED] if line.strip()]
    hits = [line for line in found if line.startswith(b"MSG,") and line.count(b",") == len(CELLS) - 1]
    others = sum(line.startswith(_OTHERS) for line in found)
    return 0.95 if hits and 2 * (len(hits) + others) >= len(found) else 0.0


def read(stream: BinaryIO, name: str, size: int = CHUNK) -> Iterator[Batch | Fault]:  # noqa: ARG001 - a reader's
    """Rows of `detection`. `size` is how many bytes are read together; it changes nothing."""
    notes, number = Notes(NOTES), 1
    for buffer in chunks(stream, size):
        told = lines(buffer, number, None)
        number += len(told)
        codes, rows, of = decode(told)
        if rows.num_rows:
            yield Batch(DETECTION, located(rows, told, of))
        notes.count(told, codes)
        yield from faults(told, codes, REASONS)
    yield from notes.faults()


def located(rows: pa.Table, told: Lines, of: Ints) -> pa.Table:
    """Rows with their locators."""
    at = rows.schema.get_field_index("locator")
    return rows.set_column(at, rows.schema.field(at), locators(told.numbers[of]))


def decode(told: Lines) -> tuple[npt.NDArray[np.uint8], pa.Table, Ints]:
    """Codes of the lines, rows without locators, and of each row its line.

    A line that states no time is of its receipt, where that is known.
    """
    codes, time, ends = _survey(told.data, told.starts, told.ends)
    time = np.where(time == NEVER, told.received, time)
    codes[(codes == MESSAGE) & (time == NEVER)] = NO_TIME
    at = np.flatnonzero(codes == MESSAGE)
    if not len(at):
        return codes, DETECTION.body.empty_table(), at
    cells = _cells(told.data, told.starts[at], ends[at])
    values = {name: _numbers(cells[name]) for name in _NUMBERS}
    wrong = _wrong(cells, values)
    codes[at[wrong]] = CELL
    rows = _rows(cells, values, time[at], told.received[at])
    return codes, rows.filter(pa.array(~wrong)), at[~wrong]


@kernel
def _survey(data: Bytes, starts: Ints, ends: Ints) -> Any:
    """A code of each line, the time that it states, and where it ends without blanks."""
    count = starts.shape[0]
    codes, time, lasts = np.zeros(count, np.uint8), np.empty(count, np.int64), np.empty(count, np.int64)
    for line in range(count):
        start, end = starts[line], ends[line]
        time[line] = NEVER
        while end > start and data[end - 1] <= 32:
            end -= 1
        lasts[line] = end
        if end == start:
            continue
        commas, sixth, plain = 0, end, end - start <= LONGEST
        for i in range(start, min(end, start + LONGEST)):
            plain = plain and 32 <= data[i] < 127 and data[i] != 34
            if data[i] == 44:
                commas += 1
                sixth = i + 1 if commas == 6 else sixth
        codes[line] = NO_MESSAGE
        if plain and end - start >= 4:
            codes[line] = _sort_of(data, start)
        if codes[line] == MESSAGE and commas != len(CELLS) - 1:
            codes[line] = CELL_COUNT
        if codes[line] == MESSAGE:
            time[line] = find_time(data, sixth, end)
    return codes, time, lasts


@kernel(inline="always")
def _sort_of(data: Bytes, start: int) -> Any:
    """`MESSAGE` for `MSG,`, `OTHER` for the other lines of BaseStation, else `NO_MESSAGE`."""
    a, b, c, d = data[start], data[start + 1], data[start + 2], data[start + 3]
    if a == 77 and b == 83 and c == 71 and d == 44:
        return MESSAGE
    if a == 73 and b == 68 and c == 44:
        return OTHER
    known = (a == 83 and (b == 69 or b == 84)) or (a == 65 and b == 73) or (a == 67 and b == 76)
    return OTHER if known and d == 44 else NO_MESSAGE


def _cells(data: Bytes, starts: Ints, ends: Ints) -> pa.Table:
    """The cells of some lines as texts; an empty one is null."""
    ended = data.copy()
    ended[ends] = _NEWLINE
    step = np.zeros(len(data) + 1, np.int8)
    step[starts] = 1
    step[ends + 1] -= 1
    block = ended[np.cumsum(step[:-1], dtype=np.int8) > 0].tobytes()
    return csv.read_csv(
        pa.BufferReader(block),
        csv.ReadOptions(column_names=list(CELLS), block_size=len(block) + 1, use_threads=False),
        csv.ParseOptions(quote_char=False),
        csv.ConvertOptions(
            column_types=dict.fromkeys(CELLS, pa.string()), null_values=[""], strings_can_be_null=True
        ),
    ).combine_chunks()


def _numbers(cells: pa.ChunkedArray) -> pa.Array:
    """Numbers; what is none is null."""
    trimmed = pc.ascii_trim_whitespace(cells.combine_chunks())
    return pc.cast(only(trimmed, pc.match_substring_regex(trimmed, _NUMBER)), pa.float64())


def _wrong(cells: pa.Table, values: dict[str, pa.Array]) -> npt.NDArray[np.bool_]:
    """Lines with a cell that cannot be read."""
    wrong = np.asarray(
        pc.invert(pc.fill_null(pc.match_substring_regex(cells["address"], _ADDRESS), False))
    ).astype(np.bool_)
    for name, column in values.items():
        stated = pc.greater(pc.utf8_length(pc.ascii_trim_whitespace(pc.fill_null(cells[name], ""))), 0)
        wrong |= np.asarray(stated) & np.asarray(column.is_null())
    for name, most in (("latitude", 90.0), ("longitude", 180.0)):
        wrong |= np.abs(np.nan_to_num(np.asarray(values[name].to_numpy(zero_copy_only=False)))) > most
    return wrong


def _rows(cells: pa.Table, values: dict[str, pa.Array], time: Ints, received: Ints) -> pa.Table:
    column = {name: cells[name].combine_chunks() for name in CELLS}
    address = pc.utf8_lower(column["address"])
    own = pc.and_(
        pc.invert(pc.starts_with(address, "~")),
        pc.invert(pc.is_in(address, pa.array(["000000", "ffffff"]))),
    )
    placed = pc.and_(values["latitude"].is_valid(), values["longitude"].is_valid())
    callsign = pc.ascii_trim_whitespace(column["callsign"])
    altitude = pc.multiply(values["altitude"], FOOT)
    ground, emergency = (_set(column[name]) for name in ("ground", "emergency"))
    status = pc.if_else(emergency, ALARM, pc.if_else(ground, ON_GROUND, pa.scalar(None, pa.string())))
    return detections(
        {
            "locator": pa.repeat("", len(time)),
            "observed_at": moments(time),
            "received_at": moments(received),
            "latitude": only(values["latitude"], placed),
            "longitude": only(values["longitude"], placed),
            "altitude": altitude,
            "speed": pc.multiply(values["speed"], KNOT),
            "course": values["course"],
            "climb": pc.multiply(values["climb"], FOOT_A_MINUTE),
            "class": pa.repeat("aircraft", len(time)),
            "claimed": only(pc.binary_join_element_wise("aircraft:icao24:", address, ""), own),
            "name": only(callsign, pc.not_equal(callsign, "")),
            "status": status,
            "says": says(
                {
                    "message": pc.ascii_trim_whitespace(column["message"]),
                    "address": only(pc.utf8_upper(address), pc.invert(own)),
                    "altitude_from": only(pa.scalar("pressure"), altitude.is_valid()),
                    "pressure_altitude": pc.round(altitude, 1),
                    "squawk": pc.ascii_trim_whitespace(column["squawk"]),
                    "ident": only(pa.scalar(True), _set(column["ident"])),
                },
                len(time),
            ),
        },
        len(time),
    )


def _set(cells: pa.Array) -> pa.Array:
    """Whether a mark is set: -1, or 1."""
    return pc.fill_null(pc.is_in(pc.ascii_trim_whitespace(cells), pa.array(["-1", "1"])), False)


FORMAT: Final = Format("adsb-sbs", ("detection",), sniff, read)
