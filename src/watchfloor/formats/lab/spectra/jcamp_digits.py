"""Numbers of JCAMP-DX data tables, decoded from bytes by kernels that numba compiles.

The forms of the ordinates, mixed freely, after R. S. McDonald and P. A. Wilks, "JCAMP-DX: a standard form for
the exchange of infrared spectra in computer readable form", Applied Spectroscopy 42 (1), 1988, 151-162:

- AFFN, free numbers, and PAC, numbers whose signs part them: `100 +200-300`;
- SQZ, whose first digit is a letter with a sign: `@` is 0, `A`-`I` +1 to +9, `a`-`i` -1 to -9;
- DIF, differences from the ordinate before: `%` is 0, `J`-`R` +1 to +9, `j`-`r` -1 to -9;
- DUP, how often the one before stands here in all: `S`-`Z` 1 to 8, `s` 9.

A line begins with its abscissa. Where it ends in a difference, the next one repeats its last ordinate as a
check; where that differs, the ordinate is kept as it was, and those behind follow from the check. `?` is an
ordinate that is missing, `$$` begins a comment.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchfloor.core.kernels import kernel

LIMIT: Final = 1 << 21
"""Points of one table; a few bytes of DUP may ask for more."""

_POWERS: Final = np.array([10.0**n for n in range(23)])

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]


class Sums(NamedTuple):
    """The ordinates of a table of `(X++(Y..Y))`, as they are written, without factors.

    Attributes:
        y: every ordinate; float64 of shape (n,), NaN where it is missing.
        line_x: the abscissa at the start of each line.
        line_at: index in `y` of the first ordinate of each line.
        line_byte: where in the data each line begins.
        unequal: whether the check at the start of each line failed.
        strange: how many characters mean nothing, and where the first stands.
        strange_at: that place.
        full: whether it holds more than `LIMIT` points, and was left there.
    """

    y: Floats
    line_x: Floats
    line_at: NDArray[np.int64]
    line_byte: NDArray[np.int64]
    unequal: NDArray[np.bool_]
    strange: int
    strange_at: int
    full: bool


def sums(data: bytes, start: int, end: int, checks: bool = True) -> Sums:
    """Decode a table of `(X++(Y..Y))`.

    Args:
        data: the file, its lines ended by line feeds.
        start: where the table begins.
        end: where it ends.
        checks: whether lines after a difference begin with a check, as the standard has it.
    """
    array = np.frombuffer(data, np.uint8)
    lines = data.count(b"\n", start, end) + 1
    room = min(end - start + 64, LIMIT)
    while True:
        y = np.empty(room)
        line_x, line_at, line_byte = np.empty(lines), np.empty(lines, np.int64), np.empty(lines, np.int64)
        unequal = np.zeros(lines, np.bool_)
        n, used, strange, at = _sums(array, start, end, checks, y, line_x, line_at, line_byte, unequal)
        if n <= room or room == LIMIT:
            break
        room = min(n, LIMIT)
    full = n > LIMIT
    y = y[: min(n, LIMIT)]
    return Sums(y, line_x[:used], line_at[:used], line_byte[:used], unequal[:used], strange, at, full)


def numbers(data: bytes, start: int, end: int) -> tuple[Floats, int, int]:
    """Free numbers of `(XY..XY)`, how many characters mean nothing, and where the first of those is."""
    array = np.frombuffer(data, np.uint8)
    out = np.empty(end - start + 2)
    n, strange, at = _numbers(array, start, end, out)
    return out[:n], strange, at


@kernel
def _number(data: Bytes, i: int, end: int, lead: int, bare: bool) -> tuple[float, int]:
    """The number at `i` without sign, behind a leading digit or -1; `bare`: `E` needs no sign behind it."""
    mantissa, digits, power, point = max(lead, 0), 1 if lead > 0 else 0, 0, False
    while i < end:
        c = data[i]
        if 48 <= c <= 57:
            if digits < 18:
                mantissa = mantissa * 10 + (c - 48)
                digits += 1 if mantissa else 0
                power -= 1 if point else 0
            else:
                power += 0 if point else 1
        elif c == 46 and not point:
            point = True
        else:
            break
        i += 1
    if lead < 0 and i + 1 < end and (data[i] == 69 or data[i] == 101):
        signed = data[i + 1] == 43 or data[i + 1] == 45
        at = i + 2 if signed else i + 1
        if (signed or (bare and point)) and at < end and 48 <= data[at] <= 57:
            exponent = 0
            while at < end and 48 <= data[at] <= 57:
                exponent = min(exponent * 10 + (data[at] - 48), 9999)
                at += 1
            power += -exponent if signed and data[i + 1] == 45 else exponent
            i = at
    value = float(mantissa)
    if power < 0:
        value = value / _POWERS[-power] if power >= -22 else value * 10.0**power
    elif power > 0:
        value = value * _POWERS[power] if power <= 22 else value * 10.0**power
    return value, i


@kernel
def _line_end(data: Bytes, i: int, end: int) -> int:
    while i < end and data[i] != 10:
        i += 1
    return i


@kernel
def _starts_number(data: Bytes, i: int, end: int) -> bool:
    c = data[i]
    if c == 43 or c == 45:
        i += 1
        if i >= end:
            return False
        c = data[i]
    return 48 <= c <= 57 or (c == 46 and i + 1 < end and 48 <= data[i + 1] <= 57)


@kernel
def _sums(
    data: Bytes,
    i: int,
    end: int,
    checks: bool,
    out: Floats,
    line_x: Floats,
    line_at: NDArray[np.int64],
    line_byte: NDArray[np.int64],
    unequal: NDArray[np.bool_],
) -> tuple[int, int, int, int]:
    n, lines, strange, strange_at = 0, 0, 0, -1
    y, step = np.nan, 0.0
    differs, check, first, any_y, room = False, False, True, False, len(out)
    while i < end:
        c = data[i]
        if c == 10:
            if not first:
                lines += 1
                check = checks and differs
            first = True
            i += 1
            continue
        if c == 32 or c == 9 or c == 44 or c == 59 or c == 13:
            i += 1
            continue
        if c == 36 and i + 1 < end and data[i + 1] == 36:
            i = _line_end(data, i, end)
            continue
        if first:
            if not _starts_number(data, i, end):
                strange += 1
                strange_at = i if strange_at < 0 else strange_at
                i = _line_end(data, i, end)
                continue
            line_byte[lines], line_at[lines] = i, n
            sign = -1.0 if c == 45 else 1.0
            value, i = _number(data, i + 1 if c == 43 or c == 45 else i, end, -1, False)
            line_x[lines] = sign * value
            first, any_y = False, False
            continue
        if 83 <= c <= 90 or c == 115:
            count, i = _number(data, i + 1, end, 9 if c == 115 else c - 82, False)
            more = int(min(count, 1e12)) - 1
            if more > LIMIT - n:
                return LIMIT + 1, lines + 1, strange, strange_at
            for _ in range(more):
                y += step if differs else 0.0
                if n < room:
                    out[n] = y
                n += 1
            continue
        if c == 37 or 74 <= c <= 82 or 106 <= c <= 114:
            lead = 0 if c == 37 else (c - 73 if c <= 82 else c - 105)
            value, i = _number(data, i + 1, end, lead, False)
            step = -value if c >= 106 else value
            y += step
            differs = True
        else:
            if 64 <= c <= 73 or 97 <= c <= 105:
                lead = c - 64 if c <= 73 else c - 96
                value, i = _number(data, i + 1, end, lead, False)
                value = -value if c >= 97 else value
            elif _starts_number(data, i, end):
                value, i = _number(data, i + 1 if c == 43 or c == 45 else i, end, -1, True)
                value = -value if c == 45 else value
            elif c == 63:
                value = np.nan
                i += 1
            else:
                strange += 1
                strange_at = i if strange_at < 0 else strange_at
                i += 1
                continue
            differs = False
            if check and not any_y and n:
                any_y = True
                line_at[lines] = n - 1
                unequal[lines] = value != y
                y = value
                continue
            y = value
        any_y = True
        if n < room:
            out[n] = y
        n += 1
        if n > LIMIT:
            return n, lines + 1, strange, strange_at
    return n, lines if first else lines + 1, strange, strange_at


@kernel
def _numbers(data: Bytes, i: int, end: int, out: Floats) -> tuple[int, int, int]:
    n, strange, strange_at = 0, 0, -1
    while i < end:
        c = data[i]
        if c <= 32 or c == 44 or c == 59 or c == 40 or c == 41:
            i += 1
        elif c == 36 and i + 1 < end and data[i + 1] == 36:
            i = _line_end(data, i, end)
        elif c == 60:
            while i < end and data[i] != 62:
                i += 1
            i += 1
        elif _starts_number(data, i, end):
            value, i = _affn(data, i, end)
            out[n] = value
            n += 1
        elif c == 63:
            out[n] = np.nan
            n += 1
            i += 1
        else:
            strange += 1
            strange_at = i if strange_at < 0 else strange_at
            i += 1
    return n, strange, strange_at


@kernel
def _affn(data: Bytes, i: int, end: int) -> tuple[float, int]:
    """A signed number whose exponent needs no sign: nothing else begins with `E` here."""
    negative = data[i] == 45
    if data[i] == 43 or data[i] == 45:
        i += 1
    value, i = _number(data, i, end, -1, True)
    if i + 1 < end and (data[i] == 69 or data[i] == 101) and 48 <= data[i + 1] <= 57:
        exponent, i = _number(data, i + 1, end, -1, False)
        value *= 10.0 ** min(exponent, 9999.0)
    return -value if negative else value, i
