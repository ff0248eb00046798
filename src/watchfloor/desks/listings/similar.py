"""Which tokens of the list a query's token may be: every one within two typos, or with the same consonants.

There is no index of substrings. A token's letters are a bag of 64 bits and its consonants another; two bags
differ in at most 2 bits an edit, so one pass over the bags (a nanosecond a token) leaves a few hundred
tokens, and those are compared exactly. Nothing within the limits is missed, and a new token costs one row.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.listings.sounds import ARABIC, CLASS_BIT, DROPPING, SUBSTITUTION, WIDTH

FLOOR: Final = 0.6
"""Tokens less alike than this are not compared further."""

KNOWN: Final = 1.85
UNKNOWN: Final = 0.35
"""Cost of a typing error, by whether the word as typed is one of the list."""

LIMIT: Final = 256
"""Tokens that one token may be; the most alike are kept."""

FEW: Final = 1 << 15
"""Numbers in a vocabulary that is looked through without numba."""

_ROOM: Final = 8192
_CLASS_BITS: Final = 4

Array = npt.NDArray[Any]


@kernel(few=FEW)
def bags(letters: Array, letter_counts: Array, sounds: Array, sound_counts: Array, class_bit: Array) -> Any:
    """Letter bag and consonant skeleton of each token: bit *k* of a letter says that it occurs *k* times."""
    n = letters.shape[0]
    bag = np.zeros(n, np.uint64)
    skeleton = np.zeros(n, np.uint64)
    seen = np.zeros(32, np.uint8)
    for i in range(n):
        seen[:] = 0
        for k in range(letter_counts[i]):
            unit = letters[i, k]
            if 97 <= unit <= 122:
                slot = unit - 97
                bit = 2 * slot + min(seen[slot], 1)
                seen[slot] += 1
            else:
                bit = 52 + unit % 12
            bag[i] |= np.uint64(1) << np.uint64(bit)
        seen[:] = 0
        for k in range(sound_counts[i]):
            first = class_bit[sounds[i, k]]
            if first >= 0:
                kind = first // _CLASS_BITS
                if seen[kind] < _CLASS_BITS:
                    skeleton[i] |= np.uint64(1) << np.uint64(first + seen[kind])
                seen[kind] += 1
    return bag, skeleton


@kernel
def bit_count(word: Any) -> Any:
    """Number of bits set in a 64-bit word."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@kernel
def typos(a: Array, n: int, b: Array, m: int, limit: int) -> Any:
    """Edits between two rows of letters, a swap of neighbours being one; `limit` + 1 when there are more.

    Optimal string alignment, in a band of `limit` around the diagonal.
    """
    if abs(np.int64(n) - np.int64(m)) > limit:  # counts come as bytes, whose difference would wrap
        return limit + 1
    rows = np.empty((3, WIDTH + 1), np.int32)
    before, last, now = 0, 1, 2
    for j in range(m + 1):
        rows[last, j] = j
    for i in range(1, n + 1):
        rows[now, 0] = i
        best = i
        for j in range(1, m + 1):
            if abs(i - j) > limit:
                rows[now, j] = limit + 1
                continue
            cost = rows[last, j - 1] + (a[i - 1] != b[j - 1])
            cost = min(cost, rows[last, j] + 1, rows[now, j - 1] + 1)
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                cost = min(cost, rows[before, j - 2] + 1)
            rows[now, j] = cost
            best = min(best, cost)
        if best > limit:
            return limit + 1
        before, last, now = last, now, before
    return min(rows[last, m], limit + 1)


@kernel
def unlike(a: Array, n: int, b: Array, m: int, substitution: Array, dropping: Array, limit: float) -> Any:
    """Cost of hearing one row of sounds as another; anything above `limit` once it is passed."""
    across = 1 if n and m and (a[0] >= ARABIC) != (b[0] >= ARABIC) else 0
    rows = np.empty((2, WIDTH + 1), np.float32)
    last, now = 0, 1
    rows[0, 0] = 0
    for j in range(m):
        rows[0, j + 1] = rows[0, j] + dropping[across, b[j]]
    for i in range(n):
        drop = dropping[across, a[i]]
        rows[now, 0] = rows[last, 0] + drop
        best = rows[now, 0]
        for j in range(m):
            cost = rows[last, j] + substitution[a[i], b[j]]
            cost = min(cost, rows[last, j + 1] + drop, rows[now, j] + dropping[across, b[j]])
            rows[now, j + 1] = cost
            best = min(best, cost)
        if best > limit:
            return best
        last, now = now, last
    return rows[last, m]


@kernel
def alike(
    a: Array,
    na: int,
    sa: Array,
    nsa: int,
    b: Array,
    nb: int,
    sb: Array,
    nsb: int,
    costs: Array,
    dropping: Array,
    known: bool,
) -> Any:
    """How alike two tokens are, 0 to 1: the better of how they are typed and how they sound.

    `known`: the first is a word of the list itself, and so less likely to be the second, mistyped.
    """
    longest = max(na, nb)
    allowed = 0 if longest < 3 else 1 if longest < 6 else 2 if longest < 11 else 3
    edits = typos(a, na, b, nb, allowed)
    if edits == 0:
        return 1.0
    typed = 1 - (KNOWN if known else UNKNOWN) * edits / longest if edits <= allowed else 0.0
    across = (sa[0] >= ARABIC) != (sb[0] >= ARABIC)
    # Between scripts only consonants and long vowels are evidence: a cost is measured against those.
    size = np.float64(max(min(nsa, nsb), 2) if across else max(nsa, nsb, 2))
    heard = 1 - (1 + 1 / size) * np.float64(unlike(sa, nsa, sb, nsb, costs, dropping, 0.45 * size)) / size
    if min(na, nb) < 2:
        heard = np.float64(0)
    return max(typed, min(heard, 0.98))


@kernel(few=FEW)
def neighbours(
    letters: Array,
    letter_counts: Array,
    sounds: Array,
    sound_counts: Array,
    bag: Array,
    skeleton: Array,
    alive: Array,
    letters_q: Array,
    letter_count: int,
    sounds_q: Array,
    sound_count: int,
    bag_q: Any,
    skeleton_q: Any,
    slack: int,
    costs: Array,
    dropping: Array,
    known: bool,
) -> Any:
    """Rows of the vocabulary that a token may be, and how alike they are."""
    found = np.empty(_ROOM, np.int32)
    score = np.empty(_ROOM, np.float32)
    count = 0
    room = np.uint64(2 if letter_count < 6 else 4)
    few = np.uint64(slack)
    for v in range(bag.shape[0]):
        typed = bit_count(bag[v] ^ bag_q) <= room
        heard = bit_count(skeleton[v] ^ skeleton_q) <= few
        if (typed or heard) and alive[v] > 0:
            value = alike(
                letters_q, letter_count, sounds_q, sound_count,
                letters[v], letter_counts[v], sounds[v], sound_counts[v], costs, dropping, known,
            )  # fmt: skip
            if value >= FLOOR and count < _ROOM:
                found[count] = v
                score[count] = value
                count += 1
    return found[:count].copy(), score[:count].copy()


TABLES: Final = (SUBSTITUTION, DROPPING)
"""What `alike` needs to know about sounds, in its order."""

CLASSES: Final = CLASS_BIT
