"""Repair a published roster with the fewest changes: a sick call, a late aircraft, a storm.

A change is one day of one officer other than those who are away. The search deepens (Korf 1985): every repair
of one change is tried before any of two. A need is filled in the order of asking; where a change breaks a
rule, the next lies within the days of that breach, since no other can mend it. Rules are those of the check.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec
import numpy as np

from watchfloor.planning.rosters.check import breaches_of_rows
from watchfloor.planning.rosters.problem import (
    OFF,
    AnyRule,
    Grid,
    Person,
    Problem,
    Run,
    Total,
    WholeWeekend,
)

OTHERS: Final = 4
"""Officers other than those away who may be moved for one call."""
DEEPER: Final = 2
"""Changes that are tried beyond the fewest that could do."""
OPTIONS: Final = 5
"""Repairs that are offered, so that somebody else can be asked when one declines."""


@dataclass(frozen=True)
class Terms:
    """Terms of an agreement for changes to a published roster.

    Attributes:
        begun: days and shifts that have begun; they are not changed.
        late: days and shifts within the notice; a change of one needs somebody who is willing.
        willing: numbers of people who may be asked within notice.
        standby: people and days on which they stand by; nobody takes their place there.
        rank: of each person in the order of asking, the least first; none: in the order of the roster.
    """

    begun: frozenset[tuple[int, int]] = frozenset()
    late: frozenset[tuple[int, int]] = frozenset()
    willing: frozenset[int] = frozenset()
    standby: frozenset[tuple[int, int]] = frozenset()
    rank: tuple[int, ...] = ()


class Change(msgspec.Struct, frozen=True):
    """One day of one officer that changes, with numbers of the posts before and after."""

    person: int
    day: int
    before: int
    after: int


class Repair(msgspec.Struct, frozen=True):
    """A repair.

    Attributes:
        changes: of officers other than those away, in the order of asking.
        short: people who are still missing, by number of the demand.
        fewest: whether it is proven that no repair of fewer changes leaves no more people missing.
    """

    changes: tuple[Change, ...]
    short: dict[int, int]
    fewest: bool


@dataclass(frozen=True)
class Call:
    """A call: who is away on which days, and how many more are needed by number of the demand."""

    away: frozenset[tuple[int, int]]
    more: dict[int, int] = field(default_factory=dict)


def excused(problem: Problem, away: frozenset[tuple[int, int]]) -> Problem:
    """Return the problem in which nobody away breaches a rule by working too little."""
    people = list(problem.people)
    for person in {person for person, _ in away}:
        rules = tuple(_at_most(rule) for rule in people[person].rules if not isinstance(rule, WholeWeekend))
        people[person] = replace(people[person], rules=rules)
    return replace(problem, people=tuple(people))


def _at_most(rule: AnyRule) -> AnyRule:
    if isinstance(rule, Total):
        return msgspec.structs.replace(rule, least=None)
    if isinstance(rule, Run):
        most = None if OFF in rule.shifts else rule.most
        return msgspec.structs.replace(rule, least=None, most=most)
    return rule


def without(grid: Grid, away: frozenset[tuple[int, int]]) -> Grid:
    """Return a roster in which nobody works who is away."""
    left = grid.copy()
    for cell in away:
        left[cell] = OFF
    return left


def changed(grid: Grid, call: Call, made: Repair) -> Grid:
    """Return a roster after a call and its repair."""
    after = without(grid, call.away)
    for one in made.changes:
        after[one.person, one.day] = one.after
    return after


def repairs(
    problem: Problem,
    grid: Grid,
    call: Call,
    terms: Terms | None = None,
    declined: frozenset[tuple[int, int]] = frozenset(),
    seconds: float = 1.0,
) -> list[Repair]:
    """Return the repairs of the fewest changes, who is to be asked first at their head.

    Args:
        problem: whose roster it is.
        grid: the published roster.
        call: what happened.
        terms: of changes; none: everybody may be asked at any time.
        declined: people and days on which they said no; they are not asked again.
        seconds: of processor, after which no further repair is looked for.

    Returns:
        At most `OPTIONS` repairs of equally many changes. Where not all needs can be met within `OTHERS`
        people and `DEEPER` changes more than needs, the ones that leave the fewest people missing. Where time
        is too short for the whole, its days are repaired one after the other.
    """
    terms, begun = terms or Terms(), time.thread_time()
    days = {day for _, day in call.away} | {problem.demand[number].day for number in call.more}
    share = seconds if len(days) == 1 else seconds / 2
    found = _Search(problem, grid, call, terms, declined, begun + share).run()
    if found[0].fewest or len(days) == 1:
        return found
    one = _by_days(problem, grid, call, terms, declined, begun + seconds)
    return [one] if sum(one.short.values()) < sum(found[0].short.values()) else found


def _by_days(
    problem: Problem,
    grid: Grid,
    call: Call,
    terms: Terms,
    declined: frozenset[tuple[int, int]],
    until: float,
) -> Repair:
    """Repair one day of a call after another, each with half of the time that is left."""
    gone = {(person, day) for person, _ in call.away for day in range(problem.days)}
    days = {day for _, day in call.away} | {problem.demand[number].day for number in call.more}
    made: tuple[Change, ...] = ()
    short: dict[int, int] = {}
    for day in sorted(days):
        away = frozenset(cell for cell in call.away if cell[1] == day)
        more = {number: by for number, by in call.more.items() if problem.demand[number].day == day}
        now = Call(away, more)
        fixed = declined | gone | {(one.person, one.day) for one in made}
        end = (time.thread_time() + until) / 2
        search = _Search(problem, grid, now, terms, fixed, end)
        search.moved = {one.person for one in made}
        first = search.run()[0]
        grid = changed(grid, now, first)
        made += first.changes
        short |= first.short
    return Repair(made, short, fewest=False)


class _Search:
    """A search over changes, each of which fills a need or mends a row that the last one broke."""

    def __init__(
        self,
        problem: Problem,
        grid: Grid,
        call: Call,
        terms: Terms,
        declined: frozenset[tuple[int, int]],
        until: float,
    ) -> None:
        self.problem, self.terms, self.call, self.until = problem, terms, call, until
        self.published, self.grid = grid, without(grid, call.away)
        self.fixed = declined | call.away
        self.away = {person for person, _ in call.away}
        self.moved: set[int] = set()
        numbers = {post: number for number, post in enumerate(problem.posts, 1)}
        self.meets: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, one in enumerate(problem.demand):
            for day, of in one.cells():
                self.meets[day, numbers[of]].append(number)
        counts: list[Counter[int]] = [Counter(), Counter()]
        for count, each in zip(counts, (grid, self.grid), strict=True):
            for day in range(problem.days):
                there = np.bincount(each[:, day], minlength=len(problem.posts) + 1)
                for post in np.flatnonzero(there).tolist():
                    for number in self.meets.get((day, post), ()):
                        count[number] += int(there[post])
        self.least = []
        self.most: list[float] = []
        for number, one in enumerate(problem.demand):
            had, more = counts[0][number], call.more.get(number, 0)
            self.least.append(min(one.least or 0, had) + more)
            hard = one.most is not None and one.over is None
            self.most.append(max(one.most or 0, had) + more if hard else float("inf"))
        for who, day in self.terms.standby - call.away:
            for number in self.meets.get((day, int(grid[who, day])), ()):
                self.least[number] = max(self.least[number] - 1, 0)
        self.count = [counts[1][number] for number in range(len(problem.demand))]
        self.short = {
            number: self.least[number] - count
            for number, count in enumerate(self.count)
            if count < self.least[number]
        }
        self.able: dict[int, list[int]] = defaultdict(list)
        for number, person in enumerate(problem.people):
            if number not in self.away:
                for post in person.posts:
                    self.able[post].append(number)
        self.shift_of = problem.shift_of_post()
        self.faults: dict[tuple[int, bytes], tuple[int, int, int]] = {}
        self.made: list[Change] = []
        self.left: Counter[int] = Counter()
        self.found: list[Repair] = []

    def run(self) -> list[Repair]:
        """Deepen until something is found."""
        needs = sum(self.short.values())
        proven, end = True, self.until
        for missing in range(needs + 1):
            self.until = (time.thread_time() + end) / 2  # half of what is left, so that some repair is found
            least = self._bound(missing)
            for changes in range(least, max(least, self._calls()) + DEEPER + 1):
                self._deepen(changes, missing)
                if self.found:
                    return [msgspec.structs.replace(each, fewest=proven) for each in self.found]
                proven &= time.thread_time() < self.until
                if not proven:
                    break
        return [Repair((), dict(self.short), fewest=proven)]

    def _calls(self) -> int:
        """Return how many shifts are away or needed beside them."""
        away = sum(self.published[cell] != OFF for cell in self.call.away)
        more: dict[int, int] = {}
        for number, amount in self.call.more.items():
            day = self.problem.demand[number].day
            more[day] = max(more.get(day, 0), amount)
        return int(away) + sum(more.values())

    def _bound(self, missing: int) -> int:
        """Return how many changes at least fill all needs but so many."""
        alone = [number for number in self.short if not self.problem.demand[number].also]
        cells = {self.problem.demand[number].cells()[0]: self.short[number] for number in alone}
        together = [amount for number, amount in self.short.items() if number not in alone]
        return max(max(sum(cells.values()), *together, 0) - missing, 0)

    def _deepen(self, changes: int, missing: int, broken: tuple[int, int, int] | None = None) -> None:
        """Try every further change, up to so many, that fills the first need or mends a broken row."""
        if len(self.found) >= OPTIONS or time.thread_time() > self.until:
            return
        if broken:
            person, first, last = broken
            days = range(max(first - 1, 0), min(last + 2, self.problem.days))
            posts = (OFF, *sorted(self.problem.people[person].posts))
            self._try([(person, day, post) for day in days for post in posts], changes, missing)
            return
        needs = {number: amount for number, amount in self.short.items() if amount > self.left[number]}
        if needs:
            number = min(needs, key=lambda each: (self.problem.demand[each].day, each))
            if max(needs[each] - self.left[each] for each in needs) - missing <= changes:
                self._try(self._fillers(number), changes, missing)
            if missing:
                self.left[number] += 1
                self._deepen(changes, missing - 1)
                self.left[number] -= 1
        elif full := [number for number, count in enumerate(self.count) if count > self.most[number]]:
            self._try(self._leavers(full[0]), changes, missing)
        elif changes == 0 and self._links_kept():
            self._keep()

    def _fillers(self, number: int) -> list[tuple[int, int, int]]:
        """Return changes that fill a need: of who stands by first, then who is at work that day."""
        posts = {post: place for place, post in enumerate(self.problem.posts, 1)}
        cells = [(day, posts[post]) for day, post in self.problem.demand[number].cells()]
        counted = set(cells)
        able = [
            (person, day, post)
            for day, post in cells
            for person in self.able[post]
            if (day, int(self.grid[person, day])) not in counted
        ]
        rank = self.terms.rank
        return sorted(
            able,
            key=lambda one: (
                (one[0], one[1]) not in self.terms.standby,
                self.grid[one[0], one[1]] == OFF,
                rank[one[0]] if rank else one[0],
                one,
            ),
        )

    def _leavers(self, number: int) -> list[tuple[int, int, int]]:
        """Return changes that take somebody from a demand of which there may not be so many."""
        posts = {post: place for place, post in enumerate(self.problem.posts, 1)}
        return [
            (person, day, post)
            for day, counted in self.problem.demand[number].cells()
            for person in np.flatnonzero(self.grid[:, day] == posts[counted]).tolist()
            for post in (OFF, *sorted(self.problem.people[person].posts))
        ]

    def _may(self, person: int, day: int, post: int) -> bool:
        """Whether a day of somebody may be changed to a post."""
        now = int(self.grid[person, day])
        if post == now or (person, day) in self.fixed or person in self.away:
            return False
        if any(one.person == person and one.day == day for one in self.made):
            return False
        if len({one.person for one in self.made} | self.moved | {person}) > OTHERS:
            return False
        for each in (now, post):
            if each == OFF:
                continue
            shift = day, int(self.shift_of[each])
            willing = person in self.terms.willing or (person, day) in self.terms.standby
            if shift in self.terms.begun or (shift in self.terms.late and not willing):
                return False
        if post != OFF:
            days = self.problem.shifts[self.shift_of[post] - 1].days
            if (day, post) in self.problem.people[person].barred or (days is not None and day not in days):
                return False
        return True

    def _try(self, options: list[tuple[int, int, int]], changes: int, missing: int) -> None:
        """Make each of some changes, go on, and take it back."""
        if not changes:
            return
        options = [one for one in options if self._may(*one)]
        self._judge(options)
        for person, day, post in options:
            before = int(self.grid[person, day])
            self._move(person, day, before, post)
            self.made.append(Change(person, day, before, post))
            amount, first, last = self._fault(person)
            if not amount:
                self._deepen(changes - 1, missing)
            elif changes > 1:
                self._deepen(changes - 1, missing, (person, first, last))
            self.made.pop()
            self._move(person, day, post, before)

    def _move(self, person: int, day: int, before: int, after: int) -> None:
        self.grid[person, day] = after
        for post, by in ((before, -1), (after, 1)):
            for number in self.meets.get((day, post), ()):
                self.count[number] += by
                lacks = self.least[number] - self.count[number]
                if lacks > 0:
                    self.short[number] = lacks
                else:
                    self.short.pop(number, None)

    def _fault(self, person: int) -> tuple[int, int, int]:
        key = person, self.grid[person].tobytes()
        if key not in self.faults:
            self._judge([(person, 0, int(self.grid[person, 0]))])
        return self.faults[key]

    def _judge(self, options: Sequence[tuple[int, int, int]]) -> None:
        """Find, of rows with one change, by how much they break rules beyond what they broke before."""
        rows = self.grid[[person for person, _, _ in options]]
        for place, (_, day, post) in enumerate(options):
            rows[place, day] = post
        new = [
            place
            for place, (person, _, _) in enumerate(options)
            if (person, rows[place].tobytes()) not in self.faults
        ]
        if not new:
            return
        numbers = [options[place][0] for place in new]
        people = [self.problem.people[number] for number in numbers]
        found = faults(self.problem, people, rows[new])
        before = faults(self.problem, people, self.published[numbers])  # a roster may break rules already
        for place, number, (amount, *days), (old, *_) in zip(new, numbers, found, before, strict=True):
            first, last = days if not old else (0, self.problem.days - 1)
            self.faults[number, rows[place].tobytes()] = max(amount - old, 0), first, last

    def _links_kept(self) -> bool:
        """Whether every rule of who works beside whom is kept on the days that change."""
        shifts = self.shift_of[self.grid]
        for link in self.problem.links:
            if link.price is not None:
                continue
            for day in {one.day for one in self.made} | {day for _, day in self.call.away}:
                mine = shifts[link.person, day]
                if not link.holds_on(day) or mine == OFF or (link.shifts and int(mine) not in link.shifts):
                    continue
                count = int((shifts[sorted(link.others), day] == mine).sum())
                if count < (link.least or 0) or (link.most is not None and count > link.most):
                    return False
        return True

    def _keep(self) -> None:
        changes = tuple(self.made)
        people = {one.person for one in changes}
        if all({one.person for one in each.changes} != people for each in self.found):
            self.found.append(Repair(changes, dict(self.short), fewest=True))


def faults(problem: Problem, people: Sequence[Person], rows: Grid) -> list[tuple[int, int, int]]:
    """Return by how much rows break rules that must be kept, and the days of the first breach of each."""
    amounts = [0] * len(people)
    days = [(0, 0)] * len(people)
    for number, _, first, last, amount in breaches_of_rows(problem, people, rows, must=True):
        if not amounts[number]:
            days[number] = first, last
        amounts[number] += amount
    return [(amount, *each) for amount, each in zip(amounts, days, strict=True)]
