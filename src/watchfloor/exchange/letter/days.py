"""Days that are written in a text: in numbers, or with a month's name in English or French."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from watchfloor.exchange.letter.tokens import folded

_MONTHS: Final = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "jan feb mar apr may jun jul aug sep oct nov dec",
    )
    for number, name in enumerate(names.split(), 1)
}
_NAMED_DAY: Final = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|er)?\s+({'|'.join(_MONTHS)})\.?,?\s+(\d{{4}})\b"
    rf"|\b({'|'.join(_MONTHS)})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b"
)
_NUMBER_DAY: Final = re.compile(
    r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b|\b(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\b"
)


def days_in(line: str) -> Iterator[tuple[str, date]]:
    """Each day as it is written, and which it may be: 3/4/2026 is one of two."""
    plain = folded(line)
    for found in _NAMED_DAY.finditer(plain):
        day, month, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
        yield from _day(found[0], year, str(_MONTHS[month]), day)
    for found in _NUMBER_DAY.finditer(plain):
        if found[1]:
            yield from _day(found[0], found[1], found[2], found[3])
        else:
            yield from _day(found[0], found[6], found[5], found[4])
            yield from _day(found[0], found[6], found[4], found[5])


def _day(said: str, year: str, month: str, day: str) -> Iterator[tuple[str, date]]:
    try:
        yield said, date(int(year), int(month), int(day))
    except ValueError:
        return
