"""Birth dates as tables write them: the order of a column is found, and what is damaged stays comparable.

A date becomes eight characters, year, month, day, each part at least as wide as it should be. A column whose
dates say both orders is told; a pair of dates that agree with day and month exchanged is a level of its own.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from watchfloor.formats.tabular.lexicon import plain

OCR: Final = str.maketrans("OoQDlI|i!SsZzBGbgTqA", "00001111155228669794")
"""Digits that a scanner takes for letters."""

MIXED: Final = 0.1
"""Share of dates in the other order from which on a column is said to have both."""

MONTHS: Final = {
    name: at
    for at, names in enumerate(
        (
            *(
                "jan janv january janvier",
                "feb fev fevr february fevrier",
                "mar mars march",
                "apr avr april avril",
            ),
            *("may mai", "jun june juin", "jul juil july juillet", "aug aou aout august"),
            *("sep sept september septembre", "oct october octobre", "nov november novembre"),
            "dec december decembre",
        ),
        1,
    )
    for name in names.split()
}


class Dates(NamedTuple):
    """Dates of a column.

    Attributes:
        texts: eight characters or so for each value; empty where there is no date in it.
        order: `ymd`, `mdy` or `dmy`.
        mixed: whether many are in the other order.
    """

    texts: list[str]
    order: str
    mixed: bool


def read_dates(values: Sequence[str]) -> Dates:
    """Read the distinct values of a column."""
    parts = [_parts(value) for value in values]
    order, mixed = _order(parts)
    return Dates([_text(one, order) for one in parts], order, mixed)


def _parts(value: str) -> tuple[str, ...]:
    """Return the digits of a date's parts; of a solid run of digits the run."""
    value = re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", value.strip())
    named = plain(value).split()
    month = next((MONTHS[word] for word in named if word in MONTHS), 0)
    if month:
        rest = [re.sub(r"\D", "", word) for word in named if word not in MONTHS]
        rest = [word for word in rest if word]
        year = next((word for word in rest if len(word) == 4), rest[-1] if rest else "")
        day = next((word for word in rest if word != year), "")
        return (year, f"{month:02d}", day.zfill(2), "named")
    return tuple(part for part in re.split(r"[\s/.\-,_]+", value.translate(OCR)) if part)


def _order(parts: Iterable[tuple[str, ...]]) -> tuple[str, bool]:
    counts: Counter[str] = Counter()
    for one in parts:
        if len(one) == 3 and all(part.isdigit() for part in one):
            counts.update(_votes(one))
        elif len(one) == 1 and len(one[0]) == 8 and one[0].isdigit():
            (solid,) = one
            counts.update(_votes((solid[:4], solid[4:6], solid[6:])))
            counts.update(_votes((solid[:2], solid[2:4], solid[4:])))
    months, days = counts["mdy"], counts["dmy"]
    if counts["ymd"] > max(months, days, counts["either"]):
        return "ymd", False
    order = "dmy" if days > months else "mdy"
    return order, min(months, days) > MIXED * max(1, months + days)


def _votes(one: tuple[str, ...]) -> Iterable[str]:
    first, second, third = (int(part[:4]) for part in one)
    if len(one[0]) == 4 and 1850 <= first <= 2100 and second <= 12 and third <= 31:
        yield "ymd"
    elif len(one[2]) in (2, 4) and (len(one[2]) == 2 or 1850 <= third <= 2100):
        if 12 < first <= 31 and second <= 12:
            yield "dmy"
        elif first <= 12 < second <= 31:
            yield "mdy"
        elif first <= 12 and second <= 12:
            yield "either"


def _text(one: tuple[str, ...], order: str) -> str:
    if len(one) == 4:
        year, month, day, _ = one
        return year + month + day if len(year) == 4 else ""
    if len(one) == 1:
        (solid,) = one
        if len(solid) == 4:
            return solid  # a year alone
        if len(solid) < 6:
            return ""
        if order == "ymd":
            return solid
        year, first, second = solid[-4:], solid[:2], solid[2:-4]
    elif len(one) == 3:
        if len(one[0]) >= 4 and len(one[2]) < 4:
            return one[0] + one[1].zfill(2) + one[2].zfill(2)
        first, second, year = one[0].zfill(2), one[1].zfill(2), one[2]
        if len(year) == 2:
            year = ("20" if int(year) <= 30 else "19") + year if year.isdigit() else year
    elif len(one) == 2:
        return "".join(one)
    else:
        return ""
    if order == "dmy" and not (first <= "12" < second <= "31"):
        return year + second + first
    if order == "mdy" and first > "12" and second <= "12" and first <= "31":
        return year + second + first
    return year + first + second
