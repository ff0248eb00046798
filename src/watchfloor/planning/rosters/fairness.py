"""Fairness of a roster: nights, weekends, holidays, overtime and wishes of each person, and their spread.

Counts alone: nothing is weighed against anything else, and nobody has a score.
"""

from datetime import timedelta

import msgspec
import numpy as np

from watchfloor.planning.rosters import asking
from watchfloor.planning.rosters.agreements import Agreement, pieces
from watchfloor.planning.rosters.check import breaches_of_rows
from watchfloor.planning.rosters.own import Own
from watchfloor.planning.rosters.problem import Grid, Wish

NIGHT = 3 * 60
"""A minute of the clock in the middle of the night: a shift that is worked then is a night."""


class Share(msgspec.Struct, frozen=True):
    """Shifts of one person in the period.

    Attributes:
        name: of the person.
        shifts, nights, weekends, holidays: worked; a weekend is one on either of its days.
        overtime: hours: those so far, of overtime shifts, and beyond those of the agreement.
        wishes, kept: that they made, with a price, and that the roster keeps.
    """

    name: str
    shifts: int
    nights: int
    weekends: int
    holidays: int
    overtime: float
    wishes: int
    kept: int


def shares(own: Own, grid: Grid) -> list[Share]:
    """Count what everybody works, in the order of the staff."""
    problem, agreement = own.problem, own.agreement
    natures = own.shifts.natures
    kinds = [agreement.shift[nature.place].kind for nature in natures]
    duty = _flags(*(kind in ("duty", "overtime") for kind in kinds))
    overtime = asking.overtime(own, grid).sum(1)
    night = _flags(*(_is_night(agreement, nature.place) for nature in natures))
    shifts = problem.shift_of_post()[grid].astype(np.intp)
    at_work = duty[shifts]
    free = [day for day in range(problem.days) if own.begins + timedelta(day) in agreement.holidays]
    weekends = np.zeros(len(grid), int)
    for days in problem.weekends():
        weekends += at_work[:, list(days)].any(1)
    wishes = [
        sum(isinstance(rule, Wish) and bool(rule.price) for rule in one.rules) for one in problem.people
    ]
    broken = [0] * len(wishes)
    for number, rule, *_ in breaches_of_rows(problem, problem.people, grid):
        broken[number] += isinstance(rule, Wish) and bool(rule.price)
    return [
        Share(
            officer.name,
            int(at_work[at].sum()),
            int((night[shifts[at]] & at_work[at]).sum()),
            int(weekends[at]),
            int(at_work[at, free].sum()),
            round(officer.overtime + int(overtime[at]) / 60, 2),
            wishes[at],
            wishes[at] - broken[at],
        )
        for at, officer in enumerate(own.staff)
    ]


def _flags(*of_shifts: bool) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    return np.array([False, *of_shifts])


def _is_night(agreement: Agreement, place: int) -> bool:
    return any(
        begin <= NIGHT + midnight < end
        for begin, end in pieces(agreement.shift[place])
        for midnight in (0, 24 * 60)
    )


def with_past(now: list[Share], before: list[Share]) -> list[Share]:
    """Add what the same people worked in an earlier period; overtime so far has that already."""
    earlier = {one.name: one for one in before}
    added = ("shifts", "nights", "weekends", "holidays", "wishes", "kept")
    return [
        msgspec.structs.replace(one, **{name: getattr(one, name) + getattr(past, name) for name in added})
        if (past := earlier.get(one.name))
        else one
        for one in now
    ]


class Spread(msgspec.Struct, frozen=True):
    """How far one count spreads over people: the least, the middle, the most, and their sum."""

    least: float
    median: float
    most: float
    total: float


def spreads(each: list[Share]) -> dict[str, Spread]:
    """Return how far each count spreads."""
    found = {}
    for name in Share.__struct_fields__[1:]:
        counts = [float(getattr(one, name)) for one in each] or [0.0]
        found[name] = Spread(min(counts), float(np.median(counts)), max(counts), round(sum(counts), 2))
    return found
