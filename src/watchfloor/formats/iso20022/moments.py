"""When payments were: dates and moments of ISO 20022 (`ISODate`, `ISODateTime`) as instants."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.iso20022.columns import buffers, checked, mask
from watchfloor.formats.iso20022.keys import Wrong
from watchfloor.formats.iso20022.raw import Texted
from watchfloor.records.kernels import kernel
from watchfloor.records.kinds import INSTANT

_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)T(?:24:00:00(?:\.0+)?|(\d\d:\d\d:\d\d)(?:(\.\d{1,6})\d*)?)(Z|[+-]\d\d:\d\d)?", re.ASCII
)


def moments(texts: Texted) -> tuple[pa.Array, Wrong]:
    """When each payment was, and of which there is no telling."""
    accepted, wrong = _instants(texts["accepted"])
    made, unmade = _instants(texts["created"])
    settled, unsettled = checked(texts["settled"], _midnight, INSTANT)
    same = pc.equal(pc.floor_temporal(made, unit="day"), settled)
    when = pc.coalesce(accepted, pc.if_else(pc.fill_null(same, False), made, None), settled, made)
    bad = unmade | unsettled | wrong
    if when.null_count:
        missing = np.flatnonzero(~mask(pc.is_valid(when))).tolist()
        bad |= {
            row: "there is no date of settlement, booking or creation" for row in missing if row not in bad
        }
    return when, bad


def _instants(texts: pa.Array) -> tuple[pa.Array, Wrong]:
    """Moments by the column; a kernel reads what is plainly written, `instant` the rest."""
    if texts.null_count == len(texts):
        return pa.nulls(len(texts), INSTANT), {}
    micros, plain = _plain(*buffers(texts))
    if plain.all():
        return pa.Array.from_buffers(INSTANT, len(texts), [None, pa.py_buffer(micros)]), {}
    given = pa.array(plain)
    found, wrong = checked(pc.if_else(given, None, texts), instant, INSTANT)
    return pc.if_else(given, pa.array(micros).cast(INSTANT), found), wrong


@kernel
def _plain(ends: Any, data: Any) -> Any:
    """Microseconds since 1970 of `2026-11-24T10:30:00Z` or without a zone, and which are so written."""
    micros, plain = np.zeros(len(ends) - 1, np.int64), np.zeros(len(ends) - 1, np.bool_)
    lengths = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    for row in range(len(plain)):
        start, size = ends[row], ends[row + 1] - ends[row]
        if size != 19 and not (size == 20 and data[start + 19] == 90):
            continue
        values = np.zeros(6, np.int64)
        part, good = 0, True
        for i in range(19):
            byte = int(data[start + i])
            if i == 4 or i == 7:
                good &= byte == 45
                part += 1
            elif i == 10:
                good &= byte == 84
                part += 1
            elif i == 13 or i == 16:
                good &= byte == 58
                part += 1
            else:
                good &= 48 <= byte <= 57
                values[part] = values[part] * 10 + byte - 48
        year, month, day, hour, minute, second = values
        if not good or year < 1 or not 1 <= month <= 12 or day < 1 or hour > 23 or minute > 59 or second > 59:
            continue
        leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        if day > lengths[month] + leap:
            continue
        # days since 1970 in the proleptic Gregorian calendar, the year beginning in March
        y = year - (month <= 2)
        days = 365 * y + y // 4 - y // 100 + y // 400 + (153 * ((month + 9) % 12) + 2) // 5 + day - 719_469
        micros[row] = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000
        plain[row] = True
    return micros, plain


def instant(text: str) -> datetime:
    """A moment of `ISODateTime`, in UTC. Raises `ValueError` where there is none."""
    match = _MOMENT.fullmatch(text)
    try:
        if not match:
            return _midnight(text)
        day = date.fromisoformat(match[1])
        if match[2] is None:
            at = datetime.combine(day, time()) + timedelta(days=1)
        else:
            at = datetime.fromisoformat(
                f"{day}T{match[2]}{(match[3] or '').ljust(7, '0') if match[3] else ''}"
            )
        zone = (
            datetime.fromisoformat(f"2000-01-01T00:00:00{match[4].replace('Z', '+00:00')}").tzinfo
            if match[4]
            else UTC
        )
        return at.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no moment such as 2026-11-24T10:30:00Z") from error


def _midnight(text: str) -> datetime:
    """The start of a day of `ISODate`, in UTC. Raises `ValueError` where there is none."""
    match = _DAY.fullmatch(text)
    try:
        return datetime.combine(date.fromisoformat(match[1] if match else ""), time(), UTC)
    except ValueError as error:
        raise ValueError(f"{text!r} is no date such as 2026-11-24") from error
