"""Check a library: duplicates, unlike spectra of one substance, like ones of two."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

import numpy as np

from watchfloor.desks.lab.identify.candidates import similar
from watchfloor.desks.lab.identify.compounds import Shelf, comparable
from watchfloor.desks.lab.prepare import Peaks
from watchfloor.desks.lab.search.kernels import greedy

SAME: Final = 0.98
"""Cosine of the roots of heights from which on two spectra are as good as one."""
UNLIKE: Final = 0.5
"""Cosine below which two spectra that may be compared are hardly of one substance."""
DUPLICATE: Final = 0.99999
FEW: Final = 4
"""Peaks that two spectra must share at least before their likeness says anything."""
NEAR: Final = 6
"""Hits of each spectrum that are looked at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Two spectra of a library that do not go together.

    Attributes:
        kind: `duplicate`: one substance, one spectrum, twice; `unlike`: one substance, two unlike spectra;
            `same`: two substances, nearly one spectrum: mislabelled, or not told apart by this technique.
        first, second: places in the library.
        score: cosine of the roots of their heights, 0 to 1.
    """

    kind: Literal["duplicate", "unlike", "same"]
    first: int
    second: int
    score: float


def check(shelf: Shelf) -> Iterator[Finding]:
    """Everything that is wrong with a library, by the order of its spectra."""
    seen: set[tuple[int, int]] = set()
    for at in range(len(shelf.library)):
        yield from _of_one(shelf, at)
        for finding in _of_two(shelf, at):
            if (finding.first, finding.second) not in seen:
                seen.add((finding.first, finding.second))
                yield finding


def likeness(one: Peaks, other: Peaks) -> tuple[float, int]:
    """Cosine of the roots of heights, greedily paired, and the number of pairs."""
    a, b = np.sqrt(one.y), np.sqrt(other.y)
    total, pairs = greedy(one.x, a, other.x, b, max(one.tolerance, other.tolerance))
    return float(total / np.sqrt(one.y.sum() * other.y.sum())), int(pairs)


def _of_one(shelf: Shelf, at: int) -> Iterator[Finding]:
    """Pairs of spectra of one substance; told at the first of its spectra."""
    places = shelf.compounds[int(shelf.owner[at])].places
    if at != places[0]:
        return
    for first, second in combinations(places, 2):
        one, other = shelf.peaks(first), shelf.peaks(second)
        if comparable(one, other):
            score, _ = likeness(one, other)
            if score < UNLIKE or score > DUPLICATE:
                yield Finding("unlike" if score < UNLIKE else "duplicate", first, second, score)


def _of_two(shelf: Shelf, at: int) -> Iterator[Finding]:
    """Spectra of other substances that are nearly the same as one."""
    one = shelf.peaks(at)
    for place, _ in similar(shelf, one, one.y, NEAR):
        if shelf.owner[place] != shelf.owner[at]:
            score, pairs = likeness(one, shelf.peaks(place))
            if score >= SAME and pairs >= min(FEW, len(one.x)):
                yield Finding("same", min(at, place), max(at, place), score)
