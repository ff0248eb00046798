"""Fingerprints of a letter's wording.

The text is cut into shingles of `WORDS` words, after whatever differs between two copies of one form letter
was masked: numbers, dates, names that the caller gives, forms of address and pronouns. A fingerprint is the
minimum of each of `HASHES` hash functions over the shingles (Broder, "On the resemblance and containment of
documents", 1997); the share of equal minima estimates the Jaccard index of the two sets of shingles.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import blake2b
from math import sqrt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

WORDS: Final = 4
"""Words of a shingle: one word that differs changes four shingles, and phrases of three are everybody's."""
HASHES: Final = 128
"""Hash functions; the standard error of a resemblance is at most sqrt(.25 / 128) = .044."""
BAND: Final = 4
"""Minima of a band, see `bands`."""
DEVIATE: Final = 1.959963984540054
"""Standard deviations on either side of 95 %."""

MASK: Final = "@"
MONTHS: Final = frozenset(
    "january february march april june july august september october november december jan feb mar apr jun "
    "jul aug sep sept oct nov dec janvier fevrier mars avril mai juin juillet aout septembre octobre "
    "novembre decembre monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi "
    "vendredi samedi dimanche".split()
)
"""Months and days of the week; `may` is left, because it is a verb in nearly every letter."""
PERSONS: Final = frozenset(
    "mr mrs ms miss mx sir madam he she his her hers him himself herself they their them m mme mlle monsieur "
    "madame mademoiselle il elle lui".split()
)
"""Words that change with who a letter is about; masked, a fingerprint says nothing of their sex."""

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

Signature = npt.NDArray[np.int64]


class Resemblance(NamedTuple):
    """An estimated Jaccard index, its standard error, and its interval of 95 % (Wilson)."""

    value: float
    error: float
    low: float
    high: float


def words(text: str, names: Iterable[str] = ()) -> list[str]:
    """Return the words of a text, folded, each run of what differs between copies as one `MASK`.

    Args:
        text: of the letter.
        names: of the applicant, their family, their school: whatever this copy alone says.
    """
    own = {word for name in names for word in _WORD.findall(_folded(name))}
    found: list[str] = []
    for word in _WORD.findall(_folded(text)):
        masked = word in own or word in MONTHS or word in PERSONS or any(map(str.isdigit, word))
        if not masked:
            found.append(word)
        elif not found or found[-1] != MASK:
            found.append(MASK)
    return found


def shingles(text: str, names: Iterable[str] = ()) -> frozenset[str]:
    """Return the runs of `WORDS` words of a text; of a shorter one itself, of one without words none."""
    found = words(text, names)
    if not any(word != MASK for word in found):
        return frozenset()
    return frozenset(
        " ".join(found[start : start + WORDS]) for start in range(max(1, len(found) - WORDS + 1))
    )


def fingerprint(text: str, names: Iterable[str] = (), template: Iterable[str] = ()) -> Signature:
    """Return the fingerprint of a letter's wording: `HASHES` minima, or none where no word is left.

    Args:
        text: of the letter.
        names: as `words` takes them.
        template: shingles of the form that the letter fills in. They are left out, so that two letters are
            not alike for the form that an issuer gives to everybody.
    """
    return minima(shingles(text, names).difference(template))


def minima(found: Iterable[str]) -> Signature:
    """Return the minimum of each hash function over a set of texts; an empty array of an empty set."""
    digests = [blake2b(one.encode("utf-8", "surrogatepass"), digest_size=8).digest() for one in found]
    if not digests:
        return np.empty(0, np.int64)
    values = np.frombuffer(b"".join(digests), "<u8")
    lowest = np.full(HASHES, np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, len(values), 4096):  # 4 MiB of hashes at a time, however long the text
        mixed = _mixed(values[start : start + 4096, None] ^ _seeds()[None, :])
        np.minimum(lowest, mixed.min(axis=0), out=lowest)
    return (lowest >> np.uint64(1)).astype(np.int64)


def resemblance(one: Sequence[int] | Signature, other: Sequence[int] | Signature) -> Resemblance | None:
    """Return the estimated Jaccard index of two fingerprints; None where one of them is of nothing."""
    a, b = np.asarray(one, np.int64), np.asarray(other, np.int64)
    if a.size != HASHES or b.size != HASHES:
        return None
    share = float(np.mean(a == b))
    square = DEVIATE**2
    middle = (share + square / (2 * HASHES)) / (1 + square / HASHES)
    half = DEVIATE * sqrt(share * (1 - share) / HASHES + square / (4 * HASHES**2)) / (1 + square / HASHES)
    return Resemblance(
        share, sqrt(share * (1 - share) / HASHES), max(0.0, middle - half), min(1.0, middle + half)
    )


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the exact Jaccard index of two sets of shingles; 0 where both are empty."""
    return len(one & other) / len(one | other) if one or other else 0.0


def bands(signature: Sequence[int] | Signature) -> list[int]:
    """Return keys of a fingerprint: two that share one are worth comparing, all others are not.

    Two letters that resemble each other by .8 share a key in all but 5e-8 of cases, by .5 in 87 %, by .2 in
    5 % (1 - (1 - s^4)^32; Leskovec, Rajaraman, Ullman, *Mining of Massive Datasets*, section 3.4).
    """
    values = np.asarray(signature, np.int64)
    if values.size != HASHES:
        return []
    rows = values.reshape(-1, BAND)
    return [
        int.from_bytes(blake2b(bytes([at]) + row.astype("<i8").tobytes(), digest_size=8).digest()) >> 1
        for at, row in enumerate(rows)
    ]


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("\N{SOFT HYPHEN}", ""))
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()


@cache
def _seeds() -> npt.NDArray[np.uint64]:
    return _mixed(np.arange(1, HASHES + 1, dtype=np.uint64))


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the finaliser of SplitMix64 (Steele, Lea, Flood 2014), a permutation of the 64-bit numbers."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
