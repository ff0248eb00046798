"""Which tokens of the list a query's token may be: every one within two typos, or with the same consonants.

There is no index of substrings. A token's letters are a bag of 64 bits and its consonants another; two bags
differ in at most 2 bits an edit, so one pass over the bags (a nanosecond a token) leaves a few hundred
tokens, and those are compared exactly. Nothing within the limits is missed, and a new token costs one row.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel, unmanaged_kernel
from watchfloor.desks.listings.sounds import ARABIC, CLASS_BIT, DROPPING, SUBSTITUTION, WIDTH

FLOOR: Final = 0.6
"""Tokens less alike than this are not compared further."""

KNOWN: Final = 1.85
UNKNOWN: Final = 0.35
"""Cost of a typing error, by whether the word as typed is one of the list."""

CLOSE: Final = 0.85
"""Spellings this much alike are one word where it has no pair."""

LIMIT: Final = 256
"""Tokens that one token may be; the most alike are kept."""

FEW: Final = 1 << 15
"""Numbers in a vocabulary that is looked through without numba."""

_ROOM: Final = 8192
_SLACK: Final = 1e-3  # for the rounding of sums in 32 bits
_ARABIC_BLOCK: Final = 0x600
PLACES: Final = 128 + 256  # of ASCII letters and of Arabic ones
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


@unmanaged_kernel(forceinline=True)
def bit_count(word: Any) -> Any:
    """Number of bits set in a 64-bit word."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@unmanaged_kernel(forceinline=True)
def place(unit: int) -> int:
    """Place of a letter among the marks of a word: ASCII and Arabic letters have one, others -1."""
    if unit < 128:
        return unit
    return unit - _ARABIC_BLOCK + 128 if _ARABIC_BLOCK <= unit < _ARABIC_BLOCK + 256 else -1


@unmanaged_kernel
def mark(a: Array, n: int, marks: Array) -> None:
    """Set, for each letter of a word that has a place, a bit where it stands."""
    for i in range(n):
        at = place(a[i])
        if at >= 0:
            marks[at] |= np.uint64(1) << np.uint64(i)


@unmanaged_kernel(forceinline=True)
def typos(a: Array, n: int, marks: Array, b: Array, m: int) -> Any:
    """Edits between two rows of letters, a swap of neighbours being one; the first has been marked.

    Optimal string alignment by bits, one step a letter of the second (Hyyrö 2003, figure 4).
    """
    one = np.uint64(1)
    if n == 0:
        return np.int64(m)
    last = one << np.uint64(n - 1)
    up = (last << one) - one  # where a column grows by one from row to row
    down = np.uint64(0)  # where it falls
    earlier = before = np.uint64(0)  # diagonals that cost nothing, and marks, of the letter before
    edits = np.int64(n)
    for j in range(m):
        at = place(b[j])
        here = np.uint64(0)
        if at >= 0:
            here = marks[at]
        else:
            for i in range(n):
                if a[i] == b[j]:
                    here |= one << np.uint64(i)
        swapped = ((~earlier & here) << one) & before
        earlier = (((here & up) + up) ^ up) | here | down | swapped
        rising = down | ~(earlier | up)
        falling = earlier & up
        edits += np.int64((rising & last) != 0) - np.int64((falling & last) != 0)
        rising = (rising << one) | one
        up = (falling << one) | ~(earlier | rising)
        down = rising & earlier
        before = here
    return edits


@unmanaged_kernel(forceinline=True)
def unlike(
    a: Array, n: int, b: Array, m: int, substitution: Array, drop: Array, row: Array, limit: float
) -> Any:
    """Cost of hearing one row of sounds as another; anything above `limit` once it is passed."""
    row[0] = 0
    for j in range(m):
        row[j + 1] = row[j] + drop[b[j]]
    for i in range(n):
        sound = a[i]
        dropped = drop[sound]
        diagonal = row[0]
        left = best = row[0] = diagonal + dropped
        for j in range(m):
            other = b[j]
            above = row[j + 1]
            left = min(diagonal + substitution[sound, other], above + dropped, left + drop[other])
            row[j + 1] = left
            best = min(best, left)
            diagonal = above
        if best > limit:
            return best
    return row[m]


@kernel
def cheapest_sounds(a: Array, n: int, substitution: Array, dropping: Array) -> Any:
    """Compute what hearing each sound costs at least beside a row of sounds, as `dropping` gives costs."""
    least = dropping.copy()
    for i in range(n):
        for sound in range(least.shape[1]):
            cost = substitution[a[i], sound]
            least[0, sound] = min(least[0, sound], cost)
            least[1, sound] = min(least[1, sound], cost)
    return least


@unmanaged_kernel(forceinline=True)
def alike(
    a: Array,
    na: int,
    marks: Array,
    sa: Array,
    nsa: int,
    b: Array,
    nb: int,
    sb: Array,
    nsb: int,
    costs: Array,
    dropping: Array,
    cheapest: Array,
    row: Array,
    known: bool,
    bits: Any,
) -> Any:
    """How alike two tokens are, 0 to 1: the better of how they are typed and how they sound.

    Of tokens less alike than `FLOOR` it gives some number below it.

    Args:
        a, na, marks: letters of the first token, which `mark` has marked.
        sa, nsa: its sounds.
        b, nb, sb, nsb: the same of the second.
        costs, dropping: as in `TABLES`.
        cheapest: what each sound of a second token costs at least, see `cheapest_sounds`.
        row: room for `WIDTH` + 1 numbers.
        known: the first is a word of the list itself, and so less likely to be the second, mistyped.
        bits: in how many bits their bags differ, at most two for each edit.
    """
    longest = np.int64(max(na, nb))
    allowed = 0 if longest < 3 else 1 if longest < 6 else 2 if longest < 11 else 3
    typed = np.float64(0)
    # Counts come as bytes, whose difference would wrap.
    if bits <= 2 * allowed and abs(np.int64(na) - np.int64(nb)) <= allowed:
        edits = typos(a, na, marks, b, nb)
        if edits == 0:
            return np.float64(1)
        if edits <= allowed:
            typed = 1 - (KNOWN if known else UNKNOWN) * edits / longest
    if min(na, nb) < 2:
        return typed
    across = 1 if nsa and nsb and (sa[0] >= ARABIC) != (sb[0] >= ARABIC) else 0
    # Between scripts only consonants and long vowels are evidence: a cost is measured against those.
    apart = (sa[0] >= ARABIC) != (sb[0] >= ARABIC)
    size = np.float64(max(min(nsa, nsb), 2) if apart else max(nsa, nsb, 2))
    # Above this cost the sounds say less than the letters, or too little.
    limit = (1 - max(typed, FLOOR)) * size / (1 + 1 / size) + 1e-6
    least = np.float64(0)
    for j in range(nsb):
        least += cheapest[across, sb[j]]
    if least > limit + _SLACK:
        return typed
    cost = np.float64(unlike(sa, nsa, sb, nsb, costs, dropping[across], row, limit))
    heard = 1 - (1 + 1 / size) * cost / size
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
    letter_counts_q: Array,
    sounds_q: Array,
    sound_counts_q: Array,
    costs: Array,
    dropping: Array,
    class_bit: Array,
    known: bool,
) -> Any:
    """Rows of the vocabulary that a token may be, and how alike they are.

    The token is given as the vocabulary is, by arrays of one row.
    """
    found = np.empty(_ROOM, np.int32)
    score = np.empty(_ROOM, np.float32)
    marks = np.zeros(PLACES, np.uint64)
    row = np.zeros(WIDTH + 1, np.float32)
    a, na, sa, nsa = letters_q[0], letter_counts_q[0], sounds_q[0], sound_counts_q[0]
    bags_q, skeletons_q = bags(letters_q, letter_counts_q, sounds_q, sound_counts_q, class_bit)
    bag_q, skeleton_q = bags_q[0], skeletons_q[0]
    mark(a, na, marks)
    cheapest = cheapest_sounds(sa, nsa, costs, dropping)
    count = 0
    room = np.uint64(2 if na < 6 else 4)
    slack = np.uint64(2 if sa[0] >= ARABIC else 0)
    near = np.empty(bag.shape[0], np.bool_)
    for v in range(bag.shape[0]):  # without a branch: several words at once
        near[v] = (bit_count(bag[v] ^ bag_q) <= room) | (bit_count(skeleton[v] ^ skeleton_q) <= slack)
    for v in range(bag.shape[0]):
        if near[v] and alive[v] > 0:
            bits = bit_count(bag[v] ^ bag_q)
            value = alike(
                a, na, marks, sa, nsa, letters[v], letter_counts[v], sounds[v], sound_counts[v],
                costs, dropping, cheapest, row, known, np.int64(bits),
            )  # fmt: skip
            if value >= FLOOR and count < _ROOM:
                found[count] = v
                score[count] = value
                count += 1
    return found[:count].copy(), score[:count].copy()


@kernel(few=FEW)
def rank(rows: Array, alike: Array, borne: Array, worth: Array, least: int) -> Any:
    """Compute how telling each similar word is, their order by likeness, and the rarity of the token.

    A word tells how few names hold it or one that is as much alike.

    Args:
        rows, alike: of the vocabulary, ascending, and how alike each is.
        borne: by how many names each row of the vocabulary is held.
        worth: of a word, by how many names hold it.
        least: names that hold the token at least.
    """
    count = len(rows)
    order = np.zeros(count, np.int32)
    for k in range(count):  # rows ascend: of equals the first row
        at = k
        while at > 0 and alike[order[at - 1]] < alike[k]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = k
    telling = np.zeros(count, np.float32)
    rarity = np.float32(1)
    mass = begin = 0
    for k in range(count):
        mass += borne[rows[order[k]]]
        value = alike[order[k]]
        if k + 1 < count and alike[order[k + 1]] == value:
            continue
        tells = worth[min(max(mass, least), len(worth) - 1)]
        for at in range(begin, k + 1):
            telling[order[at]] = tells
        begin = k + 1
        if np.float64(value) >= CLOSE:
            rarity = tells
    return telling, order, rarity


TABLES: Final = (SUBSTITUTION, DROPPING, CLASS_BIT)
"""What `neighbours` needs to know about sounds, in its order."""
