"""Notice of a roster and of its changes: who is told too late, by which clause, and who is asked first."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

import numpy as np

from watchfloor.planning.rosters import asking
from watchfloor.planning.rosters.check import Breach
from watchfloor.planning.rosters.own import Own
from watchfloor.planning.rosters.problem import OFF, Grid
from watchfloor.planning.rosters.repair import Terms


class Change(NamedTuple):
    """A day on which somebody works another post than was published, or works, or is off.

    Attributes:
        person: their place in the staff; day: of the period.
        before, after: numbers of posts, 0 for none.
        begins: minutes since 1970 of the earlier of both shifts.
    """

    person: int
    day: int
    before: int
    after: int
    begins: int


def changes(own: Own, published: Grid, grid: Grid) -> list[Change]:
    """Return what a roster changes of a published one."""
    found = []
    for person, day in np.argwhere(published != grid).tolist():
        both = int(published[person, day]), int(grid[person, day])
        begins = min(own.times(day, own.problem.posts[post - 1].shift)[0] for post in both if post != OFF)
        found.append(Change(person, day, *both, begins))
    return found


def terms(own: Own, grid: Grid, at: datetime | None, day: int = 0) -> Terms:
    """Return the terms of changes at a moment, by the agreement and staff; none: long before the period.

    Overtime that the roster has before a day counts in the order of asking.
    """
    agreement, shifts = own.agreement, own.problem.shift_of_post()[grid]
    begun, late = set(), set()
    if at is not None:
        now, hours = at.timestamp() / 60, agreement.notice.hours if agreement.notice else 0
        for (_, day), shift in own.shifts.number.items():
            if day >= 0:
                left = own.times(day, shift)[0] - now
                begun |= {(day, shift)} if left < 0 else set()
                late |= {(day, shift)} if left < hours * 60 else set()
    standing_by = _standing_by(own)
    standby = np.argwhere(np.isin(shifts, standing_by)).tolist()
    keys = asking.keys(own, asking.overtime(own, grid)[:, :day].sum(1).tolist())
    rank = [0] * len(keys)
    for place, number in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
        rank[number] = place
    willing = frozenset(number for number, one in enumerate(own.staff) if one.volunteer)
    return Terms(
        frozenset(begun), frozenset(late), willing, frozenset((who, day) for who, day in standby), tuple(rank)
    )


def _standing_by(own: Own) -> list[int]:
    kinds = [one.kind for one in own.agreement.shift]
    return [number for number, nature in enumerate(own.shifts.natures, 1) if kinds[nature.place] == "standby"]


def breaches(own: Own, published: Grid, grid: Grid, at: datetime) -> Iterator[Breach]:
    """Yield each change that is told later than the notice allows, by its hours.

    Volunteers may be asked, and so may who stands by that day.
    """
    notice, moment = own.agreement.notice, at.timestamp() / 60
    if notice is None:
        return
    shifts, standing_by = own.problem.shift_of_post(), _standing_by(own)
    for one in changes(own, published, grid):
        if shifts[one.before] in standing_by:
            continue
        officer = own.staff[one.person]
        late = notice.hours * 60 - (one.begins - moment)
        if late > 0 and not officer.volunteer:
            yield Breach(officer.name, one.day, one.day, notice.clause, ceil(late / 60), None)


def posted_late(own: Own, at: datetime) -> Iterator[Breach]:
    """Yield a breach, by its days, where a roster that is published now is later than its clause allows."""
    posting = own.agreement.posting
    if posting is None:
        return
    last = own.begins - timedelta(posting.days)
    on = at.astimezone(own.agreement.zone).date()
    if on > last:
        yield Breach("", 0, own.problem.days - 1, posting.clause, (on - last).days, None)
