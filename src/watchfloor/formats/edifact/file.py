"""EDIFACT about goods as a format: ITMATT, CUSITM, CUSRSP and CUSCAR messages of one file, in any order."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, Format, Head
from watchfloor.formats.byte_ranges import locator, piece
from watchfloor.formats.edifact import words
from watchfloor.formats.edifact.answers import answered
from watchfloor.formats.edifact.declared import declared
from watchfloor.formats.edifact.envelope import events
from watchfloor.formats.edifact.groups import Group, groups
from watchfloor.formats.edifact.groups import Head as Start
from watchfloor.formats.edifact.message import Message, partly
from watchfloor.formats.edifact.readers import draft_of
from watchfloor.formats.manifests import Row, batches
from watchfloor.formats.record_splitter import LINES


def sniff(head: Head) -> float:
    """Sure where an interchange begins and a message of a type that is read; less where only the first."""
    start = head.data[:HEAD_BYTES].lstrip(b"\xef\xbb\xbf \r\n\t").translate(None, LINES)
    if not start.startswith((b"UNA", b"UNB")) or b"UNB" not in start[:16] or b"UNH" not in start:
        return 0.0
    return 0.96 if any(one.encode() in start for one in words.MESSAGES) else 0.5


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `declaration`, `party` and `response`. Raises `FormatError` where no interchange begins."""
    yield from batches(_rows(stream, name))


def _rows(stream: BinaryIO, name: str) -> Iterator[Row | Fault]:
    message: Message | None = None
    for one in groups(events(stream, name)):
        if isinstance(one, Fault):
            if message and not one.partly:
                message.tally.damaged = True
            yield one
        elif isinstance(one, Start):
            message = _message(one)
            yield from (partly(at, why) for at, why in message.head.notes)
        elif message is None:
            continue
        elif isinstance(one, Group):
            make = answered if message.begin.type in words.ANSWERS else declared
            yield from make(message, one)
        else:
            begin = message.begin
            where = locator(begin.at.start, begin.at.end)
            if one.whole:
                yield from message.tally.told(f"message {begin.reference}", where, "consignment (CNI)")
            message = None


def _message(start: Start) -> Message:
    named = next((one for one in start.segments if one.tag == "BGM"), None)
    message = Message(start.begin, draft_of(start.segments), named.of(3) if named else "")
    message.head.number = named.of(2) if named else ""
    message.meet(message.head)
    return message


FORMAT: Final = Format("edifact", ("declaration", "party", "response"), sniff, read, piece=piece)
