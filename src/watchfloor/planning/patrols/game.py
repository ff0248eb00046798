"""The patrolling game: who covers what with which probability, where somebody watches before they act.

A Stackelberg security game (C. Kiekintveld and others, "Computing optimal randomized resource allocations for
massive security games", AAMAS 2009): a defender covers at most R of n targets each day, with probabilities
that an adversary comes to know; the adversary attacks the one target that pays them best. Where two pay the
same, the strong equilibrium has them attack the one that is better for the defender; `worst` is the value
where they attack the other.
"""

import hashlib
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from watchfloor.planning.patrols.filling import price

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

TIE: Final = 1e-9
"""Share of the largest payoff by which two payoffs may differ and count as equal."""

ROUNDING: Final = 1e-14
"""Cover below which it is an error of rounding."""

DAYS: Final = 30
"""Days that the adversary has seen."""


class Game(Struct, frozen=True):
    """Payoffs of n targets.

    Attributes:
        targets: names.
        defender_covered, defender_uncovered: payoffs of the defender when the target is attacked [n].
        attacker_covered, attacker_uncovered: payoffs of the adversary [n].
    """

    targets: tuple[str, ...]
    defender_covered: Floats
    defender_uncovered: Floats
    attacker_covered: Floats
    attacker_uncovered: Floats

    def defender(self, cover: Floats) -> Floats:
        """Compute the defender's expected payoff of an attack on each target [n]."""
        return self.defender_uncovered + cover * (self.defender_covered - self.defender_uncovered)

    def attacker(self, cover: Floats) -> Floats:
        """Compute the adversary's expected payoff of an attack on each target [n]."""
        return self.attacker_uncovered - cover * (self.attacker_uncovered - self.attacker_covered)

    @property
    def tie(self) -> float:
        """Difference below which two payoffs count as equal."""
        sides = (
            self.defender_covered,
            self.defender_uncovered,
            self.attacker_covered,
            self.attacker_uncovered,
        )
        return TIE * max(1.0, *(float(np.abs(side).max()) for side in sides))


class Equilibrium(Struct, frozen=True):
    """An equilibrium.

    Attributes:
        cover: probability with which each target is covered [n]; sums to at most R.
        value: expected payoff of the defender, the adversary breaking ties in their favour.
        worst: the same, the adversary breaking ties against them.
        attacker: expected payoff of the adversary.
        target: row that is attacked.
    """

    cover: Floats
    value: float
    worst: float
    attacker: float
    target: int


def solve(game: Game, resources: float) -> Equilibrium:
    """Compute the strong Stackelberg equilibrium with R resources, each of which covers any one target.

    The adversary's payoff is pressed down as far as R reaches (ORIGAMI: every target that would pay more is
    covered until it pays no more than that). Where the defender's payoff rises with cover and the adversary's
    does not, no other cover is better for the defender: a target that is best for the adversary at a higher
    payoff is covered less.
    """
    gain = game.attacker_uncovered - game.attacker_covered
    fixed = gain <= 0  # cover does not change what these pay the adversary
    # A target that is fully covered pays the adversary its covered payoff, and no cover presses below that.
    floor = float(game.attacker_covered.max())
    level = price(game.attacker_uncovered[~fixed], gain[~fixed], resources, floor)
    cover = np.zeros(len(gain))
    np.divide(game.attacker_uncovered - level, gain, out=cover, where=~fixed)
    np.clip(cover, 0.0, 1.0, out=cover)
    cover[cover < ROUNDING] = 0.0
    tie = game.tie
    open_ = np.flatnonzero(
        game.attacker_uncovered >= level - tie
    )  # what the adversary is indifferent between
    left = max(0.0, resources - float(cover.sum()))
    payoff = game.defender(cover)
    if left > 0 and fixed[open_].any():
        # Cover that is left costs the defender nothing on a target that pays the adversary the same either
        # way.
        free = open_[fixed[open_]]
        better = payoff.copy()
        better[free] = game.defender(np.full(len(cover), min(1.0, left)))[free]
        target = int(open_[np.argmax(better[open_])])
        if fixed[target]:
            cover[target] = min(1.0, left)
            payoff[target] = better[target]
    else:
        target = int(open_[np.argmax(payoff[open_])])
    return Equilibrium(cover, float(payoff[target]), float(payoff[open_].min()), level, target)


class Observation(Struct, frozen=True):
    """An adversary who saw the days of a schedule, and attacks what pays most by how often each was covered.

    Attributes:
        days: that they have seen.
        target: what they attack.
        attacker: what they get, over the probabilities that the schedule was drawn with.
        defender: what the defender gets.
    """

    days: int
    target: str
    attacker: float
    defender: float


class Schedule(Struct, frozen=True):
    """A schedule drawn from the probabilities of an equilibrium.

    Attributes:
        days: names of the targets that are covered on each day.
        exploitability: what an adversary who knows the probabilities of the draw gains over the equilibrium.
        predictability: share of the targets of a day that the best forecast names, given as many names as are
        covered.
        observed: the adversary who saw the days.
    """

    days: list[list[str]]
    exploitability: float
    predictability: float
    observed: Observation


def draw(cover: Floats, rng: np.random.Generator) -> Rows:
    """Return the rows that are covered on one day, each with exactly its probability, ceil(sum) at most.

    Systematic sampling in random order (W. G. Madow, Annals of Mathematical Statistics 20, 1949; H. O.
    Hartley and J. N. K. Rao, same, 33, 1962), begun anew each day: days are independent, so that those seen
    tell nothing of the next but the probabilities themselves.
    """
    rows = rng.permutation(np.flatnonzero(cover > 0))
    sums = np.cumsum(cover[rows])
    if sums.size and abs(sums[-1] - np.rint(sums[-1])) < TIE * max(1.0, sums[-1]):
        # Rounding must not cover one target more than there are resources.
        sums = np.minimum(sums, np.rint(sums[-1]))
        sums[-1] = np.rint(sums[-1])
    ends = np.floor(sums + rng.random())
    return np.sort(rows[np.diff(ends, prepend=0.0) > 0])


def schedule(game: Game, equilibrium: Equilibrium, seed: str, days: int = DAYS) -> Schedule:
    """Draw a schedule of so many days, and compute what can be known and gained from it."""
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(f"draw {seed}".encode()).digest()))
    cover = equilibrium.cover
    drawn = [draw(cover, rng) for _ in range(days)]
    seen = np.zeros(len(cover))
    for rows in drawn:
        seen[rows] += 1 / days
    attacked = int(np.argmax(game.attacker(seen)))
    total = float(cover.sum())
    named = np.sort(cover)[::-1][: round(total)]
    return Schedule(
        [[game.targets[row] for row in rows.tolist()] for rows in drawn],
        max(0.0, float(game.attacker(cover).max()) - equilibrium.attacker),
        float(named.sum()) / total if total > 0 else 1.0,
        Observation(
            days,
            game.targets[attacked],
            float(game.attacker(cover)[attacked]),
            float(game.defender(cover)[attacked]),
        ),
    )


def commitment(seed: str) -> str:
    """Compute what may be published before a schedule is issued; it proves later which seed it was.

    A short seed can be guessed from it.
    """
    return hashlib.sha256(f"commitment {seed}".encode()).hexdigest()
