"""When a spectrum was taken, as its file writes it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_TIME: Final = re.compile(
    r"(\d{1,2}):\s*(\d{1,2})(?::\s*(\d{1,2})(?:[.,](\d{1,6})\d*)?)?\s*(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE
)
_DAY: Final = re.compile(r"(\d{4}|\d{2})[-/.]\s*(\d{1,2})[-/.]\s*(\d{1,2})(?=\D|$)")
_NAMED: Final = re.compile(r"(\d{1,2})[- ./]([A-Za-z]{3})[a-z]*[- ./,]+(\d{4})")
_MONTHS: Final = "janfebmaraprmayjunjulaugsepoctnovdec"
DATES: Final = (
    "longdate",
    "date",
    "starttimestamp",
    "datetime",
    "dateandtime",
    "acquisitiondate",
    "measured",
)
TIMES: Final = ("time", "acquisitiontime", "heure")


def moment(said: Mapping[str, str]) -> datetime | None:
    """When, in UTC; a time without a zone is taken as UTC, a day without a time as its start.

    A day is written year first, `2001/02/14` or `81/ 1/ 3` as JCAMP-DX 4.24 has it, or with its month's name;
    `05/06/2012` is either of two days and is not guessed.

    Args:
        said: values by their plain labels, letters and digits only, in lower case.
    """
    for key in DATES:
        day = said.get(key, "")
        clock = next((said[one] for one in TIMES if one in said), "") if key != "longdate" else ""
        if found := read(day, clock):
            return found
    return None


def read(day: str, clock: str = "") -> datetime | None:
    """The moment of a date, with its time in it or beside it."""
    if match := _DAY.match(day.strip()):
        year, month, date = (int(one) for one in match.groups())
        if len(match[1]) == 2:
            year += 2000 if year < 70 else 1900
    elif match := _NAMED.match(day.strip()):
        month = _MONTHS.find(match[2].lower()) // 3 + 1
        year, date = int(match[3]), int(match[1])
    else:
        return None
    time = _TIME.search(day[match.end() :]) or _TIME.search(clock)
    hour, minute, second = (int(one or 0) for one in time.groups()[:3]) if time else (0, 0, 0)
    micro = int((time[4] or "0").ljust(6, "0")) if time else 0
    try:
        made = datetime(
            year, month, date, hour, minute, second, micro, tzinfo=_zone(time[5] if time else None)
        )
        return made.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if not text or text.upper() == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        raise ValueError(f"{text!r} is no zone")
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if text[0] == "-" else ahead)
