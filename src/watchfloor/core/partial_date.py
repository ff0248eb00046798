"""Dates known in part, as ISO 8601 writes them to the precision known: `1971`, `1971-05`, `1971-05-02`."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from itertools import takewhile
from typing import Final, NamedTuple


class PartialDate(NamedTuple):
    """A year, a month of it or a day; month and day are 0 where they are not known. `str` writes it."""

    year: int
    month: int = 0
    day: int = 0

    def __str__(self) -> str:
        known = (f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part))
        return "-".join(known)


_STRICT: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?)?)?", re.ASCII)
_LOOSE: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?")


class NoSuchDateError(ValueError):
    """A date of the right form that the calendar does not have."""


def read(text: str) -> PartialDate:
    """A date as `str` writes it, a day also with the midnight that databases add to it.

    Raises:
        NoSuchDateError: the calendar does not have it.
        ValueError: another notation.
    """
    return exact(text, *_parts(text, _STRICT))


@lru_cache(maxsize=1 << 14)
def read_loosely(text: str) -> PartialDate:
    """As `read`, and also with months and days of one digit, any time of day, and space around.

    A month or day of zeros is one that is not known: `1971-00-00` is 1971.

    Raises:
        NoSuchDateError, ValueError: as `read`.
    """
    year, *rest = _parts(text.strip(), _LOOSE)
    return exact(text, year, *takewhile(int, rest))


def is_written(text: str) -> bool:
    """Whether a text is a date exactly as `str` writes it."""
    try:
        return str(read(text)) == text
    except ValueError:
        return False


def _parts(text: str, form: re.Pattern[str]) -> list[str]:
    """Year, month and day as far as they are written."""
    found = form.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no date such as 1971, 1971-05 or 1971-05-02")
    return [part for part in found.groups() if part is not None]


def exact(text: str, *parts: str | int) -> PartialDate:
    """The date of a year, and a month and a day where they are known.

    Args:
        text: what they were read from, for the message.
        parts: one to three numbers.

    Raises:
        NoSuchDateError: the calendar does not have it; a month or day of 0 neither.
    """
    known = [int(part) for part in parts]
    try:
        date(*[*known, 1, 1][:3])
    except (ValueError, OverflowError) as error:
        raise NoSuchDateError(f"{text!r} is no date of the calendar: {error}") from error
    return PartialDate(*known)


_ENGLISH: Final = (
    "january february march april may june july august september october november december".split()
)
_FRENCH: Final = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)
_OTHER_SPELLINGS: Final = {
    "sept": 9,
    "janv": 1,
    "fevrier": 2,
    "févr": 2,
    "fév": 2,
    "avr": 4,
    "juil": 7,
    "aout": 8,
    "decembre": 12,
    "déc": 12,
}

MONTH_NAMES: Final[Mapping[str, int]] = {
    name: number for names in (_ENGLISH, _FRENCH) for number, name in enumerate(names, 1)
}
"""Months in full, in English and French, in lower case."""

MONTHS: Final[Mapping[str, int]] = {
    **{name[:3]: number for number, name in enumerate(_ENGLISH, 1)},
    **MONTH_NAMES,
    **_OTHER_SPELLINGS,
}
"""Months in full and as people shorten them, in lower case and without a full stop."""


def in_form(text: str, form: str) -> PartialDate | None:
    """A date in a form of `strptime`, to the precision that the form tells; None where it is not of it."""
    moment = moment_in_form(text, form)
    if moment is None:
        return None
    return PartialDate(*(moment.year, moment.month, moment.day)[: _precision(form)])


def moment_in_form(text: str, form: str) -> datetime | None:
    """A moment in a form of `strptime`, with a zone only where the form has one; None where it is not of it.

    Month names are read in English and French, whatever the machine's language; where the form has one, `1er`
    and `2nd` are 1 and 2, and the day of the week and the French article before the date are passed over.
    `p.m.` is read as `pm`.
    """
    if "%b" in form or "%B" in form:
        form = form.replace("%b", f"{_NAMED}%m").replace("%B", f"{_NAMED}%m")
        text = _ORDINAL.sub(r"\1", _WEEKDAY.sub("", text))
        text = re.sub(r"[^\W\d_]+\.?", _month_number, text)
    if "%p" in form:
        text = re.sub(r"([ap])\.m\.", r"\1m", text, flags=re.IGNORECASE)
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - the caller adds the zone
    except ValueError:
        return None


_NAMED: Final = "\x02"
"""Before the number of a month that was a name, so that the day in `3 août` is never read as the month."""
_ORDINAL: Final = re.compile(r"\b(\d{1,2})(?:er|st|nd|rd|th)\b", re.IGNORECASE)
_WEEKDAY: Final = re.compile(
    r"^(?:le\s+)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun)\b\.?"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)?,?\s+|^le\s+",
    re.IGNORECASE,
)


def _month_number(found: re.Match[str]) -> str:
    number = MONTHS.get(found[0].rstrip(".").lower())
    return f"{_NAMED}{number}" if number else found[0]


def _precision(form: str) -> int:
    """How many of year, month and day a form tells."""
    if any(code in form for code in ("%d", "%j", "%x", "%c", "%D")):
        return 3
    return 2 if any(code in form for code in ("%m", "%b", "%B")) else 1
