"""A person's rules as arrays for the kernels, of the whole period or of some days of a row that stays."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.planning.rosters.automaton import MUST, Counter, Floats, Ints, Machine
from watchfloor.planning.rosters.problem import Problem

MOST_LEFT: Final = 30_000
"""Counts times days of the table that bounds what is left of a row."""


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
