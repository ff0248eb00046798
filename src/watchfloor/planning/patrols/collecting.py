"""Prize collecting: several tours at least cost, their length and the prizes of stops not visited.

Slack induction by string removals (J. Christiaens and G. Vanden Berghe, Transportation Science 54, 2020):
strings of neighbouring tours are taken out, and stops are put back one after the other where they cost least,
if that is less than their prize; beside it tails of two tours are exchanged (2-opt*: J.-Y. Potvin and J.-M.
Rousseau, Journal of the Operational Research Society 46, 1995). Both are accepted by annealing. Tours that
cost more than they bring are dropped. Times are kept forward and backward, so that an insertion is checked
without walking along its tour.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.planning.patrols.instances import Instance

Integers = npt.NDArray[np.int64]
Distances = npt.NDArray[np.int32]
Tours = npt.NDArray[np.int32]

NEAR: Final = 40
"""Neighbours beside which a stop is inserted."""

AROUND: Final = 60
"""Neighbours of the centre of a ruin whose tours are cut."""

OPEN: Final = 200
"""Stops near the first of a new tour that may join it."""

STRING, REMOVED = 15, 12
"""Longest string, and stops that a ruin takes out on average."""

TAILS: Final = 20
"""Exchanges of tails that are tried before each ruin; nearly all end at their first comparison."""


class Stops(NamedTuple):
    """Numbers of an instance, in the order in which the kernels take them; see `Instance`."""

    distances: Distances
    prizes: Integers
    demands: Integers
    early: Integers
    late: Integers
    service: Integers
    capacity: int


class Plan(NamedTuple):
    """Tours as they are changed, and what follows from them.

    Attributes:
        route, size: stops of each tour [vehicles, n], and how many.
        load: demand of each tour.
        tour, place: the tour of each stop and its place in it [n]; -1 where it is not visited.
        start, latest: when service begins at the earliest, and may begin at the latest [n].
    """

    route: Tours
    size: Integers
    load: Integers
    tour: Integers
    place: Integers
    start: Integers
    latest: Integers


def empty(instance: Instance) -> Plan:
    """Make a plan without tours."""
    count = len(instance.prizes)
    route = np.zeros((instance.vehicles, count), np.int32)
    size, load = np.zeros((2, instance.vehicles), np.int64)
    place, start, latest = np.zeros((3, count), np.int64)
    return Plan(route, size, load, np.full(count, -1, np.int64), place, start, latest)


def nearness(instance: Instance) -> tuple[Integers, Integers]:
    """Return neighbours in distance, waiting and lateness (T. Vidal and others, 2013), and in space alone."""
    count = len(instance.prizes)
    beside = np.empty((count, min(NEAR, count - 1)), np.int64)
    around = np.empty((count, min(OPEN, count - 1)), np.int64)
    early, late, ends = instance.early, instance.late, instance.early + instance.service
    for row in range(count):
        space = instance.distances[row].astype(np.float64)
        there = instance.distances[:, row].astype(np.float64)
        after = (
            space
            + 0.2 * np.maximum(0, early - (late[row] + instance.service[row]) - space)
            + np.maximum(0, ends[row] + space - late)
        )
        before = (
            there
            + 0.2 * np.maximum(0, early[row] - (late + instance.service) - there)
            + np.maximum(0, ends + there - late[row])
        )
        for found, values in ((beside, np.minimum(after, before)), (around, space)):
            values[row] = values[0] = np.inf  # neither itself nor the depot
            most = found.shape[1]
            near = np.argpartition(values, most - 1)[:most]
            found[row] = near[np.argsort(values[near], kind="stable")]
    return beside, around


@kernel
def _time(plan: Plan, r: int, stops: Stops) -> None:
    """Compute times and load of a tour."""
    now, before, load = stops.early[0], 0, 0
    for i in range(plan.size[r]):
        v = plan.route[r, i]
        now = max(stops.early[v], now + stops.distances[before, v])
        plan.start[v] = now
        plan.tour[v], plan.place[v] = r, i
        now += stops.service[v]
        load += stops.demands[v]
        before = v
    plan.load[r] = load
    now, after = stops.late[0], 0
    for i in range(plan.size[r] - 1, -1, -1):
        v = plan.route[r, i]
        now = min(stops.late[v], now - stops.distances[v, after] - stops.service[v])
        plan.latest[v] = now
        after = v


@kernel
def _fits(plan: Plan, a: int, v: int, b: int, stops: Stops) -> bool:
    """Say whether a stop can be served between two that follow each other, 0 being the depot."""
    now = plan.start[a] + stops.service[a] if a > 0 else stops.early[0]
    now = max(stops.early[v], now + stops.distances[a, v])
    if now > stops.late[v]:
        return False
    now += stops.service[v] + stops.distances[v, b]
    return bool(now <= (plan.latest[b] if b > 0 else stops.late[0]))


@kernel
def _cheapest(plan: Plan, v: int, limit: int, stops: Stops, beside: Integers) -> tuple[int, int]:
    """Return the tour and place beside a neighbour where a stop costs least and less than `limit`, or -1."""
    d = stops.distances
    r_best, i_best = -1, -1
    for q in range(beside.shape[1]):
        u = beside[v, q]
        r = plan.tour[u]
        # One in fifty is passed over ("blink"), so that the same ruin is not always mended in the same way.
        if r < 0 or plan.load[r] + stops.demands[v] > stops.capacity or np.random.random() < 0.02:
            continue
        i = plan.place[u]
        a, b = plan.route[r, i - 1] if i > 0 else 0, plan.route[r, i + 1] if i + 1 < plan.size[r] else 0
        cost = d[u, v] + d[v, b] - d[u, b]
        if cost < limit and _fits(plan, u, v, b, stops):
            limit, r_best, i_best = cost, r, i + 1
        cost = d[a, v] + d[v, u] - d[a, u]
        if cost < limit and _fits(plan, a, v, u, stops):
            limit, r_best, i_best = cost, r, i
    return r_best, i_best


@kernel
def _insert(plan: Plan, v: int, r: int, i: int, stops: Stops) -> None:
    for k in range(plan.size[r], i, -1):
        plan.route[r, k] = plan.route[r, k - 1]
    plan.route[r, i] = v
    plan.size[r] += 1
    _time(plan, r, stops)


@kernel
def _clear(plan: Plan, r: int) -> None:
    """Take all stops out of a tour."""
    for i in range(plan.size[r]):
        plan.tour[plan.route[r, i]] = -1
    plan.size[r] = plan.load[r] = 0


@kernel
def _loss(route: Tours, size: Integers, r: int, stops: Stops) -> int:
    """Compute by how much a tour is longer than its prizes are worth."""
    loss, before = 0, 0
    for i in range(size[r]):
        v = route[r, i]
        loss += stops.distances[before, v] - stops.prizes[v]
        before = v
    return int(loss + stops.distances[before, 0])


@kernel
def _swap_tails(plan: Plan, u: int, v: int, warmth: float, stops: Stops, spare: Integers) -> int:
    """Let v follow u, and what followed u what was before v, if accepted; return how much longer it is."""
    first, second = plan.tour[u], plan.tour[v]
    if first < 0 or second < 0 or first == second:
        return 0
    i, k = plan.place[u], plan.place[v]
    before = plan.route[second, k - 1] if k > 0 else 0
    after = plan.route[first, i + 1] if i + 1 < plan.size[first] else 0
    d = stops.distances
    cost = d[u, v] + d[before, after] - d[u, after] - d[before, v]
    if cost > 0 and cost >= -warmth * np.log(np.random.random()):
        return 0
    if cost == 0 and after == 0 and before == 0:
        return 0
    if max(stops.early[v], plan.start[u] + stops.service[u] + d[u, v]) > plan.latest[v]:
        return 0
    now = (plan.start[before] + stops.service[before] if before > 0 else stops.early[0]) + d[before, after]
    if max(stops.early[after], now) > (plan.latest[after] if after > 0 else stops.late[0]):
        return 0
    head, other = 0, 0
    for x in range(i + 1):
        head += stops.demands[plan.route[first, x]]
    for x in range(k):
        other += stops.demands[plan.route[second, x]]
    if max(head + plan.load[second] - other, other + plan.load[first] - head) > stops.capacity:
        return 0
    tail, rest = plan.size[first] - i - 1, plan.size[second] - k
    for x in range(tail):
        spare[x] = plan.route[first, i + 1 + x]
    for x in range(rest):
        plan.route[first, i + 1 + x] = plan.route[second, k + x]
    for x in range(tail):
        plan.route[second, k + x] = spare[x]
    plan.size[first], plan.size[second] = i + 1 + rest, k + tail
    _time(plan, first, stops)
    _time(plan, second, stops)
    return int(cost)


@kernel
def _cut(plan: Plan, r: int, at: int, pool: Integers, pooled: int, stops: Stops) -> int:
    """Take a string around `at` out of a tour into the pool, at times with a gap; return the pool's size."""
    size = plan.size[r]
    short = 1 + np.random.randint(0, min(STRING, size))
    if np.random.random() < 0.02:
        short = size
    gap = 0
    if 1 < short < size and np.random.random() < 0.5:
        gap = 1
        while short + gap < size and np.random.random() < 0.5:
            gap += 1
    whole = short + gap
    low, high = max(0, at - whole + 1), min(at, size - whole)
    start = low + np.random.randint(0, high - low + 1)
    hole = start + 1 + np.random.randint(0, short - 1) if gap else size
    kept = start
    for i in range(start, size):
        v = plan.route[r, i]
        if i < start + whole and not hole <= i < hole + gap:
            plan.tour[v] = -1
            pool[pooled] = v
            pooled += 1
        else:
            plan.route[r, kept] = v
            kept += 1
    plan.size[r] = kept
    _time(plan, r, stops)
    return pooled


@kernel
def _key(v: int, order: int, stops: Stops) -> float:
    """Return by what the pool is put in order: at random, by demand, distance, window, prize or time."""
    if order < 4:
        return np.random.random()
    if order < 7:
        return -float(stops.demands[v])
    if order == 7:
        return -float(stops.distances[0, v])
    if order == 8:
        return float(stops.distances[0, v])
    if order == 9:
        return float(stops.late[v] - stops.early[v])
    if order == 10:
        return -float(stops.prizes[v])
    return float(stops.early[v])


@kernel
def _keep(plan: Plan, route: Tours, size: Integers) -> None:
    """Copy tours; only the stops that are in them, a thousandth of the array."""
    for r in range(len(size)):
        size[r] = plan.size[r]
        for i in range(size[r]):
            route[r, i] = plan.route[r, i]


@kernel
def anneal(
    plan: Plan,
    best_route: Tours,
    best_size: Integers,
    stops: Stops,
    beside: Integers,
    around: Integers,
    rounds: int,
    seed: int,
    hot: float,
    cold: float,
) -> int:
    """Improve a plan for so many rounds while it cools; return the least cost.

    Args:
        plan: to begin with; the last one in the end.
        best_route, best_size: the best plan, in the end.
        stops: what to visit.
        beside, around: see `nearness`.
        rounds: ruins and recreations.
        seed: of chance.
        hot, cold: temperatures at the beginning and in the end, in the unit of distances.
    """
    np.random.seed(seed)
    count, vehicles = len(stops.prizes), len(plan.size)
    cost = 0
    for r in range(vehicles):
        if plan.size[r] > 0:
            _time(plan, r, stops)
            cost += _loss(plan.route, plan.size, r, stops)
    for v in range(1, count):
        cost += stops.prizes[v]
    best = cost
    _keep(plan, best_route, best_size)
    changed = np.zeros(vehicles, np.bool_)
    rows = np.empty(vehicles, np.int64)
    old_route, old_size = np.empty_like(plan.route), np.zeros(vehicles, np.int64)
    pool, pooled_before = np.empty(count, np.int64), np.zeros(count, np.bool_)
    keys, spare = np.empty(count), np.empty(count, np.int64)
    cooling = (cold / hot) ** (1 / max(1, rounds))
    warmth = hot
    most_strings = 4.0 * REMOVED / (1.0 + STRING) - 1.0
    for _ in range(rounds):
        warmth *= cooling
        for _ in range(TAILS):
            u = 1 + np.random.randint(0, count - 1)
            v = beside[u, np.random.randint(0, min(20, beside.shape[1]))]
            cost += _swap_tails(plan, u, v, warmth, stops, spare)
        if cost < best:
            best = cost
            _keep(plan, best_route, best_size)
        # Ruin. Stops near the centre that nobody visits come into the pool too, half of them.
        touched, pooled, strings = 0, 0, 0
        centre = 1 + np.random.randint(0, count - 1)
        opening = plan.tour[centre] < 0 and np.random.random() < 0.05
        if opening:  # a tour of its own with what is near it, which pays only together
            pool[0], pooled = centre, 1
            for q in range(around.shape[1]):
                u = around[centre, q]
                if plan.tour[u] < 0 and u > 0 and u != centre:
                    pool[pooled] = u
                    pooled += 1
        else:
            wanted = 1 + int(np.random.random() * most_strings)
            for q in range(-1, min(AROUND, around.shape[1])):
                if strings >= wanted:
                    break
                u = centre if q < 0 else around[centre, q]
                r = plan.tour[u]
                if r < 0 or u == 0:
                    if u > 0 and not pooled_before[u] and np.random.random() < 0.5:
                        pooled_before[u] = True
                        pool[pooled] = u
                        pooled += 1
                    continue
                if changed[r]:
                    continue
                changed[r] = True
                rows[touched] = r
                touched += 1
                old_size[r] = plan.size[r]
                for i in range(plan.size[r]):
                    old_route[r, i] = plan.route[r, i]
                pooled_to = _cut(plan, r, plan.place[u], pool, pooled, stops)
                for i in range(pooled, pooled_to):
                    pooled_before[pool[i]] = True
                pooled = pooled_to
                strings += 1
        # Recreate, one stop after the other.
        order = np.random.randint(0, 12)
        for i in range(pooled):
            keys[i] = _key(pool[i], order, stops)
            pooled_before[pool[i]] = False
        for x in np.argsort(keys[:pooled]):
            v = pool[x]
            r, i = _cheapest(plan, v, stops.prizes[v], stops, beside)
            if r < 0:
                alone = stops.distances[0, v] + stops.distances[v, 0]
                if not (alone < stops.prizes[v] or opening or np.random.random() < 0.03):
                    continue
                if stops.demands[v] > stops.capacity or not _fits(plan, 0, v, 0, stops):
                    continue
                for y in range(vehicles):
                    if plan.size[y] == 0:
                        r, i = y, 0
                        break
                if r < 0:
                    continue
                opening = False
            if not changed[r]:
                changed[r] = True
                rows[touched] = r
                touched += 1
                old_size[r] = plan.size[r]
                for y in range(plan.size[r]):
                    old_route[r, y] = plan.route[r, y]
            _insert(plan, v, r, i, stops)
        new = cost
        for x in range(touched):
            r = rows[x]
            if old_size[r] > 0:
                new -= _loss(old_route, old_size, r, stops)
            if plan.size[r] > 0:
                loss = _loss(plan.route, plan.size, r, stops)
                if loss > 0:
                    _clear(plan, r)
                else:
                    new += loss
        if new <= cost or new < cost - warmth * np.log(np.random.random()):
            cost = new
        else:
            for x in range(touched):
                _clear(plan, rows[x])
            for x in range(touched):
                r = rows[x]
                plan.size[r] = old_size[r]
                for i in range(old_size[r]):
                    plan.route[r, i] = old_route[r, i]
                _time(plan, r, stops)
        for x in range(touched):
            changed[rows[x]] = False
        if cost < best:
            best = cost
            _keep(plan, best_route, best_size)
    return best
