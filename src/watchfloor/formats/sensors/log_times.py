"""Times that stand beside what a receiver heard: `1700000000 !AIVDM…`, `2023-11-14T22:13:20.5Z *8D…;`.

Loggers put the time before the message or behind it, as seconds of the Unix epoch or as ISO 8601. A number is
taken for an epoch by its digits: 10 are seconds (with a fraction, where one follows), 13 milliseconds, 16
microseconds, 19 nanoseconds. So a station's number is not taken for a time. A date without a zone is UTC.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel

NEVER: Final = np.iinfo(np.int64).min
"""In place of a time that is not stated. Others are microseconds of the Unix epoch."""

REACH: Final = 64
"""Bytes in which a time is looked for."""

Bytes = npt.NDArray[np.uint8]


@kernel
def find_time(data: Bytes, start: int, end: int) -> Any:
    """The first time in `data[start:end]`, microseconds of the Unix epoch, or `NEVER`."""
    end = min(end, start + REACH)
    i = start
    while i < end:
        if not _is_digit(data[i]):
            i += 1
            continue
        stop = i
        while stop < end and _is_digit(data[stop]):
            stop += 1
        if i == start or not _is_letter(data[i - 1]):
            found = time_at(data, i, stop, end)
            if found != NEVER:
                return found
        i = stop
    return NEVER


@kernel
def time_at(data: Bytes, start: int, stop: int, end: int) -> Any:
    """The time that begins with the digits `data[start:stop]`, or `NEVER`; it ends before `end`."""
    digits = stop - start
    if digits == 4:
        return _date_time(data, start, end)
    value = np.int64(0)
    if data[start] == 48 or digits > 19:
        return NEVER
    for i in range(start, stop):
        if i - start < 16:
            value = value * 10 + (data[i] - 48)
    if digits == 10:
        return value * 1_000_000 + _fraction(data, stop, end)
    if digits == 13:
        return value * 1_000
    return value if digits == 16 or digits == 19 else NEVER


@kernel
def _date_time(data: Bytes, start: int, end: int) -> Any:
    """`2023-11-14T22:13:20.5+01:00`: `/` for `-`, a blank or a comma for `T`; seconds and zone may lack."""
    if end - start < 16:
        return NEVER
    day = _day(data, start)
    hour, minute, second, at = _number(data, start + 11, 2), _number(data, start + 14, 2), 0, start + 16
    if day == NEVER or not 0 <= hour < 24 or not 0 <= minute < 60 or data[start + 13] != 58:
        return NEVER
    fraction = np.int64(0)
    if at + 3 <= end and data[at] == 58:
        second = _number(data, at + 1, 2)
        if not 0 <= second < 61:
            return NEVER
        fraction = _fraction(data, at + 3, end)
        at += 3
        while at < end and (data[at] == 46 or _is_digit(data[at])):
            at += 1
    seconds = day * 86_400 + hour * 3_600 + minute * 60 + second - _zone(data, at, end)
    return seconds * 1_000_000 + fraction


@kernel
def _day(data: Bytes, start: int) -> Any:
    """Days since 1 January 1970 of the date at `start`, or `NEVER`; in the Gregorian calendar."""
    year, month, day = _number(data, start, 4), _number(data, start + 5, 2), _number(data, start + 8, 2)
    mark, between = data[start + 4], data[start + 10]
    if mark != data[start + 7] or (mark != 45 and mark != 47):
        return NEVER
    if between != 84 and between != 116 and between != 32 and between != 44:
        return NEVER
    return days(year, month, day)


@kernel
def days(year: int, month: int, day: int) -> Any:
    """Days from 1 January 1970 to a date of the Gregorian calendar; `NEVER` where there is no such date."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if year < 1 or not 1 <= month <= 12:
        return NEVER
    length = 31 - (month - 1) % 7 % 2 if month != 2 else 28 + leap
    if not 1 <= day <= length:
        return NEVER
    months = (month + 9) % 12  # of a year that starts in March, so that a leap day ends it
    years = year - (months >= 10)
    return 365 * years + years // 4 - years // 100 + years // 400 + (153 * months + 2) // 5 + day - 719_469


@kernel
def _zone(data: Bytes, at: int, end: int) -> Any:
    """Seconds that a zone such as `+01:00` is ahead of UTC; 0 where none is stated."""
    if at + 5 > end or (data[at] != 43 and data[at] != 45):
        return 0
    colon = data[at + 3] == 58
    if colon and at + 6 > end:
        return 0
    hours, minutes = _number(data, at + 1, 2), _number(data, at + 3 + colon, 2)
    if not 0 <= hours < 24 or not 0 <= minutes < 60:
        return 0
    return (hours * 3_600 + minutes * 60) * (1 if data[at] == 43 else -1)


@kernel
def _fraction(data: Bytes, at: int, end: int) -> Any:
    """Microseconds of the `.25` at `at`; 0 where there is none."""
    value, unit = np.int64(0), np.int64(100_000)
    if at < end and data[at] == 46:
        at += 1
        while at < end and _is_digit(data[at]):
            value += unit * (data[at] - 48)
            unit //= 10
            at += 1
    return value


@kernel
def _number(data: Bytes, at: int, digits: int) -> Any:
    """The number of so many digits at `at`; -1 where one is no digit."""
    value = 0
    for i in range(at, at + digits):
        if not _is_digit(data[i]):
            return -1
        value = value * 10 + (data[i] - 48)
    return value


@kernel
def _is_digit(byte: int) -> Any:
    return 48 <= byte <= 57


@kernel
def _is_letter(byte: int) -> Any:
    return 65 <= (byte & 0xDF) <= 90
