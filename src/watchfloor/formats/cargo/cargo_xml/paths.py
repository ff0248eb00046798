"""Texts of elements by paths of local names."""

from datetime import UTC, datetime
from functools import cache

from lxml import etree

from watchfloor.formats.xml_limits import text_of


@cache
def _anywhere(path: str) -> str:
    """The path with names of any namespace."""
    return "/".join(f"{{*}}{name}" for name in path.split("/"))


def at(element: etree._Element, path: str) -> list[etree._Element]:
    """The elements at a path of local names, `OriginLocation/ID`."""
    return element.findall(_anywhere(path))


def texts(element: etree._Element, path: str) -> list[str]:
    """Their texts, without the empty ones."""
    return [text for one in at(element, path) if (text := text_of(one))]


def text(element: etree._Element, path: str) -> str:
    """The text of the first; empty where there is none."""
    return text_of(first(element, path))


def first(element: etree._Element, path: str) -> etree._Element | None:
    """The first element at a path."""
    return element.find(_anywhere(path))


def moment(said: str) -> datetime | None:
    """A moment of ISO 8601 in 1970 to 2199, in UTC where it names no zone; None for no text.

    Raises `ValueError` for another text.
    """
    if not said:
        return None
    try:
        found = datetime.fromisoformat(said)
        if not 1970 <= found.year <= 2199:
            raise ValueError
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{said!r} is no moment of 1970 to 2199 such as 2026-11-20T14:03:00") from error
