"""One person's rules as a machine that reads their row a day at a time.

Runs, successions and windows become states and the cost of each step (a deterministic automaton, minimised
after Moore 1956); totals and weekends become counters beside it. The cheapest row under given prices of
shifts and days is then a shortest path (Pesant 2004, A regular language membership constraint, has the
idea).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import gcd
from typing import Any, Final, NamedTuple

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
WIDTH: Final = 200_000
"""Labels a day; of more the ones of the least bound are kept."""
BINS: Final = 1_024
"""Of bounds, to find which labels are kept."""
MOST_LEFT: Final = 30_000
"""Counts times days of the table that bounds what is left of a row."""
FRESH: Final = -1
"""A run's length before the first day of which anything is known."""


@dataclass(frozen=True)
class Counter:
    """Something that is counted along a row, up to a cap, with the cost of each end.

    Attributes:
        worth: of each class of shifts; of a weekend counter none: a day counts by the calendar.
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
        classes: of each shift, by number; all of a class are one to the rules. A day off is class 0.
        step: the next state, states by classes.
        cost: of each step; infinite: not allowed.
        worked: whether the last day was worked, by state.
        start: the state after the past.
        counters: what is counted beside it.
        split: cost of a weekend that is worked on one of its days.
    """

    classes: Ints
    step: Ints
    cost: Floats
    worked: npt.NDArray[np.bool_]
    start: int
    counters: tuple[Counter, ...]
    split: float


def build(problem: Problem, person: Person, made: dict[Any, Any] | None = None) -> Machine:
    """Compile the rules of a person; wishes are left to `day_costs`.

    States that were made for others of the same rules are kept in `made`. Raises `Unusable`.
    """
    priced = (rule for rule in person.rules if not isinstance(rule, Wish) and rule.price != 0)
    rules = [one for rule in priced if (one := _window(problem, person, rule)) is not None]
    along = tuple(dict.fromkeys(part for rule in rules if _is_along(rule) for part in _halves(rule)))
    classes = _classes(problem, rules)
    firsts = np.unique(classes, return_index=True)[1].tolist()
    made = {} if made is None else made
    key = along, person.past, tuple(firsts)
    if key not in made:
        past = [firsts[classes[shift]] if shift >= OFF else shift for shift in person.past]
        made[key] = _states(problem, along, past, firsts)
    counters = tuple(_counters(problem, person, rules, firsts))
    split = sum(_price(rule) for rule in rules if isinstance(rule, WholeWeekend))
    step, cost, worked, start = made[key]
    return Machine(classes, step, cost, worked, start, counters, float(split))


def _classes(problem: Problem, rules: Iterable[AnyRule]) -> Ints:
    """Number the classes of shifts that no rule tells apart."""
    tells: list[list[Any]] = [[] for _ in range(len(problem.shifts) + 1)]
    follows: list[set[Any]] = [set() for _ in tells]
    for rule in dict.fromkeys(rules):
        if isinstance(rule, Succession):
            follows[rule.first].add((rule.following, rule.price))
        for shift, tell in enumerate(tells):
            if isinstance(rule, Succession):
                tell.append(shift in rule.following)
            elif isinstance(rule, Run):
                tell.append(_in(rule.shifts, shift))
            elif isinstance(rule, Total):
                tell.append(_worth(problem, rule, shift))
    numbers: dict[Any, int] = {}
    return np.array(
        [
            numbers.setdefault((shift == OFF, frozenset(following), *tell), len(numbers))
            for shift, (following, tell) in enumerate(zip(follows, tells, strict=True))
        ],
        np.int32,
    )


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
    barred: dict[int, list[int]] = {}
    for day, number in person.barred:
        barred.setdefault(number, []).append(day)
    for number in person.posts:
        shift = problem.posts[number - 1].shift
        on = problem.shifts[shift - 1].days
        mine = np.full(problem.days, on is None)
        mine[list(on or ())] = True
        mine[barred.get(number, [])] = False
        able[:, shift] |= mine
    costs[~able] = MUST
    return costs


def _window(problem: Problem, person: Person, rule: AnyRule) -> AnyRule | None:
    """Make a rule of the whole period of one whose window takes in all days that are known.

    It is a count, not states. In a longer window these days can be too many, and never too few.
    """
    known = len(person.past) + problem.days
    if not isinstance(rule, Total) or rule.window < known:
        return rule
    if rule.window > known and rule.most is None:
        return None
    before = sum(_worth(problem, rule, shift) for shift in person.past)
    before -= person.before.get(rule.clause, 0)  # which counts in no window
    return msgspec.structs.replace(
        rule,
        window=0,
        least=None if rule.least is None or rule.window > known else rule.least - before,
        most=None if rule.most is None else rule.most - before,
    )


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
    problem: Problem, rules: Sequence[AnyRule], past: Sequence[int], shifts: Sequence[int]
) -> tuple[Ints, Floats, npt.NDArray[np.bool_], int]:
    """Find the states that may be reached, and merge those that no future tells apart."""
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
            whole, breach = len(row) == rule.window, 0
            if rule.most is not None and (whole or rule.price is None):  # else no window has these days alone
                breach = max(amount - rule.most, 0)
            if rule.least is not None and whole:
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


def _counters(
    problem: Problem, person: Person, rules: Iterable[AnyRule], shifts: Sequence[int]
) -> Iterable[Counter]:
    """Make a counter of each thing that rules count; what was before the period moves their bounds."""
    alike: dict[tuple[int, ...], list[Total | Weekends]] = {}
    for rule in rules:
        if isinstance(rule, Weekends):
            alike.setdefault((), []).append(rule)
        elif isinstance(rule, Total) and not rule.window:
            worth = tuple(_worth(problem, rule, shift) for shift in shifts)
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

    Counters that count the most shifts come first. So many of them as make a small table bound what is left
    of a row: `after`, `extra` and `first_ends` have one number for all of these, the last changing fastest.
    """

    classes: Ints
    step: Ints
    cost: Floats
    worked: npt.NDArray[np.bool_]
    start: int
    worth: Ints
    sizes: Ints
    beyond: Floats
    ends: Floats
    after: Ints
    extra: Floats
    first_ends: Floats
    prefix: int
    split: float
    saturday: npt.NDArray[np.bool_]
    sunday: npt.NDArray[np.bool_]


def layout(problem: Problem, machine: Machine) -> Layout:
    """Arrange a machine for the kernel."""
    classes = machine.step.shape[1]
    nothing = Counter(np.zeros(classes, np.int32), False, 0.0, np.zeros(1))
    counters = sorted(machine.counters, key=lambda one: (-np.count_nonzero(one.worth), -len(one.ends)))
    counters = counters or [nothing]
    worth = np.zeros((len(counters), classes + 1), np.int32)  # a weekend is one more class
    sizes = np.array([len(one.ends) for one in counters], np.int32)
    ends = np.zeros((len(counters), sizes.max()))
    for number, one in enumerate(counters):
        if one.weekends:
            worth[number, classes] = 1
        else:
            worth[number, :classes] = one.worth
        ends[number, : len(one.ends)] = one.ends
    beyond = np.array([one.beyond for one in counters], float)
    saturday, sunday = np.zeros(problem.days, bool), np.zeros(problem.days, bool)
    for days in problem.weekends():
        saturday[days[0]] = True  # the first of its days in the period
        sunday[days[-1]] = len(days) == 2
    return Layout(
        machine.classes,
        machine.step,
        machine.cost,
        machine.worked,
        machine.start,
        worth,
        sizes,
        beyond,
        ends,
        *_ahead(worth, sizes, beyond, ends, problem.days),
        machine.split,
        saturday,
        sunday,
    )


def _ahead(
    worth: Ints, sizes: Ints, beyond: Floats, ends: Floats, days: int
) -> tuple[Ints, Floats, Floats, int]:
    """Return the table of the first counters, which bounds what is left of a row, and how many they are."""
    prefix = 1
    while prefix < len(sizes) and sizes[: prefix + 1].prod() * days <= MOST_LEFT:
        prefix += 1
    first_ends = np.zeros(1)
    for kind in range(prefix):
        first_ends = (first_ends[:, None] + ends[kind, : sizes[kind]][None]).ravel()
    first_ends += sum(float(ends[kind, : sizes[kind]].min()) for kind in range(prefix, len(sizes)))
    after, extra = advance(worth[:prefix], sizes[:prefix], beyond[:prefix])
    return after, extra, first_ends, prefix


def settled(of: Layout, row: Ints, last: int) -> int:
    """Return the day by which a row is in the state that it is in now, whatever was worked until `last`."""
    states = np.arange(len(of.step))
    while last < len(row) and len(states) > 1:
        states = np.unique(of.step[states[of.cost[states, row[last]] < MUST], row[last]])
        last += 1
    return last


def piece(of: Layout, row: Ints, first: int, until: int) -> Layout:
    """Return the layout of some days of a row that keeps the rules, whose other days stay.

    Args:
        of: of the whole period.
        row: classes of shifts of all its days.
        first: first day, of a week.
        until: a day by which it is settled.
    """
    state, start, before = of.start, of.start, np.zeros(len(row), bool)
    for day, shift in enumerate(row.tolist()):
        before[day] = of.worked[state]
        state = int(of.step[state, shift])
        if day + 1 == first:
            start = state
    weekend = (row > 0) & (of.saturday | (of.sunday & ~before))
    counted = of.worth[:, row] + of.worth[:, -1:] * weekend
    others = counted[:, :first].sum(1) + counted[:, until:].sum(1)
    reach = (until - first) * of.worth.max(1)
    sizes = np.minimum(np.maximum(of.sizes - others, 1), reach + 1).astype(np.int32)
    ends = np.zeros((len(sizes), sizes.max()))
    for kind, size in enumerate(sizes.tolist()):
        count = others[kind] + np.arange(size)
        over = np.maximum(count - of.sizes[kind] + 1, 0)
        ends[kind, :size] = of.ends[kind, np.minimum(count, of.sizes[kind] - 1)]
        ends[kind, :size][over > 0] += of.beyond[kind] * over[over > 0]
    after, extra, first_ends, prefix = _ahead(of.worth, sizes, of.beyond, ends, until - first)
    return replace(
        of,
        start=start,
        sizes=sizes,
        ends=ends,
        after=after,
        extra=extra,
        first_ends=first_ends,
        prefix=prefix,
        saturday=of.saturday[first:until],
        sunday=of.sunday[first:until],
    )


class Cheapest(NamedTuple):
    """The cheapest rows under some prices.

    Attributes:
        bound: no row costs less; infinite: there is none.
        values: of each row, the cheapest first.
        rows: classes of shifts by days.
        complete: nothing was left out for want of room.
    """

    bound: float
    values: Floats
    rows: Ints
    complete: bool


def cheapest(
    of: Layout,
    prices: Floats,
    most: int = 1,
    slack: float = 0.0,
    width: int = WIDTH,
    *,
    pace: int = 0,
    every: bool = False,
    counts: Floats | None = None,
) -> Cheapest:
    """Find the cheapest rows under prices, days by classes.

    Args:
        of: the rules.
        prices: of each class on each day; infinite: it cannot be worked.
        most: rows that are returned.
        slack: by how much they may cost more than the bound of the cheapest.
        width: labels kept a day; where there are more the rows need not be the cheapest.
        pace: where given, counts stay within their share of the days so far and so many more, so that none
            is used up early.
        every: whether all rows are looked for; else one for each state and counts at the end.
        counts: prices of one more of each thing that is counted, by which what is left of a row is bounded
            where the table of the first counters does not.
    """
    days, classes = prices.shape
    live, constant = _live(of, prices)
    beyond, ends, extra, first_ends, weekend_price = of.beyond, of.ends, of.extra, of.first_ends, 0.0
    if counts is not None:
        # What a count costs on the way it gives back at the end: every row costs what it did.
        counts = np.where(live & (np.arange(len(live)) >= of.prefix), counts, 0.0)
        prices = prices + counts @ of.worth[:, :-1]
        weekend_price = float(counts @ of.worth[:, -1])
        ends = of.ends - counts[:, None] * np.arange(of.ends.shape[1])
        beyond, extra = of.beyond - counts, of.extra.copy()
        extra[-1] += weekend_price
        for kind in range(of.prefix, len(of.sizes)):
            size = of.sizes[kind]
            first_ends = first_ends + (ends[kind, :size].min() - of.ends[kind, :size].min())
    floor, values, trail, starts, narrow = _cheapest(
        of.step,
        of.cost,
        of.worked,
        of.start,
        of.worth,
        of.sizes,
        beyond,
        ends,
        live,
        constant,
        of.prefix,
        of.after,
        extra,
        first_ends,
        of.split,
        weekend_price,
        of.saturday,
        of.sunday,
        prices,
        float(slack),
        width,
        pace,
        every,
    )
    bound = floor if narrow else float(values.min(initial=math.inf))
    order = np.argsort(values, kind="stable")[:most]
    order = order[values[order] <= max(values[order[:1]].sum(), floor + slack)]
    order = order[values[order] < math.inf]
    where, rows = order, np.empty((len(order), days), np.int32)
    for day in range(days - 1, -1, -1):
        where, rows[:, day] = np.divmod(trail[starts[day] + where], classes)
    return Cheapest(bound, values[order], rows, not narrow and len(values) <= most)


def _live(of: Layout, prices: Floats) -> tuple[npt.NDArray[np.bool_], float]:
    """Say which counters may end at different costs by what is left open, and what the others cost."""
    allowed = prices < math.inf
    worth = of.worth[:, None, :-1]
    most = np.where(allowed, worth, 0).max(2).sum(1)
    least = np.where(allowed, worth, np.iinfo(np.int32).max).min(2).sum(1)
    weekends = int((of.saturday & allowed[:, 1:].any(1)).sum() + (of.sunday & allowed[:, 1:].any(1)).sum())
    most += of.worth[:, -1] * weekends
    live, constant = np.ones(len(of.sizes), bool), 0.0
    for kind in range(of.prefix, len(of.sizes)):
        if most[kind] < of.sizes[kind]:
            ends = of.ends[kind, least[kind] : most[kind] + 1]
            live[kind] = ends.size == 0 or bool((ends != ends[0]).any()) or ends[0] == math.inf
            constant += 0.0 if live[kind] else float(ends[0])
    return live, constant


@kernel(nogil=True)
def advance(worth: Ints, sizes: Ints, beyond: Floats) -> tuple[Ints, Floats]:
    """Return where each count leads by each class, and what goes beyond a cap costs."""
    classes, counts = worth.shape[1], 1
    for kind in range(sizes.size):
        counts *= sizes[kind]
    after = np.empty((classes, counts), np.int32)
    extra = np.zeros((classes, counts))
    for shift in range(classes):
        for count in range(counts):
            rest, stride, reached = count, 1, 0
            for kind in range(sizes.size - 1, -1, -1):
                here = rest % sizes[kind]
                rest //= sizes[kind]
                there = here + worth[kind, shift]
                if there >= sizes[kind]:
                    if beyond[kind] > 0:
                        extra[shift, count] += beyond[kind] * (there - sizes[kind] + 1)
                    there = sizes[kind] - 1
                reached += there * stride
                stride *= sizes[kind]
            after[shift, count] = reached
    return after, extra


@kernel(nogil=True)
def _spans(after: Ints, extra: Floats) -> tuple[Ints, Ints, Ints, Floats, Ints]:
    """Part counts into spans that a class leads equally far on at the same cost.

    Returns:
        First count of each span, one past the last, distance and cost; and the first span of each class, on a
        weekday and where it makes a weekend.
    """
    classes, counts = after.shape[0] - 1, after.shape[1]
    room = 2 * classes * counts
    begins, ends, distances = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    dearer, first = np.empty(room), np.zeros(2 * classes + 1, np.int32)
    made = 0
    for kind in range(2 * classes):
        shift, weekend = kind // 2, kind % 2
        begin = made
        for count in range(counts):
            reached, price = after[shift, count], extra[shift, count]
            if weekend:
                price += extra[classes, reached]
                reached = after[classes, reached]
            if price == np.inf:
                continue
            distance = reached - count
            same = made > begin and distances[made - 1] == distance and dearer[made - 1] == price
            if not same or ends[made - 1] != count:
                begins[made], distances[made], dearer[made] = count, distance, price
                made += 1
            ends[made - 1] = count + 1
        first[kind + 1] = made
    return begins, ends, distances, dearer, first


@kernel(nogil=True)
def _left(
    step: Ints,
    cost: Floats,
    worked: npt.NDArray[np.bool_],
    start: int,
    after: Ints,
    extra: Floats,
    ends: Floats,
    split: float,
    saturday: npt.NDArray[np.bool_],
    sunday: npt.NDArray[np.bool_],
    prices: Floats,
    several: bool,
) -> Floats:
    """Return the least cost of the days from each on, by state and count of the first counters."""
    days, classes = prices.shape
    states, counts = step.shape[0], ends.size
    left = np.full((days + 1, states, counts), np.inf)
    for state in range(states):
        left[days, state] = ends
    # where days are fixed few states and counts are reached; others are not looked at
    reached_states = np.zeros((days + 1, states), np.bool_)
    reached_states[0, start] = True
    low, high = np.zeros(days + 1, np.int64), np.zeros(days + 1, np.int64)
    for day in range(days):
        low[day + 1] = counts - 1
        for shift in range(classes):
            if prices[day, shift] == np.inf:
                continue
            low[day + 1] = min(low[day + 1], after[shift, low[day]])
            top = after[shift, high[day]]
            high[day + 1] = max(high[day + 1], top, after[classes, top])
            for state in range(states):
                if reached_states[day, state] and cost[state, shift] < np.inf:
                    reached_states[day + 1, step[state, shift]] = True
        if several:
            low[day + 1], high[day + 1] = 0, counts - 1
    begins, ends_of, distances, dearer, first = _spans(after, extra)
    for day in range(days - 1, -1, -1):
        for shift in range(classes):
            if prices[day, shift] == np.inf:
                continue
            for state in range(states):
                if not reached_states[day, state]:
                    continue
                fixed = prices[day, shift] + cost[state, shift]
                if sunday[day] and (shift != 0) != worked[state]:
                    fixed += split
                if fixed == np.inf:
                    continue
                weekend = shift != 0 and (saturday[day] or (sunday[day] and not worked[state]))
                here, there = left[day, state], left[day + 1, step[state, shift]]
                kind = 2 * shift + weekend
                for span in range(first[kind], first[kind + 1]):
                    total, ahead = fixed + dearer[span], np.uint64(distances[span])
                    begin, end = max(begins[span], low[day]), min(ends_of[span], high[day] + 1)
                    if begin < end:
                        for count in range(np.uint64(begin), np.uint64(end)):  # unsigned: many at a time
                            here[count] = min(here[count], total + there[count + ahead])
    return left


@kernel(nogil=True)
def _cheapest(
    step: Ints,
    cost: Floats,
    worked: npt.NDArray[np.bool_],
    start: int,
    worth: Ints,
    sizes: Ints,
    beyond: Floats,
    ends: Floats,
    live: npt.NDArray[np.bool_],
    constant: float,
    prefix: int,
    after: Ints,
    extra: Floats,
    first_ends: Floats,
    split: float,
    weekend_price: float,
    saturday: npt.NDArray[np.bool_],
    sunday: npt.NDArray[np.bool_],
    prices: Floats,
    slack: float,
    width: int,
    pace: int,
    every: bool,
) -> tuple[float, Floats, Ints, Ints, bool]:
    """Look forward over labels, each a state and its counts, and leave out what cannot end within a limit.

    The limit is raised until something does. What is left of a row is bounded from below by the same search
    over the first counters alone. Labels of a day are found by a hash that is a sum over their counts
    (Zobrist 1970), in a table with open addressing.
    """
    days, classes = prices.shape
    kinds = sizes.size
    trail, starts = np.empty(1 << 12, np.int32), np.zeros(days + 1, np.int32)
    several = prefix > 1
    left = _left(
        step, cost, worked, start, after, extra, first_ends, split, saturday, sunday, prices, several
    )
    floor = left[0, start, 0]
    if floor == np.inf:
        return np.inf, np.empty(0), trail, starts, False
    slots = 1 << 12
    keys, places, stamps = np.empty(slots, np.int64), np.empty(slots, np.int32), np.zeros(slots, np.int32)
    stamp = 0
    new = np.zeros(kinds, np.int32)
    allowed = np.empty(classes, np.int32)
    step_by = max(slack, 0.0 if every else 1.0) + 1e-9
    while True:
        limit, cut = floor + step_by, False
        size, cut_width = 1, False
        state, value, counts = np.array([start]), np.zeros(1), np.zeros((1, kinds), np.int32)
        for day in range(days):
            open_to = 0
            for shift in range(classes):
                if prices[day, shift] < np.inf:
                    allowed[open_to] = shift
                    open_to += 1
            room = size * open_to
            if 2 * room > slots:
                while 2 * room > slots:
                    slots *= 2
                keys, places = np.empty(slots, np.int64), np.empty(slots, np.int32)
                stamps = np.zeros(slots, np.int32)
            stamp += 1
            into_state, into_from = np.empty(room, np.int64), np.empty(room, np.int32)
            into_value, into_bound = np.empty(room), np.empty(room)
            into_counts = np.empty((room, kinds), np.int32)
            made = 0
            for number in range(size):
                here = state[number]
                for which in range(open_to):
                    shift = allowed[which]
                    total = value[number] + prices[day, shift] + cost[here, shift]
                    if sunday[day] and (shift != 0) != worked[here]:
                        total += split
                    if total == np.inf:
                        continue
                    weekend = shift != 0 and (saturday[day] or (sunday[day] and not worked[here]))
                    if weekend:
                        total += weekend_price
                    into, code = step[here, shift], 0
                    key = into * 0x1E3779B97F4A7C15
                    for kind in range(kinds):
                        if not live[kind]:
                            continue
                        there = counts[number, kind] + worth[kind, shift]
                        if weekend:
                            there += worth[kind, classes]
                        share = (sizes[kind] - 1) * min(day + 1 + pace, days)
                        if pace > 0 and beyond[kind] > 0 and there * days > share:
                            total = np.inf
                        if there >= sizes[kind]:
                            if beyond[kind] > 0:
                                total += beyond[kind] * (there - sizes[kind] + 1)
                            there = sizes[kind] - 1
                        new[kind] = there
                        key = (key ^ (key >> 29)) * 0x3F58476D1CE4E5B9 + there
                        if kind < prefix:
                            code = code * sizes[kind] + there
                    bound = total + left[day + 1, into, code]
                    if bound == np.inf:
                        continue
                    if bound > limit:
                        cut = True
                        continue
                    slot = (key ^ (key >> 31)) & (slots - 1)
                    while not every and stamps[slot] == stamp and keys[slot] != key:
                        slot = (slot + 1) & (slots - 1)
                    if every or stamps[slot] != stamp:
                        stamps[slot], keys[slot], places[slot] = stamp, key, made
                        into_state[made], into_value[made] = into, np.inf
                        into_counts[made] = new
                        made += 1
                    place = places[slot]
                    if total < into_value[place]:
                        into_value[place], into_bound[place] = total, bound
                        into_from[place] = number * classes + shift
            if made > width:
                cut_width = True
                tally = np.zeros(BINS + 1, np.int64)
                for number in range(made):
                    tally[int(BINS * (into_bound[number] - floor) / step_by)] += 1
                worst = 0
                reached = tally[0]
                while reached < width:
                    worst += 1
                    reached += tally[worst]
                best = np.full(step.shape[0], -1, np.int64)  # of each state: labels may all be about to fail
                for number in range(made):
                    here = into_state[number]
                    if best[here] < 0 or into_bound[number] < into_bound[best[here]]:
                        best[here] = number
                kept = 0
                for number in range(made):
                    low = BINS * (into_bound[number] - floor) / step_by < worst + 1
                    if (kept < width and low) or best[into_state[number]] == number:
                        into_state[kept], into_value[kept] = into_state[number], into_value[number]
                        into_counts[kept] = into_counts[number]
                        into_from[kept] = into_from[number]
                        kept += 1
                made = kept
            size, state, value, counts = made, into_state, into_value, into_counts
            starts[day + 1] = starts[day] + made
            if starts[day + 1] > trail.size:
                longer = np.empty(2 * starts[day + 1], np.int32)
                longer[: starts[day]] = trail[: starts[day]]
                trail = longer
            for number in range(made):
                trail[starts[day] + number] = into_from[number]
        totals = np.empty(size)
        found = np.inf
        for number in range(size):
            totals[number] = value[number] + constant
            for kind in range(kinds):
                if live[kind]:
                    totals[number] += ends[kind, counts[number, kind]]
            found = min(found, totals[number])
        if found <= limit or not cut:
            break
        step_by *= 4
    return floor, totals, trail, starts, cut_width
