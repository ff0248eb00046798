"""Mode S messages in what a receiver sends: lines of hexadecimal digits (AVR), or Beast's binary frames.

A line is `*8D…;`, `@` with twelve digits of the receiver's 12 MHz counter before the message, `<` with two
more for the signal, or the digits alone among a logger's columns; a time may stand beside it
(`watchfloor.formats.sensors.log_times`). A Beast frame is 0x1A, its type, the counter in six bytes, the
signal in one, the message; 0x1A in it is doubled. Types are `1` (Mode A/C), `2` and `3` (Mode S, short and
long), `4` (the receiver's status).

A message that passes the cyclic redundancy check of an extended squitter (downlink formats 17 and 18) is kept
as its first 32 and the following 56 bits. No error is corrected: of the address nothing is known beforehand,
and a corrected message is as likely another one.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.formats.sensors.log_times import NEVER, find_time
from watchfloor.formats.sensors.wires.lines import LONGEST, Bytes, Ints

BLANK, MESSAGE, OTHER = 0, 1, 2
"""What became of a line or frame that is no fault; `OTHER` is a reply that is no extended squitter."""
FAULT: Final = 10
NO_MESSAGE, LONG, DIGITS, DAMAGED, TORN = range(FAULT, 15)
"""No message, too long a line, a wrong number of digits, a failed check, bytes outside of any frame."""

POLYNOMIAL: Final = 0xFFF409
"""Generator of the check, without its highest bit (ICAO Annex 10, volume IV, 3.1.2.3.3.1.2)."""

_STAR, _AT, _LESS, _SEMICOLON, _HASH, _ESCAPE = 42, 64, 60, 59, 35, 0x1A
_SIZES: Final = (2, 7, 14, 14)
"""Bytes of a message in Beast's types 1 to 4."""
_EXTENDED: Final = (17, 18)


def _check_table() -> Ints:
    table = np.zeros(256, np.int64)
    for byte in range(256):
        value = byte << 16
        for _ in range(8):
            value = (value << 1) ^ (POLYNOMIAL if value & 0x800000 else 0)
        table[byte] = value & 0xFFFFFF
    return table


def _digit_table() -> Ints:
    table = np.full(256, -1, np.int64)
    for value, digit in enumerate("0123456789ABCDEF"):
        table[ord(digit)] = table[ord(digit.lower())] = value
    return table


CHECK: Final = _check_table()
_DIGIT: Final = _digit_table()


class Frames(NamedTuple):
    """Messages found.

    Attributes:
        codes: of each line or frame.
        at: for each message which line or frame it is of.
        head: its first 32 bits: format, capability, address.
        body: the 56 bits behind them.
        time: microseconds since 1970 that its line states, or `NEVER`.
        ticks: the receiver's counter, or -1.
    """

    codes: npt.NDArray[np.uint8]
    at: Ints
    head: Ints
    body: Ints
    time: Ints
    ticks: Ints

    def select(self, which: npt.NDArray[np.bool_]) -> "Frames":
        """Some of the messages."""
        return Frames(self.codes, *(column[which] for column in self[1:]))


def of_lines(data: Bytes, starts: Ints, ends: Ints) -> Frames:
    """Messages of lines."""
    return Frames(*_of_lines(data, starts, ends))


@kernel
def _of_lines(data: Bytes, starts: Ints, ends: Ints) -> Any:
    count = starts.shape[0]
    codes = np.zeros(count, np.uint8)
    at, head, body = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    time, ticks = np.empty(count, np.int64), np.empty(count, np.int64)
    k = 0
    for line in range(count):
        start, end = starts[line], ends[line]
        if end - start > LONGEST:
            codes[line] = LONG
            continue
        while end > start and data[end - 1] <= 32:
            end -= 1
        while start < end and data[start] <= 32:
            start += 1
        if start == end or data[start] == _HASH:
            codes[line] = OTHER if start < end else BLANK
            continue
        first, last, clock = _digits(data, start, end)
        if first < 0:
            codes[line] = NO_MESSAGE
            continue
        ticks[k] = _number(data, first - clock, first - clock + 12) if clock else -1
        codes[line], head[k], body[k] = _message(data, first, last)
        if codes[line] == MESSAGE:
            time[k] = NEVER
            if first - clock > start + 1:
                time[k] = find_time(data, start, first - clock)
            if time[k] == NEVER and end > last + 1:
                time[k] = find_time(data, last, end)
            at[k] = line
            k += 1
    return codes, at[:k], head[:k], body[:k], time[:k], ticks[:k]


@kernel(inline="always")
def _digits(data: Bytes, start: int, end: int) -> Any:
    """Where a line's message begins, or -1, and ends, and how far before it the counter begins."""
    mark = start
    while mark < end and data[mark] != _STAR and data[mark] != _AT and data[mark] != _LESS:
        mark += 1
    if mark == end:
        first, last = _word(data, start, end)
        return first, last, 0
    clock = 0 if data[mark] == _STAR else 12 if data[mark] == _AT else 14
    first = mark + 1 + clock
    last = first + 28  # as nearly all are; the search is for others
    if last >= end or data[last] != _SEMICOLON:
        last = mark + 1
        while last < end and data[last] != _SEMICOLON and data[last] > 32 and data[last] != 44:
            last += 1
    return (first if last > first else -1), last, clock


@kernel
def _word(data: Bytes, start: int, end: int) -> Any:
    """The first word of 28 hexadecimal digits, else of 14; -1 where there is none."""
    at, short = start, -1
    for stop in range(start, end + 1):
        if stop == end or _DIGIT[data[stop]] < 0:
            if stop - at == 28:
                return at, stop
            short = at if stop - at == 14 and short < 0 else short
            at = stop + 1
    return short, short + 14


@kernel(inline="always")
def _number(data: Bytes, start: int, end: int) -> Any:
    """The number of hexadecimal digits; -1 where one is none."""
    value, bad = np.int64(0), np.int64(0)
    for i in range(np.uint64(start), np.uint64(end)):  # unsigned: without a look at the sign
        digit = _DIGIT[data[i]]
        bad |= digit
        value = value << 4 | digit
    return value if bad >= 0 else -1


@kernel(inline="always")
def _message(data: Bytes, first: int, last: int) -> Any:
    """Code, first 32 bits and the next 56 of a message in hexadecimal digits."""
    size = last - first
    if size != 28:
        good = size == 14 and _number(data, first, last) >= 0
        return (OTHER if good else DIGITS), 0, 0
    head, body = _number(data, first, first + 8), _number(data, first + 8, first + 22)
    parity = _number(data, first + 22, last)
    if head < 0 or body < 0 or parity < 0:
        return DIGITS, 0, 0
    return _checked(head, body, parity), head, body


@kernel(inline="always")
def _checked(head: int, body: int, parity: int) -> Any:
    if head >> 27 != _EXTENDED[0] and head >> 27 != _EXTENDED[1]:
        return OTHER
    value = np.int64(0)
    for shift in range(24, -8, -8):
        value = ((value << 8) ^ CHECK[(value >> 16) ^ ((head >> shift) & 255)]) & 0xFFFFFF
    for shift in range(48, -8, -8):
        value = ((value << 8) ^ CHECK[(value >> 16) ^ ((body >> shift) & 255)]) & 0xFFFFFF
    return MESSAGE if value == parity else DAMAGED


class Cut(NamedTuple):
    """Frames and the bytes between them: where each begins and ends, and how many bytes were read."""

    starts: Ints
    ends: Ints
    frames: Frames
    used: int


def of_beast(data: Bytes, *, final: bool = False) -> Cut:
    """Messages of Beast frames. A frame that is not whole yet is left, unless this is the `final` piece."""
    starts, ends, used, *frames = _of_beast(data, final)
    return Cut(starts, ends, Frames(*frames), used)


@kernel
def _of_beast(data: Bytes, final: bool) -> Any:
    size = data.shape[0]
    pieces_most, most = size + 1, size // 16 + 2  # a torn piece may be one byte, a message has 23
    starts, ends = np.empty(pieces_most, np.int64), np.empty(pieces_most, np.int64)
    codes = np.empty(pieces_most, np.uint8)
    at, head, body = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    ticks = np.empty(most, np.int64)
    plain = np.empty(21, np.int64)
    i, pieces, k = 0, 0, 0
    while i < size:
        end, filled = _frame(data, i, plain)
        if end == 0 and not final:
            break
        if filled == 0:  # no frame begins here: all up to the next escape is torn
            end = i + 1
            while end < size and data[end] != _ESCAPE:
                end += 1
            codes[pieces] = TORN
        elif filled != 21 or data[i + 1] == 52:
            codes[pieces] = OTHER
        else:
            ticks[k], head[k], body[k] = _joined(plain, 0, 6), _joined(plain, 7, 11), _joined(plain, 11, 18)
            codes[pieces] = _checked(head[k], body[k], _joined(plain, 18, 21))
            at[k] = pieces
            k += codes[pieces] == MESSAGE
        starts[pieces], ends[pieces] = i, end
        pieces += 1
        i = end
    time = np.empty(k, np.int64)
    for m in range(k):
        time[m] = NEVER
    return starts[:pieces], ends[:pieces], i, codes[:pieces], at[:k], head[:k], body[:k], time, ticks[:k]


@kernel(inline="always")
def _frame(data: Bytes, start: int, plain: Ints) -> Any:
    """Fill in a frame's bytes; gives its end, 0 where the buffer ends in it, and their number, or 0."""
    size = data.shape[0]
    if data[start] != _ESCAPE:
        return start + 1, 0
    if start + 1 >= size:
        return 0, 0
    kind = np.int64(data[start + 1]) - 49
    if not 0 <= kind < 4:
        return start + 1, 0
    wanted = 7 + _SIZES[kind]
    i, filled = start + 2, 0
    while filled < wanted:
        if i >= size:
            return 0, 0
        byte = data[i]
        i += 1
        if byte == _ESCAPE:
            if i >= size:
                return 0, 0
            if data[i] != _ESCAPE:  # the next frame begins within this one
                return i - 1, 0
            i += 1
        plain[filled] = byte
        filled += 1
    return i, filled


@kernel(inline="always")
def _joined(plain: Ints, start: int, end: int) -> Any:
    value = np.int64(0)
    for i in range(start, end):
        value = value << 8 | plain[i]
    return value
