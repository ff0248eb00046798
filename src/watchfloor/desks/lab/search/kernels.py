"""The inner loops of a library search, compiled.

The score is the cosine of two peak lists with greedy assignment: pairs of peaks within a tolerance are taken
in the order of falling product, each peak once; the sum of products over both norms (Stein & Scott, J. Am.
Soc. Mass Spectrom. 5 (1994) 859; the assignment and its ties are those of matchms' CosineGreedy).

The search never misses a hit: the sum over *all* pairs bounds the greedy sum from above, and what the query
peaks not yet looked at could add is bounded by their norm (Cauchy-Schwarz; library spectra have norm 1).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchfloor.core.kernels import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SLACK = 1e-4
"""What the bounds allow for their single precision, relative for m/z and absolute for scores."""

REST = (0.35, 0.2, 0.1, 0.05, 0.02, 0.0)
"""Norms of the query peaks left at which the search looks whether what it has is already enough."""


@kernel
def greedy(ax: Floats, ay: Floats, bx: Floats, by: Floats, tolerance: float) -> tuple[float, int]:
    """Sum of products of greedily assigned pairs of peaks, and how many pairs; `a` is the library's.

    Args:
        ax, bx: abscissas, ascending; float64 of shape (n,) and (m,).
        ay, by: intensities, as many.
        tolerance: how far apart two peaks of a pair may be, in the unit of the abscissas.
    """
    count, low = 0, 0
    for i in range(ax.size):
        while low < bx.size and bx[low] < ax[i] - tolerance:
            low += 1
        j = low
        while j < bx.size and bx[j] <= ax[i] + tolerance:
            count += 1
            j += 1
    if count == 0:
        return 0.0, 0
    left, right = np.empty(count, np.int64), np.empty(count, np.int64)
    product = np.empty(count)
    at, low, crossed = 0, 0, False
    for i in range(ax.size):
        while low < bx.size and bx[low] < ax[i] - tolerance:
            low += 1
        j = low
        while j < bx.size and bx[j] <= ax[i] + tolerance:
            crossed |= at > 0 and (left[at - 1] == i or right[at - 1] >= j)
            left[at], right[at], product[at] = i, j, ay[i] * by[j]
            at += 1
            j += 1
    if not crossed:
        return product.sum(), count
    order = np.argsort(product, kind="mergesort")[::-1]
    used_a, used_b = np.zeros(ax.size, np.bool_), np.zeros(bx.size, np.bool_)
    total, pairs = 0.0, 0
    for pair in order:
        if not used_a[left[pair]] and not used_b[right[pair]]:
            used_a[left[pair]] = used_b[right[pair]] = True
            total += product[pair]
            pairs += 1
    return total, pairs


@kernel
def _score(at: Any, x: Floats, y: Floats, norm: float, lib: tuple, tolerance: float) -> tuple[float, int]:  # type: ignore[type-arg]
    starts, xs, ys, norms = lib
    a, b = starts[at], starts[at + 1]
    total, pairs = greedy(xs[a:b], ys[a:b], x, y, tolerance)
    return total / (norms[at] * norm), pairs


@kernel
def _largest(bounds: NDArray[np.float32], k: int) -> Ints:
    """Places of the k largest entries above 0 (fewer where there are not as many), largest first."""
    places, values = np.empty(k, np.int64), np.empty(k, np.float32)
    kept, least = 0, np.float32(0.0)
    for at in range(bounds.size):
        value = bounds[at]
        if value <= least:
            continue
        slot = kept if kept < k else k - 1
        while slot > 0 and values[slot - 1] < value:
            values[slot], places[slot] = values[slot - 1], places[slot - 1]
            slot -= 1
        values[slot], places[slot] = value, at
        kept = min(kept + 1, k)
        if kept == k:
            least = values[k - 1]
    return places[:kept]


@kernel
def best(
    x: Floats,
    y: Floats,
    k: int,
    tolerance: float,
    postings: tuple,  # type: ignore[type-arg]
    lib: tuple,  # type: ignore[type-arg]
    allowed: NDArray[np.bool_],
) -> tuple[Ints, Floats, Ints]:
    """The k library spectra with the highest greedy cosine to a query: places, scores, matched pairs.

    Args:
        x, y: the query's peaks, ascending; float64 of shape (n,).
        k: how many hits; fewer come where fewer share a peak.
        tolerance: as in `greedy`.
        postings: every peak of the library by rising abscissa: abscissa float32, spectrum int32, and
            intensity over its spectrum's norm float32.
        lib: per spectrum: starts int64 (s+1,) into abscissas and intensities float64; norms float64 (s,).
        allowed: which spectra may be hits, (s,); empty where all may.
    """
    at_x, at_spectrum, at_weight = postings
    norm = np.sqrt((y * y).sum())
    weight = y / norm
    order = np.argsort(-weight)
    rest = 1.0
    bounds = np.zeros(lib[3].size, np.float32)
    places, scores, pairs = np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64)
    done = 0
    for limit in REST:
        while done < order.size and (rest > limit or limit == 0.0):
            peak = order[done]
            slack = SLACK * (1.0 + 1e-3 * abs(x[peak]))
            a = np.searchsorted(at_x, np.float32(x[peak] - tolerance - slack))
            b = np.searchsorted(at_x, np.float32(x[peak] + tolerance + slack), side="right")
            factor = np.float32(weight[peak])
            for p in range(a, b):
                bounds[at_spectrum[p]] += factor * at_weight[p]
            rest = np.sqrt(max(0.0, rest * rest - weight[peak] * weight[peak]))
            done += 1
        if done == order.size:
            rest = 0.0
        if allowed.size:
            for at in range(bounds.size):
                if not allowed[at]:
                    bounds[at] = 0.0
        found = _largest(bounds, k)
        least = 0.0
        if found.size == k:
            least = 1.0
            for at in found:
                least = min(least, _score(at, x, y, norm, lib, tolerance)[0])
        need = least - rest - SLACK
        if rest > 0.0 and (need <= 0.0 or _above(bounds, need) > 16 * k + 64):
            continue
        places, scores, pairs = _ranked(bounds, need, rest, k, x, y, norm, lib, tolerance)
        break
    return places, scores, pairs


@kernel
def _before(score: float, at: Any, other: float, other_at: Any) -> bool:
    return score > other or (score == other and at < other_at)


@kernel
def _above(bounds: NDArray[np.float32], need: float) -> int:
    count = 0
    for value in bounds:
        count += value >= need
    return count


@kernel
def _ranked(
    bounds: NDArray[np.float32],
    need: float,
    rest: float,
    k: int,
    x: Floats,
    y: Floats,
    norm: float,
    lib: tuple,  # type: ignore[type-arg]
    tolerance: float,
) -> tuple[Ints, Floats, Ints]:
    """Exact scores of those whose bound reaches, until no other can be among the best k."""
    candidates = np.flatnonzero((bounds >= need) & (bounds > 0))
    candidates = candidates[np.argsort(-bounds[candidates], kind="mergesort")]
    places, scores, pairs = np.empty(k, np.int64), np.empty(k), np.empty(k, np.int64)
    kept = 0
    for at in candidates:
        if kept == k and bounds[at] + rest + SLACK < scores[k - 1]:
            break
        score, matched = _score(at, x, y, norm, lib, tolerance)
        if score <= 0.0 or (kept == k and not _before(score, at, scores[k - 1], places[k - 1])):
            continue
        slot = kept if kept < k else k - 1
        while slot > 0 and _before(score, at, scores[slot - 1], places[slot - 1]):
            scores[slot], places[slot], pairs[slot] = scores[slot - 1], places[slot - 1], pairs[slot - 1]
            slot -= 1
        scores[slot], places[slot], pairs[slot] = score, at, matched
        kept = min(kept + 1, k)
    return places[:kept], scores[:kept], pairs[:kept]
