"""Impurity profiles: how alike two of one procedure are.

A profile is the shares of a chromatogram's peaks. Two are compared by the cosine of the square roots of
their shares, which keeps the large peaks from drowning the small ones (pretreatment and similarity as in
P. Esseiva et al., Forensic Science International 132, 2003, and K. Andersson et al., 169, 2007). A peak of
more than half of all areas is the substance itself or what it was cut with and no impurity: it is left out of
both. Peaks under one label are one; those without are matched in the order of their retention times, within
`TOLERANCE`. What only one profile has counts as 0 in the other.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from math import isfinite
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.lab.quality import usable
from watchfloor.formats.lab.reading_quality import CHECKS, PEAK

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

TOLERANCE: Final = 0.05
"""Minutes by which retention times of one peak may differ. Of the compounds named in 24 public runs of one
method (bumblebees, in M. Ottensmann et al., PLoS ONE 13, 2018) pairs of runs match 90 % so, and 3 % wrongly;
.02 finds 78 %, and .1 has 13 % wrong."""
COMMON: Final = 3
"""Common peaks that a comparison needs (judgement): of fewer any two may be alike."""
BINS: Final = 120
PER_DECADE: Final = 20
"""Bins of likeness in a power of ten of the distance, which is one less the cosine."""


class Profile(NamedTuple):
    """Peaks of a chromatogram, by place.

    Attributes:
        at: minutes; of a labelled peak a number of its own below 0; ascending, (n,).
        root: square root of its share of all areas, (n,).
        names: label or retention time.
    """

    at: Floats
    root: Floats
    names: tuple[str, ...]


class Alike(NamedTuple):
    """Comparisons of a profile with others: cosines and numbers of common peaks, (n,)."""

    cosine: Floats
    common: Numbers

    @property
    def bins(self) -> Numbers:
        """The bin of each, -1 where too few peaks are common to compare."""
        distance = np.maximum(1 - self.cosine, 1e-9)
        found = np.clip((-np.log10(distance) * PER_DECADE).astype(np.int64), 0, BINS - 1)
        return np.where(self.common < COMMON, -1, found)


def is_profile(row: Mapping[str, Any]) -> bool:
    """Whether a reading is a profile that may be compared: of an item, by a procedure, and not set aside."""
    named = any(one["name"].startswith(PEAK) for one in row["results"] or ())
    return bool(row["procedure"] and named and row["matrix"] not in CHECKS and usable(row))


def profile(row: Mapping[str, Any]) -> Profile:
    """Return the profile of a reading; of peaks under one label the sum."""
    areas: dict[float, tuple[float, str]] = {}
    for one in row["results"] or ():
        share = one["share"]
        if one["name"].startswith(PEAK) and share is not None and isfinite(share) and share > 0:
            name = one["name"][len(PEAK) :]
            at = _place(name)
            areas[at] = (areas.get(at, (0.0,))[0] + share, name)
    places = sorted(areas)
    shares = np.array([areas[one][0] for one in places])
    return Profile(np.array(places), np.sqrt(shares), tuple(areas[one][1] for one in places))


def _place(name: str) -> float:
    number, _, unit = name.partition(" ")
    try:
        if unit == "min" and 0 <= float(number) < 1e6:
            return float(number)
    except ValueError:
        pass
    digest = blake2b(" ".join(name.casefold().split()).encode(), digest_size=6).digest()
    return -1.0 - int.from_bytes(digest, "big")


def compared(one: Profile, others: Sequence[Profile]) -> Alike:
    """Compare a profile with each of others."""
    start = np.cumsum([0, *(len(other.at) for other in others)])
    at = np.concatenate([np.empty(0), *(other.at for other in others)])
    root = np.concatenate([np.empty(0), *(other.root for other in others)])
    cosine, common = _compared(one.at, one.root, at, root, start, TOLERANCE)
    return Alike(np.round(cosine, 9), common)


def largest_common(one: Profile, other: Profile, count: int) -> list[tuple[str, float, float]]:
    """Return the largest peaks that both have, and their shares in each."""
    pairs = [
        (one.names[i], float(one.root[i]) ** 2, float(other.root[j]) ** 2)
        for i, j in zip(*_matched(one.at, other.at, TOLERANCE), strict=True)
        if max(one.root[i], other.root[j]) ** 2 <= 0.5
    ]
    return sorted(pairs, key=lambda pair: -(pair[1] + pair[2]))[:count]


@kernel(few=1 << 12)
def _matched(a: Floats, b: Floats, tolerance: float) -> tuple[Numbers, Numbers]:
    """Match peaks of two profiles in their order; the same whichever is the first."""
    of_a, of_b = np.empty(min(len(a), len(b)), np.int64), np.empty(min(len(a), len(b)), np.int64)
    i = j = n = 0
    while i < len(a) and j < len(b):
        apart = a[i] - b[j]
        if abs(apart) <= tolerance:
            of_a[n], of_b[n] = i, j
            i, j, n = i + 1, j + 1, n + 1
        elif apart < 0:
            i += 1
        else:
            j += 1
    return of_a[:n], of_b[:n]


@kernel(few=1 << 12)
def _compared(
    one: Floats, mine: Floats, at: Floats, root: Floats, start: Numbers, tolerance: float
) -> tuple[Floats, Numbers]:
    """Compare a profile with others, which lie one after the other from `start[p]` to `start[p + 1]`."""
    cosine, common = np.zeros(len(start) - 1), np.zeros(len(start) - 1, np.int64)
    for p in range(len(start) - 1):
        theirs = root[start[p] : start[p + 1]]
        of_one, of_other = _matched(one, at[start[p] : start[p + 1]], tolerance)
        # Squares of all peaks but the main ones; of a main peak that is matched, its match is left out too.
        left = right = dot = 0.0
        for share in mine:
            left += share * share * (share * share <= 0.5)
        for share in theirs:
            right += share * share * (share * share <= 0.5)
        for k in range(len(of_one)):
            a, b = mine[of_one[k]], theirs[of_other[k]]
            if a * a <= 0.5 and b * b <= 0.5:
                dot += a * b
                common[p] += 1
            elif a * a <= 0.5:
                left -= a * a
            elif b * b <= 0.5:
                right -= b * b
        if left > 1e-12 and right > 1e-12:
            cosine[p] = min(dot / np.sqrt(left * right), 1.0)
    return cosine, common
