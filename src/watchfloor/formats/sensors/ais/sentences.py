"""Sentences of AIS receivers in a buffer of lines: found, checked, and cut into their fields.

A sentence is `!AIVDM,total,part,sequence,channel,payload,fill*checksum` (IEC 61162-1; any talker, VDM or
VDO). Before it may stand a tag block, `\\s:source,c:time,g:part-total-group*checksum\\` (NMEA 0183 v4.10,
section 7), or a logger's time, see `watchfloor.formats.sensors.log_times`; behind it a logger's fields,
with a time among them.
"""

from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.formats.sensors.log_times import NEVER, find_time
from watchfloor.formats.sensors.wires.lines import LONGEST, Bytes, Ints

BLANK, MESSAGE, WAITING, REPEATED, EMPTY, OTHER = 0, 1, 2, 3, 4, 5
"""What became of a line that is no fault."""

FAULT: Final = 10
"""Codes from here on are faults."""
NO_SENTENCE, LONG, NO_CHECKSUM, CHECKSUM, MALFORMED, LETTERS, UNKNOWN, SHORT, INCOMPLETE = range(FAULT, 19)

LINE, BODY, SIZE, FILL, TOTAL, PART, SEQUENCE, CHANNEL, OWN, TIME, SOURCE, SOURCE_END, GROUP = range(13)
"""Columns of found sentences, a row each. `LINE` counts in the buffer; `BODY` and `SIZE` are the payload's
bytes; `CHANNEL` is its letter less that of 0; `OWN` is 1 for VDO, what the own ship says; -1 is none, and of
a time `NEVER`."""
WIDTH: Final = 13

_BANG, _DOLLAR, _STAR, _COMMA, _MINUS, _COLON, _TAG, _HASH = 33, 36, 42, 44, 45, 58, 92, 35


def _nibbles() -> Ints:
    """The number that a hexadecimal digit stands for; far below zero for other bytes."""
    table = np.full(256, -256, np.int64)
    for value, digit in enumerate("0123456789ABCDEF"):
        table[ord(digit)] = table[ord(digit.lower())] = value
    return table


_NIBBLES: Final = _nibbles()


@kernel
def sentences(data: Bytes, starts: Ints, ends: Ints) -> Any:
    """Codes of the lines, whether a line's tag block is broken, and the sentences that carry a payload.

    Args:
        data: the buffer.
        starts: first byte of each line.
        ends: the byte behind each line.

    Returns:
        A code per line, of which `WAITING` says that its sentence is in the third array; a mark per line; and
        the sentences, with columns as above.
    """
    count = starts.shape[0]
    codes = np.zeros(count, np.uint8)
    broken = np.zeros(count, np.bool_)
    found = np.empty((count, WIDTH), np.int64)  # one array for all: each that is passed costs time
    kept = 0
    for line in range(count):
        found[kept, LINE] = line
        codes[line] = _line(data, starts[line], ends[line], found, kept)
        broken[line] = found[kept, SOURCE] == -2
        kept += codes[line] == WAITING
    return codes, broken, found[:kept]


@kernel(inline="always")
def _line(data: Bytes, start: int, end: int, found: Ints, k: int) -> Any:
    """Fill in what a line says and give its code; a broken tag block gives -2 as its source."""
    found[k, SOURCE], found[k, SOURCE_END], found[k, GROUP], found[k, TIME] = -1, -1, -1, NEVER
    if end - start > LONGEST:
        return LONG
    while end > start and data[end - 1] <= 32:
        end -= 1
    while start < end and data[start] <= 32:
        start += 1
    if start == end:
        return BLANK
    at = start
    while at < end and data[at] != _BANG and data[at] != _TAG and data[at] != _DOLLAR:
        at += 1
    if at > start:
        found[k, TIME] = find_time(data, start, at)
    while at < end and data[at] == _TAG:
        at = _tag_block(data, at + 1, end, found, k)
    if at == end:
        return OTHER if data[start] == _HASH else NO_SENTENCE
    if data[at] == _DOLLAR:
        return OTHER
    return _sentence(data, at, end, found, k) if data[at] == _BANG else NO_SENTENCE


@kernel
def _tag_block(data: Bytes, start: int, end: int, found: Ints, k: int) -> Any:
    """Read the tag block behind the backslash before `start`; gives the byte behind its other backslash."""
    stop = start
    while stop < end and data[stop] != _TAG:
        stop += 1
    if stop == end:
        return end
    if stop - start < 4 or data[stop - 3] != _STAR or _sum(data, start, stop - 3) != _hex(data, stop - 2):
        found[k, SOURCE] = -2
        return stop + 1
    at = start
    while at < stop - 3:
        close = at
        while close < stop - 3 and data[close] != _COMMA:
            close += 1
        if data[at + 1] == _COLON:
            _tag(data, data[at], at + 2, close, found, k)
        at = close + 1
    return stop + 1


@kernel(inline="always")
def _tag(data: Bytes, name: int, start: int, end: int, found: Ints, k: int) -> Any:
    """One field of a tag block: `c` is the time of receipt, `s` the receiver, `g` the group of lines."""
    if name == 99:
        seconds, plain = np.int64(0), end - start == 10 and data[start] != 48  # as they mostly are
        for i in range(start, min(end, start + 10)):
            plain = plain and 48 <= data[i] <= 57
            seconds = seconds * 10 + (data[i] - 48)
        found[k, TIME] = seconds * 1_000_000 if plain else find_time(data, start, end)
    elif name == 115 and end > start and found[k, SOURCE] != -2:
        found[k, SOURCE], found[k, SOURCE_END] = start, end
    elif name == 103:
        at, value = end, np.int64(0)
        while at > start and data[at - 1] != _MINUS:
            at -= 1
        for i in range(at, min(end, at + 9)):
            value = value * 10 + ((data[i] - 48) & 15)
        found[k, GROUP] = value


@kernel(inline="always")
def _sentence(data: Bytes, start: int, end: int, found: Ints, k: int) -> Any:
    """The sentence at `start`; `end` is the end of its line."""
    if end - start < 8 or data[start + 3] != 86 or data[start + 4] != 68 or data[start + 6] != _COMMA:
        return OTHER if start + 6 < end and data[start + 6] == _COMMA else NO_SENTENCE
    found[k, OWN] = data[start + 5] == 79
    if data[start + 5] != 77 and data[start + 5] != 79:
        return OTHER
    star = end - 3
    while star > start and data[star] != _STAR:
        star -= 1
    if star == start or end - star < 3 or _hex(data, star + 1) < 0:
        return NO_CHECKSUM
    if _sum(data, start + 1, star) != _hex(data, star + 1):
        return CHECKSUM
    if found[k, TIME] == NEVER and end - star > 3:
        found[k, TIME] = find_time(data, star + 3, end)
    return _fields(data, start + 7, star, found, k)


@kernel(inline="always")
def _fields(data: Bytes, at: int, star: int, found: Ints, k: int) -> Any:
    """Fields of a sentence between its name and its checksum."""
    found[k, TOTAL], found[k, PART], found[k, SEQUENCE], found[k, CHANNEL] = 0, 0, -1, -1
    for column in range(TOTAL, CHANNEL + 1):
        if at < star and data[at] != _COMMA:
            found[k, column] = np.int64(data[at]) - 48
            at += 1
        if at >= star or data[at] != _COMMA:
            return MALFORMED
        at += 1
    close = star
    while close > at and data[close - 1] != _COMMA:
        close -= 1
    if close == at or star - close > 1:
        return MALFORMED
    found[k, BODY], found[k, SIZE] = at, close - 1 - at
    found[k, FILL] = data[close] - 48 if star > close else 0
    if (
        not 1 <= found[k, PART] <= found[k, TOTAL] <= 9
        or not 0 <= found[k, FILL] <= 5
        or not -1 <= found[k, SEQUENCE] <= 9
    ):
        return MALFORMED
    return WAITING if found[k, SIZE] else EMPTY


@kernel(inline="always")
def _sum(data: Bytes, start: int, end: int) -> Any:
    """Exclusive or of the bytes."""
    total = np.uint8(0)
    for i in range(np.uint64(start), np.uint64(end)):  # unsigned, so that it is vectorised
        total ^= data[i]
    return np.int64(total)


@kernel(inline="always")
def _hex(data: Bytes, at: int) -> Any:
    """The number of two hexadecimal digits; negative where they are none."""
    return (_NIBBLES[data[at]] << 4) | _NIBBLES[data[at + 1]]
