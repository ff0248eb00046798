"""Which substances of a library are worth trying for what is left of a sample."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.desks.lab.identify.compounds import HARD, SOFT, VOLTS, Shelf
from watchfloor.desks.lab.prepare import MASS, Peaks
from watchfloor.desks.lab.search.find import hits

Floats = NDArray[np.float64]

FEW: Final = 64
"""Of so many substances each is tried; of more, the best hits of what is left."""
HITS: Final = 24
"""Hits of one channel that are tried."""


def candidates(shelf: Shelf, queries: Sequence[Peaks], left: Sequence[Floats]) -> list[int]:
    """Places of substances on the shelf.

    Args:
        shelf: the library.
        queries: the spectra of a sample.
        left: what is unexplained of each, at its peaks.
    """
    if len(shelf.compounds) <= FEW:
        return list(range(len(shelf.compounds)))
    found: dict[int, None] = {}
    for query, heights in zip(queries, left, strict=True):
        near = similar(shelf, query, heights, HITS)
        found.update(dict.fromkeys(int(shelf.owner[at]) for at, _ in near))
    return list(found)


def similar(
    shelf: Shelf, query: Peaks, heights: Floats, k: int, tolerance: float | None = None
) -> list[tuple[int, float]]:
    """The k spectra of the library most similar to heights at a query's places: their places and cosines."""
    keep = heights > 0
    if not keep.any():
        return []
    if query.domain == "mass":
        within = tolerance or query.tolerance
        found = hits(shelf.library, query.x[keep], heights[keep], k, within, allowed(shelf, query))
        return [(one.at, one.score) for one in found]
    places = np.flatnonzero(allowed(shelf, query)).tolist()
    scores = [(_cosine(query, heights, shelf.peaks(at)), at) for at in places]
    return [(at, score) for score, at in sorted(scores, reverse=True)[:k] if score > 0]


def allowed(shelf: Shelf, query: Peaks) -> NDArray[np.bool_]:
    """Which spectra of the library may be compared with a query, as `compounds.comparable` says; (s,)."""
    techniques = shelf.techniques
    if query.domain != "mass":
        return np.asarray(techniques == query.technique)
    barred = HARD if query.technique in SOFT else SOFT if query.technique in HARD else ()
    may = np.isin(techniques, [one for one in MASS if one not in barred])
    if query.voltage is not None:
        volts = shelf.library.arrays["voltage"]
        may &= np.isnan(volts) | (np.abs(volts - query.voltage) <= VOLTS)
    return may


def _cosine(query: Peaks, heights: Floats, other: Peaks) -> float:
    """Of two curves over the bins that both have."""
    low, high = max(query.x[0], other.x[0]), min(query.x[-1], other.x[-1])
    a = heights[(query.x >= low) & (query.x <= high)]
    b = other.y[(other.x >= low) & (other.x <= high)]
    if len(a) != len(b) or not len(a):
        return 0.0
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0
