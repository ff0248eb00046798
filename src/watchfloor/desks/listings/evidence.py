"""What speaks for or against an identity beside the name: birth dates, and what kind of thing is named."""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple


class Birth(StrEnum):
    """How two birth dates compare."""

    SAME = "same"  # to the day
    YEAR = "year"  # the same year, and nothing finer on one of the sides
    NEAR = "near"  # a year off by one, day and month swapped, or another day of the same year
    OPEN = "open"  # missing on a side, or two years apart
    OTHER = "other"  # three years apart or more


class Day(NamedTuple):
    """A date to the precision written: month and day are 0 where it says none."""

    year: int
    month: int
    day: int


_ISO: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?")


@lru_cache(maxsize=1 << 14)
def read_date(text: str) -> Day:
    """An ISO 8601 date to the precision given: 1971, 1971-05, 1971-05-02.

    Raises:
        ValueError: another notation, or a day that does not exist.
    """
    found = _ISO.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no date such as 1971, 1971-05 or 1971-05-02")
    day = Day(*(int(part or 0) for part in found.groups()))
    try:
        date(day.year, day.month or 1, day.day or 1)
    except ValueError as error:
        raise ValueError(f"{text!r} is no date of the calendar: {error}") from error
    return day


def compare_births(asked: str | None, listed: Iterable[str]) -> tuple[Birth, str]:
    """The best comparison with any listed date, and that date. A date that cannot be read says nothing."""
    best, nearest = Birth.OPEN, ""
    if not asked:
        return best, nearest
    one = read_date(asked)
    rank = (Birth.SAME, Birth.YEAR, Birth.NEAR, Birth.OPEN, Birth.OTHER)
    found = [(rank.index(_compare(one, other)), text) for text in listed if (other := _readable(text))]
    if found:
        place, nearest = min(found)
        best = rank[place]
    return best, nearest


def _readable(text: str) -> Day | None:
    try:
        return read_date(text)
    except ValueError:
        return None


def _compare(one: Day, other: Day) -> Birth:
    apart = abs(one.year - other.year)
    if apart > 2:
        return Birth.OTHER
    if apart:
        return Birth.NEAR if apart == 1 else Birth.OPEN
    if not (one.month and other.month):
        return Birth.YEAR
    if one.month == other.month and (one.day == other.day or not (one.day and other.day)):
        return Birth.SAME if one.day and other.day else Birth.YEAR
    return Birth.NEAR


_FAMILIES: Final = {
    "person": "person",
    "organization": "body",
    "organisation": "body",
    "company": "body",
    "publicbody": "body",
    "vessel": "craft",
    "aircraft": "craft",
    "airplane": "craft",
}


def other_kind(asked: str | None, listed: str) -> bool:
    """Whether a person is asked for and a body or craft listed, or the reverse; unsaid is no mismatch."""
    one, other = _FAMILIES.get((asked or "").lower()), _FAMILIES.get(listed.lower())
    return one is not None and other is not None and one != other
