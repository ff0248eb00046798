"""Bytes of texts as numbers, compiled: each text exactly, by its words, and as a telephone number.

FNV-1a (G. Fowler, L. Noll, P. Vo), finished as MurmurHash3 finishes (A. Appleby).
"""

from typing import Any, Final

import numpy as np

from watchfloor.records.kernels import unmanaged_kernel as kernel

BASE: Final = np.uint64(0xCBF29CE484222325)
PRIME: Final = np.uint64(0x100000001B3)
ONE: Final = np.uint64(0xFF51AFD7ED558CCD)
TWO: Final = np.uint64(0xC4CEB9FE1A85EC53)
SHIFT: Final = np.uint64(33)


@kernel(inline="always")
def finish(h: Any) -> Any:
    """The last step of a hash: every bit of it depends on every bit."""
    h = (h ^ (h >> SHIFT)) * ONE
    h = (h ^ (h >> SHIFT)) * TWO
    return h ^ (h >> SHIFT)


@kernel()
def exactly(ends: Any, text: Any, out: Any, seed: Any) -> None:
    """A number for each text, every byte counted."""
    for i in range(len(out)):
        if ends[i + 1] > ends[i]:
            h = BASE ^ seed
            for at in range(ends[i], ends[i + 1]):
                h = (h ^ np.uint64(text[at])) * PRIME
            out[i] = finish(h)


@kernel(inline="always")
def _lower(byte: int) -> int:
    return byte + 32 if 65 <= byte <= 90 else byte


@kernel(inline="always")
def _letter(byte: int) -> bool:
    return byte >= 128 or 97 <= byte <= 122


@kernel(inline="always")
def _digit(byte: int) -> bool:
    return 48 <= byte <= 57


@kernel()
def _meant(word: Any, long: Any, short: Any) -> Any:
    """The word that a word is taken for: by halves."""
    low, high = 0, len(long)
    while low < high:
        middle = (low + high) // 2
        if long[middle] < word:
            low = middle + 1
        else:
            high = middle
    return short[low] if low < len(long) and long[low] == word else word


@kernel()
def _postal(text: Any, start: int, end: int, first: bool) -> bool:
    """Whether three bytes are the first or the second half of a Canadian postal code."""
    if end - start != 3:
        return False
    if first:
        return _letter(_lower(text[start])) and _digit(text[start + 1]) and _letter(_lower(text[start + 2]))
    return _digit(text[start]) and _letter(_lower(text[start + 1])) and _digit(text[start + 2])


@kernel()
def by_words(ends: Any, text: Any, out: Any, seed: Any, long: Any, short: Any, place: int) -> None:
    """A number for the words of each text; `place` asks for three words and a figure."""
    for i in range(len(out)):
        total, figures = np.uint64(0), BASE ^ seed
        many, numbers = 0, 0
        at, end, half = ends[i], ends[i + 1], np.uint64(0)
        while at < end:
            byte = _lower(text[at])
            if not (_letter(byte) or _digit(byte)):
                at += 1
                continue
            start, h, digits = at, BASE ^ seed, True
            while at < end:
                byte = _lower(text[at])
                if not (_letter(byte) or _digit(byte)):
                    break
                digits = digits and _digit(byte)
                h = (h ^ np.uint64(byte)) * PRIME
                at += 1
            many += 1
            if digits:
                numbers += 1
                figures = (figures ^ finish(h)) * PRIME
                half = np.uint64(0)
                continue
            if half != 0 and _postal(text, start, at, False):
                total -= finish(half)
                h = half
                for k in range(start, at):
                    h = (h ^ np.uint64(_lower(text[k]))) * PRIME
                half = np.uint64(0)
            else:
                half = h if _postal(text, start, at, True) else np.uint64(0)
            total += finish(h) if half != 0 else _meant(finish(h), long, short)
        if many and (place == 0 or (many >= 3 and numbers)):
            out[i] = finish(total ^ finish(figures))


@kernel()
def dialled(ends: Any, text: Any, out: Any, seed: Any) -> None:
    """A number for the digits of each telephone number, as it is dialled from anywhere."""
    for i in range(len(out)):
        start, end, plus = ends[i], ends[i + 1], False
        while start < end and not _digit(text[start]):
            plus = plus or text[start] == 43
            start += 1
        count = 0
        for at in range(start, end):
            if _letter(_lower(text[at])) and count >= 7:  # an extension follows
                end = at
                break
            count += _digit(text[at])
        skip = 0
        if not plus:
            skip = 3 if _begins(text, start, end, 48, 49, 49) else 2 * _begins(text, start, end, 48, 48, -1)
        count -= skip
        if count < 7 or count > 15:
            continue
        h = BASE ^ seed
        if count == 10 and not plus and skip == 0:
            h = (h ^ np.uint64(49)) * PRIME
        seen, figures = 0, 0
        for at in range(start, end):
            if _digit(text[at]):
                seen += 1
                if seen > skip:
                    h = (h ^ np.uint64(text[at])) * PRIME
                    figures |= 1 << (text[at] - 48)
        if figures & (figures - 1) & ((figures & (figures - 1)) - 1):  # three bits or more
            out[i] = finish(h)


@kernel()
def _begins(text: Any, start: int, end: int, one: int, two: int, three: int) -> bool:
    """Whether digits begin so, whatever stands between them; -1 is any digit."""
    place = 0
    for at in range(start, end):
        if _digit(text[at]):
            wanted = one if place == 0 else two if place == 1 else three
            if wanted >= 0 and text[at] != wanted:
                return False
            place += 1
            if place == 3:
                return True
    return False
