"""One person's rules as a machine that reads their row a day at a time.

Runs, successions and windows become states and the cost of each step (a deterministic automaton, minimised
after Moore 1956); totals and weekends become counters beside it. The cheapest row under given prices of
shifts and days is then a shortest path (Pesant 2004, A regular language membership constraint, has the
idea).
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from watchfloor.cell.acts import Unusable
from watchfloor.core.kernels import kernel
from watchfloor.core.messages import reason
from watchfloor.planning.rosters.fields import TOO_MANY
from watchfloor.planning.rosters.problem import (
    OFF,
    AnyRule,
    Person,
    Problem,
    Run,
    Succession,
    Total,
    Weekends,
    WholeWeekend,
    Wish,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
MUST: Final = np.inf
MOST_STATES: Final = 50_000
"""States before they are minimised; a window of many days makes too many."""
FRESH: Final = -1
"""A run's length before the first day of which anything is known."""


@dataclass(frozen=True)
class Counter:
    """Something that is counted along a row, up to a cap, with the cost of each end.

    Attributes:
        worth: of each shift; of a weekend counter none: a day counts by the calendar.
        beyond: cost of each unit beyond the cap.
        ends: cost of ending at each count.
    """

    worth: Ints
    weekends: bool
    beyond: float
    ends: Floats


@dataclass(frozen=True)
class Machine:
    """The rules of one person, but for what depends on a day.

    Attributes:
        step: the next state, states by shifts (0 is a day off).
        cost: of each step; infinite: not allowed.
        worked: whether the last day was worked, by state.
        start: the state after the past.
        counters: what is counted beside it.
        split: cost of a weekend that is worked on one of its days.
    """

    step: Ints
    cost: Floats
    worked: npt.NDArray[np.bool_]
    start: int
    counters: tuple[Counter, ...]
    split: float


def build(problem: Problem, person: Person) -> Machine:
    """Compile the rules of a person; wishes are left to `day_costs`. Raises `Unusable`."""
    rules = [rule for rule in person.rules if not isinstance(rule, Wish) and rule.price != 0]
    along = tuple(dict.fromkeys(part for rule in rules if _is_along(rule) for part in _halves(rule)))
    step, cost, worked, start = _states(problem, along, person.past)
    counters = tuple(_counters(problem, person, rules))
    split = sum(_price(rule) for rule in rules if isinstance(rule, WholeWeekend))
    return Machine(step, cost, worked, start, counters, float(split))


def day_costs(problem: Problem, person: Person) -> Floats:
    """Return what each shift costs a person on each day, by wishes, leave and posts; days by shifts."""
    costs = np.zeros((problem.days, len(problem.shifts) + 1))
    for rule in person.rules:
        if isinstance(rule, Wish):
            does = np.zeros(costs.shape[1], bool)
            does[list(rule.shifts) or range(1, costs.shape[1])] = True
            costs[rule.day, does != rule.wanted] += _price(rule)
    able = np.zeros(costs.shape, bool)
    able[:, OFF] = True
    for number in person.posts:
        post = problem.posts[number - 1]
        on = problem.shifts[post.shift - 1].days
        for day in range(problem.days) if on is None else on:
            able[day, post.shift] |= (day, number) not in person.barred
    costs[~able] = MUST
    return costs


def _price(rule: AnyRule) -> float:
    return MUST if rule.price is None else float(rule.price)


def _is_along(rule: AnyRule) -> bool:
    return isinstance(rule, Run | Succession) or (isinstance(rule, Total) and rule.window > 0)


def _halves(rule: AnyRule) -> tuple[AnyRule, ...]:
    """Part a run's bounds: what may have begun before the period is long enough, and not yet too long."""
    if isinstance(rule, Run) and rule.least is not None and rule.most is not None:
        return msgspec.structs.replace(rule, most=None), msgspec.structs.replace(rule, least=None)
    return (rule,)


State = tuple[Any, ...]
"""The last day's shift, then what each rule remembers."""


def _states(
    problem: Problem, rules: Sequence[AnyRule], past: Sequence[int]
) -> tuple[Ints, Floats, npt.NDArray[np.bool_], int]:
    """Find the states that may be reached, and merge those that no future tells apart."""
    shifts = range(len(problem.shifts) + 1)
    state: State = (OFF, *(_begin(rule, known=bool(past)) for rule in rules))
    for shift in past:
        state, _ = _move(problem, rules, state, shift, first=False)
    numbers, queue = {state: 0}, [state]
    steps: list[list[int]] = []
    costs: list[list[float]] = []
    for current in queue:
        row, priced = [], []
        for shift in shifts:
            following, price = _move(problem, rules, current, shift, first=not past and not steps)
            if price == MUST:
                following = current
            elif following not in numbers:
                numbers[following] = len(queue)
                queue.append(following)
                if len(queue) > MOST_STATES:
                    raise Unusable(
                        reason(TOO_MANY, clauses=", ".join(sorted({rule.clause for rule in rules})))
                    )
            row.append(numbers[following])
            priced.append(price)
        steps.append(row)
        costs.append(priced)
    step, cost = np.array(steps, np.int32), np.array(costs)
    worked = np.array([one[0] != OFF for one in queue])
    classes = _merged(step, cost, worked)
    firsts = np.unique(classes, return_index=True)[1]
    return classes[step[firsts]].astype(np.int32), cost[firsts], worked[firsts], int(classes[0])


def _merged(step: Ints, cost: Floats, worked: npt.NDArray[np.bool_]) -> Ints:
    classes = worked.astype(np.int64)
    while True:
        told = np.concatenate([worked[:, None], cost, np.where(cost < MUST, classes[step], -1)], 1)
        finer = np.unique(told, axis=0, return_inverse=True)[1].reshape(-1)
        if finer.max() == classes.max():
            return finer.astype(np.int32)
        classes = finer


def _begin(rule: AnyRule, *, known: bool) -> Any:
    if isinstance(rule, Run):
        return 0 if known else FRESH
    return () if isinstance(rule, Total) else None


def _move(
    problem: Problem, rules: Sequence[AnyRule], state: State, shift: int, *, first: bool
) -> tuple[State, float]:
    """Read one day: what each rule remembers after it, and what the day costs."""
    last, *kept = state
    total, remembered = 0.0, []
    for rule, memory in zip(rules, kept, strict=True):
        price, new = 0.0, memory
        if isinstance(rule, Succession):
            if last == rule.first and shift in rule.following and not first:
                price = _price(rule)
        elif isinstance(rule, Run):
            new, breach = _run(rule, memory, _in(rule.shifts, shift))
            price = breach * _price(rule) if breach else 0.0
        elif isinstance(rule, Total):
            row = (*memory, _worth(problem, rule, shift))
            amount = sum(row)
            breach = max(amount - rule.most, 0) if rule.most is not None else 0
            if rule.least is not None and len(row) == rule.window:
                breach += max(rule.least - amount, 0)
            price = breach * _price(rule) if breach else 0.0
            new = row[-(rule.window - 1) :] if rule.window > 1 else ()
        total += price
        remembered.append(new)
    return (shift, *remembered), total


def _in(shifts: frozenset[int], shift: int) -> bool:
    return shift in shifts if shifts else shift != OFF


def _run(rule: Run, length: int, inside: bool) -> tuple[int, int]:
    """Return a run's length after a day, as far as it matters, and by how much the day breaches the rule."""
    least, most = rule.least or 0, rule.most
    cap = least if most is None else most
    if not inside:
        return 0, least - length if 0 < length < least else 0
    if length == FRESH:  # it may have begun before
        length = least
    return min(max(length, 0) + 1, cap), 1 if most is not None and length >= most else 0


def _worth(problem: Problem, rule: Total, shift: int) -> int:
    if shift <= OFF or (rule.shifts and shift not in rule.shifts):
        return 0
    return problem.shifts[shift - 1].minutes if rule.minutes else 1


def _counters(problem: Problem, person: Person, rules: Iterable[AnyRule]) -> Iterable[Counter]:
    """Make a counter of each thing that rules count; what was before the period moves their bounds."""
    alike: dict[tuple[int, ...], list[Total | Weekends]] = {}
    for rule in rules:
        if isinstance(rule, Weekends):
            alike.setdefault((), []).append(rule)
        elif isinstance(rule, Total) and not rule.window:
            worth = tuple(_worth(problem, rule, shift) for shift in range(len(problem.shifts) + 1))
            alike.setdefault(worth, []).append(rule)
    for counted, bounding in alike.items():
        unit = gcd(*counted) or 1
        limits = []
        for rule in bounding:
            before = person.before.get(rule.clause, 0)
            least = None if isinstance(rule, Weekends) or rule.least is None else rule.least - before
            limits.append((least, None if rule.most is None else rule.most - before, _price(rule)))
        cap = max([0, *(-(-bound // unit) for limit in limits for bound in limit[:2] if bound is not None)])
        ends, amounts = np.zeros(cap + 1), unit * np.arange(cap + 1)
        for least, most, price in limits:
            for breach in (
                (amounts * 0 if least is None else least - amounts),
                (amounts * 0 if most is None else amounts - most),
            ):
                ends[breach > 0] += price * breach[breach > 0]
        beyond = unit * sum(price for _, most, price in limits if most is not None)
        yield Counter(np.array(counted, np.int32) // unit, not counted, beyond, ends)


@dataclass(frozen=True)
class Layout:
    """A machine as arrays for the kernel.

    Counters are one number, the last changing fastest. The first bounds what is left of a row from below,
    so it is the one that counts the most shifts.
    """

    step: Ints
    cost: Floats
    worked: npt.NDArray[np.bool_]
    start: int
    weekend: bool
    after: Ints
    extra: Floats
    first_after: Ints
    first_extra: Floats
    first_ends: Floats
    ends: Floats
    split: float
    saturday: npt.NDArray[np.bool_]
    sunday: npt.NDArray[np.bool_]


def layout(problem: Problem, machine: Machine) -> Layout:
    """Arrange a machine for the kernel."""
    nothing = Counter(np.zeros(machine.step.shape[1], np.int32), False, 0.0, np.zeros(1))
    counters = sorted(machine.counters, key=lambda one: (-np.count_nonzero(one.worth), -len(one.ends)))
    counters = counters or [nothing]
    worth = np.zeros((len(counters), machine.step.shape[1]), np.int32)
    ends, weekend = np.zeros(1), -1
    for number, one in enumerate(counters):
        if one.weekends:
            weekend = number
        else:
            worth[number] = one.worth
        ends = (ends[:, None] + one.ends[None]).ravel()
    saturday, sunday = np.zeros(problem.days, bool), np.zeros(problem.days, bool)
    for days in problem.weekends():
        saturday[days[0]] = True  # the first of its days in the period
        sunday[days[-1]] = len(days) == 2
    sizes = np.array([len(one.ends) for one in counters], np.int32)
    beyond = np.array([one.beyond for one in counters])
    return Layout(
        machine.step,
        machine.cost,
        machine.worked,
        machine.start,
        weekend >= 0,
        *_advance(worth, weekend, sizes, beyond),
        *_advance(worth[:1], 0 if weekend == 0 else -1, sizes[:1], beyond[:1]),
        ends.reshape(len(counters[0].ends), -1).min(1),
        ends,
        machine.split,
        saturday,
        sunday,
    )


_scratch: Final = threading.local()
"""Of each thread, arrays for the kernel by their size, which it leaves as it found them."""


def cheapest(of: Layout, prices: Floats) -> tuple[float, Ints]:
    """Return the cheapest row under prices, days by shifts, and what it costs; infinite: there is none."""
    size = of.step.shape[0] * len(of.ends)
    kept = _scratch.__dict__
    best, place = kept.get(size) or kept.setdefault(size, (np.full(size, np.inf), np.empty(size, np.int32)))
    return _cheapest(
        best,
        place,
        of.step,
        of.cost,
        of.worked,
        of.start,
        of.weekend,
        of.after,
        of.extra,
        of.first_after,
        of.first_extra,
        of.first_ends,
        of.ends,
        of.split,
        of.saturday,
        of.sunday,
        prices,
    )


@kernel(nogil=True)
def _advance(worth: Ints, weekend: int, sizes: Ints, beyond: Floats) -> tuple[Ints, Floats]:
    """Return where each count leads by each shift, and what goes beyond a cap costs.

    A weekend is one more shift.
    """
    shifts, counts = worth.shape[1], 1
    for kind in range(sizes.size):
        counts *= sizes[kind]
    after = np.empty((shifts + 1, counts), np.int32)
    extra = np.zeros((shifts + 1, counts))
    for shift in range(shifts + 1):
        for count in range(counts):
            rest, stride, reached = count, 1, 0
            for kind in range(sizes.size - 1, -1, -1):
                here = rest % sizes[kind]
                rest //= sizes[kind]
                adds = (1 if kind == weekend else 0) if shift == shifts else worth[kind, shift]
                there = here + adds
                if there >= sizes[kind]:
                    if beyond[kind] > 0:
                        extra[shift, count] += beyond[kind] * (there - sizes[kind] + 1)
                    there = sizes[kind] - 1
                reached += there * stride
                stride *= sizes[kind]
            after[shift, count] = reached
    return after, extra


@kernel(nogil=True)
def _cheapest(
    best: Floats,
    place: Ints,
    step: Ints,
    cost: Floats,
    worked: npt.NDArray[np.bool_],
    start: int,
    weekend: bool,
    after: Ints,
    extra: Floats,
    first_after: Ints,
    first_extra: Floats,
    first_ends: Floats,
    ends: Floats,
    split: float,
    saturday: npt.NDArray[np.bool_],
    sunday: npt.NDArray[np.bool_],
    prices: Floats,
) -> tuple[float, Ints]:
    """Look forward over states and counts, and leave out what cannot end within a limit.

    The limit is raised until something does. What is left of a row is bounded from below by the same
    search over the first counter alone.
    """
    days, shifts = prices.shape
    states, counts, firsts = step.shape[0], ends.size, first_ends.size
    others = counts // firsts
    left = np.full((days + 1, states, firsts), np.inf)
    for state in range(states):
        left[days, state] = first_ends
    for day in range(days - 1, -1, -1):
        for state in range(states):
            for shift in range(shifts):
                fixed = prices[day, shift] + cost[state, shift]
                if sunday[day] and (shift != 0) != worked[state]:
                    fixed += split
                if fixed == np.inf:
                    continue
                weekends = shift != 0 and (saturday[day] or (sunday[day] and not worked[state]))
                into = step[state, shift]
                for count in range(firsts):
                    total = fixed + first_extra[shift, count]
                    reached = first_after[shift, count]
                    if weekends:
                        total += first_extra[shifts, reached]
                        reached = first_after[shifts, reached]
                    total += left[day + 1, into, reached]
                    if total < left[day, state, count]:
                        left[day, state, count] = total
    row = np.zeros(days, np.int32)
    floor = left[0, start, 0]
    if floor == np.inf:
        return np.inf, row
    step_by = 1.0 + 0.01 * abs(floor)
    while True:
        limit = floor + step_by
        found, where, cut = np.inf, -1, False
        size = 1
        label, value = np.array([start * counts]), np.zeros(1)
        labels, came = [label], [np.array([-1])]
        for day in range(days):
            into_label = np.empty(size * shifts, np.int64)
            into_from = np.empty(size * shifts, np.int64)
            made = 0
            for number in range(size):
                state, count = label[number] // counts, label[number] % counts
                for shift in range(shifts):
                    fixed = prices[day, shift] + cost[state, shift]
                    if sunday[day] and (shift != 0) != worked[state]:
                        fixed += split
                    if fixed == np.inf:
                        continue
                    total = value[number] + fixed + extra[shift, count]
                    reached = after[shift, count]
                    if weekend and shift != 0 and (saturday[day] or (sunday[day] and not worked[state])):
                        total += extra[shifts, reached]
                        reached = after[shifts, reached]
                    bound = total + left[day + 1, step[state, shift], reached // others]
                    if bound == np.inf:
                        continue
                    if bound > limit:
                        cut = True
                        continue
                    key = step[state, shift] * counts + reached
                    if best[key] == np.inf:
                        place[key] = made
                        into_label[made] = key
                        made += 1
                    if total < best[key]:
                        best[key] = total
                        into_from[place[key]] = number * shifts + shift
            label, size = into_label[:made], made
            value = np.empty(made)
            for number in range(made):
                value[number] = best[label[number]]
                best[label[number]] = np.inf
            labels.append(label)
            came.append(into_from[:made])
        for number in range(size):
            total = value[number] + ends[label[number] % counts]
            if total < found:
                found, where = total, number
        if found <= limit or not cut:
            break
        step_by *= 4
    if where >= 0:
        for day in range(days, 0, -1):
            back = came[day][where]
            row[day - 1] = back % shifts
            where = back // shifts
    return found, row
