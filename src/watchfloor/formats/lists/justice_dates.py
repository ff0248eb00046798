"""Birth dates in the prose of Canadian schedules, in English and French."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from watchfloor.core.partial_date import MONTH_NAMES, is_written

_MONTH: Final = "|".join(MONTH_NAMES)
_BIRTH: Final = re.compile(r"\s*(?:born|née?|date of birth|date de naissance)\b", re.IGNORECASE)
_ENGLISH: Final = re.compile(
    rf"\b({_MONTH})\s+(\d{{1,2}})(?:\s+or\s+(\d{{1,2}}))?,?\s+(\d{{4}})\b", re.IGNORECASE
)
_FRENCH: Final = re.compile(
    rf"\b(\d{{1,2}})(?:er)?(?:\s+ou\s+(\d{{1,2}})(?:er)?)?\s+({_MONTH})\s+(\d{{4}})\b", re.IGNORECASE
)
_MONTH_YEAR: Final = re.compile(rf"\b({_MONTH})\s+(\d{{4}})\b", re.IGNORECASE)
_YEAR: Final = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
_FILLER: Final = re.compile(r"[\s,:;/.()–-]|\b(?:on|in|or|le|en|ou)\b", re.IGNORECASE)


def is_birth(text: str) -> bool:
    """Whether a bracket's text says when somebody was born."""
    return bool(_BIRTH.match(text))


def birth_dates(text: str) -> tuple[list[str], bool]:
    """ISO 8601 dates to the precision published, and whether the text says more than they do ("circa").

    A day that does not exist is no date: the text then says more.
    """
    found: list[str] = []
    rest = _BIRTH.sub("", text, count=1)
    for pattern, read in _PATTERNS:
        for match in pattern.finditer(rest):
            found.extend(read(match))
        rest = pattern.sub(" ", rest)
    wrong = [date for date in found if not is_written(date)]
    good = [date for date in found if date not in wrong]
    return good, bool(wrong or _FILLER.sub("", rest))


def _english(match: re.Match[str]) -> Iterator[str]:
    month, first, second, year = match.groups()
    yield from _days(year, month, first, second)


def _french(match: re.Match[str]) -> Iterator[str]:
    first, second, month, year = match.groups()
    yield from _days(year, month, first, second)


def _days(year: str, month: str, *days: str | None) -> Iterator[str]:
    for day in filter(None, days):
        yield f"{year}-{MONTH_NAMES[month.lower()]:02}-{int(day):02}"


def _month_year(match: re.Match[str]) -> Iterator[str]:
    yield f"{match[2]}-{MONTH_NAMES[match[1].lower()]:02}"


def _year(match: re.Match[str]) -> Iterator[str]:
    yield match[1]


_PATTERNS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Iterator[str]]], ...]] = (
    (_ENGLISH, _english),
    (_FRENCH, _french),
    (_MONTH_YEAR, _month_year),
    (_YEAR, _year),
)
