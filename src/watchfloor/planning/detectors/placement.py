"""Where teams go, by rates: whole teams, of which each adds less than the one before it.

A team finds what passes its area with the chance `hit`, so n teams find the share 1 − (1 − hit)^n. What a
further team adds falls from team to team, therefore to place one after the other where it adds most is
the optimum, with least numbers for regions and a cost for moving as well (A. Federgruen and H. Groenevelt,
"The greedy procedure for resource allocation problems", Operations Research 34, 1986).

Several kinds of detectors find independently of each other, but for a share of the items, the dependence,
that is as easy or as hard for all: of those the best detector of an area finds what any of them finds. One
kind is placed at a time, given the others, until none moves; each step is an optimum, the whole need not be.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.planning.detectors.rates import Floats

Counts = npt.NDArray[np.int64]

TENTH: Final = 0.1
"""Share of the draws that are the worst."""
ROUNDS: Final = 20
"""Times that each kind is placed anew, at most."""
LEAST: Final = 1e-12
"""Gain for which a kind is placed anew."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a placement of one kind.

    Attributes:
        teams: to be placed, all of them.
        hit: chance that one team finds an event of its area, or that of each area.
        now: teams that are in each area; None: nobody has to move.
        move: finds that a team must add, as a share of all, before it moves.
        regions: the region of each area; none: all are one.
        least: teams of any kind that each region has at least, by its number.
        dependence: share of the events that are as easy or as hard for all detectors.
        missed, best, others: of the other kinds in each area: the chance that all of them miss, the best hit
            rate, and how many they are.
    """

    teams: int
    hit: float | Floats
    now: Counts | None = None
    move: float = 0.0
    regions: Counts | None = None
    least: Sequence[int] = field(default=())
    dependence: float = 0.0
    missed: float | Floats = 1.0
    best: float | Floats = 0.0
    others: int | Counts = 0

    def covered(self, placed: Counts) -> Floats:
        """Return the share of its events that is found in each area, by all kinds."""
        alone = 1.0 - self.missed * (1.0 - self.hit) ** placed
        if not self.dependence:
            return np.asarray(alone)
        alike = np.maximum(self.best, np.where(placed > 0, self.hit, 0.0))
        return np.asarray((1.0 - self.dependence) * alone + self.dependence * alike)

    def gains(self, placed: Counts) -> Floats:
        """Return what one more team adds to the share that is found in each area."""
        alone = self.missed * (self.hit * (1.0 - self.hit) ** placed)
        if not self.dependence:
            return np.asarray(alone)
        alike = np.where(placed == 0, np.maximum(self.hit - self.best, 0.0), 0.0)
        return np.asarray((1.0 - self.dependence) * alone + self.dependence * alike)

    def costs(self, placed: Counts) -> Floats:
        """Return what one more team costs in each area, as a share of all finds."""
        if self.now is None:
            return np.zeros(len(placed))
        return np.where(placed >= self.now, self.move, 0.0)

    def open(self, placed: Counts, left: int) -> npt.NDArray[np.bool_]:
        """Return where one of the teams that are left may go, so that each region still gets its least."""
        if self.regions is None:
            return np.ones(len(placed), np.bool_)
        have = np.bincount(self.regions, placed + self.others, len(self.least))
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
        gains = shares * limits.gains(placed) - limits.costs(placed)
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
        further = cover[:, None] + draws * limits.gains(placed)
        tail = np.partition(further, worst - 1, axis=0)[:worst].mean(0)
        gains = 0.5 * (further.mean(0) + tail) - limits.costs(placed)
        gains = np.where(limits.open(placed, left), gains, -np.inf)
        placed[ties[np.argmax(gains[ties])]] += 1
    return placed


def beside(kinds: Sequence[Limits], placed: Sequence[Counts], kind: int) -> Limits:
    """Return the limits of one kind, given where the others are."""
    rest = [(one, teams) for at, (one, teams) in enumerate(zip(kinds, placed, strict=True)) if at != kind]
    if not rest:
        return kinds[kind]
    return replace(
        kinds[kind],
        missed=np.prod([(1.0 - one.hit) ** teams for one, teams in rest], axis=0),
        best=np.max([(teams > 0) * one.hit for one, teams in rest], axis=0).astype(np.float64),
        others=np.sum([teams for _, teams in rest], axis=0),
    )


def found(kinds: Sequence[Limits], placed: Sequence[Counts]) -> Floats:
    """Return the share of its events that all kinds together find in each area."""
    return beside(kinds, placed, 0).covered(placed[0])


def place_kinds(shares: Floats, kinds: Sequence[Limits], ties: Counts) -> list[Counts]:
    """Return the detectors of each kind by area: see `place`."""
    placed = [np.zeros(len(shares), np.int64) for _ in kinds]
    for kind in range(len(kinds)):
        placed[kind] = place(shares, beside(kinds, placed, kind), ties)
    for _ in range(ROUNDS if len(kinds) > 1 else 0):
        moved = False
        for kind in range(len(kinds)):
            given = beside(kinds, placed, kind)
            other = place(shares, given, ties)
            if _worth(shares, given, other) > _worth(shares, given, placed[kind]) + LEAST:
                placed[kind], moved = other, True
        if not moved:
            break
    return placed


def _worth(shares: Floats, limits: Limits, placed: Counts) -> float:
    moves = 0 if limits.now is None else int(np.maximum(placed - limits.now, 0).sum())
    return float(shares @ limits.covered(placed)) - limits.move * moves


def place_kinds_robust(draws: Floats, kinds: Sequence[Limits], ties: Counts) -> list[Counts]:
    """Return the detectors of each kind by area, one kind after the other: see `place_robust`."""
    placed = [np.zeros(draws.shape[1], np.int64) for _ in kinds]
    for kind in range(len(kinds)):
        placed[kind] = place_robust(draws, beside(kinds, placed, kind), ties)
    return placed
