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
_SURELY: Final = 1 - 1e-9  # a product for a quotient, rounding apart
_SLACK: Final = 1e-4
"""Room for the rounding of sums in 32 bits."""

COMPLETING: Final = 12
"""Postings that are walked in the time in which one name is completed by its own words."""

INITIAL: Final = 0.8
"""How alike a name and its initial are."""

INITIAL_TELLS: Final = 0.25
"""What an initial tells: one name in a dozen starts so."""

MOST_SLOT: Final = (1 << 31) - 1

FEW: Final = 1 << 15
"""Numbers in a query and a list that are looked through without numba."""

Array = npt.NDArray[Any]


class Likenesses(NamedTuple):
    """Similar words of the vocabulary to each token asked for, one token's after another's.

    Attributes:
        rows: of the vocabulary, ascending within a token.
        alike: how alike each is, 0 to 1.
        telling: what a pair with it tells, 0 to 1: how few names hold a word that is as much alike.
        order: places within the token's rows, the most alike first.
    """

    rows: Array
    alike: Array
    telling: Array
    order: Array


class QueryReading(NamedTuple):
    """A reading of a query; token *i* may be `rows[start[i]:stop[i]]` of the vocabulary, ascending."""

    weights: Array  # what each token tells where it has no pair
    whole: Any  # the sum of it
    bearings: Array
    initials: Array  # the first letter of each token, negative where it is the only one
    ranks: Array  # the tokens, the most telling first
    start: Array
    stop: Array
    rows: Array
    alike: Array
    telling: Array
    order: Array  # within each token's rows, the most alike first


class Listed(NamedTuple):
    """The live list, see `watchfloor.desks.listings.index`."""

    first: Array
    posted: Array
    posted_weight: Array
    key: Array
    start: Array
    tokens: Array
    bearings: Array
    rarity: Array
    letters: Array
    letter_counts: Array


class Scratch(NamedTuple):
    """Room for one search; the names met lie one after the other, for the cache.

    A name has been met in this search if its slot is `base` or more: then `slot - base` is its place.
    """

    slots: Array  # of each name
    base: Array  # one number, above every slot
    names: Array  # those met
    sums: Array  # what their words tell
    weights: Array
    ranks: Array  # of the word of the query that counted last
    places: Array  # of each token of a query and row of the vocabulary, from 1 on; all 0 between searches


class Pairs(NamedTuple):
    """Words of a query and of a name that are alike, in the order of the query and then of the name."""

    asked: Array
    listed: Array
    alike: Array
    tells: Array
    value: Array  # by what pairs are chosen


class Fits(NamedTuple):
    """Names that fit: their numbers, how well, and what their pairs tell."""

    names: Array
    fit: Array
    worth: Array


@kernel(few=FEW)
def search(numbers: Array, values: Array, near: Likenesses, listed: Listed, scratch: Scratch) -> Any:
    """The names that fit best, as the fields of `Fits`, in no order that means anything.

    Args:
        numbers: of each token, (4, n) int64: where its likenesses start and stop, its initial as in
            `QueryReading`, and the tokens in the order of the alphabet.
        values: of each token, (3, n) float32: its rarity, its bearing alone and its bearing in a pair.
        near: similar words of these tokens, and of others.
        listed: the live list.
        scratch: room; one search at a time.
    """
    tokens = numbers.shape[1]
    weights = np.zeros(tokens, np.float32)
    whole = np.float32(0)
    ranks = numbers[3].copy()
    for i in range(tokens):
        weights[i] = values[0, i] * values[1, i]
        whole += weights[i]
    for k in range(1, tokens):  # the most telling first, of equal ones by the alphabet
        i, at = ranks[k], k
        while at > 0 and weights[ranks[at - 1]] < weights[i]:
            ranks[at] = ranks[at - 1]
            at -= 1
        ranks[at] = i
    asked = QueryReading(
        weights, whole, values[2], numbers[2], ranks, numbers[0], numbers[1],
        near.rows, near.alike, near.telling, near.order,
    )  # fmt: skip
    for i in range(tokens):
        for at in range(asked.start[i], asked.stop[i]):
            scratch.places[i, near.rows[at]] = at - asked.start[i] + 1
    count = _gather(asked, listed, scratch)
    names = np.zeros(CANDIDATES, np.int32)
    bounds = np.zeros(CANDIDATES, np.float64)
    names = names[: _best(asked, listed, scratch, count, bounds, names)]
    fit = np.zeros(len(names), np.float32)
    worth = np.zeros(len(names), np.float32)
    used = np.zeros((2, MAX_TOKENS), np.bool_)
    room = MAX_TOKENS * MAX_TOKENS
    pairs = Pairs(
        np.empty(room, np.int64),
        np.empty(room, np.int64),
        np.empty(room, np.float32),
        np.empty(room, np.float32),
        np.empty(room, np.float32),
    )
    for k in range(len(names)):
        fit[k], worth[k] = _pair(asked, listed, scratch.places, names[k], pairs, used)
    scratch.base[0] += count
    for i in range(tokens):
        for at in range(asked.start[i], asked.stop[i]):
            scratch.places[i, near.rows[at]] = 0
    return names, fit, worth


@kernel
def _gather(asked: QueryReading, listed: Listed, scratch: Scratch) -> int:
    """Sum, for each name that shares a word, what the words tell; each word of the query counts once.

    Once `CANDIDATES` names are known, a common word brings in no name that is too heavy to reach their
    bounds, and the names that were met before are completed by their own words (after MaxScore, Turtle and
    Flood 1995).
    """
    slots, met, sums, weights, ranks = (
        scratch.slots,
        scratch.names,
        scratch.sums,
        scratch.weights,
        scratch.ranks,
    )
    if scratch.base[0] + len(slots) > MOST_SLOT:
        slots[:] = 0
        scratch.base[0] = 1
    base = scratch.base[0]
    count = walked = tokens = 0
    sizes = np.zeros(len(asked.ranks), np.int64)
    while tokens < len(sizes) and walked <= POSTINGS:
        i = asked.ranks[tokens]
        for at in range(asked.start[i], asked.stop[i]):
            sizes[tokens] += listed.first[asked.rows[at] + 1] - listed.first[asked.rows[at]]
        walked += sizes[tokens]
        tokens += 1
    rest = np.zeros(tokens + 1, np.float32)  # what the words from this rank on may add at most
    for k in range(tokens - 1, -1, -1):
        i = asked.ranks[k]
        most = np.float32(0)
        for at in range(asked.start[i], asked.stop[i]):
            most = max(most, _gain(asked, i, at))
        rest[k] = rest[k + 1] + most
    bounds = np.zeros(CANDIDATES, np.float64)
    names = np.zeros(CANDIDATES, np.int32)
    least = np.float64(0)
    for k in range(tokens):
        i = asked.ranks[k]
        first, last = asked.start[i], asked.stop[i]
        earlier, reached = count, 0
        if count >= CANDIDATES and 2 * sizes[k] > count:
            _best(asked, listed, scratch, count, bounds, names)
            least = max(least, _least(asked, listed, scratch, names, k, tokens))
            for place in range(count):
                hit = sums[place] + rest[k]
                reached += hit * _NEARLY >= least * _most(asked, hit, weights[place])
        completes = COMPLETING * reached < sizes[k] and reached > 0
        for p in range(first, last):
            at = first + asked.order[p]
            gain = _gain(asked, i, at)
            heaviest = _heaviest(asked, gain + rest[k + 1], least) if least > 0 else np.float32(np.inf)
            if completes and heaviest < 0:
                continue
            for posting in range(listed.first[asked.rows[at]], listed.first[asked.rows[at] + 1]):
                weight = listed.posted_weight[posting]
                if completes and weight > heaviest:
                    continue
                name = listed.posted[posting]
                place = slots[name] - base
                if place >= 0:
                    if ranks[place] != k:
                        sums[place] += gain
                        ranks[place] = k
                elif weight <= heaviest:
                    slots[name] = base + count
                    met[count] = name
                    sums[count] = gain
                    weights[count] = weight
                    ranks[count] = k
                    count += 1
        for place in range(earlier if completes else 0):
            hit = sums[place] + rest[k]
            if hit * _NEARLY < least * _most(asked, hit, weights[place]) or ranks[place] == k:
                continue
            sums[place] += _gain_in(asked, listed, scratch, i, met[place])
    return count


@kernel
def _least(asked: QueryReading, listed: Listed, scratch: Scratch, names: Array, k: int, tokens: int) -> Any:
    """Compute a bound that `CANDIDATES` names reach at least once all words are counted."""
    least = np.float64(np.inf)
    for name in names:
        place = scratch.slots[name] - scratch.base[0]
        hit = scratch.sums[place]
        for later in range(k + 1 if scratch.ranks[place] == k else k, tokens):
            hit += _gain_in(asked, listed, scratch, asked.ranks[later], name)
        least = min(least, _bound(asked, hit, scratch.weights[place]))
    return least


@kernel
def _gain_in(asked: QueryReading, listed: Listed, scratch: Scratch, i: int, name: int) -> Any:
    """Return what the word of a name that is most like a word of the query tells."""
    most = np.float32(0)
    for j in range(listed.start[name], listed.start[name + 1]):
        at = scratch.places[i, listed.tokens[j]]
        if at > 0:
            most = max(most, _gain(asked, i, asked.start[i] + at - 1))
    return most


@kernel(forceinline=True)
def _gain(asked: QueryReading, i: int, at: int) -> Any:
    return asked.bearings[i] * asked.telling[at] * asked.alike[at]


@kernel(forceinline=True)
def _bound(asked: QueryReading, hit: float, weight: float) -> Any:
    """The best fit of a name of some weight whose words tell so much together."""
    return hit / _most(asked, hit, weight)


@kernel(forceinline=True)
def _most(asked: QueryReading, hit: float, weight: float) -> Any:
    missing_q, missing = np.float64(max(asked.whole - hit, 0)), np.float64(max(weight - hit, 0))
    return hit + ASKED * missing_q + LISTED * missing + 1e-6


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
        hit = scratch.sums[k]
        most = _most(asked, hit, scratch.weights[k])
        if kept == CANDIDATES and hit < bounds[kept - 1] * most * _SURELY:  # most names, undivided
            continue
        bound = hit / most
        name = scratch.names[k]
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
def _pair(asked: QueryReading, listed: Listed, places: Array, name: int, pairs: Pairs, used: Array) -> Any:
    """Pair greedily, the most alike first and of equal ones the most telling; returns fit and worth."""
    first = listed.start[name]
    n, m = len(asked.weights), listed.start[name + 1] - first
    count = 0
    for i in range(n):
        initial = asked.initials[i]
        for j in range(m):
            token = listed.tokens[first + j]
            at = places[i, token]
            if at > 0:
                at += asked.start[i] - 1
                alike = asked.alike[at]
                tells = asked.telling[at] * min(asked.bearings[i], listed.bearings[first + j])
            elif (initial < 0 or listed.letter_counts[token] == 1) and abs(initial) == listed.letters[
                token, 0
            ]:
                alike, tells = np.float32(INITIAL), np.float32(INITIAL_TELLS)
            else:
                continue
            pairs.asked[count], pairs.listed[count] = i, j
            pairs.alike[count], pairs.tells[count] = alike, tells
            pairs.value[count] = alike * (alike + np.float32(0.2) * tells)
            count += 1
    used[:] = False
    paired = worth = np.float64(0)
    for _ in range(min(n, m)):
        best = np.float32(0)
        at = -1
        for k in range(count):
            if pairs.value[k] > best and not used[0, pairs.asked[k]] and not used[1, pairs.listed[k]]:
                best, at = pairs.value[k], k
        if at < 0:
            break
        used[0, pairs.asked[at]] = used[1, pairs.listed[at]] = True
        paired += pairs.tells[at]
        worth += pairs.tells[at] * pairs.alike[at]
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
