"""A monthly series in which a month that nobody published is not a zero."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.messages import declare, reason
from watchfloor.scorecard.periods import written
from watchfloor.scorecard.problems import Gap, NotPublished, WrongQuestion

Floats = npt.NDArray[np.float64]

NO_MONTHS: Final = declare("scorecard.series-empty")
BELOW_ZERO: Final = declare("scorecard.series-negative", "value", "month")
UNPUBLISHED: Final = declare("scorecard.series-unpublished", "month", "first", "last")
HOLE: Final = declare("scorecard.series-gap", "month")
BACKWARDS: Final = declare("scorecard.series-backwards", "last", "first")


@dataclass(frozen=True, slots=True, eq=False)
class Monthly:
    """Values of consecutive months.

    Attributes:
        start: the first month, twelve times the year and the months since January.
        values: one a month, not below zero; `nan` where a month is not published. They are copied and cannot
            be written to. Months at both ends that are not published are dropped.
    """

    start: int
    values: Floats

    def __post_init__(self) -> None:
        given = np.asarray(self.values, dtype=np.float64)
        there = np.flatnonzero(~np.isnan(given))
        if not there.size:
            raise NotPublished(reason(NO_MONTHS))
        kept = given[there[0] : there[-1] + 1].copy()
        _checked(self.start + int(there[0]), kept)
        kept.flags.writeable = False
        object.__setattr__(self, "start", self.start + int(there[0]))
        object.__setattr__(self, "values", kept)

    @classmethod
    def from_months(cls, values: Mapping[int, float]) -> "Monthly":
        """From values by month; months that are not named are not published."""
        if not values:
            raise NotPublished(reason(NO_MONTHS))
        first = min(values)
        return cls(first, np.array([values.get(m, np.nan) for m in range(first, max(values) + 1)]))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def last(self) -> int:
        """The newest month that is published."""
        return self.start + len(self.values) - 1

    @property
    def months(self) -> range:
        """All its months, those without a value included."""
        return range(self.start, self.last + 1)

    def at(self, month: int) -> float:
        """The value of a month. Raises `NotPublished` or `Gap`."""
        return float(self.within(month, month).values[0])

    def within(self, first: int, last: int) -> "Monthly":
        """The months from `first` to `last`, each of them published. Raises `NotPublished` or `Gap`."""
        if last < first:
            raise WrongQuestion(reason(BACKWARDS, first=written(first), last=written(last)))
        if first < self.start or last > self.last:
            outside = first if first < self.start else last
            ends = {"first": written(self.start), "last": written(self.last)}
            raise NotPublished(reason(UNPUBLISHED, month=written(outside), **ends))
        values = self.values[first - self.start : last - self.start + 1]
        holes = np.flatnonzero(np.isnan(values))
        if holes.size:
            raise Gap(reason(HOLE, month=written(first + int(holes[0]))))
        return Monthly(first, values)

    def total(self, first: int, last: int) -> float:
        """The sum over months, each of them published. Raises `NotPublished` or `Gap`."""
        return float(self.within(first, last).values.sum())

    def complete(self) -> "Monthly":
        """Itself, if every month is published. Raises `Gap`."""
        return self.within(self.start, self.last)

    def until(self, last: int) -> "Monthly":
        """Return the months up to one, as they were published then; gaps stay. Raises `NotPublished`."""
        return Monthly(self.start, self.values[: max(last - self.start + 1, 0)])


def _checked(start: int, values: Floats) -> None:
    wrong = np.flatnonzero((values < 0) | np.isinf(values))
    if wrong.size:
        value, month = float(values[wrong[0]]), written(start + int(wrong[0]))
        raise WrongQuestion(reason(BELOW_ZERO, value=value, month=month))
