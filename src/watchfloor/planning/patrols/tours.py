"""Tours that collect prizes: one within a limit that collects most, or several at least cost."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct, structs

from watchfloor.cell.acts import Refusal
from watchfloor.core.messages import declare, reason
from watchfloor.planning.patrols import collecting, orienteering
from watchfloor.planning.patrols.instances import WHOLE, Instance

Integers = npt.NDArray[np.int64]
Routes = list[list[int]]
Clock = Callable[[], float]
Say = Callable[[str], None]

UNREACHED = declare("patrols.unreached", "file", "count", "stop")

HOT, COLD = 600.0, 10.0
"""Temperatures, in units of which the distances to the nearest stops are some 100; see `_scale`."""

STEPS: Final = 20
"""Parts of a search, after each of which the speed is measured and the prizes are lowered."""

PRESSURE, EASED = 0.8, 0.7
"""Share by which prizes are raised at first, and share of the time after which they are as they are.

A tour pays once it visits enough; tours that are dropped before they are good do not come back.
"""

PER_STOP: Final = ("prizes", "demands", "early", "late", "service", "required")

SEVERAL: Final = 5
"""Times that the search for one tour is heated up again."""


class Answer(Struct, frozen=True):
    """Tours, and how good any could be.

    Attributes:
        score: prizes collected by one tour within the limit, the depot's too: more is better. Of several
        tours:
            distance and prizes not collected: less is better.
        routes: stops of each tour in their order. One tour: numbers of the file, the depot first. Several: as
        VRPLIB's
            solutions have them, 1 for the first stop after the depot.
        bound: no tours have a better score.
    """

    score: int
    routes: Routes
    bound: int


def solve(
    instance: Instance,
    seconds: float,
    threads: int = 1,
    seed: int = 0,
    clock: Clock = time.perf_counter,
    say: Say = lambda _: None,
) -> Answer:
    """Find tours, searching for so many seconds after all is compiled.

    Args:
        instance: what may be visited.
        seconds: of the search; a first plan is made in any case.
        threads: searches from different seeds, the best of which counts.
        seed: of chance.
        clock: what seconds are measured with; processor time where others use the machine.
        say: is told when the search begins, after what the machine has not compiled yet is compiled.

    Raises:
        Refusal: a stop that must be visited is in no tour.
    """
    search = partial(_orienteer if instance.limit is not None else _collect, instance, seconds, say, clock)
    if threads == 1:
        found = [search(seed)]
    else:
        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(search, range(seed, seed + threads)))
    scored = [(score_of(instance, routes), routes) for routes in found]
    score, routes = (max if instance.limit is not None else min)(scored, key=lambda one: one[0])
    bound = most_collected(instance) if instance.limit is not None else least_cost(instance)
    return Answer(score, routes, bound)


def score_of(instance: Instance, routes: Routes) -> int:
    """Compute the score of tours from the instance alone.

    Raises:
        ValueError: a tour breaks a limit, a window of time or a capacity, or a stop is visited twice.
        Refusal: a stop that must be visited is in no tour.
    """
    one = instance.limit is not None
    visits = np.concatenate([np.array(route, np.int64) - one for route in routes] or [np.zeros(0, np.int64)])
    if len(np.unique(visits)) < len(visits) or len(routes) > instance.vehicles:
        raise ValueError("a stop is visited twice, or there are too many tours")
    distances = instance.distances.astype(np.int64)
    legs = 0
    for route in routes:
        stops = [stop - one for stop in route]
        if one:
            if stops[:1] != [0]:
                raise ValueError("the tour does not begin at the depot")
            stops = stops[1:]
        now, before, load = int(instance.early[0]), 0, 0
        for stop in stops:
            if not 0 < stop < len(instance.prizes):
                raise ValueError("a stop is none of the instance")
            legs += int(distances[before, stop])
            now = max(now + int(distances[before, stop]), int(instance.early[stop]))
            load += int(instance.demands[stop])
            if not one and now > instance.late[stop]:
                raise ValueError(f"stop {stop} is visited too late")
            now += int(instance.service[stop])
            before = stop
        legs += int(distances[before, 0])
        if not one and (now + distances[before, 0] > instance.late[0] or load > instance.capacity):
            raise ValueError("a tour ends too late, or carries too much")
    collected = int(instance.prizes[visits].sum())
    if instance.limit is not None:
        if legs > instance.limit:
            raise ValueError("the tour is too long")
        return collected
    missed = np.setdiff1d(np.flatnonzero(instance.required), visits)
    if missed.size:
        raise Refusal(reason(UNREACHED, file=instance.name, count=missed.size, stop=int(missed[0]) + 1))
    return legs + int(instance.prizes.sum()) - collected


def most_collected(instance: Instance) -> int:
    """Compute a bound on what one tour collects: a fractional knapsack of half the shortest legs.

    A tour is half the sum of the two legs at each of its stops, so no stop costs less. Stops whose way there
    and back is too long are never visited.
    """
    assert instance.limit is not None
    distances = instance.distances
    way = distances[0].astype(np.int64) + distances[:, 0]
    legs = np.empty(len(distances))
    for row in range(len(distances)):
        into, out = distances[:, row].astype(np.int64), distances[row].astype(np.int64)
        into[row] = out[row] = WHOLE
        legs[row] = into.min() + out.min()
        if (
            len(out) > 2 and (into == out).all()
        ):  # the same leg is not taken twice by a tour of two stops or more
            legs[row] = np.partition(out, 1)[:2].sum()
    open_ = (way <= instance.limit) & (instance.prizes > 0)
    open_[0] = False
    rows = np.flatnonzero(open_)
    cost, prizes = legs[rows] / 2, instance.prizes[rows].astype(np.float64)
    # The depot has its two legs too, unless the tour goes nowhere; one stop alone is a way there and back.
    left = max(0.0, instance.limit - (legs[0] / 2 if rows.size else 0.0))
    order = np.argsort(cost / prizes, kind="stable")
    costs = np.cumsum(cost[order])
    whole = int(np.searchsorted(costs, left, side="right"))
    total = float(prizes[order[:whole]].sum())
    if whole < rows.size:
        before = float(costs[whole - 1]) if whole else 0.0
        total += float(prizes[order[whole]]) * (left - before) / float(cost[order[whole]])
    alone = int(instance.prizes[rows].max(initial=0))
    return int(instance.prizes[0]) + max(alone, int(np.floor(total + 1e-6)))


def least_cost(instance: Instance) -> int:
    """Compute a bound below the cost of tours: of each stop its prize, or half its shortest legs."""
    total = 0.0
    for row in range(1, len(instance.prizes)):
        into, out = instance.distances[:, row].astype(np.int64), instance.distances[row].astype(np.int64)
        into[row] = out[row] = WHOLE
        legs = (int(into.min()) + int(out.min())) / 2
        total += legs if instance.required[row] else min(legs, float(instance.prizes[row]))
    return int(np.ceil(total - 1e-6))


def _orienteer(instance: Instance, seconds: float, say: Say, clock: Clock, seed: int) -> Routes:
    """Search for one tour."""
    limit, prizes = instance.limit, instance.prizes
    assert limit is not None
    near = orienteering.neighbours(instance.distances, orienteering.NEAR)
    tour = np.zeros(len(prizes) + 1, np.int64)
    best = tour.copy()

    def improve(rounds: int, step: int, heat: float, size: int, size_best: int) -> tuple[int, int]:
        return orienteering.anneal(
            instance.distances, prizes, limit, near, rounds, seed + step, heat, tour, size, best, size_best
        )

    improve(0, 0, 0.0, 1, 1)  # compiles
    reduced = tour.copy()
    size_reduced = orienteering.reduce(instance.distances, prizes, limit, near, reduced)
    say("searching")
    begin = clock()
    best[:size_reduced] = reduced[:size_reduced]
    size_best, pace = size_reduced, 0.01
    for step in range(-1, SEVERAL):
        left = seconds - (clock() - begin)
        if step >= 0 and left <= 0:
            break
        # Once from the depot alone, once from all stops, neither always better; then from the best.
        start, size = ((np.zeros(1, np.int64), 1), (reduced, size_reduced), (best, size_best))[
            min(max(step, 0), 2)
        ]
        tour[:size] = start[:size]
        rounds = 20 if step < 0 else max(1, int(left / (SEVERAL - step) / pace))
        heat = 0.0 if step < 0 else orienteering.HEAT * float(prizes[best[:size_best]].sum())
        before = clock()
        _, size_best = improve(rounds, step, heat, size, size_best)
        pace = max(1e-7, (clock() - before) / rounds)
    found = best[:size_best]
    at = int(np.flatnonzero(found == 0)[0])
    return [(np.roll(found, -at) + 1).tolist()]


def _collect(instance: Instance, seconds: float, say: Say, clock: Clock, seed: int) -> Routes:
    """Search for several tours, from prizes so high that all is visited down to those that they are."""
    order = collecting.chain(instance.distances)
    instance = _renumber(instance, order)
    stops, plan, scratch = (
        collecting.stops_of(instance),
        collecting.empty(instance),
        collecting.room(instance),
    )
    # What must be visited is worth more than any detour to it.
    must = 4 * int(instance.distances.max()) + 1
    prizes = np.where(instance.required, must, instance.prizes)
    scale = _scale(instance)
    best = plan.following.copy()

    def improve(rounds: int, raised: Integers, hot: float, cold: float, least: int) -> int:
        at = seed + step * 1000 + 1
        return collecting.anneal(
            plan, best, least, raised, stops, scratch, rounds, at, hot * scale, cold * scale
        )[1]

    step = 0
    every = np.where(np.arange(len(prizes)) > 0, must, 0)
    improve(0, every, HOT, COLD, 0)  # compiles
    say("searching")
    begin = clock()
    first = 10 * len(prizes) if seconds > 1 else len(prizes)
    improve(first, every, 5 * HOT, 2 * HOT, 0)
    pace = max(1e-7, (clock() - begin) / first)
    least = WHOLE**2
    for step in range(STEPS):
        left = seconds - (clock() - begin)
        rounds = max(1, int(left / (STEPS - step) / pace))
        raise_ = max(0.0, PRESSURE * (1 - step / (EASED * STEPS)))
        raised = np.where(instance.required, must, (prizes * (1 + raise_)).astype(np.int64))
        before = clock()
        hot, cold = (HOT * (COLD / HOT) ** (one / STEPS) for one in (step, step + 1))
        found = improve(rounds, raised, hot, cold, least if raise_ == 0 else -WHOLE)
        if raise_ == 0:
            least = found
        pace = max(1e-7, (clock() - before) / rounds)
    return [order[route].tolist() for route in collecting.routes(best, len(prizes))]


def _renumber(instance: Instance, order: Integers) -> Instance:
    """Put the stops of an instance in another order."""
    return structs.replace(
        instance,
        distances=instance.distances[np.ix_(order, order)],
        **{name: getattr(instance, name)[order] for name in PER_STOP},
    )


def _scale(instance: Instance) -> float:
    """Return the distances of an instance as a multiple of those for which the temperatures were set."""
    nearest = (
        np.sort(instance.distances[1:, 1:], axis=1)[:, 1:6]
        if len(instance.prizes) > 6
        else instance.distances
    )
    return max(1e-3, float(nearest.mean()) / 100)


def compile_orienteering() -> None:
    """Plan one tour of three stops, through all kernels."""
    solve(_three(limit=4), 0)


def compile_collecting() -> None:
    """Plan several tours of three stops, through all kernels."""
    solve(_three(), 0)


def _three(limit: int | None = None) -> Instance:
    zeros, distances = np.zeros(3, np.int64), (1 - np.eye(3)).astype(np.int32)
    late = zeros + 4
    return Instance("kernels", distances, zeros + 1, limit, zeros, zeros, late, zeros, 1, 2, zeros == 1)


KERNELS: Final = (compile_orienteering, compile_collecting)
"""What `watchfloor admin warm` compiles at the same time."""
