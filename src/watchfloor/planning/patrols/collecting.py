"""Prize collecting: several tours at least cost, their length and the prizes of stops not visited.

Slack induction by string removals (J. Christiaens and G. Vanden Berghe, Transportation Science 54, 2020):
strings of neighbouring tours are taken out, and stops are put back one after the other where they cost least,
if that is less than their prize; beside it tails of two tours are exchanged (2-opt*: J.-Y. Potvin and J.-M.
Rousseau, Journal of the Operational Research Society 46, 1995). Both are accepted by annealing. Tours that
cost more than they bring are dropped. Times are kept forward and backward, so that an insertion is checked
without walking along its tour; a change walks only as far as it moves a time.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import unmanaged_kernel
from watchfloor.planning.patrols.instances import WHOLE, Instance

Integers = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.uint32]
State = npt.NDArray[np.uint64]

NEAR, ENOUGH = 60, 12
"""Neighbours before and after a stop beside which it may be inserted, and of how many it is tried.

Those that nobody visits, or whose tour is full, are passed over and do not count.
"""

EMPTIED: Final = 0.02
"""Share of strings that are a whole tour: how a tour that is one too many ends."""

OPENED, BOTH = 0.05, 0.5
"""Share of ruins around a stop nobody visits that open a tour, and of these that cut tours near it too."""

AROUND: Final = 60
"""Neighbours of the centre of a ruin whose tours are cut."""

OPEN: Final = 200
"""Stops near the first of a new tour that may join it."""

STRING, REMOVED = 15, 12
"""Longest string, and stops that a ruin takes out on average."""

TAILS: Final = 5
"""Exchanges of tails that are tried before each ruin; nearly all end at their first comparison."""

WAITING: Final = 0.2
"""Share of distance that waiting counts as where neighbours are chosen (T. Vidal and others, 2013)."""

BLINK: Final = -50.0
"""Neighbours between two that are passed over, negative: a ruin is not always mended in the same way."""

FULL: Final = 2**62
"""Load of the tour that stops are in which nobody visits: the one after the last."""


class Stops(NamedTuple):
    """Numbers of an instance as the kernels take them, in 32 bits; a depot for each tour follows the stops.

    Attributes:
        out, into: distance from and to each stop [n, n]; one array where there and back are as far.
        early, late, service, demands: of stops and depots [n + vehicles]; see `Instance`.
        behind, ahead, around: see `nearness`.
        capacity: of each tour.
    """

    out: Small
    into: Small
    early: Small
    late: Small
    service: Small
    demands: Small
    behind: Numbers
    ahead: Numbers
    around: Numbers
    capacity: int


class Plan(NamedTuple):
    """Tours as rings that begin and end at a depot of their own, and what follows from them.

    Attributes:
        following, before: of each stop and depot [n + vehicles]; a tour without stops is its own neighbour.
        tour: number of the tour [n + vehicles], `vehicles` where a stop is not visited.
        leave, latest: when service ends at the earliest, and may begin at the latest [n + vehicles].
        leg: distance to the following one [n + vehicles].
        size, load, loss: stops and demands of each tour [vehicles + 1], and by how much it is longer than its
            prizes.
    """

    following: Numbers
    before: Numbers
    tour: Numbers
    leave: Small
    latest: Small
    leg: Small
    size: Integers
    load: Integers
    loss: Integers


class Scratch(NamedTuple):
    """Arrays that a round works with: tours as they were before it, and the stops to put back.

    Attributes:
        stops, rows: stops and depots whose tours were changed, and the first six columns of the plan.
        tours, sums: these tours, and the last three columns.
        counts: of stops and of tours.
        saved: whether a tour is among them [vehicles].
        pool, keys, pooled: stops to put back, by what they are put in order, and whether a stop is one.
        state: of chance.
    """

    stops: Numbers
    rows: Small
    tours: Numbers
    sums: Integers
    counts: Integers
    saved: npt.NDArray[np.bool_]
    pool: Numbers
    keys: npt.NDArray[np.float64]
    pooled: npt.NDArray[np.bool_]
    state: State


def stops_of(instance: Instance) -> Stops:
    """Put the numbers of an instance in the order in which the kernels take them."""
    out = np.ascontiguousarray(instance.distances)
    into = out if (out == out.T).all() else np.ascontiguousarray(out.T)

    def with_depots(values: Integers) -> Small:
        whole = np.concatenate([values, np.repeat(values[0], instance.vehicles)])
        small: Small = np.minimum(whole, WHOLE).astype(np.int32)
        return small

    behind, ahead, around = nearness(instance)
    columns = (instance.early, instance.late, instance.service, instance.demands)
    early, late, service, demands = map(with_depots, columns)
    service[len(out) :] = demands[len(out) :] = 0
    return Stops(out, into, early, late, service, demands, behind, ahead, around, instance.capacity)


def chain(distances: Small) -> Integers:
    """Return an order of stops in which each is followed by the nearest that is left, the depot first.

    Numbered so, neighbours lie beside each other in memory: rows of distances of a thousand stops do not fit
    into a processor's nearer caches.
    """
    order = np.zeros(len(distances), np.int64)
    left = np.arange(1, len(distances))
    for place in range(1, len(order)):
        nearest = int(np.argmin(distances[order[place - 1]][left]))
        order[place] = left[nearest]
        left[nearest] = left[-1]
        left = left[:-1]
    return order


def empty(instance: Instance) -> Plan:
    """Make a plan without tours."""
    count, vehicles = len(instance.prizes), instance.vehicles
    following, before, tour = np.zeros((3, count + vehicles), np.uint32)
    following[:] = before[:] = np.arange(count + vehicles)
    tour[:count], tour[count:] = vehicles, np.arange(vehicles)
    leave, latest, leg = np.zeros((3, count + vehicles), np.int32)
    leave[:], latest[:] = instance.early[0], instance.late[0]
    size, load, loss = np.zeros((3, vehicles + 1), np.int64)
    load[vehicles] = FULL
    return Plan(following, before, tour, leave, latest, leg, size, load, loss)


def routes(following: Numbers, count: int) -> list[list[int]]:
    """Write tours out, those with stops."""
    found = []
    for depot in range(count, len(following)):
        route, stop = [], int(following[depot])
        while stop < count:
            route.append(stop)
            stop = int(following[stop])
        if route:
            found.append(route)
    return found


def room(instance: Instance) -> Scratch:
    """Make room for what a round changes."""
    count, vehicles = len(instance.prizes), instance.vehicles
    whole = count + vehicles
    return Scratch(
        np.zeros(whole, np.uint32),
        np.zeros((whole, 6), np.int32),
        np.zeros(vehicles, np.uint32),
        np.zeros((vehicles, 3), np.int64),
        np.zeros(2, np.int64),
        np.zeros(vehicles, np.bool_),
        np.zeros(count, np.uint32),
        np.zeros(count),
        np.zeros(count, np.bool_),
        np.zeros(1, np.uint64),
    )


def nearness(instance: Instance) -> tuple[Numbers, Numbers, Numbers]:
    """Return by what a stop may be preceded and followed, nearest first, and its neighbours in space alone.

    What is always late is none of them; where fewer are left than `NEAR`, the last ones are 0.
    """
    count = len(instance.prizes)
    behind, ahead = np.zeros((2, count, min(NEAR, count - 1)), np.uint32)
    around = np.zeros((count, min(OPEN, count - 1)), np.uint32)
    early, late, ends = instance.early, instance.late, instance.early + instance.service
    for row in range(count):
        space = instance.distances[row].astype(np.float64)
        there = instance.distances[:, row].astype(np.float64)
        after = space + WAITING * np.maximum(0, early - (late[row] + instance.service[row]) - space)
        after[ends[row] + space > late] = np.inf
        before = there + WAITING * np.maximum(0, early[row] - (late + instance.service) - there)
        before[ends + there > late[row]] = np.inf
        for found, values in ((behind, before), (ahead, after), (around, space)):
            values[row] = values[0] = np.inf  # neither itself nor the depot
            most = found.shape[1]
            near = np.argpartition(values, most - 1)[:most]
            near = near[np.argsort(values[near], kind="stable")]
            near[values[near] == np.inf] = 0
            found[row] = near
    return behind, ahead, around


@unmanaged_kernel(forceinline=True)
def _chance(state: State) -> float:
    """Draw a number from 0 to 1 (xorshift; G. Marsaglia, Journal of Statistical Software 8, 2003)."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return float(np.float64(x >> np.uint64(11)) * 2.0**-53)


@unmanaged_kernel(forceinline=True)
def _below(state: State, count: int) -> int:
    """Draw a whole number from 0 up, below `count`."""
    return int(_chance(state) * count)


@unmanaged_kernel(forceinline=True)
def _site(v: int, count: int) -> int:
    """Return the row of the distances: every depot is 0."""
    return v if v < count else 0


@unmanaged_kernel(forceinline=True)
def _forward(plan: Plan, v: int, stops: Stops) -> None:
    """Compute when stops are left, from one on, until that is as it was before."""
    count, first = len(stops.out), True
    a = plan.before[v]
    while v < count:
        now = max(stops.early[v], plan.leave[a] + plan.leg[a]) + stops.service[v]
        if now == plan.leave[v] and not first:
            break
        plan.leave[v] = now
        first = False
        a, v = v, plan.following[v]


@unmanaged_kernel(forceinline=True)
def _backward(plan: Plan, v: int, stops: Stops) -> None:
    """Compute when service must begin at the latest, from one stop back, until that is as it was before."""
    count, first = len(stops.out), True
    b = plan.following[v]
    while v < count:
        now = min(stops.late[v], plan.latest[b] - plan.leg[v] - stops.service[v])
        if now == plan.latest[v] and not first:
            break
        plan.latest[v] = now
        first = False
        b, v = v, plan.before[v]


@unmanaged_kernel(forceinline=True)
def _keeps(plan: Plan, a: int, stops: Stops) -> bool:
    """Say whether who goes on from a stop is in time at the following one for it and all later ones."""
    b = plan.following[a]
    return bool(max(stops.early[b], plan.leave[a] + plan.leg[a]) <= plan.latest[b])


@unmanaged_kernel(forceinline=True)
def _link(plan: Plan, a: int, b: int, stops: Stops) -> None:
    """Let b follow a."""
    count = len(stops.out)
    plan.following[a], plan.before[b] = b, a
    plan.leg[a] = stops.out[_site(a, count), _site(b, count)]


@unmanaged_kernel(forceinline=True)
def _remember(plan: Plan, r: int, scratch: Scratch, stops: Stops) -> None:
    """Save a tour as it is, once in a round."""
    if scratch.saved[r]:
        return
    scratch.saved[r] = True
    x = scratch.counts[1]
    scratch.tours[x] = r
    scratch.sums[x, 0], scratch.sums[x, 1], scratch.sums[x, 2] = plan.size[r], plan.load[r], plan.loss[r]
    scratch.counts[1] = x + 1
    x, depot = scratch.counts[0], len(stops.out) + r
    v = depot
    while True:
        scratch.stops[x] = v
        scratch.rows[x, 0], scratch.rows[x, 1] = plan.following[v], plan.before[v]
        scratch.rows[x, 2], scratch.rows[x, 3] = plan.tour[v], plan.leave[v]
        scratch.rows[x, 4], scratch.rows[x, 5] = plan.latest[v], plan.leg[v]
        x += 1
        v = plan.following[v]
        if v == depot:
            break
    scratch.counts[0] = x


@unmanaged_kernel(forceinline=True)
def _restore(plan: Plan, scratch: Scratch, pooled: int) -> None:
    """Make all tours what they were before the round; none of the `pooled` stops is visited if none was."""
    for x in range(pooled):
        plan.tour[scratch.pool[x]] = len(plan.load) - 1
    for x in range(scratch.counts[0]):
        v = scratch.stops[x]
        plan.following[v], plan.before[v] = scratch.rows[x, 0], scratch.rows[x, 1]
        plan.tour[v], plan.leave[v] = scratch.rows[x, 2], scratch.rows[x, 3]
        plan.latest[v], plan.leg[v] = scratch.rows[x, 4], scratch.rows[x, 5]
    for x in range(scratch.counts[1]):
        r = scratch.tours[x]
        plan.size[r], plan.load[r], plan.loss[r] = scratch.sums[x, 0], scratch.sums[x, 1], scratch.sums[x, 2]


@unmanaged_kernel(forceinline=True)
def _cheapest(plan: Plan, v: int, limit: int, stops: Stops, state: State) -> int:
    """Return the stop or depot behind which one costs least and less than `limit`, or -1."""
    count, best = len(stops.out), -1
    early, late, service = stops.early[v], stops.late[v], stops.service[v]
    most = stops.capacity - stops.demands[v]
    blink = int(np.log(_chance(state)) * BLINK)  # those between two that are passed over
    enough = ENOUGH
    for q in range(stops.behind.shape[1]):
        u = stops.behind[v, q]
        if u == 0:
            break
        if plan.load[plan.tour[u]] > most:
            continue
        enough -= 1
        if enough < 0:
            break
        blink -= 1
        if blink < 0:
            blink = int(np.log(_chance(state)) * BLINK)
            continue
        b = plan.following[u]
        into, out = stops.into[v, u], stops.out[v, _site(b, count)]
        cost = into + out - plan.leg[u]
        if cost < limit:
            now = max(early, plan.leave[u] + into)
            if now <= late and now + service + out <= plan.latest[b]:
                limit, best = cost, u
    enough = ENOUGH
    for q in range(stops.ahead.shape[1]):
        u = stops.ahead[v, q]
        if u == 0:
            break
        if plan.load[plan.tour[u]] > most:
            continue
        enough -= 1
        if enough < 0:
            break
        blink -= 1
        if blink < 0:
            blink = int(np.log(_chance(state)) * BLINK)
            continue
        a = plan.before[u]
        into, out = stops.into[v, _site(a, count)], stops.out[v, u]
        cost = into + out - plan.leg[a]
        if cost < limit:
            now = max(early, plan.leave[a] + into)
            if now <= late and now + service + out <= plan.latest[u]:
                limit, best = cost, a
    return int(best)


@unmanaged_kernel(forceinline=True)
def _insert(plan: Plan, v: int, a: int, prize: int, stops: Stops) -> int:
    """Let a stop follow `a`; return how much longer the tour is, less the prize."""
    r, b = plan.tour[a], plan.following[a]
    gain = -plan.leg[a] - prize
    _link(plan, a, v, stops)
    _link(plan, v, b, stops)
    gain += plan.leg[a] + plan.leg[v]
    plan.tour[v] = r
    plan.size[r] += 1
    plan.load[r] += stops.demands[v]
    plan.loss[r] += gain
    _forward(plan, v, stops)
    _backward(plan, v, stops)
    return int(gain)


@unmanaged_kernel(forceinline=True)
def _remove(plan: Plan, v: int, prize: int, stops: Stops) -> int:
    """Take a stop out and leave the times of its tour as they are; return how much longer the tour is."""
    r, a, b = plan.tour[v], plan.before[v], plan.following[v]
    gain = prize - plan.leg[a] - plan.leg[v]
    _link(plan, a, b, stops)
    gain += plan.leg[a]
    plan.tour[v] = len(plan.load) - 1
    plan.size[r] -= 1
    plan.load[r] -= stops.demands[v]
    plan.loss[r] += gain
    return int(gain)


@unmanaged_kernel(forceinline=True)
def _time(plan: Plan, r: int, prizes: Integers, stops: Stops) -> None:
    """Compute all that follows from a tour's order."""
    depot = len(stops.out) + r
    size, load, loss = 0, 0, plan.leg[depot]
    v, a = plan.following[depot], depot
    while v != depot:
        plan.tour[v] = r
        size += 1
        load += stops.demands[v]
        loss += plan.leg[v] - prizes[v]
        plan.leave[v] = max(stops.early[v], plan.leave[a] + plan.leg[a]) + stops.service[v]
        a, v = v, plan.following[v]
    v, b = a, depot
    while v != depot:
        plan.latest[v] = min(stops.late[v], plan.latest[b] - plan.leg[v] - stops.service[v])
        b, v = v, plan.before[v]
    plan.size[r], plan.load[r], plan.loss[r] = size, load, loss


@unmanaged_kernel(forceinline=True)
def _swap_tails(
    plan: Plan, u: int, v: int, warmth: float, prizes: Integers, stops: Stops, state: State
) -> int:
    """Let v follow u, and what followed u what was before v, if accepted; return how much longer it is."""
    first, second = plan.tour[u], plan.tour[v]
    count, vehicles = len(stops.out), len(plan.load) - 1
    if max(first, second) == vehicles or first == second:
        return 0
    before, after = plan.before[v], plan.following[u]
    joint = stops.out[_site(before, count), _site(after, count)]
    cost = stops.out[u, v] + joint - plan.leg[u] - plan.leg[before]
    if cost > 0 and cost >= -warmth * np.log(_chance(state)):
        return 0
    if cost == 0 and after >= count and before >= count:
        return 0
    if plan.leave[u] + stops.out[u, v] > plan.latest[v]:
        return 0
    if plan.leave[before] + joint > plan.latest[after]:
        return 0
    head, other = 0, 0
    x = u
    while x < count:
        head += stops.demands[x]
        x = plan.before[x]
    x = before
    while x < count:
        other += stops.demands[x]
        x = plan.before[x]
    if max(head + plan.load[second] - other, other + plan.load[first] - head) > stops.capacity:
        return 0
    ends, end = plan.before[count + first], plan.before[count + second]
    _link(plan, u, v, stops)
    _link(plan, end, count + first, stops)
    if after < count:
        _link(plan, before, after, stops)
        _link(plan, ends, count + second, stops)
    else:
        _link(plan, before, count + second, stops)
    _time(plan, first, prizes, stops)
    _time(plan, second, prizes, stops)
    return int(cost)


@unmanaged_kernel(forceinline=True)
def _cut(
    plan: Plan, at: int, pooled: int, prizes: Integers, stops: Stops, scratch: Scratch
) -> tuple[int, int, bool]:
    """Take a string around `at` out of its tour into the pool, at times with a gap.

    Return the pool's size, how much longer the tour is, and whether it keeps its times: where the way past a
    stop takes longer than the way by it, it may not.
    """
    count, state = len(stops.out), scratch.state
    r = plan.tour[at]
    size = plan.size[r]
    _remember(plan, r, scratch, stops)
    short = 1 + _below(state, min(STRING, size))
    if _chance(state) < EMPTIED:
        short = size
    gap = 0
    if 1 < short < size and _chance(state) < 0.5:
        gap = 1
        while short + gap < size and _chance(state) < 0.5:
            gap += 1
    whole = short + gap
    place, v = 0, plan.before[at]
    while v < count:
        place += 1
        v = plan.before[v]
    low, high = max(0, place - whole + 1), min(place, size - whole)
    start = low + _below(state, high - low + 1)
    hole = start + 1 + _below(state, short - 1) if gap else start + whole
    v = at
    for _ in range(place - start):
        v = plan.before[v]
    outer, longer, inner, last = plan.before[v], 0, -1, -1
    for i in range(start, start + whole):
        b = plan.following[v]
        if hole <= i < hole + gap:
            if inner < 0:
                inner = v
            last = v
        else:
            longer += _remove(plan, v, prizes[v], stops)
            scratch.pool[pooled] = v
            scratch.pooled[v] = True
            pooled += 1
        v = b
    # Forward from both holes, and backward from both: a walk ends where nothing changes, before the second.
    _forward(plan, plan.following[outer], stops)
    if inner >= 0:
        _forward(plan, plan.following[last], stops)
    _backward(plan, plan.before[v], stops)
    if inner >= 0:
        _backward(plan, plan.before[inner], stops)
    return pooled, longer, _keeps(plan, outer, stops) and _keeps(plan, plan.before[v], stops)


@unmanaged_kernel(forceinline=True)
def _key(v: int, order: int, prizes: Integers, stops: Stops, state: State) -> float:
    """Return by what the pool is put in order: at random, by demand, distance, window, prize or time."""
    if order < 4:
        return _chance(state)
    if order < 7:
        return -float(stops.demands[v])
    if order == 7:
        return -float(stops.out[0, v])
    if order == 8:
        return float(stops.out[0, v])
    if order == 9:
        return float(stops.late[v] - stops.early[v])
    if order == 10:
        return -float(prizes[v])
    return float(stops.early[v])


@unmanaged_kernel(forceinline=True)
def _sort(scratch: Scratch, pooled: int) -> None:
    """Put the pool in the order of its keys, by insertion: it is short."""
    for i in range(1, pooled):
        key, v = scratch.keys[i], scratch.pool[i]
        k = i - 1
        while k >= 0 and scratch.keys[k] > key:
            scratch.keys[k + 1], scratch.pool[k + 1] = scratch.keys[k], scratch.pool[k]
            k -= 1
        scratch.keys[k + 1], scratch.pool[k + 1] = key, v


@unmanaged_kernel
def anneal(
    plan: Plan,
    best: Numbers,
    best_cost: int,
    prizes: Integers,
    stops: Stops,
    scratch: Scratch,
    rounds: int,
    seed: int,
    hot: float,
    cold: float,
) -> tuple[int, int]:
    """Improve a plan for so many rounds while it cools; return the last cost and the least.

    Args:
        plan: to begin with; the last one in the end.
        best, best_cost: `following` of the best plan yet, and what it costs; better ones take its place.
        prizes: of each stop [n].
        stops: what to visit.
        scratch: to work with.
        rounds: ruins and recreations.
        seed: of chance.
        hot, cold: temperatures at the beginning and in the end, in the unit of distances.
    """
    state = scratch.state
    state[0] = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1)
    count, vehicles = len(prizes), len(plan.load) - 1
    cost = 0
    for r in range(vehicles):
        _time(plan, r, prizes, stops)
        cost += plan.loss[r]
    for v in range(1, count):
        cost += prizes[v]
    cooling = (cold / hot) ** (1 / max(1, rounds))
    warmth = hot
    most_strings = 4.0 * REMOVED / (1.0 + STRING) - 1.0
    for _ in range(rounds):
        warmth *= cooling
        for _ in range(TAILS):
            u = 1 + _below(state, count - 1)
            v = stops.ahead[u, _below(state, min(20, stops.ahead.shape[1]))]
            cost += _swap_tails(plan, u, v, warmth, prizes, stops, state)
        # Ruin. Stops near the centre that nobody visits come into the pool too, half of them.
        scratch.counts[0] = scratch.counts[1] = 0
        pooled, strings, new, fits = 0, 0, cost, True
        centre = 1 + _below(state, count - 1)
        opening = plan.tour[centre] == vehicles and _chance(state) < OPENED
        if opening:  # a tour of its own with what is near it, which pays only together
            scratch.pool[0], pooled = centre, 1
            scratch.pooled[centre] = True
            for q in range(stops.around.shape[1]):
                u = stops.around[centre, q]
                if plan.tour[u] == vehicles and u > 0 and u != centre:
                    scratch.pooled[u] = True
                    scratch.pool[pooled] = u
                    pooled += 1
        if not opening or _chance(state) < BOTH:
            wanted = 1 + int(_chance(state) * most_strings)
            for q in range(-1, min(AROUND, stops.around.shape[1])):
                if strings >= wanted:
                    break
                u = centre if q < 0 else stops.around[centre, q]
                r = plan.tour[u]
                if r == vehicles:
                    if u > 0 and not scratch.pooled[u] and _chance(state) < 0.5:
                        scratch.pooled[u] = True
                        scratch.pool[pooled] = u
                        pooled += 1
                    continue
                if scratch.saved[r]:
                    continue
                pooled, longer, fits = _cut(plan, u, pooled, prizes, stops, scratch)
                new += longer
                strings += 1
                if not fits:
                    break
        # Recreate, one stop after the other.
        order = _below(state, 12)
        for i in range(pooled):
            scratch.keys[i] = _key(scratch.pool[i], order, prizes, stops, state)
            scratch.pooled[scratch.pool[i]] = False
        _sort(scratch, pooled)
        for x in range(pooled if fits else 0):
            v = scratch.pool[x]
            a = _cheapest(plan, v, prizes[v], stops, state)
            if a < 0:
                alone = stops.out[0, v] + stops.into[0, v]
                if not (alone < prizes[v] or opening or _chance(state) < 0.03):
                    continue
                if stops.demands[v] > stops.capacity:
                    continue
                now = max(stops.early[v], stops.early[0] + stops.out[0, v])
                if now > stops.late[v] or now + stops.service[v] + stops.into[0, v] > stops.late[0]:
                    continue
                for y in range(vehicles):
                    if plan.size[y] == 0:
                        a = count + y
                        break
                if a < 0:
                    continue
                opening = False
            _remember(plan, plan.tour[a], scratch, stops)
            new += _insert(plan, v, a, prizes[v], stops)
        for x in range(scratch.counts[1]):
            r = scratch.tours[x]
            if plan.size[r] > 0 and plan.loss[r] > 0:
                new -= plan.loss[r]
                v = plan.following[count + r]
                while v < count:
                    plan.tour[v] = vehicles
                    v = plan.following[v]
                plan.following[count + r] = plan.before[count + r] = count + r
                plan.size[r] = plan.load[r] = plan.loss[r] = plan.leg[count + r] = 0
        if fits and (new <= cost or new < cost - warmth * np.log(_chance(state))):
            cost = new
        else:
            _restore(plan, scratch, pooled)
        for x in range(scratch.counts[1]):
            scratch.saved[scratch.tours[x]] = False
        if cost < best_cost:
            best_cost = cost
            for v in range(count + vehicles):
                best[v] = plan.following[v]
    return cost, best_cost
