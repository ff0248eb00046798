"""Evidence on an identity beside the name: birth dates, and what kind of thing is named."""

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from watchfloor.core.partial_date import PartialDate, read_loosely
from watchfloor.core.schemas import family


class Birth(StrEnum):
    """How two birth dates compare."""

    SAME = "same"  # to the day
    YEAR = "year"  # the same year, and nothing finer on one of the sides
    NEAR = "near"  # a year off by one, day and month swapped, or another day of the same year
    OPEN = "open"  # missing on a side, or two years apart
    OTHER = "other"  # three years apart or more


_RANK = tuple(Birth)
_PLACE = {birth: place for place, birth in enumerate(_RANK)}


def compare_births(asked: str | None, listed: Iterable[str]) -> tuple[Birth, str]:
    """The best comparison with any listed date, and that date. A date that cannot be read says nothing."""
    best, nearest = Birth.OPEN, ""
    if not asked:
        return best, nearest
    one = read_loosely(asked)
    found = [(_PLACE[_compare(one, other)], text) for text in listed if (other := _readable(text))]
    if found:
        place, nearest = min(found)
        best = _RANK[place]
    return best, nearest


@lru_cache(maxsize=1 << 14)
def _readable(text: str) -> PartialDate | None:
    try:
        return read_loosely(text)
    except ValueError:
        return None


def _compare(one: PartialDate, other: PartialDate) -> Birth:
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


def other_kind(asked: str | None, listed: str) -> bool:
    """Whether a person is asked for and a body or craft listed, or the reverse; unsaid is no mismatch."""
    one, other = family(asked), family(listed)
    return one is not None and other is not None and one != other
