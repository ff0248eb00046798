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

    head: Array
    following: Array
    posted: Array
    live: Array
    weight: Array  # of each name
    key: Array
    start: Array
    tokens: Array
    bearings: Array
    rarity: Array
    letters: Array
    letter_counts: Array


class Scratch(NamedTuple):
    """One cell a name; `stamp` holds no number from the serial of the next search on."""

    total: Array
    stamp: Array
    touched: Array


class Fits(NamedTuple):
    """Names that fit: their numbers, how well, and what their pairs tell."""

    names: Array
    fit: Array
    worth: Array


@kernel(few=FEW)
def search(asked: QueryReading, listed: Listed, scratch: Scratch, serial: int) -> Any:
    """The names that fit best, as the fields of `Fits`, in no order that means anything."""
    names = _best(asked, listed, scratch, _gather(asked, listed, scratch, serial))
    fit = np.zeros(len(names), np.float32)
    worth = np.zeros(len(names), np.float32)
    grid = np.zeros((MAX_TOKENS, MAX_TOKENS), np.float32)
    tells = np.zeros((MAX_TOKENS, MAX_TOKENS), np.float32)
    for k in range(len(names)):
        _compare(asked, listed, names[k], grid, tells)
        fit[k], worth[k] = _pair(asked, listed, names[k], grid, tells)
    return names, fit, worth


@kernel
def _gather(asked: QueryReading, listed: Listed, scratch: Scratch, serial: int) -> int:
    """Sum, for each name that shares a word, what the words tell; each word of the query counts once."""
    total, stamp, touched = scratch
    count = 0
    walked = 0
    for k in range(len(asked.ranks)):
        i = asked.ranks[k]
        mark = serial + 1 + k
        first = asked.start[i]
        for p in range(first, asked.start[i + 1]):
            at = first + asked.order[p]
            gain = asked.bearings[i] * asked.telling[at] * asked.alike[at]
            posting = listed.head[asked.rows[at]]
            while posting >= 0:
                name = listed.posted[posting]
                posting = listed.following[posting]
                walked += 1
                if not listed.live[name] or stamp[name] == mark:
                    continue
                if stamp[name] < serial:
                    total[name] = 0
                    touched[count] = name
                    count += 1
                total[name] += gain
                stamp[name] = mark
        if walked > POSTINGS:
            break
    return count


@kernel
def _best(asked: QueryReading, listed: Listed, scratch: Scratch, count: int) -> Any:
    """Of the names touched those with the highest bound on their fit; ties go by the names' keys."""
    whole = np.float32(0)
    for i in range(len(asked.weights)):
        whole += asked.weights[i]
    bounds = np.full(CANDIDATES, -1.0, np.float32)
    names = np.full(CANDIDATES, -1, np.int32)
    kept = 0
    for k in range(count):
        name = scratch.touched[k]
        weight = listed.weight[name]
        hit = scratch.total[name]
        missing_q, missing = np.float64(max(whole - hit, 0)), np.float64(max(weight - hit, 0))
        bound = hit / (hit + ASKED * missing_q + LISTED * missing + 1e-6)
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
    return names[:kept]


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
def _pair(asked: QueryReading, listed: Listed, name: int, grid: Array, tells: Array) -> Any:
    """Pair greedily, the most alike first and of equal ones the most telling; returns fit and worth."""
    first = listed.start[name]
    n, m = len(asked.weights), listed.start[name + 1] - first
    used_q = np.zeros(MAX_TOKENS, np.bool_)
    used = np.zeros(MAX_TOKENS, np.bool_)
    paired = worth = np.float64(0)
    for _ in range(min(n, m)):
        best = np.float32(0)
        at_i = at_j = -1
        for i in range(n):
            for j in range(m):
                if not used_q[i] and not used[j] and grid[i, j] > 0:
                    value = grid[i, j] * (grid[i, j] + np.float32(0.2) * tells[i, j])
                    if value > best:
                        best, at_i, at_j = value, i, j
        if at_i < 0:
            break
        used_q[at_i] = used[at_j] = True
        paired += tells[at_i, at_j]
        worth += tells[at_i, at_j] * grid[at_i, at_j]
    missing = np.float64(0)
    missing_q = np.float64(0)
    for i in range(n):
        if not used_q[i]:
            missing_q += asked.weights[i]
    for j in range(m):
        if not used[j]:
            missing += listed.rarity[listed.tokens[first + j]] * listed.bearings[first + j]
    asked_weight = ASKED_WHOLE if missing == 0 and min(n, m) > 1 else ASKED
    whole = paired + asked_weight * missing_q + LISTED * missing
    return (worth / whole if whole > 0 else 0.0), worth
