"""A strategy: it sees evidence, picks within a budget, and is told outcomes of what it picked.

`View` and `Told` hold all that ever reaches it. No truth is in either, and an outcome only of its own picks.
"""

from typing import NamedTuple, Protocol

import numpy as np

from watchfloor.exercise.cargo_year.evidence import NAMES
from watchfloor.exercise.cargo_year.items import Bools, Evidence, Floats, Ints


class View(NamedTuple):
    """A day as a strategy sees it.

    Attributes:
        at: the day.
        evidence: columns `evidence.NAMES` [n, columns].
        budget: most items that may be picked.
    """

    at: int
    evidence: Evidence
    budget: int


class Picked(NamedTuple):
    """Picks, likeliest first.

    Attributes:
        rows: of the day [m].
        propensity: chance with which each was picked [m], None where the strategy cannot say.
    """

    rows: Ints
    propensity: Floats | None = None


class Outcomes(NamedTuple):
    """Outcomes that have become known, of one day's picks.

    Attributes:
        at: the day of the picks.
        evidence: of the picks, as it was on their day [m, columns].
        found: whether something was found [m].
    """

    at: int
    evidence: Evidence
    found: Bools


class Strategy(Protocol):
    """A way of choosing. `refit` is called once a week, on the same days for all."""

    def pick(self, view: View) -> Picked:
        """Chooses."""
        ...

    def learn(self, told: Outcomes) -> None:
        """Is told."""
        ...

    def refit(self, at: int) -> None:
        """Fits anew on what it was told."""
        ...


class Memory:
    """Evidence and finds that a strategy was told so far."""

    def __init__(self) -> None:
        self.evidence: list[Evidence] = [np.zeros((0, len(NAMES)), np.float32)]
        self.found: list[Bools] = [np.zeros(0, np.bool_)]

    def add(self, told: Outcomes) -> None:
        """One day more."""
        self.evidence.append(told.evidence)
        self.found.append(told.found)

    def tables(self) -> tuple[Evidence, Bools]:
        """Evidence [m, columns] and finds [m] of all."""
        return np.concatenate(self.evidence), np.concatenate(self.found)
