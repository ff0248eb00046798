"""Where teams go, by rates: whole teams, of which each adds less than the one before it.

A team finds what passes its area with the chance `hit`, so n teams find the share 1 − (1 − hit)^n. What a
further team adds falls from team to team, therefore to place one after the other where it adds most is
the optimum, with least numbers for regions and a cost for moving as well (A. Federgruen and H. Groenevelt,
"The greedy procedure for resource allocation problems", Operations Research 34, 1986).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.planning.detectors.rates import Floats

Counts = npt.NDArray[np.int64]

TENTH: Final = 0.1
"""Share of the draws that are the worst."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a placement.

    Attributes:
        teams: to be placed, all of them.
        hit: chance that one team finds an event of its area.
        now: teams that are in each area; None: nobody has to move.
        move: finds that a team must add, as a share of all, before it moves.
        regions: the region of each area; none: all are one.
        least: teams that each region has at least, by its number.
    """

    teams: int
    hit: float
    now: Counts | None = None
    move: float = 0.0
    regions: Counts | None = None
    least: Sequence[int] = field(default=())

    def covered(self, placed: Counts | Floats) -> Floats:
        """Return the share of its events that is found in each area."""
        return np.asarray(1.0 - (1.0 - self.hit) ** placed)

    def costs(self, placed: Counts) -> Floats:
        """Return what one more team costs in each area, as a share of all finds."""
        if self.now is None:
            return np.zeros(len(placed))
        return np.where(placed >= self.now, self.move, 0.0)

    def open(self, placed: Counts, left: int) -> npt.NDArray[np.bool_]:
        """Return where one of the teams that are left may go, so that each region still gets its least."""
        if self.regions is None:
            return np.ones(len(placed), np.bool_)
        have = np.bincount(self.regions, placed, len(self.least))
        missing = np.maximum(np.asarray(self.least) - have, 0)
        if missing.sum() < left:
            return np.ones(len(placed), np.bool_)
        return np.asarray(missing[self.regions] > 0)


def place(shares: Floats, limits: Limits, ties: Counts, placed: Counts | None = None) -> Counts:
    """Return the teams of each area that find the largest share.

    Args:
        shares: of all events, by area.
        limits: see `Limits`.
        ties: areas in the order in which they come first among equals.
        placed: teams that are placed already.
    """
    placed = np.zeros(len(shares), np.int64) if placed is None else placed.copy()
    for left in range(limits.teams - int(placed.sum()), 0, -1):
        gains = shares * limits.hit * (1.0 - limits.hit) ** placed - limits.costs(placed)
        gains = np.where(limits.open(placed, left), gains, -np.inf)
        placed[ties[np.argmax(gains[ties])]] += 1
    return placed


def place_robust(draws: Floats, limits: Limits, ties: Counts) -> Counts:
    """Return teams by half the mean and half the mean of the worst tenth of draws (CVaR).

    R. T. Rockafellar and S. Uryasev, Journal of Risk 2, 2000. Greedy, which is no optimum here.

    Args:
        draws: shares of all events [draws, areas].
        limits, ties: see `place`.
    """
    worst = max(1, round(TENTH * len(draws)))
    placed = np.zeros(draws.shape[1], np.int64)
    for left in range(limits.teams, 0, -1):
        cover = draws @ limits.covered(placed)
        further = cover[:, None] + draws * (limits.hit * (1.0 - limits.hit) ** placed)
        tail = np.partition(further, worst - 1, axis=0)[:worst].mean(0)
        gains = 0.5 * (further.mean(0) + tail) - limits.costs(placed)
        gains = np.where(limits.open(placed, left), gains, -np.inf)
        placed[ties[np.argmax(gains[ties])]] += 1
    return placed
