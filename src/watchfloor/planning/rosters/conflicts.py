"""Explain why a demand cannot be met: a set of clauses and other demands, none of which can be left out.

Whether some clauses and demands can be met together is decided by column generation that sums who is missing:
a bound above nothing proves that they cannot, a roster without anybody missing that they can. QuickXplain
(Junker 2004) finds which of them are needed for the conflict. Only rules that must be kept are asked; those
with a price forbid nothing. Who works beside whom is left out.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from watchfloor.planning.rosters.columns import Column, Master
from watchfloor.planning.rosters.neighbourhoods import improve
from watchfloor.planning.rosters.problem import Grid, Problem
from watchfloor.planning.rosters.search import Search

WINDOWS: Final = (0, 1, 3, 7, 366)
"""Days before and after the demand, of the other demands that are asked beside it."""
ABOVE: Final = 0.01
"""Of people missing, a bound that is no rounding."""
SHARE: Final = 8
"""One question takes at most one in so many parts of the time."""


class Conflict(msgspec.Struct, frozen=True):
    """Clauses and demands that cannot be met together.

    Attributes:
        demand: number of the demand that is short.
        clauses: of rules that must be kept.
        demands: numbers of other demands.
        people: who may work the demand.
        smallest: whether it is proven that none of the clauses and demands can be left out.
    """

    demand: int
    clauses: tuple[str, ...]
    demands: tuple[int, ...]
    people: int
    smallest: bool


@dataclass(frozen=True)
class Answer:
    """Whether a demand can be met: the conflict that forbids it, or whether a roster meets it.

    Neither: there was no time to find out.
    """

    conflict: Conflict | None = None
    possible: bool = False


Member = str | int
"""A clause, or the number of a demand."""


def missing(problem: Problem, grid: Grid) -> dict[int, int]:
    """Return how many are missing, by number of the demand, where somebody is."""
    numbers = {post: number for number, post in enumerate(problem.posts, 1)}
    found = {}
    for at, one in enumerate(problem.demand):
        count = sum(int((grid[:, day] == numbers[post]).sum()) for day, post in one.cells())
        if count < (one.least or 0):
            found[at] = (one.least or 0) - count
    return found


def explain(
    problem: Problem, number: int, short: Mapping[int, int] | None = None, seconds: float = 60.0
) -> Answer:
    """Explain why a demand is short, within so many seconds.

    Others that are `short` need fewer by as many: a lawful roster meets all of them without this demand, so
    each conflict is one with it.
    """
    demand = tuple(
        msgspec.structs.replace(one, least=one.least - by)
        if at != number and one.least and (by := (short or {}).get(at))
        else one
        for at, one in enumerate(problem.demand)
    )
    problem = replace(problem, demand=demand)
    return _Explanation(problem, number, seconds).run()


def possible(problem: Problem, members: Sequence[Member], seconds: float) -> bool | None:
    """Say whether some clauses can be kept and some demands met together; none: it was not found out."""
    clauses = {one for one in members if isinstance(one, str)}
    numbers = [one for one in members if isinstance(one, int)]
    demand = tuple(
        msgspec.structs.replace(problem.demand[number], most=None, under=1, over=0) for number in numbers
    )
    places = {post: place for place, post in enumerate(problem.posts, 1)}
    wanted = {places[post] for one in demand for _, post in one.cells()}
    people = tuple(
        replace(
            person,
            rules=tuple(rule for rule in person.rules if rule.price is None and rule.clause in clauses),
        )
        for person in problem.people
        if person.posts & wanted
    )
    if not people:
        return not any(one.least for one in demand)
    part = replace(problem, people=people, demand=demand, links=())
    search = Search(part, seconds, 1, 0, lambda _: None)
    search.construct()
    if search.untried:
        return None
    if len(search.lawful) < len(people):
        return False
    if search.cost < ABOVE:
        return True
    master = Master(part, search.cover, search.lawful)
    master.add(Column(each, tuple(search.best[each].tolist()), search.own[each]) for each in search.lawful)
    _, may = search.generate(master, search.until, cutoff=ABOVE)
    if not may or search.bound > ABOVE:
        return False
    if not search.over():
        search.dive(master, search.until)
        improve(search)
    if search.cost < ABOVE:
        return True
    return False if search.bound > ABOVE else None


class _Explanation:
    """The search for one conflict."""

    def __init__(self, problem: Problem, number: int, seconds: float) -> None:
        self.problem, self.number = problem, number
        self.until, self.share = time.monotonic() + seconds, seconds / SHARE
        self.sure = True
        """Whether every question so far was answered."""

    def run(self) -> Answer:
        """Ask with more and more other demands until there is a conflict, and find what it needs."""
        posts = {post: place for place, post in enumerate(self.problem.posts, 1)}
        mine = self.problem.demand[self.number]
        wanted = {posts[post] for _, post in mine.cells()}
        able = [person for person in self.problem.people if person.posts & wanted]
        clauses = dict.fromkeys(rule.clause for person in able for rule in person.rules if rule.price is None)
        last: list[Member] | None = None
        found: bool | None = None
        for days in WINDOWS:
            others = [
                at
                for at, one in enumerate(self.problem.demand)
                if at != self.number and one.least and abs(one.day - mine.day) <= days
            ]
            members: list[Member] = [*others, *clauses] if days else [*clauses]
            if members == last:
                continue
            last = members
            found = self._possible(members)
            if found is False:
                self.sure = True
                left = self._needed([], [], members)
                return Answer(
                    Conflict(
                        self.number,
                        tuple(one for one in left if isinstance(one, str)),
                        tuple(sorted(one for one in left if isinstance(one, int))),
                        len(able),
                        self.sure,
                    )
                )
        return Answer(possible=bool(found))

    def _possible(self, members: Sequence[Member]) -> bool | None:
        left = min(self.share, self.until - time.monotonic())
        found = possible(self.problem, [self.number, *members], left) if left > 0 else None
        self.sure &= found is not None
        return found

    def _needed(self, kept: list[Member], added: list[Member], members: list[Member]) -> list[Member]:
        """Return which of some members are needed for a conflict with those that are kept."""
        if (added or not kept) and self._possible(kept) is False:
            return []
        if len(members) <= 1:
            return members
        half = len(members) // 2
        first, second = members[:half], members[half:]
        of_second = self._needed([*kept, *first], first, second)
        of_first = self._needed([*kept, *of_second], of_second, first)
        return [*of_first, *of_second]
