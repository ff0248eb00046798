"""One person's rules as a machine that reads their row a day at a time.

Runs, successions and windows become states and the cost of each step (a deterministic automaton, minimised
after Moore 1956); totals and weekends become counters beside it (Pesant 2004, A regular language membership
constraint, has the idea).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from watchfloor.cell.acts import Unusable
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
