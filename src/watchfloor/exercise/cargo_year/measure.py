"""Measures of a year: finds, regret, what got through, and whether the rates that were told were true."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from watchfloor.exercise.cargo_year.year import Examined
from watchfloor.planning.inspections import estimates
from watchfloor.planning.inspections.estimates import Estimate

SPANS: Final = {"day": 1, "month": 30, "year": 365}
"""Days over which rates are estimated; a shorter rest at the end is left out, but for the year."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A year in totals.

    Attributes:
        items, picks, finds: of the days that count.
        fentanyl: finds of it.
        hidden: items that hid something; `through` were not found.
        best: what one who knows everything would have found on the very same days with the same budget.
        months: finds in each 30 days.
    """

    items: int
    picks: int
    finds: int
    fentanyl: int
    hidden: int
    through: int
    best: int
    months: tuple[int, ...]

    @property
    def regret(self) -> int:
        """Finds that the one who knows would have had more, on these days."""
        return self.best - self.finds


def summary(days: Sequence[Examined]) -> Summary:
    """The totals of a year."""
    finds = np.array([int(day.found.sum()) for day in days])
    hidden = sum(day.hidden for day in days)
    return Summary(
        sum(day.items for day in days),
        sum(len(day.found) for day in days),
        int(finds.sum()),
        sum(day.fentanyl for day in days),
        hidden,
        hidden - int(finds.sum()),
        sum(day.best for day in days),
        tuple(int(finds[start : start + 30].sum()) for start in range(0, len(finds), 30)),
    )


class Rated(NamedTuple):
    """A rate as it was estimated, and as it was."""

    estimate: Estimate
    truth: float

    @property
    def covered(self) -> bool:
        """Whether the interval holds the truth."""
        return self.estimate.low <= self.truth <= self.estimate.high


def rates(days: Sequence[Examined], span: int) -> list[Rated]:
    """Estimates over each `span` of days, all of whose picks have known chances; else none."""
    out = []
    for start in range(0, len(days) - min(span, len(days)) + 1, span):
        of = days[start : start + span]
        chances = [day.propensity for day in of if day.propensity is not None]
        if len(chances) < len(of):
            return []
        items = sum(day.items for day in of)
        told = estimates.rate(np.concatenate([day.found for day in of]), np.concatenate(chances), items)
        out.append(Rated(told, sum(day.findable for day in of) / items))
    return out


class Coverage(NamedTuple):
    """Of many estimates: how many, the share whose interval held the truth, and their mean off the truth.

    Attributes:
        bias: mean estimate less mean truth, over the mean truth; None of none.
        width: mean width of the intervals over the mean truth.
    """

    estimates: int
    share: float | None
    bias: float | None
    width: float | None


def coverage(told: Sequence[Rated]) -> Coverage:
    """How good the estimates were, those left out that say nothing."""
    known = [one for one in told if np.isfinite(one.estimate.rate)]
    if not known or not (truth := float(np.mean([one.truth for one in known]))):
        return Coverage(len(known), None, None, None)
    off = float(np.mean([one.estimate.rate - one.truth for one in known]))
    wide = float(np.mean([one.estimate.high - one.estimate.low for one in known]))
    return Coverage(len(known), sum(one.covered for one in known) / len(known), off / truth, wide / truth)
