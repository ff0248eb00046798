"""The parts of a budget: how many items each takes, and with which chance it takes each of them.

Sizes that are no whole numbers are rounded at random, all by one number, so that their sum always is one
(`roundings`). The parts of one rounding (`parts`) keep to what the means set bounds to, and the chance that
they choose an item is exact.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from watchfloor.planning.inspections.draws import Bools, Floats, best, in_proportion

Sizes = tuple[int, int, int]
"""Items that are chosen by score, by uncertainty and at random."""


class Limit(NamedTuple):
    """Bounds that the means set.

    Attributes:
        bound: items that only some of the means may examine, such as mail that nobody may open [n].
        most: of these may be chosen at most.
        learning: most items that may be chosen by uncertainty and at random, whatever they are.
    """

    bound: Bools
    most: int
    learning: int


class Stream(NamedTuple):
    """A stream to draw parts from, [n] each."""

    chance: Floats
    spread: Floats
    evident: Bools
    limit: Limit
    first: Bools


class Parts(NamedTuple):
    """Chance [n] that each part takes an item, given that none before did; `evenly` is one number."""

    score: Floats
    uncertain: Floats
    evenly: float

    def chances(self, first: Bools) -> Floats:
        """Of being chosen at all [n]."""
        before = first + self.score + self.uncertain
        return np.asarray(before + (1 - before) * self.evenly)


def roundings(shares: tuple[float, float, float]) -> list[tuple[float, Sizes]]:
    """Whole sizes with their probabilities, so that the mean size is the share and their sum is always one.

    The sums of shares are moved by one uniform number and rounded down, as in systematic sampling.
    """
    ends = np.round(np.cumsum(shares), 9)
    cuts = np.unique(np.concatenate([[0.0, 1.0], np.round(np.ceil(ends) - ends, 9)]))
    found = []
    for low, high in pairwise(cuts):
        sizes = np.diff(np.floor(ends + (low + high) / 2), prepend=0.0).astype(int)
        found.append((float(high - low), (int(sizes[0]), int(sizes[1]), int(sizes[2]))))
    return found


def parts(stream: Stream, sizes: Sizes) -> Parts:
    """The parts of these sizes. What one cannot use goes to the even draw."""
    _, unsure, even = sizes
    limit, bound = stream.limit, stream.limit.bound
    room = max(limit.most - int((stream.first & bound).sum()), 0)
    unsure = min(unsure, room, limit.learning)
    even = min(even, room - unsure, limit.learning - unsure)
    score = sum(sizes) - unsure - even  # what may not be spent to learn is spent on the likeliest
    by_score = _by_score(stream, score, room - unsure - even)
    used = round(by_score.sum())
    doubt = stream.chance * (1 - stream.chance) * stream.spread
    by_doubt = in_proportion(doubt, ~stream.first & (by_score == 0), unsure)
    doubted = round(by_doubt.sum())
    rest = len(stream.chance) - int(stream.first.sum()) - used - doubted
    even = min(sum(sizes) - used - doubted, rest, limit.learning - doubted)
    if (bound & ~stream.first & (by_score < 1) & (by_doubt < 1)).any():
        even = min(even, max(room - min(int((bound & (by_score > 0)).sum()), used) - doubted, 0))
    return Parts(by_score, by_doubt, even / rest if rest else 0.0)


def _by_score(stream: Stream, count: int, room: int) -> Floats:
    """The likeliest; where more of them than there is room for are bound, the likeliest of each sort."""
    may = stream.evident & ~stream.first
    found = best(stream.chance, may, count)
    if int((stream.limit.bound & (found > 0)).sum()) <= room:
        return found
    bound = best(stream.chance, may & stream.limit.bound, max(min(room, count), 0))
    return bound + best(stream.chance, may & ~stream.limit.bound, count - round(bound.sum()))
