"""Texts as sets of words, and how alike two are, weighed by how rare their words are among other leads.

A report that copies another shares the words that hardly anybody else uses. Two reports from one form share
the form's words, which everybody uses, and these weigh next to nothing. So a form is told from a copy by the
company it keeps, and nothing has to be known about it beforehand (inverse document frequency, Spärck Jones
1972, with a lead for a document).
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.linking import Floats, Numbers
from watchfloor.core.kernels import kernel

Words = npt.NDArray[np.uint64]

MOST_WORDS: Final = 256
"""Words read of a text; what comes later does not change whether it is a copy."""

FEW: Final = 1 << 14
"""Letters or words that are read without numba."""

SLOTS: Final = 1 << 22
"""Counters of words. Two words that share one look a little commoner than they are."""

MANY: Final = 1 << 16
"""Words from which each has its counter at its own place, and not the words that occur theirs in a row."""


class Texts(NamedTuple):
    """Sets of words: text `i` is `words[start[i]:start[i + 1]]`, ascending hashes; no text, no words."""

    start: Numbers
    words: Words


def read_texts(texts: pa.Array) -> Texts:
    """The words of each text: runs of letters and digits of any script, whatever their case."""
    lowered = pc.utf8_lower(pc.fill_null(texts.cast(pa.large_string()), ""))
    lowered = lowered.combine_chunks() if isinstance(lowered, pa.ChunkedArray) else lowered
    _, offsets, data = lowered.buffers()
    places = np.frombuffer(offsets, np.int64, len(lowered) + 1, lowered.offset * 8)
    letters = np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8)
    return Texts(*_read(places, letters, _word_letters(), MOST_WORDS))


def without(texts: Texts, others: Texts) -> Texts:
    """The texts without the words of the other texts, row by row: a subject's own key proves no copy."""
    return Texts(*_without(texts.start, texts.words, others.start, others.words))


def rarity(texts: Texts, starts: Numbers, signals: Numbers) -> Floats:
    """Bits of each word: log2 of all leads with a text per lead that uses it.

    Args:
        texts: of every signal.
        starts: the signals of lead `l` are `signals[starts[l]:starts[l + 1]]`.
        signals: the entries.
    """
    slots, count = (texts.words & np.uint64(SLOTS - 1)).astype(np.int64), SLOTS
    if len(slots) < MANY:  # or clearing the counters takes longer than counting
        used, slots = np.unique(slots, return_inverse=True)
        count = len(used)
    uses, leads = _uses(texts.start, slots, starts, signals, count)
    return np.asarray(np.log2((leads + 1) / np.maximum(uses[slots], 1)))


def _word_letters() -> npt.NDArray[np.bool_]:
    """Which bytes of UTF-8 belong to words: ASCII letters and digits, and all of other scripts."""
    mask = np.zeros(256, np.bool_)
    mask[[*range(ord("0"), ord("9") + 1), *range(ord("a"), ord("z") + 1)]] = True
    mask[128:] = True
    return mask


@kernel(few=FEW)
def _read(
    places: Numbers, letters: npt.NDArray[np.uint8], is_letter: npt.NDArray[np.bool_], most: int
) -> tuple[Numbers, Words]:  # pragma: no cover - compiled
    """FNV-1a hashes of the words of each text, sorted, without repeats."""
    start = np.zeros(len(places), np.int64)
    words = np.empty(1024, np.uint64)
    row = np.empty(most, np.uint64)
    used = 0
    for i in range(len(places) - 1):
        count, inside = 0, False
        word = np.uint64(0)
        for k in range(places[i], places[i + 1] + 1):
            if k < places[i + 1] and is_letter[letters[k]]:
                if not inside:
                    inside, word = True, np.uint64(0xCBF29CE484222325)
                word = (word ^ np.uint64(letters[k])) * np.uint64(0x100000001B3)
            elif inside:
                inside = False
                if count == most:
                    break
                row[count] = word
                count += 1
        sorted_row = np.sort(row[:count])
        if used + count > len(words):
            bigger = np.empty(2 * (used + count), np.uint64)
            bigger[:used] = words[:used]
            words = bigger
        for k in range(count):
            if k == 0 or sorted_row[k] != sorted_row[k - 1]:
                words[used] = sorted_row[k]
                used += 1
        start[i + 1] = used
    return start, words[:used].copy()


@kernel
def _without(
    start: Numbers, words: Words, others: Numbers, other_words: Words
) -> tuple[Numbers, Words]:  # pragma: no cover - compiled
    kept_start, kept = np.zeros(len(start), np.int64), np.empty(len(words), np.uint64)
    used = 0
    for i in range(len(start) - 1):
        k = others[i]
        for j in range(start[i], start[i + 1]):
            while k < others[i + 1] and other_words[k] < words[j]:
                k += 1
            if k == others[i + 1] or other_words[k] != words[j]:
                kept[used] = words[j]
                used += 1
        kept_start[i + 1] = used
    return kept_start, kept[:used].copy()


@kernel(few=FEW)
def _uses(
    start: Numbers, slots: Numbers, starts: Numbers, signals: Numbers, count: int
) -> tuple[npt.NDArray[np.int32], int]:  # pragma: no cover - compiled
    """How many leads use each word, by its slot, and how many have a text at all."""
    uses, seen = np.zeros(count, np.int32), np.full(count, -1, np.int32)
    with_text = 0
    for lead in range(len(starts) - 1):
        any_text = False
        for entry in range(starts[lead], starts[lead + 1]):
            i = signals[entry]
            for k in range(start[i], start[i + 1]):
                any_text = True
                slot = slots[k]
                if seen[slot] != lead:
                    seen[slot] = lead
                    uses[slot] += 1
        with_text += any_text
    return uses, with_text


@kernel
def alike(
    start: Numbers, words: Words, bits: Floats, i: int, j: int
) -> tuple[float, float]:  # pragma: no cover - compiled
    """Likeness of two texts, and the bits of the rarest word that both use.

    Likeness is the bits of shared words by those of all (a weighted Jaccard index), 0 where neither has any.
    """
    a, b = start[i], start[j]
    shared = total = rarest = 0.0
    while a < start[i + 1] or b < start[j + 1]:
        if b >= start[j + 1] or (a < start[i + 1] and words[a] < words[b]):
            total += bits[a]
            a += 1
        elif a >= start[i + 1] or words[b] < words[a]:
            total += bits[b]
            b += 1
        else:
            shared += bits[a]
            total += bits[a]
            rarest = max(rarest, bits[a])
            a += 1
            b += 1
    return (shared / total if total > 0 else 0.0), rarest
