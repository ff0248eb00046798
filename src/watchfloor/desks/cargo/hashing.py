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

from watchfloor.desks.cargo.bytewise import ONE, PRIME, SHIFT, TWO, by_words, dialled, exactly

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
