"""Messages as consignments: the head's segments, then those of one consignment after the other.

Only one consignment is held, however long a manifest is. One begins at each CNI, and at each bill's RFF that
follows goods of another (a CNI may cover several bills).
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from watchfloor.formats.base import Fault
from watchfloor.formats.byte_ranges import locator
from watchfloor.formats.cargo.edifact import codes
from watchfloor.formats.cargo.edifact.envelope import Begin, End, Event
from watchfloor.formats.cargo.edifact.syntax import Segment
from watchfloor.formats.tabular.blocks import MAX_RAW

MAX_CONSIGNMENT: Final = 1 << 20
"""Bytes of a consignment; one that has more is a fault, and the next is read."""


class Head(NamedTuple):
    """A message's beginning: what comes before its first consignment."""

    begin: Begin
    segments: list[Segment]


class Group(NamedTuple):
    """One consignment of the message whose head came last."""

    segments: list[Segment]

    @property
    def where(self) -> str:
        """The bytes of it."""
        return locator(self.segments[0].start, self.segments[-1].end)

    @property
    def raw(self) -> bytes:
        """Its segments, as many as fit a fault, line by line."""
        return b"\n".join(one.raw for one in self.segments[:2000])[:MAX_RAW]


def groups(events: Iterable[Event]) -> Iterator[Head | Group | Fault | End]:
    """Heads, consignments and ends of the messages that are read; a fault for each other message."""
    head: Begin | None = None
    held: list[Segment] = []
    inside = overlong = goods = False
    for event in events:
        if isinstance(event, Segment):
            if head is None:
                continue
            if _begins(event, goods):
                if not overlong:
                    yield from _closed(head, held, inside)
                held, inside, overlong, goods = [event], True, False, False
            elif not overlong:
                held.append(event)
                goods = goods or event.tag == "GID"
                if event.end - held[0].start > MAX_CONSIGNMENT:
                    yield _too_large(head, held, inside)
                    overlong, held = True, []
                    head = head if inside else None
        elif isinstance(event, Fault):
            yield event
        elif isinstance(event, Begin):
            head, held, inside, overlong, goods = event, [], False, False, False
            if why := _refused(event):
                head = None
                yield Fault(locator(event.at.start, event.at.end), why, event.at.raw[:MAX_RAW])
        elif head is not None:
            if not overlong:
                yield from _closed(head, held, inside, whole=event.whole)
            yield event
            head, held = None, []


def _begins(one: Segment, goods: bool) -> bool:
    return one.tag == "CNI" or (goods and one.tag == "RFF" and one.element(1) in codes.BILLS)


def _too_large(head: Begin, held: list[Segment], inside: bool) -> Fault:
    """A consignment, or what precedes the first one, without which no other can be read."""
    what, rest = "this consignment", "was not read"
    if not inside:
        what, rest = f"what precedes message {head.reference}'s consignments", "the message was not read"
    group = Group(held)
    return Fault(group.where, f"{what} has more than {MAX_CONSIGNMENT:,} bytes, and {rest}", group.raw)


def _closed(
    head: Begin, held: list[Segment], inside: bool, whole: bool = True
) -> Iterator[Head | Group | Fault]:
    if inside and not whole:
        group = Group(held)
        yield Fault(group.where, "this consignment was cut off, and was not read", group.raw)
    elif inside:
        yield Group(held)
    else:
        yield Head(head, held)


def _refused(begin: Begin) -> str:
    """Why a message is not read; empty where it is."""
    if begin.of.test:
        return (
            f"message {begin.reference} is in an interchange marked as a test (UNB 0035): it declares nothing"
        )
    if begin.type not in codes.MESSAGES:
        read = ", ".join(codes.MESSAGES)
        return f"message {begin.reference} is of type {begin.type or 'none'}, which is not read; {read} are"
    return ""
