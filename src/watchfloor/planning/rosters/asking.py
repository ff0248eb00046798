"""The order in which people are asked to work more, and who was passed over in it.

Overtime is work on shifts of that kind, and the hours that somebody works beyond those of `[overtime]`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.planning.rosters.check import Breach
from watchfloor.planning.rosters.own import Own
from watchfloor.planning.rosters.problem import OFF, Grid
from watchfloor.planning.rosters.repair import faults

Minutes = npt.NDArray[np.int64]
Key = tuple[bool | float | str, ...]


class Question(NamedTuple):
    """A row of the log: who was asked, for which day, and whether they agreed."""

    officer: str
    date: str
    before: str
    after: str
    asked: str
    agreed: bool


def overtime(own: Own, grid: Grid) -> Minutes:
    """Return the minutes of overtime of everybody on each day, in the order of the days."""
    problem, agreement = own.problem, own.agreement
    kinds = [agreement.shift[nature.place].kind for nature in own.shifts.natures]
    shifts = problem.shift_of_post()[grid].astype(np.intp)
    extra, work = (
        np.array(
            [0, *(one.minutes * (kind in some) for one, kind in zip(problem.shifts, kinds, strict=True))]
        )
        for some in (("overtime",), ("duty", "court", "training"))
    )
    minutes: Minutes = extra[shifts]
    if limit := agreement.overtime:
        window = limit.window or problem.days
        for begin in range(0, problem.days, window):
            span = slice(begin, min(begin + window, problem.days))
            beyond = np.maximum(work[shifts[:, span]].cumsum(1) - round(limit.hours * 60), 0)
            minutes[:, span] += np.diff(beyond, axis=1, prepend=0)
    return minutes


def keys(own: Own, worked: Sequence[int] = ()) -> list[Key]:
    """Return what everybody is asked by, the least first: words of `[asking]`; worked: minutes since."""
    order = own.agreement.asking.order if own.agreement.asking else ()
    more = worked or [0] * len(own.staff)

    def key(number: int) -> Key:
        one = own.staff[number]
        words: dict[str, bool | float | str] = {
            "volunteer": not one.volunteer,
            "overtime": one.overtime + more[number] / 60,
            "seniority": one.seniority,
        }
        return tuple(words[word] for word in order)

    return [key(number) for number in range(len(own.staff))]


def passed_over(
    own: Own, grid: Grid, log: Iterable[Question], published: Grid | None = None
) -> Iterator[Breach]:
    """Yield each overtime shift, or work that a published roster had not, of which others had to be asked.

    They are those earlier in the order of `[asking]` who were off, could work it lawfully, and have no
    answer of that day in the log. Within the notice that a question was asked, only volunteers are. The
    amount says how many they are. Who stood by, or was at work and moved, comes before the order.
    """
    agreement, problem = own.agreement, own.problem
    if agreement.asking is None:
        return
    asked = {(one.officer, one.date): one for one in log}
    minutes = overtime(own, grid)
    free = np.full_like(grid, fill_value=True, dtype=bool) if published is None else published == OFF
    chosen = (grid != OFF) & (minutes > 0 if published is None else free)
    off = (grid == OFF) & free
    before = minutes.cumsum(1) - minutes
    for day in np.flatnonzero(chosen.any(0)).tolist():
        on, order = str(own.begins + timedelta(day)), keys(own, before[:, day].tolist())
        able: dict[int, list[int]] = {}
        for number in np.flatnonzero(chosen[:, day]).tolist():
            post = int(grid[number, day])
            if post not in able:
                able[post] = _able(own, grid, day, post, np.flatnonzero(off[:, day]).tolist())
            late = _within_notice(own, asked.get((own.staff[number].name, on)), day, post)
            over = [
                each
                for each in able[post]
                if order[each] < order[number]
                and (own.staff[each].name, on) not in asked
                and (own.staff[each].volunteer or not late)
            ]
            if over:
                first = min(over, key=order.__getitem__)
                what = f"{own.staff[number].name}, {problem.called(post)}"
                yield Breach(own.staff[first].name, day, day, agreement.asking.clause, len(over), None, what)


def _able(own: Own, grid: Grid, day: int, post: int, off: Sequence[int]) -> list[int]:
    """Return those of some people who could work a post on a day and break no further rule by it."""
    problem = own.problem
    able = [
        each
        for each in off
        if post in problem.people[each].posts and (day, post) not in problem.people[each].barred
    ]
    rows = grid[able]
    people = [problem.people[each] for each in able]
    old = faults(problem, people, rows)
    rows[:, day] = post
    new = faults(problem, people, rows)
    return [each for each, was, now in zip(able, old, new, strict=True) if now[0] <= was[0]]


def _within_notice(own: Own, question: Question | None, day: int, post: int) -> bool:
    """Return whether a question was asked later than the notice allows; it was not where no time is known."""
    notice = own.agreement.notice
    if question is None or notice is None:
        return False
    try:
        at = datetime.fromisoformat(question.asked)
    except ValueError:
        return False
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    begins = own.times(day, own.problem.posts[post - 1].shift)[0]
    return begins - at.timestamp() / 60 < notice.hours * 60
