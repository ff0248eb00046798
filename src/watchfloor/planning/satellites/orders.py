"""Orders: which acquisitions show most of what was asked for, within what satellites can do.

Each request wants every kilometre of its stretch once in each period. A kilometre and period is worth its
weight; an acquisition by light shows it with the probability of a clear sky. So the sum over cells of
weight x min(1, sum of probabilities of the acquisitions that show it) is maximised: a maximum coverage
problem (Church and ReVelle, *Papers in Regional Science* 32, 1974) as a mixed-integer program, solved by
HiGHS, whose dual bound says how much any choice could show. A satellite does one thing at a time, for so many
minutes in a revolution, and so often as the budget allows. What is imaged without an order counts, and costs
nothing. Orders without which as much is shown are left out.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.marking import joined
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.coverage.estimate import coverage_of
from watchfloor.planning.patrols import risk
from watchfloor.planning.satellites.acquisitions import Acquisition
from watchfloor.planning.satellites.calendar import Calendar
from watchfloor.planning.satellites.tasking_requests import TaskingRequest
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

Floats = npt.NDArray[np.float64]
HOUR: Final = 3_600.0
TURN: Final = 15.0
"""Seconds between two acquisitions of a satellite. Judgement: modes are changed from the ground."""
SERVES: Final = 1e-6


def worth(
    floor: Floor, reader: Reader, begin: datetime, days: int, as_of: int | datetime | None
) -> tuple[Floats, str, bool]:
    """Return what a look is worth by kilometre and hour, the marking of what that rests on, if risk is known.

    It is the rate of crossings beside that of the line, times the chance that one is not seen otherwise.
    """
    found = coverage_of(floor, reader, begin, days * 24, as_of=as_of)
    known = risk.risk_of(floor, reader, as_of)
    rate = np.ones(len(axis()))
    if known.prior > 0:
        rate = np.repeat(known.rate.mean(0), risk.STRETCH)[: len(rate)]
        rate /= rate.mean()
    unseen = 1.0 - risk.chance(found, found.table.missed)
    return rate[:, None] * unseen, joined({found.marking, known.marking} - {""}), known.prior > 0


class Conflict(NamedTuple):
    """Kilometres that a request goes without, and for whose sake.

    Attributes:
        request: that goes without.
        against: requests that have the satellite then.
        satellite, at: and seconds from the beginning of the window.
        because: mode, minutes or passes: what the satellite has only one of, or too few.
        kilometres: how many.
    """

    request: str
    against: tuple[str, ...]
    satellite: str
    at: float
    because: str
    kilometres: int


class Choice(NamedTuple):
    """A choice of acquisitions.

    Attributes:
        chosen: their numbers, by time.
        serves: requests that each of them serves.
        shown: weight that is shown, with what is imaged without an order; free: by that alone.
        bound: weight that no choice exceeds; whole: of all cells.
        missed: kilometres and periods of each request that nothing shows, and how many there are.
        conflicts: between requests.
    """

    chosen: tuple[int, ...]
    serves: Mapping[int, tuple[str, ...]]
    shown: float
    free: float
    bound: float
    whole: float
    missed: Mapping[str, tuple[int, int]]
    conflicts: tuple[Conflict, ...]

    @property
    def gap(self) -> float:
        """Return by which share of itself another choice could be better."""
        return max(self.bound - self.shown, 0.0) / self.shown if self.shown else 0.0


class Budget(NamedTuple):
    """Limits of a satellite beside its own: orders in the window; none: as many as it can fly."""

    orders: int | None = None
    seconds: float = 30.0
    gap: float = 1e-4


class _Cells(NamedTuple):
    """Groups of cells that the same acquisitions show.

    Attributes:
        request, period: of each group; of how many kilometres.
        weight: of all its kilometres.
        base: probability that something shows it without an order.
        rows, columns, chance: which acquisition shows which group, and how likely.
    """

    request: list[int]
    kilometres: list[int]
    weight: Floats
    base: Floats
    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    chance: Floats


def choose(
    made: Calendar,
    found: Sequence[Acquisition],
    requests: Sequence[TaskingRequest],
    weights: Floats,
    budget: Budget,
) -> Choice:
    """Choose what to order.

    Args:
        made: observers over a window.
        found: what they could image.
        requests: whose stretches.
        weights: of kilometres and hours of the window.
        budget: of each satellite.
    """
    sensors = [made.observers[one.observer].sensor for one in found]
    free = np.array([one.systematic for one in sensors], np.bool_)
    cells = _cells(made, found, requests, weights, free)
    whole = float(cells.weight.sum())
    at_base = float((cells.weight * np.minimum(cells.base, 1.0)).sum())
    useful = np.unique(cells.columns)
    limits = list(_limits(made, found, useful.tolist(), budget))
    values, shown, bound = _solve(cells, useful, limits, len(found), budget)
    chosen = _needed(cells, useful[values])
    level = cells.base.copy()
    mine = np.isin(cells.columns, chosen)
    np.add.at(level, cells.rows[mine], cells.chance[mine])
    serves: dict[int, set[str]] = defaultdict(set)
    for row, column in zip(cells.rows[mine].tolist(), cells.columns[mine].tolist(), strict=True):
        if cells.base[row] < 1 - SERVES:
            serves[column].add(requests[cells.request[row]].name)
    ordered = sorted((int(one) for one in chosen if one in serves), key=lambda one: found[one].start)
    missed = {}
    for number, request in enumerate(requests):
        own = [at for at, one in enumerate(cells.request) if one == number]
        dark = sum(cells.kilometres[at] for at in own if level[at] < SERVES)
        missed[request.name] = (dark, sum(cells.kilometres[at] for at in own))
    named = {one: tuple(sorted(serves[one])) for one in ordered}
    conflicts = tuple(_conflicts(made, found, requests, cells, level, named, limits))
    return Choice(tuple(ordered), named, at_base + shown, at_base, at_base + bound, whole, missed, conflicts)


def _cells(
    made: Calendar,
    found: Sequence[Acquisition],
    requests: Sequence[TaskingRequest],
    weights: Floats,
    free: npt.NDArray[np.bool_],
) -> _Cells:
    """Return groups of the cells of all requests."""
    request_of: list[int] = []
    kilometres: list[int] = []
    weight: list[float] = []
    base: list[float] = []
    rows: list[int] = []
    columns: list[int] = []
    chance: list[float] = []
    hours = weights.shape[1]
    for number, request in enumerate(requests):
        first, last = int(request.km[0]), min(int(np.ceil(request.km[1])), len(made.points))
        length = request.every_hours * HOUR
        serving = [
            at
            for at, one in enumerate(found)
            if not request.modes or made.observers[one.observer].sensor.name in request.modes
        ]
        for period in range(int(np.ceil(made.seconds / length))):
            some = [
                at
                for at in serving
                if period * length <= (found[at].start + found[at].end) / 2 < (period + 1) * length
            ]
            table = np.zeros((len(some), last - first))
            for row, at in enumerate(some):
                within = (found[at].km >= first) & (found[at].km < last)
                table[row, found[at].km[within] - first] = found[at].clear[within]
            begin, end = int(period * length // HOUR), int(np.ceil((period + 1) * length / HOUR))
            worth = weights[first:last, begin : min(max(end, begin + 1), hours)].mean(1) * request.weight
            # Clear skies to a hundredth, so that neighbours fall into one group.
            groups, where, counts = np.unique(
                np.round(table, 2), axis=1, return_inverse=True, return_counts=True
            )
            sums = np.bincount(where.ravel(), worth, minlength=groups.shape[1])
            for group in range(groups.shape[1]):
                at_row = len(request_of)
                request_of.append(number)
                kilometres.append(int(counts[group]))
                weight.append(float(sums[group]))
                covered = 0.0
                for row in np.flatnonzero(groups[:, group]).tolist():
                    if free[some[row]]:
                        covered = 1 - (1 - covered) * (1 - float(groups[row, group]))
                    else:
                        rows.append(at_row)
                        columns.append(some[row])
                        chance.append(float(groups[row, group]))
                base.append(covered)
    return _Cells(
        request_of,
        kilometres,
        np.array(weight),
        np.array(base),
        np.array(rows, np.int64),
        np.array(columns, np.int64),
        np.array(chance),
    )


class _Limit(NamedTuple):
    """Acquisitions of which together no more may be chosen than a sum of their loads."""

    because: str
    members: tuple[int, ...]
    loads: tuple[float, ...]
    most: float


def _limits(
    made: Calendar, found: Sequence[Acquisition], some: Sequence[int], budget: Budget
) -> Iterator[_Limit]:
    """Yield what each satellite can do: one thing at a time, minutes in a revolution, orders in all."""
    by_satellite: dict[tuple[str, int], list[int]] = defaultdict(list)
    for at in some:
        observer = made.observers[found[at].observer]
        by_satellite[observer.satellite, observer.norad].append(at)
    for members in by_satellite.values():
        members.sort(key=lambda at: found[at].start)
        for at in members:
            # Those under way when one begins exclude each other: cliques of the graph of intervals.
            begin = found[at].start
            under = tuple(one for one in members if found[one].start <= begin < found[one].end + TURN)
            if len(under) > 1:
                yield _Limit("mode", under, (1.0,) * len(under), 1.0)
        revolutions: dict[int, list[int]] = defaultdict(list)
        for at in members:
            revolutions[found[at].revolution].append(at)
        for each in revolutions.values():
            minutes = [made.observers[found[at].observer].sensor.minutes for at in each]
            most = min((one for one in minutes if one is not None), default=None)
            if most is not None:
                loads = tuple(found[at].seconds / 60.0 for at in each)
                if sum(loads) > most:
                    yield _Limit("minutes", tuple(each), loads, most)
        if budget.orders is not None and len(members) > budget.orders:
            yield _Limit("passes", tuple(members), (1.0,) * len(members), float(budget.orders))


def _solve(
    cells: _Cells,
    useful: npt.NDArray[np.int64],
    limits: Sequence[_Limit],
    count: int,
    budget: Budget,
) -> tuple[npt.NDArray[np.bool_], float, float]:
    """Return which of the useful ones are chosen, the weight they add, and what no choice exceeds."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_matrix

    if not useful.size or not cells.weight.any():
        return np.zeros(len(useful), np.bool_), 0.0, 0.0
    number = np.full(count, -1)
    number[useful] = np.arange(len(useful))
    groups, most = np.unique(cells.rows), len(useful)
    row_of = np.full(len(cells.weight), -1)
    row_of[groups] = np.arange(len(groups))
    room = np.maximum(1.0 - cells.base[groups], 0.0)
    cost = np.concatenate([np.zeros(most), -cells.weight[groups]])
    upper = np.concatenate([np.ones(most), room])
    kind = np.concatenate([np.ones(most), np.zeros(len(groups))])
    own = np.arange(len(groups))
    rows = np.concatenate([row_of[cells.rows], own])
    columns = np.concatenate([number[cells.columns], most + own])
    # What an order adds where something else may show the place already is less by as much.
    values = np.concatenate([-cells.chance * (1.0 - cells.base[cells.rows]), np.ones(len(groups))])
    shape = len(groups), most + len(groups)
    constraints = [LinearConstraint(coo_matrix((values, (rows, columns)), shape).tocsr(), -np.inf, 0.0)]
    if limits:
        heads = np.repeat(np.arange(len(limits)), [len(one.members) for one in limits])
        members = np.concatenate([number[list(one.members)] for one in limits])
        loads = np.concatenate([one.loads for one in limits])
        table = coo_matrix((loads, (heads, members)), (len(limits), shape[1])).tocsr()
        constraints.append(LinearConstraint(table, -np.inf, [one.most for one in limits]))
    options = {"time_limit": budget.seconds, "mip_rel_gap": budget.gap}
    solved = milp(cost, integrality=kind, bounds=Bounds(0.0, upper), constraints=constraints, options=options)
    if solved.x is None:
        return np.zeros(most, np.bool_), 0.0, float((cells.weight[groups] * room).sum())
    chosen = solved.x[:most] > 0.5
    shown, every = -float(solved.fun), float((cells.weight[groups] * room).sum())
    return chosen, shown, max(min(-float(solved.mip_dual_bound), every), shown)


def _needed(cells: _Cells, chosen: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return acquisitions without those that may go with nothing less being shown, the least useful first."""
    shows: dict[int, list[int]] = defaultdict(list)
    for at, column in enumerate(cells.columns.tolist()):
        shows[column].append(at)
    level = cells.base.copy()
    adds = cells.chance * (1.0 - cells.base[cells.rows])
    for one in chosen.tolist():
        np.add.at(level, cells.rows[shows[one]], adds[shows[one]])
    kept = set(chosen.tolist())
    for one in sorted(
        kept, key=lambda one: float((cells.weight[cells.rows[shows[one]]] * adds[shows[one]]).sum())
    ):
        rows = cells.rows[shows[one]]
        without = level[rows] - adds[shows[one]]
        lost = np.minimum(level[rows], 1.0) - np.minimum(without, 1.0)
        if float((cells.weight[rows] * lost).sum()) <= SERVES * float(cells.weight.mean()):
            level[rows] = without
            kept.discard(one)
    return np.array(sorted(kept), np.int64)


def _conflicts(
    made: Calendar,
    found: Sequence[Acquisition],
    requests: Sequence[TaskingRequest],
    cells: _Cells,
    level: Floats,
    named: Mapping[int, tuple[str, ...]],
    limits: Sequence[_Limit],
) -> Iterator[Conflict]:
    """Yield what a request goes without for the sake of another: an acquisition that a limit kept out."""
    kept_out: dict[int, list[_Limit]] = defaultdict(list)
    for limit in limits:
        loads = dict(zip(limit.members, limit.loads, strict=True))
        taken = sum(load for at, load in loads.items() if at in named)
        for at, load in loads.items():
            if at not in named and taken and taken + load > limit.most + 1e-9:
                kept_out[at].append(limit)
    sums: dict[tuple[str, int], int] = defaultdict(int)
    for row, column in zip(cells.rows.tolist(), cells.columns.tolist(), strict=True):
        if level[row] < SERVES and column in kept_out:
            sums[requests[cells.request[row]].name, column] += cells.kilometres[row]
    best: dict[tuple[str, tuple[str, ...], str, int], Conflict] = {}
    for (name, at), kilometres in sums.items():
        for limit in kept_out[at]:
            against = {other for one in limit.members for other in named.get(one, ())} - {name}
            if not against:
                continue
            observer = made.observers[found[at].observer]
            one = Conflict(
                name, tuple(sorted(against)), observer.satellite, found[at].start, limit.because, kilometres
            )
            key = name, one.against, observer.satellite, found[at].revolution
            if key not in best or best[key].kilometres < kilometres:
                best[key] = one
    yield from sorted(best.values(), key=lambda one: (-one.kilometres, one.at))
