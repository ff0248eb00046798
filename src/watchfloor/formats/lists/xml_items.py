"""Items of an XML list with their elements: from element to row, and from a row's locator to its element.

A locator names an item by its publisher's number, and where a file gives a number twice, by how often it has
come: `item 7`, `item 7 (2)`. So each locator of a file names one element.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from typing import BinaryIO, NamedTuple

from lxml import etree

from watchfloor.formats.base import Batch, Fault, FormatError
from watchfloor.formats.lists.listing_rows import Item, batches
from watchfloor.formats.lists.sanctions_entry import Entry, Publisher, item
from watchfloor.formats.xml_limits import RAW_BYTES


class FoundItem(NamedTuple):
    """An item, or what is wrong with it, and its element; None where a fault is about the file."""

    element: etree._Element | None
    piece: Item | Fault


def readers(
    items: Callable[[BinaryIO, str], Iterator[FoundItem]],
) -> tuple[Callable[[BinaryIO, str], Iterator[Batch | Fault]], Callable[[BinaryIO, str], bytes | None]]:
    """Return the reader of a list and the finder of a piece of it, from what yields the items of a file."""
    return (
        lambda stream, file: rows(items(stream, file)),
        lambda stream, locator: piece_at(items(stream, "the delivery"), locator),
    )


def entry_of(
    element: etree._Element, of: Publisher, number: str, published: date | None, make: Callable[[], Entry]
) -> FoundItem:
    """Return the item of an element's entry, or the fault that says why it is none."""
    where = f"item {number or '?'}"
    try:
        return FoundItem(element, item(of, make(), published, where))
    except ValueError as error:
        return FoundItem(element, fault(element, where, str(error)))


def rows(found: Iterator[FoundItem]) -> Iterator[Batch | Fault]:
    """The items as `listing` rows."""
    return batches(one.piece for one in told_apart(found))


def piece_at(found: Iterator[FoundItem], locator: str) -> bytes | None:
    """The element that a locator names, as the parser writes it, or None."""
    try:
        for element, piece in told_apart(found):
            if piece.locator == locator and element is not None:
                return etree.tostring(element, encoding="utf-8", with_tail=False)
    except FormatError:  # the file was refused from here on
        pass
    return None


def told_apart(found: Iterator[FoundItem]) -> Iterator[FoundItem]:
    """The same, with each locator once."""
    names = _Names()
    for element, piece in found:
        yield FoundItem(element, piece if element is None else _renamed(piece, names.own(piece.locator)))


class _Names:
    """Locators of a file so far: a number of 56 bits stands for each, since a list may have a million."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._often: dict[str, int] = {}

    def own(self, locator: str) -> str:
        """The locator itself the first time, then with how often it has come."""
        if self._is_new(locator):
            return locator
        count = self._often.get(locator, 1) + 1
        while not self._is_new(name := f"{locator} ({count})"):  # an id may look like that by itself
            count += 1
        self._often[locator] = count
        return name

    def _is_new(self, locator: str) -> bool:
        number = int.from_bytes(blake2b(locator.encode(), digest_size=7).digest())
        before = len(self._seen)
        self._seen.add(number)
        return len(self._seen) > before


def _renamed(piece: Item | Fault, locator: str) -> Item | Fault:
    if isinstance(piece, Fault):
        return replace(piece, locator=locator)
    piece.locator = locator
    return piece


def fault(element: etree._Element, locator: str, reason: str) -> Fault:
    """An element that is no item."""
    return Fault(locator, reason, etree.tostring(element, with_tail=False)[:RAW_BYTES])
