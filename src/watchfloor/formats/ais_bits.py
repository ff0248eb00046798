"""Payloads of AIS messages to columns of integers: six bits a character, fields by `ais_tables`.

A field that a message is too short for is none, and so is one outside its range. A text ends at the first
`@`, and blanks at its end are no part of it (ITU-R M.1371-5, annex 8, table 47).
"""

from typing import Any, Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from watchfloor.formats.ais_sentences import BODY, FILL, LETTERS, MESSAGE, SHORT, SIZE, UNKNOWN
from watchfloor.formats.ais_tables import (
    FAR,
    IS_NEAR,
    IS_TEXT,
    LAYOUT,
    NEAR,
    NONE,
    STATIC_B,
    STATIC_B_AUXILIARY,
    TEXTS,
    TYPES,
    WORD,
)
from watchfloor.formats.wire_lines import Bytes, Ints

WORDS: Final = 9
"""Words of a message that are kept: 540 bits, where the longest layout needs 424."""
TEXT_WIDTH: Final = max(TEXTS.values())
_TEXTS: Final = len(TEXTS)
HEAD: Final = 38
"""Bits without which a message says nothing: type, repeat indicator, sender."""

_PARENTS: Final = 10_000_000
"""98MIDxxxx is a craft associated with a parent ship (ITU-R M.585-9): an MMSI over this is 98."""


def _armour() -> npt.NDArray[np.uint8]:
    """The six bits of each payload character, 255 for others (IEC 61162-1, table of 6-bit characters)."""
    table = np.full(256, 255, np.uint8)
    for value in range(64):
        table[value + (48 if value < 40 else 56)] = value
    return table


ARMOUR: Final = _armour()


class Raw(NamedTuple):
    """Decoded integers.

    `type` is 0 where a message could not be read, and `code` says why, else `MESSAGE`. Row *c* of `near` is
    column *c* of `NEAR`; `far` and `texts` have a column for each of the messages in `row`. `NONE` is none;
    of texts it is zero bytes.
    """

    type: npt.NDArray[np.uint8]
    code: npt.NDArray[np.uint8]
    near: npt.NDArray[np.int32]
    row: npt.NDArray[np.int64]
    far: npt.NDArray[np.int32]
    texts: npt.NDArray[np.uint8]


def unpack(data: Bytes, found: Ints, rows: npt.NDArray[np.int32], starts: npt.NDArray[np.int32]) -> Raw:
    """Decode messages, as `ais_groups.join` gives them."""
    return Raw(*_unpack(data, found, rows, starts, ARMOUR, LAYOUT.entries, LAYOUT.span))


@numba.njit(cache=True, nogil=True)
def _unpack(
    data: Bytes, found: Ints, rows: Any, starts: Any, armour: Bytes, entries: Ints, span: Ints
) -> Any:
    count = starts.shape[0] - 1
    types, codes = np.zeros(count, np.uint8), np.empty(count, np.uint8)
    near = np.empty((len(NEAR), count), np.int32)
    far = np.empty((len(FAR), count), np.int32)
    texts = np.empty((_TEXTS, count, TEXT_WIDTH), np.uint8)
    row = np.empty(count, np.int64)
    words = np.zeros(WORDS + 1, np.int64)
    fars = 0
    for k in range(count):
        size = _words(data, found, rows, starts[k], starts[k + 1], armour, words)
        for c in range(len(NEAR)):
            near[c, k] = NONE
        kind = _bits(words, 0, 0, 6)
        codes[k] = LETTERS if size < 0 else SHORT if size < HEAD else MESSAGE
        if codes[k] == MESSAGE and not 1 <= kind <= TYPES:
            codes[k] = UNKNOWN
        if codes[k] != MESSAGE:
            continue
        types[k] = kind
        place = kind
        if kind == 24 and _bits(words, 0, 38, 2) == 1:
            place = STATIC_B_AUXILIARY if _bits(words, 0, 8, 30) // _PARENTS == 98 else STATIC_B
        wide = False
        for e in range(span[place, 0], span[place, 1]):
            block, column, width = entries[e, 0], entries[e, 1], entries[e, 4]
            start = entries[e, 2] * WORD + entries[e, 3]
            if block != IS_NEAR and not wide:
                wide = True
                row[fars] = k
                for c in range(len(FAR)):
                    far[c, fars] = NONE
                for c in range(_TEXTS):
                    for i in range(TEXT_WIDTH):
                        texts[c, fars, i] = 0
                fars += 1
            if block == IS_TEXT:
                fit = min(width, (size - start) // 6)
                _text(words, entries[e, 2], entries[e, 3], fit, texts, column, fars - 1)
            elif start + width <= size:
                value = _bits(words, entries[e, 2], entries[e, 3], width)
                if entries[e, 7] and value >> (width - 1):
                    value -= 1 << width
                if entries[e, 5] <= value <= entries[e, 6]:
                    value *= entries[e, 8]
                    if block == IS_NEAR:
                        near[column, k] = value
                    else:
                        far[column, fars - 1] = value
    return types, codes, near, row[:fars], far[:, :fars], texts[:, :fars]


@numba.njit(inline="always", nogil=True)
def _words(data: Bytes, found: Ints, rows: Any, first: int, last: int, armour: Bytes, words: Ints) -> Any:
    """Fill the words with a message's bits; gives their number.

    It is -1 where a character is none, or a part before the last is no whole number of characters.
    """
    word, held, at, size, bad = np.int64(0), 0, 0, 0, np.uint8(0)
    for r in range(first, last):
        k = rows[r]
        begin = np.uint64(found[k, BODY])
        for i in range(begin, begin + np.uint64(found[k, SIZE])):
            value = armour[data[i]]
            bad |= value
            word = (word << 6) | np.int64(value & 63)
            held += 1
            if held == WORD // 6:
                if at < WORDS:
                    words[at] = word
                    at += 1
                word, held = np.int64(0), 0
        bad |= np.uint8(255) if found[k, FILL] and r < last - 1 else np.uint8(0)
        size += 6 * found[k, SIZE] - found[k, FILL]
    if at < WORDS:
        words[at] = word << (WORD - 6 * held)
        words[at + 1] = 0
    return -1 if bad > 63 else min(size, WORD * WORDS)


@numba.njit(inline="always", nogil=True)
def _bits(words: Ints, at: int, offset: int, width: int) -> Any:
    """The number of `width` bits, at most 30, from bit `offset` of word `at`."""
    over = offset + width - WORD
    if over <= 0:
        return (words[at] >> -over) & ((1 << width) - 1)
    return ((words[at] << over) | (words[at + 1] >> (WORD - over))) & ((1 << width) - 1)


@numba.njit(cache=True, nogil=True)
def _text(words: Ints, at: int, offset: int, count: int, texts: Any, column: int, row: int) -> Any:
    """Write a text as ASCII, without what follows an `@` and the blanks at its end."""
    last = 0
    for i in range(count):
        value = _bits(words, at, offset, 6)
        if value == 0:
            break
        texts[column, row, i] = value + 64 if value < 32 else value
        last = i + 1 if value != 32 else last
        offset += 6
        if offset >= WORD:
            at, offset = at + 1, offset - WORD
    for i in range(last, count):
        texts[column, row, i] = 0
