"""ASTERIX, EUROCONTROL's surveillance data exchange: what radars see, and what they say of themselves.

Read are category 048 (monoradar target reports, part 4, edition 1.32), 062 (system tracks, part 9, edition
1.21) and of 034 (monoradar service messages, part 2b, edition 1.29) north marks and the place of the radar.
The bits are read by libasterix, which has the editions' tables; what they mean is in `asterix_items`.

Reports tell the time of day and no date. In a file the first is of the date in the file's name, and each
other one of the day that puts it nearest to the one before; live it is nearest to when it was received.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib import import_module
from typing import Any, BinaryIO, Final, NamedTuple

from watchfloor.core.extras import MissingExtraError
from watchfloor.core.kinds import COVERAGE, DETECTION
from watchfloor.formats import byte_ranges
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.sensors.asterix.items import Refusal, coverage, plot, track
from watchfloor.formats.sensors.binary_rows import ReadRows, Row, moment
from watchfloor.formats.sensors.radar_sites import Code, Site, Sites
from watchfloor.formats.tabular.blocks import MAX_RAW

NAME: Final = "asterix"
DAY: Final = 86_400_000_000
"""Microseconds."""
HEADER: Final = 3
"""Bytes before the records of a block: category, and length of the block with these three."""
_AT_ONCE: Final = 1 << 18
"""Bytes of blocks whose rows make a batch."""
_EDITIONS: Final = {34: "1_29", 48: "1_32", 62: "1_21"}
_DATE: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?!\d)")


class Block(NamedTuple):
    """A data block: its category, where its records start and end, and how many bytes it lacks."""

    category: int
    start: int
    end: int
    lacks: int = 0


class Library(NamedTuple):
    """Functions of libasterix: how a record of each category is read, and what bytes are to it."""

    records: dict[int, Callable[[Any], Any]]
    bits: Callable[[bytes], Any]


class Reader:
    """Reads blocks in their order, and remembers what they said: the time, and where radars stand.

    Args:
        sites: what a person says of radars; it goes before what they say of themselves.
        day: midnight before the first report, microseconds since 1970; None where `read` is told when what it
            reads was received.

    Raises:
        FormatError: libasterix is not installed.
    """

    def __init__(self, sites: Sites | None = None, day: int | None = None) -> None:
        self.lost = False
        """Whether the last data held what cannot be told from what follows it."""
        self._library = _library()
        self._sites, self._day = sites or {}, day
        self._near: int | None = None
        self._received: datetime | None = None
        self._heard: dict[Code, Site] = {}
        self._rows: dict[str, list[Row]] = {DETECTION.name: [], COVERAGE.name: []}
        self._faults: list[Fault] = []
        self._unread: dict[int, tuple[Fault, int]] = {}

    def feed(self, data: bytes, at: int = 0, received_at: int | None = None) -> None:
        """Read whole blocks. What is cut gives its whole records, then a fault with `rest`.

        Args:
            data: the blocks.
            at: where they stand in their delivery.
            received_at: when they were received, microseconds since 1970.
        """
        if self._day is None:
            self._near = received_at
        self._received = None if received_at is None else moment(received_at)
        for block in blocks(data):
            if isinstance(block, int):
                self.lost = True
                why = "no data block starts here: its length cannot be so, and what follows cannot be found"
                self._fault(data, block, len(data), at, why, rest=True)
            elif block.category in _EDITIONS:
                self._records(data, block, at)
            else:
                self._pass(data, block, at)

    def found(self) -> ReadRows:
        """The rows and faults of what was taken since this was last called."""
        told = ReadRows(self._rows, self._faults)
        self._rows, self._faults = {DETECTION.name: [], COVERAGE.name: []}, []
        return told

    def radars(self) -> dict[Code, Site]:
        """Return the sites that radars have stated; `hear` gives them to another reader."""
        return dict(self._heard)

    def hear(self, said: Mapping[Code, Site]) -> None:
        """Take what radars have said before."""
        self._heard |= said

    def unread(self) -> Iterator[Fault]:
        """A fault for each category that is none of ours, with the first of its blocks."""
        for category, (fault, count) in sorted(self._unread.items()):
            blocks_of = "1 data block is" if count == 1 else f"{count:,} data blocks, this one first, are"
            why = f"{blocks_of} of category {category:03}, which is not read here"
            yield Fault(fault.locator, why, fault.raw)
        self._unread.clear()

    def _records(self, data: bytes, block: Block, at: int) -> None:
        parse, start = self._library.records[block.category], block.start
        left = self._library.bits(data[block.start : block.end])
        while start < block.end:
            found = parse(left)
            if isinstance(found, ValueError):
                break
            record, left = found
            end = block.end - len(left) // 8
            try:
                self._record(block.category, record, byte_ranges.locator(at + start, at + end))
            except Refusal as error:
                self._fault(data, start, end, at, str(error))
            start = end
        if block.lacks:
            why = f"the data block is cut here: {block.lacks:,} of its bytes are missing"
            if start == block.end:  # between two records: what is there of the block is its header
                self._fault(data, block.start - HEADER, block.start, at, why, rest=True)
            else:
                self._fault(data, start, block.end, at, why, rest=True)
        elif start < block.end:
            why = f"no record of category {block.category:03} can be read here, nor what follows in its block"
            self._fault(data, start, block.end, at, f"{why} ({found})")

    def _record(self, category: int, record: Any, where: str) -> None:
        if category == 34:
            found = coverage(record, self._site, self._moment)
            self._heard |= found.heard
            if found.row:
                self._rows[COVERAGE.name].append(found.row | self._placed(where))
        else:
            row = (plot if category == 48 else track)(record, self._site, self._moment)
            self._rows[DETECTION.name].append(row | self._placed(where))

    def _placed(self, where: str) -> Row:
        return {"locator": where, "received_at": self._received}

    def _pass(self, data: bytes, block: Block, at: int) -> None:
        """Count a block of a category that is not read."""
        start = block.start - HEADER
        if block.lacks:
            self._fault(data, start, block.end, at, "the data block is cut here", rest=True)
            return
        where = byte_ranges.locator(at + start, at + block.end)
        first, count = self._unread.get(block.category, (Fault(where, "", data[start : block.end]), 0))
        self._unread[block.category] = first, count + 1

    def _fault(self, data: bytes, start: int, end: int, at: int, why: str, *, rest: bool = False) -> None:
        where = byte_ranges.locator(at + start, at + end)
        self._faults.append(Fault(where, why, data[start:end][:MAX_RAW], rest))

    def _site(self, code: Code) -> Site:
        """Return a radar's site as a person states it, with its own place where that has none."""
        stated, heard = self._sites.get(code, Site()), self._heard.get(code)
        if stated.latitude is not None or heard is None:
            return stated
        place = heard.latitude, heard.longitude, heard.altitude
        return Site(*place, stated.name, stated.range_error, stated.azimuth_error)

    def _moment(self, time_of_day: float) -> datetime:
        """When a time of day was."""
        micros = round(time_of_day * 1e6)
        near = (self._day or 0) + micros if self._near is None else self._near
        found = micros + DAY * round((near - micros) / DAY)
        if self._day is not None:
            self._near = found
        return moment(found)


def blocks(data: bytes) -> Iterator[Block | int]:
    """The data blocks of some bytes; where a header is cut or its length wrong, its place and no more."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at + 1 : at + HEADER], "big")
        if len(data) - at < HEADER or size <= HEADER:
            yield at
            return
        end = min(at + size, len(data))
        yield Block(data[at], at + HEADER, end, at + size - end)
        at += size


def whole(data: bytes) -> int:
    """How many of the first bytes of a stream are whole blocks. Raises `ValueError` where there is none."""
    at = 0
    while at + HEADER <= len(data):
        size = int.from_bytes(data[at + 1 : at + HEADER], "big")
        if size <= HEADER:
            raise ValueError(f"no ASTERIX data block starts at byte {at}: its length would be {size}")
        if at + size > len(data):
            break
        at += size
    return at


TEXT: Final = bytes([9, 10, 13, *range(32, 127)])
"""A text of these may be taken for blocks: `{` and a line end are category 123 and a length."""


def sniff(head: Head) -> float:
    """Sure where blocks follow one another to the end of what is seen, most of our categories; no text."""
    if not head.data[:256].translate(None, TEXT):
        return 0.0
    found = list(blocks(head.data))
    if not found or any(isinstance(one, int) for one in found[:-1]) or isinstance(found[0], int):
        return 0.0
    seen = [one for one in found if isinstance(one, Block)]
    ours = sum(one.category in _EDITIONS for one in seen) / len(seen)
    complete = sum(not one.lacks for one in seen)
    if ours < 0.5 or not complete:
        return 0.0
    return min(0.9, 0.4 + 0.1 * complete)


def decode(data: bytes, received_at: int, reader: Reader | None = None) -> list[Batch | Fault]:
    """Rows and faults of one message, such as a datagram.

    Args:
        data: data blocks.
        received_at: microseconds since 1970; it gives reports their date, and rows their `received_at`.
        reader: a `Reader` without `day`, which knows radars and what they said before; None: a new one.

    Raises:
        FormatError: libasterix is not installed.
    """
    one = reader or Reader()
    one.feed(data, received_at=received_at)
    return [*one.found().pieces(), *one.unread()]


def read(
    stream: BinaryIO, name: str, sites: Sites | None = None, day: date | None = None
) -> Iterator[Batch | Fault]:
    """Rows and faults of a file of data blocks.

    Raises:
        FormatError: it does not begin with a block, nobody says its date, or libasterix is not installed.
    """
    data = stream.read(_AT_ONCE)
    if isinstance(next(blocks(data), 0), int):
        raise FormatError(f"{name} is no file of ASTERIX: it does not begin with a data block")
    on = day or date_in(name)
    if on is None:
        raise FormatError(
            f"{name}: ASTERIX reports tell the time of day and no date; give the file a name with the date of"
            " its first report, such as radar-2026-11-24.ast, or state base_time under its feed in feeds.toml"
            " (watchfloor track: --date)"
        )
    reader, at = (
        Reader(sites, day=int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp()) * 1_000_000),
        0,
    )
    while data and not reader.lost:
        more = stream.read(_AT_ONCE)
        used = _upto(data) if more else len(data)
        reader.feed(data[:used], at)
        yield from reader.found().pieces()
        data, at = data[used:] + more, at + used
    yield from reader.unread()


def date_in(name: str) -> date | None:
    """The first date in a file's name: `20261124`, `2026-11-24`, `2026_11_24`; None where there is none."""
    for found in _DATE.finditer(name):
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            continue
    return None


def _upto(data: bytes) -> int:
    """The bytes of whole blocks, or all, where what follows them is no block: that is for `Reader` to say."""
    try:
        return whole(data)
    except ValueError:
        return len(data)


@cache
def _library() -> Library:
    """libasterix, which is imported late, since its tables are large. Raises `FormatError` without it."""
    try:
        base, tables = import_module("asterix.base"), import_module("asterix.generated")
    except ImportError as error:
        raise FormatError(str(MissingExtraError("asterix"))) from error
    strict = base.ParsingMode.StrictParsing

    def record_of(category: int) -> Callable[[Any], Any]:
        record = getattr(tables, f"Cat_{category:03}_{_EDITIONS[category]}").cv_uap.cv_record
        return lambda bits: record.parse(strict, bits)

    return Library({category: record_of(category) for category in _EDITIONS}, base.Bits.from_bytes)


FORMAT: Final = Format(NAME, (DETECTION.name, COVERAGE.name), sniff, read, piece=byte_ranges.piece)
