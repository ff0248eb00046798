"""How far a figure might lie from what it is: its interval, by the scatter of the months around it."""

from typing import Final

import msgspec
import numpy as np

from watchfloor.scorecard.claims import FigureQuery
from watchfloor.scorecard.facts import Facts, Floats
from watchfloor.scorecard.findings import Figure, Interval
from watchfloor.scorecard.methods import scatter
from watchfloor.scorecard.methods.intervals import change_interval, count_interval, otherwise, share_interval
from watchfloor.scorecard.problems import WrongQuestion
from watchfloor.scorecard.queries import Sum, curve, matching

LUCK: Final = "bootstrap over cells"
"""The method of an interval that says how far a weight hangs on luck, and decides nothing."""


def interval(facts: Facts, asked: FigureQuery, sums: tuple[Sum, ...]) -> Interval | None:
    """The interval of a share, of a change or a total of counts, that can be computed; else None.

    A change that only a document gives has no months whose scatter could be measured.
    """
    if asked.measure == "cited" and asked.cited:
        since, until = asked.cited.since, asked.cited.until
        return change_interval(round(since), round(until)) if _counted(since, until) else None
    counted = _counted(*(one.value for one in sums)) and not any(one.unit for one in sums)
    if asked.measure == "share" and (counted or sums[0].unit):
        return _of_share(facts, *sums)
    if asked.measure == "change" and counted:
        return _of_change(facts, *sums)
    if asked.measure == "total" and counted:
        return _of_total(facts, *sums)
    return None


def _counted(*values: float) -> bool:
    """Whether they can be counts: a weight, or thousands with a decimal, has no error of counting."""
    return all(float(value).is_integer() for value in values)


def decides(one: Interval) -> bool:
    """Whether it may leave a figure open: of counts it does, of weights it does not."""
    return one.method != LUCK


def as_told(one: Figure) -> Interval | None:
    """The interval as its figure is told: of a rise, which is told as so much more, it is of rises."""
    around = one.interval
    if around is None or one.measure not in ("change", "cited") or (one.value or 0.0) >= 0:
        return around
    return msgspec.structs.replace(around, low=-around.high, high=-around.low)


def at_least(one: Interval) -> bool:
    """Whether it is of counts whose scatter was not measured, and so the least that the doubt can be."""
    return decides(one) and one.scatter is None


def _of_share(facts: Facts, part: Sum, whole: Sum) -> Interval | None:
    if part.unit:
        ours = matching(whole.rows, part.query)
        return otherwise(whole.rows.value, ours) if ours.any() else None
    last = whole.months[-1]
    months = range(min(whole.months[0], last + 1 - scatter.NEWEST), last + 1)
    around = [_curve(facts, one, months) for one in (part, whole)]
    return share_interval(round(part.value), round(whole.value), scatter=scatter.of_shares(*around))


def _of_total(facts: Facts, one: Sum) -> Interval:
    last = one.months[-1]
    months = range(min(one.months[0], last + 1 - scatter.NEWEST), last + 1)
    return count_interval(round(one.value), scatter=scatter.of_counts(_curve(facts, one, months)))


def _of_change(facts: Facts, since: Sum, until: Sum) -> Interval:
    last = max(since.months[-1], until.months[-1])
    months = range(min(since.months[0], until.months[0], last + 1 - scatter.NEWEST), last + 1)
    dispersion = scatter.of_counts(_curve(facts, since, months))
    return change_interval(round(since.value), round(until.value), scatter=dispersion)


def _curve(facts: Facts, one: Sum, months: range) -> Floats:
    """The months around a sum; none where it is published by longer periods."""
    try:
        return curve(facts, one.query, months)
    except WrongQuestion:
        return np.full(len(months), np.nan)
