"""Texts as numbers of 64 bits, a column at a time: exactly, as words, and as a telephone number.

The numbers are keyed with the floor's secret, so that a state which is written down does not tell whether
somebody's address is in it. Two texts of a hundred million share a number with a chance of 3 in 10,000.
"""

from hashlib import blake2b
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kernels import unmanaged_kernel as kernel

Hashes = npt.NDArray[np.uint64]

_LONG: Final = """
    st: street saint
    ave: avenue av
    rd: road
    dr: drive
    blvd: boulevard boul
    cres: crescent
    crt: court
    pl: place
    ln: lane
    hwy: highway
    apt: apartment app appartement unit suite ste
    n: north nord
    s: south sud
    e: east est
    w: west ouest
    ch: chemin
    on: ontario
    qc: quebec
    ab: alberta
    mb: manitoba
    sk: saskatchewan
    ltd: limited
    inc: incorporated
    corp: corporation
    co: company
"""
"""Words of addresses and firms that are mostly written short (Canada Post, Addressing Guidelines)."""

SHORT: Final = {
    word: short.strip()
    for short, _, words in (line.partition(":") for line in _LONG.strip().splitlines())
    for word in words.split()
}
"""What each long word is taken for."""


_SIGNS: Final = r"[\x{A0}-\x{BF}\x{2000}-\x{206F}\x{2E00}-\x{2E7F}\x{3000}-\x{303F}]+"
"""Punctuation beyond ASCII: of Latin-1, general, supplemental, of Chinese and Japanese."""


def seed_of(key: bytes) -> np.uint64:
    """The number that a floor's key begins each hash with."""
    return np.uint64(int.from_bytes(blake2b(key[:64], digest_size=8, person=b"cargo").digest(), "little"))


def plain(texts: pa.ChunkedArray) -> pa.Array:
    """Texts as they are compared: beyond ASCII without accents, full width, capitals and signs."""
    column = _whole(texts)
    ascii_ = pc.string_is_ascii(column)
    if pc.all(ascii_).as_py() is not False:
        return column
    odd = pc.and_(pc.is_valid(column), pc.invert(ascii_))
    taken = pc.utf8_lower(pc.utf8_normalize(column.filter(odd), "NFKD"))
    taken = pc.replace_substring_regex(pc.replace_substring_regex(taken, r"\p{Mn}+", ""), _SIGNS, " ")
    return pc.replace_with_mask(column, odd, taken)


def exact(texts: pa.ChunkedArray, seed: np.uint64) -> Hashes:
    """A number for each text, every byte counted; 0 for none."""
    return _run(exactly, _whole(texts), seed)


def words(texts: pa.ChunkedArray, seed: np.uint64) -> Hashes:
    """A number for the words of each text, in whatever order, case and punctuation; 0 for none.

    Figures count in their order: 12-34 is not 34-12. A Canadian postal code counts as one word, `SHORT` names
    the words that are taken for another.
    """
    return _run(by_words, plain(texts), seed, *_short(seed), 0)


def addresses(texts: pa.ChunkedArray, seed: np.uint64) -> Hashes:
    """`words`, and 0 for what is no place by itself: fewer than three words, or no figure among them."""
    return _run(by_words, plain(texts), seed, *_short(seed), 1)


def phones(texts: pa.ChunkedArray, seed: np.uint64) -> Hashes:
    """A number for each telephone number as it would be dialled from anywhere; 0 where it can be none.

    +, 00 and 011 come off, ten digits are taken for North American. Fewer than seven digits or more than
    fifteen (ITU-T E.164), or two figures throughout, are no number.
    """
    return _run(dialled, plain(texts), seed)


def mixed(one: Hashes, *others: Any) -> Hashes:
    """Numbers that stand for several together; order counts."""
    made = one.astype(np.uint64)
    for other in others:
        with np.errstate(over="ignore"):
            made = _finished(made * PRIME ^ np.asarray(other).astype(np.uint64))
    return made


def _finished(hashes: Hashes) -> Hashes:
    with np.errstate(over="ignore"):
        hashes = (hashes ^ (hashes >> SHIFT)) * ONE
        hashes = (hashes ^ (hashes >> SHIFT)) * TWO
    return hashes ^ (hashes >> SHIFT)


def _whole(texts: pa.ChunkedArray) -> pa.Array:
    column = texts.cast(pa.large_string())
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _run(of: Any, column: pa.Array, *arguments: Any) -> Hashes:
    out = np.zeros(len(column), np.uint64)
    if not len(column) - column.null_count:
        return out
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    text = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    of(ends, text, out, *arguments)
    out[~np.asarray(column.is_valid().to_numpy(zero_copy_only=False), np.bool_)] = 0
    return out


_known: dict[int, tuple[Hashes, Hashes]] = {}


def _short(seed: np.uint64) -> tuple[Hashes, Hashes]:
    """Numbers of the long words in their order, and those of what they are taken for."""
    if int(seed) not in _known:
        long, short = (exact(pa.chunked_array([list(of)]), seed) for of in (SHORT, SHORT.values()))
        order = np.argsort(long)
        _known[int(seed)] = long[order], short[order]
    return _known[int(seed)]


# Bytes of texts as numbers, compiled: each text exactly, by its words, and as a telephone number.
#
# FNV-1a (G. Fowler, L. Noll, P. Vo), finished as MurmurHash3 finishes (A. Appleby).


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
