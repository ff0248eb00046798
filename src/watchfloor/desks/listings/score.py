"""How well a query's name fits a listed one: tokens paired one to one, each pair worth what it tells.

    fit = sum(w s over pairs)
          / (sum(w over pairs) + ASKED sum(w, unpaired in the query) + LISTED sum(w, unpaired on the list))

*s* is how alike the tokens of a pair are; *w* is what they tell, the rarity of a word at least as much
alike, times its bearing in the name. A token that only the query has counts more against a hit than one
that only the list has: lists print full names, and people use short ones. Pairing tokens one to one by
likeness and rarity is the "soft TF-IDF" of Cohen, Ravikumar and Fienberg (2003).
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.listings.normalise import MAX_TOKENS

CANDIDATES: Final = 48
"""Listed names that are scored, those of the highest bound."""

POSTINGS: Final = 300_000
"""Postings that one reading of a query may touch; the rarest words come first."""

ASKED: Final = 0.5
ASKED_WHOLE: Final = 0.35  # where every word of the listed name has its pair
LISTED: Final = 0.23

_NEARLY: Final = 1 + 1e-5
_SLACK: Final = 1e-4
"""Room for the rounding of sums in 32 bits."""

INITIAL: Final = 0.8
"""How alike a name and its initial are."""

INITIAL_TELLS: Final = 0.25
"""What an initial tells: one name in a dozen starts so."""

FEW: Final = 1 << 15
"""Numbers in a query and a list that are looked through without numba."""

Array = npt.NDArray[Any]


class QueryReading(NamedTuple):
    """A reading of a query; token *i* may be `rows[start[i]:start[i + 1]]` of the vocabulary, ascending."""

    weights: Array  # what each token tells where it has no pair
    whole: Any  # the sum of it
    bearings: Array
    initials: Array  # the first letter of each token, negative where it is the only one
    ranks: Array  # the tokens, the most telling first
    start: Array
    rows: Array
    alike: Array
    telling: Array
    order: Array  # within each token's rows, the most alike first


class Listed(NamedTuple):
    """The live list, see `watchfloor.desks.listings.index`."""

    first: Array
    posted: Array
    posted_weight: Array
    weight: Array  # of each name
    key: Array
    start: Array
    tokens: Array
    bearings: Array
    rarity: Array
    letters: Array
    letter_counts: Array


class Scratch(NamedTuple):
    """A sum and a stamp for each name, side by side for the cache, and room for their numbers.

    A stamp is a whole number below `STAMPS`; none is as high as the serial of the next search.
    """

    cells: Array
    touched: Array


STAMPS: Final = 1 << 24
"""Whole numbers up to this one are exact in 32 bits of floating point."""


class Fits(NamedTuple):
    """Names that fit: their numbers, how well, and what their pairs tell."""

    names: Array
    fit: Array
    worth: Array


@kernel(few=FEW)
def search(asked: QueryReading, listed: Listed, scratch: Scratch, serial: int) -> Any:
    """The names that fit best, as the fields of `Fits`, in no order that means anything."""
    names = np.zeros(CANDIDATES, np.int32)
    bounds = np.zeros(CANDIDATES, np.float32)
    names = names[: _best(asked, listed, scratch, _gather(asked, listed, scratch, serial), bounds, names)]
    fit = np.zeros(len(names), np.float32)
    worth = np.zeros(len(names), np.float32)
    used = np.zeros((2, MAX_TOKENS), np.bool_)
    grid = np.zeros((MAX_TOKENS, MAX_TOKENS), np.float32)
    tells = np.zeros((MAX_TOKENS, MAX_TOKENS), np.float32)
    for k in range(len(names)):
        _compare(asked, listed, names[k], grid, tells)
        fit[k], worth[k] = _pair(asked, listed, names[k], grid, tells, used)
    return names, fit, worth


@kernel
def _gather(asked: QueryReading, listed: Listed, scratch: Scratch, serial: int) -> int:
    """Sum, for each name that shares a word, what the words tell; each word of the query counts once.

    Once `CANDIDATES` names are known, a common word brings in no name that is too heavy to reach their
    bounds, and the names that were met before are completed by their own words (after MaxScore, Turtle and
    Flood 1995).
    """
    cells, touched = scratch
    count = walked = 0
    fresh = np.float32(serial)
    tokens = len(asked.ranks)
    rest = np.zeros(tokens + 1, np.float32)  # what the words from this rank on may add at most
    for k in range(tokens - 1, -1, -1):
        i = asked.ranks[k]
        most = np.float32(0)
        for at in range(asked.start[i], asked.start[i + 1]):
            most = max(most, _gain(asked, i, at))
        rest[k] = rest[k + 1] + most
    bounds = np.zeros(CANDIDATES, np.float32)
    names = np.zeros(CANDIDATES, np.int32)
    for k in range(tokens):
        i = asked.ranks[k]
        mark = np.float32(serial + 1 + k)
        first, last = asked.start[i], asked.start[i + 1]
        size = 0
        for at in range(first, last):
            size += listed.first[asked.rows[at] + 1] - listed.first[asked.rows[at]]
        earlier = count
        chooses = count >= CANDIDATES and size > 4 * count
        least = np.float64(0)
        if chooses:
            _best(asked, listed, scratch, count, bounds, names)
            least = np.float64(bounds[CANDIDATES - 1])
        for p in range(first, last):
            at = first + asked.order[p]
            gain = _gain(asked, i, at)
            heaviest = _heaviest(asked, gain + rest[k + 1], least) if chooses else np.float32(np.inf)
            if heaviest < 0:
                continue
            for posting in range(listed.first[asked.rows[at]], listed.first[asked.rows[at] + 1]):
                if listed.posted_weight[posting] > heaviest:
                    continue
                name = listed.posted[posting]
                stamp = cells[name, 1]
                if stamp == mark:
                    continue
                if stamp < fresh:
                    cells[name, 0] = gain
                    touched[count] = name
                    count += 1
                else:
                    cells[name, 0] += gain
                cells[name, 1] = mark
        for met in range(earlier if chooses else 0):
            name = touched[met]
            reach = _bound(asked, cells[name, 0] + rest[k], listed.weight[name])
            if cells[name, 1] == mark or reach * _NEARLY < least:
                continue
            most = np.float32(0)
            for j in range(listed.start[name], listed.start[name + 1]):
                at = _find(asked.rows, first, last, listed.tokens[j])
                if at >= 0:
                    most = max(most, _gain(asked, i, at))
            cells[name, 0] += most
        walked += size
        if walked > POSTINGS:
            break
    return count


@kernel(forceinline=True)
def _gain(asked: QueryReading, i: int, at: int) -> Any:
    return asked.bearings[i] * asked.telling[at] * asked.alike[at]


@kernel(forceinline=True)
def _bound(asked: QueryReading, hit: float, weight: float) -> Any:
    """The best fit of a name of some weight whose words tell so much together."""
    missing_q, missing = np.float64(max(asked.whole - hit, 0)), np.float64(max(weight - hit, 0))
    return hit / (hit + ASKED * missing_q + LISTED * missing + 1e-6)


@kernel(forceinline=True)
def _heaviest(asked: QueryReading, hit: float, bound: float) -> Any:
    """The weight up to which a name has this bound where its words tell so much; negative if none has."""
    hit = np.float64(hit)
    missing_q = np.float64(max(np.float64(asked.whole) - hit, 0.0))
    left = hit * _NEARLY / bound - hit - ASKED * missing_q
    return np.float32(hit + left / LISTED + _SLACK) if left >= 0 else np.float32(-1)


@kernel
def _best(
    asked: QueryReading, listed: Listed, scratch: Scratch, count: int, bounds: Array, names: Array
) -> int:
    """Write down the names touched that have the highest bounds on their fit; ties go by the names' keys."""
    kept = 0
    for k in range(count):
        name = scratch.touched[k]
        bound = _bound(asked, scratch.cells[name, 0], listed.weight[name])
        if kept == CANDIDATES:
            last = names[kept - 1]
            if bound < bounds[kept - 1] or (
                bound == bounds[kept - 1] and listed.key[name] >= listed.key[last]
            ):
                continue
            kept -= 1
        at = kept
        while at > 0 and (
            bounds[at - 1] < bound
            or (bounds[at - 1] == bound and listed.key[names[at - 1]] > listed.key[name])
        ):
            bounds[at], names[at] = bounds[at - 1], names[at - 1]
            at -= 1
        bounds[at], names[at] = bound, name
        kept += 1
    return kept


@kernel
def _compare(asked: QueryReading, listed: Listed, name: int, grid: Array, tells: Array) -> None:
    """How alike each token of the query and each of the name are, and what that tells."""
    first = listed.start[name]
    for i in range(len(asked.initials)):
        initial = asked.initials[i]
        for j in range(listed.start[name + 1] - first):
            token = listed.tokens[first + j]
            at = _find(asked.rows, asked.start[i], asked.start[i + 1], token)
            bearing = min(asked.bearings[i], listed.bearings[first + j])
            if at >= 0:
                grid[i, j] = asked.alike[at]
                tells[i, j] = asked.telling[at] * bearing
            elif (initial < 0 or listed.letter_counts[token] == 1) and abs(initial) == listed.letters[
                token, 0
            ]:
                grid[i, j] = INITIAL
                tells[i, j] = INITIAL_TELLS
            else:
                grid[i, j] = 0


@kernel
def _find(rows: Array, low: int, high: int, row: int) -> int:
    """Place of a row among ascending ones, -1 if it is not there."""
    end = high
    while low < high:
        middle = (low + high) // 2
        if rows[middle] < row:
            low = middle + 1
        else:
            high = middle
    return low if low < end and rows[low] == row else -1


@kernel
def _pair(asked: QueryReading, listed: Listed, name: int, grid: Array, tells: Array, used: Array) -> Any:
    """Pair greedily, the most alike first and of equal ones the most telling; returns fit and worth."""
    first = listed.start[name]
    n, m = len(asked.weights), listed.start[name + 1] - first
    used[:] = False
    paired = worth = np.float64(0)
    for _ in range(min(n, m)):
        best = np.float32(0)
        at_i = at_j = -1
        for i in range(n):
            for j in range(m):
                if not used[0, i] and not used[1, j] and grid[i, j] > 0:
                    value = grid[i, j] * (grid[i, j] + np.float32(0.2) * tells[i, j])
                    if value > best:
                        best, at_i, at_j = value, i, j
        if at_i < 0:
            break
        used[0, at_i] = used[1, at_j] = True
        paired += tells[at_i, at_j]
        worth += tells[at_i, at_j] * grid[at_i, at_j]
    missing = np.float64(0)
    missing_q = np.float64(0)
    for i in range(n):
        if not used[0, i]:
            missing_q += asked.weights[i]
    for j in range(m):
        if not used[1, j]:
            missing += listed.rarity[listed.tokens[first + j]] * listed.bearings[first + j]
    asked_weight = ASKED_WHOLE if missing == 0 and min(n, m) > 1 else ASKED
    whole = paired + asked_weight * missing_q + LISTED * missing
    return (worth / whole if whole > 0 else 0.0), worth
