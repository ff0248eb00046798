"""How much each examined declaration counts when a model learns."""

from typing import Final

import numpy as np

from watchfloor.desks.cargo.model.inputs import Codes, Floats

HALVED: Final = 365 * 86_400 * 1_000_000
"""Microseconds after which an examination counts half: what is smuggled, and how, changes."""
MOST: Final = 20.0
"""How many times the least one an examination counts at most for having been improbable."""


def weights(group: Codes, at: Codes, chance: Floats) -> Floats:
    """Weights of examined declarations, one on the average over sorts of goods.

    What is declared again and again counts once in all; older examinations count less; those that were
    improbable count for the many like them that were not chosen (D. Horvitz and D. Thompson, 1952).

    Args:
        group: which are of the same goods.
        at: when each was examined, µs.
        chance: with which each was chosen; one that is not known, NaN, counts as the median.
    """
    age = (at.max() - at) / HALVED
    weight = 0.5**age / np.bincount(group)[group]
    known = np.isfinite(chance) & (chance > 0)
    if known.any():
        inverse = 1 / np.where(known, chance, np.median(chance[known]))
        weight *= np.minimum(inverse / inverse.min(), MOST)
    return np.asarray(weight * len(np.unique(group)) / weight.sum())
