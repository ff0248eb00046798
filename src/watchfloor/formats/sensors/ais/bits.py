"""Payloads of AIS messages to columns of integers: six bits a character, fields by `ais_tables`.

A field that a message is too short for is none, and so is one outside its range. A text ends at the first
`@`, and blanks at its end are no part of it (ITU-R M.1371-5, annex 8, table 47).
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.formats.sensors.ais.groups import PARTS
from watchfloor.formats.sensors.ais.sentences import BODY, FILL, LETTERS, MESSAGE, SHORT, SIZE, UNKNOWN
from watchfloor.formats.sensors.ais.tables import (
    BIT_AT,
    COLUMN,
    END,
    FAR,
    HIGH,
    LAYOUT,
    LOW,
    NEAR,
    NONE,
    SHIFT,
    STATIC_B,
    STATIC_B_AUXILIARY,
    TEXTS,
    TIMES,
    TYPES,
    WIDTH,
    WORD,
    WORD_AT,
    Layout,
)
from watchfloor.formats.sensors.wires.lines import LONGEST, Bytes, Ints, Small

WORDS: Final = 9
"""Words of a message that are kept: 540 bits, where the longest layout needs 424."""
ROOM: Final = PARTS * LONGEST + WORD
"""Characters that a message can have, and some more."""
TEXT_WIDTH: Final = max(TEXTS.values())
_TEXTS: Final = len(TEXTS)
HEAD: Final = 38
"""Bits without which a message says nothing: type, repeat indicator, sender."""

_PARENTS: Final = 10_000_000
"""98MIDxxxx is a craft associated with a parent ship (ITU-R M.585-9): an MMSI over this is 98."""


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


def unpack(data: Bytes, found: Ints, rows: Small, starts: Small) -> Raw:
    """Decode messages, as `ais_groups.join` gives them."""
    return Raw(*_unpack(data, found, rows, starts, LAYOUT))


@kernel
def _unpack(data: Bytes, found: Ints, rows: Small, starts: Small, layout: Layout) -> Any:
    count = starts.shape[0] - 1
    types, codes = np.zeros(count, np.uint8), np.empty(count, np.uint8)
    near = np.empty((len(NEAR), count), np.int32)
    far = np.empty((len(FAR), count), np.int32)
    texts = np.empty((_TEXTS, count, TEXT_WIDTH), np.uint8)
    row = np.empty(count, np.int64)
    fields, far_span = layout.near, layout.far_span  # taken out of the loop, where each look would count
    letters = np.zeros(ROOM, np.uint8)
    words = np.zeros(WORDS + 1, np.int64)
    fars = 0
    for k in range(count):
        size = _letters(data, found, rows, starts[k], starts[k + 1], letters)
        _words(letters, max(size, 0), words)
        kind = _bits(words, 0, 0, 6)
        codes[k] = LETTERS if size < 0 else SHORT if size < HEAD else MESSAGE
        if codes[k] == MESSAGE and not 1 <= kind <= TYPES:
            codes[k] = UNKNOWN
        if codes[k] != MESSAGE:
            for c in range(len(NEAR)):
                near[c, k] = NONE
            continue
        types[k] = kind
        place = kind
        if kind == 24 and _bits(words, 0, 38, 2) == 1:
            place = STATIC_B_AUXILIARY if _bits(words, 0, 8, 30) // _PARENTS == 98 else STATIC_B
        for c in range(len(NEAR)):
            near[c, k] = _value(words, fields, place, c, size) if fields[place, c, WIDTH] else NONE
        if far_span[place, 0] < far_span[place, 1]:
            _rest(words, letters, layout, place, size, far, texts, fars)
            row[fars] = k
            fars += 1
    return types, codes, near, row[:fars], far[:, :fars], texts[:, :fars]


@kernel(inline="always")
def _letters(data: Bytes, found: Ints, rows: Small, first: int, last: int, letters: Bytes) -> Any:
    """Put a message's characters down as numbers; gives how many bits it has.

    That is -1 where a character is none (IEC 61162-1, table of 6-bit characters: `0` to `W`, then `` ` `` to
    `w`), or a part before the last is no whole number of characters.
    """
    at, size, bad = np.uint64(0), 0, False
    for r in range(first, last):
        k = rows[r]
        begin, count = np.uint64(found[k, BODY]), np.uint64(found[k, SIZE])
        for i in range(np.uint64(0), count):  # unsigned, so that it is vectorised
            byte = data[begin + i]
            bad = bad | (byte < 48) | (byte > 119) | ((byte > 87) & (byte < 96))
            letters[at + i] = byte - np.uint8(56 if byte > 95 else 48)
        at += count
        bad = bad | ((found[k, FILL] > 0) & (r < last - 1))
        size += 6 * found[k, SIZE] - found[k, FILL]
    for i in range(at, at + np.uint64(10)):
        letters[i] = 0
    return -1 if bad else min(size, WORD * WORDS)


@kernel(inline="always")
def _words(letters: Bytes, size: int, words: Ints) -> Any:
    """Put ten letters into each word, as far as the message goes, and nothing into one more."""
    used = min(size // WORD + 1, WORDS)
    for w in range(used):
        word = np.int64(0)
        for i in range(10):
            word = (word << 6) | np.int64(letters[10 * w + i])
        words[w] = word
    words[used] = 0


@kernel(inline="always")
def _bits(words: Ints, at: int, offset: int, width: int) -> Any:
    """The number of `width` bits, at most 30, from bit `offset` of word `at`."""
    over = offset + width - WORD
    if over <= 0:
        return (words[at] >> -over) & ((1 << width) - 1)
    return ((words[at] << over) | (words[at + 1] >> (WORD - over))) & ((1 << width) - 1)


@kernel(inline="always")
def _value(words: Ints, fields: Any, place: int, field: int, size: int) -> Any:
    """A field's value in its column's unit, or `NONE`."""
    value = _bits(
        words, fields[place, field, WORD_AT], fields[place, field, BIT_AT], fields[place, field, WIDTH]
    )
    value = (value << fields[place, field, SHIFT]) >> fields[place, field, SHIFT]
    within = fields[place, field, LOW] <= value <= fields[place, field, HIGH]
    good = within and fields[place, field, END] <= size
    return value * fields[place, field, TIMES] if good else NONE


@kernel
def _rest(
    words: Ints, letters: Bytes, layout: Layout, place: int, size: int, far: Any, texts: Any, row: int
) -> Any:
    """Fill in what few messages say."""
    for c in range(len(FAR)):
        far[c, row] = NONE
    for c in range(_TEXTS):
        for i in range(TEXT_WIDTH):
            texts[c, row, i] = 0
    fields = layout.far
    for f in range(layout.far_span[place, 0], layout.far_span[place, 1]):
        value = _bits(words, fields[f, WORD_AT], fields[f, BIT_AT], fields[f, WIDTH])
        if fields[f, LOW] <= value <= fields[f, HIGH] and fields[f, END] <= size:
            far[fields[f, COLUMN], row] = value
    fields = layout.texts
    for f in range(layout.texts_span[place, 0], layout.texts_span[place, 1]):
        start = fields[f, WORD_AT] * WORD + fields[f, BIT_AT]
        fit = min(fields[f, WIDTH], (size - start) // 6)
        _text(letters, start, fit, texts, fields[f, COLUMN], row)


@kernel(inline="always")
def _text(letters: Bytes, start: int, count: int, texts: Any, column: int, row: int) -> Any:
    """Write a text as ASCII, without what follows an `@` and the blanks at its end."""
    at, bits, last = start // 6, start % 6, 0
    for i in range(count):
        two = np.int64(letters[at + i]) << 6 | np.int64(letters[at + i + 1])
        value = (two >> (6 - bits)) & 63
        if value == 0:
            break
        texts[column, row, i] = value + 64 if value < 32 else value
        last = i + 1 if value != 32 else last
    for i in range(last, count):
        texts[column, row, i] = 0
