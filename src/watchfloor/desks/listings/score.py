"""How well a query's name fits a listed one: tokens paired one to one, each pair worth what the word is worth.

    score = sum(w s^POWER over pairs) / (sum(w over pairs) + ASKED sum(w of the query's unpaired tokens)
                                         + LISTED sum(w of the listed name's unpaired tokens))

*s* is how alike the tokens of a pair are, *w* the mean of their weights. A token that only the query has counts
more against a hit than one that only the list has: lists print full names, and people use short ones.
Weighted one-to-one pairing of tokens follows Cohen, Ravikumar and Fienberg (2003), "soft TF-IDF".
"""

from typing import Any, Final

import numba
import numpy as np
import numpy.typing as npt

from watchfloor.desks.listings.normalise import MAX_TOKENS

CANDIDATES: Final = 48
"""Listed names that are scored, those of the highest bound."""

POSTINGS: Final = 300_000
"""Postings that one reading of a query may touch; the rarest words come first."""

POWER: Final = 1.5
ASKED: Final = 0.7
LISTED: Final = 0.35
INITIAL: Final = 0.8
"""How alike a name and its initial are."""

_WIDE: Final = MAX_TOKENS

Array = npt.NDArray[Any]


@numba.njit(cache=True, nogil=True)
def search(
    weights_q: Array,
    initials_q: Array,
    order_q: Array,
    near_start: Array,
    near: Array,
    near_score: Array,
    near_order: Array,
    head: Array,
    following: Array,
    posted: Array,
    live: Array,
    name_weight: Array,
    key: Array,
    start: Array,
    name_tokens: Array,
    weight: Array,
    letters: Array,
    letter_counts: Array,
    total: Array,
    stamp: Array,
    serial: int,
    touched: Array,
) -> Any:
    """The names that fit best: their numbers, scores, worth of the pairs, and the pairs.

    `total`, `stamp` and `touched` are scratch, one cell a name; `stamp` holds no number from `serial` on.
    """
    count = _gather(
        weights_q, order_q, near_start, near, near_score, near_order, head, following, posted, live,
        total, stamp, serial, touched,
    )  # fmt: skip
    all_q = weights_q.sum()
    best = np.full(CANDIDATES, -1.0, np.float32)
    names = np.full(CANDIDATES, -1, np.int32)
    kept = 0
    for k in range(count):
        name = touched[k]
        hit = min(total[name], name_weight[name])
        bound = hit / (hit + ASKED * max(all_q - hit, 0) + LISTED * (name_weight[name] - hit) + 1e-6)
        if kept == CANDIDATES and bound < best[kept - 1]:
            continue
        at = kept if kept < CANDIDATES else kept - 1
        if kept == CANDIDATES and bound == best[at] and key[name] >= key[names[at]]:
            continue
        while at > 0 and (best[at - 1] < bound or (best[at - 1] == bound and key[names[at - 1]] > key[name])):
            best[at], names[at] = best[at - 1], names[at - 1]
            at -= 1
        best[at], names[at] = bound, name
        kept = min(kept + 1, CANDIDATES)
    scores = np.zeros(kept, np.float32)
    worth = np.zeros(kept, np.float32)
    pairs = np.full((kept, _WIDE), -1, np.int8)
    alike = np.zeros((kept, _WIDE), np.float32)
    grid = np.zeros((_WIDE, _WIDE), np.float32)
    for k in range(kept):
        tokens = name_tokens[start[names[k]] : start[names[k] + 1]]
        _fill(grid, tokens, initials_q, near_start, near, near_score, letters, letter_counts)
        scores[k], worth[k] = _pair(grid, tokens, weights_q, weight, pairs[k], alike[k])
    return names[:kept], scores, worth, pairs, alike


@numba.njit(cache=True, nogil=True)
def _gather(
    weights_q: Array,
    order_q: Array,
    near_start: Array,
    near: Array,
    near_score: Array,
    near_order: Array,
    head: Array,
    following: Array,
    posted: Array,
    live: Array,
    total: Array,
    stamp: Array,
    serial: int,
    touched: Array,
) -> int:
    """Sum, for each name that shares a word, what the words are worth; each word of the query counts once."""
    count = 0
    walked = 0
    for k in range(len(order_q)):
        i = order_q[k]
        mark = serial + 1 + k
        for p in range(near_start[i], near_start[i + 1]):
            at = near_start[i] + near_order[p]
            gain = weights_q[i] * near_score[at]
            posting = head[near[at]]
            while posting >= 0:
                name = posted[posting]
                posting = following[posting]
                walked += 1
                if not live[name] or stamp[name] == mark:
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


@numba.njit(cache=True, nogil=True)
def _fill(
    grid: Array, tokens: Array, initials_q: Array, near_start: Array, near: Array, near_score: Array,
    letters: Array, letter_counts: Array,
) -> None:  # fmt: skip
    """How alike each token of the query and each of the name are, by binary search in what a token may be."""
    for i in range(len(initials_q)):
        for j in range(len(tokens)):
            token = tokens[j]
            low, high = near_start[i], near_start[i + 1]
            while low < high:
                middle = (low + high) // 2
                if near[middle] < token:
                    low = middle + 1
                else:
                    high = middle
            value = near_score[low] if low < near_start[i + 1] and near[low] == token else np.float32(0)
            # An initial is negative where the token of the query is that one letter, positive where it starts so.
            single = initials_q[i] < 0 or letter_counts[token] == 1
            if value == 0 and single and abs(initials_q[i]) == letters[token, 0]:
                value = np.float32(INITIAL)
            grid[i, j] = value


@numba.njit(cache=True, nogil=True)
def _pair(
    grid: Array, tokens: Array, weights_q: Array, weight: Array, pairs: Array, alike: Array
) -> tuple[float, float]:
    """Pair greedily, the most valuable pair first; returns the score and the worth of the pairs."""
    n, m = len(weights_q), len(tokens)
    used_q = np.zeros(_WIDE, np.bool_)
    used = np.zeros(_WIDE, np.bool_)
    gained = 0.0
    paired = 0.0
    worth = 0.0
    for _ in range(min(n, m)):
        best = np.float32(0)
        at_i = at_j = -1
        for i in range(n):
            if used_q[i]:
                continue
            for j in range(m):
                if not used[j] and grid[i, j] > 0:
                    value = grid[i, j] * (grid[i, j] + 0.1 * (weights_q[i] + weight[tokens[j]]))
                    if value > best:
                        best = value
                        at_i, at_j = i, j
        if at_i < 0:
            break
        used_q[at_i] = used[at_j] = True
        pairs[at_i] = at_j
        s = grid[at_i, at_j]
        alike[at_i] = s
        w = (weights_q[at_i] + weight[tokens[at_j]]) / 2
        paired += w
        gained += w * s**POWER
        worth += min(weights_q[at_i], weight[tokens[at_j]]) * s
    missing_q = 0.0
    for i in range(n):
        if not used_q[i]:
            missing_q += weights_q[i]
    missing = 0.0
    for j in range(m):
        if not used[j]:
            missing += weight[tokens[j]]
    whole = paired + ASKED * missing_q + LISTED * missing
    return (gained / whole if whole > 0 else 0.0), worth
