"""EDIFACT about goods as a format: ITMATT, CUSITM, CUSRSP and CUSCAR messages of one file, in any order."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, Format, Head
from watchfloor.formats.byte_ranges import locator, piece
from watchfloor.formats.cargo import manifests
from watchfloor.formats.cargo.edifact import codes
from watchfloor.formats.cargo.edifact.declared import declared, identity
from watchfloor.formats.cargo.edifact.envelope import events
from watchfloor.formats.cargo.edifact.groups import Group, groups
from watchfloor.formats.cargo.edifact.groups import Head as Start
from watchfloor.formats.cargo.edifact.message import Message, code_of, list_of, partly
from watchfloor.formats.cargo.edifact.readers import draft_of
from watchfloor.formats.cargo.manifests import Row, batches
from watchfloor.formats.record_splitter import LINES


def sniff(head: Head) -> float:
    """Sure where an interchange begins and a message of a type that is read; less where only the first."""
    start = head.data[:HEAD_BYTES].lstrip(b"\xef\xbb\xbf \r\n\t").translate(None, LINES)
    if not start.startswith((b"UNA", b"UNB")) or b"UNB" not in start[:16] or b"UNH" not in start:
        return 0.0
    return 0.96 if any(one.encode() in start for one in codes.MESSAGES) else 0.5


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
            make = answered if message.begin.type in codes.ANSWERS else declared
            yield from make(message, one)
        else:
            begin = message.begin
            where = locator(begin.at.start, begin.at.end)
            if one.whole:
                yield from message.tally.faults(f"message {begin.reference}", where, "consignment (CNI)")
            message = None


def _message(start: Start) -> Message:
    named = next((one for one in start.segments if one.tag == "BGM"), None)
    message = Message(start.begin, draft_of(start.segments), named.element(3) if named else "")
    message.head.number = named.element(2) if named else ""
    message.meet(message.head)
    return message


FORMAT: Final = Format("edifact", ("declaration", "party", "response"), sniff, read, piece=piece)


# Rows of `response` from customs' answers to postal items (CUSRSP).
#
# An item's answer is its processing indicator (GIS or GEI, data element 7365) by UN/EDIFACT's own code list.
# The UPU's list of treatments is not public: a code of that list, or of any list that the indicator names
# (1131), is a fault, and no answer is guessed.


def answered(message: Message, group: Group) -> Iterator[Row | Fault]:
    """The answers of an item; a fault where it has none that is known."""
    draft = message.draft(group)
    try:
        key, document, _ = identity(message, draft)
        at = message.at
    except ValueError as error:
        yield Fault(group.where, str(error), group.raw)
        return
    yield from (partly(one, why) for one, why in draft.notes)
    if not draft.indicators:
        yield Fault(group.where, f"{document} has no answer: neither GIS nor GEI", group.raw)
    why = manifests.line(draft.texts) or None
    for one in draft.indicators:
        code = code_of(one)
        if own := list_of(one):
            reason = f"{document} has the answer {code!r} of the code list {own!r}, which is not known"
            yield Fault(group.where, reason, group.raw)
            continue
        if code not in codes.ANSWER:
            known = ", ".join(codes.ANSWER)
            yield Fault(
                group.where, f"{document} has the answer {code!r}, which is not known; {known} are", group.raw
            )
            continue
        yield Row(
            "response",
            {
                "report_key": f"{document}:{message.head.number or message.begin.reference}:{code}",
                "origins": [],
                "observed_at": at,
                "locator": group.where,
                "subject": key,
                "document": document,
                "answer": codes.ANSWER[code],
                "code": code,
                "why": why,
                "by": message.begin.of.sender or None,
            },
        )
