"""Files of Cursor on Target events: in XML, one behind the other or in one element, or as TAK messages."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

import pyarrow as pa

from watchfloor.core.kinds import DETECTION, TASK
from watchfloor.formats import byte_ranges
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.sensors.cot import columns, stream, tak_out, xml_out
from watchfloor.formats.sensors.cot.stream import JUNK, LONG, REST, TAK, XML, TakenPiece
from watchfloor.formats.sensors.cot.tak_in import DATAGRAM, MAGIC

CHUNK: Final = 1 << 20
_EVENT: Final = re.compile(rb"<event\s[^>]*\b(?:uid|type|how|stale)\s*=")
_MARK: Final = b"\xef\xbb\xbf"


def sniff(head: Head) -> float:
    """Sure of an element `event` with the attributes of one, and of a message of the TAK protocol."""
    data = head.data.removeprefix(_MARK)
    if data[:1] == bytes((MAGIC,)):
        found = list(stream.taken(0, data, 0, None))
        whole = [piece for piece in found if piece.what == TAK]
        tables, faults = stream.rows(whole)
        return 0.9 if whole and not faults and (tables or len(whole) > 1) else 0.0
    return 0.9 if data.lstrip()[:1] == b"<" and _EVENT.search(data) else 0.0


def read(file: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows and faults. Raises `FormatError` for a file that does not begin with an event."""
    at, data, begun = 0, file.read(CHUNK).removeprefix(_MARK), False
    if not data.strip():
        raise FormatError(f"{name} is empty, where Cursor on Target events were expected")
    while data:
        more = b"" if data.startswith(DATAGRAM) and not begun else file.read(CHUNK)
        found = list(stream.taken(0, data, at, None))
        rest = found.pop() if found and found[-1].what == REST and more else None
        if not begun:
            _begins(found, rest, name)
            begun = bool(found)
        tables, faults = stream.rows(found)
        yield from (Batch(DETECTION, table) for table, _ in tables)
        yield from (fault for _, fault in faults)
        left = rest.raw if rest else b""
        at += len(data) - len(left)
        data = left + more


def _begins(found: list[TakenPiece], rest: TakenPiece | None, name: str) -> None:
    """Whether a file begins with an event, as far as can be seen."""
    if found and found[0].what in (JUNK, LONG, REST):
        raise FormatError(f"{name} is no file of Cursor on Target events: {stream.SAID[found[0].what]}")
    if found and found[0].what == XML and not any(b"<event" in one.raw for one in found):
        raise FormatError(f"{name} is XML without an element <event>, which Cursor on Target events are")
    if not found and rest is None:
        raise FormatError(f"{name} holds no Cursor on Target event")


def write(batches: Iterable[Batch], file: BinaryIO) -> None:
    """Rows of `detection` and `task` in XML. Raises `ValueError` as `events` does."""
    file.writelines(xml_out.stream(events(batch)) for batch in batches)


def write_tak(batches: Iterable[Batch], file: BinaryIO) -> None:
    """The same as messages of the TAK protocol, each behind its length."""
    file.writelines(tak_out.stream(events(batch)) for batch in batches)


def events(batch: Batch) -> pa.Table:
    """Rows of a batch as events, see `columns`. Raises `ValueError` for other kinds, and placeless tasks."""
    if batch.kind is DETECTION:
        return columns.of_detections(batch.rows)
    if batch.kind is TASK:
        return columns.of_tasks(batch.rows)
    raise ValueError(f"Cursor on Target has no event for {batch.kind.name} rows; it has detections and tasks")


FORMAT: Final = Format("cot", ("detection",), sniff, read, write, byte_ranges.piece)
