"""The best hits of a library for one spectrum."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchfloor.desks.lab.search import kernels
from watchfloor.desks.lab.search.library import Library

TOLERANCE = 0.01
"""How far apart two peaks of one ion may be, in m/z, on instruments of accurate mass."""

ALL: NDArray[np.bool_] = np.empty(0, np.bool_)


class Hit(NamedTuple):
    """A spectrum of the library: its place there, the cosine of 0 to 1, and how many peaks were paired."""

    at: int
    score: float
    pairs: int


def hits(
    library: Library,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    k: int = 10,
    tolerance: float = TOLERANCE,
    allowed: NDArray[np.bool_] = ALL,
) -> list[Hit]:
    """The k best centroid spectra by greedy cosine, exactly; ties in the order of the library.

    Args:
        library: what is searched.
        x, y: peaks of the query, ascending; intensities above 0 in any scale; float64 of shape (n,).
        k: how many.
        tolerance: how far apart two peaks may be that are paired, in the unit of x.
        allowed: which spectra of the library may be hits, (s,); all where it is empty.

    Raises:
        ValueError: k or tolerance is not above 0, or the query has no peak above 0.
    """
    if k < 1 or not tolerance > 0:
        raise ValueError("a search needs at least one hit and a tolerance above 0")
    if not len(x) or not np.all(np.isfinite(x)) or not np.all(y > 0) or not np.all(np.diff(x) >= 0):
        raise ValueError("a query needs ascending peaks with intensities above 0")
    x, y = np.array(x, np.float64), np.array(y, np.float64)  # copies: kernels are compiled for these alone
    places, scores, pairs = kernels.best(
        x, y, min(k, len(library)) or 1, float(tolerance), library.postings, library.lists, allowed
    )
    return [Hit(*one) for one in zip(places.tolist(), scores.tolist(), pairs.tolist(), strict=True)]
