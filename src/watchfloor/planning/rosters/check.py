"""Check a roster: each breach of each rule, by person and day, with its clause and what it costs.

The check knows nothing of how a roster was made. People who share a rule are checked together, a day at a
time.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import singledispatch
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from watchfloor.planning.rosters.problem import (
    OFF,
    UNKNOWN,
    AnyRule,
    Grid,
    Person,
    Problem,
    Run,
    Succession,
    Total,
    Weekends,
    WholeWeekend,
    Wish,
)

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]
SKILL: Final = "skill"
CLOSED: Final = "days of the shift"


class Breach(msgspec.Struct, frozen=True):
    """Something that a roster does against a rule.

    Attributes:
        person: who; empty where it is the demand that is not met.
        first, last: days, from 0.
        clause: of the rule.
        amount: by how many days, minutes, weekends or people.
        cost: what it costs; none: the rule must be kept.
        what: the shift and skill of a demand.
    """

    person: str
    first: int
    last: int
    clause: str
    amount: int
    cost: int | None
    what: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """The cost of a roster, and why.

    Attributes:
        feasible: no rule that must be kept is breached.
        cost: sum of what priced breaches cost.
        parts: the same by clause, noughts included.
        breaches: all, those that must not be first.
    """

    feasible: bool
    cost: int
    parts: dict[str, int]
    breaches: list[Breach]


class Sheet(NamedTuple):
    """The rows of people who share a rule.

    Attributes:
        problem: whose they are.
        people: a row each.
        rows: numbers of shifts, days before the period included.
        past: how many those are.
    """

    problem: Problem
    people: Sequence[Person]
    rows: Grid
    past: int


Found = tuple[int, int, int, int]
"""A breach within a group of people who share a rule: number of the person, first and last day, amount."""


def check(problem: Problem, grid: Grid) -> Verdict:
    """Find every breach of a roster, people by days with the numbers of posts, and sum what they cost."""
    breaches = [
        *_unqualified(problem, grid),
        *_closed(problem, grid),
        *_unmet(problem, grid),
        *_of_people(problem, grid),
        *_linked(problem, grid),
    ]
    parts = dict.fromkeys(
        [rule.clause for person in problem.people for rule in person.rules if rule.price is not None]
        + [link.clause for link in problem.links if link.price is not None]
        + [one.clause for one in problem.demand if (one.under, one.over) != (None, None)],
        0,
    )
    for one in breaches:
        if one.cost is not None:
            parts[one.clause] += one.cost
    breaches.sort(key=lambda one: (one.cost is not None, one.first, one.person))
    return Verdict(all(one.cost is not None for one in breaches), sum(parts.values()), parts, breaches)


def _unqualified(problem: Problem, grid: Grid) -> Iterator[Breach]:
    may = np.zeros((len(problem.people), len(problem.posts) + 1), bool)
    may[:, OFF] = True
    for number, person in enumerate(problem.people):
        may[number, list(person.posts)] = True
    for number, day in np.argwhere(~np.take_along_axis(may, grid.astype(np.intp), 1)).tolist():
        post = problem.posts[grid[number, day] - 1]
        yield Breach(problem.people[number].name, day, day, SKILL, 1, None, post.skill)
    for person, row in zip(problem.people, grid, strict=True):
        for day, number in sorted(person.barred):
            if row[day] == number:
                yield Breach(person.name, day, day, SKILL, 1, None, problem.posts[number - 1].skill)


def _closed(problem: Problem, grid: Grid) -> Iterator[Breach]:
    closed = np.zeros((problem.days, len(problem.posts) + 1), bool)
    for number, post in enumerate(problem.posts, 1):
        days = problem.shifts[post.shift - 1].days
        if days is not None:
            closed[[day for day in range(problem.days) if day not in days], number] = True
    if closed.any():
        for number, day in np.argwhere(closed[np.arange(problem.days), grid]).tolist():
            shift = problem.shifts[problem.posts[grid[number, day] - 1].shift - 1]
            yield Breach(problem.people[number].name, day, day, CLOSED, 1, None, shift.name)


def _unmet(problem: Problem, grid: Grid) -> Iterator[Breach]:
    numbers = {post: number for number, post in enumerate(problem.posts, 1)}
    there = np.zeros((problem.days, len(problem.posts) + 1), np.int64)
    for day in range(problem.days):
        there[day] = np.bincount(grid[:, day], minlength=len(problem.posts) + 1)
    for one in problem.demand:
        count = sum(int(there[day, numbers[post]]) for day, post in one.cells())
        what = one.what or f"{problem.shifts[one.post.shift - 1].name} {one.post.skill}".rstrip()
        short = 0 if one.least is None else max(one.least - count, 0)
        extra = 0 if one.most is None else max(count - one.most, 0)
        for amount, price in ((short, one.under), (extra, one.over)):
            if amount and price != 0:
                cost = None if price is None else amount * price
                yield Breach("", one.day, one.day, one.clause, amount, cost, what)


def _of_people(problem: Problem, grid: Grid) -> Iterator[Breach]:
    for number, rule, first, last, amount in breaches_of_rows(problem, problem.people, grid):
        cost = None if rule.price is None else amount * rule.price
        yield Breach(problem.people[number].name, first, last, rule.clause, amount, cost)


def breaches_of_rows(
    problem: Problem, people: Sequence[Person], rows: Grid, *, must: bool = False
) -> Iterator[tuple[int, AnyRule, int, int, int]]:
    """Find what rows of people breach of their own rules: number of the row, rule, days and amount.

    Of all rules that have a price other than nothing, or of those that must be kept alone.
    """
    shifts = problem.shift_of_post()[rows]
    sharing: dict[tuple[AnyRule, int], list[int]] = defaultdict(list)
    for number, person in enumerate(people):
        for rule in person.rules:
            if rule.price is None if must else rule.price != 0:
                # By the known days too: no window begins where somebody's past is not known.
                sharing[rule, len(person.past)].append(number)
    for (rule, past), numbers in sharing.items():
        sharers = [people[number] for number in numbers]
        before = np.array([person.past for person in sharers], np.int16).reshape(len(numbers), past)
        sheet = Sheet(problem, sharers, np.concatenate([before, shifts[numbers]], 1), past)
        for which, first, last, amount in breaches_of(rule, sheet):
            yield numbers[which], rule, first, last, amount


def _linked(problem: Problem, grid: Grid) -> Iterator[Breach]:
    shifts = problem.shift_of_post()[grid]
    for link in problem.links:
        mine = shifts[link.person]
        count = (shifts[sorted(link.others)] == mine).sum(0)
        short = 0 if link.least is None else np.maximum(link.least - count, 0)
        extra = 0 if link.most is None else np.maximum(count - link.most, 0)
        amounts = np.where(_members(link.shifts, mine), short + extra, 0)
        for day in filter(link.holds_on, np.flatnonzero(amounts).tolist()):
            amount = int(amounts[day])
            cost = None if link.price is None else amount * link.price
            if cost != 0:
                yield Breach(problem.people[link.person].name, day, day, link.clause, amount, cost)


@singledispatch
def breaches_of(rule: AnyRule, sheet: Sheet) -> Iterator[Found]:
    """Find breaches of one rule by people who share it."""
    raise NotImplementedError(type(rule).__name__)


@breaches_of.register
def _(rule: Total, sheet: Sheet) -> Iterator[Found]:
    worth = np.zeros(len(sheet.problem.shifts) + 2, np.int64)  # the last is of an unknown shift of the past
    for number in rule.shifts or range(1, len(sheet.problem.shifts) + 1):
        worth[number] = sheet.problem.shifts[number - 1].minutes if rule.minutes else 1
    counted = worth[sheet.rows]
    if not rule.window:
        before = np.array([person.before.get(rule.clause, 0) for person in sheet.people])
        yield from _outside(rule, (counted[:, sheet.past :].sum(1) + before)[:, None], 0, sheet.problem.days)
        return
    sums = np.concatenate([np.zeros((len(sheet.rows), 1), np.int64), counted.cumsum(1)], 1)
    window, known = rule.window, sheet.rows.shape[1]
    if window > known:  # what is too much in these days is so in each window that has them all
        rule, window = msgspec.structs.replace(rule, least=None), known
    start = max(sheet.past - window + 1, 0)  # each window that has a day of the period
    windows = sums[:, start + window :] - sums[:, start : sums.shape[1] - window]
    yield from _outside(rule, windows, start - sheet.past, window)


def _outside(rule: Total, totals: Whole, first: int, days: int) -> Iterator[Found]:
    short = 0 if rule.least is None else np.maximum(rule.least - totals, 0)
    extra = 0 if rule.most is None else np.maximum(totals - rule.most, 0)
    amounts = short + extra + np.zeros_like(totals)
    for who, window in np.argwhere(amounts).tolist():
        begin = first + window
        yield who, max(begin, 0), begin + days - 1, int(amounts[who, window])


@breaches_of.register
def _(rule: Run, sheet: Sheet) -> Iterator[Found]:
    inside = _members(rule.shifts, sheet.rows)
    known = np.array([bool(person.past) for person in sheet.people])
    length = np.zeros(len(sheet.rows), np.int64)
    length_before = np.zeros(len(sheet.rows), np.int64)  # as far as it lies in the past
    for day in range(sheet.rows.shape[1] + 1):
        here = inside[:, day] if day < sheet.rows.shape[1] else np.zeros(len(sheet.rows), bool)
        ended = (length > 0) & ~here
        if day >= sheet.past and ended.any():
            begun = day - length - sheet.past  # first day, counted from the period's start
            if rule.most is not None:
                extra = np.maximum(length - rule.most, 0) - np.maximum(length_before - rule.most, 0)
                for who in np.flatnonzero(ended & (extra > 0)).tolist():
                    yield who, int(max(begun[who], 0)), day - sheet.past - 1, int(extra[who])
            if rule.least is not None and day < sheet.rows.shape[1]:
                open_start = ~known & (begun <= 0)
                for who in np.flatnonzero(ended & (length < rule.least) & ~open_start).tolist():
                    yield (
                        who,
                        int(max(begun[who], 0)),
                        max(day - sheet.past - 1, 0),
                        int(rule.least - length[who]),
                    )
        length = np.where(here, length + 1, 0)
        length_before = length.copy() if day < sheet.past else np.where(here, length_before, 0)


@breaches_of.register
def _(rule: Succession, sheet: Sheet) -> Iterator[Found]:
    follows = np.isin(sheet.rows[:, 1:], list(rule.following)) & (sheet.rows[:, :-1] == rule.first)
    for who, day in np.argwhere(follows[:, max(sheet.past - 1, 0) :]).tolist():
        second = day + (1 if sheet.past == 0 else 0)
        yield who, max(second - 1, 0), second, 1


@breaches_of.register
def _(rule: Weekends, sheet: Sheet) -> Iterator[Found]:
    worked = np.array([person.before.get(rule.clause, 0) for person in sheet.people])
    for days in sheet.problem.weekends():
        worked = worked + (sheet.rows[:, [sheet.past + day for day in days]] > OFF).any(1)
    for who in np.flatnonzero(worked > rule.most).tolist():
        yield who, 0, sheet.problem.days - 1, int(worked[who] - rule.most)


@breaches_of.register
def _(_: WholeWeekend, sheet: Sheet) -> Iterator[Found]:
    for days in sheet.problem.weekends():
        if len(days) == 2:
            one, other = (sheet.rows[:, sheet.past + day] > OFF for day in days)
            for who in np.flatnonzero(one != other).tolist():
                yield who, days[0], days[1], 1


@breaches_of.register
def _(rule: Wish, sheet: Sheet) -> Iterator[Found]:
    does = _members(rule.shifts, sheet.rows[:, sheet.past + rule.day])
    for who in np.flatnonzero(does != rule.wanted).tolist():
        yield who, rule.day, rule.day, 1


def _members(shifts: frozenset[int], rows: Grid) -> Flags:
    """Say which days are of some shifts; where none is named of any, unknown ones of the past included."""
    if shifts:
        return np.asarray(np.isin(rows, list(shifts)))
    return np.asarray((rows > OFF) | (rows == UNKNOWN))
