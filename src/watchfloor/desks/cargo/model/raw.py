"""Raw log-odds: the mean of what effects of words and trees say, and bounded what routes say."""

from typing import Final

import numpy as np

from watchfloor.desks.cargo.model.core import Applied, Core, applied
from watchfloor.desks.cargo.model.inputs import Floats, ModelInputs

EFFECTS: Final = 0.5
"""Share of the effects of words in the mean; the rest is the trees'."""


def log_odds(core: Core, seen: ModelInputs, cap: float) -> Floats:
    """Raw log-odds of declarations.

    Args:
        core: what was learned.
        seen: the declarations.
        cap: by how much what is of a country may move them at most, either way.
    """
    made = applied(core, seen)
    return plain(core, made) + np.clip(routes(core, made), -cap, cap)


def plain(core: Core, made: Applied) -> Floats:
    """Compute the score of all inputs but routes."""
    return EFFECTS * (core.intercept + _sum(core, made, country=False)) + (1 - EFFECTS) * made.trees


def routes(core: Core, made: Applied) -> Floats:
    """Compute the score of routes, unbounded. Trees are not told of routes, so that this is all of it."""
    return _sum(core, made, country=True)


def _sum(core: Core, made: Applied, *, country: bool) -> Floats:
    total = np.zeros(len(made.trees))
    for term, effect in zip(core.terms, made.terms, strict=True):
        if term.country is country:
            total += effect
    return total
