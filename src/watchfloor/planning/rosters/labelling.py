"""The cheapest rows of one person under prices of shifts and days: a shortest path with resources.

Labels go forward through the states of the person's rules and what is counted beside them, each bounded by a
table of what the days left cost at least (Irnich and Desaulniers 2005 survey such labelling).
"""

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.planning.rosters.automaton import Floats, Ints
from watchfloor.planning.rosters.layouts import Layout

WIDTH: Final = 200_000
"""Labels a day; of more the ones of the least bound are kept."""
BINS: Final = 1_024
"""Of bounds, to find which labels are kept."""


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
