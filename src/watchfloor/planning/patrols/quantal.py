"""Quantal response: an adversary who attacks each target with a probability that grows with what it pays.

P(target t) is proportional to exp(rationality * attacker's payoff of t) (D. McFadden 1974; R. D. McKelvey and
T. R. Palfrey, Games and Economic Behavior 10, 1995); 0 attacks anything, and a large one the best alone. The
best cover is found by bisection over the value, as PASAQ has it (R. Yang, F. Ordóñez and M. Tambe, AAMAS
2012): a value r can be reached if sum(exp(rationality * attacker) * (defender - r)) can be made 0. That is a
sum of one function a target, which is maximised by water-filling over its rising, concave part.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import wrightomega

from watchfloor.planning.patrols.game import Equilibrium, Game

Floats = npt.NDArray[np.float64]

HALVINGS: Final = 60
"""Of an interval, to the last digit of a payoff."""


def respond(game: Game, cover: Floats, rationality: float) -> tuple[Floats, float]:
    """Compute the probability that each target is attacked [n], and the defender's expected payoff."""
    payoff = rationality * game.attacker(cover)
    odds = np.exp(payoff - payoff.max())
    odds /= odds.sum()
    return odds, float(np.sum(odds * game.defender(cover)))


def solve(game: Game, resources: float, rationality: float) -> Equilibrium:
    """Compute the cover that is best against a quantal response; `value` is what it gives."""
    low, high = float(game.defender_uncovered.min()), float(game.defender_covered.max())
    cover = np.zeros(len(game.targets))
    best, value = cover, respond(game, cover, rationality)[1]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        cover = _fill(game, resources, rationality, middle)
        reached = respond(game, cover, rationality)[1]
        if reached > value:
            best, value = cover, reached
        if reached >= middle:
            low = middle
        else:
            high = middle
        if high - low <= 1e-12 * max(1.0, abs(high)):
            break
    odds, value = respond(game, best, rationality)
    payoff, attacker = game.defender(best), game.attacker(best)
    worst = float(payoff[attacker >= attacker.max() - game.tie].min())
    return Equilibrium(best, value, worst, float(np.sum(odds * attacker)), int(np.argmax(odds)))


def _fill(game: Game, resources: float, rationality: float, value: float) -> Floats:
    """Maximise sum(exp(-a c) (b + d c) weight) over covers c of 0 to 1 that sum to at most `resources`.

    A term's slope, weight * exp(-a c) * (d - a (b + d c)), falls where it is positive, for a, d >= 0: so each
    cover at a price of cover is where its slope is the price, and the sum of them falls with the price.
    """
    a = rationality * (game.attacker_uncovered - game.attacker_covered)
    height = rationality * game.attacker_uncovered
    b, d = game.defender_uncovered - value, game.defender_covered - game.defender_uncovered

    with np.errstate(divide="ignore", invalid="ignore"):
        # In logarithms: weights of a rational adversary's targets differ by more than a number can hold.
        steepest = np.where(d > a * b, height + np.log(d - a * b), -np.inf)

    def cover_at(price: float) -> Floats:
        # w exp(-a c) (d - a b - a d c) = exp(price) is solved by Wright's omega, Lambert's W of an
        # exponential.
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            omega = wrightomega(price - height + 1 - a * b / d - np.log(d))
            both = (1 - a * b / d - omega) / a
            # Where the defender gains nothing themselves, cover only turns the adversary elsewhere.
            other = (height + np.log(-a * b) - price) / a
        cover = np.where(a > 0, np.where(d > 0, both, other), 1.0)
        return np.where(steepest > price, np.clip(cover, 0.0, 1.0), 0.0)

    if (cover := cover_at(-np.inf)).sum() <= resources:
        return cover
    high = float(steepest.max())
    step = 1.0
    while cover_at(high - step).sum() <= resources:
        step *= 2
    low = high - step
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if cover_at(middle).sum() > resources else (low, middle)
    # Where cover changes nothing for the adversary a slope is constant, and at that price any part may be
    # covered.
    less, more = cover_at(high), cover_at(low)
    part = (resources - less.sum()) / max(more.sum() - less.sum(), 1e-300)
    return less + min(1.0, float(part)) * (more - less)
