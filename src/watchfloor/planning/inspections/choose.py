"""Which items of a stream to examine under a budget, so that what is found also says what was missed.

Lookouts and leads go first. The rest of the budget is in three parts: the likeliest, some about whom the
score is least sure, and some at random from everything that is left. Each item has a known chance of being
chosen, and none has none: a find can be weighed by one over it (`estimates`), which is what keeps a model
honest that otherwise learns only from what it liked (D. G. Horvitz and D. J. Thompson, Journal of the
American Statistical Association 47, 1952). The chance is exact. Given the scores, the three parts have fixed
sizes and the random part is an even draw from a remainder of fixed size, so the chance of an item is
p + (1 - p) r / n, where p is that of the parts before. Sizes that are no whole numbers are rounded at random
(one uniform number for all of them), and the chance is the mean over the roundings.

Least sure means the greatest standard deviation of the chance, chance (1 - chance) spread: uncertainty
sampling (D. D. Lewis and W. A. Gale, "A sequential algorithm for training text classifiers", SIGIR 1994), but
drawn in proportion to it and not the top of it, so that its chance is known.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from watchfloor.planning.inspections.draws import Bools, Floats, Rows, drawn
from watchfloor.planning.inspections.parts import Limit, Parts, Stream, parts, roundings

UNCERTAIN: Final = 0.10
AT_RANDOM: Final = 0.05
"""Shares of the budget that are spent to learn."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a budget is spent.

    Attributes:
        budget: most items that are chosen.
        uncertain: share of it, 0 to 1, for those of whom the score is least sure.
        at_random: share of it, 0 to 1, for an even draw from the rest.
        least: chance that the even draw must give each item; where the share does not, more is drawn evenly,
            up to the whole budget. 0: the share alone decides.
        seed: of the draws.
    """

    budget: int
    uncertain: float = UNCERTAIN
    at_random: float = AT_RANDOM
    least: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.budget < 0:
            raise ValueError(f"a budget is a number of items, 0 or more; this is {self.budget}")
        if min(self.uncertain, self.at_random) < 0 or self.uncertain + self.at_random > 1 + 1e-12:
            raise ValueError("the shares to learn by are 0 or more, and together no more than 1")
        if not 0 <= self.least <= 1:
            raise ValueError(f"the least chance is between 0 and 1; this is {self.least}")

    @property
    def digest(self) -> str:
        """SHA-256 of the settings, in hexadecimal: what chose an item is known by it."""
        return hashlib.sha256(msgspec.json.encode(asdict(self), order="sorted")).hexdigest()


class Picks(NamedTuple):
    """A choice of items: first those put first, in their order, then by falling chance.

    Attributes:
        rows: of the stream [m].
        chosen_by: why each, a word of `formats.tabular.fields.CHOSEN_BY` [m].
        propensity: chance of being chosen, given the scores, above 0 [m].
        every: the same of each item of the stream [n]; 0 only where those put first fill the budget.
        left: rows put first for which the budget had no room.
    """

    rows: Rows
    chosen_by: list[str]
    propensity: Floats
    every: Floats
    left: Rows


def choose(
    chance: Floats,
    spread: Floats,
    settings: Settings,
    *,
    first: Rows | Sequence[int] = (),
    first_by: Sequence[str] | None = None,
    stratum: npt.NDArray[np.int64] | None = None,
    evident: Bools | None = None,
    limit: Limit | None = None,
    by: str = "score",
) -> Picks:
    """Choose.

    Args:
        chance: probability of a find, by the score [n].
        spread: standard deviation of its log-odds, natural logarithm [n].
        settings: the budget and how it is spent.
        first: rows that lookouts and leads put first, in their order. They take from the part of the score,
            then from that of the uncertain; of the random part at most what is no whole item.
        first_by: why each of them: `lookout` or `lead`; None: `lead`.
        stratum: what the even draw is spread over [n]; None: nothing.
        evident: of which items the score says anything [n]; the others are never taken by it, and what it
            does not use is drawn evenly. None: of all.
        limit: what the means set bounds to; None: the budget alone does.
        by: what the score is called: `score`, or `rule`.

    Raises:
        ValueError: a chance that is none, a spread below 0, a row that is not there.
    """
    stream = _checked(chance, spread, first, evident, limit)
    n, budget = len(stream.chance), min(settings.budget, len(stream.chance))
    named = list(dict.fromkeys(int(row) for row in first))
    why = dict(zip((int(row) for row in first), first_by or ["lead"] * len(first), strict=True))
    shares = _shares(settings, budget, n, len(named))
    kept = named[: budget - round(sum(shares))]
    held = stream._replace(first=np.isin(np.arange(n), kept))
    rng = np.random.default_rng(settings.seed)
    ways = roundings(shares)
    made = [parts(held, sizes) for _, sizes in ways]
    every = np.zeros(n)
    for (weight, _), one in zip(ways, made, strict=True):
        every += weight * one.chances(held.first)
    now = made[int(rng.choice(len(ways), p=[weight for weight, _ in ways]))]
    rows, words = _drawn(held, now, rng, stratum, by)
    order = np.argsort(-stream.chance[rows], kind="stable")
    chosen = np.array([*kept, *rows[order]], np.int64)
    told = [why[row] for row in kept] + [words[at] for at in order]
    every = np.minimum(every, 1.0)
    return Picks(chosen, told, every[chosen], every, np.array(named[len(kept) :], np.int64))


def _checked(
    chance: Floats,
    spread: Floats,
    first: Rows | Sequence[int],
    evident: Bools | None,
    limit: Limit | None,
) -> Stream:
    n = len(chance)
    chance, spread = np.asarray(chance, np.float64), np.asarray(spread, np.float64)
    if len(spread) != n or not np.all((chance >= 0) & (chance <= 1)):
        raise ValueError("a chance and a spread for each item, the chance between 0 and 1")
    if not np.all((spread >= 0) & np.isfinite(spread)):
        raise ValueError("a spread is a number, 0 or more")
    if any(not 0 <= row < n for row in first):
        raise ValueError(f"a row that is put first is not among the {n} items")
    nobody = np.zeros(n, np.bool_)
    return Stream(
        chance,
        spread,
        ~nobody if evident is None else np.asarray(evident, np.bool_),
        limit or Limit(nobody, n, n),
        nobody,
    )


def _shares(settings: Settings, budget: int, n: int, first: int) -> tuple[float, float, float]:
    """Expected sizes of the parts by score, by uncertainty and at random, after those put first."""
    even = min(float(budget), max(settings.at_random * budget, settings.least * n))
    unsure = min(settings.uncertain * budget, budget - even)
    score = budget - even - unsure
    taken = min(first, int(np.ceil(round(score + unsure, 9))))
    unsure -= max(taken - score, 0.0)
    even += min(unsure, 0.0)  # those put first may take what is no whole item of it
    return max(score - taken, 0.0), max(unsure, 0.0), max(even, 0.0)


def _drawn(
    stream: Stream,
    parts: Parts,
    rng: np.random.Generator,
    stratum: npt.NDArray[np.int64] | None,
    by: str,
) -> tuple[Rows, list[str]]:
    """Rows and why; in the order of the parts."""
    likely, unsure = drawn(parts.score, rng), drawn(parts.uncertain, rng)
    left = ~stream.first
    left[likely] = False
    left[unsure] = False
    evenly = drawn(np.where(left, parts.evenly, 0.0), rng, stratum)
    words = [by] * len(likely) + ["uncertainty"] * len(unsure) + ["random"] * len(evenly)
    return np.concatenate([likely, unsure, evenly]), words
